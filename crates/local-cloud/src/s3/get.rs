//! GetObject and HeadObject.

use std::ops::Range;

use s3s::dto::{
    Checksum, ContentType, ETagCondition, GetObjectAttributesInput, GetObjectAttributesOutput,
    GetObjectAttributesParts, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    ObjectLockLegalHoldStatus, ObjectLockMode, ServerSideEncryption, StorageClass, Timestamp,
};

use super::versions::{self, Version};
use super::{Call, access, bodies, buckets, checksum, errors, put, seconds, timestamp};
use crate::error::ServiceError;

/// The conditions of a read.
#[derive(Default)]
pub(super) struct Conditions<'a> {
    pub if_match: Option<&'a ETagCondition>,
    pub if_none_match: Option<&'a ETagCondition>,
    pub if_modified_since: Option<&'a Timestamp>,
    pub if_unmodified_since: Option<&'a Timestamp>,
}

impl Conditions<'_> {
    /// Checks them in the order of RFC 9110, section 13.2.2.
    pub fn check(&self, version: &Version) -> Result<(), ServiceError> {
        let modified = version.modified / 1000;
        if let Some(condition) = self.if_match {
            if !versions::matches(condition, &version.etag) {
                return Err(errors::precondition_failed("If-Match"));
            }
        } else if self
            .if_unmodified_since
            .is_some_and(|t| modified > seconds(t))
        {
            return Err(errors::precondition_failed("If-Unmodified-Since"));
        }
        if let Some(condition) = self.if_none_match {
            if versions::matches(condition, &version.etag) {
                return Err(errors::not_modified());
            }
        } else if self
            .if_modified_since
            .is_some_and(|t| modified <= seconds(t))
        {
            return Err(errors::not_modified());
        }
        Ok(())
    }
}

/// Checks the permission to read an object and opens it.
pub(super) fn open(
    call: &Call,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<(buckets::Bucket, Version, bodies::Body), ServiceError> {
    let action = if version.is_some() {
        "s3:GetObjectVersion"
    } else {
        "s3:GetObject"
    };
    let found = access::enter(call, bucket, action, Some(key))?;
    match versions::open(call.cloud.store(), bucket, key, version)? {
        Some((version, Some(body))) => Ok((found, version, body)),
        // A delete marker that is asked for by its id.
        Some(_) if version.is_some() => Err(ServiceError::new(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        )
        .with_status(405)),
        _ => {
            // Whether a key is there is told only to those who may list the bucket.
            access::check(call, &found, "s3:ListBucket", None, &[])?;
            Err(match version {
                Some(id) => errors::no_such_version(key, id),
                None => errors::no_such_key(key),
            })
        }
    }
}

/// The bytes that are asked for: a range, a part, or all.
fn range_of(
    version: &Version,
    range: Option<s3s::dto::Range>,
    part: Option<i32>,
) -> Result<Option<Range<u64>>, ServiceError> {
    match (range, part) {
        (Some(_), Some(_)) => Err(errors::invalid_request(
            "Cannot specify both Range header and partNumber query parameter",
        )),
        (Some(range), None) => range
            .check(version.size)
            .map(Some)
            .map_err(|_| errors::invalid_range()),
        (None, None) => Ok(None),
        (None, Some(number)) => {
            let outside = || {
                ServiceError::new(
                    "InvalidPartNumber",
                    "The requested partnumber is not satisfiable",
                )
                .with_status(416)
            };
            let index = usize::try_from(number - 1).map_err(|_| outside())?;
            if version.meta.parts.is_empty() {
                return if index == 0 { Ok(None) } else { Err(outside()) };
            }
            let size = version.meta.parts.get(index).ok_or_else(outside)?;
            let start: u64 = version.meta.parts[..index].iter().sum();
            Ok(Some(start..start + size))
        }
    }
}

/// The members that GetObject and HeadObject share.
macro_rules! describe {
    ($output:expr, $bucket:expr, $version:expr, $range:expr, $part:expr, $with_sum:expr) => {{
        let (bucket, version, range): (&buckets::Bucket, &Version, Option<&Range<u64>>) =
            ($bucket, $version, $range);
        let meta = &version.meta;
        $output.accept_ranges = Some("bytes".to_owned());
        $output.cache_control = meta.cache_control.clone();
        $output.content_disposition = meta.content_disposition.clone();
        $output.content_encoding = meta.content_encoding.clone();
        $output.content_language = meta.content_language.clone();
        $output.content_length = Some(
            range
                .map_or(version.size, |r| r.end - r.start)
                .cast_signed(),
        );
        $output.content_range =
            range.map(|r| format!("bytes {}-{}/{}", r.start, r.end.max(1) - 1, version.size));
        $output.content_type = Some(
            meta.content_type
                .clone()
                .unwrap_or_else(|| ContentType::from("binary/octet-stream")),
        );
        $output.e_tag = Some(version.etag());
        $output.expires = put::expires(meta.expires);
        $output.last_modified = Some(timestamp(version.modified));
        $output.metadata = Some(meta.user.clone().into_iter().collect());
        $output.server_side_encryption = Some(ServerSideEncryption::from(meta.encryption.clone()));
        $output.ssekms_key_id = meta.kms_key.clone();
        $output.storage_class = meta.storage_class.clone().map(StorageClass::from);
        $output.version_id = version.shown_id(bucket);
        $output.website_redirect_location = meta.redirect.clone();
        $output.object_lock_mode = meta.lock.retention_mode().map(ObjectLockMode::from);
        $output.object_lock_retain_until_date = meta.lock.retain_until();
        $output.object_lock_legal_hold_status = meta
            .lock
            .legal_hold()
            .map(ObjectLockLegalHoldStatus::from_static);
        if $part.is_some() && !meta.parts.is_empty() {
            $output.parts_count = Some(meta.parts.len() as i32);
        }
        // The checksum is of the whole object.
        if $with_sum && range.is_none() {
            checksum::show!($output, meta.sum.as_ref());
            $output.checksum_type = meta.sum.as_ref().map(checksum::Sum::kind);
        }
    }};
}

pub(super) async fn get_object(
    call: &Call,
    input: GetObjectInput,
) -> Result<GetObjectOutput, ServiceError> {
    let (bucket, version, body) =
        open(call, &input.bucket, &input.key, input.version_id.as_deref())?;
    Conditions {
        if_match: input.if_match.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
    }
    .check(&version)?;
    let range = range_of(&version, input.range, input.part_number)?;
    let mut output = GetObjectOutput {
        body: Some(body.stream(range.clone().unwrap_or(0..version.size))),
        tag_count: (!version.meta.tags.is_empty()).then_some(version.meta.tags.len() as i32),
        ..Default::default()
    };
    describe!(
        output,
        &bucket,
        &version,
        range.as_ref(),
        input.part_number,
        input.checksum_mode.is_some()
    );
    Ok(output)
}

pub(super) async fn head_object(
    call: &Call,
    input: HeadObjectInput,
) -> Result<HeadObjectOutput, ServiceError> {
    let (bucket, version, _) = open(call, &input.bucket, &input.key, input.version_id.as_deref())?;
    Conditions {
        if_match: input.if_match.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
    }
    .check(&version)?;
    let range = range_of(&version, input.range, input.part_number)?;
    let mut output = HeadObjectOutput::default();
    describe!(
        output,
        &bucket,
        &version,
        range.as_ref(),
        input.part_number,
        input.checksum_mode.is_some()
    );
    Ok(output)
}

pub(super) async fn get_object_attributes(
    call: &Call,
    input: GetObjectAttributesInput,
) -> Result<GetObjectAttributesOutput, ServiceError> {
    let (bucket, version, _) = open(call, &input.bucket, &input.key, input.version_id.as_deref())?;
    let action = if input.version_id.is_some() {
        "s3:GetObjectVersionAttributes"
    } else {
        "s3:GetObjectAttributes"
    };
    access::check(call, &bucket, action, Some(&input.key), &[])?;
    // Clients put the names into one header or into one each.
    let wants = |name: &str| {
        input
            .object_attributes
            .iter()
            .flat_map(|a| a.as_str().split(','))
            .any(|a| a.trim() == name)
    };
    let meta = &version.meta;
    let sum = meta.sum.as_ref().filter(|_| wants("Checksum")).map(|sum| {
        let mut shown = Checksum {
            checksum_type: Some(sum.kind()),
            ..Default::default()
        };
        checksum::show!(shown, Some(sum));
        shown
    });
    Ok(GetObjectAttributesOutput {
        checksum: sum,
        e_tag: wants("ETag").then(|| version.etag()),
        last_modified: Some(timestamp(version.modified)),
        object_parts: (wants("ObjectParts") && !meta.parts.is_empty()).then(|| {
            GetObjectAttributesParts {
                total_parts_count: Some(meta.parts.len() as i32),
                ..Default::default()
            }
        }),
        object_size: wants("ObjectSize").then_some(version.size.cast_signed()),
        storage_class: wants("StorageClass").then(|| {
            StorageClass::from(
                meta.storage_class
                    .clone()
                    .unwrap_or_else(|| "STANDARD".to_owned()),
            )
        }),
        version_id: version.shown_id(&bucket),
        ..Default::default()
    })
}
