//! What a stack is made of: the trait that every resource is, and the list of kinds.
//!
//! All that is known of a kind is in its file: keys, defaults, how it is read, compared, created,
//! updated, deleted, and what is waited for. To add one is a file and a line in [`KINDS`].

mod address;
mod advice;
mod buckets;
mod classifiers;
mod crawlers;
mod databases;
mod definition;
mod error;
#[cfg(all(test, feature = "local"))]
mod every_key;
mod identity;
mod listings;
mod policies;
mod policy_document;
mod prepared_statements;
mod queries;
mod retry;
mod role_reference;
mod roles;
mod schedules;
mod state_machines;
mod statement;
mod tables;
mod uploads;
mod workgroups;
#[cfg(all(test, feature = "local"))]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use aws_sdk_athena::types::NamedQuery;
use futures::future::BoxFuture;
use serde_json::Value;

pub use address::Address;
pub use definition::read_runnable;
pub use error::CallError;
pub(crate) use error::{call, unless_gone};
use identity::Identity;
use listings::Listings;
pub(crate) use retry::{READ_DELAY, poll};
pub use roles::{derived as derived_role, derived_name as derived_role_name};

use crate::cloud::{Cloud, Target};
use crate::policy::{Fact, Need};
use crate::stack::Source;

/// Every kind, what others build on first: a later kind is deleted before an earlier one.
pub static KINDS: &[&dyn Kind] = &[
    &buckets::Buckets,
    &policies::Policies,
    &roles::Roles,
    &databases::Databases,
    &tables::Tables,
    &workgroups::WorkGroups,
    &uploads::Uploads,
    &classifiers::Classifiers,
    &crawlers::Crawlers,
    &queries::Queries,
    &prepared_statements::PreparedStatements,
    &state_machines::StateMachines,
    &schedules::Schedules,
];

/// The kind of this name, as in `[buckets.data]`.
pub fn kind(name: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// What a call of the cloud will give.
///
/// The futures of [`Kind`] and [`Resource`] are boxed by hand: the bounds that `async_trait` writes
/// make rustc prove anew in every method that all of the SDK is `Send`, which was two thirds of this
/// crate's time to build.
pub type Call<'a, T> = BoxFuture<'a, Result<T, CallError>>;

/// A resource's fields by path: `schedule`, `configuration.Version`, `tags`.
pub type Fields = BTreeMap<String, Value>;

/// What a kind gives to references: `${crawlers.films.arn}`.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    pub name: &'static str,
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "the reference of stack.toml is made of it")
    )]
    pub doc: &'static str,
}

/// What every resource of a stack knows of it.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    pub stack: String,
    pub account_id: String,
    pub region: String,
    /// The stack's own tags, which every resource carries.
    pub tags: BTreeMap<String, String>,
    /// Where relative paths start: the folder of `stack.toml`.
    pub base_dir: PathBuf,
    /// The named queries of workgroups, which are found only by listing them all.
    pub queries: Listings<Vec<NamedQuery>>,
}

/// The partition that a region is in, as ARNs name it: `aws`, or `aws-cn` and `aws-us-gov`.
pub fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

impl Scope {
    /// `aws`, or `aws-cn` and `aws-us-gov` where the region says so.
    pub fn partition(&self) -> &'static str {
        partition(&self.region)
    }

    /// The ARN of something regional: `arn:aws:glue:REGION:ACCOUNT:database/lake`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition(),
            self.region,
            self.account_id
        )
    }
}

/// A mistake in a resource's table of `stack.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key it is about, as a path (`paths.0`); empty for the whole table.
    pub key: String,
    pub message: String,
    pub label: String,
    pub help: Option<String>,
    /// Where it is, if that is said more closely than by the key.
    pub place: Option<Place>,
}

/// A place in a text that a key says or names; spans are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File(Arc<Source>, Range<usize>),
    /// In the text that is the key's value.
    Text(Arc<String>, Range<usize>),
}

impl Problem {
    pub fn new(key: &str, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            message: message.into(),
            label: label.into(),
            help: None,
            place: None,
        }
    }

    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A kind of resources: `buckets`, `crawlers`, …
pub trait Kind: Sync {
    /// The table's name in `stack.toml`.
    fn name(&self) -> &'static str;

    /// The keys of a table, as a JSON schema; its descriptions are the reference.
    fn schema(&self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema;

    /// What a reference can name beside the resource itself.
    fn attributes(&self) -> &'static [Attribute];

    /// Keys that set one apart from all others of its kind: with another value of one of them it is
    /// another resource.
    fn identified_by(&self) -> &'static [&'static str] {
        &["name"]
    }

    /// Fields that only a new resource can take.
    fn replaced_by(&self) -> &'static [&'static str] {
        &[]
    }

    /// Makes a resource of a table whose references are resolved and whose keys fit the schema.
    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>>;

    /// Everything of this kind that carries the stack's mark, fit to be deleted.
    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>>;
}

/// Who a live resource belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// It carries a mark of `stack` under the address `id`.
    Marked { stack: String, id: String },
    /// It carries no mark.
    Unmarked,
    /// It lives inside something else of the stack and carries no mark of its own.
    Inherent,
}

/// What speaks against a deletion, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// It would be lost; whoever names the resource with `--force` gives it up.
    Data(String),
    /// The service does not delete it, force or not: only the stack's mark goes, and no data.
    Stays(String),
}

/// What is there.
#[derive(Debug, Clone)]
pub struct Live {
    /// At least the fields that can be desired; more where they tell something in `status`.
    pub fields: Fields,
    pub ownership: Ownership,
}

/// What a note says is waited for: `waiting: …`, or `waiting for 12 s: …`. The time from such a note
/// to the next other one is shown as waited.
pub fn awaited(note: &str) -> Option<&str> {
    let (how_long, what) = note.strip_prefix("waiting")?.split_once(": ")?;
    (how_long.is_empty() || how_long.starts_with(" for ")).then_some(what)
}

/// What stands in a desired value where a part of it is known only when something else is made.
/// The plan shows it as it is; the resource puts the real thing in when it creates or updates, and
/// says in [`Resource::same`] what it does not hinder.
pub const AFTER_UP: &str = "(after up)";

/// What a change works with: the clients, and a way to say what it waits for.
pub struct Work<'a> {
    pub cloud: &'a Cloud,
    /// Deletion may take the data along: the user named this very resource.
    pub force: bool,
    pub note: &'a (dyn Fn(&str) + Send + Sync),
}

impl Work<'_> {
    /// Tells the user what is being waited for.
    pub fn note(&self, text: &str) {
        (self.note)(text);
    }
}

/// One resource of a stack.
pub trait Resource: Debug + Send + Sync {
    fn address(&self) -> &Address;

    /// The kind of thing it is to the service: a derived role is of `roles`, whatever its address.
    fn kind(&self) -> &'static str;

    /// What the service calls it.
    fn name(&self) -> &str;

    /// What sets it apart from all others of its kind: the keys of [`Kind::identified_by`], and
    /// their values.
    fn identity(&self) -> Vec<(&'static str, String)> {
        let keys = kind(self.kind()).map_or(&["name"][..], |kind| kind.identified_by());
        let value = |key: &str| match key {
            "name" => Some(self.name().to_owned()),
            key => self.attribute(key),
        };
        let values = keys.iter().map(|key| (*key, value(key)));
        values
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect()
    }

    /// The same in one text: `lake/songs`.
    fn key(&self) -> String {
        let identity = self.identity().into_iter();
        identity
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Whether it is what was found of its kind under another identity, where what is found carries
    /// no mark of its own that tells the address.
    fn may_have_been(&self, _found: &dyn Resource) -> bool {
        false
    }

    /// Whether it is there for another of its kind, whose key this is, and goes with it: as long as
    /// `stack.toml` has that one, it is no orphan.
    fn comes_with(&self, _key: &str) -> bool {
        false
    }

    /// The value of an attribute that the kind lists; `name` is [`Resource::name`].
    fn attribute(&self, attribute: &str) -> Option<String>;

    /// The fields that `stack.toml` sets, in the form that [`Resource::read`] gives them.
    fn desired(&self) -> Fields;

    /// Whether two values of a field mean the same to the service.
    fn same(&self, _field: &str, desired: &Value, live: &Value) -> bool {
        desired == live
    }

    /// Fields that only a new resource can take: what its kind says.
    fn replaced_by(&self) -> &'static [&'static str] {
        kind(self.kind()).map_or(&[][..], |kind| kind.replaced_by())
    }

    /// What the service would take as `stack.toml` says it, and what goes wrong later; warned of.
    fn doubts(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Why this target cannot have it as `stack.toml` says; asked before anything is changed.
    fn refuse(&self, _cloud: &Cloud, _live: Option<&Live>) -> Option<CallError> {
        None
    }

    /// Fields that are secret: nobody is shown what is in them, or in what is below them.
    fn sensitive(&self) -> &'static [&'static str] {
        &[]
    }

    /// What the policies of roles are derived from.
    fn facts(&self) -> Vec<Fact> {
        Vec::new()
    }

    /// What the role that is to be made for it needs, if it has none of its own.
    fn needs_role(&self) -> Option<Need> {
        None
    }

    /// What its role needs, whichever role that is.
    fn need(&self) -> Option<Need> {
        self.needs_role()
    }

    /// What is there of it now.
    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>>;

    /// What speaks against a deletion, or `None`. `leaving` is what goes at the same time, or is
    /// gone already.
    fn holds<'a>(&'a self, _cloud: &'a Cloud, _leaving: &'a [Fact]) -> Call<'a, Option<Held>> {
        Box::pin(async move { Ok(None) })
    }

    /// Makes it, and returns when it can be used. One that a lost answer left behind is taken.
    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()>;

    /// Sets the fields named in `changed`, and nothing else.
    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()>;

    /// Takes it away, and returns when it is gone. One that is gone already is no error.
    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()>;
}

/// Reads a table into a kind's keys. The schema was checked, so this fails on nothing a user wrote.
fn keys<T: serde::de::DeserializeOwned>(config: Value) -> Result<T, Vec<Problem>> {
    serde_json::from_value(config)
        .map_err(|error| vec![Problem::new("", error.to_string(), "this table")])
}

/// What an SDK's builder makes; it fails only if a required member was forgotten.
fn built<T, E: std::fmt::Display>(operation: &str, result: Result<T, E>) -> Result<T, CallError> {
    result.map_err(|error| CallError::here(operation, error.to_string()))
}

/// The refusal of what the embedded cloud does not have; none for another target.
fn lacking(cloud: &Cloud, operation: &str, what: &str) -> Option<CallError> {
    matches!(cloud.target(), Target::Local { .. }).then(|| {
        CallError::here(
            operation,
            format!("the embedded cloud does not have {what}"),
        )
        .with_help("--target aws has it; --only leaves it out")
    })
}
