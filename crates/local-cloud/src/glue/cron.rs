//! The schedule expressions of crawlers: `cron(Minutes Hours Day-of-month Month Day-of-week Year)`.
//!
//! Source: AWS Glue developer guide, "Time-based schedules for jobs and crawlers".

use super::errors;
use crate::error::ServiceError;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// One of the six fields: what is allowed in it.
struct Field {
    low: u32,
    high: u32,
    names: &'static [&'static str],
    /// The letters and `#` that only this field has.
    day: Day,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Day {
    No,
    OfMonth,
    OfWeek,
}

const fn field(low: u32, high: u32, names: &'static [&'static str], day: Day) -> Field {
    Field {
        low,
        high,
        names,
        day,
    }
}

static FIELDS: [Field; 6] = [
    field(0, 59, &[], Day::No),
    field(0, 23, &[], Day::No),
    field(1, 31, &[], Day::OfMonth),
    field(1, 12, &MONTHS, Day::No),
    field(1, 7, &DAYS, Day::OfWeek),
    field(1970, 2199, &[], Day::No),
];

/// Fails for what is no schedule, in Glue's words.
pub(super) fn check(expression: &str) -> Result<(), ServiceError> {
    if is_valid(expression) {
        return Ok(());
    }
    Err(errors::invalid_input(format!(
        "Invalid schedule expression: {expression}. It has the form cron(Minutes Hours Day-of-month Month Day-of-week Year)."
    )))
}

fn is_valid(expression: &str) -> bool {
    let Some(inner) = expression
        .strip_prefix("cron(")
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return false;
    };
    let given: Vec<&str> = inner.split_whitespace().collect();
    // One of the two days is not specified.
    given.len() == FIELDS.len()
        && (given[2] == "?") != (given[4] == "?")
        && given.iter().zip(&FIELDS).all(|(text, f)| f.allows(text))
}

impl Field {
    fn allows(&self, text: &str) -> bool {
        if text == "?" {
            return self.day != Day::No;
        }
        text.split(',').all(|part| self.allows_part(part))
    }

    fn allows_part(&self, part: &str) -> bool {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        if step.is_some_and(|s| !s.parse::<u32>().is_ok_and(|n| n > 0)) {
            return false;
        }
        if range == "*" {
            return true;
        }
        if step.is_none() && self.allows_special(range) {
            return true;
        }
        match range.split_once('-') {
            Some((from, to)) => self.value(from).is_some() && self.value(to).is_some(),
            None => self.value(range).is_some(),
        }
    }

    /// `L` for the last, `3W` for the weekday nearest to the third, `6#3` for the third Friday.
    fn allows_special(&self, text: &str) -> bool {
        match self.day {
            Day::No => false,
            Day::OfMonth => {
                text == "L"
                    || text == "LW"
                    || text
                        .strip_suffix('W')
                        .is_some_and(|d| self.value(d).is_some())
            }
            Day::OfWeek => {
                text == "L"
                    || text
                        .strip_suffix('L')
                        .is_some_and(|d| self.value(d).is_some())
                    || text.split_once('#').is_some_and(|(day, n)| {
                        self.value(day).is_some() && matches!(n, "1" | "2" | "3" | "4" | "5")
                    })
            }
        }
    }

    fn value(&self, text: &str) -> Option<u32> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text));
        named
            .map(|i| self.low + i as u32)
            .or_else(|| text.parse().ok())
            .filter(|n| (self.low..=self.high).contains(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_cron_with_six_fields() {
        for good in [
            "cron(15 12 * * ? *)",
            "cron(0/10 8-17 ? * MON-FRI *)",
            "cron(0 0 1,15 JAN,JUL ? 2025-2030)",
            "cron(0 8 L * ? *)",
            "cron(0 8 ? * 6#3 *)",
        ] {
            assert!(is_valid(good), "{good}");
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
            "0 0 * * ? *",
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
