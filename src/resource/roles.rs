//! IAM roles: those of `stack.toml`, and those that are derived for crawlers and state machines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_iam::types::Tag;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::identity::{default_name, own_id, shown_tags, touches_tags};
use super::retry::{IAM_DELAY, is_iam_delay, retry};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, built, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::{Fact, Home, Need, document};
use crate::stack::types::{PolicyReference, RoleName, TrustedPrincipal};

/// An IAM role. Crawlers and state machines that name none get one of their own, with exactly
/// the permissions they need.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The role's name. Default: `STACK-ID`. Its path is `/athglue/STACK/`.
    name: Option<RoleName>,
    /// What it is for.
    #[schemars(length(max = 1000))]
    description: Option<String>,
    /// Tags beside the stack's.
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// Who may take the role: services such as `glue.amazonaws.com`, accounts, or ARNs. Either
    /// this or `trust_policy`.
    #[serde(default)]
    trust: Vec<TrustedPrincipal>,
    /// The trust policy, written out.
    trust_policy: Option<Value>,
    /// Policies inside of the role, by name.
    #[serde(default)]
    inline: BTreeMap<String, Value>,
    /// ARNs of managed policies.
    #[serde(default)]
    managed: Vec<PolicyReference>,
    /// How long a session may last, in seconds. AWS's default: 3600.
    #[schemars(range(min = 3600, max = 43200))]
    max_session: Option<i32>,
}

/// The name of the policy inside of a derived role.
const DERIVED_POLICY: &str = "derived";

pub(super) struct Roles;

#[derive(Debug)]
struct Role {
    identity: Identity,
    path: String,
    description: Option<String>,
    trust: Value,
    inline: BTreeMap<String, Value>,
    managed: BTreeSet<String>,
    max_session: Option<i32>,
}

/// The address of the role that is derived for a resource.
pub(super) fn derived_address(owner: &Address) -> Address {
    owner.part("role")
}

/// The name of the role that is derived for a resource: `STACK-ID-crawler`, at most 64 characters.
fn derived_name(owner: &Address, scope: &Scope) -> String {
    let kind = owner.kind.trim_end_matches('s').replace('_', "-");
    let name = format!("{}-{}-{kind}", scope.stack, owner.id);
    if name.len() <= 64 {
        return name;
    }
    let hash = <sha2::Sha256 as sha2::Digest>::digest(name.as_bytes());
    format!(
        "{}-{:02x}{:02x}{:02x}{:02x}",
        &name[..55],
        hash[0],
        hash[1],
        hash[2],
        hash[3]
    )
}

/// The ARN of the role that is derived for a resource.
pub(super) fn derived_arn(owner: &Address, scope: &Scope) -> String {
    arn(scope, &path(scope), &derived_name(owner, scope))
}

/// The role that is derived for a resource, from its need and the facts of the stack.
pub fn derived(
    owner: &Address,
    need: &Need,
    home: &Home,
    facts: &[Fact],
    scope: &Scope,
) -> Arc<dyn Resource> {
    let statements = need.statements(home, facts);
    let inline = if statements.is_empty() {
        BTreeMap::new()
    } else {
        BTreeMap::from([(DERIVED_POLICY.to_owned(), document(&statements))])
    };
    let name = derived_name(owner, scope);
    Arc::new(Role {
        identity: Identity::new(derived_address(owner), name, BTreeMap::new(), scope),
        path: path(scope),
        description: Some(format!("What {owner} needs, derived by athglue")),
        trust: trust_of(&[need.service().to_owned()]),
        inline,
        managed: BTreeSet::new(),
        max_session: None,
    })
}

fn path(scope: &Scope) -> String {
    format!("/athglue/{}/", scope.stack)
}

fn arn(scope: &Scope, path: &str, name: &str) -> String {
    let (partition, account) = (scope.partition(), &scope.account_id);
    format!("arn:{partition}:iam::{account}:role{path}{name}")
}

fn trust_of(principals: &[String]) -> Value {
    let (services, others): (Vec<&String>, Vec<&String>) = principals
        .iter()
        .partition(|p| p.contains(".amazonaws.com"));
    let mut principal = Map::new();
    if !services.is_empty() {
        principal.insert("Service".to_owned(), json!(services));
    }
    if !others.is_empty() {
        principal.insert("AWS".to_owned(), json!(others));
    }
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:AssumeRole",
        }],
    })
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

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let mut problems = Vec::new();
        let trust = match (keys.trust.as_slice(), keys.trust_policy) {
            ([], Some(policy)) => {
                check_policy(
                    "trust_policy",
                    &policy,
                    iam_policy::Kind::Trust,
                    &mut problems,
                );
                policy
            }
            ([], None) => {
                let problem = Problem::new("", "`trust` is missing", "who may take this role?");
                problems.push(problem.with_help("trust = [\"glue.amazonaws.com\"]"));
                Value::Null
            }
            (principals, None) => {
                let principals: Vec<String> = principals.iter().map(ToString::to_string).collect();
                trust_of(&principals)
            }
            (_, Some(_)) => {
                problems.push(Problem::new(
                    "trust_policy",
                    "both `trust` and `trust_policy` are set",
                    "which of them is it?",
                ));
                Value::Null
            }
        };
        for (name, policy) in &keys.inline {
            let key = format!("inline.{name}");
            check_policy(&key, policy, iam_policy::Kind::Identity, &mut problems);
        }
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        if let Err(wrong) = RoleName::try_from(name.clone()) {
            let problem = Problem::new("", "the default name does not do", wrong);
            problems.push(problem.with_help("choose one: name = \"…\""));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Arc::new(Role {
            identity: Identity::new(address, name, keys.tags, scope),
            path: path(scope),
            description: keys.description,
            trust,
            inline: keys.inline,
            managed: keys.managed.into_iter().map(String::from).collect(),
            max_session: keys.max_session,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            let mut pages = cloud
                .iam
                .list_roles()
                .path_prefix(path(scope))
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("ListRoles", error))?;
                for live in page.roles {
                    let tags = tags(cloud, &live.role_name).await?;
                    let Some(id) = own_id(&tags, scope) else {
                        continue;
                    };
                    owned.push(Arc::new(Role {
                        identity: Identity::found(self.name(), id, &live.role_name, scope),
                        path: live.path,
                        description: None,
                        trust: Value::Null,
                        inline: BTreeMap::new(),
                        managed: BTreeSet::new(),
                        max_session: None,
                    }));
                }
            }
            Ok(owned)
        })
    }
}

fn check_policy(key: &str, policy: &Value, kind: iam_policy::Kind, problems: &mut Vec<Problem>) {
    if let Err(error) = iam_policy::Document::parse_as(&policy.to_string(), kind) {
        problems.push(Problem::new(
            key,
            "this policy is not valid",
            error.to_string(),
        ));
    }
}

/// The tags of a role; none if it is gone.
async fn tags(cloud: &Cloud, role: &str) -> Result<BTreeMap<String, String>, CallError> {
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

/// A document as IAM gives it: URL-encoded JSON.
fn decoded(document: &str) -> Value {
    let text = percent_decoded(document);
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |b: &u8| char::from(*b).to_digit(16);
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) => match (hex(high), hex(low)) {
                (Some(high), Some(low)) => {
                    bytes.push((high * 16 + low) as u8);
                    after
                }
                _ => {
                    bytes.push(b'%');
                    &rest[1..]
                }
            },
            _ => {
                bytes.push(first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Role {
    fn name(&self) -> &str {
        &self.identity.name
    }

    fn iam_tags(&self) -> Result<Vec<Tag>, CallError> {
        self.identity
            .marked_tags()
            .into_iter()
            .map(|(key, value)| built("TagRole", Tag::builder().key(key).value(value).build()))
            .collect()
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

    async fn attached(&self, cloud: &Cloud) -> Result<BTreeSet<String>, CallError> {
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

    async fn put_inline(&self, work: &Work<'_>, name: &str) -> Result<(), CallError> {
        let Some(policy) = self.inline.get(name) else {
            return self.delete_inline(work, name).await;
        };
        let request = work
            .cloud
            .iam
            .put_role_policy()
            .role_name(self.name())
            .policy_name(name)
            .policy_document(policy.to_string());
        call!("PutRolePolicy", request).map(drop)
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

    async fn attach(&self, work: &Work<'_>, arn: &str) -> Result<(), CallError> {
        let request = work
            .cloud
            .iam
            .attach_role_policy()
            .role_name(self.name())
            .policy_arn(arn);
        call!("AttachRolePolicy", request).map(drop)
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

    async fn put_tags(&self, cloud: &Cloud) -> Result<(), CallError> {
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
        if let Some(seconds) = self.max_session {
            fields.insert("max_session".to_owned(), json!(seconds));
        }
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        let same_policy =
            |a: &Value, b: &Value| iam_policy::same_meaning(&a.to_string(), &b.to_string());
        match field {
            "trust_policy" => same_policy(desired, live),
            "inline" => match (desired.as_object(), live.as_object()) {
                (Some(desired), Some(live)) => {
                    desired.len() == live.len()
                        && desired.iter().all(|(name, policy)| {
                            live.get(name).is_some_and(|live| same_policy(policy, live))
                        })
                }
                _ => false,
            },
            _ => desired == live,
        }
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let answer = call!("GetRole", cloud.iam.get_role().role_name(self.name()));
            let Some(role) = unless_gone(answer, &["NoSuchEntity"])?.and_then(|found| found.role)
            else {
                return Ok(None);
            };
            let read_inline = async {
                let mut inline = Map::new();
                for name in self.inline_names(cloud).await? {
                    let request = cloud
                        .iam
                        .get_role_policy()
                        .role_name(self.name())
                        .policy_name(&name);
                    let answer = call!("GetRolePolicy", request);
                    if let Some(policy) = unless_gone(answer, &["NoSuchEntity"])? {
                        inline.insert(name, decoded(&policy.policy_document));
                    }
                }
                Ok(inline)
            };
            let (tags, inline, attached) =
                futures::try_join!(tags(cloud, self.name()), read_inline, self.attached(cloud))?;
            let trust = role.assume_role_policy_document.as_deref().map(decoded);
            Ok(Some(Live {
                fields: Fields::from([
                    ("path".to_owned(), json!(role.path)),
                    ("description".to_owned(), json!(role.description)),
                    ("trust_policy".to_owned(), json!(trust)),
                    ("inline".to_owned(), Value::Object(inline)),
                    ("managed".to_owned(), json!(attached)),
                    ("max_session".to_owned(), json!(role.max_session_duration)),
                    ("tags".to_owned(), shown_tags(&tags)),
                ]),
                ownership: match Mark::find(&tags) {
                    // The tags of a role just made may come later than its path.
                    Ownership::Unmarked if role.path == path(&self.identity.scope) => {
                        Ownership::Inherent
                    }
                    marked => marked,
                },
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let tags = self.iam_tags()?;
            retry(
                work,
                "IAM does not know the trusted principal yet",
                IAM_DELAY,
                is_iam_delay,
                || async {
                    let request = work
                        .cloud
                        .iam
                        .create_role()
                        .role_name(self.name())
                        .path(&self.path)
                        .set_description(self.description.clone())
                        .assume_role_policy_document(self.trust.to_string())
                        .set_max_session_duration(self.max_session)
                        .set_tags(Some(tags.clone()));
                    call!("CreateRole", request)
                },
            )
            .await?;
            for name in self.inline.keys() {
                self.put_inline(work, name).await?;
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
                retry(
                    work,
                    "IAM does not know the trusted principal yet",
                    IAM_DELAY,
                    is_iam_delay,
                    || async {
                        let request = iam
                            .update_assume_role_policy()
                            .role_name(self.name())
                            .policy_document(self.trust.to_string());
                        call!("UpdateAssumeRolePolicy", request)
                    },
                )
                .await?;
            }
            if changed.contains("description") || changed.contains("max_session") {
                let live = |field: &str| live.fields.get(field).cloned().unwrap_or_default();
                let description = match &self.description {
                    Some(description) => Some(description.clone()),
                    None => live("description").as_str().map(str::to_owned),
                };
                let seconds = self
                    .max_session
                    .or_else(|| Some(live("max_session").as_i64()? as i32));
                let request = iam
                    .update_role()
                    .role_name(self.name())
                    .set_description(description)
                    .set_max_session_duration(seconds);
                call!("UpdateRole", request)?;
            }
            if changed.contains("inline") {
                let there = live.fields.get("inline").and_then(Value::as_object);
                for (name, policy) in &self.inline {
                    if there.and_then(|there| there.get(name)) != Some(policy) {
                        self.put_inline(work, name).await?;
                    }
                }
                for name in there.into_iter().flat_map(Map::keys) {
                    if !self.inline.contains_key(name) {
                        self.delete_inline(work, name).await?;
                    }
                }
            }
            if changed.contains("managed") {
                let there = self.attached(work.cloud).await?;
                for arn in self.managed.difference(&there) {
                    self.attach(work, arn).await?;
                }
                for arn in there.difference(&self.managed) {
                    self.detach(work, arn).await?;
                }
            }
            if touches_tags(changed) {
                self.put_tags(work.cloud).await?;
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(attached) = unless_gone(self.attached(work.cloud).await, &["NoSuchEntity"])?
            else {
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
            unless_gone(call!("DeleteRole", request), &["NoSuchEntity"]).map(drop)
        })
    }
}
