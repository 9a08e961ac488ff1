//! Whether a bucket keeps the versions of its objects.

use s3s::dto::*;

use super::super::{Call, access, errors};
use super::object_lock_of;
use crate::error::ServiceError;

pub async fn get_bucket_versioning(
    call: &Call,
    input: GetBucketVersioningInput,
) -> Result<GetBucketVersioningOutput, ServiceError> {
    let bucket = access::enter(call, &input.bucket, "s3:GetBucketVersioning", None)?;
    Ok(GetBucketVersioningOutput {
        mfa_delete: None,
        status: bucket.versioning.map(BucketVersioningStatus::from),
    })
}

pub async fn put_bucket_versioning(
    call: &Call,
    input: PutBucketVersioningInput,
) -> Result<PutBucketVersioningOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:PutBucketVersioning", None)?;
    let configuration = input.versioning_configuration;
    if configuration
        .mfa_delete
        .as_ref()
        .is_some_and(|m| m.as_str() == "Enabled")
    {
        return Err(errors::not_implemented("MFA delete"));
    }
    let status = configuration.status.ok_or_else(|| {
        ServiceError::new(
            "IllegalVersioningConfigurationException",
            "The Versioning element must be specified",
        )
    })?;
    if !["Enabled", "Suspended"].contains(&status.as_str()) {
        return Err(errors::malformed_xml());
    }
    call.cloud.store().write(|tx| {
        if status.as_str() != "Enabled" && object_lock_of(tx, &input.bucket)?.is_some() {
            return Err(ServiceError::new(
                "InvalidBucketState",
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
            )
            .with_status(409));
        }
        tx.execute(
            "UPDATE s3_buckets SET versioning = ?2 WHERE name = ?1",
            (&input.bucket, status.as_str()),
        )?;
        Ok(())
    })?;
    Ok(PutBucketVersioningOutput::default())
}
