//! Texts: one behind the other, or in a dictionary.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, StringArray, StringBuilder};
use datafusion::arrow::buffer::OffsetBuffer;
use hive_formats::orc::Error;

use super::integers::Integers;
use super::stream::Stream;

/// The texts of one column that are read at once are no longer than this, in bytes: an array of
/// Arrow's counts them with 31 bits.
const LONGEST: usize = 1 << 30;

pub(super) enum Text {
    Direct(Integers, Stream),
    Dictionary(StringArray, Integers),
}

impl Text {
    pub fn direct(lengths: Integers, data: Stream) -> Self {
        Self::Direct(lengths, data)
    }

    /// Reads the dictionary, which has `size` texts.
    pub fn dictionary(
        mut lengths: Integers,
        mut data: Stream,
        size: u64,
        places: Integers,
    ) -> Result<Self, Error> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let texts = texts(&mut lengths, &mut data, size)?;
        Ok(Self::Dictionary(texts, places))
    }

    pub fn read(&mut self, count: usize) -> Result<ArrayRef, Error> {
        match self {
            Self::Direct(lengths, data) => Ok(Arc::new(texts(lengths, data, count)?)),
            Self::Dictionary(dictionary, places) => {
                let mut found = StringBuilder::new();
                let mut bytes = 0;
                for place in places.lengths(count)? {
                    if place >= dictionary.len() {
                        return Err(Error::Damaged("a text is in no dictionary"));
                    }
                    let text = dictionary.value(place);
                    bytes += text.len();
                    if bytes > LONGEST {
                        return Err(Error::Unread("texts of a gibibyte"));
                    }
                    found.append_value(text);
                }
                Ok(Arc::new(found.finish()))
            }
        }
    }
}

/// The next `count` texts. What is no UTF-8 in them is replaced, as Java does.
fn texts(lengths: &mut Integers, data: &mut Stream, count: usize) -> Result<StringArray, Error> {
    let (offsets, bytes) = bytes_of(lengths, data, count)?;
    if let Ok(texts) = StringArray::try_new(offsets.clone(), bytes.clone().into(), None) {
        return Ok(texts);
    }
    let pieces = offsets.windows(2).map(|ends| {
        let piece = &bytes[ends[0] as usize..ends[1] as usize];
        String::from_utf8_lossy(piece)
    });
    // A replaced byte is three.
    if bytes.len() > LONGEST / 3 {
        return Err(Error::Unread("texts of a gibibyte"));
    }
    Ok(StringArray::from_iter_values(pieces))
}

/// The next `count` runs of bytes: where each begins, and the bytes.
pub(super) fn bytes_of(
    lengths: &mut Integers,
    data: &mut Stream,
    count: usize,
) -> Result<(OffsetBuffer<i32>, Vec<u8>), Error> {
    let lengths = lengths.lengths(count)?;
    let total = lengths
        .iter()
        .fold(0_usize, |sum, n| sum.saturating_add(*n));
    if total > LONGEST {
        return Err(Error::Unread("texts of a gibibyte"));
    }
    let mut bytes = Vec::new();
    data.take(total, &mut bytes)?;
    Ok((OffsetBuffer::from_lengths(lengths), bytes))
}
