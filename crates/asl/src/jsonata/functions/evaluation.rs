//! `$eval`, `$clone`, `$type`, `$error`, `$assert`.

use std::rc::Rc;

use super::{Call, Entry};
use crate::jsonata::error::Error;
use crate::jsonata::json;
use crate::jsonata::value::{Array, Value};

pub(super) const FUNCTIONS: &[Entry] = &[
    ("eval", "<sx?:x>", 2, eval),
    ("clone", "<(oa)-:o>", 1, clone),
    ("type", "<x:s>", 1, type_of),
    ("error", "<s?:x>", 1, error),
    ("assert", "<bs?:x>", 2, assert),
];

fn eval(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    let input = match call.argument(1) {
        Value::Undefined => call.input.clone(),
        focus @ Value::Array(array) if !array.sequence => {
            Value::Array(Rc::new(Array::wrapping(focus.clone())))
        }
        other => other.clone(),
    };
    call.budget().step(text.len())?;
    let root = crate::jsonata::parse(text)
        .map_err(|error| Error::of("D3120").with_text("value", &error.finish().message))?;
    call.evaluator
        .evaluate(&root, &input, call.scope)
        .map_err(|error| match error.code.as_str() {
            // The limits hold for the whole evaluation.
            "U1001" => error,
            _ => Error::of("D3121").with_text("value", &error.finish().message),
        })
}

fn clone(call: &Call<'_>) -> Result<Value, Error> {
    match call.argument(0) {
        Value::Undefined => Ok(Value::Undefined),
        Value::Array(array) if array.outer_wrapper => {
            let inner = array.items.first().unwrap_or(&Value::Undefined);
            json::copy_through_text(inner, call.budget())
        }
        other => json::copy_through_text(other, call.budget()),
    }
}

fn type_of(call: &Call<'_>) -> Result<Value, Error> {
    Ok(Value::text(match call.argument(0) {
        Value::Undefined => return Ok(Value::Undefined),
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Function(_) => "function",
    }))
}

fn error(call: &Call<'_>) -> Result<Value, Error> {
    let message = match call.text(0)? {
        None | Some("") => "$error() function evaluated",
        Some(message) => message,
    };
    Err(Error::new("D3137", message))
}

fn assert(call: &Call<'_>) -> Result<Value, Error> {
    if call.argument(0).is_truthy() {
        return Ok(Value::Undefined);
    }
    let message = match call.text(1)? {
        None | Some("") => "$assert() statement failed",
        Some(message) => message,
    };
    Err(Error::new("D3141", message))
}
