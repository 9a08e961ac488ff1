//! Log groups: CreateLogGroup, DescribeLogGroups, DeleteLogGroup, PutRetentionPolicy,
//! DeleteRetentionPolicy.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::{exists, invalid, no_group, now, tags};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::logs::*;
use crate::paging;

/// What events can be kept for.
const RETENTIONS: [i32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// What is known of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub name: String,
    pub created: i64,
    pub class: String,
    pub kms_key_id: Option<String>,
    pub retention_in_days: Option<i32>,
    pub deletion_protection: bool,
    pub tags: BTreeMap<String, String>,
}

pub(super) fn arn(caller: &Caller, name: &str) -> String {
    format!(
        "arn:aws:logs:{}:{}:log-group:{name}",
        caller.region, caller.account
    )
}

pub(super) fn existing(c: &Connection, region: &str, name: &str) -> Result<Group, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM logs_groups WHERE region = ?1 AND name = ?2")?
        .query_row((region, name), |row| row.get(0))
        .optional()?;
    match document {
        Some(document) => Ok(serde_json::from_str(&document)?),
        None => Err(no_group()),
    }
}

/// Whether there is a group of this name.
pub(crate) fn is_there(c: &Connection, region: &str, name: &str) -> Result<bool, ServiceError> {
    Ok(c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM logs_groups WHERE region = ?1 AND name = ?2)",
    )?
    .query_row((region, name), |row| row.get(0))?)
}

pub(super) fn save(tx: &Transaction<'_>, region: &str, group: &Group) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO logs_groups VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
    )?
    .execute((region, &group.name, serde_json::to_string(group)?))?;
    Ok(())
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateLogGroupRequest,
) -> Result<(), ServiceError> {
    let group = Group {
        name: input.log_group_name,
        created: now(),
        class: input
            .log_group_class
            .unwrap_or_else(|| "STANDARD".to_owned()),
        kms_key_id: input.kms_key_id,
        retention_in_days: None,
        deletion_protection: input.deletion_protection_enabled.unwrap_or(false),
        tags: input.tags.unwrap_or_default(),
    };
    tags::check(&group.tags)?;
    cloud
        .store()
        .write(|tx| match existing(tx, &caller.region, &group.name) {
            Ok(_) => Err(exists("log group")),
            Err(error) if error.code == "ResourceNotFoundException" => {
                save(tx, &caller.region, &group)
            }
            Err(error) => Err(error),
        })
}

pub(super) async fn describe(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeLogGroupsRequest,
) -> Result<DescribeLogGroupsResponse, ServiceError> {
    if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let mut groups: Vec<(Group, i64)> = cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT g.document, (SELECT coalesce(sum(length(e.message) + 26), 0) FROM logs_events e WHERE e.region = g.region AND e.grp = g.name)
             FROM logs_groups g WHERE g.region = ?1 ORDER BY g.name",
        )?;
        let rows = statement.query_map([&caller.region], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?))
        })?;
        let mut groups = Vec::new();
        for row in rows {
            let (document, bytes) = row?;
            groups.push((serde_json::from_str(&document)?, bytes));
        }
        Ok(groups)
    })?;
    if let Some(prefix) = &input.log_group_name_prefix {
        groups.retain(|(group, _)| group.name.starts_with(prefix));
    }
    if let Some(pattern) = input.log_group_name_pattern.map(|p| p.to_lowercase()) {
        groups.retain(|(group, _)| group.name.to_lowercase().contains(&pattern));
    }
    if let Some(class) = &input.log_group_class {
        groups.retain(|(group, _)| group.class == *class);
    }
    if let Some(identifiers) = &input.log_group_identifiers {
        groups.retain(|(group, _)| {
            identifiers.contains(&group.name) || identifiers.contains(&arn(caller, &group.name))
        });
    }
    let size = input.limit.and_then(|n| usize::try_from(n).ok());
    let (groups, next) = paging::page(
        groups,
        input.next_token.as_deref(),
        size.unwrap_or(50),
        "InvalidParameterException",
        |(group, _)| group.name.clone(),
    )?;
    Ok(DescribeLogGroupsResponse {
        log_groups: Some(
            groups
                .into_iter()
                .map(|(group, bytes)| shown(caller, group, bytes))
                .collect(),
        ),
        next_token: next,
    })
}

fn shown(caller: &Caller, group: Group, bytes: i64) -> LogGroup {
    let arn = arn(caller, &group.name);
    LogGroup {
        log_group_name: Some(group.name),
        creation_time: Some(group.created),
        retention_in_days: group.retention_in_days,
        metric_filter_count: Some(0),
        arn: Some(format!("{arn}:*")),
        stored_bytes: Some(bytes),
        kms_key_id: group.kms_key_id,
        log_group_class: Some(group.class),
        log_group_arn: Some(arn),
        deletion_protection_enabled: Some(group.deletion_protection),
        ..Default::default()
    }
}

/// Deletes a group, its streams and events.
pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteLogGroupRequest,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let group = existing(tx, &caller.region, &input.log_group_name)?;
        if group.deletion_protection {
            return Err(ServiceError::new(
                "ValidationException",
                "The log group cannot be deleted because deletion protection is enabled.",
            ));
        }
        for sql in [
            "DELETE FROM logs_events WHERE region = ?1 AND grp = ?2",
            "DELETE FROM logs_streams WHERE region = ?1 AND grp = ?2",
            "DELETE FROM logs_groups WHERE region = ?1 AND name = ?2",
        ] {
            tx.prepare_cached(sql)?
                .execute((&caller.region, &group.name))?;
        }
        Ok(())
    })
}

fn set_retention(
    cloud: &Cloud,
    caller: &Caller,
    name: &str,
    days: Option<i32>,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let mut group = existing(tx, &caller.region, name)?;
        group.retention_in_days = days;
        save(tx, &caller.region, &group)
    })
}

pub(super) async fn put_retention(
    cloud: &Cloud,
    caller: &Caller,
    input: PutRetentionPolicyRequest,
) -> Result<(), ServiceError> {
    let days = input.retention_in_days;
    if !RETENTIONS.contains(&days) {
        let allowed: Vec<String> = RETENTIONS.iter().map(ToString::to_string).collect();
        return Err(invalid(format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
            allowed.join(", ")
        )));
    }
    set_retention(cloud, caller, &input.log_group_name, Some(days))
}

pub(super) async fn delete_retention(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteRetentionPolicyRequest,
) -> Result<(), ServiceError> {
    set_retention(cloud, caller, &input.log_group_name, None)
}
