//! The tables of a crawl, written to the catalog.

use std::collections::HashSet;

use ::crawler::Table as Crawled;
use md5::{Digest as _, Md5};
use parking_lot::Mutex;

use super::catalog::Catalog;
use super::merge::{self, Found};
use super::{Gone, Rules, partitions, with_slash};
use crate::error::ServiceError;
use crate::glue::crawls::Changes;
use crate::model::Timestamp;
use crate::model::glue::*;

/// Writes what a crawl found. Only what has changed is written.
pub(super) async fn write(
    catalog: &Catalog<'_>,
    rules: &Rules,
    crawled: &[Crawled],
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    catalog.ensure_database().await?;
    let there = catalog.tables().await?;
    let mut seen: HashSet<String> = HashSet::new();
    for found in crawled {
        let (name, old) = place(&there, rules, found, crawled);
        seen.insert(name.clone());
        match old {
            Some(old) if belongs_to_others(old) => {
                left_alone(catalog, &name);
            }
            Some(old) => {
                let table = update(catalog, rules, old, found, changes).await?;
                let regrouped = keys_differ(old, &table);
                partitions::write(catalog, rules, &table, found, Some(regrouped), changes).await?;
            }
            None => {
                let table = new_table(&name, found, rules);
                catalog.create(table.clone()).await?;
                changes.lock().tables_added.push(name);
                partitions::write(catalog, rules, &table, found, None, changes).await?;
            }
        }
    }
    for table in there.iter().filter(|t| !seen.contains(&t.name)) {
        if is_of(table, rules) && rules.cover(location(table)) {
            gone(catalog, rules, table, changes).await?;
        }
    }
    Ok(())
}

/// Brings a table that is there up to date with what its folder holds. Without data, it is done
/// with as the crawler is told.
pub(super) async fn keep(
    catalog: &Catalog<'_>,
    rules: &Rules,
    name: &str,
    crawled: &[Crawled],
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    let old = catalog.table(name).await?;
    if belongs_to_others(&old) {
        left_alone(catalog, name);
        return Ok(());
    }
    let at_its_place = |found: &&Crawled| with_slash(&found.location) == with_slash(location(&old));
    let Some(found) = crawled.iter().find(at_its_place).or(crawled.first()) else {
        return gone(catalog, rules, &old, changes).await;
    };
    // The table is where it was made to be, whatever folder below holds the data by now.
    let found = Crawled {
        location: location(&old).to_owned(),
        ..found.clone()
    };
    let table = update(catalog, rules, &old, &found, changes).await?;
    let regrouped = keys_differ(&old, &table);
    partitions::write(catalog, rules, &table, &found, Some(regrouped), changes).await
}

fn left_alone(catalog: &Catalog<'_>, name: &str) {
    catalog.log.info(format!(
        "Table {name} in database {} is left alone: it is a view, or its engine writes its definition",
        catalog.database
    ));
}

fn location(table: &Table) -> &str {
    table
        .storage_descriptor
        .as_ref()
        .and_then(|d| d.location.as_deref())
        .unwrap_or_default()
}

fn parameter<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.parameters.as_ref()?.get(key).map(String::as_str)
}

/// Whether this crawler wrote the table.
fn is_of(table: &Table, rules: &Rules) -> bool {
    parameter(table, merge::UPDATED_BY) == Some(&rules.crawler)
}

/// Views, and tables whose engine writes their definition itself.
fn belongs_to_others(table: &Table) -> bool {
    table.table_type.as_deref() == Some("VIRTUAL_VIEW")
        || parameter(table, "table_type").is_some_and(|t| t.eq_ignore_ascii_case("ICEBERG"))
}

fn keys_differ(old: &Table, new: &TableInput) -> bool {
    let names = |keys: Option<&Vec<Column>>| -> Vec<String> {
        keys.into_iter()
            .flatten()
            .map(|k| k.name.to_lowercase())
            .collect()
    };
    names(old.partition_keys.as_ref()) != names(new.partition_keys.as_ref())
}

/// The name of a table, and the table of the catalog that it is. A name that another table has gets
/// a hash behind it.
fn place<'a>(
    there: &'a [Table],
    rules: &Rules,
    found: &Crawled,
    crawled: &[Crawled],
) -> (String, Option<&'a Table>) {
    let at = |table: &Table, where_: &str| with_slash(location(table)) == with_slash(where_);
    let named = there.iter().find(|t| t.name == found.name);
    if let Some(table) = named
        && at(table, &found.location)
    {
        return (table.name.clone(), Some(table));
    }
    // A table of this crawler is known by its place, whatever its name was made to be.
    let known = there
        .iter()
        .find(|t| is_of(t, rules) && at(t, &found.location));
    if let Some(table) = known {
        return (table.name.clone(), Some(table));
    }
    match named {
        None => (found.name.clone(), None),
        // Its data has moved, and nothing else is there.
        Some(table) if is_of(table, rules) && !crawled.iter().any(|c| at(table, &c.location)) => {
            (table.name.clone(), Some(table))
        }
        Some(_) => {
            let hash = hex::encode(Md5::digest(found.location.as_bytes()));
            let name = format!("{}_{hash}", found.name);
            let old = there.iter().find(|t| t.name == name);
            (name, old)
        }
    }
}

fn found_of<'a>(found: &'a Crawled, rules: &Rules) -> Found<'a> {
    let mut parameters = found.parameters.clone();
    parameters.insert(merge::UPDATED_BY.to_owned(), rules.crawler.clone());
    Found {
        columns: &found.columns,
        location: &found.location,
        format: &found.format,
        parameters,
    }
}

fn new_table(name: &str, crawled: &Crawled, rules: &Rules) -> TableInput {
    let found = found_of(crawled, rules);
    TableInput {
        name: name.to_owned(),
        owner: Some("owner".to_owned()),
        last_access_time: Some(Timestamp::now()),
        retention: Some(0),
        storage_descriptor: Some(merge::new_descriptor(&found)),
        partition_keys: Some(merge::columns(&crawled.partition_keys)),
        table_type: Some("EXTERNAL_TABLE".to_owned()),
        parameters: Some(found.parameters),
        ..Default::default()
    }
}

/// Writes what has become of a table, and gives it.
async fn update(
    catalog: &Catalog<'_>,
    rules: &Rules,
    old: &Table,
    crawled: &Crawled,
    changes: &Mutex<Changes>,
) -> Result<TableInput, ServiceError> {
    let was = merge::input_of(old);
    let only_add = rules.configuration.merge_new_columns;
    let found = found_of(crawled, rules);
    let mut new = was.clone();
    new.storage_descriptor = Some(merge::merged_descriptor(
        was.storage_descriptor.as_ref(),
        &found,
        only_add,
    ));
    let keys = was.partition_keys.as_deref().unwrap_or_default();
    let same_keys = keys.len() == crawled.partition_keys.len()
        && keys
            .iter()
            .zip(&crawled.partition_keys)
            .all(|(a, b)| a.name.eq_ignore_ascii_case(&b.name));
    new.partition_keys = Some(if same_keys {
        merge::merged_columns(keys, &crawled.partition_keys, only_add)
    } else {
        merge::columns(&crawled.partition_keys)
    });
    new.parameters = Some(merge::merged_parameters(
        was.parameters.as_ref(),
        &found.parameters,
    ));
    if new == was {
        return Ok(was);
    }
    if !rules.updates {
        catalog.log.info(format!(
            "The data of table {} in database {} has changed; the table stays as it is, because UpdateBehavior is LOG",
            was.name, catalog.database
        ));
        return Ok(was);
    }
    catalog.update(new.clone()).await?;
    changes.lock().tables_updated.push(new.name.clone());
    Ok(new)
}

/// Does with a table whose data is gone as the crawler is told.
async fn gone(
    catalog: &Catalog<'_>,
    rules: &Rules,
    table: &Table,
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    match rules.gone {
        Gone::Log => catalog.log.info(format!(
            "The data of table {} in database {} is gone; the table stays as it is, because DeleteBehavior is LOG",
            table.name, catalog.database
        )),
        Gone::Delete => {
            catalog.delete(&table.name).await?;
            changes.lock().tables_deleted.push(table.name.clone());
        }
        Gone::Deprecate if parameter(table, merge::DEPRECATED_BY).is_some() => {}
        Gone::Deprecate => {
            let mut input = merge::input_of(table);
            let now = (Timestamp::now().0 * 1000.0) as i64;
            input
                .parameters
                .get_or_insert_default()
                .insert(merge::DEPRECATED_BY.to_owned(), now.to_string());
            catalog.update(input).await?;
            changes.lock().tables_updated.push(table.name.clone());
        }
    }
    Ok(())
}
