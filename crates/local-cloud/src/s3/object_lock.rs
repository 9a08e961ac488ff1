//! Locks on versions of objects: retention and legal holds. A locked version is not deleted.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use chrono::{DateTime, Months, Utc};
use rusqlite::{Connection, Transaction};
use s3s::dto::*;
use serde::{Deserialize, Serialize};

use super::versions::{self, Version};
use super::{Call, access, configuration, errors, seconds, timestamp};
use crate::error::ServiceError;

const GOVERNANCE: &str = ObjectLockRetentionMode::GOVERNANCE;
const COMPLIANCE: &str = ObjectLockRetentionMode::COMPLIANCE;

/// What keeps a version from being deleted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Lock {
    /// `GOVERNANCE` or `COMPLIANCE`, together with `until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<bool>,
}

impl Lock {
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// The lock that the headers of a write ask for.
    pub fn of_headers(
        mode: Option<&str>,
        until: Option<&Timestamp>,
        hold: Option<&str>,
    ) -> Result<Self, ServiceError> {
        if mode.is_some() != until.is_some() {
            return Err(errors::invalid_argument(
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            ));
        }
        let lock = Self {
            mode: mode.map(str::to_owned),
            until: until.map(seconds),
            hold: hold.map(|status| status == ObjectLockLegalHoldStatus::ON),
        };
        lock.check()?;
        Ok(lock)
    }

    fn check(&self) -> Result<(), ServiceError> {
        if let Some(mode) = &self.mode
            && ![GOVERNANCE, COMPLIANCE].contains(&mode.as_str())
        {
            return Err(errors::invalid_argument("Unknown wormMode directive."));
        }
        if self
            .until
            .is_some_and(|until| until <= Utc::now().timestamp())
        {
            return Err(errors::invalid_argument(
                "The retain until date must be in the future!",
            ));
        }
        Ok(())
    }

    fn is_retained(&self) -> bool {
        self.until
            .is_some_and(|until| until > Utc::now().timestamp())
    }

    /// Whether it keeps its version; `bypass` sets aside what is under governance alone.
    fn keeps(&self, bypass: bool) -> bool {
        let is_passed = bypass && self.mode.as_deref() == Some(GOVERNANCE);
        self.hold == Some(true) || (self.is_retained() && !is_passed)
    }

    pub fn retention_mode(&self) -> Option<String> {
        self.mode.clone()
    }

    pub fn retain_until(&self) -> Option<Timestamp> {
        self.until.map(|until| timestamp(until * 1000))
    }

    pub fn legal_hold(&self) -> Option<&'static str> {
        self.hold.map(|on| {
            if on {
                ObjectLockLegalHoldStatus::ON
            } else {
                ObjectLockLegalHoldStatus::OFF
            }
        })
    }
}

/// Refuses to delete a version that is locked.
pub(super) fn check_deletion(version: &Version, bypass: bool) -> Result<(), ServiceError> {
    if version.marker || !version.meta.lock.keeps(bypass) {
        return Ok(());
    }
    Err(ServiceError::new(
        "AccessDenied",
        "Access Denied because object protected by object lock.",
    )
    .with_status(403))
}

/// The lock of a new version: the one that was asked for, or the bucket's default.
pub(super) fn of_new(
    tx: &Transaction<'_>,
    bucket: &str,
    asked: &Lock,
) -> Result<Lock, ServiceError> {
    let Some(configuration) = configuration::object_lock_of(tx, bucket)? else {
        return if asked.is_unset() {
            Ok(Lock::default())
        } else {
            Err(not_lockable())
        };
    };
    let mut lock = asked.clone();
    let retention = configuration.rule.and_then(|r| r.default_retention);
    if lock.mode.is_none()
        && let Some(retention) = retention
    {
        lock.until = end_of(&retention).map(|end| end.timestamp());
        lock.mode = retention.mode.map(|mode| mode.as_str().to_owned());
    }
    Ok(lock)
}

fn end_of(retention: &DefaultRetention) -> Option<DateTime<Utc>> {
    let now = Utc::now();
    if let Some(days) = retention.days {
        return now.checked_add_signed(chrono::Duration::days(days.into()));
    }
    let years = u32::try_from(retention.years?).ok()?;
    now.checked_add_months(Months::new(years * 12))
}

fn not_lockable() -> ServiceError {
    errors::invalid_request("Bucket is missing Object Lock Configuration")
}

fn must_be_lockable(c: &Connection, bucket: &str) -> Result<(), ServiceError> {
    configuration::object_lock_of(c, bucket)?
        .map(drop)
        .ok_or_else(not_lockable)
}

/// Reads the lock of a version.
fn read(call: &Call, bucket: &str, key: &str, id: Option<&str>) -> Result<Lock, ServiceError> {
    call.cloud.store().read(|c| {
        must_be_lockable(c, bucket)?;
        let version = versions::find(c, bucket, key, id)?
            .filter(|v| !v.marker)
            .ok_or_else(|| errors::no_such_key(key))?;
        Ok(version.meta.lock)
    })
}

/// Changes the lock of a version.
fn change(
    call: &Call,
    bucket: &str,
    key: &str,
    id: Option<&str>,
    change: impl FnOnce(&mut Lock) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    call.cloud.store().write(|tx| {
        must_be_lockable(tx, bucket)?;
        let mut version = versions::find(tx, bucket, key, id)?
            .filter(|v| !v.marker)
            .ok_or_else(|| errors::no_such_key(key))?;
        change(&mut version.meta.lock)?;
        versions::write_meta(tx, bucket, &version)
    })
}

/// Whether the caller asks to set governance aside, and may.
pub(super) fn bypasses(
    call: &Call,
    bucket: &str,
    key: &str,
    asked: Option<bool>,
) -> Result<bool, ServiceError> {
    if asked != Some(true) {
        return Ok(false);
    }
    access::enter(call, bucket, "s3:BypassGovernanceRetention", Some(key))?;
    Ok(true)
}

pub(super) async fn get_object_retention(
    call: &Call,
    input: GetObjectRetentionInput,
) -> Result<GetObjectRetentionOutput, ServiceError> {
    access::enter(
        call,
        &input.bucket,
        "s3:GetObjectRetention",
        Some(&input.key),
    )?;
    let lock = read(call, &input.bucket, &input.key, input.version_id.as_deref())?;
    if lock.mode.is_none() {
        return Err(no_such_lock());
    }
    Ok(GetObjectRetentionOutput {
        retention: Some(ObjectLockRetention {
            mode: lock.retention_mode().map(ObjectLockRetentionMode::from),
            retain_until_date: lock.retain_until(),
        }),
    })
}

pub(super) async fn put_object_retention(
    call: &Call,
    input: PutObjectRetentionInput,
) -> Result<PutObjectRetentionOutput, ServiceError> {
    access::enter(
        call,
        &input.bucket,
        "s3:PutObjectRetention",
        Some(&input.key),
    )?;
    let bypass = bypasses(
        call,
        &input.bucket,
        &input.key,
        input.bypass_governance_retention,
    )?;
    let wanted = input.retention.unwrap_or_default();
    let wanted = Lock::of_headers(
        wanted.mode.as_ref().map(ObjectLockRetentionMode::as_str),
        wanted.retain_until_date.as_ref(),
        None,
    )?;
    change(
        call,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
        |lock| {
            let is_weaker = wanted.until < lock.until
                || (lock.mode.as_deref() == Some(COMPLIANCE) && wanted.mode != lock.mode);
            let is_held = Lock {
                hold: None,
                ..lock.clone()
            }
            .keeps(bypass);
            if is_weaker && is_held {
                return Err(ServiceError::new(
                    "AccessDenied",
                    "Access Denied because object protected by object lock.",
                )
                .with_status(403));
            }
            lock.mode.clone_from(&wanted.mode);
            lock.until = wanted.until;
            Ok(())
        },
    )?;
    Ok(PutObjectRetentionOutput::default())
}

pub(super) async fn get_object_legal_hold(
    call: &Call,
    input: GetObjectLegalHoldInput,
) -> Result<GetObjectLegalHoldOutput, ServiceError> {
    access::enter(
        call,
        &input.bucket,
        "s3:GetObjectLegalHold",
        Some(&input.key),
    )?;
    let lock = read(call, &input.bucket, &input.key, input.version_id.as_deref())?;
    let status = lock.legal_hold().ok_or_else(no_such_lock)?;
    Ok(GetObjectLegalHoldOutput {
        legal_hold: Some(ObjectLockLegalHold {
            status: Some(ObjectLockLegalHoldStatus::from_static(status)),
        }),
    })
}

pub(super) async fn put_object_legal_hold(
    call: &Call,
    input: PutObjectLegalHoldInput,
) -> Result<PutObjectLegalHoldOutput, ServiceError> {
    access::enter(
        call,
        &input.bucket,
        "s3:PutObjectLegalHold",
        Some(&input.key),
    )?;
    let status = input.legal_hold.and_then(|hold| hold.status);
    let on = match status.as_ref().map(ObjectLockLegalHoldStatus::as_str) {
        Some(ObjectLockLegalHoldStatus::ON) => true,
        Some(ObjectLockLegalHoldStatus::OFF) => false,
        _ => return Err(errors::malformed_xml()),
    };
    change(
        call,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
        |lock| {
            lock.hold = Some(on);
            Ok(())
        },
    )?;
    Ok(PutObjectLegalHoldOutput::default())
}

fn no_such_lock() -> ServiceError {
    ServiceError::new(
        "NoSuchObjectLockConfiguration",
        "The specified object does not have a ObjectLock configuration",
    )
    .with_status(404)
}
