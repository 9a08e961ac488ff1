//! `reduce_agg`: a group's values folded by a lambda.

use super::moving::{Moving, Rows};
use super::{Aggregate, Function, aggregate_of};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        aggregate_of(
            "reduce_agg(T, S, function(S, T, S), function(S, S, S)) -> S",
            reduce,
        )
        .in_frames(|| Box::new(Folding::default())),
    ]
}

/// Rows of a value and the state to begin with. All of a group's rows are here, so that no states
/// have to be combined, which the second lambda would do.
fn reduce(aggregate: &Aggregate, rows: &[Vec<Value>]) -> Result<Value, Error> {
    match rows.first() {
        Some(first) => fold(aggregate, first[1].clone(), rows),
        None => Ok(Value::Null),
    }
}

/// A state with the values of further rows.
fn fold(aggregate: &Aggregate, mut state: Value, rows: &[Vec<Value>]) -> Result<Value, Error> {
    let [step, _] = aggregate.lambdas.as_slice() else {
        return Err(Error::internal("reduce_agg without its lambdas"));
    };
    for row in rows {
        state = step.call_one(0, vec![state, row[0].clone()])?;
    }
    Ok(state)
}

/// A frame whose state goes on as long as no row leaves it.
#[derive(Debug, Default)]
struct Folding {
    rows: Rows,
    state: Option<Value>,
    /// The last rows, which the state does not have yet.
    waiting: Vec<Vec<Value>>,
}

impl Moving for Folding {
    fn push(&mut self, row: Vec<Value>) {
        if self.state.is_some() {
            self.waiting.push(row.clone());
        }
        self.rows.push(row);
    }

    fn pop(&mut self, row: &[Value]) {
        self.rows.pop(row);
        self.state = None;
        self.waiting.clear();
    }

    fn value(&mut self, aggregate: &Aggregate) -> Result<Value, Error> {
        let value = match self.state.take() {
            Some(state) => fold(aggregate, state, &self.waiting)?,
            None => self.rows.value(aggregate)?,
        };
        self.waiting.clear();
        // No rows give NULL, with which none goes on.
        self.state = Some(value.clone()).filter(|state| !state.is_null());
        Ok(value)
    }
}
