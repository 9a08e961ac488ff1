//! Functions of strings.

use super::{Call, Entry};
use crate::jsonata::budget::Budget;
use crate::jsonata::error::Error;
use crate::jsonata::json;
use crate::jsonata::value::Value;

pub(super) const FUNCTIONS: &[Entry] = &[
    ("string", "<x-b?:s>", 1, string),
    ("substring", "<s-nn?:s>", 3, substring),
    ("substringBefore", "<s-s:s>", 2, substring_before),
    ("substringAfter", "<s-s:s>", 2, substring_after),
    ("lowercase", "<s-:s>", 1, |call| {
        map(call, str::to_lowercase)
    }),
    ("uppercase", "<s-:s>", 1, |call| {
        map(call, str::to_uppercase)
    }),
    ("length", "<s-:n>", 1, length),
    ("trim", "<s-:s>", 1, |call| map(call, trim)),
    ("pad", "<s-ns?:s>", 3, pad),
    ("join", "<a<s>s?:s>", 2, join),
];

fn map(call: &Call<'_>, operation: impl Fn(&str) -> String) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    call.budget().allocate(text.len())?;
    Ok(Value::String(operation(text).into()))
}

/// The value as a string: strings as they are, anything else as JSON.
fn to_text(value: &Value, pretty: bool, budget: &Budget) -> Result<String, Error> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Function(_) => Ok(String::new()),
        Value::Number(number) if !number.is_finite() => Err(Error::of("D3001")),
        Value::Array(array) if array.outer_wrapper => {
            let inner = array.items.first().unwrap_or(&Value::Undefined);
            json::stringify(inner, pretty, budget)
        }
        other => json::stringify(other, pretty, budget),
    }
}

/// An operand of `&`: nothing is an empty string.
pub(in crate::jsonata) fn concatenated(value: &Value, budget: &Budget) -> Result<String, Error> {
    match value {
        Value::Undefined => Ok(String::new()),
        other => to_text(other, false, budget),
    }
}

fn string(call: &Call<'_>) -> Result<Value, Error> {
    let value = call.argument(0);
    if value.is_undefined() {
        return Ok(Value::Undefined);
    }
    let pretty = matches!(call.argument(1), Value::Bool(true));
    to_text(value, pretty, call.budget()).map(|text| Value::String(text.into()))
}

fn substring(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    let mut start = call.number(1)?.unwrap_or(0.0);
    let length = text.chars().count() as f64;
    if length + start < 0.0 {
        start = 0.0;
    }
    let first = if start < 0.0 { length + start } else { start };
    let last = match call.number(2)? {
        Some(count) if count <= 0.0 => return Ok(Value::text("")),
        Some(count) => (first + count).trunc(),
        None => length,
    };
    let first = first.trunc();
    let count = (last.min(length) - first).max(0.0);
    let part: String = text
        .chars()
        .skip(first as usize)
        .take(count as usize)
        .collect();
    Ok(Value::String(part.into()))
}

fn substring_before(call: &Call<'_>) -> Result<Value, Error> {
    let (Some(text), characters) = (call.text(0)?, call.text(1)?) else {
        return Ok(Value::Undefined);
    };
    let found = characters.and_then(|characters| text.split_once(characters));
    Ok(Value::text(found.map_or(text, |(before, _)| before)))
}

fn substring_after(call: &Call<'_>) -> Result<Value, Error> {
    let (Some(text), characters) = (call.text(0)?, call.text(1)?) else {
        return Ok(Value::Undefined);
    };
    let found = characters.and_then(|characters| text.split_once(characters));
    Ok(Value::text(found.map_or(text, |(_, after)| after)))
}

fn length(call: &Call<'_>) -> Result<Value, Error> {
    Ok(call.text(0)?.map_or(Value::Undefined, |text| {
        Value::Number(text.chars().count() as f64)
    }))
}

/// Without blanks at the ends, and with single ones between.
fn trim(text: &str) -> String {
    text.split([' ', '\t', '\n', '\r'])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn pad(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    let width = call.number(1)?.unwrap_or(0.0).trunc();
    let filling = match call.text(2)? {
        None | Some("") => " ",
        Some(filling) => filling,
    };
    let missing = (width.abs() - text.chars().count() as f64).max(0.0) as usize;
    call.budget().allocate(missing.saturating_mul(4))?;
    let padding: String = filling.chars().cycle().take(missing).collect();
    Ok(Value::String(
        if width > 0.0 {
            format!("{text}{padding}")
        } else {
            format!("{padding}{text}")
        }
        .into(),
    ))
}

fn join(call: &Call<'_>) -> Result<Value, Error> {
    let Some(items) = call.items(0) else {
        return Ok(Value::Undefined);
    };
    let separator = call.text(1)?.unwrap_or_default();
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        let item = item.as_text().unwrap_or_default();
        call.budget().allocate(item.len() + separator.len())?;
        if index > 0 {
            text.push_str(separator);
        }
        text.push_str(item);
    }
    Ok(Value::String(text.into()))
}
