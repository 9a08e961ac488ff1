//! `$sum`, `$count`, `$max`, `$min`, `$average`.

use super::{Call, Entry};
use crate::jsonata::error::Error;
use crate::jsonata::value::Value;

pub(super) const FUNCTIONS: &[Entry] = &[
    ("sum", "<a<n>:n>", 1, sum),
    ("count", "<a:n>", 1, count),
    ("max", "<a<n>:n>", 1, max),
    ("min", "<a<n>:n>", 1, min),
    ("average", "<a<n>:n>", 1, average),
];

fn numbers<'c>(call: &'c Call<'_>) -> Option<impl Iterator<Item = f64> + 'c> {
    Some(call.items(0)?.iter().filter_map(Value::as_number))
}

fn or_undefined(number: Option<f64>) -> Value {
    number.map_or(Value::Undefined, Value::Number)
}

fn sum(call: &Call<'_>) -> Result<Value, Error> {
    Ok(or_undefined(numbers(call).map(|numbers| {
        numbers.fold(0.0, |total, number| total + number)
    })))
}

fn count(call: &Call<'_>) -> Result<Value, Error> {
    Ok(Value::Number(call.items(0).map_or(0, <[Value]>::len) as f64))
}

fn max(call: &Call<'_>) -> Result<Value, Error> {
    Ok(or_undefined(
        numbers(call).and_then(|numbers| numbers.reduce(f64::max)),
    ))
}

fn min(call: &Call<'_>) -> Result<Value, Error> {
    Ok(or_undefined(
        numbers(call).and_then(|numbers| numbers.reduce(f64::min)),
    ))
}

fn average(call: &Call<'_>) -> Result<Value, Error> {
    let Some(items) = call.items(0).filter(|items| !items.is_empty()) else {
        return Ok(Value::Undefined);
    };
    let total: f64 = items.iter().filter_map(Value::as_number).sum();
    Ok(Value::Number(total / items.len() as f64))
}
