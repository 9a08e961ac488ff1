//! Partitions, one by one and listed.

use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::errors::{self, check_catalog};
use super::expression::Expression;
use super::tables::{self, StoredTable};
use super::{folded, page_size};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 1000;

/// The key of a partition in the store.
fn key_of(values: &[String]) -> Result<String, ServiceError> {
    Ok(serde_json::to_string(values)?)
}

/// Fails unless there is a value for each of the table's partition keys.
fn check_values(table: &Table, values: &[String]) -> Result<(), ServiceError> {
    if table.partition_keys.as_ref().map_or(0, Vec::len) != values.len() {
        return Err(errors::invalid_input(
            "The number of partition keys do not match the number of partition values",
        ));
    }
    if values.iter().any(String::is_empty) {
        return Err(errors::invalid_input("Partition values cannot be empty."));
    }
    Ok(())
}

/// The table that the partitions of a request belong to.
pub(super) fn table(
    c: &Connection,
    caller: &Caller,
    database: &str,
    name: &str,
) -> Result<StoredTable, ServiceError> {
    tables::existing(c, &caller.region, &folded(database), &folded(name))
}

pub(super) fn find(
    c: &Connection,
    table: &StoredTable,
    values: &[String],
) -> Result<Option<Partition>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM glue_partitions WHERE table_id = ?1 AND key = ?2")?
        .query_row((table.id, key_of(values)?), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

fn partition_of(
    input: PartitionInput,
    values: Vec<String>,
    table: &Table,
    created: Timestamp,
) -> Partition {
    let mut descriptor = input.storage_descriptor;
    if let Some(descriptor) = &mut descriptor {
        tables::complete(descriptor);
    }
    Partition {
        values: Some(values),
        database_name: table.database_name.clone(),
        table_name: Some(table.name.clone()),
        creation_time: Some(created),
        last_access_time: input.last_access_time,
        storage_descriptor: descriptor,
        parameters: input.parameters,
        last_analyzed_time: input.last_analyzed_time,
        catalog_id: table.catalog_id.clone(),
    }
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    table: &StoredTable,
    mut input: PartitionInput,
) -> Result<(), ServiceError> {
    let values = input.values.take().unwrap_or_default();
    check_values(&table.table, &values)?;
    let key = key_of(&values)?;
    let partition = partition_of(input, values, &table.table, Timestamp::now());
    let made = tx
        .prepare_cached(
            "INSERT INTO glue_partitions (table_id, key, document) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute((table.id, key, serde_json::to_string(&partition)?))?;
    if made == 0 {
        return Err(errors::already_exists("Partition already exists."));
    }
    Ok(())
}

/// Replaces the partition of `values`; other values in the input move it.
pub(super) fn replace(
    tx: &Transaction<'_>,
    table: &StoredTable,
    values: &[String],
    mut input: PartitionInput,
) -> Result<(), ServiceError> {
    check_values(&table.table, values)?;
    let old = find(tx, table, values)?.ok_or_else(errors::no_partition)?;
    let new_values = input
        .values
        .take()
        .filter(|v| !v.is_empty())
        .unwrap_or_else(|| values.to_vec());
    check_values(&table.table, &new_values)?;
    if new_values != values && find(tx, table, &new_values)?.is_some() {
        return Err(errors::already_exists("Partition already exists."));
    }
    let key = key_of(&new_values)?;
    let created = old.creation_time.unwrap_or_else(Timestamp::now);
    let new = partition_of(input, new_values, &table.table, created);
    tx.prepare_cached(
        "UPDATE glue_partitions SET key = ?3, document = ?4 WHERE table_id = ?1 AND key = ?2",
    )?
    .execute((table.id, key_of(values)?, key, serde_json::to_string(&new)?))?;
    Ok(())
}

pub(super) fn remove(
    tx: &Transaction<'_>,
    table: &StoredTable,
    values: &[String],
) -> Result<(), ServiceError> {
    check_values(&table.table, values)?;
    let gone = tx
        .prepare_cached("DELETE FROM glue_partitions WHERE table_id = ?1 AND key = ?2")?
        .execute((table.id, key_of(values)?))?;
    if gone == 0 {
        return Err(errors::no_partition());
    }
    Ok(())
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    request: CreatePartitionRequest,
) -> Result<CreatePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let table = table(tx, caller, &request.database_name, &request.table_name)?;
        insert(tx, &table, request.partition_input)
    })?;
    Ok(CreatePartitionResponse {})
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    request: GetPartitionRequest,
) -> Result<GetPartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let partition = cloud.store().read(|c| {
        let table = table(c, caller, &request.database_name, &request.table_name)?;
        check_values(&table.table, &request.partition_values)?;
        find(c, &table, &request.partition_values)?.ok_or_else(errors::no_partition)
    })?;
    Ok(GetPartitionResponse {
        partition: Some(partition),
    })
}

pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    request: UpdatePartitionRequest,
) -> Result<UpdatePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let table = table(tx, caller, &request.database_name, &request.table_name)?;
        replace(
            tx,
            &table,
            &request.partition_value_list,
            request.partition_input,
        )
    })?;
    Ok(UpdatePartitionResponse {})
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    request: DeletePartitionRequest,
) -> Result<DeletePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let table = table(tx, caller, &request.database_name, &request.table_name)?;
        remove(tx, &table, &request.partition_values)
    })?;
    Ok(DeletePartitionResponse {})
}

/// Whether the key of a partition is in a segment: each is in one of them, wherever it is listed.
fn in_segment(key: &str, segment: &Segment) -> bool {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish() % u64::from(segment.total_segments.cast_unsigned())
        == u64::from(segment.segment_number.cast_unsigned())
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    request: GetPartitionsRequest,
) -> Result<GetPartitionsResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    if let Some(segment) = &request.segment
        && segment.segment_number >= segment.total_segments
    {
        return Err(errors::invalid_input(
            "SegmentNumber must be less than TotalSegments.",
        ));
    }
    let from = match &request.next_token {
        Some(token) => paging::key(token, "InvalidInputException")?,
        None => String::new(),
    };
    let size = page_size(request.max_results, PAGE);
    let (mut partitions, next) = cloud.store().read(|c| {
        let table = table(c, caller, &request.database_name, &request.table_name)?;
        let keys = table.table.partition_keys.as_deref().unwrap_or_default();
        let expression = request
            .expression
            .as_deref()
            .filter(|e| !e.trim().is_empty())
            .map(|e| Expression::parse(e, keys).map_err(errors::invalid_input))
            .transpose()?;
        // The index has the keys; documents are read for what is given out.
        let mut scan = c.prepare_cached(
            "SELECT id, key FROM glue_partitions WHERE table_id = ?1 AND key >= ?2 ORDER BY key",
        )?;
        let mut document =
            c.prepare_cached("SELECT document FROM glue_partitions WHERE id = ?1")?;
        let mut rows = scan.query((table.id, &from))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let key: String = row.get(1)?;
            if request
                .segment
                .as_ref()
                .is_some_and(|s| !in_segment(&key, s))
            {
                continue;
            }
            if let Some(expression) = &expression {
                let values: Vec<String> = serde_json::from_str(&key)?;
                if !expression.matches(&values) {
                    continue;
                }
            }
            if found.len() == size {
                return Ok((found, Some(paging::token(&key))));
            }
            let text: String = document.query_row([row.get::<_, i64>(0)?], |row| row.get(0))?;
            found.push(serde_json::from_str::<Partition>(&text)?);
        }
        Ok((found, None))
    })?;
    if request.exclude_column_schema == Some(true) {
        for descriptor in partitions
            .iter_mut()
            .filter_map(|p| p.storage_descriptor.as_mut())
        {
            descriptor.columns = None;
        }
    }
    Ok(GetPartitionsResponse {
        partitions: Some(partitions),
        next_token: next,
    })
}
