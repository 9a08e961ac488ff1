//! CopyObject.

use futures::StreamExt;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, MetadataDirective,
    ObjectLockLegalHoldStatus, ObjectLockMode, ServerSideEncryption, TaggingDirective,
};

use super::bodies::{Body, Writer, Written, blocking};
use super::checksum::{self, Algorithm};
use super::object_lock::Lock;
use super::versions::{self, Conditions, Meta};
use super::{Call, access, errors, get, put, seconds, tagging, timestamp};
use crate::error::ServiceError;

/// The bucket, key and version that a copy is made from.
pub(super) fn source(source: &CopySource) -> Result<(&str, &str, Option<&str>), ServiceError> {
    match source {
        CopySource::Bucket {
            bucket,
            key,
            version_id,
        } => Ok((bucket, key, version_id.as_deref())),
        _ => Err(errors::not_implemented("access points")),
    }
}

/// Writes a range of a body anew.
pub(super) async fn rewrite(
    call: &Call,
    body: Body,
    range: std::ops::Range<u64>,
    algorithm: Algorithm,
) -> Result<Written, ServiceError> {
    let mut writer = Writer::new(call.cloud.store(), algorithm);
    let mut chunks = Box::pin(body.chunks(range));
    while let Some(bytes) = chunks.next().await {
        let bytes = bytes?;
        writer = blocking(move || writer.write(&bytes).map(|()| writer)).await?;
    }
    blocking(move || writer.finish()).await
}

pub(super) async fn copy_object(
    call: &Call,
    input: CopyObjectInput,
) -> Result<CopyObjectOutput, ServiceError> {
    let (from_bucket, from_key, from_version) = source(&input.copy_source)?;
    let (found, version, body) = get::open(call, from_bucket, from_key, from_version)?;
    access::enter(call, &input.bucket, "s3:PutObject", Some(&input.key))?;
    put::check_acl(input.acl.as_ref().map(s3s::dto::ObjectCannedACL::as_str))?;
    let conditions = get::Conditions {
        if_match: input.copy_source_if_match.as_ref(),
        if_none_match: input.copy_source_if_none_match.as_ref(),
        if_modified_since: input.copy_source_if_modified_since.as_ref(),
        if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
    };
    // A copy that its source's conditions prevent fails as such; nothing is "not modified".
    conditions
        .check(&version)
        .map_err(|_| errors::precondition_failed("x-amz-copy-source-If-"))?;
    let is = |directive: Option<&str>| directive == Some("REPLACE");
    let replaces = is(input
        .metadata_directive
        .as_ref()
        .map(MetadataDirective::as_str));
    let retags = is(input
        .tagging_directive
        .as_ref()
        .map(TaggingDirective::as_str));
    let onto_itself = from_bucket == input.bucket
        && from_key == input.key
        && from_version.is_none()
        && !replaces
        && input.storage_class.is_none()
        && input.website_redirect_location.is_none()
        && input.server_side_encryption.is_none();
    if onto_itself {
        return Err(errors::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    let algorithm = input
        .checksum_algorithm
        .as_ref()
        .and_then(|a| Algorithm::parse(a.as_str()))
        .or_else(|| version.meta.sum.as_ref().map(|s| s.algorithm))
        .unwrap_or(Algorithm::Crc64nvme);
    let written = rewrite(call, body, 0..version.size, algorithm).await?;
    let (encryption, kms_key) = put::encryption(
        call,
        &input.bucket,
        input.server_side_encryption.as_ref(),
        input.ssekms_key_id,
    )?;
    let tags = if retags {
        tagging::from_header(call, &input.bucket, &input.key, input.tagging.as_deref())?
    } else {
        version.meta.tags.clone()
    };
    let mut meta = if replaces {
        Meta {
            content_type: input.content_type,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: put::content_encoding(input.content_encoding),
            content_language: input.content_language,
            expires: input.expires.as_ref().map(seconds),
            user: input.metadata.unwrap_or_default().into_iter().collect(),
            ..Meta::default()
        }
    } else {
        version.meta.clone()
    };
    meta.redirect = input.website_redirect_location;
    meta.tags = tags;
    meta.storage_class = put::storage_class(input.storage_class.as_ref())?;
    meta.encryption = encryption;
    meta.kms_key = kms_key;
    meta.sum = Some(written.sum.clone());
    meta.parts = Vec::new();
    meta.lock = Lock::of_headers(
        input.object_lock_mode.as_ref().map(ObjectLockMode::as_str),
        input.object_lock_retain_until_date.as_ref(),
        input
            .object_lock_legal_hold_status
            .as_ref()
            .map(ObjectLockLegalHoldStatus::as_str),
    )?;
    let etag = written.etag();
    let done = versions::put(
        call,
        &input.bucket,
        &input.key,
        written,
        &etag,
        &meta,
        &Conditions::default(),
        |_| Ok(Vec::new()),
    )?;
    let mut result = CopyObjectResult {
        e_tag: Some(ETag::Strong(etag)),
        last_modified: Some(timestamp(done.modified)),
        checksum_type: meta.sum.as_ref().map(checksum::Sum::kind),
        ..Default::default()
    };
    checksum::show!(result, meta.sum.as_ref());
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: version.shown_id(&found),
        version_id: done.shown_id(),
        server_side_encryption: Some(ServerSideEncryption::from(meta.encryption)),
        ssekms_key_id: meta.kms_key,
        ..Default::default()
    })
}
