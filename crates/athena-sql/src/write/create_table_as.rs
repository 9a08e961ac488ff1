//! CREATE TABLE AS: a folder of files, and then the table over it.
//!
//! Source: the Athena user guide, "CREATE TABLE AS" and "Considerations and limitations for CTAS
//! queries"; errors are Trino's.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::columns::{check_hive, named, partition_keys};
use super::encode::FileFormat;
use super::properties::Properties;
use super::sink::{Filled, Sink, file_prefix};
use super::target;
use super::{Rows, Written};
use crate::analyzer::Field;
use crate::ast::CreateTableAsSelect;
use crate::catalog::{Catalog, Column, Partition, Storage, Table};
use crate::ddl::{self, StorageFormat, TableName};
use crate::error::Error;
use crate::session::Session;
use crate::types::{Type, to_hive};

/// What a statement comes to before its first row is read.
pub struct Plan {
    table: Table,
    columns: Vec<(String, Type)>,
    keys: Vec<Type>,
    format: FileFormat,
    with_data: bool,
}

/// Looks whether the table can be made.
pub async fn plan(
    create: &CreateTableAsSelect,
    fields: &[Field],
    session: &Session,
) -> Result<Plan, Error> {
    let name = TableName::of(&create.name, session)?;
    let columns = named(fields, &create.columns, create.position)?;
    let mut properties = Properties::new(&create.properties, create.position);
    let table_type = properties.text("table_type")?;
    if let Some(other) = table_type.filter(|name| !name.eq_ignore_ascii_case("HIVE")) {
        return Err(Error::not_supported(format!(
            "CREATE TABLE AS of the table type {other}"
        )));
    }
    if properties.has("bucketed_by") || properties.has("bucket_count") {
        return Err(Error::not_supported("CREATE TABLE AS of bucketed tables"));
    }
    properties.boolean("is_external")?;
    let format = properties.text("format")?;
    let format_name = format.unwrap_or_else(|| "PARQUET".to_owned());
    let format = target::format(&mut properties, &format_name)?;
    let keys = properties.texts("partitioned_by")?.unwrap_or_default();
    let location = location(&mut properties, session)?;
    properties.end("Catalog 'awsdatacatalog' table")?;
    check_hive(&columns)?;
    let keys = partition_keys(&columns, &keys)?;
    if !target::is_empty(session.catalog.as_ref(), &location).await? {
        return Err(Error::user(
            "HIVE_PATH_ALREADY_EXISTS",
            format!(
                "Target directory for table '{}.{}' already exists: {location}",
                name.database, name.table
            ),
        ));
    }
    let (columns, keys) = columns.split_at(columns.len() - keys);
    let table = table(&name, create, columns, keys, &location, &format, session);
    Ok(Plan {
        table,
        columns: columns.to_vec(),
        keys: keys.iter().map(|(_, key)| key.clone()).collect(),
        format,
        with_data: create.with_data,
    })
}

/// Where the files go: to a place of the statement's own below the results, if nobody says.
fn location(properties: &mut Properties<'_>, session: &Session) -> Result<String, Error> {
    let Some(given) = properties.text("external_location")? else {
        let results = session.output_location.trim_end_matches('/');
        return Ok(format!("{results}/tables/{}/", session.query_id));
    };
    if session.output_is_enforced {
        return Err(Error::user(
            "",
            "The Create Table As Select query failed because it was submitted with an \
             'external_location' property to an Athena Workgroup that enforces a centralized \
             output location for all queries. Please remove the 'external_location' property and \
             resubmit the query.",
        ));
    }
    ddl::check_location(&given)?;
    Ok(given)
}

fn table(
    name: &TableName,
    create: &CreateTableAsSelect,
    columns: &[(String, Type)],
    keys: &[(String, Type)],
    location: &str,
    format: &FileFormat,
    session: &Session,
) -> Table {
    let column = |(name, data_type): &(String, Type)| Column {
        name: name.clone(),
        data_type: to_hive(data_type),
        ..Column::default()
    };
    let (stored_as, serialization_library, serde_parameters) = target::serde(format);
    let classes = StorageFormat::named(stored_as).unwrap_or(ddl::TEXTFILE);
    let mut parameters = BTreeMap::from([
        ("EXTERNAL".to_owned(), "TRUE".to_owned()),
        ("has_encrypted_data".to_owned(), "false".to_owned()),
        ("presto_query_id".to_owned(), session.query_id.clone()),
    ]);
    match format {
        FileFormat::Parquet(compression) => {
            parameters.insert(
                "parquet.compression".to_owned(),
                compression.name().to_owned(),
            );
        }
        FileFormat::Text(_, compression) | FileFormat::Json(compression) => {
            parameters.insert(
                "write.compression".to_owned(),
                compression.name().to_owned(),
            );
        }
    }
    if let Some(comment) = &create.comment {
        parameters.insert("comment".to_owned(), comment.clone());
    }
    Table {
        database: name.database.clone(),
        name: name.table.clone(),
        description: create.comment.clone(),
        table_type: "EXTERNAL_TABLE".to_owned(),
        storage: Storage {
            location: location.to_owned(),
            columns: columns.iter().map(column).collect(),
            input_format: classes.input.to_owned(),
            output_format: classes.output.to_owned(),
            serialization_library: serialization_library.to_owned(),
            serde_parameters: serde_parameters
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        },
        partition_keys: keys.iter().map(column).collect(),
        parameters,
        ..Table::default()
    }
}

/// Writes the files, then makes the table and its partitions.
pub async fn run(plan: Plan, rows: Rows, session: Session) -> Result<Written, Error> {
    let table = plan.table;
    let sink = Sink {
        catalog: Arc::clone(&session.catalog),
        place: target::places(
            &table.storage.location,
            table.partition_keys.clone(),
            plan.format,
        ),
        columns: plan.columns,
        keys: plan.keys,
        file_prefix: file_prefix(session.now),
    };
    let filled = if plan.with_data {
        sink.fill(rows).await?
    } else {
        Filled::nothing()
    };
    let written = Written {
        files: filled.files.urls(),
        rows: filled.rows,
    };
    let catalog = session.catalog;
    let partitions = filled.new_partitions(&table);
    filled
        .files
        .commit(async move { put_in(catalog.as_ref(), table, partitions).await })
        .await?;
    Ok(written)
}

/// Makes the table and its partitions, or neither of them.
async fn put_in(
    catalog: &dyn Catalog,
    table: Table,
    partitions: Vec<Partition>,
) -> Result<(), Error> {
    catalog.create_table(table.clone()).await?;
    if partitions.is_empty() {
        return Ok(());
    }
    let created = catalog.create_partitions(&table, partitions).await;
    let Err(mut error) = created else {
        return Ok(());
    };
    if let Err(kept) = catalog.drop_table(&table.database, &table.name).await {
        error.message = format!(
            "{}; and the table {}.{}, which is empty, could not be dropped: {kept}",
            error.message, table.database, table.name
        );
    }
    Err(error)
}
