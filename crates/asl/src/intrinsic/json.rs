//! Functions between JSON and text.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Arguments, string};

/// Merges the members of two objects; the second's win. Only a shallow merge is supported.
pub(super) fn json_merge(arguments: Arguments) -> Result<Value, String> {
    if arguments[2] != json!(false) {
        return Err(
            "Only a shallow merge is supported: the third argument must be false".to_owned(),
        );
    }
    match (&arguments[0], &arguments[1]) {
        (Value::Object(first), Value::Object(second)) => {
            let mut merged = first.clone();
            merged.extend(second.clone());
            Ok(Value::Object(merged))
        }
        _ => Err("The first two arguments must be objects".to_owned()),
    }
}

pub(super) fn string_to_json(arguments: Arguments) -> Result<Value, String> {
    parse_json(string(arguments, 0)?)
}

/// Reads JSON as Jackson does: a blank text is null, and `-0` the whole number 0.
pub(crate) fn parse_json(text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    crate::parse_json(&with_whole_zeros(text))
        .map_err(|error| format!("The text is not valid JSON: {error}"))
}

/// A JSON text whose `-0` are `0`: `serde_json` takes a zero with a sign for a fraction.
fn with_whole_zeros(text: &str) -> Cow<'_, str> {
    if !text.contains("-0") {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let (mut in_text, mut escaped, mut begins) = (false, false, true);
    for (at, c) in text.char_indices() {
        if in_text {
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            in_text = c == '"';
            if begins && is_zero(&text[at..]) {
                begins = false;
                continue;
            }
            begins = matches!(c, '[' | ',' | ':') || begins && c.is_ascii_whitespace();
        }
        whole.push(c);
    }
    Cow::Owned(whole)
}

/// Whether a number begins here that is `-0`, without a fraction and an exponent.
fn is_zero(text: &str) -> bool {
    text.strip_prefix("-0")
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit() || ".eE".contains(c)))
}

pub(super) fn json_to_string(arguments: Arguments) -> Result<Value, String> {
    Ok(json!(arguments[0].to_string()))
}
