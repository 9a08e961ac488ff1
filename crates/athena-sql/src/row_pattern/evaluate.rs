//! Values of computations at rows of a match: what they navigate to is gathered, and the
//! expressions are evaluated over all that has been gathered at once.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray, UInt64Array};
use datafusion::arrow::compute::take;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Accumulator;

use super::{AggregateOf, Computation, Navigation, Recognition, Source};
use crate::error::Error;
use crate::functions::error_of;

/// A partition's rows in order, as the window function's arguments.
#[derive(Debug)]
pub struct Partition<'a> {
    pub arguments: &'a [ArrayRef],
    pub rows: usize,
}

impl Partition<'_> {
    /// The row so many rows on, if there is one.
    pub fn moved(&self, row: usize, by: i64) -> Option<usize> {
        let to = usize::try_from(i64::try_from(row).ok()?.checked_add(by)?).ok()?;
        (to < self.rows).then_some(to)
    }
}

/// Rows that have been matched, one after the other.
#[derive(Debug, Default)]
pub struct Match {
    pub number: i64,
    /// The partition's rows that there are for it, beyond which nothing is seen.
    pub bounds: Range<usize>,
    /// The first of the rows.
    pub start: usize,
    /// The label of each row.
    pub labels: Vec<usize>,
    /// The rows of each set of labels.
    pub rows: Vec<Vec<usize>>,
    /// How far from the start excluded parts begin and end, in turn.
    pub exclusions: Vec<usize>,
    /// For each history, what stands for the rows up to each of its rows.
    pub histories: Vec<Vec<usize>>,
}

impl Match {
    /// The label of a row; `None` outside of the match.
    pub fn label_at(&self, row: usize) -> Option<usize> {
        self.labels.get(row.checked_sub(self.start)?).copied()
    }

    /// How many rows of a set there are up to a row, or in all.
    fn count(&self, set: usize, current: usize, is_final: bool) -> usize {
        let rows = &self.rows[set];
        if is_final {
            rows.len()
        } else {
            rows.partition_point(|row| *row <= current)
        }
    }

    /// The row that is meant at the row `current`, if there is one.
    fn resolve(
        &self,
        navigation: Navigation,
        current: usize,
        partition: &Partition<'_>,
    ) -> Option<usize> {
        let rows = &self.rows[navigation.set];
        let index = if navigation.last {
            let count = self.count(navigation.set, current, navigation.is_final);
            count.checked_sub(navigation.logical + 1)?
        } else {
            navigation.logical
        };
        let row = partition.moved(*rows.get(index)?, navigation.physical)?;
        self.bounds.contains(&row).then_some(row)
    }

    /// What tells the first rows of an aggregate's set, so many and more than none, from others.
    fn mark(&self, history: Option<usize>, count: usize) -> usize {
        match history {
            Some(history) => self.histories[history][count - 1],
            None => self.start,
        }
    }
}

/// Aggregates that grow with the match.
#[derive(Debug)]
pub struct Aggregates {
    running: Vec<Running>,
}

/// What an aggregate has taken so far.
#[derive(Debug, Default)]
struct Running {
    accumulator: Option<Box<dyn Accumulator>>,
    rows: usize,
    mark: usize,
}

impl Aggregates {
    pub fn new(recognition: &Recognition) -> Self {
        let mut running = Vec::new();
        running.resize_with(recognition.aggregates.len(), Running::default);
        Self { running }
    }

    /// Forgets what has been taken, before another match.
    pub fn clear(&mut self) {
        self.running.fill_with(Running::default);
    }

    /// An aggregate's value at a row of the match.
    fn value(
        &mut self,
        index: usize,
        recognition: &Recognition,
        partition: &Partition<'_>,
        found: &Match,
        current: usize,
    ) -> Result<ScalarValue, Error> {
        let aggregate = &recognition.aggregates[index];
        let history = recognition.dependences.history_of[index];
        let count = found.count(aggregate.set, current, aggregate.is_final);
        let running = &mut self.running[index];
        let goes_on = running.rows == 0
            || (running.rows <= count && running.mark == found.mark(history, running.rows));
        if !goes_on {
            *running = Running::default();
        }
        if running.accumulator.is_none() {
            running.accumulator = Some(aggregate.accumulator()?);
        }
        let Some(accumulator) = &mut running.accumulator else {
            return Err(Error::internal("no accumulator"));
        };
        if running.rows < count {
            let new = &found.rows[aggregate.set][running.rows..count];
            let values = arguments(aggregate, recognition, partition, found, new)?;
            accumulator
                .update_batch(&values)
                .map_err(|e| error_of(&e))?;
            running.rows = count;
            running.mark = found.mark(history, count);
        }
        accumulator.evaluate().map_err(|e| error_of(&e))
    }
}

/// The arguments of an aggregate at rows of the match.
fn arguments(
    aggregate: &AggregateOf,
    recognition: &Recognition,
    partition: &Partition<'_>,
    found: &Match,
    rows: &[usize],
) -> Result<Vec<ArrayRef>, Error> {
    let mut columns = Vec::with_capacity(aggregate.inputs.len());
    for input in &aggregate.inputs {
        let column = match input.source {
            Source::Value(argument, _) => {
                Column::Rows(rows.iter().map(|row| Some(*row as u64)).collect(), argument)
            }
            Source::Classifier(_) => {
                Column::Labels(rows.iter().map(|row| found.label_at(*row)).collect())
            }
            Source::MatchNumber => Column::Numbers(vec![found.number; rows.len()]),
            Source::Aggregate(_) => return Err(Error::internal("an aggregate in an aggregate")),
        };
        columns.push(column.array(recognition, partition)?);
    }
    aggregate.arguments(columns, rows.len())
}

/// The values of one input at several places.
#[derive(Debug)]
enum Column {
    /// Rows, and the argument whose values they are of.
    Rows(Vec<Option<u64>>, usize),
    Labels(Vec<Option<usize>>),
    Numbers(Vec<i64>),
    Values(Vec<ScalarValue>),
}

impl Column {
    fn array(
        self,
        recognition: &Recognition,
        partition: &Partition<'_>,
    ) -> Result<ArrayRef, Error> {
        let array: ArrayRef = match self {
            Self::Rows(rows, argument) => {
                let rows = UInt64Array::from(rows);
                take(&partition.arguments[argument], &rows, None).map_err(Error::internal)?
            }
            Self::Labels(labels) => {
                let name = |label: usize| recognition.labels[label].as_str();
                let names = labels.into_iter().map(|label| label.map(name));
                Arc::new(names.collect::<StringArray>())
            }
            Self::Numbers(numbers) => Arc::new(Int64Array::from(numbers)),
            Self::Values(values) => ScalarValue::iter_to_array(values).map_err(|e| error_of(&e))?,
        };
        Ok(array)
    }
}

/// What a computation is to be evaluated over.
#[derive(Debug)]
pub struct Gathered {
    columns: Vec<Column>,
    pub places: usize,
}

impl Gathered {
    pub fn new(computation: &Computation) -> Self {
        let column = |source: Source| match source {
            Source::Value(argument, _) => Column::Rows(Vec::new(), argument),
            Source::Classifier(_) => Column::Labels(Vec::new()),
            Source::MatchNumber => Column::Numbers(Vec::new()),
            Source::Aggregate(_) => Column::Values(Vec::new()),
        };
        let inputs = computation.inputs.iter();
        Self {
            columns: inputs.map(|input| column(input.source)).collect(),
            places: 0,
        }
    }

    /// Every row of a partition as the last of a match, under the label of a condition that
    /// speaks of its own row and those around it.
    pub fn every_row(computation: &Computation, label: usize, partition: &Partition<'_>) -> Self {
        let rows = 0..partition.rows;
        let column = |source: Source| match source {
            Source::Value(argument, navigation) => {
                let around = rows.clone().map(|row| {
                    partition
                        .moved(row, navigation.physical)
                        .map(|to| to as u64)
                });
                Column::Rows(around.collect(), argument)
            }
            _ => Column::Labels(vec![Some(label); partition.rows]),
        };
        let inputs = computation.inputs.iter();
        Self {
            columns: inputs.map(|input| column(input.source)).collect(),
            places: partition.rows,
        }
    }

    /// Adds a row of a match; gives the bytes that aggregates' values take.
    pub fn push(
        &mut self,
        computation: &Computation,
        recognition: &Recognition,
        partition: &Partition<'_>,
        found: &Match,
        current: usize,
        aggregates: &mut Aggregates,
    ) -> Result<usize, Error> {
        let mut bytes = 0;
        for (column, input) in self.columns.iter_mut().zip(&computation.inputs) {
            match (column, input.source) {
                (Column::Rows(rows, _), Source::Value(_, navigation)) => {
                    let row = found.resolve(navigation, current, partition);
                    rows.push(row.map(|row| row as u64));
                }
                (Column::Labels(labels), Source::Classifier(navigation)) => {
                    let row = found.resolve(navigation, current, partition);
                    labels.push(row.and_then(|row| found.label_at(row)));
                }
                (Column::Numbers(numbers), Source::MatchNumber) => numbers.push(found.number),
                (Column::Values(values), Source::Aggregate(index)) => {
                    let value = aggregates.value(index, recognition, partition, found, current)?;
                    bytes += value.size();
                    values.push(value);
                }
                _ => return Err(Error::internal("a column of another kind")),
            }
        }
        self.places += 1;
        Ok(bytes)
    }

    /// The computation's values at all places, of which there are some.
    pub fn evaluate(
        self,
        computation: &Computation,
        recognition: &Recognition,
        partition: &Partition<'_>,
    ) -> Result<ArrayRef, Error> {
        let columns = self.columns.into_iter();
        let columns = columns
            .map(|column| column.array(recognition, partition))
            .collect::<Result<Vec<_>, Error>>()?;
        computation.evaluate(columns, self.places)
    }
}
