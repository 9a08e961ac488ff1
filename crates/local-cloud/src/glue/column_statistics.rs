//! The statistics of columns, of tables and of partitions.
//!
//! They are kept as they are given; those of a column that is not there, or without data, are
//! refused one by one. Asking for those of a column that has none is an error of that
//! column; deleting them is none, as on AWS.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::errors::{self, check_catalog};
use super::{folded, partition_store, partitions};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;

/// What statistics are of: the table of the store that they are in, and the id there.
#[derive(Clone, Copy)]
enum Owner {
    Table(i64),
    Partition(i64),
}

impl Owner {
    fn of_table(
        c: &Connection,
        caller: &Caller,
        database: &str,
        table: &str,
    ) -> Result<Self, ServiceError> {
        Ok(Self::Table(
            partitions::table(c, caller, database, table)?.id,
        ))
    }

    fn of_partition(
        c: &Connection,
        caller: &Caller,
        database: &str,
        table: &str,
        values: &[String],
    ) -> Result<Self, ServiceError> {
        let table = partitions::table(c, caller, database, table)?;
        partition_store::check_values(&table.table, values)?;
        let id = partition_store::id_of(c, &table, values)?;
        id.map(Self::Partition).ok_or_else(|| {
            errors::not_found(format!("Partition [{}] not found", values.join(", ")))
        })
    }

    fn get(
        self,
        c: &Connection,
        names: &[String],
    ) -> Result<(Vec<ColumnStatistics>, Vec<ColumnError>), ServiceError> {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        let (sql, id) = match self {
            Self::Table(id) => (
                "SELECT document FROM glue_table_statistics WHERE table_id = ?1 AND name = ?2",
                id,
            ),
            Self::Partition(id) => (
                "SELECT document FROM glue_partition_statistics WHERE partition_id = ?1 AND name = ?2",
                id,
            ),
        };
        let mut statement = c.prepare_cached(sql)?;
        for name in names {
            let document: Option<String> = statement
                .query_row((id, folded(name)), |row| row.get(0))
                .optional()?;
            match document {
                Some(document) => found.push(serde_json::from_str(&document)?),
                None => missing.push(ColumnError {
                    column_name: Some(name.clone()),
                    error: Some(ErrorDetail {
                        error_code: Some("EntityNotFoundException".to_owned()),
                        error_message: Some("Statistics do not exist for this column".to_owned()),
                    }),
                }),
            }
        }
        Ok((found, missing))
    }

    /// Keeps statistics, and gives those that it does not keep: of columns that the table does not
    /// have, and without the data that their type says.
    fn put(
        self,
        tx: &Transaction<'_>,
        table: &Table,
        statistics: &[ColumnStatistics],
    ) -> Result<Vec<ColumnStatisticsError>, ServiceError> {
        let columns = columns(table);
        let mut wrong = Vec::new();
        let (sql, id) = match self {
            Self::Table(id) => (
                "INSERT INTO glue_table_statistics VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET document = excluded.document",
                id,
            ),
            Self::Partition(id) => (
                "INSERT INTO glue_partition_statistics VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET document = excluded.document",
                id,
            ),
        };
        let mut statement = tx.prepare_cached(sql)?;
        for one in statistics {
            if let Some(error) = refused(one, &columns) {
                wrong.push(ColumnStatisticsError {
                    column_statistics: Some(one.clone()),
                    error: Some(error),
                });
                continue;
            }
            statement.execute((id, folded(&one.column_name), serde_json::to_string(one)?))?;
        }
        Ok(wrong)
    }

    fn delete(self, tx: &Transaction<'_>, column: &str) -> Result<(), ServiceError> {
        let (sql, id) = match self {
            Self::Table(id) => (
                "DELETE FROM glue_table_statistics WHERE table_id = ?1 AND name = ?2",
                id,
            ),
            Self::Partition(id) => (
                "DELETE FROM glue_partition_statistics WHERE partition_id = ?1 AND name = ?2",
                id,
            ),
        };
        tx.prepare_cached(sql)?.execute((id, folded(column)))?;
        Ok(())
    }
}

/// The folded names of a table's columns, with its partition keys.
fn columns(table: &Table) -> HashSet<String> {
    let stored = table.storage_descriptor.as_ref();
    let stored = stored.and_then(|descriptor| descriptor.columns.as_deref());
    let keys = table.partition_keys.as_deref().unwrap_or_default();
    let all = stored.unwrap_or_default().iter().chain(keys);
    all.map(|column| folded(&column.name)).collect()
}

/// Why statistics are not kept, if they are not.
fn refused(one: &ColumnStatistics, columns: &HashSet<String>) -> Option<ErrorDetail> {
    let error = |code: &str, message: String| {
        Some(ErrorDetail {
            error_code: Some(code.to_owned()),
            error_message: Some(message),
        })
    };
    if !columns.contains(&folded(&one.column_name)) {
        let message = format!("Column {} not found", one.column_name);
        return error("EntityNotFoundException", message);
    }
    let data = &one.statistics_data;
    let has_data = match data.r#type.as_str() {
        "BOOLEAN" => data.boolean_column_statistics_data.is_some(),
        "DATE" => data.date_column_statistics_data.is_some(),
        "DECIMAL" => data.decimal_column_statistics_data.is_some(),
        "DOUBLE" => data.double_column_statistics_data.is_some(),
        "LONG" => data.long_column_statistics_data.is_some(),
        "STRING" => data.string_column_statistics_data.is_some(),
        "BINARY" => data.binary_column_statistics_data.is_some(),
        // The model refuses other types.
        _ => true,
    };
    if has_data {
        return None;
    }
    let message = format!(
        "The statistics of column {} have no data of the type {}",
        one.column_name, data.r#type
    );
    error("InvalidInputException", message)
}

pub(super) async fn get_of_table(
    cloud: &Cloud,
    caller: &Caller,
    request: GetColumnStatisticsForTableRequest,
) -> Result<GetColumnStatisticsForTableResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (found, missing) = cloud.store().read(|c| {
        Owner::of_table(c, caller, &request.database_name, &request.table_name)?
            .get(c, &request.column_names)
    })?;
    Ok(GetColumnStatisticsForTableResponse {
        column_statistics_list: Some(found),
        errors: Some(missing),
    })
}

pub(super) async fn update_of_table(
    cloud: &Cloud,
    caller: &Caller,
    request: UpdateColumnStatisticsForTableRequest,
) -> Result<UpdateColumnStatisticsForTableResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let wrong = cloud.store().write(|tx| {
        let table = partitions::table(tx, caller, &request.database_name, &request.table_name)?;
        Owner::Table(table.id).put(tx, &table.table, &request.column_statistics_list)
    })?;
    Ok(UpdateColumnStatisticsForTableResponse {
        errors: Some(wrong),
    })
}

pub(super) async fn delete_of_table(
    cloud: &Cloud,
    caller: &Caller,
    request: DeleteColumnStatisticsForTableRequest,
) -> Result<DeleteColumnStatisticsForTableResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        Owner::of_table(tx, caller, &request.database_name, &request.table_name)?
            .delete(tx, &request.column_name)
    })?;
    Ok(DeleteColumnStatisticsForTableResponse {})
}

pub(super) async fn get_of_partition(
    cloud: &Cloud,
    caller: &Caller,
    request: GetColumnStatisticsForPartitionRequest,
) -> Result<GetColumnStatisticsForPartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (found, missing) = cloud.store().read(|c| {
        let (database, table) = (&request.database_name, &request.table_name);
        Owner::of_partition(c, caller, database, table, &request.partition_values)?
            .get(c, &request.column_names)
    })?;
    Ok(GetColumnStatisticsForPartitionResponse {
        column_statistics_list: Some(found),
        errors: Some(missing),
    })
}

pub(super) async fn update_of_partition(
    cloud: &Cloud,
    caller: &Caller,
    request: UpdateColumnStatisticsForPartitionRequest,
) -> Result<UpdateColumnStatisticsForPartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let wrong = cloud.store().write(|tx| {
        let (database, name) = (&request.database_name, &request.table_name);
        let owner = Owner::of_partition(tx, caller, database, name, &request.partition_values)?;
        let table = partitions::table(tx, caller, database, name)?;
        owner.put(tx, &table.table, &request.column_statistics_list)
    })?;
    Ok(UpdateColumnStatisticsForPartitionResponse {
        errors: Some(wrong),
    })
}

pub(super) async fn delete_of_partition(
    cloud: &Cloud,
    caller: &Caller,
    request: DeleteColumnStatisticsForPartitionRequest,
) -> Result<DeleteColumnStatisticsForPartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let (database, table) = (&request.database_name, &request.table_name);
        Owner::of_partition(tx, caller, database, table, &request.partition_values)?
            .delete(tx, &request.column_name)
    })?;
    Ok(DeleteColumnStatisticsForPartitionResponse {})
}
