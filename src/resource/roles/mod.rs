//! IAM roles: those of `stack.toml`, and those that are derived for what takes a role.

mod calls;
mod derived;
mod keys;
mod managed;
#[cfg(all(test, feature = "local"))]
mod tests;
mod trust;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_iam::types::Role as IamRole;
use futures::{StreamExt, TryStreamExt};
use schemars::{JsonSchema as _, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::identity::{default_name, own_id, shown_tags, touches_tags};
use super::policy_document::{check_size, decoded, same, size};
use super::retry::{IAM_DELAY, READ_DELAY, is_iam_delay, retry};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, call, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::stack::types::{PolicyName, RoleName};
pub(super) use calls::tags;
pub(super) use derived::derived_arn;
pub use derived::{derived, derived_name};
use keys::Keys;
use managed::policy_arn;
use trust::trust_policy;

/// How large a role's inline policies may be together.
const MOST_INLINE: usize = 10_240;
/// How many managed policies a role may have, in an account that asked for the most.
const MOST_MANAGED: usize = 25;
/// How many roles' tags are read at a time.
pub(super) const TAGS_AT_A_TIME: usize = 8;

pub(super) struct Roles;

#[derive(Debug)]
struct Role {
    identity: Identity,
    path: String,
    description: Option<String>,
    trust: Value,
    inline: BTreeMap<String, Value>,
    managed: BTreeSet<String>,
    /// Whether a boundary that is not wanted goes.
    manages_boundary: bool,
    boundary: Option<String>,
    max_session_duration: Option<i32>,
}

/// The path of what a stack has in IAM.
pub(super) fn own_path(scope: &Scope) -> String {
    format!("/athglue/{}/", scope.stack)
}

/// Whether something in IAM may be of the stack, so that its tags are worth a call.
pub(super) fn may_be_ours(scope: &Scope, path: &str, name: &str) -> bool {
    let is_named = name
        .strip_prefix(scope.stack.as_str())
        .is_some_and(|rest| rest.starts_with('-'));
    path.starts_with(&own_path(scope)) || is_named
}

fn arn(scope: &Scope, path: &str, name: &str) -> String {
    let (partition, account) = (scope.partition(), &scope.account_id);
    format!("arn:{partition}:iam::{account}:role{path}{name}")
}

impl Kind for Roles {
    fn name(&self) -> &'static str {
        "roles"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the role's name",
            },
            Attribute {
                name: "arn",
                doc: "its ARN, with its path",
            },
        ]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = super::keys(config)?;
        let mut problems = Vec::new();
        let trust = trust_policy(keys.trust, keys.trust_policy, scope, &mut problems);
        let mut inline = BTreeMap::new();
        for (name, policy) in keys.inline {
            let key = format!("inline.{name}");
            if let Err(wrong) = PolicyName::try_from(name.clone()) {
                problems.push(Problem::new(&key, "no name for a policy", wrong));
            }
            let policy = policy.read(&key, iam_policy::Kind::Identity, scope, &mut problems);
            inline.insert(name, policy);
        }
        let together = inline.values().map(size).sum();
        let what = "what the inline policies say together";
        check_size("inline", what, together, MOST_INLINE, &mut problems);
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        if let Err(wrong) = RoleName::try_from(name.clone()) {
            let problem = Problem::new("", "the default name does not do", wrong);
            problems.push(problem.with_help("choose one: name = \"…\""));
        }
        let managed: BTreeSet<String> = keys
            .managed
            .iter()
            .map(|reference| policy_arn(reference.as_str(), scope))
            .collect();
        if managed.len() > MOST_MANAGED {
            let label = format!("{}, and IAM takes {MOST_MANAGED}", managed.len());
            problems.push(Problem::new("managed", "too many managed policies", label));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Arc::new(Role {
            identity: Identity::new(address, name, keys.tags, scope),
            path: keys.path.map_or_else(|| own_path(scope), String::from),
            description: keys.description.map(String::from),
            trust,
            inline,
            managed,
            manages_boundary: true,
            boundary: keys
                .permissions_boundary
                .map(|reference| policy_arn(reference.as_str(), scope)),
            max_session_duration: keys.max_session_duration,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut candidates = Vec::new();
            let mut pages = cloud
                .iam
                .list_roles()
                .max_items(1000)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("ListRoles", error))?;
                let ours = |role: &IamRole| may_be_ours(scope, &role.path, &role.role_name);
                candidates.extend(page.roles.into_iter().filter(ours));
            }
            let found: Vec<Option<Arc<dyn Resource>>> =
                futures::stream::iter(candidates.into_iter().map(|live| async move {
                    let tags = calls::tags(cloud, &live.role_name).await?;
                    Ok::<_, CallError>(own_id(&tags, scope).map(|id| -> Arc<dyn Resource> {
                        Arc::new(Role {
                            identity: Identity::found(self.name(), id, &live.role_name, scope),
                            path: live.path,
                            description: None,
                            trust: Value::Null,
                            inline: BTreeMap::new(),
                            managed: BTreeSet::new(),
                            manages_boundary: false,
                            boundary: None,
                            max_session_duration: None,
                        })
                    }))
                }))
                .buffered(TAGS_AT_A_TIME)
                .try_collect()
                .await?;
            Ok(found.into_iter().flatten().collect())
        })
    }
}

impl Resource for Role {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Roles.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        (attribute == "arn").then(|| arn(&self.identity.scope, &self.path, self.name()))
    }

    fn desired(&self) -> Fields {
        let mut fields = Fields::from([
            ("path".to_owned(), json!(self.path)),
            ("trust_policy".to_owned(), self.trust.clone()),
            ("inline".to_owned(), json!(self.inline)),
            ("managed".to_owned(), json!(self.managed)),
            ("tags".to_owned(), self.identity.desired_tags()),
        ]);
        if let Some(description) = &self.description {
            fields.insert("description".to_owned(), json!(description));
        }
        if self.manages_boundary {
            fields.insert("permissions_boundary".to_owned(), json!(self.boundary));
        }
        if let Some(seconds) = self.max_session_duration {
            fields.insert("max_session_duration".to_owned(), json!(seconds));
        }
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        match field {
            "trust_policy" => same(desired, live),
            "inline" => match (desired.as_object(), live.as_object()) {
                (Some(desired), Some(live)) => {
                    desired.len() == live.len()
                        && desired.iter().all(|(name, policy)| {
                            live.get(name).is_some_and(|live| same(policy, live))
                        })
                }
                _ => false,
            },
            _ => desired == live,
        }
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let role = async {
                let answer = call!("GetRole", cloud.iam.get_role().role_name(self.name()));
                Ok(unless_gone(answer, &["NoSuchEntity"])?.and_then(|found| found.role))
            };
            let (role, inline, attached) = futures::try_join!(
                role,
                async { unless_gone(self.live_inline(cloud).await, &["NoSuchEntity"]) },
                async { unless_gone(self.attached(cloud).await, &["NoSuchEntity"]) },
            )?;
            let Some(role) = role else {
                return Ok(None);
            };
            let tags: BTreeMap<String, String> = role
                .tags
                .unwrap_or_default()
                .into_iter()
                .map(|tag| (tag.key, tag.value))
                .collect();
            let boundary = role
                .permissions_boundary
                .and_then(|boundary| boundary.permissions_boundary_arn);
            let trust = role.assume_role_policy_document.as_deref().map(decoded);
            Ok(Some(Live {
                fields: Fields::from([
                    ("path".to_owned(), json!(role.path)),
                    ("description".to_owned(), json!(role.description)),
                    ("trust_policy".to_owned(), json!(trust)),
                    (
                        "inline".to_owned(),
                        Value::Object(inline.unwrap_or_default()),
                    ),
                    ("managed".to_owned(), json!(attached.unwrap_or_default())),
                    ("permissions_boundary".to_owned(), json!(boundary)),
                    (
                        "max_session_duration".to_owned(),
                        json!(role.max_session_duration),
                    ),
                    ("tags".to_owned(), shown_tags(&tags)),
                ]),
                ownership: match Mark::find(&tags) {
                    // The tags of a role just made may come later than its path.
                    Ownership::Unmarked if role.path == own_path(&self.identity.scope) => {
                        Ownership::Inherent
                    }
                    marked => marked,
                },
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            self.create_role(work).await?;
            let what = "IAM does not see the new role yet";
            let is_delay = |error: &CallError| is_iam_delay(error) || error.is("NoSuchEntity");
            for (name, policy) in &self.inline {
                let put = || self.put_inline(work, name, policy);
                retry(work, what, READ_DELAY, is_delay, put).await?;
            }
            for arn in &self.managed {
                self.attach(work, arn).await?;
            }
            Ok(())
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let iam = &work.cloud.iam;
            if changed.contains("trust_policy") {
                let what = "IAM does not know the trusted principal yet";
                retry(work, what, IAM_DELAY, is_iam_delay, || async {
                    let request = iam
                        .update_assume_role_policy()
                        .role_name(self.name())
                        .policy_document(self.trust.to_string());
                    call!("UpdateAssumeRolePolicy", request)
                })
                .await?;
            }
            if changed.contains("description") || changed.contains("max_session_duration") {
                let live = |field: &str| live.fields.get(field).cloned().unwrap_or_default();
                let description = match &self.description {
                    Some(description) => Some(description.clone()),
                    None => live("description").as_str().map(str::to_owned),
                };
                let seconds = self
                    .max_session_duration
                    .or_else(|| i32::try_from(live("max_session_duration").as_i64()?).ok());
                let request = iam
                    .update_role()
                    .role_name(self.name())
                    .set_description(description)
                    .set_max_session_duration(seconds);
                call!("UpdateRole", request)?;
            }
            // A boundary comes before what it bounds, and goes after it.
            if self.boundary.is_some() && changed.contains("permissions_boundary") {
                self.put_boundary(work).await?;
            }
            if changed.contains("inline") {
                let there = live.fields.get("inline").and_then(Value::as_object);
                self.put_all_inline(work, there).await?;
            }
            if changed.contains("managed") {
                self.attach_all(work).await?;
            }
            if self.boundary.is_none() && changed.contains("permissions_boundary") {
                self.put_boundary(work).await?;
            }
            if touches_tags(changed) {
                self.put_tags(work.cloud).await?;
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            const PASSES: [&str; 3] = [
                "DeleteConflict",
                "EntityTemporarilyUnmodifiable",
                "ConcurrentModification",
            ];
            let what = "IAM still sees something in the role";
            let passes = |error: &CallError| error.is_any(&PASSES);
            retry(work, what, READ_DELAY, passes, || self.dismantle(work)).await
        })
    }
}
