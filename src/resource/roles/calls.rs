//! The calls of IAM that a role is made of.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::Tag;
use futures::{StreamExt, TryStreamExt};
use serde_json::{Map, Value};

use super::Role;
use crate::cloud::Cloud;
use crate::resource::policy_document::{decoded, same};
use crate::resource::retry::{IAM_DELAY, READ_DELAY, is_iam_delay, retry};
use crate::resource::{CallError, Resource as _, Work, built, call, unless_gone};

/// How many inline policies are read at a time.
const READS_AT_A_TIME: usize = 8;

/// The tags of a role; none if it is gone.
pub(in crate::resource) async fn tags(
    cloud: &Cloud,
    role: &str,
) -> Result<BTreeMap<String, String>, CallError> {
    let mut tags = BTreeMap::new();
    let mut pages = cloud
        .iam
        .list_role_tags()
        .role_name(role)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListRoleTags", error));
        let Some(page) = unless_gone(page, &["NoSuchEntity"])? else {
            break;
        };
        tags.extend(page.tags.into_iter().map(|tag| (tag.key, tag.value)));
    }
    Ok(tags)
}

/// Whether IAM does not see a role or a policy that may have been made just now. AWS's own policies
/// are always seen.
fn is_unseen(error: &CallError, policy: &str) -> bool {
    error.is("NoSuchEntity")
        && (!policy.contains(":iam::aws:") || error.message.starts_with("The role"))
}

impl Role {
    fn iam_tags(&self) -> Result<Vec<Tag>, CallError> {
        self.identity
            .marked_tags()
            .into_iter()
            .map(|(key, value)| built("TagRole", Tag::builder().key(key).value(value).build()))
            .collect()
    }

    pub(super) async fn create_role(&self, work: &Work<'_>) -> Result<(), CallError> {
        let tags = self.iam_tags()?;
        let what = "IAM does not know the trusted principal or the boundary yet";
        let boundary = self.boundary.as_deref();
        let passes = |error: &CallError| {
            is_iam_delay(error) || boundary.is_some_and(|arn| is_unseen(error, arn))
        };
        retry(work, what, IAM_DELAY, passes, || async {
            let request = work
                .cloud
                .iam
                .create_role()
                .role_name(self.name())
                .path(&self.path)
                .set_description(self.description.clone())
                .assume_role_policy_document(self.trust.to_string())
                .set_max_session_duration(self.max_session_duration)
                .set_permissions_boundary(self.boundary.clone())
                .set_tags(Some(tags.clone()));
            call!("CreateRole", request)
        })
        .await
        .map(drop)
    }

    async fn inline_names(&self, cloud: &Cloud) -> Result<Vec<String>, CallError> {
        let mut names = Vec::new();
        let mut pages = cloud
            .iam
            .list_role_policies()
            .role_name(self.name())
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CallError::of("ListRolePolicies", error))?;
            names.extend(page.policy_names);
        }
        Ok(names)
    }

    /// The inline policies by name.
    pub(super) async fn live_inline(&self, cloud: &Cloud) -> Result<Map<String, Value>, CallError> {
        let names = self.inline_names(cloud).await?;
        let policies: Vec<Option<(String, Value)>> =
            futures::stream::iter(names.into_iter().map(|name| async move {
                let request = cloud
                    .iam
                    .get_role_policy()
                    .role_name(self.name())
                    .policy_name(&name);
                let answer = call!("GetRolePolicy", request);
                let policy = unless_gone(answer, &["NoSuchEntity"])?;
                Ok::<_, CallError>(policy.map(|policy| (name, decoded(&policy.policy_document))))
            }))
            .buffered(READS_AT_A_TIME)
            .try_collect()
            .await?;
        Ok(policies.into_iter().flatten().collect())
    }

    /// The ARNs of the managed policies.
    pub(super) async fn attached(&self, cloud: &Cloud) -> Result<BTreeSet<String>, CallError> {
        let mut arns = BTreeSet::new();
        let mut pages = cloud
            .iam
            .list_attached_role_policies()
            .role_name(self.name())
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CallError::of("ListAttachedRolePolicies", error))?;
            let attached = page.attached_policies.unwrap_or_default();
            arns.extend(attached.into_iter().filter_map(|policy| policy.policy_arn));
        }
        Ok(arns)
    }

    pub(super) async fn put_inline(
        &self,
        work: &Work<'_>,
        name: &str,
        policy: &Value,
    ) -> Result<(), CallError> {
        let request = work
            .cloud
            .iam
            .put_role_policy()
            .role_name(self.name())
            .policy_name(name)
            .policy_document(policy.to_string());
        call!("PutRolePolicy", request).map(drop)
    }

    /// Makes the inline policies those that are wanted. New ones come first, so that nothing is
    /// missing meanwhile, unless IAM has room for them only when the old ones are gone.
    pub(super) async fn put_all_inline(
        &self,
        work: &Work<'_>,
        there: Option<&Map<String, Value>>,
    ) -> Result<(), CallError> {
        let mut leaving: Vec<&String> = there
            .into_iter()
            .flat_map(Map::keys)
            .filter(|name| !self.inline.contains_key(*name))
            .collect();
        for (name, policy) in &self.inline {
            let there = there.and_then(|there| there.get(name));
            if there.is_some_and(|there| same(policy, there)) {
                continue;
            }
            match self.put_inline(work, name, policy).await {
                Err(error) if error.is("LimitExceeded") && !leaving.is_empty() => {
                    for old in leaving.drain(..) {
                        self.delete_inline(work, old).await?;
                    }
                    self.put_inline(work, name, policy).await?;
                }
                put => put?,
            }
        }
        for name in leaving {
            self.delete_inline(work, name).await?;
        }
        Ok(())
    }

    /// Makes the managed policies those that are wanted, in the same order.
    pub(super) async fn attach_all(&self, work: &Work<'_>) -> Result<(), CallError> {
        let there = self.attached(work.cloud).await?;
        let mut leaving: Vec<&String> = there.difference(&self.managed).collect();
        for arn in self.managed.difference(&there) {
            match self.attach(work, arn).await {
                Err(error) if error.is("LimitExceeded") && !leaving.is_empty() => {
                    for old in leaving.drain(..) {
                        self.detach(work, old).await?;
                    }
                    self.attach(work, arn).await?;
                }
                attached => attached?,
            }
        }
        for arn in leaving {
            self.detach(work, arn).await?;
        }
        Ok(())
    }

    async fn delete_inline(&self, work: &Work<'_>, name: &str) -> Result<(), CallError> {
        let request = work
            .cloud
            .iam
            .delete_role_policy()
            .role_name(self.name())
            .policy_name(name);
        unless_gone(call!("DeleteRolePolicy", request), &["NoSuchEntity"]).map(drop)
    }

    pub(super) async fn attach(&self, work: &Work<'_>, arn: &str) -> Result<(), CallError> {
        let passes = |error: &CallError| is_iam_delay(error) || is_unseen(error, arn);
        let what = "IAM does not see what was just made yet";
        retry(work, what, READ_DELAY, passes, || async {
            let request = work
                .cloud
                .iam
                .attach_role_policy()
                .role_name(self.name())
                .policy_arn(arn);
            call!("AttachRolePolicy", request).map(drop)
        })
        .await
    }

    async fn detach(&self, work: &Work<'_>, arn: &str) -> Result<(), CallError> {
        let request = work
            .cloud
            .iam
            .detach_role_policy()
            .role_name(self.name())
            .policy_arn(arn);
        unless_gone(call!("DetachRolePolicy", request), &["NoSuchEntity"]).map(drop)
    }

    /// Sets the boundary that is wanted, or takes the one that is there away.
    pub(super) async fn put_boundary(&self, work: &Work<'_>) -> Result<(), CallError> {
        let iam = &work.cloud.iam;
        if let Some(boundary) = &self.boundary {
            let request = iam
                .put_role_permissions_boundary()
                .role_name(self.name())
                .permissions_boundary(boundary);
            return call!("PutRolePermissionsBoundary", request).map(drop);
        }
        let request = iam
            .delete_role_permissions_boundary()
            .role_name(self.name());
        let answer = call!("DeleteRolePermissionsBoundary", request);
        unless_gone(answer, &["NoSuchEntity"]).map(drop)
    }

    pub(super) async fn put_tags(&self, cloud: &Cloud) -> Result<(), CallError> {
        let live = tags(cloud, self.name()).await?;
        let dropped = self.identity.dropped_tags(&live);
        if !dropped.is_empty() {
            let request = cloud
                .iam
                .untag_role()
                .role_name(self.name())
                .set_tag_keys(Some(dropped));
            call!("UntagRole", request)?;
        }
        let request = cloud
            .iam
            .tag_role()
            .role_name(self.name())
            .set_tags(Some(self.iam_tags()?));
        call!("TagRole", request).map(drop)
    }

    /// Empties the role and deletes it.
    pub(super) async fn dismantle(&self, work: &Work<'_>) -> Result<(), CallError> {
        let attached = unless_gone(self.attached(work.cloud).await, &["NoSuchEntity"])?;
        let Some(attached) = attached else {
            return Ok(());
        };
        for arn in &attached {
            self.detach(work, arn).await?;
        }
        let names = unless_gone(self.inline_names(work.cloud).await, &["NoSuchEntity"])?;
        for name in names.into_iter().flatten() {
            self.delete_inline(work, &name).await?;
        }
        let request = work.cloud.iam.delete_role().role_name(self.name());
        let deleted = unless_gone(call!("DeleteRole", request), &["NoSuchEntity"]);
        if let Err(error) = &deleted
            && error.is("DeleteConflict")
        {
            self.leave_instance_profiles(work).await?;
        }
        deleted.map(drop)
    }

    async fn leave_instance_profiles(&self, work: &Work<'_>) -> Result<(), CallError> {
        let iam = &work.cloud.iam;
        let request = iam.list_instance_profiles_for_role().role_name(self.name());
        let answer = call!("ListInstanceProfilesForRole", request);
        let profiles = unless_gone(answer, &["NoSuchEntity"])?.map(|found| found.instance_profiles);
        for profile in profiles.into_iter().flatten() {
            let request = iam
                .remove_role_from_instance_profile()
                .role_name(self.name())
                .instance_profile_name(profile.instance_profile_name);
            let answer = call!("RemoveRoleFromInstanceProfile", request);
            unless_gone(answer, &["NoSuchEntity"])?;
        }
        Ok(())
    }
}
