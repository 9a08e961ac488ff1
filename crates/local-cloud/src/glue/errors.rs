//! Glue's errors, in its words.

use crate::error::ServiceError;
use crate::model::glue::ErrorDetail;

pub(super) fn not_found(message: impl Into<String>) -> ServiceError {
    ServiceError::new("EntityNotFoundException", message)
}

pub(super) fn no_database(name: &str) -> ServiceError {
    not_found(format!("Database {name} not found."))
}

pub(super) fn no_table(name: &str) -> ServiceError {
    not_found(format!("Table {name} not found."))
}

pub(super) fn no_partition() -> ServiceError {
    not_found("Cannot find partition.")
}

pub(super) fn already_exists(message: impl Into<String>) -> ServiceError {
    ServiceError::new("AlreadyExistsException", message)
}

pub(super) fn invalid_input(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidInputException", message)
}

pub(super) fn invalid_state(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidStateException", message)
}

/// What Glue has and the embedded cloud has not.
pub(super) fn not_implemented(what: &str) -> ServiceError {
    ServiceError::new(
        "UnsupportedOperation",
        format!("The embedded cloud's Glue does not have {what}."),
    )
    .with_status(501)
}

/// An error of one item of a batch. A fault of the store fails the whole batch.
pub(super) fn detail(error: ServiceError) -> Result<ErrorDetail, ServiceError> {
    if error.status >= 500 {
        return Err(error);
    }
    Ok(ErrorDetail {
        error_code: Some(error.code),
        error_message: Some(error.message),
    })
}

/// This account has one catalog, its own.
pub(super) fn check_catalog(catalog: Option<&str>, account: &str) -> Result<(), ServiceError> {
    match catalog {
        None => Ok(()),
        Some(id) if id == account => Ok(()),
        Some(id) => Err(not_found(format!("Catalog {id} not found."))),
    }
}
