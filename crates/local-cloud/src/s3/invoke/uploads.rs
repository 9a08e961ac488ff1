//! Uploads in parts.

use s3s::dto::*;
use serde_json::{Value, json};

use super::super::{Call, multipart};
use super::{Given, compact, iso, missing, owner, quoted, strong};
use crate::error::ServiceError;

pub(super) async fn create_multipart_upload(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = CreateMultipartUploadInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        acl: given.text("ACL").map(ObjectCannedACL::from),
        cache_control: given.text("CacheControl"),
        content_disposition: given.text("ContentDisposition"),
        content_encoding: given.text("ContentEncoding"),
        content_language: given.text("ContentLanguage"),
        content_type: given.text("ContentType"),
        expires: given.time("Expires")?,
        metadata: given.metadata(),
        server_side_encryption: given
            .text("ServerSideEncryption")
            .map(ServerSideEncryption::from),
        ssekms_key_id: given.text("SSEKMSKeyId"),
        storage_class: given.text("StorageClass").map(StorageClass::from),
        tagging: given.text("Tagging"),
        website_redirect_location: given.text("WebsiteRedirectLocation"),
        object_lock_mode: given.text("ObjectLockMode").map(ObjectLockMode::from),
        object_lock_retain_until_date: given.time("ObjectLockRetainUntilDate")?,
        object_lock_legal_hold_status: given
            .text("ObjectLockLegalHoldStatus")
            .map(ObjectLockLegalHoldStatus::from),
        checksum_algorithm: given.text("ChecksumAlgorithm").map(ChecksumAlgorithm::from),
        checksum_type: given.text("ChecksumType").map(ChecksumType::from),
        ..Default::default()
    };
    let output = multipart::create_multipart_upload(call, input).await?;
    Ok(compact(json!({
        "Bucket": output.bucket,
        "Key": output.key,
        "UploadId": output.upload_id,
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "ChecksumAlgorithm": output.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str),
        "ChecksumType": output.checksum_type.as_ref().map(ChecksumType::as_str),
    })))
}

/// The number of the part that is uploaded.
fn part_number(given: &Given) -> Result<i32, ServiceError> {
    given
        .number("PartNumber")?
        .ok_or_else(|| missing("PartNumber"))
}

pub(super) async fn upload_part(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = UploadPartInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        upload_id: given.required("UploadId")?,
        part_number: part_number(given)?,
        body: Some(given.body()),
        checksum_algorithm: given.text("ChecksumAlgorithm").map(ChecksumAlgorithm::from),
        checksum_crc32: given.text("ChecksumCRC32"),
        checksum_crc32c: given.text("ChecksumCRC32C"),
        checksum_crc64nvme: given.text("ChecksumCRC64NVME"),
        checksum_sha1: given.text("ChecksumSHA1"),
        checksum_sha256: given.text("ChecksumSHA256"),
        content_md5: given.text("ContentMD5"),
        ..Default::default()
    };
    let output = multipart::upload_part(call, input).await?;
    Ok(compact(json!({
        "ETag": quoted(output.e_tag.as_ref()),
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
    })))
}

pub(super) async fn upload_part_copy(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = UploadPartCopyInput::builder()
        .bucket(given.required("Bucket")?)
        .key(given.required("Key")?)
        .upload_id(given.required("UploadId")?)
        .part_number(part_number(given)?)
        .copy_source(given.copy_source()?)
        .copy_source_range(given.text("CopySourceRange"))
        .build()
        .map_err(ServiceError::internal)?;
    let output = multipart::upload_part_copy(call, input).await?;
    let result = output.copy_part_result.unwrap_or_default();
    Ok(json!({"CopyPartResult": {
        "ETag": quoted(result.e_tag.as_ref()),
        "LastModified": iso(result.last_modified.as_ref()),
    }}))
}

pub(super) async fn complete_multipart_upload(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let wanted = given.structure("MultipartUpload")?;
    let parts = wanted.list("Parts")?.iter().map(completed_part);
    let input = CompleteMultipartUploadInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        upload_id: given.required("UploadId")?,
        multipart_upload: Some(CompletedMultipartUpload {
            parts: Some(parts.collect()),
        }),
        if_match: given.etag("IfMatch"),
        if_none_match: given.etag("IfNoneMatch"),
        ..Default::default()
    };
    let output = multipart::complete_multipart_upload(call, input).await?;
    Ok(compact(json!({
        "Location": output.location,
        "Bucket": output.bucket,
        "Key": output.key,
        "ETag": quoted(output.e_tag.as_ref()),
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "VersionId": output.version_id,
    })))
}

fn completed_part(part: &Value) -> CompletedPart {
    let number = part.get("PartNumber").and_then(Value::as_i64);
    CompletedPart {
        e_tag: part.get("ETag").and_then(Value::as_str).map(strong),
        part_number: number.and_then(|number| i32::try_from(number).ok()),
        ..Default::default()
    }
}

pub(super) async fn abort_multipart_upload(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = AbortMultipartUploadInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        upload_id: given.required("UploadId")?,
        ..Default::default()
    };
    multipart::abort_multipart_upload(call, input).await?;
    Ok(json!({}))
}

pub(super) async fn list_parts(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = ListPartsInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        upload_id: given.required("UploadId")?,
        max_parts: given.number("MaxParts")?,
        part_number_marker: given.number("PartNumberMarker")?,
        ..Default::default()
    };
    let output = multipart::list_parts(call, input).await?;
    let parts = output.parts.unwrap_or_default();
    let parts: Vec<Value> = parts
        .iter()
        .map(|part| {
            json!({
                "PartNumber": part.part_number,
                "LastModified": iso(part.last_modified.as_ref()),
                "ETag": quoted(part.e_tag.as_ref()),
                "Size": part.size,
            })
        })
        .collect();
    Ok(compact(json!({
        "Bucket": output.bucket,
        "Key": output.key,
        "UploadId": output.upload_id,
        "PartNumberMarker": output.part_number_marker,
        "NextPartNumberMarker": output.next_part_number_marker,
        "MaxParts": output.max_parts,
        "IsTruncated": output.is_truncated,
        "Parts": parts,
        "Owner": owner(output.owner.as_ref()),
        "StorageClass": output.storage_class.as_ref().map(StorageClass::as_str),
    })))
}

pub(super) async fn list_multipart_uploads(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = ListMultipartUploadsInput {
        bucket: given.required("Bucket")?,
        prefix: given.text("Prefix"),
        delimiter: given.text("Delimiter"),
        key_marker: given.text("KeyMarker"),
        upload_id_marker: given.text("UploadIdMarker"),
        max_uploads: given.number("MaxUploads")?,
        ..Default::default()
    };
    let output = multipart::list_multipart_uploads(call, input).await?;
    let uploads = output.uploads.unwrap_or_default();
    let uploads: Vec<Value> = uploads
        .iter()
        .map(|upload| {
            json!({
                "UploadId": upload.upload_id,
                "Key": upload.key,
                "Initiated": iso(upload.initiated.as_ref()),
                "StorageClass": upload.storage_class.as_ref().map(StorageClass::as_str),
                "Owner": owner(upload.owner.as_ref()),
            })
        })
        .collect();
    Ok(compact(json!({
        "Bucket": output.bucket,
        "KeyMarker": output.key_marker,
        "UploadIdMarker": output.upload_id_marker,
        "NextKeyMarker": output.next_key_marker,
        "NextUploadIdMarker": output.next_upload_id_marker,
        "Prefix": output.prefix,
        "MaxUploads": output.max_uploads,
        "IsTruncated": output.is_truncated,
        "Uploads": uploads,
    })))
}
