//! A partition whose columns are not those of its table.
//!
//! Source: the Athena user guide, "Update tables with partitions" and "Troubleshoot", on
//! HIVE_PARTITION_SCHEMA_MISMATCH; what is coerced is what Trino's `HiveCoercionPolicy` allows, and
//! its Hive connector's split manager has the words.

use super::partition_keys::Keys;
use crate::catalog::{Column, Storage, Table};
use crate::error::Error;
use crate::types::{RowField, Type, from_hive};

/// Formats of which a column is the one of the same name; of the others, the one of the same place.
const BY_NAME: &[&str] = &[
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    "org.openx.data.jsonserde.JsonSerDe",
    "org.apache.hive.hcatalog.data.JsonSerDe",
    "org.apache.hadoop.hive.serde2.JsonSerDe",
];

/// Refuses a partition with a column whose values the table's type cannot take.
pub(super) fn check(
    table: &Table,
    keys: &Keys<'_>,
    values: &[String],
    partition: &Storage,
) -> Result<(), Error> {
    let of_table = &table.storage.columns;
    if *of_table == partition.columns {
        return Ok(());
    }
    let by_name = BY_NAME.contains(&table.storage.serialization_library.as_str());
    for (place, column) in of_table.iter().enumerate() {
        let counterpart = if by_name {
            let mut columns = partition.columns.iter();
            columns.find(|other| other.name.eq_ignore_ascii_case(&column.name))
        } else {
            partition.columns.get(place)
        };
        if let Some(other) = counterpart.filter(|other| !is_coerced(other, column)) {
            return Err(mismatch(table, keys, values, column, other));
        }
    }
    Ok(())
}

fn mismatch(
    table: &Table,
    keys: &Keys<'_>,
    values: &[String],
    column: &Column,
    other: &Column,
) -> Error {
    let parts: Vec<String> = keys
        .0
        .iter()
        .zip(values)
        .map(|((key, _), value)| format!("{key}={value}"))
        .collect();
    Error::user(
        "HIVE_PARTITION_SCHEMA_MISMATCH",
        format!(
            "There is a mismatch between the table and partition schemas. The types are \
             incompatible and cannot be coerced. The column '{}' in table '{}.{}' is declared as \
             type '{}', but partition '{}' declared column '{}' as type '{}'.",
            column.name,
            table.database,
            table.name,
            column.data_type,
            parts.join("/"),
            other.name,
            other.data_type,
        ),
    )
}

/// Whether a column of a partition becomes one of the table. What is no type is said elsewhere.
fn is_coerced(from: &Column, to: &Column) -> bool {
    if from.data_type == to.data_type {
        return true;
    }
    match (from_hive(&from.data_type), from_hive(&to.data_type)) {
        (Ok(from), Ok(to)) => can_coerce(&from, &to),
        _ => true,
    }
}

fn can_coerce(from: &Type, to: &Type) -> bool {
    use Type::{
        Array, Bigint, Decimal, Double, Integer, Map, Real, Row, Smallint, Tinyint, Varchar,
    };
    match (from, to) {
        (from, to) if from == to => true,
        (Varchar(_), Varchar(_)) => true,
        (Varchar(_), Tinyint | Smallint | Integer | Bigint)
        | (Tinyint | Smallint | Integer | Bigint, Varchar(_))
        | (Tinyint, Smallint | Integer | Bigint)
        | (Smallint, Integer | Bigint)
        | (Integer, Bigint)
        | (Real, Double)
        | (Double, Real)
        | (Decimal(..), Decimal(..) | Real | Double)
        | (Real | Double, Decimal(..)) => true,
        (Array(from), Array(to)) => can_coerce(from, to),
        (Map(from_key, from), Map(to_key, to)) => {
            can_coerce(from_key, to_key) && can_coerce(from, to)
        }
        (Row(from), Row(to)) => are_coerced(from, to),
        _ => false,
    }
}

/// Fields by their places; either may have more at its end.
fn are_coerced(from: &[RowField], to: &[RowField]) -> bool {
    from.iter()
        .zip(to)
        .all(|(from, to)| from.name == to.name && can_coerce(&from.data_type, &to.data_type))
}
