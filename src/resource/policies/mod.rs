//! Customer managed policies of IAM.

mod calls;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_iam::types::{Policy as IamPolicy, PolicyScopeType};
use futures::{StreamExt, TryStreamExt};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::identity::{default_name, own_id, shown_tags, touches_tags};
use super::policy_document::{Written, check_size, same, size};
use super::retry::{IAM_DELAY, READ_DELAY, is_iam_delay, poll, retry};
use super::roles::{TAGS_AT_A_TIME, may_be_ours, own_path};
use super::{
    Address, Attribute, Call, CallError, Fields, Held, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, call, keys,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Fact;
use crate::stack::types::{PolicyName, PolicyPath};

/// How large a managed policy may be.
const MOST: usize = 6144;

/// A managed policy of IAM, which roles of the stack take with
/// `managed = ["${policies.ID.arn}"]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The policy's name. Default: `STACK-ID`.
    #[schemars(extend("x-aws" = "CreatePolicy.PolicyName"))]
    name: Option<PolicyName>,
    /// Its path. Default: `/athglue/STACK/`, by which the stack finds its policies; with another
    /// one it is found again as long as its name starts with `STACK-`. Another path makes it anew.
    #[schemars(extend("x-aws" = "CreatePolicy.Path"))]
    path: Option<PolicyPath>,
    /// What it is for. IAM cannot change it: another one makes the policy anew.
    #[schemars(length(max = 1000), extend("x-aws" = "CreatePolicy.Description"))]
    description: Option<String>,
    /// The policy, written out or as a file of JSON. A change makes a version of it; of the five
    /// that IAM keeps, the oldest goes.
    #[schemars(extend("x-aws" = "CreatePolicy.PolicyDocument"))]
    document: Written,
    /// Tags beside the stack's.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreatePolicy.Tags"))]
    tags: BTreeMap<String, String>,
}

pub(super) struct Policies;

#[derive(Debug)]
struct Policy {
    identity: Identity,
    path: String,
    description: Option<String>,
    document: Value,
    /// Roles that lost it while it is made anew, and get it back.
    detached: Mutex<BTreeSet<String>>,
}

impl Kind for Policies {
    fn name(&self) -> &'static str {
        "policies"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the policy's name",
            },
            Attribute {
                name: "arn",
                doc: "its ARN, with its path",
            },
        ]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["path", "description"]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let mut problems = Vec::new();
        let kind = iam_policy::Kind::Identity;
        let document = keys.document.read("document", kind, scope, &mut problems);
        check_size(
            "document",
            "the policy",
            size(&document),
            MOST,
            &mut problems,
        );
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Arc::new(Policy {
            identity: Identity::new(address, name, keys.tags, scope),
            path: keys.path.map_or_else(|| own_path(scope), String::from),
            description: keys.description,
            document,
            detached: Mutex::default(),
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut candidates = calls::list(cloud).await?;
            candidates.retain(|policy| {
                let path = policy.path().unwrap_or_default();
                may_be_ours(scope, path, policy.policy_name().unwrap_or_default())
            });
            let found: Vec<Option<Arc<dyn Resource>>> =
                futures::stream::iter(candidates.into_iter().map(|live| async move {
                    let tags = calls::tags(cloud, live.arn().unwrap_or_default()).await?;
                    let name = live.policy_name().unwrap_or_default();
                    Ok::<_, CallError>(own_id(&tags, scope).map(|id| -> Arc<dyn Resource> {
                        Arc::new(Policy {
                            identity: Identity::found(self.name(), id, name, scope),
                            path: live.path().unwrap_or("/").to_owned(),
                            description: None,
                            document: Value::Null,
                            detached: Mutex::default(),
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

impl Policy {
    /// Whether what is there carries the stack's mark.
    async fn is_ours(&self, cloud: &Cloud) -> Result<bool, CallError> {
        let tags = calls::tags(cloud, &self.arn()).await?;
        Ok(own_id(&tags, &self.identity.scope).is_some())
    }

    fn arn(&self) -> String {
        let scope = &self.identity.scope;
        let (partition, account) = (scope.partition(), &scope.account_id);
        let (path, name) = (&self.path, &self.identity.name);
        format!("arn:{partition}:iam::{account}:policy{path}{name}")
    }
}

impl Resource for Policy {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Policies.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        (attribute == "arn").then(|| self.arn())
    }

    fn desired(&self) -> Fields {
        let mut fields = Fields::from([
            ("path".to_owned(), json!(self.path)),
            ("document".to_owned(), self.document.clone()),
            ("tags".to_owned(), self.identity.desired_tags()),
        ]);
        if let Some(description) = &self.description {
            fields.insert("description".to_owned(), json!(description));
        }
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        match field {
            "document" => same(desired, live),
            _ => desired == live,
        }
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.find(cloud).await? else {
                return Ok(None);
            };
            let arn = live.arn().unwrap_or_default();
            let version = live.default_version_id().unwrap_or_default();
            let (tags, document) =
                futures::try_join!(calls::tags(cloud, arn), calls::version(cloud, arn, version))?;
            Ok(Some(Live {
                fields: Fields::from([
                    ("path".to_owned(), json!(live.path)),
                    ("description".to_owned(), json!(live.description)),
                    ("document".to_owned(), document.unwrap_or_default()),
                    ("tags".to_owned(), shown_tags(&tags)),
                ]),
                ownership: match Mark::find(&tags) {
                    // The tags of a policy just made may come later than its path.
                    Ownership::Unmarked
                        if live.path.as_deref() == Some(&own_path(&self.identity.scope)) =>
                    {
                        Ownership::Inherent
                    }
                    marked => marked,
                },
            }))
        })
    }

    fn holds<'a>(&'a self, cloud: &'a Cloud, _leaving: &'a [Fact]) -> Call<'a, Option<Held>> {
        Box::pin(async move {
            let Some(live) = self.find(cloud).await? else {
                return Ok(None);
            };
            let users = self.users(cloud, live.arn().unwrap_or_default()).await?;
            let held = users.strangers.first().map(|stranger| {
                Held::Data(format!("{stranger} has it, which is not of this stack"))
            });
            Ok(held)
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let tags = self.iam_tags()?;
            let what = "IAM is busy with the policy";
            let made = retry(work, what, IAM_DELAY, is_iam_delay, || async {
                let request = work
                    .cloud
                    .iam
                    .create_policy()
                    .policy_name(self.name())
                    .path(&self.path)
                    .set_description(self.description.clone())
                    .policy_document(self.document.to_string())
                    .set_tags(Some(tags.clone()));
                call!("CreatePolicy", request)
            })
            .await;
            let refused = match made {
                Err(error) if error.is("EntityAlreadyExists") => Some(error),
                made => {
                    made?;
                    None
                }
            };
            // Those that it is attached to next look for it at once.
            let look = || self.get(work.cloud);
            let seen = poll(work, "GetPolicy", "IAM to see the policy", READ_DELAY, look).await;
            if let Some(refused) = &refused
                && (seen.is_err() || !self.is_ours(work.cloud).await?)
            {
                return Err(refused.clone());
            }
            seen?;
            let detached = {
                let mut detached = self.detached.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *detached)
            };
            for role in &detached {
                self.attach(work, role).await?;
            }
            // What is there already is made as it is wanted by who asked for it.
            refused.map_or(Ok(()), Err)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            if changed.contains("document") {
                self.put_version(work).await?;
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
            let Some(live) = self.find(work.cloud).await? else {
                return Ok(());
            };
            let arn = live.arn().unwrap_or_default();
            let what = "IAM still sees who has the policy";
            let passes = |error: &CallError| error.is_any(&PASSES);
            retry(work, what, READ_DELAY, passes, || self.dismantle(work, arn)).await
        })
    }
}

/// Whether a policy has this name, which counts without regard to case.
fn is_named(policy: &IamPolicy, name: &str) -> bool {
    let found = policy.policy_name().unwrap_or_default();
    found.eq_ignore_ascii_case(name)
}

/// Only the account's own policies, not AWS's.
fn own() -> PolicyScopeType {
    PolicyScopeType::Local
}
