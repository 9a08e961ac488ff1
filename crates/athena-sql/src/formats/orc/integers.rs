//! Runs of integers, in both versions of their encoding.
//!
//! Source: Apache ORC's specification, "Integer Run Length Encoding, version 1" and "version 2".
//! Arithmetic wraps, as a damaged file has any numbers.

use hive_formats::orc::{EncodingKind, Error};

use super::stream::{Stream, zigzag};

/// The longest run of the second version, and the longest of a patched one's list of patches.
const LONGEST: usize = 512;

#[derive(Debug)]
pub(super) struct Integers {
    stream: Stream,
    is_signed: bool,
    /// Whether the runs are of the first version.
    is_first: bool,
    /// The run that is being read, from `at` on.
    run: Vec<i64>,
    at: usize,
}

impl Integers {
    pub fn new(stream: Stream, encoding: EncodingKind, is_signed: bool) -> Self {
        Self {
            stream,
            is_signed,
            is_first: matches!(encoding, EncodingKind::Direct | EncodingKind::Dictionary),
            run: Vec::with_capacity(LONGEST),
            at: 0,
        }
    }

    pub fn next(&mut self) -> Result<i64, Error> {
        if self.at >= self.run.len() {
            self.run.clear();
            self.at = 0;
            if self.is_first {
                self.first_version()?;
            } else {
                self.second_version()?;
            }
        }
        self.at += 1;
        Ok(self.run[self.at - 1])
    }

    /// The next numbers, which are lengths.
    pub fn lengths(&mut self, count: usize) -> Result<Vec<usize>, Error> {
        let mut lengths = Vec::new();
        for _ in 0..count {
            let length = usize::try_from(self.next()?);
            lengths.push(length.map_err(|_| Error::Damaged("a length is below zero"))?);
        }
        Ok(lengths)
    }

    fn varint(&mut self) -> Result<i64, Error> {
        let number = self.stream.varint()?;
        Ok(if self.is_signed {
            zigzag(number) as i64
        } else {
            number as i64
        })
    }

    fn signed(&self, number: u64) -> i64 {
        if self.is_signed {
            zigzag(number.into()) as i64
        } else {
            number as i64
        }
    }

    fn first_version(&mut self) -> Result<(), Error> {
        let control = usize::from(self.stream.byte()?);
        if control < 128 {
            let step = i64::from(self.stream.byte()? as i8);
            let mut number = self.varint()?;
            for _ in 0..control + 3 {
                self.run.push(number);
                number = number.wrapping_add(step);
            }
        } else {
            for _ in control..256 {
                let number = self.varint()?;
                self.run.push(number);
            }
        }
        Ok(())
    }

    fn second_version(&mut self) -> Result<(), Error> {
        let first = self.stream.byte()?;
        if first >> 6 == 0 {
            let number = self.big_endian(usize::from(first >> 3 & 7) + 1)?;
            let number = self.signed(number);
            let count = usize::from(first & 7) + 3;
            self.run.extend(std::iter::repeat_n(number, count));
            return Ok(());
        }
        let width = first >> 1 & 31;
        let count = (usize::from(first & 1) << 8 | usize::from(self.stream.byte()?)) + 1;
        match first >> 6 {
            1 => {
                for number in self.packed(bits(width), count)? {
                    let number = self.signed(number);
                    self.run.push(number);
                }
                Ok(())
            }
            2 => self.patched(bits(width), count),
            _ => self.deltas(width, count),
        }
    }

    fn deltas(&mut self, width: u8, count: usize) -> Result<(), Error> {
        let base = self.varint()?;
        let step = zigzag(self.stream.varint()?) as i64;
        self.run.push(base);
        let mut number = base;
        if width == 0 {
            for _ in 1..count {
                number = number.wrapping_add(step);
                self.run.push(number);
            }
            return Ok(());
        }
        if count > 1 {
            number = number.wrapping_add(step);
            self.run.push(number);
        }
        for delta in self.packed(bits(width), count.saturating_sub(2))? {
            let delta = delta as i64;
            number = if step < 0 {
                number.wrapping_sub(delta)
            } else {
                number.wrapping_add(delta)
            };
            self.run.push(number);
        }
        Ok(())
    }

    /// Numbers above a base, of which the few that have more bits are patched.
    fn patched(&mut self, width: u32, count: usize) -> Result<(), Error> {
        let [third, fourth] = self.stream.array()?;
        let base_bytes = usize::from(third >> 5) + 1;
        let patch_width = bits(third & 31);
        let gap_width = u32::from(fourth >> 5) + 1;
        let patches = usize::from(fourth & 31);
        let base = self.big_endian(base_bytes)?;
        // The highest bit is the sign.
        let sign = 1_u64 << (base_bytes * 8 - 1);
        let base = if base & sign == 0 {
            base as i64
        } else {
            ((base & !sign) as i64).wrapping_neg()
        };
        let mut numbers = self.packed(width, count)?;
        let entry_width = (1..=31)
            .map(bits)
            .find(|bits| *bits >= gap_width + patch_width)
            .ok_or(Error::Damaged("the patch of a number is too wide"))?;
        let mut place = 0;
        for entry in self.packed(entry_width, patches)? {
            // Both widths are 64 at most, and one of them is less.
            let gap = entry.checked_shr(patch_width).unwrap_or(0);
            let patch = entry & u64::MAX.checked_shr(64 - patch_width).unwrap_or(0);
            place += gap as usize;
            let number = numbers
                .get_mut(place)
                .ok_or(Error::Damaged("a patch is of no number"))?;
            *number |= patch.checked_shl(width).unwrap_or(0);
        }
        let numbers = numbers.into_iter().map(|n| base.wrapping_add(n as i64));
        self.run.extend(numbers);
        Ok(())
    }

    fn big_endian(&mut self, bytes: usize) -> Result<u64, Error> {
        let mut number = 0;
        for _ in 0..bytes {
            number = number << 8 | u64::from(self.stream.byte()?);
        }
        Ok(number)
    }

    /// Numbers of `width` bits each, one behind the other.
    fn packed(&mut self, width: u32, count: usize) -> Result<Vec<u64>, Error> {
        let mut numbers = Vec::with_capacity(count);
        // Never more than 64 + 7 bits.
        let (mut buffer, mut have) = (0_u128, 0);
        for _ in 0..count {
            while have < width {
                buffer = buffer << 8 | u128::from(self.stream.byte()?);
                have += 8;
            }
            have -= width;
            numbers.push((buffer >> have) as u64);
            buffer &= (1 << have) - 1;
        }
        Ok(numbers)
    }
}

/// How many bits a width of five bits stands for.
fn bits(code: u8) -> u32 {
    match code {
        0..=23 => u32::from(code) + 1,
        24 => 26,
        25 => 28,
        26 => 30,
        27 => 32,
        28 => 40,
        29 => 48,
        30 => 56,
        _ => 64,
    }
}

#[cfg(test)]
mod tests {
    use hive_formats::orc::Codec;

    use super::*;

    fn read(bytes: &'static [u8], encoding: EncodingKind, signed: bool) -> Vec<i64> {
        let stream = Stream::new(bytes.into(), Codec::of(0, 0).unwrap());
        let mut integers = Integers::new(stream, encoding, signed);
        std::iter::from_fn(|| integers.next().ok()).collect()
    }

    #[test]
    fn the_specifications_examples_of_the_first_version() {
        let v1 = |bytes, signed| read(bytes, EncodingKind::Direct, signed);
        assert_eq!(v1(&[0x61, 0x00, 0x07], false), [7; 100]);
        let down: Vec<i64> = (1..=100).rev().collect();
        assert_eq!(v1(&[0x61, 0xff, 0x64], false), down);
        assert_eq!(v1(&[0xfb, 2, 3, 4, 7, 0xb], false), [2, 3, 4, 7, 11]);
        assert_eq!(v1(&[0xfe, 1, 2], true), [-1, 1]);
    }

    #[test]
    fn the_specifications_examples_of_the_second_version() {
        let v2 = |bytes, signed| read(bytes, EncodingKind::DirectV2, signed);
        assert_eq!(v2(&[0x0a, 0x27, 0x10], false), [10_000; 5]);
        assert_eq!(
            v2(
                &[0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef],
                false
            ),
            [23_713, 43_806, 57_005, 48_879]
        );
        let patched = [
            0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46,
            0x50, 0x5a, 0x64, 0x6e, 0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
        ];
        let expected = [
            2030, 2000, 2020, 1_000_000, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120,
            2130, 2140, 2150, 2160, 2170, 2180, 2190,
        ];
        assert_eq!(v2(Box::leak(Box::new(patched)), true), expected);
        assert_eq!(
            v2(&[0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46], false),
            [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
        );
    }

    #[test]
    fn any_bytes_are_numbers_or_an_error() {
        let mut seed = 1_u64;
        for _ in 0..2000 {
            let bytes: Vec<u8> = (0..64)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (seed >> 56) as u8
                })
                .collect();
            for encoding in [EncodingKind::Direct, EncodingKind::DirectV2] {
                let stream = Stream::new(bytes.clone().into(), Codec::of(0, 0).unwrap());
                let mut integers = Integers::new(stream, encoding, true);
                let count = std::iter::from_fn(|| integers.next().ok()).count();
                assert!(count <= 64 * LONGEST, "{bytes:?}");
            }
        }
    }
}
