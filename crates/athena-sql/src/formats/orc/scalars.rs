//! Numbers, decimals and moments.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array,
    Int32Array, Int64Array, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::DataType;
use hive_formats::orc::Error;

use super::integers::Integers;
use super::runs::ByteRuns;
use super::stream::{Stream, zigzag};
use crate::types::zone::Zone;

const PICOS_PER_SECOND: i128 = 1_000_000_000_000;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// 2015-01-01 00:00:00, from which timestamps count by the writer's clock, in seconds of the epoch.
const BASE: i64 = 1_420_070_400;

/// Values that there is room for before any is read; a damaged file says of any number.
const AT_FIRST: usize = 8192;

const RANGE: Error = Error::Damaged("a number is not of its column's type");

pub(super) fn bytes(runs: &mut ByteRuns, count: usize) -> Result<ArrayRef, Error> {
    let mut values = Vec::with_capacity(count.min(AT_FIRST));
    for _ in 0..count {
        values.push(runs.next()? as i8);
    }
    Ok(Arc::new(Int8Array::from(values)))
}

/// Integers in the width of `kind`.
pub(super) fn integers(
    integers: &mut Integers,
    count: usize,
    kind: &DataType,
) -> Result<ArrayRef, Error> {
    Ok(match kind {
        DataType::Int16 => Arc::new(Int16Array::from(narrow::<i16>(integers, count)?)),
        DataType::Int32 => Arc::new(Int32Array::from(narrow::<i32>(integers, count)?)),
        DataType::Date32 => Arc::new(Date32Array::from(narrow::<i32>(integers, count)?)),
        _ => Arc::new(Int64Array::from(narrow::<i64>(integers, count)?)),
    })
}

fn narrow<T: TryFrom<i64>>(integers: &mut Integers, count: usize) -> Result<Vec<T>, Error> {
    let mut values = Vec::with_capacity(count.min(AT_FIRST));
    for _ in 0..count {
        values.push(T::try_from(integers.next()?).map_err(|_| RANGE)?);
    }
    Ok(values)
}

pub(super) fn floats(stream: &mut Stream, count: usize) -> Result<ArrayRef, Error> {
    let mut values = Vec::with_capacity(count.min(AT_FIRST));
    for _ in 0..count {
        values.push(f32::from_le_bytes(stream.array()?));
    }
    Ok(Arc::new(Float32Array::from(values)))
}

pub(super) fn doubles(stream: &mut Stream, count: usize) -> Result<ArrayRef, Error> {
    let mut values = Vec::with_capacity(count.min(AT_FIRST));
    for _ in 0..count {
        values.push(f64::from_le_bytes(stream.array()?));
    }
    Ok(Arc::new(Float64Array::from(values)))
}

/// Decimals, each of which is written with a scale of its own.
pub(super) fn decimals(
    numbers: &mut Stream,
    scales: &mut Integers,
    count: usize,
    precision: u8,
    scale: u8,
) -> Result<ArrayRef, Error> {
    let limit = 10_i128.pow(precision.into());
    let mut values = Vec::with_capacity(count.min(AT_FIRST));
    for _ in 0..count {
        let number = zigzag(numbers.varint()?);
        let shift = i64::from(scale).checked_sub(scales.next()?).ok_or(RANGE)?;
        let factor = u32::try_from(shift.unsigned_abs()).ok();
        let factor = factor.and_then(|shift| 10_i128.checked_pow(shift));
        let number = match factor {
            Some(factor) if shift >= 0 => number.checked_mul(factor).ok_or(RANGE)?,
            Some(factor) => number / factor,
            None if number == 0 || shift < 0 => 0,
            None => return Err(RANGE),
        };
        if number <= -limit || number >= limit {
            return Err(RANGE);
        }
        values.push(number);
    }
    let values = Decimal128Array::from(values).with_precision_and_scale(precision, scale as i8);
    Ok(Arc::new(values.map_err(|_| RANGE)?))
}

/// Moments by the clock of `zone`, in microseconds; what is finer is cut off.
pub(super) fn timestamps(
    seconds: &mut Integers,
    nanos: &mut Integers,
    zone: Zone,
    count: usize,
) -> Result<ArrayRef, Error> {
    let base = zone.to_instant(i128::from(BASE) * PICOS_PER_SECOND) / PICOS_PER_SECOND;
    let base = base as i64;
    let mut values = Vec::with_capacity(count.min(AT_FIRST));
    for _ in 0..count {
        let micros = micros(seconds.next()?, nanos.next()? as u64, base, zone);
        values.push(micros.ok_or(RANGE)?);
    }
    Ok(Arc::new(TimestampMicrosecondArray::from(values)))
}

/// A moment by the clock of `zone`: so many seconds after `base`, and nanoseconds of which the last
/// three bits say how many zeros were taken off.
fn micros(seconds: i64, nanos: u64, base: i64, zone: Zone) -> Option<i64> {
    let zeros = match nanos & 7 {
        0 => 0,
        zeros => zeros as u32 + 1,
    };
    let nanos = (nanos >> 3).checked_mul(10_u64.pow(zeros))?;
    if nanos > 999_999_999 {
        return None;
    }
    let mut seconds = seconds.checked_add(base)?;
    // Java's writer rounds the seconds of moments before the epoch toward it (ORC-763).
    if seconds < 0 && nanos > 999_999 {
        seconds = seconds.checked_sub(1)?;
    }
    let local = seconds.checked_add(zone.offset_at(seconds))?;
    let micros = i64::try_from(nanos / 1000).ok()?;
    local.checked_mul(MICROS_PER_SECOND)?.checked_add(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_of_the_writers_clock() {
        let zone = Zone::parse("America/Los_Angeles").unwrap();
        let base = BASE + 8 * 3600;
        // Half a year later the clock is an hour ahead.
        let july = 181 * 86_400;
        let local = |seconds| micros(seconds, 0, base, zone).unwrap() / MICROS_PER_SECOND - BASE;
        assert_eq!([local(0), local(july)], [0, july + 3600]);
    }

    #[test]
    fn a_fraction_has_its_zeros_taken_off() {
        let fraction = |nanos| micros(-BASE, nanos, BASE, Zone::UTC);
        assert_eq!(fraction(5 << 3 | 7), Some(500_000));
        assert_eq!(fraction(123_456_789 << 3), Some(123_456));
        assert_eq!(micros(-BASE, 999 << 3 | 5, BASE, Zone::UTC), Some(999_000));
        assert_eq!(
            micros(-BASE - 1, 999 << 3 | 5, BASE, Zone::UTC),
            Some(-1_001_000)
        );
        assert_eq!(micros(i64::MAX, 0, BASE, Zone::UTC), None);
        assert_eq!(fraction(1_000_000_000 << 3), None);
        assert_eq!(fraction(u64::MAX), None);
    }
}
