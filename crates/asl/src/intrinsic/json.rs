//! Functions between JSON and text.

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

/// Reads JSON; a blank text is null, as it is to Jackson.
pub(crate) fn parse_json(text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    crate::parse_json(text).map_err(|error| format!("The text is not valid JSON: {error}"))
}

pub(super) fn json_to_string(arguments: Arguments) -> Result<Value, String> {
    Ok(json!(arguments[0].to_string()))
}
