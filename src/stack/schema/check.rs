//! A table against its schema: what is missing, misspelt, of another type or out of bounds.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::Regex;
use serde_json::Value;

use super::{choices, doc_of, in_words, is_required, types_of, without_null};
use crate::stack::diagnostic::{Diagnostic, in_short, nearest};
use crate::stack::document::{Key, Node, NodeValue};
use crate::stack::types::FORMATS;

/// Compares a table with its schema. Texts that came from references become the numbers and
/// booleans that are wanted. `what` names the table for messages: `a crawler`.
pub(in crate::stack) fn check(
    node: &mut Node,
    schema: &Value,
    what: &str,
    found: &mut Vec<Diagnostic>,
) {
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
            let (least, most) = bounds(schema).unzip();
            let low = limit("minimum").or(least).filter(|low| number < *low);
            let high = limit("maximum").or(most).filter(|high| number > *high);
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

/// What the integers of a schema's `format` can be: `int32`, `uint16`. Those of 64 bits bound
/// nothing that TOML has.
fn bounds(schema: &Value) -> Option<(f64, f64)> {
    match schema.get("format").and_then(Value::as_str)? {
        "int8" => Some((i8::MIN.into(), i8::MAX.into())),
        "int16" => Some((i16::MIN.into(), i16::MAX.into())),
        "int32" => Some((i32::MIN.into(), i32::MAX.into())),
        "uint8" => Some((u8::MIN.into(), u8::MAX.into())),
        "uint16" => Some((u16::MIN.into(), u16::MAX.into())),
        "uint32" => Some((u32::MIN.into(), u32::MAX.into())),
        _ => None,
    }
}

/// As many keys are named to who asks for another.
const SHORT_LIST: usize = 12;

/// The mistake of a key that a table does not have; `None` if it has it.
pub(in crate::stack) fn unknown_key(key: &Key, schema: &Value, what: &str) -> Option<Diagnostic> {
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
pub(in crate::stack) fn check_name(name: &str, schema: &Value) -> Result<(), String> {
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
