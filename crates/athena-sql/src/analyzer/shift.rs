//! `lead` and `lag` as Trino has them: with IGNORE NULLS over any distance, and with distances and
//! defaults of each row's own. (Trino's `LeadFunction` and `LagFunction`.)

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use datafusion::arrow::compute::interleave;
use datafusion::arrow::datatypes::{FieldRef, Int64Type};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    PartitionEvaluator, Signature, Volatility, WindowUDF, WindowUDFImpl,
};

use crate::functions::{external, invalid_argument};

/// The window function; its arguments are the value, the distance as a bigint and the default, of
/// which the last two may be missing.
pub fn lead_or_lag(forward: bool) -> Arc<WindowUDF> {
    Arc::new(WindowUDF::new_from_impl(Shift {
        name: if forward { "lead" } else { "lag" },
        forward,
        signature: Signature::variadic_any(Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Shift {
    name: &'static str,
    forward: bool,
    signature: Signature,
}

impl WindowUDFImpl for Shift {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(
        &self,
        arguments: PartitionEvaluatorArgs,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Partition {
            forward: self.forward,
            ignore_nulls: arguments.ignore_nulls(),
        }))
    }

    fn field(&self, arguments: WindowUDFFieldArgs) -> Result<FieldRef> {
        let value = arguments
            .get_input_field(0)
            .ok_or_else(|| DataFusionError::Internal("no value to shift".to_owned()))?;
        let field = value.as_ref().clone().with_name(arguments.name());
        Ok(Arc::new(field.with_nullable(true)))
    }
}

#[derive(Debug)]
struct Partition {
    forward: bool,
    ignore_nulls: bool,
}

/// Where a row's result is found.
enum Found {
    /// In the value of a row.
    Value(usize),
    /// In the row's own default.
    Default,
    Null,
}

impl PartitionEvaluator for Partition {
    fn evaluate_all(&mut self, values: &[ArrayRef], _rows: usize) -> Result<ArrayRef> {
        let Some(value) = values.first() else {
            return Err(DataFusionError::Internal("no value to shift".to_owned()));
        };
        let null = new_null_array(value.data_type(), 1);
        let mut sources: Vec<&dyn Array> = vec![value.as_ref(), null.as_ref()];
        let default = values.get(2);
        if let Some(default) = default {
            sources.push(default.as_ref());
        }
        let found = self.found(value, values.get(1))?;
        let places: Vec<(usize, usize)> = found
            .into_iter()
            .enumerate()
            .map(|(row, found)| match found {
                Found::Value(place) => (0, place),
                Found::Default if default.is_some() => (2, row),
                Found::Default | Found::Null => (1, 0),
            })
            .collect();
        interleave(&sources, &places).map_err(DataFusionError::from)
    }
}

impl Partition {
    /// Where each row's result is, for all rows of a partition.
    fn found(&self, value: &ArrayRef, distances: Option<&ArrayRef>) -> Result<Vec<Found>> {
        let distances = distances.map(|array| {
            let distances = array.as_primitive_opt::<Int64Type>();
            distances.ok_or_else(|| DataFusionError::Internal("no bigint to shift by".to_owned()))
        });
        let distances = distances.transpose()?;
        let rows = value.len();
        let nulls = value.logical_nulls();
        let counts = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        let valid: Vec<usize> = (0..rows).filter(|row| counts(*row)).collect();
        // How many values there are before the row.
        let mut before = 0;
        let mut found = Vec::with_capacity(rows);
        for row in 0..rows {
            let up_to = before + usize::from(counts(row));
            let distance = match distances {
                Some(distances) if distances.is_null(row) => None,
                Some(distances) => Some(whole(distances.value(row))?),
                None => Some(1),
            };
            let place = |n: usize| match (self.ignore_nulls, self.forward) {
                _ if n == 0 => Some(row),
                (false, true) => row.checked_add(n).filter(|place| *place < rows),
                (false, false) => row.checked_sub(n),
                (true, true) => up_to.checked_add(n - 1).and_then(|i| valid.get(i)).copied(),
                (true, false) => before.checked_sub(n).and_then(|i| valid.get(i)).copied(),
            };
            found.push(distance.map_or(Found::Null, |n| {
                place(n).map_or(Found::Default, Found::Value)
            }));
            before = up_to;
        }
        Ok(found)
    }
}

fn whole(distance: i64) -> Result<usize> {
    usize::try_from(distance).map_err(|_| external(invalid_argument("Offset must be at least 0")))
}
