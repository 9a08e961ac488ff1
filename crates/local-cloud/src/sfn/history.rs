//! Histories: how their events are written, and GetExecutionHistory.

use asl::{Event, HistoryError};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Map, Value, json};

use super::arn::ExecutionArn;
use super::executions::{self, End};
use super::{invalid_token, log, one_more, page_size, running};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;
use crate::paging;

/// Events are written together; this many at most wait in memory.
const BATCH: usize = 200;
/// A history has no more events; the execution that would need them fails.
const MOST_EVENTS: u64 = 25_000;

/// Writes the history of one execution. What waits in memory is written by [`Self::flush`], which
/// is called every now and then, and by [`Self::end`], together with the end itself: whoever
/// sees an execution ended sees its whole history.
pub(super) struct Writer {
    cloud: Cloud,
    execution: i64,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    events: Vec<Event>,
    /// The execution was ended by someone else; nothing more is written.
    closed: bool,
    /// The machine is being deleted: the execution ends where it would enter another state.
    deleting: bool,
    /// How the execution ends whose event was not taken.
    refused: Option<End>,
}

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("The execution reached the maximum number of history events ({MOST_EVENTS}).")]
    TooMany,
    #[error("The state machine was deleted.")]
    Deleted,
    #[error("The execution was ended from outside.")]
    Closed,
}

impl Writer {
    pub fn new(cloud: Cloud, execution: i64) -> Self {
        Self {
            cloud,
            execution,
            pending: Mutex::default(),
        }
    }

    /// Writes what waits. Says whether the execution still runs.
    pub fn flush(&self) -> Result<bool, ServiceError> {
        self.write(&mut self.pending.lock())
    }

    fn write(&self, pending: &mut Pending) -> Result<bool, ServiceError> {
        if pending.closed {
            return Ok(false);
        }
        let store = self.cloud.store();
        let state = if pending.events.is_empty() {
            store.read(|c| state(c, self.execution))?
        } else {
            store.write(|tx| {
                let state = state(tx, self.execution)?;
                if state != State::Ended {
                    insert(tx, self.execution, &pending.events)?;
                }
                Ok(state)
            })?
        };
        pending.events.clear();
        pending.closed = state == State::Ended;
        pending.deleting = state == State::Deleting;
        Ok(!pending.closed)
    }

    /// How the execution ends, where its history took no more events.
    pub fn refusal(&self) -> Option<End> {
        self.pending.lock().refused.clone()
    }

    /// Writes what waits, and the end.
    pub fn end(&self, end: &End) -> Result<(), ServiceError> {
        let mut pending = self.pending.lock();
        self.cloud.store().write(|tx| {
            // Before the end itself: that may delete the machine, and its executions with it.
            if state(tx, self.execution)? != State::Ended {
                insert(tx, self.execution, &pending.events)?;
                executions::end(tx, self.execution, end)?;
            }
            Ok(())
        })?;
        pending.events.clear();
        pending.closed = true;
        Ok(())
    }
}

impl asl::History for Writer {
    fn record(&self, event: Event) -> Result<(), HistoryError> {
        let mut pending = self.pending.lock();
        if pending.closed {
            return Err(HistoryError(Box::new(Refused::Closed)));
        }
        if event.id >= MOST_EVENTS && !event.kind.starts_with("Execution") {
            pending.refused = Some(End::failed(Refused::TooMany.to_string()));
            return Err(HistoryError(Box::new(Refused::TooMany)));
        }
        if pending.deleting && event.kind.ends_with("StateEntered") {
            let cause = Refused::Deleted.to_string();
            pending.refused = Some(End::without_output("ABORTED", None, Some(cause)));
            return Err(HistoryError(Box::new(Refused::Deleted)));
        }
        pending.events.push(event);
        if pending.events.len() >= BATCH
            && let Err(error) = self.write(&mut pending)
        {
            pending.refused = Some(End::failed(error.to_string()));
            return Err(HistoryError(Box::new(error)));
        }
        Ok(())
    }
}

/// An execution as its writer has to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    /// It runs, and its machine is being deleted.
    Deleting,
    Ended,
}

fn state(c: &Connection, execution: i64) -> Result<State, ServiceError> {
    let deleting: Option<bool> = c
        .prepare_cached(
            "SELECT coalesce(m.document ->> '$.deleting', 1) FROM sfn_executions e
             LEFT JOIN sfn_machines m ON m.region = e.region AND m.name = e.machine
             WHERE e.id = ?1 AND e.status = 'RUNNING'",
        )?
        .query_row([execution], |row| row.get(0))
        .optional()?;
    Ok(match deleting {
        None => State::Ended,
        Some(true) => State::Deleting,
        Some(false) => State::Running,
    })
}

fn insert(tx: &Transaction<'_>, execution: i64, events: &[Event]) -> Result<(), ServiceError> {
    let mut statement = tx.prepare_cached("INSERT INTO sfn_events VALUES (?1, ?2, ?3)")?;
    for event in events {
        statement.execute(params![
            execution,
            event.id.cast_signed(),
            document(event).to_string()
        ])?;
    }
    log::of_execution(tx, execution, events)
}

/// An event as GetExecutionHistory gives it.
fn document(event: &Event) -> Value {
    let mut document = Map::new();
    let seconds = event.timestamp.timestamp_millis() as f64 / 1000.0;
    document.insert("timestamp".to_owned(), json!(seconds));
    document.insert("type".to_owned(), json!(event.kind));
    document.insert("id".to_owned(), json!(event.id));
    document.insert("previousEventId".to_owned(), json!(event.previous_event_id));
    if let Some((member, details)) = &event.details {
        document.insert((*member).to_owned(), details.clone());
    }
    Value::Object(document)
}

/// Adds the last event of an execution that is aborted or failed from outside of it, and ends it.
/// Says whether it still ran.
pub(super) fn end_from_outside(
    tx: &Transaction<'_>,
    execution: i64,
    end: &End,
) -> Result<bool, ServiceError> {
    if state(tx, execution)? == State::Ended {
        return Ok(false);
    }
    let (kind, member) = if end.status == "ABORTED" {
        ("ExecutionAborted", "executionAbortedEventDetails")
    } else {
        ("ExecutionFailed", "executionFailedEventDetails")
    };
    let last: i64 = tx
        .prepare_cached("SELECT coalesce(max(id), 0) FROM sfn_events WHERE execution = ?1")?
        .query_row([execution], |row| row.get(0))?;
    let mut details = Map::new();
    for (name, value) in [("error", &end.error), ("cause", &end.cause)] {
        if let Some(value) = value {
            details.insert(name.to_owned(), json!(value));
        }
    }
    let event = Event {
        id: last.cast_unsigned() + 1,
        previous_event_id: 0,
        timestamp: chrono::Utc::now(),
        kind,
        details: Some((member, Value::Object(details))),
    };
    insert(tx, execution, &[event])?;
    executions::end(tx, execution, end)
}

pub async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetExecutionHistoryInput,
) -> Result<GetExecutionHistoryOutput, ServiceError> {
    let arn = ExecutionArn::parse(&input.execution_arn)?;
    let from: Option<i64> = input
        .next_token
        .as_ref()
        .map(|token| {
            paging::key(token, "InvalidToken")
                .ok()
                .and_then(|key| key.parse().ok())
                .ok_or_else(invalid_token)
        })
        .transpose()?;
    let size = page_size(input.max_results);
    let backwards = input.reverse_order.unwrap_or(false);
    running::fail_abandoned(cloud)?;
    let execution = cloud
        .store()
        .read(|c| executions::existing(c, caller, &arn))?;
    running::flush(cloud, execution.id)?;
    let mut documents: Vec<(i64, String)> = cloud.store().read(|c| {
        let sql = if backwards {
            "SELECT id, document FROM sfn_events WHERE execution = ?1 AND id <= ?2 ORDER BY id DESC LIMIT ?3"
        } else {
            "SELECT id, document FROM sfn_events WHERE execution = ?1 AND id >= ?2 ORDER BY id LIMIT ?3"
        };
        let start = from.unwrap_or(if backwards { i64::MAX } else { 0 });
        let mut statement = c.prepare_cached(sql)?;
        let rows = statement.query_map((execution.id, start, one_more(size)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    })?;
    let next = documents
        .get(size)
        .map(|(id, _)| paging::token(&id.to_string()));
    documents.truncate(size);
    let with_data = input.include_execution_data.unwrap_or(true);
    let mut events = Vec::with_capacity(documents.len());
    for (_, document) in documents {
        let mut event: Value = serde_json::from_str(&document)?;
        if !with_data {
            leave_out_data(&mut event);
        }
        events.push(serde_json::from_value(event)?);
    }
    Ok(GetExecutionHistoryOutput {
        events,
        next_token: next,
    })
}

/// Takes inputs and outputs out of an event's details.
fn leave_out_data(event: &mut Value) {
    let Value::Object(members) = event else {
        return;
    };
    for details in members.values_mut().filter_map(Value::as_object_mut) {
        for member in ["input", "inputDetails", "output", "outputDetails"] {
            details.remove(member);
        }
    }
}
