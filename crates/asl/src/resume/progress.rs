//! How far an execution had come: what the interpreter goes on from.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::jsonpath::Variables;

/// A whole execution.
#[derive(Debug)]
pub(crate) struct Progress {
    pub root: Strand,
    /// The last event that was written; 0 where there is none.
    pub last_event: u64,
    /// When the execution started.
    pub started: Option<DateTime<Utc>>,
    pub redriven: bool,
}

impl Progress {
    pub fn none() -> Self {
        Self {
            root: Strand::default(),
            last_event: 0,
            started: None,
            redriven: false,
        }
    }
}

/// The execution, a branch or an iteration.
#[derive(Debug, Default)]
pub(crate) struct Strand {
    /// Its last event.
    pub previous: u64,
    pub variables: Arc<Variables>,
    pub at: Position,
}

impl Strand {
    /// The last event of it and of all that runs within.
    pub fn last_event(&self) -> u64 {
        let within = match &self.at {
            Position::In(open) => match &open.attempt {
                Attempt::Fork { strands, .. } => strands
                    .values()
                    .map(|begun| begun.strand.last_event())
                    .max(),
                _ => None,
            },
            _ => None,
        };
        self.previous.max(within.unwrap_or_default())
    }
}

#[derive(Debug, Default)]
pub(crate) enum Position {
    /// Nothing was entered.
    #[default]
    Start,
    /// A state was left for the next one, or, if there is none, the strand has ended.
    Left {
        next: Option<String>,
        output: Value,
    },
    In(Box<OpenState>),
}

/// A state that was entered and not left.
#[derive(Debug)]
pub(crate) struct OpenState {
    pub name: String,
    pub before: u64,
    pub entered: u64,
    pub entered_time: DateTime<Utc>,
    pub input: Value,
    /// Whether no event tells yet that the Map or Parallel failed, which `pending` does.
    pub untold: bool,
    /// The errors of the attempts that failed, the last one's excepted if it is pending.
    pub failures: Vec<String>,
    /// How the last attempt failed, if nothing came after that.
    pub pending: Option<RecordedFailure>,
    /// Whether the history tells already that it ended with what is around it.
    pub aborted: bool,
    pub attempt: Attempt,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordedFailure {
    pub error: Option<String>,
    pub cause: Option<String>,
    /// A task was silent for too long, which its event tells as `States.Timeout`.
    pub missed_heartbeat: bool,
    /// Only a catcher of its very name catches it.
    pub of_state_limit: bool,
}

impl RecordedFailure {
    /// The name, as `ErrorEquals` sees it.
    pub fn into_name(self) -> String {
        if self.missed_heartbeat {
            return "States.HeartbeatTimeout".to_owned();
        }
        self.error.unwrap_or_default()
    }
}

/// What the current attempt had come to.
#[derive(Debug, Default)]
pub(crate) enum Attempt {
    #[default]
    Fresh,
    Task(OpenTask),
    /// The branches of a Parallel or the iterations of a Map, by number.
    Fork {
        strands: BTreeMap<usize, Iteration>,
        succeeded: bool,
    },
    MapRun {
        arn: String,
        /// How often it was redriven before.
        redrives: u32,
        /// It did not succeed, and is to be redriven now.
        redriven: bool,
        /// The event that told that it succeeded.
        succeeded: Option<u64>,
    },
}

/// A task that was scheduled.
#[derive(Debug)]
pub(crate) struct OpenTask {
    pub scheduled: DateTime<Utc>,
    pub parameters: Value,
    pub timeout: Option<u64>,
    pub heartbeat: Option<u64>,
    pub credentials: Option<Value>,
    /// Whether the history tells that it was started.
    pub started: bool,
    /// When a worker took it, of an activity.
    pub taken: Option<DateTime<Utc>>,
    pub submitted: Option<Value>,
    /// The output of a task that ended.
    pub output: Option<Value>,
}

/// A branch or an iteration; only of an iteration an event tells the end.
#[derive(Debug)]
pub(crate) struct Iteration {
    pub strand: Strand,
    pub end: Option<IterationEnd>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum IterationEnd {
    /// With the event that told so.
    Succeeded(u64),
    Failed(RecordedFailure),
    Aborted,
}
