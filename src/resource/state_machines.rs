//! Step Functions' state machines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use asl::MachineType;
use aws_sdk_sfn::types::{StateMachineType, Tag};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::definition::{check, read_text, substitute};
use super::identity::{default_name, own_id, shown_tags, touches_tags};
use super::retry::{IAM_DELAY, is_iam_delay, poll, retry};
use super::roles::derived_arn;
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::{Fact, Need};
use crate::stack::types::{RoleReference, StateMachineName};

/// A state machine of Step Functions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The state machine's name. Default: `STACK-ID`.
    name: Option<StateMachineName>,
    /// Tags beside the stack's.
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// The file with its definition in the Amazon States Language, relative to `stack.toml`.
    definition: String,
    /// What stands for `${Name}` in the definition.
    #[serde(default)]
    substitutions: BTreeMap<String, String>,
    /// The role it works under, by name or ARN. Without it, one is made that may do exactly what
    /// the definition calls.
    role: Option<RoleReference>,
    /// AWS's default: `STANDARD`.
    r#type: Option<Type>,
}

/// How executions are kept and billed.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Type {
    Standard,
    Express,
}

pub(super) struct StateMachines;

#[derive(Debug)]
struct StateMachine {
    identity: Identity,
    /// None if only the live state machine is known.
    wanted: Option<Wanted>,
}

#[derive(Debug)]
struct Wanted {
    role: Option<RoleReference>,
    machine_type: Option<Type>,
    /// As it is sent: the file's text with its substitutions.
    text: String,
    definition: Value,
}

impl Kind for StateMachines {
    fn name(&self) -> &'static str {
        "state_machines"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the state machine's name",
            },
            Attribute {
                name: "arn",
                doc: "its ARN",
            },
            Attribute {
                name: "role",
                doc: "the ARN of the role it works under",
            },
        ]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let text = read_text(scope, "definition", &keys.definition).map_err(|p| vec![p])?;
        let (text, definition) = substitute(&keys.definition, &text, &keys.substitutions)?;
        let machine_type = match keys.r#type {
            Some(Type::Express) => MachineType::Express,
            Some(Type::Standard) | None => MachineType::Standard,
        };
        check(&keys.definition, &text, machine_type)?;
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        Ok(Arc::new(StateMachine {
            identity: Identity::new(address, name, keys.tags, scope),
            wanted: Some(Wanted {
                role: keys.role,
                machine_type: keys.r#type,
                text,
                definition,
            }),
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            let mut pages = cloud.sfn.list_state_machines().into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("ListStateMachines", error))?;
                for machine in page.state_machines {
                    let tags = tags(cloud, &machine.state_machine_arn).await?;
                    if let Some(id) = own_id(&tags, scope) {
                        owned.push(Arc::new(StateMachine {
                            identity: Identity::found(self.name(), id, &machine.name, scope),
                            wanted: None,
                        }));
                    }
                }
            }
            Ok(owned)
        })
    }
}

async fn tags(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
    let request = cloud.sfn.list_tags_for_resource().resource_arn(arn);
    let gone = ["ResourceNotFound", "StateMachineDoesNotExist"];
    let found = unless_gone(call!("ListTagsForResource", request), &gone)?;
    Ok(found
        .and_then(|found| found.tags)
        .unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect())
}

impl StateMachine {
    fn arn(&self) -> String {
        let path = format!("stateMachine:{}", self.identity.name);
        self.identity.scope.arn("states", &path)
    }

    fn role_arn(&self, wanted: &Wanted) -> String {
        let scope = &self.identity.scope;
        match wanted.role.as_ref().map(RoleReference::as_str) {
            Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
            Some(name) => {
                let (partition, account) = (scope.partition(), &scope.account_id);
                format!("arn:{partition}:iam::{account}:role/{name}")
            }
            None => derived_arn(&self.identity.address, scope),
        }
    }

    fn sfn_tags(&self) -> Vec<Tag> {
        self.identity
            .marked_tags()
            .into_iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect()
    }
}

impl Resource for StateMachine {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        StateMachines.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match (attribute, &self.wanted) {
            ("arn", _) => Some(self.arn()),
            ("role", Some(wanted)) => Some(self.role_arn(wanted)),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let Some(wanted) = &self.wanted else {
            return Fields::new();
        };
        let mut fields = Fields::from([
            ("tags".to_owned(), self.identity.desired_tags()),
            ("role".to_owned(), json!(self.role_arn(wanted))),
            ("definition".to_owned(), wanted.definition.clone()),
        ]);
        if let Some(machine_type) = wanted.machine_type {
            fields.insert("type".to_owned(), json!(machine_type));
        }
        fields
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["type"]
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::StateMachine {
            name: self.identity.name.clone(),
            arn: self.arn(),
        }]
    }

    fn needs_role(&self) -> Option<Need> {
        self.wanted
            .as_ref()
            .filter(|wanted| wanted.role.is_none())?;
        self.need()
    }

    fn need(&self) -> Option<Need> {
        let wanted = self.wanted.as_ref()?;
        Some(Need::StateMachine {
            name: self.identity.name.clone(),
            definition: wanted.definition.clone(),
            logs: false,
            traces: false,
            extra_statements: Vec::new(),
        })
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let request = cloud
                .sfn
                .describe_state_machine()
                .state_machine_arn(self.arn());
            let answer = call!("DescribeStateMachine", request);
            let Some(live) = unless_gone(answer, &["StateMachineDoesNotExist"])? else {
                return Ok(None);
            };
            // Its name is free as soon as its executions have ended.
            if live
                .status()
                .is_some_and(|status| status.as_str() == "DELETING")
            {
                return Ok(None);
            }
            let tags = tags(cloud, &self.arn()).await?;
            let definition: Value =
                serde_json::from_str(&live.definition).unwrap_or_else(|_| json!(live.definition));
            Ok(Some(Live {
                fields: Fields::from([
                    ("tags".to_owned(), shown_tags(&tags)),
                    ("role".to_owned(), json!(live.role_arn)),
                    ("definition".to_owned(), definition),
                    ("type".to_owned(), json!(live.r#type.as_str())),
                ]),
                ownership: Mark::find(&tags),
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(wanted) = &self.wanted else {
                return Ok(());
            };
            let machine_type = match wanted.machine_type {
                Some(Type::Express) => StateMachineType::Express,
                Some(Type::Standard) | None => StateMachineType::Standard,
            };
            retry(
                work,
                "Step Functions cannot take the role yet",
                IAM_DELAY,
                |error| is_iam_delay(error) || error.is("StateMachineDeleting"),
                || async {
                    let request = work
                        .cloud
                        .sfn
                        .create_state_machine()
                        .name(&self.identity.name)
                        .definition(&wanted.text)
                        .role_arn(self.role_arn(wanted))
                        .r#type(machine_type.clone())
                        .set_tags(Some(self.sfn_tags()));
                    call!("CreateStateMachine", request)
                },
            )
            .await
            .map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(wanted) = &self.wanted else {
                return Ok(());
            };
            let sfn = &work.cloud.sfn;
            if touches_tags(changed) {
                let live = tags(work.cloud, &self.arn()).await?;
                let dropped = self.identity.dropped_tags(&live);
                if !dropped.is_empty() {
                    let request = sfn
                        .untag_resource()
                        .resource_arn(self.arn())
                        .set_tag_keys(Some(dropped));
                    call!("UntagResource", request)?;
                }
                let request = sfn
                    .tag_resource()
                    .resource_arn(self.arn())
                    .set_tags(Some(self.sfn_tags()));
                call!("TagResource", request)?;
            }
            let (definition, role) = (changed.contains("definition"), changed.contains("role"));
            if !definition && !role {
                return Ok(());
            }
            retry(
                work,
                "Step Functions cannot take the role yet",
                IAM_DELAY,
                is_iam_delay,
                || async {
                    let request = sfn
                        .update_state_machine()
                        .state_machine_arn(self.arn())
                        .set_definition(definition.then(|| wanted.text.clone()))
                        .set_role_arn(role.then(|| self.role_arn(wanted)));
                    call!("UpdateStateMachine", request)
                },
            )
            .await
            .map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let sfn = &work.cloud.sfn;
            let gone = ["StateMachineDoesNotExist"];
            let request = sfn.delete_state_machine().state_machine_arn(self.arn());
            unless_gone(call!("DeleteStateMachine", request), &gone)?;
            poll(
                work,
                "DescribeStateMachine",
                "executions are ending",
                Duration::from_mins(5),
                || async {
                    let request = sfn.describe_state_machine().state_machine_arn(self.arn());
                    let live = unless_gone(call!("DescribeStateMachine", request), &gone)?;
                    Ok(live.is_none().then_some(()))
                },
            )
            .await
        })
    }
}
