//! Delta Lake tables: what their log says, and the rows that it leads to.
//!
//! A Glue table of Delta Lake names a folder; the log in its `_delta_log` has the schema and the
//! data files. They are read only, as by Athena.
//!
//! Source: Delta Lake's protocol; the Athena user guide, "Query Linux Foundation Delta Lake
//! tables"; types as in Trino's connector.

mod action;
mod checkpoint;
mod deletion_vector;
mod log;
mod objects;
mod replay;
mod schema;
mod statistics;
mod table;
#[cfg(test)]
mod tests;

pub use schema::Column;
pub use table::DeltaTable;

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Table};
use crate::error::Error;
use crate::formats::{NULL_PARTITION, ScanContext};

/// The value of the parameter `table_type`.
pub const DELTA: &str = "DELTA";
/// The parameter that Spark and Glue's crawlers write, and its value.
const PROVIDER: &str = "spark.sql.sources.provider";

pub fn is_delta(table: &Table) -> bool {
    [crate::iceberg::TABLE_TYPE, PROVIDER]
        .into_iter()
        .filter_map(|name| table.parameters.get(name))
        .any(|value| value.eq_ignore_ascii_case(DELTA))
}

/// The table's rows as its log has them at this moment.
pub async fn open(table: &Table, context: &ScanContext) -> Result<DeltaTable, Error> {
    let location = location(table);
    let snapshot = log::snapshot(location, context.catalog.as_ref()).await?;
    DeltaTable::new(location, snapshot, context)
}

/// The columns that the log has at this moment, and those of them that divide the table.
pub async fn columns(
    table: &Table,
    catalog: &dyn Catalog,
) -> Result<(Vec<Column>, Vec<Column>), Error> {
    let snapshot = log::snapshot(location(table), catalog).await?;
    let columns = schema::columns(&snapshot.metadata)?.into_iter();
    Ok(columns.partition(|column| !column.is_partition))
}

/// The values of the partitions that have files, in the order of the columns; each once. NULL has
/// Hive's name for it.
pub async fn partitions(
    table: &Table,
    catalog: &dyn Catalog,
) -> Result<BTreeSet<Vec<String>>, Error> {
    let snapshot = log::snapshot(location(table), catalog).await?;
    let keys = schema::columns(&snapshot.metadata)?.into_iter();
    let keys: Vec<Column> = keys.filter(|column| column.is_partition).collect();
    let values = |file: &action::Add| {
        let values = keys.iter().map(|key| {
            let text = file.partition_values.get(&key.physical_name);
            let text = text
                .and_then(Option::as_deref)
                .filter(|text| !text.is_empty());
            text.unwrap_or(NULL_PARTITION).to_owned()
        });
        values.collect()
    };
    Ok(snapshot.files.iter().map(values).collect())
}

/// Where the table lies, without a slash at its end. Spark says it beside the storage.
fn location(table: &Table) -> &str {
    let path = table.storage.serde_parameters.get("path");
    let location = match path {
        Some(path) if path.starts_with("s3") => path,
        _ => &table.storage.location,
    };
    location.trim_end_matches('/')
}

/// The error of a log that does not say what the protocol asks for.
fn bad_log(message: impl Into<String>) -> Error {
    Error::user("DELTA_LAKE_INVALID_SCHEMA", message)
}
