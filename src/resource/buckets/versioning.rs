//! Whether S3 keeps the old versions of objects.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, CallError, Fields, Problem, Work, call};

/// `Enabled`, `Suspended`, or true and false for them.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Status {
    Switch(bool),
    Named(Named),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub(super) enum Named {
    Enabled,
    Suspended,
}

impl Status {
    /// As S3 names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Switch(true) | Self::Named(Named::Enabled) => "Enabled",
            Self::Switch(false) | Self::Named(Named::Suspended) => "Suspended",
        }
    }
}

pub(super) struct Versioning;

const FIELD: &str = "versioning";

impl Setting for Versioning {
    fn check(&self, bucket: &Bucket) -> Vec<Problem> {
        let is_suspended = bucket
            .keys
            .versioning
            .is_some_and(|status| status.as_str() == "Suspended");
        if is_suspended && bucket.keys.locks_objects() {
            let message = "a bucket that locks objects keeps their versions";
            return vec![Problem::new(
                FIELD,
                message,
                "cannot be suspended with Object Lock",
            )];
        }
        Vec::new()
    }

    fn desired(&self, bucket: &Bucket) -> Fields {
        let status = bucket.keys.versioning.iter();
        status
            .map(|status| (FIELD.to_owned(), json!(status.as_str())))
            .collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let request = cloud.s3.get_bucket_versioning().bucket(bucket.name());
            let status = call!("GetBucketVersioning", request)?.status;
            let status = status.as_ref().map(BucketVersioningStatus::as_str);
            Ok(Fields::from([(FIELD.to_owned(), json!(status))]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([(FIELD.to_owned(), Value::Null)])
    }

    /// A bucket that never had versions answers nothing.
    fn same(&self, _: &str, desired: &Value, live: &Value) -> bool {
        desired == live || (live.is_null() && *desired == json!("Suspended"))
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(status) = bucket.keys.versioning else {
                return Ok(());
            };
            set(work, bucket, status).await
        })
    }
}

/// Has S3 keep versions of a bucket's objects, or no more of them.
pub(super) async fn set(work: &Work<'_>, bucket: &Bucket, status: Status) -> Result<(), CallError> {
    let configuration = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::from(status.as_str()))
        .build();
    let request = work
        .cloud
        .s3
        .put_bucket_versioning()
        .bucket(bucket.name())
        .versioning_configuration(configuration);
    call!("PutBucketVersioning", request).map(drop)
}
