//! DeleteTable and BatchDeleteTable: a table goes with its versions and partitions.

use rusqlite::Transaction;

use super::errors::{self, check_catalog};
use super::{databases, folded};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;

fn remove(
    tx: &Transaction<'_>,
    caller: &Caller,
    database: &str,
    name: &str,
) -> Result<(), ServiceError> {
    let gone = tx
        .prepare_cached(
            "DELETE FROM glue_tables WHERE region = ?1 AND database = ?2 AND name = ?3",
        )?
        .execute([&caller.region, database, name])?;
    if gone == 0 {
        return Err(errors::no_table(name));
    }
    Ok(())
}

pub(super) async fn one(
    cloud: &Cloud,
    caller: &Caller,
    request: DeleteTableRequest,
) -> Result<DeleteTableResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (folded(&request.database_name), folded(&request.name));
    cloud.store().write(|tx| {
        databases::require(tx, &caller.region, &database)?;
        remove(tx, caller, &database, &name)
    })?;
    Ok(DeleteTableResponse {})
}

pub(super) async fn batch(
    cloud: &Cloud,
    caller: &Caller,
    request: BatchDeleteTableRequest,
) -> Result<BatchDeleteTableResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let database = folded(&request.database_name);
    let failed = cloud.store().write(|tx| {
        databases::require(tx, &caller.region, &database)?;
        let mut failed = Vec::new();
        for name in &request.tables_to_delete {
            if let Err(error) = remove(tx, caller, &database, &folded(name)) {
                failed.push(TableError {
                    table_name: Some(name.clone()),
                    error_detail: Some(errors::detail(error)?),
                });
            }
        }
        Ok(failed)
    })?;
    Ok(BatchDeleteTableResponse {
        errors: Some(failed),
    })
}
