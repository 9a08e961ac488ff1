//! Functions that take functions.

use std::rc::Rc;

use super::{Call, Entry, boolean};
use crate::jsonata::error::Error;
use crate::jsonata::value::{Array, Value};

pub(super) const FUNCTIONS: &[Entry] = &[
    ("map", "<af>", 2, map),
    ("filter", "<af>", 2, filter),
    ("single", "<af?>", 2, single),
    ("reduce", "<afj?:j>", 3, reduce),
];

/// How many arguments the function that is an argument takes.
fn arity(call: &Call<'_>, index: usize) -> usize {
    match call.argument(index) {
        Value::Function(function) => function.arity(),
        _ => 0,
    }
}

/// Calls the function that is argument `index` with an item, its key, and the whole that it is of,
/// as far as the function takes them.
pub(super) fn apply_to_item(
    call: &Call<'_>,
    index: usize,
    item: Value,
    key: impl FnOnce() -> Value,
) -> Result<Value, Error> {
    let arity = arity(call, index);
    let mut arguments = vec![item];
    if arity >= 2 {
        arguments.push(key());
    }
    if arity >= 3 {
        arguments.push(call.argument(0).clone());
    }
    call.apply(call.argument(index), arguments)
}

fn map(call: &Call<'_>) -> Result<Value, Error> {
    let Some(items) = call.items(0) else {
        return Ok(Value::Undefined);
    };
    let mut results = Array::sequence();
    for (index, item) in items.iter().enumerate() {
        let result = apply_to_item(call, 1, item.clone(), || Value::Number(index as f64))?;
        if !result.is_undefined() {
            results.push(result);
        }
    }
    Ok(Value::Array(Rc::new(results)))
}

fn filter(call: &Call<'_>) -> Result<Value, Error> {
    let Some(items) = call.items(0) else {
        return Ok(Value::Undefined);
    };
    let mut results = Array::sequence();
    for (index, item) in items.iter().enumerate() {
        let result = apply_to_item(call, 1, item.clone(), || Value::Number(index as f64))?;
        if boolean::is_true(&result, call.budget())? {
            results.push(item.clone());
        }
    }
    Ok(Value::Array(Rc::new(results)))
}

fn single(call: &Call<'_>) -> Result<Value, Error> {
    let Some(items) = call.items(0) else {
        return Ok(Value::Undefined);
    };
    let mut found = None;
    for (index, item) in items.iter().enumerate() {
        let fits = call.argument(1).is_undefined() || {
            let result = apply_to_item(call, 1, item.clone(), || Value::Number(index as f64))?;
            boolean::is_true(&result, call.budget())?
        };
        if fits && found.replace(item).is_some() {
            return Err(Error::of("D3138"));
        }
    }
    found.cloned().ok_or_else(|| Error::of("D3139"))
}

fn reduce(call: &Call<'_>) -> Result<Value, Error> {
    let Some(items) = call.items(0) else {
        return Ok(Value::Undefined);
    };
    let arity = arity(call, 1);
    if arity < 2 {
        return Err(Error::of("D3050"));
    }
    let mut rest = items.iter().enumerate();
    let mut result = match call.argument(2) {
        Value::Undefined => rest
            .next()
            .map(|(_, first)| first.clone())
            .unwrap_or_default(),
        initial => initial.clone(),
    };
    for (index, item) in rest {
        let mut arguments = vec![result, item.clone()];
        if arity >= 3 {
            arguments.push(Value::Number(index as f64));
        }
        if arity >= 4 {
            arguments.push(call.argument(0).clone());
        }
        result = call.apply(call.argument(1), arguments)?;
    }
    Ok(result)
}
