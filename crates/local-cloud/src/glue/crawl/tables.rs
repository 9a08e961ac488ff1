//! The tables of a crawl, written to the catalog.

use std::collections::{HashMap, HashSet};

use ::crawler::Table as Crawled;
use ::crawler::catalog::{
    self, DEPRECATED_BY, Definition, Found, Known, Places, Rules, Tables, UPDATED_BY, WhenGone,
    with_slash,
};
use parking_lot::Mutex;

use super::catalog::Catalog;
use super::{entries, fitting, partitions};
use crate::error::ServiceError;
use crate::glue::crawls::Changes;
use crate::model::Timestamp;
use crate::model::glue::*;

/// Writes what a crawl found. Only what has changed is written. A table that the catalog refuses
/// does not keep the others from being written; the error names all that it refused. What is worth
/// knowing of the tables is told to the log, by the names that they have or get.
pub(super) async fn write(
    catalog: &Catalog<'_>,
    rules: &Rules,
    all: &::crawler::Crawled,
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    let crawled = &all.tables;
    catalog.ensure_database().await?;
    let there = catalog.tables().await?;
    let known: Vec<Known<'_>> = there.iter().map(|table| known(table, rules)).collect();
    let tables = Tables::new(&known, crawled);
    let placed: Vec<(String, Option<usize>)> =
        crawled.iter().map(|found| tables.place(found)).collect();
    advise(catalog, all, &placed);
    let mut seen: HashSet<String> = HashSet::new();
    let mut refused = Refused::default();
    for (found, (name, old)) in crawled.iter().zip(placed) {
        let old = old.map(|place| &there[place]);
        let written = write_one(catalog, rules, &name, old, found, changes).await;
        refused.take(catalog, &name, written);
        seen.insert(name);
    }
    let places = Places::of(crawled);
    for table in there.iter().filter(|t| !seen.contains(&t.name)) {
        if rules.wrote(parameter(table, UPDATED_BY)) && rules.cover(location(table)) {
            let done = match places.holder(location(table), parameter(table, "classification")) {
                Some(holder) => {
                    grouped_anew(catalog, table, holder);
                    Ok(())
                }
                None => gone(catalog, rules, table, changes).await,
            };
            refused.take(catalog, &table.name, done);
        }
    }
    refused.into_result()
}

/// Tells the log what is worth knowing of tables. One that is there keeps its name, whatever a crawl
/// calls it now.
fn advise(catalog: &Catalog<'_>, all: &::crawler::Crawled, placed: &[(String, Option<usize>)]) {
    let found = all.tables.iter().map(|table| table.name.as_str());
    let names: HashMap<&str, &String> = found.zip(placed.iter().map(|(name, _)| name)).collect();
    let called = |name: &str| match names.get(name) {
        Some(own) => (*own).clone(),
        None => name.to_owned(),
    };
    for advice in all.advice_by_names(&called) {
        catalog.log.advise(&advice);
    }
}

/// Adds what a crawl of new folders found to the tables that are there. It makes no table, and
/// changes none.
pub(super) async fn add_new(
    catalog: &Catalog<'_>,
    rules: &Rules,
    crawled: &[Crawled],
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    let there = catalog.tables().await?;
    let is_own =
        |table: &&Table| rules.wrote(parameter(table, UPDATED_BY)) || rules.cover(location(table));
    let own: Vec<&Table> = there.iter().filter(is_own).collect();
    fitting::add(catalog, rules, &own, crawled, changes).await
}

/// The tables that the catalog did not take.
#[derive(Default)]
pub(super) struct Refused {
    names: Vec<String>,
    first: Option<ServiceError>,
}

impl Refused {
    pub fn take(&mut self, catalog: &Catalog<'_>, name: &str, written: Result<(), ServiceError>) {
        if let Err(error) = written {
            catalog.log.error(format!(
                "Table {name} in database {} cannot be written: {}",
                catalog.database, error.message
            ));
            self.names.push(name.to_owned());
            self.first.get_or_insert(error);
        }
    }

    pub fn into_result(self) -> Result<(), ServiceError> {
        let Some(first) = self.first else {
            return Ok(());
        };
        let tables = if self.names.len() == 1 {
            "Table"
        } else {
            "Tables"
        };
        Err(ServiceError {
            message: format!(
                "{tables} {} cannot be written: {}",
                self.names.join(", "),
                first.message
            ),
            ..first
        })
    }
}

async fn write_one(
    catalog: &Catalog<'_>,
    rules: &Rules,
    name: &str,
    old: Option<&Table>,
    found: &Crawled,
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    if let Some(old) = old {
        return write_over(catalog, rules, old, found, changes).await;
    }
    match create(catalog, rules, name, found).await? {
        Created::New(table) => {
            changes.lock().tables_added.push(table.name.clone());
            partitions::write(catalog, rules, &table, found, None, changes).await
        }
        Created::There(old) => write_over(catalog, rules, &old, found, changes).await,
    }
}

/// Writes what was found of a table that is there.
async fn write_over(
    catalog: &Catalog<'_>,
    rules: &Rules,
    old: &Table,
    found: &Crawled,
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    if belongs_to_others(old) {
        left_alone(catalog, &old.name);
        return Ok(());
    }
    if !rules.may_regroup(&keys(old), &found.partition_keys) {
        let found = std::slice::from_ref(found);
        return fitting::add(catalog, rules, &[old], found, changes).await;
    }
    update(catalog, rules, old, found, changes).await
}

/// Brings a table that is there up to date with what its folder holds. Without data, it is done
/// with as the crawler is told. Where its folder holds what is not one table of its partition keys,
/// what fits is added, and the log names the rest.
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
    if crawled.is_empty() {
        return gone(catalog, rules, &old, changes).await;
    }
    let keys = keys(&old);
    let at_its_place = |found: &&Crawled| with_slash(&found.location) == with_slash(location(&old));
    // The table is where it was made to be, whatever folder below holds the data by now.
    let below = || crawled.first().filter(|_| keys.is_empty());
    let whole = crawled.iter().find(at_its_place).or_else(below);
    let whole = whole.filter(|found| rules.may_regroup(&keys, &found.partition_keys));
    if let Some(found) = whole {
        let found = Crawled {
            location: location(&old).to_owned(),
            ..found.clone()
        };
        update(catalog, rules, &old, &found, changes).await?;
    }
    let is_rest = |one: &&Crawled| whole.is_none_or(|whole| !std::ptr::eq(whole, *one));
    let rest: Vec<Crawled> = crawled.iter().filter(is_rest).cloned().collect();
    fitting::add(catalog, rules, &[&old], &rest, changes).await
}

fn left_alone(catalog: &Catalog<'_>, name: &str) {
    catalog.log.info(format!(
        "Table {name} in database {} is left alone: it is a view, or its engine writes its definition",
        catalog.database
    ));
}

/// What came of making a table.
enum Created {
    New(TableInput),
    /// Another crawl has made one of the same place since the tables were listed.
    There(Box<Table>),
}

/// Makes a table. Where another crawl has made one of its name since the tables were listed, that
/// is this table if its place is the same; else this one gets a hash behind its name.
async fn create(
    catalog: &Catalog<'_>,
    rules: &Rules,
    name: &str,
    found: &Crawled,
) -> Result<Created, ServiceError> {
    let index = || {
        let index = catalog::partition_index(found, &rules.configuration)?;
        Some(PartitionIndex {
            keys: index.keys,
            index_name: index.name.to_owned(),
        })
    };
    let mut name = name.to_owned();
    loop {
        let table = new_table(&name, found, rules);
        let taken = match catalog.create(table.clone(), index()).await {
            Err(error) if error.code == "AlreadyExistsException" => error,
            made => return made.map(|()| Created::New(table)),
        };
        let there = catalog.tables().await?;
        let old = there.into_iter().find(|table| table.name == name);
        let is_same = |old: &Table| with_slash(location(old)) == with_slash(&found.location);
        let hashed = catalog::hashed_name(found);
        match old {
            Some(old) if is_same(&old) => return Ok(Created::There(Box::new(old))),
            _ if name == hashed => return Err(taken),
            _ => {
                let of_hash = ::crawler::Advice::NamedByHash {
                    table: hashed.clone(),
                    location: found.location.clone(),
                };
                catalog.log.advise(&of_hash);
                name = hashed;
            }
        }
    }
}

/// Says of a table that no longer is one why it is neither deprecated nor deleted.
fn grouped_anew(catalog: &Catalog<'_>, table: &Table, holder: &Crawled) {
    catalog.log.warn(format!(
        "The data of table {} in database {} is part of table {} now; the table stays as it is",
        table.name, catalog.database, holder.name
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

fn known<'a>(table: &'a Table, rules: &Rules) -> Known<'a> {
    Known {
        name: &table.name,
        location: location(table),
        is_own: rules.wrote(parameter(table, UPDATED_BY)),
    }
}

fn belongs_to_others(table: &Table) -> bool {
    catalog::belongs_to_others(
        table.table_type.as_deref(),
        parameter(table, "table_type"),
        parameter(table, UPDATED_BY),
    )
}

fn keys(table: &Table) -> Vec<::crawler::Column> {
    entries::definition_of(&entries::input_of(table)).partition_keys
}

fn new_table(name: &str, crawled: &Crawled, rules: &Rules) -> TableInput {
    let mut table = TableInput {
        name: name.to_owned(),
        owner: Some("owner".to_owned()),
        last_access_time: Some(Timestamp::now()),
        retention: Some(0),
        table_type: Some("EXTERNAL_TABLE".to_owned()),
        ..Default::default()
    };
    let found = Found::of_table(crawled, rules);
    entries::define(&mut table, Definition::new(&found));
    table
}

/// Writes what has become of a table and its partitions.
async fn update(
    catalog: &Catalog<'_>,
    rules: &Rules,
    old: &Table,
    crawled: &Crawled,
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    let mut table = entries::input_of(old);
    let was = entries::definition_of(&table);
    let found = Found::of_table(crawled, rules);
    let now = was.merged(&found, rules);
    let (is_changed, is_written) = (now != was, now != was && rules.updates);
    let is_regrouped =
        is_written && catalog::are_regrouped(&was.partition_keys, &now.partition_keys);
    let stays = if is_written { &now } else { &was };
    if let Some(remark) = was.remark(stays, &found, rules) {
        let (name, database) = (&table.name, &catalog.database);
        let warning = format!("Table {name} in database {database}: {remark}");
        catalog.log.warn(warning);
    }
    let other_kind = rules.other_kind(&was.parameters, &found.parameters);
    if is_written {
        entries::define(&mut table, now);
        catalog.update(table.clone()).await?;
        changes.lock().tables_updated.push(table.name.clone());
    } else if is_changed {
        catalog.log.info(format!(
            "The data of table {} in database {} has changed; the table stays as it is, because UpdateBehavior is LOG",
            table.name, catalog.database
        ));
    }
    if other_kind.is_some() {
        return Ok(());
    }
    let regrouped = Some(is_regrouped);
    partitions::write(catalog, rules, &table, crawled, regrouped, changes).await
}

/// Does with a table whose data is gone as the crawler is told.
async fn gone(
    catalog: &Catalog<'_>,
    rules: &Rules,
    table: &Table,
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    match rules.when_gone(parameter(table, DEPRECATED_BY)) {
        WhenGone::Nothing => {}
        WhenGone::Log => catalog.log.info(format!(
            "No data of table {} in database {} was found; the table stays as it is, because DeleteBehavior is LOG",
            table.name, catalog.database
        )),
        WhenGone::Delete => {
            catalog.delete(&table.name).await?;
            changes.lock().tables_deleted.push(table.name.clone());
        }
        WhenGone::Deprecate => {
            let mut input = entries::input_of(table);
            let now = (Timestamp::now().0 * 1000.0) as i64;
            input
                .parameters
                .get_or_insert_default()
                .insert(DEPRECATED_BY.to_owned(), now.to_string());
            catalog.update(input).await?;
            changes.lock().tables_updated.push(table.name.clone());
        }
    }
    Ok(())
}
