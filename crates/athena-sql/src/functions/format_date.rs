//! The parts of dates and times in `format`: `%tY`, `%1$tB`.

use super::datetime;
use super::datetime_format::{DAYS, MONTHS};
use crate::types::calendar::{date_of, day_of_week, day_of_year};
use crate::types::zone::{MINUTE, SECOND};
use crate::types::{Type, Value};

/// A part of a date or time: `%tY`, `%tB`.
pub fn date_part(part: char, value: &Value, data_type: &Type) -> Option<String> {
    let has_date = matches!(
        data_type,
        Type::Date | Type::Timestamp(_) | Type::TimestampTz(_)
    );
    let has_time = !matches!(data_type, Type::Date);
    if !has_date && !matches!(data_type, Type::Time(_)) {
        return None;
    }
    let days = if has_date { datetime::days(value) } else { 0 };
    let (year, month, day) = date_of(days);
    let of_day = datetime::local(value).rem_euclid(86_400 * SECOND);
    let (hour, minute) = (of_day / (60 * MINUTE), of_day / MINUTE % 60);
    let second = of_day / SECOND % 60;
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let month_name = *MONTHS.get(month as usize - 1)?;
    let day_name = *DAYS.get(day_of_week(days) as usize - 1)?;
    let date = |text: String| has_date.then_some(text);
    let time = |text: String| has_time.then_some(text);
    match part {
        'Y' => date(format!("{year:04}")),
        'y' => date(format!("{:02}", year.rem_euclid(100))),
        'C' => date(format!("{:02}", year / 100)),
        'B' => date(month_name.to_owned()),
        'b' | 'h' => date(month_name[..3].to_owned()),
        'm' => date(format!("{month:02}")),
        'd' => date(format!("{day:02}")),
        'e' => date(day.to_string()),
        'A' => date(day_name.to_owned()),
        'a' => date(day_name[..3].to_owned()),
        'j' => date(format!("{:03}", day_of_year(days))),
        'F' => date(format!("{year:04}-{month:02}-{day:02}")),
        'D' => date(format!("{month:02}/{day:02}/{:02}", year.rem_euclid(100))),
        'H' => time(format!("{hour:02}")),
        'k' => time(hour.to_string()),
        'I' => time(format!("{twelve:02}")),
        'l' => time(twelve.to_string()),
        'M' => time(format!("{minute:02}")),
        'S' => time(format!("{second:02}")),
        'L' => time(format!("{:03}", of_day % SECOND / 1_000_000_000)),
        'N' => time(format!("{:09}", of_day % SECOND / 1000)),
        'p' => time(if hour < 12 { "am" } else { "pm" }.to_owned()),
        'R' => time(format!("{hour:02}:{minute:02}")),
        'T' => time(format!("{hour:02}:{minute:02}:{second:02}")),
        'r' => {
            let half = if hour < 12 { "AM" } else { "PM" };
            time(format!("{twelve:02}:{minute:02}:{second:02} {half}"))
        }
        _ => None,
    }
}
