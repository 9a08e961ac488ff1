//! Between dates, times and timestamps. The session's zone is UTC.

use crate::error::{Error, invalid_cast};
use crate::types::calendar::round_to;
use crate::types::zone::{DAY, MINUTE, SECOND, Zone};
use crate::types::{Type, Value};

pub fn is_temporal(data_type: &Type) -> bool {
    matches!(
        data_type,
        Type::Date | Type::Time(_) | Type::TimeTz(_) | Type::Timestamp(_) | Type::TimestampTz(_)
    )
}

pub fn convert(value: &Value, to: &Type) -> Result<Value, Error> {
    Ok(match (value, to) {
        (Value::Date(days), Type::Timestamp(_)) => Value::Timestamp(i128::from(*days) * DAY),
        (Value::Date(days), Type::TimestampTz(_)) => {
            Value::TimestampTz(i128::from(*days) * DAY, Zone::UTC)
        }
        (Value::Time(picos), Type::Time(p)) => Value::Time(time_of_day(i128::from(*picos), *p)),
        (Value::Time(picos), Type::TimeTz(p)) => {
            Value::TimeTz(time_of_day(i128::from(*picos), *p), 0)
        }
        (Value::TimeTz(picos, _), Type::Time(p)) => {
            Value::Time(time_of_day(i128::from(*picos), *p))
        }
        (Value::TimeTz(picos, minutes), Type::TimeTz(p)) => {
            Value::TimeTz(time_of_day(i128::from(*picos), *p), *minutes)
        }
        (Value::Time(picos), Type::Timestamp(p)) => {
            Value::Timestamp(round_to(today() + i128::from(*picos), *p))
        }
        (Value::Time(picos), Type::TimestampTz(p)) => {
            Value::TimestampTz(round_to(today() + i128::from(*picos), *p), Zone::UTC)
        }
        (Value::TimeTz(picos, _), Type::Timestamp(p)) => {
            Value::Timestamp(round_to(today() + i128::from(*picos), *p))
        }
        (Value::TimeTz(picos, minutes), Type::TimestampTz(p)) => {
            let instant = today() + i128::from(*picos) - i128::from(*minutes) * MINUTE;
            Value::TimestampTz(round_to(instant, *p), Zone::Offset(*minutes))
        }
        (Value::Timestamp(picos), Type::Date) => date(*picos)?,
        (Value::Timestamp(picos), Type::Time(p)) => Value::Time(time_of_day(*picos, *p)),
        (Value::Timestamp(picos), Type::TimeTz(p)) => Value::TimeTz(time_of_day(*picos, *p), 0),
        (Value::Timestamp(picos), Type::Timestamp(p)) => Value::Timestamp(round_to(*picos, *p)),
        (Value::Timestamp(picos), Type::TimestampTz(p)) => {
            Value::TimestampTz(round_to(*picos, *p), Zone::UTC)
        }
        (Value::TimestampTz(instant, zone), _) => {
            let local = zone.to_local(*instant);
            match to {
                Type::Date => date(local)?,
                Type::Time(p) => Value::Time(time_of_day(local, *p)),
                Type::TimeTz(p) => {
                    let seconds = instant.div_euclid(SECOND) as i64;
                    let minutes = (zone.offset_at(seconds) / 60) as i16;
                    Value::TimeTz(time_of_day(local, *p), minutes)
                }
                Type::Timestamp(p) => Value::Timestamp(round_to(local, *p)),
                Type::TimestampTz(p) => Value::TimestampTz(round_to(*instant, *p), *zone),
                _ => return Err(invalid_cast(format!("Cannot cast to {to}"))),
            }
        }
        _ => return Err(invalid_cast(format!("Cannot cast to {to}"))),
    })
}

fn time_of_day(picos: i128, precision: u8) -> i64 {
    round_to(picos.rem_euclid(DAY), precision).rem_euclid(DAY) as i64
}

fn date(local: i128) -> Result<Value, Error> {
    i32::try_from(local.div_euclid(DAY))
        .map(Value::Date)
        .map_err(|_| invalid_cast("date out of range"))
}

/// Midnight of the current day, which a time lacks.
fn today() -> i128 {
    i128::from(chrono::Utc::now().timestamp()).div_euclid(86_400) * DAY
}
