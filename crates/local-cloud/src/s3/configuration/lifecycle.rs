//! Lifecycle rules. They are kept and given back; objects do not expire in the embedded cloud.

use s3s::dto::*;
use serde::{Deserialize, Serialize};

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

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Lifecycle {
    rules: Vec<LifecycleRule>,
    /// Below which size objects stay where they are.
    #[serde(default)]
    minimum_size: Option<String>,
}

pub async fn get_bucket_lifecycle_configuration(
    call: &Call,
    input: GetBucketLifecycleConfigurationInput,
) -> Result<GetBucketLifecycleConfigurationOutput, ServiceError> {
    let lifecycle: Lifecycle = get(call, &input.bucket, &LIFECYCLE)?;
    let size = lifecycle
        .minimum_size
        .unwrap_or_else(|| TransitionDefaultMinimumObjectSize::ALL_STORAGE_CLASSES_128K.to_owned());
    Ok(GetBucketLifecycleConfigurationOutput {
        rules: Some(lifecycle.rules),
        transition_default_minimum_object_size: Some(size.into()),
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
    let mut ids: Vec<_> = lifecycle.rules.iter().map(|rule| &rule.id).collect();
    ids.sort();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(errors::invalid_argument(
            "Rule ID must be unique. Found same ID for more than one rule",
        ));
    }
    let size = input
        .transition_default_minimum_object_size
        .as_ref()
        .map(TransitionDefaultMinimumObjectSize::as_str);
    if !matches!(
        size,
        None | Some("varies_by_storage_class" | "all_storage_classes_128K")
    ) {
        return Err(errors::invalid_argument(
            "Invalid transition default minimum object size",
        ));
    }
    let lifecycle = Lifecycle {
        rules: lifecycle.rules,
        minimum_size: size.map(str::to_owned),
    };
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
    if let Some(expiration) = &rule.expiration {
        let said = [
            expiration.days.is_some(),
            expiration.date.is_some(),
            expiration.expired_object_delete_marker.is_some(),
        ];
        if said.into_iter().filter(|is| *is).count() != 1 {
            return Err(errors::malformed_xml());
        }
    }
    for transition in rule.transitions.iter().flatten() {
        let class = transition.storage_class.as_ref();
        check_transition(class, transition.days)?;
        if transition.days.is_some() == transition.date.is_some() {
            return Err(errors::malformed_xml());
        }
    }
    for transition in rule.noncurrent_version_transitions.iter().flatten() {
        let class = transition.storage_class.as_ref();
        check_transition(class, transition.noncurrent_days)?;
    }
    Ok(())
}

fn check_transition(
    class: Option<&TransitionStorageClass>,
    days: Option<i32>,
) -> Result<(), ServiceError> {
    match class.map(TransitionStorageClass::as_str) {
        Some(class @ ("STANDARD_IA" | "ONEZONE_IA")) if days.is_some_and(|days| days < 30) => {
            Err(errors::invalid_argument(format!(
                "'Days' in Transition action must be greater than or equal to 30 for storageClass '{class}'"
            )))
        }
        Some(
            "STANDARD_IA"
            | "ONEZONE_IA"
            | "INTELLIGENT_TIERING"
            | "GLACIER"
            | "GLACIER_IR"
            | "DEEP_ARCHIVE",
        ) => Ok(()),
        _ => Err(errors::malformed_xml()),
    }
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
