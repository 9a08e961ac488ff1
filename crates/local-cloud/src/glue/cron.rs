//! The schedule expressions of crawlers.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;

use super::errors;
use crate::cron::Cron;
use crate::error::ServiceError;

/// "Cron expressions that lead to rates faster than 5 minutes are not supported": AWS Glue
/// developer guide, "Time-based schedules for jobs and crawlers".
const SHORTEST: i64 = 5;

/// How often in a day a schedule comes at most that is no faster.
const A_DAY: usize = 24 * 60 / SHORTEST as usize;

/// Fails for what is no schedule, in Glue's words.
pub(super) fn check(expression: &str) -> Result<(), ServiceError> {
    let Some(cron) = Cron::parse(expression) else {
        return Err(errors::invalid_input(format!(
            "Invalid schedule expression: {expression}. It has the form cron(Minutes Hours Day-of-month Month Day-of-week Year)."
        )));
    };
    if is_too_fast(&cron, Utc::now()) {
        return Err(errors::invalid_input(format!(
            "Invalid schedule expression: {expression}. Rates faster than {SHORTEST} minutes are not supported."
        )));
    }
    Ok(())
}

/// Whether two of the next times are closer than Glue allows. Days differ in nothing but in whether
/// they come, so those of a day tell of all, with the first of the next.
fn is_too_fast(cron: &Cron, now: DateTime<Utc>) -> bool {
    let mut last: Option<DateTime<Utc>> = None;
    let mut after = now;
    for _ in 0..=2 * A_DAY {
        let Some(next) = cron.next(after, Tz::UTC) else {
            return false;
        };
        if last.is_some_and(|last| next - last < Duration::minutes(SHORTEST)) {
            return true;
        }
        last = Some(next);
        after = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    #[test]
    fn a_schedule_comes_every_five_minutes_at_most() {
        for good in [
            "cron(0/5 * * * ? *)",
            "cron(0 3 * * ? *)",
            "cron(0,55 * * * ? *)",
            "cron(0 0 1 1 ? 2024)",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for wrong in [
            "cron(* * * * ? *)",
            "cron(0/2 3 * * ? *)",
            "cron(0,56 * * * ? *)",
            "cron(1,58 0,23 * * ? *)",
        ] {
            let error = check(wrong).unwrap_err();
            assert!(error.message.contains("faster than 5"), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        assert!(check("rate(1 day)").is_err());
        let now = Utc.timestamp_opt(0, 0).unwrap();
        let cron = Cron::parse("cron(0 0 1 1 ? 1980)").unwrap();
        assert!(!is_too_fast(&cron, now));
    }
}
