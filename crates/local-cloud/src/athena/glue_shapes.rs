//! Databases, tables and partitions of the engine as Glue has them, and back.

use athena_sql::catalog::{Column, Database, Partition, Storage, Table};

use crate::model::glue;

pub(super) fn database(found: glue::Database) -> Database {
    Database {
        name: found.name.to_lowercase(),
        description: found.description,
        location: found.location_uri,
        parameters: found.parameters.unwrap_or_default(),
    }
}

pub(super) fn table(found: glue::Table) -> Table {
    Table {
        database: found.database_name.unwrap_or_default().to_lowercase(),
        name: found.name.to_lowercase(),
        description: found.description,
        table_type: found.table_type.unwrap_or_default(),
        storage: storage(found.storage_descriptor.unwrap_or_default()),
        partition_keys: columns(found.partition_keys),
        parameters: found.parameters.unwrap_or_default(),
        view_original_text: found.view_original_text,
        view_expanded_text: found.view_expanded_text,
        version_id: found.version_id,
    }
}

pub(super) fn partition(found: glue::Partition) -> Partition {
    Partition {
        values: found.values.unwrap_or_default(),
        storage: storage(found.storage_descriptor.unwrap_or_default()),
        parameters: found.parameters.unwrap_or_default(),
    }
}

fn storage(found: glue::StorageDescriptor) -> Storage {
    let serde = found.serde_info.unwrap_or_default();
    Storage {
        location: found.location.unwrap_or_default(),
        columns: columns(found.columns),
        input_format: found.input_format.unwrap_or_default(),
        output_format: found.output_format.unwrap_or_default(),
        serialization_library: serde.serialization_library.unwrap_or_default(),
        serde_parameters: serde.parameters.unwrap_or_default(),
    }
}

fn columns(found: Option<Vec<glue::Column>>) -> Vec<Column> {
    let columns = found.unwrap_or_default().into_iter().map(|c| Column {
        name: c.name.to_lowercase(),
        data_type: c.r#type.unwrap_or_default(),
        comment: c.comment,
        parameters: c.parameters.unwrap_or_default(),
    });
    columns.collect()
}

/// A table as UpdateTable, which replaces everything, has to be told of it.
pub(super) fn table_input_of(table: glue::Table) -> glue::TableInput {
    glue::TableInput {
        name: table.name,
        description: table.description,
        owner: table.owner,
        last_access_time: table.last_access_time,
        last_analyzed_time: table.last_analyzed_time,
        retention: table.retention,
        storage_descriptor: table.storage_descriptor,
        partition_keys: table.partition_keys,
        view_original_text: table.view_original_text,
        view_expanded_text: table.view_expanded_text,
        table_type: table.table_type,
        parameters: table.parameters,
        target_table: table.target_table,
        ..glue::TableInput::default()
    }
}

/// A partition as UpdatePartition, which replaces everything, has to be told of it.
pub(super) fn partition_input_of(partition: glue::Partition) -> glue::PartitionInput {
    glue::PartitionInput {
        values: partition.values,
        last_access_time: partition.last_access_time,
        storage_descriptor: partition.storage_descriptor,
        parameters: partition.parameters,
        last_analyzed_time: partition.last_analyzed_time,
    }
}

/// The engine's partition over what was there.
pub(super) fn partition_input(
    current: glue::PartitionInput,
    partition: Partition,
) -> glue::PartitionInput {
    glue::PartitionInput {
        values: Some(partition.values),
        storage_descriptor: Some(descriptor(current.storage_descriptor, partition.storage)),
        parameters: Some(partition.parameters),
        ..current
    }
}

/// The engine's table over what was there.
pub(super) fn table_input(current: glue::TableInput, table: Table) -> glue::TableInput {
    glue::TableInput {
        name: table.name,
        description: table.description,
        storage_descriptor: Some(descriptor(current.storage_descriptor, table.storage)),
        partition_keys: Some(glue_columns(table.partition_keys)),
        view_original_text: table.view_original_text,
        view_expanded_text: table.view_expanded_text,
        table_type: Some(table.table_type),
        parameters: Some(table.parameters),
        ..current
    }
}

fn descriptor(
    current: Option<glue::StorageDescriptor>,
    storage: Storage,
) -> glue::StorageDescriptor {
    let current = current.unwrap_or_default();
    let serde = current.serde_info.unwrap_or_default();
    let some = |text: String| (!text.is_empty()).then_some(text);
    glue::StorageDescriptor {
        columns: Some(glue_columns(storage.columns)),
        location: some(storage.location),
        input_format: some(storage.input_format),
        output_format: some(storage.output_format),
        serde_info: Some(glue::SerDeInfo {
            serialization_library: some(storage.serialization_library),
            parameters: Some(storage.serde_parameters),
            ..serde
        }),
        ..current
    }
}

fn glue_columns(columns: Vec<Column>) -> Vec<glue::Column> {
    let columns = columns.into_iter().map(|c| glue::Column {
        name: c.name,
        r#type: Some(c.data_type),
        comment: c.comment,
        parameters: (!c.parameters.is_empty()).then_some(c.parameters),
    });
    columns.collect()
}
