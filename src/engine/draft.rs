//! A plan that is being made: what was read becomes changes, and what cannot be done refusals.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::plan::{Change, Unsearched};
use super::planning::{Planner, Purpose};
use super::reading::{Owned, Read};
use super::refusal::{PlanError, Refusal};
use super::succession::{Move, in_words};
use super::terms::{Goal, Selection, refuse_unknown};
use crate::cloud::Cloud;
use crate::resource::{Address, Resource};
use crate::stack::{Declared, Stack};

/// What there is of a plan so far.
#[derive(Default)]
pub(super) struct Draft {
    pub changes: Vec<Change>,
    /// Which deletions among the changes are of what is made anew elsewhere.
    pub moves: Vec<Move>,
    pub warnings: Vec<Unsearched>,
    pub refusals: Vec<Refusal>,
}

impl Draft {
    /// Takes in one change; gives whether it is one and no refusal.
    fn take(&mut self, change: Result<Change, Refusal>) -> bool {
        match change {
            Ok(change) => {
                self.changes.push(change);
                true
            }
            Err(refusal) => {
                self.refusals.push(refusal);
                false
            }
        }
    }
}

impl Planner<'_> {
    /// What the stack owns beside `stack.toml`, as far as it may be looked for. Addresses in the
    /// terms that are neither there nor in the file are refused.
    pub(super) fn orphans(
        &self,
        owned: Result<Owned, Refusal>,
        draft: &mut Draft,
    ) -> Vec<Arc<dyn Resource>> {
        let owned = match owned {
            Ok(owned) => owned,
            Err(refusal) => {
                draft.refusals.push(refusal);
                return Vec::new();
            }
        };
        let orphans = only_orphans(self.stack, self.goal, owned.found);
        let declared = self.stack.resources.iter().map(|d| &d.resource);
        let known = declared.chain(&orphans).map(|resource| resource.address());
        let unknown = refuse_unknown(self.terms, known, &owned.unsearched);
        draft.refusals.extend(unknown);
        draft.warnings = owned.unsearched;
        orphans
    }

    /// The changes of what `stack.toml` has, as it was read.
    pub(super) fn declared(&self, reads: Vec<Read<'_>>, cloud: &Cloud, draft: &mut Draft) {
        for (declared, live) in reads {
            let resource = &declared.resource;
            let live = live.map_err(|error| Refusal::of_call(resource.address(), &error));
            let live = live.and_then(|live| match resource.refuse(cloud, live.as_ref()) {
                Some(error) if self.goal == Goal::Up && self.purpose == Purpose::Apply => {
                    Err(Refusal::of_target(declared, &error))
                }
                _ => Ok(live),
            });
            draft.take(live.and_then(|live| self.change(declared, live)));
        }
    }

    /// The deletions of what `stack.toml` no longer has, among what is selected.
    pub(super) fn left(
        &self,
        orphans: Vec<Arc<dyn Resource>>,
        selection: &Selection,
        draft: &mut Draft,
    ) {
        let declared = self.stack.resources.iter();
        let places: HashMap<&Address, &Declared> = declared
            .map(|declared| (declared.resource.address(), declared))
            .collect();
        for orphan in orphans {
            let declared = self.now(orphan.as_ref(), &places);
            let address = declared.map_or(orphan.address(), |now| now.resource.address());
            if !selection.has(address) {
                continue;
            }
            let moved = declared.map(|now| Move {
                deletion: draft.changes.len(),
                to: address.clone(),
                said: in_words(now.resource.as_ref(), orphan.as_ref()),
            });
            if draft.take(self.leave(orphan, declared, moved.as_ref())) {
                draft.moves.extend(moved);
            }
        }
    }

    /// The draft once data is kept and what moved is joined with what takes its place, which is
    /// only asked of one that nothing is refused of.
    pub(super) async fn settled(
        &self,
        mut draft: Draft,
        cloud: &Cloud,
    ) -> Result<Draft, PlanError> {
        let mut refusals = std::mem::take(&mut draft.refusals);
        if refusals.is_empty() {
            refusals = self.keep_data(&mut draft.changes, cloud).await;
        }
        if refusals.is_empty() {
            let moves = std::mem::take(&mut draft.moves);
            refusals = self.join(&mut draft.changes, moves, cloud).await;
        }
        if refusals.is_empty() {
            Ok(draft)
        } else {
            Err(PlanError { refusals })
        }
    }
}

/// Of what carries the mark, what `stack.toml` does not have.
fn only_orphans(
    stack: &Stack,
    goal: Goal,
    mut owned: Vec<Arc<dyn Resource>>,
) -> Vec<Arc<dyn Resource>> {
    let declared: HashSet<(&str, String)> = stack
        .resources
        .iter()
        .map(|d| (d.resource.kind(), d.resource.key()))
        .collect();
    let is_used = |found: &dyn Resource| {
        let mut of_kind = declared.iter().filter(|(kind, _)| *kind == found.kind());
        goal == Goal::Up && of_kind.any(|(_, key)| found.comes_with(key))
    };
    owned.retain(|found| {
        !declared.contains(&(found.kind(), found.key())) && !is_used(found.as_ref())
    });
    owned
}
