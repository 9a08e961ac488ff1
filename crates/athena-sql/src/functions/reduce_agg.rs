//! `reduce_agg`: a group's values folded by a lambda.

use super::{Aggregate, Function, aggregate_of};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![aggregate_of(
        "reduce_agg(T, S, function(S, T, S), function(S, S, S)) -> S",
        reduce,
    )]
}

/// Rows of a value and the state to begin with. All of a group's rows are here, so that no states
/// have to be combined, which the second lambda would do.
fn reduce(aggregate: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    let [step, _] = aggregate.lambdas.as_slice() else {
        return Err(Error::internal("reduce_agg without its lambdas"));
    };
    let Some(first) = rows.first() else {
        return Ok(Value::Null);
    };
    let mut state = first[1].clone();
    for row in rows {
        state = step.call_one(0, vec![state, row[0].clone()])?;
    }
    Ok(state)
}
