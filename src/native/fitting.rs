//! What a crawl adds to tables that are there, when it neither makes nor changes one.

use aws_sdk_glue::types::{Table, TableInput};
use crawler::catalog::{Home, UPDATED_BY, fit};
use crawler::{Crawled, Table as FoundTable, Warning};

use super::plan::{Change, TablePlan, location, parameter};
use super::{Error, Job, Plan, entries, partitions};
use crate::cloud::Cloud;

/// What a crawl of new folders adds to the tables that are there. It makes no table, and changes
/// none.
pub(super) async fn add_new(
    cloud: &Cloud,
    job: &Job,
    found: &Crawled,
    mut plan: Plan,
) -> Result<Plan, Error> {
    let rules = &job.rules;
    let is_own =
        |table: &&Table| rules.wrote(parameter(table, UPDATED_BY)) || rules.cover(location(table));
    let own: Vec<&Table> = plan.before.iter().filter(is_own).collect();
    let (tables, misfits) = fitted(cloud, job, &own, &found.tables).await?;
    plan.tables = tables;
    plan.misfits = misfits;
    Ok(plan)
}

/// What of the data that was found is new partitions of these tables, and what fits in none.
pub(super) async fn fitted(
    cloud: &Cloud,
    job: &Job,
    tables: &[&Table],
    found: &[FoundTable],
) -> Result<(Vec<TablePlan>, Vec<Warning>), Error> {
    let mut inputs: Vec<TableInput> = Vec::new();
    for table in tables {
        inputs.push(entries::input_of(table)?);
    }
    let homes: Vec<Home<'_>> = inputs
        .iter()
        .map(|input| Home {
            name: input.name(),
            definition: entries::definition_of(input),
        })
        .collect();
    let fitted = fit(found, &homes);
    let mut plans = Vec::new();
    for (home, found) in &fitted.tables {
        let table = &inputs[*home];
        if table.partition_keys().is_empty() {
            continue;
        }
        let there = partitions::there(cloud, &job.database, table.name()).await?;
        let partitions = partitions::plan(&job.rules, table, found, there, false)?;
        if !partitions.is_empty() {
            plans.push(TablePlan {
                name: table.name().to_owned(),
                change: Change::Keep,
                index: None,
                partitions,
            });
        }
    }
    Ok((plans, fitted.misfits))
}
