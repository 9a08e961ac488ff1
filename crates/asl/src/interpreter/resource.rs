//! What a task's `Resource` names, and the events that tell of it.

use serde_json::{Value, json};

/// The integration a resource names, and with it the events that tell of a task.
pub(super) enum Resource<'t> {
    Lambda {
        arn: &'t str,
    },
    Activity {
        arn: &'t str,
    },
    /// `arn:aws:states:::TYPE:NAME`.
    Integration {
        kind: &'t str,
        name: &'t str,
    },
}

impl<'t> Resource<'t> {
    pub fn of(arn: &'t str) -> Self {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, rest) = (
            parts.next().unwrap_or_default(),
            parts.nth(2).unwrap_or_default(),
        );
        match (service, split(rest)) {
            ("states", Some(("activity", _))) => Self::Activity { arn },
            ("states", Some((kind, name))) => Self::Integration { kind, name },
            _ => Self::Lambda { arn },
        }
    }

    /// The event of that step and the member that holds its details; not every integration has one
    /// for each.
    pub fn event(&self, step: Step) -> Option<(&'static str, &'static str)> {
        Some(match (self, step) {
            (Self::Lambda { .. }, Step::Scheduled) => (
                "LambdaFunctionScheduled",
                "lambdaFunctionScheduledEventDetails",
            ),
            (Self::Lambda { .. }, Step::Started) => ("LambdaFunctionStarted", ""),
            (Self::Lambda { .. }, Step::Submitted) => return None,
            (Self::Lambda { .. }, Step::Succeeded) => (
                "LambdaFunctionSucceeded",
                "lambdaFunctionSucceededEventDetails",
            ),
            (Self::Lambda { .. }, Step::Failed) => {
                ("LambdaFunctionFailed", "lambdaFunctionFailedEventDetails")
            }
            (Self::Lambda { .. }, Step::TimedOut) => (
                "LambdaFunctionTimedOut",
                "lambdaFunctionTimedOutEventDetails",
            ),
            (Self::Activity { .. }, Step::Scheduled) => {
                ("ActivityScheduled", "activityScheduledEventDetails")
            }
            // A worker starts an activity: it is accepted then, and not before.
            (Self::Activity { .. }, Step::Started) => return None,
            (Self::Activity { .. }, Step::Submitted) => {
                ("ActivityStarted", "activityStartedEventDetails")
            }
            (Self::Activity { .. }, Step::Succeeded) => {
                ("ActivitySucceeded", "activitySucceededEventDetails")
            }
            (Self::Activity { .. }, Step::Failed) => {
                ("ActivityFailed", "activityFailedEventDetails")
            }
            (Self::Activity { .. }, Step::TimedOut) => {
                ("ActivityTimedOut", "activityTimedOutEventDetails")
            }
            (Self::Integration { .. }, Step::Scheduled) => {
                ("TaskScheduled", "taskScheduledEventDetails")
            }
            (Self::Integration { .. }, Step::Started) => ("TaskStarted", "taskStartedEventDetails"),
            (Self::Integration { .. }, Step::Submitted) => {
                ("TaskSubmitted", "taskSubmittedEventDetails")
            }
            (Self::Integration { .. }, Step::Succeeded) => {
                ("TaskSucceeded", "taskSucceededEventDetails")
            }
            (Self::Integration { .. }, Step::Failed) => ("TaskFailed", "taskFailedEventDetails"),
            (Self::Integration { .. }, Step::TimedOut) => {
                ("TaskTimedOut", "taskTimedOutEventDetails")
            }
        })
    }

    /// What the cause of a result that is too large names: the service, or the whole ARN.
    pub fn subject(&self) -> &'t str {
        match *self {
            Self::Lambda { arn } | Self::Activity { arn } => arn,
            Self::Integration { kind, .. } => kind,
        }
    }

    /// What all events of the integration tell, or its first.
    pub fn details(&self, step: Step) -> Value {
        match (self, step) {
            (Self::Integration { kind, name }, _) => {
                json!({"resourceType": kind, "resource": name})
            }
            (Self::Lambda { arn } | Self::Activity { arn }, Step::Scheduled) => {
                json!({"resource": arn})
            }
            _ => json!({}),
        }
    }
}

/// `TYPE:NAME`. The type is a service, `aws-sdk:SERVICE` where it is called as its SDK has it; the
/// name may have a colon of its own: `startExecution.sync:2`.
fn split(rest: &str) -> Option<(&str, &str)> {
    let service = rest.strip_prefix("aws-sdk:").unwrap_or(rest);
    let (_, name) = service.split_once(':')?;
    let kind = rest.get(..rest.len() - name.len() - 1)?;
    Some((kind, name))
}

#[derive(Clone, Copy)]
pub(super) enum Step {
    Scheduled,
    Started,
    Submitted,
    Succeeded,
    Failed,
    TimedOut,
}

#[cfg(test)]
mod tests {
    use super::Resource;

    fn parts(arn: &str) -> (&str, &str) {
        match Resource::of(arn) {
            Resource::Integration { kind, name } => (kind, name),
            Resource::Activity { .. } => ("", "activity"),
            Resource::Lambda { .. } => ("", "lambda"),
        }
    }

    #[test]
    fn an_integration_is_a_type_and_a_name_that_may_have_a_colon() {
        for (arn, expected) in [
            (
                "arn:aws:states:::states:startExecution.sync:2",
                ("states", "startExecution.sync:2"),
            ),
            (
                "arn:aws:states:::states:startExecution.sync",
                ("states", "startExecution.sync"),
            ),
            (
                "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                ("sqs", "sendMessage.waitForTaskToken"),
            ),
            (
                "arn:aws:states:::athena:startQueryExecution.sync",
                ("athena", "startQueryExecution.sync"),
            ),
            (
                "arn:aws:states:::aws-sdk:s3:getObject",
                ("aws-sdk:s3", "getObject"),
            ),
            (
                "arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken",
                ("aws-sdk:sfn", "startExecution.waitForTaskToken"),
            ),
            ("arn:aws-cn:states:::lambda:invoke", ("lambda", "invoke")),
            (
                "arn:aws:states:us-east-1:123456789012:activity:a",
                ("", "activity"),
            ),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:f:live",
                ("", "lambda"),
            ),
            ("arn:aws:states:::alone", ("", "lambda")),
            ("arn:aws:states:::aws-sdk:alone", ("", "lambda")),
            ("", ("", "lambda")),
        ] {
            assert_eq!(parts(arn), expected, "{arn}");
        }
    }
}
