//! Lifecycle rules. They are kept and given back; objects do not expire in the embedded cloud.

use s3s::dto::*;

use super::super::{Call, errors};
use super::{Setting, delete, get, put};
use crate::error::ServiceError;

const LIFECYCLE: Setting = Setting {
    kind: "lifecycle",
    get: "s3:GetLifecycleConfiguration",
    put: "s3:PutLifecycleConfiguration",
    unset: (
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
    ),
};

pub async fn get_bucket_lifecycle_configuration(
    call: &Call,
    input: GetBucketLifecycleConfigurationInput,
) -> Result<GetBucketLifecycleConfigurationOutput, ServiceError> {
    let lifecycle: BucketLifecycleConfiguration = get(call, &input.bucket, &LIFECYCLE)?;
    Ok(GetBucketLifecycleConfigurationOutput {
        rules: Some(lifecycle.rules),
        transition_default_minimum_object_size: Some(
            TransitionDefaultMinimumObjectSize::from_static(
                TransitionDefaultMinimumObjectSize::ALL_STORAGE_CLASSES_128K,
            ),
        ),
    })
}

pub async fn put_bucket_lifecycle_configuration(
    call: &Call,
    input: PutBucketLifecycleConfigurationInput,
) -> Result<PutBucketLifecycleConfigurationOutput, ServiceError> {
    let mut lifecycle = input
        .lifecycle_configuration
        .ok_or_else(errors::malformed_xml)?;
    if lifecycle.rules.is_empty() || lifecycle.rules.len() > 1000 {
        return Err(errors::malformed_xml());
    }
    for rule in &mut lifecycle.rules {
        check_lifecycle_rule(rule)?;
        if rule.id.is_none() {
            rule.id = Some(uuid::Uuid::new_v4().to_string());
        }
    }
    put(call, &input.bucket, &LIFECYCLE, &lifecycle)?;
    Ok(PutBucketLifecycleConfigurationOutput {
        transition_default_minimum_object_size: input.transition_default_minimum_object_size,
    })
}

fn check_lifecycle_rule(rule: &LifecycleRule) -> Result<(), ServiceError> {
    let acts = rule.expiration.is_some()
        || rule.transitions.is_some()
        || rule.noncurrent_version_expiration.is_some()
        || rule.noncurrent_version_transitions.is_some()
        || rule.abort_incomplete_multipart_upload.is_some();
    if !acts {
        return Err(errors::invalid_request(
            "At least one action needs to be specified in a rule",
        ));
    }
    if rule.filter.is_some() == rule.prefix.is_some() || !is_status(rule.status.as_str()) {
        return Err(errors::malformed_xml());
    }
    let days = rule.expiration.as_ref().and_then(|e| e.days);
    if days.is_some_and(|days| days < 1) {
        return Err(errors::invalid_argument(
            "'Days' for Expiration action must be a positive integer",
        ));
    }
    Ok(())
}

fn is_status(status: &str) -> bool {
    ["Enabled", "Disabled"].contains(&status)
}

pub async fn delete_bucket_lifecycle(
    call: &Call,
    input: DeleteBucketLifecycleInput,
) -> Result<DeleteBucketLifecycleOutput, ServiceError> {
    delete(call, &input.bucket, &LIFECYCLE, LIFECYCLE.put)?;
    Ok(DeleteBucketLifecycleOutput::default())
}
