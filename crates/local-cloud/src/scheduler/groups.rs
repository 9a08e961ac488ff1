//! Schedule groups: CreateScheduleGroup, GetScheduleGroup, ListScheduleGroups,
//! DeleteScheduleGroup.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::{DEFAULT_GROUP, conflict, invalid, not_found, page_size, tags};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::scheduler::*;
use crate::paging;

/// What is known of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub name: String,
    pub created: f64,
    pub tags: BTreeMap<String, String>,
    /// The token that it was made with.
    #[serde(default)]
    pub token: Option<String>,
}

pub(super) fn arn(caller: &Caller, name: &str) -> String {
    format!(
        "arn:aws:scheduler:{}:{}:schedule-group/{name}",
        caller.region, caller.account
    )
}

/// The ARN of the group that the schedule of an ARN,
/// `arn:aws:scheduler:REGION:ACCOUNT:schedule/GROUP/NAME`, is in.
pub(super) fn arn_of(schedule_arn: &str) -> String {
    let (of_group, _) = schedule_arn.rsplit_once('/').unwrap_or((schedule_arn, ""));
    of_group.replacen(":schedule/", ":schedule-group/", 1)
}

pub(super) fn find(
    c: &Connection,
    region: &str,
    name: &str,
) -> Result<Option<Group>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM scheduler_groups WHERE region = ?1 AND name = ?2")?
        .query_row((region, name), |row| row.get(0))
        .optional()?;
    match document {
        Some(document) => Ok(Some(serde_json::from_str(&document)?)),
        None if name == DEFAULT_GROUP => Ok(Some(default_group())),
        None => Ok(None),
    }
}

fn default_group() -> Group {
    Group {
        name: DEFAULT_GROUP.to_owned(),
        created: 0.0,
        tags: BTreeMap::new(),
        token: None,
    }
}

pub(super) fn existing(c: &Connection, region: &str, name: &str) -> Result<Group, ServiceError> {
    find(c, region, name)?
        .ok_or_else(|| not_found(format!("Schedule group {name} does not exist.")))
}

pub(super) fn save(tx: &Transaction<'_>, region: &str, group: &Group) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO scheduler_groups VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
    )?
    .execute((region, &group.name, serde_json::to_string(group)?))?;
    Ok(())
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateScheduleGroupInput,
) -> Result<CreateScheduleGroupOutput, ServiceError> {
    let group = Group {
        name: input.name,
        created: Timestamp::now().0,
        tags: tags::map(&input.tags.unwrap_or_default())?,
        token: input.client_token,
    };
    cloud.store().write(|tx| {
        match find(tx, &caller.region, &group.name)? {
            // The answer of the first call was lost.
            Some(there)
                if there.token.is_some()
                    && there.token == group.token
                    && there.tags == group.tags =>
            {
                Ok(())
            }
            Some(_) => Err(conflict(format!(
                "Schedule group {} already exists.",
                group.name
            ))),
            None => save(tx, &caller.region, &group),
        }
    })?;
    Ok(CreateScheduleGroupOutput {
        schedule_group_arn: arn(caller, &group.name),
    })
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetScheduleGroupInput,
) -> Result<GetScheduleGroupOutput, ServiceError> {
    let group = cloud
        .store()
        .read(|c| existing(c, &caller.region, &input.name))?;
    Ok(GetScheduleGroupOutput {
        arn: Some(arn(caller, &group.name)),
        name: Some(group.name),
        state: Some("ACTIVE".to_owned()),
        creation_date: Some(Timestamp(group.created)),
        last_modification_date: Some(Timestamp(group.created)),
    })
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListScheduleGroupsInput,
) -> Result<ListScheduleGroupsOutput, ServiceError> {
    let mut groups: Vec<Group> = cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT document FROM scheduler_groups WHERE region = ?1 ORDER BY name",
        )?;
        let rows = statement.query_map([&caller.region], |row| row.get::<_, String>(0))?;
        let mut groups = Vec::new();
        for document in rows {
            groups.push(serde_json::from_str(&document?)?);
        }
        Ok(groups)
    })?;
    if !groups.iter().any(|group| group.name == DEFAULT_GROUP) {
        groups.push(default_group());
        groups.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let prefix = input.name_prefix.unwrap_or_default();
    groups.retain(|group| group.name.starts_with(&prefix));
    let (groups, next) = paging::page(
        groups,
        input.next_token.as_deref(),
        page_size(input.max_results),
        "ValidationException",
        |group| group.name.clone(),
    )?;
    Ok(ListScheduleGroupsOutput {
        next_token: next,
        schedule_groups: groups
            .into_iter()
            .map(|group| ScheduleGroupSummary {
                arn: Some(arn(caller, &group.name)),
                name: Some(group.name),
                state: Some("ACTIVE".to_owned()),
                creation_date: Some(Timestamp(group.created)),
                last_modification_date: Some(Timestamp(group.created)),
            })
            .collect(),
    })
}

/// Deletes a group and its schedules.
pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteScheduleGroupInput,
) -> Result<DeleteScheduleGroupOutput, ServiceError> {
    if input.name == DEFAULT_GROUP {
        return Err(invalid("The default schedule group cannot be deleted."));
    }
    cloud.store().write(|tx| {
        existing(tx, &caller.region, &input.name)?;
        for sql in [
            "DELETE FROM scheduler_schedules WHERE region = ?1 AND grp = ?2",
            "DELETE FROM scheduler_groups WHERE region = ?1 AND name = ?2",
        ] {
            tx.prepare_cached(sql)?
                .execute((&caller.region, &input.name))?;
        }
        Ok(())
    })?;
    Ok(DeleteScheduleGroupOutput {})
}
