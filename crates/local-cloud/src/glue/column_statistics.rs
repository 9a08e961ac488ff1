//! The statistics of columns, of tables and of partitions.
//!
//! They are kept as they are given. Asking for those of a column that has none is an error of that
//! column; deleting them is none, as on AWS.

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

    fn put(
        self,
        tx: &Transaction<'_>,
        statistics: &[ColumnStatistics],
    ) -> Result<(), ServiceError> {
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
            statement.execute((id, folded(&one.column_name), serde_json::to_string(one)?))?;
        }
        Ok(())
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
    cloud.store().write(|tx| {
        Owner::of_table(tx, caller, &request.database_name, &request.table_name)?
            .put(tx, &request.column_statistics_list)
    })?;
    Ok(UpdateColumnStatisticsForTableResponse {
        errors: Some(Vec::new()),
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
    cloud.store().write(|tx| {
        let (database, table) = (&request.database_name, &request.table_name);
        Owner::of_partition(tx, caller, database, table, &request.partition_values)?
            .put(tx, &request.column_statistics_list)
    })?;
    Ok(UpdateColumnStatisticsForPartitionResponse {
        errors: Some(Vec::new()),
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
