//! The types of partition keys, and their values as bytes that compare as the values do.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// How the values of a key compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::glue) enum Kind {
    Text,
    Integer,
    Decimal,
    Date,
    Timestamp,
}

impl Kind {
    /// The kind of a Hive type; `None` for those that cannot be filtered on.
    pub fn of(hive_type: &str) -> Option<Self> {
        let name = hive_type
            .split('(')
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        Some(match name.as_str() {
            "string" | "varchar" | "char" => Self::Text,
            "tinyint" | "smallint" | "int" | "integer" | "bigint" | "long" => Self::Integer,
            "decimal" => Self::Decimal,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            _ => return None,
        })
    }

    /// The first byte of values of this kind.
    pub fn tag(self) -> u8 {
        match self {
            Self::Text => 0x30,
            Self::Integer | Self::Decimal => 0x40,
            Self::Date => 0x50,
            Self::Timestamp => 0x60,
        }
    }

    /// Writes a value that is no text; gives false, and writes nothing, if the text is none.
    pub fn write(self, text: &str, out: &mut Vec<u8>) -> bool {
        match self {
            Self::Text => false,
            Self::Integer => number(text, false, out),
            Self::Decimal => number(text, true, out),
            Self::Date => match NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
                Ok(date) => {
                    write_date(date, out);
                    true
                }
                Err(_) => false,
            },
            Self::Timestamp => match timestamp(text.trim()) {
                Some(moment) => {
                    write_date(moment.date(), out);
                    out.extend(moment.num_seconds_from_midnight().to_be_bytes());
                    out.extend(moment.nanosecond().to_be_bytes());
                    true
                }
                None => false,
            },
        }
    }

    /// How many of the bytes of a value are that which [`Kind::write`] wrote.
    ///
    /// The bytes come from the store; ones that nobody wrote count as far as they go.
    pub fn width(tag: u8, bytes: &[u8]) -> usize {
        let width = match tag {
            0x40 => match bytes.first() {
                Some(&POSITIVE) => 3 + length_until(bytes.get(3..), 0),
                Some(&NEGATIVE) => 3 + length_until(bytes.get(3..), 0xff),
                _ => 1,
            },
            0x50 => 4,
            0x60 => 12,
            _ => 0,
        };
        width.min(bytes.len())
    }

    /// What Glue says of a text that is no value of this kind.
    pub fn not_of(self, text: &str) -> String {
        match self {
            Self::Text | Self::Integer => {
                format!("For input string: \"{text}\" is not an integer.")
            }
            Self::Decimal => format!("{text} is not a decimal."),
            Self::Date => format!("{text} is not a date."),
            Self::Timestamp => format!(
                "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] {text} is not a timestamp."
            ),
        }
    }
}

/// The bytes up to and with the first that is `end`.
fn length_until(bytes: Option<&[u8]>, end: u8) -> usize {
    let bytes = bytes.unwrap_or_default();
    bytes
        .iter()
        .position(|b| *b == end)
        .map_or(bytes.len(), |at| at + 1)
}

fn write_date(date: NaiveDate, out: &mut Vec<u8>) {
    let days = date.num_days_from_ce().cast_unsigned() ^ 0x8000_0000;
    out.extend(days.to_be_bytes());
}

fn timestamp(text: &str) -> Option<NaiveDateTime> {
    [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    .or_else(|| {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(date.and_time(NaiveTime::MIN))
    })
}

const NEGATIVE: u8 = 1;
const ZERO: u8 = 2;
const POSITIVE: u8 = 3;
/// No number has more digits before its point; Glue's have 38.
const DIGITS: usize = u16::MAX as usize;

/// Writes a number of any size, without the zeros that say nothing: its sign, how many digits are
/// before the point, and the digits, all of a negative number turned over.
fn number(text: &str, may_have_fraction: bool, out: &mut Vec<u8>) -> bool {
    let text = text.trim();
    let plain;
    let text = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) if may_have_fraction => {
            let Some(moved) = exponent.parse().ok().and_then(|by| move_point(digits, by)) else {
                return false;
            };
            plain = moved;
            &plain
        }
        _ => text,
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some(_) if !may_have_fraction => return false,
        Some(parts) => parts,
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return false;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > DIGITS {
        return false;
    }
    if whole.is_empty() && fraction.is_empty() {
        out.push(ZERO);
        return true;
    }
    out.push(if negative { NEGATIVE } else { POSITIVE });
    let start = out.len();
    out.extend((whole.len() as u16).to_be_bytes());
    out.extend(whole.as_bytes());
    out.extend(fraction.as_bytes());
    out.push(0);
    if negative {
        for byte in &mut out[start..] {
            *byte = !*byte;
        }
    }
    true
}

/// `12.5` with its point moved by 3 is `12500.`.
fn move_point(number: &str, by: i32) -> Option<String> {
    // Decimals of Glue have 38 digits.
    const FARTHEST: i32 = 400;
    if by.abs() > FARTHEST {
        return None;
    }
    let signed = usize::from(number.starts_with(['-', '+']));
    let (sign, digits) = number.split_at(signed);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + fraction.len() == 0 {
        return None;
    }
    let by_far = usize::try_from(by.unsigned_abs()).ok()?;
    Some(if by >= 0 {
        let fraction = format!("{fraction:0<by_far$}");
        let (before, after) = fraction.split_at_checked(by_far)?;
        format!("{sign}{whole}{before}.{after}")
    } else {
        let whole = format!("{whole:0>by_far$}");
        let (before, after) = whole.split_at_checked(whole.len() - by_far)?;
        format!("{sign}{before}.{after}{fraction}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(kind: Kind, text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        kind.write(text, &mut out).then_some(out)
    }

    #[test]
    fn numbers_compare_by_what_they_are_and_not_how_they_are_written() {
        let n = |text: &str| bytes(Kind::Decimal, text).unwrap();
        assert_eq!(n("007"), n("7.00"));
        assert_eq!(n("-0"), n("0"));
        assert!(n("10") > n("9.99"));
        assert!(n("-10") < n("-9"));
        assert!(n("-1") < n("1"));
        assert!(n("-1") < n("0") && n("0") < n("0.01"));
        assert!(n("-1.5") < n("-1") && n("-1.55") < n("-1.5"));
        assert!(n("0.5") > n(".45"));
        assert!(n("123456789012345678901234567890") > n("99999999999999999999999999999"));
        for (scientific, plain) in [
            ("3e14", "300000000000000"),
            ("-1.25E+1", "-12.5"),
            ("1.25e3", "1250"),
            ("125e-4", "0.0125"),
            ("12.5e-1", "1.25"),
        ] {
            assert_eq!(n(scientific), n(plain));
        }
        for no_number in [
            ".", "", "x", "1.2.3", "--1", "e3", "1e", "1e9999", "éa1e2", "1e1.5",
        ] {
            assert_eq!(bytes(Kind::Decimal, no_number), None, "{no_number}");
        }
        for no_integer in ["1.5", "1e3"] {
            assert_eq!(bytes(Kind::Integer, no_integer), None);
        }
    }

    #[test]
    fn moments_compare_as_time_goes() {
        let date = |text: &str| bytes(Kind::Date, text).unwrap();
        assert!(date("-0001-01-01") < date("1969-12-31"));
        assert!(date("1969-12-31") < date("2024-05-06"));
        assert_eq!(bytes(Kind::Date, "2024-02-30"), None);
        let at = |text: &str| bytes(Kind::Timestamp, text).unwrap();
        assert_eq!(at("2024-05-06"), at("2024-05-06 00:00:00.000"));
        assert!(at("2024-05-06 07:08:09") < at("2024-05-06 07:08:09.000000001"));
    }

    #[test]
    fn the_bytes_say_where_they_end() {
        for (kind, text) in [
            (Kind::Integer, "0"),
            (Kind::Integer, "-120"),
            (Kind::Decimal, "99.5"),
            (Kind::Date, "2024-05-06"),
            (Kind::Timestamp, "2024-05-06 07:08:09"),
        ] {
            let mut written = bytes(kind, text).unwrap();
            let width = written.len();
            written.extend(text.as_bytes());
            assert_eq!(Kind::width(kind.tag(), &written), width, "{text}");
        }
    }
}
