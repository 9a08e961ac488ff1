//! Functions that take lambdas.

use std::sync::{Arc, LazyLock};

use super::{Call, Function, Kind, Lambda, lambda};
use crate::ErrorKind;
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        lambda(
            "transform(array(T), function(T, U)) -> array(U)",
            |_, rows, f| each_element(rows, &f[0], |_, results| Ok(Value::array(results))),
        ),
        lambda(
            "filter(array(T), function(T, boolean)) -> array(T)",
            |_, rows, f| {
                each_element(rows, &f[0], |row, results| {
                    Ok(Value::array(kept(row[0].as_array(), &results)))
                })
            },
        ),
        lambda(
            "any_match(array(T), function(T, boolean)) -> boolean",
            |_, rows, f| each_element(rows, &f[0], |_, results| Ok(matched(&results, true, true))),
        ),
        lambda(
            "all_match(array(T), function(T, boolean)) -> boolean",
            |_, rows, f| {
                each_element(rows, &f[0], |_, results| {
                    Ok(matched(&results, false, false))
                })
            },
        ),
        lambda(
            "none_match(array(T), function(T, boolean)) -> boolean",
            |_, rows, f| each_element(rows, &f[0], |_, results| Ok(matched(&results, true, false))),
        ),
        lambda(
            "reduce(array(T), S, function(S, T, S), function(S, R)) -> R",
            reduce,
        )
        .called_on_null(),
        lambda(
            "zip_with(array(T), array(U), function(T, U, R)) -> array(R)",
            zip_with,
        ),
        lambda(
            "array_sort(array(T), function(T, T, integer)) -> array(T)",
            array_sort,
        ),
        lambda(
            "map_filter(map(K, V), function(K, V, boolean)) -> map(K, V)",
            |_, rows, f| {
                each_entry(rows, &f[0], |row, results| {
                    let kept = row[0]
                        .as_map()
                        .iter()
                        .zip(&results)
                        .filter(|(_, keep)| keep.as_bool())
                        .map(|(entry, _)| entry.clone());
                    Ok(Value::map(kept.collect()))
                })
            },
        ),
        lambda(
            "transform_values(map(K, V1), function(K, V1, V2)) -> map(K, V2)",
            |_, rows, f| {
                each_entry(rows, &f[0], |row, results| {
                    let keys = row[0].as_map().iter().map(|(k, _)| k.clone());
                    Ok(Value::map(keys.zip(results).collect()))
                })
            },
        ),
        lambda(
            "transform_keys(map(K1, V), function(K1, V, K2)) -> map(K2, V)",
            |call, rows, f| {
                each_entry(rows, &f[0], |row, results| {
                    let values = row[0].as_map().iter().map(|(_, v)| v.clone());
                    super::map::unique_keys(results.into_iter().zip(values).collect(), call)
                })
            },
        ),
        lambda(
            "map_zip_with(map(K, V1), map(K, V2), function(K, V1, V2, V3)) -> map(K, V3)",
            map_zip_with,
        ),
    ]
}

/// Runs a lambda over the elements of all rows' first arrays at once.
fn each_element(
    rows: &[Vec<Value>],
    f: &Lambda,
    finish: impl Fn(&[Value], Vec<Value>) -> Result<Value, Error>,
) -> Result<Vec<Value>, Error> {
    let calls: Vec<(usize, Vec<Value>)> = rows
        .iter()
        .enumerate()
        .flat_map(|(i, row)| row[0].as_array().iter().map(move |v| (i, vec![v.clone()])))
        .collect();
    let mut results = f.call(&calls)?.into_iter();
    rows.iter()
        .map(|row| {
            finish(
                row,
                results.by_ref().take(row[0].as_array().len()).collect(),
            )
        })
        .collect()
}

/// Runs a lambda over the entries of all rows' first maps at once.
fn each_entry(
    rows: &[Vec<Value>],
    f: &Lambda,
    finish: impl Fn(&[Value], Vec<Value>) -> Result<Value, Error>,
) -> Result<Vec<Value>, Error> {
    let calls: Vec<(usize, Vec<Value>)> = rows
        .iter()
        .enumerate()
        .flat_map(|(i, row)| {
            let entries = row[0].as_map().iter();
            entries.map(move |(k, v)| (i, vec![k.clone(), v.clone()]))
        })
        .collect();
    let mut results = f.call(&calls)?.into_iter();
    rows.iter()
        .map(|row| finish(row, results.by_ref().take(row[0].as_map().len()).collect()))
        .collect()
}

fn kept(values: &[Value], keep: &[Value]) -> Vec<Value> {
    values
        .iter()
        .zip(keep)
        .filter(|(_, keep)| keep.as_bool())
        .map(|(v, _)| v.clone())
        .collect()
}

/// `found` where a result is `decisive`, NULL where one is open, else the opposite.
fn matched(results: &[Value], decisive: bool, found: bool) -> Value {
    let is = |r: &Value| matches!(r, Value::Boolean(b) if *b == decisive);
    if results.iter().any(is) {
        Value::Boolean(found)
    } else if results.iter().any(Value::is_null) {
        Value::Null
    } else {
        Value::Boolean(!found)
    }
}

/// Steps through all rows' arrays side by side.
fn reduce(_: &Call, rows: &[Vec<Value>], f: &[Lambda]) -> Result<Vec<Value>, Error> {
    let mut states: Vec<Value> = rows.iter().map(|row| row[1].clone()).collect();
    let longest = rows
        .iter()
        .map(|r| r[0].as_array().len())
        .max()
        .unwrap_or(0);
    for step in 0..longest {
        let calls: Vec<(usize, Vec<Value>)> = rows
            .iter()
            .enumerate()
            .filter_map(|(i, row)| {
                let element = row[0].as_array().get(step)?;
                Some((i, vec![states[i].clone(), element.clone()]))
            })
            .collect();
        for ((i, _), state) in calls.iter().zip(f[0].call(&calls)?) {
            states[*i] = state;
        }
    }
    let calls: Vec<(usize, Vec<Value>)> = states
        .into_iter()
        .enumerate()
        .map(|(i, state)| (i, vec![state]))
        .collect();
    let results = f[1].call(&calls)?;
    Ok(results
        .into_iter()
        .zip(rows)
        .map(|(result, row)| {
            if row[0].is_null() {
                Value::Null
            } else {
                result
            }
        })
        .collect())
}

fn zip_with(_: &Call, rows: &[Vec<Value>], f: &[Lambda]) -> Result<Vec<Value>, Error> {
    let length = |row: &[Value]| row[0].as_array().len().max(row[1].as_array().len());
    let at = |row: &[Value], which: usize, i: usize| {
        row[which].as_array().get(i).cloned().unwrap_or(Value::Null)
    };
    let calls: Vec<(usize, Vec<Value>)> = rows
        .iter()
        .enumerate()
        .flat_map(|(i, row)| (0..length(row)).map(move |j| (i, vec![at(row, 0, j), at(row, 1, j)])))
        .collect();
    let mut results = f[0].call(&calls)?.into_iter();
    Ok(rows
        .iter()
        .map(|row| Value::array(results.by_ref().take(length(row)).collect()))
        .collect())
}

/// Merge sort, as the comparator may say anything.
fn array_sort(_: &Call, rows: &[Vec<Value>], f: &[Lambda]) -> Result<Vec<Value>, Error> {
    rows.iter()
        .enumerate()
        .map(|(i, row)| {
            let mut sorted: Vec<Value> = Vec::new();
            for value in row[0].as_array() {
                let (mut low, mut high) = (0, sorted.len());
                while low < high {
                    let middle = usize::midpoint(low, high);
                    let order = f[0].call_one(i, vec![value.clone(), sorted[middle].clone()])?;
                    if order.as_i64() < 0 {
                        high = middle;
                    } else {
                        low = middle + 1;
                    }
                }
                sorted.insert(low, value.clone());
            }
            Ok(Value::array(sorted))
        })
        .collect()
}

fn map_zip_with(_: &Call, rows: &[Vec<Value>], f: &[Lambda]) -> Result<Vec<Value>, Error> {
    let find = |entries: &[(Value, Value)], key: &Value| {
        entries
            .iter()
            .find(|(k, _)| k.same(key))
            .map_or(Value::Null, |(_, v)| v.clone())
    };
    let keys: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| {
            let both = row[0].as_map().iter().chain(row[1].as_map());
            super::aggregates::distinct(both.map(|(k, _)| k))
        })
        .collect();
    let calls: Vec<(usize, Vec<Value>)> = rows
        .iter()
        .zip(&keys)
        .enumerate()
        .flat_map(|(i, (row, keys))| {
            keys.iter().map(move |key| {
                let (a, b) = (find(row[0].as_map(), key), find(row[1].as_map(), key));
                (i, vec![key.clone(), a, b])
            })
        })
        .collect();
    let mut results = f[0].call(&calls)?.into_iter();
    Ok(keys
        .into_iter()
        .map(|keys| Value::map(keys.into_iter().zip(results.by_ref()).collect()))
        .collect())
}

static TRY: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(
        Function::new(
            "try(T) -> R",
            Kind::Lambda(|_, rows, f| attempt(rows.len(), &f[0])),
        )
        .called_on_null(),
    )
});

/// `try(expression)`, whose argument comes as a lambda without parameters.
pub fn try_function() -> Arc<Function> {
    Arc::clone(&TRY)
}

/// All rows at once; only where one fails, row by row.
fn attempt(rows: usize, body: &Lambda) -> Result<Vec<Value>, Error> {
    let calls: Vec<(usize, Vec<Value>)> = (0..rows).map(|i| (i, Vec::new())).collect();
    match body.call(&calls) {
        Err(e) if e.kind == ErrorKind::User => (0..rows)
            .map(|i| match body.call_one(i, Vec::new()) {
                Err(e) if e.kind == ErrorKind::User => Ok(Value::Null),
                other => other,
            })
            .collect(),
        other => other,
    }
}
