//! Every key of stack.toml as a reference for people; the checked-in one is made of it.

use serde_json::Value;

use super::schema::{doc_of, in_words, is_required, of_kind, of_stack, without_null};
use crate::resource::{Attribute, KINDS};

/// One key of a table.
#[derive(Debug, Clone)]
pub struct Key {
    /// With dots for what is inside: `columns[].name`.
    pub path: String,
    /// In words: `text`, `number`, `list of texts`.
    pub value: String,
    pub required: bool,
    pub doc: String,
    pub default: Option<Value>,
}

/// All about a kind.
#[derive(Debug, Clone)]
pub struct KindReference {
    /// `buckets`, or `stack` and `vars`, which are no kinds.
    pub name: &'static str,
    pub doc: String,
    pub keys: Vec<Key>,
    pub attributes: &'static [Attribute],
}

/// Every kind and key with its description, in the order of the kinds.
pub fn reference() -> Vec<KindReference> {
    let tables = KINDS
        .iter()
        .map(|kind| (kind.name(), of_kind(*kind), kind.attributes()));
    std::iter::once(("stack", of_stack(), [].as_slice()))
        .chain(tables)
        .map(|(name, schema, attributes)| {
            let mut keys = Vec::new();
            list_keys("", &schema, &mut keys);
            KindReference {
                name,
                doc: doc_of(&schema),
                keys,
                attributes,
            }
        })
        .collect()
}

fn list_keys(prefix: &str, schema: &Value, keys: &mut Vec<Key>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (name, property) in properties {
        let path = format!("{prefix}{name}");
        keys.push(Key {
            value: in_words(property),
            required: is_required(schema, name),
            doc: doc_of(property),
            default: property.get("default").filter(|d| !d.is_null()).cloned(),
            path: path.clone(),
        });
        let object = without_null(property);
        list_keys(&format!("{path}."), object, keys);
        if let Some(items) = object.get("items") {
            list_keys(&format!("{path}[]."), items, keys);
        }
    }
}
