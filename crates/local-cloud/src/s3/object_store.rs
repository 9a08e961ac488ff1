//! The way in for those who read and write objects and know no S3: the crawler, the query engine.

use std::sync::Arc;

use object_store::ObjectStore;

use super::BucketStore;
use crate::caller::Caller;
use crate::cloud::Cloud;

/// The bucket of this name as an object store. Every call is authorized as `caller`, as it would
/// be through the API; the source of an error is the [`crate::ServiceError`] that S3 answers with.
/// Whether there is such a bucket shows at the first call.
pub fn object_store(cloud: &Cloud, caller: &Caller, bucket: &str) -> Arc<dyn ObjectStore> {
    Arc::new(BucketStore::new(cloud.clone(), caller.clone(), bucket))
}
