//! Execution of DDL and utility statements over the catalog.
//!
//! Outputs and errors are Hive's, which runs these statements in Athena: a row is one line of
//! text, with tabs between what belongs to different columns.

mod alter_table;
mod answer;
mod create_database;
mod create_iceberg_table;
mod create_table;
mod create_view;
mod delta_table;
mod describe;
mod drop;
mod failure;
mod name_pattern;
mod partition_name;
mod partitions;
mod repair_table;
mod show;
mod show_create;
mod storage_format;
mod table_name;
#[cfg(test)]
mod tests;

pub use create_table::check_location;
pub use create_view::{ViewColumn, create_view, view_query};
pub use partition_name::{escape as partition_escape, location as partition_location};
pub use storage_format::{StorageFormat, TEXTFILE};
pub use table_name::{CATALOG, TableName, is_view, require_database};

use crate::answer::Answer;
use crate::ast::Statement;
use crate::error::Error;
use crate::session::Session;

/// How often a change of a table is tried, each time on the table as it is then, while others
/// change it.
const ATTEMPTS: usize = 8;

/// Runs a statement that is not a query and does not hold one. CREATE VIEW is [`create_view`]'s,
/// since its columns come from analysis.
pub async fn run(statement: &Statement, session: &Session) -> Result<Answer, Error> {
    match statement {
        Statement::CreateTable(create) => create_table::run(create, session).await,
        Statement::CreateDatabase(create) => create_database::run(create, session).await,
        Statement::AlterDatabaseSetProperties { .. } => {
            Err(Error::not_supported("ALTER DATABASE SET DBPROPERTIES"))
        }
        Statement::DropDatabase(drop) => drop::database(drop, session).await,
        Statement::DropTable { name, if_exists } => drop::table(name, *if_exists, session).await,
        Statement::DropView { name, if_exists } => drop::view(name, *if_exists, session).await,
        Statement::AlterTable(alter) => alter_table::run(alter, session).await,
        Statement::RepairTable { name } => repair_table::run(name, session).await,
        Statement::ShowDatabases { pattern } => show::databases(pattern.as_deref(), session).await,
        Statement::ShowTables { database, pattern } => {
            show::tables(database.as_ref(), pattern.as_deref(), session).await
        }
        Statement::ShowViews { database, pattern } => {
            show::views(database.as_ref(), pattern.as_deref(), session).await
        }
        Statement::ShowColumns { table } => show::columns(table, session).await,
        Statement::ShowPartitions { table } => partitions::show(table, session).await,
        Statement::ShowTblProperties { table, property } => {
            show::table_properties(table, property.as_deref(), session).await
        }
        Statement::ShowCreateTable { table } => show_create::table(table, session).await,
        Statement::ShowCreateView { view } => show_create::view(view, session).await,
        Statement::Describe(describe) => describe::run(describe, session).await,
        Statement::ShowFunctions { .. } => Err(Error::not_supported("SHOW FUNCTIONS")),
        Statement::Unsupported { what, position } => {
            Err(Error::not_supported(what).at(position.line, position.column))
        }
        other => Err(Error::internal(format!("{other:?} is not a DDL statement"))),
    }
}
