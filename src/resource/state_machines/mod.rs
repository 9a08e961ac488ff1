//! Step Functions' state machines.

mod keys;
mod log_group;
mod requests;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use asl::MachineType;
use futures::{StreamExt as _, TryStreamExt as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use self::keys::{Encryption, Keys, Level, Type};
use self::log_group::Place;
use super::definition::{Definition, same_document};
use super::identity::{default_name, own_id, shown_tags, touches_tags};
use super::policy_document::check_extra_statements;
use super::retry::{IAM_DELAY, is_iam_delay, poll, retry};
use super::roles::{TAGS_AT_A_TIME, derived_arn};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, call, keys, role_reference, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::{Fact, Need};
use crate::stack::types::{RoleReference, StateMachineName};

/// What follows the fields of `logging_configuration`.
const LEVEL: &str = "logging_configuration.level";
const EXECUTION_DATA: &str = "logging_configuration.include_execution_data";
const LOG_GROUP: &str = "logging_configuration.log_group";
const RETENTION: &str = "logging_configuration.retention_in_days";

/// How long running executions may hold up a deletion.
const EXECUTIONS_LIMIT: Duration = Duration::from_mins(5);

const GONE: [&str; 1] = ["StateMachineDoesNotExist"];

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
    extra_statements: Vec<Value>,
    machine_type: Option<Type>,
    definition: Definition,
    logging: Option<Logging>,
    tracing: Option<bool>,
    encryption: Option<Encryption>,
    publish: bool,
    version_description: Option<String>,
}

#[derive(Debug)]
struct Logging {
    level: Level,
    include_execution_data: Option<bool>,
    /// None where nothing is logged.
    group: Option<Place>,
    retention_in_days: Option<i32>,
}

impl Logging {
    fn of(keys: &Keys, name: &str, scope: &Scope) -> Result<Option<Self>, Problem> {
        let Some(given) = keys
            .logging_configuration
            .as_ref()
            .map(keys::Logging::table)
        else {
            return Ok(None);
        };
        let group = match (&given.log_group, given.level) {
            (Some(group), _) => Some(Place::of(scope, group)),
            (None, Level::Off) => None,
            (None, _) => Some(Place {
                shown: format!("/aws/vendedlogs/states/{name}"),
                is_own: true,
            }),
        };
        if let Some(days) = given.retention_in_days {
            const ALLOWED: [i32; 22] = [
                1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192,
                2557, 2922, 3288, 3653,
            ];
            if !ALLOWED.contains(&days) {
                let allowed: Vec<String> = ALLOWED.iter().map(ToString::to_string).collect();
                return Err(Problem::new(
                    RETENTION,
                    format!("a log group cannot keep events for {days} days"),
                    format!("one of {}", allowed.join(", ")),
                ));
            }
            if group.as_ref().is_none_or(|group| !group.is_own) {
                return Err(Problem::new(
                    RETENTION,
                    "only a log group that the state machine makes gets a retention from it",
                    "there is none",
                )
                .with_help("name the log group by its name instead of its ARN"));
            }
        }
        Ok(Some(Self {
            level: given.level,
            include_execution_data: given.include_execution_data,
            group,
            retention_in_days: given.retention_in_days,
        }))
    }
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
                doc: "the role it works under, by name or ARN",
            },
            Attribute {
                name: "log_group",
                doc: "the name of the log group it writes to",
            },
        ]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["type"]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        let mut problems = Vec::new();
        if let Err(message) = StateMachineName::try_from(name.clone()) {
            problems.push(Problem::new(
                "",
                message,
                format!("would be named `{name}`"),
            ));
        }
        let machine_type = match keys.r#type {
            Some(Type::Express) => MachineType::Express,
            Some(Type::Standard) | None => MachineType::Standard,
        };
        let definition = Definition::load(
            scope,
            &keys.definition.value(),
            &keys.substitutions,
            machine_type,
        );
        let definition = definition.map_err(|found| problems.extend(found)).ok();
        let logging = Logging::of(&keys, &name, scope);
        let logging = logging.map_err(|problem| problems.push(problem)).ok();
        if let Some(encryption) = &keys.encryption_configuration {
            problems.extend(requests::check_encryption(encryption));
        }
        if keys.version_description.is_some() && keys.publish != Some(true) {
            problems.push(Problem::new(
                "version_description",
                "a version is described, and none is published",
                "needs publish = true",
            ));
        }
        let has_role = keys.role.is_some();
        check_extra_statements(&keys.extra_statements, has_role, &mut problems);
        let (Some(definition), Some(logging), true) = (definition, logging, problems.is_empty())
        else {
            return Err(problems);
        };
        Ok(Arc::new(StateMachine {
            identity: Identity::new(address, name, keys.tags, scope),
            wanted: Some(Wanted {
                role: keys.role,
                extra_statements: keys.extra_statements.into_iter().map(Value::from).collect(),
                machine_type: keys.r#type,
                definition,
                logging,
                tracing: keys.tracing_configuration.map(|tracing| tracing.enabled()),
                encryption: keys.encryption_configuration,
                publish: keys.publish == Some(true),
                version_description: keys.version_description,
            }),
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut machines = Vec::new();
            let mut pages = cloud.sfn.list_state_machines().into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("ListStateMachines", error))?;
                machines.extend(page.state_machines);
            }
            let found: Vec<Option<Arc<dyn Resource>>> =
                futures::stream::iter(machines.into_iter().map(|machine| async move {
                    let tags = requests::tags(cloud, &machine.state_machine_arn).await?;
                    Ok::<_, CallError>(own_id(&tags, scope).map(|id| -> Arc<dyn Resource> {
                        Arc::new(StateMachine {
                            identity: Identity::found(self.name(), id, &machine.name, scope),
                            wanted: None,
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

impl StateMachine {
    fn arn(&self) -> String {
        let path = format!("stateMachine:{}", self.identity.name);
        self.identity.scope.arn("states", &path)
    }

    /// The role as it is wanted: by name or ARN, or the derived one's ARN.
    fn role(&self, wanted: &Wanted) -> String {
        match &wanted.role {
            Some(role) => role.to_string(),
            None => derived_arn(&self.identity.address, &self.identity.scope),
        }
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
            ("role", Some(wanted)) => Some(self.role(wanted)),
            ("log_group", Some(wanted)) => {
                let group = wanted.logging.as_ref()?.group.as_ref()?;
                Some(group.shown.clone())
            }
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let Some(wanted) = &self.wanted else {
            return Fields::new();
        };
        let mut fields = Fields::from([
            ("tags".to_owned(), self.identity.desired_tags()),
            ("role".to_owned(), json!(self.role(wanted))),
            ("definition".to_owned(), wanted.definition.value.clone()),
        ]);
        let mut set = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(field.to_owned(), value);
            }
        };
        set("type", wanted.machine_type.map(|t| json!(t)));
        set("tracing_configuration", wanted.tracing.map(Value::from));
        set(
            "encryption_configuration",
            wanted.encryption.as_ref().map(requests::shown_encryption),
        );
        set("publish", wanted.publish.then(|| json!(true)));
        if let Some(logging) = &wanted.logging {
            set(LEVEL, Some(json!(logging.level)));
            set(
                EXECUTION_DATA,
                logging.include_execution_data.map(Value::from),
            );
            set(LOG_GROUP, logging.group.as_ref().map(|g| json!(g.shown)));
            set(RETENTION, logging.retention_in_days.map(Value::from));
        }
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        match field {
            "definition" => same_document(desired, live),
            "role" => role_reference::is_same(desired, live),
            _ => desired == live,
        }
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
        let logging = wanted.logging.as_ref();
        Some(Need::StateMachine {
            name: self.identity.name.clone(),
            definition: wanted.definition.value.clone(),
            logs: logging.is_some_and(|logging| logging.level != Level::Off),
            traces: wanted.tracing == Some(true),
            extra_statements: wanted.extra_statements.clone(),
        })
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.describe(cloud).await? else {
                return Ok(None);
            };
            // Its name is free as soon as its executions have ended.
            if live.status().is_some_and(|s| s.as_str() == "DELETING") {
                return Ok(None);
            }
            let arn = self.arn();
            let (tags, group, is_published) = futures::try_join!(
                requests::tags(cloud, &arn),
                self.read_log_group(cloud, &live),
                self.is_published(cloud, &live),
            )?;
            let definition: Value =
                serde_json::from_str(&live.definition).unwrap_or_else(|_| json!(live.definition));
            let logging = live.logging_configuration();
            let tracing = live.tracing_configuration().map(|tracing| tracing.enabled);
            Ok(Some(Live {
                fields: Fields::from([
                    ("tags".to_owned(), shown_tags(&tags)),
                    ("role".to_owned(), json!(live.role_arn)),
                    ("definition".to_owned(), definition),
                    ("type".to_owned(), json!(live.r#type.as_str())),
                    (
                        "tracing_configuration".to_owned(),
                        json!(tracing.unwrap_or(false)),
                    ),
                    (
                        "encryption_configuration".to_owned(),
                        requests::live_encryption(&live),
                    ),
                    ("publish".to_owned(), json!(is_published)),
                    (
                        LEVEL.to_owned(),
                        json!(
                            logging
                                .and_then(|l| l.level())
                                .map_or("OFF", |l| l.as_str())
                        ),
                    ),
                    (
                        EXECUTION_DATA.to_owned(),
                        json!(logging.is_some_and(|l| l.include_execution_data)),
                    ),
                    (LOG_GROUP.to_owned(), json!(group.shown)),
                    (RETENTION.to_owned(), json!(group.retention_in_days)),
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
            // A log group is made after the state machine: so a run that dies between leaves
            // nothing that the next run does not find.
            let logs_later = self.own_group().is_some();
            let publish = wanted.publish && !logs_later;
            let role = self.role_arn(work, wanted).await?;
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
                        .definition(&wanted.definition.text)
                        .role_arn(&role)
                        .r#type(requests::machine_type(wanted.machine_type))
                        .set_logging_configuration(
                            (!logs_later).then(|| self.logging(wanted, None)).flatten(),
                        )
                        .set_tracing_configuration(wanted.tracing.map(requests::tracing))
                        .set_encryption_configuration(self.encryption(wanted)?)
                        .publish(publish)
                        .set_version_description(
                            wanted.version_description.clone().filter(|_| publish),
                        )
                        .set_tags(Some(self.sfn_tags()));
                    call!("CreateStateMachine", request)
                },
            )
            .await?;
            if logs_later {
                let fields = [LEVEL, EXECUTION_DATA, LOG_GROUP, RETENTION];
                let changed = fields.into_iter().map(str::to_owned).collect();
                self.change(work, wanted, &changed).await?;
            }
            Ok(())
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
            if touches_tags(changed) {
                self.put_tags(work.cloud).await?;
            }
            self.change(work, wanted, changed).await
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let sfn = &work.cloud.sfn;
            // The log group goes first: what is left when a run dies is still found by the state
            // machine.
            if let Some(live) = self.describe(work.cloud).await? {
                let live_group = requests::destination(&live)
                    .map(|arn| log_group::shown(&self.identity.scope, arn));
                let own = self.own_group().map(str::to_owned);
                let groups: BTreeSet<String> = live_group.into_iter().chain(own).collect();
                for group in groups {
                    log_group::remove(work.cloud, &self.identity, &group).await?;
                }
            }
            let request = sfn.delete_state_machine().state_machine_arn(self.arn());
            unless_gone(call!("DeleteStateMachine", request), &GONE)?;
            poll(
                work,
                "DescribeStateMachine",
                "executions are ending",
                EXECUTIONS_LIMIT,
                || async { Ok(self.describe(work.cloud).await?.is_none().then_some(())) },
            )
            .await
        })
    }
}
