//! Tables of Delta Lake in DDL: the log says what their columns and partitions are.
//!
//! Source: the Athena user guide, "Query Linux Foundation Delta Lake tables" and "Get started with
//! Delta Lake tables".

use std::collections::BTreeMap;

use super::create_table::check_location;
use super::table_name::TableName;
use super::{failure, partition_name, table_name};
use crate::ast::{CreateTable, QualifiedName};
use crate::catalog::{Column, Storage, Table};
use crate::delta::{self, DELTA};
use crate::error::Error;
use crate::iceberg::TABLE_TYPE;
use crate::session::Session;

pub fn is_wanted(create: &CreateTable) -> bool {
    create.properties.iter().any(|(key, value)| {
        key.eq_ignore_ascii_case(TABLE_TYPE) && value.eq_ignore_ascii_case(DELTA)
    })
}

/// The table that CREATE EXTERNAL TABLE adds, with the columns that its log has at this moment.
pub async fn new_table(
    create: &CreateTable,
    name: TableName,
    parameters: BTreeMap<String, String>,
    session: &Session,
) -> Result<Table, Error> {
    for (is_given, clause) in [
        (!create.columns.is_empty(), "columns"),
        (!create.partitioned_by.is_empty(), "PARTITIONED BY"),
        (create.row_format.is_some(), "ROW FORMAT"),
        (create.stored_as.is_some(), "STORED AS"),
    ] {
        if is_given {
            return Err(failure::semantic(
                10_000,
                format!(
                    "CREATE EXTERNAL TABLE of Delta Lake takes no {clause}: its log has the schema"
                ),
            ));
        }
    }
    let location = create.location.clone().ok_or_else(|| {
        failure::semantic(
            10_000,
            "CREATE EXTERNAL TABLE needs a LOCATION 's3://bucket/folder/'",
        )
    })?;
    check_location(&location)?;
    let table = Table {
        database: name.database,
        name: name.table,
        description: create.comment.clone(),
        table_type: "EXTERNAL_TABLE".to_owned(),
        storage: Storage {
            location,
            input_format: "org.apache.hadoop.mapred.SequenceFileInputFormat".to_owned(),
            output_format: "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat".to_owned(),
            serialization_library: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe".to_owned(),
            ..Storage::default()
        },
        parameters,
        ..Table::default()
    };
    with_columns(table, session).await
}

/// The table that a statement describes: one of Delta Lake with the columns that its log has.
pub async fn described(name: &QualifiedName, session: &Session) -> Result<Table, Error> {
    let table = table_name::table(name, session).await?;
    if delta::is_delta(&table) {
        return with_columns(table, session).await;
    }
    Ok(table)
}

async fn with_columns(mut table: Table, session: &Session) -> Result<Table, Error> {
    let (columns, keys) = delta::columns(&table, session.catalog.as_ref()).await?;
    let glue = |columns: Vec<delta::Column>| {
        let columns = columns.into_iter().map(|column| Column {
            data_type: column.hive_type(),
            name: column.name,
            comment: None,
            parameters: BTreeMap::new(),
        });
        columns.collect()
    };
    table.storage.columns = glue(columns);
    table.partition_keys = glue(keys);
    Ok(table)
}

/// The names of the partitions that have files, which no catalog keeps.
pub async fn partitions(table: &Table, session: &Session) -> Result<Vec<String>, Error> {
    let values = delta::partitions(table, session.catalog.as_ref()).await?;
    Ok(values
        .iter()
        .map(|values| partition_name::name(&table.partition_keys, values))
        .collect())
}
