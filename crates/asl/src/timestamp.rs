//! The one form of a date and time that Step Functions reads: ISO 8601 with an offset.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, TimeZone, Utc};
use regex::Regex;

/// What Java's `DateTimeFormatter.ISO_OFFSET_DATE_TIME` takes: seconds and their fraction may be
/// left out, `T` and the offset may not.
static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{0,9}))?)?([Zz]|[+-]\d{2}:\d{2}(?::\d{2})?)$",
    )
    .ok()
});

/// Reads a timestamp; nothing for any other text.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let parts = FORM.as_ref()?.captures(text)?;
    let number = |index: usize| {
        parts
            .get(index)
            .map_or(Some(0), |part| part.as_str().parse().ok())
    };
    let fraction = parts.get(7).map_or("", |part| part.as_str());
    let nanoseconds: u32 = format!("{fraction:0<9}").parse().ok()?;
    let local = NaiveDate::from_ymd_opt(number(1)? as i32, number(2)?, number(3)?)?
        .and_hms_nano_opt(number(4)?, number(5)?, number(6)?, nanoseconds)?;
    Some(
        offset(&parts[8])?
            .from_local_datetime(&local)
            .single()?
            .to_utc(),
    )
}

fn offset(text: &str) -> Option<FixedOffset> {
    if text.eq_ignore_ascii_case("z") {
        return FixedOffset::east_opt(0);
    }
    let (sign, digits) = text.split_at(1);
    let seconds = digits
        .split(':')
        .zip([3600, 60, 1])
        .map(|(part, unit)| part.parse::<i32>().map(|part| part * unit))
        .sum::<Result<i32, _>>()
        .ok()?;
    FixedOffset::east_opt(if sign == "-" { -seconds } else { seconds })
}

/// A moment as the context object shows it.
pub(crate) fn format(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_timestamp_needs_its_t_and_its_offset_and_nothing_after_the_minutes() {
        for taken in [
            "2016-12-05T21:29:29Z",
            "2016-12-05T21:29Z",
            "2016-12-05T21:29:29.243167252+01:00",
            "2026-11-23T14:30:53.00Z",
        ] {
            assert!(parse(taken).is_some(), "{taken}");
        }
        for refused in [
            "2016-12-05 21:29:29Z",
            "2016-12-05T21:29:29",
            "2016-12-05T25:29:29Z",
            "2016-14-05T21:29:29Z",
            "2016-12-05T21:29:29+0100",
            "",
        ] {
            assert!(parse(refused).is_none(), "{refused}");
        }
    }
}
