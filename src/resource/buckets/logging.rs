//! Into which bucket S3 writes who used this one.

use aws_sdk_s3::types::{
    BucketLoggingStatus, LoggingEnabled, PartitionDateSource, PartitionedPrefix, SimplePrefix,
    TargetObjectKeyFormat,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, CallError, Fields, Problem, Work, built, call};
use crate::stack::types::BucketName;

/// Where the logs go, or false for none.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Key {
    None(bool),
    To(To),
}

#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct To {
    /// The bucket that takes the logs, in the same region and account.
    #[schemars(extend("x-aws" = "PutBucketLogging.LoggingEnabled.TargetBucket"))]
    target_bucket: BucketName,
    /// What the logs' keys start with.
    #[serde(default)]
    #[schemars(extend("x-aws" = "PutBucketLogging.LoggingEnabled.TargetPrefix"))]
    target_prefix: String,
    /// How the logs' keys go on: `SimplePrefix` (AWS's default), or into folders by date with
    /// `EventTime` or `DeliveryTime`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-aws" = "PutBucketLogging.LoggingEnabled.TargetObjectKeyFormat"))]
    target_object_key_format: Option<KeyFormat>,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
enum KeyFormat {
    SimplePrefix,
    EventTime,
    DeliveryTime,
}

impl KeyFormat {
    fn to_sdk(self) -> TargetObjectKeyFormat {
        let by_date = |source| {
            let prefix = PartitionedPrefix::builder().partition_date_source(source);
            TargetObjectKeyFormat::builder().partitioned_prefix(prefix.build())
        };
        match self {
            Self::SimplePrefix => {
                TargetObjectKeyFormat::builder().simple_prefix(SimplePrefix::builder().build())
            }
            Self::EventTime => by_date(PartitionDateSource::EventTime),
            Self::DeliveryTime => by_date(PartitionDateSource::DeliveryTime),
        }
        .build()
    }
}

fn shown_format(format: &TargetObjectKeyFormat) -> Option<&str> {
    match &format.partitioned_prefix {
        Some(by_date) => by_date
            .partition_date_source
            .as_ref()
            .map(PartitionDateSource::as_str),
        None => Some("SimplePrefix"),
    }
}

pub(super) struct Logging;

const FIELD: &str = "logging";
const FORMAT: &str = "target_object_key_format";

async fn live(cloud: &Cloud, bucket: &Bucket) -> Result<Option<LoggingEnabled>, CallError> {
    let request = cloud.s3.get_bucket_logging().bucket(bucket.name());
    Ok(call!("GetBucketLogging", request)?.logging_enabled)
}

impl Setting for Logging {
    fn check(&self, bucket: &Bucket) -> Vec<Problem> {
        match &bucket.keys.logging {
            Some(Key::None(true)) => {
                let problem = Problem::new(FIELD, "logs go to a bucket", "which?");
                vec![problem.with_help("logging = { target_bucket = \"…\" }")]
            }
            _ => Vec::new(),
        }
    }

    fn desired(&self, bucket: &Bucket) -> Fields {
        let value = match &bucket.keys.logging {
            None => return Fields::new(),
            Some(Key::None(_)) => json!(false),
            Some(Key::To(to)) => json!(to),
        };
        Fields::from([(FIELD.to_owned(), value)])
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let Some(live) = live(cloud, bucket).await? else {
                return Ok(self.of_new());
            };
            let mut value = json!({
                "target_bucket": live.target_bucket,
                "target_prefix": live.target_prefix,
            });
            let format = live.target_object_key_format.as_ref();
            if let Some(format) = format.and_then(shown_format) {
                value[FORMAT] = json!(format);
            }
            Ok(Fields::from([(FIELD.to_owned(), value)]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([(FIELD.to_owned(), json!(false))])
    }

    /// A format that nobody asked for is nobody's.
    fn same(&self, _: &str, desired: &Value, live: &Value) -> bool {
        let mut live = live.clone();
        if let Some(members) = live.as_object_mut() {
            match desired.get(FORMAT) {
                None => drop(members.remove(FORMAT)),
                Some(format) if format == "SimplePrefix" => {
                    members.entry(FORMAT).or_insert_with(|| format.clone());
                }
                Some(_) => {}
            }
        }
        *desired == live
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let enabled = match &bucket.keys.logging {
                None => return Ok(()),
                Some(Key::None(_)) => None,
                Some(Key::To(to)) => {
                    let live = live(work.cloud, bucket).await?;
                    let (format, grants) = match live {
                        Some(live) => (live.target_object_key_format, live.target_grants),
                        None => (None, None),
                    };
                    let wanted = to.target_object_key_format.map(KeyFormat::to_sdk);
                    let enabled = LoggingEnabled::builder()
                        .target_bucket(to.target_bucket.as_str())
                        .target_prefix(&to.target_prefix)
                        .set_target_object_key_format(wanted.or(format))
                        .set_target_grants(grants)
                        .build();
                    Some(built("PutBucketLogging", enabled)?)
                }
            };
            let status = BucketLoggingStatus::builder()
                .set_logging_enabled(enabled)
                .build();
            let request = work
                .cloud
                .s3
                .put_bucket_logging()
                .bucket(bucket.name())
                .bucket_logging_status(status);
            call!("PutBucketLogging", request).map(drop)
        })
    }
}
