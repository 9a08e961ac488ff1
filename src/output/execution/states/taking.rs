//! The events of a history, taken in one after the other.

use std::time::Duration;

use aws_sdk_sfn::types::HistoryEvent;
use aws_smithy_types::DateTime;

use super::super::waiting::{self, Failure};
use super::{Culprit, Happened, Items, Place, States, Visit, between};

impl States {
    /// Takes in the next event; gives what is worth a line, in its order.
    pub fn take(&mut self, event: &HistoryEvent) -> Vec<Happened> {
        let mut place = self.place(event.previous_event_id());
        let before = place;
        place.opens_branch = false;
        let kind = event.r#type().as_str();
        let mut happened = Vec::new();
        if let Some(entered) = event.state_entered_event_details() {
            let kind = kind.trim_end_matches("StateEntered");
            place = self.enter(event, before, entered.name(), kind);
        } else if let Some(exited) = event.state_exited_event_details() {
            if let Some(visit) = self.named(before, exited.name()) {
                happened.push(self.exit(visit, *event.timestamp()));
                place.visit = Some(visit);
                place.scope = self.visits[visit].scope;
                place.is_redrive = false;
            }
        } else if let Some((kind, step)) = of_nesting(kind) {
            (place, happened) = self.nesting(event, before, kind, step);
        } else if let Some(step) = kind.strip_prefix("MapIteration") {
            place = self.iteration(event, before, step);
        } else if kind.starts_with("Execution") {
            happened = self.execution(event, before, kind);
            if kind == "ExecutionRedriven" {
                place = Place {
                    is_redrive: true,
                    ..Place::default()
                };
            }
        } else {
            let (at, of_task) = self.task(event, place, kind);
            place = at;
            happened.extend(of_task);
        }
        self.keep(event.id(), place);
        happened
    }

    fn enter(&mut self, event: &HistoryEvent, before: Place, name: &str, kind: &str) -> Place {
        let scope = if before.opens_branch {
            self.scopes.push(before.visit);
            self.scopes.len() - 1
        } else {
            before.scope
        };
        let node = match self.by_name.get(name) {
            Some(node) => *node,
            // The definition that is known is not the one that runs.
            None => self.add(name, kind, 0, false),
        };
        self.transitions += 1;
        let state = &mut self.nodes[node];
        kind.clone_into(&mut state.kind);
        state.entered += 1;
        state.running += 1;
        self.visits.push(Visit {
            node,
            at: *event.timestamp(),
            event: event.id(),
            scope,
            attempts: 0,
            is_running: true,
            failure: None,
            is_told: false,
            failed_by: None,
            items: Items::default(),
        });
        let visit = self.visits.len() - 1;
        self.running.push(visit);
        Place {
            visit: Some(visit),
            scope,
            ..Place::default()
        }
    }

    pub(super) fn end(&mut self, visit: usize, at: DateTime) -> Duration {
        let ended = &mut self.visits[visit];
        ended.is_running = false;
        let took = between(ended.at, at);
        let node = &mut self.nodes[ended.node];
        node.running = node.running.saturating_sub(1);
        node.took += took;
        if node.running == 0 {
            node.note = None;
        }
        if let Some(at) = self.running.iter().position(|running| *running == visit) {
            self.running.remove(at);
        }
        took
    }

    fn exit(&mut self, visit: usize, at: DateTime) -> Happened {
        let took = self.end(visit, at);
        self.settle_inside(visit);
        let Visit {
            node,
            failure,
            items,
            ..
        } = self.visits[visit].clone();
        let state = &mut self.nodes[node];
        state.succeeded += 1;
        state.caught += usize::from(failure.is_some());
        state.failure.clone_from(&failure);
        Happened::Exited {
            node,
            took,
            items,
            caught: failure,
        }
    }

    /// Everything inside of a visit that still runs ends with it.
    fn abort_inside(&mut self, visit: usize, at: DateTime) -> Vec<Happened> {
        let running = self.running.iter().copied();
        let inside: Vec<usize> = running
            .filter(|inner| self.is_inside(*inner, visit))
            .collect();
        let ended = inside.into_iter();
        ended
            .filter_map(|inner| self.abort_or_fail(inner, at))
            .collect()
    }

    /// Keeps what the failure of a Map or Parallel is of, if it is of something inside.
    fn fail_by(&mut self, visit: usize, before: Place) {
        if let Some(inner) = before.visit.filter(|inner| *inner != visit) {
            self.visits[visit].failed_by = Some(inner);
        }
    }

    /// A Map or Parallel is tried again: of the failure before only what is inside may have told.
    fn try_again(&mut self, visit: usize, before: Place, at: DateTime) -> Vec<Happened> {
        let inside = before.visit.filter(|inner| *inner != visit);
        let inside = inside.and_then(|inner| self.visits[inner].failure.clone());
        let mut happened = self.abort_inside(visit, at);
        let again = &mut self.visits[visit];
        let node = again.node;
        let failure = again.failure.take().or(inside).unwrap_or_default();
        again.items = Items::default();
        happened.push(Happened::Retries { node, failure });
        self.nodes[node].retries += 1;
        self.transitions += 1;
        self.settle_inside(visit);
        happened
    }

    /// The start and the end of a Map or Parallel, and of a Map Run.
    fn nesting(
        &mut self,
        event: &HistoryEvent,
        before: Place,
        kind: &str,
        step: &str,
    ) -> (Place, Vec<Happened>) {
        let mut happened = Vec::new();
        let Some(visit) = self.running_of(before, kind) else {
            return (before, happened);
        };
        let mut place = Place {
            visit: Some(visit),
            scope: self.visits[visit].scope,
            ..Place::default()
        };
        let node = self.visits[visit].node;
        let at = *event.timestamp();
        match step {
            "StateStarted" => {
                if self.visits[visit].attempts > 0 {
                    happened = self.try_again(visit, before, at);
                }
                let started = &mut self.visits[visit];
                started.attempts += 1;
                started.failed_by = None;
                started.is_told = false;
                place.opens_branch = kind == "Parallel";
                if let Some(started) = event.map_state_started_event_details() {
                    let length = usize::try_from(started.length()).unwrap_or(0);
                    self.nodes[node].items.total += length;
                    self.visits[visit].items.total += length;
                }
            }
            "StateFailed" => {
                self.fail_by(visit, before);
                let inside = before.visit.and_then(|v| self.visits[v].failure.clone());
                let failure = inside.unwrap_or_default();
                self.visits[visit].failure = Some(failure.clone());
                self.nodes[node].failure = Some(failure);
                happened = self.abort_inside(visit, at);
                if !self.visits[visit].is_told {
                    let took = between(self.visits[visit].at, at);
                    let items = self.visits[visit].items;
                    happened.push(Happened::Broken { node, took, items });
                }
            }
            "StateAborted" => happened = self.abort_inside(visit, at),
            "RunStarted" | "RunRedriven" => {
                let started = event.map_run_started_event_details();
                let redriven = event.map_run_redriven_event_details();
                let arn = started.and_then(|d| d.map_run_arn());
                if let Some(arn) = arn.or(redriven.and_then(|d| d.map_run_arn())) {
                    self.map_run_started(visit, arn);
                }
            }
            "RunSucceeded" | "RunAborted" => self.map_run_over(node),
            "RunFailed" => {
                self.map_run_over(node);
                let details = event.map_run_failed_event_details();
                let failure = Failure {
                    error: details
                        .and_then(|d| d.error())
                        .unwrap_or_default()
                        .to_owned(),
                    cause: details
                        .and_then(|d| d.cause())
                        .unwrap_or_default()
                        .to_owned(),
                };
                self.visits[visit].failure = Some(failure.clone());
                self.visits[visit].is_told = true;
                happened.push(Happened::Failed { node, failure });
            }
            _ => {}
        }
        (place, happened)
    }

    fn iteration(&mut self, event: &HistoryEvent, before: Place, step: &str) -> Place {
        let details = event
            .map_iteration_started_event_details()
            .or(event.map_iteration_succeeded_event_details())
            .or(event.map_iteration_failed_event_details())
            .or(event.map_iteration_aborted_event_details());
        let name = details.and_then(|d| d.name()).unwrap_or_default();
        let Some(visit) = self.named(before, name) else {
            return before;
        };
        let mut scope = self.visits[visit].scope;
        self.count(visit, step);
        match step {
            "Started" => {
                self.scopes.push(Some(visit));
                scope = self.scopes.len() - 1;
            }
            "Failed" => {
                self.fail_by(visit, before);
                let inside = before.visit.and_then(|v| self.visits[v].failure.clone());
                self.visits[visit].failure = inside;
            }
            _ => {}
        }
        Place {
            visit: Some(visit),
            scope,
            ..Place::default()
        }
    }

    /// Counts what became of an item of a Map, for this visit and for all.
    fn count(&mut self, visit: usize, step: &str) {
        let visit = &mut self.visits[visit];
        for items in [&mut self.nodes[visit.node].items, &mut visit.items] {
            match step {
                "Started" => items.started += 1,
                "Succeeded" => items.succeeded += 1,
                "Failed" => items.failed += 1,
                "Aborted" => items.aborted += 1,
                _ => {}
            }
        }
    }

    /// What happens to a task, and to states that are aborted by name or cannot be evaluated.
    fn task(
        &mut self,
        event: &HistoryEvent,
        mut place: Place,
        kind: &str,
    ) -> (Place, Option<Happened>) {
        if let Some(name) = event
            .evaluation_failed_event_details()
            .map(aws_sdk_sfn::types::EvaluationFailedEventDetails::state)
        {
            place.visit = self.named(place, name).or(place.visit);
        }
        if place.is_redrive {
            place.visit = place.visit.or_else(|| self.begun_again());
            place.is_redrive = false;
        }
        let Some(visit) = place.visit else {
            return (place, None);
        };
        place.scope = self.visits[visit].scope;
        let node = self.visits[visit].node;
        if kind.ends_with("StateAborted") {
            let is_running = self.visits[visit].is_running;
            let ended = is_running.then(|| self.abort_or_fail(visit, *event.timestamp()));
            return (place, ended.flatten());
        }
        if let Some(failure) = waiting::failure(event) {
            self.visits[visit].failure = Some(failure.clone());
            self.visits[visit].is_told = true;
            let state = &mut self.nodes[node];
            state.failure = Some(failure.clone());
            state.note = None;
            return (place, Some(Happened::Failed { node, failure }));
        }
        let mut happened = None;
        if kind.ends_with("Scheduled") {
            let attempted = &mut self.visits[visit];
            attempted.attempts += 1;
            if attempted.attempts > 1 {
                self.transitions += 1;
                self.nodes[node].retries += 1;
                let failure = attempted.failure.take().unwrap_or_default();
                happened = Some(Happened::Retries { node, failure });
            }
        }
        if let Some(what) = waiting::for_what(event) {
            if kind == "TaskSubmitted" {
                happened = Some(Happened::Waits {
                    node,
                    what: what.clone(),
                });
            }
            self.nodes[node].note = Some(what);
        }
        (place, happened)
    }

    /// The end of the whole, or its going on after a redrive.
    fn execution(&mut self, event: &HistoryEvent, before: Place, kind: &str) -> Vec<Happened> {
        let mut happened = Vec::new();
        let is_end = matches!(
            kind,
            "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted" | "ExecutionSucceeded"
        );
        if kind == "ExecutionRedriven" {
            self.redrive(*event.timestamp());
        }
        if !is_end {
            return happened;
        }
        let culprit = match kind {
            "ExecutionFailed" => self.culprit_of(before),
            _ => self.running.last().copied(),
        };
        let failure = waiting::ending(event);
        self.ending.clone_from(&failure);
        let at = *event.timestamp();
        for visit in self.running.clone() {
            if Some(visit) == culprit && kind != "ExecutionAborted" {
                self.break_off(visit, at, true);
                let node = &mut self.nodes[self.visits[visit].node];
                node.failure = node.failure.take().or_else(|| failure.clone());
            } else {
                happened.extend(self.abort_or_fail(visit, at));
            }
        }
        if kind != "ExecutionSucceeded" {
            self.culprit = culprit.map(|visit| Culprit {
                node: self.visits[visit].node,
                event: self.visits[visit].event,
            });
        }
        happened
    }

    /// The innermost state that the failure began in.
    fn culprit_of(&self, before: Place) -> Option<usize> {
        let mut culprit = before.visit.or_else(|| self.running.last().copied())?;
        while let Some(inner) = self.visits[culprit].failed_by {
            culprit = inner;
        }
        Some(culprit)
    }
}

/// `("Map", "StateStarted")` of `MapStateStarted`; none for what is not of Map and Parallel.
fn of_nesting(kind: &str) -> Option<(&'static str, &str)> {
    const STEPS: [&str; 9] = [
        "StateStarted",
        "StateSucceeded",
        "StateFailed",
        "StateAborted",
        "RunStarted",
        "RunRedriven",
        "RunSucceeded",
        "RunFailed",
        "RunAborted",
    ];
    ["Map", "Parallel"].into_iter().find_map(|of| {
        let step = kind.strip_prefix(of)?;
        STEPS.contains(&step).then_some((of, step))
    })
}
