//! The footer of a stripe, which says where the streams of its columns are.
//!
//! Source: Apache ORC's specification, "Stripe Footer".

use super::protobuf::{Value, fields};
use super::{Codec, Error};

/// What a stream holds of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamKind {
    Present,
    Data,
    Length,
    DictionaryData,
    Secondary,
    /// An index, a Bloom filter, statistics: no rows.
    Other,
}

impl StreamKind {
    fn of(number: u64) -> Self {
        match number {
            0 => Self::Present,
            1 => Self::Data,
            2 => Self::Length,
            3 => Self::DictionaryData,
            5 => Self::Secondary,
            _ => Self::Other,
        }
    }
}

/// A run of bytes; streams follow each other from the beginning of their stripe on.
#[derive(Clone, Copy, Debug)]
pub struct StripeStream {
    pub kind: StreamKind,
    /// The place of the column's type among the file's types.
    pub column: u64,
    /// In bytes.
    pub length: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingKind {
    Direct,
    Dictionary,
    DirectV2,
    DictionaryV2,
}

/// How the values of a column are written.
#[derive(Clone, Copy, Debug)]
pub struct Encoding {
    pub kind: EncodingKind,
    /// How many texts the dictionary has.
    pub dictionary_size: u64,
}

#[derive(Clone, Debug, Default)]
pub struct StripeFooter {
    pub streams: Vec<StripeStream>,
    /// Of each of the file's types.
    pub encodings: Vec<Encoding>,
    /// By whose clock the timestamps are written; empty if it is not said.
    pub time_zone: String,
}

impl StripeFooter {
    /// Reads a footer as it lies in the file.
    pub fn parse(bytes: &[u8], codec: &Codec) -> Result<Self, Error> {
        Self::of(&codec.decompress(bytes)?)
            .ok_or(Error::Damaged("the footer of a stripe cannot be read"))
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let mut footer = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, Value::Bytes(stream)) => footer.streams.push(stream_of(stream)?),
                (2, Value::Bytes(encoding)) => footer.encodings.push(encoding_of(encoding)?),
                (3, Value::Bytes(zone)) => {
                    footer.time_zone = String::from_utf8_lossy(zone).into_owned();
                }
                _ => {}
            }
        }
        Some(footer)
    }
}

fn stream_of(bytes: &[u8]) -> Option<StripeStream> {
    let mut stream = StripeStream {
        kind: StreamKind::Present,
        column: 0,
        length: 0,
    };
    for field in fields(bytes) {
        match field? {
            (1, Value::Number(kind)) => stream.kind = StreamKind::of(kind),
            (2, Value::Number(column)) => stream.column = column,
            (3, Value::Number(length)) => stream.length = length,
            _ => {}
        }
    }
    Some(stream)
}

fn encoding_of(bytes: &[u8]) -> Option<Encoding> {
    let mut encoding = Encoding {
        kind: EncodingKind::Direct,
        dictionary_size: 0,
    };
    for field in fields(bytes) {
        match field? {
            (1, Value::Number(kind)) => {
                encoding.kind = match kind {
                    0 => EncodingKind::Direct,
                    1 => EncodingKind::Dictionary,
                    2 => EncodingKind::DirectV2,
                    3 => EncodingKind::DictionaryV2,
                    _ => return None,
                }
            }
            (2, Value::Number(size)) => encoding.dictionary_size = size,
            _ => {}
        }
    }
    Some(encoding)
}
