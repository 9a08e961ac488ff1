//! The partition indexes of a table.
//!
//! The store always walks an index of the partitions' values, so a partition index makes no
//! request faster here; it is kept, checked and shown as on AWS, and is there at once.
//!
//! Source: AWS Glue developer guide, "Creating partition indexes".

use rusqlite::{Connection, Transaction};

use super::errors::{self, check_catalog};
use super::expression::Kind;
use super::partition_key::{self, UNREADABLE};
use super::tables::StoredTable;
use super::{folded, partitions};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;

/// How many indexes a table has at most.
const MOST: usize = 3;
/// How many partitions an index that failed names.
const NAMED: usize = 10;

fn all(c: &Connection, table: i64) -> Result<Vec<PartitionIndexDescriptor>, ServiceError> {
    let documents: Vec<String> = c
        .prepare_cached(
            "SELECT document FROM glue_partition_indexes WHERE table_id = ?1 ORDER BY name",
        )?
        .query_map([table], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let read = documents.iter().map(|d| serde_json::from_str(d));
    Ok(read.collect::<Result<_, _>>()?)
}

/// The keys of an index, which have to be partition keys of the table that can be indexed.
fn keys(table: &Table, index: &PartitionIndex) -> Result<Vec<KeySchemaElement>, ServiceError> {
    let columns = table.partition_keys.as_deref().unwrap_or_default();
    let mut found: Vec<KeySchemaElement> = Vec::new();
    for name in &index.keys {
        let Some(column) = columns.iter().find(|c| c.name.eq_ignore_ascii_case(name)) else {
            return Err(errors::invalid_input(format!(
                "The key {name} of the index {} is not a partition key of the table",
                index.index_name
            )));
        };
        let kind = partition_key::of_column(column);
        if !matches!(kind, Some(Kind::Text | Kind::Integer | Kind::Date)) {
            return Err(errors::invalid_input(format!(
                "The type {} of the partition key {name} is not supported in partition indexes",
                column.r#type.as_deref().unwrap_or_default()
            )));
        }
        if found.iter().any(|key| key.name == column.name) {
            return Err(errors::invalid_input(format!(
                "The index {} has the key {name} twice",
                index.index_name
            )));
        }
        found.push(KeySchemaElement {
            name: column.name.clone(),
            r#type: column.r#type.clone().unwrap_or_else(|| "string".to_owned()),
        });
    }
    Ok(found)
}

/// Adds an index. It has failed where partitions that are there have values that are not of the
/// types of its keys.
pub(super) fn add(
    tx: &Transaction<'_>,
    table: &StoredTable,
    index: &PartitionIndex,
) -> Result<(), ServiceError> {
    let there = all(tx, table.id)?;
    let name = &index.index_name;
    if there
        .iter()
        .any(|i| i.index_name.eq_ignore_ascii_case(name))
    {
        return Err(errors::already_exists(format!(
            "Index with the given indexName : {name} already exists"
        )));
    }
    if there.len() >= MOST {
        return Err(ServiceError::new(
            "ResourceNumberLimitExceededException",
            format!("The number of partition indexes per table is limited to {MOST}"),
        ));
    }
    let keys = keys(&table.table, index)?;
    if let Some(same) = there.iter().find(|i| i.keys == keys) {
        return Err(errors::already_exists(format!(
            "Index {} already exists with the same keys",
            same.index_name
        )));
    }
    let wrong = wrong_partitions(tx, table, &keys)?;
    let descriptor = PartitionIndexDescriptor {
        index_name: name.clone(),
        keys,
        index_status: if wrong.is_empty() { "ACTIVE" } else { "FAILED" }.to_owned(),
        backfill_errors: (!wrong.is_empty()).then(|| {
            vec![BackfillError {
                code: Some("INVALID_PARTITION_TYPE_DATA_ERROR".to_owned()),
                partitions: Some(wrong),
            }]
        }),
    };
    tx.prepare_cached("INSERT INTO glue_partition_indexes VALUES (?1, ?2, ?3)")?
        .execute((table.id, folded(name), serde_json::to_string(&descriptor)?))?;
    Ok(())
}

/// The first partitions with values that are not of the types of these keys.
fn wrong_partitions(
    c: &Connection,
    table: &StoredTable,
    keys: &[KeySchemaElement],
) -> Result<Vec<PartitionValueList>, ServiceError> {
    let columns = table.table.partition_keys.as_deref().unwrap_or_default();
    let places: Vec<usize> = (0..columns.len())
        .filter(|place| keys.iter().any(|key| key.name == columns[*place].name))
        .collect();
    let mut scan =
        c.prepare_cached("SELECT key FROM glue_partitions WHERE table_id = ?1 ORDER BY key")?;
    let mut rows = scan.query([table.id])?;
    let mut wrong = Vec::new();
    while let Some(row) = rows.next()? {
        let key = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let parts = partition_key::parts(key);
        let is_wrong = |place: &usize| parts.get(*place).is_some_and(|p| p.tag() == UNREADABLE);
        if places.iter().any(is_wrong) {
            wrong.push(PartitionValueList {
                values: partition_key::values(key),
            });
            if wrong.len() == NAMED {
                break;
            }
        }
    }
    Ok(wrong)
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    request: CreatePartitionIndexRequest,
) -> Result<CreatePartitionIndexResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let table = partitions::table(tx, caller, &request.database_name, &request.table_name)?;
        add(tx, &table, &request.partition_index)
    })?;
    Ok(CreatePartitionIndexResponse {})
}

/// A table has so few that they are one page.
pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    request: GetPartitionIndexesRequest,
) -> Result<GetPartitionIndexesResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let indexes = cloud.store().read(|c| {
        let table = partitions::table(c, caller, &request.database_name, &request.table_name)?;
        all(c, table.id)
    })?;
    Ok(GetPartitionIndexesResponse {
        partition_index_descriptor_list: Some(indexes),
        next_token: None,
    })
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    request: DeletePartitionIndexRequest,
) -> Result<DeletePartitionIndexResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let table = partitions::table(tx, caller, &request.database_name, &request.table_name)?;
        let gone = tx
            .prepare_cached("DELETE FROM glue_partition_indexes WHERE table_id = ?1 AND name = ?2")?
            .execute((table.id, folded(&request.index_name)))?;
        match gone {
            0 => Err(errors::not_found(format!(
                "Index with the given indexName : {} does not exist",
                request.index_name
            ))),
            _ => Ok(()),
        }
    })?;
    Ok(DeletePartitionIndexResponse {})
}
