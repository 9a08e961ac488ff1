//! Arrays as sets, and what can be chosen from them.

use std::collections::HashSet;

use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::Value;

/// The largest choice and the most choices of combinations().
const MAX_COMBINATION: i64 = 5;
const MAX_COMBINATIONS: u128 = 100_000;

pub fn functions() -> Vec<Function> {
    vec![
        scalar("array_distinct(array(E:comparable)) -> array(E)", |_, a| {
            Ok(distinct(a[0].as_array().iter()))
        }),
        scalar(
            "array_union(array(E:comparable), array(E)) -> array(E)",
            |_, a| Ok(distinct(a[0].as_array().iter().chain(a[1].as_array()))),
        ),
        scalar(
            "array_intersect(array(E:comparable), array(E)) -> array(E)",
            |_, a| {
                let other: HashSet<&Value> = a[1].as_array().iter().collect();
                Ok(distinct(
                    a[0].as_array().iter().filter(|v| other.contains(v)),
                ))
            },
        ),
        scalar(
            "array_except(array(E:comparable), array(E)) -> array(E)",
            |_, a| {
                let other: HashSet<&Value> = a[1].as_array().iter().collect();
                Ok(distinct(
                    a[0].as_array().iter().filter(|v| !other.contains(v)),
                ))
            },
        ),
        scalar(
            "arrays_overlap(array(E:comparable), array(E)) -> boolean",
            |_, a| Ok(overlap(a[0].as_array(), a[1].as_array())),
        ),
        scalar("ngrams(array(T), bigint) -> array(array(T))", ngrams),
        scalar(
            "combinations(array(T), bigint) -> array(array(T))",
            combinations,
        ),
    ]
}

/// Each value once, in the order of their first coming.
fn distinct<'a>(values: impl Iterator<Item = &'a Value>) -> Value {
    let mut seen = HashSet::new();
    Value::array(values.filter(|v| seen.insert(*v)).cloned().collect())
}

/// NULL where they share nothing for sure, but one has a NULL.
fn overlap(left: &[Value], right: &[Value]) -> Value {
    if left.is_empty() || right.is_empty() {
        return Value::Boolean(false);
    }
    let present: HashSet<&Value> = left.iter().filter(|v| !v.is_null()).collect();
    if right.iter().any(|v| present.contains(v)) {
        Value::Boolean(true)
    } else if left.iter().chain(right).any(Value::is_null) {
        Value::Null
    } else {
        Value::Boolean(false)
    }
}

/// The runs of so many neighbours; all of them where there are fewer.
fn ngrams(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let values = a[0].as_array();
    let size = usize::try_from(a[1].as_i64())
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| invalid_argument("N must be positive"))?;
    if values.len() <= size {
        return Ok(Value::array(vec![a[0].clone()]));
    }
    Ok(Value::array(
        values
            .windows(size)
            .map(|w| Value::array(w.to_vec()))
            .collect(),
    ))
}

/// The choices of so many elements, ordered by their last place first.
fn combinations(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (values, size) = (a[0].as_array(), a[1].as_i64());
    if size < 0 {
        return Err(invalid_argument(format!(
            "combination size must not be negative: {size}"
        )));
    }
    if size > MAX_COMBINATION {
        return Err(invalid_argument(format!(
            "combination size must not exceed {MAX_COMBINATION}: {size}"
        )));
    }
    let size = size as usize;
    if size > values.len() {
        return Ok(Value::array(Vec::new()));
    }
    let count = (0..size as u128).fold(1, |n, i| n * (values.len() as u128 - i) / (i + 1));
    if count > MAX_COMBINATIONS {
        return Err(invalid_argument("combinations exceed max size"));
    }
    let mut places: Vec<usize> = (0..size).collect();
    let mut all = Vec::new();
    loop {
        all.push(Value::array(
            places.iter().map(|i| values[*i].clone()).collect(),
        ));
        // Move the first place that has room, and those before it back to the start.
        let room = |i: usize| places[i] + 1 < places.get(i + 1).copied().unwrap_or(values.len());
        let Some(moved) = (0..size).find(|i| room(*i)) else {
            break;
        };
        places[moved] += 1;
        for (i, place) in places[..moved].iter_mut().enumerate() {
            *place = i;
        }
    }
    Ok(Value::array(all))
}
