//! When something runs: an expression of AWS, or words that stand for one.
//!
//! What is written is normalised when it is read, so that the rest of the program, and the
//! comparison with what is live, know AWS's expressions only.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::super::diagnostic::nearest;
use super::cron;

/// Words that every schedule takes, for messages and references.
pub const WORDS: &str = "`every 15 minutes`, `every hour`, `every day at 03:00`, `every weekday at 06:30`, \
`every monday and thursday at 06:30`, `on the 1st at 02:00`, `on the last day at 23:00`";

/// When a crawler of Glue runs: its `cron(…)`, or words. Always in UTC.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct CronSchedule(String);

/// When a schedule of EventBridge Scheduler is due: `cron(…)`, `rate(…)`, `at(…)`, or words, in
/// the schedule's time zone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schedule(String);

macro_rules! schedule {
    ($name:ident, $format:literal, $read:path) => {
        impl $name {
            pub(super) const FORMAT: &str = $format;

            /// The expression that the service takes, whatever was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                $read(&text).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(schedule: $name) -> Self {
                schedule.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "format": $format })
            }
        }
    };
}

schedule!(CronSchedule, "cron", glue);
schedule!(Schedule, "schedule", scheduler);

pub(super) fn check_glue(text: &str) -> Result<(), String> {
    glue(text).map(drop)
}

pub(super) fn check_scheduler(text: &str) -> Result<(), String> {
    scheduler(text).map(drop)
}

/// Glue's expression. It knows no `rate`, and nothing more often than every five minutes:
/// <https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html>.
fn glue(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with("rate(") || text.starts_with("at(") {
        return Err(format!("a crawler runs by cron(…) or by words: {WORDS}"));
    }
    let expression = if text.starts_with("cron(") {
        cron::check(text)?;
        text.to_owned()
    } else {
        let words = Words::read(text)?;
        words.cron().ok_or_else(|| words.why_no_cron())?
    };
    match cron::minutes_between(&expression) {
        Some(minutes) if minutes < 5 => {
            Err("Glue runs a crawler every 5 minutes at most".to_owned())
        }
        _ => Ok(expression),
    }
}

/// EventBridge Scheduler's expression:
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>.
fn scheduler(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with("cron(") {
        cron::check(text)?;
    } else if text.starts_with("rate(") {
        check_rate(text)?;
    } else if text.starts_with("at(") {
        check_at(text)?;
    } else {
        let words = Words::read(text)?;
        return Ok(words.cron().unwrap_or_else(|| words.rate()));
    }
    Ok(text.to_owned())
}

fn check_rate(text: &str) -> Result<(), String> {
    static RATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^rate\([1-9][0-9]{0,8} (minutes?|hours?|days?)\)$")
            .expect("the pattern is a constant")
    });
    RATE.is_match(text).then_some(()).ok_or_else(|| {
        "a rate is written rate(NUMBER UNIT), as in rate(5 minutes): minutes, hours or days"
            .to_owned()
    })
}

fn check_at(text: &str) -> Result<(), String> {
    let moment = text.strip_prefix("at(").and_then(|t| t.strip_suffix(')'));
    moment
        .is_some_and(|moment| {
            chrono::NaiveDateTime::parse_from_str(moment, "%Y-%m-%dT%H:%M:%S").is_ok()
        })
        .then_some(())
        .ok_or_else(|| {
            "a single moment is written at(YYYY-MM-DDTHH:MM:SS), as in at(2030-01-31T06:00:00)"
                .to_owned()
        })
}

/// A schedule in words.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Words {
    /// Every so many minutes, hours or days.
    Every { count: u32, unit: Unit },
    /// On these days of the week, as cron writes them, at a time.
    Week { days: String, at: Time },
    /// On these days of the month, as cron writes them, at a time.
    Month { days: String, at: Time },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minutes,
    Hours,
    Days,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Time {
    hour: u32,
    minute: u32,
}

const WEEK: [(&str, &str); 7] = [
    ("monday", "MON"),
    ("tuesday", "TUE"),
    ("wednesday", "WED"),
    ("thursday", "THU"),
    ("friday", "FRI"),
    ("saturday", "SAT"),
    ("sunday", "SUN"),
];

impl Words {
    fn read(text: &str) -> Result<Self, String> {
        let lower = text.to_lowercase().replace(',', " and ");
        let words: Vec<&str> = lower.split_whitespace().collect();
        let (days, at) = match words.iter().position(|word| *word == "at") {
            Some(at) => (&words[..at], Some(Time::read(&words[at + 1..])?)),
            None => (words.as_slice(), None),
        };
        match days {
            ["every", rest @ ..] if !rest.is_empty() => Self::every(rest, at),
            ["daily"] => Self::every(&["day"], at),
            ["hourly"] => Self::every(&["hour"], at),
            ["on", "the", rest @ ..] => Self::month(rest, need(at, text)?),
            _ => Err(format!(
                "this is no schedule: write cron(…), or words such as {WORDS}"
            )),
        }
    }

    fn every(words: &[&str], at: Option<Time>) -> Result<Self, String> {
        let whole = || format!("every {}", words.join(" "));
        let unit = |word: &str| match word {
            "minute" | "minutes" => Some(Unit::Minutes),
            "hour" | "hours" => Some(Unit::Hours),
            "day" | "days" => Some(Unit::Days),
            _ => None,
        };
        let interval = match words {
            [one] => unit(one).map(|unit| (1, unit)),
            [count, many] => match (count.parse::<u32>(), unit(many)) {
                (Ok(0), Some(_)) => return Err("every 0 is never".to_owned()),
                (Ok(count), Some(unit)) if count <= 9_999 => Some((count, unit)),
                _ => None,
            },
            _ => None,
        };
        match interval {
            Some((1, Unit::Days)) => Ok(Self::Week {
                days: "*".to_owned(),
                at: need(at, &whole())?,
            }),
            Some((count, unit)) => match at {
                None => Ok(Self::Every { count, unit }),
                Some(_) => Err(format!("`{}` takes no time of the day", whole())),
            },
            None => Ok(Self::Week {
                days: week(words)?,
                at: need(at, &whole())?,
            }),
        }
    }

    fn month(words: &[&str], at: Time) -> Result<Self, String> {
        let words = match words {
            [days @ .., "of", "every" | "each" | "the", "month"] => days,
            days => days,
        };
        let mut days = Vec::new();
        for word in words
            .iter()
            .filter(|word| **word != "and" && **word != "day")
        {
            if *word == "last" {
                days.push("L".to_owned());
                continue;
            }
            let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let ending = &word[digits.len()..];
            match digits.parse::<u32>() {
                Ok(day)
                    if (1..=31).contains(&day)
                        && matches!(ending, "" | "st" | "nd" | "rd" | "th") =>
                {
                    days.push(day.to_string());
                }
                _ => {
                    return Err(format!(
                        "`{word}` is no day of the month: write 1st to 31st, or `last day`"
                    ));
                }
            }
        }
        if days.len() > 1 && days.iter().any(|day| day == "L") {
            return Err("the last day of the month cannot be named beside others".to_owned());
        }
        if days.is_empty() {
            return Err("on which day of the month? Write 1st to 31st, or `last day`".to_owned());
        }
        Ok(Self::Month {
            days: days.join(","),
            at,
        })
    }

    /// The expression, if cron can say it.
    fn cron(&self) -> Option<String> {
        match self {
            Self::Every {
                count: 1,
                unit: Unit::Minutes,
            } => Some("cron(* * * * ? *)".to_owned()),
            Self::Every {
                count,
                unit: Unit::Minutes,
            } => (60 % count == 0).then(|| match count {
                60 => "cron(0 * * * ? *)".to_owned(),
                _ => format!("cron(0/{count} * * * ? *)"),
            }),
            Self::Every {
                count: 1,
                unit: Unit::Hours,
            } => Some("cron(0 * * * ? *)".to_owned()),
            Self::Every {
                count,
                unit: Unit::Hours,
            } => (24 % count == 0).then(|| match count {
                24 => "cron(0 0 * * ? *)".to_owned(),
                _ => format!("cron(0 0/{count} * * ? *)"),
            }),
            Self::Every {
                unit: Unit::Days, ..
            } => None,
            Self::Week { days, at } if days == "*" => {
                Some(format!("cron({} {} * * ? *)", at.minute, at.hour))
            }
            Self::Week { days, at } => {
                Some(format!("cron({} {} ? * {days} *)", at.minute, at.hour))
            }
            Self::Month { days, at } => {
                Some(format!("cron({} {} {days} * ? *)", at.minute, at.hour))
            }
        }
    }

    /// The expression that counts from the schedule's start, for what cron cannot say.
    fn rate(&self) -> String {
        let (count, unit) = match self {
            Self::Every { count, unit } => (*count, *unit),
            Self::Week { .. } | Self::Month { .. } => (1, Unit::Days),
        };
        let name = match unit {
            Unit::Minutes => "minute",
            Unit::Hours => "hour",
            Unit::Days => "day",
        };
        let plural = if count == 1 { "" } else { "s" };
        format!("rate({count} {name}{plural})")
    }

    fn why_no_cron(&self) -> String {
        let (span, whole) = match self {
            Self::Every {
                unit: Unit::Minutes,
                ..
            } => ("hour", 60),
            Self::Every {
                unit: Unit::Hours, ..
            } => ("day", 24),
            _ => {
                return "a crawler cannot run every so many days: name days of the week or of the month"
                    .to_owned();
            }
        };
        format!(
            "a crawler's schedule starts anew with every {span}: take a number that divides {whole}"
        )
    }
}

impl Time {
    fn read(words: &[&str]) -> Result<Self, String> {
        let wrong =
            || "a time is written HH:MM, as in 03:00; `noon` and `midnight` are known".to_owned();
        let text = match words {
            [text] | [text, "utc"] => *text,
            _ => return Err(wrong()),
        };
        match text {
            "noon" => {
                return Ok(Self {
                    hour: 12,
                    minute: 0,
                });
            }
            "midnight" => return Ok(Self { hour: 0, minute: 0 }),
            _ => {}
        }
        static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"^([01]?[0-9]|2[0-3]):([0-5][0-9])$").expect("the pattern is a constant")
        });
        let parts = CLOCK.captures(text).ok_or_else(wrong)?;
        let number = |part: &str| part.parse().map_err(|_| wrong());
        Ok(Self {
            hour: number(&parts[1])?,
            minute: number(&parts[2])?,
        })
    }
}

fn need(at: Option<Time>, text: &str) -> Result<Time, String> {
    at.ok_or_else(|| format!("at what time? Write `{} at 03:00`", text.trim()))
}

/// Days of the week as cron writes them.
fn week(words: &[&str]) -> Result<String, String> {
    match words {
        ["weekday" | "weekdays"] => return Ok("MON-FRI".to_owned()),
        ["weekend"] => return Ok("SAT,SUN".to_owned()),
        _ => {}
    }
    let mut days = Vec::new();
    for word in words.iter().filter(|word| **word != "and") {
        let singular = word.strip_suffix('s').unwrap_or(word);
        let day = WEEK.iter().find(|(name, short)| {
            singular == *name
                || *word == short.to_lowercase()
                || (*word == "tues" && *short == "TUE")
        });
        match day {
            Some((_, short)) => days.push(*short),
            None => {
                let known = WEEK.iter().map(|(name, _)| *name);
                let known = known.chain(["day", "hour", "minute", "weekday", "weekend"]);
                return Err(match nearest(word, known) {
                    Some(near) => format!("`{word}` is no day: did you mean `{near}`?"),
                    None => format!("`{word}` is no day or time span: write words such as {WORDS}"),
                });
            }
        }
    }
    if days.is_empty() {
        return Err(format!("every what? Write words such as {WORDS}"));
    }
    Ok(days.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_the_expression_that_each_service_takes() {
        let both = |text: &str| {
            let glue = glue(text).unwrap_or_else(|e| format!("! {e}"));
            let scheduler = scheduler(text).unwrap_or_else(|e| format!("! {e}"));
            if glue == scheduler {
                format!("{text}: {glue}")
            } else {
                format!("{text}: {glue} | {scheduler}")
            }
        };
        let lines: Vec<String> = [
            "every day at 03:00",
            "daily at noon",
            "every hour",
            "every minute",
            "every 15 minutes",
            "every 45 minutes",
            "every 6 hours",
            "every 7 hours",
            "every 2 days",
            "Every Monday at 06:30",
            "every monday, wednesday and fri at 6:30",
            "every weekday at midnight",
            "every weekend at 09:05",
            "on the 1st at 02:00",
            "on the 1st and 15th of every month at 02:00",
            "on the last day at 23:59",
            "cron(0/15 8-17 ? * MON-FRI *)",
            "rate(1 day)",
            "at(2030-01-31T06:00:00)",
        ]
        .into_iter()
        .map(both)
        .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        every day at 03:00: cron(0 3 * * ? *)
        daily at noon: cron(0 12 * * ? *)
        every hour: cron(0 * * * ? *)
        every minute: ! Glue runs a crawler every 5 minutes at most | cron(* * * * ? *)
        every 15 minutes: cron(0/15 * * * ? *)
        every 45 minutes: ! a crawler's schedule starts anew with every hour: take a number that divides 60 | rate(45 minutes)
        every 6 hours: cron(0 0/6 * * ? *)
        every 7 hours: ! a crawler's schedule starts anew with every day: take a number that divides 24 | rate(7 hours)
        every 2 days: ! a crawler cannot run every so many days: name days of the week or of the month | rate(2 days)
        Every Monday at 06:30: cron(30 6 ? * MON *)
        every monday, wednesday and fri at 6:30: cron(30 6 ? * MON,WED,FRI *)
        every weekday at midnight: cron(0 0 ? * MON-FRI *)
        every weekend at 09:05: cron(5 9 ? * SAT,SUN *)
        on the 1st at 02:00: cron(0 2 1 * ? *)
        on the 1st and 15th of every month at 02:00: cron(0 2 1,15 * ? *)
        on the last day at 23:59: cron(59 23 L * ? *)
        cron(0/15 8-17 ? * MON-FRI *): cron(0/15 8-17 ? * MON-FRI *)
        rate(1 day): ! a crawler runs by cron(…) or by words: `every 15 minutes`, `every hour`, `every day at 03:00`, `every weekday at 06:30`, `every monday and thursday at 06:30`, `on the 1st at 02:00`, `on the last day at 23:00` | rate(1 day)
        at(2030-01-31T06:00:00): ! a crawler runs by cron(…) or by words: `every 15 minutes`, `every hour`, `every day at 03:00`, `every weekday at 06:30`, `every monday and thursday at 06:30`, `on the 1st at 02:00`, `on the last day at 23:00` | at(2030-01-31T06:00:00)
        ");
    }

    #[test]
    fn what_is_no_schedule_says_what_is_wrong() {
        let lines: Vec<String> = [
            "every day",
            "every day at 3",
            "every day at 24:00",
            "every tuseday at 03:00",
            "every hour at 03:00",
            "every 0 minutes",
            "on the 32nd at 03:00",
            "on the at 03:00",
            "on the 1st and last day at 03:00",
            "nightly",
            "",
            "every",
            "rate(0 minutes)",
            "rate(5 weeks)",
            "at(2030-02-31T06:00:00)",
            "every 99999999999 minutes",
        ]
        .into_iter()
        .map(|text| format!("{text}: {}", scheduler(text).expect_err(text)))
        .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        every day: at what time? Write `every day at 03:00`
        every day at 3: a time is written HH:MM, as in 03:00; `noon` and `midnight` are known
        every day at 24:00: a time is written HH:MM, as in 03:00; `noon` and `midnight` are known
        every tuseday at 03:00: `tuseday` is no day: did you mean `tuesday`?
        every hour at 03:00: `every hour` takes no time of the day
        every 0 minutes: every 0 is never
        on the 32nd at 03:00: `32nd` is no day of the month: write 1st to 31st, or `last day`
        on the at 03:00: on which day of the month? Write 1st to 31st, or `last day`
        on the 1st and last day at 03:00: the last day of the month cannot be named beside others
        nightly: this is no schedule: write cron(…), or words such as `every 15 minutes`, `every hour`, `every day at 03:00`, `every weekday at 06:30`, `every monday and thursday at 06:30`, `on the 1st at 02:00`, `on the last day at 23:00`
        : this is no schedule: write cron(…), or words such as `every 15 minutes`, `every hour`, `every day at 03:00`, `every weekday at 06:30`, `every monday and thursday at 06:30`, `on the 1st at 02:00`, `on the last day at 23:00`
        every: this is no schedule: write cron(…), or words such as `every 15 minutes`, `every hour`, `every day at 03:00`, `every weekday at 06:30`, `every monday and thursday at 06:30`, `on the 1st at 02:00`, `on the last day at 23:00`
        rate(0 minutes): a rate is written rate(NUMBER UNIT), as in rate(5 minutes): minutes, hours or days
        rate(5 weeks): a rate is written rate(NUMBER UNIT), as in rate(5 minutes): minutes, hours or days
        at(2030-02-31T06:00:00): a single moment is written at(YYYY-MM-DDTHH:MM:SS), as in at(2030-01-31T06:00:00)
        every 99999999999 minutes: `99999999999` is no day or time span: write words such as `every 15 minutes`, `every hour`, `every day at 03:00`, `every weekday at 06:30`, `every monday and thursday at 06:30`, `on the 1st at 02:00`, `on the last day at 23:00`
        ");
    }

    #[test]
    fn a_crawler_is_not_run_more_often_than_glue_allows() {
        for often in [
            "cron(* 3 * * ? *)",
            "cron(0/4 * * * ? *)",
            "cron(10-12 3 * * ? *)",
        ] {
            assert!(glue(often).is_err(), "{often}");
        }
        for fits in [
            "cron(0/5 * * * ? *)",
            "cron(0,30 3 * * ? *)",
            "cron(7 3 * * ? *)",
        ] {
            assert_eq!(glue(fits).as_deref(), Ok(fits));
        }
    }
}
