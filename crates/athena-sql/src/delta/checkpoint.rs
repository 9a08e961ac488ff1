//! Checkpoints in Parquet: a row an action.
//!
//! Source: Delta Lake's protocol, "Checkpoint Schema".

use std::collections::BTreeMap;

use futures::TryStreamExt;

use super::action::{Action, Add, DeletionVector, Metadata, Protocol, Remove, Sidecar};
use super::objects::Object;
use crate::error::Error;
use crate::formats::{Beside, Layout, Matching, Meter, Parquet};
use crate::types::{RowField, Type, Value, value_at};

/// The actions of a file, `size` bytes long.
pub async fn actions(object: Object, size: u64) -> Result<Vec<Action>, Error> {
    let columns = columns();
    let layout = Layout {
        projection: (0..columns.len()).collect(),
        columns: columns.clone(),
        ..Layout::default()
    };
    // The log is not what a query scans.
    let file = object.file(size, &Meter::default());
    let parquet = Parquet::new(layout, Matching::Names, None);
    let mut batches = parquet.open(file, Beside::default()).await?;
    let mut actions = Vec::new();
    while let Some(batch) = batches.try_next().await? {
        for row in 0..batch.num_rows() {
            let values = columns.iter().zip(batch.columns());
            let values = values.map(|((_, data_type), array)| value_at(array, data_type, row));
            actions.push(action(&values.collect::<Vec<_>>()));
        }
    }
    Ok(actions)
}

fn row(fields: &[(&str, Type)]) -> Type {
    let fields = fields.iter().map(|(name, data_type)| RowField {
        name: Some((*name).to_owned()),
        data_type: data_type.clone(),
    });
    Type::Row(fields.collect())
}

/// What is read, in the order in which [`action`] takes it apart.
fn columns() -> Vec<(String, Type)> {
    let texts = || Type::map(Type::VARCHAR, Type::VARCHAR);
    let vector = row(&[
        ("storageType", Type::VARCHAR),
        ("pathOrInlineDv", Type::VARCHAR),
        ("offset", Type::Bigint),
        ("sizeInBytes", Type::Bigint),
    ]);
    let columns = [
        (
            "protocol",
            row(&[
                ("minReaderVersion", Type::Bigint),
                ("readerFeatures", Type::array(Type::VARCHAR)),
            ]),
        ),
        (
            "metaData",
            row(&[
                ("schemaString", Type::VARCHAR),
                ("partitionColumns", Type::array(Type::VARCHAR)),
                ("configuration", texts()),
            ]),
        ),
        (
            "add",
            row(&[
                ("path", Type::VARCHAR),
                ("partitionValues", texts()),
                ("size", Type::Bigint),
                ("stats", Type::VARCHAR),
                ("deletionVector", vector.clone()),
            ]),
        ),
        (
            "remove",
            row(&[("path", Type::VARCHAR), ("deletionVector", vector)]),
        ),
        (
            "sidecar",
            row(&[("path", Type::VARCHAR), ("sizeInBytes", Type::Bigint)]),
        ),
    ];
    columns
        .map(|(name, data_type)| (name.to_owned(), data_type))
        .into()
}

fn action(values: &[Value]) -> Action {
    let fields = |at: usize| match values.get(at) {
        Some(Value::Row(fields)) => Some(fields),
        _ => None,
    };
    Action {
        protocol: fields(0).map(|fields| Protocol {
            min_reader_version: fields[0].as_i64(),
            reader_features: texts(&fields[1]),
        }),
        meta_data: fields(1).map(|fields| Metadata {
            schema_string: fields[0].as_str().to_owned(),
            partition_columns: texts(&fields[1]).unwrap_or_default(),
            configuration: entries(&fields[2]),
        }),
        add: fields(2).map(|fields| Add {
            path: fields[0].as_str().to_owned(),
            partition_values: entries(&fields[1]),
            size: unsigned(&fields[2]),
            stats: text(&fields[3]),
            deletion_vector: vector(&fields[4]),
        }),
        remove: fields(3).map(|fields| Remove {
            path: fields[0].as_str().to_owned(),
            deletion_vector: vector(&fields[1]),
        }),
        sidecar: fields(4).map(|fields| Sidecar {
            path: fields[0].as_str().to_owned(),
            size_in_bytes: unsigned(&fields[1]),
        }),
    }
}

fn vector(value: &Value) -> Option<DeletionVector> {
    let Value::Row(fields) = value else {
        return None;
    };
    Some(DeletionVector {
        storage_type: fields[0].as_str().to_owned(),
        path_or_inline_dv: fields[1].as_str().to_owned(),
        offset: (!fields[2].is_null()).then(|| unsigned(&fields[2])),
        size_in_bytes: unsigned(&fields[3]),
    })
}

fn unsigned(value: &Value) -> u64 {
    u64::try_from(value.as_i64()).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.as_str().to_owned())
}

fn texts(value: &Value) -> Option<Vec<String>> {
    (!value.is_null()).then(|| value.as_array().iter().filter_map(text).collect())
}

fn entries(value: &Value) -> BTreeMap<String, Option<String>> {
    let entries = value.as_map().iter();
    entries
        .filter_map(|(key, value)| Some((text(key)?, text(value))))
        .collect()
}
