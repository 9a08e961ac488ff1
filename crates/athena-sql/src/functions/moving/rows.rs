//! The rows of a frame themselves, for what is about as long as they are (`array_agg`), or is not
//! known to be found in a shorter way.

use super::super::Aggregate;
use super::Moving;
use crate::error::Error;
use crate::types::Value;

#[derive(Debug, Default)]
pub struct Rows {
    /// Those that have left and those of the frame.
    rows: Vec<Vec<Value>>,
    /// How many have left.
    gone: usize,
}

impl Moving for Rows {
    fn push(&mut self, row: Vec<Value>) {
        self.rows.push(row);
    }

    fn pop(&mut self, _: &[Value]) {
        let Some(first) = self.rows.get_mut(self.gone) else {
            return;
        };
        *first = Vec::new();
        self.gone += 1;
        // The rows move to the start when they are the fewer, so that each moves about once.
        if self.gone * 2 > self.rows.len() {
            self.rows.drain(..self.gone);
            self.gone = 0;
        }
    }

    fn value(&mut self, aggregate: &Aggregate) -> Result<Value, Error> {
        aggregate.finish(&self.rows[self.gone..])
    }
}
