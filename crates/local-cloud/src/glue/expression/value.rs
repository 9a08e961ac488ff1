//! The values of partition keys, and how they compare.

use std::cmp::Ordering;

use chrono::{NaiveDate, NaiveDateTime};

/// How the values of a key compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Date,
    Timestamp,
}

#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(super) enum Value {
    Text(String),
    Number(Decimal),
    Date(NaiveDate),
    Timestamp(NaiveDateTime),
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
            "tinyint" | "smallint" | "int" | "integer" | "bigint" | "long" | "decimal" => {
                Self::Number
            }
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            _ => return None,
        })
    }

    /// A text as a value of this kind.
    pub fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Text => Some(Value::Text(text.to_owned())),
            Self::Number => Decimal::parse(text).map(Value::Number),
            Self::Date => NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
                .ok()
                .map(Value::Date),
            Self::Timestamp => timestamp(text.trim()).map(Value::Timestamp),
        }
    }
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
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()?
            .and_hms_opt(0, 0, 0)
    })
}

/// A number of any size, without the zeros that say nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        Some(Self {
            negative: negative && whole.len() + fraction.len() > 0,
            whole,
            fraction,
        })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |a: &Self, b: &Self| {
            (a.whole.len(), &a.whole, &a.fraction).cmp(&(b.whole.len(), &b.whole, &b.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(self, other),
            (true, true) => size(other, self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_what_they_are_and_not_how_they_are_written() {
        let n = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(n("007"), n("7.00"));
        assert_eq!(n("-0"), n("0"));
        assert!(n("10") > n("9.99"));
        assert!(n("-10") < n("-9"));
        assert!(n("-1") < n("1"));
        assert!(n("0.5") > n(".45"));
        assert!(n("123456789012345678901234567890") > n("99999999999999999999999999999"));
        assert_eq!(Decimal::parse("1e3"), None);
        assert_eq!(Decimal::parse("."), None);
        assert_eq!(Decimal::parse(""), None);
    }
}
