//! One lifecycle rule, as `stack.toml` writes it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html>

mod sdk;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::sdk::to_date;
use crate::resource::Problem;

/// What becomes of some objects with time.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::resource::buckets) struct Rule {
    /// The rule's name. S3 makes one up without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.ID"))]
    id: Option<String>,
    /// Default: `Enabled`.
    #[serde(default)]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.Status"))]
    status: Status,
    /// Which objects; all without it. Several conditions are all to be met.
    #[serde(default)]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.Filter"))]
    filter: Filter,
    /// When objects are deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.Expiration"))]
    expiration: Option<Expiration>,
    /// When objects go to another storage class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.Transitions"))]
    transitions: Vec<Transition>,
    /// When old versions are deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.NoncurrentVersionExpiration"))]
    noncurrent_version_expiration: Option<NoncurrentExpiration>,
    /// When old versions go to another storage class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.NoncurrentVersionTransitions"))]
    noncurrent_version_transitions: Vec<NoncurrentTransition>,
    /// When the parts of an upload that nobody completed are deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.AbortIncompleteMultipartUpload"))]
    abort_incomplete_multipart_upload: Option<AbortUpload>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
enum Status {
    #[default]
    Enabled,
    Disabled,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// What the keys start with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    prefix: Option<String>,
    /// Tags of the objects.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    object_size_greater_than: Option<i64>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    object_size_less_than: Option<i64>,
}

/// One of the three.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Expiration {
    /// Days after an object was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    days: Option<i32>,
    /// A day, as in `2030-01-31`; midnight in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    date: Option<String>,
    /// Delete markers go when no version is left behind them.
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_object_delete_marker: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Transition {
    /// Days after an object was made; at least 30 for `STANDARD_IA` and `ONEZONE_IA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    days: Option<i32>,
    /// A day, as in `2030-01-31`; midnight in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    date: Option<String>,
    /// Where they go.
    storage_class: StorageClass,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoncurrentExpiration {
    /// Days after a version was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    noncurrent_days: Option<i32>,
    /// So many old versions stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    newer_noncurrent_versions: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoncurrentTransition {
    /// Days after a version was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    noncurrent_days: Option<i32>,
    /// So many old versions stay where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    newer_noncurrent_versions: Option<i32>,
    /// Where they go.
    storage_class: StorageClass,
}

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AbortUpload {
    /// Days after the upload was begun.
    #[schemars(range(min = 1))]
    days_after_initiation: i32,
}

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
enum StorageClass {
    #[serde(rename = "STANDARD_IA")]
    StandardIa,
    #[serde(rename = "ONEZONE_IA")]
    OnezoneIa,
    #[serde(rename = "INTELLIGENT_TIERING")]
    IntelligentTiering,
    #[serde(rename = "GLACIER_IR")]
    GlacierIr,
    #[serde(rename = "GLACIER")]
    Glacier,
    #[serde(rename = "DEEP_ARCHIVE")]
    DeepArchive,
    /// A class that S3 has and we do not know.
    #[serde(untagged)]
    #[schemars(skip)]
    Other(String),
}

impl StorageClass {
    fn is_infrequent_access(&self) -> bool {
        matches!(self, Self::StandardIa | Self::OnezoneIa)
    }
}

impl Rule {
    /// A rule under which every object is deleted when it is `days` old.
    pub fn expiring(id: &str, days: i32) -> Self {
        Self {
            id: Some(id.to_owned()),
            expiration: Some(Expiration {
                days: Some(days),
                ..Expiration::default()
            }),
            ..Self::default()
        }
    }

    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// What S3 would refuse, for the rule at `key`.
    pub fn check(&self, key: &str) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut wrong = |at: &str, message: &str, label: &str| {
            let at = if at.is_empty() {
                key.to_owned()
            } else {
                format!("{key}.{at}")
            };
            found.push(Problem::new(&at, message, label));
        };
        let acts = self.expiration.is_some()
            || !self.transitions.is_empty()
            || self.noncurrent_version_expiration.is_some()
            || !self.noncurrent_version_transitions.is_empty()
            || self.abort_incomplete_multipart_upload.is_some();
        if !acts {
            wrong(
                "",
                "a lifecycle rule does nothing",
                "no expiration, no transition",
            );
        }
        if let Some(expiration) = &self.expiration {
            let said = usize::from(expiration.days.is_some())
                + usize::from(expiration.date.is_some())
                + usize::from(expiration.expired_object_delete_marker.is_some());
            if said != 1 {
                wrong(
                    "expiration",
                    "an expiration is after days, on a date, or of delete markers",
                    "exactly one of them",
                );
            }
            if let Some(day) = &expiration.date
                && to_date(Some(day)).is_err()
            {
                wrong(
                    "expiration.date",
                    "there is no such day",
                    "not in the calendar",
                );
            }
        }
        for (i, transition) in self.transitions.iter().enumerate() {
            let at = format!("transitions.{i}");
            if transition.days.is_some() == transition.date.is_some() {
                wrong(
                    &at,
                    "a transition is after days or on a date",
                    "exactly one of them",
                );
            }
            if let Some(day) = &transition.date
                && to_date(Some(day)).is_err()
            {
                wrong(&at, "there is no such day", "not in the calendar");
            }
            if transition.storage_class.is_infrequent_access()
                && transition.days.is_some_and(|days| days < 30)
            {
                wrong(&at, "objects stay 30 days before that class", "too early");
            }
        }
        let kept = self.noncurrent_version_expiration.as_ref();
        if kept.is_some_and(|kept| kept.noncurrent_days.is_none()) {
            wrong(
                "noncurrent_version_expiration",
                "old versions are deleted after some days",
                "noncurrent_days is missing",
            );
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_goes_to_s3_and_comes_back() {
        let rules = [
            r#"{"id": "all", "expiration": {"days": 3}}"#,
            r#"{"filter": {"prefix": "tmp/"}, "status": "Disabled", "expiration": {"date": "2030-01-31"}}"#,
            r#"{"filter": {"prefix": "a/", "tags": {"k": "v", "l": ""}, "object_size_greater_than": 1, "object_size_less_than": 9},
                "transitions": [{"days": 30, "storage_class": "STANDARD_IA"}, {"days": 90, "storage_class": "DEEP_ARCHIVE"}],
                "noncurrent_version_transitions": [{"noncurrent_days": 30, "newer_noncurrent_versions": 2, "storage_class": "GLACIER_IR"}],
                "noncurrent_version_expiration": {"noncurrent_days": 90, "newer_noncurrent_versions": 3},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7}}"#,
            r#"{"filter": {"tags": {"k": "v"}}, "expiration": {"expired_object_delete_marker": true}}"#,
            r#"{"filter": {"object_size_less_than": 9}, "expiration": {"days": 1}}"#,
        ];
        for text in rules {
            let rule: Rule = serde_json::from_str(text).expect("a rule");
            assert!(rule.check("r").is_empty(), "{:?}", rule.check("r"));
            assert_eq!(
                Rule::of_sdk(&rule.to_sdk().expect("a rule")),
                rule,
                "{text}"
            );
        }
    }

    #[test]
    fn what_s3_would_refuse_is_found_before() {
        let wrong = |text: &str| {
            let rule: Rule = serde_json::from_str(text).expect("a rule");
            let found = rule.check("r").into_iter();
            found
                .map(|p| format!("{}: {}", p.key, p.message))
                .collect::<Vec<_>>()
                .join("\n")
        };
        insta::assert_snapshot!(wrong("{}"), @"r: a lifecycle rule does nothing");
        insta::assert_snapshot!(
            wrong(r#"{"expiration": {"days": 1, "date": "2030-01-01"}}"#),
            @"r.expiration: an expiration is after days, on a date, or of delete markers"
        );
        insta::assert_snapshot!(
            wrong(r#"{"expiration": {"date": "2030-02-31"}}"#),
            @"r.expiration.date: there is no such day"
        );
        insta::assert_snapshot!(
            wrong(r#"{"transitions": [{"days": 3, "storage_class": "STANDARD_IA"}]}"#),
            @"r.transitions.0: objects stay 30 days before that class"
        );
    }
}
