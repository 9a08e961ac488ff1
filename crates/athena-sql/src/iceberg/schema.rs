//! Schemas: columns with ids that outlive their names.
//!
//! Source: Apache Iceberg's specification, "Schemas and Data Types" and "Appendix C: JSON
//! serialization"; its `IcebergToGlueConverter` for the types in the Glue catalog.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::types::{RowField, Type};

/// A schema of a table. What this reader does not know of it, it keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Schema {
    #[serde(rename = "type")]
    pub kind: StructKind,
    #[serde(default)]
    pub schema_id: i32,
    pub fields: Vec<Field>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The one type that a schema has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StructKind {
    #[default]
    Struct,
}

/// A column, or a field of a struct.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub id: i32,
    pub name: String,
    pub required: bool,
    #[serde(rename = "type")]
    pub data_type: DataType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DataType {
    Primitive(Primitive),
    Nested(Nested),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "lowercase",
    rename_all_fields = "kebab-case"
)]
pub enum Nested {
    Struct {
        fields: Vec<Field>,
    },
    List {
        element_id: i32,
        element_required: bool,
        element: Box<DataType>,
    },
    Map {
        key_id: i32,
        key: Box<DataType>,
        value_id: i32,
        value_required: bool,
        value: Box<DataType>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Primitive {
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Decimal(u8, u8),
    Date,
    Time,
    Timestamp,
    Timestamptz,
    String,
    Uuid,
    /// Of so many bytes.
    Fixed(u32),
    Binary,
}

impl fmt::Display for Primitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Decimal(precision, scale) => return write!(f, "decimal({precision}, {scale})"),
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Timestamptz => "timestamptz",
            Self::String => "string",
            Self::Uuid => "uuid",
            Self::Fixed(length) => return write!(f, "fixed[{length}]"),
            Self::Binary => "binary",
        })
    }
}

impl From<Primitive> for String {
    fn from(primitive: Primitive) -> Self {
        primitive.to_string()
    }
}

impl TryFrom<String> for Primitive {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let unknown = || format!("the type {text}");
        let within = |name: &str, open: char, close: char| {
            text.strip_prefix(name)?
                .strip_prefix(open)?
                .strip_suffix(close)
        };
        if let Some(parameters) = within("decimal", '(', ')') {
            let (precision, scale) = parameters.split_once(',').ok_or_else(unknown)?;
            let number = |text: &str| text.trim().parse().map_err(|_| unknown());
            return Ok(Self::Decimal(number(precision)?, number(scale)?));
        }
        if let Some(length) = within("fixed", '[', ']') {
            return length
                .trim()
                .parse()
                .map(Self::Fixed)
                .map_err(|_| unknown());
        }
        Ok(match text.as_str() {
            "boolean" => Self::Boolean,
            "int" => Self::Int,
            "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            "date" => Self::Date,
            "time" => Self::Time,
            "timestamp" => Self::Timestamp,
            "timestamptz" => Self::Timestamptz,
            "string" => Self::String,
            "uuid" => Self::Uuid,
            "binary" => Self::Binary,
            _ => return Err(unknown()),
        })
    }
}

impl Primitive {
    /// As Trino's Iceberg connector has it.
    pub fn trino(&self) -> Type {
        match self {
            Self::Boolean => Type::Boolean,
            Self::Int => Type::Integer,
            Self::Long => Type::Bigint,
            Self::Float => Type::Real,
            Self::Double => Type::Double,
            Self::Decimal(precision, scale) => Type::Decimal(*precision, *scale),
            Self::Date => Type::Date,
            Self::Time => Type::Time(6),
            Self::Timestamp => Type::Timestamp(6),
            Self::Timestamptz => Type::TimestampTz(6),
            Self::String => Type::VARCHAR,
            Self::Uuid => Type::Uuid,
            Self::Fixed(_) | Self::Binary => Type::Varbinary,
        }
    }

    fn glue(&self) -> String {
        match self {
            Self::Boolean | Self::Int | Self::Float | Self::Double | Self::Date => self.to_string(),
            Self::Long => "bigint".to_owned(),
            Self::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
            Self::Timestamp | Self::Timestamptz => "timestamp".to_owned(),
            Self::Time | Self::String | Self::Uuid => "string".to_owned(),
            Self::Fixed(_) | Self::Binary => "binary".to_owned(),
        }
    }
}

impl DataType {
    /// As Trino's Iceberg connector has it.
    pub fn trino(&self) -> Type {
        match self {
            Self::Primitive(primitive) => primitive.trino(),
            Self::Nested(Nested::Struct { fields }) => Type::Row(
                fields
                    .iter()
                    .map(|field| RowField {
                        name: Some(field.name.to_lowercase()),
                        data_type: field.data_type.trino(),
                    })
                    .collect(),
            ),
            Self::Nested(Nested::List { element, .. }) => Type::array(element.trino()),
            Self::Nested(Nested::Map { key, value, .. }) => Type::map(key.trino(), value.trino()),
        }
    }

    /// As the Glue catalog shows it.
    pub fn glue(&self) -> String {
        match self {
            Self::Primitive(primitive) => primitive.glue(),
            Self::Nested(Nested::Struct { fields }) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|field| format!("{}:{}", field.name, field.data_type.glue()))
                    .collect();
                format!("struct<{}>", fields.join(","))
            }
            Self::Nested(Nested::List { element, .. }) => format!("array<{}>", element.glue()),
            Self::Nested(Nested::Map { key, value, .. }) => {
                format!("map<{},{}>", key.glue(), value.glue())
            }
        }
    }

    /// What lies within: fields by their names, elements, keys and values by the specification's.
    pub fn children(&self) -> Vec<(i32, &str, &Self)> {
        match self {
            Self::Primitive(_) => Vec::new(),
            Self::Nested(Nested::Struct { fields }) => fields
                .iter()
                .map(|field| (field.id, field.name.as_str(), &field.data_type))
                .collect(),
            Self::Nested(Nested::List {
                element_id,
                element,
                ..
            }) => vec![(*element_id, "element", element)],
            Self::Nested(Nested::Map {
                key_id,
                key,
                value_id,
                value,
                ..
            }) => vec![(*key_id, "key", key), (*value_id, "value", value)],
        }
    }
}

impl Schema {
    /// The schema of a new table: ids from 1 in the order in which Iceberg gives them, all fields
    /// of a struct before what lies within them. The error names the type that Iceberg has not.
    pub fn new(columns: &[(String, Type, Option<String>)]) -> Result<Self, Type> {
        let mut ids = Ids(0);
        let fields = ids.fields(
            columns
                .iter()
                .map(|(name, data_type, doc)| (name.clone(), data_type, doc.clone())),
        )?;
        Ok(Self {
            kind: StructKind::Struct,
            schema_id: 0,
            fields,
            other: Map::new(),
        })
    }

    /// The greatest id in it.
    pub fn last_id(&self) -> i32 {
        fn greatest(id: i32, data_type: &DataType) -> i32 {
            let within = data_type.children().into_iter();
            within
                .map(|(id, _, data_type)| greatest(id, data_type))
                .fold(id, i32::max)
        }
        self.fields
            .iter()
            .map(|field| greatest(field.id, &field.data_type))
            .max()
            .unwrap_or(0)
    }

    /// A column by its name, whatever its case.
    pub fn column(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// A column or a field within one, by its id: its full name and its type.
    pub fn find(&self, id: i32) -> Option<(String, &DataType)> {
        fn within<'a>(
            prefix: &str,
            data_type: &'a DataType,
            id: i32,
        ) -> Option<(String, &'a DataType)> {
            data_type.children().into_iter().find_map(|(own, name, t)| {
                let name = format!("{prefix}.{name}");
                if own == id {
                    Some((name, t))
                } else {
                    within(&name, t, id)
                }
            })
        }
        self.fields.iter().find_map(|field| {
            if field.id == id {
                return Some((field.name.clone(), &field.data_type));
            }
            within(&field.name, &field.data_type, id)
        })
    }
}

/// Gives out ids.
struct Ids(i32);

impl Ids {
    fn next(&mut self) -> i32 {
        self.0 += 1;
        self.0
    }

    fn fields<'a>(
        &mut self,
        fields: impl Iterator<Item = (String, &'a Type, Option<String>)>,
    ) -> Result<Vec<Field>, Type> {
        let numbered: Vec<_> = fields.map(|field| (self.next(), field)).collect();
        numbered
            .into_iter()
            .map(|(id, (name, data_type, doc))| {
                Ok(Field {
                    id,
                    name,
                    required: false,
                    data_type: self.data_type(data_type)?,
                    doc,
                    other: Map::new(),
                })
            })
            .collect()
    }

    fn data_type(&mut self, data_type: &Type) -> Result<DataType, Type> {
        let primitive = match data_type {
            Type::Boolean => Primitive::Boolean,
            Type::Integer => Primitive::Int,
            Type::Bigint => Primitive::Long,
            Type::Real => Primitive::Float,
            Type::Double => Primitive::Double,
            Type::Decimal(precision, scale) => Primitive::Decimal(*precision, *scale),
            Type::Date => Primitive::Date,
            Type::Timestamp(_) => Primitive::Timestamp,
            Type::Varchar(None) => Primitive::String,
            Type::Varbinary => Primitive::Binary,
            Type::Array(element) => {
                let element_id = self.next();
                return Ok(DataType::Nested(Nested::List {
                    element_id,
                    element_required: false,
                    element: Box::new(self.data_type(element)?),
                }));
            }
            Type::Map(key, value) => {
                let (key_id, value_id) = (self.next(), self.next());
                return Ok(DataType::Nested(Nested::Map {
                    key_id,
                    key: Box::new(self.data_type(key)?),
                    value_id,
                    value_required: false,
                    value: Box::new(self.data_type(value)?),
                }));
            }
            Type::Row(fields) => {
                let fields = fields.iter().map(|field| {
                    let name = field.name.clone().unwrap_or_default();
                    (name, &field.data_type, None)
                });
                return Ok(DataType::Nested(Nested::Struct {
                    fields: self.fields(fields)?,
                }));
            }
            other => return Err(other.clone()),
        };
        Ok(DataType::Primitive(primitive))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::from_hive;

    fn schema(columns: &[(&str, &str)]) -> Result<Schema, Type> {
        let columns: Vec<_> = columns
            .iter()
            .map(|(name, hive)| {
                let data_type = from_hive(hive).expect("a type");
                ((*name).to_owned(), data_type, None)
            })
            .collect();
        Schema::new(&columns)
    }

    #[test]
    fn ids_are_given_level_by_level() {
        let schema = schema(&[
            ("id", "bigint"),
            ("at", "struct<lat:double,tags:array<string>>"),
            ("by", "map<string,int>"),
        ])
        .expect("a schema");
        let ids: Vec<(i32, String)> = (1..=schema.last_id())
            .map(|id| (id, schema.find(id).expect("a field").0))
            .collect();
        let names: Vec<&str> = ids.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "id",
                "at",
                "by",
                "at.lat",
                "at.tags",
                "at.tags.element",
                "by.key",
                "by.value"
            ]
        );
    }

    #[test]
    fn a_schema_is_read_as_it_is_written_with_what_is_not_known_of_it() {
        let text = r#"{"type":"struct","schema-id":3,"fields":[
            {"id":1,"name":"a","required":true,"type":"decimal(9, 2)","initial-default":"1.00"},
            {"id":2,"name":"b","required":false,"type":{"type":"list","element-id":3,
             "element-required":false,"element":"fixed[16]"}}],"identifier-field-ids":[1]}"#;
        let json: Value = serde_json::from_str(text).expect("JSON");
        let schema: Schema = serde_json::from_value(json.clone()).expect("a schema");
        assert_eq!(serde_json::to_value(&schema).expect("JSON"), json);
    }

    #[test]
    fn types_that_iceberg_has_not_are_named() {
        for hive in ["tinyint", "smallint", "char(3)", "varchar(3)"] {
            let refused = schema(&[("a", hive)]).expect_err("refused");
            assert_eq!(refused.to_string(), hive);
        }
    }

    #[test]
    fn the_catalog_shows_hives_names() {
        let schema = schema(&[("a", "struct<b:bigint,c:map<string,timestamp>>")]).expect("it");
        assert_eq!(
            schema.fields[0].data_type.glue(),
            "struct<b:bigint,c:map<string,timestamp>>"
        );
    }
}
