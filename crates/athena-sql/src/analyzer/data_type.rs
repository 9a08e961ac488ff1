//! Types as written, to types.

use super::error_at;
use crate::ast::{DataType, DataTypeKind, IntervalField, Position, TypeParameter};
use crate::error::Error;
use crate::types::{RowField, Type, parse};

/// The type that is meant, or an error that names its place.
pub fn resolve(written: &DataType) -> Result<Type, Error> {
    let unknown = |what: String| {
        error_at(
            written.position,
            "TYPE_NOT_FOUND",
            format!("Unknown type: {what}"),
        )
    };
    Ok(match &written.kind {
        DataTypeKind::Array(element) => Type::array(resolve(element)?),
        DataTypeKind::Map(key, value) => Type::map(resolve(key)?, resolve(value)?),
        DataTypeKind::Row(fields) => Type::Row(
            fields
                .iter()
                .map(|field| {
                    Ok(RowField {
                        name: field.name.as_ref().map(|name| {
                            if name.quoted {
                                name.value.clone()
                            } else {
                                name.lower()
                            }
                        }),
                        data_type: resolve(&field.data_type)?,
                    })
                })
                .collect::<Result<_, Error>>()?,
        ),
        DataTypeKind::Time {
            precision,
            with_time_zone,
        }
        | DataTypeKind::Timestamp {
            precision,
            with_time_zone,
        } => {
            let p = precision.unwrap_or(3);
            let what = match written.kind {
                DataTypeKind::Time { .. } => "TIME",
                _ => "TIMESTAMP",
            };
            let Some(p) = u8::try_from(p).ok().filter(|p| *p <= 12) else {
                return Err(error_at(
                    written.position,
                    "INVALID_TYPE_DEFINITION",
                    format!("{what} precision must be in range [0, 12]: {p}"),
                ));
            };
            match (what, with_time_zone) {
                ("TIME", false) => Type::Time(p),
                ("TIME", true) => Type::TimeTz(p),
                (_, false) => Type::Timestamp(p),
                (_, true) => Type::TimestampTz(p),
            }
        }
        DataTypeKind::Interval { from, to } => match (from, to) {
            (
                IntervalField::Year | IntervalField::Month,
                IntervalField::Year | IntervalField::Month,
            ) => Type::IntervalYear,
            (
                IntervalField::Day
                | IntervalField::Hour
                | IntervalField::Minute
                | IntervalField::Second,
                IntervalField::Day
                | IntervalField::Hour
                | IntervalField::Minute
                | IntervalField::Second,
            ) => Type::IntervalDay,
            _ => return Err(unknown("interval".to_owned())),
        },
        DataTypeKind::Generic { name, parameters } => {
            let mut text = name.clone();
            if !parameters.is_empty() {
                let parts: Vec<String> = parameters
                    .iter()
                    .map(|parameter| match parameter {
                        TypeParameter::Number(n) => Ok(n.to_string()),
                        TypeParameter::Type(t) => resolve(t).map(|t| t.to_string()),
                    })
                    .collect::<Result<_, Error>>()?;
                text = format!("{name}({})", parts.join(", "));
            }
            by_name(&text, written.position)?
        }
    })
}

/// A type by its text. `string` is Hive's name alone: Trino knows no such type.
pub fn by_name(text: &str, position: Position) -> Result<Type, Error> {
    let known = parse(text)
        .ok()
        .filter(|_| !text.eq_ignore_ascii_case("string"));
    known.ok_or_else(|| error_at(position, "TYPE_NOT_FOUND", format!("Unknown type: {text}")))
}
