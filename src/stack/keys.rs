//! Every key of stack.toml as a reference for people; the checked-in one is made of it.

use serde_json::Value;

use super::lifecycle;
use super::schema::{
    doc_of, in_words, is_required, of_kind, of_local, of_output, of_stack, of_variable,
    without_null,
};
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
    /// The field of AWS's API that it sets: `PutBucketVersioning.VersioningConfiguration.Status`.
    pub aws: Option<String>,
    /// What becomes of the resource when it changes: one of [`IN_PLACE`], [`ANEW`], [`ANOTHER`] and
    /// [`NONE`], or in words where that depends.
    pub change: String,
}

/// The resource is updated where it is.
pub const IN_PLACE: &str = "in place";
/// It is deleted, and made anew under its name.
pub const ANEW: &str = "anew";
/// Another resource is made, and this one deleted afterwards.
pub const ANOTHER: &str = "another";

/// It says how something is made or changed, and by itself changes nothing.
pub const NONE: &str = "none";

/// All about a kind.
#[derive(Debug, Clone)]
pub struct KindReference {
    /// `buckets`, or `stack`, `vars`, `outputs` and `local`, which are no kinds.
    pub name: &'static str,
    pub doc: String,
    pub keys: Vec<Key>,
    pub attributes: &'static [Attribute],
}

/// Every kind and key with its description, in the order of the kinds. The keys that every kind has
/// are in [`of_every_kind`].
pub fn reference() -> Vec<KindReference> {
    let tables = KINDS.iter().map(|kind| {
        let changes = Changes {
            identified_by: kind.identified_by(),
            replaced_by: kind.replaced_by(),
        };
        of_table(kind.name(), of_kind(*kind), kind.attributes(), changes)
    });
    let heads = [
        ("stack", of_stack()),
        ("vars", of_variable()),
        ("outputs", of_output()),
        ("local", of_local()),
    ];
    heads
        .into_iter()
        .map(|(name, schema)| of_table(name, schema, &[], Changes::default()))
        .chain(tables)
        .collect()
}

/// The keys that every kind has.
pub fn of_every_kind() -> Vec<Key> {
    let schema = serde_json::json!({ "properties": lifecycle::properties_of_all() });
    let mut keys = Vec::new();
    list_keys("", None, &schema, Changes::default(), &mut keys);
    keys
}

/// What a kind says of its changes.
#[derive(Debug, Clone, Copy, Default)]
struct Changes {
    identified_by: &'static [&'static str],
    replaced_by: &'static [&'static str],
}

impl Changes {
    /// What becomes of a resource with another value of the key at `path`.
    fn of(self, path: &str, property: &Value) -> String {
        let top = path.split(['.', '[']).next().unwrap_or_default();
        if let Some(words) = text_of(property, "x-change") {
            words
        } else if self.identified_by.contains(&path) {
            ANOTHER.to_owned()
        } else if self.replaced_by.contains(&top) || self.replaced_by.contains(&path) {
            ANEW.to_owned()
        } else {
            IN_PLACE.to_owned()
        }
    }
}

fn of_table(
    name: &'static str,
    schema: &Value,
    attributes: &'static [Attribute],
    changes: Changes,
) -> KindReference {
    let mut keys = Vec::new();
    list_keys("", None, schema, changes, &mut keys);
    keys.retain(|key| !lifecycle::is_of_all(&key.path));
    KindReference {
        name,
        doc: doc_of(schema),
        keys,
        attributes,
    }
}

/// The API's own name of a key: `StorageClass` of `storage_class`.
fn in_aws_form(key: &str) -> String {
    key.split('_')
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

/// What a schema says beside the standard's words.
fn text_of(schema: &Value, word: &str) -> Option<String> {
    schema.get(word).and_then(Value::as_str).map(str::to_owned)
}

/// `above` is the field of the table that the keys are in.
fn list_keys(
    prefix: &str,
    above: Option<&str>,
    schema: &Value,
    changes: Changes,
    keys: &mut Vec<Key>,
) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (name, property) in properties {
        let path = format!("{prefix}{name}");
        let aws = match (text_of(property, "x-aws"), above) {
            (Some(field), _) => Some(field),
            (None, Some(above)) => Some(format!("{above}.{}", in_aws_form(name))),
            (None, None) => None,
        };
        let at = keys.len();
        keys.push(Key {
            value: in_words(property),
            required: is_required(schema, name),
            doc: doc_of(property),
            default: property.get("default").filter(|d| !d.is_null()).cloned(),
            path: path.clone(),
            aws: aws.clone(),
            change: changes.of(&path, property),
        });
        let object = without_null(property);
        let below = aws.as_deref();
        list_keys(&format!("{path}."), below, object, changes, keys);
        if let Some(items) = object.get("items") {
            let below = below.map(|field| format!("{field}[]"));
            list_keys(
                &format!("{path}[]."),
                below.as_deref(),
                items,
                changes,
                keys,
            );
        }
        if let Some(values) = object.get("additionalProperties") {
            list_keys(&format!("{path}.NAME."), below, values, changes, keys);
        }
        // A table all of whose keys make it anew does so itself.
        let Some((of_it, below)) = keys[at..].split_first_mut() else {
            continue;
        };
        if !below.is_empty() && below.iter().all(|key| key.change == ANEW) {
            of_it.change = ANEW.to_owned();
        }
    }
}
