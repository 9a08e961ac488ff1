//! When something runs: an expression of AWS, or words that stand for one.
//!
//! What is written is normalised when it is read, so that the rest of the program, and the
//! comparison with what is live, know AWS's expressions only.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::cron;
use words::{WORDS, Words};

mod words;

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
            "evry day at 03:00",
            "every day att 03:00",
            "Evry Weekdy at Midnigt",
            "on th last day at 03:00",
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
        every tuseday at 03:00: this is no schedule: did you mean `every tuesday at 03:00`?
        evry day at 03:00: this is no schedule: did you mean `every day at 03:00`?
        every day att 03:00: this is no schedule: did you mean `every day at 03:00`?
        Evry Weekdy at Midnigt: this is no schedule: did you mean `every weekday at midnight`?
        on th last day at 03:00: this is no schedule: did you mean `on the last day at 03:00`?
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
