//! Manifests and manifest lists as they are written, in the second version of the format.
//!
//! Source: Apache Iceberg's specification, "Manifests" and "Manifest Lists". Members that may be
//! left out, and that nobody here reads, are.

use std::collections::HashMap;

use apache_avro::types::Value as Avro;
use apache_avro::{Codec, DeflateSettings, Schema as AvroSchema, Writer};
use serde_json::{Value as Json, json};

use super::manifest::{DataFile, Manifest};
use super::metadata::TableMetadata;
use super::partition::PartitionSpec;
use super::schema::Primitive;
use super::value;
use crate::error::Error;

/// The manifest of files that a snapshot adds.
pub fn manifest(
    metadata: &TableMetadata,
    snapshot_id: i64,
    files: &[DataFile],
) -> Result<Vec<u8>, Error> {
    let (schema, spec) = (metadata.schema()?, metadata.spec(metadata.default_spec_id)?);
    let types = spec.types(&[schema]);
    let avro = entry_schema(spec, &types);
    let text = |value: Result<String, serde_json::Error>| value.map_err(Error::internal);
    let about = [
        ("schema", text(serde_json::to_string(schema))?),
        ("schema-id", schema.schema_id.to_string()),
        ("partition-spec", text(serde_json::to_string(&spec.fields))?),
        ("partition-spec-id", spec.spec_id.to_string()),
        ("format-version", "2".to_owned()),
        ("content", "data".to_owned()),
    ];
    let entries = files.iter().map(|file| {
        const ADDED: i32 = 1;
        record([
            ("status", Avro::Int(ADDED)),
            ("snapshot_id", some(Avro::Long(snapshot_id))),
            // Those of the list: they are known when the snapshot is committed.
            ("sequence_number", optional(None)),
            ("file_sequence_number", optional(None)),
            ("data_file", data_file(file, spec, &types)),
        ])
    });
    write(&avro, &about, entries)
}

/// The list of a snapshot's manifests.
pub fn manifest_list(
    snapshot_id: i64,
    parent_id: Option<i64>,
    sequence_number: i64,
    manifests: &[Manifest],
) -> Result<Vec<u8>, Error> {
    let avro = list_schema();
    let parent = parent_id.map_or_else(|| "null".to_owned(), |id| id.to_string());
    let about = [
        ("snapshot-id", snapshot_id.to_string()),
        ("parent-snapshot-id", parent),
        ("sequence-number", sequence_number.to_string()),
        ("format-version", "2".to_owned()),
    ];
    let entries = manifests.iter().map(|manifest| {
        let count = |n: Option<i64>| Avro::Int(n.unwrap_or(0) as i32);
        let rows = |n: Option<i64>| Avro::Long(n.unwrap_or(0));
        let summaries = manifest.partitions.iter().map(|summary| {
            record([
                ("contains_null", Avro::Boolean(summary.contains_null)),
                (
                    "contains_nan",
                    optional(summary.contains_nan.map(Avro::Boolean)),
                ),
                (
                    "lower_bound",
                    optional(summary.lower.clone().map(Avro::Bytes)),
                ),
                (
                    "upper_bound",
                    optional(summary.upper.clone().map(Avro::Bytes)),
                ),
            ])
        });
        record([
            ("manifest_path", Avro::String(manifest.url.clone())),
            ("manifest_length", Avro::Long(manifest.length)),
            ("partition_spec_id", Avro::Int(manifest.spec_id)),
            ("content", Avro::Int(manifest.has_deletes.into())),
            (
                "sequence_number",
                Avro::Long(manifest.sequence_number.unwrap_or(0)),
            ),
            (
                "min_sequence_number",
                Avro::Long(manifest.min_sequence_number.unwrap_or(0)),
            ),
            (
                "added_snapshot_id",
                Avro::Long(manifest.snapshot_id.unwrap_or(0)),
            ),
            ("added_files_count", count(manifest.files.added)),
            ("existing_files_count", count(manifest.files.existing)),
            ("deleted_files_count", count(manifest.files.deleted)),
            ("added_rows_count", rows(manifest.rows.added)),
            ("existing_rows_count", rows(manifest.rows.existing)),
            ("deleted_rows_count", rows(manifest.rows.deleted)),
            ("partitions", some(Avro::Array(summaries.collect()))),
            (
                "key_metadata",
                optional(manifest.key_metadata.clone().map(Avro::Bytes)),
            ),
        ])
    });
    write(&avro, &about, entries)
}

fn data_file(file: &DataFile, spec: &PartitionSpec, types: &[Option<Primitive>]) -> Avro {
    let partition = spec.fields.iter().zip(types).enumerate();
    let partition = partition.map(|(i, (field, primitive))| {
        let of_field = file.partition.get(i).zip(primitive.as_ref());
        let avro = of_field.map(|(v, primitive)| value::to_avro(v, primitive));
        (
            avro_name(&field.name),
            optional(avro.filter(|avro| *avro != Avro::Null)),
        )
    });
    record([
        ("content", Avro::Int(0)),
        ("file_path", Avro::String(file.url.clone())),
        ("file_format", Avro::String(file.format.clone())),
        ("partition", Avro::Record(partition.collect())),
        ("record_count", Avro::Long(file.rows as i64)),
        ("file_size_in_bytes", Avro::Long(file.size as i64)),
        (
            "value_counts",
            by_column(&file.values, |n| Avro::Long(*n as i64)),
        ),
        (
            "null_value_counts",
            by_column(&file.nulls, |n| Avro::Long(*n as i64)),
        ),
        (
            "lower_bounds",
            by_column(&file.lower, |b| Avro::Bytes(b.clone())),
        ),
        (
            "upper_bounds",
            by_column(&file.upper, |b| Avro::Bytes(b.clone())),
        ),
    ])
}

fn by_column<T>(map: &HashMap<i32, T>, avro: impl Fn(&T) -> Avro) -> Avro {
    let mut ids: Vec<&i32> = map.keys().collect();
    ids.sort_unstable();
    let entries = ids
        .into_iter()
        .map(|id| record([("key", Avro::Int(*id)), ("value", avro(&map[id]))]));
    some(Avro::Array(entries.collect()))
}

fn some(avro: Avro) -> Avro {
    Avro::Union(1, Box::new(avro))
}

fn optional(avro: Option<Avro>) -> Avro {
    avro.map_or_else(|| Avro::Union(0, Box::new(Avro::Null)), some)
}

fn record<const N: usize>(members: [(&str, Avro); N]) -> Avro {
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Avro::Record(members.into())
}

/// An Avro file. Its header is written here: `apache-avro` leaves out attributes of a schema by
/// which Iceberg tells maps from lists.
fn write(
    schema: &Json,
    about: &[(&str, String)],
    records: impl Iterator<Item = Avro>,
) -> Result<Vec<u8>, Error> {
    let marker = *uuid::Uuid::new_v4().as_bytes();
    let header = header(schema, about, marker);
    let write = || {
        let schema = AvroSchema::parse(schema)?;
        let mut writer = Writer::builder()
            .schema(&schema)
            .writer(header)
            .codec(Codec::Deflate(DeflateSettings::default()))
            .marker(marker)
            .has_header(true)
            .build()?;
        for record in records {
            writer.append_value(record)?;
        }
        writer.into_inner()
    };
    write().map_err(Error::internal)
}

/// Avro's specification, "Object Container Files".
fn header(schema: &Json, about: &[(&str, String)], marker: [u8; 16]) -> Vec<u8> {
    let mut out = b"Obj\x01".to_vec();
    let schema = schema.to_string();
    let own = [("avro.schema", schema.as_str()), ("avro.codec", "deflate")];
    let about = about.iter().map(|(name, value)| (*name, value.as_str()));
    let entries: Vec<(&str, &str)> = own.into_iter().chain(about).collect();
    long(&mut out, entries.len());
    for (name, value) in entries {
        for text in [name, value] {
            long(&mut out, text.len());
            out.extend_from_slice(text.as_bytes());
        }
    }
    long(&mut out, 0);
    out.extend_from_slice(&marker);
    out
}

/// A number as Avro has it: twice as great, seven bits a byte, the least first.
fn long(out: &mut Vec<u8>, number: usize) {
    let mut left = (number as u64) << 1;
    while left >= 0x80 {
        out.push(left as u8 | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
}

/// A name that Avro takes.
fn avro_name(name: &str) -> String {
    let mut taken = String::new();
    for (i, c) in name.chars().enumerate() {
        match c {
            'a'..='z' | 'A'..='Z' | '_' => taken.push(c),
            '0'..='9' if i > 0 => taken.push(c),
            '0'..='9' => taken.extend(['_', c]),
            other => taken.push_str(&format!("_x{:X}", u32::from(other))),
        }
    }
    taken
}

fn needed(id: i32, name: &str, data_type: Json) -> Json {
    json!({"name": name, "type": data_type, "field-id": id})
}

fn may_be(id: i32, name: &str, data_type: Json) -> Json {
    json!({"name": name, "type": ["null", data_type], "default": null, "field-id": id})
}

/// A map whose keys are no texts.
fn map(id: i32, name: &str, key: i32, value: i32, data_type: &str) -> Json {
    let fields = [
        needed(key, "key", "int".into()),
        needed(value, "value", data_type.into()),
    ];
    let item = json!({"type": "record", "name": format!("k{key}_v{value}"), "fields": fields});
    may_be(
        id,
        name,
        json!({"type": "array", "items": item, "logicalType": "map"}),
    )
}

fn entry_schema(spec: &PartitionSpec, types: &[Option<Primitive>]) -> Json {
    let partition = spec.fields.iter().zip(types).map(|(field, primitive)| {
        let primitive = primitive.clone().unwrap_or(Primitive::Int);
        may_be(
            field.field_id,
            &avro_name(&field.name),
            avro_type(field.field_id, &primitive),
        )
    });
    let partition: Vec<Json> = partition.collect();
    let data_file = [
        needed(134, "content", "int".into()),
        needed(100, "file_path", "string".into()),
        needed(101, "file_format", "string".into()),
        needed(
            102,
            "partition",
            json!({"type": "record", "name": "r102", "fields": partition}),
        ),
        needed(103, "record_count", "long".into()),
        needed(104, "file_size_in_bytes", "long".into()),
        map(109, "value_counts", 119, 120, "long"),
        map(110, "null_value_counts", 121, 122, "long"),
        map(125, "lower_bounds", 126, 127, "bytes"),
        map(128, "upper_bounds", 129, 130, "bytes"),
    ];
    json!({"type": "record", "name": "manifest_entry", "fields": [
        needed(0, "status", "int".into()),
        may_be(1, "snapshot_id", "long".into()),
        may_be(3, "sequence_number", "long".into()),
        may_be(4, "file_sequence_number", "long".into()),
        needed(2, "data_file", json!({"type": "record", "name": "r2", "fields": data_file})),
    ]})
}

fn list_schema() -> Json {
    let summary = [
        needed(509, "contains_null", "boolean".into()),
        may_be(518, "contains_nan", "boolean".into()),
        may_be(510, "lower_bound", "bytes".into()),
        may_be(511, "upper_bound", "bytes".into()),
    ];
    let summary = json!({"type": "record", "name": "r508", "fields": summary});
    json!({"type": "record", "name": "manifest_file", "fields": [
        needed(500, "manifest_path", "string".into()),
        needed(501, "manifest_length", "long".into()),
        needed(502, "partition_spec_id", "int".into()),
        needed(517, "content", "int".into()),
        needed(515, "sequence_number", "long".into()),
        needed(516, "min_sequence_number", "long".into()),
        needed(503, "added_snapshot_id", "long".into()),
        needed(504, "added_files_count", "int".into()),
        needed(505, "existing_files_count", "int".into()),
        needed(506, "deleted_files_count", "int".into()),
        needed(512, "added_rows_count", "long".into()),
        needed(513, "existing_rows_count", "long".into()),
        needed(514, "deleted_rows_count", "long".into()),
        may_be(507, "partitions", json!({"type": "array", "items": summary, "element-id": 508})),
        may_be(519, "key_metadata", "bytes".into()),
    ]})
}

/// The type of a partition's field; Avro takes a name once, so that it has the field's id in it.
fn avro_type(id: i32, primitive: &Primitive) -> Json {
    match primitive {
        Primitive::Boolean
        | Primitive::Int
        | Primitive::Long
        | Primitive::Float
        | Primitive::Double
        | Primitive::String => primitive.to_string().into(),
        Primitive::Date => json!({"type": "int", "logicalType": "date"}),
        Primitive::Time => json!({"type": "long", "logicalType": "time-micros"}),
        Primitive::Timestamp | Primitive::Timestamptz => json!({
            "type": "long",
            "logicalType": "timestamp-micros",
            "adjust-to-utc": *primitive == Primitive::Timestamptz,
        }),
        Primitive::Uuid => {
            json!({"type": "fixed", "name": format!("uuid_{id}"), "size": 16, "logicalType": "uuid"})
        }
        Primitive::Fixed(length) => {
            json!({"type": "fixed", "name": format!("fixed_{id}"), "size": length})
        }
        Primitive::Binary => "bytes".into(),
        Primitive::Decimal(precision, scale) => json!({
            "type": "fixed",
            "name": format!("decimal_{id}"),
            "size": decimal_size(*precision),
            "logicalType": "decimal",
            "precision": precision,
            "scale": scale,
        }),
    }
}

/// The bytes that hold every number of so many digits.
fn decimal_size(precision: u8) -> usize {
    let greatest = 10_i128
        .checked_pow(precision.into())
        .map_or(i128::MAX, |n| n - 1);
    super::transform::least_bytes(greatest).len()
}
