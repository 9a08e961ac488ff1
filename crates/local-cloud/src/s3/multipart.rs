//! Multipart uploads.

use md5::{Digest, Md5};
use rusqlite::{Connection, OptionalExtension, Transaction};
use s3s::dto::*;

use super::bodies::{self, Body, Writer, Written, blocking};
use super::checksum::{self, Algorithm, Sum, Wanted};
use super::versions::{self, Conditions, Meta};
use super::{Call, access, buckets, copy, errors, get, listing, put, seconds, tagging, timestamp};
use crate::error::ServiceError;

/// All parts but the last are at least so large.
const MIN_PART: u64 = 5 << 20;
const MAX_PARTS: i32 = 10_000;
const MAX_OBJECT: u64 = 5 << 40;

struct Upload {
    key: String,
    meta: Meta,
    /// `None` where the upload names none; the whole object then gets a CRC64NVME.
    algorithm: Option<Algorithm>,
    composite: bool,
}

struct StoredPart {
    number: i32,
    size: u64,
    etag: String,
    modified: i64,
    body: String,
    sum: Option<Sum>,
}

fn find(c: &Connection, bucket: &str, key: &str, id: &str) -> Result<Upload, ServiceError> {
    let found: Option<String> = c
        .prepare_cached("SELECT meta FROM s3_uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3")?
        .query_row((id, bucket, key), |row| row.get(0))
        .optional()?;
    let document = found.ok_or_else(|| errors::no_such_upload(id))?;
    let (meta, algorithm, composite) = serde_json::from_str(&document)?;
    Ok(Upload {
        key: key.to_owned(),
        meta,
        algorithm,
        composite,
    })
}

fn parts_of(c: &Connection, id: &str) -> Result<Vec<StoredPart>, ServiceError> {
    let mut statement = c.prepare_cached(
        "SELECT number, size, etag, modified, body, sum FROM s3_parts WHERE upload = ?1 ORDER BY number",
    )?;
    let rows = statement.query_map([id], |row| {
        let sum: Option<String> = row.get(5)?;
        Ok(StoredPart {
            number: row.get(0)?,
            size: row.get::<_, i64>(1)?.cast_unsigned(),
            etag: row.get(2)?,
            modified: row.get(3)?,
            body: row.get(4)?,
            sum: sum.and_then(|s| serde_json::from_str(&s).ok()),
        })
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// Removes an upload with its parts; gives the parts' bodies.
fn take(tx: &Transaction<'_>, id: &str) -> Result<Vec<String>, ServiceError> {
    let mut statement =
        tx.prepare_cached("DELETE FROM s3_parts WHERE upload = ?1 RETURNING body")?;
    let garbage = statement
        .query_map([id], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    let removed = tx.execute("DELETE FROM s3_uploads WHERE id = ?1", [id])?;
    if removed == 0 {
        return Err(errors::no_such_upload(id));
    }
    Ok(garbage)
}

pub(super) async fn create_multipart_upload(
    call: &Call,
    input: CreateMultipartUploadInput,
) -> Result<CreateMultipartUploadOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:PutObject", Some(&input.key))?;
    put::check_acl(input.acl.as_ref().map(ObjectCannedACL::as_str))?;
    if input.sse_customer_algorithm.is_some() {
        return Err(errors::not_implemented(
            "encryption with keys that the customer provides",
        ));
    }
    let tags = tagging::from_header(call, &input.bucket, &input.key, input.tagging.as_deref())?;
    let algorithm = match &input.checksum_algorithm {
        None => None,
        Some(name) => Some(Algorithm::parse(name.as_str()).ok_or_else(|| {
            errors::invalid_request("Checksum algorithm provided is unsupported.")
        })?),
    };
    let composite = match (
        input.checksum_type.as_ref().map(ChecksumType::as_str),
        algorithm,
    ) {
        (Some("COMPOSITE"), Some(Algorithm::Crc64nvme)) => {
            return Err(errors::invalid_request(
                "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.",
            ));
        }
        (Some("FULL_OBJECT"), Some(a @ (Algorithm::Sha1 | Algorithm::Sha256))) => {
            return Err(errors::invalid_request(format!(
                "The FULL_OBJECT checksum type cannot be used with the {} checksum algorithm.",
                a.name().to_lowercase()
            )));
        }
        (Some("FULL_OBJECT"), _) | (_, None | Some(Algorithm::Crc64nvme)) => false,
        _ => true,
    };
    let (encryption, kms_key) = put::encryption(
        call,
        &input.bucket,
        input.server_side_encryption.as_ref(),
        input.ssekms_key_id,
    )?;
    let meta = Meta {
        content_type: input.content_type,
        cache_control: input.cache_control,
        content_disposition: input.content_disposition,
        content_encoding: put::content_encoding(input.content_encoding),
        content_language: input.content_language,
        expires: input.expires.as_ref().map(seconds),
        redirect: input.website_redirect_location,
        user: input.metadata.unwrap_or_default().into_iter().collect(),
        tags,
        storage_class: put::storage_class(input.storage_class.as_ref())?,
        encryption,
        kms_key,
        ..Meta::default()
    };
    let id = uuid::Uuid::new_v4().simple().to_string();
    let document = serde_json::to_string(&(&meta, algorithm, composite))?;
    call.cloud.store().write(|tx| {
        buckets::find_in(tx, &input.bucket)?;
        tx.execute(
            "INSERT INTO s3_uploads VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                &id,
                &input.bucket,
                &input.key,
                chrono::Utc::now().timestamp_millis(),
                document,
            ),
        )?;
        Ok(())
    })?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: input.checksum_algorithm,
        checksum_type: algorithm.map(|_| kind(composite)),
        server_side_encryption: Some(ServerSideEncryption::from(meta.encryption)),
        ssekms_key_id: meta.kms_key,
        ..Default::default()
    })
}

fn kind(composite: bool) -> ChecksumType {
    ChecksumType::from_static(if composite {
        ChecksumType::COMPOSITE
    } else {
        ChecksumType::FULL_OBJECT
    })
}

fn check_number(number: i32) -> Result<(), ServiceError> {
    if (1..=MAX_PARTS).contains(&number) {
        return Ok(());
    }
    Err(errors::invalid_argument(
        "Part number must be an integer between 1 and 10000, inclusive",
    ))
}

fn store_part(
    call: &Call,
    bucket: &str,
    key: &str,
    upload: &str,
    number: i32,
    written: Written,
) -> Result<i64, ServiceError> {
    let now = chrono::Utc::now().timestamp_millis();
    let sum = serde_json::to_string(&written.sum)?;
    let garbage = call.cloud.store().write(|tx| {
        find(tx, bucket, key, upload)?;
        let old: Option<String> = tx
            .prepare_cached("SELECT body FROM s3_parts WHERE upload = ?1 AND number = ?2")?
            .query_row((upload, number), |row| row.get(0))
            .optional()?;
        written.store(tx)?;
        tx.prepare_cached("INSERT OR REPLACE INTO s3_parts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute((
                upload,
                number,
                written.size.cast_signed(),
                written.etag(),
                now,
                &written.id,
                sum,
            ))?;
        let garbage: Vec<String> = old.into_iter().collect();
        bodies::forget(tx, &garbage)?;
        Ok(garbage)
    })?;
    written.keep();
    bodies::remove(call.cloud.store(), &garbage);
    Ok(now)
}

pub(super) async fn upload_part(
    call: &Call,
    mut input: UploadPartInput,
) -> Result<UploadPartOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:PutObject", Some(&input.key))?;
    check_number(input.part_number)?;
    let upload = call
        .cloud
        .store()
        .read(|c| find(c, &input.bucket, &input.key, &input.upload_id))?;
    let named = input
        .checksum_algorithm
        .as_ref()
        .map(ChecksumAlgorithm::as_str);
    let mut wanted = Wanted::of(call, checksum::given!(input), named)?;
    if let Some(algorithm) = upload.algorithm
        && algorithm != wanted.algorithm
    {
        let says_other = checksum::given!(input).is_some() || call.trailer.is_some();
        if says_other {
            return Err(errors::invalid_request(format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                algorithm.name().to_lowercase(),
                wanted.algorithm.name().to_lowercase()
            )));
        }
        wanted.algorithm = algorithm;
    }
    let body = input.body.take();
    let written = bodies::receive(call.cloud.store(), body, wanted.algorithm).await?;
    wanted.verify(call, &written.sum)?;
    checksum::verify_md5(input.content_md5.as_deref(), &written.md5)?;
    let mut output = UploadPartOutput {
        e_tag: Some(ETag::Strong(written.etag())),
        server_side_encryption: Some(ServerSideEncryption::from(upload.meta.encryption)),
        ..Default::default()
    };
    checksum::show!(output, Some(&written.sum));
    store_part(
        call,
        &input.bucket,
        &input.key,
        &input.upload_id,
        input.part_number,
        written,
    )?;
    Ok(output)
}

pub(super) async fn upload_part_copy(
    call: &Call,
    input: UploadPartCopyInput,
) -> Result<UploadPartCopyOutput, ServiceError> {
    let (from_bucket, from_key, from_version) = copy::source(&input.copy_source)?;
    check_number(input.part_number)?;
    let (_, version, body) = get::open(call, from_bucket, from_key, from_version)?;
    access::enter(call, &input.bucket, "s3:PutObject", Some(&input.key))?;
    let upload = call
        .cloud
        .store()
        .read(|c| find(c, &input.bucket, &input.key, &input.upload_id))?;
    let range = match &input.copy_source_range {
        None => 0..version.size,
        Some(text) => Range::parse(text)
            .map_err(|_| errors::invalid_argument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"))?
            .check(version.size)
            .map_err(|_| errors::invalid_range())?,
    };
    let algorithm = upload.algorithm.unwrap_or(Algorithm::Crc64nvme);
    let written = copy::rewrite(call, body, range, algorithm).await?;
    let mut result = CopyPartResult {
        e_tag: Some(ETag::Strong(written.etag())),
        ..Default::default()
    };
    checksum::show!(result, Some(&written.sum));
    let modified = store_part(
        call,
        &input.bucket,
        &input.key,
        &input.upload_id,
        input.part_number,
        written,
    )?;
    result.last_modified = Some(timestamp(modified));
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(result),
        ..Default::default()
    })
}

/// The parts that a request wants, checked against those that were uploaded.
fn choose(
    wanted: &[CompletedPart],
    stored: Vec<StoredPart>,
) -> Result<Vec<StoredPart>, ServiceError> {
    let invalid = || {
        ServiceError::new(
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        )
    };
    let mut stored: std::collections::BTreeMap<i32, StoredPart> =
        stored.into_iter().map(|p| (p.number, p)).collect();
    let mut chosen: Vec<StoredPart> = Vec::with_capacity(wanted.len());
    for part in wanted {
        let number = part.part_number.ok_or_else(errors::malformed_xml)?;
        if chosen.last().is_some_and(|last| number <= last.number) {
            return Err(ServiceError::new(
                "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part number.",
            ));
        }
        let found = stored.remove(&number).ok_or_else(invalid)?;
        if part.e_tag.as_ref().is_some_and(|e| e.value() != found.etag) {
            return Err(invalid());
        }
        if let (Some((algorithm, value)), Some(sum)) = (checksum::given!(*part), &found.sum)
            && algorithm == sum.algorithm
            && value != sum.value
        {
            return Err(invalid());
        }
        chosen.push(found);
    }
    let all_but_last = &chosen[..chosen.len().saturating_sub(1)];
    if all_but_last.iter().any(|p| p.size < MIN_PART) {
        return Err(ServiceError::new(
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
        ));
    }
    if chosen.iter().map(|p| p.size).sum::<u64>() > MAX_OBJECT {
        return Err(ServiceError::new(
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
        ));
    }
    Ok(chosen)
}

/// Writes the parts one after the other into one body.
async fn join(
    call: &Call,
    parts: &[StoredPart],
    algorithm: Algorithm,
) -> Result<Written, ServiceError> {
    let mut writer = Writer::new(call.cloud.store(), algorithm);
    for part in parts {
        let store = call.cloud.store();
        let body: Body = store
            .read(|c| bodies::open(c, store, &part.body))?
            .ok_or_else(|| errors::no_such_upload("of this part"))?;
        let mut chunks = Box::pin(body.chunks(0..part.size));
        while let Some(bytes) = futures::StreamExt::next(&mut chunks).await {
            let bytes = bytes?;
            writer = blocking(move || writer.write(&bytes).map(|()| writer)).await?;
        }
    }
    blocking(move || writer.finish()).await
}

pub(super) async fn complete_multipart_upload(
    call: &Call,
    input: CompleteMultipartUploadInput,
) -> Result<CompleteMultipartUploadOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:PutObject", Some(&input.key))?;
    let wanted = input
        .multipart_upload
        .as_ref()
        .and_then(|m| m.parts.as_ref())
        .filter(|parts| !parts.is_empty())
        .ok_or_else(errors::malformed_xml)?;
    let (upload, stored) = call.cloud.store().read(|c| {
        let upload = find(c, &input.bucket, &input.key, &input.upload_id)?;
        Ok((upload, parts_of(c, &input.upload_id)?))
    })?;
    let parts = choose(wanted, stored)?;
    let algorithm = upload.algorithm.unwrap_or(Algorithm::Crc64nvme);
    let written = join(call, &parts, algorithm).await?;
    let sum = if upload.composite {
        let sums: Vec<Sum> = parts.iter().filter_map(|p| p.sum.clone()).collect();
        checksum::composite(algorithm, &sums)?
    } else {
        written.sum.clone()
    };
    if let Some((algorithm, value)) = checksum::given!(input)
        && algorithm == sum.algorithm
        && value != sum.value
    {
        return Err(ServiceError::new(
            "BadDigest",
            format!(
                "The {} you specified did not match the calculated checksum.",
                algorithm.name()
            ),
        ));
    }
    let mut md5 = Md5::new();
    for part in &parts {
        md5.update(hex::decode(&part.etag).map_err(ServiceError::internal)?);
    }
    let etag = format!("{}-{}", hex::encode(md5.finalize()), parts.len());
    let meta = Meta {
        sum: Some(sum),
        parts: parts.iter().map(|p| p.size).collect(),
        ..upload.meta
    };
    let conditions = Conditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
    };
    let put = versions::put(
        call,
        &input.bucket,
        &input.key,
        written,
        &etag,
        &meta,
        &conditions,
        |tx| take(tx, &input.upload_id),
    )?;
    let mut output = CompleteMultipartUploadOutput {
        e_tag: Some(ETag::Strong(etag)),
        location: Some(format!(
            "https://{}.s3.{}.amazonaws.com/{}",
            input.bucket, put.bucket.region, input.key
        )),
        version_id: put.shown_id(),
        bucket: Some(input.bucket),
        key: Some(input.key),
        checksum_type: meta.sum.as_ref().map(Sum::kind),
        server_side_encryption: Some(ServerSideEncryption::from(meta.encryption)),
        ssekms_key_id: meta.kms_key,
        ..Default::default()
    };
    checksum::show!(output, meta.sum.as_ref());
    Ok(output)
}

pub(super) async fn abort_multipart_upload(
    call: &Call,
    input: AbortMultipartUploadInput,
) -> Result<AbortMultipartUploadOutput, ServiceError> {
    access::enter(
        call,
        &input.bucket,
        "s3:AbortMultipartUpload",
        Some(&input.key),
    )?;
    let garbage = call.cloud.store().write(|tx| {
        find(tx, &input.bucket, &input.key, &input.upload_id)?;
        let garbage = take(tx, &input.upload_id)?;
        bodies::forget(tx, &garbage)?;
        Ok(garbage)
    })?;
    bodies::remove(call.cloud.store(), &garbage);
    Ok(AbortMultipartUploadOutput::default())
}

pub(super) async fn list_parts(
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

fn initiator(call: &Call) -> Initiator {
    Initiator {
        display_name: None,
        id: Some(call.caller.arn()),
    }
}

pub(super) async fn list_multipart_uploads(
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
    // With an upload's id the marker is that upload, without it all uploads of the key.
    let at = marker
        .1
        .as_ref()
        .and_then(|id| uploads.iter().position(|u| u.0 == marker.0 && &u.1 == id));
    let mut rest = uploads
        .into_iter()
        .enumerate()
        .filter(|(i, (key, _, _))| {
            key.starts_with(&prefix) && at.map_or(*key > marker.0, |at| *i > at)
        })
        .map(|(_, upload)| upload);
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
