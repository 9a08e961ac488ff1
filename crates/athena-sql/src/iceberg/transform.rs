//! What a partition's fields make of values.
//!
//! Source: Apache Iceberg's specification, "Partition Transforms" and "Appendix B: 32-bit Hash
//! Requirements".

use super::partition::Transform;
use crate::types::Value;
use crate::types::calendar::date_of;

const PICOS_PER_MICRO: i128 = 1_000_000;
const MICROS_PER_HOUR: i64 = 3_600_000_000;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

impl Transform {
    /// The partition's value of a column's.
    pub fn apply(&self, value: &Value) -> Value {
        if value.is_null() {
            return Value::Null;
        }
        match self {
            Self::Identity => value.clone(),
            Self::Bucket(count) => hash(value).map_or(Value::Null, |hash| {
                Value::Integer(i64::from((hash as u32 & 0x7fff_ffff) % count))
            }),
            Self::Truncate(width) => truncate(value, *width),
            Self::Year => day_of(value).map_or(Value::Null, |day| {
                let (year, _, _) = date_of(day);
                Value::Integer(year - 1970)
            }),
            Self::Month => day_of(value).map_or(Value::Null, |day| {
                let (year, month, _) = date_of(day);
                Value::Integer((year - 1970) * 12 + month - 1)
            }),
            Self::Day => day_of(value).map_or(Value::Null, |day| Value::Date(day as i32)),
            Self::Hour => micros_of(value).map_or(Value::Null, |micros| {
                Value::Integer(micros.div_euclid(MICROS_PER_HOUR))
            }),
            Self::Void | Self::Unknown(_) => Value::Null,
        }
    }
}

fn micros_of(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(picos) | Value::TimestampTz(picos, _) => {
            Some(picos.div_euclid(PICOS_PER_MICRO) as i64)
        }
        _ => None,
    }
}

fn day_of(value: &Value) -> Option<i64> {
    match value {
        Value::Date(days) => Some(i64::from(*days)),
        other => Some(micros_of(other)?.div_euclid(MICROS_PER_DAY)),
    }
}

fn truncate(value: &Value, width: u32) -> Value {
    match value {
        Value::Integer(n) => Value::Integer(n - n.rem_euclid(i64::from(width))),
        Value::Decimal(n) => Value::Decimal(n - n.rem_euclid(i128::from(width))),
        Value::Text(text) => {
            let end = text.char_indices().nth(width as usize);
            Value::text(&text[..end.map_or(text.len(), |(end, _)| end)])
        }
        Value::Binary(bytes) => Value::binary(&bytes[..bytes.len().min(width as usize)]),
        _ => Value::Null,
    }
}

/// The hash of a value, the same whether it is an int or a long.
fn hash(value: &Value) -> Option<i32> {
    let of_long = |n: i64| murmur3(&n.to_le_bytes());
    Some(match value {
        Value::Integer(n) => of_long(*n),
        Value::Date(days) => of_long(i64::from(*days)),
        Value::Time(picos) => of_long(picos / PICOS_PER_MICRO as i64),
        Value::Timestamp(_) | Value::TimestampTz(..) => of_long(micros_of(value)?),
        Value::Decimal(n) => murmur3(&least_bytes(*n)),
        Value::Text(text) => murmur3(text.as_bytes()),
        Value::Binary(bytes) => murmur3(bytes),
        _ => return None,
    })
}

/// A number of two's complement in as few bytes as it takes, the greatest first.
pub fn least_bytes(number: i128) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let sign = if number < 0 { 0xff } else { 0 };
    let mut start = 0;
    while start < bytes.len() - 1
        && bytes[start] == sign
        && (bytes[start + 1] & 0x80) == (sign & 0x80)
    {
        start += 1;
    }
    bytes[start..].to_vec()
}

/// MurmurHash3, of 32 bits, from 0.
fn murmur3(bytes: &[u8]) -> i32 {
    let mix = |k: u32| {
        k.wrapping_mul(0xcc9e_2d51)
            .rotate_left(15)
            .wrapping_mul(0x1b87_3593)
    };
    let mut hash: u32 = 0;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let word = word
            .iter()
            .rev()
            .fold(0, |k, byte| (k << 8) | u32::from(*byte));
        hash = (hash ^ mix(word))
            .rotate_left(13)
            .wrapping_mul(5)
            .wrapping_add(0xe654_6b64);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let word = rest
            .iter()
            .rev()
            .fold(0, |k, byte| (k << 8) | u32::from(*byte));
        hash ^= mix(word);
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    (hash ^ (hash >> 16)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_the_specifications() {
        for (value, expected) in [
            (Value::Integer(34), 2_017_239_379),
            (Value::Decimal(1420), -500_754_589),
            (Value::Date(17_486), -653_330_422),
            (
                Value::Timestamp(1_510_871_468_000_000 * PICOS_PER_MICRO),
                -2_047_944_441,
            ),
            (Value::text("iceberg"), 1_210_000_089),
            (Value::binary([0_u8, 1, 2, 3].as_slice()), -188_683_207),
        ] {
            assert_eq!(hash(&value), Some(expected), "{value:?}");
        }
    }

    #[test]
    fn values_are_cut_toward_less() {
        let cut = |value| format!("{:?}", Transform::Truncate(10).apply(&value));
        assert_eq!(cut(Value::Integer(-1)), "Integer(-10)");
        assert_eq!(cut(Value::Integer(19)), "Integer(10)");
        assert_eq!(cut(Value::text("äöüäöüäöüäöü")), "Text(\"äöüäöüäöüä\")");
    }

    #[test]
    fn days_and_months_count_from_1970() {
        let moment = Value::Timestamp(-PICOS_PER_MICRO);
        let of = |transform: Transform| format!("{:?}", transform.apply(&moment));
        assert_eq!(of(Transform::Day), "Date(-1)");
        assert_eq!(of(Transform::Month), "Integer(-1)");
        assert_eq!(of(Transform::Year), "Integer(-1)");
        assert_eq!(of(Transform::Hour), "Integer(-1)");
    }
}
