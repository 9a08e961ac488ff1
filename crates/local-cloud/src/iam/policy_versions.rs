//! Versions of managed policies.

use rusqlite::Connection;

use super::policies::{StoredVersion, check_document, existing, save};
use super::{aws_managed, encoded};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::iam::*;

const MAX_VERSIONS: usize = 5;

/// Every version of a policy, the newest first.
fn versions(c: &Connection, arn: &str) -> Result<Vec<PolicyVersion>, ServiceError> {
    if let Some(managed) = aws_managed::find(arn) {
        return Ok(vec![PolicyVersion {
            document: Some(encoded(managed.document)),
            version_id: Some(managed.version.to_owned()),
            is_default_version: Some(true),
            create_date: Some(Timestamp(managed.updated as f64)),
        }]);
    }
    let policy = existing(c, arn)?;
    Ok(policy
        .versions
        .iter()
        .rev()
        .map(|v| PolicyVersion {
            document: Some(encoded(&v.document)),
            is_default_version: Some(v.id == policy.default),
            version_id: Some(v.id.clone()),
            create_date: Some(Timestamp(v.created)),
        })
        .collect())
}

fn no_such_version(arn: &str, version: &str) -> ServiceError {
    ServiceError::new(
        "NoSuchEntity",
        format!("Policy {arn} version {version} does not exist or is not attachable."),
    )
    .with_status(404)
}

pub async fn get(
    cloud: &Cloud,
    _: &Caller,
    input: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, ServiceError> {
    let versions = cloud.store().read(|c| versions(c, &input.policy_arn))?;
    let version = versions
        .into_iter()
        .find(|v| v.version_id.as_deref() == Some(&input.version_id))
        .ok_or_else(|| no_such_version(&input.policy_arn, &input.version_id))?;
    Ok(GetPolicyVersionResponse {
        policy_version: Some(version),
    })
}

pub async fn list(
    cloud: &Cloud,
    _: &Caller,
    input: ListPolicyVersionsRequest,
) -> Result<ListPolicyVersionsResponse, ServiceError> {
    let versions = cloud.store().read(|c| versions(c, &input.policy_arn))?;
    Ok(ListPolicyVersionsResponse {
        versions: Some(
            versions
                .into_iter()
                .map(|v| PolicyVersion {
                    document: None,
                    ..v
                })
                .collect(),
        ),
        is_truncated: Some(false),
        marker: None,
    })
}

pub async fn create(
    cloud: &Cloud,
    _: &Caller,
    input: CreatePolicyVersionRequest,
) -> Result<CreatePolicyVersionResponse, ServiceError> {
    check_document(&input.policy_document)?;
    let now = Timestamp::now().0.floor();
    let version = cloud.store().write(|tx| {
        let mut policy = existing(tx, &input.policy_arn)?;
        if policy.versions.len() >= MAX_VERSIONS {
            return Err(ServiceError::new(
                "LimitExceeded",
                format!(
                    "A managed policy can have up to {MAX_VERSIONS} versions. Before you create a new version, you must delete an existing version."
                ),
            )
            .with_status(409));
        }
        policy.last += 1;
        let id = format!("v{}", policy.last);
        let is_default = input.set_as_default == Some(true);
        if is_default {
            policy.default.clone_from(&id);
        }
        policy.updated = now;
        policy.versions.push(StoredVersion {
            id: id.clone(),
            document: input.policy_document,
            created: now,
        });
        save(tx, &policy)?;
        Ok(PolicyVersion {
            document: None,
            version_id: Some(id),
            is_default_version: Some(is_default),
            create_date: Some(Timestamp(now)),
        })
    })?;
    Ok(CreatePolicyVersionResponse {
        policy_version: Some(version),
    })
}

pub async fn set_default(
    cloud: &Cloud,
    _: &Caller,
    input: SetDefaultPolicyVersionRequest,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let mut policy = existing(tx, &input.policy_arn)?;
        if !policy.versions.iter().any(|v| v.id == input.version_id) {
            return Err(no_such_version(&input.policy_arn, &input.version_id));
        }
        policy.default = input.version_id;
        policy.updated = Timestamp::now().0.floor();
        save(tx, &policy)
    })
}

pub async fn delete(
    cloud: &Cloud,
    _: &Caller,
    input: DeletePolicyVersionRequest,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let mut policy = existing(tx, &input.policy_arn)?;
        if policy.default == input.version_id {
            return Err(ServiceError::new(
                "DeleteConflict",
                "Cannot delete the default version of a policy.",
            )
            .with_status(409));
        }
        let before = policy.versions.len();
        policy.versions.retain(|v| v.id != input.version_id);
        if policy.versions.len() == before {
            return Err(no_such_version(&input.policy_arn, &input.version_id));
        }
        save(tx, &policy)
    })
}
