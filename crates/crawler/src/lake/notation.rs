//! Schemas in JSON, as Iceberg and Spark write them: alike but for their words.

use serde_json::Value;

use super::{Unread, unread};
use crate::schema::{Field, Type};

const DEEPEST: usize = 64;

/// The words of a notation.
pub(super) struct Notation {
    /// The type of a list, and the member with that of its elements.
    pub list: (&'static str, &'static str),
    /// The members with the types of a map's keys and values.
    pub map: (&'static str, &'static str),
    pub primitive: fn(&str) -> Type,
}

impl Notation {
    /// The fields of a struct.
    pub fn fields(&self, structure: &Value) -> Result<Vec<Field>, Unread> {
        self.fields_at(structure, 0)
    }

    fn fields_at(&self, structure: &Value, depth: usize) -> Result<Vec<Field>, Unread> {
        let fields = structure.get("fields").and_then(Value::as_array);
        fields
            .ok_or_else(|| unread("its schema has no fields"))?
            .iter()
            .map(|field| {
                let name = field.get("name").and_then(Value::as_str);
                let (Some(name), Some(data_type)) = (name, field.get("type")) else {
                    return Err(unread("a column has no name or type"));
                };
                Ok(Field::new(name, self.type_of(data_type, depth + 1)?))
            })
            .collect()
    }

    fn type_of(&self, data_type: &Value, depth: usize) -> Result<Type, Unread> {
        if depth > DEEPEST {
            return Err(unread("its types are nested deeper than can be read"));
        }
        if let Value::String(name) = data_type {
            return Ok((self.primitive)(name));
        }
        let part = |name: &str| {
            let part = data_type.get(name);
            self.type_of(
                part.ok_or_else(|| unread(format!("a type has no {name}")))?,
                depth + 1,
            )
        };
        match data_type.get("type").and_then(Value::as_str) {
            Some("struct") => Ok(Type::Struct(self.fields_at(data_type, depth + 1)?)),
            Some("map") => Ok(Type::map(part(self.map.0)?, part(self.map.1)?)),
            Some(name) if name == self.list.0 => Ok(Type::array(part(self.list.1)?)),
            _ => Err(unread("a column has a type that is none")),
        }
    }
}
