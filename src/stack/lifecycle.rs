//! Keys that every table of a resource has: how it may come and go.

use serde_json::{Map, Value, json};

use super::document::{Node, NodeValue};
use crate::engine::Lifecycle;

/// The keys and what they mean.
const KEYS: [(&str, &str); 3] = [
    (
        "prevent_destroy",
        "A plan that would delete or replace it is refused. Default: false.",
    ),
    (
        "force_destroy",
        "It may be deleted or replaced with the data in it. Default: false.",
    ),
    (
        "adopt",
        "One of its name that is there already and carries no mark of a stack is taken over, with its data. Default: false.",
    ),
];

/// Adds the keys to the schema of a kind's table.
pub(super) fn extend(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    let properties = schema
        .entry("properties")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some(properties) = properties.as_object_mut() {
        properties.extend(properties_of_all());
    }
}

/// The keys as properties of a schema.
pub(super) fn properties_of_all() -> Map<String, Value> {
    KEYS.iter()
        .map(|(name, doc)| {
            let property = json!({ "type": "boolean", "description": doc });
            ((*name).to_owned(), property)
        })
        .collect()
}

/// Whether this is one of the keys of every table.
#[cfg(test)]
pub(super) fn is_of_all(key: &str) -> bool {
    KEYS.iter().any(|(name, _)| *name == key)
}

/// Takes the keys out of a table that fits its schema.
pub(super) fn take(table: &mut Node) -> Lifecycle {
    let is_set = |name: &str| {
        table
            .get(name)
            .is_some_and(|node| node.value == NodeValue::Bool(true))
    };
    let lifecycle = Lifecycle {
        prevent_destroy: is_set("prevent_destroy"),
        force_destroy: is_set("force_destroy"),
        adopt: is_set("adopt"),
    };
    if let NodeValue::Table(entries) = &mut table.value {
        entries.retain(|(key, _)| !KEYS.iter().any(|(name, _)| *name == key.name));
    }
    lifecycle
}
