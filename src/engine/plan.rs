//! A plan: what is to be done to each resource, and why. Its JSON form is for programs; the schema
//! of it, `docs/plan.schema.json`, is made of these types.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::succession::Former;
use super::terms::Goal;
use crate::policy::Fact;
use crate::resource::{Address, CallError, Fields, Live, Resource};

/// The version of the plan's JSON form; it grows when a reader of the old form would break.
pub const PLAN_VERSION: u32 = 1;

/// What is done to one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is as `stack.toml` says.
    None,
    Create,
    /// Changed in place.
    Update,
    /// Made anew, because a field cannot change in place: under its name when the old one is
    /// deleted, under another one before that.
    Replace,
    Delete,
    /// Taken over with its data: it is there, and carries nobody's mark.
    Adopt,
    /// Would be deleted, but stays, for the reason that is said.
    Keep,
}

impl Action {
    /// What a user sees before the address.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::None => " ",
            Self::Create => "+",
            Self::Update => "~",
            Self::Replace => "∓",
            Self::Delete => "-",
            Self::Adopt => "@",
            Self::Keep => "!",
        }
    }

    pub fn changes_something(self) -> bool {
        !matches!(self, Self::None | Self::Keep)
    }
}

/// One field, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FieldChange {
    /// As the resource names it: `schedule`, `parameters.classification`.
    pub path: String,
    /// What is there; `null` if nothing is. A secret is `***`.
    pub old: Value,
    /// What is wanted; `null` if nothing is. What is known only afterwards holds `(after up)`.
    pub new: Value,
    /// Only a new resource can take it.
    pub replaces: bool,
}

/// What is to be done to one resource, and why.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Change {
    /// `KIND.ID`, or `KIND.ID.PART` for what comes with a resource, such as a derived role.
    #[schemars(with = "String")]
    pub address: Address,
    /// What the service calls it.
    pub name: String,
    pub action: Action,
    /// What is set or changed. A field that `stack.toml` does not set is not in it.
    pub fields: Vec<FieldChange>,
    /// In words, where the action does not speak for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is made before it and deleted after it.
    #[schemars(with = "Vec<String>")]
    pub depends_on: Vec<Address>,
    /// Owned by the stack, and no longer in `stack.toml`.
    pub orphan: bool,
    /// The data in it may go with it.
    pub force: bool,
    /// What it takes the place of, if that is known by another name. It is deleted when all else is
    /// done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
    /// Its place: `stack.toml:12:2`. An orphan has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    #[serde(skip)]
    pub(super) resource: Arc<dyn Resource>,
    #[serde(skip)]
    pub(super) live: Option<Live>,
}

impl Change {
    /// What is there now of it, as far as it was read.
    pub fn live(&self) -> Option<&Fields> {
        self.live.as_ref().map(|live| &live.fields)
    }

    pub fn resource(&self) -> &dyn Resource {
        self.resource.as_ref()
    }
}

/// How many resources each action meets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    pub create: usize,
    pub update: usize,
    pub replace: usize,
    pub delete: usize,
    pub adopt: usize,
    pub keep: usize,
    pub unchanged: usize,
}

impl Summary {
    pub(super) fn of(changes: &[Change]) -> Self {
        let mut summary = Self::default();
        for change in changes {
            *match change.action {
                Action::None => &mut summary.unchanged,
                Action::Create => &mut summary.create,
                Action::Update => &mut summary.update,
                Action::Replace => &mut summary.replace,
                Action::Delete => &mut summary.delete,
                Action::Adopt => &mut summary.adopt,
                Action::Keep => &mut summary.keep,
            } += 1;
        }
        summary
    }
}

/// A kind of which nobody knows whether the stack owns more than `stack.toml` says, because the
/// call that would find it is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unsearched {
    /// `tables`
    pub kind: String,
    /// The call that is not allowed: `GetDatabases`.
    pub operation: String,
    /// AWS's error code.
    pub code: String,
    /// What it means, for people.
    pub message: String,
}

impl Unsearched {
    pub(super) fn of(kind: &str, error: &CallError) -> Self {
        let (operation, code) = (&error.operation, error.code.clone().unwrap_or_default());
        Self {
            message: format!(
                "{kind} that this stack owns and stack.toml does not have are not looked for, and stay: \
                 {operation} is not allowed ({code})"
            ),
            kind: kind.to_owned(),
            operation: operation.clone(),
            code,
        }
    }
}

/// All that is to be done.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Plan {
    /// Grows when a reader of an older form would break.
    pub version: u32,
    pub goal: Goal,
    pub stack: String,
    /// `local`, `aws`, or the URL of an endpoint.
    pub target: String,
    pub account_id: String,
    pub region: String,
    /// Every resource of the stack, in the order of `stack.toml`; then orphans.
    pub changes: Vec<Change>,
    pub summary: Summary,
    /// What the plan does not know. What `stack.toml` has is planned all the same.
    pub warnings: Vec<Unsearched>,
}

impl Plan {
    /// What is carried out, in no order: the address of each change, and of what it takes the place
    /// of once more.
    pub fn steps(&self) -> impl Iterator<Item = &Address> + Clone {
        let changes = self.changes.iter();
        let changes = changes.filter(|change| change.action.changes_something());
        changes.flat_map(|change| {
            let former = change.former.as_ref().map(|_| &change.address);
            std::iter::once(&change.address).chain(former)
        })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.changes.iter().any(|c| c.action.changes_something())
    }
}

/// What is deleted and not made anew, and what an earlier `destroy` has taken already.
pub(super) fn leaving(goal: Goal, changes: &[Change]) -> Vec<Fact> {
    let is_gone = |c: &Change| goal == Goal::Destroy && !c.orphan && c.live.is_none();
    let deleted = changes
        .iter()
        .filter(|c| c.action == Action::Delete || is_gone(c));
    let formers = changes.iter().filter_map(|change| change.former.as_ref());
    let gone = deleted.map(|change| &change.resource);
    gone.chain(formers.map(|former| &former.resource))
        .flat_map(|resource| resource.facts())
        .collect()
}

/// The JSON schema of a plan.
#[cfg(all(test, feature = "local"))]
pub fn plan_schema() -> Value {
    let mut schema = schemars::schema_for!(Plan).to_value();
    schema["title"] = "what `athglue plan` says".into();
    schema["properties"]["version"]["const"] = PLAN_VERSION.into();
    schema
}
