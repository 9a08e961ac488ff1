//! Schedules in words: `every weekday at 06:30`.

use std::sync::LazyLock;

use regex::Regex;

use crate::stack::nearest;

/// Words that every schedule takes, for messages and references.
pub(super) const WORDS: &str = "`every 15 minutes`, `every hour`, `every day at 03:00`, `every weekday at 06:30`, \
`every monday and thursday at 06:30`, `on the 1st at 02:00`, `on the last day at 23:00`";

/// A schedule in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Words {
    /// Every so many minutes, hours or days.
    Every { count: u32, unit: Unit },
    /// On these days of the week, as cron writes them, at a time.
    Week { days: String, at: Time },
    /// On these days of the month, as cron writes them, at a time.
    Month { days: String, at: Time },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minutes,
    Hours,
    Days,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
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
    /// What the words say; of those that say nothing, what is wrong, or what was meant.
    pub fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|wrong| match meant(text) {
            Some(meant) => format!("this is no schedule: did you mean `{meant}`?"),
            None => wrong,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
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
    pub fn cron(&self) -> Option<String> {
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
    pub fn rate(&self) -> String {
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

    pub fn why_no_cron(&self) -> String {
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

/// The words that a schedule is made of, beside the days of the week.
const KNOWN: [&str; 23] = [
    "every", "daily", "hourly", "on", "the", "of", "each", "at", "and", "last", "day", "days",
    "hour", "hours", "minute", "minutes", "month", "weekday", "weekdays", "weekend", "noon",
    "midnight", "utc",
];

/// The schedule that a misspelt one was meant to be.
fn meant(text: &str) -> Option<String> {
    let lower = text.to_lowercase().replace(',', " and ");
    let week = || WEEK.iter().flat_map(|(name, short)| [*name, short]);
    let known = || KNOWN.into_iter().chain(WEEK.iter().map(|(name, _)| *name));
    let is_known = |word: &str| known().chain(week()).any(|k| k.eq_ignore_ascii_case(word));
    let words: Vec<&str> = lower
        .split_whitespace()
        .map(|word| {
            let is_number = word.starts_with(|c: char| c.is_ascii_digit());
            if is_number || is_known(word) {
                return word;
            }
            nearest(word, known()).unwrap_or(word)
        })
        .collect();
    let meant = words.join(" ");
    Words::parse(&meant).is_ok().then_some(meant)
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
                return Err(format!(
                    "`{word}` is no day or time span: write words such as {WORDS}"
                ));
            }
        }
    }
    if days.is_empty() {
        return Err(format!("every what? Write words such as {WORDS}"));
    }
    Ok(days.join(","))
}
