//! Dates and times as numbers and as text: the proleptic Gregorian calendar, picoseconds.

use std::fmt::Write;

use super::zone::{DAY, MINUTE, SECOND, Zone, write_offset};
use super::{MAX_FRACTION, is_blank};

/// Days since 1970-01-01 of a date, if there is such a date.
pub fn days_of(year: i64, month: i64, day: i64) -> Option<i32> {
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    // Years that begin in March put the leap day last.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    i32::try_from(era * 146_097 + days - 719_468).ok()
}

/// Year, month and day of days since 1970-01-01.
pub fn date_of(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let day = of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A date some months on; a day the month lacks becomes its last.
pub fn add_months(days: i64, months: i64) -> Option<i32> {
    let (year, month, day) = date_of(days);
    let all = year * 12 + month - 1 + months;
    let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
    days_of(year, month, day.min(days_in_month(year, month)))
}

/// Monday is 1.
pub fn day_of_week(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

pub fn day_of_year(days: i64) -> i64 {
    let (year, _, _) = date_of(days);
    days_of(year, 1, 1).map_or(0, |first| days - i64::from(first) + 1)
}

/// ISO 8601's week and the year it belongs to.
pub fn week_and_year(days: i64) -> (i64, i64) {
    let thursday = days - (day_of_week(days) - 4);
    let (year, _, _) = date_of(thursday);
    ((day_of_year(thursday) - 1) / 7 + 1, year)
}

/// Rounds picoseconds to a precision, halves up.
pub fn round_to(picos: i128, precision: u8) -> i128 {
    let unit = 10_i128.pow(u32::from(MAX_FRACTION.saturating_sub(precision)));
    (picos + unit / 2).div_euclid(unit) * unit
}

/// A clock's picoseconds of the day, as `12:34:56.123`.
pub fn time_text(picos: i64, precision: u8) -> String {
    let seconds = picos / SECOND as i64;
    let mut text = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    write_fraction(&mut text, i128::from(picos) % SECOND, precision);
    text
}

fn write_fraction(text: &mut String, picos: i128, precision: u8) {
    if precision > 0 {
        let digits = picos / 10_i128.pow(u32::from(MAX_FRACTION - precision));
        let _ = write!(text, ".{digits:0width$}", width = usize::from(precision));
    }
}

pub fn date_text(days: i64) -> String {
    let (year, month, day) = date_of(days);
    if year < 0 {
        format!("-{:04}-{month:02}-{day:02}", -year)
    } else {
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// `2024-01-01 12:34:56.123`.
pub fn timestamp_text(picos: i128, precision: u8) -> String {
    format!(
        "{} {}",
        date_text(picos.div_euclid(DAY) as i64),
        time_text(picos.rem_euclid(DAY) as i64, precision)
    )
}

/// `12:34:56.123+05:30`.
pub fn time_tz_text(picos: i64, minutes: i16, precision: u8) -> String {
    let mut text = time_text(picos, precision);
    let _ = write_offset(&mut text, minutes);
    text
}

/// `2024-01-01 12:34:56.123 Asia/Kathmandu`.
pub fn timestamp_tz_text(instant: i128, zone: Zone, precision: u8) -> String {
    format!(
        "{} {zone}",
        timestamp_text(zone.to_local(instant), precision)
    )
}

/// `2 03:04:05.678`.
pub fn interval_day_text(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let millis = millis.unsigned_abs();
    format!(
        "{sign}{} {:02}:{:02}:{:02}.{:03}",
        millis / 86_400_000,
        millis / 3_600_000 % 24,
        millis / 60_000 % 60,
        millis / 1000 % 60,
        millis % 1000
    )
}

/// `1-6`.
pub fn interval_year_text(months: i32) -> String {
    let sign = if months < 0 { "-" } else { "" };
    let months = months.unsigned_abs();
    format!("{sign}{}-{}", months / 12, months % 12)
}

/// What a text says of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Picoseconds since 1970-01-01 00:00 of the clock, or since midnight of a time.
    pub local: i128,
    /// How many digits its fraction was written with.
    pub precision: u8,
    pub zone: Option<Zone>,
}

/// Reads `2001-1-22`, with blanks around it or without.
pub fn parse_date(text: &str) -> Option<i32> {
    let mut reader = Reader(text.trim_matches(is_blank));
    let days = reader.date()?;
    reader.0.is_empty().then_some(days)
}

/// Reads `2001-1-22 03:04:05.678 Asia/Kathmandu`, of which all but the date may be missing.
pub fn parse_timestamp(text: &str) -> Option<Moment> {
    let mut reader = Reader(text.trim());
    let days = reader.date()?;
    let mut moment = Moment {
        local: i128::from(days) * DAY,
        precision: 0,
        zone: None,
    };
    if reader.0.is_empty() {
        return Some(moment);
    }
    if !reader.eat(' ') {
        reader.eat('T').then_some(())?;
    }
    reader.0 = reader.0.trim_start();
    if reader.0.starts_with(|c: char| c.is_ascii_digit()) {
        let (picos, precision) = reader.clock()?;
        moment.local += picos;
        moment.precision = precision;
        reader.0 = reader.0.trim_start();
    }
    if !reader.0.is_empty() {
        moment.zone = Some(Zone::parse(reader.0)?);
    }
    Some(moment)
}

/// Reads a timestamp as SQL writes it: a year of four digits or more, and a blank before what
/// follows the date. Source: `DATETIME_PATTERN` of Trino's `DateTimes`.
pub fn parse_sql_timestamp(text: &str) -> Option<Moment> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let of_year = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let behind_date = unsigned.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    let is_sql = of_year >= 4 && (behind_date.is_empty() || behind_date.starts_with(' '));
    is_sql.then(|| parse_timestamp(text)).flatten()
}

/// Reads `03:04:05.678`, with `+05:30` behind it or not.
pub fn parse_time(text: &str) -> Option<Moment> {
    let mut reader = Reader(text.trim());
    let (local, precision) = reader.clock()?;
    reader.0 = reader.0.trim_start();
    let zone = if reader.0.is_empty() {
        None
    } else if reader.0.starts_with(['+', '-']) {
        match Zone::parse(reader.0)? {
            zone @ Zone::Offset(_) => Some(zone),
            Zone::Named(_) => return None,
        }
    } else {
        return None;
    };
    Some(Moment {
        local,
        precision,
        zone,
    })
}

struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn eat(&mut self, token: char) -> bool {
        match self.0.strip_prefix(token) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<&str> {
        let end = self
            .0
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.0.len())
            .min(most);
        if end < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(digits)
    }

    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        self.digits(least, most)?.parse().ok()
    }

    fn date(&mut self) -> Option<i32> {
        let negative = self.eat('-');
        if !negative {
            self.eat('+');
        }
        let year = self.number(1, 9)?;
        let year = if negative { -year } else { year };
        self.eat('-').then_some(())?;
        let month = self.number(1, 2)?;
        self.eat('-').then_some(())?;
        let day = self.number(1, 2)?;
        days_of(year, month, day)
    }

    fn clock(&mut self) -> Option<(i128, u8)> {
        let hour = self.number(1, 2)?;
        self.eat(':').then_some(())?;
        let minute = self.number(1, 2)?;
        let (mut second, mut fraction, mut precision) = (0, 0, 0);
        if self.eat(':') {
            second = self.number(1, 2)?;
            if self.eat('.') {
                let digits = self.digits(1, 64)?;
                if digits.len() > usize::from(MAX_FRACTION) {
                    return None;
                }
                precision = digits.len() as u8;
                fraction =
                    digits.parse::<i128>().ok()? * 10_i128.pow(u32::from(MAX_FRACTION - precision));
            }
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let picos = i128::from(hour) * 60 * MINUTE
            + i128::from(minute) * MINUTE
            + i128::from(second) * SECOND
            + fraction;
        Some((picos, precision))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_goes_to_its_number_and_back() {
        for (date, days) in [
            ((1970, 1, 1), 0),
            ((2000, 2, 29), 11_016),
            ((1969, 12, 31), -1),
        ] {
            assert_eq!(days_of(date.0, date.1, date.2), Some(days));
            assert_eq!(date_of(days.into()), date);
        }
        assert_eq!(days_of(2023, 2, 29), None);
    }

    #[test]
    fn a_timestamp_prints_as_it_was_read() {
        let moment = parse_timestamp("2020-05-01 12:34:56.123456789 Asia/Kathmandu").unwrap();
        assert_eq!(
            timestamp_text(moment.local, moment.precision),
            "2020-05-01 12:34:56.123456789"
        );
        assert_eq!(moment.zone, Zone::parse("Asia/Kathmandu"));
    }

    #[test]
    fn sql_writes_a_timestamp_with_a_whole_year_and_a_blank() {
        for text in [
            "2020-05-01",
            "-2020-5-1",
            " 2020-05-01 12:34 ",
            "2020-05-01 12:34:56.1 +05:30",
            "2020-05-01 Asia/Kathmandu",
        ] {
            assert!(parse_sql_timestamp(text).is_some(), "{text}");
        }
        for text in ["2020-05-01T12:34", "20-05-01", "2020-05-01Z", "x", ""] {
            assert!(parse_sql_timestamp(text).is_none(), "{text}");
        }
    }
}
