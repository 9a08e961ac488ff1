//! Errors in Hive's words.

use std::fmt::Display;

use crate::error::Error;

/// An error found before anything is done, with Hive's number of it (`ErrorMsg`).
pub fn semantic(number: u16, what: impl Display) -> Error {
    Error::user(
        "",
        format!("FAILED: SemanticException [Error {number}]: {what}"),
    )
}

/// An error in doing it.
pub fn execution(what: impl Display) -> Error {
    Error::user(
        "",
        format!(
            "FAILED: Execution Error, return code 1 from \
             org.apache.hadoop.hive.ql.exec.DDLTask. {what}"
        ),
    )
}

pub fn already_exists(table: &str) -> Error {
    execution(format!(
        "AlreadyExistsException(message:Table {table} already exists)"
    ))
}

/// The catalog's refusal of a change to a table that others kept changing meanwhile.
pub fn concurrent_modification(table: &str) -> Error {
    execution(format!(
        "ConcurrentModificationException(message:Update of table {table} failed due to concurrent \
         modifications)"
    ))
}

pub fn table_not_found(name: &str) -> Error {
    semantic(10001, format!("Table not found {name}"))
}

pub fn database_not_found(name: &str) -> Error {
    semantic(10072, format!("Database does not exist: {name}"))
}
