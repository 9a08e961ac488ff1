//! What a state machine's executions tell its log group: events of the history, at the level and
//! with the data that its logging configuration says.
//!
//! Source: "Logging using CloudWatch Logs", AWS Step Functions developer guide.

use asl::Event;
use parking_lot::Mutex;
use rusqlite::Transaction;
use serde_json::{Map, Value, json};

use super::arn::ExecutionArn;
use super::machines::{self, Revision};
use crate::caller::ACCOUNT;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::logs;
use crate::model::sfn::LoggingConfiguration;

/// The group that a configuration names, without the `:*` behind its ARN.
pub(super) fn group(logging: &LoggingConfiguration) -> Option<&str> {
    let destination = logging.destinations.as_ref()?.first()?;
    let group = destination.cloud_watch_logs_log_group.as_ref()?;
    let arn = group.log_group_arn.as_deref()?;
    Some(arn.strip_suffix(":*").unwrap_or(arn))
}

pub(super) fn is_on(logging: &LoggingConfiguration) -> bool {
    logging.level.as_deref().is_some_and(|level| level != "OFF")
}

/// Whether an event is of a level.
fn is_of(level: &str, kind: &str) -> bool {
    let fatal = ["ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"];
    match level {
        "ALL" => true,
        "ERROR" => ["Failed", "TimedOut", "Aborted"]
            .iter()
            .any(|end| kind.ends_with(end)),
        "FATAL" => fatal.contains(&kind),
        _ => false,
    }
}

fn message(event: &Event, execution_arn: &str, with_data: bool) -> String {
    let mut details = Map::new();
    if let Some((_, Value::Object(members))) = &event.details {
        for (name, value) in members {
            let is_data = matches!(
                name.as_str(),
                "input" | "inputDetails" | "output" | "outputDetails" | "parameters"
            );
            if with_data || !is_data {
                details.insert(name.clone(), value.clone());
            }
        }
    }
    json!({
        "id": event.id.to_string(),
        "type": event.kind,
        "details": details,
        "previous_event_id": event.previous_event_id.to_string(),
        "event_timestamp": event.timestamp.timestamp_millis().to_string(),
        "execution_arn": execution_arn,
        "redrive_count": "0",
    })
    .to_string()
}

/// Writes events of an execution to the log group of its machine. Where there is none any more,
/// the events are not logged, as on AWS.
fn write(
    tx: &Transaction<'_>,
    revision: &Revision,
    machine: &str,
    execution_arn: &str,
    events: &[Event],
) -> Result<(), ServiceError> {
    let logging = &revision.logging;
    let Some(group) = group(logging).filter(|_| is_on(logging)) else {
        return Ok(());
    };
    let fields: Vec<&str> = group.splitn(7, ':').collect();
    let ["arn", _, "logs", region, _, "log-group", name] = fields[..] else {
        return Ok(());
    };
    let level = logging.level.as_deref().unwrap_or("OFF");
    let with_data = logging.include_execution_data == Some(true);
    let logged: Vec<(i64, String)> = events
        .iter()
        .filter(|event| is_of(level, event.kind))
        .map(|event| {
            (
                event.timestamp.timestamp_millis(),
                message(event, execution_arn, with_data),
            )
        })
        .collect();
    let Some((first, _)) = logged.first() else {
        return Ok(());
    };
    let day = chrono::DateTime::from_timestamp_millis(*first).unwrap_or_default();
    let id = execution_arn.rsplit(':').next().unwrap_or_default();
    let stream = format!("states/{machine}/{}/{id}", day.format("%Y-%m-%d"));
    match logs::write(tx, region, name, &stream, &logged) {
        Err(error) if error.code == "ResourceNotFoundException" => {
            tracing::warn!(
                group = name,
                execution = execution_arn,
                "the log group is not there"
            );
            Ok(())
        }
        other => other,
    }
}

/// Writes events of an execution that the store knows.
pub(super) fn of_execution(
    tx: &Transaction<'_>,
    execution: i64,
    events: &[Event],
) -> Result<(), ServiceError> {
    let (region, machine, name, revision): (String, String, String, String) = tx
        .prepare_cached("SELECT region, machine, name, revision FROM sfn_executions WHERE id = ?1")?
        .query_row([execution], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    let revision = machines::revision(tx, &revision)?;
    if !is_on(&revision.logging) {
        return Ok(());
    }
    let arn = ExecutionArn {
        region,
        account: ACCOUNT.to_owned(),
        machine: machine.clone(),
        name,
    };
    write(tx, &revision, &machine, &arn.to_string(), events)
}

/// The history of an EXPRESS execution: nobody can ask for it, and its log is what is left of it.
pub(super) struct Express {
    is_kept: bool,
    events: Mutex<Vec<Event>>,
}

impl Express {
    pub fn new(revision: &Revision) -> Self {
        Self {
            is_kept: is_on(&revision.logging),
            events: Mutex::default(),
        }
    }

    pub fn write(
        &self,
        cloud: &Cloud,
        revision: &Revision,
        machine: &str,
        execution_arn: &str,
    ) -> Result<(), ServiceError> {
        if !self.is_kept {
            return Ok(());
        }
        let events = std::mem::take(&mut *self.events.lock());
        cloud
            .store()
            .write(|tx| write(tx, revision, machine, execution_arn, &events))
    }
}

impl asl::History for Express {
    fn record(&self, event: Event) -> Result<(), asl::HistoryError> {
        if self.is_kept {
            self.events.lock().push(event);
        }
        Ok(())
    }
}
