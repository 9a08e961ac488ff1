//! Whether versions of objects can be locked, and for how long new ones are.

use rusqlite::Connection;
use s3s::dto::*;

use super::super::{Call, access, errors};
use super::{Setting, get, load, put};
use crate::error::ServiceError;

pub(super) const OBJECT_LOCK: Setting = Setting {
    kind: "object-lock",
    get: "s3:GetBucketObjectLockConfiguration",
    put: "s3:PutBucketObjectLockConfiguration",
    unset: (
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
};

pub(super) fn enabled() -> ObjectLockConfiguration {
    ObjectLockConfiguration {
        object_lock_enabled: Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED)),
        rule: None,
    }
}

/// A bucket's configuration, if objects can be locked in it.
pub fn object_lock_of(
    c: &Connection,
    bucket: &str,
) -> Result<Option<ObjectLockConfiguration>, ServiceError> {
    load(c, bucket, &OBJECT_LOCK)
}

pub async fn get_object_lock_configuration(
    call: &Call,
    input: GetObjectLockConfigurationInput,
) -> Result<GetObjectLockConfigurationOutput, ServiceError> {
    Ok(GetObjectLockConfigurationOutput {
        object_lock_configuration: Some(get(call, &input.bucket, &OBJECT_LOCK)?),
    })
}

pub async fn put_object_lock_configuration(
    call: &Call,
    input: PutObjectLockConfigurationInput,
) -> Result<PutObjectLockConfigurationOutput, ServiceError> {
    let bucket = access::enter(call, &input.bucket, OBJECT_LOCK.put, None)?;
    let wanted = input
        .object_lock_configuration
        .ok_or_else(errors::malformed_xml)?;
    let is_enabled = wanted
        .object_lock_enabled
        .as_ref()
        .is_some_and(|e| e.as_str() == ObjectLockEnabled::ENABLED);
    if !is_enabled {
        return Err(errors::malformed_xml());
    }
    if let Some(rule) = &wanted.rule {
        let retention = rule
            .default_retention
            .as_ref()
            .ok_or_else(errors::malformed_xml)?;
        check_retention(retention)?;
    }
    if bucket.versioning.as_deref() != Some("Enabled") {
        return Err(ServiceError::new(
            "InvalidBucketState",
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        )
        .with_status(409));
    }
    put(call, &input.bucket, &OBJECT_LOCK, &wanted)?;
    Ok(PutObjectLockConfigurationOutput::default())
}

fn check_retention(retention: &DefaultRetention) -> Result<(), ServiceError> {
    let mode = retention.mode.as_ref().map(ObjectLockRetentionMode::as_str);
    if !matches!(mode, Some("GOVERNANCE" | "COMPLIANCE")) {
        return Err(errors::malformed_xml());
    }
    let (period, most) = match (retention.days, retention.years) {
        (Some(days), None) => (days, 36_500),
        (None, Some(years)) => (years, 100),
        _ => return Err(errors::malformed_xml()),
    };
    if period < 1 {
        return Err(errors::invalid_argument(
            "Default retention period must be a positive integer value.",
        ));
    }
    if period > most {
        return Err(ServiceError::new(
            "InvalidRetentionPeriod",
            "The retention period is too large.",
        ));
    }
    Ok(())
}
