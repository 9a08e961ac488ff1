//! A role as it was written: in stack.toml, or live.

use anyhow::{Context as _, bail};
use iam_policy::Document;
use serde_json::Value;

use crate::cloud::Cloud;
use crate::policy::check::{Attached, Role};
use crate::resource::{Resource, call};
use crate::stack::Stack;

/// A role's name: a role is named by it, or by its ARN, in which its path comes before.
pub fn name_of(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or(role)
}

/// The role, and where it is written.
pub async fn find(stack: &Stack, cloud: &Cloud, role: &str) -> anyhow::Result<(Role, &'static str)> {
    let name = name_of(role);
    let declared = stack.resources.iter().find(|declared| {
        let resource = declared.resource.as_ref();
        resource.kind() == "roles" && resource.name() == name && resource.address().part.is_none()
    });
    match declared {
        Some(declared) => Ok((
            of_stack(stack, cloud, declared.resource.as_ref()).await?,
            "stack.toml",
        )),
        None => Ok((live(cloud, name).await?, "live")),
    }
}

async fn of_stack(stack: &Stack, cloud: &Cloud, resource: &dyn Resource) -> anyhow::Result<Role> {
    let fields = resource.desired();
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let mut policies = Vec::new();
    for (name, policy) in field("inline").as_object().into_iter().flatten() {
        policies.push(attached(name, &policy.to_string())?);
    }
    for arn in field("managed").as_array().into_iter().flatten() {
        let arn = arn.as_str().unwrap_or_default();
        policies.push(managed(stack, cloud, arn).await?);
    }
    let boundary = match field("permissions_boundary").as_str() {
        Some(arn) => Some(managed(stack, cloud, arn).await?.document),
        None => None,
    };
    Ok(Role {
        arn: resource.attribute("arn").unwrap_or_default(),
        policies,
        boundary,
        trust: attached("trust_policy", &field("trust_policy").to_string())?.document,
    })
}

/// A managed policy: the stack's own as it is written, any other as it is live.
async fn managed(stack: &Stack, cloud: &Cloud, arn: &str) -> anyhow::Result<Attached> {
    let own = stack.resources.iter().find(|declared| {
        let resource = declared.resource.as_ref();
        resource.kind() == "policies" && resource.attribute("arn").as_deref() == Some(arn)
    });
    let document = own.and_then(|declared| {
        let fields = declared.resource.desired();
        let document = ["policy_document", "document", "policy"]
            .iter()
            .find_map(|field| fields.get(*field).cloned());
        document.filter(Value::is_object)
    });
    match document {
        Some(document) => attached(arn, &document.to_string()),
        None => live_policy(cloud, arn).await,
    }
}

async fn live(cloud: &Cloud, name: &str) -> anyhow::Result<Role> {
    let answer = match call!("GetRole", cloud.iam.get_role().role_name(name)) {
        Err(error) if error.is("NoSuchEntity") => bail!(
            "the role `{name}` is neither in stack.toml nor live\n  help: write it as [roles.ID], or leave `role` out to have it derived"
        ),
        answer => answer?,
    };
    let role = answer.role.context("GetRole gave no role")?;
    let mut policies = Vec::new();
    let mut pages = cloud
        .iam
        .list_role_policies()
        .role_name(name)
        .into_paginator()
        .items()
        .send();
    while let Some(policy) = pages.next().await {
        let policy = policy.map_err(|e| crate::resource::CallError::of("ListRolePolicies", e))?;
        let request = cloud
            .iam
            .get_role_policy()
            .role_name(name)
            .policy_name(&policy);
        let found = call!("GetRolePolicy", request)?;
        policies.push(attached(&policy, &found.policy_document)?);
    }
    let mut pages = cloud
        .iam
        .list_attached_role_policies()
        .role_name(name)
        .into_paginator()
        .items()
        .send();
    while let Some(policy) = pages.next().await {
        let policy =
            policy.map_err(|e| crate::resource::CallError::of("ListAttachedRolePolicies", e))?;
        if let Some(arn) = &policy.policy_arn {
            policies.push(live_policy(cloud, arn).await?);
        }
    }
    let boundary = role
        .permissions_boundary
        .and_then(|boundary| boundary.permissions_boundary_arn);
    let boundary = match boundary {
        Some(arn) => Some(live_policy(cloud, &arn).await?.document),
        None => None,
    };
    let trust = role.assume_role_policy_document.unwrap_or_default();
    Ok(Role {
        arn: role.arn,
        policies,
        boundary,
        trust: attached("trust policy", &trust)?.document,
    })
}

async fn live_policy(cloud: &Cloud, arn: &str) -> anyhow::Result<Attached> {
    let answer = call!("GetPolicy", cloud.iam.get_policy().policy_arn(arn))?;
    let version = answer
        .policy
        .and_then(|policy| policy.default_version_id)
        .context("GetPolicy gave no version")?;
    let request = cloud
        .iam
        .get_policy_version()
        .policy_arn(arn)
        .version_id(version);
    let answer = call!("GetPolicyVersion", request)?;
    let document = answer.policy_version.and_then(|version| version.document);
    attached(arn, &document.unwrap_or_default())
}

/// A policy under its name; its document as JSON, or as IAM hands it out.
fn attached(name: &str, document: &str) -> anyhow::Result<Attached> {
    let document =
        Document::parse(document).with_context(|| format!("the policy `{name}` is not valid"))?;
    Ok(Attached {
        name: name.to_owned(),
        document,
    })
}
