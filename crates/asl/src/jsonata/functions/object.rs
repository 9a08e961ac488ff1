//! Functions of objects.

use std::rc::Rc;
use std::sync::Arc;

use super::higher_order::apply_to_item;
use super::{Call, Entry, boolean};
use crate::jsonata::error::Error;
use crate::jsonata::evaluate;
use crate::jsonata::json;
use crate::jsonata::value::{Array, Entries, Value};

pub(super) const FUNCTIONS: &[Entry] = &[
    ("keys", "<x-:a<s>>", 1, keys),
    ("lookup", "<x-s:x>", 2, lookup),
    ("spread", "<x-:a<o>>", 1, spread),
    ("merge", "<a<o>:o>", 1, merge),
    ("each", "<o-f:a>", 2, each),
    ("sift", "<o-f?:o>", 2, sift),
];

fn keys(call: &Call<'_>) -> Result<Value, Error> {
    let mut found = indexmap::IndexSet::new();
    collect_keys(call, call.argument(0), &mut found, 0)?;
    let mut sequence = Array::sequence();
    sequence.items = found.into_iter().map(Value::String).collect();
    Ok(Value::Array(Rc::new(sequence)))
}

fn collect_keys(
    call: &Call<'_>,
    value: &Value,
    found: &mut indexmap::IndexSet<Arc<str>>,
    depth: usize,
) -> Result<(), Error> {
    json::check_nesting(depth)?;
    call.budget().step(1)?;
    match value {
        Value::Array(array) => array
            .items
            .iter()
            .try_for_each(|item| collect_keys(call, item, found, depth + 1)),
        Value::Object(object) => {
            found.extend(object.entries.borrow().keys().cloned());
            Ok(())
        }
        _ => Ok(()),
    }
}

fn lookup(call: &Call<'_>) -> Result<Value, Error> {
    let name = call.text(1)?.unwrap_or_default();
    evaluate::lookup(call.argument(0), name, call.budget())
}

fn spread(call: &Call<'_>) -> Result<Value, Error> {
    spread_value(call, call.argument(0), 0)
}

fn spread_value(call: &Call<'_>, value: &Value, depth: usize) -> Result<Value, Error> {
    json::check_nesting(depth)?;
    let mut sequence = Array::sequence();
    match value {
        Value::Array(array) => {
            for item in &array.items {
                let spread = spread_value(call, item, depth + 1)?;
                call.budget().step(1 + spread.items().len())?;
                // As jsonata-js concatenates here, the result is a plain array from now on.
                sequence.sequence = false;
                sequence.items.extend(spread.items().iter().cloned());
            }
        }
        Value::Object(object) => {
            for (name, member) in object.entries.borrow().iter() {
                call.budget().allocate(128)?;
                let entry = Entries::from_iter([(Arc::clone(name), member.clone())]);
                sequence.push(Value::object(entry));
            }
        }
        other => return Ok(other.clone()),
    }
    Ok(Value::Array(Rc::new(sequence)))
}

fn merge(call: &Call<'_>) -> Result<Value, Error> {
    let Some(items) = call.items(0) else {
        return Ok(Value::Undefined);
    };
    let mut merged = Entries::new();
    for item in items {
        if let Value::Object(object) = item {
            let entries = object.entries.borrow();
            call.budget().allocate(64 * entries.len())?;
            merged.extend(entries.iter().map(|(k, v)| (Arc::clone(k), v.clone())));
        }
    }
    Ok(Value::object(merged))
}

/// The members of an object argument; none of anything else.
fn members(call: &Call<'_>) -> Vec<(Arc<str>, Value)> {
    match call.argument(0) {
        Value::Object(object) => object
            .entries
            .borrow()
            .iter()
            .map(|(name, member)| (Arc::clone(name), member.clone()))
            .collect(),
        _ => Vec::new(),
    }
}

fn each(call: &Call<'_>) -> Result<Value, Error> {
    let mut results = Array::sequence();
    for (name, member) in members(call) {
        let result = apply_to_item(call, 1, member, || Value::String(name))?;
        if !result.is_undefined() {
            results.push(result);
        }
    }
    Ok(Value::Array(Rc::new(results)))
}

fn sift(call: &Call<'_>) -> Result<Value, Error> {
    let mut sifted = Entries::new();
    for (name, member) in members(call) {
        let result = apply_to_item(call, 1, member.clone(), || Value::String(Arc::clone(&name)))?;
        if boolean::is_true(&result, call.budget())? {
            sifted.insert(name, member);
        }
    }
    if sifted.is_empty() {
        return Ok(Value::Undefined);
    }
    Ok(Value::object(sifted))
}
