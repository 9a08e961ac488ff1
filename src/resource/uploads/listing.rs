//! What of an upload is in the bucket: one listing, and no call for a file that is unchanged.
//!
//! An ETag is the MD5 of the bytes unless KMS encrypts them; of such objects, and of no others,
//! the metadata say what the ETag would be. Headers are in no listing either: where the stack sets
//! some, every object is asked for them.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ServerSideEncryption;
use futures::{StreamExt, TryStreamExt, stream};

use super::{ETAG_KEY, Upload, headers};
use crate::cloud::Cloud;
use crate::resource::{CallError, Fields, call, unless_gone};

/// How many objects are asked for their headers at a time.
const HEADS_AT_A_TIME: usize = 32;

/// What is there.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// Of the objects that are wanted, by key.
    pub objects: BTreeMap<String, LiveObject>,
    /// Keys below the prefix that no file has.
    pub extra: Vec<String>,
}

#[derive(Debug)]
pub(super) struct LiveObject {
    /// As it would be without KMS.
    pub etag: String,
    pub storage_class: String,
    /// The headers that the stack sets; empty if it sets none.
    pub headers: Fields,
}

/// An object of the listing, as it goes on.
struct Listed {
    key: String,
    size: i64,
    object: LiveObject,
}

impl Upload {
    pub(super) async fn live(&self, cloud: &Cloud) -> Result<Live, CallError> {
        let mut live = Live::default();
        let mut unsure = Vec::new();
        for listed in self.list(cloud, &mut live.extra).await? {
            let Some(file) = self.files.get(&listed.key) else {
                continue;
            };
            let is_same = listed.object.etag == file.etag()?;
            let may_be_same = u64::try_from(listed.size).is_ok_and(|size| size == file.size);
            if self.headers.is_empty() && (is_same || !may_be_same) {
                live.objects.insert(listed.key, listed.object);
            } else {
                unsure.push((listed, is_same));
            }
        }
        let asked = stream::iter(unsure.into_iter().map(|(listed, is_same)| async move {
            let request = cloud.s3.head_object().bucket(&self.bucket).key(&listed.key);
            let head = unless_gone(call!("HeadObject", request), &["NotFound"])?;
            Ok::<_, CallError>(head.map(|head| self.look(listed, is_same, &head)))
        }));
        let asked: Vec<_> = asked
            .buffer_unordered(HEADS_AT_A_TIME)
            .try_collect()
            .await?;
        for listed in asked.into_iter().flatten() {
            live.objects.insert(listed.key, listed.object);
        }
        Ok(live)
    }

    fn look(&self, mut listed: Listed, is_same: bool, head: &HeadObjectOutput) -> Listed {
        let by_kms = matches!(
            head.server_side_encryption,
            Some(ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse)
        );
        let noted = head.metadata().and_then(|m| m.get(ETAG_KEY));
        if by_kms
            && !is_same
            && let Some(noted) = noted
        {
            listed.object.etag.clone_from(noted);
        }
        listed.object.headers = headers::of_head(&self.headers, head);
        listed
    }

    /// Lists what is between the first and the last key, or all below the prefix where extra
    /// objects are to go.
    async fn list(&self, cloud: &Cloud, extra: &mut Vec<String>) -> Result<Vec<Listed>, CallError> {
        let prefix = if self.delete_extra {
            self.folder.clone()
        } else {
            common_prefix(self.files.keys())
        };
        let last = self.files.keys().next_back().filter(|_| !self.delete_extra);
        let mut found = Vec::new();
        let mut pages = cloud
            .s3
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CallError::of("ListObjectsV2", error));
            // A bucket that is still to be made has nothing in it.
            let Some(page) = unless_gone(page, &["NoSuchBucket"])? else {
                break;
            };
            let mut is_past = false;
            for object in page.contents.into_iter().flatten() {
                let key = object.key.unwrap_or_default();
                is_past = last.is_some_and(|last| key > *last);
                if !self.files.contains_key(&key) {
                    if self.is_extra(&key) {
                        extra.push(key);
                    }
                    continue;
                }
                let etag = object.e_tag.unwrap_or_default();
                let class = object.storage_class;
                found.push(Listed {
                    key,
                    size: object.size.unwrap_or(-1),
                    object: LiveObject {
                        etag: etag.trim_matches('"').to_owned(),
                        storage_class: class.map_or_else(
                            || "STANDARD".to_owned(),
                            |class| class.as_str().to_owned(),
                        ),
                        headers: Fields::new(),
                    },
                });
            }
            if is_past {
                break;
            }
        }
        Ok(found)
    }
}

/// What all keys start with.
fn common_prefix<'a>(mut keys: impl Iterator<Item = &'a String>) -> String {
    let Some(first) = keys.next() else {
        return String::new();
    };
    let mut length = first.len();
    for key in keys {
        let same = first.bytes().zip(key.bytes()).take_while(|(a, b)| a == b);
        length = length.min(same.count());
    }
    first[..first.floor_char_boundary(length)].to_owned()
}
