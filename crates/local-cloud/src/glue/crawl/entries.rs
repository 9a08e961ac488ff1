//! Entries of the catalog as crawls know them, and what a crawl made of one as an entry again.

use std::collections::HashMap;

use ::crawler::Column as Known;
use ::crawler::catalog::{Definition, Storage};

use crate::model::glue::*;

/// A table as far as crawls write it.
pub(super) fn definition_of(table: &TableInput) -> Definition {
    Definition {
        storage: table.storage_descriptor.as_ref().map(storage_of),
        partition_keys: known(table.partition_keys.as_deref()),
        parameters: table.parameters.clone().unwrap_or_default(),
    }
}

/// A partition as far as crawls write it.
pub(super) fn partition_definition_of(partition: &PartitionInput) -> Definition {
    Definition {
        storage: partition.storage_descriptor.as_ref().map(storage_of),
        partition_keys: Vec::new(),
        parameters: partition.parameters.clone().unwrap_or_default(),
    }
}

pub(super) fn storage_of(descriptor: &StorageDescriptor) -> Storage {
    let serde = descriptor.serde_info.clone().unwrap_or_default();
    Storage {
        columns: known(descriptor.columns.as_deref()),
        location: descriptor.location.clone(),
        input_format: descriptor.input_format.clone(),
        output_format: descriptor.output_format.clone(),
        is_compressed: descriptor.compressed == Some(true),
        serialization_library: serde.serialization_library,
        serde_parameters: serde.parameters.unwrap_or_default(),
        parameters: descriptor.parameters.clone().unwrap_or_default(),
    }
}

fn known(columns: Option<&[Column]>) -> Vec<Known> {
    let known = |column: &Column| Known {
        name: column.name.clone(),
        data_type: column.r#type.clone().unwrap_or_default(),
    };
    columns.unwrap_or_default().iter().map(known).collect()
}

/// Writes what a crawl made of a table into it.
pub(super) fn define(table: &mut TableInput, definition: Definition) {
    let keys = table.partition_keys.as_deref();
    table.partition_keys = Some(columns(definition.partition_keys, keys));
    table.parameters = Some(definition.parameters);
    table.storage_descriptor = definition
        .storage
        .map(|storage| descriptor(storage, table.storage_descriptor.as_ref()));
}

/// Writes what a crawl made of a partition into it. What crawls do not write is as in `base`.
pub(super) fn define_partition(
    partition: &mut PartitionInput,
    definition: Definition,
    base: Option<&StorageDescriptor>,
) {
    partition.parameters = Some(definition.parameters);
    partition.storage_descriptor = definition.storage.map(|storage| descriptor(storage, base));
}

/// A storage descriptor. What crawls do not write is as in `base`.
fn descriptor(storage: Storage, base: Option<&StorageDescriptor>) -> StorageDescriptor {
    let mut made = base.cloned().unwrap_or_else(|| StorageDescriptor {
        number_of_buckets: Some(-1),
        bucket_columns: Some(Vec::new()),
        sort_columns: Some(Vec::new()),
        stored_as_sub_directories: Some(false),
        ..Default::default()
    });
    made.columns = Some(columns(storage.columns, made.columns.as_deref()));
    made.location = storage.location;
    made.input_format = storage.input_format;
    made.output_format = storage.output_format;
    made.compressed = Some(storage.is_compressed);
    made.parameters = Some(storage.parameters);
    let serde = made.serde_info.get_or_insert_default();
    serde.serialization_library = storage.serialization_library;
    serde.parameters = Some(storage.serde_parameters);
    made
}

/// Columns with the comments that those of the same names had.
fn columns(now: Vec<Known>, before: Option<&[Column]>) -> Vec<Column> {
    let before = before.unwrap_or_default().iter();
    let before: HashMap<&str, &Column> = before.map(|column| (&*column.name, column)).collect();
    let made = |column: Known| {
        let old = before.get(&*column.name).copied().cloned();
        Column {
            name: column.name,
            r#type: Some(column.data_type),
            ..old.unwrap_or_default()
        }
    };
    now.into_iter().map(made).collect()
}

/// A table as the input that would make it.
pub(super) fn input_of(table: &Table) -> TableInput {
    TableInput {
        name: table.name.clone(),
        description: table.description.clone(),
        owner: table.owner.clone(),
        last_access_time: table.last_access_time,
        last_analyzed_time: table.last_analyzed_time,
        retention: table.retention,
        storage_descriptor: table.storage_descriptor.clone(),
        partition_keys: table.partition_keys.clone(),
        view_original_text: table.view_original_text.clone(),
        view_expanded_text: table.view_expanded_text.clone(),
        table_type: table.table_type.clone(),
        parameters: table.parameters.clone(),
        target_table: table.target_table.clone(),
        view_definition: None,
    }
}

/// A partition as the input that would make it.
pub(super) fn partition_input_of(partition: &Partition) -> PartitionInput {
    PartitionInput {
        values: partition.values.clone(),
        last_access_time: partition.last_access_time,
        storage_descriptor: partition.storage_descriptor.clone(),
        parameters: partition.parameters.clone(),
        last_analyzed_time: partition.last_analyzed_time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stay_with_their_columns() {
        let column = |name: &str, comment: Option<&str>| Column {
            name: name.to_owned(),
            r#type: Some("int".to_owned()),
            comment: comment.map(str::to_owned),
            ..Default::default()
        };
        let mut table = TableInput {
            storage_descriptor: Some(StorageDescriptor {
                columns: Some(vec![column("b", Some("the b")), column("a", None)]),
                ..Default::default()
            }),
            ..Default::default()
        };
        let mut definition = definition_of(&table);
        let now = [("a", "string"), ("b", "bigint")];
        definition.storage.as_mut().unwrap().columns = now
            .map(|(name, data_type)| Known {
                name: name.to_owned(),
                data_type: data_type.to_owned(),
            })
            .into();
        define(&mut table, definition.clone());
        assert_eq!(definition_of(&table), definition);
        let columns = table.storage_descriptor.unwrap().columns.unwrap();
        assert_eq!(columns[0].comment, None);
        assert_eq!(columns[1].comment.as_deref(), Some("the b"));
    }
}
