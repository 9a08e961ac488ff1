//! Objects and their versions in the store.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use s3s::dto::{ETag, ETagCondition};
use serde::{Deserialize, Serialize};

use super::bodies::{self, Written};
use super::checksum::Sum;
use super::object_lock::{self, Lock};
use super::{Call, buckets, errors, ordered_id};
use crate::error::ServiceError;
use crate::store::Store;

/// What is said of an object beside its bytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    pub content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// Seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub user: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    pub encryption: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<Sum>,
    /// The sizes of the parts of a multipart upload.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<u64>,
    /// What was asked for in a write; of a version, what holds.
    #[serde(skip_serializing_if = "Lock::is_unset")]
    pub lock: Lock,
}

/// A version of an object, or a delete marker.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub key: String,
    pub seq: i64,
    /// `null` while the bucket has no versioning.
    pub id: String,
    pub latest: bool,
    pub marker: bool,
    pub size: u64,
    pub etag: String,
    /// Milliseconds since the epoch.
    pub modified: i64,
    pub body: String,
    pub meta: Meta,
}

pub(super) const COLUMNS: &str =
    "key, seq, version, latest, marker, size, etag, modified, body, meta";

impl Version {
    /// Reads a row of [`COLUMNS`].
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let meta: String = row.get(9)?;
        Ok(Self {
            key: row.get(0)?,
            seq: row.get(1)?,
            id: row.get(2)?,
            latest: row.get(3)?,
            marker: row.get(4)?,
            size: row.get::<_, i64>(5)?.cast_unsigned(),
            etag: row.get(6)?,
            modified: row.get(7)?,
            body: row.get(8)?,
            meta: serde_json::from_str(&meta).unwrap_or_default(),
        })
    }

    pub fn etag(&self) -> ETag {
        ETag::Strong(self.etag.clone())
    }

    /// The id as answers carry it: none in a bucket that never had versioning.
    pub fn shown_id(&self, bucket: &buckets::Bucket) -> Option<String> {
        bucket.versioning.is_some().then(|| self.id.clone())
    }
}

/// The latest version of an object, or the one of this id. A delete marker is found too.
pub(super) fn find(
    c: &Connection,
    bucket: &str,
    key: &str,
    id: Option<&str>,
) -> Result<Option<Version>, ServiceError> {
    let seq = match id {
        None => last_seq(c, bucket, key)?,
        Some(id) => seq_of(c, bucket, key, id)?,
    };
    let Some(seq) = seq else { return Ok(None) };
    Ok(c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM s3_objects WHERE bucket = ?1 AND key = ?2 AND seq = ?3"
    ))?
    .query_row((bucket, key, seq), Version::from_row)
    .optional()?)
}

/// The `seq` of the latest version of a key.
fn last_seq(c: &Connection, bucket: &str, key: &str) -> Result<Option<i64>, ServiceError> {
    Ok(
        c.prepare_cached("SELECT max(seq) FROM s3_objects WHERE bucket = ?1 AND key = ?2")?
            .query_row((bucket, key), |row| row.get(0))?,
    )
}

/// The `seq` of a version. Of an id that does not carry it the versions are gone through, the latest
/// first, which the version `null` mostly is.
fn seq_of(c: &Connection, bucket: &str, key: &str, id: &str) -> Result<Option<i64>, ServiceError> {
    const SELECT: &str =
        "SELECT seq FROM s3_objects WHERE bucket = ?1 AND key = ?2 AND version = ?3";
    let found = match ordered_id::place_of(id) {
        Some(seq) => c
            .prepare_cached(&format!("{SELECT} AND seq = ?4"))?
            .query_row((bucket, key, id, seq), |row| row.get(0))
            .optional()?,
        None => c
            .prepare_cached(&format!("{SELECT} ORDER BY seq DESC LIMIT 1"))?
            .query_row((bucket, key, id), |row| row.get(0))
            .optional()?,
    };
    Ok(found)
}

/// The `seq` that the rest of a listing is below, which ended with this version of a key. It may be
/// gone; of one that does not say where it was, the rest is every version of the key.
pub(super) fn seq_of_marker(
    c: &Connection,
    bucket: &str,
    key: &str,
    id: &str,
) -> Result<i64, ServiceError> {
    let there = seq_of(c, bucket, key, id)?;
    Ok(there
        .or_else(|| ordered_id::place_of(id))
        .unwrap_or(i64::MAX))
}

/// Conditions on what is there before a write.
#[derive(Default)]
pub(super) struct Conditions {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
}

impl Conditions {
    fn check(&self, c: &Connection, bucket: &str, key: &str) -> Result<(), ServiceError> {
        if self.if_match.is_none() && self.if_none_match.is_none() {
            return Ok(());
        }
        let there = find(c, bucket, key, None)?.filter(|v| !v.marker);
        if let Some(condition) = &self.if_none_match {
            let Some(version) = &there else { return Ok(()) };
            if matches(condition, &version.etag) {
                return Err(errors::precondition_failed("If-None-Match"));
            }
        }
        if let Some(condition) = &self.if_match {
            let version = there.ok_or_else(|| errors::no_such_key(key))?;
            if !matches(condition, &version.etag) {
                return Err(errors::precondition_failed("If-Match"));
            }
        }
        Ok(())
    }
}

/// Whether an entity tag meets a condition; `*` is any.
pub(super) fn matches(condition: &ETagCondition, etag: &str) -> bool {
    condition.is_any() || condition.as_etag().is_some_and(|e| e.value() == etag)
}

/// What a write did.
pub(super) struct Put {
    pub bucket: buckets::Bucket,
    pub id: String,
    pub modified: i64,
}

impl Put {
    pub fn shown_id(&self) -> Option<String> {
        self.bucket.versioning.is_some().then(|| self.id.clone())
    }
}

/// Makes a written body the latest version of an object.
pub(super) fn put(
    call: &Call,
    bucket: &str,
    key: &str,
    written: Written,
    etag: &str,
    meta: &Meta,
    conditions: &Conditions,
    also: impl FnOnce(&Transaction<'_>) -> Result<Vec<String>, ServiceError>,
) -> Result<Put, ServiceError> {
    let store = call.cloud.store();
    let now = chrono::Utc::now().timestamp_millis();
    let mut meta = meta.clone();
    let (put, garbage) = store.write(|tx| {
        let found = buckets::find_in(tx, bucket)?;
        meta.lock = object_lock::of_new(tx, bucket, &meta.lock)?;
        let document = serde_json::to_string(&meta)?;
        conditions.check(tx, bucket, key)?;
        written.store(tx)?;
        let (place, mut garbage) = make_room(tx, &found, key)?;
        insert(
            tx,
            bucket,
            key,
            &NewRow {
                place: &place,
                marker: false,
                size: written.size,
                etag,
                modified: now,
                body: &written.id,
                meta: &document,
            },
        )?;
        garbage.extend(also(tx)?);
        bodies::forget(tx, &garbage)?;
        let put = Put {
            bucket: found,
            id: place.id,
            modified: now,
        };
        Ok((put, garbage))
    })?;
    written.keep();
    bodies::remove(store, &garbage);
    Ok(put)
}

/// Where a new version goes.
struct Place {
    seq: i64,
    id: String,
}

struct NewRow<'a> {
    place: &'a Place,
    marker: bool,
    size: u64,
    etag: &'a str,
    modified: i64,
    body: &'a str,
    meta: &'a str,
}

fn insert(
    tx: &Transaction<'_>,
    bucket: &str,
    key: &str,
    row: &NewRow<'_>,
) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO s3_objects (bucket, key, seq, version, latest, marker, size, etag, modified, body, meta)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute((
        bucket,
        key,
        row.place.seq,
        &row.place.id,
        row.marker,
        row.size.cast_signed(),
        row.etag,
        row.modified,
        row.body,
        row.meta,
    ))?;
    Ok(())
}

/// Makes room for a new latest version: gives its place, and the bodies that nothing names any more.
fn make_room(
    tx: &Transaction<'_>,
    bucket: &buckets::Bucket,
    key: &str,
) -> Result<(Place, Vec<String>), ServiceError> {
    let keeps_all = bucket.versioning.as_deref() == Some("Enabled");
    let garbage = if keeps_all {
        Vec::new()
    } else {
        take(tx, &bucket.name, key, "null")?
    };
    let last = last_seq(tx, &bucket.name, key)?;
    if let Some(last) = last {
        tx.prepare_cached(
            "UPDATE s3_objects SET latest = 0 WHERE bucket = ?1 AND key = ?2 AND seq = ?3",
        )?
        .execute((&bucket.name, key, last))?;
    }
    let seq = last.unwrap_or(0) + 1;
    let id = if keeps_all {
        ordered_id::new(seq)
    } else {
        "null".to_owned()
    };
    Ok((Place { seq, id }, garbage))
}

/// Removes one version and gives its body.
fn take(
    tx: &Transaction<'_>,
    bucket: &str,
    key: &str,
    id: &str,
) -> Result<Vec<String>, ServiceError> {
    let Some(seq) = seq_of(tx, bucket, key, id)? else {
        return Ok(Vec::new());
    };
    let body: String = tx
        .prepare_cached(
            "DELETE FROM s3_objects WHERE bucket = ?1 AND key = ?2 AND seq = ?3 RETURNING body",
        )?
        .query_row((bucket, key, seq), |row| row.get(0))?;
    // A delete marker has none.
    Ok(Some(body)
        .filter(|body| !body.is_empty())
        .into_iter()
        .collect())
}

/// Writes what is said of a version anew.
pub(super) fn write_meta(
    tx: &Transaction<'_>,
    bucket: &str,
    version: &Version,
) -> Result<(), ServiceError> {
    tx.execute(
        "UPDATE s3_objects SET meta = ?4 WHERE bucket = ?1 AND key = ?2 AND seq = ?3",
        (
            bucket,
            &version.key,
            version.seq,
            serde_json::to_string(&version.meta)?,
        ),
    )?;
    Ok(())
}

/// What a delete did.
#[derive(Default)]
pub(super) struct Deleted {
    /// The version that was removed or the marker that was made.
    pub id: Option<String>,
    pub marker: bool,
}

/// Deletes an object, or one version of it. That nothing is there is no error; a version that is
/// locked is one, unless `bypass` sets its governance aside. Gives what was done and the bodies to
/// remove after the transaction.
pub(super) fn delete(
    tx: &Transaction<'_>,
    bucket: &buckets::Bucket,
    key: &str,
    id: Option<&str>,
    bypass: bool,
) -> Result<(Deleted, Vec<String>), ServiceError> {
    let done = if let Some(id) = id {
        let there = find(tx, &bucket.name, key, Some(id))?;
        if let Some(version) = &there {
            object_lock::check_deletion(version, bypass)?;
        }
        let marker = there.is_some_and(|v| v.marker);
        let garbage = take(tx, &bucket.name, key, id)?;
        tx.prepare_cached(
            "UPDATE s3_objects SET latest = 1 WHERE bucket = ?1 AND key = ?2
             AND seq = (SELECT max(seq) FROM s3_objects WHERE bucket = ?1 AND key = ?2)",
        )?
        .execute((&bucket.name, key))?;
        let deleted = Deleted {
            id: Some(id.to_owned()),
            marker,
        };
        (deleted, garbage)
    } else if bucket.versioning.is_none() {
        (Deleted::default(), take(tx, &bucket.name, key, "null")?)
    } else {
        let (place, garbage) = make_room(tx, bucket, key)?;
        insert(
            tx,
            &bucket.name,
            key,
            &NewRow {
                place: &place,
                marker: true,
                size: 0,
                etag: "",
                modified: chrono::Utc::now().timestamp_millis(),
                body: "",
                meta: "{}",
            },
        )?;
        let deleted = Deleted {
            id: Some(place.id),
            marker: true,
        };
        (deleted, garbage)
    };
    bodies::forget(tx, &done.1)?;
    Ok(done)
}

/// Finds an object and opens its body in one snapshot.
pub(super) fn open(
    store: &Store,
    bucket: &str,
    key: &str,
    id: Option<&str>,
) -> Result<Option<(Version, Option<bodies::Body>)>, ServiceError> {
    // Another process may remove the file of a version that was just replaced.
    for _ in 0..3 {
        let found = store.read(|c| {
            let Some(version) = find(c, bucket, key, id)? else {
                return Ok(None);
            };
            if version.marker {
                return Ok(Some((version, None)));
            }
            let body = bodies::open(c, store, &version.body)?;
            Ok(Some((version, body)))
        })?;
        match found {
            Some((version, None)) if !version.marker => {}
            other => return Ok(other),
        }
    }
    Err(ServiceError::internal(format!(
        "the body of s3://{bucket}/{key} is missing in the store"
    )))
}
