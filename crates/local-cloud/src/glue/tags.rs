//! Tags of crawlers and databases, by their ARN.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use super::{crawlers, databases, errors};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;

const MOST: usize = 50;

pub(super) fn of(c: &Connection, arn: &str) -> Result<BTreeMap<String, String>, ServiceError> {
    Ok(
        c.prepare_cached("SELECT key, value FROM glue_tags WHERE arn = ?1")?
            .query_map([arn], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?,
    )
}

pub(super) fn add(
    tx: &Transaction<'_>,
    arn: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), ServiceError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO glue_tags VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value",
    )?;
    for (key, value) in tags {
        if key.to_lowercase().starts_with("aws:") {
            return Err(errors::invalid_input(
                "Tag keys that start with aws: are reserved for AWS use.",
            ));
        }
        statement.execute([arn, key, value])?;
    }
    if of(tx, arn)?.len() > MOST {
        return Err(errors::invalid_input(format!(
            "A resource has at most {MOST} tags."
        )));
    }
    Ok(())
}

pub(super) fn remove_all(tx: &Transaction<'_>, arn: &str) -> Result<(), ServiceError> {
    tx.prepare_cached("DELETE FROM glue_tags WHERE arn = ?1")?
        .execute([arn])?;
    Ok(())
}

/// Fails unless the ARN is that of a crawler or a database that is there.
fn require(c: &Connection, caller: &Caller, arn: &str) -> Result<(), ServiceError> {
    let home = format!("arn:aws:glue:{}:{}:", caller.region, caller.account);
    let Some((kind, name)) = arn
        .strip_prefix(&home)
        .and_then(|rest| rest.split_once('/'))
    else {
        return Err(errors::invalid_input(format!(
            "Invalid resource ARN: {arn}"
        )));
    };
    match kind {
        "crawler" => crawlers::require(c, &caller.region, name),
        "database" => databases::require(c, &caller.region, name),
        other => Err(errors::not_implemented(&format!(
            "tags of resources of the kind {other}"
        ))),
    }
}

pub(super) async fn tag(
    cloud: &Cloud,
    caller: &Caller,
    input: TagResourceRequest,
) -> Result<TagResourceResponse, ServiceError> {
    cloud.store().write(|tx| {
        require(tx, caller, &input.resource_arn)?;
        add(tx, &input.resource_arn, &input.tags_to_add)
    })?;
    Ok(TagResourceResponse {})
}

pub(super) async fn untag(
    cloud: &Cloud,
    caller: &Caller,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, ServiceError> {
    cloud.store().write(|tx| {
        require(tx, caller, &input.resource_arn)?;
        let mut statement =
            tx.prepare_cached("DELETE FROM glue_tags WHERE arn = ?1 AND key = ?2")?;
        for key in &input.tags_to_remove {
            statement.execute([&input.resource_arn, key])?;
        }
        Ok(())
    })?;
    Ok(UntagResourceResponse {})
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetTagsRequest,
) -> Result<GetTagsResponse, ServiceError> {
    let tags = cloud.store().read(|c| {
        require(c, caller, &input.resource_arn)?;
        of(c, &input.resource_arn)
    })?;
    Ok(GetTagsResponse { tags: Some(tags) })
}
