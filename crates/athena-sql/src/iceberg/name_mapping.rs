//! Names of columns in files that were written without ids.
//!
//! Source: Apache Iceberg's specification, "Name Mapping Serialization".

use std::collections::HashMap;

use serde::Deserialize;

use super::metadata::TableMetadata;
use crate::error::Error;

const PROPERTY: &str = "schema.name-mapping.default";

/// By the ids of fields.
#[derive(Debug, Default)]
pub struct NameMapping(HashMap<i32, Vec<String>>);

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Mapped {
    field_id: Option<i32>,
    names: Vec<String>,
    #[serde(default)]
    fields: Vec<Mapped>,
}

impl NameMapping {
    pub fn of(metadata: &TableMetadata) -> Result<Self, Error> {
        let Some(text) = metadata.properties.get(PROPERTY) else {
            return Ok(Self::default());
        };
        let mapped: Vec<Mapped> = serde_json::from_str(text).map_err(|error| {
            Error::user(
                "ICEBERG_INVALID_METADATA",
                format!(
                    "Invalid property {PROPERTY} of {}: {error}",
                    metadata.location
                ),
            )
        })?;
        let mut names = HashMap::new();
        let mut left = mapped;
        while let Some(next) = left.pop() {
            if let Some(id) = next.field_id {
                names.insert(id, next.names);
            }
            left.extend(next.fields);
        }
        Ok(Self(names))
    }

    pub fn of_field(&self, id: i32) -> Vec<String> {
        self.0.get(&id).cloned().unwrap_or_default()
    }
}
