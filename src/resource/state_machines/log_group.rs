//! The log group that a state machine makes and takes away with itself.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::types::LogGroup;

use super::super::identity::Identity;
use super::super::{CallError, Scope, call, unless_gone};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::resource::Ownership;

const GONE: [&str; 1] = ["ResourceNotFoundException"];

/// A log group as `stack.toml` or a state machine names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The group's name, if it is of this account and region; else its ARN.
    pub shown: String,
    /// Whether the state machine makes it.
    pub is_own: bool,
}

/// The ARN of a group of this account and region.
pub(super) fn arn(scope: &Scope, name: &str) -> String {
    scope.arn("logs", &format!("log-group:{name}"))
}

/// What a destination's ARN, which ends with `:*`, is shown as.
pub(super) fn shown(scope: &Scope, destination: &str) -> String {
    let group = destination.strip_suffix(":*").unwrap_or(destination);
    let home = arn(scope, "");
    group.strip_prefix(&home).unwrap_or(group).to_owned()
}

impl Place {
    pub fn of(scope: &Scope, given: &str) -> Self {
        Self {
            shown: shown(scope, given),
            is_own: !given.starts_with("arn:"),
        }
    }

    /// The ARN as a destination.
    pub fn destination(&self, scope: &Scope) -> String {
        if self.shown.starts_with("arn:") {
            format!("{}:*", self.shown)
        } else {
            format!("{}:*", arn(scope, &self.shown))
        }
    }
}

/// The group of this name, if it is there.
pub(super) async fn find(cloud: &Cloud, name: &str) -> Result<Option<LogGroup>, CallError> {
    let mut pages = cloud
        .logs
        .describe_log_groups()
        .log_group_name_prefix(name)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("DescribeLogGroups", error))?;
        let found = page.log_groups.unwrap_or_default().into_iter();
        if let Some(group) = { found }.find(|group| group.log_group_name() == Some(name)) {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

async fn tags(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
    let request = cloud.logs.list_tags_for_resource().resource_arn(arn);
    let found = unless_gone(call!("ListTagsForResource", request), &GONE)?;
    let tags = found.and_then(|found| found.tags).unwrap_or_default();
    Ok(tags.into_iter().collect())
}

async fn is_ours(cloud: &Cloud, identity: &Identity, name: &str) -> Result<bool, CallError> {
    let tags = tags(cloud, &arn(&identity.scope, name)).await?;
    Ok(match Mark::find(&tags) {
        Ownership::Marked { stack, id } => {
            stack == identity.scope.stack && id == identity.address.to_string()
        }
        _ => false,
    })
}

/// Makes the group with the state machine's tags, if it is not there, and sets how long it keeps
/// events, if that is wanted. A group that is not this state machine's is refused.
pub(super) async fn ensure(
    cloud: &Cloud,
    identity: &Identity,
    name: &str,
    retention_in_days: Option<i32>,
) -> Result<(), CallError> {
    let logs = &cloud.logs;
    let request = logs
        .create_log_group()
        .log_group_name(name)
        .set_tags(Some(identity.marked_tags().into_iter().collect()));
    match call!("CreateLogGroup", request) {
        Ok(_) => {}
        Err(error) if error.is("ResourceAlreadyExistsException") => {
            if !is_ours(cloud, identity, name).await? {
                let arn = arn(&identity.scope, name);
                return Err(error.with_help(format!(
                    "this state machine did not make it; to write to it all the same, give its ARN: log_group = \"{arn}\""
                )));
            }
            set_tags(cloud, identity, name).await?;
        }
        Err(error) => return Err(error),
    }
    if let Some(days) = retention_in_days {
        let request = logs
            .put_retention_policy()
            .log_group_name(name)
            .retention_in_days(days);
        call!("PutRetentionPolicy", request)?;
    }
    Ok(())
}

/// Gives the group the tags of its state machine.
async fn set_tags(cloud: &Cloud, identity: &Identity, name: &str) -> Result<(), CallError> {
    let arn = arn(&identity.scope, name);
    let live = tags(cloud, &arn).await?;
    let wanted = identity.marked_tags();
    let dropped = identity.dropped_tags(&live);
    if !dropped.is_empty() {
        let request = cloud
            .logs
            .untag_resource()
            .resource_arn(&arn)
            .set_tag_keys(Some(dropped));
        call!("UntagResource", request)?;
    }
    if wanted
        .iter()
        .any(|(key, value)| live.get(key) != Some(value))
    {
        let request = cloud
            .logs
            .tag_resource()
            .resource_arn(&arn)
            .set_tags(Some(wanted.into_iter().collect()));
        call!("TagResource", request)?;
    }
    Ok(())
}

/// Deletes the group if it carries this state machine's mark.
pub(super) async fn remove(
    cloud: &Cloud,
    identity: &Identity,
    name: &str,
) -> Result<(), CallError> {
    if name.starts_with("arn:") || !is_ours(cloud, identity, name).await? {
        return Ok(());
    }
    let request = cloud.logs.delete_log_group().log_group_name(name);
    unless_gone(call!("DeleteLogGroup", request), &GONE).map(drop)
}
