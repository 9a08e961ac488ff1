//! `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, as Glue and EventBridge Scheduler
//! write it: what it says, and when it comes next.
//!
//! Sources: AWS Glue developer guide, "Time-based schedules for jobs and crawlers"; EventBridge
//! Scheduler user guide, "Schedule types".

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const YEARS: (u32, u32) = (1970, 2199);

/// A cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: Set,
    hours: Set,
    days: DayRule,
    months: Set,
    years: Set,
}

/// Which numbers a field allows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set {
    low: u32,
    allowed: Vec<bool>,
}

/// Which days: one of the two fields says it, the other is `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DayRule {
    OfMonth(Vec<MonthDay>),
    OfWeek(Vec<WeekDay>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum MonthDay {
    In(Set),
    /// `L`
    Last,
    /// `LW`: the last from Monday to Friday.
    LastWeekday,
    /// `15W`: the one from Monday to Friday that is nearest, in the same month.
    NearestWeekday(u32),
}

/// Days of the week, 1 for Sunday.
#[derive(Clone, Debug, PartialEq, Eq)]
enum WeekDay {
    In(Set),
    /// `5L`: the last Thursday; `L` alone is every Saturday.
    Last(u32),
    /// `6#3`: the third Friday.
    Nth(u32, u32),
}

impl Cron {
    /// Parses `cron(…)`; none for what is none.
    pub(crate) fn parse(expression: &str) -> Option<Self> {
        let inner = expression.strip_prefix("cron(")?.strip_suffix(')')?;
        let fields: Vec<&str> = inner.split_whitespace().collect();
        let [minutes, hours, day, months, weekday, years] = fields[..] else {
            return None;
        };
        Some(Self {
            minutes: Set::parse(minutes, 0, 59, &[])?,
            hours: Set::parse(hours, 0, 23, &[])?,
            days: match (day, weekday) {
                ("?", "?") => return None,
                (day, "?") => DayRule::OfMonth(each(day, MonthDay::parse)?),
                ("?", weekday) => DayRule::OfWeek(each(weekday, WeekDay::parse)?),
                // One of the two days is not specified.
                _ => return None,
            },
            months: Set::parse(months, 1, 12, &MONTHS)?,
            years: Set::parse(years, YEARS.0, YEARS.1, &[])?,
        })
    }

    /// The first moment after `after`, by the clocks of `zone`. A time that the clocks leap over
    /// is passed over; one that they show twice counts once.
    pub(crate) fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let mut local = after.with_timezone(&zone).naive_local();
        loop {
            local = self.next_local(local)?;
            if let Some(found) = local.and_local_timezone(zone).earliest() {
                let found = found.with_timezone(&Utc);
                if found > after {
                    return Some(found);
                }
            }
        }
    }

    /// The first minute after `after` that fits.
    fn next_local(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let start = after + chrono::Duration::minutes(1);
        let mut date = start.date();
        let mut from = (start.hour(), start.minute());
        loop {
            if date.year().cast_unsigned() > YEARS.1 {
                return None;
            }
            if !self.years.has(date.year().cast_unsigned()) {
                date = NaiveDate::from_ymd_opt(date.year() + 1, 1, 1)?;
            } else if !self.months.has(date.month()) {
                date = first_of_next_month(date)?;
            } else {
                if self.days.has(date)
                    && let Some((hour, minute)) = self.time_from(from)
                {
                    return date.and_hms_opt(hour, minute, 0);
                }
                date = date.checked_add_days(Days::new(1))?;
            }
            from = (0, 0);
        }
    }

    /// The first time of a day that fits, not before `from`.
    fn time_from(&self, from: (u32, u32)) -> Option<(u32, u32)> {
        (from.0..24)
            .filter(|hour| self.hours.has(*hour))
            .find_map(|hour| {
                let first = if hour == from.0 { from.1 } else { 0 };
                let minute = (first..60).find(|minute| self.minutes.has(*minute))?;
                Some((hour, minute))
            })
    }
}

/// What stands between commas.
fn each<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(parse).collect()
}

fn first_of_next_month(date: NaiveDate) -> Option<NaiveDate> {
    match date.month() {
        12 => NaiveDate::from_ymd_opt(date.year() + 1, 1, 1),
        month => NaiveDate::from_ymd_opt(date.year(), month + 1, 1),
    }
}

fn last_of_month(date: NaiveDate) -> Option<NaiveDate> {
    first_of_next_month(date)?.pred_opt()
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

impl Set {
    /// `*`, `1`, `MON-FRI`, `0/10`, and lists of them.
    fn parse(text: &str, low: u32, high: u32, names: &[&str]) -> Option<Self> {
        let mut allowed = vec![false; (high - low + 1) as usize];
        let value = |text: &str| {
            let named = names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(text));
            let number = match named {
                Some(i) => low + u32::try_from(i).ok()?,
                None => text.parse().ok()?,
            };
            (low..=high).contains(&number).then_some(number)
        };
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(step.parse::<u32>().ok().filter(|n| *n > 0)?)),
                None => (part, None),
            };
            let (first, last) = match range.split_once('-') {
                _ if range == "*" => (low, high),
                Some((first, last)) => (value(first)?, value(last)?),
                // `5/10` is every tenth from the fifth on.
                None if step.is_some() => (value(range)?, high),
                None => (value(range)?, value(range)?),
            };
            let mut allow = |number: u32| allowed[(number - low) as usize] = true;
            if first <= last {
                (first..=last)
                    .step_by(step.unwrap_or(1) as usize)
                    .for_each(&mut allow);
            } else {
                // `FRI-MON` goes around the end.
                (first..=high)
                    .chain(low..=last)
                    .step_by(step.unwrap_or(1) as usize)
                    .for_each(&mut allow);
            }
        }
        Some(Self { low, allowed })
    }

    fn has(&self, number: u32) -> bool {
        let at = number.checked_sub(self.low);
        at.and_then(|at| self.allowed.get(at as usize))
            .copied()
            .unwrap_or(false)
    }
}

impl MonthDay {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "L" => return Some(Self::Last),
            "LW" => return Some(Self::LastWeekday),
            _ => {}
        }
        match text.strip_suffix('W') {
            Some(day) => {
                let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
                Some(Self::NearestWeekday(day))
            }
            None => Set::parse(text, 1, 31, &[]).map(Self::In),
        }
    }

    fn has(&self, date: NaiveDate) -> bool {
        let Some(last) = last_of_month(date) else {
            return false;
        };
        match self {
            Self::In(set) => set.has(date.day()),
            Self::Last => date == last,
            Self::LastWeekday => nearest_weekday(last) == Some(date),
            Self::NearestWeekday(day) => date
                .with_day(*day)
                .is_some_and(|wanted| nearest_weekday(wanted) == Some(date)),
        }
    }
}

/// The day from Monday to Friday that is nearest, in the same month.
fn nearest_weekday(date: NaiveDate) -> Option<NaiveDate> {
    let moved = |days: i64| {
        let moved = date.checked_add_signed(chrono::Duration::days(days))?;
        (moved.month() == date.month() && !is_weekend(moved)).then_some(moved)
    };
    [0, -1, 1, -2, 2].into_iter().find_map(moved)
}

impl WeekDay {
    fn parse(text: &str) -> Option<Self> {
        let one = |text: &str| {
            let set = Set::parse(text, 1, 7, &WEEKDAYS)?;
            let days: Vec<u32> = (1..=7).filter(|day| set.has(*day)).collect();
            match days[..] {
                [day] if !text.contains(['/', '-', '*']) => Some(day),
                _ => None,
            }
        };
        if text == "L" {
            return one("7").map(|day| Self::In(Set::single(day)));
        }
        if let Some(day) = text.strip_suffix('L') {
            return one(day).map(Self::Last);
        }
        match text.split_once('#') {
            Some((day, nth)) => {
                let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth))?;
                Some(Self::Nth(one(day)?, nth))
            }
            None => Set::parse(text, 1, 7, &WEEKDAYS).map(Self::In),
        }
    }

    fn has(&self, date: NaiveDate) -> bool {
        let weekday = date.weekday().number_from_sunday();
        match self {
            Self::In(set) => set.has(weekday),
            Self::Last(day) => {
                weekday == *day
                    && last_of_month(date).is_some_and(|last| date.day() + 7 > last.day())
            }
            Self::Nth(day, nth) => weekday == *day && (date.day() - 1) / 7 + 1 == *nth,
        }
    }
}

impl Set {
    /// One day of the week.
    fn single(day: u32) -> Self {
        Self {
            low: 1,
            allowed: (1..=7).map(|each| each == day).collect(),
        }
    }
}

impl DayRule {
    fn has(&self, date: NaiveDate) -> bool {
        match self {
            Self::OfMonth(days) => days.iter().any(|day| day.has(date)),
            Self::OfWeek(days) => days.iter().any(|day| day.has(date)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    /// The next times, as texts without what is always the same.
    fn next(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let cron = Cron::parse(expression).unwrap();
        let zone: Tz = zone.parse().unwrap();
        let mut now = at(after);
        (0..count)
            .map_while(|_| {
                now = cron.next(now, zone)?;
                Some(now.format("%Y-%m-%d %H:%M").to_string())
            })
            .collect()
    }

    #[test]
    fn schedules_are_cron_with_six_fields() {
        for good in [
            "cron(15 12 * * ? *)",
            "cron(0/10 8-17 ? * MON-FRI *)",
            "cron(0 0 1,15 JAN,JUL ? 2025-2030)",
            "cron(0 8 L * ? *)",
            "cron(0 8 ? * 6#3 *)",
            "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
            "cron(0 8 LW,15W * ? *)",
        ] {
            assert!(Cron::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "rate(1 day)",
            "cron(* * * * *)",
            "cron(60 12 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 0 * * * *)",
            "cron(0 0 ? * ? *)",
            "cron(0/0 0 * * ? *)",
            "cron(0 0 ? * XYZ *)",
            "cron(0 0 ? * 6#6 *)",
            "cron(0 0 32W * ? *)",
            "0 0 * * ? *",
        ] {
            assert_eq!(Cron::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn each_field_is_kept() {
        let monday = "2026-06-01T10:07:30Z";
        assert_eq!(
            next("cron(0/20 10-11 * * ? *)", "UTC", monday, 4),
            [
                "2026-06-01 10:20",
                "2026-06-01 10:40",
                "2026-06-01 11:00",
                "2026-06-01 11:20"
            ]
        );
        assert_eq!(
            next("cron(0 9 ? * MON-FRI *)", "UTC", monday, 5),
            [
                "2026-06-02 09:00",
                "2026-06-03 09:00",
                "2026-06-04 09:00",
                "2026-06-05 09:00",
                "2026-06-08 09:00"
            ]
        );
        assert_eq!(
            next("cron(0 0 1 JAN,JUL ? 2026-2027)", "UTC", monday, 9),
            ["2026-07-01 00:00", "2027-01-01 00:00", "2027-07-01 00:00"]
        );
    }

    #[test]
    fn the_last_the_nearest_and_the_nth_day_are_found() {
        let start = "2026-01-01T00:00:00Z";
        assert_eq!(
            next("cron(0 8 L * ? *)", "UTC", start, 2),
            ["2026-01-31 08:00", "2026-02-28 08:00"]
        );
        // 31 January 2026 is a Saturday.
        assert_eq!(
            next("cron(0 8 LW * ? *)", "UTC", start, 2),
            ["2026-01-30 08:00", "2026-02-27 08:00"]
        );
        // 1 February is a Sunday, and its nearest weekday is not in January.
        assert_eq!(
            next("cron(0 8 1W 2 ? *)", "UTC", start, 1),
            ["2026-02-02 08:00"]
        );
        assert_eq!(
            next("cron(0 8 ? * 6#3 *)", "UTC", start, 2),
            ["2026-01-16 08:00", "2026-02-20 08:00"]
        );
        assert_eq!(
            next("cron(0 8 ? * 6L *)", "UTC", start, 2),
            ["2026-01-30 08:00", "2026-02-27 08:00"]
        );
        assert_eq!(
            next("cron(0 8 ? * FRI-MON *)", "UTC", start, 5)[..4],
            [
                "2026-01-02 08:00",
                "2026-01-03 08:00",
                "2026-01-04 08:00",
                "2026-01-05 08:00"
            ]
        );
    }

    #[test]
    fn clocks_that_leap_skip_a_time_and_clocks_that_go_back_give_it_once() {
        // On 29 March 2026 there is no 02:30 in Berlin.
        assert_eq!(
            next(
                "cron(30 2 * * ? *)",
                "Europe/Berlin",
                "2026-03-28T00:00:00Z",
                2
            ),
            ["2026-03-28 01:30", "2026-03-30 00:30"]
        );
        // On 25 October 2026 it is 02:30 twice.
        assert_eq!(
            next(
                "cron(30 2 * * ? *)",
                "Europe/Berlin",
                "2026-10-24T12:00:00Z",
                2
            ),
            ["2026-10-25 00:30", "2026-10-26 01:30"]
        );
    }

    #[test]
    fn what_never_comes_again_has_no_next() {
        assert!(next("cron(0 0 30 2 ? *)", "UTC", "2026-01-01T00:00:00Z", 1).is_empty());
        assert!(next("cron(0 0 1 1 ? 2020)", "UTC", "2026-01-01T00:00:00Z", 1).is_empty());
    }
}
