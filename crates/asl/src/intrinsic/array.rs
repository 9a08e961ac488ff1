//! Functions over arrays.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Arguments, integer};

/// The most elements that `States.ArrayRange` gives.
const MAX_RANGE: i128 = 1000;

pub(super) fn array(arguments: Arguments) -> Result<Value, String> {
    Ok(Value::Array(arguments.to_vec()))
}

pub(super) fn array_partition(arguments: Arguments) -> Result<Value, String> {
    partition(super::array(arguments, 0)?, integer(arguments, 1)?)
}

/// Arrays of `size` elements each, the last maybe shorter.
pub(crate) fn partition(items: &[Value], size: i64) -> Result<Value, String> {
    match usize::try_from(size) {
        Ok(size) if size > 0 => Ok(items.chunks(size).map(<[Value]>::to_vec).collect()),
        _ => Err(format!(
            "The chunk size must be a positive integer, but was: {size}"
        )),
    }
}

pub(super) fn array_contains(arguments: Arguments) -> Result<Value, String> {
    Ok(json!(super::array(arguments, 0)?.contains(&arguments[1])))
}

pub(super) fn array_range(arguments: Arguments) -> Result<Value, String> {
    let bounds = [
        integer(arguments, 0)?,
        integer(arguments, 1)?,
        integer(arguments, 2)?,
    ];
    Ok(json!(range(bounds)?))
}

/// The numbers from the first to the last, both included, by steps.
pub(crate) fn range([first, last, step]: [i64; 3]) -> Result<Vec<i64>, String> {
    if step == 0 {
        return Err("The increment must not be 0".to_owned());
    }
    if first != last && (last < first) == (step > 0) {
        return Ok(Vec::new());
    }
    let length = (i128::from(last) - i128::from(first)) / i128::from(step) + 1;
    if length > MAX_RANGE {
        return Err(format!(
            "The range must not have more than {MAX_RANGE} elements"
        ));
    }
    // The one after the last may be out of range.
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step));
    Ok(numbers.take(length as usize).collect())
}

pub(super) fn array_get_item(arguments: Arguments) -> Result<Value, String> {
    let (items, index) = (super::array(arguments, 0)?, integer(arguments, 1)?);
    usize::try_from(index)
        .ok()
        .and_then(|index| items.get(index).cloned())
        .ok_or_else(|| {
            format!(
                "Index {index} is out of bounds for an array of length {}",
                items.len()
            )
        })
}

pub(super) fn array_length(arguments: Arguments) -> Result<Value, String> {
    Ok(json!(super::array(arguments, 0)?.len()))
}

pub(super) fn array_unique(arguments: Arguments) -> Result<Value, String> {
    let mut seen = HashSet::new();
    let unique = super::array(arguments, 0)?
        .iter()
        .filter(|item| seen.insert(*item));
    Ok(unique.cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unique(items: Value) -> Value {
        array_unique(&[items]).unwrap()
    }

    #[test]
    fn what_is_equal_stands_once_where_it_stood_first() {
        let items =
            json!([2, "2", 2.0, 2, {"a": 1, "b": 2}, null, {"b": 2, "a": 1}, [], null, 0.0, -0.0]);
        let once = json!([2, "2", 2.0, {"a": 1, "b": 2}, null, [], 0.0]);
        assert_eq!(unique(items), once);
    }

    /// Held against each other, so many would take hours.
    #[test]
    fn a_million_different_items_are_told_apart_in_a_moment() {
        let items: Vec<u32> = (0..1_000_000).chain(0..10).collect();
        let unique = unique(json!(items));
        assert_eq!(unique.as_array().map(Vec::len), Some(1_000_000));
    }
}
