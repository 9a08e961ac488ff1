//! What a state machine's executions tell its log group: events of the history, at the level and
//! with the data that its logging configuration says.
//!
//! Source: "Logging using CloudWatch Logs", AWS Step Functions developer guide.

use asl::Event;
use parking_lot::Mutex;
use rusqlite::{Connection, Transaction};
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

/// The region and the name of the group that an ARN names.
fn place(group: &str) -> Option<(&str, &str)> {
    let fields: Vec<&str> = group.splitn(7, ':').collect();
    match fields[..] {
        ["arn", _, "logs", region, _, "log-group", name] => Some((region, name)),
        _ => None,
    }
}

/// Whether the group that a configuration names is there.
pub(super) fn has_destination(
    c: &Connection,
    logging: &LoggingConfiguration,
) -> Result<bool, ServiceError> {
    match group(logging).and_then(place) {
        Some((region, name)) => logs::has_group(c, region, name),
        None => Ok(false),
    }
}

pub(super) fn is_on(logging: &LoggingConfiguration) -> bool {
    logging.level.as_deref().is_some_and(|level| level != "OFF")
}

/// Whether an event is of a level.
///
/// Source: "Log levels for Step Functions execution events", AWS Step Functions developer guide.
fn is_of(level: &str, kind: &str) -> bool {
    let fatal = ["ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"];
    match level {
        "ALL" => true,
        "ERROR" => ["Failed", "TimedOut", "Aborted", "FailStateEntered"]
            .iter()
            .any(|end| kind.ends_with(end)),
        "FATAL" => fatal.contains(&kind),
        _ => false,
    }
}

/// The most bytes of an input or output in a logged event, escaped as it is there.
const MOST_DATA: usize = 248 * 1024;

/// How much of a text there is in a message for which it is escaped: all of it if it is not too long.
fn that_fits(text: &str) -> &str {
    let mut escaped = 0;
    let too_long = text.char_indices().find(|(_, character)| {
        escaped += match character {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..='\x1f' => 6,
            other => other.len_utf8(),
        };
        escaped > MOST_DATA
    });
    too_long.map_or(text, |(end, _)| &text[..end])
}

/// Cuts the inputs and outputs of an event that are too long for CloudWatch Logs, and says so beside
/// them.
fn truncate(details: &mut Map<String, Value>) {
    for name in ["input", "output", "parameters"] {
        let Some(Value::String(text)) = details.get_mut(name) else {
            continue;
        };
        let kept = that_fits(text).len();
        if kept < text.len() {
            text.truncate(kept);
            if let Some(beside) = details.get_mut(&format!("{name}Details")) {
                beside["truncated"] = json!(true);
            }
        }
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
        truncate(&mut details);
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
    pub fn write<'a>(
        &self,
        tx: &Transaction<'_>,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<(), ServiceError> {
        let logging = &self.logging;
        let Some((region, name)) = group(logging).and_then(place) else {
            return Ok(());
        };
        let level = logging.level.as_deref().unwrap_or("OFF");
        let with_data = logging.include_execution_data == Some(true);
        let logged: Vec<(i64, String)> = events
            .into_iter()
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
    /// The text of the input, until the first event has it.
    given_input: Mutex<Option<String>>,
    events: Mutex<Vec<Event>>,
}

impl Express {
    pub fn new(revision: &Revision, machine: &str, execution_arn: &str, is_kept: bool) -> Self {
        Self {
            is_kept,
            target: Target::new(revision, machine, execution_arn.to_owned()),
            given_input: Mutex::default(),
            events: Mutex::default(),
        }
    }

    /// Has the first event tell the input as it was given.
    pub fn with_input(self, text: String) -> Self {
        Self {
            given_input: Mutex::new(Some(text)),
            ..self
        }
    }

    pub fn write(&self, cloud: &Cloud) -> Result<(), ServiceError> {
        match &self.target {
            Some(target) => {
                let events = self.events.lock();
                cloud.store().write(|tx| target.write(tx, events.iter()))
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

    fn given_input(&self) -> Option<String> {
        self.given_input.lock().take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_fails_the_execution_is_an_error_that_is_logged() {
        for (kind, levels) in [
            ("FailStateEntered", [true, false]),
            ("TaskFailed", [true, false]),
            ("ExecutionFailed", [true, true]),
            ("PassStateEntered", [false, false]),
        ] {
            assert_eq!(
                ["ERROR", "FATAL"].map(|level| is_of(level, kind)),
                levels,
                "{kind}"
            );
        }
    }

    #[test]
    fn data_too_long_when_escaped_are_cut_and_that_is_said() {
        let details = |text: String| {
            let mut details = Map::new();
            details.insert("input".to_owned(), json!(text));
            details.insert("inputDetails".to_owned(), json!({"truncated": false}));
            truncate(&mut details);
            details
        };
        let whole = details("x".repeat(MOST_DATA));
        assert_eq!(whole["input"].as_str().unwrap().len(), MOST_DATA);
        assert_eq!(whole["inputDetails"]["truncated"], false);
        for (letter, many) in [("x", 1), ("\"", 2), ("\u{1}", 6), ("ü", 2), ("🎬", 4)] {
            let cut = details(letter.repeat(MOST_DATA + 1));
            let kept = cut["input"].as_str().unwrap();
            assert_eq!(kept.chars().count(), MOST_DATA / many, "{letter:?}");
            assert!(
                cut["input"].to_string().len() <= MOST_DATA + 2,
                "{letter:?}"
            );
            assert_eq!(cut["inputDetails"]["truncated"], true, "{letter:?}");
        }
    }
}
