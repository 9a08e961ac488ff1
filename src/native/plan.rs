//! What a crawl would do to the catalog: computed from what is there, and nothing is written.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use aws_sdk_glue::types::{PartitionInput, Table, TableInput};
use aws_smithy_types::DateTime;
use crawler::catalog::{
    self, DEPRECATED_BY, Definition, Found, Known, PartitionIndex, Places, Rules, Tables,
    UPDATED_BY, WhenGone,
};
use crawler::{Crawled, Table as FoundTable, Warning};

use super::{Error, Job, NAMELESS, entries, fitting, partitions};
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
    /// The tables that were not found again, but whose data is part of another that was found, and
    /// the name of that one.
    pub grouped_anew: Vec<(String, String)>,
    /// What was found and fits in no table that is there, where no other is made of it.
    pub misfits: Vec<Warning>,
    /// The tables that could not be looked at.
    pub unseen: Vec<Unseen>,
    /// What the catalog calls a table that was found, by what the crawl calls it.
    pub(super) names: HashMap<String, String>,
}

impl Plan {
    /// What the catalog calls a table that was found: one that is there keeps its name.
    pub fn called(&self, found: &str) -> String {
        let own = self.names.get(found);
        own.map_or_else(|| found.to_owned(), Clone::clone)
    }
}

/// A table that could not be looked at.
#[derive(Debug)]
pub struct Unseen {
    pub table: String,
    pub location: String,
    pub error: CallError,
}

#[derive(Debug)]
pub struct TablePlan {
    pub name: String,
    pub change: Change,
    /// Of a table that is made.
    pub index: Option<PartitionIndex>,
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
    pub fn is_empty(&self) -> bool {
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
        ..Plan::default()
    };
    let rules = &job.rules;
    if job.known.is_some() {
        return fitting::add_new(cloud, job, found, plan).await;
    }
    let known: Vec<Known<'_>> = plan.before.iter().map(|t| known(t, rules)).collect();
    let known = Tables::new(&known, &found.tables);
    let mut seen: HashSet<String> = HashSet::new();
    for one in &found.tables {
        let (name, old) = known.place(one);
        let old = old.map(|place| &plan.before[place]);
        seen.insert(name.clone());
        plan.names.insert(one.name.clone(), name.clone());
        if old.is_some_and(belongs_to_others) {
            continue;
        }
        if let Some(old) = old
            && !rules.may_regroup(&keys(old)?, &one.partition_keys)
        {
            let found = std::slice::from_ref(one);
            let (tables, misfits) = fitting::fitted(cloud, job, &[old], found).await?;
            plan.tables.extend(tables);
            plan.misfits.extend(misfits);
            continue;
        }
        if let Some(old) = old {
            plan.misfits.extend(remark(rules, old, one)?);
        }
        let table = table_plan(cloud, job, name, old, one).await?;
        if table.change != Change::Keep || !table.partitions.is_empty() {
            plan.tables.push(table);
        }
    }
    let places = Places::of(&found.tables);
    for table in plan.before.iter().filter(|t| !seen.contains(t.name())) {
        let is_of_job = rules.wrote(parameter(table, UPDATED_BY));
        if !is_of_job || !rules.cover(location(table)) {
            continue;
        }
        match places.holder(location(table), parameter(table, "classification")) {
            Some(holder) => {
                let names = (table.name().to_owned(), holder.name.clone());
                plan.grouped_anew.push(names);
            }
            None => plan.tables.extend(gone(rules, table)?),
        }
    }
    Ok(plan)
}

/// What is to be said of a table that is there, and of which this was found.
fn remark(rules: &Rules, old: &Table, found: &FoundTable) -> Result<Option<Warning>, CallError> {
    let was = entries::definition_of(&entries::input_of(old)?);
    let of_data = Found::of_table(found, rules);
    let now = if rules.updates {
        was.merged(&of_data, rules)
    } else {
        was.clone()
    };
    let remark = was.remark(&now, &of_data, rules);
    Ok(remark.map(|remark| Warning {
        location: location(old).to_owned(),
        message: format!("table {}: {remark}", old.name()),
    }))
}

async fn table_plan(
    cloud: &Cloud,
    job: &Job,
    name: String,
    old: Option<&Table>,
    found: &FoundTable,
) -> Result<TablePlan, Error> {
    let rules = &job.rules;
    let of_data = Found::of_table(found, rules);
    let Some(old) = old else {
        let mut table = new_table(&name)?;
        entries::define(&mut table, Definition::new(&of_data))?;
        return Ok(TablePlan {
            partitions: partitions::plan(rules, &table, found, Vec::new(), false)?,
            change: Change::Create(table),
            index: catalog::partition_index(found, &rules.configuration),
            name,
        });
    };
    let mut table = entries::input_of(old)?;
    let was = entries::definition_of(&table);
    let now = if rules.updates {
        signed(&was, was.merged(&of_data, rules))
    } else {
        was.clone()
    };
    let other_kind = rules.other_kind(&was.parameters, &of_data.parameters);
    let there = if was.partition_keys.is_empty() || other_kind.is_some() {
        Vec::new()
    } else {
        partitions::there(cloud, &job.database, &name).await?
    };
    let is_regrouped = catalog::are_regrouped(&was.partition_keys, &now.partition_keys);
    let is_changed = now != was;
    if is_changed {
        entries::define(&mut table, now)?;
    }
    Ok(TablePlan {
        partitions: if other_kind.is_some() {
            PartitionsPlan::default()
        } else {
            partitions::plan(rules, &table, found, there, is_regrouped)?
        },
        change: if is_changed {
            Change::Update(table)
        } else {
            Change::Keep
        },
        index: None,
        name,
    })
}

/// What becomes of a table, which carries the name of a crawler that it has: a crawl without one
/// takes it from nobody, and to sign a table alone is no change of it.
fn signed(was: &Definition, mut now: Definition) -> Definition {
    let Some(by) = was.parameters.get(UPDATED_BY) else {
        return now;
    };
    let new = now.parameters.get(UPDATED_BY).cloned();
    sign(&mut now, by);
    if now != *was
        && let Some(new) = new.filter(|new| new != NAMELESS)
    {
        sign(&mut now, &new);
    }
    now
}

/// A crawler's name is among the parameters of the storage too.
fn sign(table: &mut Definition, by: &str) {
    let of_storage = table
        .storage
        .as_mut()
        .map(|storage| &mut storage.parameters);
    for parameters in of_storage.into_iter().chain([&mut table.parameters]) {
        parameters.insert(UPDATED_BY.to_owned(), by.to_owned());
    }
}

pub(super) fn location(table: &Table) -> &str {
    let descriptor = table.storage_descriptor();
    descriptor.and_then(|d| d.location()).unwrap_or_default()
}

pub(super) fn parameter<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.parameters()?.get(key).map(String::as_str)
}

pub(super) fn belongs_to_others(table: &Table) -> bool {
    catalog::belongs_to_others(
        table.table_type(),
        parameter(table, "table_type"),
        parameter(table, UPDATED_BY),
    )
}

fn keys(table: &Table) -> Result<Vec<crawler::Column>, CallError> {
    Ok(entries::definition_of(&entries::input_of(table)?).partition_keys)
}

fn known<'a>(table: &'a Table, rules: &Rules) -> Known<'a> {
    Known {
        name: table.name(),
        location: location(table),
        is_own: rules.wrote(parameter(table, UPDATED_BY)),
    }
}

/// A table of which only the name is known.
fn new_table(name: &str) -> Result<TableInput, CallError> {
    let built = TableInput::builder()
        .name(name)
        .owner("owner")
        .last_access_time(now())
        .retention(0)
        .table_type("EXTERNAL_TABLE")
        .build();
    built.map_err(|error| CallError::here("CreateTable", error.to_string()))
}

pub(super) fn now() -> DateTime {
    DateTime::from(SystemTime::now())
}

/// What becomes of a table whose data is gone.
fn gone(rules: &Rules, table: &Table) -> Result<Option<TablePlan>, CallError> {
    let change = match rules.when_gone(parameter(table, DEPRECATED_BY)) {
        WhenGone::Log | WhenGone::Nothing => return Ok(None),
        WhenGone::Delete => Change::Delete,
        WhenGone::Deprecate => {
            let mut input = entries::input_of(table)?;
            let millis = now().to_millis().unwrap_or_default();
            let parameters = input.parameters.get_or_insert_default();
            parameters.insert(DEPRECATED_BY.to_owned(), millis.to_string());
            Change::Update(input)
        }
    };
    Ok(Some(TablePlan {
        name: table.name().to_owned(),
        change,
        index: None,
        partitions: PartitionsPlan::default(),
    }))
}

/// Whether a database is there.
pub async fn has_database(cloud: &Cloud, name: &str) -> Result<bool, CallError> {
    match call!("GetDatabase", cloud.glue.get_database().name(name)) {
        Ok(_) => Ok(true),
        Err(error) if error.is("EntityNotFoundException") => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_sign_a_table_alone_is_no_change_of_it() {
        let by = |name: &str, delimiter: &str| {
            let parameters: catalog::Parameters = [(UPDATED_BY, name), ("delimiter", delimiter)]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into();
            Definition {
                storage: Some(catalog::Storage {
                    parameters: parameters.clone(),
                    ..catalog::Storage::default()
                }),
                parameters,
                ..Definition::default()
            }
        };
        let was = by("films", ",");
        assert_eq!(signed(&was, by("other", ",")), was);
        assert_eq!(signed(&was, by("other", ";")), by("other", ";"));
        assert_eq!(signed(&was, by(NAMELESS, ";")), by("films", ";"));
        let nobodys = Definition::default();
        assert_eq!(signed(&nobodys, by("films", ",")), was);
    }
}
