//! When a schedule fires: `cron(…)`, `rate(…)`, `at(…)`.
//!
//! Source: "Schedule types in EventBridge Scheduler", user guide.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::{invalid, moment};
use crate::cron::Cron;
use crate::error::ServiceError;
use crate::model::Timestamp;

/// A schedule's expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    Cron(Cron),
    Rate(Duration),
    /// Once, by the clocks of the schedule's time zone.
    At(NaiveDateTime),
}

impl Expression {
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let inside = |word: &str| {
            text.strip_prefix(word)?
                .strip_prefix('(')?
                .strip_suffix(')')
        };
        let parsed = if let Some(rate) = inside("rate") {
            parse_rate(rate).map(Self::Rate)
        } else if let Some(at) = inside("at") {
            NaiveDateTime::parse_from_str(at, "%Y-%m-%dT%H:%M:%S")
                .ok()
                .map(Self::At)
        } else {
            Cron::parse(text).map(Self::Cron)
        };
        parsed.ok_or_else(|| invalid(format!("Invalid Schedule Expression {text}.")))
    }
}

/// `5 minutes`, `1 hour`, `2 days`.
fn parse_rate(text: &str) -> Option<Duration> {
    let (count, unit) = text.trim().split_once(' ')?;
    let count: u32 = count.parse().ok().filter(|count| *count > 0)?;
    match (unit.trim(), count) {
        ("minute" | "minutes", count) => Some(Duration::minutes(count.into())),
        ("hour" | "hours", count) => Some(Duration::hours(count.into())),
        ("day" | "days", count) => Some(Duration::days(count.into())),
        _ => None,
    }
}

pub(super) fn zone(name: Option<&str>) -> Result<Tz, ServiceError> {
    let name = name.unwrap_or("UTC");
    name.parse().map_err(|_| {
        invalid(format!(
            "Provided ScheduleExpressionTimezone {name} is not a valid timezone."
        ))
    })
}

/// The times of a schedule.
pub(super) struct Times {
    pub expression: Expression,
    pub zone: Tz,
    /// Where rates are counted from, if they have no start.
    pub created: DateTime<Utc>,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
}

impl Times {
    /// The first time after `after`; none when it was the last one.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let start = self.start.map(moment);
        // The start itself may be a time.
        let from = start.map_or(after, |start| after.max(start - Duration::milliseconds(1)));
        let next = match &self.expression {
            // One time has neither start nor end.
            Expression::At(local) => {
                let at = local.and_local_timezone(self.zone).earliest()?.to_utc();
                return (at > after).then_some(at);
            }
            Expression::Cron(cron) => cron.next(from, self.zone)?,
            Expression::Rate(every) => {
                let anchor = start.unwrap_or(self.created);
                if from < anchor {
                    anchor
                } else {
                    let passed = (from - anchor).num_milliseconds() / every.num_milliseconds();
                    anchor + *every * i32::try_from(passed + 1).ok()?
                }
            }
        };
        let end = self.end.map(moment);
        end.is_none_or(|end| next <= end).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn times(expression: &str, zone_name: &str) -> Times {
        Times {
            expression: Expression::parse(expression).unwrap(),
            zone: zone(Some(zone_name)).unwrap(),
            created: at("2026-01-01T00:00:00Z"),
            start: None,
            end: None,
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_in_awss_words() {
        for bad in [
            "rate(0 minutes)",
            "rate(5)",
            "rate(1 week)",
            "at(2026-01-01)",
            "cron(* * * * *)",
            "daily",
        ] {
            let error = Expression::parse(bad).unwrap_err();
            assert_eq!(error.message, format!("Invalid Schedule Expression {bad}."));
        }
    }

    #[test]
    fn one_time_is_by_the_zones_clocks_and_comes_once() {
        let times = times("at(2026-07-01T09:00:00)", "America/New_York");
        let when = at("2026-07-01T13:00:00Z");
        assert_eq!(times.next(at("2026-01-01T00:00:00Z")), Some(when));
        assert_eq!(times.next(when), None);
    }

    #[test]
    fn rates_are_counted_from_the_start() {
        let mut times = times("rate(2 hours)", "UTC");
        let before = at("2025-12-31T00:00:00Z");
        assert_eq!(times.next(before), Some(at("2026-01-01T00:00:00Z")));
        assert_eq!(
            times.next(at("2026-01-01T00:00:00Z")),
            Some(at("2026-01-01T02:00:00Z"))
        );
        assert_eq!(
            times.next(at("2026-01-01T03:30:00Z")),
            Some(at("2026-01-01T04:00:00Z"))
        );
        times.start = Some(Timestamp(at("2026-02-01T01:00:00Z").timestamp() as f64));
        assert_eq!(times.next(before), Some(at("2026-02-01T01:00:00Z")));
    }

    #[test]
    fn nothing_fires_before_the_start_or_after_the_end() {
        let mut times = times("cron(0 3 * * ? *)", "UTC");
        times.start = Some(Timestamp(at("2026-03-01T03:00:00Z").timestamp() as f64));
        times.end = Some(Timestamp(at("2026-03-02T03:00:00Z").timestamp() as f64));
        let first = times.next(at("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(first, at("2026-03-01T03:00:00Z"));
        let second = times.next(first).unwrap();
        assert_eq!(times.next(second), None);
    }
}
