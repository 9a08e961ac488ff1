//! What a crawl adds to tables that are there, when it neither makes nor changes one.

use ::crawler::Table as Crawled;
use ::crawler::catalog::{Home, Rules, fit};
use parking_lot::Mutex;

use super::catalog::Catalog;
use super::tables::Refused;
use super::{entries, partitions};
use crate::error::ServiceError;
use crate::glue::crawls::Changes;
use crate::model::glue::*;

/// Adds what was found to the tables that it is of, as partitions of theirs. What is of none is
/// named in the log, with the reason.
pub(super) async fn add(
    catalog: &Catalog<'_>,
    rules: &Rules,
    tables: &[&Table],
    crawled: &[Crawled],
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    let inputs: Vec<TableInput> = tables.iter().map(|one| entries::input_of(one)).collect();
    let homes: Vec<Home<'_>> = inputs
        .iter()
        .map(|input| Home {
            name: &input.name,
            definition: entries::definition_of(input),
        })
        .collect();
    let fitted = fit(crawled, &homes);
    for misfit in &fitted.misfits {
        let what = format!("{}: {}", misfit.location, misfit.message);
        catalog.log.warn(what);
    }
    let mut refused = Refused::default();
    for (home, found) in &fitted.tables {
        let table = &inputs[*home];
        let written = partitions::write(catalog, rules, table, found, Some(false), changes).await;
        refused.take(catalog, &table.name, written);
    }
    refused.into_result()
}
