//! What managed policies are attached to.

use rusqlite::Connection;

use super::policies::{existing, exists, no_such_policy};
use super::{aws_managed, changed, page, roles};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::iam::*;

/// The ARNs of the managed policies that are attached to a role.
pub(super) fn attached(c: &Connection, role: &str) -> Result<Vec<String>, ServiceError> {
    let mut statement =
        c.prepare_cached("SELECT arn FROM iam_attachments WHERE role = ?1 ORDER BY arn")?;
    let rows = statement.query_map([role], |row| row.get(0))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

pub(super) fn attachments(c: &Connection, arn: &str) -> Result<i32, ServiceError> {
    Ok(
        c.prepare_cached("SELECT count(*) FROM iam_attachments WHERE arn = ?1")?
            .query_row([arn], |row| row.get(0))?,
    )
}

pub(super) fn boundaries(c: &Connection, arn: &str) -> Result<i32, ServiceError> {
    Ok(
        c.prepare_cached("SELECT count(*) FROM iam_roles WHERE document ->> 'boundary' = ?1")?
            .query_row([arn], |row| row.get(0))?,
    )
}

fn role_of(c: &Connection, name: &str) -> Result<roles::StoredRole, ServiceError> {
    roles::find(c, name)?.ok_or_else(|| roles::no_such_role(name))
}

pub async fn attach(
    cloud: &Cloud,
    _: &Caller,
    input: AttachRolePolicyRequest,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let role = role_of(tx, &input.role_name)?;
        exists(tx, &input.policy_arn)?;
        tx.execute(
            "INSERT OR IGNORE INTO iam_attachments VALUES (?1, ?2)",
            (&role.name, &input.policy_arn),
        )?;
        let count = attached(tx, &role.name)?.len();
        if count > 10 {
            return Err(ServiceError::new(
                "LimitExceeded",
                "Cannot exceed quota for PoliciesPerRole: 10",
            )
            .with_status(409));
        }
        changed(tx)
    })
}

pub async fn detach(
    cloud: &Cloud,
    _: &Caller,
    input: DetachRolePolicyRequest,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let role = role_of(tx, &input.role_name)?;
        let removed = tx.execute(
            "DELETE FROM iam_attachments WHERE role = ?1 AND arn = ?2",
            (&role.name, &input.policy_arn),
        )?;
        if removed == 0 {
            return Err(no_such_policy(&input.policy_arn));
        }
        changed(tx)
    })
}

pub async fn list_attached(
    cloud: &Cloud,
    _: &Caller,
    input: ListAttachedRolePoliciesRequest,
) -> Result<ListAttachedRolePoliciesResponse, ServiceError> {
    let arns = cloud.store().read(|c| {
        let role = role_of(c, &input.role_name)?;
        attached(c, &role.name)
    })?;
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    // What follows `policy` in an ARN is the path and the name.
    let of_path = |arn: &String| {
        arn.split_once(":policy")
            .is_some_and(|(_, path)| path.starts_with(&prefix))
    };
    let arns = arns.into_iter().filter(of_path).collect();
    let (arns, marker) = page(
        arns,
        input.marker.as_deref(),
        input.max_items,
        |arn: &String| arn.clone(),
    )?;
    Ok(ListAttachedRolePoliciesResponse {
        is_truncated: Some(marker.is_some()),
        marker,
        attached_policies: Some(
            arns.into_iter()
                .map(|arn| AttachedPolicy {
                    policy_name: arn.rsplit('/').next().map(str::to_owned),
                    policy_arn: Some(arn),
                })
                .collect(),
        ),
    })
}

pub async fn list_entities(
    cloud: &Cloud,
    _: &Caller,
    input: ListEntitiesForPolicyRequest,
) -> Result<ListEntitiesForPolicyResponse, ServiceError> {
    let arn = &input.policy_arn;
    let wanted = |usage: &str| {
        input
            .policy_usage_filter
            .as_deref()
            .is_none_or(|filter| filter == usage)
    };
    let of_roles = input
        .entity_filter
        .as_deref()
        .is_none_or(|filter| filter == "Role");
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let roles = cloud.store().read(|c| {
        if aws_managed::find(arn).is_none() {
            existing(c, arn)?;
        }
        let mut statement = c.prepare_cached(
            "SELECT document FROM iam_roles r WHERE
               (?2 AND EXISTS (SELECT 1 FROM iam_attachments a WHERE a.role = r.name AND a.arn = ?1))
               OR (?3 AND document ->> 'boundary' = ?1) ORDER BY name",
        )?;
        let rows = statement.query_map(
            (
                arn,
                wanted("PermissionsPolicy"),
                wanted("PermissionsBoundary"),
            ),
            |row| row.get::<_, String>(0),
        )?;
        rows.map(|row| Ok(serde_json::from_str::<roles::StoredRole>(&row?)?))
            .collect::<Result<Vec<_>, ServiceError>>()
    })?;
    let roles = roles
        .into_iter()
        .filter(|role| of_roles && role.path.starts_with(prefix))
        .collect();
    let (roles, marker) = page(
        roles,
        input.marker.as_deref(),
        input.max_items,
        |r: &roles::StoredRole| r.name.to_lowercase(),
    )?;
    Ok(ListEntitiesForPolicyResponse {
        policy_groups: Some(Vec::new()),
        policy_users: Some(Vec::new()),
        policy_roles: Some(
            roles
                .into_iter()
                .map(|role| PolicyRole {
                    role_name: Some(role.name),
                    role_id: Some(role.id),
                })
                .collect(),
        ),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}
