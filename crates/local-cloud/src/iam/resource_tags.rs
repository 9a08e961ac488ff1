//! The tags of what a request is about, for the condition key `aws:ResourceTag/KEY`.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};
use serde::Deserialize;

use super::roles;
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// The tags of the resource with this ARN; none for what is not there or cannot have any.
pub(super) fn find(cloud: &Cloud, arn: &str) -> Result<Vec<(String, String)>, ServiceError> {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, service, region, _, resource] = fields[..] else {
        return Ok(Vec::new());
    };
    cloud.store().read(|c| match service {
        "athena" => listed(c, "SELECT key, value FROM athena_tags WHERE arn = ?1", arn),
        "glue" => listed(c, "SELECT key, value FROM glue_tags WHERE arn = ?1", arn),
        "iam" => {
            let name = resource.rsplit('/').next().unwrap_or_default();
            let role = if resource.starts_with("role/") {
                roles::find(c, name)?
            } else {
                None
            };
            Ok(role
                .map(|r| r.tags.into_iter().collect())
                .unwrap_or_default())
        }
        "states" => machine(c, region, resource),
        _ => Ok(Vec::new()),
    })
}

fn listed(c: &Connection, sql: &str, arn: &str) -> Result<Vec<(String, String)>, ServiceError> {
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([arn], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Executions have the tags of their state machine.
fn machine(
    c: &Connection,
    region: &str,
    resource: &str,
) -> Result<Vec<(String, String)>, ServiceError> {
    #[derive(Deserialize)]
    struct Tagged {
        tags: BTreeMap<String, String>,
    }
    let name = resource.split(':').nth(1).unwrap_or_default();
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM sfn_machines WHERE region = ?1 AND name = ?2")?
        .query_row((region, name), |row| row.get(0))
        .optional()?;
    let Some(document) = document else {
        return Ok(Vec::new());
    };
    let machine: Tagged = serde_json::from_str(&document)?;
    Ok(machine.tags.into_iter().collect())
}
