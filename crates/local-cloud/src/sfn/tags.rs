//! Tags of state machines and activities: TagResource, UntagResource, ListTagsForResource.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use super::activities::{self, Activity};
use super::arn::{ActivityArn, MachineArn};
use super::machines::{self, Machine};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

const MOST: usize = 50;

/// Tags by key, of which none may come with two values.
pub(super) fn map(tags: &[Tag]) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut map = BTreeMap::new();
    for tag in tags {
        let key = tag.key.clone().unwrap_or_default();
        let value = tag.value.clone().unwrap_or_default();
        let before = map.insert(key.clone(), value.clone());
        if before.is_some_and(|before| before != value) {
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

/// What has tags.
enum Tagged {
    Machine(Machine),
    Activity(Activity),
}

impl Tagged {
    /// What an ARN names; versions and aliases of machines have no tags.
    fn find(c: &Connection, caller: &Caller, resource: &str) -> Result<Self, ServiceError> {
        let found = if resource.contains(":activity:") {
            let arn = ActivityArn::parse(resource)?;
            activities::existing(c, caller, &arn).map(Self::Activity)
        } else {
            let arn = MachineArn::parse(resource)?;
            match arn.qualifier {
                Some(_) => Err(machines::does_not_exist(&arn)),
                None => machines::existing(c, caller, &arn).map(Self::Machine),
            }
        };
        found.map_err(|error| match error.code.as_str() {
            "StateMachineDoesNotExist" | "ActivityDoesNotExist" => ServiceError::new(
                "ResourceNotFound",
                format!("Resource not found: '{resource}'"),
            )
            .with("resourceName", resource),
            _ => error,
        })
    }

    fn tags(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Self::Machine(machine) => &mut machine.tags,
            Self::Activity(activity) => &mut activity.tags,
        }
    }

    fn save(&self, tx: &Transaction<'_>) -> Result<(), ServiceError> {
        match self {
            Self::Machine(machine) => machines::save(tx, machine),
            Self::Activity(activity) => activities::save(tx, activity),
        }
    }
}

pub async fn tag(
    cloud: &Cloud,
    caller: &Caller,
    input: TagResourceInput,
) -> Result<TagResourceOutput, ServiceError> {
    let added = map(&input.tags)?;
    cloud.store().write(|tx| {
        let mut tagged = Tagged::find(tx, caller, &input.resource_arn)?;
        tagged.tags().extend(added);
        limit(tagged.tags())?;
        tagged.save(tx)
    })?;
    Ok(TagResourceOutput {})
}

pub async fn untag(
    cloud: &Cloud,
    caller: &Caller,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, ServiceError> {
    cloud.store().write(|tx| {
        let mut tagged = Tagged::find(tx, caller, &input.resource_arn)?;
        tagged.tags().retain(|key, _| !input.tag_keys.contains(key));
        tagged.save(tx)
    })?;
    Ok(UntagResourceOutput {})
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, ServiceError> {
    let mut tagged = cloud
        .store()
        .read(|c| Tagged::find(c, caller, &input.resource_arn))?;
    let tags = std::mem::take(tagged.tags());
    Ok(ListTagsForResourceOutput {
        tags: Some(
            tags.into_iter()
                .map(|(key, value)| Tag {
                    key: Some(key),
                    value: Some(value),
                })
                .collect(),
        ),
    })
}
