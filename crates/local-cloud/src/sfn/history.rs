//! Histories as they are asked for: GetExecutionHistory; and the ends that come from outside.

use asl::{Event, RecordedEvent};
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::{Map, Value, json};

use super::arn::ExecutionArn;
use super::executions::{self, End};
use super::{journal, log, next_page, one_more, page_size, place_of_page, running};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// Adds the last event of an execution that is aborted or failed from outside of it, and ends it.
/// Says whether it still ran.
pub(super) fn end_from_outside(
    tx: &Transaction<'_>,
    execution: i64,
    end: &End,
) -> Result<bool, ServiceError> {
    if !journal::runs(tx, execution)? {
        return Ok(false);
    }
    let (kind, member) = match end.status {
        "ABORTED" => ("ExecutionAborted", "executionAbortedEventDetails"),
        "TIMED_OUT" => ("ExecutionTimedOut", "executionTimedOutEventDetails"),
        _ => ("ExecutionFailed", "executionFailedEventDetails"),
    };
    let last = length(tx, execution)?;
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
    log::of_execution(tx, execution, std::slice::from_ref(&event))?;
    journal::insert(tx, execution, &[(event, Value::Null)])?;
    executions::end(tx, execution, end)
}

/// How many events an execution has: its last row tells, so that no other is read.
pub(super) fn length(c: &Connection, execution: i64) -> Result<i64, ServiceError> {
    let last: Option<i64> = c
        .prepare_cached(
            "SELECT last FROM sfn_events WHERE execution = ?1 ORDER BY first DESC LIMIT 1",
        )?
        .query_row([execution], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or(0))
}

pub async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetExecutionHistoryInput,
) -> Result<GetExecutionHistoryOutput, ServiceError> {
    let from = place_of_page(input.next_token.as_ref())?;
    let size = page_size(input.max_results);
    let backwards = input.reverse_order.unwrap_or(false);
    let start = from.unwrap_or(if backwards { i64::MAX } else { 0 });
    let express = &cloud.sfn().express;
    let mut documents = match express.page(&input.execution_arn, start, size + 1, backwards) {
        Some(page) => page?,
        None => stored(cloud, caller, &input.execution_arn, start, size, backwards)?,
    };
    let next = next_page(&mut documents, size, |(id, _)| id.to_string());
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

/// Events of an execution of the store, one more than `size`.
fn stored(
    cloud: &Cloud,
    caller: &Caller,
    arn: &str,
    start: i64,
    size: usize,
    backwards: bool,
) -> Result<Vec<(i64, String)>, ServiceError> {
    let arn = ExecutionArn::parse(arn)?;
    cloud.sfn().journal.write(cloud.store())?;
    let execution = cloud
        .store()
        .read(|c| executions::existing(c, caller, &arn))?;
    running::take_up_one(cloud, &execution)?;
    cloud
        .store()
        .read(|c| documents(c, execution.id, start, one_more(size), backwards))
}

/// The rows of a history from the one on that has the event `?2`, found by their key.
const FORWARDS: &str = "SELECT first, documents FROM sfn_events
    WHERE execution = ?1 AND first >= coalesce(
        (SELECT first FROM sfn_events WHERE execution = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1), 0)
    ORDER BY first";
/// Those from there back.
const BACKWARDS: &str = "SELECT first, documents FROM sfn_events
    WHERE execution = ?1 AND first <= ?2 ORDER BY first DESC";

/// At most so many events from `start` on, forwards or backwards: their ids and documents.
fn documents(
    c: &Connection,
    execution: i64,
    start: i64,
    most: i64,
    backwards: bool,
) -> Result<Vec<(i64, String)>, ServiceError> {
    let sql = if backwards { BACKWARDS } else { FORWARDS };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((execution, start))?;
    let mut found = Vec::new();
    while found.len() < most
        && let Some(row) = rows.next()?
    {
        let first: i64 = row.get(0)?;
        let text: String = row.get(1)?;
        let events = (first..).zip(text.lines());
        let wanted = events.filter(|(id, _)| {
            if backwards {
                *id <= start
            } else {
                *id >= start
            }
        });
        let mut wanted: Vec<(i64, String)> = wanted.map(|(id, d)| (id, d.to_owned())).collect();
        if backwards {
            wanted.reverse();
        }
        found.append(&mut wanted);
    }
    found.truncate(most);
    Ok(found)
}

/// The whole history of an execution, to go on from.
pub(super) fn recorded(c: &Connection, execution: i64) -> Result<Vec<RecordedEvent>, ServiceError> {
    documents(c, execution, 0, i64::MAX, false)?
        .iter()
        .map(|(id, document)| recorded_event(*id, document))
        .collect()
}

fn recorded_event(id: i64, document: &str) -> Result<RecordedEvent, ServiceError> {
    let document: Map<String, Value> = serde_json::from_str(document)?;
    let mut event = RecordedEvent {
        id: id.cast_unsigned(),
        previous_event_id: 0,
        timestamp: chrono::DateTime::default(),
        kind: String::new(),
        details: Value::Null,
        note: Value::Null,
    };
    for (name, value) in document {
        match name.as_str() {
            "id" => {}
            "previousEventId" => event.previous_event_id = value.as_u64().unwrap_or_default(),
            "type" => value
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut event.kind),
            "timestamp" => {
                let millis = (value.as_f64().unwrap_or_default() * 1000.0).round() as i64;
                event.timestamp =
                    chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default();
            }
            journal::NOTE => event.note = value,
            _ => event.details = value,
        }
    }
    Ok(event)
}

/// Takes inputs, outputs and the like out of an event's details.
fn leave_out_data(event: &mut Value) {
    let Value::Object(members) = event else {
        return;
    };
    for details in members.values_mut().filter_map(Value::as_object_mut) {
        for member in DATA {
            details.remove(member);
        }
    }
}

/// What `includeExecutionData` is about.
const DATA: [&str; 6] = [
    "input",
    "inputDetails",
    "output",
    "outputDetails",
    "assignedVariables",
    "assignedVariablesDetails",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfn::SCHEMA;

    /// A store with the history of one execution, in rows of 3, 1 and 4 events, between those of two
    /// others; gives the execution's key.
    fn stored() -> (Connection, i64) {
        let c = Connection::open_in_memory().unwrap();
        c.execute_batch(SCHEMA).unwrap();
        // The executions themselves are not there.
        c.pragma_update(None, "foreign_keys", false).unwrap();
        let row = |execution: i64, first: i64, last: i64| {
            let documents: Vec<String> = (first..=last).map(|id| id.to_string()).collect();
            let documents = documents.join("\n");
            c.execute(
                "INSERT INTO sfn_events VALUES (?1, ?2, ?3, ?4)",
                (execution, first, last, documents),
            )
            .unwrap();
        };
        for (first, last) in [(1, 3), (4, 4), (5, 8)] {
            row(2, first, last);
        }
        row(1, 1, 50);
        row(3, 1, 60);
        (c, 2)
    }

    #[test]
    fn a_page_begins_with_any_event() {
        let (c, execution) = stored();
        for start in 0..=10 {
            for most in 1..=9 {
                for backwards in [false, true] {
                    let page = documents(&c, execution, start, most, backwards).unwrap();
                    let mut expected: Vec<i64> = if backwards {
                        (1..=start.min(8)).rev().collect()
                    } else {
                        (start.max(1)..=8).collect()
                    };
                    expected.truncate(most as usize);
                    let ids: Vec<i64> = page.iter().map(|(id, _)| *id).collect();
                    assert_eq!(ids, expected, "{most} from {start}, {backwards}");
                    assert!(page.iter().all(|(id, text)| *text == id.to_string()));
                }
            }
        }
    }

    #[test]
    fn no_row_before_a_page_is_read() {
        let (c, execution) = stored();
        for sql in [FORWARDS, BACKWARDS] {
            let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let plan = statement
                .query_map((execution, 5), |row| row.get::<_, String>("detail"))
                .unwrap();
            for step in plan.map(Result::unwrap) {
                let by_key = step.contains("PRIMARY KEY (execution=? AND first");
                assert!(by_key || !step.contains("sfn_events"), "{step}");
                assert!(!step.contains("TEMP B-TREE"), "{step}");
            }
        }
    }

    #[test]
    fn the_last_row_tells_the_length() {
        let (c, execution) = stored();
        assert_eq!(length(&c, execution).unwrap(), 8);
        assert_eq!(length(&c, 4).unwrap(), 0);
    }
}
