//! Spark's notation of schemas, in JSON, which Delta Lake has too.
//!
//! Source: Delta Lake's protocol, "Schema Serialization Format".

use serde_json::Value;

use super::{Unread, unread};
use crate::schema::{Field, Type};

const DEEPEST: usize = 64;

/// The fields of a struct.
pub(super) fn fields(structure: &Value, depth: usize) -> Result<Vec<Field>, Unread> {
    let fields = structure.get("fields").and_then(Value::as_array);
    fields
        .ok_or_else(|| unread("its schema has no fields"))?
        .iter()
        .map(|field| {
            let name = field.get("name").and_then(Value::as_str);
            let (Some(name), Some(data_type)) = (name, field.get("type")) else {
                return Err(unread("a column has no name or type"));
            };
            Ok(Field::new(name, type_of(data_type, depth + 1)?))
        })
        .collect()
}

fn type_of(data_type: &Value, depth: usize) -> Result<Type, Unread> {
    if depth > DEEPEST {
        return Err(unread("its types are nested deeper than can be read"));
    }
    if let Value::String(name) = data_type {
        return Ok(primitive(name));
    }
    let part = |name: &str| {
        let part = data_type.get(name);
        type_of(
            part.ok_or_else(|| unread(format!("a type has no {name}")))?,
            depth + 1,
        )
    };
    match data_type.get("type").and_then(Value::as_str) {
        Some("struct") => Ok(Type::Struct(fields(data_type, depth + 1)?)),
        Some("array") => Ok(Type::array(part("elementType")?)),
        Some("map") => Ok(Type::map(part("keyType")?, part("valueType")?)),
        _ => Err(unread("a column has a type that is none")),
    }
}

/// A type that Hive has no word for, such as `variant`, is a string.
fn primitive(name: &str) -> Type {
    match name {
        "boolean" => Type::Boolean,
        "byte" => Type::Tinyint,
        "short" => Type::Smallint,
        "integer" => Type::Int,
        "long" => Type::Bigint,
        "float" => Type::Float,
        "double" => Type::Double,
        "date" => Type::Date,
        "timestamp" | "timestamp_ntz" => Type::Timestamp,
        "binary" => Type::Binary,
        name => decimal(name).unwrap_or(Type::String),
    }
}

/// `decimal(9,2)`, with spaces or without.
pub(super) fn decimal(name: &str) -> Option<Type> {
    let digits = name.strip_prefix("decimal(")?.strip_suffix(')')?;
    let (precision, scale) = digits.split_once(',')?;
    let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    Some(Type::decimal(precision, scale))
}
