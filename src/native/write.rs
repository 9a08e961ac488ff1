//! Carrying out a plan: the calls of Glue's catalog that change something.

use aws_sdk_glue::types::{
    BatchUpdatePartitionRequestEntry, DatabaseInput, ErrorDetail, PartitionIndex, PartitionInput,
    PartitionValueList, Table, TableInput,
};
use crawler::catalog::UPDATED_BY;

use super::plan::{Change, Plan, TablePlan, has_database, location, parameter};
use crate::cloud::Cloud;
use crate::resource::{CallError, call};

/// What BatchCreatePartition and BatchUpdatePartition take at most, and BatchDeletePartition.
const BATCH: usize = 100;
const DELETE_BATCH: usize = 25;

const ALREADY_EXISTS: &str = "AlreadyExistsException";

/// Writes what a plan says, table by table. A table comes before its partitions, so that a write
/// that is broken off is finished by the next crawl. Gives the tables that the catalog refused, and
/// why: the others are written all the same.
pub async fn write(cloud: &Cloud, plan: &Plan) -> Result<Vec<(String, CallError)>, CallError> {
    if plan.makes_database && !has_database(cloud, &plan.database).await? {
        create_database(cloud, &plan.database).await?;
    }
    let mut refused = Vec::new();
    for table in &plan.tables {
        if let Err(error) = write_all(cloud, &plan.database, table).await {
            refused.push((table.name.clone(), error));
        }
    }
    Ok(refused)
}

/// One that is there meanwhile is as good: somebody else made it, or the answer to this very call
/// was lost, and the SDK called again.
async fn create_database(cloud: &Cloud, name: &str) -> Result<(), CallError> {
    let input = DatabaseInput::builder().name(name).build();
    let input = input.map_err(|e| CallError::here("CreateDatabase", e.to_string()))?;
    let request = cloud.glue.create_database().database_input(input);
    match call!("CreateDatabase", request) {
        Err(error) if error.is(ALREADY_EXISTS) => Ok(()),
        done => done.map(drop),
    }
}

async fn write_all(cloud: &Cloud, database: &str, table: &TablePlan) -> Result<(), CallError> {
    write_table(cloud, database, table).await?;
    delete_partitions(cloud, database, table).await?;
    create_partitions(cloud, database, &table.name, &table.partitions.create).await?;
    update_partitions(cloud, database, &table.name, &table.partitions.update).await
}

async fn write_table(cloud: &Cloud, database: &str, table: &TablePlan) -> Result<(), CallError> {
    let glue = &cloud.glue;
    match &table.change {
        Change::Keep => {}
        Change::Create(input) => create_table(cloud, database, table, input).await?,
        Change::Update(input) => {
            let request = glue.update_table().database_name(database);
            call!("UpdateTable", request.table_input(input.clone()))?;
        }
        Change::Delete => {
            let request = glue.delete_table().database_name(database);
            match call!("DeleteTable", request.name(&table.name)) {
                Err(error) if error.is("EntityNotFoundException") => {}
                done => {
                    done?;
                }
            }
        }
    }
    Ok(())
}

/// Makes a table. When the answer is lost the SDK calls again, and is told that the table exists.
async fn create_table(
    cloud: &Cloud,
    database: &str,
    table: &TablePlan,
    input: &TableInput,
) -> Result<(), CallError> {
    let request = cloud.glue.create_table().database_name(database);
    let request = request.table_input(input.clone());
    let request = request.set_partition_indexes(indexes(table)?);
    let Err(error) = call!("CreateTable", request) else {
        return Ok(());
    };
    if !error.is(ALREADY_EXISTS) {
        return Err(error);
    }
    let request = cloud.glue.get_table().database_name(database);
    let there = call!("GetTable", request.name(input.name()))?.table;
    match there {
        Some(there) if is_made_of(&there, input) => Ok(()),
        _ => Err(error),
    }
}

/// Whether a table is the one that a crawl was to make: its data is at the same place, and the same
/// crawler wrote it.
fn is_made_of(there: &Table, input: &TableInput) -> bool {
    let wanted_location = input.storage_descriptor().and_then(|d| d.location());
    let wanted_by = input.parameters().and_then(|p| p.get(UPDATED_BY));
    wanted_location == Some(location(there))
        && wanted_by.map(String::as_str) == parameter(there, UPDATED_BY)
}

/// The index that is made with a table.
fn indexes(table: &TablePlan) -> Result<Option<Vec<PartitionIndex>>, CallError> {
    let Some(index) = &table.index else {
        return Ok(None);
    };
    let built = PartitionIndex::builder()
        .index_name(index.name)
        .set_keys(Some(index.keys.clone()))
        .build();
    let built = built.map_err(|e| CallError::here("CreateTable", e.to_string()))?;
    Ok(Some(vec![built]))
}

async fn create_partitions(
    cloud: &Cloud,
    database: &str,
    table: &str,
    inputs: &[PartitionInput],
) -> Result<(), CallError> {
    for batch in inputs.chunks(BATCH) {
        let request = cloud.glue.batch_create_partition();
        let request = request.database_name(database).table_name(table);
        let request = request.set_partition_input_list(Some(batch.to_vec()));
        let done = call!("BatchCreatePartition", request)?;
        let failed = done.errors().iter().map(|e| e.error_detail());
        none_failed("BatchCreatePartition", failed, ALREADY_EXISTS)?;
    }
    Ok(())
}

async fn update_partitions(
    cloud: &Cloud,
    database: &str,
    table: &str,
    inputs: &[PartitionInput],
) -> Result<(), CallError> {
    const OPERATION: &str = "BatchUpdatePartition";
    for batch in inputs.chunks(BATCH) {
        let mut entries = Vec::new();
        for input in batch {
            let entry = BatchUpdatePartitionRequestEntry::builder()
                .set_partition_value_list(input.values.clone())
                .partition_input(input.clone())
                .build();
            entries.push(entry.map_err(|e| CallError::here(OPERATION, e.to_string()))?);
        }
        let request = cloud.glue.batch_update_partition();
        let request = request.database_name(database).table_name(table);
        let done = call!("BatchUpdatePartition", request.set_entries(Some(entries)))?;
        let failed = done.errors().iter().map(|e| e.error_detail());
        none_failed(OPERATION, failed, "EntityNotFoundException")?;
    }
    Ok(())
}

async fn delete_partitions(
    cloud: &Cloud,
    database: &str,
    table: &TablePlan,
) -> Result<(), CallError> {
    const OPERATION: &str = "BatchDeletePartition";
    for batch in table.partitions.delete.chunks(DELETE_BATCH) {
        let mut lists = Vec::new();
        for values in batch {
            let list = PartitionValueList::builder()
                .set_values(Some(values.clone()))
                .build();
            lists.push(list.map_err(|e| CallError::here(OPERATION, e.to_string()))?);
        }
        let request = cloud.glue.batch_delete_partition();
        let request = request.database_name(database).table_name(&table.name);
        let done = call!(
            "BatchDeletePartition",
            request.set_partitions_to_delete(Some(lists))
        )?;
        let failed = done.errors().iter().map(|e| e.error_detail());
        none_failed(OPERATION, failed, "EntityNotFoundException")?;
    }
    Ok(())
}

/// Fails with the first error of a batch but those that someone else's work at the same time gives.
fn none_failed<'a>(
    operation: &str,
    failed: impl Iterator<Item = Option<&'a ErrorDetail>>,
    expected: &str,
) -> Result<(), CallError> {
    let mut real = failed
        .flatten()
        .filter(|d| d.error_code() != Some(expected));
    match real.next() {
        None => Ok(()),
        Some(detail) => Err(CallError {
            code: detail.error_code().map(str::to_owned),
            ..CallError::here(operation, detail.error_message().unwrap_or_default())
        }),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_glue::types::StorageDescriptor;

    use super::*;

    #[test]
    fn a_table_that_exists_is_the_one_that_was_to_be_made_if_place_and_crawler_are() {
        let storage = |location: &str| StorageDescriptor::builder().location(location).build();
        let input = TableInput::builder()
            .name("films")
            .storage_descriptor(storage("s3://lake/films/"))
            .parameters(UPDATED_BY, "films")
            .build()
            .expect("it has a name");
        let there = |location: &str, by: &str| {
            let table = Table::builder().name("films").parameters(UPDATED_BY, by);
            let table = table.storage_descriptor(storage(location));
            table.build().expect("it has a name")
        };
        assert!(is_made_of(&there("s3://lake/films/", "films"), &input));
        assert!(!is_made_of(&there("s3://lake/other/", "films"), &input));
        assert!(!is_made_of(&there("s3://lake/films/", "other"), &input));
        let nobodys = Table::builder().name("films");
        let nobodys = nobodys.storage_descriptor(storage("s3://lake/films/"));
        assert!(!is_made_of(
            &nobodys.build().expect("it has a name"),
            &input
        ));
    }
}
