//! A role that IAM has made, and that the other services do not know yet.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::called::Called;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam;

/// The refusal of a call that passes a role made less than `time` ago; `None` lets it through.
pub(super) fn refuse(cloud: &Cloud, called: &Called, time: Duration) -> Option<ServiceError> {
    let role = passed(called)?;
    let name = role.rsplit('/').next().unwrap_or(&role).to_owned();
    let found = cloud.store().read(|c| iam::find_role(c, &name));
    let created = match found {
        Ok(role) => role?.created,
        Err(error) => return Some(error),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let is_new = now.as_secs_f64() - created < time.as_secs_f64();
    is_new.then(|| refusal(called, &role))
}

/// The role that a call passes to a service, by its ARN or its name.
fn passed(called: &Called) -> Option<String> {
    let path = match (called.service_name(), called.operation.as_str()) {
        ("glue", "CreateCrawler" | "UpdateCrawler") => "/Role",
        ("states", "CreateStateMachine" | "UpdateStateMachine") => "/roleArn",
        ("scheduler", "CreateSchedule" | "UpdateSchedule") => "/Target/RoleArn",
        _ => return None,
    };
    let input: Value = serde_json::from_slice(&called.body).ok()?;
    input.pointer(path)?.as_str().map(str::to_owned)
}

/// As AWS's users report them.
fn refusal(called: &Called, role: &str) -> ServiceError {
    match called.service_name() {
        "states" => ServiceError::new(
            "AccessDeniedException",
            format!(
                "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role. role arn: {role}"
            ),
        ),
        "scheduler" => ServiceError::new(
            "ValidationException",
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        ),
        _ => ServiceError::new(
            "InvalidInputException",
            "Service is unable to assume provided role. Please verify role's TrustPolicy (Service: AWSGlue; Status Code: 400; Error Code: InvalidInputException)",
        ),
    }
}
