//! Dates and times by patterns: MySQL's (`date_format`, `date_parse`), Joda's
//! (`format_datetime`, `parse_datetime`), ISO 8601's.

use super::datetime::{days, local, zone};
use super::{Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::calendar::{
    date_of, date_text, day_of_week, day_of_year, days_in_month, days_of, is_leap, round_to,
    time_text, week_and_year,
};
use crate::types::zone::{DAY, MINUTE, SECOND, Zone, write_offset};
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("date_parse(varchar, varchar) -> timestamp(3)", |_, a| {
            let moment = mysql_parse(a[0].as_str(), a[1].as_str())?;
            Ok(Value::Timestamp(moment.local(a[0].as_str())?))
        }),
        scalar(
            "parse_datetime(varchar, varchar) -> timestamp(3) with time zone",
            |_, a| {
                let moment = joda_parse(a[0].as_str(), a[1].as_str())?;
                let zone = moment.zone.unwrap_or(Zone::UTC);
                let local = moment.local(a[0].as_str())?;
                Ok(Value::TimestampTz(zone.to_instant(local), zone))
            },
        ),
        scalar("to_iso8601(date) -> varchar", |_, a| {
            Ok(Value::text(date_text(days(&a[0]))))
        }),
        scalar("human_readable_seconds(double) -> varchar", |_, a| {
            Ok(Value::text(human_readable(a[0].as_f64())))
        }),
    ];
    for kind in ["timestamp", "timestamp with time zone"] {
        all.push(
            scalar(
                &format!("date_format({kind}, varchar) -> varchar"),
                |_, a| mysql_format(&a[0], a[1].as_str()).map(Value::text),
            )
            .returns(|_| Type::VARCHAR),
        );
        all.push(
            scalar(
                &format!("format_datetime({kind}, varchar) -> varchar"),
                |_, a| joda_format(&a[0], a[1].as_str()).map(Value::text),
            )
            .returns(|_| Type::VARCHAR),
        );
        all.push(
            scalar(&format!("to_iso8601({kind}) -> varchar"), |call, a| {
                Ok(Value::text(iso(&a[0], call.argument(0))))
            })
            .returns(|_| Type::VARCHAR),
        );
    }
    all
}

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// A moment in its parts.
struct Parts {
    days: i64,
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
    zone: Zone,
    offset: i64,
}

impl Parts {
    /// Rounded to milliseconds, which is what patterns know.
    fn of(value: &Value) -> Self {
        let local = round_to(local(value), 3);
        let days = local.div_euclid(DAY) as i64;
        let clock = local.rem_euclid(DAY);
        let (year, month, day) = date_of(days);
        let (zone, offset) = match value {
            Value::TimestampTz(instant, zone) => {
                (*zone, zone.offset_at(instant.div_euclid(SECOND) as i64))
            }
            _ => (Zone::UTC, 0),
        };
        Self {
            days,
            year,
            month,
            day,
            hour: (clock / (60 * MINUTE)) as i64,
            minute: (clock / MINUTE % 60) as i64,
            second: (clock / SECOND % 60) as i64,
            millis: (clock / (SECOND / 1000) % 1000) as i64,
            zone,
            offset,
        }
    }

    fn twelve(&self) -> i64 {
        if self.hour % 12 == 0 {
            12
        } else {
            self.hour % 12
        }
    }

    fn half(&self) -> &'static str {
        if self.hour < 12 { "AM" } else { "PM" }
    }

    fn month_name(&self) -> &'static str {
        MONTHS[(self.month - 1) as usize % 12]
    }

    fn day_name(&self) -> &'static str {
        DAYS[(day_of_week(self.days) - 1) as usize % 7]
    }
}

fn iso(value: &Value, data_type: &Type) -> String {
    let precision = match data_type {
        Type::Timestamp(p) | Type::TimestampTz(p) => *p,
        _ => 3,
    };
    let local = local(value);
    let mut text = format!(
        "{}T{}",
        date_text(local.div_euclid(DAY) as i64),
        time_text(local.rem_euclid(DAY) as i64, precision)
    );
    if let Value::TimestampTz(instant, zone) = value {
        let minutes = (zone.offset_at(instant.div_euclid(SECOND) as i64) / 60) as i16;
        if minutes == 0 {
            text.push('Z');
        } else {
            // Writing to a string cannot fail.
            let _ = write_offset(&mut text, minutes);
        }
    }
    text
}

fn mysql_format(value: &Value, pattern: &str) -> Result<String, Error> {
    let p = Parts::of(value);
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let Some(specifier) = chars.next() else {
            break;
        };
        let text = match specifier {
            'a' => p.day_name()[..3].to_owned(),
            'b' => p.month_name()[..3].to_owned(),
            'c' => p.month.to_string(),
            'd' => format!("{:02}", p.day),
            'e' => p.day.to_string(),
            'f' => format!("{:03}000", p.millis),
            'H' => format!("{:02}", p.hour),
            'h' | 'I' => format!("{:02}", p.twelve()),
            'i' => format!("{:02}", p.minute),
            'j' => format!("{:03}", day_of_year(p.days)),
            'k' => p.hour.to_string(),
            'l' => p.twelve().to_string(),
            'M' => p.month_name().to_owned(),
            'm' => format!("{:02}", p.month),
            'p' => p.half().to_owned(),
            'r' => format!(
                "{:02}:{:02}:{:02} {}",
                p.twelve(),
                p.minute,
                p.second,
                p.half()
            ),
            'S' | 's' => format!("{:02}", p.second),
            'T' => format!("{:02}:{:02}:{:02}", p.hour, p.minute, p.second),
            'v' => format!("{:02}", week_and_year(p.days).0),
            'W' => p.day_name().to_owned(),
            'x' => format!("{:04}", week_and_year(p.days).1),
            'Y' => format!("{:04}", p.year),
            'y' => format!("{:02}", p.year.rem_euclid(100)),
            '%' => "%".to_owned(),
            'D' | 'U' | 'u' | 'V' | 'w' | 'X' => return Err(unsupported(specifier)),
            other => other.to_string(),
        };
        out.push_str(&text);
    }
    Ok(out)
}

fn unsupported(specifier: char) -> Error {
    invalid_argument(format!("%{specifier} not supported in date format string"))
}

/// What a text said of a moment; the rest is as at the epoch.
#[derive(Default)]
struct Read {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    week: Option<i64>,
    week_year: Option<i64>,
    day_of_week: Option<i64>,
    hour: Option<i64>,
    half: Option<bool>,
    minute: i64,
    second: i64,
    picos: i128,
    zone: Option<Zone>,
}

impl Read {
    /// The moment on its clock, in picoseconds since 1970-01-01. An error names the text that was
    /// read and the greatest field that is wrong, in Joda-Time's words.
    fn local(&self, text: &str) -> Result<i128, Error> {
        let within = |field: &str, value: i64, low: i64, high: i64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(invalid_argument(format!(
                "Cannot parse \"{text}\": Value {value} for {field} must be in the range [{low},{high}]"
            )))
        };
        let year = self.year.or(self.week_year).unwrap_or(1970);
        let days = if let Some(day) = self.day_of_year {
            within("dayOfYear", day, 1, if is_leap(year) { 366 } else { 365 })?;
            days_of(year, 1, 1).map(|first| i64::from(first) + day - 1)
        } else if self.week.is_some() || self.week_year.is_some() {
            days_of(self.week_year.unwrap_or(year), 1, 4).map(|fourth| {
                let monday = i64::from(fourth) - (day_of_week(fourth.into()) - 1);
                monday + (self.week.unwrap_or(1) - 1) * 7 + self.day_of_week.unwrap_or(1) - 1
            })
        } else {
            let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
            within("monthOfYear", month, 1, 12)?;
            within("dayOfMonth", day, 1, days_in_month(year, month))?;
            days_of(year, month, day).map(i64::from)
        };
        let days = days.ok_or_else(|| {
            invalid_argument(format!("Cannot parse \"{text}\": the year is out of range"))
        })?;
        let hour = self.hour.unwrap_or(0);
        if self.half.is_some() && hour > 12 {
            within("clockhourOfHalfday", hour, 1, 12)?;
        }
        let hour = match (hour, self.half) {
            (hour, None) => hour,
            (12, Some(false)) => 0,
            (hour, Some(false)) => hour,
            (12, Some(true)) => 12,
            (hour, Some(true)) => hour + 12,
        };
        within("hourOfDay", hour, 0, 23)?;
        within("minuteOfHour", self.minute, 0, 59)?;
        within("secondOfMinute", self.second, 0, 59)?;
        Ok(i128::from(days) * DAY
            + i128::from(hour) * 60 * MINUTE
            + i128::from(self.minute) * MINUTE
            + i128::from(self.second) * SECOND
            + self.picos)
    }
}

/// Takes text off the front of what is parsed.
struct Input<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Input<'a> {
    fn new(whole: &'a str) -> Self {
        Self { whole, rest: whole }
    }

    /// Source: `FormatUtils.createErrorMessage` of Joda-Time, which shows 32 characters of the rest.
    fn wrong(&self) -> Error {
        let at = self.whole.len() - self.rest.len();
        let shown: String = match self.rest.char_indices().nth(32) {
            Some((end, _)) if self.rest.chars().count() > 35 => {
                format!("{}...", &self.whole[..at + end])
            }
            _ => self.whole.to_owned(),
        };
        let text = if at == 0 {
            format!("Invalid format: \"{shown}\"")
        } else if self.rest.is_empty() {
            format!("Invalid format: \"{shown}\" is too short")
        } else {
            format!(
                "Invalid format: \"{shown}\" is malformed at \"{}\"",
                &shown[at..]
            )
        };
        invalid_argument(text)
    }

    fn digits(&mut self, most: usize) -> Result<&'a str, Error> {
        let end = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        if end == 0 {
            return Err(self.wrong());
        }
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(digits)
    }

    fn number(&mut self, most: usize) -> Result<i64, Error> {
        let digits = self.digits(most)?;
        digits.parse().map_err(|_| self.wrong())
    }

    fn fraction(&mut self) -> Result<i128, Error> {
        let digits = self.digits(9)?;
        let padded = format!("{digits:0<12}");
        padded.parse().map_err(|_| self.wrong())
    }

    fn literal(&mut self, c: char) -> Result<(), Error> {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.wrong()),
        }
    }

    /// One of the names, whole or its first three letters; its place among them.
    fn name(&mut self, names: &[&str]) -> Result<i64, Error> {
        for (i, name) in names.iter().enumerate() {
            for form in [*name, &name[..3]] {
                if self
                    .rest
                    .get(..form.len())
                    .is_some_and(|t| t.eq_ignore_ascii_case(form))
                {
                    self.rest = &self.rest[form.len()..];
                    return Ok(i as i64 + 1);
                }
            }
        }
        Err(self.wrong())
    }

    fn half(&mut self) -> Result<bool, Error> {
        let pm = match self.rest.get(..2).map(str::to_ascii_uppercase).as_deref() {
            Some("AM") => false,
            Some("PM") => true,
            _ => return Err(self.wrong()),
        };
        self.rest = &self.rest[2..];
        Ok(pm)
    }

    fn end(&self) -> Result<(), Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.wrong())
        }
    }
}

fn mysql_parse(text: &str, pattern: &str) -> Result<Read, Error> {
    let mut input = Input::new(text);
    let mut read = Read::default();
    mysql_parse_into(&mut input, pattern, &mut read)?;
    input.end()?;
    Ok(read)
}

fn mysql_parse_into(input: &mut Input<'_>, pattern: &str, read: &mut Read) -> Result<(), Error> {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let specifier = match c {
            '%' => chars.next(),
            _ => None,
        };
        let Some(specifier) = specifier else {
            input.literal(c)?;
            continue;
        };
        match specifier {
            'a' | 'W' => read.day_of_week = Some(input.name(&DAYS)?),
            'b' | 'M' => read.month = Some(input.name(&MONTHS)?),
            'c' | 'm' => read.month = Some(input.number(2)?),
            'd' | 'e' => read.day = Some(input.number(2)?),
            'f' => read.picos = input.fraction()?,
            'H' | 'k' | 'h' | 'I' | 'l' => read.hour = Some(input.number(2)?),
            'i' => read.minute = input.number(2)?,
            'j' => read.day_of_year = Some(input.number(3)?),
            'p' => read.half = Some(input.half()?),
            'r' => mysql_parse_into(input, "%h:%i:%s %p", read)?,
            'S' | 's' => read.second = input.number(2)?,
            'T' => mysql_parse_into(input, "%H:%i:%s", read)?,
            'v' => read.week = Some(input.number(2)?),
            'x' => read.week_year = Some(input.number(4)?),
            'Y' => read.year = Some(input.number(4)?),
            'y' => {
                let year = input.number(2)?;
                read.year = Some(if year < 70 { 2000 + year } else { 1900 + year });
            }
            'D' | 'U' | 'u' | 'V' | 'w' | 'X' => return Err(unsupported(specifier)),
            other => input.literal(other)?,
        }
    }
    Ok(())
}

/// A Joda pattern's runs: a letter and how often, or literal text.
enum Run {
    Letter(char, usize),
    Text(String),
}

fn joda_runs(pattern: &str) -> Vec<Run> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut runs = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if c == '\'' {
            let mut text = String::new();
            i += 1;
            if chars.get(i) == Some(&'\'') {
                text.push('\'');
                i += 1;
            } else {
                while i < chars.len() {
                    if chars[i] == '\'' {
                        if chars.get(i + 1) != Some(&'\'') {
                            break;
                        }
                        i += 1;
                    }
                    text.push(chars[i]);
                    i += 1;
                }
                i += 1;
            }
            runs.push(Run::Text(text));
        } else if c.is_ascii_alphabetic() {
            let count = chars[i..].iter().take_while(|x| **x == c).count();
            runs.push(Run::Letter(c, count));
            i += count;
        } else {
            runs.push(Run::Text(c.to_string()));
            i += 1;
        }
    }
    runs
}

fn joda_format(value: &Value, pattern: &str) -> Result<String, Error> {
    let p = Parts::of(value);
    let mut out = String::new();
    for run in joda_runs(pattern) {
        let (letter, n) = match run {
            Run::Text(text) => {
                out.push_str(&text);
                continue;
            }
            Run::Letter(letter, n) => (letter, n),
        };
        let padded = |x: i64| format!("{x:0n$}");
        let text = match letter {
            'G' => if p.year > 0 { "AD" } else { "BC" }.to_owned(),
            'C' => padded(p.year / 100),
            'Y' | 'y' if n == 2 => format!("{:02}", p.year.rem_euclid(100)),
            'Y' | 'y' => padded(p.year),
            'x' if n == 2 => format!("{:02}", week_and_year(p.days).1.rem_euclid(100)),
            'x' => padded(week_and_year(p.days).1),
            'w' => padded(week_and_year(p.days).0),
            'e' => padded(day_of_week(p.days)),
            'E' if n >= 4 => p.day_name().to_owned(),
            'E' => p.day_name()[..3].to_owned(),
            'D' => padded(day_of_year(p.days)),
            'M' if n >= 4 => p.month_name().to_owned(),
            'M' if n == 3 => p.month_name()[..3].to_owned(),
            'M' => padded(p.month),
            'd' => padded(p.day),
            'a' => p.half().to_owned(),
            'K' => padded(p.hour % 12),
            'h' => padded(p.twelve()),
            'H' => padded(p.hour),
            'k' => padded(if p.hour == 0 { 24 } else { p.hour }),
            'm' => padded(p.minute),
            's' => padded(p.second),
            'S' => {
                let digits = format!("{:03}{}", p.millis, "0".repeat(n));
                digits[..n].to_owned()
            }
            'z' | 'v' => p.zone.to_string(),
            'Z' if n >= 3 => p.zone.to_string(),
            'Z' => {
                let mut text = String::new();
                // Writing to a string cannot fail.
                let _ = write_offset(&mut text, (p.offset / 60) as i16);
                if n == 1 { text.replace(':', "") } else { text }
            }
            other => {
                return Err(invalid_argument(format!(
                    "Illegal pattern component: {other}"
                )));
            }
        };
        out.push_str(&text);
    }
    Ok(out)
}

fn joda_parse(text: &str, pattern: &str) -> Result<Read, Error> {
    let mut input = Input::new(text);
    let mut read = Read::default();
    for run in joda_runs(pattern) {
        let (letter, n) = match run {
            Run::Text(text) => {
                for c in text.chars() {
                    input.literal(c)?;
                }
                continue;
            }
            Run::Letter(letter, n) => (letter, n),
        };
        match letter {
            'Y' | 'y' | 'x' => {
                let year = input.number(if n == 2 { 2 } else { 9.max(n) })?;
                // Two digits mean the century around now.
                let year = if n == 2 {
                    if year < 70 { 2000 + year } else { 1900 + year }
                } else {
                    year
                };
                if letter == 'x' {
                    read.week_year = Some(year);
                } else {
                    read.year = Some(year);
                }
            }
            'w' => read.week = Some(input.number(2)?),
            'e' => read.day_of_week = Some(input.number(1)?),
            'E' => read.day_of_week = Some(input.name(&DAYS)?),
            'D' => read.day_of_year = Some(input.number(3)?),
            'M' if n >= 3 => read.month = Some(input.name(&MONTHS)?),
            'M' => read.month = Some(input.number(2)?),
            'd' => read.day = Some(input.number(2)?),
            'a' => read.half = Some(input.half()?),
            'K' | 'h' | 'H' => read.hour = Some(input.number(2)?),
            'k' => read.hour = Some(input.number(2)? % 24),
            'm' => read.minute = input.number(2)?,
            's' => read.second = input.number(2)?,
            'S' => read.picos = input.fraction()?,
            'z' | 'Z' => {
                let end = input.rest.find(' ').unwrap_or(input.rest.len());
                let (name, rest) = input.rest.split_at(end);
                read.zone = Some(zone(name)?);
                input.rest = rest;
            }
            other => {
                return Err(invalid_argument(format!(
                    "Illegal pattern component: {other}"
                )));
            }
        }
    }
    input.end()?;
    Ok(read)
}

/// The moment that a text is by a pattern of Joda-Time's, in picoseconds since 1970 in UTC; an error
/// says why it is none.
pub fn joda_moment(text: &str, pattern: &str) -> Result<i128, Error> {
    let read = joda_parse(text, pattern)?;
    let local = read.local(text)?;
    Ok(read.zone.map_or(local, |zone| zone.to_instant(local)))
}

/// `3 days, 1 hour, 2 seconds`.
fn human_readable(seconds: f64) -> String {
    let mut rest = seconds.round().abs() as i64;
    let mut parts = Vec::new();
    for (unit, size) in [
        ("week", 604_800),
        ("day", 86_400),
        ("hour", 3600),
        ("minute", 60),
        ("second", 1),
    ] {
        let n = rest / size;
        rest %= size;
        if n > 0 {
            parts.push(format!("{n} {unit}{}", if n == 1 { "" } else { "s" }));
        }
    }
    if parts.is_empty() {
        "0 seconds".to_owned()
    } else {
        parts.join(", ")
    }
}
