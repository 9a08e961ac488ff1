//! Which table a name means.

use super::failure;
use crate::ast::QualifiedName;
use crate::catalog::Table;
use crate::error::Error;
use crate::session::Session;

/// Athena's name of the Glue catalog.
pub const CATALOG: &str = "awsdatacatalog";

/// A table's database and name, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName {
    pub database: String,
    pub table: String,
}

impl TableName {
    /// `table`, `database.table` or `awsdatacatalog.database.table`.
    pub fn of(name: &QualifiedName, session: &Session) -> Result<Self, Error> {
        let parts = name.lower();
        let (database, table) = match &parts[..] {
            [table] => (session.database.to_lowercase(), table.clone()),
            [database, table] => (database.clone(), table.clone()),
            [catalog, database, table] if catalog == CATALOG => (database.clone(), table.clone()),
            [catalog, _, _] => {
                return Err(Error::not_supported(format!("the data catalog {catalog}")));
            }
            _ => {
                let place = name.position();
                return Err(
                    Error::user("", format!("Too many parts in table name: {name}"))
                        .at(place.line, place.column),
                );
            }
        };
        Ok(Self { database, table })
    }
}

/// A database's name, in lower case; the session's where none is given.
pub fn database_name(name: Option<&QualifiedName>, session: &Session) -> Result<String, Error> {
    let Some(name) = name else {
        return Ok(session.database.to_lowercase());
    };
    match &name.lower()[..] {
        [database] => Ok(database.clone()),
        [catalog, database] if catalog == CATALOG => Ok(database.clone()),
        [catalog, _] => Err(Error::not_supported(format!("the data catalog {catalog}"))),
        _ => {
            let place = name.position();
            Err(
                Error::user("", format!("Too many parts in database name: {name}"))
                    .at(place.line, place.column),
            )
        }
    }
}

/// The table, which must be there.
pub async fn table(name: &QualifiedName, session: &Session) -> Result<Table, Error> {
    let TableName { database, table } = TableName::of(name, session)?;
    match session.catalog.table(&database, &table).await? {
        Some(found) => Ok(found),
        None => Err(failure::table_not_found(&name.to_string())),
    }
}

/// Fails unless the database is there.
pub async fn require_database(name: &str, session: &Session) -> Result<(), Error> {
    match session.catalog.database(name).await? {
        Some(_) => Ok(()),
        None => Err(failure::database_not_found(name)),
    }
}

pub fn is_view(table: &Table) -> bool {
    table.table_type == "VIRTUAL_VIEW"
}
