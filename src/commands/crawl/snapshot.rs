//! The catalog before and after a crawl.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_glue::types::{Column, StorageDescriptor, Table};
use aws_smithy_types::DateTime;

use crate::cloud::Cloud;
use crate::commands::catalog;
use crate::output::crawl::{Catalog, ColumnOf, Partitions, Seen};
use crate::resource::CallError;

/// The marks of crawlers on tables.
const UPDATED_BY: &str = "UPDATED_BY_CRAWLER";
const DEPRECATED_BY: &str = "DEPRECATED_BY_CRAWLER";

fn with_slash(location: &str) -> String {
    format!("{}/", location.trim_end_matches('/'))
}

/// The tables of a database; none where there is no such database.
pub async fn tables(cloud: &Cloud, database: &str) -> Result<Vec<Table>, CallError> {
    match catalog::tables(cloud, database).await {
        Err(error) if error.is("EntityNotFoundException") => Ok(Vec::new()),
        found => found,
    }
}

pub fn of<'a>(tables: impl IntoIterator<Item = &'a Table>) -> Catalog {
    let named = tables.into_iter().map(|table| {
        let seen = seen(
            table.version_id().unwrap_or_default(),
            table.storage_descriptor(),
            table.partition_keys(),
            table.parameters(),
        );
        (table.name().to_owned(), seen)
    });
    named.collect()
}

/// A table by its columns, keys and settings.
pub fn seen(
    version: &str,
    storage: Option<&StorageDescriptor>,
    keys: &[Column],
    parameters: Option<&HashMap<String, String>>,
) -> Seen {
    let of = |column: &Column, partition_key| ColumnOf {
        name: column.name().to_owned(),
        r#type: column.r#type().unwrap_or_default().to_owned(),
        partition_key,
    };
    let columns = storage.map(StorageDescriptor::columns).unwrap_or_default();
    let columns = columns.iter().map(|c| of(c, false));
    let parameter = |key: &str| parameters.and_then(|all| all.get(key));
    Seen {
        version: version.to_owned(),
        classification: parameter("classification").cloned().unwrap_or_default(),
        columns: columns.chain(keys.iter().map(|c| of(c, true))).collect(),
        settings: settings(storage, parameters),
        is_deprecated: parameter(DEPRECATED_BY).is_some(),
    }
}

fn settings(
    storage: Option<&StorageDescriptor>,
    parameters: Option<&HashMap<String, String>>,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let own = parameters.into_iter().flatten();
    found.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    // Crawlers write the table's parameters into those of the storage too.
    let of_storage = storage.and_then(|s| s.parameters()).into_iter().flatten();
    for (name, value) in of_storage {
        if found.get(name) != Some(value) {
            found.insert(format!("storage's {name}"), value.clone());
        }
    }
    let serde = storage.and_then(StorageDescriptor::serde_info);
    let said = [
        ("location", storage.and_then(|s| s.location())),
        ("input format", storage.and_then(|s| s.input_format())),
        ("output format", storage.and_then(|s| s.output_format())),
        ("SerDe", serde.and_then(|s| s.serialization_library())),
    ];
    for (name, value) in said {
        found.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    let of_serde = serde.and_then(|s| s.parameters()).into_iter().flatten();
    found.extend(of_serde.map(|(name, value)| (format!("SerDe's {name}"), value.clone())));
    found
}

/// What a crawler has to do with the tables of a database, others of which other crawlers keep.
#[derive(Debug, Default)]
pub struct Reach {
    pub crawler: String,
    /// Its include paths, each with a slash at its end.
    pub roots: Vec<String>,
    /// The tables of the catalog that it keeps.
    pub kept: HashSet<String>,
    /// The tables that its crawl says it has changed.
    pub named: HashSet<String>,
}

impl Reach {
    /// Whether a table is this crawler's: it says so itself, or its crawl does, or it lies in an
    /// include path and is no other crawler's.
    fn has(&self, table: &Table) -> bool {
        let by = table.parameters().and_then(|all| all.get(UPDATED_BY));
        let location = table.storage_descriptor().and_then(|s| s.location());
        let is_covered = || {
            let location = with_slash(location.unwrap_or_default());
            self.kept.contains(table.name())
                || self.roots.iter().any(|root| location.starts_with(root))
        };
        match by {
            Some(by) if *by == self.crawler => true,
            Some(_) => self.named.contains(table.name()),
            None => self.named.contains(table.name()) || is_covered(),
        }
    }

    /// The names of the tables, before and after a crawl, that are this crawler's. One that two
    /// crawlers write is of the one that wrote it last.
    pub fn own(&self, before: &[Table], after: &[Table]) -> HashSet<String> {
        let there: HashSet<&str> = after.iter().map(Table::name).collect();
        let gone = before.iter().filter(|table| !there.contains(table.name()));
        let own = after.iter().chain(gone).filter(|table| self.has(table));
        own.map(|table| table.name().to_owned()).collect()
    }
}

/// How many partitions of each table are younger than `since`.
pub async fn new_partitions(
    cloud: &Cloud,
    database: &str,
    tables: &[&Table],
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, location: &str, by: Option<&str>) -> Table {
        let stored = StorageDescriptor::builder().location(location).build();
        let parameters = by.map(|by| HashMap::from([(UPDATED_BY.to_owned(), by.to_owned())]));
        let built = Table::builder().name(name).storage_descriptor(stored);
        built.set_parameters(parameters).build().unwrap()
    }

    #[test]
    fn a_change_is_of_the_crawler_that_made_it_alone() {
        let before = [
            table("gone", "s3://lake/a/gone/", Some("a")),
            table("taken", "s3://lake/a/taken/", Some("a")),
        ];
        let after = [
            table("taken", "s3://lake/a/taken/", Some("b")),
            table("of_a", "s3://lake/a/x/", Some("a")),
            table("of_b", "s3://lake/b/x/", Some("b")),
            table("by_hand", "s3://lake/a/y", None),
            table("elsewhere", "s3://lake/a2/", None),
            table("told", "s3://lake/z/", Some("b")),
        ];
        let own = |crawler: &str, root: &str, named: &[&str]| {
            let reach = Reach {
                crawler: crawler.to_owned(),
                roots: vec![root.to_owned()],
                kept: HashSet::new(),
                named: named.iter().map(|name| (*name).to_owned()).collect(),
            };
            let mut own: Vec<String> = reach.own(&before, &after).into_iter().collect();
            own.sort();
            own
        };
        assert_eq!(
            own("a", "s3://lake/a/", &["told"]),
            ["by_hand", "gone", "of_a", "told"]
        );
        assert_eq!(own("b", "s3://lake/b/", &[]), ["of_b", "taken", "told"]);
    }
}
