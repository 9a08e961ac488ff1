//! `aws-sdk:SERVICE:ACTION`: every operation of every embedded service.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::Value;

use super::call::Call;
use super::casing;
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern};
use crate::cloud;

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

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let (naming, operation) = named_in(call.action).ok_or_else(|| call.not_supported())?;
        call.invoke(naming, &operation, call.parameters.clone())
            .await
    }
}

/// The service and the operation of `SERVICE:ACTION`.
fn named_in(action: &str) -> Option<(&'static Naming, String)> {
    let (service, action) = action.split_once(':')?;
    let (_, naming) = SERVICES.iter().find(|(name, _)| *name == service)?;
    Some((naming, casing::first_upper(action)))
}

/// Every operation of a service's API; none of S3, whose API has no model here.
pub(super) fn all_operations(service: &str) -> Option<&'static [&'static str]> {
    let (_, naming) = SERVICES.iter().find(|(name, _)| *name == service)?;
    let api = cloud::SERVICES.iter().find(|api| api.name == naming.api)?;
    Some(api.all)
}
