//! Listings of uploads and their parts.

use std::cmp::Ordering;

use s3s::dto::*;

use super::super::{Call, access, buckets, checksum, errors, listing, ordered_id, timestamp};
use super::{StoredPart, find, kind, parts_of};
use crate::error::ServiceError;

pub async fn list_parts(
    call: &Call,
    input: ListPartsInput,
) -> Result<ListPartsOutput, ServiceError> {
    access::enter(
        call,
        &input.bucket,
        "s3:ListMultipartUploadParts",
        Some(&input.key),
    )?;
    let (upload, parts) = call.cloud.store().read(|c| {
        let upload = find(c, &input.bucket, &input.key, &input.upload_id)?;
        Ok((upload, parts_of(c, &input.upload_id)?))
    })?;
    let max = input.max_parts.unwrap_or(1000).clamp(0, 1000);
    let after = input.part_number_marker.unwrap_or(0);
    let mut rest = parts.into_iter().filter(|p| p.number > after);
    let shown: Vec<StoredPart> = rest.by_ref().take(max as usize).collect();
    let truncated = rest.next().is_some();
    let last = shown.last().map(|p| p.number);
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(upload.key),
        upload_id: Some(input.upload_id),
        checksum_algorithm: upload
            .algorithm
            .map(|a| ChecksumAlgorithm::from_static(a.name())),
        checksum_type: upload.algorithm.map(|_| kind(upload.composite)),
        initiator: Some(initiator(call)),
        owner: Some(buckets::owner(call)),
        is_truncated: Some(truncated),
        max_parts: Some(max),
        part_number_marker: Some(after),
        next_part_number_marker: last,
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        parts: Some(
            shown
                .into_iter()
                .map(|stored| {
                    let mut part = Part {
                        e_tag: Some(ETag::Strong(stored.etag)),
                        last_modified: Some(timestamp(stored.modified)),
                        part_number: Some(stored.number),
                        size: Some(stored.size.cast_signed()),
                        ..Default::default()
                    };
                    checksum::show!(part, stored.sum.as_ref());
                    part
                })
                .collect(),
        ),
        ..Default::default()
    })
}

/// The place among the uploads of a key (time of initiation, id) that a page goes on behind; `None`
/// behind all of them, where no upload's id is given. The upload may be gone; one that does not say
/// where it was is before the rest.
fn place_of_marker(
    uploads: &[(String, String, i64)],
    key: &str,
    id: Option<&str>,
) -> Option<(i64, String)> {
    let id = id.filter(|id| !id.is_empty())?;
    let there = uploads.iter().find(|one| one.0 == key && one.1 == id);
    let initiated = there.map(|one| one.2).or_else(|| ordered_id::place_of(id));
    Some(match initiated {
        Some(initiated) => (initiated, id.to_owned()),
        None => (i64::MIN, String::new()),
    })
}

fn initiator(call: &Call) -> Initiator {
    Initiator {
        display_name: None,
        id: Some(call.caller.arn()),
    }
}

pub async fn list_multipart_uploads(
    call: &Call,
    input: ListMultipartUploadsInput,
) -> Result<ListMultipartUploadsOutput, ServiceError> {
    listing::enter(
        call,
        &input.bucket,
        "s3:ListBucketMultipartUploads",
        input.prefix.as_deref(),
        input.delimiter.as_deref(),
        None,
    )?;
    if input.delimiter.as_deref().is_some_and(|d| !d.is_empty()) {
        return Err(errors::not_implemented(
            "delimiters in listings of multipart uploads",
        ));
    }
    let prefix = input.prefix.clone().unwrap_or_default();
    let marker = (
        input.key_marker.clone().unwrap_or_default(),
        input.upload_id_marker.clone(),
    );
    let uploads = call.cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT key, id, initiated FROM s3_uploads WHERE bucket = ?1 ORDER BY key, initiated, id",
        )?;
        let rows = statement.query_map([&input.bucket], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    })?;
    let max = input.max_uploads.unwrap_or(1000).clamp(0, 1000);
    let place = place_of_marker(&uploads, &marker.0, marker.1.as_deref());
    let mut rest = uploads.into_iter().filter(|(key, id, initiated)| {
        key.starts_with(&prefix)
            && match key.cmp(&marker.0) {
                Ordering::Less => false,
                Ordering::Equal => place
                    .as_ref()
                    .is_some_and(|(at, marker)| (*initiated, id.as_str()) > (*at, marker.as_str())),
                Ordering::Greater => true,
            }
    });
    let shown: Vec<_> = rest.by_ref().take(max as usize).collect();
    let truncated = rest.next().is_some();
    let (next_key, next_id) = shown
        .last()
        .filter(|_| truncated)
        .map(|(key, id, _)| (key.clone(), id.clone()))
        .unzip();
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        is_truncated: Some(truncated),
        max_uploads: Some(max),
        key_marker: Some(marker.0),
        upload_id_marker: marker.1,
        next_key_marker: next_key,
        next_upload_id_marker: next_id,
        prefix: Some(prefix),
        uploads: Some(
            shown
                .into_iter()
                .map(|(key, id, initiated)| MultipartUpload {
                    initiated: Some(timestamp(initiated)),
                    initiator: Some(initiator(call)),
                    key: Some(key),
                    owner: Some(buckets::owner(call)),
                    storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
                    upload_id: Some(id),
                    ..Default::default()
                })
                .collect(),
        ),
        ..Default::default()
    })
}
