//! Functions over frames that DataFusion has not: whose offsets are each row's own, that end before
//! they start, that decimals bound, or in which a row pattern is looked for.
//!
//! Source: `RowsFraming`, `GroupsFraming` and `RangeFraming` of Trino.

use std::ops::Range;
use std::slice::Iter;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, UInt64Array, new_empty_array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type, Schema};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::function::{
    AccumulatorArgs, PartitionEvaluatorArgs, WindowUDFFieldArgs,
};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, PartitionEvaluator, Signature, TypeSignature, Volatility, WindowUDF,
    WindowUDFImpl,
};
use datafusion::physical_expr::PhysicalExpr;

use super::{Aggregate, external, invalid_argument};
use crate::error::Error;
use crate::row_pattern::{Recognition, matched_frames, measure_of_matches};
use crate::types::{Type, Value, values_of};

/// What offsets count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Units {
    Rows,
    /// Rows whose sort keys are the same.
    Groups,
    /// The sort key.
    Range,
}

/// Where a frame starts, or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    Unbounded,
    CurrentRow,
    /// An offset before the row.
    Preceding,
    /// An offset behind the row.
    Following,
}

impl Edge {
    fn has_offset(self) -> bool {
        matches!(self, Self::Preceding | Self::Following)
    }
}

/// A frame by columns, which come after the arguments of the function: the sort keys, and for each
/// edge with an offset the offset; in RANGE also the sort key that the offset leads to and, in the
/// same type, the row's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    pub units: Units,
    /// Whether the first sort key falls.
    pub descending: bool,
    pub start: Edge,
    pub end: Edge,
    /// How many of the columns are sort keys.
    pub keys: usize,
}

/// What is asked of the rows of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    Aggregate(Arc<AggregateUDF>),
    Value(Which),
    /// A measure of the row pattern, of this type: the recognition's first one.
    Measure(Type),
}

/// Whose value is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    First,
    Last,
    /// Of the row that a second argument counts to.
    Nth,
}

/// The window function that asks over frames; `arguments` of its arguments are the asked function's
/// own, and the frame's columns, of these types, come after them. With a row pattern, each row's
/// match takes the place of its frame, and the recognition's arguments come last.
pub fn over_frames(
    asked: Asked,
    arguments: usize,
    frame: Frame,
    columns: Vec<Type>,
    pattern: Option<Arc<Recognition>>,
) -> Arc<WindowUDF> {
    Arc::new(WindowUDF::new_from_impl(Framed {
        asked,
        arguments,
        frame,
        columns,
        pattern,
        signature: Signature::one_of(
            vec![TypeSignature::VariadicAny, TypeSignature::Nullary],
            Volatility::Immutable,
        ),
    }))
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Framed {
    asked: Asked,
    arguments: usize,
    frame: Frame,
    columns: Vec<Type>,
    pattern: Option<Arc<Recognition>>,
    signature: Signature,
}

impl Framed {
    fn result(&self, fields: &[FieldRef]) -> Result<DataType> {
        match &self.asked {
            Asked::Aggregate(function) => Ok(function.return_field(fields)?.data_type().clone()),
            Asked::Value(_) => fields
                .first()
                .map(|field| field.data_type().clone())
                .ok_or_else(no_argument),
            Asked::Measure(data_type) => Ok(data_type.arrow()),
        }
    }
}

fn no_argument() -> DataFusionError {
    DataFusionError::Internal("a window function without its argument".to_owned())
}

impl WindowUDFImpl for Framed {
    fn name(&self) -> &str {
        match &self.asked {
            Asked::Aggregate(function) => function.name(),
            Asked::Value(Which::First) => "first_value",
            Asked::Value(Which::Last) => "last_value",
            Asked::Value(Which::Nth) => "nth_value",
            Asked::Measure(_) => "measure",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(
        &self,
        arguments: PartitionEvaluatorArgs,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        let own = ..self.arguments;
        let exprs = arguments.input_exprs().get(own).unwrap_or_default();
        let fields = arguments.input_fields().get(own).unwrap_or_default();
        Ok(Box::new(Partition {
            framed: self.clone(),
            exprs: exprs.to_vec(),
            fields: fields.to_vec(),
            ignore_nulls: arguments.ignore_nulls(),
        }))
    }

    fn field(&self, arguments: WindowUDFFieldArgs) -> Result<FieldRef> {
        let fields = arguments.input_fields().get(..self.arguments);
        let data_type = self.result(fields.unwrap_or_default())?;
        Ok(Arc::new(Field::new(arguments.name(), data_type, true)))
    }
}

/// Evaluates the frames of a partition, whose rows are in order.
#[derive(Debug)]
struct Partition {
    framed: Framed,
    /// Of the asked function's own arguments.
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    fields: Vec<FieldRef>,
    ignore_nulls: bool,
}

impl PartitionEvaluator for Partition {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        if rows == 0 {
            return Ok(new_empty_array(&self.framed.result(&self.fields)?));
        }
        let (own, others) = values.split_at(self.framed.arguments.min(values.len()));
        let (columns, inputs) = others.split_at(self.framed.columns.len().min(others.len()));
        let columns: Vec<Vec<Value>> = columns
            .iter()
            .zip(&self.framed.columns)
            .map(|(array, data_type)| values_of(array, data_type))
            .collect();
        let frames = self.framed.frame.ranges(&columns, rows).map_err(external)?;
        let frames = match (&self.framed.pattern, &self.framed.asked) {
            (None, _) => frames,
            (Some(pattern), Asked::Measure(_)) => {
                return measure_of_matches(pattern, inputs, &frames).map_err(external);
            }
            (Some(pattern), _) => matched_frames(pattern, inputs, &frames).map_err(external)?,
        };
        match &self.framed.asked {
            Asked::Aggregate(function) => self.aggregates(function, own, &frames),
            Asked::Value(which) => self.chosen(*which, own, &frames),
            Asked::Measure(_) => Err(external(Error::internal("a measure without a pattern"))),
        }
    }
}

impl Partition {
    /// One that takes rows back, where it does that without loss: DataFusion's sums of
    /// floating-point numbers do not.
    fn accumulator(&self, function: &AggregateUDF) -> Result<Box<dyn Accumulator>> {
        let schema = Schema::new(self.fields.clone());
        let return_field = function.return_field(&self.fields)?;
        let takes_back =
            function.inner().is::<Aggregate>() || !return_field.data_type().is_floating();
        let arguments = AccumulatorArgs {
            return_field,
            schema: &schema,
            ignore_nulls: self.ignore_nulls,
            order_bys: &[],
            is_reversed: false,
            name: function.name(),
            is_distinct: false,
            exprs: &self.exprs,
            expr_fields: &self.fields,
        };
        if takes_back {
            function.create_sliding_accumulator(arguments)
        } else {
            function.accumulator(arguments)
        }
    }

    fn aggregates(
        &self,
        function: &AggregateUDF,
        arguments: &[ArrayRef],
        frames: &[Range<usize>],
    ) -> Result<ArrayRef> {
        let of_none = self.accumulator(function)?.evaluate()?;
        let mut values: Vec<ScalarValue> = Vec::with_capacity(frames.len());
        let mut accumulator = self.accumulator(function)?;
        let takes_back = accumulator.supports_retract_batch();
        let mut seen = 0..0;
        let mut value = of_none.clone();
        for frame in frames {
            if frame.is_empty() {
                values.push(of_none.clone());
                continue;
            }
            if *frame != seen {
                // A frame that has moved on a little goes on from what there is.
                let moved = takes_back && seen.contains(&frame.start);
                let goes_on = frame.start == seen.start || moved;
                if !goes_on || frame.end < seen.end {
                    accumulator = self.accumulator(function)?;
                    seen = frame.start..frame.start;
                }
                if frame.end > seen.end {
                    accumulator.update_batch(&slices(arguments, seen.end..frame.end))?;
                }
                if frame.start > seen.start {
                    accumulator.retract_batch(&slices(arguments, seen.start..frame.start))?;
                }
                seen = frame.clone();
                value = accumulator.evaluate()?;
            }
            values.push(value.clone());
        }
        ScalarValue::iter_to_array(values)
    }

    fn chosen(
        &self,
        which: Which,
        arguments: &[ArrayRef],
        frames: &[Range<usize>],
    ) -> Result<ArrayRef> {
        let value = arguments.first().ok_or_else(no_argument)?;
        let nulls = value.logical_nulls().filter(|_| self.ignore_nulls);
        let counts = |row: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row));
        let mut places = Vec::with_capacity(frames.len());
        for (row, frame) in frames.iter().enumerate() {
            let mut rows = frame.clone().filter(counts);
            let place = match which {
                Which::First => rows.next(),
                Which::Last => rows.next_back(),
                Which::Nth => nth(arguments.get(1), row)?.and_then(|n| rows.nth(n)),
            };
            places.push(place.map(|place| place as u64));
        }
        Ok(take(value, &UInt64Array::from(places), None)?)
    }
}

/// Some rows of columns.
fn slices(columns: &[ArrayRef], rows: Range<usize>) -> Vec<ArrayRef> {
    columns
        .iter()
        .map(|column| column.slice(rows.start, rows.len()))
        .collect()
}

/// How many rows of a frame come before the one that is asked for; nothing where NULL is.
fn nth(counts: Option<&ArrayRef>, row: usize) -> Result<Option<usize>> {
    let counts = counts
        .and_then(|array| array.as_primitive_opt::<Int64Type>())
        .ok_or_else(no_argument)?;
    if counts.is_null(row) {
        return Ok(None);
    }
    let before = usize::try_from(counts.value(row)).map(|n| n.checked_sub(1));
    match before {
        Ok(Some(n)) => Ok(Some(n)),
        _ => Err(external(invalid_argument("Offset must be at least 1"))),
    }
}

impl Frame {
    /// The rows of each row's frame.
    fn ranges(&self, columns: &[Vec<Value>], rows: usize) -> Result<Vec<Range<usize>>, Error> {
        let (keys, columns) = columns.split_at(self.keys.min(columns.len()));
        let mut columns = columns.iter();
        let start = self.side(self.start, &mut columns)?;
        let end = self.side(self.end, &mut columns)?;
        let steps = match self.units {
            Units::Rows => Steps::of_rows(rows),
            Units::Groups | Units::Range => Steps::of_groups(keys, rows),
        };
        let by_key = keys.first().filter(|_| self.units == Units::Range);
        let sorted = by_key.map_or(0..0, |key| without_nulls(key));
        let mut ranges = Vec::with_capacity(rows);
        for row in 0..rows {
            // The offsets of a row without a sort key lead to such rows.
            let at = match by_key {
                Some(key) if key[row].is_null() => At::Peers,
                Some(_) => At::Key(&sorted, self.descending),
                None => At::Step,
            };
            let from = start.first(row, &steps, &at);
            let to = end.behind_last(row, &steps, &at);
            ranges.push(if from < to { from..to } else { 0..0 });
        }
        Ok(ranges)
    }

    fn side<'a>(&self, edge: Edge, columns: &mut Iter<'a, Vec<Value>>) -> Result<Side<'a>, Error> {
        let mut side = Side {
            edge,
            offsets: &[],
            reached: &[],
            keys: &[],
        };
        if edge.has_offset() {
            side.offsets = column(columns)?;
            if side.offsets.iter().any(is_no_offset) {
                return Err(Error::user(
                    "INVALID_WINDOW_FRAME",
                    "Window frame offset value must not be negative or null",
                ));
            }
            if self.units == Units::Range {
                side.reached = column(columns)?;
                side.keys = column(columns)?;
            }
        }
        Ok(side)
    }
}

fn column<'a>(columns: &mut Iter<'a, Vec<Value>>) -> Result<&'a [Value], Error> {
    columns
        .next()
        .map(Vec::as_slice)
        .ok_or_else(|| Error::internal("a frame without its columns"))
}

fn is_no_offset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Integer(n) | Value::IntervalDay(n) => *n < 0,
        Value::IntervalYear(n) => *n < 0,
        Value::Decimal(n) => *n < 0,
        Value::Real(_) | Value::Double(_) => value.as_f64().is_nan() || value.as_f64() < 0.0,
        _ => false,
    }
}

/// The rows that have a key; the others are all before or all behind them.
fn without_nulls(key: &[Value]) -> Range<usize> {
    let first = key.iter().position(|value| !value.is_null());
    let last = key.iter().rposition(|value| !value.is_null());
    let behind = last.map_or(0, |last| last + 1);
    first.unwrap_or(behind)..behind
}

/// The rows of a partition in what offsets count.
struct Steps {
    /// Of each row.
    of: Vec<usize>,
    /// The first row of each, and behind them the number of rows.
    starts: Vec<usize>,
}

impl Steps {
    fn of_rows(rows: usize) -> Self {
        Self {
            of: (0..rows).collect(),
            starts: (0..=rows).collect(),
        }
    }

    fn of_groups(keys: &[Vec<Value>], rows: usize) -> Self {
        let mut of = Vec::with_capacity(rows);
        let mut starts = Vec::new();
        for row in 0..rows {
            let is_new = row == 0 || keys.iter().any(|key| !key[row].same(&key[row - 1]));
            if is_new {
                starts.push(row);
            }
            of.push(starts.len() - 1);
        }
        starts.push(rows);
        Self { of, starts }
    }

    /// The first row of a step; the number of rows where there are fewer steps.
    fn start(&self, step: usize) -> usize {
        self.starts[step.min(self.starts.len() - 1)]
    }
}

/// How the offset of a row leads to another.
enum At<'a> {
    /// By rows or groups.
    Step,
    /// By the sort key, among these rows, and whether it falls.
    Key(&'a Range<usize>, bool),
    /// It does not: the row has no sort key.
    Peers,
}

/// One edge of all frames.
struct Side<'a> {
    edge: Edge,
    offsets: &'a [Value],
    /// The sort keys that the offsets lead to.
    reached: &'a [Value],
    /// The rows' own sort keys, in the type of those.
    keys: &'a [Value],
}

impl Side<'_> {
    /// The first row of a row's frame.
    fn first(&self, row: usize, steps: &Steps, at: &At<'_>) -> usize {
        let own = steps.of[row];
        match (self.edge, at) {
            (Edge::Unbounded, _) => 0,
            (Edge::CurrentRow, _) | (_, At::Peers) => steps.start(own),
            (_, At::Key(sorted, descending)) => self.found(row, sorted, *descending, false),
            (Edge::Preceding, At::Step) => steps.start(own.saturating_sub(self.count(row))),
            (Edge::Following, At::Step) => steps.start(own.saturating_add(self.count(row))),
        }
    }

    /// The row behind the last one of a row's frame.
    fn behind_last(&self, row: usize, steps: &Steps, at: &At<'_>) -> usize {
        let next = steps.of[row] + 1;
        match (self.edge, at) {
            (Edge::Unbounded, _) => steps.of.len(),
            (Edge::CurrentRow, _) | (_, At::Peers) => steps.start(next),
            (_, At::Key(sorted, descending)) => self.found(row, sorted, *descending, true),
            (Edge::Preceding, At::Step) => steps.start(next.saturating_sub(self.count(row))),
            (Edge::Following, At::Step) => steps.start(next.saturating_add(self.count(row))),
        }
    }

    /// The offset of a row as a number of steps; what is beyond every partition stays so.
    fn count(&self, row: usize) -> usize {
        match self.offsets.get(row) {
            Some(Value::Integer(n)) => usize::try_from(*n).unwrap_or(usize::MAX),
            Some(Value::Decimal(n)) => usize::try_from(*n).unwrap_or(usize::MAX),
            _ => 0,
        }
    }

    /// The first row whose key is not before the one that a row's offset leads to, or is `behind`
    /// that one.
    fn found(&self, row: usize, sorted: &Range<usize>, descending: bool, behind: bool) -> usize {
        let reached = &self.reached[row];
        let before = self.keys[sorted.clone()].partition_point(|key| {
            let order = if descending {
                reached.order(key)
            } else {
                key.order(reached)
            };
            order.is_lt() || (behind && order.is_eq())
        });
        sorted.start + before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integers(values: &[i64]) -> Vec<Value> {
        values.iter().copied().map(Value::Integer).collect()
    }

    fn frame(units: Units, start: Edge, end: Edge) -> Frame {
        Frame {
            units,
            descending: false,
            start,
            end,
            keys: usize::from(units != Units::Rows),
        }
    }

    #[test]
    fn rows_are_counted_from_each_row() {
        let frame = frame(Units::Rows, Edge::Preceding, Edge::Preceding);
        let columns = [integers(&[1, 0, 2, i64::MAX]), integers(&[1, 2, 1, 1])];
        assert_eq!(frame.ranges(&columns, 4).unwrap(), [0..0, 0..0, 0..2, 0..3]);
    }

    #[test]
    fn groups_hold_equal_keys() {
        let frame = frame(Units::Groups, Edge::Following, Edge::Unbounded);
        let columns = [integers(&[1, 1, 2, 3]), integers(&[1, 1, 1, 1])];
        assert_eq!(frame.ranges(&columns, 4).unwrap(), [2..4, 2..4, 3..4, 0..0]);
    }

    #[test]
    fn a_key_leads_from_its_row_to_others_and_null_to_null() {
        let frame = frame(Units::Range, Edge::Preceding, Edge::CurrentRow);
        let mut keys = integers(&[1, 2, 4]);
        keys.push(Value::Null);
        let mut reached = integers(&[0, 1, 3]);
        reached.push(Value::Null);
        let columns = [keys.clone(), integers(&[1, 1, 1, 1]), reached, keys];
        assert_eq!(frame.ranges(&columns, 4).unwrap(), [0..1, 0..2, 2..3, 3..4]);
    }

    #[test]
    fn an_offset_is_not_negative() {
        let frame = frame(Units::Rows, Edge::Preceding, Edge::CurrentRow);
        let error = frame.ranges(&[integers(&[-1])], 1).unwrap_err();
        assert_eq!(error.code, "INVALID_WINDOW_FRAME");
    }
}
