//! Which files a filter can leave out, by what is known of their values.

use super::manifest::{DataFile, Manifest};
use super::metadata::TableMetadata;
use super::partition::Transform;
use super::schema::{DataType, Primitive, Schema};
use super::value;
use crate::formats::{Bounds, Filter, Known};
use crate::types::{Type, Value};

/// Whether each of the files may have rows that the filter keeps.
pub fn files_kept(
    filter: &Filter,
    columns: &[(String, Type)],
    metadata: &TableMetadata,
    schema: &Schema,
    files: &[DataFile],
) -> Vec<bool> {
    let known = |column: usize, file: usize| {
        let field = &schema.fields[column];
        match &field.data_type {
            DataType::Primitive(primitive) => of_file(field.id, primitive, &files[file], metadata),
            DataType::Nested(_) => Known::NOTHING,
        }
    };
    let bounds = Bounds {
        columns,
        count: files.len(),
        known: &known,
        rows: &|file| Some(files[file].rows),
    };
    bounds.kept(filter)
}

/// Whether each of the manifests may have files with rows that the filter keeps.
pub fn manifests_kept(
    filter: &Filter,
    columns: &[(String, Type)],
    metadata: &TableMetadata,
    schema: &Schema,
    manifests: &[Manifest],
) -> Vec<bool> {
    let known = |column: usize, manifest: usize| {
        let field = &schema.fields[column];
        match &field.data_type {
            DataType::Primitive(primitive) => {
                of_manifest(field.id, primitive, &manifests[manifest], metadata)
            }
            DataType::Nested(_) => Known::NOTHING,
        }
    };
    let bounds = Bounds {
        columns,
        count: manifests.len(),
        known: &known,
        rows: &|_| None,
    };
    bounds.kept(filter)
}

fn of_file(id: i32, primitive: &Primitive, file: &DataFile, metadata: &TableMetadata) -> Known {
    // Bounds leave NaN out, which compares as nothing else does.
    let may_have_nan =
        matches!(primitive, Primitive::Float | Primitive::Double) && file.nans.get(&id) != Some(&0);
    if may_have_nan {
        return Known::NOTHING;
    }
    if let Some(value) = partition_value(id, file, metadata) {
        let nulls = if value.is_null() { file.rows } else { 0 };
        return Known {
            least: value.clone(),
            greatest: value,
            nulls: Some(nulls),
        };
    }
    let bound = |bytes: Option<&Vec<u8>>| {
        bytes
            .and_then(|bytes| value::from_bytes(bytes, primitive))
            .unwrap_or(Value::Null)
    };
    Known {
        least: bound(file.lower.get(&id)),
        greatest: bound(file.upper.get(&id)),
        nulls: file.nulls.get(&id).copied(),
    }
}

/// The one value of a column by which the file's partition is made as it is.
pub fn partition_value(id: i32, file: &DataFile, metadata: &TableMetadata) -> Option<Value> {
    let spec = metadata.spec(file.spec_id).ok()?;
    let place = spec
        .fields
        .iter()
        .position(|field| field.source_id == id && field.transform == Transform::Identity)?;
    file.partition.get(place).cloned()
}

fn of_manifest(
    id: i32,
    primitive: &Primitive,
    manifest: &Manifest,
    metadata: &TableMetadata,
) -> Known {
    let Ok(spec) = metadata.spec(manifest.spec_id) else {
        return Known::NOTHING;
    };
    let fields = spec.fields.iter().zip(&manifest.partitions);
    for (field, summary) in fields.filter(|(field, _)| field.source_id == id) {
        let result = field.transform.result(primitive);
        let read = |bytes: &Option<Vec<u8>>| value::from_bytes(bytes.as_deref()?, &result);
        let (Some(lower), Some(upper)) = (read(&summary.lower), read(&summary.upper)) else {
            continue;
        };
        if let Some((least, greatest)) = field.transform.span(lower, upper, primitive) {
            return Known {
                least,
                greatest,
                nulls: (!summary.contains_null).then_some(0),
            };
        }
    }
    Known::NOTHING
}
