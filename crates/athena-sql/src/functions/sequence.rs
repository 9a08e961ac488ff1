//! sequence: arrays of evenly spaced numbers, dates and times.

use super::datetime::{plus_months, plus_picos};
use super::{Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::zone::DAY;
use crate::types::{Type, Value};

const MAX_ENTRIES: usize = 10_000;
const MILLISECOND: i128 = 1_000_000_000;

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("sequence(bigint, bigint) -> array(bigint)", |_, a| {
            let step = if a[0].as_i64() <= a[1].as_i64() {
                1
            } else {
                -1
            };
            numbers(a[0].as_i64(), a[1].as_i64(), step)
        }),
        scalar(
            "sequence(bigint, bigint, bigint) -> array(bigint)",
            |_, a| numbers(a[0].as_i64(), a[1].as_i64(), a[2].as_i64()),
        ),
        scalar("sequence(date, date) -> array(date)", |_, a| {
            let step = if a[0].as_i64() <= a[1].as_i64() {
                1
            } else {
                -1
            };
            spaced(&a[0], &a[1], step, |n| {
                plus_picos(&a[0], i128::from(n * step) * DAY)
            })
        }),
        scalar(
            "sequence(date, date, interval day to second) -> array(date)",
            |_, a| {
                let step = i128::from(a[2].as_i64()) * MILLISECOND;
                if step % DAY != 0 {
                    return Err(invalid_argument(
                        "sequence step must be a day interval if start and end values are dates",
                    ));
                }
                spaced(&a[0], &a[1], a[2].as_i64(), |n| {
                    plus_picos(&a[0], i128::from(n) * step)
                })
            },
        ),
    ];
    for kind in ["date", "timestamp"] {
        all.push(
            scalar(
                &format!("sequence({kind}, {kind}, interval year to month) -> array({kind})"),
                |_, a| {
                    let step = a[2].as_i64();
                    spaced(&a[0], &a[1], step, |n| plus_months(&a[0], n * step))
                },
            )
            .returns(array_of_first),
        );
    }
    all.push(
        scalar(
            "sequence(timestamp, timestamp, interval day to second) -> array(timestamp)",
            |_, a| {
                let step = a[2].as_i64();
                spaced(&a[0], &a[1], step, |n| {
                    plus_picos(&a[0], i128::from(n) * i128::from(step) * MILLISECOND)
                })
            },
        )
        .returns(array_of_first),
    );
    all
}

fn array_of_first(types: &[Type]) -> Type {
    Type::array(types.first().cloned().unwrap_or(Type::Unknown))
}

fn numbers(start: i64, stop: i64, step: i64) -> Result<Value, Error> {
    let stop = Value::Integer(stop);
    spaced(&Value::Integer(start), &stop, step, |n| {
        let next = i128::from(start) + i128::from(n) * i128::from(step);
        // What leaves the type is beyond any stop.
        let next = next.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        Ok(Value::Integer(next))
    })
}

/// The values from one to another, given how to get to number `n`.
fn spaced(
    start: &Value,
    stop: &Value,
    step: i64,
    at: impl Fn(i64) -> Result<Value, Error>,
) -> Result<Value, Error> {
    if step == 0 {
        return Err(invalid_argument("step must not be zero"));
    }
    let beyond = |value: &Value| {
        let order = value.order(stop);
        if step > 0 {
            order.is_gt()
        } else {
            order.is_lt()
        }
    };
    if beyond(start) {
        return Err(invalid_argument(
            "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start",
        ));
    }
    let mut values = vec![start.clone()];
    for n in 1.. {
        let value = at(n)?;
        let stuck = values.last() == Some(&value);
        if beyond(&value) || stuck {
            break;
        }
        if values.len() == MAX_ENTRIES {
            return Err(invalid_argument(
                "result of sequence function must not have more than 10000 entries",
            ));
        }
        values.push(value);
    }
    Ok(Value::array(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_stops_at_the_end_of_its_type() {
        let values = numbers(i64::MAX - 1, i64::MAX, 1).expect("a sequence");
        assert_eq!(values.as_array().len(), 2);
    }

    #[test]
    fn too_long_a_sequence_is_refused() {
        assert!(numbers(1, 10_000, 1).is_ok());
        assert!(numbers(1, 10_001, 1).is_err());
        assert!(numbers(1, 2, 0).is_err());
        assert!(numbers(1, 2, -1).is_err());
    }
}
