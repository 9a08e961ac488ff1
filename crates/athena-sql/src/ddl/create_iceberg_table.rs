//! CREATE TABLE … TBLPROPERTIES ('table_type' = 'ICEBERG').
//!
//! What is refused, and in which words, is as Athena was seen to answer; the types are those of the
//! user guide's "Supported data types for Iceberg tables".

use super::create_table::{check_columns, check_location, column};
use super::table_name::{self, TableName};
use super::{answer, failure};
use crate::answer::Answer;
use crate::ast::{CreateTable, HiveColumn, PartitionField, PartitionTransform};
use crate::catalog::Column;
use crate::error::Error;
use crate::iceberg::{self, NewTable};
use crate::session::Session;
use crate::types::{Type, from_hive};

pub fn is_wanted(create: &CreateTable) -> bool {
    create.properties.iter().any(|(key, value)| {
        key.eq_ignore_ascii_case(iceberg::TABLE_TYPE)
            && value.eq_ignore_ascii_case(iceberg::ICEBERG)
    })
}

pub async fn run(create: &CreateTable, session: &Session) -> Result<Answer, Error> {
    let transforms = partitioned_by(create)?;
    let location = create
        .location
        .as_deref()
        .ok_or_else(|| refused("No location was specified for table"))?;
    check_location(location)?;
    let name = TableName::of(&create.name, session)?;
    table_name::require_database(&name.database, session).await?;
    let existing = session.catalog.table(&name.database, &name.table).await?;
    if existing.is_some() {
        if create.if_not_exists {
            return Ok(answer::done("CREATE_TABLE"));
        }
        return Err(failure::already_exists(&name.table));
    }
    let columns: Vec<Column> = create.columns.iter().map(column).collect();
    check_columns(&columns, &[])?;
    let columns = create
        .columns
        .iter()
        .map(typed)
        .collect::<Result<Vec<_>, _>>()?;
    let new = NewTable {
        database: &name.database,
        name: &name.table,
        description: create.comment.as_deref(),
        columns: &columns,
        partitioned_by: &transforms,
        location,
        properties: &create.properties,
    };
    iceberg::create(&new, session).await?;
    Ok(answer::done("CREATE_TABLE"))
}

/// What the statement must not have, and by which transforms the table is divided.
fn partitioned_by(create: &CreateTable) -> Result<Vec<PartitionTransform>, Error> {
    if create.external {
        return Err(refused(
            "External keyword not supported for table type ICEBERG",
        ));
    }
    for (is_given, clause) in [
        (create.clustered_by.is_some(), "CLUSTERED BY"),
        (create.row_format.is_some(), "ROW FORMAT"),
        (create.stored_as.is_some(), "STORED AS/BY"),
    ] {
        if is_given {
            return Err(refused(&format!(
                "Iceberg create table statement does not allow {clause}"
            )));
        }
    }
    let transforms = create.partitioned_by.iter().map(|field| match field {
        PartitionField::Transform(transform) => Ok(transform.clone()),
        PartitionField::Column(_) => Err(refused(
            "Invalid PARTITIONED BY clause in Iceberg create table statement",
        )),
    });
    let transforms = transforms.collect::<Result<Vec<_>, _>>()?;
    if create.columns.is_empty() {
        return Err(refused(
            "At least one column is required for Iceberg create table statement",
        ));
    }
    Ok(transforms)
}

fn refused(what: &str) -> Error {
    Error::user("", what)
}

fn typed(column: &HiveColumn) -> Result<(String, Type, Option<String>), Error> {
    let data_type = from_hive(&column.data_type.text).map_err(|_| {
        let place = column.data_type.position;
        refused(&format!("Unsupported Hive type: {}", column.data_type.text))
            .at(place.line, place.column)
    })?;
    Ok((column.name.lower(), data_type, column.comment.clone()))
}
