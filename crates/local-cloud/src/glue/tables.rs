//! Tables: made, read, listed, updated.

use regex::Regex;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::errors::{self, check_catalog};
use super::{attributes, databases, folded, page_size, start};
use super::{partition_indexes, partition_store, table_versions};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;

/// A table with its place in the store.
pub(super) struct StoredTable {
    pub id: i64,
    pub version: i64,
    pub table: Table,
}

/// The table of these names, which are folded already.
pub(super) fn find(
    c: &Connection,
    region: &str,
    database: &str,
    name: &str,
) -> Result<Option<StoredTable>, ServiceError> {
    let row: Option<(i64, i64, String)> = c
        .prepare_cached(
            "SELECT id, version, document FROM glue_tables WHERE region = ?1 AND database = ?2 AND name = ?3",
        )?
        .query_row([region, database, name], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    row.map(|(id, version, document)| {
        Ok(StoredTable {
            id,
            version,
            table: serde_json::from_str(&document)?,
        })
    })
    .transpose()
}

/// [`find`], or the error that tells whether the database or the table is not there.
pub(super) fn existing(
    c: &Connection,
    region: &str,
    database: &str,
    name: &str,
) -> Result<StoredTable, ServiceError> {
    match find(c, region, database, name)? {
        Some(found) => Ok(found),
        None => {
            databases::require(c, region, database)?;
            Err(errors::no_table(name))
        }
    }
}

/// What the API gives of a storage descriptor beside what was put in.
pub(super) fn complete(descriptor: &mut StorageDescriptor) {
    descriptor.compressed.get_or_insert(false);
    descriptor.number_of_buckets.get_or_insert(0);
    descriptor.sort_columns.get_or_insert_default();
    descriptor.stored_as_sub_directories.get_or_insert(false);
}

fn table_of(input: TableInput, database: &str, account: &str) -> Table {
    let mut descriptor = input.storage_descriptor;
    if let Some(descriptor) = &mut descriptor {
        complete(descriptor);
    }
    Table {
        name: folded(&input.name),
        database_name: Some(database.to_owned()),
        description: input.description,
        owner: input.owner,
        last_access_time: input.last_access_time,
        last_analyzed_time: input.last_analyzed_time,
        retention: Some(input.retention.unwrap_or(0)),
        storage_descriptor: descriptor,
        partition_keys: Some(input.partition_keys.unwrap_or_default()),
        view_original_text: input.view_original_text,
        view_expanded_text: input.view_expanded_text,
        table_type: input.table_type,
        parameters: input.parameters,
        is_registered_with_lake_formation: Some(false),
        target_table: input.target_table,
        catalog_id: Some(account.to_owned()),
        is_multi_dialect_view: Some(false),
        ..Default::default()
    }
}

/// The table that a request describes.
fn checked(
    input: Option<TableInput>,
    name: Option<&str>,
    transaction: Option<&str>,
) -> Result<TableInput, ServiceError> {
    if transaction.is_some() {
        return Err(errors::not_implemented("governed tables"));
    }
    let input = input.ok_or_else(|| errors::invalid_input("TableInput must not be null."))?;
    if input.view_definition.is_some() {
        return Err(errors::not_implemented("multi-dialect views"));
    }
    if name.is_some_and(|name| folded(name) != folded(&input.name)) {
        return Err(errors::invalid_input(
            "The name of the table and of its TableInput are not the same.",
        ));
    }
    let keys = input.partition_keys.as_deref().unwrap_or_default();
    let columns = input
        .storage_descriptor
        .as_ref()
        .and_then(|d| d.columns.as_deref())
        .unwrap_or_default();
    for (i, key) in keys.iter().enumerate() {
        let is_key = |other: &Column| other.name.eq_ignore_ascii_case(&key.name);
        if keys[..i].iter().any(is_key) || columns.iter().any(is_key) {
            return Err(errors::invalid_input(format!(
                "Partition keys contain duplicate column: {}",
                key.name
            )));
        }
    }
    Ok(input)
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    request: CreateTableRequest,
) -> Result<CreateTableResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    if request.open_table_format_input.is_some() {
        return Err(errors::not_implemented("OpenTableFormatInput"));
    }
    let input = checked(
        request.table_input,
        request.name.as_deref(),
        request.transaction_id.as_deref(),
    )?;
    let database = folded(&request.database_name);
    let mut table = table_of(input, &database, &caller.account);
    let now = Timestamp::now();
    table.create_time = Some(now);
    table.update_time = Some(now);
    table.created_by = Some(caller.arn());
    table.version_id = Some("0".to_owned());
    cloud.store().write(|tx| {
        databases::require(tx, &caller.region, &database)?;
        let made = tx
            .prepare_cached(
                "INSERT INTO glue_tables (region, database, name, version, document) VALUES (?1, ?2, ?3, 0, ?4)
                 ON CONFLICT DO NOTHING",
            )?
            .execute((
                &caller.region,
                &database,
                &table.name,
                serde_json::to_string(&table)?,
            ))?;
        if made == 0 {
            return Err(errors::already_exists("Table already exists."));
        }
        let made = existing(tx, &caller.region, &database, &table.name)?;
        for index in request.partition_indexes.iter().flatten() {
            partition_indexes::add(tx, &made, index)?;
        }
        Ok(())
    })?;
    Ok(CreateTableResponse {})
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    request: GetTableRequest,
) -> Result<GetTableResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (folded(&request.database_name), folded(&request.name));
    let found = cloud
        .store()
        .read(|c| existing(c, &caller.region, &database, &name))?;
    Ok(GetTableResponse {
        table: Some(found.table),
    })
}

/// The tables of a database from a name on, in the order of their names, until `take` says stop.
pub(super) fn scan(
    c: &Connection,
    region: &str,
    database: &str,
    from: &str,
    mut take: impl FnMut(&str, &str) -> Result<bool, ServiceError>,
) -> Result<(), ServiceError> {
    let mut statement = c.prepare_cached(
        "SELECT name, document FROM glue_tables WHERE region = ?1 AND database = ?2 AND name >= ?3 ORDER BY name",
    )?;
    let mut rows = statement.query([region, database, from])?;
    while let Some(row) = rows.next()? {
        if !take(
            row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?,
            row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
        )? {
            break;
        }
    }
    Ok(())
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    request: GetTablesRequest,
) -> Result<GetTablesResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let database = folded(&request.database_name);
    let pattern = request
        .expression
        .as_deref()
        .filter(|e| !e.is_empty())
        .map(name_pattern)
        .transpose()?;
    let from = start(request.next_token.as_deref())?.unwrap_or_default();
    let size = page_size(request.max_results, PAGE);
    let only = attributes(request.attributes_to_get.as_deref())?;
    let (mut tables, mut next) = (Vec::new(), None);
    cloud.store().read(|c| {
        databases::require(c, &caller.region, &database)?;
        scan(c, &caller.region, &database, &from, |name, document| {
            if pattern.as_ref().is_some_and(|p| !p.is_match(name)) {
                return Ok(true);
            }
            if tables.len() == size {
                next = Some(paging::token(name));
                return Ok(false);
            }
            let whole: Table = serde_json::from_str(document)?;
            tables.push(match only {
                None => whole,
                Some(only) => Table {
                    name: whole.name,
                    table_type: whole
                        .table_type
                        .filter(|_| only.iter().any(|one| one == "TABLE_TYPE")),
                    ..Default::default()
                },
            });
            Ok(true)
        })
    })?;
    Ok(GetTablesResponse {
        table_list: Some(tables),
        next_token: next,
    })
}

/// The pattern of GetTables' `Expression` and of GetUserDefinedFunctions: a regular expression of
/// Java's in which `*` alone is any text too, as in Hive's patterns. Trino puts names into `\Q` and
/// `\E`, between which all is text.
pub(super) fn name_pattern(expression: &str) -> Result<Regex, ServiceError> {
    let any_text = |part: &str| part.replace(".*", "*").replace('*', ".*");
    let mut pattern = String::with_capacity(expression.len() + 16);
    let mut rest = expression;
    while let Some((before, quoted)) = rest.split_once(r"\Q") {
        let (text, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
        pattern.push_str(&any_text(before));
        pattern.push_str(&regex::escape(text));
        rest = after;
    }
    pattern.push_str(&any_text(rest));
    Regex::new(&format!("(?i)^(?:{pattern})$"))
        .map_err(|_| errors::invalid_input(format!("Invalid expression: {expression}")))
}

pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    request: UpdateTableRequest,
) -> Result<UpdateTableResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    if request.update_open_table_format_input.is_some() {
        return Err(errors::not_implemented("UpdateOpenTableFormatInput"));
    }
    if request.view_update_action.is_some() {
        return Err(errors::not_implemented("multi-dialect views"));
    }
    let input = checked(
        request.table_input,
        request.name.as_deref(),
        request.transaction_id.as_deref(),
    )?;
    let database = folded(&request.database_name);
    let mut new = table_of(input, &database, &caller.account);
    cloud.store().write(|tx| {
        let old = existing(tx, &caller.region, &database, &new.name)?;
        if request
            .version_id
            .as_ref()
            .is_some_and(|v| *v != old.version.to_string())
        {
            return Err(ServiceError::new(
                "ConcurrentModificationException",
                "Update table failed due to concurrent modifications.",
            ));
        }
        new.create_time = old.table.create_time;
        new.created_by.clone_from(&old.table.created_by);
        new.update_time = Some(Timestamp::now());
        if request.skip_archive != Some(true) {
            table_versions::archive(tx, &old)?;
        }
        partition_store::sort_anew(tx, old.id, &old.table, &new)?;
        save(tx, &old, &mut new)
    })?;
    Ok(UpdateTableResponse {})
}

/// Writes a table as the next version of what it was.
fn save(tx: &Transaction<'_>, old: &StoredTable, new: &mut Table) -> Result<(), ServiceError> {
    let version = old.version + 1;
    new.version_id = Some(version.to_string());
    tx.prepare_cached("UPDATE glue_tables SET version = ?2, document = ?3 WHERE id = ?1")?
        .execute((old.id, version, serde_json::to_string(new)?))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_stars_and_alternatives() {
        let matches = |pattern: &str, name: &str| name_pattern(pattern).unwrap().is_match(name);
        assert!(matches("film*", "films"));
        assert!(matches("film.*", "films"));
        assert!(matches("songs|film*", "songs"));
        assert!(matches("Films", "films"));
        assert!(!matches("film", "films"));
        assert!(matches(r"trino__\Qf.1\E__.*", "trino__f.1__ab"));
        assert!(!matches(r"trino__\Qf.1\E__.*", "trino__fx1__ab"));
        assert!(matches(r"a\Q*|(\Eb*", "a*|(bc"));
        assert!(matches(r"\Qa*", "a*"));
        assert!(name_pattern("(").is_err());
    }
}
