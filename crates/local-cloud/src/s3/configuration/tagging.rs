//! Tags of buckets, and what tags may be.

use s3s::dto::*;

use super::super::Call;
use super::{Setting, delete, get, put};
use crate::error::ServiceError;

pub(super) const TAGGING: Setting = Setting {
    kind: "tagging",
    get: "s3:GetBucketTagging",
    put: "s3:PutBucketTagging",
    unset: ("NoSuchTagSet", "The TagSet does not exist"),
};

pub fn check_tags(tags: &[Tag], limit: usize) -> Result<(), ServiceError> {
    let invalid = |message: &str| Err(ServiceError::new("InvalidTag", message));
    if tags.len() > limit {
        return Err(ServiceError::new(
            "BadRequest",
            format!("Object tags cannot be greater than {limit}"),
        ));
    }
    for (i, tag) in tags.iter().enumerate() {
        let key = tag.key.as_deref().unwrap_or_default();
        if key.is_empty() || key.chars().count() > 128 {
            return invalid("The TagKey you have provided is invalid");
        }
        if tag.value.as_deref().unwrap_or_default().chars().count() > 256 {
            return invalid("The TagValue you have provided is invalid");
        }
        if key.starts_with("aws:") {
            return invalid("System tags cannot be added/updated by requester");
        }
        if tags[..i].iter().any(|t| t.key == tag.key) {
            return invalid("Cannot provide multiple Tags with the same key");
        }
    }
    Ok(())
}

pub async fn get_bucket_tagging(
    call: &Call,
    input: GetBucketTaggingInput,
) -> Result<GetBucketTaggingOutput, ServiceError> {
    let tagging: Tagging = get(call, &input.bucket, &TAGGING)?;
    Ok(GetBucketTaggingOutput {
        tag_set: tagging.tag_set,
    })
}

pub async fn put_bucket_tagging(
    call: &Call,
    input: PutBucketTaggingInput,
) -> Result<PutBucketTaggingOutput, ServiceError> {
    check_tags(&input.tagging.tag_set, 50)?;
    put(call, &input.bucket, &TAGGING, &input.tagging)?;
    Ok(PutBucketTaggingOutput::default())
}

pub async fn delete_bucket_tagging(
    call: &Call,
    input: DeleteBucketTaggingInput,
) -> Result<DeleteBucketTaggingOutput, ServiceError> {
    delete(call, &input.bucket, &TAGGING, TAGGING.put)?;
    Ok(DeleteBucketTaggingOutput::default())
}
