//! Functions of numbers.

use super::{Call, Entry};
use crate::jsonata::error::Error;
use crate::jsonata::number;
use crate::jsonata::value::Value;

pub(super) const FUNCTIONS: &[Entry] = &[
    ("number", "<(nsb)-:n>", 1, to_number),
    ("floor", "<n-:n>", 1, |call| map(call, f64::floor)),
    ("ceil", "<n-:n>", 1, |call| map(call, f64::ceil)),
    ("abs", "<n-:n>", 1, |call| map(call, f64::abs)),
    ("round", "<n-n?:n>", 2, round),
    ("sqrt", "<n-:n>", 1, sqrt),
    ("power", "<n-n:n>", 2, power),
    ("random", "<:n>", 0, |_| Ok(Value::Number(rand::random()))),
    ("formatBase", "<n-n?:s>", 2, format_base),
];

fn map(call: &Call<'_>, operation: fn(f64) -> f64) -> Result<Value, Error> {
    Ok(call
        .number(0)?
        .map_or(Value::Undefined, |number| Value::Number(operation(number))))
}

fn to_number(call: &Call<'_>) -> Result<Value, Error> {
    let value = call.argument(0);
    let number = match value {
        Value::Undefined => return Ok(Value::Undefined),
        Value::Number(number) => Some(*number),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::String(text) => parse(text),
        _ => None,
    };
    number
        .map(Value::Number)
        .ok_or_else(|| Error::of("D3030").with("value", &call.evaluator.shown(value)))
}

/// A number in JSON's way of writing it, leading zeros allowed, or in hexadecimal, octal or binary.
fn parse(text: &str) -> Option<f64> {
    let radix = match text.get(..2) {
        Some("0x" | "0X") => Some(16),
        Some("0o" | "0O") => Some(8),
        Some("0b" | "0B") => Some(2),
        _ => None,
    };
    if let Some(radix) = radix {
        let digits = &text[2..];
        if digits.is_empty() {
            return None;
        }
        return digits.chars().try_fold(0.0, |number, digit| {
            Some(number * f64::from(radix) + f64::from(digit.to_digit(radix)?))
        });
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let valid = digits(whole)
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    if !valid {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn round(call: &Call<'_>) -> Result<Value, Error> {
    let Some(number) = call.number(0)? else {
        return Ok(Value::Undefined);
    };
    let precision = call.number(1)?.unwrap_or(0.0).clamp(-400.0, 400.0);
    Ok(Value::Number(number::round(number, precision as i32)))
}

fn sqrt(call: &Call<'_>) -> Result<Value, Error> {
    match call.number(0)? {
        Some(number) if number < 0.0 => {
            Err(Error::of("D3060").with("value", &number::to_text(number)))
        }
        _ => map(call, f64::sqrt),
    }
}

fn power(call: &Call<'_>) -> Result<Value, Error> {
    let Some(base) = call.number(0)? else {
        return Ok(Value::Undefined);
    };
    let exponent = call.required_number(1)?;
    let result = base.powf(exponent);
    if !result.is_finite() {
        return Err(Error::of("D3061")
            .with("value", &number::to_text(base))
            .with("exp", &number::to_text(exponent)));
    }
    Ok(Value::Number(result))
}

fn format_base(call: &Call<'_>) -> Result<Value, Error> {
    let Some(number) = call.number(0)? else {
        return Ok(Value::Undefined);
    };
    let number = number::round(number, 0);
    let radix = number::round(call.number(1)?.unwrap_or(10.0), 0);
    if !(2.0..=36.0).contains(&radix) {
        return Err(Error::of("D3100").with("value", &number::to_text(radix)));
    }
    if radix == 10.0 || !number.is_finite() {
        return Ok(Value::text(&number::to_text(number)));
    }
    let mut rest = number.abs();
    let mut digits = Vec::new();
    while rest >= 1.0 {
        let digit = rest % radix;
        digits.push(char::from_digit(digit as u32, radix as u32).unwrap_or('0'));
        rest = ((rest - digit) / radix).floor();
    }
    if digits.is_empty() {
        digits.push('0');
    }
    if number < 0.0 {
        digits.push('-');
    }
    let text: String = digits.into_iter().rev().collect();
    Ok(Value::text(&text))
}
