//! What a plan leads to, and within which bounds.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::Unsearched;
use super::refusal::Refusal;
use crate::resource::Address;
use crate::stack::{Stack, nearest};

/// What a plan leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// What `stack.toml` says.
    #[default]
    Up,
    /// Nothing of the stack.
    Destroy,
}

/// How many resources are read at a time, if nobody says otherwise.
pub const READS: usize = 32;

/// The bounds of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Only these and what they depend on, or, on the way to nothing, what depends on them.
    /// Everything if it is empty.
    pub only: BTreeSet<Address>,
    /// May be deleted or replaced with the data in them.
    pub force: BTreeSet<Address>,
    /// Taken over if they are there already and carry no mark.
    pub adopt: BTreeSet<Address>,
    /// What is no longer in `stack.toml` stays.
    pub keep_orphans: bool,
    /// How many resources are read at a time.
    #[serde(skip, default = "reads")]
    pub reads: usize,
}

fn reads() -> usize {
    READS
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            only: BTreeSet::new(),
            force: BTreeSet::new(),
            adopt: BTreeSet::new(),
            keep_orphans: false,
            reads: READS,
        }
    }
}

/// The part of a stack that a plan is about.
pub(super) struct Selection<'a> {
    only: &'a BTreeSet<Address>,
    chosen: HashSet<&'a Address>,
}

impl<'a> Selection<'a> {
    pub fn of(stack: &'a Stack, goal: Goal, only: &'a BTreeSet<Address>) -> Self {
        let mut selection = Self {
            only,
            chosen: HashSet::new(),
        };
        if only.is_empty() {
            return selection;
        }
        let mut ways: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
        for declared in &stack.resources {
            let address = declared.resource.address();
            for needed in &declared.depends_on {
                let (from, to) = match goal {
                    Goal::Up => (address, needed),
                    Goal::Destroy => (needed, address),
                };
                ways.entry(from).or_default().push(to);
            }
        }
        let addresses = stack.resources.iter().map(|d| d.resource.address());
        let mut next: Vec<&Address> = addresses.filter(|a| selection.is_named(a)).collect();
        while let Some(address) = next.pop() {
            if selection.chosen.insert(address) {
                next.extend(ways.get(address).into_iter().flatten().copied());
            }
        }
        selection
    }

    /// Whether `--only` names this one, or what it is a part of.
    fn is_named(&self, address: &Address) -> bool {
        self.only.contains(address)
            || (address.part.is_some() && self.only.contains(&address.whole()))
    }

    pub fn has(&self, address: &Address) -> bool {
        self.only.is_empty() || self.chosen.contains(address) || self.is_named(address)
    }
}

/// Whoever names what is not there has made a mistake.
pub(super) fn refuse_unknown<'a>(
    terms: &Terms,
    known: impl Iterator<Item = &'a Address>,
    unsearched: &[Unsearched],
) -> Vec<Refusal> {
    let named: BTreeSet<&Address> = [&terms.only, &terms.force, &terms.adopt]
        .into_iter()
        .flatten()
        .collect();
    if named.is_empty() {
        return Vec::new();
    }
    let known: BTreeSet<&Address> = known.collect();
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    let help = |unknown: &Address| {
        let near = nearest(&unknown.to_string(), names.iter().map(String::as_str));
        let of_kind = || unsearched.iter().find(|left| left.kind == unknown.kind);
        near.map(|near| format!("did you mean {near}?"))
            .or_else(|| of_kind().map(|left| left.message.clone()))
    };
    named
        .difference(&known)
        .map(|unknown| Refusal {
            address: (*unknown).clone(),
            message: "the stack has no such resource".to_owned(),
            label: String::new(),
            help: help(unknown),
        })
        .collect()
}
