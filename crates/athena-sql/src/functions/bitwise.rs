//! Bits of integers (<https://trino.io/docs/current/functions/bitwise.html>).

use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("bit_count(bigint, bigint) -> bigint", bit_count),
        scalar("bitwise_not(bigint) -> bigint", |_, a| {
            Ok(Value::Integer(!a[0].as_i64()))
        }),
        scalar("bitwise_and(bigint, bigint) -> bigint", |_, a| {
            Ok(Value::Integer(a[0].as_i64() & a[1].as_i64()))
        }),
        scalar("bitwise_or(bigint, bigint) -> bigint", |_, a| {
            Ok(Value::Integer(a[0].as_i64() | a[1].as_i64()))
        }),
        scalar("bitwise_xor(bigint, bigint) -> bigint", |_, a| {
            Ok(Value::Integer(a[0].as_i64() ^ a[1].as_i64()))
        }),
    ];
    for kind in ["tinyint", "smallint", "integer", "bigint"] {
        all.extend([
            scalar(
                &format!("bitwise_left_shift({kind}, bigint) -> {kind}"),
                left_shift,
            ),
            scalar(
                &format!("bitwise_right_shift({kind}, bigint) -> {kind}"),
                right_shift,
            ),
            scalar(
                &format!("bitwise_right_shift_arithmetic({kind}, bigint) -> {kind}"),
                arithmetic_shift,
            ),
        ]);
    }
    all
}

fn width(call: &Call) -> u32 {
    match call.result {
        Type::Tinyint => 8,
        Type::Smallint => 16,
        Type::Integer => 32,
        _ => 64,
    }
}

/// A shift's distance, if it leaves anything.
fn distance(a: &[Value], width: u32) -> Option<u32> {
    u32::try_from(a[1].as_i64()).ok().filter(|n| *n < width)
}

/// The lowest bits as a number of two's complement.
fn signed(bits: u64, width: u32) -> Value {
    let unused = 64 - width;
    Value::Integer((bits << unused) as i64 >> unused)
}

fn left_shift(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let width = width(call);
    Ok(distance(a, width).map_or(Value::Integer(0), |n| {
        signed((a[0].as_i64() as u64) << n, width)
    }))
}

fn right_shift(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let width = width(call);
    let bits = (a[0].as_i64() as u64) & (u64::MAX >> (64 - width));
    Ok(distance(a, width).map_or(Value::Integer(0), |n| signed(bits >> n, width)))
}

fn arithmetic_shift(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let n = distance(a, width(call)).unwrap_or(63);
    Ok(Value::Integer(a[0].as_i64() >> n))
}

/// How many bits are set of a number in two's complement of so many bits.
fn bit_count(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (number, bits) = (a[0].as_i64(), a[1].as_i64());
    let width = u32::try_from(bits)
        .ok()
        .filter(|w| (2..=64).contains(w))
        .ok_or_else(|| {
            invalid_argument(format!(
                "Bits specified in bit_count must be between 2 and 64, got {bits}"
            ))
        })?;
    let (low, high) = (i64::MIN >> (64 - width), i64::MAX >> (64 - width));
    if number < low || number > high {
        return Err(invalid_argument(format!(
            "Number must be representable with the bits specified. {number} can not be represented with {bits} bits"
        )));
    }
    let kept = (number as u64) & (u64::MAX >> (64 - width));
    Ok(Value::Integer(i64::from(kept.count_ones())))
}
