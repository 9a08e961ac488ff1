//! Objects: put, got, copied, listed, deleted.

use s3s::dto::*;
use serde_json::{Value, json};

use super::super::{Call, copy, delete, errors, get, listing, put, tagging};
use super::{Given, compact, iso, owner, prefixes, quoted};
use crate::error::ServiceError;

/// A state's input and output are no larger.
const MAX_BODY: i64 = 256 << 10;

fn listed_objects(contents: Option<ObjectList>) -> Value {
    contents
        .unwrap_or_default()
        .iter()
        .map(|object| {
            compact(json!({
                "Key": object.key,
                "LastModified": iso(object.last_modified.as_ref()),
                "ETag": quoted(object.e_tag.as_ref()),
                "Size": object.size,
                "StorageClass": object.storage_class.as_ref().map(ObjectStorageClass::as_str),
                "Owner": owner(object.owner.as_ref()),
            }))
        })
        .collect()
}

pub(super) async fn list_objects_v2(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = ListObjectsV2Input {
        bucket: given.required("Bucket")?,
        prefix: given.text("Prefix"),
        delimiter: given.text("Delimiter"),
        max_keys: given.number("MaxKeys")?,
        start_after: given.text("StartAfter"),
        continuation_token: given.text("ContinuationToken"),
        fetch_owner: given.flag("FetchOwner")?,
        encoding_type: given.text("EncodingType").map(EncodingType::from),
        ..Default::default()
    };
    let output = listing::list_objects_v2(call, input).await?;
    Ok(compact(json!({
        "IsTruncated": output.is_truncated,
        "Contents": listed_objects(output.contents),
        "Name": output.name,
        "Prefix": output.prefix,
        "Delimiter": output.delimiter,
        "MaxKeys": output.max_keys,
        "CommonPrefixes": prefixes(output.common_prefixes),
        "EncodingType": output.encoding_type.as_ref().map(EncodingType::as_str),
        "KeyCount": output.key_count,
        "ContinuationToken": output.continuation_token,
        "NextContinuationToken": output.next_continuation_token,
        "StartAfter": output.start_after,
    })))
}

pub(super) async fn list_objects(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = ListObjectsInput {
        bucket: given.required("Bucket")?,
        prefix: given.text("Prefix"),
        delimiter: given.text("Delimiter"),
        max_keys: given.number("MaxKeys")?,
        marker: given.text("Marker"),
        encoding_type: given.text("EncodingType").map(EncodingType::from),
        ..Default::default()
    };
    let output = listing::list_objects(call, input).await?;
    Ok(compact(json!({
        "IsTruncated": output.is_truncated,
        "Marker": output.marker,
        "NextMarker": output.next_marker,
        "Contents": listed_objects(output.contents),
        "Name": output.name,
        "Prefix": output.prefix,
        "Delimiter": output.delimiter,
        "MaxKeys": output.max_keys,
        "CommonPrefixes": prefixes(output.common_prefixes),
        "EncodingType": output.encoding_type.as_ref().map(EncodingType::as_str),
    })))
}

/// What GetObject and HeadObject tell of an object beside its content, with the headers that the
/// request wants in the place of the object's own.
macro_rules! described {
    ($output:expr, $given:expr) => {
        json!({
            "AcceptRanges": $output.accept_ranges,
            "CacheControl": $given.text("ResponseCacheControl").or($output.cache_control),
            "ChecksumCRC32": $output.checksum_crc32,
            "ChecksumCRC32C": $output.checksum_crc32c,
            "ChecksumCRC64NVME": $output.checksum_crc64nvme,
            "ChecksumSHA1": $output.checksum_sha1,
            "ChecksumSHA256": $output.checksum_sha256,
            "ChecksumType": $output.checksum_type.as_ref().map(ChecksumType::as_str),
            "ContentDisposition":
                $given.text("ResponseContentDisposition").or($output.content_disposition),
            "ContentEncoding": $given.text("ResponseContentEncoding").or($output.content_encoding),
            "ContentLanguage": $given.text("ResponseContentLanguage").or($output.content_language),
            "ContentLength": $output.content_length,
            "ContentRange": $output.content_range,
            "ContentType": $given.text("ResponseContentType").or($output.content_type),
            "ETag": quoted($output.e_tag.as_ref()),
            "Expires": $given
                .text("ResponseExpires")
                .map_or_else(|| iso($output.expires.as_ref()), Value::String),
            "LastModified": iso($output.last_modified.as_ref()),
            "Metadata": $output.metadata,
            "ObjectLockLegalHoldStatus": $output
                .object_lock_legal_hold_status
                .as_ref()
                .map(ObjectLockLegalHoldStatus::as_str),
            "ObjectLockMode": $output.object_lock_mode.as_ref().map(ObjectLockMode::as_str),
            "ObjectLockRetainUntilDate": iso($output.object_lock_retain_until_date.as_ref()),
            "PartsCount": $output.parts_count,
            "ServerSideEncryption": $output
                .server_side_encryption
                .as_ref()
                .map(ServerSideEncryption::as_str),
            "SSEKMSKeyId": $output.ssekms_key_id,
            "StorageClass": $output.storage_class.as_ref().map(StorageClass::as_str),
            "VersionId": $output.version_id,
            "WebsiteRedirectLocation": $output.website_redirect_location,
        })
    };
}

pub(super) async fn get_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = GetObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        version_id: given.text("VersionId"),
        range: given.range()?,
        part_number: given.number("PartNumber")?,
        if_match: given.etag("IfMatch"),
        if_none_match: given.etag("IfNoneMatch"),
        if_modified_since: given.time("IfModifiedSince")?,
        if_unmodified_since: given.time("IfUnmodifiedSince")?,
        checksum_mode: given.text("ChecksumMode").map(ChecksumMode::from),
        ..Default::default()
    };
    let mut output = get::get_object(call, input).await?;
    if output.content_length.unwrap_or(0) > MAX_BODY {
        return Err(ServiceError::new(
            "States.DataLimitExceeded",
            format!(
                "The object is larger than the {MAX_BODY} bytes that a state's result may have."
            ),
        ));
    }
    let mut body = Vec::new();
    if let Some(mut blob) = output.body.take() {
        while let Some(bytes) = futures::StreamExt::next(&mut blob).await {
            body.extend_from_slice(&bytes.map_err(ServiceError::internal)?);
        }
    }
    let mut told = described!(output, given);
    told["Body"] = json!(String::from_utf8_lossy(&body));
    told["TagCount"] = json!(output.tag_count);
    Ok(compact(told))
}

pub(super) async fn head_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = HeadObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        version_id: given.text("VersionId"),
        range: given.range()?,
        part_number: given.number("PartNumber")?,
        if_match: given.etag("IfMatch"),
        if_none_match: given.etag("IfNoneMatch"),
        if_modified_since: given.time("IfModifiedSince")?,
        if_unmodified_since: given.time("IfUnmodifiedSince")?,
        checksum_mode: given.text("ChecksumMode").map(ChecksumMode::from),
        ..Default::default()
    };
    let output = get::head_object(call, input).await?;
    Ok(compact(described!(output, given)))
}

pub(super) async fn put_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = PutObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        body: Some(given.body()),
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
        if_match: given.etag("IfMatch"),
        if_none_match: given.etag("IfNoneMatch"),
        checksum_algorithm: given.text("ChecksumAlgorithm").map(ChecksumAlgorithm::from),
        checksum_crc32: given.text("ChecksumCRC32"),
        checksum_crc32c: given.text("ChecksumCRC32C"),
        checksum_crc64nvme: given.text("ChecksumCRC64NVME"),
        checksum_sha1: given.text("ChecksumSHA1"),
        checksum_sha256: given.text("ChecksumSHA256"),
        content_md5: given.text("ContentMD5"),
        ..Default::default()
    };
    let output = put::put_object(call, input).await?;
    Ok(compact(json!({
        "ETag": quoted(output.e_tag.as_ref()),
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "SSEKMSKeyId": output.ssekms_key_id,
        "VersionId": output.version_id,
    })))
}

pub(super) async fn copy_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = CopyObjectInput::builder()
        .bucket(given.required("Bucket")?)
        .key(given.required("Key")?)
        .copy_source(given.copy_source()?)
        .copy_source_if_match(given.etag("CopySourceIfMatch"))
        .copy_source_if_none_match(given.etag("CopySourceIfNoneMatch"))
        .copy_source_if_modified_since(given.time("CopySourceIfModifiedSince")?)
        .copy_source_if_unmodified_since(given.time("CopySourceIfUnmodifiedSince")?)
        .acl(given.text("ACL").map(ObjectCannedACL::from))
        .cache_control(given.text("CacheControl"))
        .checksum_algorithm(given.text("ChecksumAlgorithm").map(ChecksumAlgorithm::from))
        .content_disposition(given.text("ContentDisposition"))
        .content_encoding(given.text("ContentEncoding"))
        .content_language(given.text("ContentLanguage"))
        .content_type(given.text("ContentType"))
        .expires(given.time("Expires")?)
        .metadata(given.metadata())
        .metadata_directive(given.text("MetadataDirective").map(MetadataDirective::from))
        .server_side_encryption(
            given
                .text("ServerSideEncryption")
                .map(ServerSideEncryption::from),
        )
        .ssekms_key_id(given.text("SSEKMSKeyId"))
        .storage_class(given.text("StorageClass").map(StorageClass::from))
        .tagging(given.text("Tagging"))
        .tagging_directive(given.text("TaggingDirective").map(TaggingDirective::from))
        .website_redirect_location(given.text("WebsiteRedirectLocation"))
        .object_lock_mode(given.text("ObjectLockMode").map(ObjectLockMode::from))
        .object_lock_retain_until_date(given.time("ObjectLockRetainUntilDate")?)
        .object_lock_legal_hold_status(
            given
                .text("ObjectLockLegalHoldStatus")
                .map(ObjectLockLegalHoldStatus::from),
        )
        .build()
        .map_err(ServiceError::internal)?;
    let output = copy::copy_object(call, input).await?;
    let result = output.copy_object_result.unwrap_or_default();
    Ok(compact(json!({
        "CopyObjectResult": {
            "ETag": quoted(result.e_tag.as_ref()),
            "LastModified": iso(result.last_modified.as_ref()),
        },
        "CopySourceVersionId": output.copy_source_version_id,
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "SSEKMSKeyId": output.ssekms_key_id,
        "VersionId": output.version_id,
    })))
}

pub(super) async fn delete_objects(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let wanted = given.0.get("Delete").cloned().unwrap_or_default();
    let listed = wanted
        .get("Objects")
        .and_then(Value::as_array)
        .ok_or_else(|| {
            errors::invalid_argument("The member Delete.Objects is required and is missing.")
        })?;
    let mut objects = Vec::with_capacity(listed.len());
    for object in listed {
        let member = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        objects.push(ObjectIdentifier {
            key: member("Key").ok_or_else(errors::malformed_xml)?,
            version_id: member("VersionId"),
            ..Default::default()
        });
    }
    let input = DeleteObjectsInput::builder()
        .bucket(given.required("Bucket")?)
        .delete(Delete {
            objects,
            quiet: wanted.get("Quiet").and_then(Value::as_bool),
        })
        .build()
        .map_err(ServiceError::internal)?;
    let output = delete::delete_objects(call, input).await?;
    let deleted: Option<Vec<Value>> = output.deleted.map(|deleted| {
        deleted
            .iter()
            .map(|d| {
                compact(json!({
                    "DeleteMarker": d.delete_marker,
                    "DeleteMarkerVersionId": d.delete_marker_version_id,
                    "Key": d.key,
                    "VersionId": d.version_id,
                }))
            })
            .collect()
    });
    let failed: Vec<Value> = output
        .errors
        .unwrap_or_default()
        .iter()
        .map(|e| {
            compact(json!({
                "Key": e.key,
                "VersionId": e.version_id,
                "Code": e.code,
                "Message": e.message,
            }))
        })
        .collect();
    Ok(compact(json!({
        "Deleted": deleted,
        "Errors": (!failed.is_empty()).then_some(failed),
    })))
}

pub(super) async fn put_object_tagging(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = PutObjectTaggingInput::builder()
        .bucket(given.required("Bucket")?)
        .key(given.required("Key")?)
        .version_id(given.text("VersionId"))
        .tagging(given.tagging()?)
        .build()
        .map_err(ServiceError::internal)?;
    let output = tagging::put_object_tagging(call, input).await?;
    Ok(compact(json!({"VersionId": output.version_id})))
}
