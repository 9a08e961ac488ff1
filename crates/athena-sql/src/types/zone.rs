//! Time zones as Trino names them: `UTC`, `+05:30`, `Asia/Kathmandu`.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use chrono::{Offset, TimeZone};
use chrono_tz::Tz;

/// Zones by their names in lower case.
static NAMED: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
    chrono_tz::TZ_VARIANTS
        .iter()
        .map(|tz| (tz.name().to_ascii_lowercase(), *tz))
        .collect()
});

/// Picoseconds of a second.
pub const SECOND: i128 = 1_000_000_000_000;
/// Picoseconds of a minute.
pub const MINUTE: i128 = 60 * SECOND;
/// Picoseconds of a day.
pub const DAY: i128 = 86_400 * SECOND;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Minutes east of Greenwich.
    Offset(i16),
    Named(Tz),
}

impl Zone {
    pub const UTC: Self = Self::Offset(0);

    /// Reads a name or an offset; `None` where Trino knows no such zone.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if matches!(
            text.to_ascii_uppercase().as_str(),
            "Z" | "UTC"
                | "GMT"
                | "UT"
                | "UCT"
                | "ZULU"
                | "ETC/UTC"
                | "ETC/GMT"
                | "GREENWICH"
                | "GMT0"
        ) {
            return Some(Self::UTC);
        }
        let offset = ["UTC", "GMT", "UT"]
            .iter()
            .find_map(|p| text.strip_prefix(p))
            .unwrap_or(text);
        if offset.starts_with(['+', '-']) {
            return parse_offset(offset).map(Self::Offset);
        }
        NAMED
            .get(text.to_ascii_lowercase().as_str())
            .copied()
            .map(Self::Named)
    }

    /// Seconds east of Greenwich at an instant (seconds of the epoch).
    pub fn offset_at(self, epoch_seconds: i64) -> i64 {
        match self {
            Self::Offset(minutes) => i64::from(minutes) * 60,
            Self::Named(tz) => chrono::DateTime::from_timestamp(epoch_seconds, 0).map_or(0, |t| {
                i64::from(
                    tz.offset_from_utc_datetime(&t.naive_utc())
                        .fix()
                        .local_minus_utc(),
                )
            }),
        }
    }

    /// An instant's wall clock, in picoseconds since 1970-01-01 00:00:00 local.
    pub fn to_local(self, instant: i128) -> i128 {
        let seconds = instant.div_euclid(SECOND) as i64;
        instant + i128::from(self.offset_at(seconds)) * SECOND
    }

    /// The instant of a wall clock. One that a clock change skips moves forward by the gap; of two
    /// the earlier is taken.
    pub fn to_instant(self, local: i128) -> i128 {
        let seconds = local.div_euclid(SECOND) as i64;
        let offset = match self {
            Self::Offset(minutes) => i64::from(minutes) * 60,
            Self::Named(tz) => match chrono::DateTime::from_timestamp(seconds, 0) {
                None => 0,
                Some(t) => match tz.offset_from_local_datetime(&t.naive_utc()) {
                    chrono::LocalResult::Single(o) => i64::from(o.fix().local_minus_utc()),
                    chrono::LocalResult::Ambiguous(a, _) => i64::from(a.fix().local_minus_utc()),
                    chrono::LocalResult::None => self.offset_at(seconds - 86_400),
                },
            },
        };
        local - i128::from(offset) * SECOND
    }
}

/// `+5`, `+05:30`, `-0830` in minutes; up to fourteen hours.
fn parse_offset(text: &str) -> Option<i16> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = &text[1..];
    let (hours, minutes) = match digits.split_once(':') {
        Some((h, m)) => (h, m),
        None if digits.len() == 4 => digits.split_at(2),
        None => (digits, "0"),
    };
    if hours.is_empty() || hours.len() > 2 || minutes.is_empty() || minutes.len() > 2 {
        return None;
    }
    let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let whole = hours * 60 + minutes;
    (minutes < 60 && whole <= 14 * 60).then_some(sign * whole)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(0) => f.write_str("UTC"),
            Self::Offset(minutes) => write_offset(f, *minutes),
            Self::Named(tz) => f.write_str(tz.name()),
        }
    }
}

/// `+05:30`, also for zero.
pub fn write_offset(f: &mut impl fmt::Write, minutes: i16) -> fmt::Result {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
