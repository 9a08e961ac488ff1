//! Which data files a filter can leave out, by what the log says of their values.
//!
//! Source: Delta Lake's protocol, "Per-file Statistics" and "Partition Value Serialization".

use serde_json::{Map, Value as Json};

use super::action::Add;
use super::bad_log;
use super::schema::Column;
use crate::error::Error;
use crate::formats::{Bounds, Filter, Known, scalar_of};
use crate::types::calendar::{parse_date, parse_timestamp};
use crate::types::zone::Zone;
use crate::types::{Type, Value};

/// Statistics of moments are cut to milliseconds.
const MILLI_PICOS: i128 = 1_000_000_000;

/// Whether each of the files may have rows that the filter keeps.
pub fn files_kept(filter: &Filter, columns: &[Column], files: &[Add]) -> Result<Vec<bool>, Error> {
    if filter.is_none() {
        return Ok(vec![true; files.len()]);
    }
    let values = files
        .iter()
        .map(|file| partition_values(columns, file))
        .collect::<Result<Vec<_>, Error>>()?;
    let statistics: Vec<Statistics> = files.iter().map(Statistics::of).collect();
    let types: Vec<(String, Type)> = columns
        .iter()
        .map(|column| (column.name.clone(), column.data_type.clone()))
        .collect();
    let known = |column: usize, file: usize| match &values[file][column] {
        Some(value) => Known {
            least: value.clone(),
            greatest: value.clone(),
            nulls: if value.is_null() {
                statistics[file].rows
            } else {
                Some(0)
            },
        },
        None => statistics[file].column(&columns[column]),
    };
    let bounds = Bounds {
        columns: &types,
        count: files.len(),
        known: &known,
        rows: &|file| statistics[file].rows,
    };
    Ok(bounds.kept(filter))
}

/// The values of those columns that divide the table; none of the others.
pub fn partition_values(columns: &[Column], file: &Add) -> Result<Vec<Option<Value>>, Error> {
    let value = |column: &Column| {
        if !column.is_partition {
            return Ok(None);
        }
        let text = file.partition_values.get(&column.physical_name);
        // Nothing is NULL, of whatever type.
        let text = text.and_then(Option::as_deref).unwrap_or_default();
        if text.is_empty() {
            return Ok(Some(Value::Null));
        }
        let value = from_text(&column.data_type, text).ok_or_else(|| {
            bad_log(format!(
                "{} is in a partition whose value '{text}' of {} is no {}",
                file.path, column.name, column.data_type
            ))
        })?;
        Ok(Some(value))
    };
    columns.iter().map(value).collect()
}

fn from_text(data_type: &Type, text: &str) -> Option<Value> {
    match data_type {
        Type::TimestampTz(_) => {
            let moment = parse_timestamp(text)?;
            let zone = moment.zone.unwrap_or(Zone::UTC);
            Some(Value::TimestampTz(zone.to_instant(moment.local), Zone::UTC))
        }
        other => scalar_of(other, text),
    }
}

/// What the log says of a data file's values.
#[derive(Default)]
struct Statistics {
    /// Also those that are deleted.
    rows: Option<u64>,
    least: Map<String, Json>,
    greatest: Map<String, Json>,
    nulls: Map<String, Json>,
}

impl Statistics {
    /// Statistics that cannot be read say nothing.
    fn of(file: &Add) -> Self {
        let json = file.stats.as_deref();
        let Some(Json::Object(mut stats)) = json.and_then(|json| serde_json::from_str(json).ok())
        else {
            return Self::default();
        };
        let mut object = |name: &str| match stats.remove(name) {
            Some(Json::Object(of_columns)) => of_columns,
            _ => Map::new(),
        };
        Self {
            least: object("minValues"),
            greatest: object("maxValues"),
            nulls: object("nullCount"),
            rows: stats.get("numRecords").and_then(Json::as_u64),
        }
    }

    fn column(&self, column: &Column) -> Known {
        let bound = |of_columns: &Map<String, Json>| {
            let json = of_columns.get(&column.physical_name)?;
            from_json(&column.data_type, json)
        };
        // One bound alone may be all that a writer has.
        Known {
            least: bound(&self.least).unwrap_or(Value::Null),
            greatest: bound(&self.greatest).map_or(Value::Null, at_most),
            nulls: self.nulls.get(&column.physical_name).and_then(Json::as_u64),
        }
    }
}

/// A bound; none of floating-point numbers, whose bounds leave NaN out.
fn from_json(data_type: &Type, json: &Json) -> Option<Value> {
    match (data_type, json) {
        (Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint, json) => {
            json.as_i64().map(Value::Integer)
        }
        (Type::Varchar(None), Json::String(text)) => Some(Value::text(text.as_str())),
        (Type::Date, Json::String(text)) => parse_date(text).map(Value::Date),
        (Type::Timestamp(_), Json::String(text)) => {
            Some(Value::Timestamp(parse_timestamp(text)?.local))
        }
        _ => None,
    }
}

fn at_most(value: Value) -> Value {
    match value {
        Value::Timestamp(picos) => Value::Timestamp(picos + MILLI_PICOS),
        other => other,
    }
}
