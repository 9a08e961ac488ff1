//! Takes an interrupted or failed execution up again from its history.
//!
//! The history is the journal: its events tell which states were entered and left with what
//! output, which variables were assigned, which tasks were scheduled, accepted and ended, how often
//! a state was tried, which iterations and branches are done. Nothing else has to be stored.

mod knot;
pub(crate) mod progress;
mod record;

pub(crate) use record::read;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    Clock, Event, Execution, History, HistoryError, Outcome, StateMachine, Tasks, interpreter,
};

/// An event as it was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEvent {
    pub id: u64,
    pub previous_event_id: u64,
    pub timestamp: DateTime<Utc>,
    pub kind: String,
    /// What is in the member that holds the details; null where the event has none.
    pub details: Value,
    /// What [`History::record_noted`] was given with the event; null where it was not.
    pub note: Value,
}

impl From<Event> for RecordedEvent {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            previous_event_id: event.previous_event_id,
            timestamp: event.timestamp,
            kind: event.kind.to_owned(),
            details: event.details.map_or(Value::Null, |(_, details)| details),
            note: Value::Null,
        }
    }
}

/// Why an execution cannot be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// The events do not fit together, or not to the definition.
    #[error("event {id} of the history does not fit: {problem}")]
    History { id: u64, problem: String },
    /// It has ended ([`resume`]), or has not, or has succeeded ([`redrive`]).
    #[error("the execution cannot be taken up again: {0}")]
    State(&'static str),
    #[error(transparent)]
    Write(#[from] HistoryError),
}

/// Goes on with an execution that was interrupted, to its end. `events` is its whole history in
/// the order of the ids, `history` takes the events to come, whose ids go on from the last one.
///
/// - A state that was left is not entered again. A state that was entered and not left goes on
///   where it was, with its input, its time of entry and the retries it has used up.
/// - A task that had ended is not run again; its end counts. A task that had been scheduled and
///   had not ended is asked for again with [`Submitted`](crate::Submitted), without a second
///   `TaskScheduled`, with its former token. Its `TimeoutSeconds` count from when it was scheduled,
///   those of an activity from when a worker took it.
/// - A Wait ends when it would have ended; a delay before a retry is waited for in whole.
/// - Iterations and branches that had ended are not run again; others go on inside.
/// - A distributed Map goes on under its Map Run's ARN with what
///   [`MapRuns::recorded`](crate::MapRuns::recorded) gives.
/// - `TimeoutSeconds` of the machine count from the start of the execution.
/// - An empty history is a fresh start.
pub async fn resume(
    machine: &StateMachine,
    execution: &Execution,
    events: Vec<RecordedEvent>,
    tasks: &dyn Tasks,
    clock: &dyn Clock,
    history: &dyn History,
) -> Result<Outcome, ResumeError> {
    let resumed = record::read(&machine.definition.flow, events, false)?;
    Ok(interpreter::go_on(
        &machine.definition,
        execution,
        resumed,
        tasks,
        clock,
        history,
    )
    .await?)
}

/// Redrives an execution that failed, timed out or was aborted: writes `ExecutionRedriven` and
/// goes on from the states that did not succeed, with their retries as if unused. Of a Map or a
/// Parallel only the iterations and branches that did not succeed run again.
/// `execution.redrive_count` and `execution.redrive_time` are those of this redrive. The time
/// that the machine's `TimeoutSeconds` allow begins anew.
///
/// Source: "Restarting state machine executions with redrive" in the Step Functions developer
/// guide.
pub async fn redrive(
    machine: &StateMachine,
    execution: &Execution,
    events: Vec<RecordedEvent>,
    tasks: &dyn Tasks,
    clock: &dyn Clock,
    history: &dyn History,
) -> Result<Outcome, ResumeError> {
    let resumed = record::read(&machine.definition.flow, events, true)?;
    Ok(interpreter::go_on(
        &machine.definition,
        execution,
        resumed,
        tasks,
        clock,
        history,
    )
    .await?)
}
