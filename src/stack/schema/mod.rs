//! The keys of `stack.toml`: as a JSON schema for editors, as a reference for people, and as the
//! check of a table against them.

mod check;

use std::collections::HashMap;
use std::sync::LazyLock;

use schemars::{JsonSchema as _, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::head::StackTable;
use super::lifecycle;
use super::local::LocalTable;
use super::outputs::OutputTable;
use super::vars::VariableTable;
use crate::resource::{KINDS, Kind};
pub(super) use check::{check, check_name, unknown_key};

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
}

/// The schema of one table of a kind.
pub(super) fn of_kind(kind: &dyn Kind) -> &'static Value {
    static SCHEMAS: LazyLock<HashMap<&str, Value>> = LazyLock::new(|| {
        let of = |kind: &&dyn Kind| {
            let mut schema = kind.schema(&mut generator()).to_value();
            lifecycle::extend(&mut schema);
            (kind.name(), schema)
        };
        KINDS.iter().map(of).collect()
    });
    &SCHEMAS[kind.name()]
}

pub(super) fn of_stack() -> &'static Value {
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| StackTable::json_schema(&mut generator()).to_value());
    &SCHEMA
}

/// The schema of `[local]`.
pub(super) fn of_local() -> &'static Value {
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| LocalTable::json_schema(&mut generator()).to_value());
    &SCHEMA
}

/// The schema of `[vars.NAME]`.
pub(super) fn of_variable() -> &'static Value {
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| VariableTable::json_schema(&mut generator()).to_value());
    &SCHEMA
}

/// The schema of `[outputs.NAME]`.
pub(super) fn of_output() -> &'static Value {
    static SCHEMA: LazyLock<Value> =
        LazyLock::new(|| OutputTable::json_schema(&mut generator()).to_value());
    &SCHEMA
}

/// The JSON schema of a whole `stack.toml`.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    // What is required is said where a table stands by itself: an env repeats none of it.
    let mut whole = Map::new();
    let mut in_env = Map::new();
    let mut define = |name: &str, schema: &Value, has_ids: bool| {
        let mut schema = for_editors(schema.clone());
        let doc = schema.get("description").cloned().unwrap_or_default();
        let required = schema.as_object_mut().and_then(|s| s.remove("required"));
        definitions.insert(name.to_owned(), schema);
        let part = json!({ "$ref": format!("#/$defs/{name}") });
        let mut complete = part.clone();
        if let Some(required) = required {
            complete["required"] = required;
        }
        // An output's value may stand alone.
        let or_short = |table: Value| match name {
            "outputs" => {
                let short = json!({ "type": ["string", "number", "boolean", "array"] });
                json!({ "anyOf": [short, table] })
            }
            _ => table,
        };
        let tables = |table: Value| {
            let table = or_short(table);
            if has_ids {
                json!({ "type": "object", "description": doc, "additionalProperties": table })
            } else {
                table
            }
        };
        whole.insert(name.to_owned(), tables(complete));
        in_env.insert(name.to_owned(), tables(part));
    };
    define("stack", of_stack(), false);
    define("outputs", of_output(), true);
    define("local", of_local(), false);
    for kind in KINDS {
        define(kind.name(), of_kind(*kind), true);
    }
    let value = json!({ "type": ["string", "number", "boolean"] });
    definitions.insert("vars".to_owned(), for_editors(of_variable().clone()));
    let vars = json!({
        "type": "object",
        "description": "Values that `${vars.NAME}` stands for.",
        "additionalProperties": { "anyOf": [value, { "$ref": "#/$defs/vars" }] },
    });
    whole.insert("vars".to_owned(), vars.clone());
    in_env.insert("vars".to_owned(), vars);
    whole.insert(
        "env".to_owned(),
        json!({
            "type": "object",
            "description": "What is different in an env, which `--env NAME` chooses.",
            "additionalProperties": {
                "type": "object",
                "properties": in_env,
                "additionalProperties": false,
            },
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "athglue's stack.toml",
        "type": "object",
        "properties": whole,
        "required": ["stack"],
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// Numbers and booleans may come from `"${vars.x}"`, and our formats are unknown to editors.
fn for_editors(mut schema: Value) -> Value {
    let Some(object) = schema.as_object_mut() else {
        return schema;
    };
    object.remove("$schema");
    for value in object.values_mut() {
        let taken = value.take();
        *value = match taken {
            Value::Object(_) => for_editors(taken),
            Value::Array(items) => items.into_iter().map(for_editors).collect(),
            other => other,
        };
    }
    if matches!(
        object.get("type").and_then(Value::as_str),
        Some("integer" | "number" | "boolean")
    ) {
        let doc = object.remove("description");
        let reference = json!({ "type": "string", "pattern": r"^\$\{.+\}$" });
        let mut either = json!({ "anyOf": [schema, reference] });
        if let Some(doc) = doc {
            either["description"] = doc;
        }
        return either;
    }
    schema
}

pub(super) fn doc_of(schema: &Value) -> String {
    let doc = schema.get("description").and_then(Value::as_str);
    doc.unwrap_or_default().to_owned()
}

pub(super) fn is_required(schema: &Value, name: &str) -> bool {
    schema
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|names| names.iter().any(|n| n == name))
}

/// The schema of an option's content.
pub(super) fn without_null(schema: &Value) -> &Value {
    let branches = schema.get("anyOf").and_then(Value::as_array);
    let real: Vec<&Value> = branches
        .into_iter()
        .flatten()
        .filter(|branch| branch.get("type").is_none_or(|t| t != "null"))
        .collect();
    match real.as_slice() {
        [one] => one,
        _ => schema,
    }
}

fn types_of(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect(),
        _ => Vec::new(),
    }
}

/// The texts that are allowed, if only some are.
fn choices(schema: &Value) -> Vec<&str> {
    if let Some(Value::Array(values)) = schema.get("enum") {
        return values.iter().filter_map(Value::as_str).collect();
    }
    let branches = schema.get("oneOf").and_then(Value::as_array);
    branches
        .into_iter()
        .flatten()
        .filter_map(|branch| branch.get("const").and_then(Value::as_str))
        .collect()
}

pub(super) fn in_words(schema: &Value) -> String {
    let schema = without_null(schema);
    let choices = choices(schema);
    if !choices.is_empty() {
        let quoted: Vec<String> = choices.iter().map(|c| format!("`{c}`")).collect();
        return quoted.join(", ");
    }
    if let Some(Value::Array(branches)) = schema.get("anyOf") {
        let words: Vec<String> = branches.iter().map(in_words).collect();
        return words.join(" or ");
    }
    match types_of(schema).first().copied() {
        Some("string") => "text".to_owned(),
        Some("integer" | "number") => "number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("array") => match schema.get("items") {
            Some(items) => format!("list of {}", in_words(items)),
            None => "list".to_owned(),
        },
        Some("object") => match schema.get("additionalProperties") {
            Some(values) if values.is_object() => format!("table of {}", in_words(values)),
            _ => "table".to_owned(),
        },
        _ => "any value".to_owned(),
    }
}
