//! How a state fails.

use serde_json::{Value, json};

use super::{Interpreter, branch::Branch, visit::Visit};
use crate::{HistoryError, query::Fault};

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Failure {
    pub error: Option<String>,
    pub cause: Option<String>,
}

/// Why a flow does not go on.
#[derive(Debug)]
pub(super) enum Interrupt {
    Failure(Failure),
    History(HistoryError),
}

impl From<Failure> for Interrupt {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<HistoryError> for Interrupt {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

impl Failure {
    pub fn new(error: &str, cause: impl Into<String>) -> Self {
        Self {
            error: Some(error.to_owned()),
            cause: Some(cause.into()),
        }
    }

    pub fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }

    /// Whether the whole execution ends here: nothing retries or catches it, and the states
    /// around write no event of their own.
    pub fn is_terminal(&self) -> bool {
        self.error.as_deref() == Some("States.Runtime")
    }

    /// The name, as `ErrorEquals` sees it.
    pub fn name(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    /// The members of an event that tells of it.
    pub fn details(&self) -> Value {
        let mut details = json!({});
        if let Some(error) = &self.error {
            details["error"] = json!(error);
        }
        if let Some(cause) = &self.cause {
            details["cause"] = json!(cause);
        }
        details
    }

    /// What a catcher hands on, and `$states.errorOutput`.
    pub fn error_output(&self) -> Value {
        let mut output = json!({});
        if let Some(error) = &self.error {
            output["Error"] = json!(error);
        }
        if let Some(cause) = &self.cause {
            output["Cause"] = json!(cause);
        }
        output
    }
}

impl Interpreter<'_> {
    /// Tells where a query failed, in the failure and, for JSONata, in an event. AWS lets that event
    /// follow the one before the state where nothing has come of the state yet, but for a Wait whose
    /// expression gave a text that is no moment.
    pub(super) fn fault(&self, visit: &Visit, branch: &mut Branch, fault: Fault) -> Interrupt {
        let cause = format!(
            "An error occurred while executing the state '{}' (entered at the event id #{}). {fault}",
            visit.state.name, visit.entered
        );
        let location = match fault {
            Fault::Runtime(_) => return Failure::runtime(cause).into(),
            Fault::Bare(words) => return Failure::runtime(words).into(),
            Fault::Intrinsic(_) => return Failure::new("States.IntrinsicFailure", cause).into(),
            Fault::ResultPath(_) => {
                return Failure::new("States.ResultPathMatchFailure", cause).into();
            }
            Fault::Query { location, .. } => {
                if branch.previous == visit.entered {
                    branch.previous = visit.before;
                }
                location
            }
            Fault::Timestamp(_) => Some("Timestamp".to_owned()),
        };
        let failure = Failure::new("States.QueryEvaluationError", cause);
        let mut details = failure.details();
        details["state"] = json!(visit.state.name);
        if let Some(location) = location {
            details["location"] = json!(location);
        }
        match self.log.record(
            branch.previous,
            "EvaluationFailed",
            Some(("evaluationFailedEventDetails", details)),
        ) {
            Ok(id) => {
                branch.previous = id;
                failure.into()
            }
            Err(interrupt) => interrupt,
        }
    }
}
