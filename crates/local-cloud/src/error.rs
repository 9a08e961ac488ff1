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
    /// The store could not be read or written for a reason that is none of what was to be read or
    /// written: it is busy, its disk is full or fails.
    pub(crate) is_of_disk: bool,
}

impl ServiceError {
    /// An error of the caller's making (400).
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: 400,
            extra: Map::new(),
            is_of_disk: false,
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

    /// The disk below the embedded cloud is full (507). No SDK calls again for it, as it would for a
    /// fault of status 500: room does not come by waiting.
    fn storage_full(what: impl std::fmt::Display) -> Self {
        Self::new(
            "InsufficientStorage",
            format!("no room is left on the disk for {what}: free some of it and call again"),
        )
        .with_status(507)
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

/// Whether SQLite gave up for want of its file, a lock or memory, whatever the statement was.
fn is_of_disk(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, OutOfMemory,
        ReadOnly, SystemIoFailure,
    };
    matches!(
        error.sqlite_error_code(),
        Some(
            CannotOpen
                | DatabaseBusy
                | DatabaseLocked
                | DiskFull
                | FileLockingProtocolFailed
                | OutOfMemory
                | ReadOnly
                | SystemIoFailure
        )
    )
}

impl From<rusqlite::Error> for ServiceError {
    fn from(error: rusqlite::Error) -> Self {
        let what = "the store of the embedded cloud";
        let made = if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
            Self::storage_full(what)
        } else {
            Self::internal(format!("{what}: {error}"))
        };
        Self {
            is_of_disk: is_of_disk(&error),
            ..made
        }
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("a document of the embedded cloud's store: {error}"))
    }
}

impl From<std::io::Error> for ServiceError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        let what = "the files of the embedded cloud";
        if matches!(error.kind(), StorageFull | QuotaExceeded) {
            return Self::storage_full(what);
        }
        Self::internal(format!("{what}: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_not_a_fault_that_passes() {
        let files = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let store = rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
            None,
        );
        for error in [ServiceError::from(files), ServiceError::from(store)] {
            assert_eq!(
                (error.code.as_str(), error.status),
                ("InsufficientStorage", 507),
                "{error}"
            );
        }
        let other = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        assert_eq!(ServiceError::from(other).status, 500);
    }
}
