//! The bytes of one stream of a stripe, decompressed chunk by chunk as they are asked for.

use bytes::Bytes;
use hive_formats::orc::{Codec, Error};

/// The error of a stream that ends before the values that it should have.
const ENDED: Error = Error::Damaged("a column has fewer values than rows");

/// A stream that is read from its beginning. One that a stripe does not have is empty: there are
/// none where a column has no values.
#[derive(Debug)]
pub(super) struct Stream {
    packed: Bytes,
    codec: Codec,
    /// The chunk that is being read, from `at` on.
    chunk: Bytes,
    at: usize,
}

impl Stream {
    pub fn new(packed: Bytes, codec: Codec) -> Self {
        Self {
            packed,
            codec,
            chunk: Bytes::new(),
            at: 0,
        }
    }

    /// What is left of the chunk that is being read, which is not empty.
    fn rest(&mut self) -> Result<&[u8], Error> {
        while self.at >= self.chunk.len() {
            if self.packed.is_empty() {
                return Err(ENDED);
            }
            let packed = self.packed.clone();
            let (text, length) = self.codec.chunk(&packed)?;
            self.chunk = match text {
                std::borrow::Cow::Borrowed(text) => packed.slice_ref(text),
                std::borrow::Cow::Owned(text) => text.into(),
            };
            self.at = 0;
            self.packed = packed.slice(length..);
        }
        Ok(&self.chunk[self.at..])
    }

    pub fn byte(&mut self) -> Result<u8, Error> {
        if let Some(&byte) = self.chunk.get(self.at) {
            self.at += 1;
            return Ok(byte);
        }
        let byte = self.rest()?[0];
        self.at += 1;
        Ok(byte)
    }

    /// Appends the next `count` bytes to `out`, which grows no faster than the bytes come.
    pub fn take(&mut self, mut count: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        while count > 0 {
            let rest = self.rest()?;
            let piece = &rest[..rest.len().min(count)];
            out.extend_from_slice(piece);
            let length = piece.len();
            self.at += length;
            count -= length;
        }
        Ok(())
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        for byte in &mut array {
            *byte = self.byte()?;
        }
        Ok(array)
    }

    /// An unsigned number of which each byte has seven bits, the lowest first.
    pub fn varint(&mut self) -> Result<u128, Error> {
        let mut number = 0;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            number |= u128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Error::Damaged("a number is longer than any"))
    }
}

/// The signed number that is written as an unsigned one with its sign in the lowest bit.
pub(super) fn zigzag(number: u128) -> i128 {
    (number >> 1) as i128 ^ -((number & 1) as i128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_of_chunks_until_there_are_none() {
        // Two chunks that are as they were, and one without any bytes between them.
        let packed = [5, 0, 0, 1, 0x80, 1, 0, 0, 3, 0, 0, 2];
        let mut stream = Stream::new(packed[..].to_vec().into(), Codec::of(1, 1 << 18).unwrap());
        assert_eq!(stream.byte(), Ok(1));
        // Its bytes are in two chunks.
        assert_eq!(stream.varint(), Ok(0x100));
        assert_eq!(stream.byte(), Err(ENDED));
        let cut = Stream::new(Bytes::from_static(&[9, 0, 0, 1]), Codec::of(1, 9).unwrap()).byte();
        assert_eq!(cut, Err(Error::Damaged("what is compressed is cut")));
    }

    #[test]
    fn signs_are_in_the_lowest_bit() {
        assert_eq!([0, 1, 2, 3].map(zigzag), [0, -1, 1, -2]);
        assert_eq!(zigzag(u128::MAX), i128::MIN);
    }
}
