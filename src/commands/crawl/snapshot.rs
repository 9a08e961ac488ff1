//! The catalog before and after a crawl.

use std::collections::BTreeMap;

use aws_sdk_glue::types::{Column, StorageDescriptor, Table};
use aws_smithy_types::DateTime;

use crate::cloud::Cloud;
use crate::commands::catalog;
use crate::output::crawl::{Catalog, ColumnOf, Partitions, Seen};
use crate::resource::CallError;

/// The tables of a database; none where there is no such database.
pub async fn tables(cloud: &Cloud, database: &str) -> Result<Vec<Table>, CallError> {
    match catalog::tables(cloud, database).await {
        Err(error) if error.is("EntityNotFoundException") => Ok(Vec::new()),
        found => found,
    }
}

pub fn of(tables: &[Table]) -> Catalog {
    let named = tables.iter().map(|table| {
        let version = table.version_id().unwrap_or_default();
        let stored = table.storage_descriptor().map(StorageDescriptor::columns);
        let seen = seen(
            version,
            stored.unwrap_or_default(),
            table.partition_keys(),
            |key| table.parameters().and_then(|p| p.get(key)).cloned(),
        );
        (table.name().to_owned(), seen)
    });
    named.collect()
}

/// A table by its columns, keys and parameters.
pub fn seen(
    version: &str,
    columns: &[Column],
    keys: &[Column],
    parameter: impl Fn(&str) -> Option<String>,
) -> Seen {
    let of = |column: &Column, partition_key| ColumnOf {
        name: column.name().to_owned(),
        r#type: column.r#type().unwrap_or_default().to_owned(),
        partition_key,
    };
    let columns = columns.iter().map(|c| of(c, false));
    Seen {
        version: version.to_owned(),
        classification: parameter("classification").unwrap_or_default(),
        columns: columns.chain(keys.iter().map(|c| of(c, true))).collect(),
        is_deprecated: parameter("DEPRECATED_BY_CRAWLER").is_some(),
    }
}

/// How many partitions of each table are younger than `since`.
pub async fn new_partitions(
    cloud: &Cloud,
    database: &str,
    tables: &[Table],
    since: DateTime,
) -> Result<BTreeMap<String, Partitions>, CallError> {
    let mut found = BTreeMap::new();
    for table in tables.iter().filter(|t| !t.partition_keys().is_empty()) {
        let request = cloud.glue.get_partitions().database_name(database);
        let request = request.table_name(table.name()).exclude_column_schema(true);
        let mut pages = request.into_paginator().send();
        let mut added = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| CallError::of("GetPartitions", e))?;
            let partitions = page.partitions().iter();
            added += partitions
                .filter(|p| p.creation_time().is_some_and(|made| *made >= since))
                .count();
        }
        let partitions = Partitions {
            added,
            ..Partitions::default()
        };
        found.insert(table.name().to_owned(), partitions);
    }
    Ok(found)
}
