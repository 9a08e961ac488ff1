//! Delta Lake: the log's last `metaData` action has the schema, in a commit or in a checkpoint.
//!
//! Source: Delta Lake's protocol, "Delta Log Entries", "Checkpoints" and "Change Metadata"; the
//! formats are those of the tables that Spark registers.

use std::collections::BTreeMap;

use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::RowAccessor;
use parquet::schema::types::Type as Node;
use serde_json::Value;

use super::{Folder, LakeTable, Object, Reader, Unread, spark, unread};
use crate::Format;

/// What is asked of a `metaData` action.
struct Metadata {
    schema: String,
    partition_columns: Vec<String>,
}

pub(super) async fn table(folder: &Folder, reader: &Reader<'_>) -> Result<LakeTable, Unread> {
    let metadata = metadata(folder, reader).await?;
    let schema: Value = serde_json::from_str(&metadata.schema)
        .map_err(|error| unread(format!("its schema is not JSON: {error}")))?;
    let fields = spark::fields(&schema)?;
    let is_key = |name: &str| metadata.partition_columns.iter().any(|key| key == name);
    let (partition_keys, columns) = fields.into_iter().partition(|field| is_key(&field.name));
    let location = reader.location(folder);
    let parameters = [
        ("classification", "delta"),
        ("table_type", "DELTA"),
        ("spark.sql.sources.provider", "delta"),
    ];
    Ok(LakeTable {
        root: folder.root.clone(),
        suffix: "",
        columns,
        partition_keys,
        partitions: Vec::new(),
        format: format(location),
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    })
}

fn format(location: String) -> Format {
    Format {
        input_format: "org.apache.hadoop.mapred.SequenceFileInputFormat".to_owned(),
        output_format: "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat".to_owned(),
        serialization_library: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe".to_owned(),
        serde_parameters: BTreeMap::from([
            ("serialization.format".to_owned(), "1".to_owned()),
            ("path".to_owned(), location),
        ]),
        by_place: false,
    }
}

/// Goes back through the log, which has 20 digits before each name, to the last `metaData`. A
/// checkpoint has all that was before it.
async fn metadata(folder: &Folder, reader: &Reader<'_>) -> Result<Metadata, Unread> {
    let mut versions: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in &folder.metadata {
        let name = object.key.rsplit('/').next().unwrap_or_default();
        let version = name.split('.').next().unwrap_or_default();
        versions.entry(version).or_default().push(object);
    }
    for objects in versions.values().rev() {
        // A commit is shorter than the checkpoint that may be beside it.
        let (checkpoints, commits): (Vec<&Object>, Vec<&Object>) = objects
            .iter()
            .partition(|object| object.key.contains(".checkpoint."));
        for object in commits.into_iter().chain(checkpoints) {
            let bytes = reader.read(object).await?;
            let found = if object.key.ends_with(".parquet") {
                of_checkpoint(bytes)?
            } else {
                of_commit(&bytes)?
            };
            if let Some(metadata) = found {
                return Ok(metadata);
            }
        }
    }
    Err(unread("its log has no `metaData`"))
}

/// An action a line.
fn of_commit(bytes: &[u8]) -> Result<Option<Metadata>, Unread> {
    let mut last = None;
    for line in bytes.split(|&byte| byte == b'\n') {
        // Most lines are of files, and there may be very many.
        if !line.windows(10).any(|part| part == b"\"metaData\"") {
            continue;
        }
        let action: Value = serde_json::from_slice(line)
            .map_err(|error| unread(format!("a commit is not JSON: {error}")))?;
        if let Some(metadata) = action.get("metaData") {
            last = Some(of_action(metadata)?);
        }
    }
    Ok(last)
}

fn of_action(action: &Value) -> Result<Metadata, Unread> {
    let schema = action.get("schemaString").and_then(Value::as_str);
    let columns = action.get("partitionColumns").and_then(Value::as_array);
    Ok(Metadata {
        schema: schema
            .ok_or_else(|| unread("its `metaData` has no schema"))?
            .to_owned(),
        partition_columns: columns
            .into_iter()
            .flatten()
            .filter_map(|column| column.as_str().map(str::to_owned))
            .collect(),
    })
}

/// A row an action, of which only the column `metaData` is read.
fn of_checkpoint(bytes: bytes::Bytes) -> Result<Option<Metadata>, Unread> {
    let damaged = |error: parquet::errors::ParquetError| {
        unread(format!("a checkpoint cannot be read: {error}"))
    };
    let reader = SerializedFileReader::new(bytes).map_err(damaged)?;
    let schema = reader.metadata().file_metadata().schema();
    let Some(projection) = projection(schema)? else {
        return Ok(None);
    };
    for row in reader.get_row_iter(Some(projection)).map_err(damaged)? {
        let row = row.map_err(damaged)?;
        let Ok(action) = row.get_group(0) else {
            continue;
        };
        let Ok(schema) = action.get_string(0) else {
            continue;
        };
        let mut partition_columns = Vec::new();
        if let Ok(columns) = action.get_list(1) {
            for column in columns.elements() {
                if let parquet::record::Field::Str(column) = column {
                    partition_columns.push(column.clone());
                }
            }
        }
        return Ok(Some(Metadata {
            schema: schema.clone(),
            partition_columns,
        }));
    }
    Ok(None)
}

/// The two members of `metaData` that are read, in this order.
fn projection(schema: &Node) -> Result<Option<Node>, Unread> {
    let unreadable = || unread("a checkpoint has a schema of its own");
    let child = |node: &Node, name: &str| {
        let found = node.get_fields().iter().find(|field| field.name() == name);
        found.cloned()
    };
    let Some(action) = child(schema, "metaData").filter(|node| node.is_group()) else {
        return Ok(None);
    };
    let (Some(text), Some(columns)) = (
        child(&action, "schemaString"),
        child(&action, "partitionColumns"),
    ) else {
        return Err(unreadable());
    };
    let group = |name: &str, fields| {
        Node::group_type_builder(name)
            .with_repetition(parquet::basic::Repetition::OPTIONAL)
            .with_fields(fields)
            .build()
            .map_err(|_| unreadable())
    };
    let action = group("metaData", vec![text, columns])?;
    let whole = Node::group_type_builder(schema.name())
        .with_fields(vec![action.into()])
        .build();
    whole.map(Some).map_err(|_| unreadable())
}
