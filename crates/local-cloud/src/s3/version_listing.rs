//! ListObjectVersions.

use rusqlite::Connection;
use s3s::dto::{
    ChecksumAlgorithm, DeleteMarkerEntry, ListObjectVersionsInput, ListObjectVersionsOutput,
    ObjectVersion, ObjectVersionStorageClass,
};

use super::listing::{self, Encoder, common_prefix, successor};
use super::versions::{self, COLUMNS, Version};
use super::{Call, buckets, checksum, timestamp};
use crate::error::ServiceError;

/// What is asked for of a bucket's versions.
struct Wanted<'a> {
    bucket: &'a str,
    prefix: &'a str,
    delimiter: Option<&'a str>,
    /// The version that the last page ended with, or all of a key.
    key_marker: &'a str,
    version_marker: Option<&'a str>,
    size: usize,
}

/// One entry of a listing.
enum Entry {
    Version(Box<Version>),
    Prefix(String),
}

impl Entry {
    /// The markers that a page which ends with it gives for the next: key and version.
    fn markers(&self) -> (String, Option<String>) {
        match self {
            Self::Version(version) => (version.key.clone(), Some(version.id.clone())),
            Self::Prefix(prefix) => (prefix.clone(), None),
        }
    }
}

/// A page of entries in the order of keys, of one key the latest version first; and whether there
/// are more.
fn page(c: &Connection, wanted: &Wanted<'_>) -> Result<(Vec<Entry>, bool), ServiceError> {
    let (bucket, prefix, key) = (wanted.bucket, wanted.prefix, wanted.key_marker);
    let below = match wanted.version_marker {
        Some(id) => versions::seq_of_marker(c, bucket, key, id)?,
        None => i64::MIN,
    };
    let end = successor(prefix).filter(|_| !prefix.is_empty());
    let mut statement = c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM s3_objects
         WHERE bucket = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3)
           AND (key > ?4 OR (key = ?4 AND seq < ?5)) ORDER BY key, seq DESC"
    ))?;
    let mut rows = statement.query((bucket, key.max(prefix), &end, key, below))?;
    let mut entries = Vec::new();
    let mut last_prefix: Option<String> = None;
    while let Some(row) = rows.next()? {
        let version = Version::from_row(row)?;
        let common = common_prefix(&version.key, prefix, wanted.delimiter);
        if let Some(common) = &common {
            if last_prefix.as_ref() == Some(common) || key.starts_with(common.as_str()) {
                continue;
            }
            last_prefix = Some(common.clone());
        }
        if entries.len() == wanted.size {
            return Ok((entries, true));
        }
        entries.push(match common {
            Some(common) => Entry::Prefix(common),
            None => Entry::Version(Box::new(version)),
        });
    }
    Ok((entries, false))
}

fn delete_marker(call: &Call, version: Version, encoder: &Encoder) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(version.latest),
        key: Some(encoder.write(version.key)),
        last_modified: Some(timestamp(version.modified)),
        owner: Some(buckets::owner(call)),
        version_id: Some(version.id),
    }
}

fn object_version(call: &Call, version: Version, encoder: &Encoder) -> ObjectVersion {
    let sum = version.meta.sum.as_ref();
    ObjectVersion {
        checksum_algorithm: sum.map(|s| vec![ChecksumAlgorithm::from_static(s.algorithm.name())]),
        checksum_type: sum.map(checksum::Sum::kind),
        e_tag: Some(version.etag()),
        is_latest: Some(version.latest),
        key: Some(encoder.write(version.key)),
        last_modified: Some(timestamp(version.modified)),
        owner: Some(buckets::owner(call)),
        restore_status: None,
        size: Some(version.size.cast_signed()),
        storage_class: Some(ObjectVersionStorageClass::from_static(
            ObjectVersionStorageClass::STANDARD,
        )),
        version_id: Some(version.id),
    }
}

pub(super) async fn list_object_versions(
    call: &Call,
    input: ListObjectVersionsInput,
) -> Result<ListObjectVersionsOutput, ServiceError> {
    let delimiter = input.delimiter.as_deref().filter(|d| !d.is_empty());
    listing::enter(
        call,
        &input.bucket,
        "s3:ListBucketVersions",
        input.prefix.as_deref(),
        delimiter,
        input.max_keys,
    )?;
    let encoder = Encoder::new(input.encoding_type.as_ref())?;
    let wanted = Wanted {
        bucket: &input.bucket,
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter,
        key_marker: input.key_marker.as_deref().unwrap_or_default(),
        version_marker: input
            .version_id_marker
            .as_deref()
            .filter(|id| !id.is_empty()),
        size: listing::size_of(input.max_keys)?,
    };
    let (entries, truncated) = call.cloud.store().read(|c| page(c, &wanted))?;
    let size = wanted.size;
    let next = entries.last().filter(|_| truncated).map(Entry::markers);
    let (next_key, next_version) = next.unzip();
    let (mut versions, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(prefix),
            Entry::Version(version) if version.marker => {
                markers.push(delete_marker(call, *version, &encoder));
            }
            Entry::Version(version) => versions.push(object_version(call, *version, &encoder)),
        }
    }
    Ok(ListObjectVersionsOutput {
        common_prefixes: Some(listing::common(prefixes, &encoder)),
        delete_markers: Some(markers),
        versions: Some(versions),
        is_truncated: Some(truncated),
        next_key_marker: next_key.map(|k| encoder.write(k)),
        next_version_id_marker: next_version.flatten(),
        key_marker: Some(encoder.write(input.key_marker.unwrap_or_default())),
        version_id_marker: input.version_id_marker,
        max_keys: Some(size as i32),
        name: Some(input.bucket),
        prefix: Some(encoder.write(input.prefix.unwrap_or_default())),
        delimiter: input.delimiter.map(|d| encoder.write(d)),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}
