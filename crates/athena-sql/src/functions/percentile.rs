//! `approx_percentile`, which is exact here: of values, with weights, at one place or several.

use super::{Aggregate, Function, aggregate_of, invalid_argument};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    let mut all = Vec::new();
    for kind in ["bigint", "double", "real"] {
        for weight in ["", "double, "] {
            all.push(aggregate_of(
                &format!("approx_percentile({kind}, {weight}double) -> {kind}"),
                percentiles,
            ));
            all.push(aggregate_of(
                &format!("approx_percentile({kind}, {weight}array(double)) -> array({kind})"),
                percentiles,
            ));
        }
    }
    all
}

/// Rows of a value, perhaps a weight, and the percentile or an array of them.
fn percentiles(_: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    let Some(first) = rows.first() else {
        return Ok(Value::Null);
    };
    let place = first.len() - 1;
    let mut weighted = Vec::with_capacity(rows.len());
    for row in rows {
        let weight = if place == 2 { row[1].as_f64() } else { 1.0 };
        if weight <= 0.0 || weight.is_nan() {
            return Err(invalid_argument("percentile weight must be > 0"));
        }
        weighted.push((&row[0], weight));
    }
    weighted.sort_by(|a, b| a.0.order(b.0));
    match &first[place] {
        Value::Array(wanted) => wanted
            .iter()
            .map(|p| percentile(&weighted, p))
            .collect::<Result<_, _>>()
            .map(Value::array),
        wanted => percentile(&weighted, wanted),
    }
}

/// The first of ordered values below which, with itself, lies that part of the whole weight.
fn percentile(weighted: &[(&Value, f64)], wanted: &Value) -> Result<Value, Error> {
    let part = wanted.as_f64();
    if wanted.is_null() || !(0.0..=1.0).contains(&part) {
        return Err(invalid_argument("Percentile must be between 0 and 1"));
    }
    let whole: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    for (value, weight) in weighted {
        below += weight;
        if below >= whole * part {
            return Ok((*value).clone());
        }
    }
    Ok(weighted
        .last()
        .map_or(Value::Null, |(value, _)| (*value).clone()))
}
