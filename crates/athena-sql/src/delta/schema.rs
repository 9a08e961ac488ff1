//! The schema in Spark's notation, and how its columns are found in data files.
//!
//! Source: Delta Lake's protocol, "Schema Serialization Format" and "Column Mapping"; the types are
//! those of Trino's connector.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::action::Metadata;
use super::bad_log;
use crate::error::Error;
use crate::formats::FieldIds;
use crate::types::{RowField, Type, to_hive};

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// In lower case.
    pub name: String,
    pub data_type: Type,
    /// What data files, statistics and the values of partitions call it.
    pub physical_name: String,
    pub ids: FieldIds,
    pub is_partition: bool,
}

impl Column {
    /// As the Glue catalog shows the type.
    pub fn hive_type(&self) -> String {
        to_hive(&without_zones(&self.data_type))
    }
}

/// Hive has no moments: they are times of UTC's clock.
fn without_zones(data_type: &Type) -> Type {
    match data_type {
        Type::TimestampTz(precision) => Type::Timestamp(*precision),
        Type::Array(element) => Type::array(without_zones(element)),
        Type::Map(key, value) => Type::map(without_zones(key), without_zones(value)),
        Type::Row(fields) => {
            let fields = fields.iter().map(|field| RowField {
                name: field.name.clone(),
                data_type: without_zones(&field.data_type),
            });
            Type::Row(fields.collect())
        }
        other => other.clone(),
    }
}

#[derive(Deserialize)]
struct Schema {
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    data_type: DataType,
    #[serde(default)]
    metadata: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DataType {
    Primitive(String),
    Nested(Nested),
}

#[derive(Deserialize)]
#[serde(
    tag = "type",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
enum Nested {
    Struct {
        fields: Vec<Field>,
    },
    Array {
        element_type: Box<DataType>,
    },
    Map {
        key_type: Box<DataType>,
        value_type: Box<DataType>,
    },
}

/// How columns are found in data files.
#[derive(Clone, Copy)]
enum Mapping {
    None,
    Name,
    Id,
}

impl Mapping {
    fn of(metadata: &Metadata) -> Result<Self, Error> {
        let mode = metadata.configuration.get("delta.columnMapping.mode");
        match mode.and_then(Option::as_deref) {
            None | Some("none") => Ok(Self::None),
            Some("name") => Ok(Self::Name),
            Some("id") => Ok(Self::Id),
            Some(mode) => Err(bad_log(format!("Invalid column mapping mode: {mode}"))),
        }
    }

    fn physical_name(self, field: &Field) -> Result<&str, Error> {
        if matches!(self, Self::None) {
            return Ok(&field.name);
        }
        let name = field.metadata.get("delta.columnMapping.physicalName");
        name.and_then(Json::as_str)
            .ok_or_else(|| bad_log(format!("the column {} has no physical name", field.name)))
    }

    fn ids(self, field: &Field) -> Result<FieldIds, Error> {
        let id = match self {
            Self::None | Self::Name => None,
            Self::Id => {
                let id = field.metadata.get("delta.columnMapping.id");
                let id = id
                    .and_then(Json::as_i64)
                    .and_then(|id| i32::try_from(id).ok());
                Some(id.ok_or_else(|| bad_log(format!("the column {} has no id", field.name)))?)
            }
        };
        Ok(FieldIds {
            id,
            names: vec![self.physical_name(field)?.to_owned()],
            children: self.children(&field.data_type)?,
        })
    }

    fn children(self, data_type: &DataType) -> Result<Vec<FieldIds>, Error> {
        let unnamed = |data_type: &DataType| {
            Ok(FieldIds {
                children: self.children(data_type)?,
                ..FieldIds::default()
            })
        };
        match data_type {
            DataType::Primitive(_) => Ok(Vec::new()),
            DataType::Nested(Nested::Struct { fields }) => {
                fields.iter().map(|field| self.ids(field)).collect()
            }
            DataType::Nested(Nested::Array { element_type }) => Ok(vec![unnamed(element_type)?]),
            DataType::Nested(Nested::Map {
                key_type,
                value_type,
            }) => Ok(vec![unnamed(key_type)?, unnamed(value_type)?]),
        }
    }
}

/// The columns in the order of the schema.
pub fn columns(metadata: &Metadata) -> Result<Vec<Column>, Error> {
    let schema: Schema = serde_json::from_str(&metadata.schema_string)
        .map_err(|error| bad_log(format!("the schema is not in Spark's notation: {error}")))?;
    let mapping = Mapping::of(metadata)?;
    let column = |field: &Field| {
        Ok(Column {
            name: field.name.to_lowercase(),
            data_type: field.data_type.trino()?,
            physical_name: mapping.physical_name(field)?.to_owned(),
            ids: mapping.ids(field)?,
            is_partition: metadata.partition_columns.contains(&field.name),
        })
    };
    schema.fields.iter().map(column).collect()
}

impl DataType {
    fn trino(&self) -> Result<Type, Error> {
        Ok(match self {
            Self::Primitive(name) => primitive(name).ok_or_else(|| {
                Error::not_supported(format!("the type {name} of Delta Lake tables"))
            })?,
            Self::Nested(Nested::Struct { fields }) => {
                let fields = fields.iter().map(|field| {
                    Ok(RowField {
                        name: Some(field.name.to_lowercase()),
                        data_type: field.data_type.trino()?,
                    })
                });
                Type::Row(fields.collect::<Result<_, Error>>()?)
            }
            Self::Nested(Nested::Array { element_type }) => Type::array(element_type.trino()?),
            Self::Nested(Nested::Map {
                key_type,
                value_type,
            }) => Type::map(key_type.trino()?, value_type.trino()?),
        })
    }
}

fn primitive(name: &str) -> Option<Type> {
    Some(match name {
        "boolean" => Type::Boolean,
        "byte" => Type::Tinyint,
        "short" => Type::Smallint,
        "integer" => Type::Integer,
        "long" => Type::Bigint,
        "float" => Type::Real,
        "double" => Type::Double,
        "string" => Type::VARCHAR,
        "binary" => Type::Varbinary,
        "date" => Type::Date,
        "timestamp" => Type::TimestampTz(3),
        "timestamp_ntz" => Type::Timestamp(6),
        decimal => {
            let digits = decimal.strip_prefix("decimal(")?.strip_suffix(')')?;
            let (precision, scale) = digits.split_once(',')?;
            let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
            let is_decimal = (1..=38).contains(&precision) && scale <= precision;
            is_decimal.then_some(Type::Decimal(precision, scale))?
        }
    })
}
