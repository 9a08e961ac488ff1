//! CREATE EXTERNAL TABLE.

use std::collections::{BTreeMap, BTreeSet};

use super::storage_format::{self, LAZY_SIMPLE_SERDE, StorageFormat};
use super::table_name::{self, TableName};
use super::{answer, create_iceberg_table, delta_table, failure};
use crate::answer::Answer;
use crate::ast::{CreateTable, Delimited, HiveColumn, PartitionField, RowFormat, StoredAs};
use crate::catalog::{Column, Storage, Table};
use crate::error::Error;
use crate::session::Session;

pub async fn run(create: &CreateTable, session: &Session) -> Result<Answer, Error> {
    if create_iceberg_table::is_wanted(create) {
        return create_iceberg_table::run(create, session).await;
    }
    if !create.external {
        return Err(failure::semantic(
            10_000,
            "CREATE TABLE without EXTERNAL makes Iceberg tables only; \
             use CREATE EXTERNAL TABLE, or TBLPROPERTIES ('table_type'='ICEBERG')",
        ));
    }
    if create.clustered_by.is_some() {
        return Err(Error::not_supported("CLUSTERED BY"));
    }
    let name = TableName::of(&create.name, session)?;
    table_name::require_database(&name.database, session).await?;
    if session
        .catalog
        .table(&name.database, &name.table)
        .await?
        .is_some()
    {
        if create.if_not_exists {
            return Ok(answer::done("CREATE_TABLE"));
        }
        return Err(failure::already_exists(&name.table));
    }
    if delta_table::is_wanted(create) {
        let parameters = parameters(create, session);
        let table = delta_table::new_table(create, name, parameters, session).await?;
        session.catalog.create_table(table).await?;
        return Ok(answer::done("CREATE_TABLE"));
    }
    let partition_keys = partition_keys(create)?;
    let columns: Vec<Column> = create.columns.iter().map(column).collect();
    check_columns(&columns, &partition_keys)?;
    session
        .catalog
        .create_table(Table {
            database: name.database,
            name: name.table,
            description: create.comment.clone(),
            table_type: "EXTERNAL_TABLE".to_owned(),
            storage: storage(create, columns)?,
            partition_keys,
            parameters: parameters(create, session),
            view_original_text: None,
            view_expanded_text: None,
            version_id: None,
        })
        .await?;
    Ok(answer::done("CREATE_TABLE"))
}

pub fn column(column: &HiveColumn) -> Column {
    Column {
        name: column.name.lower(),
        data_type: column.data_type.text.clone(),
        comment: column.comment.clone(),
        parameters: BTreeMap::new(),
    }
}

fn partition_keys(create: &CreateTable) -> Result<Vec<Column>, Error> {
    create
        .partitioned_by
        .iter()
        .map(|field| match field {
            PartitionField::Column(key) => Ok(column(key)),
            PartitionField::Transform(transform) => Err(failure::semantic(
                10_000,
                format!("The partition key {transform} has no type; only Iceberg tables take that"),
            )),
        })
        .collect()
}

/// No name stands twice, not among the partition keys either.
pub fn check_columns(columns: &[Column], partition_keys: &[Column]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for column in columns {
        if !seen.insert(&column.name) {
            return Err(failure::semantic(
                10036,
                format!("Duplicate column name: {}", column.name),
            ));
        }
    }
    for key in partition_keys {
        if !seen.insert(&key.name) {
            return Err(failure::semantic(
                10035,
                "Column repeated in partitioning columns",
            ));
        }
    }
    Ok(())
}

fn storage(create: &CreateTable, columns: Vec<Column>) -> Result<Storage, Error> {
    let location = create.location.clone().ok_or_else(|| {
        failure::semantic(
            10_000,
            "CREATE EXTERNAL TABLE needs a LOCATION 's3://bucket/folder/'",
        )
    })?;
    check_location(&location)?;
    let (input, output, format_serde) = match &create.stored_as {
        Some(StoredAs::Classes { input, output }) => (input.clone(), output.clone(), None),
        Some(StoredAs::Format { name, position }) => {
            let format = StorageFormat::named(name).ok_or_else(|| {
                Error::user(
                    "",
                    format!("FAILED: SemanticException Unrecognized file format in STORED AS clause: '{name}'"),
                )
                .at(position.line, position.column)
            })?;
            classes(format)
        }
        None => classes(storage_format::TEXTFILE),
    };
    let mut serde_parameters =
        BTreeMap::from([("serialization.format".to_owned(), "1".to_owned())]);
    let serialization_library = match &create.row_format {
        Some(RowFormat::Serde { class }) => class.clone(),
        Some(RowFormat::Delimited(delimited)) => {
            serde_parameters.extend(delimiters(delimited));
            LAZY_SIMPLE_SERDE.to_owned()
        }
        None => format_serde.unwrap_or(LAZY_SIMPLE_SERDE).to_owned(),
    };
    serde_parameters.extend(create.serde_properties.iter().cloned());
    Ok(Storage {
        location,
        columns,
        input_format: input,
        output_format: output,
        serialization_library,
        serde_parameters,
    })
}

fn classes(format: &'static StorageFormat) -> (String, String, Option<&'static str>) {
    (
        format.input.to_owned(),
        format.output.to_owned(),
        Some(format.serde),
    )
}

pub fn check_location(location: &str) -> Result<(), Error> {
    let bucket = ["s3://", "s3a://", "s3n://"]
        .iter()
        .find_map(|scheme| location.strip_prefix(scheme))
        .and_then(|path| path.split('/').next())
        .unwrap_or_default();
    if bucket.is_empty() {
        return Err(failure::execution(format!(
            "MetaException(message:The location '{location}' is not of the form s3://bucket/folder/)"
        )));
    }
    Ok(())
}

/// LazySimpleSerDe's parameters, in Hive's spelling.
fn delimiters(delimited: &Delimited) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut set = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            parameters.push((key.to_owned(), value.clone()));
        }
    };
    set("serialization.format", &delimited.fields);
    set("field.delim", &delimited.fields);
    set("escape.delim", &delimited.escaped_by);
    set("colelction.delim", &delimited.collection_items);
    set("mapkey.delim", &delimited.map_keys);
    set("line.delim", &delimited.lines);
    set("serialization.null.format", &delimited.null_defined_as);
    parameters
}

fn parameters(create: &CreateTable, session: &Session) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = create.properties.iter().cloned().collect();
    parameters.insert("EXTERNAL".to_owned(), "TRUE".to_owned());
    parameters.insert(
        "transient_lastDdlTime".to_owned(),
        session.now.timestamp().to_string(),
    );
    if let Some(comment) = &create.comment {
        parameters.insert("comment".to_owned(), comment.clone());
    }
    parameters
}
