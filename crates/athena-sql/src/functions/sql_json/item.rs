//! What SQL/JSON paths find: JSON, and values of SQL.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::functions::cast::quoted;
use crate::json_text::{Kind, compact, elements, kind, members};
use crate::types::{Type, Value, to_text};

/// How deep the arrays and objects of JSON may lie in each other.
const MAX_NESTING: usize = 256;

/// A JSON value; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Boolean(bool),
    /// As Java prints it.
    Number(Arc<str>),
    String(Arc<str>),
    Array(Arc<[Json]>),
    /// Each key once, the last of its values.
    Object(Arc<[(Arc<str>, Json)]>),
}

impl Json {
    /// Reads JSON text in UTF-8; nothing where it is none, or nested too deep.
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let json: &serde_json::value::RawValue = serde_json::from_str(text).ok()?;
        Self::tree(json.get(), 0)
    }

    fn tree(json: &str, depth: usize) -> Option<Self> {
        if depth > MAX_NESTING {
            return None;
        }
        Some(match kind(json) {
            Kind::Null => Self::Null,
            Kind::Boolean => Self::Boolean(json == "true"),
            Kind::Number => Self::Number(compact(json).into()),
            Kind::String => Self::String(serde_json::from_str::<String>(json).ok()?.into()),
            Kind::Array => Self::Array(
                elements(json)?
                    .into_iter()
                    .map(|element| Self::tree(element, depth + 1))
                    .collect::<Option<_>>()?,
            ),
            Kind::Object => Self::object(json, depth)?,
        })
    }

    fn object(json: &str, depth: usize) -> Option<Self> {
        let mut object: Vec<(Arc<str>, Self)> = Vec::new();
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        for (key, value) in members(json)? {
            let key: Arc<str> = Arc::from(&*key);
            let value = Self::tree(value, depth + 1)?;
            match places.entry(Arc::clone(&key)) {
                Entry::Occupied(place) => object[*place.get()].1 = value,
                Entry::Vacant(place) => {
                    place.insert(object.len());
                    object.push((key, value));
                }
            }
        }
        Some(Self::Object(object.into()))
    }

    /// A scalar of SQL as JSON; nothing of types that JSON does not have.
    pub fn of(data_type: &Type, value: &Value) -> Option<Self> {
        match (data_type, value) {
            (_, Value::Null) => Some(Self::Null),
            (Type::Boolean, _) => Some(Self::Boolean(value.as_bool())),
            (Type::Varchar(_), _) => Some(Self::String(value.as_str().into())),
            (Type::Char(length), _) => {
                let padded = format!("{:1$}", value.as_str(), *length as usize);
                Some(Self::String(padded.into()))
            }
            (number, _) if number.is_number() => Some(Self::Number(to_text(value, number)?.into())),
            _ => None,
        }
    }

    /// A scalar's value; nothing of null, arrays, objects, and integers that no bigint holds.
    pub fn to_sql(&self) -> Option<(Type, Value)> {
        match self {
            Self::Boolean(b) => Some((Type::Boolean, Value::Boolean(*b))),
            Self::String(text) => Some((Type::VARCHAR, Value::Text(Arc::clone(text)))),
            Self::Number(text) if text.contains(['.', 'e', 'E']) => {
                Some((Type::Double, Value::Double(text.parse().ok()?)))
            }
            Self::Number(text) => {
                let n: i64 = text.parse().ok()?;
                let small = i32::try_from(n).is_ok();
                let data_type = if small { Type::Integer } else { Type::Bigint };
                Some((data_type, Value::Integer(n)))
            }
            Self::Null | Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// JSON text without blanks.
    pub fn write(&self) -> String {
        let mut out = String::new();
        self.write_into(&mut out);
        out
    }

    fn write_into(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::String(text) => out.push_str(&quoted(text)),
            Self::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write_into(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (i, (key, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    out.push_str(&quoted(key));
                    out.push(':');
                    value.write_into(out);
                }
                out.push('}');
            }
        }
    }

    /// What the method `type()` calls it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

/// One of the sequence that a path finds.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Json(Json),
    Sql(Type, Value),
}

impl Item {
    /// A scalar's value.
    pub fn scalar(&self) -> Option<(Type, Value)> {
        match self {
            Self::Json(json) => json.to_sql(),
            Self::Sql(data_type, value) => Some((data_type.clone(), value.clone())),
        }
    }

    /// The type, as errors name it.
    pub fn kind(&self) -> String {
        match self {
            Self::Json(json) => json.type_name().to_uppercase(),
            Self::Sql(data_type, _) => data_type.to_string(),
        }
    }

    /// What the method `type()` calls it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Json(json) => json.type_name(),
            Self::Sql(Type::Varchar(_) | Type::Char(_), _) => "string",
            Self::Sql(Type::Time(_), _) => "time without time zone",
            Self::Sql(Type::Timestamp(_), _) => "timestamp without time zone",
            Self::Sql(data_type, _) if data_type.is_number() => "number",
            Self::Sql(data_type, _) => data_type.base_name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_written_as_it_was_read() {
        let written = |text: &str| Json::read(text.as_bytes()).map(|json| json.write());
        let json = r#" { "b" : [1, 2.50, "x\"y", null], "a" : {}, "b" : 12345678901234567890 } "#;
        let expected = r#"{"b":12345678901234567890,"a":{}}"#;
        assert_eq!(written(json).as_deref(), Some(expected));
        assert_eq!(written("[1, 2.50]").as_deref(), Some("[1,2.5]"));
        assert_eq!(written("[1"), None);
        assert_eq!(written(&"[".repeat(100_000)), None);
    }
}
