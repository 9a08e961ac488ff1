//! The values of a column in one stripe, as Arrow's arrays.
//!
//! Source: Apache ORC's specification, "Column Encodings".

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, StructArray, UInt32Array,
};
use datafusion::arrow::buffer::{BooleanBuffer, OffsetBuffer};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::arrow::error::ArrowError;
use hive_formats::orc::{Codec, EncodingKind, Error, StreamKind, StripeFooter};

use super::integers::Integers;
use super::kinds::{Kind, Typed};
use super::runs::{Bits, ByteRuns};
use super::scalars;
use super::stream::Stream;
use super::text::{Text, bytes_of};
use crate::types::zone::Zone;

/// Elements of the lists or maps of one column that are read at once.
const ELEMENTS: usize = 1 << 24;

/// What is needed to read the columns of a stripe.
pub(super) struct Stripe {
    pub footer: StripeFooter,
    pub codec: Codec,
    pub zone: Zone,
    /// The streams that were read, by the columns' places.
    pub streams: HashMap<(u64, StreamKind), Bytes>,
}

impl Stripe {
    fn stream(&self, column: &Typed, kind: StreamKind) -> Stream {
        let bytes = self.streams.get(&(column.place, kind)).cloned();
        Stream::new(bytes.unwrap_or_default(), self.codec)
    }

    fn integers(&self, column: &Typed, kind: StreamKind, signed: bool) -> Result<Integers, Error> {
        let encoding = self.encoding(column)?.0;
        Ok(Integers::new(self.stream(column, kind), encoding, signed))
    }

    /// The encoding, and how many texts a dictionary has.
    fn encoding(&self, column: &Typed) -> Result<(EncodingKind, u64), Error> {
        let encoding = self.footer.encodings.get(column.place as usize);
        let encoding = encoding.ok_or(Error::Damaged("a column has no encoding"))?;
        Ok((encoding.kind, encoding.dictionary_size))
    }
}

/// A column that is read from its first row on.
pub(super) struct Column {
    /// Which values are not NULL; all of them where there is no such stream.
    present: Option<Bits>,
    values: Values,
}

enum Values {
    Boolean(Bits),
    Byte(ByteRuns),
    Integers(Integers, DataType),
    Float(Stream),
    Double(Stream),
    Text(Text),
    Binary(Integers, Stream),
    Timestamp(Integers, Integers, Zone),
    Decimal(Stream, Integers, u8, u8),
    List(Integers, Box<Column>),
    Map(Integers, Box<(Column, Column)>, DataType),
    Struct(Vec<Column>, Fields),
}

impl Column {
    pub fn new(typed: &Typed, stripe: &Stripe) -> Result<Self, Error> {
        let has_nulls = stripe
            .streams
            .contains_key(&(typed.place, StreamKind::Present));
        let present = has_nulls.then(|| Bits::new(stripe.stream(typed, StreamKind::Present)));
        let data = || stripe.stream(typed, StreamKind::Data);
        let integers = || stripe.integers(typed, StreamKind::Data, true);
        let lengths = || stripe.integers(typed, StreamKind::Length, false);
        let secondary = |signed| stripe.integers(typed, StreamKind::Secondary, signed);
        let arrow = typed.kind.arrow();
        let values = match &typed.kind {
            Kind::Boolean => Values::Boolean(Bits::new(data())),
            Kind::Byte => Values::Byte(ByteRuns::new(data())),
            Kind::Short | Kind::Int | Kind::Long | Kind::Date => {
                Values::Integers(integers()?, arrow)
            }
            Kind::Float => Values::Float(data()),
            Kind::Double => Values::Double(data()),
            Kind::Text => Values::Text(match stripe.encoding(typed)? {
                (EncodingKind::Direct | EncodingKind::DirectV2, _) => {
                    Text::direct(lengths()?, data())
                }
                (_, size) => Text::dictionary(
                    lengths()?,
                    stripe.stream(typed, StreamKind::DictionaryData),
                    size,
                    stripe.integers(typed, StreamKind::Data, false)?,
                )?,
            }),
            Kind::Binary => Values::Binary(lengths()?, data()),
            Kind::Timestamp => Values::Timestamp(integers()?, secondary(false)?, stripe.zone),
            Kind::Decimal(precision, scale) => {
                Values::Decimal(data(), secondary(true)?, *precision, *scale)
            }
            Kind::List(part) => Values::List(lengths()?, Box::new(Self::new(part, stripe)?)),
            Kind::Map(key, value) => {
                let parts = (Self::new(key, stripe)?, Self::new(value, stripe)?);
                Values::Map(lengths()?, Box::new(parts), arrow)
            }
            Kind::Struct(fields) => {
                let parts = fields.iter().map(|(_, part)| Self::new(part, stripe));
                let DataType::Struct(fields) = arrow else {
                    return Err(Error::Damaged("a struct has no fields"));
                };
                Values::Struct(parts.collect::<Result<_, _>>()?, fields)
            }
            Kind::Unread(name) => return Err(Error::Unread(name)),
        };
        Ok(Self { present, values })
    }

    /// The next `count` values.
    pub fn read(&mut self, count: usize) -> Result<ArrayRef, Error> {
        let Some(present) = &mut self.present else {
            return self.values.read(count);
        };
        let present = present.take(count)?;
        let values = self.values.read(present.count_set_bits())?;
        if values.len() == count {
            return Ok(values);
        }
        spread(&values, &present)
    }
}

/// The values with NULLs between them.
fn spread(values: &ArrayRef, present: &BooleanBuffer) -> Result<ArrayRef, Error> {
    let mut next = 0;
    let places: UInt32Array = present
        .iter()
        .map(|is_present| {
            let place = next;
            next += u32::from(is_present);
            is_present.then_some(place)
        })
        .collect();
    take(values, &places, None).map_err(impossible)
}

/// The error of arrays that do not fit together.
fn impossible(_: ArrowError) -> Error {
    Error::Damaged("a column has values that do not fit together")
}

impl Values {
    fn read(&mut self, count: usize) -> Result<ArrayRef, Error> {
        Ok(match self {
            Self::Boolean(bits) => Arc::new(BooleanArray::new(bits.take(count)?, None)),
            Self::Byte(runs) => scalars::bytes(runs, count)?,
            Self::Integers(integers, kind) => scalars::integers(integers, count, kind)?,
            Self::Float(stream) => scalars::floats(stream, count)?,
            Self::Double(stream) => scalars::doubles(stream, count)?,
            Self::Text(text) => text.read(count)?,
            Self::Binary(lengths, data) => {
                let (offsets, bytes) = bytes_of(lengths, data, count)?;
                Arc::new(BinaryArray::try_new(offsets, bytes.into(), None).map_err(impossible)?)
            }
            Self::Timestamp(seconds, nanos, zone) => {
                scalars::timestamps(seconds, nanos, *zone, count)?
            }
            Self::Decimal(numbers, scales, precision, scale) => {
                scalars::decimals(numbers, scales, count, *precision, *scale)?
            }
            Self::List(lengths, part) => {
                let (offsets, total) = offsets(&lengths.lengths(count)?)?;
                let items = part.read(total)?;
                let item = Arc::new(Field::new("item", items.data_type().clone(), true));
                Arc::new(ListArray::try_new(item, offsets, items, None).map_err(impossible)?)
            }
            Self::Map(lengths, parts, kind) => {
                let (offsets, total) = offsets(&lengths.lengths(count)?)?;
                let columns = vec![parts.0.read(total)?, parts.1.read(total)?];
                let DataType::Map(field, _) = kind else {
                    return Err(Error::Damaged("a map has no entries"));
                };
                let DataType::Struct(fields) = field.data_type() else {
                    return Err(Error::Damaged("a map has no entries"));
                };
                let entries =
                    StructArray::try_new(fields.clone(), columns, None).map_err(impossible)?;
                let map = MapArray::try_new(field.clone(), offsets, entries, None, false);
                Arc::new(map.map_err(impossible)?)
            }
            Self::Struct(parts, fields) => {
                let columns = parts.iter_mut().map(|part| part.read(count));
                let columns = columns.collect::<Result<_, _>>()?;
                let rows = StructArray::try_new(fields.clone(), columns, None);
                Arc::new(rows.map_err(impossible)?)
            }
        })
    }
}

/// Where lists of these lengths begin, and how many elements they have together.
fn offsets(lengths: &[usize]) -> Result<(OffsetBuffer<i32>, usize), Error> {
    let total = lengths
        .iter()
        .fold(0_usize, |sum, n| sum.saturating_add(*n));
    if total > ELEMENTS {
        return Err(Error::Unread("lists of millions of elements"));
    }
    Ok((OffsetBuffer::from_lengths(lengths.iter().copied()), total))
}
