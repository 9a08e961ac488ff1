//! Between numbers and booleans.

use super::super::arithmetic::{rescale, within_decimal};
use super::super::out_of_range;
use crate::error::{Error, invalid_cast};
use crate::types::{Type, Value, decimal_text, double_text, real_text};

pub fn convert(value: &Value, from: &Type, to: &Type) -> Result<Value, Error> {
    match (value, to) {
        (Value::Boolean(b), _) => from_integer(i128::from(*b), from, to),
        (Value::Integer(n), Type::Boolean) => Ok(Value::Boolean(*n != 0)),
        (Value::Integer(n), _) => from_integer(i128::from(*n), from, to),
        (Value::Real(x), _) => from_float(f64::from(*x), &real_text(*x), from, to),
        (Value::Double(x), _) => from_float(*x, &double_text(*x), from, to),
        (Value::Decimal(n), _) => {
            let scale = match from {
                Type::Decimal(_, scale) => *scale,
                _ => 0,
            };
            from_decimal(*n, scale, from, to)
        }
        _ => Err(invalid_cast(format!("Cannot cast {from} to {to}"))),
    }
}

/// The bounds of an integer type.
pub fn bounds(data_type: &Type) -> Option<(i128, i128)> {
    Some(match data_type {
        Type::Tinyint => (i8::MIN.into(), i8::MAX.into()),
        Type::Smallint => (i16::MIN.into(), i16::MAX.into()),
        Type::Integer => (i32::MIN.into(), i32::MAX.into()),
        Type::Bigint => (i64::MIN.into(), i64::MAX.into()),
        _ => return None,
    })
}

fn from_integer(n: i128, from: &Type, to: &Type) -> Result<Value, Error> {
    match to {
        Type::Real => Ok(Value::Real(n as f32)),
        Type::Double => Ok(Value::Double(n as f64)),
        Type::Decimal(precision, scale) => decimal(n, 0, *precision, *scale, &n.to_string(), from),
        Type::Boolean => Ok(Value::Boolean(n != 0)),
        _ => match bounds(to) {
            Some((low, high)) if (low..=high).contains(&n) => Ok(Value::Integer(n as i64)),
            Some(_) => Err(out_of_range(format!("Out of range for {to}: {n}"))),
            None => Err(invalid_cast(format!("Cannot cast {from} to {to}"))),
        },
    }
}

fn from_float(x: f64, text: &str, from: &Type, to: &Type) -> Result<Value, Error> {
    match to {
        Type::Real => Ok(Value::Real(x as f32)),
        Type::Double => Ok(Value::Double(x)),
        Type::Boolean => Ok(Value::Boolean(x != 0.0)),
        Type::Decimal(precision, scale) => {
            let fail = || invalid_cast(format!("Cannot cast {from} '{text}' to {to}"));
            if !x.is_finite() {
                return Err(fail());
            }
            let (unscaled, digits) = exact_decimal(text).ok_or_else(fail)?;
            decimal(unscaled, digits, *precision, *scale, text, from)
        }
        _ => {
            let (low, high) =
                bounds(to).ok_or_else(|| invalid_cast(format!("Cannot cast {from} to {to}")))?;
            // Halves go away from zero.
            let rounded = x.round();
            if x.is_nan() {
                return Err(invalid_cast(format!("Cannot cast {from} NaN to {to}")));
            }
            if rounded < low as f64 || rounded > high as f64 || rounded == 2_f64.powi(63) {
                return Err(out_of_range(format!("Out of range for {to}: {text}")));
            }
            Ok(Value::Integer(rounded as i64))
        }
    }
}

/// The digits of a printed float: unscaled, and how many stand after the point.
fn exact_decimal(text: &str) -> Option<(i128, i32)> {
    let (mantissa, exponent) = match text.split_once('E') {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let unscaled: i128 = format!("{whole}{fraction}").parse().ok()?;
    Some((unscaled, fraction.len() as i32 - exponent))
}

fn from_decimal(n: i128, scale: u8, from: &Type, to: &Type) -> Result<Value, Error> {
    let text = decimal_text(n, scale);
    match to {
        Type::Boolean => Ok(Value::Boolean(n != 0)),
        Type::Double => Ok(Value::Double(text.parse().unwrap_or(f64::NAN))),
        Type::Real => Ok(Value::Real(text.parse().unwrap_or(f32::NAN))),
        Type::Decimal(precision, to_scale) => {
            decimal(n, i32::from(scale), *precision, *to_scale, &text, from)
        }
        _ => {
            let whole = rescale(n, scale, 0).to_i128().unwrap_or(i128::MAX);
            match bounds(to) {
                Some((low, high)) if (low..=high).contains(&whole) => {
                    Ok(Value::Integer(whole as i64))
                }
                Some(_) => Err(invalid_cast(format!("Cannot cast '{text}' to {to}"))),
                None => Err(invalid_cast(format!("Cannot cast {from} to {to}"))),
            }
        }
    }
}

/// `unscaled × 10^-digits` as a decimal of the wanted precision and scale.
pub fn decimal(
    unscaled: i128,
    digits: i32,
    precision: u8,
    scale: u8,
    text: &str,
    from: &Type,
) -> Result<Value, Error> {
    let fail = || {
        invalid_cast(format!(
            "Cannot cast {from} '{text}' to decimal({precision},{scale})"
        ))
    };
    let (unscaled, digits) = if digits < 0 {
        let power = 10_i128
            .checked_pow(digits.unsigned_abs())
            .ok_or_else(fail)?;
        (unscaled.checked_mul(power).ok_or_else(fail)?, 0)
    } else if digits > 76 {
        return Ok(Value::Decimal(0));
    } else {
        (unscaled, digits as u8)
    };
    let value = within_decimal(rescale(unscaled, digits, scale)).map_err(|_| fail())?;
    match value {
        Value::Decimal(n) if n.unsigned_abs() < 10_u128.pow(u32::from(precision)) => Ok(value),
        _ => Err(fail()),
    }
}
