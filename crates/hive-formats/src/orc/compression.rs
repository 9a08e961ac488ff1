//! How a file is compressed: in chunks, each behind three bytes that have its length and whether it
//! is as it was.
//!
//! Source: Apache ORC's specification, "Compression".

use std::borrow::Cow;
use std::io::Read;

use flate2::read::DeflateDecoder;

use super::Error;

/// A footer longer than this when decompressed is not read, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// A chunk's length has 23 bits, and its text is no longer than the block that the postscript
/// says.
const LONGEST_BLOCK: u64 = 1 << 23;

const HEADER: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Zlib,
    Snappy,
    Lz4,
    Zstd,
}

/// What a postscript says of a file's compression.
#[derive(Clone, Copy, Debug)]
pub struct Codec {
    kind: Option<Kind>,
    block: usize,
}

impl Codec {
    /// Of the numbers that a postscript has for the kind and the length of blocks. LZO and Brotli
    /// are refused, as Trino refuses them.
    pub fn of(kind: u64, block: u64) -> Result<Self, Error> {
        let kind = match kind {
            0 => None,
            1 => Some(Kind::Zlib),
            2 => Some(Kind::Snappy),
            4 => Some(Kind::Lz4),
            5 => Some(Kind::Zstd),
            other => {
                return Err(Error::Compression(match other {
                    3 => "LZO".to_owned(),
                    6 => "Brotli".to_owned(),
                    number => format!("number {number}"),
                }));
            }
        };
        Ok(Self {
            kind,
            block: block.min(LONGEST_BLOCK) as usize,
        })
    }

    /// The text of a footer.
    pub fn decompress(&self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (chunk, length) = self.chunk(rest)?;
            text.extend_from_slice(&chunk);
            if text.len() > LONGEST {
                return Err(Error::Damaged("its footer is longer than any"));
            }
            rest = &rest[length..];
        }
        Ok(text)
    }

    /// The text of the first chunk, which is no longer than a block, and how many bytes the chunk
    /// has. What is not compressed is one chunk.
    pub fn chunk<'a>(&self, bytes: &'a [u8]) -> Result<(Cow<'a, [u8]>, usize), Error> {
        let Some(kind) = self.kind else {
            return Ok((Cow::Borrowed(bytes), bytes.len()));
        };
        let cut = Error::Damaged("what is compressed is cut");
        let header = bytes.get(..HEADER).ok_or_else(|| cut.clone())?;
        let header = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        let end = HEADER + (header >> 1) as usize;
        let chunk = bytes.get(HEADER..end).ok_or(cut)?;
        if header & 1 == 1 {
            return Ok((Cow::Borrowed(chunk), end));
        }
        let text = chunk_text(kind, chunk, self.block)
            .ok_or(Error::Damaged("a part of it cannot be decompressed"))?;
        Ok((Cow::Owned(text), end))
    }
}

/// The text of a chunk; nothing if it is damaged, or longer than a block.
fn chunk_text(kind: Kind, chunk: &[u8], block: usize) -> Option<Vec<u8>> {
    match kind {
        Kind::Zlib => read(DeflateDecoder::new(chunk), block),
        Kind::Zstd => read(zstd::Decoder::with_buffer(chunk).ok()?, block),
        Kind::Snappy => {
            let length = snap::raw::decompress_len(chunk).ok()?;
            (length <= block)
                .then(|| snap::raw::Decoder::new().decompress_vec(chunk).ok())
                .flatten()
        }
        Kind::Lz4 => {
            let mut text = vec![0; block];
            let length = lz4_flex::block::decompress_into(chunk, &mut text).ok()?;
            text.truncate(length);
            Some(text)
        }
    }
}

fn read(reader: impl Read, longest: usize) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    reader
        .take(longest as u64 + 1)
        .read_to_end(&mut text)
        .ok()?;
    (text.len() <= longest).then_some(text)
}
