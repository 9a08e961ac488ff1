//! The file that says all of a table: `00003-UUID.metadata.json`.
//!
//! Source: Apache Iceberg's specification, "Table Metadata". What this reader does not know of it,
//! it keeps, so that a commit loses nothing.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::partition::{FIRST_FIELD_ID, PartitionField, PartitionSpec, Transform};
use super::schema::Schema;
use crate::error::Error;

/// More than this is not unpacked of a compressed file, in bytes.
const LONGEST: u64 = 1 << 30;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableMetadata {
    pub format_version: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_uuid: Option<String>,
    /// `s3://bucket/folder`
    pub location: String,
    #[serde(default)]
    pub last_sequence_number: i64,
    pub last_updated_ms: i64,
    pub last_column_id: i32,
    #[serde(default)]
    pub current_schema_id: i32,
    #[serde(default)]
    pub schemas: Vec<Schema>,
    #[serde(default)]
    pub default_spec_id: i32,
    #[serde(default)]
    pub partition_specs: Vec<PartitionSpec>,
    #[serde(default = "last_partition_id")]
    pub last_partition_id: i32,
    #[serde(default)]
    pub default_sort_order_id: i32,
    #[serde(default)]
    pub sort_orders: Vec<Value>,
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// None, or -1, of a table that has never been written to.
    pub current_snapshot_id: Option<i64>,
    #[serde(default)]
    pub snapshots: Vec<Snapshot>,
    #[serde(default)]
    pub snapshot_log: Vec<SnapshotLogEntry>,
    #[serde(default)]
    pub metadata_log: Vec<MetadataLogEntry>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

fn last_partition_id() -> i32 {
    FIRST_FIELD_ID - 1
}

/// A state of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Snapshot {
    #[serde(default)]
    pub sequence_number: i64,
    pub snapshot_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_snapshot_id: Option<i64>,
    pub timestamp_ms: i64,
    #[serde(default)]
    pub summary: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest_list: Option<String>,
    /// Of the first version of the format, in place of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifests: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_id: Option<i32>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SnapshotLogEntry {
    pub timestamp_ms: i64,
    pub snapshot_id: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MetadataLogEntry {
    pub timestamp_ms: i64,
    pub metadata_file: String,
}

impl TableMetadata {
    /// The metadata of a new table, of the second version of the format.
    pub fn new(
        location: &str,
        schema: Schema,
        spec: PartitionSpec,
        properties: BTreeMap<String, String>,
        now_ms: i64,
    ) -> Self {
        let last_partition_id = spec.fields.iter().map(|field| field.field_id).max();
        Self {
            format_version: 2,
            table_uuid: Some(uuid::Uuid::new_v4().to_string()),
            location: location.to_owned(),
            last_sequence_number: 0,
            last_updated_ms: now_ms,
            last_column_id: schema.last_id(),
            current_schema_id: schema.schema_id,
            schemas: vec![schema],
            default_spec_id: spec.spec_id,
            partition_specs: vec![spec],
            last_partition_id: last_partition_id.unwrap_or(FIRST_FIELD_ID - 1),
            default_sort_order_id: 0,
            sort_orders: vec![serde_json::json!({"order-id": 0, "fields": []})],
            properties,
            current_snapshot_id: Some(-1),
            snapshots: Vec::new(),
            snapshot_log: Vec::new(),
            metadata_log: Vec::new(),
            other: Map::new(),
        }
    }

    /// Reads a metadata file, which may be compressed.
    pub fn parse(bytes: &[u8], url: &str) -> Result<Self, Error> {
        let bad = |what: String| {
            Error::user(
                "ICEBERG_INVALID_METADATA",
                format!("Invalid metadata file {url}: {what}"),
            )
        };
        let mut unpacked = Vec::new();
        let text = if bytes.starts_with(&[0x1f, 0x8b]) {
            MultiGzDecoder::new(bytes)
                .take(LONGEST)
                .read_to_end(&mut unpacked)
                .map_err(|error| bad(error.to_string()))?;
            unpacked.as_slice()
        } else {
            bytes
        };
        let mut json: Value = serde_json::from_slice(text).map_err(|e| bad(e.to_string()))?;
        match json["format-version"].as_u64() {
            Some(1) => from_first_version(&mut json),
            Some(2) => {}
            Some(version) => {
                return Err(Error::not_supported(format!(
                    "version {version} of the Iceberg format, in which {url} is written"
                )));
            }
            None => return Err(bad("it has no format-version".to_owned())),
        }
        serde_json::from_value(json).map_err(|error| bad(error.to_string()))
    }

    pub fn write(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec_pretty(self).map_err(Error::internal)
    }

    pub fn schema(&self) -> Result<&Schema, Error> {
        self.schema_of(self.current_schema_id)
    }

    pub fn schema_of(&self, id: i32) -> Result<&Schema, Error> {
        let mut schemas = self.schemas.iter();
        schemas
            .find(|schema| schema.schema_id == id)
            .ok_or_else(|| {
                Error::user(
                    "ICEBERG_INVALID_METADATA",
                    format!("{} has no schema {id}", self.location),
                )
            })
    }

    pub fn spec(&self, id: i32) -> Result<&PartitionSpec, Error> {
        let mut specs = self.partition_specs.iter();
        specs.find(|spec| spec.spec_id == id).ok_or_else(|| {
            Error::user(
                "ICEBERG_INVALID_METADATA",
                format!("{} has no partition spec {id}", self.location),
            )
        })
    }

    /// How the table is partitioned now, as a statement says it.
    pub fn transforms(&self) -> Result<Vec<String>, Error> {
        let schema = self.schema()?;
        let spec = self.spec(self.default_spec_id)?;
        let fields = spec.fields.iter().filter_map(|field| {
            let (column, _) = schema.find(field.source_id)?;
            Some(match &field.transform {
                Transform::Identity => format!("`{column}`"),
                Transform::Bucket(count) => format!("bucket({count}, `{column}`)"),
                Transform::Truncate(width) => format!("truncate({width}, `{column}`)"),
                Transform::Void => return None,
                other => format!("{other}(`{column}`)"),
            })
        });
        Ok(fields.collect())
    }

    /// The state the table is in; none if nothing has been written to it.
    pub fn current_snapshot(&self) -> Option<&Snapshot> {
        self.snapshot(self.current_snapshot_id?)
    }

    pub fn snapshot(&self, id: i64) -> Option<&Snapshot> {
        self.snapshots.iter().find(|s| s.snapshot_id == id)
    }

    /// The state the table was in at a moment, in milliseconds since 1970.
    pub fn snapshot_at(&self, moment_ms: i64) -> Option<&Snapshot> {
        let mut log = self.snapshot_log.iter().rev();
        let entry = log.find(|entry| entry.timestamp_ms <= moment_ms)?;
        self.snapshot(entry.snapshot_id)
    }
}

/// Brings the first version's single schema and partition spec into lists.
fn from_first_version(json: &mut Value) {
    let Some(map) = json.as_object_mut() else {
        return;
    };
    if let Some(schema) = map.remove("schema") {
        let schemas = map.entry("schemas").or_insert_with(|| {
            let mut schema = schema;
            if schema.get("schema-id").is_none() {
                schema["schema-id"] = 0.into();
            }
            Value::from(vec![schema])
        });
        let id = schemas[0]["schema-id"].clone();
        map.entry("current-schema-id").or_insert(id);
    }
    if let Some(fields) = map.remove("partition-spec") {
        map.entry("partition-specs")
            .or_insert_with(|| serde_json::json!([{ "spec-id": 0, "fields": fields }]));
    }
    let specs = map.get_mut("partition-specs").and_then(Value::as_array_mut);
    for spec in specs.into_iter().flatten() {
        let fields = spec.get_mut("fields").and_then(Value::as_array_mut);
        for (i, field) in fields.into_iter().flatten().enumerate() {
            if field.get("field-id").is_none() {
                field["field-id"] = (FIRST_FIELD_ID + i as i32).into();
            }
        }
    }
}

/// The partition spec of a new table.
pub fn first_spec(fields: Vec<PartitionField>) -> PartitionSpec {
    PartitionSpec { spec_id: 0, fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_the_first_version_is_read_as_one_of_the_second() {
        let text = br#"{"format-version":1,"location":"s3://lake/t","last-updated-ms":1,
            "last-column-id":1,"schema":{"type":"struct","fields":[
              {"id":1,"name":"day","required":true,"type":"date"}]},
            "partition-spec":[{"name":"day","transform":"identity","source-id":1}],
            "current-snapshot-id":-1}"#;
        let metadata = TableMetadata::parse(text, "s3://lake/t/x.json").expect("metadata");
        assert_eq!(metadata.schema().expect("a schema").fields[0].name, "day");
        let spec = metadata.spec(0).expect("a spec");
        assert_eq!(spec.fields[0].field_id, 1000);
        assert_eq!(metadata.current_snapshot(), None);
    }

    #[test]
    fn a_later_version_is_refused_by_its_number() {
        let refused = TableMetadata::parse(br#"{"format-version":3}"#, "s3://lake/m.json");
        assert_eq!(
            refused.expect_err("refused").to_string(),
            "NOT_SUPPORTED: the embedded Athena does not have version 3 of the Iceberg format, \
             in which s3://lake/m.json is written"
        );
    }
}
