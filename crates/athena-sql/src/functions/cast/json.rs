//! Between JSON and other types. A JSON value is its text.

use serde_json::Value as Json;

use super::{cast_value, number};
use crate::error::{Error, invalid_cast};
use crate::types::{Type, Value, double_text, to_text};

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
    let json: Json = serde_json::from_str(text)
        .map_err(|_| super::super::invalid_argument(format!("Cannot convert '{text}' to JSON")))?;
    Ok(write(&json, true))
}

/// Writes JSON as Trino does: numbers as Java prints them.
pub fn write(json: &Json, sorted: bool) -> String {
    let mut out = String::new();
    write_into(&mut out, json, sorted);
    out
}

fn write_into(out: &mut String, json: &Json, sorted: bool) {
    match json {
        Json::Number(n) => out.push_str(&number_text(n)),
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_into(out, item, sorted);
            }
            out.push(']');
        }
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if sorted {
                members.sort_by(|a, b| a.0.cmp(b.0));
            }
            out.push('{');
            for (i, (key, value)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(key));
                out.push(':');
                write_into(out, value, sorted);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn number_text(n: &serde_json::Number) -> String {
    match n.as_f64() {
        Some(x) if n.is_f64() => double_text(x),
        _ => n.to_string(),
    }
}

/// A text as a JSON string.
pub fn quoted(text: &str) -> String {
    Json::String(text.to_owned()).to_string()
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
    let json: Json = serde_json::from_str(text)
        .map_err(|_| invalid_cast(format!("Cannot cast to {to}. Invalid JSON: {text}")))?;
    convert(&json, to, text)
}

fn convert(json: &Json, to: &Type, whole: &str) -> Result<Value, Error> {
    let fail = || invalid_cast(format!("Cannot cast to {to}. JSON: {whole}"));
    if *to == Type::Json {
        return Ok(Value::text(write(json, true)));
    }
    match (json, to) {
        (Json::Null, _) => Ok(Value::Null),
        (Json::Array(items), Type::Array(element)) => items
            .iter()
            .map(|item| convert(item, element, whole))
            .collect::<Result<_, _>>()
            .map(Value::array),
        (Json::Object(members), Type::Map(key, value)) => members
            .iter()
            .map(|(k, v)| {
                let key = cast_value(&Value::text(k.as_str()), &Type::VARCHAR, key)?;
                Ok((key, convert(v, value, whole)?))
            })
            .collect::<Result<_, Error>>()
            .map(Value::map),
        (Json::Array(items), Type::Row(fields)) if items.len() == fields.len() => items
            .iter()
            .zip(fields)
            .map(|(item, field)| convert(item, &field.data_type, whole))
            .collect::<Result<_, _>>()
            .map(Value::row),
        (Json::Object(members), Type::Row(fields)) => fields
            .iter()
            .map(|field| {
                let found = members.iter().find(|(key, _)| {
                    field
                        .name
                        .as_ref()
                        .is_some_and(|name| name.eq_ignore_ascii_case(key))
                });
                match found {
                    None => Ok(Value::Null),
                    Some((_, value)) => convert(value, &field.data_type, whole),
                }
            })
            .collect::<Result<_, _>>()
            .map(Value::row),
        (Json::Array(_) | Json::Object(_), _)
        | (_, Type::Array(_) | Type::Map(..) | Type::Row(_)) => Err(fail()),
        (Json::Bool(b), Type::Varchar(_)) => Ok(Value::text(b.to_string())),
        (Json::Bool(b), _) => number::convert(&Value::Boolean(*b), &Type::Boolean, to),
        (Json::Number(n), Type::Varchar(_)) => {
            cast_value(&Value::text(number_text(n)), &Type::VARCHAR, to)
        }
        (Json::Number(n), _) => match n.as_i64() {
            Some(n) => number::convert(&Value::Integer(n), &Type::Bigint, to),
            None => number::convert(
                &Value::Double(n.as_f64().unwrap_or(f64::NAN)),
                &Type::Double,
                to,
            ),
        },
        (Json::String(text), _) => cast_value(&Value::text(text.as_str()), &Type::VARCHAR, to),
    }
}
