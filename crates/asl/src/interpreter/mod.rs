//! Runs a definition.
//!
//! A state type is a file here too. What they share: [`Interpreter::flow`] goes from state to
//! state, [`visit::Visit`] makes a state's input and output, [`recovery`] retries and catches, and
//! [`log::Log`] writes the history.

mod amounts;
mod batcher;
mod branch;
mod choice;
mod comparison;
mod context;
mod course;
mod distributed;
mod fail;
mod failure;
mod inline;
mod inspect;
mod item;
mod item_reader;
mod log;
mod map;
mod map_run;
mod parallel;
mod pass;
mod probe;
mod recovery;
mod resource;
mod result_writer;
mod succeed;
mod task;
mod tolerance;
mod unsuccessful;
mod visit;
mod wait;

use std::sync::Arc;

use chrono::TimeDelta;
use futures::future::{BoxFuture, Either, select};
use serde_json::{Value, json};

use crate::{
    Clock, Execution, History, HistoryError, Outcome, Tasks,
    definition::{Definition, Flow, Kind, State},
    resume::progress::{Attempt, OpenState, Position, Progress},
};

pub(crate) use probe::test;

use branch::Branch;
use failure::{Failure, Interrupt};
use log::{Log, truncated};
use recovery::{Past, Performed};
use unsuccessful::Unsuccessful;
use visit::{Done, Visit};

/// What one execution, or one child execution of a distributed Map, runs with.
pub(crate) struct Interpreter<'a> {
    execution: &'a Execution,
    /// What the context object tells in all states.
    shared: Arc<Value>,
    tasks: &'a dyn Tasks,
    clock: &'a dyn Clock,
    log: Log<'a>,
    /// Map Runs of which nothing is told yet.
    unsuccessful: Unsuccessful,
}

/// Runs an execution from where it had come to its end, and writes its history, first and last
/// event included.
pub(crate) async fn go_on(
    definition: &Definition,
    execution: &Execution,
    progress: Progress,
    tasks: &dyn Tasks,
    clock: &dyn Clock,
    history: &dyn History,
) -> Result<Outcome, HistoryError> {
    Interpreter::new(execution, tasks, clock, Some(history))
        .execute(&definition.flow, definition.timeout_seconds, progress)
        .await
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
            unsuccessful: Unsuccessful::default(),
        }
    }

    /// Runs a child, whose Map Runs are cut off with its own.
    fn within(self, parent: &Interpreter) -> Self {
        Self {
            unsuccessful: parent.unsuccessful.clone(),
            ..self
        }
    }

    async fn execute(
        &self,
        flow: &Flow,
        timeout_seconds: Option<u64>,
        progress: Progress,
    ) -> Result<Outcome, HistoryError> {
        self.begin(&progress)?;
        let mut branch = Branch::default().going_on(progress.root);
        let started = progress.started.unwrap_or_else(|| self.clock.now());
        let flow = self.flow(flow, &mut branch, self.execution.input.clone());
        let ended = match timeout_seconds {
            None => Some(flow.await),
            Some(seconds) => {
                let deadline = started + TimeDelta::seconds(seconds as i64);
                match select(flow, self.clock.sleep_until(deadline)).await {
                    Either::Left((ended, _)) => Some(ended),
                    Either::Right(_) => None,
                }
            }
        };
        let is_too_late = ended.is_none();
        let outcome = self.end(branch.previous, ended)?;
        if is_too_late {
            self.tell_unsuccessful();
        }
        Ok(outcome)
    }

    /// Writes that the execution starts, or is redriven.
    fn begin(&self, progress: &Progress) -> Result<(), HistoryError> {
        self.log.go_on_after(progress.last_event);
        let (kind, details) = if progress.redriven {
            (
                "ExecutionRedriven",
                (
                    "executionRedrivenEventDetails",
                    json!({"redriveCount": self.execution.redrive_count}),
                ),
            )
        } else if progress.last_event == 0 {
            (
                "ExecutionStarted",
                ("executionStartedEventDetails", self.started_details()),
            )
        } else {
            return Ok(());
        };
        self.log.force(progress.last_event, kind, Some(details))?;
        Ok(())
    }

    /// What the first event tells: the input as it was given, blanks included, and the ARNs of an alias
    /// and of a version only where the execution was started by one.
    ///
    /// Source: AWS's recorded executions.
    fn started_details(&self) -> Value {
        let execution = self.execution;
        let input = self.log.given_input();
        let input = input.unwrap_or_else(|| execution.input.to_string());
        let mut details =
            json!({"input": input, "inputDetails": truncated(), "roleArn": execution.role_arn});
        for (member, arn) in [
            ("stateMachineAliasArn", &execution.alias_arn),
            ("stateMachineVersionArn", &execution.version_arn),
        ] {
            if let Some(arn) = arn {
                details[member] = json!(arn);
            }
        }
        details
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
        Box::pin(crate::stack::deep(async move {
            let mut open = None;
            // The text of an input is the text of the output that it was.
            let mut text = None;
            let mut next = (flow.start_at.as_str(), input);
            match std::mem::take(&mut branch.position) {
                Position::Start => {}
                Position::Left { next: None, output } => return Ok(output),
                Position::Left {
                    next: Some(name),
                    output,
                } => next = (flow.state(&name)?.name.as_str(), output),
                Position::In(state) => {
                    next.0 = flow.state(&state.name)?.name.as_str();
                    open = Some(*state);
                }
            }
            loop {
                let (name, input) = next;
                let state = flow.state(name)?;
                let left = match open.take() {
                    None => {
                        let text = text.take().unwrap_or_else(|| input.to_string());
                        self.state(state, branch, input, text).await?
                    }
                    Some(open) => self.reenter(state, branch, open).await?,
                };
                match left.next {
                    None => return Ok(left.output),
                    Some(led) => {
                        next = (led, left.output);
                        text = Some(left.text);
                    }
                }
            }
        }))
    }

    /// Enters a state, does what it does, and leaves it.
    async fn state<'s>(
        &'s self,
        state: &'s State,
        branch: &mut Branch,
        input: Value,
        text: String,
    ) -> Result<Left<'s>, Interrupt> {
        let before = branch.previous;
        let entered = self.log.record(
            before,
            events_of(&state.kind).0,
            Some((
                "stateEnteredEventDetails",
                document("name", &state.name, "input", text),
            )),
        )?;
        branch.previous = entered;
        branch.enter(&state.kind);
        let mut visit = Visit::new(state, before, entered, self.clock.now(), input);
        let performed = self.perform(&mut visit, branch, Past::default()).await?;
        self.leave(&visit, performed, branch)
    }

    /// Goes on in a state that had been entered.
    async fn reenter<'s>(
        &'s self,
        state: &'s State,
        branch: &mut Branch,
        open: OpenState,
    ) -> Result<Left<'s>, Interrupt> {
        let mut visit = Visit::new(
            state,
            open.before,
            open.entered,
            open.entered_time,
            open.input,
        );
        if !open.aborted {
            branch.enter(&state.kind);
        }
        let past = Past {
            failures: open.failures,
            pending: open.pending.map(Failure::from),
            attempt: open.attempt,
            untold: open.untold,
        };
        let performed = self.perform(&mut visit, branch, past).await?;
        self.leave(&visit, performed, branch)
    }

    fn leave<'s>(
        &self,
        visit: &Visit<'s>,
        performed: Performed<'s>,
        branch: &mut Branch,
    ) -> Result<Left<'s>, Interrupt> {
        let Performed {
            done,
            text,
            is_caught,
        } = performed;
        let Done {
            output,
            assigned,
            next,
        } = done;
        let mut details = document("name", &visit.state.name, "output", text.clone());
        if let Some(assigned) = &assigned {
            details["assignedVariables"] = assigned
                .iter()
                .map(|(name, value)| (name.clone(), json!(value.to_string())))
                .collect();
            details["assignedVariablesDetails"] = truncated();
        }
        let kind = events_of(&visit.state.kind).1;
        let details = Some(("stateExitedEventDetails", details));
        branch.previous = if next == visit.next() && !is_caught {
            self.log.record(branch.previous, kind, details)?
        } else {
            let note = json!({"next": next});
            self.log.note(branch.previous, kind, details, note)?
        };
        if let Some(assigned) = assigned {
            branch.assign(assigned);
        }
        Ok(Left { output, text, next })
    }

    /// Does once what the state does.
    async fn attempt<'s>(
        &'s self,
        visit: &Visit<'s>,
        branch: &mut Branch,
        before: Attempt,
    ) -> Result<Done<'s>, Interrupt> {
        match &visit.state.kind {
            Kind::Pass(pass) => self.pass(pass, visit, branch),
            Kind::Succeed(succeed) => self.succeed(succeed, visit, branch),
            Kind::Fail(fail) => self.fail(fail, visit, branch),
            Kind::Choice(choice) => self.choice(choice, visit, branch),
            Kind::Wait(wait) => self.wait(wait, visit, branch).await,
            Kind::Task(task) => self.task(task, visit, branch, before).await,
            Kind::Parallel(parallel) => self.parallel(parallel, visit, branch, before).await,
            Kind::Map(map) => self.map(map, visit, branch, before).await,
        }
    }
}

/// What a state left behind.
struct Left<'s> {
    output: Value,
    /// The output as JSON text.
    text: String,
    next: Option<&'s str>,
}

/// The details of an event with a document in it, and what stands beside each document.
fn document(name: &str, named: &str, member: &str, text: String) -> Value {
    let mut details = serde_json::Map::new();
    details.insert(name.to_owned(), Value::String(named.to_owned()));
    details.insert(member.to_owned(), Value::String(text));
    details.insert(format!("{member}Details"), truncated());
    Value::Object(details)
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

impl Flow {
    fn state(&self, name: &str) -> Result<&State, Interrupt> {
        self.states
            .get(name)
            .ok_or_else(|| Failure::runtime(format!("There is no state '{name}'.")).into())
    }
}
