//! The resource policy of the catalog: a region has one, and it is heeded as identity policies are.
//!
//! Source: AWS Glue developer guide, "Granting cross-account access" and "Resource-based policies".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use iam_policy::Document;
use md5::{Digest as _, Md5};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::errors;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;

#[derive(Serialize, Deserialize)]
struct Stored {
    policy: String,
    hash: String,
    created: Timestamp,
    updated: Timestamp,
}

fn find(c: &Connection, region: &str) -> Result<Option<Stored>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM glue_resource_policies WHERE region = ?1")?
        .query_row([region], |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

/// The policy that requests of this caller are subject to beside its own.
pub(crate) fn of(cloud: &Cloud, caller: &Caller) -> Result<Option<Document>, ServiceError> {
    let found = cloud.store().read(|c| find(c, &caller.region))?;
    found
        .map(|stored| Document::parse(&stored.policy).map_err(ServiceError::internal))
        .transpose()
}

fn no_policy() -> ServiceError {
    errors::not_found("Policy not found")
}

fn condition_failed(message: &str) -> ServiceError {
    ServiceError::new("ConditionCheckFailureException", message)
}

/// Policies of AWS's Resource Access Manager are of other resources than the catalog.
fn check_resource(arn: Option<&str>, caller: &Caller) -> Result<(), ServiceError> {
    let catalog = format!("arn:aws:glue:{}:{}:catalog", caller.region, caller.account);
    match arn {
        Some(arn) if arn != catalog => Err(errors::not_implemented(
            "resource policies of other resources than the catalog",
        )),
        _ => Ok(()),
    }
}

fn check_hash(stored: Option<&Stored>, condition: Option<&str>) -> Result<(), ServiceError> {
    match condition {
        Some(hash) if stored.is_none_or(|s| s.hash != hash) => {
            Err(condition_failed("Policy hash condition not met"))
        }
        _ => Ok(()),
    }
}

pub(super) async fn put(
    cloud: &Cloud,
    caller: &Caller,
    request: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse, ServiceError> {
    check_resource(request.resource_arn.as_deref(), caller)?;
    let policy = request.policy_in_json;
    Document::parse(&policy)
        .map_err(|error| errors::invalid_input(format!("Invalid policy: {error}")))?;
    let hash = STANDARD.encode(Md5::digest(policy.as_bytes()));
    cloud.store().write(|tx| {
        let old = find(tx, &caller.region)?;
        check_hash(old.as_ref(), request.policy_hash_condition.as_deref())?;
        match (request.policy_exists_condition.as_deref(), &old) {
            (Some("MUST_EXIST"), None) => return Err(condition_failed("Policy does not exist")),
            (Some("NOT_EXIST"), Some(_)) => return Err(condition_failed("Policy already exists")),
            _ => {}
        }
        let now = Timestamp::now();
        let new = Stored {
            policy,
            hash: hash.clone(),
            created: old.map_or(now, |old| old.created),
            updated: now,
        };
        tx.prepare_cached(
            "INSERT INTO glue_resource_policies VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET document = excluded.document",
        )?
        .execute((&caller.region, serde_json::to_string(&new)?))?;
        Ok(())
    })?;
    Ok(PutResourcePolicyResponse {
        policy_hash: Some(hash),
    })
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    request: GetResourcePolicyRequest,
) -> Result<GetResourcePolicyResponse, ServiceError> {
    check_resource(request.resource_arn.as_deref(), caller)?;
    let stored = cloud
        .store()
        .read(|c| find(c, &caller.region))?
        .ok_or_else(no_policy)?;
    Ok(GetResourcePolicyResponse {
        policy_in_json: Some(stored.policy),
        policy_hash: Some(stored.hash),
        create_time: Some(stored.created),
        update_time: Some(stored.updated),
    })
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    _request: GetResourcePoliciesRequest,
) -> Result<GetResourcePoliciesResponse, ServiceError> {
    let stored = cloud.store().read(|c| find(c, &caller.region))?;
    let policies = stored.into_iter().map(|stored| GluePolicy {
        policy_in_json: Some(stored.policy),
        policy_hash: Some(stored.hash),
        create_time: Some(stored.created),
        update_time: Some(stored.updated),
    });
    Ok(GetResourcePoliciesResponse {
        get_resource_policies_response_list: Some(policies.collect()),
        next_token: None,
    })
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    request: DeleteResourcePolicyRequest,
) -> Result<DeleteResourcePolicyResponse, ServiceError> {
    check_resource(request.resource_arn.as_deref(), caller)?;
    cloud.store().write(|tx| {
        let stored = find(tx, &caller.region)?.ok_or_else(no_policy)?;
        check_hash(Some(&stored), request.policy_hash_condition.as_deref())?;
        tx.prepare_cached("DELETE FROM glue_resource_policies WHERE region = ?1")?
            .execute([&caller.region])?;
        Ok(())
    })?;
    Ok(DeleteResourcePolicyResponse {})
}
