//! What a state machine's executions tell its log group: events of the history, at the level and
//! with the data that its logging configuration says.
//!
//! Source: "Logging using CloudWatch Logs", AWS Step Functions developer guide.

use asl::Event;
use parking_lot::Mutex;
use rusqlite::Transaction;
use serde_json::{Map, Value, json};

use super::executions;
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

/// Where the events of one execution are logged, and what of them.
#[derive(Clone, Debug)]
pub(super) struct Target {
    logging: LoggingConfiguration,
    machine: String,
    execution_arn: String,
    redrives: u32,
}

impl Target {
    /// None where the machine does not log.
    pub fn new(revision: &Revision, machine: &str, execution_arn: String) -> Option<Self> {
        is_on(&revision.logging).then(|| Self {
            logging: revision.logging.clone(),
            machine: machine.to_owned(),
            execution_arn,
            redrives: 0,
        })
    }

    /// The same, of an execution that was redriven so often.
    pub fn redriven(mut self, redrives: u32) -> Self {
        self.redrives = redrives;
        self
    }

    /// Where those of a child in a Map Run are logged.
    pub fn of_child(&self, machine: &str, execution_arn: &str) -> Self {
        Self {
            logging: self.logging.clone(),
            machine: machine.to_owned(),
            execution_arn: execution_arn.to_owned(),
            redrives: 0,
        }
    }

    fn message(&self, event: &Event, with_data: bool) -> String {
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
            "execution_arn": self.execution_arn,
            "redrive_count": self.redrives.to_string(),
        })
        .to_string()
    }

    /// Writes events to the log group of the machine. Where there is none any more, the events are
    /// not logged, as on AWS.
    pub fn write(&self, tx: &Transaction<'_>, events: &[Event]) -> Result<(), ServiceError> {
        let logging = &self.logging;
        let Some(group) = group(logging) else {
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
                    self.message(event, with_data),
                )
            })
            .collect();
        let Some((first, _)) = logged.first() else {
            return Ok(());
        };
        let day = chrono::DateTime::from_timestamp_millis(*first).unwrap_or_default();
        let id = self.execution_arn.rsplit(':').next().unwrap_or_default();
        let stream = format!("states/{}/{}/{id}", self.machine, day.format("%Y-%m-%d"));
        match logs::write(tx, region, name, &stream, &logged) {
            Err(error) if error.code == "ResourceNotFoundException" => {
                tracing::warn!(
                    group = name,
                    execution = self.execution_arn,
                    "the log group is not there"
                );
                Ok(())
            }
            other => other,
        }
    }
}

/// Writes events of an execution that the store knows.
pub(super) fn of_execution(
    tx: &Transaction<'_>,
    execution: i64,
    events: &[Event],
) -> Result<(), ServiceError> {
    let execution = executions::keyed(tx, execution)?;
    let revision = machines::revision(tx, &execution.revision)?;
    let arn = execution.arn(ACCOUNT).to_string();
    match Target::new(&revision, &execution.machine, arn) {
        Some(target) => target.redriven(execution.redrives).write(tx, events),
        None => Ok(()),
    }
}

/// The history of an EXPRESS execution: nobody can ask for it, and its log is what is left of it,
/// unless the process keeps it for itself.
pub(super) struct Express {
    target: Option<Target>,
    is_kept: bool,
    events: Mutex<Vec<Event>>,
}

impl Express {
    pub fn new(revision: &Revision, machine: &str, execution_arn: &str, is_kept: bool) -> Self {
        Self {
            is_kept,
            target: Target::new(revision, machine, execution_arn.to_owned()),
            events: Mutex::default(),
        }
    }

    pub fn write(&self, cloud: &Cloud) -> Result<(), ServiceError> {
        match &self.target {
            Some(target) => {
                let events = self.events.lock();
                cloud.store().write(|tx| target.write(tx, &events))
            }
            None => Ok(()),
        }
    }

    /// The whole history, where it is kept.
    pub fn kept(self) -> Vec<Event> {
        self.events.into_inner()
    }
}

impl asl::History for Express {
    fn record(&self, event: Event) -> Result<(), asl::HistoryError> {
        if self.target.is_some() || self.is_kept {
            self.events.lock().push(event);
        }
        Ok(())
    }
}
