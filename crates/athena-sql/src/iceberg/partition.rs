//! How rows are divided: transforms of columns.
//!
//! Source: Apache Iceberg's specification, "Partitioning" and "Partition Transforms".

use std::fmt;

use serde::{Deserialize, Serialize};

use super::schema::{DataType, Primitive, Schema};
use crate::types::Value;
use crate::types::calendar::days_of;

/// The first id of a partition's field.
pub const FIRST_FIELD_ID: i32 = 1000;

/// In seconds.
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
const PICOS_PER_SECOND: i128 = 1_000_000_000_000;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PartitionSpec {
    pub spec_id: i32,
    pub fields: Vec<PartitionField>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PartitionField {
    pub name: String,
    pub transform: Transform,
    /// The id of the column it is made of.
    pub source_id: i32,
    /// The first version of the format does not write it: they count from [`FIRST_FIELD_ID`].
    #[serde(default)]
    pub field_id: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Transform {
    Identity,
    /// Into so many buckets.
    Bucket(u32),
    /// To a width, or so many characters.
    Truncate(u32),
    Year,
    Month,
    Day,
    Hour,
    /// Always NULL: of a field that was dropped.
    Void,
    /// One of a later version; it chooses no files.
    Unknown(String),
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bucket(count) => return write!(f, "bucket[{count}]"),
            Self::Truncate(width) => return write!(f, "truncate[{width}]"),
            Self::Identity => "identity",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Void => "void",
            Self::Unknown(text) => text,
        })
    }
}

impl From<Transform> for String {
    fn from(transform: Transform) -> Self {
        transform.to_string()
    }
}

impl From<String> for Transform {
    fn from(text: String) -> Self {
        let parameter = |name: &str| {
            let inner = text.strip_prefix(name)?.strip_prefix('[')?;
            inner.strip_suffix(']')?.parse().ok()
        };
        if let Some(count) = parameter("bucket") {
            return Self::Bucket(count);
        }
        if let Some(width) = parameter("truncate") {
            return Self::Truncate(width);
        }
        Self::named(&text).unwrap_or(Self::Unknown(text))
    }
}

impl Transform {
    /// A transform without a parameter.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "identity" => Self::Identity,
            "year" => Self::Year,
            "month" => Self::Month,
            "day" => Self::Day,
            "hour" => Self::Hour,
            "void" => Self::Void,
            _ => return None,
        })
    }

    /// What Iceberg calls a partition's field when nobody does.
    pub fn field_name(&self, column: &str) -> String {
        let ending = match self {
            Self::Identity | Self::Unknown(_) => return column.to_owned(),
            Self::Bucket(_) => "bucket",
            Self::Truncate(_) => "trunc",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Void => "null",
        };
        format!("{column}_{ending}")
    }

    /// Whether a column of this type can be divided so.
    pub fn takes(&self, source: &DataType) -> bool {
        use Primitive::*;
        let DataType::Primitive(primitive) = source else {
            return matches!(self, Self::Void | Self::Unknown(_));
        };
        match self {
            Self::Identity | Self::Void | Self::Unknown(_) => true,
            Self::Bucket(_) => !matches!(primitive, Boolean | Float | Double),
            Self::Truncate(_) => matches!(primitive, Int | Long | Decimal(..) | String | Binary),
            Self::Year | Self::Month | Self::Day => {
                matches!(primitive, Date | Timestamp | Timestamptz)
            }
            Self::Hour => matches!(primitive, Timestamp | Timestamptz),
        }
    }

    /// The type of what it gives, for a column of this type.
    pub fn result(&self, source: &Primitive) -> Primitive {
        match self {
            Self::Bucket(_) | Self::Year | Self::Month | Self::Hour => Primitive::Int,
            Self::Day => Primitive::Date,
            Self::Identity | Self::Truncate(_) | Self::Void | Self::Unknown(_) => source.clone(),
        }
    }
}

impl PartitionSpec {
    pub fn is_unpartitioned(&self) -> bool {
        let divides = |field: &PartitionField| field.transform != Transform::Void;
        !self.fields.iter().any(divides)
    }

    /// The types of the fields' values. A column that has been dropped since gives none.
    pub fn types(&self, schemas: &[&Schema]) -> Vec<Option<Primitive>> {
        let of = |field: &PartitionField| {
            let found = schemas.iter().find_map(|s| s.find(field.source_id))?;
            match found.1 {
                DataType::Primitive(source) => Some(field.transform.result(source)),
                DataType::Nested(_) => None,
            }
        };
        self.fields.iter().map(of).collect()
    }
}

impl Transform {
    /// The least and the greatest value of a column of which a transform gives values from `lower`
    /// to `upper`; none where the transform does not keep their order, or nothing is gained.
    pub fn span(&self, lower: Value, upper: Value, source: &Primitive) -> Option<(Value, Value)> {
        if *self == Self::Identity {
            return Some((lower, upper));
        }
        let number = |value: Value| match value {
            Value::Integer(n) => Some(n),
            Value::Date(days) => Some(days.into()),
            _ => None,
        };
        let first = self.start(number(lower)?)?;
        let end = self.start(number(upper)?.checked_add(1)?)?;
        match source {
            Primitive::Date => {
                let day = |seconds: i64| i32::try_from(seconds.div_euclid(DAY)).ok();
                Some((Value::Date(day(first)?), Value::Date(day(end)? - 1)))
            }
            Primitive::Timestamp => {
                let picos = |seconds: i64| i128::from(seconds) * PICOS_PER_SECOND;
                let greatest = Value::Timestamp(picos(end) - PICOS_PER_SECOND / 1_000_000);
                Some((Value::Timestamp(picos(first)), greatest))
            }
            _ => None,
        }
    }

    /// When the year, month, day or hour of this number begins, in seconds since 1970.
    fn start(&self, number: i64) -> Option<i64> {
        let of_month = |months: i64| {
            let (year, month) = (months.div_euclid(12) + 1970, months.rem_euclid(12) + 1);
            i64::from(days_of(year, month, 1)?).checked_mul(DAY)
        };
        match self {
            Self::Year => of_month(number.checked_mul(12)?),
            Self::Month => of_month(number),
            Self::Day => number.checked_mul(DAY),
            Self::Hour => number.checked_mul(HOUR),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transform_is_read_as_it_is_written() {
        for text in [
            "identity",
            "bucket[16]",
            "truncate[4]",
            "day",
            "void",
            "zorder",
        ] {
            assert_eq!(Transform::from(text.to_owned()).to_string(), text);
        }
    }

    #[test]
    fn a_month_spans_its_first_to_its_last_day() {
        // 2024-02, in months since 1970.
        let month = || Value::Integer(649);
        let span = Transform::Month.span(month(), month(), &Primitive::Date);
        let span = span.expect("a span");
        assert_eq!(format!("{span:?}"), "(Date(19754), Date(19782))");
        let buckets = Transform::Bucket(4).span(month(), month(), &Primitive::Long);
        assert!(buckets.is_none());
    }
}
