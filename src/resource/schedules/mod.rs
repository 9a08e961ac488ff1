//! EventBridge Scheduler's schedules, and the group that holds those of a stack.

mod group;
mod keys;
mod parameters;
mod requests;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use chrono::{DateTime, SecondsFormat, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use self::keys::{Input, Keys, Target};
use super::definition::same_document;
use super::identity::{default_name, shown_tags, touches_tags};
use super::policy_document::check_extra_statements;
use super::roles::derived_arn;
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, call, keys, role_reference, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Need;
use crate::resource::Ownership;

pub(super) struct Schedules;

/// One schedule in its group.
#[derive(Debug)]
struct Schedule {
    identity: Identity,
    group: String,
    /// None if only the live schedule is known.
    wanted: Option<Wanted>,
}

#[derive(Debug)]
struct Wanted {
    keys: Keys,
    target: Target,
    /// As it is sent.
    input: Option<String>,
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    window_minutes: Option<i32>,
}

/// A group of this stack that a run which died left empty.
#[derive(Debug)]
struct EmptyGroup {
    identity: Identity,
}

impl Kind for Schedules {
    fn name(&self) -> &'static str {
        "schedules"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the schedule's name",
            },
            Attribute {
                name: "arn",
                doc: "its ARN",
            },
            Attribute {
                name: "group",
                doc: "the name of its schedule group",
            },
            Attribute {
                name: "role",
                doc: "the role under which it calls its target, by name or ARN",
            },
        ]
    }

    fn identified_by(&self) -> &'static [&'static str] {
        &["group", "name"]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let name = match &keys.name {
            Some(name) => name.clone(),
            None => default_name(scope, &address),
        };
        let wanted = Wanted::of(keys, &name, scope)?;
        let group = wanted.keys.group.clone();
        let group = group.unwrap_or_else(|| scope.stack.clone());
        Ok(Arc::new(Schedule::new(
            Identity::new(address, name, BTreeMap::new(), scope),
            group,
            Some(wanted),
        )))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            for group in group::owned(cloud, scope).await? {
                let names = group::schedules(cloud, &group).await?;
                if names.is_empty() {
                    let address = Address::new(self.name(), &group).part("group");
                    owned.push(Arc::new(EmptyGroup {
                        identity: Identity::new(address, &group, BTreeMap::new(), scope),
                    }));
                }
                for name in names {
                    let id = name.strip_prefix(&format!("{}-", scope.stack));
                    let address = Address::new(self.name(), id.unwrap_or(&name));
                    let identity = Identity::new(address, &name, BTreeMap::new(), scope);
                    owned.push(Arc::new(Schedule::new(identity, group.clone(), None)));
                }
            }
            Ok(owned)
        })
    }
}

/// A moment of `stack.toml`: RFC 3339, as TOML writes it too.
fn moment(key: &str, given: Option<&String>) -> Result<Option<DateTime<Utc>>, Problem> {
    let Some(given) = given else {
        return Ok(None);
    };
    match DateTime::parse_from_rfc3339(&given.replace(' ', "T")) {
        Ok(moment) => Ok(Some(moment.to_utc())),
        Err(_) => Err(Problem::new(
            key,
            format!("`{given}` is no moment"),
            "written 2030-01-31T06:00:00Z, or with another offset behind it",
        )),
    }
}

/// A moment as it is compared and shown.
fn shown_moment(moment: DateTime<Utc>) -> Value {
    json!(moment.to_rfc3339_opts(SecondsFormat::Secs, true))
}

impl Wanted {
    fn of(keys: Keys, name: &str, scope: &Scope) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        if name.len() > 64 {
            let message = "a schedule's name has up to 64 letters, digits, `-`, `_` and `.`";
            problems.push(Problem::new(
                "",
                message,
                format!("would be named `{name}`"),
            ));
        }
        if keys.group.as_deref() == Some("default") {
            problems.push(
                Problem::new(
                    "group",
                    "the group `default` is nobody's",
                    "another is needed",
                )
                .with_help("without `group`, the stack has one of its own"),
            );
        }
        let mut moment_of = |key: &str, given: Option<&String>| {
            moment(key, given).unwrap_or_else(|problem| {
                problems.push(problem);
                None
            })
        };
        let start = moment_of("start_date", keys.start_date.as_ref());
        let end = moment_of("end_date", keys.end_date.as_ref());
        if let (Some(start), Some(end)) = (start, end)
            && start >= end
        {
            problems.push(Problem::new(
                "end_date",
                "the end is not after the start",
                "before `start_date`",
            ));
        }
        let window_minutes = match keys
            .flexible_time_window
            .as_ref()
            .map(keys::Window::minutes)
        {
            Some(Err(label)) => {
                let message = "`mode` and `maximum_window_in_minutes` do not go together";
                problems.push(Problem::new("flexible_time_window", message, label));
                None
            }
            Some(Ok(minutes)) => Some(minutes),
            None => None,
        };
        let has_role = keys.role.is_some();
        check_extra_statements(&keys.extra_statements, has_role, &mut problems);
        let called = called(&keys, scope).map_err(|problem| problems.push(problem));
        let (Ok((target, input)), true) = (called, problems.is_empty()) else {
            return Err(problems);
        };
        Ok(Self {
            keys,
            target,
            input,
            start,
            end,
            window_minutes,
        })
    }
}

/// What a schedule calls, and the input as it is sent.
fn called(keys: &Keys, scope: &Scope) -> Result<(Target, Option<String>), Problem> {
    let partition = scope.partition();
    let input = match &keys.input {
        Some(Input::Text(text)) => Some(text.clone()),
        Some(Input::Table(table)) => Some(Value::Object(table.clone()).to_string()),
        None => None,
    };
    match (&keys.state_machine, &keys.crawler, &keys.target) {
        (Some(machine), None, None) => {
            if let Some(input) = &input
                && serde_json::from_str::<Value>(input).is_err()
            {
                let message = "a state machine's input is JSON";
                return Err(Problem::new(
                    "input",
                    message,
                    "write a table, or JSON in a text",
                ));
            }
            let arn = if machine.starts_with("arn:") {
                machine.clone()
            } else {
                scope.arn("states", &format!("stateMachine:{machine}"))
            };
            let target = Target {
                arn,
                ..Target::default()
            };
            Ok((target, input))
        }
        (None, Some(crawler), None) => {
            if input.is_some() {
                return Err(Problem::new(
                    "input",
                    "a crawler takes no input",
                    "goes with `state_machine` or `target`",
                ));
            }
            let target = Target {
                arn: format!("arn:{partition}:scheduler:::aws-sdk:glue:startCrawler"),
                ..Target::default()
            };
            Ok((target, Some(json!({ "Name": crawler }).to_string())))
        }
        (None, None, Some(target)) => Ok((target.clone(), input)),
        (None, None, None) => Err(Problem::new(
            "",
            "a schedule calls something",
            "needs `state_machine`, `crawler` or `target`",
        )),
        _ => Err(Problem::new(
            "",
            "a schedule calls one thing",
            "only one of `state_machine`, `crawler` and `target`",
        )),
    }
}

impl Schedule {
    fn new(identity: Identity, group: String, wanted: Option<Wanted>) -> Self {
        Self {
            identity,
            group,
            wanted,
        }
    }

    fn arn(&self) -> String {
        let path = format!("schedule/{}/{}", self.group, self.identity.name);
        self.identity.scope.arn("scheduler", &path)
    }

    /// The role as it is wanted: by name or ARN, or the derived one's ARN.
    fn role(&self, wanted: &Wanted) -> String {
        match &wanted.keys.role {
            Some(role) => role.to_string(),
            None => derived_arn(&self.identity.address, &self.identity.scope),
        }
    }

    async fn get(&self, cloud: &Cloud) -> Result<Option<GetScheduleOutput>, CallError> {
        let request = cloud
            .scheduler
            .get_schedule()
            .group_name(&self.group)
            .name(&self.identity.name);
        unless_gone(call!("GetSchedule", request), &group::GONE)
    }
}

/// An input as it is compared: JSON by its meaning, another text as it is.
fn shown_input(input: &str) -> Value {
    serde_json::from_str(input).unwrap_or_else(|_| json!(input))
}

impl Resource for Schedule {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Schedules.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    /// The mark is the group's: a schedule is known by its name.
    fn may_have_been(&self, found: &dyn Resource) -> bool {
        found.address().part.is_none() && self.name() == found.name()
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match (attribute, &self.wanted) {
            ("arn", _) => Some(self.arn()),
            ("group", _) => Some(self.group.clone()),
            ("role", Some(wanted)) => Some(self.role(wanted)),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let Some(wanted) = &self.wanted else {
            return Fields::new();
        };
        let mut fields = requests::desired(wanted);
        fields.insert("tags".to_owned(), self.identity.desired_tags());
        fields.insert("role".to_owned(), json!(self.role(wanted)));
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        match field {
            "input" => same_document(desired, live),
            "role" => role_reference::is_same(desired, live),
            // A start that is over is sent no more, and AWS takes it no more.
            "start_date" => {
                let start = self.wanted.as_ref().and_then(|wanted| wanted.start);
                desired == live || (live.is_null() && start.is_some_and(requests::is_over))
            }
            _ => desired == live,
        }
    }

    fn needs_role(&self) -> Option<Need> {
        self.wanted
            .as_ref()
            .filter(|wanted| wanted.keys.role.is_none())?;
        self.need()
    }

    fn need(&self) -> Option<Need> {
        let wanted = self.wanted.as_ref()?;
        let extra = &wanted.keys.extra_statements;
        Some(Need::Schedule {
            name: self.identity.name.clone(),
            group: self.group.clone(),
            target: wanted.target.arn.clone(),
            input: wanted.input.as_deref().map_or(Value::Null, shown_input),
            dead_letter_queue: wanted.keys.dead_letter_queue.clone(),
            extra_statements: extra.iter().cloned().map(Value::Object).collect(),
        })
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let scope = &self.identity.scope;
            let tags = group::tags(cloud, scope, &self.group).await?;
            let tags = tags.unwrap_or_default();
            let mut fields = requests::live(&live);
            fields.insert("tags".to_owned(), shown_tags(&tags));
            Ok(Some(Live {
                fields,
                ownership: match Mark::find(&tags) {
                    // The group's mark is of the stack; which schedule it is, its name says.
                    Ownership::Marked { stack, .. } => Ownership::Marked {
                        stack,
                        id: self.identity.address.to_string(),
                    },
                    other => other,
                },
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            match &self.wanted {
                Some(wanted) => self.make(work, wanted).await,
                None => Ok(()),
            }
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
                group::put_tags(work.cloud, &self.identity.scope, &self.group).await?;
            }
            if changed.iter().all(|field| field == "tags") {
                return Ok(());
            }
            self.set(work, wanted).await
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work
                .cloud
                .scheduler
                .delete_schedule()
                .group_name(&self.group)
                .name(&self.identity.name);
            unless_gone(call!("DeleteSchedule", request), &group::GONE)?;
            group::remove_if_empty(work, &self.identity.scope, &self.group).await
        })
    }
}

impl Resource for EmptyGroup {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Schedules.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    /// As that of a schedule in it, without the schedule's name.
    fn key(&self) -> String {
        format!("{}/", self.name())
    }

    fn comes_with(&self, key: &str) -> bool {
        key.starts_with(&self.key())
    }

    fn attribute(&self, _: &str) -> Option<String> {
        None
    }

    fn desired(&self) -> Fields {
        Fields::new()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let tags = group::tags(cloud, &self.identity.scope, self.name()).await?;
            Ok(tags.map(|tags| Live {
                fields: Fields::from([("tags".to_owned(), shown_tags(&tags))]),
                ownership: Mark::find(&tags),
            }))
        })
    }

    fn create<'a>(&'a self, _: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move { Ok(()) })
    }

    fn update<'a>(&'a self, _: &'a Work<'a>, _: &'a Live, _: &'a BTreeSet<String>) -> Call<'a, ()> {
        Box::pin(async move { Ok(()) })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(group::remove_if_empty(
            work,
            &self.identity.scope,
            self.name(),
        ))
    }
}
