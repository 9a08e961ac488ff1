//! `Parallel`.

use std::cmp::Reverse;

use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::Value;

use super::{
    Interpreter,
    branch::Branch,
    failure::Interrupt,
    visit::{Done, Visit},
};
use crate::{
    definition::{Flow, Parallel},
    resume::progress::Attempt,
};

impl Interpreter<'_> {
    pub(super) async fn parallel<'s>(
        &'s self,
        parallel: &'s Parallel,
        visit: &Visit<'s>,
        branch: &mut Branch,
        before: Attempt,
    ) -> Result<Done<'s>, Interrupt> {
        match self.branches(parallel, visit, branch, before).await {
            Ok(results) => self.query(visit, branch, |context, variables| {
                visit.finish(Value::Array(results), context, variables)
            }),
            Err(interrupt) => {
                branch.untold = true;
                Err(interrupt)
            }
        }
    }

    async fn branches(
        &self,
        parallel: &Parallel,
        visit: &Visit<'_>,
        branch: &mut Branch,
        before: Attempt,
    ) -> Result<Vec<Value>, Interrupt> {
        let input = self.query(visit, branch, |context, variables| {
            let input = visit.effective_input(context, variables)?;
            visit.parameters(input, context, variables)
        })?;
        if let Some(mocked) = visit.mocked() {
            return match mocked? {
                Value::Array(results) => Ok(results),
                other => Ok(vec![other]),
            };
        }
        let (mut strands, succeeded) = match before {
            Attempt::Fork { strands, succeeded } => (strands, succeeded),
            _ => {
                branch.previous = self.log.note(
                    branch.previous,
                    "ParallelStateStarted",
                    None,
                    visit.retried.clone(),
                )?;
                Default::default()
            }
        };
        let mut order: Vec<_> = parallel.branches.iter().enumerate().collect();
        // Of branches that go on the one of the last event comes first: where it failed, it fails again
        // before another of them does anything, as when they ended with it.
        order.sort_by_key(|(index, _)| {
            let begun = strands.get(index);
            Reverse(begun.map(|begun| begun.strand.last_event()))
        });
        let mut running: FuturesUnordered<_> = order
            .into_iter()
            .map(|(index, flow)| {
                let within = match strands.remove(&index) {
                    Some(begun) => branch.going_on(begun.strand),
                    None => branch.within(branch.previous),
                };
                self.branch(index, flow, within, input.clone())
            })
            .collect();
        let mut results = vec![Value::Null; parallel.branches.len()];
        while let Some((index, within, result)) = running.next().await {
            branch.previous = within.previous;
            if matches!(&result, Err(Interrupt::Failure(failure)) if !failure.is_terminal()) {
                self.abort_task(within.previous, Some(&within.in_task))?;
            }
            // The first failure drops the other branches, and with them what runs in them.
            results[index] = result?;
        }
        if !succeeded {
            self.log
                .record(branch.previous, "ParallelStateSucceeded", None)?;
        }
        Ok(results)
    }

    async fn branch(
        &self,
        index: usize,
        flow: &Flow,
        mut branch: Branch,
        input: Value,
    ) -> (usize, Branch, Result<Value, Interrupt>) {
        let result = self.flow(flow, &mut branch, input).await;
        (index, branch, result)
    }
}
