//! What a crawl would do to the catalog: computed from what is there, and nothing is written.

use std::collections::HashSet;
use std::time::SystemTime;

use aws_sdk_glue::types::{PartitionInput, Table, TableInput};
use aws_smithy_types::DateTime;
use crawler::{Crawled, Table as Found};
use md5::{Digest as _, Md5};

use super::merge;
use super::{Error, Gone, Job, Rules, partitions, with_slash};
use crate::cloud::Cloud;
use crate::resource::{CallError, call};

/// What is done to the tables of one database.
#[derive(Debug, Default)]
pub struct Plan {
    pub database: String,
    /// The database is not there yet.
    pub makes_database: bool,
    /// The tables that are there.
    pub before: Vec<Table>,
    /// Only those that change.
    pub tables: Vec<TablePlan>,
}

#[derive(Debug)]
pub struct TablePlan {
    pub name: String,
    pub change: Change,
    pub partitions: PartitionsPlan,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Create(TableInput),
    Update(TableInput),
    /// The table itself stays; its partitions change.
    Keep,
    Delete,
}

/// What is done to the partitions of one table.
#[derive(Debug, Default)]
pub struct PartitionsPlan {
    pub delete: Vec<Vec<String>>,
    pub create: Vec<PartitionInput>,
    pub update: Vec<PartitionInput>,
}

impl PartitionsPlan {
    fn is_empty(&self) -> bool {
        self.delete.is_empty() && self.create.is_empty() && self.update.is_empty()
    }
}

/// The tables of a database; none where there is none.
pub async fn tables(cloud: &Cloud, database: &str) -> Result<Option<Vec<Table>>, CallError> {
    let request = cloud.glue.get_tables().database_name(database);
    let mut pages = request.into_paginator().send();
    let mut tables = Vec::new();
    while let Some(page) = pages.next().await {
        match page.map_err(|e| CallError::of("GetTables", e)) {
            Ok(page) => tables.extend(page.table_list.unwrap_or_default()),
            Err(error) if error.is("EntityNotFoundException") => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(tables))
}

pub(super) async fn plan(cloud: &Cloud, job: &Job, found: &Crawled) -> Result<Plan, Error> {
    let there = tables(cloud, &job.database).await?;
    let mut plan = Plan {
        database: job.database.clone(),
        makes_database: there.is_none(),
        before: there.unwrap_or_default(),
        tables: Vec::new(),
    };
    let mut seen: HashSet<String> = HashSet::new();
    for one in &found.tables {
        let (name, old) = place(&plan.before, job, one, &found.tables);
        seen.insert(name.clone());
        if old.is_some_and(belongs_to_others) {
            continue;
        }
        let table = table_plan(cloud, job, name, old, one).await?;
        if table.change != Change::Keep || !table.partitions.is_empty() {
            plan.tables.push(table);
        }
    }
    for table in plan.before.iter().filter(|t| !seen.contains(t.name())) {
        let is_of_job = parameter(table, merge::UPDATED_BY) == Some(&job.name);
        if is_of_job && job.rules.cover(location(table)) {
            plan.tables.extend(gone(&job.rules, table)?);
        }
    }
    Ok(plan)
}

async fn table_plan(
    cloud: &Cloud,
    job: &Job,
    name: String,
    old: Option<&Table>,
    found: &Found,
) -> Result<TablePlan, Error> {
    let Some(old) = old else {
        let table = new_table(&name, found, job)?;
        return Ok(TablePlan {
            partitions: partitions::plan(&job.rules, &table, found, Vec::new(), false)?,
            change: Change::Create(table),
            name,
        });
    };
    let was = merge::input_of(old)?;
    let now = if job.rules.updates {
        updated(&was, found, job)?
    } else {
        was.clone()
    };
    let keys = |table: &TableInput| -> Vec<String> {
        let keys = table.partition_keys().iter();
        keys.map(|key| key.name().to_lowercase()).collect()
    };
    let is_regrouped = keys(&was) != keys(&now);
    let there = if keys(&was).is_empty() {
        Vec::new()
    } else {
        partitions::there(cloud, &job.database, &name).await?
    };
    Ok(TablePlan {
        partitions: partitions::plan(&job.rules, &now, found, there, is_regrouped)?,
        change: if now == was {
            Change::Keep
        } else {
            Change::Update(now)
        },
        name,
    })
}

pub(super) fn location(table: &Table) -> &str {
    let descriptor = table.storage_descriptor();
    descriptor.and_then(|d| d.location()).unwrap_or_default()
}

fn parameter<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.parameters()?.get(key).map(String::as_str)
}

/// Views, and tables whose engine writes their definition itself.
pub(super) fn belongs_to_others(table: &Table) -> bool {
    table.table_type() == Some("VIRTUAL_VIEW")
        || parameter(table, "table_type").is_some_and(|t| t.eq_ignore_ascii_case("ICEBERG"))
}

/// The name of a table, and the table of the catalog that it is. A name that another table has gets
/// a hash behind it.
fn place<'a>(
    there: &'a [Table],
    job: &Job,
    found: &Found,
    all: &[Found],
) -> (String, Option<&'a Table>) {
    let at = |table: &Table, place: &str| with_slash(location(table)) == with_slash(place);
    let is_of = |table: &Table| parameter(table, merge::UPDATED_BY) == Some(&job.name);
    let named = there.iter().find(|t| t.name() == found.name);
    if let Some(table) = named
        && at(table, &found.location)
    {
        return (table.name().to_owned(), Some(table));
    }
    // A table of this crawler is known by its place, whatever its name was made to be.
    let mut known = there.iter();
    if let Some(table) = known.find(|t| is_of(t) && at(t, &found.location)) {
        return (table.name().to_owned(), Some(table));
    }
    match named {
        None => (found.name.clone(), None),
        // Its data has moved, and nothing else is there.
        Some(table) if is_of(table) && !all.iter().any(|c| at(table, &c.location)) => {
            (table.name().to_owned(), Some(table))
        }
        Some(_) => {
            let hash = hex::encode(Md5::digest(found.location.as_bytes()));
            let name = format!("{}_{hash}", found.name);
            let old = there.iter().find(|t| t.name() == name);
            (name, old)
        }
    }
}

fn found_of<'a>(found: &'a Found, job: &Job) -> merge::Found<'a> {
    let mut parameters = merge::parameters(&found.parameters);
    parameters.insert(merge::UPDATED_BY.to_owned(), job.name.clone());
    merge::Found {
        columns: &found.columns,
        location: &found.location,
        format: &found.format,
        parameters,
    }
}

fn new_table(name: &str, crawled: &Found, job: &Job) -> Result<TableInput, CallError> {
    let found = found_of(crawled, job);
    let built = TableInput::builder()
        .name(name)
        .owner("owner")
        .last_access_time(now())
        .retention(0)
        .storage_descriptor(merge::new_descriptor(&found)?)
        .set_partition_keys(Some(merge::columns(&crawled.partition_keys)?))
        .table_type("EXTERNAL_TABLE")
        .set_parameters(Some(found.parameters))
        .build();
    built.map_err(|error| CallError::here("CreateTable", error.to_string()))
}

pub(super) fn now() -> DateTime {
    DateTime::from(SystemTime::now())
}

fn updated(was: &TableInput, crawled: &Found, job: &Job) -> Result<TableInput, CallError> {
    let only_adds = job.rules.only_adds;
    let found = found_of(crawled, job);
    let mut now = was.clone();
    let descriptor = merge::merged_descriptor(was.storage_descriptor(), &found, only_adds)?;
    now.storage_descriptor = Some(descriptor);
    let keys = was.partition_keys();
    let are_same = keys.len() == crawled.partition_keys.len()
        && keys
            .iter()
            .zip(&crawled.partition_keys)
            .all(|(a, b)| a.name().eq_ignore_ascii_case(&b.name));
    now.partition_keys = Some(if are_same {
        merge::merged_columns(keys, &crawled.partition_keys, only_adds)?
    } else {
        merge::columns(&crawled.partition_keys)?
    });
    now.parameters = Some(merge::merged_parameters(
        was.parameters(),
        &found.parameters,
    ));
    Ok(now)
}

/// What becomes of a table whose data is gone.
fn gone(rules: &Rules, table: &Table) -> Result<Option<TablePlan>, CallError> {
    let change = match rules.gone {
        Gone::Log => return Ok(None),
        Gone::Deprecate if parameter(table, merge::DEPRECATED_BY).is_some() => return Ok(None),
        Gone::Delete => Change::Delete,
        Gone::Deprecate => {
            let mut input = merge::input_of(table)?;
            let millis = now().to_millis().unwrap_or_default();
            let parameters = input.parameters.get_or_insert_default();
            parameters.insert(merge::DEPRECATED_BY.to_owned(), millis.to_string());
            Change::Update(input)
        }
    };
    Ok(Some(TablePlan {
        name: table.name().to_owned(),
        change,
        partitions: PartitionsPlan::default(),
    }))
}

/// What is new below the tables that are there: their partitions' folders, of which no file is
/// read. `roots` bound the tables that are looked at; without one, all are.
pub async fn partitions_only(
    cloud: &Cloud,
    database: &str,
    roots: &Rules,
    looked: &(dyn Fn(u64) + Send + Sync),
) -> Result<Plan, Error> {
    let there = tables(cloud, database).await?;
    let Some(before) = there else {
        return Err(Error::Refused(format!("there is no database {database}")));
    };
    let mut plan = Plan {
        database: database.to_owned(),
        ..Plan::default()
    };
    for table in &before {
        let is_bounded = !roots.roots.is_empty();
        let skips = table.partition_keys().is_empty()
            || belongs_to_others(table)
            || (is_bounded && !roots.cover(location(table)));
        if skips {
            continue;
        }
        let create = partitions::unknown(cloud, database, table, looked).await?;
        if !create.is_empty() {
            plan.tables.push(TablePlan {
                name: table.name().to_owned(),
                change: Change::Keep,
                partitions: PartitionsPlan {
                    create,
                    ..PartitionsPlan::default()
                },
            });
        }
    }
    plan.before = before;
    Ok(plan)
}

/// Whether a database is there.
pub async fn has_database(cloud: &Cloud, name: &str) -> Result<bool, CallError> {
    match call!("GetDatabase", cloud.glue.get_database().name(name)) {
        Ok(_) => Ok(true),
        Err(error) if error.is("EntityNotFoundException") => Ok(false),
        Err(error) => Err(error),
    }
}
