//! Tags of log groups: TagResource, UntagResource, ListTagsForResource, and the older
//! TagLogGroup, UntagLogGroup, ListTagsLogGroup.

use std::collections::BTreeMap;

use super::{groups, invalid, name_in, no_group};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::logs::*;

const MOST: usize = 50;

pub(super) fn check(tags: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    if tags
        .keys()
        .any(|key| key.to_lowercase().starts_with("aws:"))
    {
        return Err(invalid(
            "Tag keys that start with aws: are reserved for AWS use.",
        ));
    }
    if tags.len() > MOST {
        return Err(ServiceError::new(
            "TooManyTagsException",
            format!("A resource has at most {MOST} tags."),
        ));
    }
    Ok(())
}

fn change(
    cloud: &Cloud,
    caller: &Caller,
    name: &str,
    f: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let mut group = groups::existing(tx, &caller.region, name)?;
        f(&mut group.tags);
        check(&group.tags)?;
        groups::save(tx, &caller.region, &group)
    })
}

fn of(
    cloud: &Cloud,
    caller: &Caller,
    name: &str,
) -> Result<BTreeMap<String, String>, ServiceError> {
    let group = cloud
        .store()
        .read(|c| groups::existing(c, &caller.region, name))?;
    Ok(group.tags)
}

fn named(caller: &Caller, arn: &str) -> Result<String, ServiceError> {
    name_in(caller, arn).ok_or_else(no_group)
}

pub(super) async fn tag(
    cloud: &Cloud,
    caller: &Caller,
    input: TagResourceRequest,
) -> Result<(), ServiceError> {
    let name = named(caller, &input.resource_arn)?;
    change(cloud, caller, &name, |tags| tags.extend(input.tags))
}

pub(super) async fn untag(
    cloud: &Cloud,
    caller: &Caller,
    input: UntagResourceRequest,
) -> Result<(), ServiceError> {
    let name = named(caller, &input.resource_arn)?;
    change(cloud, caller, &name, |tags| {
        tags.retain(|key, _| !input.tag_keys.contains(key));
    })
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, ServiceError> {
    let name = named(caller, &input.resource_arn)?;
    Ok(ListTagsForResourceResponse {
        tags: Some(of(cloud, caller, &name)?),
    })
}

pub(super) async fn tag_group(
    cloud: &Cloud,
    caller: &Caller,
    input: TagLogGroupRequest,
) -> Result<(), ServiceError> {
    change(cloud, caller, &input.log_group_name, |tags| {
        tags.extend(input.tags);
    })
}

pub(super) async fn untag_group(
    cloud: &Cloud,
    caller: &Caller,
    input: UntagLogGroupRequest,
) -> Result<(), ServiceError> {
    change(cloud, caller, &input.log_group_name, |tags| {
        tags.retain(|key, _| !input.tags.contains(key));
    })
}

pub(super) async fn list_group(
    cloud: &Cloud,
    caller: &Caller,
    input: ListTagsLogGroupRequest,
) -> Result<ListTagsLogGroupResponse, ServiceError> {
    Ok(ListTagsLogGroupResponse {
        tags: Some(of(cloud, caller, &input.log_group_name)?),
    })
}
