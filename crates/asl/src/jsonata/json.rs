//! Between JSON and the values of an evaluation.

use std::sync::Arc;

use super::budget::{Budget, NESTING, stack_overflow};
use super::error::Error;
use super::number;
use super::value::{Entries, Value};
use crate::stack::with_stack;

/// Fails where a value is nested deeper than is walked.
pub(super) fn check_nesting(depth: usize) -> Result<(), Error> {
    if depth > NESTING {
        return Err(stack_overflow());
    }
    Ok(())
}

pub(super) fn to_value(json: &serde_json::Value, depth: usize) -> Result<Value, Error> {
    check_nesting(depth)?;
    with_stack(|| to_value_at(json, depth))
}

fn to_value_at(json: &serde_json::Value, depth: usize) -> Result<Value, Error> {
    Ok(match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => Value::array(
            items
                .iter()
                .map(|item| to_value(item, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        serde_json::Value::Object(members) => Value::object(
            members
                .iter()
                .map(|(name, member)| Ok((Arc::from(name.as_str()), to_value(member, depth + 1)?)))
                .collect::<Result<Entries, Error>>()?,
        ),
    })
}

/// The value as JSON. Functions, which JSON does not have, are left out of objects and are null
/// in arrays, as `JSON.stringify` does.
pub(super) fn from_value(value: &Value, budget: &Budget) -> Result<serde_json::Value, Error> {
    Ok(from_value_at(value, budget, 0)?.unwrap_or(serde_json::Value::Null))
}

fn from_value_at(
    value: &Value,
    budget: &Budget,
    depth: usize,
) -> Result<Option<serde_json::Value>, Error> {
    budget.step(1)?;
    check_nesting(depth)?;
    Ok(Some(match value {
        Value::Undefined | Value::Function(_) => return Ok(None),
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => serde_json::Value::Bool(*value),
        Value::Number(number) => {
            if !number.is_finite() && budget.dialect.names_infinity {
                return Ok(Some(serde_json::Value::from(number::to_text(*number))));
            }
            if !number.is_finite() {
                return Err(Error::of("D1001").with("value", "null"));
            }
            number::to_json(*number)
        }
        Value::String(text) => {
            budget.allocate(text.len())?;
            serde_json::Value::from(&**text)
        }
        Value::Array(array) => serde_json::Value::Array(
            array
                .items
                .iter()
                .map(|item| {
                    let item = with_stack(|| from_value_at(item, budget, depth + 1))?;
                    Ok(item.unwrap_or_default())
                })
                .collect::<Result<_, Error>>()?,
        ),
        Value::Object(object) => {
            let mut members = serde_json::Map::new();
            for (name, member) in object.entries.borrow().iter() {
                if let Some(member) = with_stack(|| from_value_at(member, budget, depth + 1))? {
                    members.insert(name.to_string(), member);
                }
            }
            serde_json::Value::Object(members)
        }
    }))
}

/// A copy that shares no array and no object with the original.
pub(super) fn copy(value: &Value, budget: &Budget) -> Result<Value, Error> {
    copy_at(value, budget, 0, &Clone::clone)
}

/// The copy that going through JSON text makes.
pub(super) fn copy_through_text(value: &Value, budget: &Budget) -> Result<Value, Error> {
    copy_at(value, budget, 0, &|leaf| match leaf {
        Value::Number(number) => Value::Number(number::to_precision_15(*number)),
        Value::Function(_) => Value::text(""),
        Value::Undefined => Value::Null,
        other => other.clone(),
    })
}

fn copy_at(
    value: &Value,
    budget: &Budget,
    depth: usize,
    leaf: &dyn Fn(&Value) -> Value,
) -> Result<Value, Error> {
    budget.step(1)?;
    check_nesting(depth)?;
    match value {
        Value::Array(array) => {
            let items = array
                .items
                .iter()
                .map(|item| with_stack(|| copy_at(item, budget, depth + 1, leaf)))
                .collect::<Result<_, _>>()?;
            Ok(Value::array(items))
        }
        Value::Object(object) => object
            .entries
            .borrow()
            .iter()
            .map(|(name, member)| {
                let member = with_stack(|| copy_at(member, budget, depth + 1, leaf))?;
                Ok((Arc::clone(name), member))
            })
            .collect::<Result<Entries, Error>>()
            .map(Value::object),
        other => Ok(leaf(other)),
    }
}

/// The value as JSON text, as `$string` writes it: numbers to 15 digits, functions as "".
pub(super) fn stringify(value: &Value, pretty: bool, budget: &Budget) -> Result<String, Error> {
    let mut text = String::new();
    write(value, pretty, budget, 0, &mut text)?;
    budget.allocate(text.len())?;
    Ok(text)
}

fn new_line(pretty: bool, depth: usize, text: &mut String) {
    if pretty {
        text.push('\n');
        for _ in 0..depth {
            text.push_str("  ");
        }
    }
}

fn quote(content: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(content).to_string());
}

fn write(
    value: &Value,
    pretty: bool,
    budget: &Budget,
    depth: usize,
    text: &mut String,
) -> Result<(), Error> {
    budget.step(1)?;
    check_nesting(depth)?;
    match value {
        Value::Undefined | Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) if number.is_nan() => text.push_str("null"),
        Value::Number(number) if number.is_infinite() => {
            return Err(Error::of("D1001").with("value", "null"));
        }
        Value::Number(number) => {
            text.push_str(&number::to_text(number::to_precision_15(*number)));
        }
        Value::String(content) => {
            budget.allocate(content.len())?;
            quote(content, text);
        }
        Value::Function(_) => text.push_str("\"\""),
        Value::Array(array) if array.items.is_empty() => text.push_str("[]"),
        Value::Array(array) => {
            text.push('[');
            for (index, item) in array.items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                new_line(pretty, depth + 1, text);
                with_stack(|| write(item, pretty, budget, depth + 1, text))?;
            }
            new_line(pretty, depth, text);
            text.push(']');
        }
        Value::Object(object) => {
            let entries = object.entries.borrow();
            text.push('{');
            for (index, (name, member)) in entries.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                new_line(pretty, depth + 1, text);
                quote(name, text);
                text.push_str(if pretty { ": " } else { ":" });
                with_stack(|| write(member, pretty, budget, depth + 1, text))?;
            }
            if !entries.is_empty() {
                new_line(pretty, depth, text);
            }
            text.push('}');
        }
    }
    Ok(())
}
