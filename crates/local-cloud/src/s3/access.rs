//! Whether a caller may do something with a bucket or an object.

use iam_policy::Document;

use super::{Call, buckets};
use crate::error::ServiceError;
use crate::iam;

/// Finds the bucket of a request and checks that its caller may do `action` on it, or on the
/// object `key` in it.
pub(super) fn enter(
    call: &Call,
    bucket: &str,
    action: &str,
    key: Option<&str>,
) -> Result<buckets::Bucket, ServiceError> {
    enter_with(call, bucket, action, key, &[])
}

/// [`enter`] with condition keys.
pub(super) fn enter_with(
    call: &Call,
    bucket: &str,
    action: &str,
    key: Option<&str>,
    context: &[(&str, &str)],
) -> Result<buckets::Bucket, ServiceError> {
    let found = buckets::find(call, bucket)?;
    check(call, &found, action, key, context)?;
    Ok(found)
}

/// Checks an action on a bucket that is at hand.
pub(super) fn check(
    call: &Call,
    bucket: &buckets::Bucket,
    action: &str,
    key: Option<&str>,
    context: &[(&str, &str)],
) -> Result<(), ServiceError> {
    let name = &bucket.name;
    let resource = match key {
        Some(key) => format!("arn:aws:s3:::{name}/{key}"),
        None => format!("arn:aws:s3:::{name}"),
    };
    // A policy in the store was checked when it was put there.
    let policy = bucket
        .policy
        .as_deref()
        .and_then(|text| Document::parse(text).ok());
    iam::decide(
        &call.cloud,
        &call.caller,
        action,
        &resource,
        context,
        policy.as_ref(),
    )
    .map_err(denied)
}

/// Checks an action that is on no bucket.
pub(super) fn check_account(call: &Call, action: &str) -> Result<(), ServiceError> {
    iam::decide(&call.cloud, &call.caller, action, "*", &[], None).map_err(denied)
}

/// The refusal in S3's spelling, which puts the resource in quotes.
fn denied(mut denied: iam::Denied) -> ServiceError {
    denied.resource = format!("\"{}\"", denied.resource);
    ServiceError::new("AccessDenied", denied.to_string()).with_status(403)
}

/// Checks an action on a bucket that is not there yet.
pub(super) fn check_account_on(
    call: &Call,
    action: &str,
    bucket: &str,
) -> Result<(), ServiceError> {
    let resource = format!("arn:aws:s3:::{bucket}");
    iam::decide(&call.cloud, &call.caller, action, &resource, &[], None).map_err(denied)
}
