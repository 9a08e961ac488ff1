//! What no bucket of the embedded cloud is set to: it reads as S3 gives what is unset, and
//! cannot be set.

use s3s::dto::*;

use super::{Call, access, buckets};
use crate::error::ServiceError;

fn not_found(code: &str, message: &str) -> ServiceError {
    ServiceError::new(code, message).with_status(404)
}

fn grants(call: &Call) -> Grants {
    let grantee = Grantee {
        display_name: None,
        email_address: None,
        id: buckets::owner(call).id,
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    };
    vec![Grant {
        grantee: Some(grantee),
        permission: Some(Permission::from_static(Permission::FULL_CONTROL)),
    }]
}

/// A bucket without ACLs shows the one that says the same: all to its owner.
pub(super) async fn get_bucket_acl(
    call: &Call,
    input: GetBucketAclInput,
) -> Result<GetBucketAclOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:GetBucketAcl", None)?;
    Ok(GetBucketAclOutput {
        grants: Some(grants(call)),
        owner: Some(buckets::owner(call)),
    })
}

pub(super) async fn get_object_acl(
    call: &Call,
    input: GetObjectAclInput,
) -> Result<GetObjectAclOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:GetObjectAcl", Some(&input.key))?;
    Ok(GetObjectAclOutput {
        grants: Some(grants(call)),
        owner: Some(buckets::owner(call)),
        request_charged: None,
    })
}

pub(super) async fn get_bucket_website(
    call: &Call,
    input: GetBucketWebsiteInput,
) -> Result<GetBucketWebsiteOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:GetBucketWebsite", None)?;
    Err(not_found(
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ))
}

pub(super) async fn get_bucket_replication(
    call: &Call,
    input: GetBucketReplicationInput,
) -> Result<GetBucketReplicationOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:GetReplicationConfiguration", None)?;
    Err(not_found(
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ))
}
