//! Aggregates over frames that move on from row to row: what was found for one frame goes into the
//! next one, so that a row costs about the same however long frames are.
//!
//! - What neighbouring rows come to together is merged in a queue ([`queue`]).
//! - What goes by the order of values keeps them sorted ([`sorted`]), what goes by equal ones keeps
//!   them counted ([`tally`]).
//! - All others keep the rows of the frame ([`rows`]), and compute anew what is asked of them.

mod queue;
mod rows;
mod sorted;
mod states;
mod tally;

use std::fmt::Debug;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::Accumulator;

pub use queue::{Kept, Merge, merged};
pub use rows::Rows;
pub use sorted::Numbered;
pub use states::{Folded, Sum, Total};
pub use tally::Tally;

use super::aggregate::{scalar_of, size_of_row};
use super::{Aggregate, external};
use crate::error::Error;
use crate::types::{Value, value_at};

/// What is known of the rows of a frame. Rows that an aggregate leaves out for a NULL never come.
pub trait Moving: Debug + Send + Sync {
    /// Takes in the row behind the frame's last one.
    fn push(&mut self, row: Vec<Value>);

    /// Lets go of the frame's first row, which is this one.
    fn pop(&mut self, row: &[Value]);

    /// Says before the first row that none will be let go.
    fn only_grows(&mut self) {}

    /// What the aggregate gives for the rows of the frame.
    fn value(&mut self, aggregate: &Aggregate) -> std::result::Result<Value, Error>;
}

/// An aggregate's accumulator over frames, each of which starts and ends no earlier than the one
/// before.
#[derive(Debug)]
pub struct InFrames {
    aggregate: Aggregate,
    moving: Box<dyn Moving>,
    /// Bytes of the frame's rows.
    size: usize,
    grows: bool,
}

impl InFrames {
    /// Over frames that all start at the same row.
    pub fn growing(aggregate: &Aggregate) -> Self {
        let mut frames = Self::sliding(aggregate);
        frames.moving.only_grows();
        frames.grows = true;
        frames
    }

    pub fn sliding(aggregate: &Aggregate) -> Self {
        Self {
            aggregate: aggregate.clone(),
            moving: aggregate.moving(),
            size: 0,
            grows: false,
        }
    }

    /// The rows that count.
    fn rows<'a>(&'a self, values: &'a [ArrayRef]) -> impl Iterator<Item = Vec<Value>> + 'a {
        let rows = values.first().map_or(0, Array::len);
        (0..rows)
            .map(move |row| {
                let types = &self.aggregate.arguments;
                let columns = values.iter().zip(types);
                columns
                    .map(|(array, data_type)| value_at(array, data_type, row))
                    .collect::<Vec<Value>>()
            })
            .filter(move |row| self.aggregate.counts(row))
    }
}

impl Accumulator for InFrames {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows: Vec<Vec<Value>> = self.rows(values).collect();
        for row in rows {
            self.size += size_of_row(&row);
            self.moving.push(row);
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows: Vec<Vec<Value>> = self.rows(values).collect();
        for row in rows {
            self.size = self.size.saturating_sub(size_of_row(&row));
            self.moving.pop(&row);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        !self.grows
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let value = self.moving.value(&self.aggregate).map_err(external)?;
        scalar_of(&self.aggregate.result, value)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.size
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Err(never_split())
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> Result<()> {
        Err(never_split())
    }
}

fn never_split() -> DataFusionError {
    DataFusionError::Internal("a frame is aggregated in one place".to_owned())
}

#[cfg(test)]
mod tests;
