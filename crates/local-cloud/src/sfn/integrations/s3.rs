//! `s3:getObject` and its like: what the `ItemReader` and the `ResultWriter` of a distributed Map
//! call.
//!
//! Source: "ItemReader (Map)" and "ResultWriter (Map)", AWS Step Functions developer guide.

use asl::{Bytes, TaskError};
use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore as _};
use serde_json::Value;

use super::call::Call;
use super::casing;
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern, runtime};
use crate::caller::Caller;
use crate::cloud::Cloud;
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

/// The content of an object as it is read; none of one that cannot be, for a call of getObject to
/// tell why.
pub(super) async fn read(cloud: &Cloud, caller: Caller, object: &asl::Object) -> Option<Bytes> {
    // Of keys such as `a//b` the path would be another.
    let path = Path::parse(&object.key).ok()?;
    if path.as_ref() != object.key {
        return None;
    }
    let store = BucketStore::new(cloud.clone(), caller, object.bucket.clone());
    let options = GetOptions {
        version: object.version.clone(),
        ..GetOptions::default()
    };
    let got = store.get_opts(&path, options).await.ok()?;
    let bytes = got
        .into_stream()
        .map_ok(|bytes| bytes.to_vec())
        .map_err(|error| runtime(error.to_string()));
    Some(bytes.boxed())
}
