//! How a state fails.

use serde_json::{Value, json};

use super::{Interpreter, branch::Branch, visit::Visit};
use crate::{HistoryError, TaskError, query::Fault, resume::progress::RecordedFailure};

const TIMEOUT: &str = "States.Timeout";
const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
const DATA_LIMIT: &str = "States.DataLimitExceeded";

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Failure {
    pub error: Option<String>,
    pub cause: Option<String>,
    /// A task was silent for too long: `error` is `States.Timeout`, and who catches
    /// `States.HeartbeatTimeout` catches it.
    pub missed_heartbeat: bool,
    /// A limit of a state: neither `States.ALL` nor `States.TaskFailed` catches it.
    pub of_state_limit: bool,
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

impl From<TaskError> for Failure {
    /// Source: AWS's recorded executions, in which a missed heartbeat is told as `States.Timeout`, and a
    /// failure that was sent without error and cause has neither.
    fn from(TaskError { error, cause }: TaskError) -> Self {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let missed_heartbeat = error == HEARTBEAT_TIMEOUT;
        Self {
            error: if missed_heartbeat {
                Some(TIMEOUT.to_owned())
            } else {
                given(error)
            },
            cause: given(cause),
            missed_heartbeat,
            of_state_limit: false,
        }
    }
}

impl From<RecordedFailure> for Failure {
    fn from(recorded: RecordedFailure) -> Self {
        Self {
            error: recorded.error,
            cause: recorded.cause,
            missed_heartbeat: recorded.missed_heartbeat,
            of_state_limit: recorded.of_state_limit,
        }
    }
}

impl Failure {
    pub fn new(error: &str, cause: impl Into<String>) -> Self {
        Self {
            error: Some(error.to_owned()),
            cause: Some(cause.into()),
            ..Self::default()
        }
    }

    pub fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }

    /// What a task gave is too large to be a result. `States.ALL` catches it, against what AWS documents.
    ///
    /// Source: AWS's recorded executions.
    pub fn large_result(subject: &str) -> Self {
        Self::new(DATA_LIMIT, too_large(subject))
    }

    /// What came out of a state is too large to go on.
    pub fn large_output(state: &str) -> Self {
        Self::state_limit(too_large(state))
    }

    /// A limit of a state, which only a catcher of the very name catches.
    ///
    /// Source: "Handling errors in Step Functions workflows", AWS Step Functions developer guide.
    pub fn state_limit(cause: impl Into<String>) -> Self {
        Self {
            of_state_limit: true,
            ..Self::new(DATA_LIMIT, cause)
        }
    }

    /// Whether the whole execution ends here: nothing retries or catches it, and the states
    /// around write no event of their own.
    pub fn is_terminal(&self) -> bool {
        self.error.as_deref() == Some("States.Runtime")
    }

    /// Whether something took too long.
    pub fn is_timeout(&self) -> bool {
        self.error.as_deref() == Some(TIMEOUT)
    }

    /// The name, as `ErrorEquals` sees it.
    pub fn name(&self) -> &str {
        if self.missed_heartbeat {
            return HEARTBEAT_TIMEOUT;
        }
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

    /// What resuming has to know of it: what the event tells, and what no event does.
    pub fn note(&self) -> Value {
        let mut note = self.details();
        if self.missed_heartbeat {
            note["missedHeartbeat"] = json!(true);
        }
        if self.of_state_limit {
            note["ofStateLimit"] = json!(true);
        }
        note
    }

    /// What a catcher hands on, and `$states.errorOutput`: both members, null where there is none. The
    /// cause of a timeout is empty.
    ///
    /// Source: AWS's recorded executions.
    pub fn error_output(&self) -> Value {
        let cause = match &self.cause {
            None if self.is_timeout() => Some(""),
            cause => cause.as_deref(),
        };
        json!({"Error": self.error, "Cause": cause})
    }
}

fn too_large(name: &str) -> String {
    format!(
        "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
    )
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
