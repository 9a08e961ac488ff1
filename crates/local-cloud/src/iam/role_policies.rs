//! The inline policies of roles.

use iam_policy::{Document, Kind};
use rusqlite::Connection;

use super::roles::existing;
use super::{changed, encoded, malformed, page};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::iam::*;

/// The names and documents of a role's inline policies.
pub(super) fn inline_policies(
    c: &Connection,
    role: &str,
) -> Result<Vec<(String, String)>, ServiceError> {
    let mut statement = c.prepare_cached(
        "SELECT name, document FROM iam_role_policies WHERE role = ?1 ORDER BY name",
    )?;
    let rows = statement.query_map([role], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

pub async fn put(
    cloud: &Cloud,
    _: &Caller,
    input: PutRolePolicyRequest,
) -> Result<(), ServiceError> {
    Document::parse_as(&input.policy_document, Kind::Identity).map_err(malformed)?;
    cloud.store().write(|tx| {
        let role = existing(tx, &input.role_name)?;
        tx.execute(
            "INSERT INTO iam_role_policies VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
            (&role.name, &input.policy_name, &input.policy_document),
        )?;
        let size: usize = inline_policies(tx, &role.name)?
            .iter()
            .map(|(_, d)| d.chars().filter(|c| !c.is_whitespace()).count())
            .sum();
        if size > 10_240 {
            return Err(ServiceError::new(
                "LimitExceeded",
                format!("Maximum policy size of 10240 bytes exceeded for role {}", role.name),
            )
            .with_status(409));
        }
        changed(tx)
    })
}

fn no_such_policy(name: &str) -> ServiceError {
    ServiceError::new(
        "NoSuchEntity",
        format!("The role policy with name {name} cannot be found."),
    )
    .with_status(404)
}

pub async fn get(
    cloud: &Cloud,
    _: &Caller,
    input: GetRolePolicyRequest,
) -> Result<GetRolePolicyResponse, ServiceError> {
    let policies = cloud.store().read(|c| {
        let role = existing(c, &input.role_name)?;
        inline_policies(c, &role.name)
    })?;
    let (_, document) = policies
        .into_iter()
        .find(|(name, _)| name == &input.policy_name)
        .ok_or_else(|| no_such_policy(&input.policy_name))?;
    Ok(GetRolePolicyResponse {
        role_name: input.role_name,
        policy_name: input.policy_name,
        policy_document: encoded(&document),
    })
}

pub async fn list(
    cloud: &Cloud,
    _: &Caller,
    input: ListRolePoliciesRequest,
) -> Result<ListRolePoliciesResponse, ServiceError> {
    let policies = cloud.store().read(|c| {
        let role = existing(c, &input.role_name)?;
        inline_policies(c, &role.name)
    })?;
    let names = policies.into_iter().map(|(name, _)| name).collect();
    let (policy_names, marker) = page(
        names,
        input.marker.as_deref(),
        input.max_items,
        String::clone,
    )?;
    Ok(ListRolePoliciesResponse {
        is_truncated: Some(marker.is_some()),
        marker,
        policy_names,
    })
}

pub async fn delete(
    cloud: &Cloud,
    _: &Caller,
    input: DeleteRolePolicyRequest,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let role = existing(tx, &input.role_name)?;
        let removed = tx.execute(
            "DELETE FROM iam_role_policies WHERE role = ?1 AND name = ?2",
            (&role.name, &input.policy_name),
        )?;
        if removed == 0 {
            return Err(no_such_policy(&input.policy_name));
        }
        changed(tx)
    })
}
