//! Files whose columns Athena does not read as the columns of their table.
//!
//! Source: Athena user guide, "Updates in tables with partitions" and "Handle schema updates", by
//! which CSV and ORC go by the place of a column and Parquet by its name; of types, trinodb/trino
//! #12073 and #17733. Newer versions of Trino read a few types more (#21509); which of them Athena has
//! is not documented.

use std::collections::HashMap;

use crate::classify::Layout;
use crate::schema::{Field, Type};

/// What does not fit first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// Where the table has one column, the file has another.
    Place { of_file: String, of_table: String },
    /// A column of another type than the table's, which is no wider one of its kind.
    Type {
        column: String,
        of_file: Type,
        of_table: Type,
    },
}

/// What of a file's columns Athena does not read as the table's.
pub(crate) fn misfit(of_file: &[Field], of_table: &[Field], layout: &Layout) -> Option<Misfit> {
    if of_file == of_table {
        return None;
    }
    if layout.by_place && !layout.unnamed {
        let mut pairs = of_file.iter().zip(of_table);
        let other = pairs.find(|(file, table)| folded(file) != folded(table));
        if let Some((file, table)) = other {
            return Some(Misfit::Place {
                of_file: file.name.clone(),
                of_table: table.name.clone(),
            });
        }
    }
    if !layout.is_typed() {
        return None;
    }
    let types = by_name(of_table);
    of_file.iter().find_map(|file| {
        let of_table = *types.get(&folded(file))?;
        (!is_read_as(&file.data_type, of_table)).then(|| Misfit::Type {
            column: file.name.clone(),
            of_file: file.data_type.clone(),
            of_table: of_table.clone(),
        })
    })
}

fn folded(field: &Field) -> String {
    field.name.to_lowercase()
}

fn by_name(fields: &[Field]) -> HashMap<String, &Type> {
    let named = |field| (folded(field), &field.data_type);
    fields.iter().map(named).collect()
}

/// Whether values that a file has in one type are read as those of another, which holds them.
fn is_read_as(of_file: &Type, of_table: &Type) -> bool {
    use Type::*;
    match (of_file, of_table) {
        (one, two) if one == two => true,
        (Unknown, _) => true,
        (NullInt, table) => is_read_as(&Int, table),
        (Tinyint | Smallint | Int | Bigint, Tinyint | Smallint | Int | Bigint | Decimal { .. })
        | (Decimal { .. }, Decimal { .. })
        | (Float, Double)
        | (String | Varchar(_) | Char(_) | Binary, String | Varchar(_) | Char(_) | Binary) => true,
        (Array(one), Array(two)) => is_read_as(one, two),
        (Map(key, value), Map(of_key, of_value)) => {
            is_read_as(key, of_key) && is_read_as(value, of_value)
        }
        (Struct(fields), Struct(of_fields)) => {
            let types = by_name(of_fields);
            fields.iter().all(|field| {
                let other = types.get(&folded(field));
                other.is_none_or(|other| is_read_as(&field.data_type, other))
            })
        }
        _ => false,
    }
}

/// Says of how many of some files or partitions that they do not fit, and of the first why.
pub(crate) fn message(misfit: &Misfit, count: usize, of: usize, what: &str, first: &str) -> String {
    let begin = format!(
        "{} of {} {what} do not fit the table, first {first}",
        crate::counted::grouped(count as u64),
        crate::counted::grouped(of as u64),
    );
    match misfit {
        Misfit::Place { of_file, of_table } => format!(
            "{begin}: it has the column {of_file} where the table has {of_table}; Athena goes by the \
             place of columns here, and takes values for those of other columns; write all with the \
             same columns in the same order"
        ),
        Misfit::Type {
            column,
            of_file,
            of_table,
        } => format!(
            "{begin}: its column {column} is {of_file}, and {of_table} in the table, which holds the \
             values of all; Athena may refuse to read one as the other; write all with the same type"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_a_wider_type_of_its_kind() {
        let decimal = |precision| Type::decimal(precision, 2);
        let of = |data_type: Type| Type::Struct(vec![Field::new("a", data_type)]);
        for (file, table, expected) in [
            (Type::Int, Type::Bigint, true),
            (Type::Float, Type::Double, true),
            (decimal(9), decimal(12), true),
            (Type::NullInt, Type::Bigint, true),
            (Type::NullInt, Type::String, false),
            (Type::Bigint, Type::Double, false),
            (Type::Int, Type::String, false),
            (Type::Date, Type::String, false),
            (of(Type::Int), of(Type::Bigint), true),
            (of(Type::Int), of(Type::Double), false),
            (Type::array(Type::Int), Type::array(Type::Double), false),
        ] {
            assert_eq!(is_read_as(&file, &table), expected, "{file} as {table}");
        }
    }
}
