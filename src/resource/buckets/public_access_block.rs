//! Block Public Access. AWS sets all four flags of a new bucket.

use aws_sdk_s3::types::PublicAccessBlockConfiguration;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, CallError, Fields, Work, call, unless_gone};

/// true or false for all four flags, or a table with some of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Keys {
    All(bool),
    Flags(Flags),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Flags {
    /// New ACLs that let the public in are refused.
    #[schemars(extend("x-aws" = "PutPublicAccessBlock.BlockPublicAcls"))]
    block_public_acls: Option<bool>,
    /// ACLs that let the public in count for nothing.
    #[schemars(extend("x-aws" = "PutPublicAccessBlock.IgnorePublicAcls"))]
    ignore_public_acls: Option<bool>,
    /// Policies that let the public in are refused.
    #[schemars(extend("x-aws" = "PutPublicAccessBlock.BlockPublicPolicy"))]
    block_public_policy: Option<bool>,
    /// A policy that lets the public in serves only this account and AWS's services.
    #[schemars(extend("x-aws" = "PutPublicAccessBlock.RestrictPublicBuckets"))]
    restrict_public_buckets: Option<bool>,
}

impl Keys {
    fn flags(&self) -> [(&'static str, Option<bool>); 4] {
        let (acls, ignore, policy, restrict) = match self {
            Self::All(on) => (Some(*on), Some(*on), Some(*on), Some(*on)),
            Self::Flags(flags) => (
                flags.block_public_acls,
                flags.ignore_public_acls,
                flags.block_public_policy,
                flags.restrict_public_buckets,
            ),
        };
        [
            (BLOCK_ACLS, acls),
            (IGNORE_ACLS, ignore),
            (BLOCK_POLICY, policy),
            (RESTRICT, restrict),
        ]
    }
}

const BLOCK_ACLS: &str = "public_access_block.block_public_acls";
const IGNORE_ACLS: &str = "public_access_block.ignore_public_acls";
const BLOCK_POLICY: &str = "public_access_block.block_public_policy";
const RESTRICT: &str = "public_access_block.restrict_public_buckets";

pub(super) struct PublicAccessBlock;

/// What is live; a bucket without the setting blocks nothing.
async fn live(cloud: &Cloud, bucket: &Bucket) -> Result<PublicAccessBlockConfiguration, CallError> {
    let request = cloud.s3.get_public_access_block().bucket(bucket.name());
    let found = unless_gone(
        call!("GetPublicAccessBlock", request),
        &["NoSuchPublicAccessBlockConfiguration"],
    )?;
    let configuration = found.and_then(|found| found.public_access_block_configuration);
    Ok(configuration.unwrap_or_else(|| PublicAccessBlockConfiguration::builder().build()))
}

impl Setting for PublicAccessBlock {
    fn desired(&self, bucket: &Bucket) -> Fields {
        let flags = bucket.keys.public_access_block.as_ref().map(Keys::flags);
        flags
            .into_iter()
            .flatten()
            .filter_map(|(field, on)| Some((field.to_owned(), json!(on?))))
            .collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let live = live(cloud, bucket).await?;
            let flag = |on: Option<bool>| Value::Bool(on.unwrap_or(false));
            Ok(Fields::from([
                (BLOCK_ACLS.to_owned(), flag(live.block_public_acls)),
                (IGNORE_ACLS.to_owned(), flag(live.ignore_public_acls)),
                (BLOCK_POLICY.to_owned(), flag(live.block_public_policy)),
                (RESTRICT.to_owned(), flag(live.restrict_public_buckets)),
            ]))
        })
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(keys) = &bucket.keys.public_access_block else {
                return Ok(());
            };
            let live = live(work.cloud, bucket).await?;
            let [(_, acls), (_, ignore), (_, policy), (_, restrict)] = keys.flags();
            let configuration = PublicAccessBlockConfiguration::builder()
                .set_block_public_acls(acls.or(live.block_public_acls))
                .set_ignore_public_acls(ignore.or(live.ignore_public_acls))
                .set_block_public_policy(policy.or(live.block_public_policy))
                .set_restrict_public_buckets(restrict.or(live.restrict_public_buckets))
                .build();
            let request = work
                .cloud
                .s3
                .put_public_access_block()
                .bucket(bucket.name())
                .public_access_block_configuration(configuration);
            call!("PutPublicAccessBlock", request).map(drop)
        })
    }
}
