//! SHOW DATABASES, TABLES, VIEWS, COLUMNS and TBLPROPERTIES.

use super::answer::{self, padded};
use super::name_pattern::NamePattern;
use super::{delta_table, failure, table_name};
use crate::answer::Answer;
use crate::ast::QualifiedName;
use crate::catalog::Table;
use crate::error::Error;
use crate::iceberg;
use crate::session::Session;

pub async fn databases(pattern: Option<&str>, session: &Session) -> Result<Answer, Error> {
    let pattern = NamePattern::new(pattern)?;
    let mut names: Vec<String> = session
        .catalog
        .databases()
        .await?
        .into_iter()
        .map(|database| database.name)
        .filter(|name| pattern.matches(name))
        .collect();
    names.sort_unstable();
    Ok(answer::lines("SHOW_DATABASES", &["database_name"], names))
}

/// Tables and views.
pub async fn tables(
    database: Option<&QualifiedName>,
    pattern: Option<&str>,
    session: &Session,
) -> Result<Answer, Error> {
    let names = names_of(database, pattern, |_| true, session).await?;
    Ok(answer::lines("SHOW_TABLES", &["tab_name"], names))
}

pub async fn views(
    database: Option<&QualifiedName>,
    pattern: Option<&str>,
    session: &Session,
) -> Result<Answer, Error> {
    let names = names_of(database, pattern, table_name::is_view, session).await?;
    Ok(answer::lines("SHOW_VIEWS", &["views"], names))
}

async fn names_of(
    database: Option<&QualifiedName>,
    pattern: Option<&str>,
    belongs: fn(&Table) -> bool,
    session: &Session,
) -> Result<Vec<String>, Error> {
    let database = table_name::database_name(database, session)?;
    table_name::require_database(&database, session).await?;
    let pattern = NamePattern::new(pattern)?;
    Ok(session
        .catalog
        .tables(&database)
        .await?
        .into_iter()
        .filter(belongs)
        .map(|table| table.name)
        .filter(|name| pattern.matches(name))
        .collect())
}

pub async fn columns(name: &QualifiedName, session: &Session) -> Result<Answer, Error> {
    let table = delta_table::described(name, session).await?;
    let names = table
        .storage
        .columns
        .iter()
        .chain(&table.partition_keys)
        .map(|column| padded(&column.name))
        .collect();
    Ok(answer::lines("SHOW_COLUMNS", &["field"], names))
}

pub async fn table_properties(
    name: &QualifiedName,
    property: Option<&str>,
    session: &Session,
) -> Result<Answer, Error> {
    let table = table_name::table(name, session).await?;
    let columns = ["prpt_name", "prpt_value"];
    let properties = if iceberg::is_iceberg(&table) {
        let metadata = iceberg::metadata(&table, session.catalog.as_ref()).await?;
        let shown = iceberg::properties::shown(&metadata.properties).into_iter();
        let table_type = (iceberg::TABLE_TYPE, "iceberg".to_owned());
        let shown = std::iter::once(table_type).chain(shown);
        shown
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    } else {
        table.parameters
    };
    let lines = match property {
        Some(property) => {
            let value = properties.get(property).ok_or_else(|| {
                failure::semantic(
                    10_000,
                    format!(
                        "Table {}.{} does not have property: {property}",
                        table.database, table.name
                    ),
                )
            })?;
            vec![value.clone()]
        }
        None => properties
            .iter()
            .map(|(key, value)| format!("{key}\t{value}"))
            .collect(),
    };
    Ok(answer::lines("SHOW_TBLPROPERTIES", &columns, lines))
}
