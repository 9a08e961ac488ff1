//! Which compression a file has, by its first bytes, and the text inside.
//!
//! Source: AWS's Glue developer guide, "Built-in classifiers": ZIP (of archives that hold one
//! file), BZIP, GZIP, LZ4, and Snappy, both in its own framing and in Hadoop's. Zstandard and xz
//! are read because Athena's pages name what they hold; Glue's page is silent on them.

mod hadoop;
mod zip;

use std::io::Read;

use bytes::Bytes;
use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use liblzma::read::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};

pub(crate) use self::zip::{TAIL as TAIL_OF_ZIP, entries as entries_of_zip};

/// A compression of whole files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Compression {
    #[default]
    None,
    Gzip,
    Bzip2,
    Zstd,
    Lz4,
    /// Snappy's own framing.
    Snappy,
    /// Snappy in the blocks of Hadoop's codec, which have no magic number.
    HadoopSnappy,
    Xz,
    Zip,
}

const MAGIC: &[(&[u8], Compression)] = &[
    (&[0x1f, 0x8b, 8], Compression::Gzip),
    (&[0x28, 0xb5, 0x2f, 0xfd], Compression::Zstd),
    (&[0x04, 0x22, 0x4d, 0x18], Compression::Lz4),
    (b"\xff\x06\x00\x00sNaPpY", Compression::Snappy),
    (b"\xfd7zXZ\x00", Compression::Xz),
    (b"PK\x03\x04", Compression::Zip),
];

/// What follows the level in a bzip2 file: a block, or the end of an empty one.
const BZIP2_NEXT: &[&[u8]] = &[b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];

/// The largest window of a Zstandard frame that is decompressed, as a power of 2; its own tool
/// asks for a flag beyond.
const ZSTD_WINDOW: u32 = 27;

/// What a decoder of xz may take, in bytes; `xz -9` needs 65 MiB, of which only what is
/// written to is ever touched.
const XZ_MEMORY: u64 = 128 * 1024 * 1024;

impl Compression {
    pub fn detect(head: &[u8]) -> Self {
        if is_bzip2(head) {
            return Self::Bzip2;
        }
        if hadoop::is_snappy(head) {
            return Self::HadoopSnappy;
        }
        MAGIC
            .iter()
            .find(|(magic, _)| head.starts_with(magic))
            .map_or(Self::None, |(_, compression)| *compression)
    }

    /// The name as Glue writes it into `compressionType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Snappy | Self::HadoopSnappy => "snappy",
            Self::Xz => "xz",
            Self::Zip => "zip",
        }
    }
}

/// `BZh` alone is text that a file may well begin with.
fn is_bzip2(head: &[u8]) -> bool {
    head.strip_prefix(b"BZh").is_some_and(|rest| {
        matches!(rest.first(), Some(b'1'..=b'9'))
            && BZIP2_NEXT.iter().any(|next| rest[1..].starts_with(next))
    })
}

/// The beginning of a text that was compressed.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub bytes: Bytes,
    /// All of `raw` was read, and it ended where a compressed stream may end.
    pub ended: bool,
}

/// At most `limit` bytes of the text in `raw`, which may itself be only a file's beginning.
/// Fails with what it is that cannot be read.
pub(crate) fn decompress(
    compression: Compression,
    raw: &Bytes,
    limit: usize,
) -> Result<Text, String> {
    let packed: &[u8] = raw;
    Ok(match compression {
        Compression::None => Text {
            bytes: raw.slice(..raw.len().min(limit)),
            ended: raw.len() <= limit,
        },
        Compression::Gzip => read_up_to(MultiGzDecoder::new(packed), limit),
        Compression::Bzip2 => read_up_to(MultiBzDecoder::new(packed), limit),
        Compression::Zstd => {
            let mut decoder =
                zstd::Decoder::with_buffer(packed).map_err(|error| error.to_string())?;
            decoder
                .window_log_max(ZSTD_WINDOW)
                .map_err(|error| error.to_string())?;
            read_up_to(decoder, limit)
        }
        Compression::Lz4 => read_lz4(packed, limit),
        Compression::Snappy => read_up_to(snap::read::FrameDecoder::new(packed), limit),
        Compression::HadoopSnappy => hadoop::snappy(packed, limit),
        Compression::Xz => {
            let stream = Stream::new_stream_decoder(XZ_MEMORY, CONCATENATED)
                .map_err(|error| error.to_string())?;
            read_up_to(XzDecoder::new_stream(packed, stream), limit)
        }
        Compression::Zip => read_up_to(zip::entry(packed)?, limit),
    })
}

/// An LZ4 file may be several frames, as `cat` makes them.
fn read_lz4(raw: &[u8], limit: usize) -> Text {
    let mut text = Vec::new();
    let mut rest = raw;
    loop {
        let mut decoder = lz4_flex::frame::FrameDecoder::new(rest);
        let is_whole = read_into(&mut decoder, limit, &mut text);
        let left = decoder.into_inner();
        if !is_whole || left.is_empty() || left.len() == rest.len() || text.len() >= limit {
            return Text {
                bytes: text.into(),
                ended: is_whole && left.is_empty(),
            };
        }
        rest = left;
    }
}

fn read_up_to(mut reader: impl Read, limit: usize) -> Text {
    let mut text = Vec::new();
    let ended = read_into(&mut reader, limit, &mut text);
    Text {
        bytes: text.into(),
        ended,
    }
}

/// Reads until the text is `limit` bytes long, and gives whether the reader ended before. What
/// comes before an error is kept: the input is cut where the sample ends.
fn read_into(reader: &mut impl Read, limit: usize, text: &mut Vec<u8>) -> bool {
    let mut buffer = vec![0; 64 * 1024];
    while text.len() < limit {
        let room = buffer.len().min(limit - text.len());
        match reader.read(&mut buffer[..room]) {
            Ok(0) => return true,
            Ok(read) => text.extend_from_slice(&buffer[..read]),
            Err(_) => break,
        }
    }
    false
}
