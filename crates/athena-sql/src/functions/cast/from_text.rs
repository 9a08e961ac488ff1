//! From varchar and char.

use super::super::{ipaddress, uuid};
use super::number;
use crate::error::{Error, invalid_cast};
use crate::types::calendar::{Moment, parse_date, parse_sql_timestamp, parse_time, round_to};
use crate::types::zone::{DAY, Zone};
use crate::types::{Type, Value};

pub fn parse(text: &str, from: &Type, to: &Type) -> Result<Value, Error> {
    let fail = || invalid_cast(format!("Cannot cast '{text}' to {to}"));
    match to {
        Type::Boolean => match text.to_ascii_lowercase().as_str() {
            "t" | "true" | "1" => Ok(Value::Boolean(true)),
            "f" | "false" | "0" => Ok(Value::Boolean(false)),
            _ => Err(invalid_cast(format!("Cannot cast '{text}' to BOOLEAN"))),
        },
        Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint => {
            let name = match to {
                Type::Integer => "INT".to_owned(),
                other => other.to_string().to_ascii_uppercase(),
            };
            let fail = || invalid_cast(format!("Cannot cast '{text}' to {name}"));
            let n: i64 = text.trim().parse().map_err(|_| fail())?;
            match number::bounds(to) {
                Some((low, high)) if (low..=high).contains(&i128::from(n)) => Ok(Value::Integer(n)),
                _ => Err(fail()),
            }
        }
        Type::Real => parse_float(text)
            .map(|x| Value::Real(x as f32))
            .ok_or_else(|| invalid_cast(format!("Cannot cast '{text}' to REAL"))),
        Type::Double => parse_float(text)
            .map(Value::Double)
            .ok_or_else(|| invalid_cast(format!("Cannot cast '{text}' to DOUBLE"))),
        Type::Decimal(precision, scale) => {
            let fail = || {
                invalid_cast(format!(
                    "Cannot cast {from} '{text}' to DECIMAL({precision}, {scale})"
                ))
            };
            let (unscaled, digits) = decimal_digits(text.trim()).ok_or_else(fail)?;
            number::decimal(unscaled, digits, *precision, *scale, text, from)
        }
        Type::Date => parse_date(text)
            .map(Value::Date)
            .ok_or_else(|| invalid_cast(format!("Value cannot be cast to date: {text}"))),
        Type::Time(p) => {
            let moment = parse_time(text)
                .ok_or_else(|| invalid_cast(format!("Value cannot be cast to time: {text}")))?;
            Ok(Value::Time(
                round_to(moment.local, *p).rem_euclid(DAY) as i64
            ))
        }
        Type::TimeTz(p) => {
            let moment = parse_time(text).ok_or_else(|| {
                invalid_cast(format!(
                    "Value cannot be cast to time with time zone: {text}"
                ))
            })?;
            let minutes = match moment.zone {
                Some(Zone::Offset(minutes)) => minutes,
                _ => 0,
            };
            let local = round_to(moment.local, *p).rem_euclid(DAY) as i64;
            Ok(Value::TimeTz(local, minutes))
        }
        Type::Timestamp(p) => {
            let moment = timestamp(text)?;
            Ok(Value::Timestamp(round_to(moment.local, *p)))
        }
        Type::TimestampTz(p) => {
            let moment = timestamp(text)?;
            let zone = moment.zone.unwrap_or(Zone::UTC);
            Ok(Value::TimestampTz(
                round_to(zone.to_instant(moment.local), *p),
                zone,
            ))
        }
        Type::IpAddress => ipaddress::from_text(text),
        Type::Uuid => uuid::from_text(text),
        Type::Varbinary => Ok(Value::binary(text.as_bytes())),
        Type::JsonPath => Ok(Value::text(text)),
        _ => Err(fail()),
    }
}

/// With a time zone or without; the error says the same of both.
fn timestamp(text: &str) -> Result<Moment, Error> {
    parse_sql_timestamp(text)
        .ok_or_else(|| invalid_cast(format!("Value cannot be cast to timestamp: {text}")))
}

/// As Java's parseDouble: blanks around it, `Infinity`, `NaN`, and no `inf`.
fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    match text {
        "NaN" | "+NaN" | "-NaN" => return Some(f64::NAN),
        "Infinity" | "+Infinity" => return Some(f64::INFINITY),
        "-Infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let plain = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    if plain.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && !plain.contains(['i', 'I', 'n', 'N'])
    {
        plain.parse().ok()
    } else {
        None
    }
}

/// A decimal literal's unscaled value and its type's precision and scale.
pub fn parse_decimal(text: &str) -> Option<(i128, u8, u8)> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let precision = (whole.len() + fraction.len()).max(1);
    if precision > 38 {
        return None;
    }
    let unscaled: i128 = format!("0{whole}{fraction}").parse().ok()?;
    Some((sign * unscaled, precision as u8, fraction.len() as u8))
}

/// As Java's BigDecimal reads: also `1.5e3`.
pub fn decimal_digits(text: &str) -> Option<(i128, i32)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (unscaled, _, scale) = parse_decimal(mantissa)?;
    Some((unscaled, i32::from(scale).checked_sub(exponent)?))
}
