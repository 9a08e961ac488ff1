//! Iceberg: the newest metadata file has the schema.
//!
//! Source: Apache Iceberg's specification, "Table Metadata" and "File System Tables", and its
//! own Glue catalog for the parameters and types.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::notation::Notation;
use super::{Folder, LONGEST, LakeTable, Object, Reader, Unread, unread};
use crate::Format;
use crate::schema::Type;

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
    let columns = NOTATION.fields(schema)?;
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

const NOTATION: Notation = Notation {
    list: ("list", "element"),
    map: ("key", "value"),
    primitive,
};

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
