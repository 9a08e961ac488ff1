//! Literals.

use super::{Typed, data_type, error_at};
use crate::ast::{IntervalField, IntervalLiteral, Position};
use crate::error::Error;
use crate::functions::cast::{canonical, cast_value, parse_decimal};
use crate::functions::literal_of;
use crate::types::calendar::{parse_date, parse_sql_timestamp, parse_time};
use crate::types::zone::Zone;
use crate::types::{Type, Value};

pub fn typed(value: Value, data_type: Type) -> Result<Typed, Error> {
    Ok(Typed::new(literal_of(&data_type, value)?, data_type))
}

pub fn null() -> Result<Typed, Error> {
    typed(Value::Null, Type::Unknown)
}

pub fn boolean(value: bool) -> Result<Typed, Error> {
    typed(Value::Boolean(value), Type::Boolean)
}

pub fn integer(n: i64) -> Result<Typed, Error> {
    let data_type = if i32::try_from(n).is_ok() {
        Type::Integer
    } else {
        Type::Bigint
    };
    typed(Value::Integer(n), data_type)
}

pub fn string(text: &str) -> Result<Typed, Error> {
    let length = text.chars().count() as u32;
    typed(Value::text(text), Type::Varchar(Some(length)))
}

pub fn decimal(text: &str, position: Position) -> Result<Typed, Error> {
    let (unscaled, precision, scale) = parse_decimal(text).ok_or_else(|| {
        error_at(
            position,
            "INVALID_LITERAL",
            format!("Invalid decimal literal: {text}"),
        )
    })?;
    typed(Value::Decimal(unscaled), Type::Decimal(precision, scale))
}

/// `DATE '2024-01-01'`: the type is named, the text says its precision.
pub fn named(type_name: &str, text: &str, position: Position) -> Result<Typed, Error> {
    let fail = || {
        error_at(
            position,
            "INVALID_LITERAL",
            format!("'{text}' is not a valid {type_name} literal"),
        )
    };
    match type_name {
        "date" => {
            let days = parse_date(text).ok_or_else(fail)?;
            typed(Value::Date(days), Type::Date)
        }
        "time" => {
            let moment = parse_time(text).ok_or_else(fail)?;
            let picos = moment.local as i64;
            match moment.zone {
                None => typed(Value::Time(picos), Type::Time(moment.precision)),
                Some(Zone::Offset(minutes)) => typed(
                    Value::TimeTz(picos, minutes),
                    Type::TimeTz(moment.precision),
                ),
                Some(Zone::Named(_)) => Err(fail()),
            }
        }
        "timestamp" => {
            let moment = parse_sql_timestamp(text).ok_or_else(fail)?;
            match moment.zone {
                None => typed(
                    Value::Timestamp(moment.local),
                    Type::Timestamp(moment.precision),
                ),
                Some(zone) => typed(
                    Value::TimestampTz(zone.to_instant(moment.local), zone),
                    Type::TimestampTz(moment.precision),
                ),
            }
        }
        "decimal" => decimal(text, position),
        "json" => typed(
            Value::text(canonical(text).map_err(|_| fail())?),
            Type::Json,
        ),
        "char" => {
            let length = text.chars().count() as u32;
            typed(
                Value::text(text.trim_end_matches(' ')),
                Type::Char(length.max(1)),
            )
        }
        _ => {
            let data_type = data_type::by_name(type_name, position)?;
            let value =
                cast_value(&Value::text(text), &Type::VARCHAR, &data_type).map_err(|_| fail())?;
            typed(value, data_type)
        }
    }
}

/// `INTERVAL '1 02:03:04.567' DAY TO SECOND`.
pub fn interval(literal: &IntervalLiteral, position: Position) -> Result<Typed, Error> {
    let fail = || {
        error_at(
            position,
            "INVALID_LITERAL",
            format!("Invalid INTERVAL literal: {}", literal.value),
        )
    };
    let text = literal.value.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let sign = if negative == literal.negative { 1 } else { -1 };
    let to = literal.to.unwrap_or(literal.from);
    if matches!(literal.from, IntervalField::Year | IntervalField::Month) {
        let months = months_of(text, literal.from, to).ok_or_else(fail)?;
        let months = i32::try_from(sign * months).map_err(|_| fail())?;
        return typed(Value::IntervalYear(months), Type::IntervalYear);
    }
    let millis = millis_of(text, literal.from, to).ok_or_else(fail)?;
    typed(Value::IntervalDay(sign * millis), Type::IntervalDay)
}

fn months_of(text: &str, from: IntervalField, to: IntervalField) -> Option<i64> {
    match (from, to) {
        (IntervalField::Year, IntervalField::Month) => {
            let (years, months) = match text.split_once('-') {
                Some((y, m)) => (number(y)?, number(m)?),
                None => (number(text)?, 0),
            };
            years.checked_mul(12)?.checked_add(months)
        }
        (IntervalField::Year, _) => number(text)?.checked_mul(12),
        _ => number(text),
    }
}

fn number(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn millis_of(text: &str, from: IntervalField, to: IntervalField) -> Option<i64> {
    use IntervalField::{Day, Hour, Minute, Second};
    let order = [Day, Hour, Minute, Second];
    let first = order.iter().position(|f| *f == from)?;
    let last = order.iter().position(|f| *f == to)?;
    // `1 02:03:04.567`: fields from the first to the last, which may be left out from the right.
    let parts: Vec<&str> = text.split([' ', ':']).collect();
    if parts.len() > last + 1 - first {
        return None;
    }
    let mut millis: i64 = 0;
    for (i, part) in parts.iter().enumerate() {
        let unit = match order[first + i] {
            Day => 86_400_000,
            Hour => 3_600_000,
            Minute => 60_000,
            _ => 1000,
        };
        let (whole, fraction) = match (order[first + i], part.split_once('.')) {
            (Second, Some((whole, fraction))) => (whole, fraction),
            _ => (*part, ""),
        };
        if fraction.len() > 3 && fraction.bytes().any(|b| !b.is_ascii_digit()) {
            return None;
        }
        let mut sum = number(whole)?.checked_mul(unit)?;
        if !fraction.is_empty() {
            let digits = format!("{:0<3}", fraction.get(..fraction.len().min(3))?);
            sum = sum.checked_add(number(&digits)?)?;
        }
        millis = millis.checked_add(sum)?;
    }
    Some(millis)
}
