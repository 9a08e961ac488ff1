//! MSCK REPAIR TABLE: finds the partitions that lie below the table and the catalog lacks.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStore;
use object_store::path::Path;

use super::{answer, failure, partition_name, partitions, table_name};
use crate::answer::{Answer, StatementType};
use crate::ast::QualifiedName;
use crate::catalog::{Column, Table};
use crate::delta;
use crate::error::{Error, ErrorKind};
use crate::session::Session;

/// Folders that are listed at once.
const LISTINGS: usize = 16;

pub async fn run(name: &QualifiedName, session: &Session) -> Result<Answer, Error> {
    let table = table_name::table(name, session).await?;
    if table_name::is_view(&table) {
        return Err(failure::semantic(10131, "MSCK REPAIR TABLE of a view"));
    }
    if delta::is_delta(&table) {
        return Err(Error::read_only("MSCK REPAIR TABLE", "Delta Lake", &table));
    }
    let mut lines = Vec::new();
    if !table.partition_keys.is_empty() {
        let known: BTreeSet<Vec<String>> = session
            .catalog
            .partitions(&table, None)
            .await?
            .into_iter()
            .map(|partition| partition.values)
            .collect();
        let (mut found, left_out) = below(&table, session).await?;
        found.retain(|folder| !known.contains(&folder.values));
        found.sort_by(|one, other| one.values.cmp(&other.values));
        found.dedup_by(|one, other| one.values == other.values);
        lines = report(&table, &found);
        if !left_out.is_empty() {
            let places = left_out.join("\t");
            lines.push(format!("Left out, without a value of a key:\t{places}"));
        }
        let added: Vec<_> = found
            .into_iter()
            .map(|folder| partitions::new_partition(&table, folder.values, Some(folder.location)))
            .collect();
        if !added.is_empty() {
            session.catalog.create_partitions(&table, added).await?;
        }
    }
    let mut answer = answer::lines("MSCK_REPAIR_TABLE", &["result"], lines);
    answer.statement_type = StatementType::Ddl;
    Ok(answer)
}

fn report(table: &Table, found: &[Folder]) -> Vec<String> {
    if found.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = found
        .iter()
        .map(|folder| {
            format!(
                "{}:{}",
                table.name,
                partition_name::name(&table.partition_keys, &folder.values)
            )
        })
        .collect();
    let mut lines = vec![format!(
        "Partitions not in metastore:\t{}",
        names.join("\t")
    )];
    lines.extend(
        names
            .iter()
            .map(|name| format!("Repair: Added partition to metastore {name}")),
    );
    lines
}

struct Folder {
    values: Vec<String>,
    location: String,
}

/// The folders below the table that are named by its keys, level by level, and the places of those
/// that give a key no value (`year=`). Hive leaves these out (`HiveMetaStoreChecker`), for no
/// partition has such a value.
async fn below(table: &Table, session: &Session) -> Result<(Vec<Folder>, Vec<String>), Error> {
    let location = url::Url::parse(&table.storage.location).map_err(|error| {
        failure::execution(format!(
            "MetaException(message:The location '{}' is no URL: {error})",
            table.storage.location
        ))
    })?;
    let bucket = location.host_str().unwrap_or_default();
    let store = session.catalog.object_store(bucket);
    let root = table
        .storage
        .location
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or("", |(_, key)| key);
    let root = Path::parse(root).map_err(|error| {
        failure::execution(format!(
            "MetaException(message:The location is no path: {error})"
        ))
    })?;
    let place = |folder: &Path| format!("s3://{bucket}/{folder}/");
    let mut left_out = Vec::new();
    let mut level = vec![(root, Vec::new())];
    for key in &table.partition_keys {
        if session.cancel.is_cancelled() {
            return Err(Error {
                kind: ErrorKind::Cancelled,
                ..Error::user("", "Query cancelled")
            });
        }
        level = futures::stream::iter(level)
            .map(|(folder, values)| children(store.as_ref(), folder, values, key))
            .buffered(LISTINGS)
            .try_concat()
            .await?;
        level.retain(|(folder, values)| {
            let has_value = values.last().is_some_and(|value| !value.is_empty());
            if !has_value {
                left_out.push(place(folder));
            }
            has_value
        });
    }
    let folder = |(folder, values): (Path, Vec<String>)| Folder {
        location: place(&folder),
        values,
    };
    Ok((level.into_iter().map(folder).collect(), left_out))
}

/// The folders `key=value` in a folder, each with the values down to it.
async fn children(
    store: &dyn ObjectStore,
    folder: Path,
    values: Vec<String>,
    key: &Column,
) -> Result<Vec<(Path, Vec<String>)>, Error> {
    let listing = store
        .list_with_delimiter(Some(&folder))
        .await
        .map_err(|error| failure::execution(format!("Cannot list {folder}: {error}")))?;
    Ok(listing
        .common_prefixes
        .into_iter()
        .filter_map(|child| {
            let (name, value) = child.filename()?.split_once('=')?;
            if !partition_name::unescape(name).eq_ignore_ascii_case(&key.name) {
                return None;
            }
            let mut values = values.clone();
            values.push(partition_name::unescape(value));
            Some((child, values))
        })
        .collect())
}
