//! Which compression a file has, by its first bytes, and the text inside.

use std::io::Read;

use flate2::read::MultiGzDecoder;

/// A compression of whole files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Compression {
    #[default]
    None,
    Gzip,
    Bzip2,
    Zstd,
    Lz4,
    Snappy,
    Xz,
    Zip,
}

const MAGIC: &[(&[u8], Compression)] = &[
    (&[0x1f, 0x8b, 8], Compression::Gzip),
    (b"BZh", Compression::Bzip2),
    (&[0x28, 0xb5, 0x2f, 0xfd], Compression::Zstd),
    (&[0x04, 0x22, 0x4d, 0x18], Compression::Lz4),
    (b"\xff\x06\x00\x00sNaPpY", Compression::Snappy),
    (b"\xfd7zXZ\x00", Compression::Xz),
    (b"PK\x03\x04", Compression::Zip),
];

impl Compression {
    pub fn detect(head: &[u8]) -> Self {
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
            Self::Snappy => "snappy",
            Self::Xz => "xz",
            Self::Zip => "zip",
        }
    }
}

/// The beginning of a text that was compressed.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub bytes: Vec<u8>,
    /// All of `raw` was read, and it ended where a compressed stream may end.
    pub ended: bool,
}

/// At most `limit` bytes of the text in `raw`, which may itself be only a file's beginning.
/// `None` for a compression that cannot be read.
pub(crate) fn decompress(compression: Compression, raw: &[u8], limit: usize) -> Option<Text> {
    match compression {
        Compression::None => Some(Text {
            bytes: raw[..raw.len().min(limit)].to_vec(),
            ended: raw.len() <= limit,
        }),
        Compression::Gzip => Some(read_up_to(MultiGzDecoder::new(raw), limit)),
        _ => None,
    }
}

/// What comes before an error is kept: the input is cut where the sample ends.
fn read_up_to(mut reader: impl Read, limit: usize) -> Text {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while bytes.len() < limit {
        let room = buffer.len().min(limit - bytes.len());
        match reader.read(&mut buffer[..room]) {
            Ok(0) => return Text { bytes, ended: true },
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
            Err(_) => break,
        }
    }
    Text {
        bytes,
        ended: false,
    }
}
