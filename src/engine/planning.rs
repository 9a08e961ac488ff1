//! How a plan is made: every live resource read, every field compared.

use std::collections::HashMap;
use std::sync::Arc;

use super::compare::{compare, created};
use super::draft::Draft;
use super::lifecycle::Lifecycle;
use super::places::Places;
use super::plan::{Action, Change, PLAN_VERSION, Plan, Summary};
use super::reading::{find_owned, read_all};
use super::refusal::{PlanError, Refusal};
use super::succession::Move;
use super::terms::{Goal, Selection, Terms};
use crate::cloud::Cloud;
use crate::resource::{Address, Live, Ownership, Resource};
use crate::stack::{Declared, Stack};

/// Reads everything that is live, in parallel, and says what leads to `goal`.
pub async fn plan(
    stack: &Stack,
    cloud: &Cloud,
    goal: Goal,
    terms: &Terms,
) -> Result<Plan, PlanError> {
    make(stack, cloud, goal, terms, Purpose::Apply).await
}

/// What `up` would do, only to look at it: what hinders one resource hinders no other, and stays
/// as it is with the reason.
pub async fn look(stack: &Stack, cloud: &Cloud, terms: &Terms) -> Result<Plan, PlanError> {
    make(stack, cloud, Goal::Up, terms, Purpose::Look).await
}

/// What a plan is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be carried out: what cannot be done is refused.
    Apply,
    /// To be shown: nothing of it is done.
    Look,
}

async fn make(
    stack: &Stack,
    cloud: &Cloud,
    goal: Goal,
    terms: &Terms,
    purpose: Purpose,
) -> Result<Plan, PlanError> {
    let planner = Planner {
        places: Places::of(&stack.source),
        stack,
        goal,
        terms,
        purpose,
    };
    let selection = Selection::of(stack, goal, &terms.only);
    let chosen = stack.resources.iter();
    let chosen = chosen.filter(|declared| selection.has(declared.resource.address()));
    let (reads, owned) = futures::join!(
        read_all(chosen, cloud, terms.reads),
        find_owned(stack, cloud, terms.reads)
    );
    let mut draft = Draft::default();
    let orphans = planner.orphans(owned, &mut draft);
    planner.declared(reads, cloud, &mut draft);
    planner.left(orphans, &selection, &mut draft);
    let draft = planner.settled(draft, cloud).await?;
    Ok(Plan {
        version: PLAN_VERSION,
        goal,
        stack: stack.name.clone(),
        target: cloud.target().to_string(),
        account_id: stack.scope.account_id.clone(),
        region: stack.scope.region.clone(),
        summary: Summary::of(&draft.changes),
        changes: draft.changes,
        warnings: draft.warnings,
    })
}

/// Whose a live resource is, as far as a plan cares.
enum Owner {
    Us,
    /// Nobody, and it is to be taken over.
    Nobody,
    /// Somebody else, in words.
    Other(String),
}

pub(super) struct Planner<'a> {
    places: Places<'a>,
    pub(super) stack: &'a Stack,
    pub(super) goal: Goal,
    pub(super) terms: &'a Terms,
    pub(super) purpose: Purpose,
}

impl Planner<'_> {
    fn owner(&self, declared: &Declared, live: &Live) -> Owner {
        let adopts =
            declared.lifecycle.adopt || self.terms.adopt.contains(declared.resource.address());
        match &live.ownership {
            Ownership::Inherent => Owner::Us,
            Ownership::Marked { stack, .. } if *stack == self.stack.name => Owner::Us,
            Ownership::Marked { stack, .. } => {
                Owner::Other(format!("belongs to the stack `{stack}`"))
            }
            Ownership::Unmarked if adopts => Owner::Nobody,
            Ownership::Unmarked => Owner::Other("was not made by this stack".to_owned()),
        }
    }

    /// The change of what `stack.toml` has.
    pub(super) fn change(
        &self,
        declared: &Declared,
        live: Option<Live>,
    ) -> Result<Change, Refusal> {
        let resource = &declared.resource;
        let owner = live.as_ref().map(|live| self.owner(declared, live));
        let mut change = Change {
            address: resource.address().clone(),
            name: resource.name().to_owned(),
            action: Action::None,
            fields: Vec::new(),
            reason: None,
            depends_on: declared.depends_on.iter().cloned().collect(),
            orphan: false,
            force: self.forces(resource.address(), declared.lifecycle),
            former: None,
            place: Some(self.places.location(&declared.span)),
            resource: resource.clone(),
            live,
        };
        match (self.goal, owner) {
            (Goal::Up, None) => {
                change.action = Action::Create;
                change.fields = created(resource.as_ref());
            }
            (Goal::Up, Some(Owner::Us)) => settle(&mut change),
            (Goal::Up, Some(Owner::Nobody)) => {
                settle(&mut change);
                if change.action == Action::Replace && self.purpose == Purpose::Apply {
                    return Err(self.refuse_adoption(&change));
                }
                change.action = Action::Adopt;
                change.reason = Some(
                    "it is there already, and becomes this stack's with what is in it".to_owned(),
                );
            }
            (Goal::Up, Some(Owner::Other(whose))) => match self.purpose {
                Purpose::Apply => return Err(refuse_other(&change, &whose)),
                Purpose::Look => {
                    change.action = Action::Keep;
                    change.reason = Some(whose);
                }
            },
            (Goal::Destroy, None) => {}
            (Goal::Destroy, Some(Owner::Us)) => change.action = Action::Delete,
            // What is not ours stays when we go.
            (Goal::Destroy, Some(Owner::Nobody)) => {
                change.action = Action::Keep;
                change.reason = Some("it was not made by this stack".to_owned());
            }
            (Goal::Destroy, Some(Owner::Other(whose))) => {
                change.action = Action::Keep;
                change.reason = Some(format!("it {whose}"));
            }
        }
        self.refuse_protected(&change, declared.lifecycle)?;
        for field in &mut change.fields {
            self.stack.secrets.hide_in(&mut field.new, &mut field.old);
        }
        Ok(change)
    }

    fn refuse_adoption(&self, change: &Change) -> Refusal {
        let reason = change.reason.as_deref().unwrap_or_default();
        Refusal {
            address: change.address.clone(),
            message: format!("`{}` cannot be taken over: {reason}", change.name),
            label: "differs from what is there".to_owned(),
            help: Some("write these fields as they are there".to_owned()),
        }
    }

    /// What `stack.toml` has at the address of something that it has no more: the same by another
    /// name.
    pub(super) fn now<'a>(
        &'a self,
        orphan: &dyn Resource,
        places: &HashMap<&Address, &'a Declared>,
    ) -> Option<&'a Declared> {
        let is_of_kind = |declared: &&Declared| declared.resource.kind() == orphan.kind();
        let at = places.get(orphan.address()).copied().filter(is_of_kind);
        let is_it =
            |declared: &&Declared| is_of_kind(declared) && declared.resource.may_have_been(orphan);
        at.or_else(|| self.stack.resources.iter().find(is_it))
    }

    /// The deletion of what `stack.toml` no longer has. It may still have the address, under
    /// another name: what it says of that is told later.
    pub(super) fn leave(
        &self,
        orphan: Arc<dyn Resource>,
        declared: Option<&Declared>,
        moved: Option<&Move>,
    ) -> Result<Change, Refusal> {
        let lifecycle = declared
            .map(|declared| declared.lifecycle)
            .unwrap_or_default();
        let address = declared.map_or(orphan.address(), |now| now.resource.address());
        let mut change = Change {
            address: address.clone(),
            name: orphan.name().to_owned(),
            action: Action::Delete,
            fields: Vec::new(),
            reason: Some(match moved {
                Some(moved) => moved.said.clone(),
                None => "no longer in stack.toml".to_owned(),
            }),
            depends_on: Vec::new(),
            orphan: true,
            force: self.forces(address, lifecycle),
            former: None,
            place: None,
            resource: orphan,
            live: None,
        };
        if self.goal == Goal::Up && self.terms.keep_orphans {
            change.action = Action::Keep;
        }
        self.refuse_protected(&change, lifecycle)?;
        change.reason = change.reason.filter(|_| moved.is_none());
        Ok(change)
    }

    fn refuse_protected(&self, change: &Change, lifecycle: Lifecycle) -> Result<(), Refusal> {
        let what = match change.action {
            Action::Delete => "deleted",
            Action::Replace => "replaced",
            _ => return Ok(()),
        };
        if !lifecycle.prevent_destroy || self.purpose == Purpose::Look {
            return Ok(());
        }
        let reason = change.reason.as_deref();
        let reason = reason
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        Err(Refusal {
            address: change.address.clone(),
            message: format!("`{}` would be {what}{reason}", change.name),
            label: "is protected by prevent_destroy".to_owned(),
            help: Some("take `prevent_destroy` out of its table first".to_owned()),
        })
    }

    fn forces(&self, address: &Address, lifecycle: Lifecycle) -> bool {
        lifecycle.force_destroy || self.terms.force.contains(address)
    }
}

/// Decides what makes a live resource as it is wanted.
fn settle(change: &mut Change) {
    let Some(live) = &change.live else { return };
    change.fields = compare(change.resource.as_ref(), live);
    let forcing: Vec<&str> = change
        .fields
        .iter()
        .filter(|field| field.replaces)
        .map(|field| field.path.as_str())
        .collect();
    if !forcing.is_empty() {
        change.reason = Some(format!("{} cannot change in place", forcing.join(", ")));
        change.action = Action::Replace;
    } else if !change.fields.is_empty() {
        change.action = Action::Update;
    }
}

fn refuse_other(change: &Change, whose: &str) -> Refusal {
    let help = match change.live.as_ref().map(|live| &live.ownership) {
        Some(Ownership::Unmarked) => format!(
            "give this one another `name`, or take the other over with `adopt = true` or --adopt {}",
            change.address
        ),
        _ => "give this one another `name`, or delete the other".to_owned(),
    };
    Refusal {
        address: change.address.clone(),
        message: format!("`{}` exists already and {whose}", change.name),
        label: "is not this stack's".to_owned(),
        help: Some(help),
    }
}
