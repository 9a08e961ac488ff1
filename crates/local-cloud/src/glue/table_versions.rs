//! The versions of a table: what it was before its updates.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::errors::{self, check_catalog};
use super::tables::{self, StoredTable};
use super::{folded, page_size, start};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;

/// Keeps a table as it is, before it is updated.
pub(super) fn archive(tx: &Transaction<'_>, old: &StoredTable) -> Result<(), ServiceError> {
    tx.prepare_cached("INSERT INTO glue_table_versions VALUES (?1, ?2, ?3)")?
        .execute((old.id, old.version, serde_json::to_string(&old.table)?))?;
    Ok(())
}

fn parse(version: &str) -> Result<i64, ServiceError> {
    version
        .parse()
        .map_err(|_| errors::invalid_input(format!("Version id {version} is not a number.")))
}

fn no_version() -> ServiceError {
    errors::not_found("Version not found.")
}

fn shown(table: Table) -> TableVersion {
    TableVersion {
        version_id: table.version_id.clone(),
        table: Some(table),
    }
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    request: GetTableVersionRequest,
) -> Result<GetTableVersionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (folded(&request.database_name), folded(&request.table_name));
    let wanted = request.version_id.as_deref().map(parse).transpose()?;
    let table = cloud.store().read(|c| {
        let current = tables::existing(c, &caller.region, &database, &name)?;
        match wanted {
            Some(version) if version != current.version => {
                find(c, current.id, version)?.ok_or_else(no_version)
            }
            _ => Ok(current.table),
        }
    })?;
    Ok(GetTableVersionResponse {
        table_version: Some(shown(table)),
    })
}

fn find(c: &Connection, table: i64, version: i64) -> Result<Option<Table>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached(
            "SELECT document FROM glue_table_versions WHERE table_id = ?1 AND version = ?2",
        )?
        .query_row([table, version], |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

/// The newest first, as AWS gives them.
pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    request: GetTableVersionsRequest,
) -> Result<GetTableVersionsResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (folded(&request.database_name), folded(&request.table_name));
    let size = page_size(request.max_results, PAGE);
    let from =
        start(request.next_token.as_deref())?.map_or(Ok(i64::MAX), |version| parse(&version))?;
    let (versions, next) = cloud.store().read(|c| {
        let current = tables::existing(c, &caller.region, &database, &name)?;
        let mut versions = Vec::new();
        if current.version <= from {
            versions.push(shown(current.table));
        }
        let mut statement = c.prepare_cached(
            "SELECT version, document FROM glue_table_versions WHERE table_id = ?1 AND version <= ?2 ORDER BY version DESC",
        )?;
        let mut rows = statement.query([current.id, from])?;
        while let Some(row) = rows.next()? {
            if versions.len() == size {
                let version: i64 = row.get(0)?;
                return Ok((versions, Some(paging::token(&version.to_string()))));
            }
            versions.push(shown(serde_json::from_str(&row.get::<_, String>(1)?)?));
        }
        Ok((versions, None))
    })?;
    Ok(GetTableVersionsResponse {
        table_versions: Some(versions),
        next_token: next,
    })
}

fn delete_one(
    tx: &Transaction<'_>,
    table: &StoredTable,
    version: &str,
) -> Result<(), ServiceError> {
    let version = parse(version)?;
    if version == table.version {
        return Err(errors::invalid_input(
            "The current version of a table cannot be deleted.",
        ));
    }
    let gone = tx
        .prepare_cached("DELETE FROM glue_table_versions WHERE table_id = ?1 AND version = ?2")?
        .execute([table.id, version])?;
    if gone == 0 { Err(no_version()) } else { Ok(()) }
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    request: DeleteTableVersionRequest,
) -> Result<DeleteTableVersionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (folded(&request.database_name), folded(&request.table_name));
    cloud.store().write(|tx| {
        let table = tables::existing(tx, &caller.region, &database, &name)?;
        delete_one(tx, &table, &request.version_id)
    })?;
    Ok(DeleteTableVersionResponse {})
}

pub(super) async fn batch_delete(
    cloud: &Cloud,
    caller: &Caller,
    request: BatchDeleteTableVersionRequest,
) -> Result<BatchDeleteTableVersionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (folded(&request.database_name), folded(&request.table_name));
    let failed = cloud.store().write(|tx| {
        let table = tables::existing(tx, &caller.region, &database, &name)?;
        let mut failed = Vec::new();
        for version in &request.version_ids {
            if let Err(error) = delete_one(tx, &table, version) {
                failed.push(TableVersionError {
                    table_name: Some(name.clone()),
                    version_id: Some(version.clone()),
                    error_detail: Some(errors::detail(error)?),
                });
            }
        }
        Ok(failed)
    })?;
    Ok(BatchDeleteTableVersionResponse {
        errors: Some(failed),
    })
}
