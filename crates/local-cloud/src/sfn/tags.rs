//! Tags of state machines: TagResource, UntagResource, ListTagsForResource.

use std::collections::BTreeMap;

use super::arn::MachineArn;
use super::machines::{self, Machine};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

const MOST: usize = 50;

/// Tags by key, of which none may come twice.
pub(super) fn map(tags: &[Tag]) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut map = BTreeMap::new();
    for tag in tags {
        let key = tag.key.clone().unwrap_or_default();
        if map
            .insert(key.clone(), tag.value.clone().unwrap_or_default())
            .is_some()
        {
            return Err(ServiceError::new(
                "ValidationException",
                format!("Duplicate tag key: '{key}'"),
            ));
        }
    }
    limit(&map)?;
    Ok(map)
}

fn limit(tags: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    if tags.len() > MOST {
        return Err(ServiceError::new(
            "TooManyTags",
            format!(
                "A resource has at most {MOST} tags; this would make {}.",
                tags.len()
            ),
        ));
    }
    Ok(())
}

fn find(
    c: &rusqlite::Connection,
    caller: &Caller,
    resource: &str,
) -> Result<Machine, ServiceError> {
    let arn = MachineArn::parse(resource)?;
    machines::existing(c, caller, &arn).map_err(|error| match error.code.as_str() {
        "StateMachineDoesNotExist" => ServiceError::new(
            "ResourceNotFound",
            format!("Resource not found: '{resource}'"),
        )
        .with("resourceName", resource),
        _ => error,
    })
}

pub async fn tag(
    cloud: &Cloud,
    caller: &Caller,
    input: TagResourceInput,
) -> Result<TagResourceOutput, ServiceError> {
    let added = map(&input.tags)?;
    cloud.store().write(|tx| {
        let mut machine = find(tx, caller, &input.resource_arn)?;
        machine.tags.extend(added);
        limit(&machine.tags)?;
        machines::save(tx, &machine)
    })?;
    Ok(TagResourceOutput {})
}

pub async fn untag(
    cloud: &Cloud,
    caller: &Caller,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, ServiceError> {
    cloud.store().write(|tx| {
        let mut machine = find(tx, caller, &input.resource_arn)?;
        machine.tags.retain(|key, _| !input.tag_keys.contains(key));
        machines::save(tx, &machine)
    })?;
    Ok(UntagResourceOutput {})
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, ServiceError> {
    let machine = cloud
        .store()
        .read(|c| find(c, caller, &input.resource_arn))?;
    Ok(ListTagsForResourceOutput {
        tags: Some(
            machine
                .tags
                .into_iter()
                .map(|(key, value)| Tag {
                    key: Some(key),
                    value: Some(value),
                })
                .collect(),
        ),
    })
}
