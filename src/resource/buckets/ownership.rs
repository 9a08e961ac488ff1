//! Who owns the objects that others write.

use aws_sdk_s3::types::{ObjectOwnership, OwnershipControls, OwnershipControlsRule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, Fields, Work, built, call, unless_gone};

/// Who owns the objects of a bucket.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub(super) enum Key {
    /// The bucket's owner; there are no ACLs. What AWS gives new buckets.
    BucketOwnerEnforced,
    /// The bucket's owner, if the writer says so.
    BucketOwnerPreferred,
    /// Who wrote them.
    ObjectWriter,
}

impl Key {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }
}

pub(super) struct Ownership;

const FIELD: &str = "object_ownership";

impl Setting for Ownership {
    fn desired(&self, bucket: &Bucket) -> Fields {
        let key = bucket.keys.object_ownership.iter();
        key.map(|key| (FIELD.to_owned(), json!(key.as_str())))
            .collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let request = cloud
                .s3
                .get_bucket_ownership_controls()
                .bucket(bucket.name());
            let found = unless_gone(
                call!("GetBucketOwnershipControls", request),
                &["OwnershipControlsNotFoundError"],
            )?;
            let rules = found.and_then(|found| found.ownership_controls);
            let rule = rules.and_then(|controls| controls.rules.into_iter().next());
            let ownership = rule.as_ref().map(|rule| rule.object_ownership.as_str());
            Ok(Fields::from([(FIELD.to_owned(), json!(ownership))]))
        })
    }

    /// Old buckets have no such setting, and their objects belong to who wrote them.
    fn same(&self, _: &str, desired: &Value, live: &Value) -> bool {
        desired == live || (live.is_null() && *desired == json!("ObjectWriter"))
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(key) = bucket.keys.object_ownership else {
                return Ok(());
            };
            const OPERATION: &str = "PutBucketOwnershipControls";
            let rule = OwnershipControlsRule::builder()
                .object_ownership(ObjectOwnership::from(key.as_str()))
                .build();
            let controls = OwnershipControls::builder()
                .rules(built(OPERATION, rule)?)
                .build();
            let request = work
                .cloud
                .s3
                .put_bucket_ownership_controls()
                .bucket(bucket.name())
                .ownership_controls(built(OPERATION, controls)?);
            call!("PutBucketOwnershipControls", request).map(drop)
        })
    }
}
