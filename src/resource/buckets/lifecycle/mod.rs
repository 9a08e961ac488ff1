//! What becomes of objects with time: rules of the stack's own, and `expire_after_days` for one.
//!
//! The rule of `expire_after_days` is known by its id, so it goes when the key goes. All other
//! rules are managed if `lifecycle_rules` is set, and are nobody's otherwise.

mod rule;

use std::collections::BTreeSet;

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, LifecycleRule, TransitionDefaultMinimumObjectSize,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use rule::Rule;

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, CallError, Fields, Problem, Work, built, call, unless_gone};

/// The id of the rule that `expire_after_days` makes.
const EXPIRY_RULE: &str = "athglue-expire";

/// Below which size objects stay in their storage class.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub(super) enum MinimumSize {
    /// 128 KiB for `GLACIER` and `DEEP_ARCHIVE`, none for others.
    #[serde(rename = "varies_by_storage_class")]
    VariesByStorageClass,
    /// 128 KiB. AWS's default.
    #[serde(rename = "all_storage_classes_128K")]
    AllStorageClasses128K,
}

impl MinimumSize {
    fn to_sdk(self) -> TransitionDefaultMinimumObjectSize {
        match self {
            Self::VariesByStorageClass => TransitionDefaultMinimumObjectSize::VariesByStorageClass,
            Self::AllStorageClasses128K => {
                TransitionDefaultMinimumObjectSize::AllStorageClasses128K
            }
        }
    }
}

pub(super) struct Lifecycle;

const RULES: &str = "lifecycle_rules";
const EXPIRY: &str = "expire_after_days";
const MINIMUM: &str = "transition_default_minimum_object_size";

/// What is live.
#[derive(Default)]
struct Live {
    rules: Vec<LifecycleRule>,
    minimum: Option<TransitionDefaultMinimumObjectSize>,
}

async fn live(cloud: &Cloud, bucket: &Bucket) -> Result<Live, CallError> {
    let request = cloud
        .s3
        .get_bucket_lifecycle_configuration()
        .bucket(bucket.name());
    let found = unless_gone(
        call!("GetBucketLifecycleConfiguration", request),
        &["NoSuchLifecycleConfiguration"],
    )?;
    Ok(found.map_or_else(Live::default, |found| Live {
        rules: found.rules.unwrap_or_default(),
        minimum: found.transition_default_minimum_object_size,
    }))
}

fn is_ours(rule: &LifecycleRule) -> bool {
    rule.id() == Some(EXPIRY_RULE)
}

/// Whether a rule of `stack.toml` is the live one. S3 gives an id to a rule that has none.
fn is_rule(wanted: &Value, live: &Value) -> bool {
    if wanted.get("id").is_some() {
        return wanted == live;
    }
    let mut live = live.clone();
    if let Some(members) = live.as_object_mut() {
        members.remove("id");
    }
    *wanted == live
}

impl Setting for Lifecycle {
    fn check(&self, bucket: &Bucket) -> Vec<Problem> {
        let rules = bucket.keys.lifecycle_rules.iter().flatten();
        let mut ids = BTreeSet::from([EXPIRY_RULE]);
        let mut found = Vec::new();
        for (i, rule) in rules.enumerate() {
            let key = format!("{RULES}.{i}");
            found.extend(rule.check(&key));
            if let Some(id) = rule.id()
                && !ids.insert(id)
            {
                let problem = Problem::new(
                    &format!("{key}.id"),
                    format!("two rules are called `{id}`"),
                    "taken already",
                );
                found.push(problem);
            }
        }
        let has_rules = bucket.keys.expire_after_days.is_some()
            || bucket
                .keys
                .lifecycle_rules
                .as_ref()
                .is_some_and(|r| !r.is_empty());
        if bucket.keys.transition_default_minimum_object_size.is_some() && !has_rules {
            found.push(Problem::new(
                MINIMUM,
                "this goes with lifecycle rules",
                "there are none",
            ));
        }
        found
    }

    fn desired(&self, bucket: &Bucket) -> Fields {
        let keys = &bucket.keys;
        let mut fields = Fields::from([(EXPIRY.to_owned(), json!(keys.expire_after_days))]);
        if let Some(rules) = &keys.lifecycle_rules {
            fields.insert(RULES.to_owned(), json!(rules));
        }
        if let Some(size) = keys.transition_default_minimum_object_size {
            fields.insert(MINIMUM.to_owned(), json!(size));
        }
        fields
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let live = live(cloud, bucket).await?;
            let days = live
                .rules
                .iter()
                .find(|rule| is_ours(rule))
                .and_then(|rule| rule.expiration()?.days());
            let others = live.rules.iter().filter(|rule| !is_ours(rule));
            let others: Vec<Rule> = others.map(Rule::of_sdk).collect();
            let minimum = live.minimum.as_ref().map(|size| size.as_str().to_owned());
            Ok(Fields::from([
                (EXPIRY.to_owned(), json!(days)),
                (RULES.to_owned(), json!(others)),
                (MINIMUM.to_owned(), json!(minimum)),
            ]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([
            (EXPIRY.to_owned(), Value::Null),
            (RULES.to_owned(), json!([])),
        ])
    }

    /// The order of rules says nothing.
    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        let (Some(wanted), Some(live), RULES) = (desired.as_array(), live.as_array(), field) else {
            return desired == live;
        };
        let mut rest: Vec<&Value> = live.iter().collect();
        wanted.len() == rest.len()
            && wanted.iter().all(|wanted| {
                let at = rest.iter().position(|live| is_rule(wanted, live));
                at.map(|at| rest.swap_remove(at)).is_some()
            })
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            const OPERATION: &str = "PutBucketLifecycleConfiguration";
            let (s3, keys) = (&work.cloud.s3, &bucket.keys);
            let live = live(work.cloud, bucket).await?;
            let had_rules = !live.rules.is_empty();
            let mut rules = match &keys.lifecycle_rules {
                Some(rules) => rules.iter().map(Rule::to_sdk).collect::<Result<_, _>>()?,
                None => live.rules,
            };
            rules.retain(|rule| !is_ours(rule));
            if let Some(days) = keys.expire_after_days {
                rules.push(Rule::expiring(EXPIRY_RULE, days).to_sdk()?);
            }
            if rules.is_empty() {
                if !had_rules {
                    return Ok(());
                }
                let request = s3.delete_bucket_lifecycle().bucket(bucket.name());
                return call!("DeleteBucketLifecycle", request).map(drop);
            }
            let minimum = keys.transition_default_minimum_object_size;
            let configuration = BucketLifecycleConfiguration::builder()
                .set_rules(Some(rules))
                .build();
            let request = s3
                .put_bucket_lifecycle_configuration()
                .bucket(bucket.name())
                .set_transition_default_minimum_object_size(
                    minimum.map(MinimumSize::to_sdk).or(live.minimum),
                )
                .lifecycle_configuration(built(OPERATION, configuration)?);
            call!("PutBucketLifecycleConfiguration", request).map(drop)
        })
    }
}
