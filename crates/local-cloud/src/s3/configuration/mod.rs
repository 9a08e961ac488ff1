//! What a bucket is set to: each setting is a sub-resource that is put, got and deleted whole.

mod accelerate;
mod cors;
mod encryption;
mod lifecycle;
mod logging;
mod notification;
mod object_lock;
mod policy;
mod public_access;
mod request_payment;
mod tagging;
mod versioning;

pub(super) use accelerate::*;
pub(super) use cors::*;
pub(super) use encryption::*;
pub(super) use lifecycle::*;
pub(super) use logging::*;
pub(super) use notification::*;
pub(super) use object_lock::*;
pub(super) use policy::*;
pub(super) use public_access::*;
pub(super) use request_payment::*;
pub(super) use tagging::*;
pub(super) use versioning::*;

use rusqlite::{Connection, OptionalExtension, Transaction};
use s3s::dto::{ObjectOwnership, PublicAccessBlockConfiguration, Tag, Tagging};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Call, access, buckets};
use crate::error::ServiceError;

/// A setting's name in the store, the actions that read and write it, and the error while unset.
struct Setting {
    kind: &'static str,
    get: &'static str,
    put: &'static str,
    unset: (&'static str, &'static str),
}

fn store(
    c: &Connection,
    bucket: &str,
    setting: &Setting,
    value: &impl Serialize,
) -> Result<(), ServiceError> {
    c.prepare_cached(
        "INSERT INTO s3_settings VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
    )?
    .execute((bucket, setting.kind, serde_json::to_string(value)?))?;
    Ok(())
}

fn load<T: DeserializeOwned>(
    c: &Connection,
    bucket: &str,
    setting: &Setting,
) -> Result<Option<T>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM s3_settings WHERE bucket = ?1 AND kind = ?2")?
        .query_row((bucket, setting.kind), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

fn get<T: DeserializeOwned>(
    call: &Call,
    bucket: &str,
    setting: &Setting,
) -> Result<T, ServiceError> {
    access::enter(call, bucket, setting.get, None)?;
    call.cloud
        .store()
        .read(|c| load(c, bucket, setting))?
        .ok_or_else(|| {
            let (code, message) = setting.unset;
            ServiceError::new(code, message)
                .with_status(404)
                .with("BucketName", bucket)
        })
}

fn put(
    call: &Call,
    bucket: &str,
    setting: &Setting,
    value: &impl Serialize,
) -> Result<(), ServiceError> {
    access::enter(call, bucket, setting.put, None)?;
    call.cloud.store().write(|tx| {
        buckets::find_in(tx, bucket)?;
        store(tx, bucket, setting, value)
    })
}

fn delete(call: &Call, bucket: &str, setting: &Setting, action: &str) -> Result<(), ServiceError> {
    access::enter(call, bucket, action, None)?;
    call.cloud.store().write(|tx| {
        tx.execute(
            "DELETE FROM s3_settings WHERE bucket = ?1 AND kind = ?2",
            (bucket, setting.kind),
        )?;
        Ok(())
    })
}

/// What a request says of the bucket that it makes.
#[derive(Default)]
pub(super) struct AtCreation<'a> {
    pub ownership: Option<&'a str>,
    pub object_lock: bool,
    pub tags: Vec<Tag>,
}

/// The settings of a new bucket: private, owned by its owner alone, encrypted with S3's keys, and
/// what its request says.
pub(super) fn set_first(
    tx: &Transaction<'_>,
    bucket: &str,
    asked: AtCreation<'_>,
) -> Result<(), ServiceError> {
    if !asked.tags.is_empty() {
        let tagging = Tagging {
            tag_set: asked.tags,
        };
        store(tx, bucket, &tagging::TAGGING, &tagging)?;
    }
    if asked.object_lock {
        store(
            tx,
            bucket,
            &object_lock::OBJECT_LOCK,
            &object_lock::enabled(),
        )?;
    }
    let all = PublicAccessBlockConfiguration {
        block_public_acls: Some(true),
        block_public_policy: Some(true),
        ignore_public_acls: Some(true),
        restrict_public_buckets: Some(true),
    };
    store(tx, bucket, &public_access::PUBLIC_ACCESS, &all)?;
    store(
        tx,
        bucket,
        &encryption::ENCRYPTION,
        &encryption::default_encryption(),
    )?;
    let ownership = asked
        .ownership
        .unwrap_or(ObjectOwnership::BUCKET_OWNER_ENFORCED);
    store(tx, bucket, &public_access::OWNERSHIP, &ownership)
}
