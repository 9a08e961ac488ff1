//! The keys of `stack.toml`: as a JSON schema for editors, as a reference for people, and as the
//! check of a table against them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use schemars::{JsonSchema as _, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::diagnostic::{Diagnostic, in_short, nearest};
use super::document::{Key, Node, NodeValue};
use super::head::StackTable;
use super::lifecycle;
use super::outputs::OutputTable;
use super::types::FORMATS;
use super::vars::VariableTable;
use crate::resource::{KINDS, Kind};

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
        let tables = |table: Value| {
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

/// Compares a table with its schema. Texts that came from references become the numbers and
/// booleans that are wanted. `what` names the table for messages: `a crawler`.
pub(super) fn check(node: &mut Node, schema: &Value, what: &str, found: &mut Vec<Diagnostic>) {
    let schema = without_null(schema);
    if matches!(node.value, NodeValue::Unknown) {
        return;
    }
    if let Some(Value::Array(branches)) = schema.get("anyOf") {
        check_either(node, branches, what, found);
        return;
    }
    let choices = choices(schema);
    if !choices.is_empty() {
        check_choice(node, &choices, what, found);
        return;
    }
    let types = types_of(schema);
    if !types.is_empty() && !types.iter().any(|wanted| convert(node, wanted)) {
        let wanted = in_words(schema);
        let is = describe(node);
        found.push(Diagnostic::new(
            node.span.clone(),
            format!("{what} is {wanted}, not {is}"),
            format!("expected {wanted}"),
        ));
        return;
    }
    let span = node.span.clone();
    match &mut node.value {
        NodeValue::Text(text) => {
            if let Err(message) = check_text(text, schema) {
                found.push(Diagnostic::new(
                    span,
                    format!("{what}: `{text}` is not valid"),
                    message,
                ));
            }
        }
        NodeValue::Integer(number) => {
            let number = *number as f64;
            let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
            let low = limit("minimum").filter(|low| number < *low);
            let high = limit("maximum").filter(|high| number > *high);
            if let Some(bound) = low {
                found.push(Diagnostic::new(
                    span,
                    format!("{what} is too small"),
                    format!("at least {bound}"),
                ));
            } else if let Some(bound) = high {
                found.push(Diagnostic::new(
                    span,
                    format!("{what} is too large"),
                    format!("at most {bound}"),
                ));
            }
        }
        NodeValue::Array(items) => {
            let least = schema.get("minItems").and_then(Value::as_u64);
            if least.is_some_and(|least| (items.len() as u64) < least) {
                found.push(Diagnostic::new(
                    span,
                    format!("{what} is empty"),
                    "at least one is needed",
                ));
            }
            if let Some(schema) = schema.get("items") {
                for item in items {
                    check(item, schema, what, found);
                }
            }
        }
        NodeValue::Table(entries) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let others = schema.get("additionalProperties");
            // A key that is missing because it is misspelt is one mistake, not two.
            let mut meant: Vec<&str> = Vec::new();
            for (key, value) in entries.iter_mut() {
                match (properties.and_then(|p| p.get(&key.name)), others) {
                    (Some(schema), _) => check(value, schema, &format!("`{}`", key.name), found),
                    (None, Some(Value::Bool(false))) => {
                        meant.extend(meant_key(&key.name, schema));
                        found.extend(unknown_key(key, schema, what));
                    }
                    (None, Some(schema)) => {
                        check(value, schema, &format!("`{}`", key.name), found);
                    }
                    (None, None) => {}
                }
            }
            for (name, property) in properties.into_iter().flatten() {
                if is_required(schema, name)
                    && !meant.contains(&name.as_str())
                    && !entries.iter().any(|(key, _)| key.name == *name)
                {
                    let diagnostic = Diagnostic::new(
                        span.clone(),
                        format!("`{name}` is missing"),
                        format!("{what} needs it"),
                    );
                    found.push(diagnostic.with_help(doc_of(property)));
                }
            }
        }
        _ => {}
    }
}

/// As many keys are named to who asks for another.
const SHORT_LIST: usize = 12;

/// The mistake of a key that a table does not have; `None` if it has it.
pub(super) fn unknown_key(key: &Key, schema: &Value, what: &str) -> Option<Diagnostic> {
    let properties = schema.get("properties").and_then(Value::as_object)?;
    if properties.contains_key(&key.name) {
        return None;
    }
    let diagnostic = Diagnostic::new(
        key.span.clone(),
        format!("unknown key `{}`", key.name),
        format!("{what} has no such key"),
    );
    if let Some(meant) = meant_key(&key.name, schema) {
        return Some(diagnostic.with_help(format!("did you mean `{meant}`?")));
    }
    if properties.len() > SHORT_LIST {
        return Some(diagnostic);
    }
    let known: Vec<&str> = properties.keys().map(String::as_str).collect();
    Some(diagnostic.with_help(format!("it has {}", known.join(", "))))
}

/// The key that was probably meant: one that is written alike, or that sets AWS's field of this
/// name.
fn meant_key<'a>(wrong: &str, schema: &'a Value) -> Option<&'a str> {
    let properties = schema.get("properties").and_then(Value::as_object)?;
    let of_aws = |property: &Value| {
        let path = property.get("x-aws").and_then(Value::as_str)?;
        path.rsplit('.').next().map(in_short)
    };
    let wrong_in_short = in_short(wrong);
    properties
        .iter()
        .find(|(_, property)| of_aws(property).as_ref() == Some(&wrong_in_short))
        .map(|(name, _)| name.as_str())
        .or_else(|| nearest(wrong, properties.keys().map(String::as_str)))
}

fn check_either(node: &mut Node, branches: &[Value], what: &str, found: &mut Vec<Diagnostic>) {
    let mut best: Option<Vec<Diagnostic>> = None;
    for branch in branches {
        let mut tried = node.clone();
        let mut wrong = Vec::new();
        check(&mut tried, branch, what, &mut wrong);
        if wrong.is_empty() {
            *node = tried;
            return;
        }
        // A branch that looked inside knows more than one that is of another type.
        let is_deeper = wrong.iter().any(|d| !d.label.starts_with("expected "));
        if best.is_none() || is_deeper {
            best = Some(wrong);
        }
    }
    found.extend(best.into_iter().flatten());
}

fn check_choice(node: &Node, choices: &[&str], what: &str, found: &mut Vec<Diagnostic>) {
    let text = node.text().unwrap_or_default();
    if choices.contains(&text) {
        return;
    }
    let quoted: Vec<String> = choices.iter().map(|c| format!("`{c}`")).collect();
    let diagnostic = Diagnostic::new(
        node.span.clone(),
        format!("{what} cannot be {}", describe(node)),
        format!("one of {}", quoted.join(", ")),
    );
    found.push(diagnostic.suggest(text, choices.iter().copied()));
}

/// Checks a name that was made from the id as one that is written would be.
pub(super) fn check_name(name: &str, schema: &Value) -> Result<(), String> {
    match schema.get("properties").and_then(|keys| keys.get("name")) {
        Some(wanted) => check_text(name, without_null(wanted)),
        None => Ok(()),
    }
}

fn check_text(text: &str, schema: &Value) -> Result<(), String> {
    if let Some(format) = schema.get("format").and_then(Value::as_str)
        && let Some((_, check)) = FORMATS.iter().find(|(name, _)| *name == format)
    {
        check(text)?;
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && !matches(pattern, text)
    {
        return Err(format!("does not match {pattern}"));
    }
    let length = text.chars().count() as u64;
    if let Some(least) = schema.get("minLength").and_then(Value::as_u64)
        && length < least
    {
        return Err(format!("at least {least} characters are needed"));
    }
    if let Some(most) = schema.get("maxLength").and_then(Value::as_u64)
        && length > most
    {
        return Err(format!("{length} characters, and {most} are allowed"));
    }
    Ok(())
}

/// Whether a text is as a pattern wants it. A pattern that is none lets everything through.
fn matches(pattern: &str, text: &str) -> bool {
    static PATTERNS: Mutex<BTreeMap<String, Option<Regex>>> = Mutex::new(BTreeMap::new());
    let mut patterns = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
    let regex = patterns
        .entry(pattern.to_owned())
        .or_insert_with(|| Regex::new(pattern).ok());
    regex.as_ref().is_none_or(|regex| regex.is_match(text))
}

/// Whether the value is of the type, or could be made so because it came from a reference.
fn convert(node: &mut Node, wanted: &str) -> bool {
    let converted = match (&node.value, wanted) {
        (NodeValue::Text(_), "string")
        | (NodeValue::Integer(_), "integer" | "number")
        | (NodeValue::Float(_), "number")
        | (NodeValue::Bool(_), "boolean")
        | (NodeValue::Array(_), "array")
        | (NodeValue::Table(_), "object") => return true,
        (NodeValue::Text(text), "integer") => text.parse().ok().map(NodeValue::Integer),
        (NodeValue::Text(text), "number") => text.parse().ok().map(NodeValue::Float),
        (NodeValue::Text(text), "boolean") => text.parse().ok().map(NodeValue::Bool),
        (NodeValue::Integer(number), "string") => Some(NodeValue::Text(number.to_string())),
        (NodeValue::Float(number), "string") => Some(NodeValue::Text(number.to_string())),
        (NodeValue::Bool(value), "string") => Some(NodeValue::Text(value.to_string())),
        _ => None,
    };
    match converted {
        Some(value) if node.was_text => {
            node.value = value;
            true
        }
        _ => false,
    }
}

fn describe(node: &Node) -> String {
    match &node.value {
        NodeValue::Bool(value) => value.to_string(),
        NodeValue::Integer(number) => number.to_string(),
        NodeValue::Float(number) => number.to_string(),
        NodeValue::Text(text) => format!("`{text}`"),
        NodeValue::Array(_) => "a list".to_owned(),
        NodeValue::Table(_) => "a table".to_owned(),
        NodeValue::Unknown => "unknown".to_owned(),
    }
}
