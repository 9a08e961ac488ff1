//! `aws-sdk:SERVICE:ACTION`: every operation of every embedded service.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::Value;

use super::casing::{self, Times};
use super::errors::{self, Naming};
use super::{Call, Family, Pattern, runtime};
use crate::cloud::SERVICES;
use crate::model::Operation;

pub(super) struct AwsSdk;

/// A service by its name in the resource, and what the SDK calls it.
static NAMES: &[(&str, Naming)] = &[
    ("athena", named("Athena", "AthenaException", errors::ATHENA)),
    ("glue", named("Glue", "GlueException", errors::GLUE)),
    ("iam", named("Iam", "IamException", errors::IAM)),
    ("s3", named("S3", "S3Exception", errors::S3)),
    ("sfn", named("Sfn", "SfnException", errors::SFN)),
    ("sts", named("Sts", "StsException", errors::STS)),
];

const fn named(
    name: &'static str,
    general: &'static str,
    modelled: &'static [&'static str],
) -> Naming {
    Naming {
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

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let known = call.action.split_once(':').and_then(|(service, action)| {
            let (_, naming) = NAMES.iter().find(|(name, _)| *name == service)?;
            Some((service, action, naming))
        });
        let Some((service, action, naming)) = known else {
            return Err(call.not_supported());
        };
        if call.pattern != Pattern::RequestResponse {
            return Err(call.not_supported());
        }
        let operation = casing::first_upper(action);
        let model = model(service, &operation);
        let input = match model.and_then(|model| model.input) {
            Some(shape) => casing::request(shape, call.parameters.clone())
                .map_err(|error| runtime(error.to_string()))?,
            None => call.parameters.clone(),
        };
        let answer = call
            .invoke(service, &operation, input)
            .await
            .map_err(|error| errors::sdk(naming, &error))?;
        Ok(match model.and_then(|model| model.output) {
            Some(shape) => casing::result(shape, answer, Times::Iso),
            None => answer,
        })
    }
}

/// The model of an operation; S3 speaks as Step Functions does by itself.
fn model(service: &str, operation: &str) -> Option<&'static Operation> {
    let name = if service == "sfn" { "states" } else { service };
    let service = SERVICES.iter().find(|s| s.name == name)?;
    service.operations.iter().find(|o| o.name == operation)
}
