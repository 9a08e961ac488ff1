//! Aggregate and window functions.

use std::collections::{HashMap, HashSet};

use super::moving::{Folded, Merge as _, Sum, Tally, Total, merged};
use super::{Aggregate, Function, Kind, aggregate_of, out_of_range};
use crate::error::Error;
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    let window = |signature: &str| Function::new(signature, Kind::Window);
    vec![
        aggregate_of("count(T) -> bigint", |_, rows| {
            Ok(Value::Integer(rows.len() as i64))
        }),
        aggregate_of("count_if(boolean) -> bigint", |_, rows| {
            let true_rows = rows.iter().filter(|r| r[0].as_bool()).count();
            Ok(Value::Integer(true_rows as i64))
        }),
        aggregate_of("sum(bigint) -> bigint", sum_integers),
        aggregate_of("sum(real) -> real", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::Real(rows.iter().map(|r| r[0].as_f64()).sum::<f64>() as f32)
            }))
        })
        .in_frames(|| merged(Sum::of, Sum::sum_real)),
        aggregate_of("sum(double) -> double", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::Double(rows.iter().map(|r| r[0].as_f64()).sum())
            }))
        })
        .in_frames(|| merged(Sum::of, Sum::sum_double)),
        aggregate_of("sum(decimal) -> decimal", sum_decimals).returns(|types| match types {
            [Type::Decimal(_, scale)] => Type::Decimal(38, *scale),
            _ => Type::Decimal(38, 0),
        }),
        aggregate_of(
            "sum(interval day to second) -> interval day to second",
            |_, rows| total(rows, Total::days),
        )
        .in_frames(|| merged(Total::of, Total::days)),
        aggregate_of(
            "sum(interval year to month) -> interval year to month",
            |_, rows| total(rows, Total::months),
        )
        .in_frames(|| merged(Total::of, Total::months)),
        aggregate_of("avg(bigint) -> double", average)
            .in_frames(|| merged(Sum::of, Sum::average_double)),
        aggregate_of("avg(double) -> double", average)
            .in_frames(|| merged(Sum::of, Sum::average_double)),
        aggregate_of("avg(real) -> real", |_, rows| {
            Ok(empty_or(rows, |rows| Value::Real(mean(rows) as f32)))
        })
        .in_frames(|| merged(Sum::of, Sum::average_real)),
        aggregate_of("avg(decimal) -> decimal", average_decimals)
            .in_frames(|| merged(Total::of, Total::average_decimal)),
        aggregate_of(
            "avg(interval day to second) -> interval day to second",
            |_, rows| total(rows, Total::average_days),
        )
        .in_frames(|| merged(Total::of, Total::average_days)),
        aggregate_of("arbitrary(T) -> T", |_, rows| Ok(first(rows))).reduced_by(keep_any),
        aggregate_of("any_value(T) -> T", |_, rows| Ok(first(rows))).reduced_by(keep_any),
        aggregate_of("bool_and(boolean) -> boolean", all_true)
            .in_frames(|| merged(Folded::all, Folded::boolean)),
        aggregate_of("every(boolean) -> boolean", all_true)
            .in_frames(|| merged(Folded::all, Folded::boolean)),
        aggregate_of("bool_or(boolean) -> boolean", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::Boolean(rows.iter().any(|r| r[0].as_bool()))
            }))
        })
        .in_frames(|| merged(Folded::any, Folded::boolean)),
        aggregate_of("array_agg(T) -> array(T)", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::array(rows.iter().map(|r| r[0].clone()).collect())
            }))
        })
        .called_on_null(),
        aggregate_of("set_agg(T:comparable) -> array(T)", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::array(distinct(rows.iter().map(|r| &r[0])))
            }))
        })
        .called_on_null()
        .in_frames(|| Tally::boxed(0, set_of)),
        aggregate_of("set_union(array(T:comparable)) -> array(T)", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::array(distinct(rows.iter().flat_map(|r| r[0].as_array())))
            }))
        }),
        aggregate_of("map_agg(K:comparable, V) -> map(K, V)", |_, rows| {
            let entries = rows.iter().filter(|r| !r[0].is_null());
            let entries = first_entries(entries.map(|r| (&r[0], &r[1])));
            Ok(empty_or(rows, |_| Value::map(entries)))
        })
        .called_on_null()
        .in_frames(|| Tally::boxed(0, map_of)),
        aggregate_of(
            "multimap_agg(K:comparable, V) -> map(K, array(V))",
            |_, rows| {
                let entries = rows.iter().filter(|r| !r[0].is_null());
                let entries = entries_of_all(entries.map(|r| (&r[0], &r[1])));
                Ok(empty_or(rows, |_| Value::map(entries)))
            },
        )
        .called_on_null(),
        aggregate_of("map_union(map(K:comparable, V)) -> map(K, V)", |_, rows| {
            let entries = rows.iter().flat_map(|r| r[0].as_map());
            let entries = first_entries(entries.map(|entry| (&entry.0, &entry.1)));
            Ok(empty_or(rows, |_| Value::map(entries)))
        }),
        aggregate_of("histogram(T:comparable) -> map(T, bigint)", |_, rows| {
            Ok(empty_or(rows, |rows| {
                let mut counts: HashMap<&Value, i64> = HashMap::new();
                for row in rows {
                    *counts.entry(&row[0]).or_default() += 1;
                }
                let keys = distinct(rows.iter().map(|r| &r[0]));
                Value::map(
                    keys.into_iter()
                        .map(|k| {
                            let n = counts.get(&k).copied().unwrap_or(0);
                            (k, Value::Integer(n))
                        })
                        .collect(),
                )
            }))
        })
        .in_frames(|| Tally::boxed(0, histogram_of)),
        aggregate_of("approx_distinct(T:comparable) -> bigint", |_, rows| {
            let n = distinct(rows.iter().map(|r| &r[0])).len();
            Ok(Value::Integer(n as i64))
        })
        .reduced_by(keep_distinct)
        .in_frames(|| Tally::boxed(0, number_of)),
        aggregate_of(
            "approx_distinct(T:comparable, double) -> bigint",
            |_, rows| {
                let n = distinct(rows.iter().map(|r| &r[0])).len();
                Ok(Value::Integer(n as i64))
            },
        )
        .reduced_by(keep_distinct)
        .in_frames(|| Tally::boxed(0, number_of)),
        aggregate_of("geometric_mean(double) -> double", |_, rows| {
            Ok(empty_or(rows, |rows| {
                let logs: f64 = rows.iter().map(|r| r[0].as_f64().ln()).sum();
                Value::Double((logs / rows.len() as f64).exp())
            }))
        })
        .in_frames(|| merged(Sum::of_logarithm, Sum::geometric_mean)),
        aggregate_of("bitwise_and_agg(bigint) -> bigint", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::Integer(rows.iter().fold(-1, |all, r| all & r[0].as_i64()))
            }))
        })
        .in_frames(|| merged(Folded::and, Folded::bigint)),
        aggregate_of("bitwise_or_agg(bigint) -> bigint", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::Integer(rows.iter().fold(0, |all, r| all | r[0].as_i64()))
            }))
        })
        .in_frames(|| merged(Folded::or, Folded::bigint)),
        aggregate_of("bitwise_xor_agg(bigint) -> bigint", |_, rows| {
            Ok(empty_or(rows, |rows| {
                Value::Integer(rows.iter().fold(0, |all, r| all ^ r[0].as_i64()))
            }))
        })
        .in_frames(|| merged(Folded::xor, Folded::bigint)),
        aggregate_of("$listagg(varchar, varchar) -> varchar", |_, rows| {
            Ok(empty_or(rows, |rows| {
                let items: Vec<&str> = rows.iter().map(|r| r[0].as_str()).collect();
                Value::text(items.join(rows[0][1].as_str()))
            }))
        })
        .returns(|_| Type::VARCHAR),
        // What subqueries are folded with.
        aggregate_of("$single(T) -> T", |_, rows| single(rows))
            .called_on_null()
            .reduced_by(|rows| rows.truncate(2)),
        // Of several columns: without a row each of them is NULL.
        aggregate_of("$single_row(T) -> T", |aggregate, rows| {
            match (rows, &aggregate.result) {
                ([], Type::Row(fields)) => Ok(Value::row(vec![Value::Null; fields.len()])),
                _ => single(rows),
            }
        })
        .called_on_null()
        .reduced_by(|rows| rows.truncate(2)),
        aggregate_of("$any(boolean) -> boolean", |_, rows| {
            Ok(quantified(rows, true))
        })
        .called_on_null()
        .reduced_by(keep_distinct),
        aggregate_of("$all(boolean) -> boolean", |_, rows| {
            Ok(quantified(rows, false))
        })
        .called_on_null()
        .reduced_by(keep_distinct),
        window("row_number() -> bigint"),
        window("rank() -> bigint"),
        window("dense_rank() -> bigint"),
        window("percent_rank() -> double"),
        window("cume_dist() -> double"),
        window("ntile(bigint) -> bigint"),
        window("lag(T) -> T"),
        window("lag(T, bigint) -> T"),
        window("lag(T, bigint, T) -> T"),
        window("lead(T) -> T"),
        window("lead(T, bigint) -> T"),
        window("lead(T, bigint, T) -> T"),
        window("first_value(T) -> T"),
        window("last_value(T) -> T"),
        window("nth_value(T, bigint) -> T"),
    ]
}

/// What the total of whole numbers gives, NULL of no rows.
fn total(rows: &[Vec<Value>], value: fn(&Total) -> Result<Value, Error>) -> Result<Value, Error> {
    rows.iter()
        .map(|row| Total::of(row))
        .reduce(|earlier, later| earlier.merge(&later))
        .map_or(Ok(Value::Null), |total| value(&total))
}

/// NULL of no rows, as most aggregates have it.
fn empty_or(rows: &[Vec<Value>], value: impl FnOnce(&[Vec<Value>]) -> Value) -> Value {
    if rows.is_empty() {
        Value::Null
    } else {
        value(rows)
    }
}

fn first(rows: &[Vec<Value>]) -> Value {
    rows.first().map_or(Value::Null, |r| r[0].clone())
}

fn all_true(_: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    Ok(empty_or(rows, |rows| {
        Value::Boolean(rows.iter().all(|r| r[0].as_bool()))
    }))
}

/// The value of a subquery, which has one row at most.
fn single(rows: &[Vec<Value>]) -> Result<Value, Error> {
    match rows {
        [] => Ok(Value::Null),
        [row] => Ok(row[0].clone()),
        _ => Err(Error::user(
            "SUBQUERY_MULTIPLE_ROWS",
            "Scalar sub-query has returned multiple rows",
        )),
    }
}

/// ANY's and ALL's three-valued sum of comparisons.
fn quantified(rows: &[Vec<Value>], decisive: bool) -> Value {
    let mut open = false;
    for row in rows {
        match &row[0] {
            Value::Boolean(b) if *b == decisive => return Value::Boolean(decisive),
            Value::Null => open = true,
            _ => {}
        }
    }
    if open {
        Value::Null
    } else {
        Value::Boolean(!decisive)
    }
}

/// Values once each, in the order they came.
pub fn distinct<'a>(values: impl Iterator<Item = &'a Value>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    values.filter(|v| seen.insert(*v)).cloned().collect()
}

fn set_of(tally: &Tally) -> Result<Value, Error> {
    let firsts = tally.firsts();
    if firsts.is_empty() {
        return Ok(Value::Null);
    }
    let values = firsts.into_iter().map(|(row, _)| row[0].clone());
    Ok(Value::array(values.collect()))
}

fn histogram_of(tally: &Tally) -> Result<Value, Error> {
    let firsts = tally.firsts();
    if firsts.is_empty() {
        return Ok(Value::Null);
    }
    let entries = firsts.into_iter();
    let entries = entries.map(|(row, count)| (row[0].clone(), Value::Integer(count)));
    Ok(Value::map(entries.collect()))
}

fn number_of(tally: &Tally) -> Result<Value, Error> {
    Ok(Value::Integer(tally.keys() as i64))
}

fn map_of(tally: &Tally) -> Result<Value, Error> {
    let firsts = tally.firsts();
    if firsts.is_empty() {
        return Ok(Value::Null);
    }
    let entries = firsts.into_iter().filter(|(row, _)| !row[0].is_null());
    let entries = entries.map(|(row, _)| (row[0].clone(), row[1].clone()));
    Ok(Value::map(entries.collect()))
}

/// The first entry of each key, in the order they came.
fn first_entries<'a>(entries: impl Iterator<Item = (&'a Value, &'a Value)>) -> Vec<(Value, Value)> {
    let mut seen = HashSet::new();
    entries
        .filter(|(key, _)| seen.insert(*key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The values of each key, in the order they came.
fn entries_of_all<'a>(
    entries: impl Iterator<Item = (&'a Value, &'a Value)>,
) -> Vec<(Value, Value)> {
    let mut places: HashMap<&Value, usize> = HashMap::new();
    let mut all: Vec<(&Value, Vec<Value>)> = Vec::new();
    for (key, value) in entries {
        let place = *places.entry(key).or_insert(all.len());
        if place == all.len() {
            all.push((key, Vec::new()));
        }
        all[place].1.push(value.clone());
    }
    all.into_iter()
        .map(|(key, values)| (key.clone(), Value::array(values)))
        .collect()
}

fn sum_integers(_: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    let sum: i128 = rows.iter().map(|r| i128::from(r[0].as_i64())).sum();
    i64::try_from(sum)
        .map(Value::Integer)
        .map_err(|_| out_of_range(format!("bigint addition overflow: {sum}")))
}

fn unscaled(value: &Value) -> i128 {
    match value {
        Value::Decimal(n) => *n,
        _ => 0,
    }
}

fn sum_decimals(_: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    rows.iter()
        .try_fold(0_i128, |sum, r| sum.checked_add(unscaled(&r[0])))
        .map(Value::Decimal)
        .ok_or_else(|| out_of_range("Decimal overflow"))
}

/// The mean of what rows begin with.
pub fn mean(rows: &[Vec<Value>]) -> f64 {
    rows.iter().map(|r| r[0].as_f64()).sum::<f64>() / rows.len() as f64
}

fn average(_: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    Ok(empty_or(rows, |rows| Value::Double(mean(rows))))
}

fn average_decimals(_: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    use datafusion::arrow::datatypes::i256;
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    let sum = rows.iter().fold(i256::ZERO, |sum, r| {
        sum.wrapping_add(i256::from_i128(unscaled(&r[0])))
    });
    let count = i256::from_i128(rows.len() as i128);
    super::arithmetic::within_decimal(super::arithmetic::divide_half_up(sum, count))
}

/// Leaves one row without NULL.
fn keep_any(rows: &mut Vec<Vec<Value>>) {
    let found = rows.iter().position(|row| !row[0].is_null());
    let found = found.map(|at| rows.swap_remove(at));
    rows.clear();
    rows.extend(found);
}

/// Leaves one of equal rows each, in the order they came.
fn keep_distinct(rows: &mut Vec<Vec<Value>>) {
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert(row.clone()));
}
