//! round, truncate, ceil and floor on every kind of number
//! (<https://trino.io/docs/current/functions/math.html>).

use datafusion::arrow::datatypes::i256;

use super::arithmetic::{rescale, within_decimal};
use super::cast::cast_value;
use super::{Call, Function, out_of_range, scalar};
use crate::error::Error;
use crate::types::{MAX_PRECISION, Type, Value};

pub fn functions() -> Vec<Function> {
    let mut all = Vec::new();
    for kind in ["tinyint", "smallint", "integer", "bigint"] {
        for name in ["round", "ceil", "ceiling", "floor"] {
            all.push(scalar(&format!("{name}({kind}) -> {kind}"), |_, a| {
                Ok(a[0].clone())
            }));
        }
        all.push(scalar(
            &format!("round({kind}, integer) -> {kind}"),
            round_integer,
        ));
    }
    all.extend([
        scalar("round(double) -> double", |_, a| {
            Ok(Value::Double(rounded(a[0].as_f64(), 0)))
        }),
        scalar("round(real) -> real", |_, a| {
            Ok(Value::Real(rounded(a[0].as_f64(), 0) as f32))
        }),
        scalar("round(double, integer) -> double", |_, a| {
            Ok(Value::Double(rounded(a[0].as_f64(), a[1].as_i64())))
        }),
        scalar("round(real, integer) -> real", |_, a| {
            Ok(Value::Real(rounded(a[0].as_f64(), a[1].as_i64()) as f32))
        }),
        scalar("ceil(double) -> double", |_, a| {
            Ok(Value::Double(a[0].as_f64().ceil()))
        }),
        scalar("ceil(real) -> real", |_, a| {
            Ok(Value::Real(a[0].as_f64().ceil() as f32))
        }),
        scalar("ceiling(double) -> double", |_, a| {
            Ok(Value::Double(a[0].as_f64().ceil()))
        }),
        scalar("ceiling(real) -> real", |_, a| {
            Ok(Value::Real(a[0].as_f64().ceil() as f32))
        }),
        scalar("floor(double) -> double", |_, a| {
            Ok(Value::Double(a[0].as_f64().floor()))
        }),
        scalar("floor(real) -> real", |_, a| {
            Ok(Value::Real(a[0].as_f64().floor() as f32))
        }),
        scalar("truncate(double) -> double", |_, a| {
            Ok(Value::Double(a[0].as_f64().trunc()))
        }),
        scalar("truncate(real) -> real", |_, a| {
            Ok(Value::Real(a[0].as_f64().trunc() as f32))
        }),
        scalar("round(decimal) -> decimal", |call, a| {
            within_decimal(rescale(unscaled(a), scale(call), 0))
        })
        .returns(whole),
        scalar("ceil(decimal) -> decimal", ceil_decimal).returns(whole),
        scalar("ceiling(decimal) -> decimal", ceil_decimal).returns(whole),
        scalar("floor(decimal) -> decimal", floor_decimal).returns(whole),
        scalar("truncate(decimal) -> decimal", |call, a| {
            Ok(Value::Decimal(unscaled(a) / power(scale(call))))
        })
        .returns(|types| {
            let (p, s) = digits(types);
            Type::Decimal((p - s).max(1), 0)
        }),
        scalar("round(decimal, integer) -> decimal", round_decimal).returns(|types| {
            let (p, s) = digits(types);
            Type::Decimal((p + 1).min(MAX_PRECISION), s)
        }),
        scalar("truncate(decimal, integer) -> decimal", truncate_decimal),
    ]);
    all
}

fn digits(types: &[Type]) -> (u8, u8) {
    match types.first() {
        Some(Type::Decimal(p, s)) => (*p, *s),
        _ => (MAX_PRECISION, 0),
    }
}

fn scale(call: &Call) -> u8 {
    digits(&call.arguments).1
}

fn unscaled(a: &[Value]) -> i128 {
    match &a[0] {
        Value::Decimal(n) => *n,
        _ => 0,
    }
}

/// A power of ten up to the 38th, which a decimal's scale never exceeds.
fn power(digits: u8) -> i128 {
    10_i128.pow(u32::from(digits.min(MAX_PRECISION)))
}

/// A whole number with room for what rounding carries over.
fn whole(types: &[Type]) -> Type {
    let (p, s) = digits(types);
    Type::Decimal((p - s + s.min(1)).min(MAX_PRECISION), 0)
}

fn ceil_decimal(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let (n, factor) = (unscaled(a), power(scale(call)));
    Ok(Value::Decimal(
        n.div_euclid(factor) + i128::from(n.rem_euclid(factor) != 0),
    ))
}

fn floor_decimal(call: &Call, a: &[Value]) -> Result<Value, Error> {
    Ok(Value::Decimal(unscaled(a).div_euclid(power(scale(call)))))
}

fn round_decimal(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let ((p, s), wanted) = (digits(&call.arguments), a[1].as_i64());
    let whole_digits = i64::from(p) - i64::from(s);
    if wanted >= i64::from(s) {
        return Ok(a[0].clone());
    }
    // Of up to 18 digits Trino drops what would round up into a digit it has no room for.
    if whole_digits + wanted < i64::from(p <= 18) {
        return Ok(Value::Decimal(0));
    }
    let dropped = u8::try_from(i64::from(s) - wanted).unwrap_or(MAX_PRECISION);
    let kept = rescale(unscaled(a), dropped, 0);
    let factor = i256::from_i128(power(dropped));
    within_decimal(kept.wrapping_mul(factor))
}

fn truncate_decimal(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let ((p, s), wanted) = (digits(&call.arguments), a[1].as_i64());
    if i64::from(p) - i64::from(s) + wanted <= 0 {
        return Ok(Value::Decimal(0));
    }
    match u8::try_from(i64::from(s) - wanted) {
        Ok(dropped) => {
            let n = unscaled(a);
            Ok(Value::Decimal(n - n % power(dropped)))
        }
        Err(_) => Ok(a[0].clone()),
    }
}

/// Halves away from zero.
fn rounded(x: f64, places: i64) -> f64 {
    if !x.is_finite() {
        return x;
    }
    let factor = 10_f64.powi(i32::try_from(places).unwrap_or(i32::MAX));
    // Java's Math.round: to a long, which saturates.
    let round = |x: f64| ((x * factor + 0.5).floor() as i64) as f64 / factor;
    if x < 0.0 { -round(-x) } else { round(x) }
}

fn round_integer(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let (n, places) = (a[0].as_i64(), a[1].as_i64());
    if places >= 0 {
        return Ok(a[0].clone());
    }
    let overflow = || out_of_range(format!("numerical overflow: {n}"));
    let factor = u32::try_from(places.unsigned_abs())
        .ok()
        .and_then(|p| 10_i64.checked_pow(p))
        .ok_or_else(overflow)?;
    let (n, factor) = (i128::from(n), i128::from(factor));
    let quotient = (n.abs() + factor / 2) / factor * n.signum();
    let whole = i64::try_from(quotient * factor).map_err(|_| overflow())?;
    cast_value(&Value::Integer(whole), &Type::Bigint, &call.result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!(rounded(-2.5, 0), -3.0);
        assert_eq!(rounded(2.345, 2), 2.35);
        assert_eq!(rounded(1234.0, -2), 1200.0);
        assert!(rounded(f64::NAN, 1).is_nan());
    }
}
