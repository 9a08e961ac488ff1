//! Multipart uploads.

mod complete;
mod list;

pub(super) use complete::complete_multipart_upload;
pub(super) use list::{list_multipart_uploads, list_parts};

use rusqlite::{Connection, OptionalExtension, Transaction};
use s3s::dto::*;

use super::bodies::{self, Written};
use super::checksum::{self, Algorithm, Sum, Wanted};
use super::object_lock::Lock;
use super::versions::Meta;
use super::{
    Call, access, buckets, copy, errors, get, ordered_id, put, seconds, tagging, timestamp,
};
use crate::error::ServiceError;

const MAX_PARTS: i32 = 10_000;

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
        lock: Lock::of_headers(
            input.object_lock_mode.as_ref().map(ObjectLockMode::as_str),
            input.object_lock_retain_until_date.as_ref(),
            input
                .object_lock_legal_hold_status
                .as_ref()
                .map(ObjectLockLegalHoldStatus::as_str),
        )?,
        ..Meta::default()
    };
    let now = chrono::Utc::now().timestamp_millis();
    let id = ordered_id::new(now.max(0));
    let document = serde_json::to_string(&(&meta, algorithm, composite))?;
    call.cloud.store().write(|tx| {
        buckets::find_in(tx, &input.bucket)?;
        tx.execute(
            "INSERT INTO s3_uploads VALUES (?1, ?2, ?3, ?4, ?5)",
            (&id, &input.bucket, &input.key, now, document),
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
