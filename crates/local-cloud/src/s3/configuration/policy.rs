//! Bucket policies.

use iam_policy::{Document, Kind};
use s3s::dto::*;

use super::super::{Call, access};
use super::public_access::PUBLIC_ACCESS;
use super::{Setting, delete, get, load, put};
use crate::error::ServiceError;

const POLICY: Setting = Setting {
    kind: "policy",
    get: "s3:GetBucketPolicy",
    put: "s3:PutBucketPolicy",
    unset: ("NoSuchBucketPolicy", "The bucket policy does not exist"),
};

pub async fn get_bucket_policy(
    call: &Call,
    input: GetBucketPolicyInput,
) -> Result<GetBucketPolicyOutput, ServiceError> {
    let policy: serde_json::Value = get(call, &input.bucket, &POLICY)?;
    Ok(GetBucketPolicyOutput {
        policy: Some(policy.to_string()),
    })
}

pub async fn put_bucket_policy(
    call: &Call,
    input: PutBucketPolicyInput,
) -> Result<PutBucketPolicyOutput, ServiceError> {
    let malformed = |message: String| ServiceError::new("MalformedPolicy", message);
    let document = Document::parse_as(&input.policy, Kind::Resource)
        .map_err(|error| malformed(error.to_string()))?;
    let arn = format!("arn:aws:s3:::{}", input.bucket);
    let is_elsewhere = document
        .statements
        .iter()
        .filter_map(|s| s.resources.as_ref())
        .flat_map(iam_policy::Named::patterns)
        .any(|r| r != "*" && r.split('/').next() != Some(arn.as_str()) && !r.contains(['*', '$']));
    if is_elsewhere {
        return Err(malformed("Policy has invalid resource".to_owned()));
    }
    let is_public = is_public(&document);
    let blocks = call
        .cloud
        .store()
        .read(|c| load::<PublicAccessBlockConfiguration>(c, &input.bucket, &PUBLIC_ACCESS))?;
    if is_public && blocks.is_some_and(|b| b.block_public_policy == Some(true)) {
        return Err(ServiceError::new(
            "AccessDenied",
            format!(
                "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{arn}\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
                call.caller.arn()
            ),
        )
        .with_status(403));
    }
    let value: serde_json::Value = serde_json::from_str(&input.policy)?;
    put(call, &input.bucket, &POLICY, &value)?;
    Ok(PutBucketPolicyOutput::default())
}

/// Whether a statement lets everyone in, without a condition on who.
fn is_public(document: &Document) -> bool {
    document.statements.iter().any(|s| {
        s.effect == iam_policy::Effect::Allow
            && s.conditions.is_empty()
            && s.principals
                .as_ref()
                .is_some_and(|p| p.all_but || p.entries.iter().any(|(_, value)| value == "*"))
    })
}

pub async fn delete_bucket_policy(
    call: &Call,
    input: DeleteBucketPolicyInput,
) -> Result<DeleteBucketPolicyOutput, ServiceError> {
    delete(call, &input.bucket, &POLICY, "s3:DeleteBucketPolicy")?;
    Ok(DeleteBucketPolicyOutput::default())
}

pub async fn get_bucket_policy_status(
    call: &Call,
    input: GetBucketPolicyStatusInput,
) -> Result<GetBucketPolicyStatusOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:GetBucketPolicyStatus", None)?;
    let policy: serde_json::Value = get(call, &input.bucket, &POLICY)?;
    let is_public = Document::from_value(&policy).is_ok_and(|d| is_public(&d));
    Ok(GetBucketPolicyStatusOutput {
        policy_status: Some(PolicyStatus {
            is_public: Some(is_public),
        }),
    })
}
