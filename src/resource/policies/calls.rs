//! The calls of IAM that a managed policy is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use aws_sdk_iam::types::{Policy as IamPolicy, PolicyUsageType, PolicyVersion, Tag};
use serde_json::Value;

use super::{Policy, is_named, own};
use crate::cloud::Cloud;
use crate::resource::identity::own_id;
use crate::resource::policy_document::{decoded, same};
use crate::resource::{CallError, Resource as _, Work, built, call, roles, unless_gone};

/// How many versions of a policy IAM keeps.
const MOST_VERSIONS: usize = 5;

/// Whom a policy is attached to.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// Roles of the stack.
    pub roles: BTreeSet<String>,
    /// Roles of the stack whose boundary it is: without it, they would have none.
    bounded: Vec<String>,
    /// Others, in words.
    pub strangers: Vec<String>,
    foreign_roles: Vec<String>,
    users: Vec<String>,
    groups: Vec<String>,
}

/// The account's own policies.
pub(super) async fn list(cloud: &Cloud) -> Result<Vec<IamPolicy>, CallError> {
    let mut found = Vec::new();
    let mut pages = cloud
        .iam
        .list_policies()
        .scope(own())
        .max_items(1000)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListPolicies", error))?;
        found.extend(page.policies.unwrap_or_default());
    }
    Ok(found)
}

/// The tags of a policy; none if it is gone.
pub(super) async fn tags(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
    let mut tags = BTreeMap::new();
    let mut pages = cloud
        .iam
        .list_policy_tags()
        .policy_arn(arn)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListPolicyTags", error));
        let Some(page) = unless_gone(page, &["NoSuchEntity"])? else {
            break;
        };
        tags.extend(page.tags.into_iter().map(|tag| (tag.key, tag.value)));
    }
    Ok(tags)
}

/// The document of a version, if there is one.
pub(super) async fn version(
    cloud: &Cloud,
    arn: &str,
    version: &str,
) -> Result<Option<Value>, CallError> {
    let request = cloud
        .iam
        .get_policy_version()
        .policy_arn(arn)
        .version_id(version);
    let found = unless_gone(call!("GetPolicyVersion", request), &["NoSuchEntity"])?;
    let document = found
        .and_then(|found| found.policy_version)
        .and_then(|v| v.document);
    Ok(document.as_deref().map(decoded))
}

impl Policy {
    pub(super) fn iam_tags(&self) -> Result<Vec<Tag>, CallError> {
        self.identity
            .marked_tags()
            .into_iter()
            .map(|(key, value)| built("TagPolicy", Tag::builder().key(key).value(value).build()))
            .collect()
    }

    /// The policy at the path that is wanted.
    pub(super) async fn get(&self, cloud: &Cloud) -> Result<Option<IamPolicy>, CallError> {
        let request = cloud.iam.get_policy().policy_arn(self.arn());
        let found = unless_gone(call!("GetPolicy", request), &["NoSuchEntity"])?;
        Ok(found.and_then(|found| found.policy))
    }

    /// The policy of this name, at whatever path: an account has a name only once.
    pub(super) async fn find(&self, cloud: &Cloud) -> Result<Option<IamPolicy>, CallError> {
        if let Some(found) = self.get(cloud).await? {
            return Ok(Some(found));
        }
        let all = list(cloud).await?;
        let found = all.into_iter().find(|policy| is_named(policy, self.name()));
        let Some(arn) = found.as_ref().and_then(IamPolicy::arn) else {
            return Ok(None);
        };
        // A listing leaves the description out.
        let request = cloud.iam.get_policy().policy_arn(arn);
        let found = unless_gone(call!("GetPolicy", request), &["NoSuchEntity"])?;
        Ok(found.and_then(|found| found.policy))
    }

    /// The versions, the newest first.
    async fn versions(&self, cloud: &Cloud, arn: &str) -> Result<Vec<PolicyVersion>, CallError> {
        let mut versions = Vec::new();
        let mut pages = cloud
            .iam
            .list_policy_versions()
            .policy_arn(arn)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CallError::of("ListPolicyVersions", error))?;
            versions.extend(page.versions.unwrap_or_default());
        }
        let number = |version: &PolicyVersion| {
            let id = version.version_id().unwrap_or_default();
            id.trim_start_matches('v').parse::<u32>().unwrap_or(0)
        };
        versions.sort_by_key(|version| std::cmp::Reverse(number(version)));
        Ok(versions)
    }

    async fn delete_version(
        &self,
        work: &Work<'_>,
        arn: &str,
        version: &str,
    ) -> Result<(), CallError> {
        let request = work
            .cloud
            .iam
            .delete_policy_version()
            .policy_arn(arn)
            .version_id(version);
        unless_gone(call!("DeletePolicyVersion", request), &["NoSuchEntity"]).map(drop)
    }

    /// Makes the document that is wanted the default version.
    pub(super) async fn put_version(&self, work: &Work<'_>) -> Result<(), CallError> {
        match self.try_version(work).await {
            // One call too many: its answer may have been lost, and the version be there.
            Err(error) if error.is("LimitExceeded") => {
                if self.is_default(work.cloud).await? {
                    return Ok(());
                }
                self.try_version(work).await
            }
            made => made,
        }
    }

    /// Whether the default version says what is wanted.
    async fn is_default(&self, cloud: &Cloud) -> Result<bool, CallError> {
        let Some(live) = self.get(cloud).await? else {
            return Ok(false);
        };
        let id = live.default_version_id().unwrap_or_default();
        let document = version(cloud, &self.arn(), id).await?;
        Ok(document.is_some_and(|document| same(&self.document, &document)))
    }

    /// Takes a version that says what is wanted, or makes one, for which the oldest goes if there
    /// are as many as IAM keeps.
    async fn try_version(&self, work: &Work<'_>) -> Result<(), CallError> {
        let arn = self.arn();
        let versions = self.versions(work.cloud, &arn).await?;
        let spare: Vec<&str> = versions
            .iter()
            .filter(|version| !version.is_default_version())
            .filter_map(PolicyVersion::version_id)
            .collect();
        for id in &spare {
            let document = version(work.cloud, &arn, id).await?;
            if document.is_some_and(|document| same(&self.document, &document)) {
                let request = work
                    .cloud
                    .iam
                    .set_default_policy_version()
                    .policy_arn(&arn)
                    .version_id(*id);
                return call!("SetDefaultPolicyVersion", request).map(drop);
            }
        }
        if versions.len() >= MOST_VERSIONS
            && let Some(oldest) = spare.last()
        {
            self.delete_version(work, &arn, oldest).await?;
        }
        let request = work
            .cloud
            .iam
            .create_policy_version()
            .policy_arn(&arn)
            .policy_document(self.document.to_string())
            .set_as_default(true);
        call!("CreatePolicyVersion", request).map(drop)
    }

    pub(super) async fn put_tags(&self, cloud: &Cloud) -> Result<(), CallError> {
        let arn = self.arn();
        let live = tags(cloud, &arn).await?;
        let dropped = self.identity.dropped_tags(&live);
        if !dropped.is_empty() {
            let request = cloud
                .iam
                .untag_policy()
                .policy_arn(&arn)
                .set_tag_keys(Some(dropped));
            call!("UntagPolicy", request)?;
        }
        let request = cloud
            .iam
            .tag_policy()
            .policy_arn(&arn)
            .set_tags(Some(self.iam_tags()?));
        call!("TagPolicy", request).map(drop)
    }

    /// Who has the policy.
    pub(super) async fn users(&self, cloud: &Cloud, arn: &str) -> Result<Users, CallError> {
        let mut found = Users::default();
        for usage in [
            PolicyUsageType::PermissionsPolicy,
            PolicyUsageType::PermissionsBoundary,
        ] {
            let is_boundary = usage == PolicyUsageType::PermissionsBoundary;
            let mut pages = cloud
                .iam
                .list_entities_for_policy()
                .policy_arn(arn)
                .policy_usage_filter(usage)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("ListEntitiesForPolicy", error));
                let Some(page) = unless_gone(page, &["NoSuchEntity"])? else {
                    break;
                };
                let role_names = page.policy_roles.unwrap_or_default();
                for name in role_names.into_iter().filter_map(|role| role.role_name) {
                    let tags = roles::tags(cloud, &name).await?;
                    if own_id(&tags, &self.identity.scope).is_none() {
                        found.strangers.push(format!("the role `{name}`"));
                        found.foreign_roles.push(name);
                    } else if is_boundary {
                        found.bounded.push(name);
                    } else {
                        found.roles.insert(name);
                    }
                }
                if is_boundary {
                    continue;
                }
                let users = page.policy_users.unwrap_or_default();
                found
                    .users
                    .extend(users.into_iter().filter_map(|u| u.user_name));
                let groups = page.policy_groups.unwrap_or_default();
                found
                    .groups
                    .extend(groups.into_iter().filter_map(|g| g.group_name));
            }
        }
        let users = found.users.iter().map(|name| format!("the user `{name}`"));
        let groups = found
            .groups
            .iter()
            .map(|name| format!("the group `{name}`"));
        let others: Vec<String> = users.chain(groups).collect();
        found.strangers.extend(others);
        Ok(found)
    }

    pub(super) async fn attach(&self, work: &Work<'_>, role: &str) -> Result<(), CallError> {
        let request = work
            .cloud
            .iam
            .attach_role_policy()
            .role_name(role)
            .policy_arn(self.arn());
        unless_gone(call!("AttachRolePolicy", request), &["NoSuchEntity"]).map(drop)
    }

    async fn detach(&self, work: &Work<'_>, arn: &str, role: &str) -> Result<(), CallError> {
        let request = work
            .cloud
            .iam
            .detach_role_policy()
            .role_name(role)
            .policy_arn(arn);
        unless_gone(call!("DetachRolePolicy", request), &["NoSuchEntity"]).map(drop)
    }

    /// Takes the policy from the stack's roles, and by force from everybody; deletes its versions
    /// and itself.
    pub(super) async fn dismantle(&self, work: &Work<'_>, arn: &str) -> Result<(), CallError> {
        let iam = &work.cloud.iam;
        let users = self.users(work.cloud, arn).await?;
        for role in &users.roles {
            self.detach(work, arn, role).await?;
            if arn == self.arn() {
                let mut detached = self.detached.lock().unwrap_or_else(PoisonError::into_inner);
                detached.insert(role.clone());
            }
        }
        if work.force {
            for role in &users.foreign_roles {
                self.detach(work, arn, role).await?;
            }
            for user in &users.users {
                let request = iam.detach_user_policy().user_name(user).policy_arn(arn);
                unless_gone(call!("DetachUserPolicy", request), &["NoSuchEntity"])?;
            }
            for group in &users.groups {
                let request = iam.detach_group_policy().group_name(group).policy_arn(arn);
                unless_gone(call!("DetachGroupPolicy", request), &["NoSuchEntity"])?;
            }
        }
        let versions = unless_gone(self.versions(work.cloud, arn).await, &["NoSuchEntity"])?;
        for version in versions.into_iter().flatten() {
            if let Some(id) = version.version_id()
                && !version.is_default_version()
            {
                self.delete_version(work, arn, id).await?;
            }
        }
        let request = iam.delete_policy().policy_arn(arn);
        match unless_gone(call!("DeletePolicy", request), &["NoSuchEntity"]) {
            Err(error) if error.is("DeleteConflict") && !users.bounded.is_empty() => Err(error
                .with_help(format!(
                    "it is the permissions boundary of {}: give them another one first",
                    users.bounded.join(", ")
                ))),
            deleted => deleted.map(drop),
        }
    }
}
