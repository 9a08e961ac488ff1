//! The blocks of a file, one after the other.
//!
//! Source: Apache Avro's specification, "Object Container Files".

use std::str::FromStr;

use apache_avro::Codec;
use bytes::Bytes;

use crate::error::Error;
use crate::formats::files::File;

const MAGIC: &[u8] = b"Obj\x01";

/// What is read at once, in bytes, and of a small file all.
const PIECE: u64 = 4 << 20;

/// A header longer than this is not read, in bytes; nor is a value in it.
const LONGEST_HEADER: u64 = 16 << 20;

/// A block longer than this is not read, in bytes; most have some thousands.
const LONGEST_BLOCK: u64 = 256 << 20;

/// What divides blocks.
const SYNC: usize = 16;

pub(super) struct Container {
    file: File,
    /// Bytes that were read, and not yet taken.
    ahead: Bytes,
    /// Where the file is read on.
    at: u64,
    sync: Bytes,
    codec: Codec,
    /// The schema of the records, as the file has it.
    pub schema: String,
}

/// Records behind each other, decompressed.
pub(super) struct Block {
    pub count: u64,
    pub bytes: Bytes,
}

/// The error of a file that is damaged.
pub(super) fn malformed(url: &str, why: impl std::fmt::Display) -> Error {
    Error::user(
        "HIVE_BAD_DATA",
        format!("Malformed Avro file. {why} [{url}]"),
    )
}

impl Container {
    /// Reads the header.
    pub async fn open(file: File) -> Result<Self, Error> {
        let mut container = Self {
            file,
            ahead: Bytes::new(),
            at: 0,
            sync: Bytes::new(),
            codec: Codec::Null,
            schema: String::new(),
        };
        if container.take(MAGIC.len() as u64).await? != MAGIC {
            return Err(container.malformed("Not an Avro data file"));
        }
        container.metadata().await?;
        container.sync = container.take(SYNC as u64).await?;
        Ok(container)
    }

    fn malformed(&self, why: impl std::fmt::Display) -> Error {
        malformed(&self.file.url(), why)
    }

    async fn metadata(&mut self) -> Result<(), Error> {
        let (mut schema, mut codec) = (None, None);
        loop {
            let count = self.long().await?;
            if count == 0 {
                break;
            }
            // A negative count has the length of its block behind it.
            if count < 0 {
                self.long().await?;
            }
            for _ in 0..count.unsigned_abs() {
                let key = self.text().await?;
                let value = self.text().await?;
                match &key[..] {
                    b"avro.schema" => schema = Some(value),
                    b"avro.codec" => codec = Some(value),
                    _ => {}
                }
                if self.at > 2 * LONGEST_HEADER {
                    return Err(self.malformed("its header is longer than any"));
                }
            }
        }
        let schema = schema.ok_or_else(|| self.malformed("it has no schema"))?;
        self.schema = String::from_utf8_lossy(&schema).into_owned();
        let codec = codec.unwrap_or_default();
        self.codec = match &*String::from_utf8_lossy(&codec) {
            "" | "null" => Codec::Null,
            name => Codec::from_str(name).map_err(|_| {
                let url = self.file.url();
                Error::not_supported(format!("the codec {name} of the Avro file {url}"))
            })?,
        };
        Ok(())
    }

    async fn text(&mut self) -> Result<Bytes, Error> {
        let length = u64::try_from(self.long().await?).ok();
        let length = length.filter(|length| *length <= LONGEST_HEADER);
        let length = length.ok_or_else(|| self.malformed("its header is longer than any"))?;
        self.take(length).await
    }

    /// The next block; nothing at the end of the file.
    pub async fn block(&mut self) -> Result<Option<Block>, Error> {
        if self.ahead.is_empty() && self.at >= self.file.size {
            return Ok(None);
        }
        let (count, length) = (self.long().await?, self.long().await?);
        let count = u64::try_from(count);
        let count = count.map_err(|_| self.malformed("a block has fewer records than none"))?;
        let length = u64::try_from(length).ok();
        let length = length.filter(|length| *length <= LONGEST_BLOCK);
        let length = length.ok_or_else(|| self.malformed("a block is longer than any"))?;
        let packed = self.take(length).await?;
        if self.take(SYNC as u64).await? != self.sync {
            return Err(self.malformed("Invalid sync!"));
        }
        let bytes = match self.codec {
            Codec::Null => packed,
            codec => {
                // The library gives up on what is longer than half a gibibyte.
                let mut bytes = packed.to_vec();
                let unpacked = codec.decompress(&mut bytes);
                unpacked.map_err(|error| self.malformed(error))?;
                bytes.into()
            }
        };
        Ok(Some(Block { count, bytes }))
    }

    async fn long(&mut self) -> Result<i64, Error> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1).await?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
            }
        }
        Err(self.malformed("a number is longer than any"))
    }

    /// The next `count` bytes, which must be there.
    async fn take(&mut self, count: u64) -> Result<Bytes, Error> {
        let have = self.ahead.len() as u64;
        if count > have {
            let end = self.file.size;
            let missing = count - have;
            if self.at.checked_add(missing).is_none_or(|last| last > end) {
                return Err(self.malformed("it ends too early"));
            }
            let to = (self.at + missing.max(PIECE)).min(end);
            let piece = self.file.range(self.at..to).await?;
            if (piece.len() as u64) < missing {
                return Err(Error::internal(
                    "a store gave fewer bytes than it was asked for",
                ));
            }
            self.at = to;
            self.ahead = if self.ahead.is_empty() {
                piece
            } else {
                [&self.ahead[..], &piece[..]].concat().into()
            };
        }
        Ok(self.ahead.split_to(count as usize))
    }
}
