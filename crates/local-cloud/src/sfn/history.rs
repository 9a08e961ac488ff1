//! Histories: how their events are written, and GetExecutionHistory.

use std::mem;

use asl::{Event, HistoryError};
use parking_lot::Mutex;
use rusqlite::{Transaction, params};
use serde_json::{Map, Value, json};

use super::arn::ExecutionArn;
use super::executions::{self, End};
use super::{invalid_token, one_more, page_size, running};
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
    /// Why an event was not taken.
    refused: Option<String>,
}

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("The execution reached the maximum number of history events ({MOST_EVENTS}).")]
    TooMany,
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
        if pending.events.is_empty() {
            let runs = self.cloud.store().read(|c| is_running(c, self.execution))?;
            pending.closed = !runs;
            return Ok(runs);
        }
        let runs = self.cloud.store().write(|tx| {
            let runs = is_running(tx, self.execution)?;
            if runs {
                insert(tx, self.execution, &pending.events)?;
            }
            Ok(runs)
        })?;
        pending.events.clear();
        pending.closed = !runs;
        Ok(runs)
    }

    /// Why the history took no more events, where it did not.
    pub fn refusal(&self) -> Option<String> {
        self.pending.lock().refused.clone()
    }

    /// Writes what waits, and the end.
    pub fn end(&self, end: &End) -> Result<(), ServiceError> {
        let mut pending = self.pending.lock();
        pending.closed = true;
        let events = mem::take(&mut pending.events);
        self.cloud.store().write(|tx| {
            // Before the end itself: that may delete the machine, and its executions with it.
            if is_running(tx, self.execution)? {
                insert(tx, self.execution, &events)?;
                executions::end(tx, self.execution, end)?;
            }
            Ok(())
        })
    }
}

impl asl::History for Writer {
    fn record(&self, event: Event) -> Result<(), HistoryError> {
        let mut pending = self.pending.lock();
        if pending.closed {
            return Err(HistoryError(Box::new(Refused::Closed)));
        }
        if event.id >= MOST_EVENTS && !event.kind.starts_with("Execution") {
            pending.refused = Some(Refused::TooMany.to_string());
            return Err(HistoryError(Box::new(Refused::TooMany)));
        }
        pending.events.push(event);
        if pending.events.len() >= BATCH
            && let Err(error) = self.write(&mut pending)
        {
            pending.refused = Some(error.to_string());
            return Err(HistoryError(Box::new(error)));
        }
        Ok(())
    }
}

/// The history of an execution that nobody can ask for.
pub(super) struct NotKept;

impl asl::History for NotKept {
    fn record(&self, _event: Event) -> Result<(), HistoryError> {
        Ok(())
    }
}

fn is_running(c: &rusqlite::Connection, execution: i64) -> Result<bool, ServiceError> {
    Ok(c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM sfn_executions WHERE id = ?1 AND status = 'RUNNING')",
    )?
    .query_row([execution], |row| row.get(0))?)
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
    Ok(())
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

/// Adds the last event of an execution that is ended from outside of it, and ends it.
pub(super) fn end_from_outside(
    tx: &Transaction<'_>,
    execution: i64,
    kind: &'static str,
    member: &'static str,
    end: &End,
) -> Result<bool, ServiceError> {
    if !is_running(tx, execution)? {
        return Ok(false);
    }
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
