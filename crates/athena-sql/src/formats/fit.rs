//! A file's columns in the types of the table.
//!
//! Hive has no times of day: they are the integers that they are stored as.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, ListArray, StringArray, StructArray, new_null_array,
};
use datafusion::arrow::compute::{CastOptions, cast, cast_with_options};
use datafusion::arrow::datatypes::{
    DataType, Field, Fields, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use datafusion::arrow::util::display::FormatOptions;
use datafusion::parquet::arrow::PARQUET_FIELD_ID_META_KEY;

use crate::error::Error;
use crate::types::Type;
use crate::types::arrow::field_name;

/// What does not fit is an error, and not NULL.
const STRICT: CastOptions<'_> = CastOptions {
    safe: false,
    format_options: FormatOptions::new(),
};

const PICOS_PER_MICRO: i64 = 1_000_000;
/// Digits of a second that a microsecond has.
const MICRO_DIGITS: u8 = 6;

/// Which column or field of a file one of the table is, where its name does not say it: the ids
/// that Iceberg and Delta Lake give. A file that was written without ids has `names`.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldIds {
    /// None where names alone count.
    pub id: Option<i32>,
    pub names: Vec<String>,
    /// Of a row's fields; an array's element; a map's key and value.
    pub children: Vec<FieldIds>,
}

impl FieldIds {
    fn is_of(&self, field: &Field) -> bool {
        match (self.id, field.metadata().get(PARQUET_FIELD_ID_META_KEY)) {
            (Some(id), Some(of_file)) => *of_file == id.to_string(),
            _ => self.names.contains(field.name()),
        }
    }
}

fn child(ids: Option<&FieldIds>, at: usize) -> Option<&FieldIds> {
    ids?.children.get(at)
}

/// Whether Athena reads a file's type as the table's.
pub(super) fn is_readable(of_file: &DataType, wanted: &Type, ids: Option<&FieldIds>) -> bool {
    match (of_file, wanted) {
        // Of nulls alone, which Parquet calls unknown, Trino knows only that they are stored as
        // integers of 32 bits.
        (DataType::Null, _) => is_readable(&DataType::Int32, wanted, ids),
        (DataType::Boolean, Type::Boolean) => true,
        (from, Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint) => {
            from.is_integer() || is_time(from, wanted)
        }
        (from, Type::Decimal(..)) => {
            from.is_integer() || matches!(from, DataType::Decimal128(..) | DataType::Decimal256(..))
        }
        (DataType::Float32, Type::Real | Type::Double) => true,
        (DataType::Float64, Type::Double | Type::Real) => true,
        (from, Type::Varchar(_) | Type::Char(_) | Type::Varbinary) => matches!(
            from,
            DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Utf8View
                | DataType::Binary
                | DataType::LargeBinary
                | DataType::BinaryView
                | DataType::FixedSizeBinary(_)
        ),
        (DataType::FixedSizeBinary(16), Type::Uuid) => true,
        (DataType::Date32, Type::Date | Type::Timestamp(_)) => true,
        (DataType::Timestamp(..) | DataType::Int64, Type::Timestamp(_)) => true,
        (DataType::Timestamp(..), Type::TimestampTz(_)) => true,
        (DataType::Time64(_), Type::Time(_)) => true,
        (DataType::List(item), Type::Array(element)) => {
            is_readable(item.data_type(), element, child(ids, 0))
        }
        (DataType::Map(entries, _), Type::Map(key, value)) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                is_readable(fields[0].data_type(), key, child(ids, 0))
                    && is_readable(fields[1].data_type(), value, child(ids, 1))
            }
            _ => false,
        },
        (DataType::Struct(of_file), Type::Row(wanted)) => {
            wanted.iter().enumerate().all(|(i, field)| {
                let ids = child(ids, i);
                find(of_file, field.name.as_deref().unwrap_or_default(), ids)
                    .is_none_or(|at| is_readable(of_file[at].data_type(), &field.data_type, ids))
            })
        }
        _ => false,
    }
}

/// Whether it is a time of day, and `wanted` the integer that it is stored as.
fn is_time(of_file: &DataType, wanted: &Type) -> bool {
    matches!(
        (of_file, wanted),
        (DataType::Time32(_), Type::Integer) | (DataType::Time64(_), Type::Bigint)
    )
}

/// The place of a column or field: by its id, where it has one, else by its name.
pub(super) fn find(fields: &Fields, name: &str, ids: Option<&FieldIds>) -> Option<usize> {
    fields.iter().position(|field| match ids {
        Some(ids) => ids.is_of(field),
        None => field.name().eq_ignore_ascii_case(name),
    })
}

/// An array of a file in the form of the table's type.
pub(super) fn fit(
    array: &ArrayRef,
    wanted: &Type,
    ids: Option<&FieldIds>,
) -> Result<ArrayRef, Error> {
    let target = wanted.arrow();
    Ok(match (array.data_type(), wanted) {
        (from, _)
            if *from == target
                && !matches!(
                    wanted,
                    Type::Varchar(Some(_)) | Type::Char(_) | Type::Timestamp(..6)
                ) =>
        {
            array.clone()
        }
        (DataType::List(_), Type::Array(element)) => {
            let list = array.as_list::<i32>();
            let items = fit(list.values(), element, child(ids, 0))?;
            let item = Arc::new(Field::new("item", items.data_type().clone(), true));
            let list =
                ListArray::try_new(item, list.offsets().clone(), items, list.nulls().cloned());
            Arc::new(list.map_err(Error::internal)?)
        }
        (DataType::Map(..), Type::Map(key, value)) => {
            let map = array.as_map();
            let columns = vec![
                fit(map.keys(), key, child(ids, 0))?,
                fit(map.values(), value, child(ids, 1))?,
            ];
            let entries = rows(columns, None)?;
            let item = Arc::new(Field::new("item", entries.data_type().clone(), true));
            let list = ListArray::try_new(
                item,
                map.offsets().clone(),
                Arc::new(entries),
                map.nulls().cloned(),
            );
            Arc::new(list.map_err(Error::internal)?)
        }
        (DataType::Struct(of_file), Type::Row(wanted)) => {
            let parts = array.as_struct();
            let columns = wanted.iter().enumerate().map(|(i, field)| {
                let ids = child(ids, i);
                match find(of_file, field.name.as_deref().unwrap_or_default(), ids) {
                    Some(at) => fit(parts.column(at), &field.data_type, ids),
                    None => Ok(new_null_array(&field.data_type.arrow(), array.len())),
                }
            });
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            Arc::new(rows(columns, parts.nulls().cloned())?)
        }
        (_, Type::Varchar(Some(_)) | Type::Char(_)) => {
            let text = cast(array, &DataType::Utf8).map_err(Error::internal)?;
            let mut column = crate::formats::column::Column::new(wanted.clone());
            for value in text.as_string::<i32>() {
                match value {
                    Some(value) if column.append_text(value) => {}
                    _ => column.append_null(),
                }
            }
            column.finish()
        }
        // A moment of UTC is shown on UTC's clock, which only takes the zone off.
        (DataType::Timestamp(unit, Some(_)), Type::Timestamp(_)) => {
            let plain = cast(array, &DataType::Timestamp(*unit, None)).map_err(Error::internal)?;
            fit(&plain, wanted, ids)?
        }
        (DataType::Timestamp(_, None), Type::Timestamp(precision @ ..6)) => {
            let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
            rounded(&cast(array, &micros).map_err(Error::internal)?, *precision)
        }
        (DataType::Timestamp(..), Type::TimestampTz(precision)) => {
            let instants = fit(array, &Type::Timestamp(*precision), None)?;
            let zones = std::iter::repeat_n("UTC", array.len());
            let zones: ArrayRef = Arc::new(StringArray::from_iter_values(zones));
            let DataType::Struct(fields) = target else {
                return Err(Error::internal("a moment is a struct"));
            };
            let moments =
                StructArray::try_new(fields, vec![instants, zones], array.nulls().cloned());
            Arc::new(moments.map_err(Error::internal)?)
        }
        (DataType::Time64(_), Type::Time(_)) => {
            let micros = DataType::Time64(TimeUnit::Microsecond);
            let micros = cast(array, &micros).map_err(Error::internal)?;
            let micros = micros.as_primitive::<Time64MicrosecondType>();
            let picos = micros.unary::<_, Int64Type>(|n| n * PICOS_PER_MICRO);
            Arc::new(picos)
        }
        _ => cast_with_options(array, &target, &STRICT).map_err(|error| {
            Error::user(
                "HIVE_BAD_DATA",
                format!("cannot read {} as {wanted}: {error}", array.data_type()),
            )
        })?,
    })
}

/// Rounds microseconds to so many digits of a second, half up, as Trino's readers do.
fn rounded(micros: &ArrayRef, precision: u8) -> ArrayRef {
    let unit = 10_i64.pow(u32::from(MICRO_DIGITS.saturating_sub(precision)));
    let micros = micros.as_primitive::<TimestampMicrosecondType>();
    let round = |n: i64| n.saturating_add(unit / 2).div_euclid(unit) * unit;
    Arc::new(micros.unary::<_, TimestampMicrosecondType>(round))
}

fn rows(
    columns: Vec<ArrayRef>,
    nulls: Option<datafusion::arrow::buffer::NullBuffer>,
) -> Result<StructArray, Error> {
    let fields: Fields = columns
        .iter()
        .enumerate()
        .map(|(i, column)| Field::new(field_name(i), column.data_type().clone(), true))
        .collect();
    StructArray::try_new(fields, columns, nulls).map_err(Error::internal)
}
