//! Transfer acceleration. It is kept and given back; on this machine nothing is far away.

use s3s::dto::*;

use super::super::{Call, access, errors};
use super::{Setting, load, put};
use crate::error::ServiceError;

const ACCELERATE: Setting = Setting {
    kind: "accelerate",
    get: "s3:GetAccelerateConfiguration",
    put: "s3:PutAccelerateConfiguration",
    unset: ("NoSuchConfiguration", "It was never accelerated"),
};

pub async fn get_bucket_accelerate_configuration(
    call: &Call,
    input: GetBucketAccelerateConfigurationInput,
) -> Result<GetBucketAccelerateConfigurationOutput, ServiceError> {
    access::enter(call, &input.bucket, ACCELERATE.get, None)?;
    let status: Option<String> = call
        .cloud
        .store()
        .read(|c| load(c, &input.bucket, &ACCELERATE))?;
    Ok(GetBucketAccelerateConfigurationOutput {
        status: status.map(BucketAccelerateStatus::from),
        request_charged: None,
    })
}

pub async fn put_bucket_accelerate_configuration(
    call: &Call,
    input: PutBucketAccelerateConfigurationInput,
) -> Result<PutBucketAccelerateConfigurationOutput, ServiceError> {
    let status = input
        .accelerate_configuration
        .status
        .ok_or_else(errors::malformed_xml)?;
    if !["Enabled", "Suspended"].contains(&status.as_str()) {
        return Err(errors::malformed_xml());
    }
    if input.bucket.contains('.') {
        return Err(errors::invalid_request(
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
        ));
    }
    put(call, &input.bucket, &ACCELERATE, &status.as_str())?;
    Ok(PutBucketAccelerateConfigurationOutput::default())
}
