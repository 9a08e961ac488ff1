//! Arrays: elements, parts, and order (<https://trino.io/docs/current/functions/array.html>).

use std::cmp::Ordering;

use rand::seq::SliceRandom;

use super::cast::{can_cast, cast_value};
use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("cardinality(array(E)) -> bigint", |_, a| {
            Ok(Value::Integer(a[0].as_array().len() as i64))
        }),
        scalar("element_at(array(E), bigint) -> E", element_at),
        scalar("[](array(E), bigint) -> E", subscript),
        scalar("contains(array(T:comparable), T) -> boolean", |_, a| {
            Ok(contains(a[0].as_array(), &a[1]))
        }),
        scalar(
            "contains_sequence(array(T:comparable), array(T)) -> boolean",
            |_, a| {
                let (values, wanted) = (a[0].as_array(), a[1].as_array());
                let found = wanted.is_empty() || values.windows(wanted.len()).any(|w| w == wanted);
                Ok(Value::Boolean(found))
            },
        ),
        scalar(
            "array_position(array(T:comparable), T) -> bigint",
            |_, a| {
                let place = a[0]
                    .as_array()
                    .iter()
                    .position(|v| v.equals(&a[1]) == Some(true));
                Ok(Value::Integer(place.map_or(0, |i| i as i64 + 1)))
            },
        ),
        scalar(
            "array_remove(array(E:comparable), E) -> array(E)",
            |_, a| {
                let kept = a[0]
                    .as_array()
                    .iter()
                    .filter(|v| v.equals(&a[1]) != Some(true));
                Ok(Value::array(kept.cloned().collect()))
            },
        ),
        scalar("array_sort(array(E:orderable)) -> array(E)", |_, a| {
            let mut values = a[0].as_array().to_vec();
            values.sort_by(Value::order);
            Ok(Value::array(values))
        }),
        scalar("array_max(array(T:orderable)) -> T", |_, a| {
            Ok(extreme(a[0].as_array(), Ordering::Greater))
        }),
        scalar("array_min(array(T:orderable)) -> T", |_, a| {
            Ok(extreme(a[0].as_array(), Ordering::Less))
        }),
        scalar("array_join(array(T), varchar) -> varchar", |call, a| {
            join(call, a, None)
        })
        .returns(super::string::varchar),
        scalar(
            "array_join(array(T), varchar, varchar) -> varchar",
            |call, a| join(call, a, Some(a[2].as_str())),
        )
        .returns(super::string::varchar),
        scalar("reverse(array(E)) -> array(E)", |_, a| {
            Ok(Value::array(
                a[0].as_array().iter().rev().cloned().collect(),
            ))
        }),
        scalar("shuffle(array(E)) -> array(E)", |_, a| {
            let mut values = a[0].as_array().to_vec();
            values.shuffle(&mut rand::rng());
            Ok(Value::array(values))
        })
        .volatile(),
        scalar("repeat(T, bigint) -> array(T)", repeat).called_on_null(),
        scalar("slice(array(E), bigint, bigint) -> array(E)", slice),
        scalar("trim_array(array(E), bigint) -> array(E)", trim_array),
        scalar("flatten(array(array(E))) -> array(E)", |_, a| {
            let values = a[0].as_array().iter().flat_map(Value::as_array);
            Ok(Value::array(values.cloned().collect()))
        }),
        scalar(
            "concat(array(E), array(E), array(E)...) -> array(E)",
            |_, a| {
                let values = a.iter().flat_map(Value::as_array);
                Ok(Value::array(values.cloned().collect()))
            },
        ),
        scalar("concat(array(E), E) -> array(E)", |_, a| {
            Ok(Value::array([a[0].as_array(), &a[1..]].concat()))
        }),
        scalar("concat(E, array(E)) -> array(E)", |_, a| {
            Ok(Value::array([&a[..1], a[1].as_array()].concat()))
        }),
    ];
    for count in 2..=5 {
        let arrays: Vec<String> = (1..=count).map(|i| format!("array(T{i})")).collect();
        let fields: Vec<String> = (1..=count).map(|i| format!("T{i}")).collect();
        all.push(scalar(
            &format!(
                "zip({}) -> array(row({}))",
                arrays.join(", "),
                fields.join(", ")
            ),
            |_, a| Ok(zip(a)),
        ));
    }
    all
}

/// An element by its number from 1, from the end where negative.
fn element_at(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (values, index) = (a[0].as_array(), a[1].as_i64());
    let place = match index {
        0 => return Err(invalid_argument("SQL array indices start at 1")),
        i if i > 0 => i - 1,
        i => i.saturating_add(values.len() as i64),
    };
    let found = usize::try_from(place).ok().and_then(|i| values.get(i));
    Ok(found.cloned().unwrap_or(Value::Null))
}

fn subscript(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (values, index) = (a[0].as_array(), a[1].as_i64());
    match index {
        0 => Err(invalid_argument("SQL array indices start at 1")),
        i if i < 0 => Err(invalid_argument(format!(
            "Array subscript is negative: {i}"
        ))),
        i => usize::try_from(i - 1)
            .ok()
            .and_then(|i| values.get(i))
            .cloned()
            .ok_or_else(|| {
                invalid_argument(format!(
                    "Array subscript must be less than or equal to array length: {i} > {}",
                    values.len()
                ))
            }),
    }
}

/// NULL where it is not found, but may be one of the NULLs.
fn contains(values: &[Value], wanted: &Value) -> Value {
    let mut open = false;
    for value in values {
        match value.equals(wanted) {
            Some(true) => return Value::Boolean(true),
            Some(false) => {}
            None => open = true,
        }
    }
    if open {
        Value::Null
    } else {
        Value::Boolean(false)
    }
}

/// The greatest or least; a NaN only where there is nothing else, NULL where one is.
fn extreme(values: &[Value], wanted: Ordering) -> Value {
    let mut best: Option<&Value> = None;
    for value in values {
        if value.is_null() {
            return Value::Null;
        }
        let better = best.is_none_or(|b| is_nan(b) || (!is_nan(value) && value.order(b) == wanted));
        if better {
            best = Some(value);
        }
    }
    best.cloned().unwrap_or(Value::Null)
}

fn is_nan(value: &Value) -> bool {
    match value {
        Value::Real(x) => x.is_nan(),
        Value::Double(x) => x.is_nan(),
        _ => false,
    }
}

fn join(call: &Call, a: &[Value], null: Option<&str>) -> Result<Value, Error> {
    let element = match call.argument(0) {
        Type::Array(element) => (**element).clone(),
        other => other.clone(),
    };
    if !can_cast(&element, &Type::VARCHAR) {
        return Err(invalid_argument(format!(
            "Input type {element} not supported"
        )));
    }
    let mut parts = Vec::new();
    for value in a[0].as_array() {
        if !value.is_null() {
            parts.push(cast_value(value, &element, &Type::VARCHAR)?);
        } else if let Some(null) = null {
            parts.push(Value::text(null));
        }
    }
    let parts: Vec<&str> = parts.iter().map(Value::as_str).collect();
    Ok(Value::text(parts.join(a[1].as_str())))
}

fn repeat(_: &Call, a: &[Value]) -> Result<Value, Error> {
    if a[1].is_null() {
        return Ok(Value::Null);
    }
    match a[1].as_i64() {
        count if count < 0 => Err(invalid_argument(
            "count argument of repeat function must be greater than or equal to 0",
        )),
        count if count > 10_000 => Err(invalid_argument(
            "count argument of repeat function must be less than or equal to 10000",
        )),
        count => Ok(Value::array(vec![a[0].clone(); count as usize])),
    }
}

fn slice(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (values, start, length) = (a[0].as_array(), a[1].as_i64(), a[2].as_i64());
    if length < 0 {
        return Err(invalid_argument(
            "length must be greater than or equal to 0",
        ));
    }
    let from = match start {
        0 => return Err(invalid_argument("SQL array indices start at 1")),
        i if i > 0 => i - 1,
        i => i.saturating_add(values.len() as i64),
    };
    Ok(match usize::try_from(from) {
        Ok(from) if from < values.len() => {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let end = from.saturating_add(length).min(values.len());
            Value::array(values[from..end].to_vec())
        }
        _ => Value::array(Vec::new()),
    })
}

fn trim_array(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (values, count) = (a[0].as_array(), a[1].as_i64());
    if count < 0 {
        return Err(invalid_argument(format!(
            "size must not be negative: {count}"
        )));
    }
    let kept = usize::try_from(count)
        .ok()
        .and_then(|n| values.len().checked_sub(n));
    match kept {
        Some(kept) => Ok(Value::array(values[..kept].to_vec())),
        None => Err(invalid_argument(format!(
            "size must not exceed array cardinality {}: {count}",
            values.len()
        ))),
    }
}

/// Rows of what is in the same place; NULL where an array is shorter.
fn zip(arrays: &[Value]) -> Value {
    let longest = arrays.iter().map(|a| a.as_array().len()).max().unwrap_or(0);
    let row = |i: usize| {
        let fields = arrays
            .iter()
            .map(|a| a.as_array().get(i).cloned().unwrap_or(Value::Null));
        Value::row(fields.collect())
    };
    Value::array((0..longest).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubles(values: &[f64]) -> Vec<Value> {
        values.iter().copied().map(Value::Double).collect()
    }

    #[test]
    fn a_nan_is_an_extreme_only_where_it_is_alone() {
        let values = doubles(&[f64::NAN, 2.0, 3.0]);
        assert_eq!(extreme(&values, Ordering::Greater), Value::Double(3.0));
        assert_eq!(extreme(&values, Ordering::Less), Value::Double(2.0));
        let alone = doubles(&[f64::NAN]);
        assert_eq!(extreme(&alone, Ordering::Less), Value::Double(f64::NAN));
    }

    #[test]
    fn a_null_leaves_open_whether_a_value_is_there() {
        let values = [Value::Null, Value::Integer(2)];
        assert_eq!(contains(&values, &Value::Integer(2)), Value::Boolean(true));
        assert_eq!(contains(&values, &Value::Integer(1)), Value::Null);
    }
}
