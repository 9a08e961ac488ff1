//! Snappy as Hadoop's codec writes it: blocks of chunks, each behind its length.
//!
//! Source: Apache Hadoop's `BlockCompressorStream`. A block is the length of its text in four
//! bytes, big-endian, and then chunks until that much text is there; a chunk is its own length
//! in four bytes, and raw Snappy.

use super::Text;

/// Hadoop's buffers are of 256 KiB; a block longer than this is none.
const LONGEST: usize = 16 * 1024 * 1024;

/// Whether the bytes begin a block. There is no magic number, so that its lengths must agree.
pub(super) fn is_snappy(head: &[u8]) -> bool {
    let Some((block, chunk, rest)) = lengths(head) else {
        return false;
    };
    let Ok(text) = snap::raw::decompress_len(rest) else {
        return false;
    };
    let chunk_is_there = rest.len() >= chunk;
    (1..=LONGEST).contains(&block)
        && (1..=block).contains(&text)
        && (1..=snap::raw::max_compress_len(text)).contains(&chunk)
        && (!chunk_is_there || decode(&rest[..chunk], text).is_some())
}

/// At most `limit` bytes of the text in `raw`; what comes before damage is kept.
pub(super) fn snappy(raw: &[u8], limit: usize) -> Text {
    let mut bytes = Vec::new();
    let mut rest = raw;
    while !rest.is_empty() && bytes.len() < limit {
        let Some(after) = block(rest, limit, &mut bytes) else {
            return Text {
                bytes: bytes.into(),
                ended: false,
            };
        };
        rest = after;
    }
    let ended = rest.is_empty() && bytes.len() <= limit;
    bytes.truncate(limit);
    Text {
        bytes: bytes.into(),
        ended,
    }
}

/// Adds the text of a block, and gives what is behind it, or nothing if it is cut or damaged.
fn block<'a>(raw: &'a [u8], limit: usize, bytes: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (length, mut rest) = length(raw)?;
    let mut done = 0;
    while done < length && bytes.len() < limit {
        let (chunk, behind) = self::length(rest)?;
        let text = decode(behind.get(..chunk)?, length - done)?;
        if text.is_empty() {
            return None;
        }
        done += text.len();
        bytes.extend_from_slice(&text);
        rest = &behind[chunk..];
    }
    Some(rest)
}

/// The text of a chunk, if it is no longer than it may be.
fn decode(chunk: &[u8], longest: usize) -> Option<Vec<u8>> {
    let length = snap::raw::decompress_len(chunk).ok()?;
    if length > longest.min(LONGEST) {
        return None;
    }
    snap::raw::Decoder::new().decompress_vec(chunk).ok()
}

fn lengths(head: &[u8]) -> Option<(usize, usize, &[u8])> {
    let (block, rest) = length(head)?;
    let (chunk, rest) = length(rest)?;
    Some((block, chunk, rest))
}

fn length(raw: &[u8]) -> Option<(usize, &[u8])> {
    let (length, rest) = raw.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*length) as usize, rest))
}
