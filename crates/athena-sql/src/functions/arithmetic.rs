//! `+ - * / %` and negation of numbers.

use datafusion::arrow::array::{ArrayRef, Datum};
use datafusion::arrow::compute::kernels::numeric;
use datafusion::arrow::datatypes::i256;
use datafusion::arrow::error::ArrowError;

use super::{Call, Function, arrow, out_of_range, scalar};
use crate::error::Error;
use crate::types::{MAX_PRECISION, Type, Value};

pub fn functions() -> Vec<Function> {
    let mut all = Vec::new();
    for number in ["tinyint", "smallint", "integer", "bigint", "real", "double"] {
        for (symbol, body) in [
            ("+", add as super::ArrowFn),
            ("-", subtract),
            ("*", multiply),
            ("/", divide),
            ("%", modulus),
        ] {
            all.push(arrow(
                &format!("{symbol}({number}, {number}) -> {number}"),
                body,
            ));
        }
        all.push(arrow(&format!("negate({number}) -> {number}"), negate));
    }
    all.extend([
        scalar("+(decimal, decimal) -> decimal", decimal_add).returns(sum_type),
        scalar("-(decimal, decimal) -> decimal", decimal_subtract).returns(sum_type),
        scalar("*(decimal, decimal) -> decimal", decimal_multiply).returns(product_type),
        scalar("/(decimal, decimal) -> decimal", decimal_divide).returns(quotient_type),
        scalar("%(decimal, decimal) -> decimal", decimal_modulus).returns(remainder_type),
        scalar("negate(decimal) -> decimal", |_, a| match &a[0] {
            Value::Decimal(n) => Ok(Value::Decimal(-n)),
            _ => Ok(Value::Null),
        }),
        arrow("mod(tinyint, tinyint) -> tinyint", modulus),
        arrow("mod(smallint, smallint) -> smallint", modulus),
        arrow("mod(integer, integer) -> integer", modulus),
        arrow("mod(bigint, bigint) -> bigint", modulus),
        arrow("mod(real, real) -> real", modulus),
        arrow("mod(double, double) -> double", modulus),
        scalar("mod(decimal, decimal) -> decimal", decimal_modulus).returns(remainder_type),
    ]);
    all
}

type Kernel = fn(&dyn Datum, &dyn Datum) -> Result<ArrayRef, ArrowError>;

fn run(call: &Call, a: &[ArrayRef], kernel: Kernel, what: &str) -> Result<ArrayRef, Error> {
    kernel(&a[0], &a[1]).map_err(|error| failure(call, &error, what))
}

fn failure(call: &Call, error: &ArrowError, what: &str) -> Error {
    match error {
        ArrowError::DivideByZero => division_by_zero(),
        ArrowError::ArithmeticOverflow(message) => {
            let operands = message.split_once(": ").map_or("", |(_, rest)| rest);
            out_of_range(format!("{} {what} overflow: {operands}", call.result))
        }
        other => Error::internal(other),
    }
}

pub fn division_by_zero() -> Error {
    Error::user("DIVISION_BY_ZERO", "Division by zero")
}

fn add(call: &Call, a: &[ArrayRef]) -> Result<ArrayRef, Error> {
    run(call, a, numeric::add, "addition")
}

fn subtract(call: &Call, a: &[ArrayRef]) -> Result<ArrayRef, Error> {
    run(call, a, numeric::sub, "subtraction")
}

fn multiply(call: &Call, a: &[ArrayRef]) -> Result<ArrayRef, Error> {
    run(call, a, numeric::mul, "multiplication")
}

fn divide(call: &Call, a: &[ArrayRef]) -> Result<ArrayRef, Error> {
    run(call, a, numeric::div, "division")
}

fn modulus(call: &Call, a: &[ArrayRef]) -> Result<ArrayRef, Error> {
    run(call, a, numeric::rem, "modulus")
}

fn negate(call: &Call, a: &[ArrayRef]) -> Result<ArrayRef, Error> {
    numeric::neg(&a[0]).map_err(|error| failure(call, &error, "negation"))
}

fn parameters(types: &[Type]) -> ((u8, u8), (u8, u8)) {
    let of = |i: usize| {
        types
            .get(i)
            .and_then(Type::integer_as_decimal)
            .unwrap_or((MAX_PRECISION, 0))
    };
    (of(0), of(1))
}

fn sum_type(types: &[Type]) -> Type {
    let ((p1, s1), (p2, s2)) = parameters(types);
    let scale = s1.max(s2);
    Type::Decimal(
        ((p1 - s1).max(p2 - s2) + scale + 1).min(MAX_PRECISION),
        scale,
    )
}

fn product_type(types: &[Type]) -> Type {
    let ((p1, s1), (p2, s2)) = parameters(types);
    Type::Decimal((p1 + p2).min(MAX_PRECISION), (s1 + s2).min(MAX_PRECISION))
}

fn quotient_type(types: &[Type]) -> Type {
    let ((p1, s1), (p2, s2)) = parameters(types);
    Type::Decimal(
        (p1 + s2 + s2.saturating_sub(s1)).min(MAX_PRECISION),
        s1.max(s2),
    )
}

fn remainder_type(types: &[Type]) -> Type {
    let ((p1, s1), (p2, s2)) = parameters(types);
    let scale = s1.max(s2);
    Type::Decimal(
        ((p1 - s1).min(p2 - s2) + scale).clamp(1, MAX_PRECISION),
        scale,
    )
}

/// Both operands at a scale, and which.
fn aligned(call: &Call, a: &[Value]) -> Option<(i256, i256)> {
    let ((_, s1), (_, s2)) = parameters(&call.arguments);
    let scale = s1.max(s2);
    match (&a[0], &a[1]) {
        (Value::Decimal(x), Value::Decimal(y)) => {
            Some((scaled(*x, scale - s1), scaled(*y, scale - s2)))
        }
        _ => None,
    }
}

fn scaled(unscaled: i128, digits: u8) -> i256 {
    i256::from_i128(unscaled).wrapping_mul(power_of_ten(digits))
}

fn power_of_ten(digits: u8) -> i256 {
    i256::from_i128(10).wrapping_pow(u32::from(digits))
}

/// A decimal of at most 38 digits.
pub fn within_decimal(unscaled: i256) -> Result<Value, Error> {
    let limit = power_of_ten(MAX_PRECISION);
    match unscaled.to_i128() {
        Some(n) if unscaled < limit && unscaled > limit.wrapping_neg() => Ok(Value::Decimal(n)),
        _ => Err(out_of_range("Decimal overflow")),
    }
}

fn decimal_add(call: &Call, a: &[Value]) -> Result<Value, Error> {
    aligned(call, a).map_or(Ok(Value::Null), |(x, y)| within_decimal(x.wrapping_add(y)))
}

fn decimal_subtract(call: &Call, a: &[Value]) -> Result<Value, Error> {
    aligned(call, a).map_or(Ok(Value::Null), |(x, y)| within_decimal(x.wrapping_sub(y)))
}

fn decimal_multiply(_: &Call, a: &[Value]) -> Result<Value, Error> {
    match (&a[0], &a[1]) {
        (Value::Decimal(x), Value::Decimal(y)) => {
            within_decimal(i256::from_i128(*x).wrapping_mul(i256::from_i128(*y)))
        }
        _ => Ok(Value::Null),
    }
}

fn decimal_divide(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let ((_, s1), (_, s2)) = parameters(&call.arguments);
    let (Value::Decimal(x), Value::Decimal(y)) = (&a[0], &a[1]) else {
        return Ok(Value::Null);
    };
    if *y == 0 {
        return Err(division_by_zero());
    }
    let dividend = scaled(*x, s1.max(s2) + s2 - s1);
    within_decimal(divide_half_up(dividend, i256::from_i128(*y)))
}

/// Division that rounds halves away from zero.
pub fn divide_half_up(dividend: i256, divisor: i256) -> i256 {
    let quotient = dividend.wrapping_div(divisor);
    let remainder = dividend.wrapping_rem(divisor);
    let twice = remainder.wrapping_abs().wrapping_mul(i256::from_i128(2));
    if twice >= divisor.wrapping_abs() {
        let negative = dividend.is_negative() != divisor.is_negative();
        quotient.wrapping_add(i256::from_i128(if negative { -1 } else { 1 }))
    } else {
        quotient
    }
}

fn decimal_modulus(call: &Call, a: &[Value]) -> Result<Value, Error> {
    match aligned(call, a) {
        None => Ok(Value::Null),
        Some((_, y)) if y == i256::ZERO => Err(division_by_zero()),
        Some((x, y)) => within_decimal(x.wrapping_rem(y)),
    }
}

/// Rounds an unscaled value to fewer digits after the point, halves away from zero.
pub fn rescale(unscaled: i128, from: u8, to: u8) -> i256 {
    if to >= from {
        scaled(unscaled, to - from)
    } else {
        divide_half_up(i256::from_i128(unscaled), power_of_ten(from - to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(rescale(125, 2, 1), i256::from_i128(13));
        assert_eq!(rescale(-125, 2, 1), i256::from_i128(-13));
    }

    #[test]
    fn a_sum_has_room_for_its_carry() {
        assert_eq!(
            sum_type(&[Type::Decimal(3, 1), Type::Decimal(3, 2)]),
            Type::Decimal(5, 2)
        );
    }
}
