//! Arithmetic of intervals, and of dates and times with them.

use super::arithmetic::division_by_zero;
use super::datetime::{local, plus_months, plus_picos};
use super::{Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::zone::{DAY, MINUTE};
use crate::types::{Type, Value};

const MILLI: i128 = 1_000_000_000;
const DAYS: &str = "interval day to second";
const MONTHS: &str = "interval year to month";

pub fn functions() -> Vec<Function> {
    let mut all = Vec::new();
    for kind in [DAYS, MONTHS] {
        all.push(scalar(&format!("+({kind}, {kind}) -> {kind}"), |_, a| {
            combine(&a[0], &a[1], 1)
        }));
        all.push(scalar(&format!("-({kind}, {kind}) -> {kind}"), |_, a| {
            combine(&a[0], &a[1], -1)
        }));
        all.push(scalar(&format!("negate({kind}) -> {kind}"), |_, a| {
            scaled(&a[0], -1.0)
        }));
        for number in ["bigint", "double"] {
            all.push(scalar(&format!("*({kind}, {number}) -> {kind}"), |_, a| {
                times(&a[0], &a[1])
            }));
            all.push(scalar(&format!("*({number}, {kind}) -> {kind}"), |_, a| {
                times(&a[1], &a[0])
            }));
        }
        all.push(scalar(&format!("/({kind}, double) -> {kind}"), |_, a| {
            if a[1].as_f64() == 0.0 {
                return Err(division_by_zero());
            }
            scaled(&a[0], 1.0 / a[1].as_f64())
        }));
        for moment in ["date", "timestamp", "timestamp with time zone"] {
            all.extend(with_moment(moment, kind));
        }
    }
    for moment in ["time", "time with time zone"] {
        all.extend(with_moment(moment, DAYS));
    }
    for moment in [
        "date",
        "time",
        "time with time zone",
        "timestamp",
        "timestamp with time zone",
    ] {
        all.push(scalar(
            &format!("-({moment}, {moment}) -> {DAYS}"),
            |_, a| Ok(Value::IntervalDay(millis_between(&a[1], &a[0]))),
        ));
    }
    all
}

fn with_moment(moment: &str, interval: &str) -> [Function; 3] {
    [
        scalar(&format!("+({moment}, {interval}) -> {moment}"), |_, a| {
            moved(&a[0], &a[1], 1)
        })
        .returns(|types| at_least_millis(&types[0], &types[1])),
        scalar(&format!("+({interval}, {moment}) -> {moment}"), |_, a| {
            moved(&a[1], &a[0], 1)
        })
        .returns(|types| at_least_millis(&types[1], &types[0])),
        scalar(&format!("-({moment}, {interval}) -> {moment}"), |_, a| {
            moved(&a[0], &a[1], -1)
        })
        .returns(|types| at_least_millis(&types[0], &types[1])),
    ]
}

/// A day-time interval has milliseconds, and so has what it is added to.
fn at_least_millis(moment: &Type, interval: &Type) -> Type {
    match (moment, interval) {
        (Type::Time(p), Type::IntervalDay) => Type::Time((*p).max(3)),
        (Type::TimeTz(p), Type::IntervalDay) => Type::TimeTz((*p).max(3)),
        (Type::Timestamp(p), Type::IntervalDay) => Type::Timestamp((*p).max(3)),
        (Type::TimestampTz(p), Type::IntervalDay) => Type::TimestampTz((*p).max(3)),
        _ => moment.clone(),
    }
}

fn moved(moment: &Value, interval: &Value, sign: i64) -> Result<Value, Error> {
    match (moment, interval) {
        (Value::Date(_), Value::IntervalDay(millis)) if millis % 86_400_000 != 0 => Err(
            invalid_argument("Cannot add hour, minutes or seconds to a date"),
        ),
        (_, Value::IntervalDay(millis)) => plus_picos(moment, i128::from(sign * millis) * MILLI),
        (_, Value::IntervalYear(months)) => plus_months(moment, sign * i64::from(*months)),
        _ => Ok(Value::Null),
    }
}

/// The milliseconds from one moment to another of its kind: rounded, but of zoned timestamps, whose
/// own are counted (Trino's `TimeOperators`, `TimestampWithTimeZoneOperators`).
fn millis_between(from: &Value, to: &Value) -> i64 {
    if let (Value::TimestampTz(from, _), Value::TimestampTz(to, _)) = (from, to) {
        return (to.div_euclid(MILLI) - from.div_euclid(MILLI)) as i64;
    }
    let picos = instant(to) - instant(from);
    let half = picos.signum() * (MILLI / 2);
    ((picos + half) / MILLI) as i64
}

/// Picoseconds that differences are taken of: of zoned values on Greenwich's clock.
fn instant(value: &Value) -> i128 {
    match value {
        Value::TimestampTz(instant, _) => *instant,
        Value::TimeTz(picos, minutes) => {
            (i128::from(*picos) - i128::from(*minutes) * MINUTE).rem_euclid(DAY)
        }
        _ => local(value),
    }
}

fn combine(a: &Value, b: &Value, sign: i64) -> Result<Value, Error> {
    let sum = b
        .as_i64()
        .checked_mul(sign)
        .and_then(|b| a.as_i64().checked_add(b));
    interval_like(a, sum)
}

fn interval_like(like: &Value, n: Option<i64>) -> Result<Value, Error> {
    let overflow = || super::out_of_range("interval overflow");
    let n = n.ok_or_else(overflow)?;
    match like {
        Value::IntervalYear(_) => i32::try_from(n)
            .map(Value::IntervalYear)
            .map_err(|_| overflow()),
        _ => Ok(Value::IntervalDay(n)),
    }
}

fn times(interval: &Value, factor: &Value) -> Result<Value, Error> {
    match factor {
        Value::Integer(n) => interval_like(interval, interval.as_i64().checked_mul(*n)),
        _ => scaled(interval, factor.as_f64()),
    }
}

fn scaled(interval: &Value, factor: f64) -> Result<Value, Error> {
    if factor.is_nan() {
        return Err(invalid_argument("Cannot multiply by double NaN"));
    }
    let product = interval.as_i64() as f64 * factor;
    interval_like(interval, Some(product as i64))
}
