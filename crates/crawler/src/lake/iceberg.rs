//! Iceberg: the newest metadata file has the schema.
//!
//! Source: Apache Iceberg's specification, "Table Metadata" and "File System Tables", and its
//! own Glue catalog for the parameters and types.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::{Folder, LONGEST, LakeTable, Object, Reader, Unread, unread};
use crate::Format;
use crate::schema::{Field, Type};

const DEEPEST: usize = 64;

/// The number that a metadata file's name begins with: `00012-ID.metadata.json` of a catalog, or
/// `v12.metadata.json` of a file system; either may be compressed. Nothing for other names.
pub(super) fn version(name: &str) -> Option<u64> {
    let stem = name
        .strip_suffix(".gz.metadata.json")
        .or_else(|| name.strip_suffix(".metadata.json.gz"))
        .or_else(|| name.strip_suffix(".metadata.json"))?;
    let number = match stem.strip_prefix('v') {
        Some(number) => number,
        None => stem.split_once('-')?.0,
    };
    number.parse().ok()
}

pub(super) async fn table(folder: &Folder, reader: &Reader<'_>) -> Result<LakeTable, Unread> {
    let newest = newest(folder, reader).await?;
    let bytes = reader.read(newest).await?;
    let metadata = parse(&bytes)?;
    let schema = current_schema(&metadata).ok_or_else(|| unread("it has no current schema"))?;
    let columns = fields(schema, 0)?;
    let bucket = &reader.target.bucket;
    let parameters = [
        ("table_type", "ICEBERG".to_owned()),
        ("metadata_location", format!("s3://{bucket}/{}", newest.key)),
        ("classification", "iceberg".to_owned()),
    ];
    Ok(LakeTable {
        root: folder.root.clone(),
        suffix: "",
        columns,
        partition_keys: Vec::new(),
        partitions: Vec::new(),
        format: Format::default(),
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
    })
}

/// The metadata file that `version-hint.text` names, or the one with the highest number. Two of
/// one number are of writers who raced; the one whose name comes last is taken.
async fn newest<'a>(folder: &'a Folder, reader: &Reader<'_>) -> Result<&'a Object, Unread> {
    let name = |object: &'a Object| object.key.rsplit('/').next().unwrap_or_default();
    let numbered = |object: &'a Object| Some((version(name(object))?, object));
    let hint = folder
        .metadata
        .iter()
        .find(|object| name(object) == "version-hint.text");
    if let Some(hint) = hint {
        let text = reader.read(hint).await?;
        let hinted: Option<u64> = std::str::from_utf8(&text)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let is_hinted = |object: &&Object| {
            let name = object.key.rsplit('/').next().unwrap_or_default();
            name.starts_with('v') && version(name) == hinted
        };
        if let Some(object) = hinted.and_then(|_| folder.metadata.iter().find(is_hinted)) {
            return Ok(object);
        }
    }
    folder
        .metadata
        .iter()
        .filter_map(numbered)
        .max()
        .map(|(_, object)| object)
        .ok_or_else(|| unread("there is none"))
}

fn parse(bytes: &[u8]) -> Result<Value, Unread> {
    let not_json = |error: serde_json::Error| unread(format!("it is not JSON: {error}"));
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return serde_json::from_slice(bytes).map_err(not_json);
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(LONGEST)
        .read_to_end(&mut text)
        .map_err(|_| unread("it cannot be decompressed"))?;
    serde_json::from_slice(&text).map_err(not_json)
}

/// The first version of the format had one schema alone.
fn current_schema(metadata: &Value) -> Option<&Value> {
    let current = metadata.get("current-schema-id").and_then(Value::as_i64);
    metadata
        .get("schemas")
        .and_then(Value::as_array)
        .and_then(|schemas| {
            schemas
                .iter()
                .find(|schema| schema.get("schema-id").and_then(Value::as_i64) == current)
        })
        .or_else(|| metadata.get("schema"))
}

fn fields(schema: &Value, depth: usize) -> Result<Vec<Field>, Unread> {
    let fields = schema.get("fields").and_then(Value::as_array);
    fields
        .ok_or_else(|| unread("a schema has no fields"))?
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
        Some("list") => Ok(Type::array(part("element")?)),
        Some("map") => Ok(Type::map(part("key")?, part("value")?)),
        _ => Err(unread("a column has a type that is none")),
    }
}

/// As Iceberg's Glue catalog writes them; a type that it does not know is a string there too.
fn primitive(name: &str) -> Type {
    match name {
        "boolean" => Type::Boolean,
        "int" => Type::Int,
        "long" => Type::Bigint,
        "float" => Type::Float,
        "double" => Type::Double,
        "date" => Type::Date,
        "timestamp" | "timestamptz" | "timestamp_ns" | "timestamptz_ns" => Type::Timestamp,
        "binary" => Type::Binary,
        name if name.starts_with("fixed[") => Type::Binary,
        name => super::spark::decimal(name).unwrap_or(Type::String),
    }
}
