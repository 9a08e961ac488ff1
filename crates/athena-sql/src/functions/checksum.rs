//! `checksum`: a number of the values of a group that their order does not change
//! (Trino's `ChecksumAggregationFunction`, and the `XX_HASH_64` operators of its types).

use twox_hash::XxHash64;

use super::{Aggregate, Function, aggregate_of};
use crate::error::Error;
use crate::types::{Type, Value};

const PRIME: u64 = 0x9E37_79B1_85EB_CA87;
/// The most digits of a decimal that lies in 64 bits.
const SHORT_PRECISION: u8 = 18;
const PICOS_OF_MICRO: i128 = 1_000_000;

pub fn functions() -> Vec<Function> {
    vec![aggregate_of("checksum(T:comparable) -> varbinary", checksum).called_on_null()]
}

fn checksum(aggregate: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    let data_type = &aggregate.arguments[0];
    let mut sum = 0_u64;
    for row in rows {
        let part = if row[0].is_null() {
            PRIME
        } else {
            hash(&row[0], data_type)?.wrapping_mul(PRIME)
        };
        sum = sum.wrapping_add(part);
    }
    Ok(Value::binary(sum.to_le_bytes().to_vec()))
}

fn hash(value: &Value, data_type: &Type) -> Result<u64, Error> {
    Ok(match (value, data_type) {
        (Value::Boolean(b), _) => of_long(i64::from(*b)),
        (Value::Integer(n) | Value::Time(n) | Value::IntervalDay(n), _) => of_long(*n),
        (Value::Date(n) | Value::IntervalYear(n), _) => of_long(i64::from(*n)),
        (Value::Real(x), _) => {
            let bits = if x.is_nan() { f32::NAN } else { *x + 0.0 }.to_bits();
            of_long(i64::from(bits as i32))
        }
        (Value::Double(x), _) => {
            let bits = if x.is_nan() { f64::NAN } else { *x + 0.0 }.to_bits();
            of_long(bits as i64)
        }
        (Value::Decimal(n), Type::Decimal(precision, _)) if *precision <= SHORT_PRECISION => {
            of_long(*n as i64)
        }
        (Value::Decimal(n), _) => of_long(*n as i64) ^ of_long((*n >> 64) as i64),
        (Value::Timestamp(picos), Type::Timestamp(precision)) => {
            let micros = of_long(picos.div_euclid(PICOS_OF_MICRO) as i64);
            if *precision <= 6 {
                micros
            } else {
                micros ^ of_long(picos.rem_euclid(PICOS_OF_MICRO) as i64)
            }
        }
        (Value::Text(text), _) => XxHash64::oneshot(0, text.as_bytes()),
        (Value::Binary(bytes), Type::Varbinary) => XxHash64::oneshot(0, bytes),
        _ => return Err(Error::not_supported(format!("checksum of {data_type}"))),
    })
}

fn of_long(n: i64) -> u64 {
    XxHash64::oneshot(0, &n.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_as_trino_hashes_it() {
        let two = of_long(2).wrapping_mul(PRIME).to_le_bytes();
        assert_eq!(hex::encode(two), "d0f70cebd131ec61");
    }
}
