//! Functions over numbers.

use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use super::{Arguments, integer};

/// A number from the first to just before the second; with a seed always the same.
pub(super) fn math_random(arguments: Arguments) -> Result<Value, String> {
    let (from, to) = (integer(arguments, 0)?, integer(arguments, 1)?);
    if from >= to {
        return Err(format!("The start {from} must be less than the end {to}"));
    }
    Ok(if arguments.len() > 2 {
        pick(
            &mut StdRng::seed_from_u64(integer(arguments, 2)? as u64),
            from,
            to,
        )
    } else {
        pick(&mut rand::rng(), from, to)
    })
}

fn pick(source: &mut impl Rng, from: i64, to: i64) -> Value {
    json!(source.random_range(from..to))
}

pub(super) fn math_add(arguments: Arguments) -> Result<Value, String> {
    let (left, right) = (integer(arguments, 0)?, integer(arguments, 1)?);
    left.checked_add(right)
        .map(Value::from)
        .ok_or_else(|| "The sum is out of range".to_owned())
}
