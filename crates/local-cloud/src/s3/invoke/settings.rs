//! What buckets are set to.

use s3s::dto::*;
use serde_json::{Value, json};

use super::super::{Call, configuration};
use super::{Given, compact};
use crate::error::ServiceError;

pub(super) async fn get_bucket_versioning(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = GetBucketVersioningInput {
        bucket: given.required("Bucket")?,
        ..Default::default()
    };
    let output = configuration::get_bucket_versioning(call, input).await?;
    let status = output.status.as_ref().map(BucketVersioningStatus::as_str);
    Ok(compact(json!({"Status": status})))
}

pub(super) async fn put_bucket_versioning(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let wanted = given.structure("VersioningConfiguration")?;
    let input = PutBucketVersioningInput::builder()
        .bucket(given.required("Bucket")?)
        .versioning_configuration(VersioningConfiguration {
            mfa_delete: wanted.text("MFADelete").map(MFADelete::from),
            status: wanted.text("Status").map(BucketVersioningStatus::from),
        })
        .build()
        .map_err(ServiceError::internal)?;
    configuration::put_bucket_versioning(call, input).await?;
    Ok(json!({}))
}

pub(super) async fn get_bucket_policy(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = GetBucketPolicyInput {
        bucket: given.required("Bucket")?,
        ..Default::default()
    };
    let output = configuration::get_bucket_policy(call, input).await?;
    Ok(json!({"Policy": output.policy}))
}

pub(super) async fn put_bucket_policy(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = PutBucketPolicyInput {
        bucket: given.required("Bucket")?,
        policy: given.required("Policy")?,
        ..Default::default()
    };
    configuration::put_bucket_policy(call, input).await?;
    Ok(json!({}))
}

pub(super) async fn delete_bucket_policy(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = DeleteBucketPolicyInput {
        bucket: given.required("Bucket")?,
        ..Default::default()
    };
    configuration::delete_bucket_policy(call, input).await?;
    Ok(json!({}))
}

pub(super) async fn put_bucket_tagging(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = PutBucketTaggingInput::builder()
        .bucket(given.required("Bucket")?)
        .tagging(given.tagging()?)
        .build()
        .map_err(ServiceError::internal)?;
    configuration::put_bucket_tagging(call, input).await?;
    Ok(json!({}))
}

pub(super) async fn delete_bucket_tagging(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = DeleteBucketTaggingInput {
        bucket: given.required("Bucket")?,
        ..Default::default()
    };
    configuration::delete_bucket_tagging(call, input).await?;
    Ok(json!({}))
}

pub(super) async fn get_public_access_block(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = GetPublicAccessBlockInput {
        bucket: given.required("Bucket")?,
        ..Default::default()
    };
    let output = configuration::get_public_access_block(call, input).await?;
    let block = output.public_access_block_configuration.unwrap_or_default();
    Ok(json!({"PublicAccessBlockConfiguration": {
        "BlockPublicAcls": block.block_public_acls,
        "IgnorePublicAcls": block.ignore_public_acls,
        "BlockPublicPolicy": block.block_public_policy,
        "RestrictPublicBuckets": block.restrict_public_buckets,
    }}))
}

pub(super) async fn put_public_access_block(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let wanted = given.structure("PublicAccessBlockConfiguration")?;
    let flag = |member: &str| wanted.0.get(member).and_then(Value::as_bool);
    let input = PutPublicAccessBlockInput::builder()
        .bucket(given.required("Bucket")?)
        .public_access_block_configuration(PublicAccessBlockConfiguration {
            block_public_acls: flag("BlockPublicAcls"),
            block_public_policy: flag("BlockPublicPolicy"),
            ignore_public_acls: flag("IgnorePublicAcls"),
            restrict_public_buckets: flag("RestrictPublicBuckets"),
        })
        .build()
        .map_err(ServiceError::internal)?;
    configuration::put_public_access_block(call, input).await?;
    Ok(json!({}))
}

pub(super) async fn delete_public_access_block(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = DeletePublicAccessBlockInput {
        bucket: given.required("Bucket")?,
        ..Default::default()
    };
    configuration::delete_public_access_block(call, input).await?;
    Ok(json!({}))
}
