//! Versions of objects, and what is told of one beside its content.

use s3s::dto::*;
use serde_json::{Value, json};

use super::super::{Call, get, tagging, version_listing};
use super::{Given, compact, iso, owner, prefixes, quoted};
use crate::error::ServiceError;

pub(super) async fn list_object_versions(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = ListObjectVersionsInput {
        bucket: given.required("Bucket")?,
        prefix: given.text("Prefix"),
        delimiter: given.text("Delimiter"),
        max_keys: given.number("MaxKeys")?,
        key_marker: given.text("KeyMarker"),
        version_id_marker: given.text("VersionIdMarker"),
        ..Default::default()
    };
    let output = version_listing::list_object_versions(call, input).await?;
    let versions: Vec<Value> = output
        .versions
        .unwrap_or_default()
        .iter()
        .map(version)
        .collect();
    let markers: Vec<Value> = output
        .delete_markers
        .unwrap_or_default()
        .iter()
        .map(delete_marker)
        .collect();
    Ok(compact(json!({
        "IsTruncated": output.is_truncated,
        "KeyMarker": output.key_marker,
        "VersionIdMarker": output.version_id_marker,
        "NextKeyMarker": output.next_key_marker,
        "NextVersionIdMarker": output.next_version_id_marker,
        "Versions": versions,
        "DeleteMarkers": markers,
        "Name": output.name,
        "Prefix": output.prefix,
        "Delimiter": output.delimiter,
        "MaxKeys": output.max_keys,
        "CommonPrefixes": prefixes(output.common_prefixes),
    })))
}

fn version(version: &ObjectVersion) -> Value {
    compact(json!({
        "ETag": quoted(version.e_tag.as_ref()),
        "Size": version.size,
        "StorageClass": version.storage_class.as_ref().map(ObjectVersionStorageClass::as_str),
        "Key": version.key,
        "VersionId": version.version_id,
        "IsLatest": version.is_latest,
        "LastModified": iso(version.last_modified.as_ref()),
        "Owner": owner(version.owner.as_ref()),
    }))
}

fn delete_marker(marker: &DeleteMarkerEntry) -> Value {
    compact(json!({
        "Owner": owner(marker.owner.as_ref()),
        "Key": marker.key,
        "VersionId": marker.version_id,
        "IsLatest": marker.is_latest,
        "LastModified": iso(marker.last_modified.as_ref()),
    }))
}

pub(super) async fn delete_object_tagging(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let input = DeleteObjectTaggingInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        version_id: given.text("VersionId"),
        ..Default::default()
    };
    let output = tagging::delete_object_tagging(call, input).await?;
    Ok(compact(json!({"VersionId": output.version_id})))
}

pub(super) async fn get_object_attributes(
    call: &Call,
    given: &Given,
) -> Result<Value, ServiceError> {
    let wanted = given.list("ObjectAttributes")?.iter();
    let input = GetObjectAttributesInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        version_id: given.text("VersionId"),
        object_attributes: wanted
            .filter_map(Value::as_str)
            .map(|name| ObjectAttributes::from(name.to_owned()))
            .collect(),
        ..Default::default()
    };
    let output = get::get_object_attributes(call, input).await?;
    let parts = output.object_parts.as_ref();
    // The entity tag has no quotes here, unlike everywhere else.
    Ok(compact(json!({
        "LastModified": iso(output.last_modified.as_ref()),
        "VersionId": output.version_id,
        "ETag": output.e_tag.as_ref().map(ETag::value),
        "Checksum": output.checksum.as_ref().map(checksum),
        "ObjectParts": parts.map(|parts| json!({"TotalPartsCount": parts.total_parts_count})),
        "StorageClass": output.storage_class.as_ref().map(StorageClass::as_str),
        "ObjectSize": output.object_size,
    })))
}

fn checksum(sum: &Checksum) -> Value {
    compact(json!({
        "ChecksumCRC32": sum.checksum_crc32,
        "ChecksumCRC32C": sum.checksum_crc32c,
        "ChecksumCRC64NVME": sum.checksum_crc64nvme,
        "ChecksumSHA1": sum.checksum_sha1,
        "ChecksumSHA256": sum.checksum_sha256,
        "ChecksumType": sum.checksum_type.as_ref().map(ChecksumType::as_str),
    }))
}
