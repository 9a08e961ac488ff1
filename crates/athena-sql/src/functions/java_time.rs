//! Dates and times as `toString` of `java.time` prints them: `2024-01-01T10:30`, with seconds and a
//! fraction of three, six or nine digits where they are not zero.

use std::fmt::Write;

use crate::types::Value;
use crate::types::calendar::date_text;
use crate::types::zone::{DAY, SECOND, Zone, write_offset};

const PICOS_OF_NANO: i128 = 1000;

/// The text of a date, time or timestamp; nothing of other values.
pub fn java_time(value: &Value) -> Option<String> {
    match value {
        Value::Date(days) => Some(date(i64::from(*days))),
        Value::Time(picos) => Some(time(rounded(i128::from(*picos)) % DAY)),
        Value::Timestamp(picos) => Some(date_time(*picos)),
        Value::TimestampTz(instant, zone) => Some(zoned(*instant, *zone)),
        _ => None,
    }
}

/// To nanoseconds, in picoseconds still.
fn rounded(picos: i128) -> i128 {
    (picos + PICOS_OF_NANO / 2).div_euclid(PICOS_OF_NANO) * PICOS_OF_NANO
}

fn zoned(instant: i128, zone: Zone) -> String {
    let mut text = date_time(zone.to_local(instant));
    match zone.offset_at(instant.div_euclid(SECOND) as i64) {
        0 => text.push('Z'),
        offset => {
            let _ = write_offset(&mut text, (offset / 60) as i16);
        }
    }
    match zone {
        Zone::Offset(0) => text.push_str("[UTC]"),
        Zone::Offset(_) => {}
        Zone::Named(_) => {
            let _ = write!(text, "[{zone}]");
        }
    }
    text
}

fn date_time(picos: i128) -> String {
    let picos = rounded(picos);
    let days = picos.div_euclid(DAY) as i64;
    format!("{}T{}", date(days), time(picos.rem_euclid(DAY)))
}

/// A year of more than four digits has a sign.
fn date(days: i64) -> String {
    let text = date_text(days);
    match text.find('-') {
        Some(digits) if digits > 4 => format!("+{text}"),
        _ => text,
    }
}

fn time(picos: i128) -> String {
    let seconds = picos / SECOND;
    let nanos = picos % SECOND / PICOS_OF_NANO;
    let mut text = format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 > 0 || nanos > 0 {
        let _ = write!(text, ":{:02}", seconds % 60);
    }
    let _ = match (nanos % 1_000_000, nanos % 1000) {
        _ if nanos == 0 => Ok(()),
        (0, _) => write!(text, ".{:03}", nanos / 1_000_000),
        (_, 0) => write!(text, ".{:06}", nanos / 1000),
        _ => write!(text, ".{nanos:09}"),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_come_in_groups_of_three_digits() {
        for (picos, text) in [
            (0, "00:00"),
            (61 * SECOND, "00:01:01"),
            (SECOND / 10, "00:00:00.100"),
            (SECOND / 10_000, "00:00:00.000100"),
            (SECOND / 10_000_000, "00:00:00.000000100"),
        ] {
            assert_eq!(
                java_time(&Value::Timestamp(picos)),
                Some(format!("1970-01-01T{text}"))
            );
        }
        assert_eq!(date(5_000_000), "+15659-07-15");
    }
}
