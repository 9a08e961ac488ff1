//! `aws-sdk:SERVICE:ACTION`: every operation of every embedded service.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::Value;

use super::call::Call;
use super::casing;
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern};
use crate::{cloud, model, s3};

pub(super) struct AwsSdk;

/// A service by its name in the resource, and what the SDK calls it.
static SERVICES: &[(&str, Naming)] = &[
    (
        "athena",
        named("athena", "Athena", "AthenaException", errors::ATHENA),
    ),
    (
        "cloudwatchlogs",
        named(
            "logs",
            "CloudWatchLogs",
            "CloudWatchLogsException",
            errors::LOGS,
        ),
    ),
    ("glue", named("glue", "Glue", "GlueException", errors::GLUE)),
    ("iam", named("iam", "Iam", "IamException", errors::IAM)),
    ("s3", named("s3", "S3", "S3Exception", errors::S3)),
    (
        "scheduler",
        named(
            "scheduler",
            "Scheduler",
            "SchedulerException",
            errors::SCHEDULER,
        ),
    ),
    ("sfn", named("states", "Sfn", "SfnException", errors::SFN)),
    ("sts", named("sts", "Sts", "StsException", errors::STS)),
];

const fn named(
    api: &'static str,
    name: &'static str,
    general: &'static str,
    modelled: &'static [&'static str],
) -> Naming {
    Naming {
        api,
        sdk: Sdk::Two,
        prefix: name,
        service: name,
        general,
        modelled,
    }
}

#[async_trait]
impl Family for AwsSdk {
    fn name(&self) -> &'static str {
        "aws-sdk"
    }

    fn takes_tokens(&self) -> bool {
        true
    }

    fn has(&self, action: &str, pattern: Pattern) -> bool {
        pattern == Pattern::RequestResponse && named_in(action).is_some()
    }

    fn answers(&self, action: &str) -> bool {
        let Some((naming, operation)) = named_in(action) else {
            return false;
        };
        if naming.api == "s3" {
            return s3::OPERATIONS.contains(&operation.as_str());
        }
        let mut known = cloud::SERVICES.iter().filter(|api| api.name == naming.api);
        known.any(|api| api.operations.iter().any(|known| known.name == operation))
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let (naming, operation) = named_in(call.action).ok_or_else(|| call.not_supported())?;
        let parameters = with_json_body(naming, call.parameters.clone());
        call.invoke(naming, &operation, parameters).await
    }
}

/// A body that is put into S3 is the JSON that it is, a text with its quotes; the operations of S3
/// take a text as its bytes.
///
/// Source: AWS's recorded `aws-sdk:s3:putObject`, whose Body `text data` becomes an object of 11 bytes.
fn with_json_body(naming: &Naming, mut parameters: Value) -> Value {
    if naming.api == "s3"
        && let Some(body) = parameters.get_mut("Body")
        && body.is_string()
    {
        *body = Value::String(body.to_string());
    }
    parameters
}

/// The service and the operation of `SERVICE:ACTION`.
pub(super) fn named_in(action: &str) -> Option<(&'static Naming, String)> {
    let (service, action) = action.split_once(':')?;
    let (_, naming) = SERVICES.iter().find(|(name, _)| *name == service)?;
    Some((naming, casing::first_upper(action)))
}

/// Every operation of a service's API.
pub(super) fn all_operations(service: &str) -> Option<&'static [&'static str]> {
    let (_, naming) = SERVICES.iter().find(|(name, _)| *name == service)?;
    if naming.api == "s3" {
        return Some(model::s3::ALL);
    }
    let api = cloud::SERVICES.iter().find(|api| api.name == naming.api)?;
    Some(api.all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_has_more_than_is_answered_here() {
        let answers = |action| AwsSdk.answers(action);
        for action in ["glue:getTable", "s3:listObjectsV2", "sfn:startExecution"] {
            assert!(answers(action), "{action}");
        }
        for action in [
            "glue:createJob",
            "s3:restoreObject",
            "glue:getTabel",
            "sqs:x",
        ] {
            assert!(!answers(action), "{action}");
        }
        let has = |service, name| all_operations(service).is_some_and(|all| all.contains(&name));
        assert!(has("s3", "RestoreObject") && has("glue", "CreateJob"));
        assert!(!has("s3", "GetObjekt") && !has("sqs", "SendMessage"));
    }
}
