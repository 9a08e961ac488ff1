//! `approx_percentile`, which is exact here: of values, with weights, at one place or several.

use super::moving::{Moving, Numbered};
use super::{Aggregate, Function, aggregate_of, invalid_argument};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    let mut all = Vec::new();
    for kind in ["bigint", "double", "real"] {
        for weight in ["", "double, "] {
            let one = format!("approx_percentile({kind}, {weight}double) -> {kind}");
            let several =
                format!("approx_percentile({kind}, {weight}array(double)) -> array({kind})");
            for signature in [one, several] {
                all.push(aggregate_of(&signature, percentiles).in_frames(Percentiles::boxed));
            }
        }
    }
    all
}

/// Rows of a value, perhaps a weight, and the percentile or an array of them.
fn percentiles(_: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    let Some(first) = rows.first() else {
        return Ok(Value::Null);
    };
    let mut weighted = Vec::with_capacity(rows.len());
    for row in rows {
        let weight = weight_of(row).ok_or_else(no_weight)?;
        weighted.push((&row[0], weight));
    }
    weighted.sort_by(|a, b| a.0.order(b.0));
    let Some(wanted) = first.last() else {
        return Ok(Value::Null);
    };
    for_each_wanted(wanted, |wanted| percentile(&weighted, wanted))
}

/// Of one part, or of each in an array of them.
fn for_each_wanted(
    wanted: &Value,
    percentile: impl Fn(&Value) -> Result<Value, Error>,
) -> Result<Value, Error> {
    match wanted {
        Value::Array(wanted) => wanted
            .iter()
            .map(percentile)
            .collect::<Result<_, _>>()
            .map(Value::array),
        wanted => percentile(wanted),
    }
}

/// The weight of a row, unless it has one that is none.
fn weight_of(row: &[Value]) -> Option<f64> {
    let weight = match row {
        [_, weight, _] => weight.as_f64(),
        _ => 1.0,
    };
    (weight > 0.0).then_some(weight)
}

fn no_weight() -> Error {
    invalid_argument("percentile weight must be > 0")
}

/// The part of the whole weight that is asked for.
fn part(wanted: &Value) -> Result<f64, Error> {
    let part = wanted.as_f64();
    if wanted.is_null() || !(0.0..=1.0).contains(&part) {
        return Err(invalid_argument("Percentile must be between 0 and 1"));
    }
    Ok(part)
}

/// The first of ordered values below which, with itself, lies that part of the whole weight.
fn percentile(weighted: &[(&Value, f64)], wanted: &Value) -> Result<Value, Error> {
    let part = part(wanted)?;
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

/// Percentiles of frames that move on.
#[derive(Debug)]
struct Percentiles {
    rows: Numbered,
    /// How many rows have a weight that is none.
    weightless: usize,
}

impl Percentiles {
    fn boxed() -> Box<dyn Moving> {
        let weigh = |(_, row): &(u64, Vec<Value>)| weight_of(row).unwrap_or(0.0);
        Box::new(Self {
            rows: Numbered::new(0, Value::order, weigh),
            weightless: 0,
        })
    }
}

impl Moving for Percentiles {
    fn push(&mut self, row: Vec<Value>) {
        self.weightless += usize::from(weight_of(&row).is_none());
        self.rows.push(row);
    }

    fn pop(&mut self, row: &[Value]) {
        self.weightless -= usize::from(weight_of(row).is_none());
        self.rows.pop(row);
    }

    fn value(&mut self, _: &Aggregate) -> Result<Value, Error> {
        let Some(wanted) = self.rows.asked() else {
            return Ok(Value::Null);
        };
        if self.weightless > 0 {
            return Err(no_weight());
        }
        let whole = self.rows.weight();
        for_each_wanted(wanted, |wanted| {
            let found = self.rows.reaching(whole * part(wanted)?);
            Ok(found.map_or(Value::Null, |row| row[0].clone()))
        })
    }
}
