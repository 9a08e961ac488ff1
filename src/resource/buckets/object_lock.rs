//! Object Lock: versions that cannot be deleted for a while. It is enabled with the bucket or
//! later, and never disabled: that takes a new bucket.

use aws_sdk_s3::types::{
    DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode,
    ObjectLockRule,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Bucket;
use super::setting::Setting;
use super::versioning;
use crate::cloud::Cloud;
use crate::resource::{Call, CallError, Fields, Problem, Work, call, unless_gone};

/// How long new versions are locked, or false for not at all.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Key {
    None(bool),
    For(Retention),
}

#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Retention {
    /// `GOVERNANCE` can be set aside by who is allowed to, `COMPLIANCE` by nobody.
    #[schemars(extend("x-aws" = "PutObjectLockConfiguration.Rule.DefaultRetention.Mode"))]
    mode: Mode,
    /// For how many days; either these or `years`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36500))]
    #[schemars(extend("x-aws" = "PutObjectLockConfiguration.Rule.DefaultRetention.Days"))]
    days: Option<i32>,
    /// For how many years.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    #[schemars(extend("x-aws" = "PutObjectLockConfiguration.Rule.DefaultRetention.Years"))]
    years: Option<i32>,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Mode {
    Governance,
    Compliance,
}

impl Retention {
    fn to_sdk(&self) -> DefaultRetention {
        let mode = match self.mode {
            Mode::Governance => ObjectLockRetentionMode::Governance,
            Mode::Compliance => ObjectLockRetentionMode::Compliance,
        };
        DefaultRetention::builder()
            .mode(mode)
            .set_days(self.days)
            .set_years(self.years)
            .build()
    }
}

pub(super) struct ObjectLock;

pub(super) const ENABLED: &str = "object_lock_enabled";
const RETENTION: &str = "default_retention";

/// What is live; `None` if the bucket locks nothing.
pub(super) async fn live(
    cloud: &Cloud,
    bucket: &Bucket,
) -> Result<Option<ObjectLockConfiguration>, CallError> {
    let request = cloud
        .s3
        .get_object_lock_configuration()
        .bucket(bucket.name());
    let found = unless_gone(
        call!("GetObjectLockConfiguration", request),
        &["ObjectLockConfigurationNotFoundError"],
    )?;
    Ok(found.and_then(|found| found.object_lock_configuration))
}

fn shown(retention: &DefaultRetention) -> Value {
    let mut shown = json!({
        "mode": retention.mode.as_ref().map(ObjectLockRetentionMode::as_str),
    });
    // Some clouds that speak this protocol answer 0 for the one that is not set.
    if let Some(days) = retention.days.filter(|days| *days != 0) {
        shown["days"] = json!(days);
    }
    if let Some(years) = retention.years.filter(|years| *years != 0) {
        shown["years"] = json!(years);
    }
    shown
}

impl Setting for ObjectLock {
    fn check(&self, bucket: &Bucket) -> Vec<Problem> {
        let mut found = Vec::new();
        match &bucket.keys.default_retention {
            Some(Key::None(true)) => {
                let problem = Problem::new(RETENTION, "how long are versions kept?", "not said");
                found.push(
                    problem.with_help("default_retention = { mode = \"GOVERNANCE\", days = 30 }"),
                );
            }
            Some(Key::For(retention)) => {
                if retention.days.is_some() == retention.years.is_some() {
                    found.push(Problem::new(
                        RETENTION,
                        "a retention is of days or of years",
                        "give one of them",
                    ));
                }
                if bucket.keys.object_lock_enabled == Some(false) {
                    found.push(Problem::new(
                        RETENTION,
                        "a bucket that locks no objects keeps none",
                        "object_lock_enabled is false",
                    ));
                }
            }
            _ => {}
        }
        found
    }

    fn desired(&self, bucket: &Bucket) -> Fields {
        let mut fields = Fields::new();
        if let Some(on) = bucket.keys.object_lock_enabled {
            fields.insert(ENABLED.to_owned(), json!(on));
        } else if bucket.keys.locks_objects() {
            fields.insert(ENABLED.to_owned(), json!(true));
        }
        match &bucket.keys.default_retention {
            None => {}
            Some(Key::None(_)) => drop(fields.insert(RETENTION.to_owned(), json!(false))),
            Some(Key::For(retention)) => {
                fields.insert(RETENTION.to_owned(), json!(retention));
            }
        }
        fields
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let live = live(cloud, bucket).await?;
            let retention = live
                .as_ref()
                .and_then(|live| live.rule()?.default_retention());
            Ok(Fields::from([
                (ENABLED.to_owned(), json!(live.is_some())),
                (RETENTION.to_owned(), retention.map_or(json!(false), shown)),
            ]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([
            (ENABLED.to_owned(), json!(false)),
            (RETENTION.to_owned(), json!(false)),
        ])
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            if !bucket.keys.locks_objects() {
                return Ok(());
            }
            let there = live(work.cloud, bucket).await?;
            if there.is_none() {
                // Of a new bucket S3 does so itself, of one that is there it asks for it.
                // <https://repost.aws/knowledge-center/s3-object-lock-existing-buckets>
                versioning::set(work, bucket, versioning::Status::Switch(true)).await?;
            }
            let rule = match &bucket.keys.default_retention {
                Some(Key::None(_)) => None,
                Some(Key::For(retention)) => Some(
                    ObjectLockRule::builder()
                        .default_retention(retention.to_sdk())
                        .build(),
                ),
                None => there.and_then(|there| there.rule),
            };
            let configuration = ObjectLockConfiguration::builder()
                .object_lock_enabled(ObjectLockEnabled::Enabled)
                .set_rule(rule)
                .build();
            let request = work
                .cloud
                .s3
                .put_object_lock_configuration()
                .bucket(bucket.name())
                .object_lock_configuration(configuration);
            call!("PutObjectLockConfiguration", request).map(drop)
        })
    }
}
