//! Between JSON and other types. A JSON value is its text.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::value::RawValue;

use super::super::invalid_argument;
use super::{cast_value, from_text, number};
use crate::error::{Error, invalid_cast};
use crate::json_text::{Kind, distinct, elements, kind, members, string};
use crate::types::{Type, Value, double_text, to_text};

/// How deep the arrays and objects of JSON may lie in each other.
const MAX_NESTING: usize = 128;

/// Whether a structure can become JSON or be made of it.
pub fn castable(data_type: &Type) -> bool {
    match data_type {
        Type::Array(element) => castable(element),
        Type::Map(key, value) => {
            (key.is_number() || matches!(**key, Type::Unknown | Type::Boolean | Type::Varchar(_)))
                && castable(value)
        }
        Type::Row(fields) => fields.iter().all(|f| castable(&f.data_type)),
        Type::Unknown
        | Type::Boolean
        | Type::Varchar(_)
        | Type::Json
        | Type::Date
        | Type::Timestamp(_) => true,
        t => t.is_number(),
    }
}

/// Reads JSON text and writes it without blanks and with its keys sorted.
pub fn canonical(text: &str) -> Result<String, Error> {
    let fail = || invalid_argument(format!("Cannot convert '{text}' to JSON"));
    let json: &RawValue = serde_json::from_str(text).map_err(|_| fail())?;
    sorted(json.get()).ok_or_else(fail)
}

/// Valid JSON without blanks and with its keys sorted, numbers as Java prints them; nothing where it
/// is nested too deep or holds half of a surrogate pair.
fn sorted(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    write_into(&mut out, json, 0)?;
    Some(out)
}

fn write_into(out: &mut String, json: &str, depth: usize) -> Option<()> {
    if depth == MAX_NESTING {
        return None;
    }
    match kind(json) {
        Kind::Null | Kind::Boolean => out.push_str(json),
        Kind::Number => {
            let number = number_text(json);
            if number.ends_with("Infinity") {
                // What no double holds is a string. (`JsonGenerator` of Jackson.)
                out.push_str(&quoted(&number));
            } else {
                out.push_str(&number);
            }
        }
        Kind::String => out.push_str(&quoted(&string(json)?)),
        Kind::Array => {
            out.push('[');
            for (i, item) in elements(json)?.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_into(out, item, depth + 1)?;
            }
            out.push(']');
        }
        Kind::Object => {
            let members = members(json)?;
            let mut members = distinct(&members);
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, value)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(key));
                out.push(':');
                write_into(out, value, depth + 1)?;
            }
            out.push('}');
        }
    }
    Some(())
}

/// A number as Java prints it, an integer with all of its digits.
fn number_text(number: &str) -> Cow<'_, str> {
    match number.parse::<f64>() {
        Ok(x) if number.contains(['.', 'e', 'E']) => Cow::Owned(double_text(x)),
        // No integer of Java's is a negative zero.
        _ if number == "-0" => Cow::Borrowed("0"),
        _ => Cow::Borrowed(number),
    }
}

/// A text as a JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A value as JSON text.
pub fn to_json(value: &Value, data_type: &Type) -> Result<String, Error> {
    if value.is_null() {
        return Ok("null".to_owned());
    }
    Ok(match (data_type, value) {
        (Type::Json, Value::Text(text)) => text.to_string(),
        (Type::Boolean | Type::Decimal(..), _) => text_of(value, data_type)?,
        (t, _) if t.is_integer() => text_of(value, data_type)?,
        (Type::Double | Type::Real, _) => {
            if value.as_f64().is_finite() {
                text_of(value, data_type)?
            } else {
                quoted(&text_of(value, data_type)?)
            }
        }
        (Type::Array(element), _) => {
            let items = value
                .as_array()
                .iter()
                .map(|v| to_json(v, element))
                .collect::<Result<Vec<_>, _>>()?;
            format!("[{}]", items.join(","))
        }
        (Type::Row(fields), _) => {
            let members = value
                .as_array()
                .iter()
                .zip(fields)
                .map(|(v, field)| {
                    let name = field.name.as_deref().unwrap_or("");
                    Ok(format!(
                        "{}:{}",
                        quoted(name),
                        to_json(v, &field.data_type)?
                    ))
                })
                .collect::<Result<Vec<_>, Error>>()?;
            format!("{{{}}}", members.join(","))
        }
        (Type::Map(key, item), _) => {
            let mut members = value
                .as_map()
                .iter()
                .map(|(k, v)| Ok((text_of(k, key)?, to_json(v, item)?)))
                .collect::<Result<Vec<_>, Error>>()?;
            members.sort();
            let members: Vec<String> = members
                .into_iter()
                .map(|(k, v)| format!("{}:{v}", quoted(&k)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        _ => quoted(&text_of(value, data_type)?),
    })
}

fn text_of(value: &Value, data_type: &Type) -> Result<String, Error> {
    to_text(value, data_type)
        .ok_or_else(|| invalid_cast(format!("Cannot cast {data_type} to json")))
}

/// JSON text as a value of a type.
pub fn from_json(text: &str, to: &Type) -> Result<Value, Error> {
    let json: &RawValue = serde_json::from_str(text)
        .map_err(|_| invalid_cast(format!("Cannot cast to {to}. Invalid JSON: {text}")))?;
    convert(json.get(), to, text)
}

fn convert(json: &str, to: &Type, whole: &str) -> Result<Value, Error> {
    let fail = || invalid_cast(format!("Cannot cast to {to}. JSON: {whole}"));
    if *to == Type::Json {
        return sorted(json).map(Value::text).ok_or_else(fail);
    }
    match (kind(json), to) {
        (Kind::Null, _) => Ok(Value::Null),
        (Kind::Array, Type::Array(element)) => elements(json)
            .ok_or_else(fail)?
            .into_iter()
            .map(|item| convert(item, element, whole))
            .collect::<Result<_, _>>()
            .map(Value::array),
        (Kind::Object, Type::Map(key, value)) => {
            let members = members(json).ok_or_else(fail)?;
            let entries = distinct(&members).into_iter().map(|(k, v)| {
                let key = cast_value(&Value::text(k), &Type::VARCHAR, key)?;
                Ok((key, convert(v, value, whole)?))
            });
            let entries = entries.collect::<Result<Vec<_>, Error>>()?;
            // Of different texts may come one key.
            if !has_distinct_keys(&entries) {
                return Err(invalid_cast(format!(
                    "Cannot cast to {to}. Duplicate keys are not allowed\n{whole}"
                )));
            }
            Ok(Value::map(entries))
        }
        (Kind::Array, Type::Row(fields)) => {
            let items = elements(json).ok_or_else(fail)?;
            if items.len() != fields.len() {
                return Err(fail());
            }
            let values = items
                .into_iter()
                .zip(fields)
                .map(|(item, field)| convert(item, &field.data_type, whole));
            values.collect::<Result<_, _>>().map(Value::row)
        }
        (Kind::Object, Type::Row(fields)) => {
            let members = members(json).ok_or_else(fail)?;
            let members = distinct(&members);
            let values = fields.iter().map(|field| {
                let name = field.name.as_deref();
                let found = members
                    .iter()
                    .find(|(key, _)| name.is_some_and(|name| name.eq_ignore_ascii_case(key)));
                match found {
                    None => Ok(Value::Null),
                    Some((_, value)) => convert(value, &field.data_type, whole),
                }
            });
            values.collect::<Result<_, _>>().map(Value::row)
        }
        (Kind::Array | Kind::Object, _) | (_, Type::Array(_) | Type::Map(..) | Type::Row(_)) => {
            Err(fail())
        }
        (Kind::Boolean, Type::Varchar(_)) => Ok(Value::text(json)),
        (Kind::Boolean, _) => number::convert(&Value::Boolean(json == "true"), &Type::Boolean, to),
        (Kind::Number, Type::Varchar(_)) => {
            cast_value(&Value::text(&*number_text(json)), &Type::VARCHAR, to)
        }
        // Every digit counts, where another number would be a double. (`currentTokenAsJavaDecimal`
        // of Trino's `JsonUtil`.)
        (Kind::Number, Type::Decimal(precision, scale)) => {
            let fail = || {
                invalid_cast(format!(
                    "Cannot cast '{whole}' to DECIMAL({precision},{scale})"
                ))
            };
            let (unscaled, digits) = from_text::decimal_digits(json).ok_or_else(fail)?;
            number::decimal(unscaled, digits, *precision, *scale, json, &Type::Json)
                .map_err(|_| fail())
        }
        (Kind::Number, _) => match json.parse::<i64>() {
            Ok(n) => number::convert(&Value::Integer(n), &Type::Bigint, to),
            Err(_) => {
                let x: f64 = json.parse().map_err(|_| fail())?;
                number::convert(&Value::Double(x), &Type::Double, to)
            }
        },
        (Kind::String, _) => {
            let text = string(json).ok_or_else(fail)?;
            cast_value(&Value::text(&*text), &Type::VARCHAR, to)
        }
    }
}

fn has_distinct_keys(entries: &[(Value, Value)]) -> bool {
    let mut keys = HashSet::with_capacity(entries.len());
    entries.iter().all(|(key, _)| keys.insert(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_keeps_its_digits_and_a_fraction_is_a_double() {
        for (text, expected) in [
            ("12345678901234567890123", "12345678901234567890123"),
            ("-0", "0"),
            ("-0.0", "-0.0"),
            ("1e2", "100.0"),
            ("[1e309, -1e309]", "[\"Infinity\",\"-Infinity\"]"),
            (
                "{\"b\": 1, \"a\": [18446744073709551616], \"b\": \"\\u0041\"}",
                "{\"a\":[18446744073709551616],\"b\":\"A\"}",
            ),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(expected));
        }
        let deep = "[".repeat(MAX_NESTING + 1) + &"]".repeat(MAX_NESTING + 1);
        for text in ["\"\\ud800\"", "01", &deep] {
            assert!(canonical(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_no_double_holds_is_infinite() {
        let json = canonical("1e309");
        let cast = json.and_then(|json| from_json(&json, &Type::Double));
        assert_eq!(cast, Ok(Value::Double(f64::INFINITY)));
    }

    #[test]
    fn json_becomes_a_decimal_digit_by_digit() {
        let cast = |text: &str, precision, scale| {
            from_json(text, &Type::Decimal(precision, scale)).map_err(|error| error.message)
        };
        assert_eq!(
            cast("12345678901234567890123", 38, 0),
            Ok(Value::Decimal(12_345_678_901_234_567_890_123))
        );
        assert_eq!(cast("1.25E1", 3, 0), Ok(Value::Decimal(13)));
        assert_eq!(
            cast("1000", 3, 0),
            Err("Cannot cast '1000' to DECIMAL(3,0)".to_owned())
        );
    }
}
