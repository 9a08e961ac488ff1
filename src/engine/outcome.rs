//! What came of a plan.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::event::Waited;
use super::plan::Action;
use crate::resource::{Address, CallError};

/// What came of a plan.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Outcome {
    pub done: Vec<Done>,
    pub failed: Vec<Failure>,
    pub skipped: Vec<Skipped>,
    /// Ctrl-C ended it before the plan did.
    pub stopped: bool,
}

impl Outcome {
    /// Whether everything that was planned is done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && !self.stopped
    }
}

/// A change that came about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Done {
    #[schemars(with = "String")]
    pub address: Address,
    pub action: Action,
    /// How long it took.
    pub seconds: f64,
    /// How much of it was waiting for something else.
    pub waited_seconds: f64,
}

/// A change that did not come about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Failure {
    #[schemars(with = "String")]
    pub address: Address,
    pub action: Action,
    pub error: CallError,
    pub seconds: f64,
    pub waited_seconds: f64,
}

/// A change that was not tried.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Skipped {
    #[schemars(with = "String")]
    pub address: Address,
    pub action: Action,
    /// What failed or was stopped before it.
    pub because: String,
}

/// How one change ended.
pub(super) struct Ended {
    pub result: Result<(), CallError>,
    pub elapsed: Duration,
    pub waited: Waited,
}

impl Outcome {
    pub(super) fn add(&mut self, address: &Address, action: Action, ended: Ended) {
        let (address, seconds) = (address.clone(), ended.elapsed.as_secs_f64());
        let waited_seconds = ended.waited.time.as_secs_f64();
        match ended.result {
            Ok(()) => self.done.push(Done {
                address,
                action,
                seconds,
                waited_seconds,
            }),
            Err(error) => self.failed.push(Failure {
                address,
                action,
                error,
                seconds,
                waited_seconds,
            }),
        }
    }
}
