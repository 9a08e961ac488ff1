//! `s3:getObject` and its like: what the `ItemReader` and the `ResultWriter` of a distributed Map
//! call.
//!
//! Source: "ItemReader (Map)" and "ResultWriter (Map)", AWS Step Functions developer guide.

use asl::{Bytes, TaskError};
use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::call::Call;
use super::casing;
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::s3::BucketStore;

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

    fn has(&self, action: &str, pattern: Pattern) -> bool {
        let actions = ["getObject", "listObjectsV2", "putObject"];
        actions.contains(&action) && pattern == Pattern::RequestResponse
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let operation = casing::first_upper(call.action);
        call.invoke(&NAMING, &operation, call.parameters.clone())
            .await
    }
}

/// The content of an object as it is read; what hinders that is told as getObject tells it.
pub(super) fn read(
    cloud: &Cloud,
    caller: Caller,
    object: &asl::Object,
) -> Result<Bytes, TaskError> {
    let refused = |error: ServiceError| errors::failure(&NAMING, &error);
    let store = BucketStore::new(cloud.clone(), caller, object.bucket.clone());
    let content = store
        .content(&object.key, object.version.as_deref())
        .map_err(refused)?;
    Ok(content
        .map_ok(|piece| piece.to_vec())
        .map_err(refused)
        .boxed())
}
