//! The error of a statement, in Athena's words.

use std::fmt;

use crate::catalog::Table;

/// What went wrong, as far as a caller acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The statement, or the data under it: the user's to mend.
    User,
    /// The caller may not do or read something; the message is the service's.
    AccessDenied,
    /// The statement went over its memory or the workgroup's scan limit.
    ResourcesExceeded,
    Cancelled,
    /// Part of Athena's language that this engine does not have; the message names it.
    NotSupported,
    /// A fault of ours.
    Internal,
}

/// An error of a statement. Its text is what `StateChangeReason` says:
/// `COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved …`,
/// `line 1:1: mismatched input 'x'. Expecting: …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    pub kind: ErrorKind,
    /// Trino's name of the error (`TYPE_MISMATCH`); empty for a syntax error.
    pub code: String,
    pub message: String,
    /// Line and column from 1, where the statement is at fault.
    pub place: Option<(usize, usize)>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.code.is_empty() {
            write!(f, "{}: ", self.code)?;
        }
        if let Some((line, column)) = self.place {
            write!(f, "line {line}:{column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl Error {
    /// An error of the user's making.
    pub fn user(code: &str, message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::User,
            code: code.to_owned(),
            message: message.into(),
            place: None,
        }
    }

    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.place = Some((line, column));
        self
    }

    /// Something that Athena has and this engine has not.
    pub fn not_supported(what: impl fmt::Display) -> Self {
        Self {
            kind: ErrorKind::NotSupported,
            ..Self::user(
                "NOT_SUPPORTED",
                format!("the embedded Athena does not have {what}"),
            )
        }
    }

    /// A statement that would change what Athena reads only: `INSERT of Hudi tables, …`.
    pub(crate) fn read_only(statement: &str, kind: &str, table: &Table) -> Self {
        Self::user(
            "NOT_SUPPORTED",
            format!(
                "{statement} of {kind} tables, which Athena only reads: {}.{}",
                table.database, table.name
            ),
        )
    }

    pub fn internal(message: impl fmt::Display) -> Self {
        Self {
            kind: ErrorKind::Internal,
            ..Self::user("GENERIC_INTERNAL_ERROR", message.to_string())
        }
    }
}

/// An error where a value has no counterpart in the wanted type.
pub(crate) fn invalid_cast(message: impl Into<String>) -> Error {
    Error::user("INVALID_CAST_ARGUMENT", message)
}
