//! `approx_most_frequent`, which is exact here.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::moving::Tally;
use super::{Aggregate, Function, aggregate_of, invalid_argument};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    ["varchar", "bigint"]
        .iter()
        .map(|kind| {
            let signature =
                format!("approx_most_frequent(bigint, {kind}, bigint) -> map({kind}, bigint)");
            aggregate_of(&signature, most_frequent).in_frames(|| Tally::boxed(1, most_frequent_of))
        })
        .collect()
}

/// Rows of how many values are wanted, a value, and how many the estimate may hold, which an exact
/// answer does not need. Gives the values with how often they are there, the most frequent first.
fn most_frequent(_: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    let Some(first) = rows.first() else {
        return Ok(Value::Null);
    };
    let mut counts: HashMap<&Value, i64> = HashMap::new();
    for row in rows {
        *counts.entry(&row[1]).or_default() += 1;
    }
    let entries: Vec<(Value, i64)> = super::aggregates::distinct(rows.iter().map(|r| &r[1]))
        .into_iter()
        .map(|value| {
            let count = counts.get(&value).copied().unwrap_or(0);
            (value, count)
        })
        .collect();
    leading(&first[0], entries)
}

fn most_frequent_of(tally: &Tally) -> Result<Value, Error> {
    let firsts = tally.firsts();
    let Some((first, _)) = firsts.first() else {
        return Ok(Value::Null);
    };
    let entries = firsts.iter();
    let entries = entries.map(|(row, count)| (row[1].clone(), *count));
    leading(&first[0], entries.collect())
}

/// As many as are wanted of values with their counts, the most frequent first.
fn leading(wanted: &Value, mut entries: Vec<(Value, i64)>) -> Result<Value, Error> {
    let wanted = wanted.as_i64();
    if wanted <= 1 {
        return Err(invalid_argument(format!(
            "approx_most_frequent bucket count must be greater than one, input bucket count: {wanted}"
        )));
    }
    entries.sort_by_key(|(_, count)| Reverse(*count));
    entries.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
    let entries = entries
        .into_iter()
        .map(|(value, count)| (value, Value::Integer(count)));
    Ok(Value::map(entries.collect()))
}
