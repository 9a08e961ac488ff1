//! Objects: put, got, copied, listed, deleted.

use s3s::dto::*;
use serde_json::{Value, json};

use super::super::{Call, copy, delete, errors, get, listing, put, tagging};
use super::{Given, compact, iso, prefixes, quoted};
use crate::error::ServiceError;

/// A state's input and output are no larger.
const MAX_BODY: i64 = 256 << 10;

fn listed_objects(contents: Option<ObjectList>) -> Value {
    contents
        .unwrap_or_default()
        .iter()
        .map(|object| {
            json!({
                "Key": object.key,
                "LastModified": iso(object.last_modified.as_ref()),
                "ETag": quoted(object.e_tag.as_ref()),
                "Size": object.size,
                "StorageClass": object.storage_class.as_ref().map(ObjectStorageClass::as_str),
            })
        })
        .collect()
}

pub(super) async fn list_objects_v2(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = ListObjectsV2Input {
        bucket: given.required("Bucket")?,
        prefix: given.text("Prefix"),
        delimiter: given.text("Delimiter"),
        max_keys: given.number("MaxKeys"),
        start_after: given.text("StartAfter"),
        continuation_token: given.text("ContinuationToken"),
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
        max_keys: given.number("MaxKeys"),
        marker: given.text("Marker"),
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
    })))
}

pub(super) async fn get_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = GetObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        version_id: given.text("VersionId"),
        range: given.range()?,
        if_match: given.etag("IfMatch"),
        if_none_match: given.etag("IfNoneMatch"),
        ..Default::default()
    };
    let output = get::get_object(call, input).await?;
    if output.content_length.unwrap_or(0) > MAX_BODY {
        return Err(ServiceError::new(
            "States.DataLimitExceeded",
            format!(
                "The object is larger than the {MAX_BODY} bytes that a state's result may have."
            ),
        ));
    }
    let mut body = Vec::new();
    if let Some(mut blob) = output.body {
        while let Some(bytes) = futures::StreamExt::next(&mut blob).await {
            body.extend_from_slice(&bytes.map_err(ServiceError::internal)?);
        }
    }
    Ok(compact(json!({
        "AcceptRanges": output.accept_ranges,
        "Body": String::from_utf8_lossy(&body),
        "ContentLength": output.content_length,
        "ContentRange": output.content_range,
        "ContentType": output.content_type,
        "ETag": quoted(output.e_tag.as_ref()),
        "LastModified": iso(output.last_modified.as_ref()),
        "Metadata": output.metadata,
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "VersionId": output.version_id,
    })))
}

pub(super) async fn head_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = HeadObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        version_id: given.text("VersionId"),
        ..Default::default()
    };
    let output = get::head_object(call, input).await?;
    Ok(compact(json!({
        "AcceptRanges": output.accept_ranges,
        "ContentLength": output.content_length,
        "ContentType": output.content_type,
        "ETag": quoted(output.e_tag.as_ref()),
        "LastModified": iso(output.last_modified.as_ref()),
        "Metadata": output.metadata,
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "VersionId": output.version_id,
    })))
}

pub(super) async fn put_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = PutObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        body: Some(given.body()),
        content_type: given.text("ContentType"),
        content_encoding: given.text("ContentEncoding"),
        metadata: given.metadata(),
        tagging: given.text("Tagging"),
        storage_class: given.text("StorageClass").map(StorageClass::from),
        if_match: given.etag("IfMatch"),
        if_none_match: given.etag("IfNoneMatch"),
        ..Default::default()
    };
    let output = put::put_object(call, input).await?;
    Ok(compact(json!({
        "ETag": quoted(output.e_tag.as_ref()),
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "VersionId": output.version_id,
    })))
}

pub(super) async fn copy_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = CopyObjectInput::builder()
        .bucket(given.required("Bucket")?)
        .key(given.required("Key")?)
        .copy_source(given.copy_source()?)
        .content_type(given.text("ContentType"))
        .metadata(given.metadata())
        .metadata_directive(given.text("MetadataDirective").map(MetadataDirective::from))
        .build()
        .map_err(ServiceError::internal)?;
    let output = copy::copy_object(call, input).await?;
    let result = output.copy_object_result.unwrap_or_default();
    Ok(compact(json!({
        "CopyObjectResult": {
            "ETag": quoted(result.e_tag.as_ref()),
            "LastModified": iso(result.last_modified.as_ref()),
        },
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
            .map(|d| compact(json!({"Key": d.key, "VersionId": d.version_id})))
            .collect()
    });
    let failed: Vec<Value> = output
        .errors
        .unwrap_or_default()
        .iter()
        .map(|e| json!({"Key": e.key, "Code": e.code, "Message": e.message}))
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
