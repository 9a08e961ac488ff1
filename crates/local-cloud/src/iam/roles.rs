//! Roles: who may take them, what they carry, and their inline policies.

use std::collections::BTreeMap;

use iam_policy::{Document, Kind};
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::attachments::attached;
use super::role_policies::inline_policies;
use super::{changed, encoded, ids, malformed, page, policies, tags_of};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::iam::*;

/// All that is known of a role beside its policies.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct StoredRole {
    pub name: String,
    pub path: String,
    pub id: String,
    pub created: f64,
    pub trust: String,
    pub description: Option<String>,
    pub max_session: i32,
    pub boundary: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// The ids that the roles of this account had which the trust policy names, by ARN.
    #[serde(default)]
    pub principals: BTreeMap<String, String>,
}

impl StoredRole {
    pub fn arn(&self, account: &str) -> String {
        format!("arn:aws:iam::{account}:role{}{}", self.path, self.name)
    }

    fn shown(&self, account: &str) -> Role {
        Role {
            path: self.path.clone(),
            role_name: self.name.clone(),
            role_id: self.id.clone(),
            arn: self.arn(account),
            create_date: Timestamp(self.created),
            assume_role_policy_document: Some(encoded(&self.trust)),
            description: self.description.clone(),
            max_session_duration: Some(self.max_session),
            permissions_boundary: self
                .boundary
                .clone()
                .map(|arn| AttachedPermissionsBoundary {
                    permissions_boundary_type: Some("Policy".to_owned()),
                    permissions_boundary_arn: Some(arn),
                }),
            tags: (!self.tags.is_empty()).then(|| tags_of(&self.tags)),
            role_last_used: None,
        }
    }
}

/// The role of this name, which counts without regard to case.
pub(crate) fn find(c: &Connection, name: &str) -> Result<Option<StoredRole>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM iam_roles WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    document.map(|d| read(c, &d)).transpose()
}

/// A role as it was saved. IAM keeps principals by their ids: where a role that is trusted was
/// deleted, even if another one has its name now, the id stands in the trust policy.
fn read(c: &Connection, document: &str) -> Result<StoredRole, ServiceError> {
    let mut role: StoredRole = serde_json::from_str(document)?;
    for (arn, id) in &role.principals {
        if role_id(c, arn)?.as_ref() != Some(id) {
            let (arn, id) = (format!("\"{arn}\""), format!("\"{id}\""));
            role.trust = role.trust.replace(&arn, &id);
        }
    }
    Ok(role)
}

/// The id of the role of this ARN, as far as its name tells.
fn role_id(c: &Connection, arn: &str) -> Result<Option<String>, ServiceError> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    Ok(
        c.prepare_cached("SELECT document ->> 'id' FROM iam_roles WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?,
    )
}

pub(super) fn existing(c: &Connection, name: &str) -> Result<StoredRole, ServiceError> {
    find(c, name)?.ok_or_else(|| no_such_role(name))
}

pub(super) fn no_such_role(name: &str) -> ServiceError {
    ServiceError::new(
        "NoSuchEntity",
        format!("The role with name {name} cannot be found."),
    )
    .with_status(404)
}

fn save(tx: &Transaction<'_>, role: &StoredRole) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO iam_roles VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
    )?
    .execute((&role.name, &role.path, serde_json::to_string(role)?))?;
    changed(tx)
}

/// Changes a role that is there.
fn change<T>(
    cloud: &Cloud,
    name: &str,
    f: impl FnOnce(&Transaction<'_>, &mut StoredRole) -> Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    cloud.store().write(|tx| {
        let mut role = existing(tx, name)?;
        let value = f(tx, &mut role)?;
        save(tx, &role)?;
        Ok(value)
    })
}

fn check_trust(document: &str) -> Result<(), ServiceError> {
    Document::parse_as(document, Kind::Trust).map_err(malformed)?;
    let size = document.chars().filter(|c| !c.is_whitespace()).count();
    limit(size, 2048, "ACLSizePerRole")
}

/// The ids of the roles of this account that a trust policy names, by ARN; one that does not exist
/// is refused.
fn principals(
    c: &Connection,
    account: &str,
    document: &str,
) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut ids = BTreeMap::new();
    let trust = Document::parse_as(document, Kind::Trust).map_err(malformed)?;
    let principals = trust
        .statements
        .iter()
        .filter_map(|s| s.principals.as_ref());
    for (kind, value) in principals.flat_map(|p| &p.entries) {
        let here = value.strip_prefix(&format!("arn:aws:iam::{account}:"));
        let Some(rest) = here.filter(|_| kind == "AWS") else {
            continue;
        };
        let is_known = match rest.split_once('/') {
            Some(("role", path)) => {
                let name = path.rsplit('/').next().unwrap_or_default();
                let found = find(c, name)?.filter(|role| role.arn(account) == *value);
                found.is_some_and(|role| {
                    ids.insert(value.clone(), role.id);
                    true
                })
            }
            // There are no users.
            Some(("user", _)) => false,
            _ => true,
        };
        if !is_known {
            let principal = format!("\"AWS\":\"{value}\"");
            return Err(malformed(iam_policy::PolicyError::Principal(principal)));
        }
    }
    Ok(ids)
}

pub(super) fn limit(size: usize, most: usize, quota: &str) -> Result<(), ServiceError> {
    if size <= most {
        return Ok(());
    }
    Err(ServiceError::new(
        "LimitExceeded",
        format!("Cannot exceed quota for {quota}: {most}"),
    )
    .with_status(409))
}

pub(super) fn check_tags(tags: &BTreeMap<String, String>, quota: &str) -> Result<(), ServiceError> {
    if let Some(key) = tags.keys().find(|k| k.to_lowercase().starts_with("aws:")) {
        return Err(ServiceError::new(
            "InvalidInput",
            format!("Tag keys starting with 'aws:' are reserved for system use: {key}"),
        ));
    }
    limit(tags.len(), 50, quota)
}

pub(super) fn tag_map(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut map = BTreeMap::new();
    for tag in tags {
        if map.insert(tag.key, tag.value).is_some() {
            return Err(ServiceError::new(
                "InvalidInput",
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
    }
    Ok(map)
}

pub async fn create(
    cloud: &Cloud,
    _: &Caller,
    input: CreateRoleRequest,
) -> Result<CreateRoleResponse, ServiceError> {
    check_trust(&input.assume_role_policy_document)?;
    let tags = tag_map(input.tags.unwrap_or_default())?;
    check_tags(&tags, "TagsPerRole")?;
    let mut role = StoredRole {
        name: input.role_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        id: ids("AROA"),
        created: Timestamp::now().0.floor(),
        trust: input.assume_role_policy_document,
        description: input.description,
        max_session: input.max_session_duration.unwrap_or(3600),
        boundary: input.permissions_boundary,
        tags,
        principals: BTreeMap::new(),
    };
    cloud.store().write(|tx| {
        if find(tx, &role.name)?.is_some() {
            return Err(ServiceError::new(
                "EntityAlreadyExists",
                format!("Role with name {} already exists.", role.name),
            )
            .with_status(409));
        }
        if let Some(arn) = &role.boundary {
            policies::exists(tx, arn)?;
        }
        role.principals = principals(tx, cloud.account(), &role.trust)?;
        save(tx, &role)
    })?;
    Ok(CreateRoleResponse {
        role: role.shown(cloud.account()),
    })
}

pub async fn get(
    cloud: &Cloud,
    _: &Caller,
    input: GetRoleRequest,
) -> Result<GetRoleResponse, ServiceError> {
    let role = cloud.store().read(|c| existing(c, &input.role_name))?;
    Ok(GetRoleResponse {
        role: Role {
            role_last_used: Some(RoleLastUsed::default()),
            ..role.shown(cloud.account())
        },
    })
}

pub async fn list(
    cloud: &Cloud,
    _: &Caller,
    input: ListRolesRequest,
) -> Result<ListRolesResponse, ServiceError> {
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let roles = cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT document FROM iam_roles WHERE substr(path, 1, length(?1)) = ?1 ORDER BY name",
        )?;
        let rows = statement.query_map([&prefix], |row| row.get::<_, String>(0))?;
        rows.map(|row| read(c, &row?))
            .collect::<Result<Vec<_>, ServiceError>>()
    })?;
    let (roles, marker) = page(roles, input.marker.as_deref(), input.max_items, |r| {
        r.name.to_lowercase()
    })?;
    Ok(ListRolesResponse {
        is_truncated: Some(marker.is_some()),
        marker,
        roles: roles
            .iter()
            .map(|role| Role {
                // Listings leave these out.
                tags: None,
                permissions_boundary: None,
                ..role.shown(cloud.account())
            })
            .collect(),
    })
}

pub async fn update(
    cloud: &Cloud,
    _: &Caller,
    input: UpdateRoleRequest,
) -> Result<UpdateRoleResponse, ServiceError> {
    change(cloud, &input.role_name, |_, role| {
        if input.description.is_some() {
            role.description = input.description;
        }
        if let Some(duration) = input.max_session_duration {
            role.max_session = duration;
        }
        Ok(())
    })?;
    Ok(UpdateRoleResponse::default())
}

pub async fn update_description(
    cloud: &Cloud,
    _: &Caller,
    input: UpdateRoleDescriptionRequest,
) -> Result<UpdateRoleDescriptionResponse, ServiceError> {
    let account = cloud.account();
    let role = change(cloud, &input.role_name, |_, role| {
        role.description = Some(input.description);
        Ok(role.shown(account))
    })?;
    Ok(UpdateRoleDescriptionResponse { role: Some(role) })
}

pub async fn update_trust(
    cloud: &Cloud,
    _: &Caller,
    input: UpdateAssumeRolePolicyRequest,
) -> Result<(), ServiceError> {
    check_trust(&input.policy_document)?;
    change(cloud, &input.role_name, |tx, role| {
        role.principals = principals(tx, cloud.account(), &input.policy_document)?;
        role.trust = input.policy_document;
        Ok(())
    })
}

pub async fn delete(
    cloud: &Cloud,
    _: &Caller,
    input: DeleteRoleRequest,
) -> Result<(), ServiceError> {
    let conflict =
        |message: &str| Err(ServiceError::new("DeleteConflict", message).with_status(409));
    cloud.store().write(|tx| {
        let role = existing(tx, &input.role_name)?;
        if !attached(tx, &role.name)?.is_empty() {
            return conflict("Cannot delete entity, must detach all policies first.");
        }
        if !inline_policies(tx, &role.name)?.is_empty() {
            return conflict("Cannot delete entity, must delete policies first.");
        }
        tx.execute("DELETE FROM iam_roles WHERE name = ?1", [&role.name])?;
        changed(tx)
    })
}

pub async fn tag(cloud: &Cloud, _: &Caller, input: TagRoleRequest) -> Result<(), ServiceError> {
    let tags = tag_map(input.tags)?;
    change(cloud, &input.role_name, |_, role| {
        role.tags.extend(tags);
        check_tags(&role.tags, "TagsPerRole")
    })
}

pub async fn untag(cloud: &Cloud, _: &Caller, input: UntagRoleRequest) -> Result<(), ServiceError> {
    change(cloud, &input.role_name, |_, role| {
        role.tags.retain(|key, _| !input.tag_keys.contains(key));
        Ok(())
    })
}

pub async fn list_tags(
    cloud: &Cloud,
    _: &Caller,
    input: ListRoleTagsRequest,
) -> Result<ListRoleTagsResponse, ServiceError> {
    let role = cloud.store().read(|c| existing(c, &input.role_name))?;
    let (tags, marker) = page(
        tags_of(&role.tags),
        input.marker.as_deref(),
        input.max_items,
        |t| t.key.clone(),
    )?;
    Ok(ListRoleTagsResponse {
        is_truncated: Some(marker.is_some()),
        marker,
        tags,
    })
}

pub async fn put_boundary(
    cloud: &Cloud,
    _: &Caller,
    input: PutRolePermissionsBoundaryRequest,
) -> Result<(), ServiceError> {
    change(cloud, &input.role_name, |tx, role| {
        policies::exists(tx, &input.permissions_boundary)?;
        role.boundary = Some(input.permissions_boundary);
        Ok(())
    })
}

pub async fn delete_boundary(
    cloud: &Cloud,
    _: &Caller,
    input: DeleteRolePermissionsBoundaryRequest,
) -> Result<(), ServiceError> {
    change(cloud, &input.role_name, |_, role| {
        if role.boundary.take().is_none() {
            return Err(ServiceError::new(
                "NoSuchEntity",
                format!("The role {} has no permissions boundary.", role.name),
            )
            .with_status(404));
        }
        Ok(())
    })
}

pub async fn list_instance_profiles(
    cloud: &Cloud,
    _: &Caller,
    input: ListInstanceProfilesForRoleRequest,
) -> Result<ListInstanceProfilesForRoleResponse, ServiceError> {
    cloud.store().read(|c| existing(c, &input.role_name))?;
    Ok(ListInstanceProfilesForRoleResponse {
        instance_profiles: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}
