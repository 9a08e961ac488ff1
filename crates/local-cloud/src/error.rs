//! The error that every operation of the embedded cloud answers with.

use serde_json::{Map, Value};

/// An AWS error: its code, the message, the HTTP status, and members of its own.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ServiceError {
    pub code: String,
    pub message: String,
    pub status: u16,
    /// Members besides the message, under the API's names (`AthenaErrorCode`, `reason`).
    pub extra: Map<String, Value>,
}

impl ServiceError {
    /// An error of the caller's making (400).
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: 400,
            extra: Map::new(),
        }
    }

    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(member.to_owned(), value.into());
        self
    }

    /// A fault of ours: the store cannot be read or written.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::new("InternalFailure", message.to_string()).with_status(500)
    }

    /// An operation of the API that the embedded cloud does not have.
    pub fn not_supported(service: &str, operation: &str) -> Self {
        Self::new(
            "UnsupportedOperation",
            format!("The embedded cloud does not have {service}:{operation}. docs/differences.md lists what it has."),
        )
        .with_status(501)
    }
}

impl From<rusqlite::Error> for ServiceError {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(format!("the store of the embedded cloud: {error}"))
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("a document of the embedded cloud's store: {error}"))
    }
}

impl From<std::io::Error> for ServiceError {
    fn from(error: std::io::Error) -> Self {
        Self::internal(format!("the files of the embedded cloud: {error}"))
    }
}
