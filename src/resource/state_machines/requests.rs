//! What a state machine's calls are made of, and what their answers say.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput;
use aws_sdk_sfn::types::{
    CloudWatchLogsLogGroup, EncryptionConfiguration, EncryptionType as SfnEncryptionType,
    LogDestination, LogLevel, LoggingConfiguration, StateMachineType, Tag, TracingConfiguration,
};
use serde_json::{Value, json};

use super::super::built;
use super::super::retry::{IAM_DELAY, is_iam_delay, retry};
use super::keys::{Encryption, EncryptionType, Type};
use super::{
    CallError, EXECUTION_DATA, GONE, LEVEL, LOG_GROUP, Problem, RETENTION, StateMachine, Wanted,
    Work, call, log_group, role_reference, unless_gone,
};
use crate::cloud::Cloud;

/// AWS's default.
const REUSE_SECONDS: i32 = 300;

pub(super) fn machine_type(wanted: Option<Type>) -> StateMachineType {
    match wanted {
        Some(Type::Express) => StateMachineType::Express,
        Some(Type::Standard) | None => StateMachineType::Standard,
    }
}

pub(super) fn tracing(enabled: bool) -> TracingConfiguration {
    TracingConfiguration::builder().enabled(enabled).build()
}

/// The ARN of the group that a state machine logs to.
pub(super) fn destination(live: &DescribeStateMachineOutput) -> Option<&str> {
    let destination = live.logging_configuration()?.destinations().first()?;
    destination.cloud_watch_logs_log_group()?.log_group_arn()
}

pub(super) fn check_encryption(given: &Encryption) -> Option<Problem> {
    let wrong = |key: &str, message: &str, label: &str| {
        Some(Problem::new(
            &format!("encryption_configuration.{key}"),
            message,
            label,
        ))
    };
    match (given.r#type, &given.kms_key_id) {
        (EncryptionType::CustomerManagedKmsKey, None) => wrong(
            "type",
            "a key of yours is named by `kms_key_id`",
            "needs kms_key_id",
        ),
        (EncryptionType::AwsOwnedKey, Some(_)) => wrong(
            "kms_key_id",
            "a key that AWS owns has no `kms_key_id`",
            "needs type = \"CUSTOMER_MANAGED_KMS_KEY\"",
        ),
        (EncryptionType::AwsOwnedKey, None)
            if given.kms_data_key_reuse_period_seconds.is_some() =>
        {
            wrong(
                "kms_data_key_reuse_period_seconds",
                "data keys are used again only under a key of yours",
                "needs type = \"CUSTOMER_MANAGED_KMS_KEY\"",
            )
        }
        _ => None,
    }
}

/// A wanted encryption as it is compared: with AWS's default period.
pub(super) fn shown_encryption(given: &Encryption) -> Value {
    encryption_fields(
        json!(given.r#type),
        given.kms_key_id.as_deref(),
        given.kms_data_key_reuse_period_seconds,
    )
}

fn encryption_fields(kind: Value, key: Option<&str>, seconds: Option<i32>) -> Value {
    if kind == json!(EncryptionType::AwsOwnedKey) {
        return json!({ "type": kind });
    }
    json!({
        "type": kind,
        "kms_key_id": key,
        "kms_data_key_reuse_period_seconds": seconds.unwrap_or(REUSE_SECONDS),
    })
}

pub(super) fn live_encryption(live: &DescribeStateMachineOutput) -> Value {
    match live.encryption_configuration() {
        None => encryption_fields(json!(EncryptionType::AwsOwnedKey), None, None),
        Some(there) => encryption_fields(
            json!(there.r#type.as_str()),
            there.kms_key_id(),
            there.kms_data_key_reuse_period_seconds,
        ),
    }
}

pub(super) async fn tags(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
    let request = cloud.sfn.list_tags_for_resource().resource_arn(arn);
    let gone = ["ResourceNotFound", GONE[0]];
    let found = unless_gone(call!("ListTagsForResource", request), &gone)?;
    Ok(found
        .and_then(|found| found.tags)
        .unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect())
}

/// The log group of a live state machine.
#[derive(Debug, Default)]
pub(super) struct LiveGroup {
    /// Its name, or its ARN where it is elsewhere; none where a group that is to be made is gone.
    pub shown: Option<String>,
    pub retention_in_days: Option<i32>,
}

impl StateMachine {
    pub(super) async fn describe(
        &self,
        cloud: &Cloud,
    ) -> Result<Option<DescribeStateMachineOutput>, CallError> {
        let request = cloud
            .sfn
            .describe_state_machine()
            .state_machine_arn(self.arn());
        unless_gone(call!("DescribeStateMachine", request), &GONE)
    }

    pub(super) async fn role_arn(
        &self,
        work: &Work<'_>,
        wanted: &Wanted,
    ) -> Result<String, CallError> {
        role_reference::arn(work.cloud, &self.role(wanted)).await
    }

    /// The log group that this state machine makes.
    pub(super) fn own_group(&self) -> Option<&str> {
        let group = self.wanted.as_ref()?.logging.as_ref()?.group.as_ref()?;
        group.is_own.then_some(group.shown.as_str())
    }

    pub(super) async fn read_log_group(
        &self,
        cloud: &Cloud,
        live: &DescribeStateMachineOutput,
    ) -> Result<LiveGroup, CallError> {
        let shown = destination(live).map(|arn| log_group::shown(&self.identity.scope, arn));
        let Some(own) = self.own_group().filter(|own| shown.as_deref() == Some(own)) else {
            return Ok(LiveGroup {
                shown,
                retention_in_days: None,
            });
        };
        Ok(match log_group::find(cloud, own).await? {
            Some(group) => LiveGroup {
                shown,
                retention_in_days: group.retention_in_days,
            },
            None => LiveGroup::default(),
        })
    }

    /// Whether the latest version is what the state machine is now. Asked only where it matters.
    pub(super) async fn is_published(
        &self,
        cloud: &Cloud,
        live: &DescribeStateMachineOutput,
    ) -> Result<bool, CallError> {
        if !self.wanted.as_ref().is_some_and(|wanted| wanted.publish) {
            return Ok(false);
        }
        let request = cloud
            .sfn
            .list_state_machine_versions()
            .state_machine_arn(self.arn())
            .max_results(1);
        let versions = unless_gone(call!("ListStateMachineVersions", request), &GONE)?;
        let latest = versions.and_then(|found| found.state_machine_versions.into_iter().next());
        let Some(latest) = latest else {
            return Ok(false);
        };
        let request = cloud
            .sfn
            .describe_state_machine()
            .state_machine_arn(latest.state_machine_version_arn);
        let version = unless_gone(call!("DescribeStateMachine", request), &GONE)?;
        Ok(version.is_some_and(|version| version.revision_id == live.revision_id))
    }

    pub(super) fn sfn_tags(&self) -> Vec<Tag> {
        self.identity
            .marked_tags()
            .into_iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect()
    }

    pub(super) async fn put_tags(&self, cloud: &Cloud) -> Result<(), CallError> {
        let live = tags(cloud, &self.arn()).await?;
        let dropped = self.identity.dropped_tags(&live);
        if !dropped.is_empty() {
            let request = cloud
                .sfn
                .untag_resource()
                .resource_arn(self.arn())
                .set_tag_keys(Some(dropped));
            call!("UntagResource", request)?;
        }
        let request = cloud
            .sfn
            .tag_resource()
            .resource_arn(self.arn())
            .set_tags(Some(self.sfn_tags()));
        call!("TagResource", request)?;
        if let Some(group) = self.own_group() {
            log_group::ensure(cloud, &self.identity, group, None).await?;
        }
        Ok(())
    }

    /// The logging that is wanted, over what is there: a request sets all of it.
    pub(super) fn logging(
        &self,
        wanted: &Wanted,
        live: Option<&DescribeStateMachineOutput>,
    ) -> Option<LoggingConfiguration> {
        let logging = wanted.logging.as_ref()?;
        let there = live.and_then(DescribeStateMachineOutput::logging_configuration);
        let with_data = logging
            .include_execution_data
            .unwrap_or_else(|| there.is_some_and(|there| there.include_execution_data));
        let level = json!(logging.level);
        let mut configuration = LoggingConfiguration::builder()
            .level(LogLevel::from(level.as_str().unwrap_or("OFF")))
            .include_execution_data(with_data);
        let group = logging
            .group
            .as_ref()
            .map(|group| group.destination(&self.identity.scope))
            .or_else(|| live.and_then(destination).map(str::to_owned));
        if let Some(arn) = group {
            let group = CloudWatchLogsLogGroup::builder().log_group_arn(arn).build();
            configuration = configuration.destinations(
                LogDestination::builder()
                    .cloud_watch_logs_log_group(group)
                    .build(),
            );
        }
        Some(configuration.build())
    }

    pub(super) fn encryption(
        &self,
        wanted: &Wanted,
    ) -> Result<Option<EncryptionConfiguration>, CallError> {
        let Some(given) = &wanted.encryption else {
            return Ok(None);
        };
        let kind = match given.r#type {
            EncryptionType::AwsOwnedKey => SfnEncryptionType::AwsOwnedKey,
            EncryptionType::CustomerManagedKmsKey => SfnEncryptionType::CustomerManagedKmsKey,
        };
        let configuration = EncryptionConfiguration::builder()
            .r#type(kind)
            .set_kms_key_id(given.kms_key_id.clone())
            .set_kms_data_key_reuse_period_seconds(given.kms_data_key_reuse_period_seconds)
            .build();
        built("CreateStateMachine", configuration).map(Some)
    }

    /// Sets the fields of the state machine itself that are named in `changed`.
    pub(super) async fn change(
        &self,
        work: &Work<'_>,
        wanted: &Wanted,
        changed: &BTreeSet<String>,
    ) -> Result<(), CallError> {
        let has = |field: &str| changed.contains(field);
        let logs = [LEVEL, EXECUTION_DATA, LOG_GROUP].into_iter().any(has);
        let mut left_group = None;
        let mut live = None;
        if logs || has(RETENTION) {
            live = self.describe(work.cloud).await?;
            if let (Some(group), Some(logging)) = (self.own_group(), &wanted.logging) {
                let days = logging.retention_in_days;
                log_group::ensure(work.cloud, &self.identity, group, days).await?;
            }
            let before = live.as_ref().and_then(destination);
            let wanted = wanted.logging.as_ref().and_then(|l| l.group.as_ref());
            left_group = before
                .map(|arn| log_group::shown(&self.identity.scope, arn))
                .filter(|before| wanted.is_some_and(|wanted| wanted.shown != *before));
        }
        let (definition, role) = (has("definition"), has("role"));
        let (traces, encrypts) = (
            has("tracing_configuration"),
            has("encryption_configuration"),
        );
        let role_arn = if role {
            Some(self.role_arn(work, wanted).await?)
        } else {
            None
        };
        let logging = if logs {
            self.logging(wanted, live.as_ref())
        } else {
            None
        };
        let logged = live
            .as_ref()
            .and_then(DescribeStateMachineOutput::logging_configuration);
        let relogs = logging.is_some() && logging.as_ref() != logged;
        // What changes nothing makes no revision: it is published already, under whichever
        // description, unless `publish` is among the changes.
        let revises = definition || role || traces || encrypts || relogs;
        let publish = wanted.publish && (revises || has("publish"));
        let description = wanted.version_description.clone().filter(|_| publish);
        if definition || role || traces || encrypts || logs {
            retry(
                work,
                "Step Functions cannot take the role yet",
                IAM_DELAY,
                is_iam_delay,
                || async {
                    let request = work
                        .cloud
                        .sfn
                        .update_state_machine()
                        .state_machine_arn(self.arn())
                        .set_definition(definition.then(|| wanted.definition.text.clone()))
                        .set_role_arn(role_arn.clone())
                        .set_logging_configuration(logging.clone())
                        .set_tracing_configuration(wanted.tracing.filter(|_| traces).map(tracing))
                        .set_encryption_configuration(self.encryption(wanted)?.filter(|_| encrypts))
                        .publish(publish)
                        .set_version_description(description.clone());
                    call!("UpdateStateMachine", request)
                },
            )
            .await?;
        } else if has("publish") {
            let request = work
                .cloud
                .sfn
                .publish_state_machine_version()
                .state_machine_arn(self.arn())
                .set_description(wanted.version_description.clone());
            call!("PublishStateMachineVersion", request)?;
        }
        // A group that this state machine made and no longer writes to.
        if let Some(group) = left_group {
            log_group::remove(work.cloud, &self.identity, &group).await?;
        }
        Ok(())
    }
}
