//! `$boolean`, `$not`, `$exists`.

use super::{Call, Entry};
use crate::jsonata::budget::Budget;
use crate::jsonata::error::Error;
use crate::jsonata::evaluate::finite;
use crate::jsonata::value::Value;

pub(super) const FUNCTIONS: &[Entry] = &[
    ("boolean", "<x-:b>", 1, boolean),
    ("not", "<x-:b>", 1, not),
    ("exists", "<x:b>", 1, exists),
];

/// Whether JSONata takes the value for true; an array is true if any of its items is.
pub(in crate::jsonata) fn is_true(value: &Value, budget: &Budget) -> Result<bool, Error> {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        budget.step(usize::from(!pending.is_empty()))?;
        let found = match value {
            Value::Undefined | Value::Null | Value::Function(_) => false,
            Value::Bool(value) => *value,
            Value::Number(number) => !number.is_nan() && finite(*number)? != 0.0,
            Value::String(text) => !text.is_empty(),
            Value::Object(object) => !object.entries.borrow().is_empty(),
            Value::Array(array) => {
                pending.extend(array.items.iter().rev());
                false
            }
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

fn boolean(call: &Call<'_>) -> Result<Value, Error> {
    match call.argument(0) {
        Value::Undefined => Ok(Value::Undefined),
        other => is_true(other, call.budget()).map(Value::Bool),
    }
}

fn not(call: &Call<'_>) -> Result<Value, Error> {
    match call.argument(0) {
        Value::Undefined => Ok(Value::Undefined),
        other => is_true(other, call.budget()).map(|value| Value::Bool(!value)),
    }
}

fn exists(call: &Call<'_>) -> Result<Value, Error> {
    Ok(Value::Bool(!call.argument(0).is_undefined()))
}
