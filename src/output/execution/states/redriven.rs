//! What a redrive goes on with: the visits that the end of the execution ended.
//!
//! Source: "Restarting state machine executions with redrive in Step Functions", AWS Step Functions
//! developer guide: states that succeeded are not run again, and the retries of the others begin anew.

use aws_smithy_types::DateTime;

use super::{Happened, States, Visit, between};

/// A visit that was ended from outside of it, and how it was counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unfinished {
    pub visit: usize,
    pub has_failed: bool,
}

impl States {
    /// Ends a visit that is never left: it failed itself, or something else did. Gives what nothing
    /// has told of it before.
    pub(super) fn abort_or_fail(&mut self, visit: usize, at: DateTime) -> Option<Happened> {
        let Visit {
            node,
            failure,
            items,
            ..
        } = &self.visits[visit];
        let (node, is_known, items) = (*node, failure.is_some(), *items);
        let took = between(self.visits[visit].at, at);
        let is_fail = self.nodes[node].kind == "Fail";
        self.break_off(visit, at, is_known || is_fail);
        match (is_known, is_fail) {
            (true, _) => None,
            (false, true) => Some(Happened::Broken { node, took, items }),
            (false, false) => Some(Happened::Aborted { node, took, items }),
        }
    }

    /// Ends a visit that is never left, unless a redrive goes on with it.
    pub(super) fn break_off(&mut self, visit: usize, at: DateTime, has_failed: bool) {
        self.end(visit, at);
        let node = &mut self.nodes[self.visits[visit].node];
        if has_failed {
            node.failed += 1;
        } else {
            node.aborted += 1;
        }
        self.unfinished.push(Unfinished { visit, has_failed });
    }

    /// What was broken off inside of this visit is over for good: the visit was left, or is tried
    /// again from its start.
    pub(super) fn settle_inside(&mut self, visit: usize) {
        let mut unfinished = std::mem::take(&mut self.unfinished);
        unfinished.retain(|inner| !self.is_inside(inner.visit, visit));
        self.unfinished = unfinished;
    }

    /// Whether a visit happened inside of another, at any depth.
    pub(super) fn is_inside(&self, inner: usize, outer: usize) -> bool {
        let mut around = self.scopes[self.visits[inner].scope];
        while let Some(up) = around {
            if up == outer {
                return true;
            }
            around = self.scopes[self.visits[up].scope];
        }
        false
    }

    /// Goes on with what was broken off.
    pub(super) fn redrive(&mut self, at: DateTime) {
        (self.culprit, self.ending) = (None, None);
        for Unfinished { visit, has_failed } in std::mem::take(&mut self.unfinished) {
            let again = &mut self.visits[visit];
            again.is_running = true;
            again.at = at;
            again.attempts = 0;
            again.failure = None;
            again.is_told = false;
            again.failed_by = None;
            again.items.redrive();
            let node = &mut self.nodes[again.node];
            node.running += 1;
            if has_failed {
                node.failed -= 1;
            } else {
                node.aborted -= 1;
            }
            node.failure = None;
            node.items.redrive();
            self.running.push(visit);
        }
        self.running.sort_unstable();
    }

    /// The task that a redrive begins with next: nothing but the order tells which it is.
    pub(super) fn begun_again(&self) -> Option<usize> {
        let mut running = self.running.iter().copied();
        running.find(|visit| {
            let visit = &self.visits[*visit];
            visit.attempts == 0 && self.nodes[visit.node].kind == "Task"
        })
    }
}
