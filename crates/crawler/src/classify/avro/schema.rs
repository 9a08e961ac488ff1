//! The Hive types of an Avro schema.
//!
//! Source: Apache Hive's wiki, "AvroSerDe", "Avro to Hive type conversion", and Avro's
//! specification, "Schema Declaration", "Names" and "Logical Types".

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::Unreadable;
use super::damaged;
use crate::schema::{Field, Type, merge_types};

/// Types are not nested deeper; a name that stands for a type may nest without end.
const DEEPEST: usize = 64;

/// How many types a schema may come to when every name is put in full.
const MOST: usize = 100_000;

/// The columns of a schema, and what a user should know of it. A schema that is no record is
/// one column, called as Hive calls it.
pub(crate) fn columns(schema: &str) -> Result<(Vec<Field>, Vec<String>), Unreadable> {
    let schema: Value = serde_json::from_str(schema)
        .map_err(|error| damaged(&format!("its schema is not JSON: {error}")))?;
    let mut types = Types::default();
    let data_type = types.type_of(&schema, "", 0)?;
    let columns = match data_type {
        Type::Struct(fields) => fields,
        other => vec![Field::new("value", other)],
    };
    Ok((columns, types.remarks))
}

#[derive(Default)]
struct Types {
    /// By full name, with how many types each comes to; nothing while it is being read.
    named: HashMap<String, Option<(Type, usize)>>,
    count: usize,
    remarks: Vec<String>,
}

impl Types {
    fn type_of(
        &mut self,
        schema: &Value,
        namespace: &str,
        depth: usize,
    ) -> Result<Type, Unreadable> {
        self.add(1)?;
        if depth > DEEPEST {
            return Err(damaged("its schema is nested deeper than can be read"));
        }
        match schema {
            Value::String(name) => self.name(name, namespace),
            Value::Array(branches) => self.union(branches, namespace, depth),
            Value::Object(object) => self.object(object, namespace, depth),
            _ => Err(damaged("its schema has a type that is none")),
        }
    }

    fn add(&mut self, types: usize) -> Result<(), Unreadable> {
        self.count = self.count.saturating_add(types);
        if self.count > MOST {
            return Err(damaged("its schema is larger than can be read"));
        }
        Ok(())
    }

    /// A primitive type, or one that was named before.
    fn name(&mut self, name: &str, namespace: &str) -> Result<Type, Unreadable> {
        if let Some(primitive) = primitive(name) {
            return Ok(primitive);
        }
        let full = full_name(name, namespace);
        match self.named.get(&full).or_else(|| self.named.get(name)) {
            Some(Some((data_type, count))) => {
                let (data_type, count) = (data_type.clone(), *count);
                self.add(count)?;
                Ok(data_type)
            }
            // Hive has no type that holds itself.
            Some(None) => {
                let remark =
                    format!("the Avro type `{full}` holds itself, and is a string where it does");
                if !self.remarks.contains(&remark) {
                    self.remarks.push(remark);
                }
                Ok(Type::String)
            }
            None => Err(damaged(&format!("its schema names no type `{name}`"))),
        }
    }

    /// A union with null is its other type, as all of Hive's types may be null. Athena has no
    /// unions, so one of several types is what holds the values of all.
    fn union(
        &mut self,
        branches: &[Value],
        namespace: &str,
        depth: usize,
    ) -> Result<Type, Unreadable> {
        let mut types = Vec::new();
        for branch in branches {
            if branch != "null" {
                types.push(self.type_of(branch, namespace, depth + 1)?);
            }
        }
        Ok(merge_types(types))
    }

    fn object(
        &mut self,
        object: &Map<String, Value>,
        namespace: &str,
        depth: usize,
    ) -> Result<Type, Unreadable> {
        let kind = match object.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(nested) => return self.type_of(nested, namespace, depth + 1),
            None => return Err(damaged("its schema has a type that is none")),
        };
        if let Some(logical) = logical_type(object, kind) {
            self.define(object, kind, namespace, Some(logical.clone()));
            return Ok(logical);
        }
        let part = |name: &str| {
            object
                .get(name)
                .ok_or_else(|| damaged(&format!("its schema has {kind} without {name}")))
        };
        match kind {
            "array" => {
                let items = part("items")?;
                Ok(Type::array(self.type_of(items, namespace, depth + 1)?))
            }
            "map" => {
                let values = self.type_of(part("values")?, namespace, depth + 1)?;
                Ok(Type::map(Type::String, values))
            }
            "enum" | "fixed" => {
                let data_type = if kind == "enum" {
                    Type::String
                } else {
                    Type::Binary
                };
                self.define(object, kind, namespace, Some(data_type.clone()));
                Ok(data_type)
            }
            "record" | "error" => self.record(object, namespace, depth),
            name => self.name(name, namespace),
        }
    }

    fn record(
        &mut self,
        object: &Map<String, Value>,
        namespace: &str,
        depth: usize,
    ) -> Result<Type, Unreadable> {
        let before = self.count;
        let full = self.define(object, "record", namespace, None);
        let inner = full
            .as_deref()
            .and_then(|full| full.rsplit_once('.'))
            .map_or(String::new(), |(namespace, _)| namespace.to_owned());
        let Some(Value::Array(members)) = object.get("fields") else {
            return Err(damaged("its schema has a record without fields"));
        };
        let mut fields = Vec::with_capacity(members.len());
        for member in members {
            let (Some(Value::String(name)), Some(data_type)) =
                (member.get("name"), member.get("type"))
            else {
                return Err(damaged("its schema has a field without name or type"));
            };
            let data_type = self.type_of(data_type, &inner, depth + 1)?;
            fields.push(Field::new(name, data_type));
        }
        let data_type = Type::Struct(fields);
        if let Some(full) = full {
            let count = self.count - before;
            self.named.insert(full, Some((data_type.clone(), count)));
        }
        Ok(data_type)
    }

    /// Keeps a type under its full name, which it gives. Types of other kinds have none.
    fn define(
        &mut self,
        object: &Map<String, Value>,
        kind: &str,
        namespace: &str,
        data_type: Option<Type>,
    ) -> Option<String> {
        if !matches!(kind, "record" | "error" | "enum" | "fixed") {
            return None;
        }
        let name = object.get("name")?.as_str()?;
        let own = object.get("namespace").and_then(Value::as_str);
        let full = full_name(name, own.unwrap_or(namespace));
        self.named
            .insert(full.clone(), data_type.map(|data_type| (data_type, 1)));
        Some(full)
    }
}

/// A name with a dot is full already.
fn full_name(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}.{name}")
    }
}

fn primitive(name: &str) -> Option<Type> {
    Some(match name {
        "null" => Type::Unknown,
        "boolean" => Type::Boolean,
        "int" => Type::Int,
        "long" => Type::Bigint,
        "float" => Type::Float,
        "double" => Type::Double,
        "bytes" => Type::Binary,
        "string" => Type::String,
        _ => return None,
    })
}

/// The logical types that Hive's SerDe knows; one that does not fit its type is to be ignored, as
/// Avro's specification says.
fn logical_type(object: &Map<String, Value>, kind: &str) -> Option<Type> {
    let number = |name: &str| object.get(name).and_then(Value::as_u64);
    match (object.get("logicalType")?.as_str()?, kind) {
        ("date", "int") => Some(Type::Date),
        ("timestamp-millis", "long") => Some(Type::Timestamp),
        ("decimal", "bytes" | "fixed") => {
            let precision = u8::try_from(number("precision")?).ok()?;
            let scale = u8::try_from(number("scale").unwrap_or_default()).ok()?;
            (precision > 0 && scale <= precision).then(|| Type::decimal(precision, scale))
        }
        _ => None,
    }
}
