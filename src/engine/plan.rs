//! What is to be done: every live resource read, every field compared.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::Value;

use crate::cloud::Cloud;
use crate::policy::Fact;
use crate::resource::{Address, CallError, Fields, KINDS, Live, Ownership, Resource};
use crate::stack::Stack;

use super::ownership::ID_TAG;

/// The version of the plan's JSON form; it grows when a reader of the old form would break.
pub const PLAN_VERSION: u32 = 1;

/// How many resources are read at a time.
const READS_AT_A_TIME: usize = 32;

/// What is done to one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    None,
    Create,
    Update,
    /// Deleted and made anew, because a field cannot change in place.
    Replace,
    Delete,
    /// Would be deleted, but stays: it holds data that nobody gave up by name.
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
            Self::Keep => "!",
        }
    }

    pub fn changes_something(self) -> bool {
        !matches!(self, Self::None | Self::Keep)
    }
}

/// One field, before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    pub path: String,
    /// `null` if it is not set.
    pub old: Value,
    pub new: Value,
    /// Only a new resource can take it.
    pub replaces: bool,
}

/// What is to be done to one resource, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    pub address: Address,
    /// What the service calls it.
    pub name: String,
    pub action: Action,
    pub fields: Vec<FieldChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub depends_on: Vec<Address>,
    #[serde(skip)]
    pub(super) resource: Arc<dyn Resource>,
    #[serde(skip)]
    pub(super) live: Option<Live>,
    #[serde(skip)]
    pub(super) force: bool,
    /// Owned, and no longer in `stack.toml`.
    pub orphan: bool,
}

/// How many resources each action meets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub create: usize,
    pub update: usize,
    pub replace: usize,
    pub delete: usize,
    pub keep: usize,
    pub unchanged: usize,
}

/// All that is to be done.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    pub version: u32,
    pub stack: String,
    pub account_id: String,
    pub region: String,
    pub changes: Vec<Change>,
    pub summary: Summary,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.changes.iter().any(|c| c.action.changes_something())
    }
}

/// What a plan leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Goal {
    /// What `stack.toml` says.
    #[default]
    Up,
    /// Nothing of the stack; what is named in `force` goes with its data.
    Destroy { force: BTreeSet<Address> },
}

/// A resource that cannot be planned.
#[derive(Debug, Clone, Serialize)]
pub struct Refusal {
    pub address: Address,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Why there is no plan: all reasons at once.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", list(refusals))]
pub struct PlanError {
    pub refusals: Vec<Refusal>,
}

fn list(refusals: &[Refusal]) -> String {
    let lines: Vec<String> = refusals
        .iter()
        .map(|r| match &r.help {
            Some(help) => format!("{}: {}\n  help: {help}", r.address, r.message),
            None => format!("{}: {}", r.address, r.message),
        })
        .collect();
    lines.join("\n")
}

/// Reads everything that is live, in parallel, and says what leads to `goal`.
pub async fn plan(stack: &Stack, cloud: &Cloud, goal: &Goal) -> Result<Plan, PlanError> {
    let reads = stack.resources.iter().map(|declared| async move {
        let live = declared.resource.read(cloud).await;
        (declared, live)
    });
    let reads: Vec<_> = futures::stream::iter(reads)
        .buffered(READS_AT_A_TIME)
        .collect()
        .await;
    let owned = find_owned(stack, cloud).await?;

    let mut refusals = Vec::new();
    let mut changes = Vec::new();
    for (declared, live) in reads {
        let resource = &declared.resource;
        let checked = live
            .map_err(|error| refuse_call(resource.address(), error))
            .and_then(|live| match live {
                Some(live) => accept(stack, resource.as_ref(), live, goal),
                None => Ok(None),
            })
            .and_then(|live| match (goal, resource.refuse(cloud, live.as_ref())) {
                (Goal::Up, Some(error)) => Err(refuse_call(resource.address(), error)),
                _ => Ok(live),
            });
        match checked {
            Ok(live) => {
                let depends_on = declared.depends_on.iter().cloned().collect();
                changes.push(change(resource, live, depends_on, goal));
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    let declared: BTreeSet<(&str, &str)> = stack
        .resources
        .iter()
        .map(|d| (d.resource.kind(), d.resource.key()))
        .collect();
    for orphan in owned {
        if !declared.contains(&(orphan.kind(), orphan.key())) {
            changes.push(leave(&orphan, goal));
        }
    }
    if !refusals.is_empty() {
        return Err(PlanError { refusals });
    }
    keep_data(&mut changes, cloud, goal).await?;
    Ok(Plan {
        version: PLAN_VERSION,
        stack: stack.name.clone(),
        account_id: stack.scope.account_id.clone(),
        region: stack.scope.region.clone(),
        summary: summary(&changes),
        changes,
    })
}

/// All that carries the stack's mark, in the order of the kinds.
async fn find_owned(stack: &Stack, cloud: &Cloud) -> Result<Vec<Arc<dyn Resource>>, PlanError> {
    let found: Vec<Vec<Arc<dyn Resource>>> = futures::stream::iter(KINDS.iter().map(|kind| {
        let scope = &stack.scope;
        async move {
            kind.owned(cloud, scope).await.map_err(|error| PlanError {
                refusals: vec![refuse_call(&Address::new(kind.name(), "*"), error)],
            })
        }
    }))
    .buffered(READS_AT_A_TIME)
    .try_collect()
    .await?;
    Ok(found.into_iter().flatten().collect())
}

fn refuse_call(address: &Address, error: CallError) -> Refusal {
    Refusal {
        address: address.clone(),
        message: error.to_string(),
        help: error.help,
    }
}

/// Lets a live resource into the plan if it is this stack's.
fn accept(
    stack: &Stack,
    resource: &dyn Resource,
    live: Live,
    goal: &Goal,
) -> Result<Option<Live>, Refusal> {
    let owner = match &live.ownership {
        Ownership::Inherent => return Ok(Some(live)),
        Ownership::Marked { stack: owner, .. } if *owner == stack.name => return Ok(Some(live)),
        // What is not ours stays when we go.
        _ if matches!(goal, Goal::Destroy { .. }) => return Ok(None),
        Ownership::Marked { stack, .. } => format!("belongs to the stack `{stack}`"),
        Ownership::Unmarked => "was not made by this stack".to_owned(),
    };
    Err(Refusal {
        address: resource.address().clone(),
        message: format!("`{}` exists already and {owner}", resource.name()),
        help: Some("give this one another `name`, or delete the other".to_owned()),
    })
}

fn change(
    resource: &Arc<dyn Resource>,
    live: Option<Live>,
    depends_on: Vec<Address>,
    goal: &Goal,
) -> Change {
    let (action, fields, reason, force) = match (goal, &live) {
        (Goal::Up, None) => {
            let fields = created(resource.desired(), resource.replaced_by());
            (Action::Create, fields, None, false)
        }
        (Goal::Up, Some(live)) => {
            let fields = compare(resource.as_ref(), live);
            let forcing: Vec<&str> = fields
                .iter()
                .filter(|field| field.replaces)
                .map(|field| field.path.as_str())
                .collect();
            if fields.is_empty() {
                (Action::None, fields, None, false)
            } else if forcing.is_empty() {
                (Action::Update, fields, None, false)
            } else {
                let reason = format!("{} cannot change in place", forcing.join(", "));
                (Action::Replace, fields, Some(reason), false)
            }
        }
        (Goal::Destroy { .. }, None) => (Action::None, Vec::new(), None, false),
        (Goal::Destroy { force }, Some(_)) => {
            let force = force.contains(resource.address());
            (Action::Delete, Vec::new(), None, force)
        }
    };
    Change {
        address: resource.address().clone(),
        name: resource.name().to_owned(),
        action,
        fields,
        reason,
        depends_on,
        resource: resource.clone(),
        live,
        force,
        orphan: false,
    }
}

/// The deletion of what `stack.toml` no longer has.
fn leave(orphan: &Arc<dyn Resource>, goal: &Goal) -> Change {
    let force = match goal {
        Goal::Up => false,
        Goal::Destroy { force } => force.contains(orphan.address()),
    };
    Change {
        address: orphan.address().clone(),
        name: orphan.name().to_owned(),
        action: Action::Delete,
        fields: Vec::new(),
        reason: Some("owned by the stack, and no longer in stack.toml".to_owned()),
        depends_on: Vec::new(),
        resource: orphan.clone(),
        live: None,
        force,
        orphan: true,
    }
}

fn created(desired: Fields, replaced_by: &[&str]) -> Vec<FieldChange> {
    desired
        .into_iter()
        .filter(|(_, new)| !is_unset(new))
        .map(|(path, new)| FieldChange {
            replaces: replaced_by.contains(&path.as_str()),
            path,
            old: Value::Null,
            new,
        })
        .collect()
}

/// What differs between what is wanted and what is there. A field that is not wanted is nobody's.
fn compare(resource: &dyn Resource, live: &Live) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    for (path, new) in resource.desired() {
        let old = live.fields.get(&path).unwrap_or(&Value::Null);
        if (is_unset(&new) && is_unset(old)) || resource.same(&path, &new, old) {
            continue;
        }
        fields.push(FieldChange {
            replaces: resource.replaced_by().contains(&path.as_str()),
            old: old.clone(),
            path,
            new,
        });
    }
    if let Ownership::Marked { id, .. } = &live.ownership
        && *id != resource.address().to_string()
    {
        fields.push(FieldChange {
            path: ID_TAG.to_owned(),
            old: Value::String(id.clone()),
            new: Value::String(resource.address().to_string()),
            replaces: false,
        });
    }
    fields
}

/// AWS answers what nobody set as nothing, or as an empty text, list or map.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Turns the deletions that would lose data into keeps, unless they are forced.
async fn keep_data(changes: &mut [Change], cloud: &Cloud, goal: &Goal) -> Result<(), PlanError> {
    let leaving: Vec<Fact> = changes
        .iter()
        .filter(|c| c.action == Action::Delete)
        .flat_map(|c| c.resource.facts())
        .collect();
    for change in changes {
        if change.force || !matches!(change.action, Action::Delete | Action::Replace) {
            continue;
        }
        let held = change.resource.holds(cloud, &leaving).await;
        let held = held.map_err(|error| PlanError {
            refusals: vec![refuse_call(&change.address, error)],
        })?;
        if let Some(held) = held {
            change.action = Action::Keep;
            change.reason = Some(match goal {
                Goal::Up => held,
                Goal::Destroy { .. } => {
                    format!("{held}; --force {} deletes it all the same", change.address)
                }
            });
        }
    }
    Ok(())
}

fn summary(changes: &[Change]) -> Summary {
    let mut summary = Summary::default();
    for change in changes {
        *match change.action {
            Action::None => &mut summary.unchanged,
            Action::Create => &mut summary.create,
            Action::Update => &mut summary.update,
            Action::Replace => &mut summary.replace,
            Action::Delete => &mut summary.delete,
            Action::Keep => &mut summary.keep,
        } += 1;
    }
    summary
}
