//! Functions of arrays.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::{Call, Entry};
use crate::jsonata::error::Error;
use crate::jsonata::operators::{compare_text, is_equal};
use crate::jsonata::value::{Array, Value, append};

pub(super) const FUNCTIONS: &[Entry] = &[
    ("append", "<xx:a>", 2, append_values),
    ("reverse", "<a:a>", 1, reverse),
    ("shuffle", "<a:a>", 1, shuffle),
    ("distinct", "<x:x>", 1, distinct),
    ("sort", "<af?:a>", 2, sort),
    ("zip", "<a+>", 0, zip),
];

fn append_values(call: &Call<'_>) -> Result<Value, Error> {
    let (first, second) = (call.argument(0), call.argument(1));
    call.budget()
        .allocate(24 * (first.items().len() + second.items().len()))?;
    Ok(append(first.clone(), second.clone()))
}

fn reverse(call: &Call<'_>) -> Result<Value, Error> {
    match call.items(0) {
        Some(items) if items.len() > 1 => {
            call.budget().allocate(24 * items.len())?;
            Ok(Value::array(items.iter().rev().cloned().collect()))
        }
        _ => Ok(call.argument(0).clone()),
    }
}

fn shuffle(call: &Call<'_>) -> Result<Value, Error> {
    match call.items(0) {
        Some(items) if items.len() > 1 => {
            call.budget().allocate(24 * items.len())?;
            let mut items = items.to_vec();
            for last in (1..items.len()).rev() {
                items.swap(last, rand::random_range(0..=last));
            }
            Ok(Value::array(items))
        }
        _ => Ok(call.argument(0).clone()),
    }
}

/// What a value that is no container is recognized by.
#[derive(PartialEq, Eq, Hash)]
enum Scalar {
    Null,
    Bool(bool),
    Number(u64),
    String(Arc<str>),
}

fn scalar(value: &Value) -> Option<Scalar> {
    Some(match value {
        Value::Null => Scalar::Null,
        Value::Bool(value) => Scalar::Bool(*value),
        // Zero and minus zero are equal.
        Value::Number(number) => Scalar::Number((number + 0.0).to_bits()),
        Value::String(text) => Scalar::String(Arc::clone(text)),
        _ => return None,
    })
}

fn distinct(call: &Call<'_>) -> Result<Value, Error> {
    let Value::Array(array) = call.argument(0) else {
        return Ok(call.argument(0).clone());
    };
    if array.items.len() <= 1 {
        return Ok(call.argument(0).clone());
    }
    let mut results = Array::default();
    results.sequence = array.sequence;
    let mut scalars = HashSet::new();
    let mut containers: Vec<Value> = Vec::new();
    for item in &array.items {
        let new = match scalar(item) {
            Some(scalar) => scalars.insert(scalar),
            None => {
                let mut new = true;
                for other in &containers {
                    if is_equal(item, other, call.budget())? {
                        new = false;
                        break;
                    }
                }
                if new {
                    containers.push(item.clone());
                }
                new
            }
        };
        call.budget().step(1)?;
        if new {
            results.push(item.clone());
        }
    }
    Ok(Value::Array(Rc::new(results)))
}

fn zip(call: &Call<'_>) -> Result<Value, Error> {
    let lists: Vec<&[Value]> = call.arguments.iter().map(Value::items).collect();
    let length = lists.iter().map(|list| list.len()).min().unwrap_or(0);
    call.budget().allocate(24 * length * (lists.len() + 2))?;
    Ok(Value::array(
        (0..length)
            .map(|index| Value::array(lists.iter().map(|list| list[index].clone()).collect()))
            .collect(),
    ))
}

fn sort(call: &Call<'_>) -> Result<Value, Error> {
    let Some(items) = call.items(0).filter(|items| items.len() > 1) else {
        return Ok(call.argument(0).clone());
    };
    let comparator = call.argument(1);
    let sorted = if comparator.is_undefined() {
        let numbers = items.iter().all(|item| item.as_number().is_some());
        let texts = items.iter().all(|item| item.as_text().is_some());
        if !numbers && !texts {
            return Err(Error::of("D3070"));
        }
        merge_sort(items.to_vec(), &mut |left, right| {
            call.budget().step(1)?;
            Ok(match (left, right) {
                (Value::Number(left), Value::Number(right)) => left > right,
                (Value::String(left), Value::String(right)) => compare_text(left, right).is_gt(),
                _ => false,
            })
        })?
    } else {
        merge_sort(items.to_vec(), &mut |left, right| {
            call.apply(comparator, vec![left.clone(), right.clone()])
                .map(|result| result.is_truthy())
        })?
    };
    Ok(Value::array(sorted))
}

/// Sorts stably; `is_after` says whether its first argument is to come after its second, and may
/// fail.
pub(in crate::jsonata) fn merge_sort(
    mut items: Vec<Value>,
    is_after: &mut dyn FnMut(&Value, &Value) -> Result<bool, Error>,
) -> Result<Vec<Value>, Error> {
    if items.len() <= 1 {
        return Ok(items);
    }
    let right = items.split_off(items.len() / 2);
    let left = merge_sort(items, is_after)?;
    let right = merge_sort(right, is_after)?;
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut left = left.into_iter().peekable();
    let mut right = right.into_iter().peekable();
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if is_after(first, second)? {
            right.next()
        } else {
            left.next()
        };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
