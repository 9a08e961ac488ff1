//! Managed policies: the account's own with their versions, AWS's, and what they are attached to.

use std::collections::BTreeMap;

use iam_policy::{Document, Kind};
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::attachments::{attachments, boundaries};
use super::aws_managed::{self, Managed};
use super::{changed, ids, malformed, page, roles, tags_of};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::iam::*;

const MAX_SIZE: usize = 6144;

/// A policy of the account's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredPolicy {
    pub arn: String,
    pub name: String,
    pub path: String,
    pub id: String,
    pub description: Option<String>,
    pub created: f64,
    pub updated: f64,
    pub tags: BTreeMap<String, String>,
    pub default: String,
    /// The number of the version that was made last; numbers are not used again.
    pub last: u32,
    pub versions: Vec<StoredVersion>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredVersion {
    pub id: String,
    pub document: String,
    pub created: f64,
}

pub(super) fn no_such_policy(arn: &str) -> ServiceError {
    ServiceError::new("NoSuchEntity", format!("Policy {arn} was not found.")).with_status(404)
}

fn find(c: &Connection, arn: &str) -> Result<Option<StoredPolicy>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM iam_policies WHERE arn = ?1")?
        .query_row([arn], |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

pub(super) fn existing(c: &Connection, arn: &str) -> Result<StoredPolicy, ServiceError> {
    if aws_managed::find(arn).is_some() {
        return Err(ServiceError::new(
            "AccessDenied",
            format!("{arn} is managed by AWS and cannot be changed."),
        )
        .with_status(403));
    }
    find(c, arn)?.ok_or_else(|| no_such_policy(arn))
}

/// The document in force of a policy of the account's.
pub(super) fn default_document(c: &Connection, arn: &str) -> Result<Option<String>, ServiceError> {
    Ok(find(c, arn)?.and_then(|policy| {
        let StoredPolicy {
            default, versions, ..
        } = policy;
        versions
            .into_iter()
            .find(|v| v.id == default)
            .map(|v| v.document)
    }))
}

/// Fails unless there is a policy of this ARN, AWS's or the account's.
pub(super) fn exists(c: &Connection, arn: &str) -> Result<(), ServiceError> {
    if aws_managed::find(arn).is_some() || find(c, arn)?.is_some() {
        return Ok(());
    }
    if arn.starts_with("arn:aws:iam::aws:policy/") {
        return Err(ServiceError::new(
            "NoSuchEntity",
            format!(
                "Policy {arn} does not exist or is not attachable. The embedded cloud has {}.",
                aws_managed::ALL
                    .iter()
                    .map(|m| m.name)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        )
        .with_status(404));
    }
    Err(ServiceError::new(
        "NoSuchEntity",
        format!("Policy {arn} does not exist or is not attachable."),
    )
    .with_status(404))
}

pub(super) fn save(tx: &Transaction<'_>, policy: &StoredPolicy) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO iam_policies VALUES (?1, ?2, ?3) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
    )?
    .execute((&policy.arn, &policy.name, serde_json::to_string(policy)?))?;
    changed(tx)
}

fn shown(c: &Connection, policy: &StoredPolicy) -> Result<Policy, ServiceError> {
    Ok(Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn.clone()),
        path: Some(policy.path.clone()),
        default_version_id: Some(policy.default.clone()),
        attachment_count: Some(attachments(c, &policy.arn)?),
        permissions_boundary_usage_count: Some(boundaries(c, &policy.arn)?),
        is_attachable: Some(true),
        description: policy.description.clone(),
        create_date: Some(Timestamp(policy.created)),
        update_date: Some(Timestamp(policy.updated)),
        tags: Some(tags_of(&policy.tags)),
    })
}

fn shown_managed(c: &Connection, managed: &Managed) -> Result<Policy, ServiceError> {
    Ok(Policy {
        policy_name: Some(managed.name.to_owned()),
        policy_id: Some(id_of(managed)),
        arn: Some(managed.arn()),
        path: Some(managed.path.to_owned()),
        default_version_id: Some(managed.version.to_owned()),
        attachment_count: Some(attachments(c, &managed.arn())?),
        permissions_boundary_usage_count: Some(boundaries(c, &managed.arn())?),
        is_attachable: Some(true),
        description: None,
        create_date: Some(Timestamp(managed.created as f64)),
        update_date: Some(Timestamp(managed.updated as f64)),
        tags: Some(Vec::new()),
    })
}

/// An id of the right form that stays the same.
fn id_of(managed: &Managed) -> String {
    use sha2::{Digest, Sha256};
    let digest = hex::encode_upper(Sha256::digest(managed.name));
    format!("ANPA{}", &digest[..17])
}

pub(super) fn check_document(document: &str) -> Result<(), ServiceError> {
    Document::parse_as(document, Kind::Identity).map_err(malformed)?;
    let size = document.chars().filter(|c| !c.is_whitespace()).count();
    roles::limit(size, MAX_SIZE, "PolicySize")
}

pub async fn create(
    cloud: &Cloud,
    _: &Caller,
    input: CreatePolicyRequest,
) -> Result<CreatePolicyResponse, ServiceError> {
    check_document(&input.policy_document)?;
    let tags = roles::tag_map(input.tags.unwrap_or_default())?;
    roles::check_tags(&tags, "TagsPerPolicy")?;
    let path = input.path.unwrap_or_else(|| "/".to_owned());
    let now = Timestamp::now().0.floor();
    let policy = StoredPolicy {
        arn: format!(
            "arn:aws:iam::{}:policy{path}{}",
            cloud.account(),
            input.policy_name
        ),
        name: input.policy_name,
        path,
        id: ids("ANPA"),
        description: input.description,
        created: now,
        updated: now,
        tags,
        default: "v1".to_owned(),
        last: 1,
        versions: vec![StoredVersion {
            id: "v1".to_owned(),
            document: input.policy_document,
            created: now,
        }],
    };
    let policy = cloud.store().write(|tx| {
        let taken: bool = tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM iam_policies WHERE name = ?1)")?
            .query_row([&policy.name], |row| row.get(0))?;
        if taken {
            return Err(ServiceError::new(
                "EntityAlreadyExists",
                format!(
                    "A policy called {} already exists. Duplicate names are not allowed.",
                    policy.name
                ),
            )
            .with_status(409));
        }
        save(tx, &policy)?;
        shown(tx, &policy)
    })?;
    Ok(CreatePolicyResponse {
        policy: Some(policy),
    })
}

pub async fn get(
    cloud: &Cloud,
    _: &Caller,
    input: GetPolicyRequest,
) -> Result<GetPolicyResponse, ServiceError> {
    let arn = &input.policy_arn;
    let policy = cloud.store().read(|c| match aws_managed::find(arn) {
        Some(managed) => shown_managed(c, managed),
        None => shown(c, &existing(c, arn)?),
    })?;
    Ok(GetPolicyResponse {
        policy: Some(policy),
    })
}

pub async fn list(
    cloud: &Cloud,
    _: &Caller,
    input: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, ServiceError> {
    let scope = input.scope.as_deref().unwrap_or("All");
    let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
    let usage = input.policy_usage_filter.as_deref();
    let policies = cloud.store().read(|c| {
        let mut all = Vec::new();
        if scope != "AWS" {
            let mut statement =
                c.prepare_cached("SELECT document FROM iam_policies ORDER BY name")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            for row in rows {
                all.push(shown(c, &serde_json::from_str(&row?)?)?);
            }
        }
        if scope != "Local" {
            for managed in aws_managed::ALL {
                all.push(shown_managed(c, managed)?);
            }
        }
        Ok(all)
    })?;
    let used = |count: Option<i32>| count.is_some_and(|n| n > 0);
    let mut policies: Vec<Policy> = policies
        .into_iter()
        .filter(|p| {
            p.path
                .as_deref()
                .is_some_and(|path| path.starts_with(&prefix))
        })
        .filter(|p| input.only_attached != Some(true) || used(p.attachment_count))
        .filter(|p| match usage {
            Some("PermissionsPolicy") => used(p.attachment_count),
            Some("PermissionsBoundary") => used(p.permissions_boundary_usage_count),
            _ => true,
        })
        .map(|p| Policy {
            // Listings leave these out.
            tags: None,
            description: None,
            ..p
        })
        .collect();
    policies.sort_by(|a, b| a.arn.cmp(&b.arn));
    let (policies, marker) = page(policies, input.marker.as_deref(), input.max_items, |p| {
        p.arn.clone().unwrap_or_default()
    })?;
    Ok(ListPoliciesResponse {
        is_truncated: Some(marker.is_some()),
        marker,
        policies: Some(policies),
    })
}

pub async fn delete(
    cloud: &Cloud,
    _: &Caller,
    input: DeletePolicyRequest,
) -> Result<(), ServiceError> {
    let conflict =
        |message: &str| Err(ServiceError::new("DeleteConflict", message).with_status(409));
    cloud.store().write(|tx| {
        let policy = existing(tx, &input.policy_arn)?;
        if attachments(tx, &policy.arn)? > 0 || boundaries(tx, &policy.arn)? > 0 {
            return conflict("Cannot delete a policy attached to entities.");
        }
        if policy.versions.len() > 1 {
            return conflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.");
        }
        tx.execute("DELETE FROM iam_policies WHERE arn = ?1", [&policy.arn])?;
        changed(tx)
    })
}

pub async fn tag(cloud: &Cloud, _: &Caller, input: TagPolicyRequest) -> Result<(), ServiceError> {
    let tags = roles::tag_map(input.tags)?;
    cloud.store().write(|tx| {
        let mut policy = existing(tx, &input.policy_arn)?;
        policy.tags.extend(tags);
        roles::check_tags(&policy.tags, "TagsPerPolicy")?;
        save(tx, &policy)
    })
}

pub async fn untag(
    cloud: &Cloud,
    _: &Caller,
    input: UntagPolicyRequest,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let mut policy = existing(tx, &input.policy_arn)?;
        policy.tags.retain(|key, _| !input.tag_keys.contains(key));
        save(tx, &policy)
    })
}

pub async fn list_tags(
    cloud: &Cloud,
    _: &Caller,
    input: ListPolicyTagsRequest,
) -> Result<ListPolicyTagsResponse, ServiceError> {
    let tags = cloud.store().read(|c| {
        if aws_managed::find(&input.policy_arn).is_some() {
            return Ok(Vec::new());
        }
        Ok(tags_of(&existing(c, &input.policy_arn)?.tags))
    })?;
    let (tags, marker) = page(tags, input.marker.as_deref(), input.max_items, |t| {
        t.key.clone()
    })?;
    Ok(ListPolicyTagsResponse {
        is_truncated: Some(marker.is_some()),
        marker,
        tags,
    })
}
