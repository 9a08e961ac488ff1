//! Texts that are compressed as a whole, told by the ends of their names.
//!
//! Source: Athena's user guide, "Use compression in Athena" and "Use Hive table compression"; that
//! the name decides is the rule of Hadoop's `CompressionCodecFactory`.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use tokio::sync::mpsc::{self, Sender};
use tokio_util::io::{StreamReader, SyncIoBridge};

use crate::error::Error;

/// Bytes of a piece of unpacked text, and how many pieces wait to be read.
const PIECE: usize = 256 * 1024;
const WAITING: usize = 2;

/// The largest window of a Zstandard frame, as a power of 2; its own tool asks for a flag beyond.
const ZSTD_WINDOW: u32 = 27;

/// A compression of whole files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Gzip,
    Bzip2,
    Zstd,
    /// In frames, or in the blocks of Hadoop's codec.
    Lz4,
    /// In its own framing, or in the blocks of Hadoop's codec.
    Snappy,
}

impl Codec {
    /// What a file of this extension is packed with. Fails for what is not read.
    pub fn of(extension: Option<&str>) -> Result<Option<Self>, &str> {
        Ok(Some(match extension {
            Some("gz" | "gzip") => Self::Gzip,
            Some("bz2") => Self::Bzip2,
            Some("zst") => Self::Zstd,
            Some("lz4") => Self::Lz4,
            Some("snappy") => Self::Snappy,
            // Athena would take the packed bytes for text.
            Some(other @ ("deflate" | "lzo" | "xz" | "zip")) => return Err(other),
            _ => return Ok(None),
        }))
    }

    fn reader<'a>(self, mut packed: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
        let mut head = Vec::new();
        (&mut packed).take(10).read_to_end(&mut head)?;
        let is_framed = |magic: &[u8]| head.starts_with(magic);
        let (is_lz4, is_snappy) = (
            is_framed(&[0x04, 0x22, 0x4d, 0x18]),
            is_framed(b"\xff\x06\x00\x00sNaPpY"),
        );
        let packed = BufReader::with_capacity(PIECE, Cursor::new(head).chain(packed));
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(packed)?;
                decoder.window_log_max(ZSTD_WINDOW)?;
                Box::new(decoder)
            }
            Self::Lz4 if is_lz4 => {
                Box::new(Lz4Frames(Some(lz4_flex::frame::FrameDecoder::new(packed))))
            }
            Self::Lz4 => Box::new(HadoopBlocks::new(packed, |chunk, most| {
                lz4_flex::block::decompress(chunk, most).map_err(io::Error::other)
            })),
            Self::Snappy if is_snappy => Box::new(snap::read::FrameDecoder::new(packed)),
            Self::Snappy => Box::new(HadoopBlocks::new(packed, |chunk, most| {
                if snap::raw::decompress_len(chunk)? > most {
                    return Err(damaged("a chunk is longer than its block"));
                }
                Ok(snap::raw::Decoder::new().decompress_vec(chunk)?)
            })),
        })
    }
}

/// The text of packed bytes, piece by piece; a thread of its own unpacks them.
pub(super) fn unpack(
    codec: Codec,
    packed: BoxStream<'static, Result<Bytes, Error>>,
    url: String,
) -> BoxStream<'static, Result<Bytes, Error>> {
    let (pieces, unpacked) = mpsc::channel(WAITING);
    let packed = SyncIoBridge::new(StreamReader::new(packed.map_err(io::Error::other)));
    tokio::task::spawn_blocking(move || {
        let ended = codec
            .reader(packed)
            .and_then(|mut text| send(&mut *text, &pieces));
        if let Err(error) = ended {
            // Where nobody listens any more, nobody wants to know.
            let _ = pieces.blocking_send(Err(cause(error, &url)));
        }
    });
    futures::stream::unfold(unpacked, |mut unpacked| async move {
        unpacked.recv().await.map(|piece| (piece, unpacked))
    })
    .boxed()
}

/// Sends the text until it ends or nobody takes it.
fn send(text: &mut dyn Read, pieces: &Sender<Result<Bytes, Error>>) -> io::Result<()> {
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        text.take(PIECE as u64).read_to_end(&mut piece)?;
        if piece.is_empty() || pieces.blocking_send(Ok(piece.into())).is_err() {
            return Ok(());
        }
    }
}

/// The error of the bytes themselves, or that they cannot be unpacked.
fn cause(error: io::Error, url: &str) -> Error {
    error.downcast::<Error>().unwrap_or_else(|error| {
        Error::user(
            "HIVE_CURSOR_ERROR",
            format!("Failed to read file at {url}: {error}"),
        )
    })
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The frames of an LZ4 file, one after the other, as `cat` makes them.
struct Lz4Frames<R: BufRead>(Option<lz4_flex::frame::FrameDecoder<R>>);

impl<R: BufRead> Read for Lz4Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(frame) = &mut self.0 {
            let length = frame.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let rest = self.0.take().map(lz4_flex::frame::FrameDecoder::into_inner);
            if let Some(mut rest) = rest
                && !rest.fill_buf()?.is_empty()
            {
                self.0 = Some(lz4_flex::frame::FrameDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Unpacks a chunk to at most so many bytes.
type Decode = fn(&[u8], usize) -> io::Result<Vec<u8>>;

/// Blocks of chunks, each behind its length.
///
/// Source: Apache Hadoop's `BlockCompressorStream`. A block is the length of its text in four
/// bytes, big-endian, and then chunks until that much text is there; a chunk is its own length in
/// four bytes, and the packed bytes.
struct HadoopBlocks<R> {
    packed: R,
    decode: Decode,
    /// Bytes of the block's text that are still to come.
    left: usize,
    chunk: Cursor<Vec<u8>>,
}

/// Hadoop's buffers are of 256 KiB; a block longer than this is none.
const LONGEST: usize = 64 * 1024 * 1024;

impl<R: BufRead> HadoopBlocks<R> {
    fn new(packed: R, decode: Decode) -> Self {
        Self {
            packed,
            decode,
            left: 0,
            chunk: Cursor::default(),
        }
    }

    /// Unpacks the next chunk; false where there is none.
    fn next(&mut self) -> io::Result<bool> {
        while self.left == 0 {
            if self.packed.fill_buf()?.is_empty() {
                return Ok(false);
            }
            self.left = self.length()?;
        }
        let mut chunk = vec![0; self.length()?];
        self.packed.read_exact(&mut chunk)?;
        let text = (self.decode)(&chunk, self.left)?;
        if text.is_empty() {
            return Err(damaged("a chunk is empty"));
        }
        self.left -= text.len();
        self.chunk = Cursor::new(text);
        Ok(true)
    }

    fn length(&mut self) -> io::Result<usize> {
        let mut length = [0; 4];
        self.packed.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > LONGEST {
            return Err(damaged("a block is longer than Hadoop's"));
        }
        Ok(length)
    }
}

impl<R: BufRead> Read for HadoopBlocks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.chunk.read(buffer)?;
            if length > 0 || buffer.is_empty() || !self.next()? {
                return Ok(length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &[u8] = b"id,v\n1,one\n2,two\n";

    /// The text in two streams, one behind the other, of each kind.
    fn packed() -> Vec<(&'static str, Vec<u8>)> {
        let twice = |once: &dyn Fn() -> Vec<u8>| [once(), once()].concat();
        let gzip = || {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), Default::default());
            packer.write_all(TEXT).unwrap();
            packer.finish().unwrap()
        };
        let bzip2 = || {
            let mut packer = bzip2::write::BzEncoder::new(Vec::new(), Default::default());
            packer.write_all(TEXT).unwrap();
            packer.finish().unwrap()
        };
        let zstd = || zstd::encode_all(TEXT, 0).unwrap();
        let lz4 = || {
            let mut packer = lz4_flex::frame::FrameEncoder::new(Vec::new());
            packer.write_all(TEXT).unwrap();
            packer.finish().unwrap()
        };
        let snappy = || {
            let mut packer = snap::write::FrameEncoder::new(Vec::new());
            packer.write_all(TEXT).unwrap();
            packer.into_inner().unwrap()
        };
        let block = |pack: fn(&[u8]) -> Vec<u8>| {
            let mut block = (TEXT.len() as u32).to_be_bytes().to_vec();
            // A block of two chunks.
            for chunk in [&TEXT[..7], &TEXT[7..]].map(pack) {
                block.extend((chunk.len() as u32).to_be_bytes());
                block.extend(chunk);
            }
            block
        };
        let raw_snappy =
            |text: &[u8]| -> Vec<u8> { snap::raw::Encoder::new().compress_vec(text).unwrap() };
        vec![
            ("gz", twice(&gzip)),
            ("bz2", twice(&bzip2)),
            ("zst", twice(&zstd)),
            ("lz4", twice(&lz4)),
            ("lz4", twice(&|| block(lz4_flex::block::compress))),
            ("snappy", twice(&snappy)),
            ("snappy", twice(&|| block(raw_snappy))),
        ]
    }

    fn codec(extension: &str) -> Codec {
        Codec::of(Some(extension)).unwrap().unwrap()
    }

    #[test]
    fn streams_behind_one_another_are_one_text() {
        for (extension, packed) in packed() {
            let mut text = Vec::new();
            let mut reader = codec(extension).reader(&packed[..]).unwrap();
            reader.read_to_end(&mut text).unwrap();
            assert_eq!(text, TEXT.repeat(2), "{extension}");
        }
    }

    #[tokio::test]
    async fn what_is_cut_is_an_error_behind_what_was_read() {
        for (extension, packed) in packed() {
            // The mark at the end of an LZ4 frame, of four bytes, may be left out.
            let cut = Bytes::from(packed[..packed.len() - 5].to_vec());
            let stream = futures::stream::iter([Ok(cut)]).boxed();
            let url = format!("s3://lake/t/a.{extension}");
            let pieces: Vec<_> = unpack(codec(extension), stream, url).collect().await;
            let last = pieces.last().unwrap().as_ref();
            let error = last.expect_err(extension).to_string();
            assert!(
                error.contains("Failed to read file at s3://lake/t/a."),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn an_error_of_the_bytes_stays_what_it_is() {
        let stream = futures::stream::iter([Err(Error::user("PERMISSION_DENIED", "no"))]).boxed();
        let pieces: Vec<_> = unpack(Codec::Zstd, stream, "s3://lake/t/a.zst".to_owned())
            .collect()
            .await;
        let error = pieces[0].as_ref().unwrap_err();
        assert_eq!(error.code, "PERMISSION_DENIED");
    }

    #[test]
    fn what_athena_does_not_unpack_is_named() {
        for extension in ["xz", "zip", "lzo", "deflate"] {
            assert_eq!(Codec::of(Some(extension)), Err(extension));
        }
        assert_eq!(Codec::of(Some("csv")), Ok(None));
        assert_eq!(Codec::of(None), Ok(None));
    }
}
