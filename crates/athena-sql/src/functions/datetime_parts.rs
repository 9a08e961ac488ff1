//! Parts of dates, times and intervals: what EXTRACT gives.

use super::datetime::{days, local};
use super::{Function, ScalarFn, scalar};
use crate::error::Error;
use crate::types::Value;
use crate::types::calendar::{date_of, day_of_week, day_of_year, week_and_year};
use crate::types::zone::{DAY, MINUTE, SECOND};

pub fn functions() -> Vec<Function> {
    let of_date: &[(&str, ScalarFn)] = &[
        ("year", |_, a| part(date_of(days(&a[0])).0)),
        ("quarter", |_, a| part((date_of(days(&a[0])).1 - 1) / 3 + 1)),
        ("month", |_, a| part(date_of(days(&a[0])).1)),
        ("week", |_, a| part(week_and_year(days(&a[0])).0)),
        ("week_of_year", |_, a| part(week_and_year(days(&a[0])).0)),
        ("day", |_, a| part(date_of(days(&a[0])).2)),
        ("day_of_month", |_, a| part(date_of(days(&a[0])).2)),
        ("day_of_week", |_, a| part(day_of_week(days(&a[0])))),
        ("dow", |_, a| part(day_of_week(days(&a[0])))),
        ("day_of_year", |_, a| part(day_of_year(days(&a[0])))),
        ("doy", |_, a| part(day_of_year(days(&a[0])))),
        ("year_of_week", |_, a| part(week_and_year(days(&a[0])).1)),
        ("yow", |_, a| part(week_and_year(days(&a[0])).1)),
    ];
    let of_time: &[(&str, ScalarFn)] = &[
        ("hour", |_, a| part(clock(&a[0], 60 * MINUTE, 24))),
        ("minute", |_, a| part(clock(&a[0], MINUTE, 60))),
        ("second", |_, a| part(clock(&a[0], SECOND, 60))),
        ("millisecond", |_, a| {
            part(clock(&a[0], SECOND / 1000, 1000))
        }),
    ];
    let of_zone: &[(&str, ScalarFn)] = &[
        ("timezone_hour", |_, a| part(offset(&a[0]) / 60)),
        ("timezone_minute", |_, a| part(offset(&a[0]) % 60)),
    ];
    let of_days: &[(&str, ScalarFn)] = &[
        ("day", |_, a| part(a[0].as_i64() / 86_400_000)),
        ("hour", |_, a| part(a[0].as_i64() / 3_600_000 % 24)),
        ("minute", |_, a| part(a[0].as_i64() / 60_000 % 60)),
        ("second", |_, a| part(a[0].as_i64() / 1000 % 60)),
        ("millisecond", |_, a| part(a[0].as_i64() % 1000)),
    ];
    let of_months: &[(&str, ScalarFn)] = &[
        ("year", |_, a| part(a[0].as_i64() / 12)),
        ("month", |_, a| part(a[0].as_i64() % 12)),
    ];
    let groups: [(&[(&str, ScalarFn)], &[&str]); 5] = [
        (of_date, &["date", "timestamp", "timestamp with time zone"]),
        (
            of_time,
            &[
                "time",
                "time with time zone",
                "timestamp",
                "timestamp with time zone",
            ],
        ),
        (
            of_zone,
            &["time with time zone", "timestamp with time zone"],
        ),
        (of_days, &["interval day to second"]),
        (of_months, &["interval year to month"]),
    ];
    let mut all = Vec::new();
    for (parts, kinds) in groups {
        for (name, body) in parts {
            for kind in kinds {
                all.push(scalar(&format!("{name}({kind}) -> bigint"), *body));
            }
        }
    }
    all
}

fn part(n: i64) -> Result<Value, Error> {
    Ok(Value::Integer(n))
}

fn clock(value: &Value, unit: i128, cycle: i128) -> i64 {
    (local(value).rem_euclid(DAY) / unit % cycle) as i64
}

/// Minutes east of Greenwich.
fn offset(value: &Value) -> i64 {
    match value {
        Value::TimeTz(_, minutes) => i64::from(*minutes),
        Value::TimestampTz(instant, zone) => zone.offset_at(instant.div_euclid(SECOND) as i64) / 60,
        _ => 0,
    }
}
