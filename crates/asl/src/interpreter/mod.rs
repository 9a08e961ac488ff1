//! Runs a definition.
//!
//! A state type is a file here too. What they share: [`Interpreter::flow`] goes from state to
//! state, [`visit::Visit`] makes a state's input and output, [`recovery`] retries and catches, and
//! [`log::Log`] writes the history.

mod amounts;
mod branch;
mod choice;
mod comparison;
mod context;
mod distributed;
mod fail;
mod failure;
mod inline;
mod item_reader;
mod log;
mod map;
mod parallel;
mod pass;
mod recovery;
mod result_writer;
mod succeed;
mod task;
mod visit;
mod wait;

use std::sync::Arc;

use chrono::TimeDelta;
use futures::future::{BoxFuture, Either, select};
use serde_json::{Value, json};

use crate::{
    Clock, Execution, History, HistoryError, Outcome, Tasks,
    definition::{Definition, Flow, Kind, State},
};

use branch::Branch;
use failure::{Failure, Interrupt};
use log::{Log, truncated};
use visit::{Done, Visit};

/// What one execution, or one child execution of a distributed Map, runs with.
pub(crate) struct Interpreter<'a> {
    execution: &'a Execution,
    /// What the context object tells in all states.
    shared: Arc<Value>,
    tasks: &'a dyn Tasks,
    clock: &'a dyn Clock,
    log: Log<'a>,
}

/// Runs an execution to its end and writes its history, first and last event included.
pub(crate) async fn run(
    definition: &Definition,
    execution: &Execution,
    tasks: &dyn Tasks,
    clock: &dyn Clock,
    history: &dyn History,
) -> Result<Outcome, HistoryError> {
    let interpreter = Interpreter::new(execution, tasks, clock, Some(history));
    interpreter.log.force(
        0,
        "ExecutionStarted",
        Some((
            "executionStartedEventDetails",
            json!({"input": execution.input.to_string(), "inputDetails": truncated(), "roleArn": execution.role_arn}),
        )),
    )?;
    let mut branch = Branch::default();
    let started = clock.now();
    let flow = interpreter.flow(&definition.flow, &mut branch, execution.input.clone());
    let ended = match definition.timeout_seconds {
        None => Some(flow.await),
        Some(seconds) => {
            let deadline = started + TimeDelta::seconds(seconds as i64);
            match select(flow, clock.sleep_until(deadline)).await {
                Either::Left((ended, _)) => Some(ended),
                Either::Right(_) => None,
            }
        }
    };
    interpreter.end(branch.previous, ended)
}

impl<'a> Interpreter<'a> {
    fn new(
        execution: &'a Execution,
        tasks: &'a dyn Tasks,
        clock: &'a dyn Clock,
        history: Option<&'a dyn History>,
    ) -> Self {
        Self {
            execution,
            shared: context::shared(execution),
            tasks,
            clock,
            log: Log::new(history, clock),
        }
    }

    /// Writes the last event. Nothing in `ended` is the timeout of the machine.
    fn end(
        &self,
        previous: u64,
        ended: Option<Result<Value, Interrupt>>,
    ) -> Result<Outcome, HistoryError> {
        let (kind, member, details, outcome) = match ended {
            Some(Ok(output)) => (
                "ExecutionSucceeded",
                "executionSucceededEventDetails",
                json!({"output": output.to_string(), "outputDetails": truncated()}),
                Outcome::Succeeded { output },
            ),
            Some(Err(Interrupt::History(error))) => return Err(error),
            Some(Err(Interrupt::Failure(failure))) => (
                "ExecutionFailed",
                "executionFailedEventDetails",
                failure.details(),
                Outcome::Failed {
                    error: failure.error,
                    cause: failure.cause,
                },
            ),
            None => (
                "ExecutionTimedOut",
                "executionTimedOutEventDetails",
                json!({}),
                Outcome::TimedOut {
                    error: None,
                    cause: None,
                },
            ),
        };
        self.log.force(previous, kind, Some((member, details)))?;
        Ok(outcome)
    }

    /// Goes through the states of a flow, from its first to its end; gives the last one's output.
    fn flow<'s>(
        &'s self,
        flow: &'s Flow,
        branch: &'s mut Branch,
        input: Value,
    ) -> BoxFuture<'s, Result<Value, Interrupt>> {
        Box::pin(async move {
            let mut name = flow.start_at.as_str();
            let mut input = input;
            loop {
                let Some(state) = flow.states.get(name) else {
                    return Err(Failure::runtime(format!("There is no state '{name}'.")).into());
                };
                let (output, next) = self.state(state, branch, input).await?;
                match next {
                    None => return Ok(output),
                    Some(next) => (name, input) = (next, output),
                }
            }
        })
    }

    /// Enters a state, does what it does, and leaves it.
    async fn state<'s>(
        &'s self,
        state: &'s State,
        branch: &mut Branch,
        input: Value,
    ) -> Result<(Value, Option<&'s str>), Interrupt> {
        let (entered_kind, exited_kind) = events_of(&state.kind);
        let before = branch.previous;
        let entered = self.log.record(
            before,
            entered_kind,
            Some((
                "stateEnteredEventDetails",
                json!({"name": state.name, "input": input.to_string(), "inputDetails": truncated()}),
            )),
        )?;
        branch.previous = entered;
        let mut visit = Visit::new(state, before, entered, self.clock.now(), input);
        let Done {
            output,
            assigned,
            next,
        } = self.perform(&mut visit, branch).await?;
        let mut details =
            json!({"name": state.name, "output": output.to_string(), "outputDetails": truncated()});
        if let Some(assigned) = &assigned {
            details["assignedVariables"] = assigned
                .iter()
                .map(|(name, value)| (name.clone(), json!(value.to_string())))
                .collect();
            details["assignedVariablesDetails"] = truncated();
        }
        branch.previous = self.log.record(
            branch.previous,
            exited_kind,
            Some(("stateExitedEventDetails", details)),
        )?;
        branch.variables.extend(assigned.into_iter().flatten());
        Ok((output, next))
    }

    /// Does once what the state does.
    async fn attempt<'s>(
        &'s self,
        visit: &Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        match &visit.state.kind {
            Kind::Pass(pass) => self.pass(pass, visit, branch),
            Kind::Succeed(succeed) => self.succeed(succeed, visit, branch),
            Kind::Fail(fail) => self.fail(fail, visit, branch),
            Kind::Choice(choice) => self.choice(choice, visit, branch),
            Kind::Wait(wait) => self.wait(wait, visit, branch).await,
            Kind::Task(task) => self.task(task, visit, branch).await,
            Kind::Parallel(parallel) => self.parallel(parallel, visit, branch).await,
            Kind::Map(map) => self.map(map, visit, branch).await,
        }
    }
}

/// The events that tell that a state is entered and left.
fn events_of(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Task(_) => ("TaskStateEntered", "TaskStateExited"),
        Kind::Parallel(_) => ("ParallelStateEntered", "ParallelStateExited"),
        Kind::Map(_) => ("MapStateEntered", "MapStateExited"),
        Kind::Pass(_) => ("PassStateEntered", "PassStateExited"),
        Kind::Wait(_) => ("WaitStateEntered", "WaitStateExited"),
        Kind::Choice(_) => ("ChoiceStateEntered", "ChoiceStateExited"),
        Kind::Succeed(_) => ("SucceedStateEntered", "SucceedStateExited"),
        // A Fail state is never left: it has no event for that.
        Kind::Fail(_) => ("FailStateEntered", "FailStateExited"),
    }
}
