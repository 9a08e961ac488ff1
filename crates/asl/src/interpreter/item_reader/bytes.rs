//! The bytes of one file, as they come, unpacked.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;
use futures::{StreamExt, TryStreamExt, future, stream, stream::BoxStream};

use super::{Failure, failed};

pub(super) type Pieces<'a> = BoxStream<'a, Result<Vec<u8>, Failure>>;

/// The most bytes that a single line, a whole JSON document, or a packed file may have.
pub(super) const MAX_DOCUMENT: usize = 256 * 1024 * 1024;

/// The most bytes that are unpacked at a time.
const PIECE: usize = 64 * 1024;

/// What marks a text as UTF-8, and is no part of it.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// How a file is packed, which its name tells.
///
/// Source: "ItemReader (Map)", `InputType`: "GZIP, ZSTD. Example file names: `myObject.jsonl.gz` and
/// `myObject.csv.zstd`".
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Packing {
    None,
    Gzip,
    Zstandard,
}

impl Packing {
    pub fn of(key: &str) -> Self {
        match key.rsplit_once('.') {
            Some((_, "gz")) => Self::Gzip,
            Some((_, "zstd" | "zst")) => Self::Zstandard,
            _ => Self::None,
        }
    }
}

pub(super) fn unpacked(bytes: Pieces<'_>, packing: Packing) -> Pieces<'_> {
    match packing {
        Packing::None => bytes,
        Packing::Gzip => unpack(bytes, "gzip", |packed| Ok(MultiGzDecoder::new(packed))),
        Packing::Zstandard => unpack(bytes, "Zstandard", zstd::Decoder::with_buffer),
    }
}

/// All bytes of a file.
pub(super) async fn whole(mut bytes: Pieces<'_>) -> Result<Vec<u8>, Failure> {
    let mut whole = Vec::new();
    while let Some(piece) = bytes.next().await {
        whole.extend(piece?);
        if whole.len() > MAX_DOCUMENT {
            return Err(failed("the file is too large"));
        }
    }
    Ok(whole)
}

/// Unpacks a file. What is packed is in memory as a whole, what it holds is not.
fn unpack<'a, R: Read + Send + 'a>(
    bytes: Pieces<'a>,
    format: &'static str,
    decoder: fn(Cursor<Vec<u8>>) -> io::Result<R>,
) -> Pieces<'a> {
    let invalid = move |error: io::Error| failed(&format!("it is not valid {format}: {error}"));
    let unpacked = stream::once(async move {
        let packed = whole(bytes).await?;
        let decoder = decoder(Cursor::new(packed)).map_err(invalid)?;
        Ok::<_, Failure>(stream::try_unfold(decoder, move |mut decoder| async move {
            let mut piece = Vec::new();
            let read = decoder
                .by_ref()
                .take(PIECE as u64)
                .read_to_end(&mut piece)
                .map_err(invalid)?;
            Ok((read > 0).then_some((piece, decoder)))
        }))
    });
    unpacked.try_flatten().boxed()
}

/// Leaves out what marks the bytes as UTF-8, in whatever pieces it comes.
pub(super) fn without_mark(bytes: Pieces<'_>) -> Pieces<'_> {
    // The first bytes, as long as they may be a mark; None after them.
    let mut first = Some(Vec::new());
    let end = stream::once(future::ready(Ok(None)));
    bytes
        .map_ok(Some)
        .chain(end)
        .try_filter_map(move |piece| {
            let Some(mut held) = first.take() else {
                return future::ready(Ok(piece));
            };
            let is_end = piece.is_none();
            held.extend(piece.unwrap_or_default());
            if !is_end && held.len() < MARK.len() && MARK.starts_with(&held) {
                first = Some(held);
                return future::ready(Ok(None));
            }
            if held.starts_with(MARK) {
                held.drain(..MARK.len());
            }
            future::ready(Ok(Some(held)))
        })
        .boxed()
}
