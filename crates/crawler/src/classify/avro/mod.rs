//! Avro: the schema is in a file's header, as JSON; of the data, only the lengths of blocks are
//! read.
//!
//! Source: Apache Avro's specification, "Object Container Files".

mod literal;
mod schema;

use std::collections::BTreeMap;

use async_trait::async_trait;

pub(crate) use self::literal::literal;
pub(crate) use self::schema::columns;
use super::{Classified, Classifier, Layout, Records, Shape, Unreadable};
use crate::decompress::Compression;
use crate::sample::Sample;

pub(super) struct Avro;

const MAGIC: &[u8] = b"Obj\x01";

/// What is read at first, in bytes: most headers, and blocks to count records by.
const HEAD: u64 = 64 * 1024;

/// A header longer than this is not read, in bytes.
const LONGEST_HEADER: u64 = 16 * 1024 * 1024;

/// What divides blocks.
const SYNC: usize = 16;

/// What reads tables of Avro, and needs [`SCHEMA_LITERAL`].
pub(crate) const SERDE: &str = "org.apache.hadoop.hive.serde2.avro.AvroSerDe";

/// The parameter of a table that has the schema as its files give it.
pub(crate) const SCHEMA_LITERAL: &str = "avro.schema.literal";

#[async_trait]
impl Classifier for Avro {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        if !sample.head().starts_with(MAGIC) {
            return Ok(None);
        }
        sample.read_raw(HEAD).await?;
        let header = read_header(sample).await?;
        let (columns, remarks) = schema::columns(&header.schema)?;
        let mut layout = layout();
        layout.schema_literal = Some(header.schema.as_str().into());
        Ok(Some(Classified {
            shape: Shape {
                layout,
                switches: BTreeMap::new(),
                columns,
                unproven_header: None,
                is_header_told: false,
            },
            records: records(sample, header.length),
            counts: Some(Vec::new()),
            remarks,
        }))
    }
}

/// Glue writes `compressionType` none for Avro, whatever the codec of its blocks.
fn layout() -> Layout {
    let mut layout = Layout::text("avro", Compression::None, SERDE);
    layout.input_format = "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat";
    layout.output_format = "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat";
    layout
        .serde_parameters
        .insert("serialization.format", "1".to_owned());
    layout
}

fn damaged(what: &str) -> Unreadable {
    Unreadable::format(format!("the Avro file is damaged: {what}"))
}

struct Header {
    schema: String,
    /// Where the first block begins.
    length: usize,
}

/// Reads on until the header is there.
async fn read_header(sample: &mut Sample) -> Result<Header, Unreadable> {
    loop {
        let read = sample.head().len() as u64;
        match parse_header(sample.head()) {
            Parsed::Whole(header) => return Ok(header),
            Parsed::Damaged => return Err(damaged("its header cannot be read")),
            Parsed::Cut if read >= sample.size() => return Err(damaged("it ends in its header")),
            Parsed::Cut if read >= LONGEST_HEADER => {
                return Err(damaged("its header is longer than any"));
            }
            Parsed::Cut => sample.read_raw((read * 4).min(LONGEST_HEADER)).await?,
        }
    }
}

enum Parsed {
    Whole(Header),
    /// The header is longer than what is there.
    Cut,
    Damaged,
}

fn parse_header(bytes: &[u8]) -> Parsed {
    let mut reader = Reader {
        bytes,
        place: MAGIC.len(),
    };
    let mut schema = None;
    loop {
        let Some(count) = reader.long() else {
            return Parsed::Cut;
        };
        if count == 0 {
            break;
        }
        // A negative count has the length of its block behind it.
        if count < 0 && reader.long().is_none() {
            return Parsed::Cut;
        }
        for _ in 0..count.unsigned_abs() {
            let (key, value) = match (reader.bytes(), reader.bytes()) {
                (Read::Bytes(key), Read::Bytes(value)) => (key, value),
                (Read::Damaged, _) | (_, Read::Damaged) => return Parsed::Damaged,
                _ => return Parsed::Cut,
            };
            if key == b"avro.schema" {
                schema = String::from_utf8(value.to_vec()).ok();
            }
        }
    }
    match schema {
        None => Parsed::Damaged,
        Some(_) if bytes.len() < reader.place + SYNC => Parsed::Cut,
        Some(schema) => Parsed::Whole(Header {
            schema,
            length: reader.place + SYNC,
        }),
    }
}

/// Counts the records of the blocks that were read, each of which has their number and its
/// length before it.
fn records(sample: &Sample, start: usize) -> Records {
    let mut reader = Reader {
        bytes: sample.head(),
        place: start,
    };
    let mut records = Records::default();
    while let (Some(count), Some(length)) = (reader.long(), reader.long()) {
        let (Ok(count), Ok(length)) = (u64::try_from(count), u64::try_from(length)) else {
            break;
        };
        records.seen = records.seen.saturating_add(count);
        records.seen_bytes = records.seen_bytes.saturating_add(length);
        let end = (reader.place as u64)
            .saturating_add(length)
            .saturating_add(SYNC as u64);
        if end > sample.head().len() as u64 {
            break;
        }
        reader.place = end as usize;
    }
    let data = sample.size().saturating_sub(start as u64);
    let is_whole = sample.head().len() as u64 >= sample.size();
    records.count = if is_whole || records.seen_bytes == 0 {
        records.seen
    } else {
        let of_all = u128::from(records.seen) * u128::from(data) / u128::from(records.seen_bytes);
        u64::try_from(of_all).unwrap_or(u64::MAX).max(records.seen)
    };
    records
}

struct Reader<'a> {
    bytes: &'a [u8],
    place: usize,
}

enum Read<'a> {
    Bytes(&'a [u8]),
    Cut,
    Damaged,
}

impl<'a> Reader<'a> {
    /// A number of 7 bits a byte, the lowest first, zigzag.
    fn long(&mut self) -> Option<i64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.place)?;
            self.place += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        // Longer than any number: what is behind it cannot be found.
        None
    }

    fn bytes(&mut self) -> Read<'a> {
        let Some(length) = self.long() else {
            return Read::Cut;
        };
        let Some(length) = u64::try_from(length)
            .ok()
            .filter(|&length| length <= LONGEST_HEADER)
        else {
            return Read::Damaged;
        };
        let end = self.place + length as usize;
        let Some(bytes) = self.bytes.get(self.place..end) else {
            return Read::Cut;
        };
        self.place = end;
        Read::Bytes(bytes)
    }
}
