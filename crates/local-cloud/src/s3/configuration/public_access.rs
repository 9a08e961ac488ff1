//! Who may reach a bucket at all: Block Public Access and object ownership.

use s3s::dto::*;

use super::super::{Call, errors};
use super::{Setting, delete, get, put};
use crate::error::ServiceError;

pub(super) const PUBLIC_ACCESS: Setting = Setting {
    kind: "public-access-block",
    get: "s3:GetBucketPublicAccessBlock",
    put: "s3:PutBucketPublicAccessBlock",
    unset: (
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
};
pub(super) const OWNERSHIP: Setting = Setting {
    kind: "ownership",
    get: "s3:GetBucketOwnershipControls",
    put: "s3:PutBucketOwnershipControls",
    unset: (
        "OwnershipControlsNotFoundError",
        "The bucket ownership controls were not found",
    ),
};

pub async fn get_public_access_block(
    call: &Call,
    input: GetPublicAccessBlockInput,
) -> Result<GetPublicAccessBlockOutput, ServiceError> {
    Ok(GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(get(call, &input.bucket, &PUBLIC_ACCESS)?),
    })
}

pub async fn put_public_access_block(
    call: &Call,
    input: PutPublicAccessBlockInput,
) -> Result<PutPublicAccessBlockOutput, ServiceError> {
    let given = input.public_access_block_configuration;
    let block = PublicAccessBlockConfiguration {
        block_public_acls: Some(given.block_public_acls.unwrap_or(false)),
        block_public_policy: Some(given.block_public_policy.unwrap_or(false)),
        ignore_public_acls: Some(given.ignore_public_acls.unwrap_or(false)),
        restrict_public_buckets: Some(given.restrict_public_buckets.unwrap_or(false)),
    };
    put(call, &input.bucket, &PUBLIC_ACCESS, &block)?;
    Ok(PutPublicAccessBlockOutput::default())
}

pub async fn delete_public_access_block(
    call: &Call,
    input: DeletePublicAccessBlockInput,
) -> Result<DeletePublicAccessBlockOutput, ServiceError> {
    delete(call, &input.bucket, &PUBLIC_ACCESS, PUBLIC_ACCESS.put)?;
    Ok(DeletePublicAccessBlockOutput::default())
}

pub async fn get_bucket_ownership_controls(
    call: &Call,
    input: GetBucketOwnershipControlsInput,
) -> Result<GetBucketOwnershipControlsOutput, ServiceError> {
    let ownership: String = get(call, &input.bucket, &OWNERSHIP)?;
    Ok(GetBucketOwnershipControlsOutput {
        ownership_controls: Some(OwnershipControls {
            rules: vec![OwnershipControlsRule {
                object_ownership: ObjectOwnership::from(ownership),
            }],
        }),
    })
}

pub async fn put_bucket_ownership_controls(
    call: &Call,
    input: PutBucketOwnershipControlsInput,
) -> Result<PutBucketOwnershipControlsOutput, ServiceError> {
    let [rule] = input.ownership_controls.rules.as_slice() else {
        return Err(errors::malformed_xml());
    };
    let ownership = rule.object_ownership.as_str();
    if ![
        ObjectOwnership::BUCKET_OWNER_ENFORCED,
        ObjectOwnership::BUCKET_OWNER_PREFERRED,
        ObjectOwnership::OBJECT_WRITER,
    ]
    .contains(&ownership)
    {
        return Err(errors::malformed_xml());
    }
    put(call, &input.bucket, &OWNERSHIP, &ownership)?;
    Ok(PutBucketOwnershipControlsOutput::default())
}

pub async fn delete_bucket_ownership_controls(
    call: &Call,
    input: DeleteBucketOwnershipControlsInput,
) -> Result<DeleteBucketOwnershipControlsOutput, ServiceError> {
    delete(call, &input.bucket, &OWNERSHIP, OWNERSHIP.put)?;
    Ok(DeleteBucketOwnershipControlsOutput::default())
}
