//! The columns that a statement writes, and what they may be.

use std::collections::BTreeSet;

use crate::analyzer::Field;
use crate::ast::{Identifier, Position};
use crate::error::Error;
use crate::types::Type;

/// Names and types of a query's columns, under other names where they are given.
pub fn named(
    fields: &[Field],
    aliases: &[Identifier],
    position: Position,
) -> Result<Vec<(String, Type)>, Error> {
    let error =
        |code: &str, message: String| Error::user(code, message).at(position.line, position.column);
    if !aliases.is_empty() && aliases.len() != fields.len() {
        return Err(error(
            "MISMATCHED_COLUMN_ALIASES",
            format!(
                "Column alias list has {} entries but relation has {} columns",
                aliases.len(),
                fields.len()
            ),
        ));
    }
    let mut seen = BTreeSet::new();
    fields
        .iter()
        .enumerate()
        .map(|(i, field)| {
            let alias = aliases.get(i).map(Identifier::lower);
            let name = alias.or_else(|| field.name.clone()).ok_or_else(|| {
                let message = format!("Column name not specified at position {}", i + 1);
                error("MISSING_COLUMN_NAME", message)
            })?;
            if !seen.insert(name.clone()) {
                let message = format!("Column name '{name}' specified more than once");
                return Err(error("DUPLICATE_COLUMN_NAME", message));
            }
            if field.data_type == Type::Unknown {
                let message = format!("Column type is unknown at position {}", i + 1);
                return Err(error("COLUMN_TYPE_UNKNOWN", message));
            }
            Ok((name, field.data_type.clone()))
        })
        .collect()
}

/// Fails where Hive has no such type.
pub fn check_hive(columns: &[(String, Type)]) -> Result<(), Error> {
    columns.iter().try_for_each(|(name, t)| check(name, t))
}

fn check(name: &str, data_type: &Type) -> Result<(), Error> {
    let refused = |message| Err(Error::user("NOT_SUPPORTED", message));
    match data_type {
        Type::Timestamp(3) => Ok(()),
        Type::Timestamp(_) => refused(format!(
            "Incorrect timestamp precision for {data_type}; the configured precision is \
             MILLISECONDS; column name: {name}"
        )),
        Type::Array(element) => check(name, element),
        Type::Map(key, value) => check(name, key).and_then(|()| check(name, value)),
        Type::Row(fields) => fields.iter().try_for_each(|f| check(name, &f.data_type)),
        Type::Boolean
        | Type::Tinyint
        | Type::Smallint
        | Type::Integer
        | Type::Bigint
        | Type::Real
        | Type::Double
        | Type::Decimal(..)
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::Varbinary
        | Type::Date => Ok(()),
        other => refused(format!("Unsupported Hive type: {other}")),
    }
}

/// How many of the columns, from the end, are the partition keys of these names.
pub fn partition_keys(columns: &[(String, Type)], keys: &[String]) -> Result<usize, Error> {
    let keys: Vec<String> = keys.iter().map(|key| key.to_lowercase()).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    if let Some(missing) = keys.iter().find(|key| !names.contains(&key.as_str())) {
        return Err(Error::user(
            "INVALID_TABLE_PROPERTY",
            format!("Partition columns [{missing}] not present in schema"),
        ));
    }
    if keys.len() == names.len() {
        return Err(Error::user(
            "INVALID_TABLE_PROPERTY",
            "Table contains only partition columns",
        ));
    }
    if names[names.len() - keys.len()..] != keys {
        return Err(Error::user(
            "HIVE_COLUMN_ORDER_MISMATCH",
            format!(
                "Partition keys must be the last columns in the table and in the same order as \
                 the table properties: [{}]",
                keys.join(", ")
            ),
        ));
    }
    Ok(keys.len())
}
