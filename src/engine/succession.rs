//! What `stack.toml` has under another name, in another database or workgroup: one is made, and the
//! old one goes when all else is done. A plan says it as one replacement.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::compare::compare;
use super::ownership::ID_TAG;
use super::plan::{Action, Change, FieldChange};
use super::planning::Planner;
use super::reading::{ask_all, steadily};
use super::refusal::Refusal;
use crate::cloud::Cloud;
use crate::resource::{Address, Live, Resource};

/// What is deleted when what takes its place is there.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Former {
    /// What sets it apart from others of its kind: its name, or `lake/songs`.
    pub key: String,
    #[serde(skip)]
    pub(super) resource: Arc<dyn Resource>,
    /// The data in it may go with it.
    #[serde(skip)]
    pub(super) force: bool,
}

/// The deletion of something whose address `stack.toml` still has.
pub(super) struct Move {
    /// Its place among the changes.
    pub deletion: usize,
    pub to: Address,
    /// What `stack.toml` says of it now, in words.
    pub said: String,
}

/// What sets `new` apart from `old`, in words.
pub(super) fn in_words(new: &dyn Resource, old: &dyn Resource) -> String {
    let parts: Vec<String> = moved(new, old)
        .map(|(key, _, now)| match key {
            "name" => format!("names it `{now}` now"),
            key => format!("says {key} = `{now}` now"),
        })
        .collect();
    format!("stack.toml {}", parts.join(" and "))
}

/// Of each key that sets the two apart: the key, what it was and what it is.
fn moved(
    new: &dyn Resource,
    old: &dyn Resource,
) -> impl Iterator<Item = (&'static str, String, String)> {
    let both = old.identity().into_iter().zip(new.identity());
    both.filter(|((_, was), (_, is))| was != is)
        .map(|((key, was), (_, is))| (key, was, is))
}

/// What differs between what is made and what it takes the place of.
fn differences(new: &dyn Resource, old: &dyn Resource, live: &Live) -> Vec<FieldChange> {
    let moved = moved(new, old).map(|(key, was, is)| FieldChange {
        path: key.to_owned(),
        old: was.into(),
        new: is.into(),
        replaces: true,
    });
    let others = compare(new, live).into_iter();
    moved
        .chain(others.filter(|field| field.path != ID_TAG))
        .collect()
}

impl Planner<'_> {
    /// Makes one replacement of each creation and the deletion of what it takes the place of.
    /// Where the old one stays, for the data in it or because the user wants it, both are told.
    pub(super) async fn join(
        &self,
        changes: &mut Vec<Change>,
        moves: Vec<Move>,
        cloud: &Cloud,
    ) -> Vec<Refusal> {
        let mut made: HashMap<Address, usize> = changes
            .iter()
            .enumerate()
            .filter(|(_, change)| change.action == Action::Create)
            .map(|(i, change)| (change.address.clone(), i))
            .collect();
        let mut pairs = Vec::new();
        for Move { deletion, to, said } in moves {
            let leaving = &mut changes[deletion];
            let new = Some(&to).filter(|_| leaving.action == Action::Delete);
            match new.and_then(|to| made.remove(to)) {
                Some(new) => pairs.push((new, deletion)),
                None => {
                    leaving.reason = Some(match leaving.reason.take() {
                        Some(reason) => format!("{said}; {reason}"),
                        None => said,
                    });
                }
            }
        }
        let read = ask_all(pairs.into_iter(), self.terms.reads, |(_, deletion)| {
            let (old, cloud) = (changes[*deletion].resource.clone(), cloud.clone());
            async move { steadily(|| old.read(&cloud)).await }
        })
        .await;
        let (mut joined, mut refusals) = (HashSet::new(), Vec::new());
        for ((new, deletion), live) in read {
            match live {
                Ok(Some(live)) => {
                    let old = changes[deletion].clone();
                    self.replace(&mut changes[new], old, live);
                    joined.insert(deletion);
                }
                // Somebody else takes it away.
                Ok(None) => {}
                Err(error) => refusals.push(Refusal::of_call(&changes[new].address, &error)),
            }
        }
        let mut at = 0..;
        changes.retain(|_| at.next().is_none_or(|i| !joined.contains(&i)));
        refusals
    }

    fn replace(&self, change: &mut Change, old: Change, live: Live) {
        change.fields = differences(change.resource.as_ref(), old.resource.as_ref(), &live);
        for field in &mut change.fields {
            self.stack.secrets.hide_in(&mut field.new, &mut field.old);
        }
        let forcing: Vec<&str> = change
            .fields
            .iter()
            .filter(|field| field.replaces)
            .map(|field| field.path.as_str())
            .collect();
        let key = old.resource.key();
        let mut reason = format!(
            "{} cannot change in place: the new one is made, and `{key}` deleted when all else is done",
            forcing.join(", ")
        );
        if let Some(held) = old.reason {
            reason = format!("{reason}; {held}");
        }
        change.reason = Some(reason);
        change.action = Action::Replace;
        change.live = Some(live);
        change.former = Some(Former {
            key,
            resource: old.resource,
            force: old.force,
        });
    }
}
