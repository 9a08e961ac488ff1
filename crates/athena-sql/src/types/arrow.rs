//! How a type's values lie in Arrow arrays: the one place that knows it.
//!
//! | type | Arrow |
//! |---|---|
//! | unknown | Boolean, all NULL |
//! | varchar, char, json | Utf8 (char without its trailing blanks) |
//! | ipaddress, uuid | FixedSizeBinary(16) |
//! | time(p) | Int64, picoseconds |
//! | time(p) with time zone | Struct{utc: Int64 picoseconds of the UTC day, minutes: Int16} |
//! | timestamp(p) | Timestamp(µs) up to 6 digits, else Decimal128(38,0) of picoseconds |
//! | timestamp(p) with time zone | Struct{instant: as timestamp(p), zone: Utf8} |
//! | interval day to second | Int64, milliseconds |
//! | interval year to month | Int32, months |
//! | array | List |
//! | map | List of Struct{f0: key, f1: value} |
//! | row | Struct{f0, f1, …}: names are the analyzer's affair |

use std::sync::Arc;

use datafusion::arrow::array::*;
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::*;

use super::zone::{DAY, Zone};
use super::{Type, Value};

const MICRO: i128 = 1_000_000;
const MINUTE_PICOS: i64 = 60_000_000_000_000;

/// The name of a row's field number `index`.
pub fn field_name(index: usize) -> String {
    format!("f{index}")
}

fn nullable(name: &str, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(name, data_type, true))
}

impl Type {
    /// The Arrow type of this type's arrays.
    pub fn arrow(&self) -> DataType {
        match self {
            Self::Unknown | Self::Boolean => DataType::Boolean,
            Self::Tinyint => DataType::Int8,
            Self::Smallint => DataType::Int16,
            Self::Integer | Self::IntervalYear => DataType::Int32,
            Self::Bigint | Self::Time(_) | Self::IntervalDay => DataType::Int64,
            Self::Real => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Decimal(p, s) => DataType::Decimal128(*p, *s as i8),
            Self::Varchar(_) | Self::Char(_) | Self::Json | Self::JsonPath => DataType::Utf8,
            Self::Varbinary => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::TimeTz(_) => DataType::Struct(Fields::from(vec![
                nullable("utc", DataType::Int64),
                nullable("minutes", DataType::Int16),
            ])),
            Self::Timestamp(p) if *p <= 6 => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Timestamp(_) => DataType::Decimal128(38, 0),
            Self::TimestampTz(p) => DataType::Struct(Fields::from(vec![
                nullable("instant", Self::Timestamp(*p).arrow()),
                nullable("zone", DataType::Utf8),
            ])),
            Self::IpAddress | Self::Uuid => DataType::FixedSizeBinary(16),
            Self::Array(e) => DataType::List(nullable("item", e.arrow())),
            Self::Map(k, v) => DataType::List(nullable("item", entry_type(k, v))),
            Self::Row(fields) => DataType::Struct(
                fields
                    .iter()
                    .enumerate()
                    .map(|(i, f)| nullable(&field_name(i), f.data_type.arrow()))
                    .collect(),
            ),
            // A lambda is never a value; the analyzer keeps it out of arrays.
            Self::Function(..) => DataType::Boolean,
        }
    }
}

fn entry_type(key: &Type, value: &Type) -> DataType {
    DataType::Struct(Fields::from(vec![
        nullable("f0", key.arrow()),
        nullable("f1", value.arrow()),
    ]))
}

/// All values of an array.
pub fn values_of(array: &dyn Array, data_type: &Type) -> Vec<Value> {
    (0..array.len())
        .map(|row| value_at(array, data_type, row))
        .collect()
}

/// The value in a row of an array that lies as `data_type` says.
pub fn value_at(array: &dyn Array, data_type: &Type, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match data_type {
        Type::Unknown | Type::Function(..) => Value::Null,
        Type::Boolean => Value::Boolean(array.as_boolean().value(row)),
        Type::Tinyint => Value::Integer(array.as_primitive::<Int8Type>().value(row).into()),
        Type::Smallint => Value::Integer(array.as_primitive::<Int16Type>().value(row).into()),
        Type::Integer => Value::Integer(array.as_primitive::<Int32Type>().value(row).into()),
        Type::Bigint => Value::Integer(array.as_primitive::<Int64Type>().value(row)),
        Type::Real => Value::Real(array.as_primitive::<Float32Type>().value(row)),
        Type::Double => Value::Double(array.as_primitive::<Float64Type>().value(row)),
        Type::Decimal(..) => Value::Decimal(array.as_primitive::<Decimal128Type>().value(row)),
        Type::Varchar(_) | Type::Char(_) | Type::Json | Type::JsonPath => {
            Value::text(array.as_string::<i32>().value(row))
        }
        Type::Varbinary => Value::binary(array.as_binary::<i32>().value(row)),
        Type::Date => Value::Date(array.as_primitive::<Date32Type>().value(row)),
        Type::Time(_) => Value::Time(array.as_primitive::<Int64Type>().value(row)),
        Type::TimeTz(_) => {
            let parts = array.as_struct();
            let utc = parts.column(0).as_primitive::<Int64Type>().value(row);
            let minutes = parts.column(1).as_primitive::<Int16Type>().value(row);
            let local = (utc + i64::from(minutes) * MINUTE_PICOS).rem_euclid(DAY as i64);
            Value::TimeTz(local, minutes)
        }
        Type::Timestamp(p) => Value::Timestamp(picos_at(array, *p, row)),
        Type::TimestampTz(p) => {
            let parts = array.as_struct();
            let zone = parts.column(1).as_string::<i32>().value(row);
            Value::TimestampTz(
                picos_at(parts.column(0), *p, row),
                Zone::parse(zone).unwrap_or(Zone::UTC),
            )
        }
        Type::IntervalDay => Value::IntervalDay(array.as_primitive::<Int64Type>().value(row)),
        Type::IntervalYear => Value::IntervalYear(array.as_primitive::<Int32Type>().value(row)),
        Type::IpAddress | Type::Uuid => Value::binary(array.as_fixed_size_binary().value(row)),
        Type::Array(element) => {
            let values = array.as_list::<i32>().value(row);
            Value::array(values_of(&values, element))
        }
        Type::Map(key, value) => {
            let entries = array.as_list::<i32>().value(row);
            let entries = entries.as_struct();
            let keys = values_of(entries.column(0), key);
            let values = values_of(entries.column(1), value);
            Value::map(keys.into_iter().zip(values).collect())
        }
        Type::Row(fields) => {
            let parts = array.as_struct();
            Value::row(
                fields
                    .iter()
                    .enumerate()
                    .map(|(i, f)| value_at(parts.column(i), &f.data_type, row))
                    .collect(),
            )
        }
    }
}

fn picos_at(array: &dyn Array, precision: u8, row: usize) -> i128 {
    if precision <= 6 {
        i128::from(array.as_primitive::<TimestampMicrosecondType>().value(row)) * MICRO
    } else {
        array.as_primitive::<Decimal128Type>().value(row)
    }
}

/// An array of values, which must be of the type or NULL.
pub fn array_from_values(data_type: &Type, values: &[Value]) -> ArrayRef {
    macro_rules! primitive {
        ($arrow:ty, $($pattern:pat => $out:expr),+) => {
            Arc::new(
                values
                    .iter()
                    .map(|v| match v { $($pattern => Some($out),)+ _ => None })
                    .collect::<PrimitiveArray<$arrow>>(),
            )
        };
    }
    match data_type {
        Type::Unknown | Type::Function(..) => Arc::new(BooleanArray::new_null(values.len())),
        Type::Boolean => Arc::new(
            values
                .iter()
                .map(|v| match v {
                    Value::Boolean(b) => Some(*b),
                    _ => None,
                })
                .collect::<BooleanArray>(),
        ),
        Type::Tinyint => primitive!(Int8Type, Value::Integer(n) => *n as i8),
        Type::Smallint => primitive!(Int16Type, Value::Integer(n) => *n as i16),
        Type::Integer => primitive!(Int32Type, Value::Integer(n) => *n as i32),
        Type::Bigint => primitive!(Int64Type, Value::Integer(n) => *n),
        Type::Real => primitive!(Float32Type, Value::Real(x) => *x),
        Type::Double => primitive!(Float64Type, Value::Double(x) => *x),
        Type::Decimal(..) => retyped_decimal(data_type, values),
        Type::Varchar(_) | Type::Char(_) | Type::Json | Type::JsonPath => Arc::new(
            values
                .iter()
                .map(|v| match v {
                    Value::Text(t) => Some(&**t),
                    _ => None,
                })
                .collect::<StringArray>(),
        ),
        Type::Varbinary => Arc::new(
            values
                .iter()
                .map(|v| match v {
                    Value::Binary(b) => Some(&**b),
                    _ => None,
                })
                .collect::<BinaryArray>(),
        ),
        Type::Date => primitive!(Date32Type, Value::Date(n) => *n),
        Type::Time(_) => primitive!(Int64Type, Value::Time(n) => *n),
        Type::TimeTz(_) => {
            let utc: ArrayRef = primitive!(Int64Type, Value::TimeTz(local, minutes) =>
                (local - i64::from(*minutes) * MINUTE_PICOS).rem_euclid(DAY as i64));
            let minutes: ArrayRef = primitive!(Int16Type, Value::TimeTz(_, minutes) => *minutes);
            struct_array(data_type, vec![utc, minutes], values)
        }
        Type::Timestamp(p) => timestamps(*p, values),
        Type::TimestampTz(p) => {
            let zones: ArrayRef = Arc::new(
                values
                    .iter()
                    .map(|v| match v {
                        Value::TimestampTz(_, zone) => Some(zone.to_string()),
                        _ => None,
                    })
                    .collect::<StringArray>(),
            );
            struct_array(data_type, vec![timestamps(*p, values), zones], values)
        }
        Type::IntervalDay => primitive!(Int64Type, Value::IntervalDay(n) => *n),
        Type::IntervalYear => primitive!(Int32Type, Value::IntervalYear(n) => *n),
        Type::IpAddress | Type::Uuid => {
            let mut builder = FixedSizeBinaryBuilder::with_capacity(values.len(), 16);
            for value in values {
                match value {
                    Value::Binary(b) if builder.append_value(b).is_ok() => {}
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Type::Array(element) => {
            let items: Vec<Value> = values
                .iter()
                .flat_map(|v| v.as_array().iter().cloned())
                .collect();
            let lengths = values.iter().map(|v| v.as_array().len());
            Arc::new(ListArray::new(
                nullable("item", element.arrow()),
                OffsetBuffer::from_lengths(lengths),
                array_from_values(element, &items),
                nulls(values),
            ))
        }
        Type::Map(key, value) => {
            let (keys, items): (Vec<Value>, Vec<Value>) = values
                .iter()
                .flat_map(|v| v.as_map().iter().cloned())
                .unzip();
            let DataType::Struct(fields) = entry_type(key, value) else {
                return new_null_array(&data_type.arrow(), values.len());
            };
            let entries = StructArray::new(
                fields.clone(),
                vec![
                    array_from_values(key, &keys),
                    array_from_values(value, &items),
                ],
                None,
            );
            Arc::new(ListArray::new(
                nullable("item", DataType::Struct(fields)),
                OffsetBuffer::from_lengths(values.iter().map(|v| v.as_map().len())),
                Arc::new(entries),
                nulls(values),
            ))
        }
        Type::Row(fields) => {
            let columns = fields
                .iter()
                .enumerate()
                .map(|(i, f)| {
                    let column: Vec<Value> = values
                        .iter()
                        .map(|v| v.as_array().get(i).cloned().unwrap_or(Value::Null))
                        .collect();
                    array_from_values(&f.data_type, &column)
                })
                .collect();
            struct_array(data_type, columns, values)
        }
    }
}

fn retyped_decimal(data_type: &Type, values: &[Value]) -> ArrayRef {
    let plain = values
        .iter()
        .map(|v| match v {
            Value::Decimal(n) => Some(*n),
            _ => None,
        })
        .collect::<Decimal128Array>();
    Arc::new(plain.with_data_type(data_type.arrow()))
}

fn timestamps(precision: u8, values: &[Value]) -> ArrayRef {
    let picos = values.iter().map(|v| match v {
        Value::Timestamp(n) | Value::TimestampTz(n, _) => Some(*n),
        _ => None,
    });
    if precision <= 6 {
        Arc::new(
            picos
                .map(|p| p.map(|p| p.div_euclid(MICRO) as i64))
                .collect::<TimestampMicrosecondArray>(),
        )
    } else {
        Arc::new(
            picos
                .collect::<Decimal128Array>()
                .with_data_type(DataType::Decimal128(38, 0)),
        )
    }
}

fn nulls(values: &[Value]) -> Option<NullBuffer> {
    Some(values.iter().map(|v| !v.is_null()).collect())
}

fn struct_array(data_type: &Type, columns: Vec<ArrayRef>, values: &[Value]) -> ArrayRef {
    match data_type.arrow() {
        DataType::Struct(fields) => Arc::new(StructArray::new(fields, columns, nulls(values))),
        other => new_null_array(&other, values.len()),
    }
}
