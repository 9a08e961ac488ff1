//! What every resource is: its address, its name, its tags and its mark.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Address, Scope};
use crate::engine::{ID_TAG, Mark, STACK_TAG};

/// A resource's address, physical name and tags.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub address: Address,
    pub name: String,
    pub scope: Scope,
    /// The stack's tags and its own; the mark comes beside them.
    pub tags: BTreeMap<String, String>,
}

impl Identity {
    pub fn new(
        address: Address,
        name: impl Into<String>,
        tags: BTreeMap<String, String>,
        scope: &Scope,
    ) -> Self {
        let mut all = scope.tags.clone();
        all.extend(tags);
        Self {
            address,
            name: name.into(),
            scope: scope.clone(),
            tags: all,
        }
    }

    /// What was found by its mark and is perhaps no longer in `stack.toml`.
    pub fn found(kind: &str, id: &str, name: &str, scope: &Scope) -> Self {
        let address = id.parse().unwrap_or_else(|_| Address::new(kind, name));
        Self::new(address, name, BTreeMap::new(), scope)
    }

    pub fn mark(&self) -> Mark {
        Mark::of(&self.scope, &self.address)
    }

    /// All tags that the resource carries.
    pub fn marked_tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        for (key, value) in self.mark().tags() {
            tags.insert(key.to_owned(), value.to_owned());
        }
        tags
    }

    /// Live tags that are no longer wanted.
    pub fn dropped_tags(&self, live: &BTreeMap<String, String>) -> Vec<String> {
        let wanted = self.marked_tags();
        live.keys()
            .filter(|key| !wanted.contains_key(*key) && !key.starts_with("aws:"))
            .cloned()
            .collect()
    }

    pub fn desired_tags(&self) -> Value {
        json!(self.tags)
    }
}

/// The tags that a user sees: neither the mark nor those that AWS writes.
pub(super) fn shown_tags(live: &BTreeMap<String, String>) -> Value {
    let shown: BTreeMap<_, _> = live
        .iter()
        .filter(|(key, _)| !key.starts_with("aws:") && *key != STACK_TAG && *key != ID_TAG)
        .collect();
    json!(shown)
}

/// Whether an update has to write tags.
pub(super) fn touches_tags(changed: &BTreeSet<String>) -> bool {
    changed.contains("tags") || changed.contains(ID_TAG)
}

/// The id in the mark, if the tags carry the mark of this stack.
pub(super) fn own_id<'a>(tags: &'a BTreeMap<String, String>, scope: &Scope) -> Option<&'a str> {
    (tags.get(STACK_TAG)? == &scope.stack).then(|| tags.get(ID_TAG).map_or("", String::as_str))
}

/// The default name: `STACK-ID`.
pub(super) fn default_name(scope: &Scope, address: &Address) -> String {
    format!("{}-{}", scope.stack, address.id)
}

/// The default name in the catalog, which Athena can say without quotes: `stack_id`.
pub(super) fn catalog_name(text: &str) -> String {
    text.to_ascii_lowercase().replace('-', "_")
}
