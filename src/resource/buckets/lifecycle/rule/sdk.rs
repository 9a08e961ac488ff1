//! A lifecycle rule as S3's SDK has it.

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sdk_s3::types as s3;

use super::{
    AbortUpload, Expiration, Filter, NoncurrentExpiration, NoncurrentTransition, Rule, Status,
    StorageClass, Transition,
};
use crate::resource::{CallError, built};

const OPERATION: &str = "PutBucketLifecycleConfiguration";

impl Rule {
    /// What `PutBucketLifecycleConfiguration` takes.
    pub fn to_sdk(&self) -> Result<s3::LifecycleRule, CallError> {
        let status = match self.status {
            Status::Enabled => s3::ExpirationStatus::Enabled,
            Status::Disabled => s3::ExpirationStatus::Disabled,
        };
        let expiration = match &self.expiration {
            None => None,
            Some(expiration) => Some(
                s3::LifecycleExpiration::builder()
                    .set_days(expiration.days)
                    .set_date(to_date(expiration.date.as_ref())?)
                    .set_expired_object_delete_marker(expiration.expired_object_delete_marker)
                    .build(),
            ),
        };
        let mut transitions = Vec::new();
        for transition in &self.transitions {
            transitions.push(
                s3::Transition::builder()
                    .set_days(transition.days)
                    .set_date(to_date(transition.date.as_ref())?)
                    .storage_class(transition.storage_class.to_sdk())
                    .build(),
            );
        }
        let noncurrent = self.noncurrent_version_transitions.iter();
        let noncurrent: Vec<_> = noncurrent
            .map(|transition| {
                s3::NoncurrentVersionTransition::builder()
                    .set_noncurrent_days(transition.noncurrent_days)
                    .set_newer_noncurrent_versions(transition.newer_noncurrent_versions)
                    .storage_class(transition.storage_class.to_sdk())
                    .build()
            })
            .collect();
        let noncurrent_expiration = self.noncurrent_version_expiration.as_ref();
        let abort = self.abort_incomplete_multipart_upload.as_ref();
        let rule = s3::LifecycleRule::builder()
            .set_id(self.id.clone())
            .status(status)
            .filter(self.filter.to_sdk()?)
            .set_expiration(expiration)
            .set_transitions((!transitions.is_empty()).then_some(transitions))
            .set_noncurrent_version_transitions((!noncurrent.is_empty()).then_some(noncurrent))
            .set_noncurrent_version_expiration(noncurrent_expiration.map(|expiration| {
                s3::NoncurrentVersionExpiration::builder()
                    .set_noncurrent_days(expiration.noncurrent_days)
                    .set_newer_noncurrent_versions(expiration.newer_noncurrent_versions)
                    .build()
            }))
            .set_abort_incomplete_multipart_upload(abort.map(|abort| {
                s3::AbortIncompleteMultipartUpload::builder()
                    .days_after_initiation(abort.days_after_initiation)
                    .build()
            }))
            .build();
        built(OPERATION, rule)
    }

    /// What `GetBucketLifecycleConfiguration` answered.
    pub fn of_sdk(rule: &s3::LifecycleRule) -> Self {
        let status = match rule.status {
            s3::ExpirationStatus::Enabled => Status::Enabled,
            _ => Status::Disabled,
        };
        Self {
            id: rule.id.clone(),
            status,
            filter: Filter::of_sdk(rule),
            expiration: rule.expiration.as_ref().map(|expiration| Expiration {
                days: expiration.days,
                date: of_date(expiration.date.as_ref()),
                expired_object_delete_marker: expiration.expired_object_delete_marker,
            }),
            transitions: rule
                .transitions()
                .iter()
                .map(|transition| Transition {
                    days: transition.days,
                    date: of_date(transition.date.as_ref()),
                    storage_class: StorageClass::of_sdk(transition.storage_class.as_ref()),
                })
                .collect(),
            noncurrent_version_expiration: rule.noncurrent_version_expiration.as_ref().map(
                |expiration| NoncurrentExpiration {
                    noncurrent_days: expiration.noncurrent_days,
                    newer_noncurrent_versions: expiration.newer_noncurrent_versions,
                },
            ),
            noncurrent_version_transitions: rule
                .noncurrent_version_transitions()
                .iter()
                .map(|transition| NoncurrentTransition {
                    noncurrent_days: transition.noncurrent_days,
                    newer_noncurrent_versions: transition.newer_noncurrent_versions,
                    storage_class: StorageClass::of_sdk(transition.storage_class.as_ref()),
                })
                .collect(),
            abort_incomplete_multipart_upload: rule
                .abort_incomplete_multipart_upload
                .as_ref()
                .and_then(|abort| abort.days_after_initiation)
                .map(|days_after_initiation| AbortUpload {
                    days_after_initiation,
                }),
        }
    }
}

impl StorageClass {
    fn to_sdk(&self) -> s3::TransitionStorageClass {
        match self {
            Self::StandardIa => s3::TransitionStorageClass::StandardIa,
            Self::OnezoneIa => s3::TransitionStorageClass::OnezoneIa,
            Self::IntelligentTiering => s3::TransitionStorageClass::IntelligentTiering,
            Self::GlacierIr => s3::TransitionStorageClass::GlacierIr,
            Self::Glacier => s3::TransitionStorageClass::Glacier,
            Self::DeepArchive => s3::TransitionStorageClass::DeepArchive,
            Self::Other(name) => name.as_str().into(),
        }
    }

    fn of_sdk(class: Option<&s3::TransitionStorageClass>) -> Self {
        match class {
            Some(s3::TransitionStorageClass::StandardIa) => Self::StandardIa,
            Some(s3::TransitionStorageClass::OnezoneIa) => Self::OnezoneIa,
            Some(s3::TransitionStorageClass::IntelligentTiering) => Self::IntelligentTiering,
            Some(s3::TransitionStorageClass::GlacierIr) => Self::GlacierIr,
            Some(s3::TransitionStorageClass::Glacier) => Self::Glacier,
            Some(s3::TransitionStorageClass::DeepArchive) => Self::DeepArchive,
            other => Self::Other(other.map_or_else(String::new, |c| c.as_str().to_owned())),
        }
    }
}

fn tag(key: &str, value: &str) -> Result<s3::Tag, CallError> {
    built(OPERATION, s3::Tag::builder().key(key).value(value).build())
}

impl Filter {
    fn to_sdk(&self) -> Result<s3::LifecycleRuleFilter, CallError> {
        let mut tags = Vec::new();
        for (key, value) in &self.tags {
            tags.push(tag(key, value)?);
        }
        let conditions = usize::from(self.prefix.is_some())
            + tags.len()
            + usize::from(self.object_size_greater_than.is_some())
            + usize::from(self.object_size_less_than.is_some());
        if conditions <= 1 {
            // A rule for everything has the prefix that everything has.
            let prefix = if conditions == 0 {
                Some(String::new())
            } else {
                self.prefix.clone()
            };
            return Ok(s3::LifecycleRuleFilter::builder()
                .set_prefix(prefix)
                .set_tag(tags.pop())
                .set_object_size_greater_than(self.object_size_greater_than)
                .set_object_size_less_than(self.object_size_less_than)
                .build());
        }
        let all = s3::LifecycleRuleAndOperator::builder()
            .set_prefix(self.prefix.clone())
            .set_tags((!tags.is_empty()).then_some(tags))
            .set_object_size_greater_than(self.object_size_greater_than)
            .set_object_size_less_than(self.object_size_less_than)
            .build();
        Ok(s3::LifecycleRuleFilter::builder().and(all).build())
    }

    /// Reads a filter, or the prefix that old rules have in its place.
    #[allow(deprecated, reason = "rules written long ago have it")]
    fn of_sdk(rule: &s3::LifecycleRule) -> Self {
        let text = |prefix: Option<&String>| prefix.filter(|p| !p.is_empty()).cloned();
        let Some(filter) = &rule.filter else {
            return Self {
                prefix: text(rule.prefix.as_ref()),
                ..Self::default()
            };
        };
        let pairs = |tags: &[s3::Tag]| {
            let pairs = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone()));
            pairs.collect()
        };
        match &filter.and {
            Some(all) => Self {
                prefix: text(all.prefix.as_ref()),
                tags: pairs(all.tags()),
                object_size_greater_than: all.object_size_greater_than,
                object_size_less_than: all.object_size_less_than,
            },
            None => Self {
                prefix: text(filter.prefix.as_ref()),
                tags: pairs(filter.tag.as_slice()),
                object_size_greater_than: filter.object_size_greater_than,
                object_size_less_than: filter.object_size_less_than,
            },
        }
    }
}

/// Midnight of a day in UTC, or that there is no such day.
pub(super) fn to_date(text: Option<&String>) -> Result<Option<DateTime>, CallError> {
    text.map(|day| {
        DateTime::from_str(&format!("{day}T00:00:00Z"), DateTimeFormat::DateTime)
            .map_err(|error| CallError::here(OPERATION, format!("`{day}` is no day: {error}")))
    })
    .transpose()
}

fn of_date(date: Option<&DateTime>) -> Option<String> {
    let text = date?.fmt(DateTimeFormat::DateTime).ok()?;
    text.get(..10).map(str::to_owned)
}
