//! `$now`, `$millis`, `$toMillis`, `$fromMillis`, `$formatInteger`, `$parseInteger`.

use std::sync::LazyLock;

use super::{Call, Entry};
use crate::jsonata::error::Error;
use crate::jsonata::picture::calendar::{DAY, days};
use crate::jsonata::picture::date_time::{DateTimePicture, ISO_8601};
use crate::jsonata::picture::integer::IntegerPicture;
use crate::jsonata::value::Value;

pub(super) const FUNCTIONS: &[Entry] = &[
    ("now", "<s?s?:s>", 2, now),
    ("millis", "<:n>", 0, |call| {
        Ok(Value::Number(timestamp(call)))
    }),
    ("toMillis", "<s-s?:n>", 2, to_millis),
    ("fromMillis", "<n-s?s?:s>", 3, from_millis),
    ("formatInteger", "<n-s:s>", 2, format_integer),
    ("parseInteger", "<s-s:n>", 2, parse_integer),
];

fn timestamp(call: &Call<'_>) -> f64 {
    call.evaluator.timestamp.timestamp_millis() as f64
}

fn format(millis: f64, picture: Option<&str>, timezone: Option<&str>) -> Result<Value, Error> {
    DateTimePicture::parse(picture.unwrap_or(ISO_8601))?
        .format(millis, timezone)
        .map(|text| Value::String(text.into()))
}

fn now(call: &Call<'_>) -> Result<Value, Error> {
    format(timestamp(call), call.text(0)?, call.text(1)?)
}

fn from_millis(call: &Call<'_>) -> Result<Value, Error> {
    match call.number(0)? {
        Some(millis) => format(millis, call.text(1)?, call.text(2)?),
        None => Ok(Value::Undefined),
    }
}

static TIMESTAMP: LazyLock<Option<regex::Regex>> = LazyLock::new(|| {
    regex::Regex::new(
        r"^([0-9]{4})(?:-([01][0-9]))?(?:-([0-3][0-9]))?(?:T([0-2][0-9]):([0-5][0-9]):([0-5][0-9]))?(?:\.([0-9]+))?(?:([+-])([0-2][0-9]):?([0-5][0-9])|Z)?$",
    )
    .ok()
});

/// Reads an ISO 8601 timestamp; one without a time zone is in UTC.
fn parse_timestamp(text: &str) -> Option<f64> {
    let captures = TIMESTAMP.as_ref()?.captures(text)?;
    let number = |index: usize, default: i64| {
        captures
            .get(index)
            .map_or(Some(default), |part| part.as_str().parse::<i64>().ok())
    };
    let (year, month, day) = (number(1, 1970)?, number(2, 1)?, number(3, 1)?);
    let (hour, minute, second) = (number(4, 0)?, number(5, 0)?, number(6, 0)?);
    let midnight = hour == 24 && minute == 0 && second == 0;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || (hour > 23 && !midnight) {
        return None;
    }
    let fraction = captures.get(7).map_or("0", |part| part.as_str());
    let millis = (format!("0.{fraction}").parse::<f64>().ok()? * 1e3 + 1e-9).floor();
    let offset = (number(9, 0)? * 60 + number(10, 0)?)
        * captures
            .get(8)
            .map_or(1, |sign| if sign.as_str() == "-" { -1 } else { 1 });
    let seconds = (hour * 60 + minute - offset) * 60 + second;
    Some((days(year, month - 1, day) * DAY + seconds * 1000) as f64 + millis)
}

fn to_millis(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    let millis = match call.text(1)? {
        None => {
            Some(parse_timestamp(text).ok_or_else(|| Error::of("D3110").with_text("value", text))?)
        }
        Some(picture) => DateTimePicture::parse(picture)?.read(text, timestamp(call))?,
    };
    Ok(millis.map_or(Value::Undefined, Value::Number))
}

fn format_integer(call: &Call<'_>) -> Result<Value, Error> {
    let Some(number) = call.number(0)? else {
        return Ok(Value::Undefined);
    };
    let picture = IntegerPicture::parse(call.text(1)?.unwrap_or_default())?;
    picture
        .format(number.floor())
        .map(|text| Value::String(text.into()))
}

fn parse_integer(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    let picture = IntegerPicture::parse(call.text(1)?.unwrap_or_default())?;
    let number = picture.parse_text(text)?;
    // jsonata-js gives NaN, which is null in JSON.
    Ok(
        if number.is_nan() && !call.budget().dialect.names_infinity {
            Value::Null
        } else {
            Value::Number(number)
        },
    )
}
