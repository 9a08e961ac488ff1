//! S3 buckets.
//!
//! Each sub-resource is a [`setting`] in a file of its own; the bucket itself, its tags and what is
//! in it are here and in `content`.

mod accelerate;
mod content;
mod cors;
mod encryption;
mod keys;
mod lifecycle;
mod logging;
mod notification;
mod object_lock;
mod ownership;
mod policy;
mod public_access_block;
mod request_payment;
mod setting;
#[cfg(all(test, feature = "local"))]
mod tests;
mod versioning;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag, Tagging};
use futures::{StreamExt, future, stream};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

pub(super) use content::delete_objects;
use keys::Keys;
use setting::{SETTINGS, Setting, is_as_new, setting_of};

use super::identity::{own_id, shown_tags, touches_tags};
use super::retry::{is_iam_delay, retry};
use super::{
    Address, Attribute, Call, CallError, Fields, Held, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, built, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Fact;
use crate::stack::types::BucketName;

/// How long S3 may be busy with a bucket.
const BUSY: Duration = Duration::from_mins(2);
/// How many buckets are asked for their tags at a time.
const AT_A_TIME: usize = 32;

pub(super) struct Buckets;

#[derive(Debug)]
struct Bucket {
    identity: Identity,
    keys: Keys,
    /// The policy that the keys give; `false` for none.
    policy: Option<Value>,
}

impl Kind for Buckets {
    fn name(&self) -> &'static str {
        "buckets"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the bucket's name",
            },
            Attribute {
                name: "arn",
                doc: "`arn:aws:s3:::NAME`",
            },
            Attribute {
                name: "url",
                doc: "`s3://NAME`",
            },
        ]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let name = match &keys.name {
            Some(name) => name.clone(),
            None => {
                let id = address.id.to_ascii_lowercase().replace('_', "-");
                let name = format!("{}-{id}-{}", scope.stack, scope.account_id);
                BucketName::try_from(name).map_err(|wrong| {
                    let problem = Problem::new("", "the default name does not do", wrong);
                    vec![problem.with_help("choose one: name = \"…\"")]
                })?
            }
        };
        let arn = arn(scope, name.as_str());
        let policy = keys.policy.as_ref();
        let policy = policy.map(|key| policy::document(key, scope, &arn));
        let bucket = Bucket {
            identity: Identity::new(address, name, keys.tags.clone(), scope),
            keys,
            policy: policy.transpose().map_err(|problem| vec![problem])?,
        };
        let problems: Vec<Problem> = SETTINGS.iter().flat_map(|s| s.check(&bucket)).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Arc::new(bucket))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut pages = cloud
                .s3
                .list_buckets()
                .bucket_region(&scope.region)
                .into_paginator()
                .send();
            let mut names = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("ListBuckets", error))?;
                names.extend(page.buckets().iter().filter_map(|b| b.name.clone()));
            }
            let asked = stream::iter(names.into_iter().map(|name| async move {
                let tags = unless_gone(tags(cloud, &name).await, &["NoSuchBucket"]);
                (name, tags)
            }));
            let asked: Vec<_> = asked.buffered(AT_A_TIME).collect().await;
            let (mut found, mut denied) = (Vec::new(), None);
            for (name, tags) in asked {
                match tags {
                    Ok(tags) => found.extend(tags.map(|tags| (name, tags))),
                    Err(error) if error.says_denied() => denied = Some(error),
                    Err(error) => return Err(error),
                }
            }
            // A bucket that its policy hides from us is not one we made. Who sees the tags of none
            // may not look at all.
            if let Some(denied) = denied.filter(|_| found.is_empty()) {
                return Err(denied);
            }
            let owned = found.into_iter().filter_map(|(name, tags)| {
                let id = own_id(&tags, scope)?;
                let orphan: Arc<dyn Resource> = Arc::new(Bucket {
                    identity: Identity::found(self.name(), id, &name, scope),
                    keys: Keys::default(),
                    policy: None,
                });
                Some(orphan)
            });
            Ok(owned.collect())
        })
    }
}

fn arn(scope: &Scope, bucket: &str) -> String {
    format!("arn:{}:s3:::{bucket}", scope.partition())
}

async fn tags(cloud: &Cloud, bucket: &str) -> Result<BTreeMap<String, String>, CallError> {
    let answer = call!(
        "GetBucketTagging",
        cloud.s3.get_bucket_tagging().bucket(bucket)
    );
    let set = unless_gone(answer, &["NoSuchTagSet"])?.map(|answer| answer.tag_set);
    Ok(set
        .into_iter()
        .flatten()
        .map(|tag| (tag.key, tag.value))
        .collect())
}

impl Bucket {
    fn name(&self) -> &str {
        &self.identity.name
    }

    /// Whether it is there and ours to look at.
    async fn head(&self, cloud: &Cloud) -> Result<Option<()>, CallError> {
        let answer = cloud.s3.head_bucket().bucket(self.name()).send().await;
        let Err(error) = answer else {
            return Ok(Some(()));
        };
        let raw = error.raw_response();
        let status = raw.map(|response| response.status().as_u16());
        let refusal = |message, help| Err(CallError::here("HeadBucket", message).with_help(help));
        match status {
            Some(404) => Ok(None),
            Some(403) => refusal(
                format!(
                    "the bucket `{}` belongs to somebody else, or you may not look at it",
                    self.name()
                ),
                "bucket names are shared by all of AWS: choose another with `name`",
            ),
            Some(301) => {
                let region = raw
                    .and_then(|response| response.headers().get("x-amz-bucket-region"))
                    .unwrap_or("another region");
                let message = format!(
                    "the bucket `{}` is in {region}, and this stack in {}",
                    self.name(),
                    cloud.region()
                );
                refusal(message, "set that region, or choose another `name`")
            }
            _ => Err(CallError::of("HeadBucket", error)),
        }
    }

    /// All fields, of those settings that the stack manages.
    async fn read_fields(&self, cloud: &Cloud) -> Result<Live, CallError> {
        let managed = SETTINGS.iter().filter(|s| !s.desired(self).is_empty());
        let reads = managed.map(|setting| setting.read(cloud, self));
        let (tags, settings) =
            future::try_join(tags(cloud, self.name()), future::try_join_all(reads)).await?;
        let mut fields = Fields::from([("tags".to_owned(), shown_tags(&tags))]);
        fields.extend(settings.into_iter().flatten());
        Ok(Live {
            fields,
            ownership: Mark::find(&tags),
        })
    }

    /// Makes the bucket with its mark, in one call: whenever that call dies, what is there is ours.
    async fn make(&self, work: &Work<'_>) -> Result<(), CallError> {
        let cloud = work.cloud;
        let region = cloud.region();
        let mut configuration = CreateBucketConfiguration::builder()
            .set_tags(Some(s3_tags("CreateBucket", &self.identity.marked_tags())?));
        // us-east-1 has no constraint, and may not be given one.
        if region != "us-east-1" {
            configuration =
                configuration.location_constraint(BucketLocationConstraint::from(region));
        }
        let request = cloud
            .s3
            .create_bucket()
            .bucket(self.name())
            .create_bucket_configuration(configuration.build())
            .set_object_lock_enabled_for_bucket(self.keys.locks_objects().then_some(true));
        let answer = retry(
            work,
            "S3 is still deleting a bucket of this name",
            BUSY,
            |error| error.is("OperationAborted"),
            || async { call!("CreateBucket", request.clone()) },
        )
        .await;
        let made = match answer {
            Ok(_) => true,
            // The answer to an earlier call may have been lost.
            Err(error) if error.is("BucketAlreadyOwnedByYou") => false,
            Err(error) if error.is("BucketAlreadyExists") => {
                return Err(error.with_help(
                    "bucket names are shared by all of AWS: choose another with `name`",
                ));
            }
            Err(error) => return Err(error),
        };
        let live = retry(
            work,
            "the new bucket is not seen yet",
            BUSY,
            |error| error.is("NoSuchBucket"),
            || tags(cloud, self.name()),
        )
        .await?;
        match Mark::find(&live) {
            Ownership::Marked { stack, .. } if stack == self.identity.scope.stack => Ok(()),
            // Not every service that speaks S3 knows tags in CreateBucket.
            Ownership::Unmarked if made => self.put_tags(cloud, &live).await,
            _ => Err(CallError::here(
                "CreateBucket",
                format!(
                    "the bucket `{}` was made by somebody else in this account meanwhile",
                    self.name()
                ),
            )),
        }
    }

    async fn put_tags(
        &self,
        cloud: &Cloud,
        live: &BTreeMap<String, String>,
    ) -> Result<(), CallError> {
        let mut all = self.identity.marked_tags();
        // What AWS itself wrote may not be taken away.
        for (key, value) in live.iter().filter(|(key, _)| key.starts_with("aws:")) {
            all.insert(key.clone(), value.clone());
        }
        let tags = s3_tags("PutBucketTagging", &all)?;
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build();
        let request = cloud
            .s3
            .put_bucket_tagging()
            .bucket(self.name())
            .tagging(built("PutBucketTagging", tagging)?);
        call!("PutBucketTagging", request).map(drop)
    }

    /// Puts one setting, while S3 is busy with another or has not seen what it builds on.
    async fn put(&self, work: &Work<'_>, setting: &dyn Setting) -> Result<(), CallError> {
        retry(
            work,
            "S3 is busy with this bucket",
            BUSY,
            |error| error.is("OperationAborted") || is_iam_delay(error),
            || setting.put(work, self),
        )
        .await
    }
}

fn s3_tags(operation: &str, tags: &BTreeMap<String, String>) -> Result<Vec<Tag>, CallError> {
    tags.iter()
        .map(|(key, value)| {
            let tag = Tag::builder().key(key).value(value).build();
            built(operation, tag)
        })
        .collect()
}

impl Resource for Bucket {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Buckets.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match attribute {
            "arn" => Some(arn(&self.identity.scope, self.name())),
            "url" => Some(format!("s3://{}", self.name())),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let mut fields = Fields::from([("tags".to_owned(), self.identity.desired_tags())]);
        fields.extend(SETTINGS.iter().flat_map(|setting| setting.desired(self)));
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        match setting_of(self, field) {
            Some(setting) => setting.same(field, desired, live),
            None => desired == live,
        }
    }

    /// Object Lock can be enabled at any time, and never disabled.
    fn replaced_by(&self) -> &'static [&'static str] {
        if self.keys.object_lock_enabled == Some(false) {
            &[object_lock::ENABLED]
        } else {
            &[]
        }
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::Bucket {
            name: self.name().to_owned(),
        }]
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let (head, live) = tokio::join!(self.head(cloud), self.read_fields(cloud));
            match head? {
                Some(()) => live.map(Some),
                None => Ok(None),
            }
        })
    }

    fn holds<'a>(&'a self, cloud: &'a Cloud, leaving: &'a [Fact]) -> Call<'a, Option<Held>> {
        Box::pin(async move {
            let held = content::held(cloud, self, leaving).await?;
            Ok(held.map(Held::Data))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            self.make(work).await?;
            for setting in SETTINGS.iter().filter(|s| !is_as_new(**s, self)) {
                self.put(work, *setting).await?;
            }
            Ok(())
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            if touches_tags(changed) {
                let live = tags(work.cloud, self.name()).await?;
                self.put_tags(work.cloud, &live).await?;
            }
            for setting in SETTINGS {
                if setting.desired(self).keys().any(|f| changed.contains(f)) {
                    self.put(work, *setting).await?;
                }
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            if work.force {
                unless_gone(content::empty(work, self).await, &["NoSuchBucket"])?;
            }
            let answer = retry(
                work,
                "S3 is busy with this bucket",
                BUSY,
                |error| error.is("OperationAborted"),
                || async {
                    let request = work.cloud.s3.delete_bucket().bucket(self.name());
                    call!("DeleteBucket", request)
                },
            )
            .await;
            let answer = answer.map_err(|error| {
                if error.is("BucketNotEmpty") {
                    let help = format!("--force {} deletes it with its objects", self.address());
                    error.with_help(help)
                } else {
                    error
                }
            });
            unless_gone(answer, &["NoSuchBucket"]).map(drop)
        })
    }
}
