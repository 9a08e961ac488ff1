//! JSON: reading, writing, and what lies at a path
//! (<https://trino.io/docs/current/functions/json.html>).

use super::json_path::JsonPath;
use super::{Call, Function, cast, invalid_argument, scalar};
use crate::error::Error;
use crate::json_text::{Kind, compact, elements, kind, members};
use crate::types::Value;

/// How many members JSON_OBJECT takes.
const MAX_MEMBERS: usize = 64;

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("json_parse(varchar) -> json", |_, a| {
            cast::canonical(a[0].as_str()).map(Value::text)
        }),
        scalar("json_format(json) -> varchar", |_, a| Ok(a[0].clone())),
        scalar("$json_array(boolean, json...) -> varchar", json_array).called_on_null(),
    ];
    for count in 0..=MAX_MEMBERS {
        let parameters = ", varchar, json".repeat(count);
        all.push(
            scalar(
                &format!("$json_object(boolean, boolean{parameters}) -> varchar"),
                json_object,
            )
            .called_on_null()
            .returns(super::string::varchar),
        );
    }
    for input in ["varchar", "json"] {
        all.extend([
            scalar(
                &format!("json_extract({input}, varchar) -> json"),
                |_, a| {
                    let found = at_path(a)?;
                    Ok(found.map_or(Value::Null, |json| Value::text(compact(json))))
                },
            ),
            scalar(
                &format!("json_extract_scalar({input}, varchar) -> varchar"),
                |_, a| Ok(at_path(a)?.map_or(Value::Null, scalar_text)),
            )
            .returns(super::string::varchar),
            scalar(&format!("json_size({input}, varchar) -> bigint"), |_, a| {
                let Some(json) = at_path(a)? else {
                    return Ok(Value::Null);
                };
                let size = match kind(json) {
                    Kind::Array => elements(json).map(|e| e.len()),
                    Kind::Object => members(json).map(|m| m.len()),
                    _ => Some(0),
                };
                Ok(size.map_or(Value::Null, |n| Value::Integer(n as i64)))
            }),
            scalar(
                &format!("is_json_scalar({input}) -> boolean"),
                |_, a| match valid(a[0].as_str()) {
                    Some(json) => Ok(Value::Boolean(!matches!(
                        kind(json),
                        Kind::Array | Kind::Object
                    ))),
                    None => Err(invalid_argument(format!(
                        "Invalid JSON value: {}",
                        a[0].as_str()
                    ))),
                },
            ),
            scalar(&format!("json_array_length({input}) -> bigint"), |_, a| {
                Ok(array_of(a).map_or(Value::Null, |e| Value::Integer(e.len() as i64)))
            }),
            scalar(
                &format!("json_array_get({input}, bigint) -> json"),
                |_, a| Ok(array_of(a).map_or(Value::Null, |e| element(&e, a[1].as_i64()))),
            ),
            scalar(
                &format!("json_array_contains({input}, boolean) -> boolean"),
                |_, a| {
                    let wanted = if a[1].as_bool() { "true" } else { "false" };
                    Ok(contains(a, |json| json == wanted))
                },
            ),
            scalar(
                &format!("json_array_contains({input}, varchar) -> boolean"),
                |_, a| {
                    Ok(contains(a, |json| {
                        kind(json) == Kind::String
                            && serde_json::from_str::<String>(json)
                                .is_ok_and(|s| s == a[1].as_str())
                    }))
                },
            ),
            scalar(
                &format!("json_array_contains({input}, bigint) -> boolean"),
                |_, a| Ok(contains(a, |json| json.parse() == Ok(a[1].as_i64()))),
            ),
            scalar(
                &format!("json_array_contains({input}, double) -> boolean"),
                |_, a| {
                    Ok(contains(a, |json| {
                        kind(json) == Kind::Number
                            && json.contains(['.', 'e', 'E'])
                            && json.parse() == Ok(a[1].as_f64())
                    }))
                },
            ),
        ]);
    }
    all
}

/// A text that is JSON, without the blanks around it.
fn valid(text: &str) -> Option<&str> {
    serde_json::from_str::<&serde_json::value::RawValue>(text)
        .ok()
        .map(serde_json::value::RawValue::get)
}

/// What lies at the path; nothing where the text is no JSON.
fn at_path(a: &[Value]) -> Result<Option<&str>, Error> {
    let path = JsonPath::parse(a[1].as_str())?;
    Ok(valid(a[0].as_str()).and_then(|json| path.find(json)))
}

/// A scalar's text: a string's without its quotes, nothing for null.
fn scalar_text(json: &str) -> Value {
    match kind(json) {
        Kind::String => serde_json::from_str::<String>(json).map_or(Value::Null, Value::text),
        Kind::Number | Kind::Boolean => Value::text(json),
        Kind::Null | Kind::Array | Kind::Object => Value::Null,
    }
}

fn array_of(a: &[Value]) -> Option<Vec<&str>> {
    elements(valid(a[0].as_str())?)
}

fn contains(a: &[Value], holds: impl Fn(&str) -> bool) -> Value {
    array_of(a).map_or(Value::Null, |elements| {
        Value::Boolean(elements.into_iter().any(holds))
    })
}

/// An element by its number, from the end where negative. A string comes without its quotes, which
/// makes it no JSON: so does Trino, and its documentation says so.
fn element(elements: &[&str], index: i64) -> Value {
    let index = if index < 0 {
        index.saturating_add(elements.len() as i64)
    } else {
        index
    };
    let found = usize::try_from(index).ok().and_then(|i| elements.get(i));
    found.map_or(Value::Null, |json| match kind(json) {
        Kind::Array | Kind::Object => Value::text(compact(json)),
        _ => scalar_text(json),
    })
}

/// `null_on_null`, then the elements.
fn json_array(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let elements: Vec<&str> = a[1..]
        .iter()
        .filter(|v| !v.is_null() || a[0].as_bool())
        .map(|v| if v.is_null() { "null" } else { v.as_str() })
        .collect();
    Ok(Value::text(format!("[{}]", elements.join(","))))
}

/// `null_on_null`, `unique_keys`, then keys and values by turns. Trino holds the members in a Java
/// HashMap: that gives their order, and refuses a key's second coming either way.
fn json_object(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (null_on_null, unique_keys) = (a[0].as_bool(), a[1].as_bool());
    let mut members: Vec<(&str, &str)> = Vec::new();
    for pair in a[2..].chunks_exact(2) {
        if pair[0].is_null() {
            return Err(invalid_argument("null value passed for JSON object key"));
        }
        let key = pair[0].as_str();
        let value = match &pair[1] {
            Value::Null if !null_on_null => continue,
            Value::Null => "null",
            value => value.as_str(),
        };
        if members.iter().any(|(k, _)| *k == key) {
            return Err(if unique_keys {
                invalid_argument("duplicate key passed to JSON_OBJECT function")
            } else {
                Error::user(
                    "NOT_SUPPORTED",
                    "cannot construct a JSON object with duplicate key",
                )
            });
        }
        members.push((key, value));
    }
    let mut buckets = 16;
    while members.len() > buckets / 4 * 3 {
        buckets *= 2;
    }
    members.sort_by_key(|(key, _)| java_hash(key) as usize % buckets);
    let members: Vec<String> = members
        .into_iter()
        .map(|(key, value)| format!("{}:{value}", cast::quoted(key)))
        .collect();
    Ok(Value::text(format!("{{{}}}", members.join(","))))
}

/// Java's `String.hashCode`, spread as its HashMap does.
fn java_hash(text: &str) -> u32 {
    let hash = text.encode_utf16().fold(0_u32, |h, unit| {
        h.wrapping_mul(31).wrapping_add(u32::from(unit))
    });
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_as_they_were_written() {
        let found = |json: &str, path: &str| {
            at_path(&[json, path].map(Value::text)).map(|f| f.map(scalar_text))
        };
        assert_eq!(
            found(r#"{"a": 9.6E400}"#, "$.a"),
            Ok(Some(Value::text("9.6E400")))
        );
        assert_eq!(found(r#"{"a": "b"}"#, "$.a"), Ok(Some(Value::text("b"))));
        assert_eq!(found(r#"{"a": "b"}"#, "$.b"), Ok(None));
        assert_eq!(found("no JSON", "$.b"), Ok(None));
    }

    #[test]
    fn members_come_in_the_order_of_a_java_hash_map() {
        assert_eq!(java_hash("key_1") % 16, 2);
        assert_eq!(java_hash("key_2") % 16, 1);
    }

    #[test]
    fn only_an_integer_is_equal_to_an_integer() {
        let array = |json| [Value::text(json), Value::Integer(1)];
        let holds = |json| contains(&array(json), |j| j.parse() == Ok(1_i64));
        assert_eq!(holds("[2, 1]"), Value::Boolean(true));
        assert_eq!(holds("[1.0]"), Value::Boolean(false));
        assert_eq!(holds("{}"), Value::Null);
    }
}
