//! What a schedule calls: an execution of a state machine, or an operation of an API, under the
//! target's role.
//!
//! Source: "Managing targets in EventBridge Scheduler", user guide.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::firing::Invocation;
use super::{groups, invalid, moment, universal};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam::{self, CannotAssume, ServiceCaller};
use crate::model::scheduler::{RetryPolicy, Target};

/// Who takes the roles of targets.
const PRINCIPAL: &str = "scheduler.amazonaws.com";

const MOST_ATTEMPTS: i32 = 185;
const OLDEST_SECONDS: i32 = 86_400;

/// What an ARN of a target names.
#[derive(Debug, PartialEq, Eq)]
enum Called<'a> {
    /// A state machine, its version or its alias.
    StateMachine { region: &'a str },
    /// `aws-sdk:SERVICE:ACTION`
    Universal { service: &'a str, action: &'a str },
}

impl<'a> Called<'a> {
    fn of(arn: &'a str) -> Result<Self, ServiceError> {
        let fields: Vec<&str> = arn.split(':').collect();
        match fields[..] {
            ["arn", _, "states", region, _, "stateMachine", name, ..] if !name.is_empty() => {
                Ok(Self::StateMachine { region })
            }
            ["arn", _, "scheduler", "", "", "aws-sdk", service, action]
                if !service.is_empty() && !action.is_empty() =>
            {
                Ok(Self::Universal { service, action })
            }
            ["arn", _, service, _, _, _, ..] if !service.is_empty() => Err(
                ServiceError::not_supported("scheduler", &format!("the target {arn}")),
            ),
            _ => Err(invalid("Provided Arn is not in correct format.")),
        }
    }
}

/// Takes a target's role. The service names the schedule's group as the source, not the schedule.
///
/// Source: "Confused deputy prevention in EventBridge Scheduler", user guide.
fn take_role(
    cloud: &Cloud,
    region: &str,
    group_arn: &str,
    role: &str,
    session: &str,
) -> Result<Result<Caller, CannotAssume>, ServiceError> {
    let by = ServiceCaller {
        principal: PRINCIPAL,
        source_arn: group_arn,
        session,
    };
    iam::assume_for_service(cloud, region, role, by)
}

/// A target with AWS's defaults, once its ARN, role and input are checked; `group_arn` is of the
/// schedule's group.
pub(super) fn checked(
    cloud: &Cloud,
    caller: &Caller,
    group_arn: &str,
    mut target: Target,
) -> Result<Target, ServiceError> {
    if let Called::Universal { service, action } = Called::of(&target.arn)? {
        universal::check(service, action)?;
    }
    if let Some(input) = &target.input
        && serde_json::from_str::<Value>(input).is_err()
    {
        return Err(invalid("The target's Input must be well-formed JSON."));
    }
    let passed_to = [("iam:PassedToService", PRINCIPAL)];
    iam::authorize(cloud, caller, "iam:PassRole", &target.role_arn, &passed_to).map_err(
        |denied| ServiceError::new("AccessDeniedException", denied.to_string()).with_status(403),
    )?;
    let role = target.role_arn.as_str();
    let taken = take_role(cloud, &caller.region, group_arn, role, "check")?;
    if taken.is_err() {
        return Err(invalid(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        ));
    }
    let retries = target.retry_policy.take().unwrap_or_default();
    target.retry_policy = Some(RetryPolicy {
        maximum_event_age_in_seconds: retries
            .maximum_event_age_in_seconds
            .or(Some(OLDEST_SECONDS)),
        maximum_retry_attempts: retries.maximum_retry_attempts.or(Some(MOST_ATTEMPTS)),
    });
    Ok(target)
}

/// How often an invocation is tried again, and how many seconds after its time at most.
pub(super) fn retries(target: &Target) -> (i32, i32) {
    let policy = target.retry_policy.clone().unwrap_or_default();
    (
        policy.maximum_retry_attempts.unwrap_or(MOST_ATTEMPTS),
        policy
            .maximum_event_age_in_seconds
            .unwrap_or(OLDEST_SECONDS),
    )
}

/// Calls the target under its role.
pub(super) async fn call(cloud: &Cloud, invocation: &Invocation) -> Result<(), ServiceError> {
    let target = &invocation.target;
    let session = format!("scheduler-{}", invocation.id.replace('-', ""));
    let region = match Called::of(&target.arn)? {
        Called::StateMachine { region } => region,
        Called::Universal { .. } => invocation.region.as_str(),
    };
    let group_arn = groups::arn_of(&invocation.schedule_arn);
    let taken = take_role(cloud, region, &group_arn, &target.role_arn, &session)?;
    let caller = taken.map_err(|_| {
        ServiceError::new(
            "AccessDeniedException",
            format!(
                "The role {} cannot be assumed by {PRINCIPAL}.",
                target.role_arn
            ),
        )
    })?;
    let input = match &target.input {
        Some(input) => with_context(input, invocation),
        None => notification(cloud, invocation).to_string(),
    };
    match Called::of(&target.arn)? {
        Called::StateMachine { .. } => {
            // One invocation is one execution, however often it is tried.
            let request = json!({
                "stateMachineArn": target.arn,
                "name": invocation.id,
                "input": input,
            });
            match cloud
                .invoke(&caller, "states", "StartExecution", request)
                .await
            {
                Err(error) if error.code == "ExecutionAlreadyExists" => Ok(()),
                answer => answer.map(drop),
            }
        }
        Called::Universal { service, action } => {
            let input = match target.input {
                Some(_) => input,
                None => "{}".to_owned(),
            };
            universal::call(cloud, &caller, service, action, &input).await
        }
    }
}

/// Puts the attributes of an invocation in place of their names.
fn with_context(input: &str, invocation: &Invocation) -> String {
    let time = moment(invocation.scheduled).to_rfc3339_opts(SecondsFormat::Secs, true);
    let attempt = (invocation.attempt + 1).to_string();
    [
        ("schedule-arn", invocation.schedule_arn.as_str()),
        ("scheduled-time", time.as_str()),
        ("execution-id", invocation.id.as_str()),
        ("attempt-number", attempt.as_str()),
    ]
    .iter()
    .fold(input.to_owned(), |input, (name, value)| {
        input.replace(&format!("<aws.scheduler.{name}>"), value)
    })
}

/// What a target without an input is told.
fn notification(cloud: &Cloud, invocation: &Invocation) -> Value {
    json!({
        "version": "0",
        "id": invocation.id,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": cloud.account(),
        "time": moment(invocation.scheduled).to_rfc3339_opts(SecondsFormat::Secs, true),
        "region": invocation.region,
        "resources": [invocation.schedule_arn],
        "detail": "{}",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_state_machine_or_an_operation_and_others_are_refused_by_name() {
        assert_eq!(
            Called::of("arn:aws:scheduler:::aws-sdk:glue:startCrawler").unwrap(),
            Called::Universal {
                service: "glue",
                action: "startCrawler"
            }
        );
        assert_eq!(
            Called::of("arn:aws:states:eu-west-1:000000000000:stateMachine:films").unwrap(),
            Called::StateMachine {
                region: "eu-west-1"
            }
        );
        let lambda = "arn:aws:lambda:eu-west-1:000000000000:function:resize";
        let refused = Called::of(lambda).unwrap_err();
        assert!(refused.message.contains(lambda), "{}", refused.message);
        assert_eq!(
            Called::of("films").unwrap_err().message,
            "Provided Arn is not in correct format."
        );
    }
}
