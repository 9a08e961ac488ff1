//! `s3:getObject` and its like: what the `ItemReader` and the `ResultWriter` of a distributed Map
//! call.
//!
//! Source: "ItemReader (Map)" and "ResultWriter (Map)", AWS Step Functions developer guide.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::Value;

use super::call::Call;
use super::casing;
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern};

pub(super) struct S3;

static NAMING: Naming = Naming {
    api: "s3",
    sdk: Sdk::Two,
    prefix: "S3",
    service: "S3",
    general: "S3Exception",
    modelled: errors::S3,
};

#[async_trait]
impl Family for S3 {
    fn name(&self) -> &'static str {
        "s3"
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        match (call.action, call.pattern) {
            ("getObject" | "listObjectsV2" | "putObject", Pattern::RequestResponse) => {
                let operation = casing::first_upper(call.action);
                call.invoke(&NAMING, &operation, call.parameters.clone())
                    .await
            }
            _ => Err(call.not_supported()),
        }
    }
}
