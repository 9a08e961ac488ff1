//! What differs between what is wanted and what is there.

use serde_json::Value;

use super::ownership::ID_TAG;
use super::plan::FieldChange;
use crate::resource::{Live, Ownership, Resource};

/// What stands in place of a secret.
pub const HIDDEN: &str = "***";

/// The fields of a resource that is not there yet.
pub(super) fn created(resource: &dyn Resource) -> Vec<FieldChange> {
    resource
        .desired()
        .into_iter()
        .filter(|(_, new)| !is_unset(new))
        .map(|(path, new)| field(resource, path, Value::Null, new))
        .collect()
}

/// What differs between what is wanted and what is there. A field that is not wanted is nobody's.
pub(super) fn compare(resource: &dyn Resource, live: &Live) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    for (path, new) in resource.desired() {
        let old = live.fields.get(&path).unwrap_or(&Value::Null);
        if (is_unset(&new) && is_unset(old)) || resource.same(&path, &new, old) {
            continue;
        }
        fields.push(field(resource, path, old.clone(), new));
    }
    let address = resource.address().to_string();
    let id = match &live.ownership {
        Ownership::Marked { id, .. } if *id != address => Value::String(id.clone()),
        Ownership::Unmarked => Value::Null,
        Ownership::Marked { .. } | Ownership::Inherent => return fields,
    };
    fields.push(field(resource, ID_TAG.to_owned(), id, address.into()));
    fields
}

fn field(resource: &dyn Resource, path: String, old: Value, new: Value) -> FieldChange {
    let (mut old, mut new) = (old, new);
    if is_sensitive(resource, &path) {
        hide(&mut old);
        hide(&mut new);
    }
    FieldChange {
        replaces: resource.replaced_by().contains(&path.as_str()),
        path,
        old,
        new,
    }
}

/// Whether a field, or what it is inside of, is a secret.
pub fn is_sensitive(resource: &dyn Resource, path: &str) -> bool {
    resource.sensitive().iter().any(|secret| {
        path.strip_prefix(secret)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Puts stars in place of a secret; that there is none is told.
pub fn hide(value: &mut Value) {
    if !is_unset(value) {
        *value = HIDDEN.into();
    }
}

/// AWS answers what nobody set as nothing, or as an empty text, list or map.
pub(super) fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
