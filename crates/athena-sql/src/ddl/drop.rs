//! DROP DATABASE, DROP TABLE, DROP VIEW.

use super::table_name::{self, TableName};
use super::{answer, failure};
use crate::answer::Answer;
use crate::ast::{DropDatabase, QualifiedName};
use crate::error::Error;
use crate::iceberg;
use crate::session::Session;

pub async fn database(drop: &DropDatabase, session: &Session) -> Result<Answer, Error> {
    let name = table_name::database_name(Some(&drop.name), session)?;
    if session.catalog.database(&name).await?.is_none() {
        if drop.if_exists {
            return Ok(answer::done("DROP_DATABASE"));
        }
        return Err(failure::database_not_found(&name));
    }
    let tables = session.catalog.tables(&name).await?;
    if !tables.is_empty() && !drop.cascade {
        return Err(failure::execution(format!(
            "InvalidOperationException(message:Database {name} is not empty. \
             One or more tables exist.)"
        )));
    }
    for table in &tables {
        session.catalog.drop_table(&name, &table.name).await?;
    }
    session.catalog.drop_database(&name).await?;
    Ok(answer::done("DROP_DATABASE"))
}

/// Takes the table from the catalog. Its objects stay, but for those of an Iceberg table, which
/// Athena holds to be its own.
pub async fn table(
    name: &QualifiedName,
    if_exists: bool,
    session: &Session,
) -> Result<Answer, Error> {
    let TableName { database, table } = TableName::of(name, session)?;
    match session.catalog.table(&database, &table).await? {
        Some(found) if table_name::is_view(&found) => Err(failure::semantic(
            10132,
            "Cannot drop a view with DROP TABLE",
        )),
        Some(found) => {
            let metadata = if iceberg::is_iceberg(&found) {
                // A table whose metadata is lost can be dropped all the same.
                iceberg::metadata(&found, session.catalog.as_ref())
                    .await
                    .ok()
            } else {
                None
            };
            session.catalog.drop_table(&database, &table).await?;
            if let Some(metadata) = metadata {
                iceberg::purge(&found, &metadata, session.catalog.as_ref()).await;
            }
            Ok(answer::done("DROP_TABLE"))
        }
        None if if_exists => Ok(answer::done("DROP_TABLE")),
        None => Err(failure::table_not_found(&name.to_string())),
    }
}

pub async fn view(
    name: &QualifiedName,
    if_exists: bool,
    session: &Session,
) -> Result<Answer, Error> {
    let TableName { database, table } = TableName::of(name, session)?;
    let place = name.position();
    match session.catalog.table(&database, &table).await? {
        Some(found) if table_name::is_view(&found) => {
            session.catalog.drop_table(&database, &table).await?;
            Ok(answer::done("DROP_VIEW"))
        }
        Some(_) => Err(failure::semantic(
            10133,
            "Cannot drop a base table with DROP VIEW",
        )),
        None if if_exists => Ok(answer::done("DROP_VIEW")),
        None => Err(Error::user(
            "TABLE_NOT_FOUND",
            format!("View 'awsdatacatalog.{database}.{table}' does not exist"),
        )
        .at(place.line, place.column)),
    }
}
