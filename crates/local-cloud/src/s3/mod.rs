//! S3: buckets and objects.

use serde_json::Value;

use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// The tables of this service in the store.
pub const SCHEMA: &str = "";

struct Storage;
impl s3s::S3 for Storage {}

/// The service as s3s speaks it.
pub fn service(_cloud: Cloud) -> s3s::service::S3Service {
    s3s::service::S3ServiceBuilder::new(Storage).build()
}

/// An operation by name.
pub async fn invoke(
    _cloud: &Cloud,
    _caller: &Caller,
    operation: &str,
    _input: Value,
) -> Result<Value, ServiceError> {
    Err(ServiceError::not_supported("s3", operation))
}
