//! Which files a filter can leave out, by what is known of their values.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column as Name, ScalarValue};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;

use super::manifest::{DataFile, Manifest};
use super::metadata::TableMetadata;
use super::partition::Transform;
use super::schema::{DataType, Primitive, Schema};
use super::value;
use crate::formats::{Filter, schema_of};
use crate::types::{Type, Value, array_from_values};

/// What is known of one column's values in one file, or in all files of a manifest.
struct Known {
    least: Value,
    greatest: Value,
    nulls: Option<u64>,
}

impl Known {
    const NOTHING: Self = Self {
        least: Value::Null,
        greatest: Value::Null,
        nulls: None,
    };
}

/// What is known of a row of containers.
struct Bounds<'a> {
    columns: &'a [(String, Type)],
    count: usize,
    /// Of a column and a container, by their places.
    known: &'a dyn Fn(usize, usize) -> Known,
    /// Of a container.
    rows: &'a dyn Fn(usize) -> Option<u64>,
}

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

impl Bounds<'_> {
    fn kept(&self, filter: &Filter) -> Vec<bool> {
        let predicate = filter.as_ref().and_then(|filter| {
            PruningPredicateBuilder::new()
                .with_file_schema(Arc::new(schema_of(self.columns)))
                .try_build(Arc::clone(filter))
                .ok()
        });
        // A filter that says nothing of bounds leaves nothing out.
        predicate
            .and_then(|predicate| predicate.prune(self).ok())
            .unwrap_or_else(|| vec![true; self.count])
    }

    fn column(&self, name: &Name) -> Option<usize> {
        let mut names = self.columns.iter();
        names.position(|(column, _)| *column == name.name)
    }

    fn values(&self, name: &Name, read: impl Fn(Known) -> Value) -> Option<ArrayRef> {
        let column = self.column(name)?;
        let values: Vec<Value> = (0..self.count)
            .map(|container| read((self.known)(column, container)))
            .collect();
        Some(array_from_values(&self.columns[column].1, &values))
    }
}

impl PruningStatistics for Bounds<'_> {
    fn min_values(&self, name: &Name) -> Option<ArrayRef> {
        self.values(name, |known| known.least)
    }

    fn max_values(&self, name: &Name) -> Option<ArrayRef> {
        self.values(name, |known| known.greatest)
    }

    fn num_containers(&self) -> usize {
        self.count
    }

    fn null_counts(&self, name: &Name) -> Option<ArrayRef> {
        let column = self.column(name)?;
        let counts = (0..self.count).map(|container| (self.known)(column, container).nulls);
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts = (0..self.count).map(|container| (self.rows)(container));
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Name, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
