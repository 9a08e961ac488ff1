//! The values of a block.
//!
//! Source: Apache Avro's specification, "Binary Encoding".

use super::read::Read;
use super::schema::{Kind, Logical, Schema};
use crate::formats::scalar;
use crate::types::calendar::round_to;
use crate::types::{Type, Value};

/// Why a block cannot be read.
pub(super) type Damage = String;

/// Elements of a list beyond the bytes that a block has: those that have no bytes.
const EMPTY_ELEMENTS: usize = 1 << 16;

/// What is left of a block.
pub(super) struct Datum<'a> {
    rest: &'a [u8],
    /// How many elements the lists of one record may have.
    elements: usize,
}

/// Whether a column of this type takes the values of a simple type.
pub(super) fn is_readable(writer: &Schema, wanted: &Type) -> bool {
    let is_text = matches!(wanted, Type::Varchar(_) | Type::Char(_));
    match (&writer.kind, writer.logical) {
        (Kind::Boolean, _) => is_text || *wanted == Type::Boolean,
        (Kind::Int | Kind::Long, _) => {
            is_text
                || matches!(
                    wanted,
                    Type::Tinyint
                        | Type::Smallint
                        | Type::Integer
                        | Type::Bigint
                        | Type::Real
                        | Type::Double
                        | Type::Decimal(..)
                        | Type::Date
                        | Type::Timestamp(_)
                )
        }
        (Kind::Float | Kind::Double, _) => is_text || matches!(wanted, Type::Real | Type::Double),
        (Kind::Bytes | Kind::Fixed(_), Logical::Decimal(_)) => {
            matches!(wanted, Type::Decimal(..) | Type::Varbinary | Type::Double)
        }
        (Kind::String | Kind::Bytes | Kind::Fixed(_), _) => is_text || *wanted == Type::Varbinary,
        _ => false,
    }
}

impl<'a> Datum<'a> {
    pub fn new(rest: &'a [u8]) -> Self {
        Self { rest, elements: 0 }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads a record into its slots.
    pub fn record(
        &mut self,
        fields: &[(Read, Option<usize>)],
        defaults: &[Value],
    ) -> Result<Vec<Value>, Damage> {
        self.elements = self.rest.len() + EMPTY_ELEMENTS;
        self.fields(fields, defaults)
    }

    fn fields(
        &mut self,
        fields: &[(Read, Option<usize>)],
        defaults: &[Value],
    ) -> Result<Vec<Value>, Damage> {
        let mut values = defaults.to_vec();
        for (read, slot) in fields {
            let value = self.value(read)?;
            if let Some(slot) = slot {
                values[*slot] = value;
            }
        }
        Ok(values)
    }

    fn value(&mut self, read: &Read) -> Result<Value, Damage> {
        Ok(match read {
            Read::Skip(schema) => {
                self.skip(schema)?;
                Value::Null
            }
            Read::Scalar(schema, data_type) => self.scalar(schema, data_type)?,
            Read::Symbol(symbols) => {
                let symbol = usize::try_from(self.long()?).ok();
                let symbol = symbol.and_then(|symbol| symbols.get(symbol));
                let symbol = symbol.ok_or("an enum has no such symbol")?;
                symbol.clone().ok_or("No match for a symbol of an enum")?
            }
            Read::Union(branches) => {
                let branch = usize::try_from(self.long()?).ok();
                let branch = branch.and_then(|branch| branches.get(branch));
                self.value(branch.ok_or("a union has no such branch")?)?
            }
            Read::Array(item) => {
                let mut items = Vec::new();
                self.blocks(|datum| {
                    items.push(datum.value(item)?);
                    Ok(())
                })?;
                Value::array(items)
            }
            Read::Map(value) => {
                let mut entries: Vec<(Value, Value)> = Vec::new();
                self.blocks(|datum| {
                    let key = Value::text(String::from_utf8_lossy(datum.bytes()?));
                    entries.push((key, datum.value(value)?));
                    Ok(())
                })?;
                Value::map(last_of_each(entries))
            }
            Read::Record(fields, defaults) => Value::row(self.fields(fields, defaults)?),
            Read::Refused(why) => return Err(why.clone()),
        })
    }

    fn scalar(&mut self, schema: &Schema, data_type: &Type) -> Result<Value, Damage> {
        let is_text = matches!(data_type, Type::Varchar(_) | Type::Char(_));
        let found = match &schema.kind {
            Kind::Null => Some(Value::Null),
            Kind::Boolean => {
                let is_true = self.boolean()?;
                if is_text {
                    scalar::parse(data_type, if is_true { "true" } else { "false" })
                } else {
                    Some(Value::Boolean(is_true))
                }
            }
            Kind::Int | Kind::Long => Self::number_value(self.long()?, schema.logical, data_type),
            Kind::Float => {
                let number = f32::from_le_bytes(self.array()?);
                match data_type {
                    Type::Real => Some(Value::Real(number)),
                    Type::Double => Some(Value::Double(number.into())),
                    _ => scalar::parse(data_type, &format!("{number:?}")),
                }
            }
            Kind::Double => {
                let number = f64::from_le_bytes(self.array()?);
                match data_type {
                    Type::Real => Some(Value::Real(number as f32)),
                    Type::Double => Some(Value::Double(number)),
                    _ => scalar::parse(data_type, &format!("{number:?}")),
                }
            }
            Kind::String => {
                let bytes = self.bytes()?;
                match data_type {
                    Type::Varbinary => Some(Value::binary(bytes)),
                    _ => scalar::parse(data_type, &String::from_utf8_lossy(bytes)),
                }
            }
            Kind::Bytes => Self::bytes_value(self.bytes()?, schema.logical, data_type),
            Kind::Fixed(size) => Self::bytes_value(self.take(*size)?, schema.logical, data_type),
            _ => None,
        };
        found.ok_or_else(|| format!("a value of {} is no {data_type}", schema.name()))
    }

    /// What a column makes of a whole number; `None` if it is out of range.
    pub fn number_value(number: i64, logical: Logical, data_type: &Type) -> Option<Value> {
        let within = |low: i64, high: i64| (low..=high).contains(&number);
        match (data_type, logical) {
            (Type::Bigint, _) => Some(Value::Integer(number)),
            (Type::Integer, _) => {
                within(i32::MIN.into(), i32::MAX.into()).then_some(Value::Integer(number))
            }
            (Type::Smallint, _) => {
                within(i16::MIN.into(), i16::MAX.into()).then_some(Value::Integer(number))
            }
            (Type::Tinyint, _) => {
                within(i8::MIN.into(), i8::MAX.into()).then_some(Value::Integer(number))
            }
            (Type::Real, _) => Some(Value::Real(number as f32)),
            (Type::Double, _) => Some(Value::Double(number as f64)),
            (Type::Date, _) => i32::try_from(number).ok().map(Value::Date),
            (Type::Timestamp(_), Logical::Date) => Some(Value::Timestamp(
                i128::from(number) * 86_400_000_000_000_000,
            )),
            (Type::Timestamp(precision), Logical::Timestamp(unit)) => {
                moment(round_to(i128::from(number) * unit, *precision))
            }
            // Hive's timestamps are milliseconds.
            (Type::Timestamp(_), _) => moment(i128::from(number) * 1_000_000_000),
            _ => scalar::parse(data_type, &number.to_string()),
        }
    }

    /// What a column makes of bytes; `None` if they are no such value.
    pub fn bytes_value(bytes: &[u8], logical: Logical, data_type: &Type) -> Option<Value> {
        match (logical, data_type) {
            (_, Type::Varbinary) => Some(Value::binary(bytes)),
            (Logical::Decimal(scale), _) => scalar::parse(data_type, &decimal_text(bytes, scale)?),
            _ => scalar::parse(data_type, &String::from_utf8_lossy(bytes)),
        }
    }

    fn skip(&mut self, schema: &Schema) -> Result<(), Damage> {
        match &schema.kind {
            Kind::Null => {}
            Kind::Boolean => {
                self.boolean()?;
            }
            Kind::Int | Kind::Long | Kind::Enum(..) => {
                self.long()?;
            }
            Kind::Float => {
                self.take(4)?;
            }
            Kind::Double => {
                self.take(8)?;
            }
            Kind::Bytes | Kind::String => {
                self.bytes()?;
            }
            Kind::Fixed(size) => {
                self.take(*size)?;
            }
            Kind::Array(items) => self.blocks(|datum| datum.skip(items))?,
            Kind::Map(values) => self.blocks(|datum| {
                datum.bytes()?;
                datum.skip(values)
            })?,
            Kind::Union(branches) => {
                let branch = usize::try_from(self.long()?).ok();
                let branch = branch.and_then(|branch| branches.get(branch));
                self.skip(branch.ok_or("a union has no such branch")?)?;
            }
            Kind::Record(_, fields) => {
                for field in fields {
                    self.skip(&field.schema)?;
                }
            }
        }
        Ok(())
    }

    /// Calls `item` for each element of an array or a map, which come in blocks.
    fn blocks(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), Damage>,
    ) -> Result<(), Damage> {
        loop {
            let count = self.long()?;
            if count == 0 {
                return Ok(());
            }
            if count < 0 {
                // The length of the block, for who skips it.
                self.long()?;
            }
            for _ in 0..count.unsigned_abs() {
                self.elements = self.elements.checked_sub(1).ok_or("a list has no end")?;
                item(self)?;
            }
        }
    }

    fn boolean(&mut self) -> Result<bool, Damage> {
        match self.take(1)? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err("a boolean is neither true nor false".to_owned()),
        }
    }

    fn long(&mut self) -> Result<i64, Damage> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
            }
        }
        Err("a number is longer than any".to_owned())
    }

    fn bytes(&mut self) -> Result<&'a [u8], Damage> {
        let length = usize::try_from(self.long()?);
        self.take(length.map_err(|_| "a length is below zero")?)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| "a value is cut".to_owned())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or("a block ends in a value")?;
        self.rest = rest;
        Ok(taken)
    }
}

fn moment(picos: i128) -> Option<Value> {
    // What an array of microseconds holds.
    let fits = i64::try_from(picos.div_euclid(1_000_000)).is_ok();
    fits.then_some(Value::Timestamp(picos))
}

/// Of entries of one key the last, in the order of the first.
fn last_of_each(entries: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    let mut places = std::collections::HashMap::new();
    let mut kept: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        match places.get(key.as_str()) {
            Some(&place) => kept[place] = (key, value),
            None => {
                places.insert(key.as_str().to_owned(), kept.len());
                kept.push((key, value));
            }
        }
    }
    kept
}

/// A decimal number of a two's complement, the highest byte first.
fn decimal_text(bytes: &[u8], scale: u32) -> Option<String> {
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let fill = if is_negative { 0xff } else { 0 };
    let extra = bytes.len().saturating_sub(16);
    let (high, low) = bytes.split_at(extra);
    if high.iter().any(|byte| *byte != fill) {
        return None;
    }
    let mut whole = [fill; 16];
    whole[16 - low.len()..].copy_from_slice(low);
    Some(format!("{}e-{scale}", i128::from_be_bytes(whole)))
}
