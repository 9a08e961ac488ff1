//! Trino's types as written. Whether a type exists is the analyzer's to say.

use super::{Identifier, IntervalField, Position};

#[derive(Clone, Debug, PartialEq)]
pub struct DataType {
    pub position: Position,
    pub kind: DataTypeKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DataTypeKind {
    /// `bigint`, `varchar(10)`, `decimal(10, 2)`; `double precision` is `double`.
    Generic {
        /// In lower case.
        name: String,
        parameters: Vec<TypeParameter>,
    },
    /// `array(bigint)`, `array<bigint>`, `bigint array`.
    Array(Box<DataType>),
    /// `map(varchar, bigint)`, `map<varchar, bigint>`.
    Map(Box<DataType>, Box<DataType>),
    /// `row(bigint, x varchar)`.
    Row(Vec<RowField>),
    /// `time(3) with time zone`.
    Time {
        precision: Option<u32>,
        with_time_zone: bool,
    },
    /// `timestamp(3) with time zone`.
    Timestamp {
        precision: Option<u32>,
        with_time_zone: bool,
    },
    /// `interval year to month`.
    Interval {
        from: IntervalField,
        to: IntervalField,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypeParameter {
    Number(u64),
    Type(DataType),
}

#[derive(Clone, Debug, PartialEq)]
pub struct RowField {
    pub name: Option<Identifier>,
    pub data_type: DataType,
}
