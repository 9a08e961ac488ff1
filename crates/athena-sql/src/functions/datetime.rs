//! Dates and times: truncating, adding, differences, zones, conversions.

use super::{Function, invalid_argument, scalar};
use crate::ast::ExtractField;
use crate::error::Error;
use crate::types::calendar::{
    add_months, date_of, day_of_week, days_in_month, days_of, parse_date, parse_timestamp,
};
use crate::types::zone::{DAY, MINUTE, SECOND, Zone};
use crate::types::{Type, Value};

/// The function that EXTRACT stands for.
pub fn part_name(field: ExtractField) -> &'static str {
    match field {
        ExtractField::Year => "year",
        ExtractField::Quarter => "quarter",
        ExtractField::Month => "month",
        ExtractField::Week => "week",
        ExtractField::Day | ExtractField::DayOfMonth => "day",
        ExtractField::DayOfWeek => "day_of_week",
        ExtractField::DayOfYear => "day_of_year",
        ExtractField::YearOfWeek => "year_of_week",
        ExtractField::Hour => "hour",
        ExtractField::Minute => "minute",
        ExtractField::Second => "second",
        ExtractField::TimezoneMinute => "timezone_minute",
        ExtractField::TimezoneHour => "timezone_hour",
    }
}

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar(
            "at_timezone(timestamp with time zone, varchar) -> timestamp with time zone",
            |_, a| moved(&a[0], zone(a[1].as_str())?),
        ),
        scalar(
            "at_timezone(timestamp with time zone, interval day to second) -> timestamp with time zone",
            |_, a| moved(&a[0], zone_of_interval(a[1].as_i64())?),
        ),
        scalar(
            "at_timezone(time with time zone, varchar) -> time with time zone",
            |_, a| time_at(&a[0], zone(a[1].as_str())?),
        ),
        scalar(
            "at_timezone(time with time zone, interval day to second) -> time with time zone",
            |_, a| time_at(&a[0], zone_of_interval(a[1].as_i64())?),
        ),
        scalar(
            "with_timezone(timestamp, varchar) -> timestamp with time zone",
            |_, a| {
                let zone = zone(a[1].as_str())?;
                match &a[0] {
                    Value::Timestamp(local) => {
                        Ok(Value::TimestampTz(zone.to_instant(*local), zone))
                    }
                    _ => Ok(Value::Null),
                }
            },
        )
        .returns(|types| match types.first() {
            Some(Type::Timestamp(p)) => Type::TimestampTz(*p),
            _ => Type::TimestampTz(3),
        }),
        scalar(
            "from_unixtime(double) -> timestamp(3) with time zone",
            |_, a| Ok(Value::TimestampTz(millis_of(a[0].as_f64()), Zone::UTC)),
        ),
        scalar(
            "from_unixtime(double, varchar) -> timestamp(3) with time zone",
            |_, a| {
                Ok(Value::TimestampTz(
                    millis_of(a[0].as_f64()),
                    zone(a[1].as_str())?,
                ))
            },
        ),
        scalar(
            "from_unixtime(double, bigint, bigint) -> timestamp(3) with time zone",
            |_, a| {
                let minutes = a[1].as_i64() * 60 + a[2].as_i64();
                Ok(Value::TimestampTz(
                    millis_of(a[0].as_f64()),
                    Zone::Offset(offset_minutes(minutes)?),
                ))
            },
        ),
        scalar(
            "from_unixtime_nanos(bigint) -> timestamp(9) with time zone",
            |_, a| {
                Ok(Value::TimestampTz(
                    i128::from(a[0].as_i64()) * 1000,
                    Zone::UTC,
                ))
            },
        ),
        scalar(
            "from_unixtime_nanos(decimal) -> timestamp(9) with time zone",
            |call, a| {
                let scale = match call.argument(0) {
                    Type::Decimal(_, scale) => *scale,
                    _ => 0,
                };
                let nanos = match &a[0] {
                    Value::Decimal(n) => super::arithmetic::rescale(*n, scale, 0).to_i128(),
                    _ => None,
                };
                let nanos = nanos.ok_or_else(|| invalid_argument("long overflow"))?;
                Ok(Value::TimestampTz(nanos * 1000, Zone::UTC))
            },
        ),
        scalar("to_unixtime(timestamp) -> double", |_, a| {
            Ok(unixtime(&a[0]))
        }),
        scalar("to_unixtime(timestamp with time zone) -> double", |_, a| {
            Ok(unixtime(&a[0]))
        }),
        scalar("date(varchar) -> date", |_, a| {
            parse_date(a[0].as_str()).map(Value::Date).ok_or_else(|| {
                crate::error::invalid_cast(format!(
                    "Value cannot be cast to date: {}",
                    a[0].as_str()
                ))
            })
        }),
        scalar("date(timestamp) -> date", |_, a| {
            Ok(Value::Date(days(&a[0]) as i32))
        }),
        scalar("date(timestamp with time zone) -> date", |_, a| {
            Ok(Value::Date(days(&a[0]) as i32))
        }),
        scalar("last_day_of_month(date) -> date", |_, a| {
            Ok(last_day(&a[0]))
        }),
        scalar("last_day_of_month(timestamp) -> date", |_, a| {
            Ok(last_day(&a[0]))
        }),
        scalar(
            "last_day_of_month(timestamp with time zone) -> date",
            |_, a| Ok(last_day(&a[0])),
        ),
        scalar("from_iso8601_date(varchar) -> date", |_, a| {
            iso_date(a[0].as_str())
                .map(Value::Date)
                .ok_or_else(|| invalid_argument(format!("Invalid format: \"{}\"", a[0].as_str())))
        }),
        scalar(
            "from_iso8601_timestamp(varchar) -> timestamp(3) with time zone",
            |_, a| iso_timestamp(a[0].as_str(), 3),
        ),
        scalar(
            "from_iso8601_timestamp_nanos(varchar) -> timestamp(9) with time zone",
            |_, a| iso_timestamp(a[0].as_str(), 9),
        ),
        scalar(
            "to_milliseconds(interval day to second) -> bigint",
            |_, a| Ok(Value::Integer(a[0].as_i64())),
        ),
        scalar(
            "parse_duration(varchar) -> interval day to second",
            |_, a| duration(a[0].as_str()),
        ),
    ];
    for kind in [
        "date",
        "time",
        "time with time zone",
        "timestamp",
        "timestamp with time zone",
    ] {
        all.push(scalar(
            &format!("date_trunc(varchar, {kind}) -> {kind}"),
            |_, a| truncate(a[0].as_str(), &a[1]),
        ));
        all.push(scalar(
            &format!("date_add(varchar, bigint, {kind}) -> {kind}"),
            |_, a| add_unit(a[0].as_str(), a[1].as_i64(), &a[2]),
        ));
        all.push(scalar(
            &format!("date_diff(varchar, {kind}, {kind}) -> bigint"),
            |_, a| difference(a[0].as_str(), &a[1], &a[2]),
        ));
    }
    all
}

/// A zone by its name, or an error that names it.
pub fn zone(name: &str) -> Result<Zone, Error> {
    Zone::parse(name).ok_or_else(|| invalid_argument(format!("'{name}' is not a valid time zone")))
}

fn offset_minutes(minutes: i64) -> Result<i16, Error> {
    i16::try_from(minutes)
        .ok()
        .filter(|m| m.abs() <= 14 * 60)
        .ok_or_else(|| invalid_argument(format!("Invalid offset minutes {minutes}")))
}

fn zone_of_interval(millis: i64) -> Result<Zone, Error> {
    if millis % 60_000 != 0 {
        return Err(invalid_argument(
            "Invalid time zone offset interval: interval contains seconds",
        ));
    }
    offset_minutes(millis / 60_000).map(Zone::Offset)
}

fn moved(value: &Value, zone: Zone) -> Result<Value, Error> {
    match value {
        Value::TimestampTz(instant, _) => Ok(Value::TimestampTz(*instant, zone)),
        _ => Ok(Value::Null),
    }
}

fn time_at(value: &Value, zone: Zone) -> Result<Value, Error> {
    let Value::TimeTz(local, minutes) = value else {
        return Ok(Value::Null);
    };
    let now = chrono::Utc::now().timestamp();
    let there = (zone.offset_at(now) / 60) as i16;
    let utc = i128::from(*local) - i128::from(*minutes) * MINUTE;
    let moved = (utc + i128::from(there) * MINUTE).rem_euclid(DAY);
    Ok(Value::TimeTz(moved as i64, there))
}

/// Seconds of the epoch in picoseconds, rounded to milliseconds.
fn millis_of(seconds: f64) -> i128 {
    (seconds * 1000.0).round() as i128 * 1_000_000_000
}

fn unixtime(value: &Value) -> Value {
    match value {
        Value::Timestamp(picos) | Value::TimestampTz(picos, _) => {
            let micros = (picos / 1_000_000) as f64 / 1e6;
            Value::Double(micros + (picos % 1_000_000) as f64 / 1e12)
        }
        _ => Value::Null,
    }
}

/// Picoseconds since 1970 on the value's own clock.
pub fn local(value: &Value) -> i128 {
    match value {
        Value::Date(days) => i128::from(*days) * DAY,
        Value::Time(picos) | Value::TimeTz(picos, _) => i128::from(*picos),
        Value::Timestamp(picos) => *picos,
        Value::TimestampTz(instant, zone) => zone.to_local(*instant),
        _ => 0,
    }
}

pub fn days(value: &Value) -> i64 {
    local(value).div_euclid(DAY) as i64
}

/// The value with another reading of its clock.
fn with_local(value: &Value, picos: i128) -> Result<Value, Error> {
    Ok(match value {
        Value::Date(_) => Value::Date(
            i32::try_from(picos.div_euclid(DAY))
                .map_err(|_| invalid_argument("date out of range"))?,
        ),
        Value::Time(_) => Value::Time(picos.rem_euclid(DAY) as i64),
        Value::TimeTz(_, minutes) => Value::TimeTz(picos.rem_euclid(DAY) as i64, *minutes),
        Value::Timestamp(_) => Value::Timestamp(picos),
        Value::TimestampTz(_, zone) => Value::TimestampTz(zone.to_instant(picos), *zone),
        other => other.clone(),
    })
}

fn last_day(value: &Value) -> Value {
    let (year, month, _) = date_of(days(value));
    days_of(year, month, days_in_month(year, month)).map_or(Value::Null, Value::Date)
}

fn has_date(value: &Value) -> bool {
    !matches!(value, Value::Time(_) | Value::TimeTz(..))
}

fn has_time(value: &Value) -> bool {
    !matches!(value, Value::Date(_))
}

/// Picoseconds of a unit of the clock.
fn clock_unit(unit: &str) -> Option<i128> {
    Some(match unit {
        "millisecond" => SECOND / 1000,
        "second" => SECOND,
        "minute" => MINUTE,
        "hour" => 60 * MINUTE,
        _ => return None,
    })
}

fn invalid_unit(unit: &str, value: &Value) -> Error {
    let what = match value {
        Value::Date(_) => "DATE",
        Value::Time(_) | Value::TimeTz(..) => "TIME",
        _ => "TIMESTAMP",
    };
    invalid_argument(format!("'{unit}' is not a valid {what} field"))
}

fn truncate(unit: &str, value: &Value) -> Result<Value, Error> {
    let unit = unit.to_ascii_lowercase();
    let picos = local(value);
    if let Some(size) = clock_unit(&unit).filter(|_| has_time(value)) {
        return match value {
            // Within a zone's day the instant is cut, so that a repeated hour stays what it is.
            Value::TimestampTz(instant, zone) => {
                let cut = picos.rem_euclid(size);
                Ok(Value::TimestampTz(instant - cut, *zone))
            }
            _ => with_local(value, picos - picos.rem_euclid(size)),
        };
    }
    if !has_date(value) {
        return Err(invalid_unit(&unit, value));
    }
    let days = days(value);
    let (year, month, _) = date_of(days);
    let first = |month: i64| days_of(year, month, 1).map_or(days, i64::from);
    let days = match unit.as_str() {
        "day" => days,
        "week" => days - (day_of_week(days) - 1),
        "month" => first(month),
        "quarter" => first((month - 1) / 3 * 3 + 1),
        "year" => first(1),
        _ => return Err(invalid_unit(&unit, value)),
    };
    with_local(value, i128::from(days) * DAY)
}

fn add_unit(unit: &str, count: i64, value: &Value) -> Result<Value, Error> {
    let unit = unit.to_ascii_lowercase();
    if let Some(size) = clock_unit(&unit).filter(|_| has_time(value)) {
        let more = i128::from(count) * size;
        return match value {
            Value::TimestampTz(instant, zone) => Ok(Value::TimestampTz(instant + more, *zone)),
            _ => with_local(value, local(value) + more),
        };
    }
    let months = match unit.as_str() {
        _ if !has_date(value) => None,
        "month" => Some(1),
        "quarter" => Some(3),
        "year" => Some(12),
        _ => None,
    };
    if let Some(months) = months {
        return plus_months(value, count * months);
    }
    let days = match unit.as_str() {
        _ if !has_date(value) => None,
        "day" => Some(1),
        "week" => Some(7),
        _ => None,
    };
    match days {
        Some(days) => with_local(value, local(value) + i128::from(count * days) * DAY),
        None => Err(invalid_unit(&unit, value)),
    }
}

/// The value some months on, at the same time of day.
pub fn plus_months(value: &Value, months: i64) -> Result<Value, Error> {
    let picos = local(value);
    let day =
        add_months(days(value), months).ok_or_else(|| invalid_argument("date out of range"))?;
    with_local(value, i128::from(day) * DAY + picos.rem_euclid(DAY))
}

/// The value some picoseconds on. A day of a zoned timestamp is 24 hours.
pub fn plus_picos(value: &Value, picos: i128) -> Result<Value, Error> {
    match value {
        Value::TimestampTz(instant, zone) => Ok(Value::TimestampTz(instant + picos, *zone)),
        _ => with_local(value, local(value) + picos),
    }
}

/// Whole units from the first to the second.
fn difference(unit: &str, from: &Value, to: &Value) -> Result<Value, Error> {
    let unit = unit.to_ascii_lowercase();
    // Both clocks read in the first one's zone.
    let (a, b) = match (from, to) {
        (Value::TimestampTz(a, zone), Value::TimestampTz(b, _)) => {
            (zone.to_local(*a), zone.to_local(*b))
        }
        (Value::TimeTz(a, m), Value::TimeTz(b, n)) => (
            i128::from(*a) - i128::from(*m) * MINUTE,
            i128::from(*b) - i128::from(*n) * MINUTE,
        ),
        _ => (local(from), local(to)),
    };
    if let Some(size) = clock_unit(&unit).filter(|_| has_time(from)) {
        let whole = match (from, to) {
            (Value::TimestampTz(a, _), Value::TimestampTz(b, _)) => (b - a) / size,
            _ => (b - a) / size,
        };
        return Ok(Value::Integer(whole as i64));
    }
    if !has_date(from) {
        return Err(invalid_unit(&unit, from));
    }
    let count = match unit.as_str() {
        "day" => (b - a) / DAY,
        "week" => (b - a) / (7 * DAY),
        "month" => i128::from(months_between(a, b)),
        "quarter" => i128::from(months_between(a, b) / 3),
        "year" => i128::from(months_between(a, b) / 12),
        _ => return Err(invalid_unit(&unit, from)),
    };
    Ok(Value::Integer(count as i64))
}

fn months_between(a: i128, b: i128) -> i64 {
    if b < a {
        return -months_between(b, a);
    }
    let (from, to) = (a.div_euclid(DAY) as i64, b.div_euclid(DAY) as i64);
    let ((y1, m1, d1), (y2, m2, d2)) = (date_of(from), date_of(to));
    let months = (y2 - y1) * 12 + m2 - m1;
    let last = d2 == days_in_month(y2, m2);
    let short = (d2 < d1 && !last)
        || (d2 == d1.min(days_in_month(y2, m2)) && b.rem_euclid(DAY) < a.rem_euclid(DAY));
    months - i64::from(short)
}

/// `2020-05-01`, `2020-W18-5`, `2020-122`.
fn iso_date(text: &str) -> Option<i32> {
    if let Some((year, week)) = text.split_once("-W") {
        let year: i64 = year.parse().ok()?;
        let (week, day) = week.split_once('-').unwrap_or((week, "1"));
        let (week, day): (i64, i64) = (week.parse().ok()?, day.parse().ok()?);
        let fourth = i64::from(days_of(year, 1, 4)?);
        let monday = fourth - (day_of_week(fourth) - 1);
        return i32::try_from(monday + (week - 1) * 7 + day - 1).ok();
    }
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year] => days_of(year.parse().ok()?, 1, 1),
        [year, day] if day.len() == 3 => {
            let first = days_of(year.parse().ok()?, 1, 1)?;
            Some(first + day.parse::<i32>().ok()? - 1)
        }
        [year, month] => days_of(year.parse().ok()?, month.parse().ok()?, 1),
        _ => parse_date(text),
    }
}

fn iso_timestamp(text: &str, precision: u8) -> Result<Value, Error> {
    let fail = || invalid_argument(format!("Invalid format: \"{text}\""));
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let days = iso_date(date).ok_or_else(fail)?;
    let mut instant = i128::from(days) * DAY;
    let mut zone = Zone::UTC;
    if let Some(time) = time {
        let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, offset) = time.split_at(at);
        let clock = match clock.len() {
            2 => format!("{clock}:00"),
            _ => clock.replace(',', "."),
        };
        let moment = parse_timestamp(&format!("1970-01-01 {clock}")).ok_or_else(fail)?;
        instant += moment.local;
        if !offset.is_empty() {
            zone = Zone::parse(offset).ok_or_else(fail)?;
        }
    }
    let instant = crate::types::calendar::round_to(zone.to_instant(instant), precision);
    Ok(Value::TimestampTz(instant, zone))
}

/// `1.5h`, `42.8ms`.
fn duration(text: &str) -> Result<Value, Error> {
    let fail = || {
        invalid_argument(format!(
            "duration is not a valid data duration string: {text}"
        ))
    };
    let at = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .ok_or_else(fail)?;
    let (number, unit) = text.split_at(at);
    let number: f64 = number.parse().map_err(|_| fail())?;
    let millis = match unit.trim() {
        "ns" => 1e-6,
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 6e4,
        "h" => 3.6e6,
        "d" => 8.64e7,
        _ => return Err(fail()),
    };
    Ok(Value::IntervalDay((number * millis).round() as i64))
}
