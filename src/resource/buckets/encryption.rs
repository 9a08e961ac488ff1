//! How objects are encrypted that do not say so themselves.

use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, CallError, Fields, Problem, Work, built, call, unless_gone};

/// An algorithm, or a table with the key.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Keys {
    Algorithm(SseAlgorithm),
    Rule(Rule),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub(super) enum SseAlgorithm {
    #[serde(rename = "AES256")]
    Aes256,
    #[serde(rename = "aws:kms")]
    Kms,
    #[serde(rename = "aws:kms:dsse")]
    KmsDsse,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// `AES256` is SSE-S3, `aws:kms` SSE-KMS, `aws:kms:dsse` SSE-KMS in two layers.
    #[schemars(extend("x-aws" = "PutBucketEncryption.ApplyServerSideEncryptionByDefault.SSEAlgorithm"))]
    sse_algorithm: SseAlgorithm,
    /// The KMS key's ARN, id or alias. Without it, the key that AWS keeps for S3.
    #[schemars(length(min = 1, max = 2048))]
    #[schemars(extend("x-aws" = "PutBucketEncryption.ApplyServerSideEncryptionByDefault.KMSMasterKeyID"))]
    kms_master_key_id: Option<String>,
    /// Whether a key of the bucket's own saves calls of KMS.
    #[schemars(extend("x-aws" = "PutBucketEncryption.BucketKeyEnabled"))]
    bucket_key_enabled: Option<bool>,
}

impl Keys {
    fn rule(&self) -> Rule {
        match self {
            Self::Rule(rule) => rule.clone(),
            Self::Algorithm(sse_algorithm) => Rule {
                sse_algorithm: *sse_algorithm,
                kms_master_key_id: None,
                bucket_key_enabled: None,
            },
        }
    }
}

pub(super) struct Encryption;

const ALGORITHM: &str = "encryption.sse_algorithm";
const KEY: &str = "encryption.kms_master_key_id";
const BUCKET_KEY: &str = "encryption.bucket_key_enabled";

async fn rule(
    cloud: &Cloud,
    bucket: &Bucket,
) -> Result<Option<ServerSideEncryptionRule>, CallError> {
    let request = cloud.s3.get_bucket_encryption().bucket(bucket.name());
    let found = unless_gone(
        call!("GetBucketEncryption", request),
        &["ServerSideEncryptionConfigurationNotFoundError"],
    )?;
    let configuration = found.and_then(|found| found.server_side_encryption_configuration);
    Ok(configuration.and_then(|configuration| configuration.rules.into_iter().next()))
}

impl Setting for Encryption {
    fn check(&self, bucket: &Bucket) -> Vec<Problem> {
        match bucket.keys.encryption.as_ref().map(Keys::rule) {
            Some(rule)
                if rule.sse_algorithm == SseAlgorithm::Aes256
                    && rule.kms_master_key_id.is_some() =>
            {
                let problem = Problem::new(
                    KEY,
                    "AES256 encrypts with S3's own keys",
                    "no key of KMS goes with it",
                );
                vec![problem.with_help("sse_algorithm = \"aws:kms\" takes a key")]
            }
            _ => Vec::new(),
        }
    }

    fn desired(&self, bucket: &Bucket) -> Fields {
        let Some(rule) = bucket.keys.encryption.as_ref().map(Keys::rule) else {
            return Fields::new();
        };
        let mut fields = Fields::from([(ALGORITHM.to_owned(), json!(rule.sse_algorithm))]);
        if let Some(key) = rule.kms_master_key_id {
            fields.insert(KEY.to_owned(), json!(key));
        }
        if let Some(on) = rule.bucket_key_enabled {
            fields.insert(BUCKET_KEY.to_owned(), json!(on));
        }
        fields
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let Some(rule) = rule(cloud, bucket).await? else {
                return Ok(Fields::new());
            };
            let default = rule.apply_server_side_encryption_by_default();
            let algorithm = default.map(|default| default.sse_algorithm.as_str());
            let key = default.and_then(|default| default.kms_master_key_id.as_deref());
            Ok(Fields::from([
                (ALGORITHM.to_owned(), json!(algorithm)),
                (KEY.to_owned(), json!(key)),
                (BUCKET_KEY.to_owned(), json!(rule.bucket_key_enabled)),
            ]))
        })
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        let ends_with = |live: &str, desired: &str| {
            live.strip_suffix(desired)
                .is_some_and(|rest| rest.ends_with(":key/"))
        };
        match (desired.as_str(), live.as_str()) {
            // S3 may give the ARN of a key that was named by its id.
            (Some(desired), Some(live)) if field == KEY => {
                live == desired || ends_with(live, desired)
            }
            _ => desired == live || (live.is_null() && *desired == json!(false)),
        }
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(wanted) = bucket.keys.encryption.as_ref().map(Keys::rule) else {
                return Ok(());
            };
            let live = rule(work.cloud, bucket).await?;
            let live_default = live
                .as_ref()
                .and_then(|rule| rule.apply_server_side_encryption_by_default.clone());
            let algorithm = json!(wanted.sse_algorithm);
            let algorithm = ServerSideEncryption::from(algorithm.as_str().unwrap_or_default());
            let live_key = live_default
                .filter(|default| default.sse_algorithm == algorithm)
                .and_then(|default| default.kms_master_key_id);
            let default = ServerSideEncryptionByDefault::builder()
                .set_kms_master_key_id(wanted.kms_master_key_id.or(live_key))
                .sse_algorithm(algorithm)
                .build();
            let live_bucket_key = live.as_ref().and_then(|rule| rule.bucket_key_enabled);
            let rule = ServerSideEncryptionRule::builder()
                .apply_server_side_encryption_by_default(built("PutBucketEncryption", default)?)
                .set_bucket_key_enabled(wanted.bucket_key_enabled.or(live_bucket_key))
                .set_blocked_encryption_types(live.and_then(|rule| rule.blocked_encryption_types))
                .build();
            let configuration = ServerSideEncryptionConfiguration::builder()
                .rules(rule)
                .build();
            let request = work
                .cloud
                .s3
                .put_bucket_encryption()
                .bucket(bucket.name())
                .server_side_encryption_configuration(built("PutBucketEncryption", configuration)?);
            call!("PutBucketEncryption", request).map(drop)
        })
    }
}
