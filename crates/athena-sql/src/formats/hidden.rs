//! Columns that every table has without declaring them: where a row is from.

use crate::types::{Type, Value};

use super::files::File;

/// Names and types, in the order in which they follow the partition keys.
pub(crate) const COLUMNS: &[(&str, Type)] =
    &[("$path", Type::VARCHAR), ("$file_size", Type::Bigint)];

/// The value that a hidden column has in all rows of a file.
pub(super) fn value(index: usize, file: &File) -> Value {
    match COLUMNS.get(index).map(|(name, _)| *name) {
        Some("$path") => Value::text(file.url()),
        Some("$file_size") => Value::Integer(file.size.try_into().unwrap_or(i64::MAX)),
        _ => Value::Null,
    }
}
