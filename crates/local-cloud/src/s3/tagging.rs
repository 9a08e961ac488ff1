//! Tags of objects.

use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};

use super::{Call, access, configuration, errors, versions};
use crate::error::ServiceError;

const MAX_TAGS: usize = 10;

/// The tags in an `x-amz-tagging` header; giving any needs its own permission.
pub(super) fn from_header(
    call: &Call,
    bucket: &str,
    key: &str,
    header: Option<&str>,
) -> Result<Vec<(String, String)>, ServiceError> {
    let Some(header) = header.filter(|h| !h.is_empty()) else {
        return Ok(Vec::new());
    };
    access::enter(call, bucket, "s3:PutObjectTagging", Some(key))?;
    let tags: Vec<(String, String)> = form_urlencoded::parse(header.as_bytes())
        .into_owned()
        .collect();
    let listed: Vec<Tag> = tags.iter().map(|(k, v)| tag(k, v)).collect();
    configuration::check_tags(&listed, MAX_TAGS)?;
    Ok(tags)
}

fn tag(key: &str, value: &str) -> Tag {
    Tag {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    }
}

pub(super) async fn get_object_tagging(
    call: &Call,
    input: GetObjectTaggingInput,
) -> Result<GetObjectTaggingOutput, ServiceError> {
    let action = if input.version_id.is_some() {
        "s3:GetObjectVersionTagging"
    } else {
        "s3:GetObjectTagging"
    };
    let bucket = access::enter(call, &input.bucket, action, Some(&input.key))?;
    let version = call
        .cloud
        .store()
        .read(|c| versions::find(c, &input.bucket, &input.key, input.version_id.as_deref()))?
        .filter(|v| !v.marker)
        .ok_or_else(|| errors::no_such_key(&input.key))?;
    Ok(GetObjectTaggingOutput {
        tag_set: version.meta.tags.iter().map(|(k, v)| tag(k, v)).collect(),
        version_id: version.shown_id(&bucket),
    })
}

pub(super) async fn put_object_tagging(
    call: &Call,
    input: PutObjectTaggingInput,
) -> Result<PutObjectTaggingOutput, ServiceError> {
    let action = if input.version_id.is_some() {
        "s3:PutObjectVersionTagging"
    } else {
        "s3:PutObjectTagging"
    };
    let bucket = access::enter(call, &input.bucket, action, Some(&input.key))?;
    configuration::check_tags(&input.tagging.tag_set, MAX_TAGS)?;
    let tags = input
        .tagging
        .tag_set
        .into_iter()
        .map(|t| (t.key.unwrap_or_default(), t.value.unwrap_or_default()))
        .collect();
    let version = set(
        call,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
        tags,
    )?;
    Ok(PutObjectTaggingOutput {
        version_id: version.shown_id(&bucket),
    })
}

pub(super) async fn delete_object_tagging(
    call: &Call,
    input: DeleteObjectTaggingInput,
) -> Result<DeleteObjectTaggingOutput, ServiceError> {
    let action = if input.version_id.is_some() {
        "s3:DeleteObjectVersionTagging"
    } else {
        "s3:DeleteObjectTagging"
    };
    let bucket = access::enter(call, &input.bucket, action, Some(&input.key))?;
    let version = set(
        call,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
        Vec::new(),
    )?;
    Ok(DeleteObjectTaggingOutput {
        version_id: version.shown_id(&bucket),
    })
}

fn set(
    call: &Call,
    bucket: &str,
    key: &str,
    id: Option<&str>,
    tags: Vec<(String, String)>,
) -> Result<versions::Version, ServiceError> {
    call.cloud.store().write(|tx| {
        let mut version = versions::find(tx, bucket, key, id)?
            .filter(|v| !v.marker)
            .ok_or_else(|| errors::no_such_key(key))?;
        version.meta.tags = tags;
        versions::write_meta(tx, bucket, &version)?;
        Ok(version)
    })
}
