//! Functions that make or take apart texts.

use serde_json::{Value, json};

use super::{Arguments, string};

/// Splits at each of the characters of the second argument; what is empty between two falls out.
pub(super) fn string_split(arguments: Arguments) -> Result<Value, String> {
    let (text, separators) = (string(arguments, 0)?, string(arguments, 1)?);
    Ok(text
        .split(|c| separators.contains(c))
        .filter(|part| !part.is_empty())
        .collect())
}

/// Puts the arguments in the places of the template's `{}`; `\{`, `\}` and `\\` stand for the
/// character itself.
pub(super) fn format(arguments: Arguments) -> Result<Value, String> {
    let template = string(arguments, 0)?;
    let mut values = arguments[1..].iter();
    let mut text = String::new();
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if matches!(chars.peek(), Some('{' | '}' | '\\')) => text.extend(chars.next()),
            '{' if chars.peek() == Some(&'}') => {
                chars.next();
                let value = values
                    .next()
                    .ok_or("The number of arguments does not match the occurrences of {}")?;
                if value.is_array() {
                    return Err(format!(
                        "The value to interpolate must be a string, a number, a boolean, null or an object, but was: {value}"
                    ));
                }
                show(value, &mut text);
            }
            '{' | '}' => return Err("The template has an unmatched brace".to_owned()),
            _ => text.push(c),
        }
    }
    if values.next().is_some() {
        return Err("The number of arguments does not match the occurrences of {}".to_owned());
    }
    Ok(json!(text))
}

/// Adds a value as Java shows it: `{name=World, sizes=[]}`, a text without quotes.
///
/// Source: AWS's recorded executions, for objects and for an empty array in one. An array that has items
/// is shown as Java's lists are: `[1, 2]`.
fn show(value: &Value, text: &mut String) {
    match value {
        Value::String(own) => text.push_str(own),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                show(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                text.push_str(name);
                text.push('=');
                show(member, text);
            }
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}

pub(super) fn uuid(_arguments: Arguments) -> Result<Value, String> {
    Ok(json!(uuid::Uuid::new_v4().to_string()))
}
