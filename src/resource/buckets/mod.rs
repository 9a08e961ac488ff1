//! S3 buckets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
    CreateBucketConfiguration, Delete, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, ObjectIdentifier, Tag, Tagging, VersioningConfiguration,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::identity::{own_id, shown_tags, touches_tags};
use super::retry::retry;
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, built, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Fact;
use crate::stack::types::BucketName;

/// A bucket in S3. New ones block public access, have no ACLs and are encrypted, as AWS makes
/// them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The bucket's name. Default: `STACK-ID-ACCOUNT`.
    name: Option<BucketName>,
    /// Tags beside the stack's.
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// Whether S3 keeps the old versions of objects.
    versioning: Option<bool>,
    /// Objects are deleted when they are this many days old. Without it, they stay.
    #[schemars(range(min = 1))]
    expire_after_days: Option<i32>,
}

/// The id of the one lifecycle rule that is ours.
const EXPIRY_RULE: &str = "athglue-expire";

pub(super) struct Buckets;

#[derive(Debug)]
struct Bucket {
    identity: Identity,
    keys: Keys,
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
        Ok(Arc::new(Bucket {
            identity: Identity::new(address, name, keys.tags.clone(), scope),
            keys,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
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
            for name in names {
                // A bucket that its policy hides from us is not one we made.
                let Ok(tags) = tags(cloud, &name).await else {
                    continue;
                };
                if let Some(id) = own_id(&tags, scope) {
                    owned.push(Arc::new(Bucket {
                        identity: Identity::found(self.name(), id, &name, scope),
                        keys: Keys::default(),
                    }));
                }
            }
            Ok(owned)
        })
    }
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

    async fn lifecycle(&self, cloud: &Cloud) -> Result<Vec<LifecycleRule>, CallError> {
        let request = cloud
            .s3
            .get_bucket_lifecycle_configuration()
            .bucket(self.name());
        let answer = call!("GetBucketLifecycleConfiguration", request);
        let found = unless_gone(answer, &["NoSuchLifecycleConfiguration"])?;
        Ok(found.and_then(|found| found.rules).unwrap_or_default())
    }

    async fn put_tags(
        &self,
        cloud: &Cloud,
        kept: &BTreeMap<String, String>,
    ) -> Result<(), CallError> {
        let mut all = self.identity.marked_tags();
        // What AWS itself wrote may not be taken away.
        for (key, value) in kept.iter().filter(|(key, _)| key.starts_with("aws:")) {
            all.insert(key.clone(), value.clone());
        }
        let tagging = Tagging::builder().set_tag_set(Some(s3_tags(&all)?)).build();
        let request = cloud
            .s3
            .put_bucket_tagging()
            .bucket(self.name())
            .tagging(built("PutBucketTagging", tagging)?);
        call!("PutBucketTagging", request).map(drop)
    }

    async fn put_versioning(&self, cloud: &Cloud, on: bool) -> Result<(), CallError> {
        let status = if on {
            BucketVersioningStatus::Enabled
        } else {
            BucketVersioningStatus::Suspended
        };
        let request = cloud
            .s3
            .put_bucket_versioning()
            .bucket(self.name())
            .versioning_configuration(VersioningConfiguration::builder().status(status).build());
        call!("PutBucketVersioning", request).map(drop)
    }

    /// Sets or takes away our own rule, and leaves the others.
    async fn put_expiry(&self, cloud: &Cloud) -> Result<(), CallError> {
        let mut rules = self.lifecycle(cloud).await?;
        rules.retain(|rule| rule.id() != Some(EXPIRY_RULE));
        if let Some(days) = self.keys.expire_after_days {
            let rule = LifecycleRule::builder()
                .id(EXPIRY_RULE)
                .status(ExpirationStatus::Enabled)
                .filter(LifecycleRuleFilter::builder().prefix("").build())
                .expiration(LifecycleExpiration::builder().days(days).build())
                .build();
            rules.push(built("PutBucketLifecycleConfiguration", rule)?);
        }
        if rules.is_empty() {
            let request = cloud.s3.delete_bucket_lifecycle().bucket(self.name());
            return call!("DeleteBucketLifecycle", request).map(drop);
        }
        let configuration = BucketLifecycleConfiguration::builder()
            .set_rules(Some(rules))
            .build();
        let request = cloud
            .s3
            .put_bucket_lifecycle_configuration()
            .bucket(self.name())
            .lifecycle_configuration(built("PutBucketLifecycleConfiguration", configuration)?);
        call!("PutBucketLifecycleConfiguration", request).map(drop)
    }

    /// Takes away every object, version, delete marker and unfinished upload.
    async fn empty(&self, work: &Work<'_>) -> Result<(), CallError> {
        let s3 = &work.cloud.s3;
        let mut gone = 0;
        loop {
            let page = call!(
                "ListObjectVersions",
                s3.list_object_versions().bucket(self.name())
            )?;
            let versions = page
                .versions()
                .iter()
                .map(|v| (v.key.clone(), v.version_id.clone()));
            let markers = page
                .delete_markers()
                .iter()
                .map(|m| (m.key.clone(), m.version_id.clone()));
            let mut objects = Vec::new();
            for (key, version) in versions.chain(markers) {
                let object = ObjectIdentifier::builder()
                    .set_key(key)
                    .set_version_id(version)
                    .build();
                objects.push(built("DeleteObjects", object)?);
            }
            if objects.is_empty() {
                break;
            }
            gone += objects.len();
            let delete = Delete::builder()
                .set_objects(Some(objects))
                .quiet(true)
                .build();
            let request = s3
                .delete_objects()
                .bucket(self.name())
                .delete(built("DeleteObjects", delete)?);
            let answer = call!("DeleteObjects", request)?;
            if let Some(error) = answer.errors().first() {
                return Err(CallError {
                    operation: "DeleteObjects".to_owned(),
                    code: error.code.clone(),
                    message: format!(
                        "{}: {}",
                        error.key().unwrap_or_default(),
                        error.message().unwrap_or_default()
                    ),
                    request_id: None,
                    help: None,
                });
            }
            work.note(&format!("{gone} objects deleted"));
        }
        let uploads = call!(
            "ListMultipartUploads",
            s3.list_multipart_uploads().bucket(self.name())
        )?;
        for upload in uploads.uploads() {
            let request = s3
                .abort_multipart_upload()
                .bucket(self.name())
                .set_key(upload.key.clone())
                .set_upload_id(upload.upload_id.clone());
            unless_gone(call!("AbortMultipartUpload", request), &["NoSuchUpload"])?;
        }
        Ok(())
    }
}

fn s3_tags(tags: &BTreeMap<String, String>) -> Result<Vec<Tag>, CallError> {
    tags.iter()
        .map(|(key, value)| {
            let tag = Tag::builder().key(key).value(value).build();
            built("PutBucketTagging", tag)
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
            "arn" => Some(format!(
                "arn:{}:s3:::{}",
                self.identity.scope.partition(),
                self.name()
            )),
            "url" => Some(format!("s3://{}", self.name())),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let mut fields = Fields::from([
            ("tags".to_owned(), self.identity.desired_tags()),
            (
                "expire_after_days".to_owned(),
                json!(self.keys.expire_after_days),
            ),
        ]);
        if let Some(on) = self.keys.versioning {
            fields.insert("versioning".to_owned(), json!(on));
        }
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        // A bucket that never had versions answers nothing.
        desired == live || (field == "versioning" && live.is_null() && *desired == json!(false))
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::Bucket {
            name: self.name().to_owned(),
        }]
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let head = cloud.s3.head_bucket().bucket(self.name()).send().await;
            if let Err(error) = head {
                let status = error
                    .raw_response()
                    .map(|response| response.status().as_u16());
                return match status {
                    Some(404) => Ok(None),
                    Some(403) => Err(CallError::here(
                        "HeadBucket",
                        format!("the bucket `{}` belongs to somebody else", self.name()),
                    )
                    .with_help(
                        "bucket names are shared by all of AWS: choose another with `name`",
                    )),
                    Some(301) => Err(CallError::here(
                        "HeadBucket",
                        format!("the bucket `{}` is in another region", self.name()),
                    )
                    .with_help("set that region, or choose another `name`")),
                    _ => Err(CallError::of("HeadBucket", error)),
                };
            }
            let versioning = async {
                // What nobody manages is not asked for.
                if self.keys.versioning.is_none() {
                    return Ok(None);
                }
                let request = cloud.s3.get_bucket_versioning().bucket(self.name());
                let status = call!("GetBucketVersioning", request)?.status;
                Ok(status.map(|status| status == BucketVersioningStatus::Enabled))
            };
            let (tags, versioning, rules) =
                futures::try_join!(tags(cloud, self.name()), versioning, self.lifecycle(cloud))?;
            let days = rules
                .iter()
                .find(|rule| rule.id() == Some(EXPIRY_RULE))
                .and_then(|rule| rule.expiration()?.days());
            Ok(Some(Live {
                fields: Fields::from([
                    ("tags".to_owned(), shown_tags(&tags)),
                    ("versioning".to_owned(), json!(versioning)),
                    ("expire_after_days".to_owned(), json!(days)),
                ]),
                ownership: Mark::find(&tags),
            }))
        })
    }

    fn holds<'a>(&'a self, cloud: &'a Cloud, leaving: &'a [Fact]) -> Call<'a, Option<String>> {
        Box::pin(async move {
            let leaves = |key: &str| {
                leaving.iter().any(|fact| {
                    matches!(fact, Fact::Objects { bucket, keys }
                    if *bucket == self.identity.name && keys.contains(key))
                })
            };
            let request = cloud.s3.list_object_versions().bucket(self.name());
            let answer = call!("ListObjectVersions", request);
            let Some(page) = unless_gone(answer, &["NoSuchBucket"])? else {
                return Ok(None);
            };
            let objects = page.versions().iter();
            let stays = objects
                .filter(|o| !leaves(o.key().unwrap_or_default()))
                .count();
            let more = if page.is_truncated() == Some(true) {
                "more than "
            } else {
                ""
            };
            Ok(match stays + page.delete_markers().len() {
                0 if more.is_empty() => None,
                1 => Some("it holds an object that is not of this stack".to_owned()),
                count => Some(format!(
                    "it holds {more}{count} objects that are not of this stack"
                )),
            })
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let cloud = work.cloud;
            let region = cloud.region();
            let configuration = (region != "us-east-1").then(|| {
                CreateBucketConfiguration::builder()
                    .location_constraint(BucketLocationConstraint::from(region))
                    .build()
            });
            retry(
                work,
                "S3 is still deleting a bucket of this name",
                Duration::from_mins(2),
                |error| error.is("OperationAborted"),
                || async {
                    let request = cloud
                        .s3
                        .create_bucket()
                        .bucket(self.name())
                        .set_create_bucket_configuration(configuration.clone());
                    let answer = call!("CreateBucket", request);
                    unless_gone(answer, &["BucketAlreadyOwnedByYou"])
                },
            )
            .await?;
            // The mark goes first: what has it is found again, whatever happens next.
            self.put_tags(cloud, &BTreeMap::new()).await?;
            // A new bucket has no versions.
            if self.keys.versioning == Some(true) {
                self.put_versioning(cloud, true).await?;
            }
            if self.keys.expire_after_days.is_some() {
                self.put_expiry(cloud).await?;
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
            let cloud = work.cloud;
            if touches_tags(changed) {
                let live = tags(cloud, self.name()).await?;
                self.put_tags(cloud, &live).await?;
            }
            if let Some(on) = self.keys.versioning
                && changed.contains("versioning")
            {
                self.put_versioning(cloud, on).await?;
            }
            if changed.contains("expire_after_days") {
                self.put_expiry(cloud).await?;
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            if work.force {
                unless_gone(self.empty(work).await, &["NoSuchBucket"])?;
            }
            let request = work.cloud.s3.delete_bucket().bucket(self.name());
            let answer = call!("DeleteBucket", request);
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
