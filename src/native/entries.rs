//! Entries of the catalog as crawls know them, and what a crawl made of one as the SDK has it.

use std::collections::HashMap;

use aws_sdk_glue::types::{
    Column, Partition, PartitionInput, SerDeInfo, StorageDescriptor, Table, TableInput,
};
use crawler::catalog::{Definition, Parameters, Storage};

use crate::resource::CallError;

/// A table as far as crawls write it.
pub fn definition_of(table: &TableInput) -> Definition {
    Definition {
        storage: table.storage_descriptor().map(storage_of),
        partition_keys: known(table.partition_keys()),
        parameters: parameters(table.parameters()),
    }
}

/// A partition as far as crawls write it.
pub fn partition_definition_of(partition: &PartitionInput) -> Definition {
    Definition {
        storage: partition.storage_descriptor().map(storage_of),
        partition_keys: Vec::new(),
        parameters: parameters(partition.parameters()),
    }
}

pub fn storage_of(descriptor: &StorageDescriptor) -> Storage {
    let serde = descriptor.serde_info();
    let own = |text: Option<&str>| text.map(str::to_owned);
    Storage {
        columns: known(descriptor.columns()),
        location: own(descriptor.location()),
        input_format: own(descriptor.input_format()),
        output_format: own(descriptor.output_format()),
        is_compressed: descriptor.compressed(),
        serialization_library: own(serde.and_then(SerDeInfo::serialization_library)),
        serde_parameters: parameters(serde.and_then(SerDeInfo::parameters)),
        parameters: parameters(descriptor.parameters()),
    }
}

fn parameters(given: Option<&HashMap<String, String>>) -> Parameters {
    let pairs = given.into_iter().flatten();
    pairs.map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn known(columns: &[Column]) -> Vec<crawler::Column> {
    let known = |column: &Column| crawler::Column {
        name: column.name().to_owned(),
        data_type: column.r#type().unwrap_or_default().to_owned(),
    };
    columns.iter().map(known).collect()
}

/// Writes what a crawl made of a table into it.
pub fn define(table: &mut TableInput, definition: Definition) -> Result<(), CallError> {
    let keys = columns(definition.partition_keys, table.partition_keys())?;
    table.partition_keys = Some(keys);
    table.parameters = Some(definition.parameters.into_iter().collect());
    table.storage_descriptor = match definition.storage {
        Some(storage) => Some(descriptor(storage, table.storage_descriptor())?),
        None => None,
    };
    Ok(())
}

/// Writes what a crawl made of a partition into it. What crawls do not write is as in `base`.
pub fn define_partition(
    partition: &mut PartitionInput,
    definition: Definition,
    base: Option<&StorageDescriptor>,
) -> Result<(), CallError> {
    partition.parameters = Some(definition.parameters.into_iter().collect());
    partition.storage_descriptor = match definition.storage {
        Some(storage) => Some(descriptor(storage, base)?),
        None => None,
    };
    Ok(())
}

/// A storage descriptor. What crawls do not write is as in `base`.
fn descriptor(
    storage: Storage,
    base: Option<&StorageDescriptor>,
) -> Result<StorageDescriptor, CallError> {
    let mut made = base.cloned().unwrap_or_else(|| {
        StorageDescriptor::builder()
            .number_of_buckets(-1)
            .set_bucket_columns(Some(Vec::new()))
            .set_sort_columns(Some(Vec::new()))
            .stored_as_sub_directories(false)
            .build()
    });
    made.columns = Some(columns(storage.columns, made.columns())?);
    made.location = storage.location;
    made.input_format = storage.input_format;
    made.output_format = storage.output_format;
    made.compressed = storage.is_compressed;
    made.parameters = Some(storage.parameters.into_iter().collect());
    let serde = made.serde_info.take();
    let mut serde = serde.unwrap_or_else(|| SerDeInfo::builder().build());
    serde.serialization_library = storage.serialization_library;
    serde.parameters = Some(storage.serde_parameters.into_iter().collect());
    made.serde_info = Some(serde);
    Ok(made)
}

/// Columns with the comments that those of the same names had.
fn columns(now: Vec<crawler::Column>, before: &[Column]) -> Result<Vec<Column>, CallError> {
    let before: HashMap<&str, &Column> = before.iter().map(|c| (c.name(), c)).collect();
    let made = now.into_iter().map(|column| {
        if let Some(old) = before.get(&*column.name) {
            let mut kept = (*old).clone();
            kept.r#type = Some(column.data_type);
            return Ok(kept);
        }
        let built = Column::builder()
            .name(column.name)
            .r#type(column.data_type)
            .build();
        built.map_err(|error| CallError::here("CreateTable", error.to_string()))
    });
    made.collect()
}

/// A table as the input that would make it.
pub fn input_of(table: &Table) -> Result<TableInput, CallError> {
    let built = TableInput::builder()
        .name(table.name())
        .set_description(table.description.clone())
        .set_owner(table.owner.clone())
        .set_last_access_time(table.last_access_time)
        .set_last_analyzed_time(table.last_analyzed_time)
        .retention(table.retention)
        .set_storage_descriptor(table.storage_descriptor.clone())
        .set_partition_keys(table.partition_keys.clone())
        .set_view_original_text(table.view_original_text.clone())
        .set_view_expanded_text(table.view_expanded_text.clone())
        .set_table_type(table.table_type.clone())
        .set_parameters(table.parameters.clone())
        .set_target_table(table.target_table.clone())
        .build();
    built.map_err(|error| CallError::here("UpdateTable", error.to_string()))
}

/// A partition as the input that would make it.
pub fn partition_input_of(partition: &Partition) -> PartitionInput {
    PartitionInput::builder()
        .set_values(partition.values.clone())
        .set_last_access_time(partition.last_access_time)
        .set_storage_descriptor(partition.storage_descriptor.clone())
        .set_parameters(partition.parameters.clone())
        .set_last_analyzed_time(partition.last_analyzed_time)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stay_with_their_columns() {
        let column = |name: &str| Column::builder().name(name).r#type("int");
        let stored = StorageDescriptor::builder()
            .columns(column("b").comment("the b").build().unwrap())
            .columns(column("a").build().unwrap())
            .build();
        let table = TableInput::builder().name("t").storage_descriptor(stored);
        let mut table = table.build().unwrap();
        let mut definition = definition_of(&table);
        let now = [("a", "string"), ("b", "bigint")];
        definition.storage.as_mut().unwrap().columns = now
            .map(|(name, data_type)| crawler::Column {
                name: name.to_owned(),
                data_type: data_type.to_owned(),
            })
            .into();
        define(&mut table, definition.clone()).unwrap();
        assert_eq!(definition_of(&table), definition);
        let columns = table.storage_descriptor().unwrap().columns();
        assert_eq!(columns[0].comment(), None);
        assert_eq!(columns[1].comment(), Some("the b"));
    }
}
