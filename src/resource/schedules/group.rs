//! The schedule group of a stack: made with its first schedule, taken away with its last.
//!
//! Schedules have no tags; their group has, so it is the group that carries the stack's mark.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_scheduler::types::Tag;
use tokio::sync::{RwLock, RwLockReadGuard};

use super::super::built;
use super::super::retry::{poll, retry};
use super::super::{CallError, Scope, Work, call, unless_gone};
use crate::cloud::Cloud;
use crate::engine::{ID_TAG, Mark, STACK_TAG};
use crate::resource::Ownership;

pub(super) const GONE: [&str; 1] = ["ResourceNotFoundException"];

/// How long a group's deletion may take.
const LIMIT: Duration = Duration::from_mins(2);

/// The deletion of a group takes what is in it along: nothing of this process is made in one
/// between the look whether it is empty and its deletion.
static USE: RwLock<()> = RwLock::const_new(());

pub(super) fn arn(scope: &Scope, name: &str) -> String {
    scope.arn("scheduler", &format!("schedule-group/{name}"))
}

pub(super) async fn tags(
    cloud: &Cloud,
    scope: &Scope,
    name: &str,
) -> Result<Option<BTreeMap<String, String>>, CallError> {
    let request = cloud
        .scheduler
        .list_tags_for_resource()
        .resource_arn(arn(scope, name));
    let found = unless_gone(call!("ListTagsForResource", request), &GONE)?;
    Ok(found.map(|found| {
        found
            .tags
            .unwrap_or_default()
            .into_iter()
            .map(|tag| (tag.key, tag.value))
            .collect()
    }))
}

/// The stack's tags and its mark, which is of all schedules.
fn marked_tags(scope: &Scope) -> BTreeMap<String, String> {
    let mut tags = scope.tags.clone();
    tags.insert(STACK_TAG.to_owned(), scope.stack.clone());
    tags.insert(ID_TAG.to_owned(), "schedules".to_owned());
    tags
}

fn api_tags(tags: BTreeMap<String, String>) -> Result<Vec<Tag>, CallError> {
    tags.into_iter()
        .map(|(key, value)| {
            let tag = Tag::builder().key(key).value(value).build();
            built("TagResource", tag)
        })
        .collect()
}

/// Whether the group is this stack's.
fn is_ours(scope: &Scope, tags: &BTreeMap<String, String>) -> bool {
    matches!(Mark::find(tags), Ownership::Marked { stack, .. } if stack == scope.stack)
}

async fn is_there(cloud: &Cloud, name: &str) -> Result<bool, CallError> {
    let request = cloud.scheduler.get_schedule_group().name(name);
    let live = unless_gone(call!("GetScheduleGroup", request), &GONE)?;
    Ok(live.is_some())
}

/// Holds the group of this process's schedules for as long as the guard lives, and makes it where
/// it is not there.
pub(super) async fn hold(
    work: &Work<'_>,
    scope: &Scope,
    name: &str,
) -> Result<RwLockReadGuard<'static, ()>, CallError> {
    let held = USE.read().await;
    ensure(work, scope, name).await?;
    Ok(held)
}

/// Whether an error says that somebody else has taken the group away.
pub(super) fn is_gone(error: &CallError) -> bool {
    error.is_any(&GONE) && error.message.contains("group")
}

async fn ensure(work: &Work<'_>, scope: &Scope, name: &str) -> Result<(), CallError> {
    let scheduler = &work.cloud.scheduler;
    match tags(work.cloud, scope, name).await? {
        Some(tags) if is_ours(scope, &tags) => return Ok(()),
        // Not every cloud that speaks this protocol refuses to tell the tags of what is not there.
        Some(tags) if !tags.is_empty() || is_there(work.cloud, name).await? => {
            let message = format!("the schedule group `{name}` was not made by this stack");
            return Err(CallError::here("CreateScheduleGroup", message)
                .with_help("give the schedule another `group`"));
        }
        _ => {}
    }
    let tags = api_tags(marked_tags(scope))?;
    let made = retry(
        work,
        "the schedule group of this name is being deleted",
        LIMIT,
        |error| error.is("ConflictException") && error.message.to_lowercase().contains("delet"),
        || async {
            let request = scheduler
                .create_schedule_group()
                .name(name)
                .set_tags(Some(tags.clone()));
            call!("CreateScheduleGroup", request)
        },
    )
    .await;
    match made {
        // Another schedule was faster; whose the group is, was seen above.
        Err(error) if error.is("ConflictException") => Ok(()),
        made => made.map(drop),
    }
}

/// Sets the stack's tags on its group.
pub(super) async fn put_tags(cloud: &Cloud, scope: &Scope, name: &str) -> Result<(), CallError> {
    let wanted = marked_tags(scope);
    let Some(live) = tags(cloud, scope, name).await? else {
        return Ok(());
    };
    let dropped: Vec<String> = live
        .keys()
        .filter(|key| !wanted.contains_key(*key) && !key.starts_with("aws:"))
        .cloned()
        .collect();
    if !dropped.is_empty() {
        let request = cloud
            .scheduler
            .untag_resource()
            .resource_arn(arn(scope, name))
            .set_tag_keys(Some(dropped));
        call!("UntagResource", request)?;
    }
    let request = cloud
        .scheduler
        .tag_resource()
        .resource_arn(arn(scope, name))
        .set_tags(Some(api_tags(wanted)?));
    call!("TagResource", request).map(drop)
}

/// The names of the groups that carry the stack's mark.
pub(super) async fn owned(cloud: &Cloud, scope: &Scope) -> Result<Vec<String>, CallError> {
    let mut owned = Vec::new();
    let mut pages = cloud
        .scheduler
        .list_schedule_groups()
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListScheduleGroups", error))?;
        for name in page
            .schedule_groups
            .into_iter()
            .filter_map(|group| group.name)
        {
            // It is always there, and never ours.
            if name == "default" {
                continue;
            }
            let tags = tags(cloud, scope, &name).await?;
            if tags.is_some_and(|tags| is_ours(scope, &tags)) {
                owned.push(name);
            }
        }
    }
    Ok(owned)
}

/// The names of the schedules in a group.
pub(super) async fn schedules(cloud: &Cloud, name: &str) -> Result<Vec<String>, CallError> {
    let mut names = Vec::new();
    let mut pages = cloud
        .scheduler
        .list_schedules()
        .group_name(name)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListSchedules", error));
        let Some(page) = unless_gone(page, &GONE)? else {
            break;
        };
        names.extend(
            page.schedules
                .into_iter()
                .filter_map(|schedule| schedule.name),
        );
    }
    Ok(names)
}

/// Deletes the stack's group, if nothing is in it.
pub(super) async fn remove_if_empty(
    work: &Work<'_>,
    scope: &Scope,
    name: &str,
) -> Result<(), CallError> {
    let _alone = USE.write().await;
    if !schedules(work.cloud, name).await?.is_empty() {
        return Ok(());
    }
    let tags = tags(work.cloud, scope, name).await?;
    if !tags.is_some_and(|tags| is_ours(scope, &tags)) {
        return Ok(());
    }
    let scheduler = &work.cloud.scheduler;
    let request = scheduler.delete_schedule_group().name(name);
    unless_gone(call!("DeleteScheduleGroup", request), &GONE)?;
    poll(
        work,
        "GetScheduleGroup",
        "the schedule group is being deleted",
        LIMIT,
        || async {
            let is_there = is_there(work.cloud, name).await?;
            Ok((!is_there).then_some(()))
        },
    )
    .await
}
