//! Transfer acceleration: uploads from afar go in at AWS's edge.

use aws_sdk_s3::types::{AccelerateConfiguration, BucketAccelerateStatus};
use serde_json::{Value, json};

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, Fields, Problem, Work, call};

pub(super) struct Accelerate;

const FIELD: &str = "accelerate";

impl Setting for Accelerate {
    fn check(&self, bucket: &Bucket) -> Vec<Problem> {
        if bucket.keys.accelerate.is_some() && bucket.name().contains('.') {
            let message = "a bucket with a dot in its name cannot be accelerated";
            return vec![Problem::new(FIELD, message, "needs a name without dots")];
        }
        Vec::new()
    }

    fn desired(&self, bucket: &Bucket) -> Fields {
        let status = bucket.keys.accelerate.iter();
        status
            .map(|status| (FIELD.to_owned(), json!(status.as_str())))
            .collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let request = cloud
                .s3
                .get_bucket_accelerate_configuration()
                .bucket(bucket.name());
            let status = call!("GetBucketAccelerateConfiguration", request)?.status;
            let status = status.as_ref().map(BucketAccelerateStatus::as_str);
            Ok(Fields::from([(FIELD.to_owned(), json!(status))]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([(FIELD.to_owned(), Value::Null)])
    }

    fn same(&self, _: &str, desired: &Value, live: &Value) -> bool {
        desired == live || (live.is_null() && *desired == json!("Suspended"))
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(status) = bucket.keys.accelerate else {
                return Ok(());
            };
            let configuration = AccelerateConfiguration::builder()
                .status(BucketAccelerateStatus::from(status.as_str()))
                .build();
            let request = work
                .cloud
                .s3
                .put_bucket_accelerate_configuration()
                .bucket(bucket.name())
                .accelerate_configuration(configuration);
            call!("PutBucketAccelerateConfiguration", request).map(drop)
        })
    }
}
