//! Numbers, durations and sizes as people write them. `format` has its own file.

use super::{Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("format_number(double) -> varchar", |_, a| {
            Ok(Value::text(with_unit(a[0].as_f64())))
        }),
        scalar("format_number(bigint) -> varchar", |_, a| {
            Ok(Value::text(with_unit(a[0].as_i64() as f64)))
        }),
        scalar("human_readable_seconds(double) -> varchar", |_, a| {
            let seconds = a[0].as_f64();
            if !seconds.is_finite() {
                let text = crate::types::double_text(seconds);
                return Err(invalid_argument(format!("Invalid argument found: {text}")));
            }
            Ok(Value::text(duration(
                (seconds.round() as i64).unsigned_abs(),
            )))
        }),
    ];
    for name in ["parse_data_size", "parse_presto_data_size"] {
        all.push(scalar(
            &format!("{name}(varchar) -> decimal(38,0)"),
            |_, a| data_size(a[0].as_str()),
        ));
    }
    all
}

/// A number in thousands, millions, …, to three digits.
fn with_unit(x: f64) -> String {
    let mut rest = x;
    let mut unit = "";
    for next in ["K", "M", "B", "T", "Q"] {
        if rest.abs() < 1000.0 {
            break;
        }
        rest /= 1000.0;
        unit = next;
    }
    let places = match rest.abs() {
        magnitude if magnitude < 10.0 => 2,
        magnitude if magnitude < 100.0 => 1,
        _ => 0,
    };
    let factor = 10_f64.powi(places);
    let rounded = (rest.abs() * factor + 0.5).floor() / factor;
    let sign = if x < 0.0 && rounded != 0.0 { "-" } else { "" };
    if rounded.is_nan() {
        return "NaN".to_owned();
    }
    format!("{sign}{rounded}{unit}")
}

fn duration(seconds: u64) -> String {
    if seconds == 0 {
        return "0 seconds".to_owned();
    }
    let mut parts = Vec::new();
    let mut rest = seconds;
    for (size, name) in [
        (604_800, "week"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ] {
        let count = rest / size;
        rest %= size;
        match count {
            0 => {}
            1 => parts.push(format!("1 {name}")),
            n => parts.push(format!("{n} {name}s")),
        }
    }
    parts.join(", ")
}

/// The bytes of `2.3MB`; a unit is 1024 of the one before.
fn data_size(text: &str) -> Result<Value, Error> {
    let fail = || invalid_argument(format!("Invalid data size: '{text}'"));
    let number_end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .ok_or_else(fail)?;
    let (number, unit) = text.split_at(number_end);
    let power = match unit {
        "B" => 0,
        "kB" => 1,
        "MB" => 2,
        "GB" => 3,
        "TB" => 4,
        "PB" => 5,
        "EB" => 6,
        "ZB" => 7,
        "YB" => 8,
        _ => return Err(fail()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.contains('.') || fraction.len() > 12 {
        return Err(fail());
    }
    let unscaled: i128 = format!("{whole}{fraction}").parse().map_err(|_| fail())?;
    let unit = 1024_i128.pow(power);
    let bytes = unscaled.checked_mul(unit).ok_or_else(fail)?;
    let bytes = bytes / 10_i128.pow(fraction.len() as u32);
    if bytes >= 10_i128.pow(38) {
        return Err(super::out_of_range(format!(
            "Value out of range: '{text}' ('{bytes}B')"
        )));
    }
    Ok(Value::Decimal(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_units() {
        for (x, text) in [
            (0.0, "0"),
            (999.0, "999"),
            (1_239.9, "1.24K"),
            (12_399.0, "12.4K"),
            (-999_999.0, "-1000K"),
            (1e9, "1B"),
            (9_223_372_036_854_775_807.0, "9223Q"),
        ] {
            assert_eq!(with_unit(x), text);
        }
    }

    #[test]
    fn sizes_are_in_steps_of_1024() {
        assert_eq!(data_size("2.3MB"), Ok(Value::Decimal(2_411_724)));
        assert_eq!(data_size("1B"), Ok(Value::Decimal(1)));
        assert!(data_size("1").is_err());
        assert!(data_size("1mB").is_err());
    }

    #[test]
    fn durations_name_what_they_have() {
        assert_eq!(
            duration(56_363_463),
            "93 weeks, 1 day, 8 hours, 31 minutes, 3 seconds"
        );
    }
}
