//! Trino's types: their names, their parameters, and what converts into what by itself.

pub mod arrow;
mod blank;
pub mod calendar;
mod coercion;
mod hive;
mod print;
mod text;
mod value;
pub mod zone;

pub use arrow::{array_from_values, value_at, values_of};
pub use blank::is_blank;
pub use coercion::{can_coerce, common_super_type};
pub use hive::{from_hive, to_hive};
pub use print::{
    decimal_text, double_text, ip_text, real_text, scientific_text, to_text, uuid_text,
};
pub use text::{ParseError, parse};
pub use value::Value;

use std::fmt;

/// The most digits of a decimal.
pub const MAX_PRECISION: u8 = 38;
/// The most digits of a second's fraction: picoseconds.
pub const MAX_FRACTION: u8 = 12;

/// A type as Trino has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Of a bare NULL.
    Unknown,
    Boolean,
    Tinyint,
    Smallint,
    Integer,
    Bigint,
    Real,
    Double,
    Decimal(u8, u8),
    /// Without a length: unbounded.
    Varchar(Option<u32>),
    Char(u32),
    Varbinary,
    Date,
    Time(u8),
    TimeTz(u8),
    Timestamp(u8),
    TimestampTz(u8),
    IntervalDay,
    IntervalYear,
    Json,
    IpAddress,
    Uuid,
    /// A JSON path, which only functions take.
    JsonPath,
    Array(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Row(Vec<RowField>),
    /// A lambda: its parameters and what it gives.
    Function(Vec<Type>, Box<Type>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowField {
    pub name: Option<String>,
    pub data_type: Type,
}

impl Type {
    pub const VARCHAR: Self = Self::Varchar(None);

    pub fn array(element: Self) -> Self {
        Self::Array(Box::new(element))
    }

    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    /// A row of nameless fields.
    pub fn row(fields: impl IntoIterator<Item = Self>) -> Self {
        Self::Row(
            fields
                .into_iter()
                .map(|data_type| RowField {
                    name: None,
                    data_type,
                })
                .collect(),
        )
    }

    /// The name without parameters: `varchar`, `decimal`, `timestamp with time zone`.
    pub fn base_name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Boolean => "boolean",
            Self::Tinyint => "tinyint",
            Self::Smallint => "smallint",
            Self::Integer => "integer",
            Self::Bigint => "bigint",
            Self::Real => "real",
            Self::Double => "double",
            Self::Decimal(..) => "decimal",
            Self::Varchar(_) => "varchar",
            Self::Char(_) => "char",
            Self::Varbinary => "varbinary",
            Self::Date => "date",
            Self::Time(_) => "time",
            Self::TimeTz(_) => "time with time zone",
            Self::Timestamp(_) => "timestamp",
            Self::TimestampTz(_) => "timestamp with time zone",
            Self::IntervalDay => "interval day to second",
            Self::IntervalYear => "interval year to month",
            Self::Json => "json",
            Self::IpAddress => "ipaddress",
            Self::Uuid => "uuid",
            Self::JsonPath => "JsonPath",
            Self::Array(_) => "array",
            Self::Map(..) => "map",
            Self::Row(_) => "row",
            Self::Function(..) => "function",
        }
    }

    pub fn is_integer(&self) -> bool {
        matches!(
            self,
            Self::Tinyint | Self::Smallint | Self::Integer | Self::Bigint
        )
    }

    pub fn is_number(&self) -> bool {
        self.is_integer() || matches!(self, Self::Real | Self::Double | Self::Decimal(..))
    }

    /// The decimal that holds every value of an integer type.
    pub fn integer_as_decimal(&self) -> Option<(u8, u8)> {
        match self {
            Self::Tinyint => Some((3, 0)),
            Self::Smallint => Some((5, 0)),
            Self::Integer => Some((10, 0)),
            Self::Bigint => Some((19, 0)),
            Self::Decimal(p, s) => Some((*p, *s)),
            _ => None,
        }
    }

    /// Whether `=` has a meaning.
    pub fn is_comparable(&self) -> bool {
        match self {
            Self::Array(e) => e.is_comparable(),
            Self::Map(k, v) => k.is_comparable() && v.is_comparable(),
            Self::Row(fields) => fields.iter().all(|f| f.data_type.is_comparable()),
            Self::Function(..) | Self::JsonPath => false,
            _ => true,
        }
    }

    /// Whether `<` has a meaning.
    pub fn is_orderable(&self) -> bool {
        match self {
            Self::Array(e) => e.is_orderable(),
            Self::Row(fields) => fields.iter().all(|f| f.data_type.is_orderable()),
            Self::Map(..) | Self::Json | Self::Function(..) | Self::JsonPath => false,
            _ => true,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal(p, s) => write!(f, "decimal({p},{s})"),
            Self::Varchar(Some(n)) => write!(f, "varchar({n})"),
            Self::Char(n) => write!(f, "char({n})"),
            Self::Time(p) => write!(f, "time({p})"),
            Self::TimeTz(p) => write!(f, "time({p}) with time zone"),
            Self::Timestamp(p) => write!(f, "timestamp({p})"),
            Self::TimestampTz(p) => write!(f, "timestamp({p}) with time zone"),
            Self::Array(e) => write!(f, "array({e})"),
            Self::Map(k, v) => write!(f, "map({k}, {v})"),
            Self::Row(fields) => {
                f.write_str("row(")?;
                for (i, field) in fields.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    if let Some(name) = &field.name {
                        write_identifier(f, name)?;
                        f.write_str(" ")?;
                    }
                    write!(f, "{}", field.data_type)?;
                }
                f.write_str(")")
            }
            Self::Function(parameters, result) => {
                f.write_str("function(")?;
                for p in parameters {
                    write!(f, "{p},")?;
                }
                write!(f, "{result})")
            }
            plain => f.write_str(plain.base_name()),
        }
    }
}

fn write_identifier(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain {
        f.write_str(name)
    } else {
        write!(f, "\"{}\"", name.replace('"', "\"\""))
    }
}
