//! Runs of bytes, and of the bits in them.
//!
//! Source: Apache ORC's specification, "Byte Run Length Encoding" and "Boolean Run Length Encoding".

use datafusion::arrow::array::BooleanBufferBuilder;
use datafusion::arrow::buffer::BooleanBuffer;
use hive_formats::orc::Error;

use super::stream::Stream;

#[derive(Debug)]
pub(super) struct ByteRuns {
    stream: Stream,
    /// Bytes that are left of a run.
    left: usize,
    /// The byte of a run in which all are the same.
    same: Option<u8>,
}

impl ByteRuns {
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            left: 0,
            same: None,
        }
    }

    pub fn next(&mut self) -> Result<u8, Error> {
        if self.left == 0 {
            let control = usize::from(self.stream.byte()?);
            if control < 128 {
                self.left = control + 3;
                self.same = Some(self.stream.byte()?);
            } else {
                self.left = 256 - control;
                self.same = None;
            }
        }
        self.left -= 1;
        self.same.map_or_else(|| self.stream.byte(), Ok)
    }
}

/// Bits, the highest of a byte first.
#[derive(Debug)]
pub(super) struct Bits {
    bytes: ByteRuns,
    byte: u8,
    left: u8,
}

impl Bits {
    pub fn new(stream: Stream) -> Self {
        Self {
            bytes: ByteRuns::new(stream),
            byte: 0,
            left: 0,
        }
    }

    /// The next `count` bits.
    pub fn take(&mut self, count: usize) -> Result<BooleanBuffer, Error> {
        let mut bits = BooleanBufferBuilder::new(0);
        for _ in 0..count {
            if self.left == 0 {
                self.byte = self.bytes.next()?;
                self.left = 8;
            }
            self.left -= 1;
            bits.append(self.byte >> self.left & 1 == 1);
        }
        Ok(bits.finish())
    }
}

#[cfg(test)]
mod tests {
    use hive_formats::orc::Codec;

    use super::*;

    fn stream(bytes: &'static [u8]) -> Stream {
        Stream::new(bytes.into(), Codec::of(0, 0).unwrap())
    }

    #[test]
    fn the_specifications_runs_of_bytes() {
        let mut runs = ByteRuns::new(stream(&[0x61, 0x00]));
        assert!((0..100).all(|_| runs.next() == Ok(0)));
        assert!(runs.next().is_err());
        let mut literals = ByteRuns::new(stream(&[0xfe, 0x44, 0x45]));
        assert_eq!([literals.next(), literals.next()], [Ok(0x44), Ok(0x45)]);
    }

    #[test]
    fn the_specifications_run_of_bits() {
        let bits = Bits::new(stream(&[0xff, 0x80])).take(8).unwrap();
        assert_eq!(
            bits.iter().collect::<Vec<_>>(),
            [true, false, false, false, false, false, false, false]
        );
    }
}
