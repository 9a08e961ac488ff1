//! What is in a bucket: counted before it is given up, and taken away when it is.

use aws_sdk_s3::types::{BucketVersioningStatus, Delete, MultipartUpload, ObjectIdentifier};
use futures::StreamExt;
use futures::stream::{self, FuturesUnordered};

use super::{Bucket, object_lock};
use crate::cloud::Cloud;
use crate::policy::Fact;
use crate::resource::{Call, CallError, Work, built, call, unless_gone};

/// How many batches are deleted at a time.
const BATCHES: usize = 4;
/// What is counted; a bucket with more has "more than" so many.
const COUNTED_PAGES: usize = 10;

/// A version or a delete marker.
struct Version {
    key: String,
    id: Option<String>,
}

/// A page of versions, and where the next one starts.
struct Page {
    versions: Vec<Version>,
    next: Option<Start>,
}

type Start = (Option<String>, Option<String>);

async fn page(cloud: &Cloud, bucket: &str, start: Start) -> Result<Page, CallError> {
    let request = cloud
        .s3
        .list_object_versions()
        .bucket(bucket)
        .set_key_marker(start.0)
        .set_version_id_marker(start.1);
    let answer = call!("ListObjectVersions", request)?;
    let next = (answer.is_truncated == Some(true))
        .then_some((answer.next_key_marker, answer.next_version_id_marker));
    let versions = answer.versions.into_iter().flatten();
    let versions = versions.map(|v| (v.key, v.version_id));
    let markers = answer.delete_markers.into_iter().flatten();
    let markers = markers.map(|m| (m.key, m.version_id));
    let all = versions.chain(markers).filter_map(|(key, id)| {
        let key = key?;
        Some(Version { key, id })
    });
    Ok(Page {
        versions: all.collect(),
        next,
    })
}

/// What would be lost with the bucket, in words. What is `leaving` anyway is not counted, where a
/// deletion leaves no version behind.
pub(super) async fn held(
    cloud: &Cloud,
    bucket: &Bucket,
    leaving: &[Fact],
) -> Result<Option<String>, CallError> {
    let request = cloud.s3.get_bucket_versioning().bucket(bucket.name());
    let status = unless_gone(call!("GetBucketVersioning", request), &["NoSuchBucket"])?;
    let Some(status) = status.map(|answer| answer.status) else {
        return Ok(None);
    };
    let has_versions = matches!(
        status,
        Some(BucketVersioningStatus::Enabled | BucketVersioningStatus::Suspended)
    );
    let leaves = |key: &str| {
        !has_versions
            && leaving.iter().any(|fact| {
                matches!(fact, Fact::Objects { bucket: of, keys }
                    if of == bucket.name() && keys.contains(key))
            })
    };
    let mut stays = 0;
    let mut next = Some(Start::default());
    for _ in 0..COUNTED_PAGES {
        let Some(start) = next.take() else { break };
        let listed = page(cloud, bucket.name(), start).await;
        let Some(listed) = unless_gone(listed, &["NoSuchBucket"])? else {
            return Ok(None);
        };
        stays += listed.versions.iter().filter(|v| !leaves(&v.key)).count();
        next = listed.next;
    }
    let more = next.is_some();
    Ok((stays > 0 || more).then(|| in_words(stays, more, has_versions)))
}

fn in_words(count: usize, more: bool, has_versions: bool) -> String {
    let (one, many) = if has_versions {
        ("a version of an object", "versions of objects")
    } else {
        (
            "an object that is not of this stack",
            "objects that are not of this stack",
        )
    };
    match (count, more) {
        (1, false) => format!("it holds {one}"),
        (_, false) => format!("it holds {} {many}", grouped(count)),
        (_, true) => format!("it holds more than {} {many}", grouped(count)),
    }
}

/// 1234567 as 1,234,567.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Takes away every object, version, delete marker and unfinished upload.
pub(super) async fn empty(work: &Work<'_>, bucket: &Bucket) -> Result<(), CallError> {
    // The user gave the data up, and governance is what one may set aside; compliance and legal
    // holds are not.
    let bypass = object_lock::live(work.cloud, bucket)
        .await?
        .is_some()
        .then_some(true);
    let mut gone = 0;
    // Somebody may write while we delete, so the end is a listing that is empty.
    loop {
        let before = gone;
        let mut next = Some(Start::default());
        let mut deletions: FuturesUnordered<Call<'_, usize>> = FuturesUnordered::new();
        loop {
            if let Some(start) = next.take() {
                let listed = page(work.cloud, bucket.name(), start).await?;
                next = listed.next;
                let versions = listed.versions;
                deletions.push(Box::pin(delete(work.cloud, bucket, versions, bypass)));
                if deletions.len() < BATCHES && next.is_some() {
                    continue;
                }
            }
            let Some(count) = deletions.next().await else {
                break;
            };
            gone += count?;
            work.note(&format!("{} objects deleted", grouped(gone)));
        }
        if gone == before {
            break;
        }
    }
    abort_uploads(work, bucket).await
}

/// Deletes the versions of one page, which are at most 1,000.
async fn delete(
    cloud: &Cloud,
    bucket: &Bucket,
    versions: Vec<Version>,
    bypass: Option<bool>,
) -> Result<usize, CallError> {
    if versions.is_empty() {
        return Ok(0);
    }
    let count = versions.len();
    let mut objects = Vec::with_capacity(count);
    for version in versions {
        let object = ObjectIdentifier::builder()
            .key(version.key)
            .set_version_id(version.id)
            .build();
        objects.push(built("DeleteObjects", object)?);
    }
    delete_objects(cloud, bucket.name(), objects, bypass).await?;
    Ok(count)
}

/// DeleteObjects, whose answer carries errors of single objects.
pub(in crate::resource) async fn delete_objects(
    cloud: &Cloud,
    bucket: &str,
    objects: Vec<ObjectIdentifier>,
    bypass: Option<bool>,
) -> Result<(), CallError> {
    let delete = Delete::builder()
        .set_objects(Some(objects))
        .quiet(true)
        .build();
    let request = cloud
        .s3
        .delete_objects()
        .bucket(bucket)
        .set_bypass_governance_retention(bypass)
        .delete(built("DeleteObjects", delete)?);
    let answer = call!("DeleteObjects", request)?;
    let Some(first) = answer.errors().first() else {
        return Ok(());
    };
    let mut message = format!(
        "{}: {}",
        first.key().unwrap_or_default(),
        first.message().unwrap_or_default()
    );
    if answer.errors().len() > 1 {
        message.push_str(&format!(" (and {} more)", answer.errors().len() - 1));
    }
    let mut error = CallError::here("DeleteObjects", message);
    error.code.clone_from(&first.code);
    if error.message.contains("object lock") {
        error = error.with_help(
            "a legal hold has to be lifted first, and retention in COMPLIANCE mode to end",
        );
    }
    Err(error)
}

fn abort<'a>(cloud: &'a Cloud, bucket: &'a Bucket, upload: MultipartUpload) -> Call<'a, ()> {
    Box::pin(async move {
        let request = cloud
            .s3
            .abort_multipart_upload()
            .bucket(bucket.name())
            .set_key(upload.key)
            .set_upload_id(upload.upload_id);
        unless_gone(call!("AbortMultipartUpload", request), &["NoSuchUpload"]).map(drop)
    })
}

async fn abort_uploads(work: &Work<'_>, bucket: &Bucket) -> Result<(), CallError> {
    let s3 = &work.cloud.s3;
    let mut start = Start::default();
    loop {
        let request = s3
            .list_multipart_uploads()
            .bucket(bucket.name())
            .set_key_marker(start.0)
            .set_upload_id_marker(start.1);
        let page = call!("ListMultipartUploads", request)?;
        let uploads = page.uploads.into_iter().flatten();
        let aborts = uploads.map(|upload| abort(work.cloud, bucket, upload));
        let mut aborts = stream::iter(aborts).buffer_unordered(BATCHES);
        while let Some(aborted) = aborts.next().await {
            aborted?;
        }
        if page.is_truncated != Some(true) {
            return Ok(());
        }
        start = (page.next_key_marker, page.next_upload_id_marker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_bucket_holds_is_said_with_its_number() {
        insta::assert_snapshot!(in_words(1, false, false), @"it holds an object that is not of this stack");
        insta::assert_snapshot!(in_words(12_345, false, false), @"it holds 12,345 objects that are not of this stack");
        insta::assert_snapshot!(in_words(10_000, true, true), @"it holds more than 10,000 versions of objects");
    }
}
