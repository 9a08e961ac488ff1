//! `aws-sdk:SERVICE:ACTION`: every operation of every embedded service.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::Value;

use super::call::Call;
use super::casing;
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern};

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

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let known = call.action.split_once(':').and_then(|(service, action)| {
            let (_, naming) = SERVICES.iter().find(|(name, _)| *name == service)?;
            Some((action, naming))
        });
        match known {
            Some((action, naming)) if call.pattern == Pattern::RequestResponse => {
                let operation = casing::first_upper(action);
                call.invoke(naming, &operation, call.parameters.clone())
                    .await
            }
            _ => Err(call.not_supported()),
        }
    }
}
