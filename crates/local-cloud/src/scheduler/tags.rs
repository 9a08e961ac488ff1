//! Tags of schedule groups: TagResource, UntagResource, ListTagsForResource. Schedules have none.

use std::collections::BTreeMap;

use super::groups::{self, Group};
use super::{invalid, not_found};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::scheduler::*;

const MOST: usize = 50;

/// Tags by key, of which none may come twice.
pub(super) fn map(tags: &[Tag]) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut map = BTreeMap::new();
    for tag in tags {
        if tag.key.to_lowercase().starts_with("aws:") {
            return Err(invalid(
                "Tag keys that start with aws: are reserved for AWS use.",
            ));
        }
        if map.insert(tag.key.clone(), tag.value.clone()).is_some() {
            return Err(invalid(format!("Duplicate tag key: {}.", tag.key)));
        }
    }
    limit(&map)?;
    Ok(map)
}

fn limit(tags: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    if tags.len() > MOST {
        return Err(invalid(format!(
            "A schedule group has at most {MOST} tags."
        )));
    }
    Ok(())
}

fn find(c: &rusqlite::Connection, caller: &Caller, arn: &str) -> Result<Group, ServiceError> {
    let home = groups::arn(caller, "");
    match arn.strip_prefix(&home) {
        Some(name) => groups::existing(c, &caller.region, name),
        None => Err(not_found(format!("Resource {arn} does not exist."))),
    }
}

pub(super) async fn tag(
    cloud: &Cloud,
    caller: &Caller,
    input: TagResourceInput,
) -> Result<TagResourceOutput, ServiceError> {
    let added = map(&input.tags)?;
    cloud.store().write(|tx| {
        let mut group = find(tx, caller, &input.resource_arn)?;
        group.tags.extend(added);
        limit(&group.tags)?;
        groups::save(tx, &caller.region, &group)
    })?;
    Ok(TagResourceOutput {})
}

pub(super) async fn untag(
    cloud: &Cloud,
    caller: &Caller,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, ServiceError> {
    cloud.store().write(|tx| {
        let mut group = find(tx, caller, &input.resource_arn)?;
        group.tags.retain(|key, _| !input.tag_keys.contains(key));
        groups::save(tx, &caller.region, &group)
    })?;
    Ok(UntagResourceOutput {})
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, ServiceError> {
    let group = cloud
        .store()
        .read(|c| find(c, caller, &input.resource_arn))?;
    Ok(ListTagsForResourceOutput {
        tags: Some(
            group
                .tags
                .into_iter()
                .map(|(key, value)| Tag { key, value })
                .collect(),
        ),
    })
}
