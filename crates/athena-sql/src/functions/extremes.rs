//! `min` and `max`, `min_by` and `max_by`: of one value, or of as many as are asked for.

use std::cmp::Ordering;

use super::moving::{Moving, Numbered};
use super::{Aggregate, Function, aggregate_of, invalid_argument};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        aggregate_of("min(E:orderable) -> E", |_, rows| Ok(extreme(rows, false)))
            .reduced_by(|rows| keep_first(rows, 0, false)),
        aggregate_of("max(E:orderable) -> E", |_, rows| Ok(extreme(rows, true)))
            .reduced_by(|rows| keep_first(rows, 0, true)),
        aggregate_of("min(E:orderable, bigint) -> array(E)", |_, rows| {
            extremes(rows, 0, 1, false)
        })
        .reduced_by(|rows| keep_several(rows, 0, 1, false))
        .in_frames(|| Extremes::boxed(0, Value::order)),
        aggregate_of("max(E:orderable, bigint) -> array(E)", |_, rows| {
            extremes(rows, 0, 1, true)
        })
        .reduced_by(|rows| keep_several(rows, 0, 1, true))
        .in_frames(|| Extremes::boxed(0, greatest_first)),
        aggregate_of("min_by(V, K:orderable) -> V", |_, rows| {
            Ok(extreme_by(rows, false))
        })
        .called_on_null()
        .reduced_by(|rows| keep_first(rows, 1, false)),
        aggregate_of("max_by(V, K:orderable) -> V", |_, rows| {
            Ok(extreme_by(rows, true))
        })
        .called_on_null()
        .reduced_by(|rows| keep_first(rows, 1, true)),
        aggregate_of("min_by(V, K:orderable, bigint) -> array(V)", |_, rows| {
            extremes_by(rows, false)
        })
        .called_on_null()
        .reduced_by(|rows| keep_several(rows, 1, 2, false))
        .in_frames(|| Extremes::boxed(1, Value::order)),
        aggregate_of("max_by(V, K:orderable, bigint) -> array(V)", |_, rows| {
            extremes_by(rows, true)
        })
        .called_on_null()
        .reduced_by(|rows| keep_several(rows, 1, 2, true))
        .in_frames(|| Extremes::boxed(1, greatest_first)),
    ]
}

/// Which of two values comes first where the greatest, or the least, is wanted; NaN is neither.
fn before(a: &Value, b: &Value, greatest: bool) -> Ordering {
    if greatest {
        greatest_first(a, b)
    } else {
        a.order(b)
    }
}

fn greatest_first(a: &Value, b: &Value) -> Ordering {
    b.order_nan_first(a)
}

fn extreme(rows: &[Vec<Value>], greatest: bool) -> Value {
    rows.iter()
        .map(|r| &r[0])
        .reduce(|best, v| {
            if before(v, best, greatest).is_lt() {
                v
            } else {
                best
            }
        })
        .cloned()
        .unwrap_or(Value::Null)
}

fn limit(rows: &[Vec<Value>], at: usize) -> Result<usize, Error> {
    wanted(rows.first().map_or(&Value::Null, |row| &row[at]))
}

/// How many values are asked for.
fn wanted(count: &Value) -> Result<usize, Error> {
    let n = count.as_i64();
    if n <= 0 || n > 10_000 {
        return Err(invalid_argument(format!(
            "third argument of max_by/min_by must be a positive integer of at most 10000: {n}"
        )));
    }
    Ok(n as usize)
}

fn extremes(
    rows: &[Vec<Value>],
    value: usize,
    count: usize,
    greatest: bool,
) -> Result<Value, Error> {
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    let n = limit(rows, count)?;
    let mut values: Vec<Value> = rows.iter().map(|r| r[value].clone()).collect();
    values.sort_by(|a, b| before(a, b, greatest));
    values.truncate(n);
    Ok(Value::array(values))
}

fn by_key(rows: &[Vec<Value>], greatest: bool) -> Vec<&Vec<Value>> {
    let mut sorted: Vec<_> = rows.iter().filter(|r| !r[1].is_null()).collect();
    sorted.sort_by(|a, b| before(&a[1], &b[1], greatest));
    sorted
}

fn extreme_by(rows: &[Vec<Value>], greatest: bool) -> Value {
    by_key(rows, greatest)
        .first()
        .map_or(Value::Null, |r| r[0].clone())
}

fn extremes_by(rows: &[Vec<Value>], greatest: bool) -> Result<Value, Error> {
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    let n = limit(rows, 2)?;
    Ok(Value::array(
        by_key(rows, greatest)
            .into_iter()
            .take(n)
            .map(|r| r[0].clone())
            .collect(),
    ))
}

/// Leaves the row of the greatest, or the least, at a place, the first of equal ones.
fn keep_first(rows: &mut Vec<Vec<Value>>, at: usize, greatest: bool) {
    let best = std::mem::take(rows)
        .into_iter()
        .filter(|row| !row[at].is_null())
        .reduce(|best, row| {
            if before(&row[at], &best[at], greatest).is_lt() {
                row
            } else {
                best
            }
        });
    rows.extend(best);
}

/// Leaves the rows of the greatest, or the least, at a place: as many as is said at another one.
/// Where the rows do not agree on that, or it is none, all are left.
fn keep_several(rows: &mut Vec<Vec<Value>>, at: usize, count: usize, greatest: bool) {
    let Some(first) = rows.first() else {
        return;
    };
    let is_open = |row: &Vec<Value>| !row[count].same(&first[count]);
    if rows.iter().any(is_open) {
        return;
    }
    let Ok(n) = limit(rows, count) else {
        return;
    };
    // NULL decides nothing, but there is a group.
    rows.sort_by(|a, b| {
        let nulls = a[at].is_null().cmp(&b[at].is_null());
        nulls.then_with(|| before(&a[at], &b[at], greatest))
    });
    rows.truncate(n);
}

/// Several extremes of frames that move on. The values themselves are what rows begin with.
#[derive(Debug)]
struct Extremes(Numbered);

impl Extremes {
    /// Where in a row its key is, and which key comes first.
    fn boxed(key: usize, order: fn(&Value, &Value) -> Ordering) -> Box<dyn Moving> {
        Box::new(Self(Numbered::new(key, order, |_| 1.0)))
    }
}

impl Moving for Extremes {
    fn push(&mut self, row: Vec<Value>) {
        self.0.push(row);
    }

    fn pop(&mut self, row: &[Value]) {
        self.0.pop(row);
    }

    fn value(&mut self, _: &Aggregate) -> Result<Value, Error> {
        let Some(count) = self.0.asked() else {
            return Ok(Value::Null);
        };
        let rows = self.0.rows().take(wanted(count)?);
        Ok(Value::array(rows.map(|row| row[0].clone()).collect()))
    }
}
