//! What a data file that was just written says of its columns.

use std::cmp::Ordering;
use std::collections::HashMap;

use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::parquet::file::statistics::Statistics;

use super::schema::{DataType, Primitive, Schema};
use super::value;
use crate::types::Value;

/// By the ids of columns: the numbers of values and of NULLs, and the bounds.
#[derive(Debug, Default)]
pub struct ColumnStatistics {
    pub values: HashMap<i32, u64>,
    pub nulls: HashMap<i32, u64>,
    pub lower: HashMap<i32, Vec<u8>>,
    pub upper: HashMap<i32, Vec<u8>>,
}

/// Of the columns that are not nested.
pub fn statistics(metadata: &ParquetMetaData, schema: &Schema) -> ColumnStatistics {
    let mut found = ColumnStatistics::default();
    for field in &schema.fields {
        if let DataType::Primitive(primitive) = &field.data_type {
            of_column(metadata, &field.name, field.id, primitive, &mut found);
        }
    }
    found
}

fn of_column(
    metadata: &ParquetMetaData,
    name: &str,
    id: i32,
    primitive: &Primitive,
    found: &mut ColumnStatistics,
) {
    let mut nulls = Some(0);
    let (mut least, mut greatest) = (Bound::NONE, Bound::NONE);
    for group in metadata.row_groups() {
        let column = group.columns().iter().find(|column| {
            let path = column.column_path().parts();
            path.len() == 1 && path[0] == name
        });
        let Some(column) = column else { return };
        *found.values.entry(id).or_default() += column.num_values() as u64;
        let statistics = column.statistics();
        let of_group = statistics.and_then(Statistics::null_count_opt);
        nulls = nulls.zip(of_group).map(|(sum, n)| sum + n);
        if of_group == Some(column.num_values() as u64) {
            // No value that could be a bound.
            continue;
        }
        let bounds = statistics.and_then(|s| bounds(s, primitive));
        let (low, high) = bounds.map_or((Value::Null, Value::Null), |bounds| bounds);
        least.take(low, Ordering::Less);
        greatest.take(high, Ordering::Greater);
    }
    found.nulls.extend(nulls.map(|nulls| (id, nulls)));
    let bytes = |bound: Bound| value::to_bytes(&bound.value, primitive).filter(|_| bound.is_known);
    found.lower.extend(bytes(least).map(|bytes| (id, bytes)));
    found.upper.extend(bytes(greatest).map(|bytes| (id, bytes)));
}

/// The bound of several parts.
struct Bound {
    /// NULL before the first part.
    value: Value,
    /// Whether each part has had one.
    is_known: bool,
}

impl Bound {
    const NONE: Self = Self {
        value: Value::Null,
        is_known: true,
    };

    /// Takes a part's bound, if it is `wanted` of the one so far; NULL where it has none.
    fn take(&mut self, next: Value, wanted: Ordering) {
        self.is_known &= !next.is_null();
        if self.value.is_null() || next.order(&self.value) == wanted {
            self.value = next;
        }
    }
}

fn bounds(statistics: &Statistics, primitive: &Primitive) -> Option<(Value, Value)> {
    let low = of_bytes(statistics, statistics.min_bytes_opt()?, primitive)?;
    let high = of_bytes(statistics, statistics.max_bytes_opt()?, primitive)?;
    Some((low, high))
}

/// Parquet's numbers lie as Iceberg's do, but for decimals in integers.
fn of_bytes(statistics: &Statistics, bytes: &[u8], primitive: &Primitive) -> Option<Value> {
    match (statistics, primitive) {
        (Statistics::Int32(_), Primitive::Decimal(..)) => {
            let number = i32::from_le_bytes(bytes.try_into().ok()?);
            Some(Value::Decimal(number.into()))
        }
        (Statistics::Int64(_), Primitive::Decimal(..)) => {
            let number = i64::from_le_bytes(bytes.try_into().ok()?);
            Some(Value::Decimal(number.into()))
        }
        _ => value::from_bytes(bytes, primitive),
    }
}
