//! Spark's notation of schemas, in JSON, which Delta Lake has too.
//!
//! Source: Delta Lake's protocol, "Schema Serialization Format".

use serde_json::Value;

use super::Unread;
use super::notation::Notation;
use crate::schema::{Field, Type};

const NOTATION: Notation = Notation {
    list: ("array", "elementType"),
    map: ("keyType", "valueType"),
    primitive,
};

/// The fields of a struct.
pub(super) fn fields(structure: &Value) -> Result<Vec<Field>, Unread> {
    NOTATION.fields(structure)
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
