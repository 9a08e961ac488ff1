//! The rows that a partition's matches give, gathered, and evaluated together.

use std::sync::Arc;

use datafusion::arrow::array::new_null_array;
use datafusion::arrow::array::{Array, ArrayRef, Int64Array, ListArray, StructArray, UInt64Array};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::DataType;

use super::evaluate::{Aggregates, Gathered, Match, Partition};
use super::{Computation, Recognition};
use crate::error::{Error, ErrorKind};

/// What the rows of output of one partition may take, before they are evaluated.
const MAX_BYTES: usize = 256 << 20;
/// What an input of a measure takes at a row of output.
const BYTES_OF_A_PLACE: usize = 16;

/// One row of output.
struct Row {
    /// The partition's row that it belongs to.
    of: usize,
    /// The number of its match, and where its measures are among those gathered; `None` for a row
    /// without a match.
    matched: Option<(i64, u64)>,
}

pub struct Output<'a> {
    recognition: &'a Recognition,
    partition: &'a Partition<'a>,
    rows: Vec<Row>,
    /// By measure.
    gathered: Vec<Gathered>,
    places: u64,
    aggregates: Aggregates,
    bytes: usize,
}

impl<'a> Output<'a> {
    pub fn new(recognition: &'a Recognition, partition: &'a Partition<'a>) -> Self {
        let measures = recognition.measures.iter();
        Self {
            recognition,
            partition,
            rows: Vec::new(),
            gathered: measures
                .map(|(measure, _)| Gathered::new(measure))
                .collect(),
            places: 0,
            aggregates: Aggregates::new(recognition),
            bytes: 0,
        }
    }

    /// Aggregates begin anew.
    pub fn begin_match(&mut self) {
        self.aggregates.clear();
    }

    /// A row of a match: the measures as they are at the row `current`.
    pub fn matched(&mut self, found: &Match, of: usize, current: usize) -> Result<(), Error> {
        for (gathered, (measure, _)) in self.gathered.iter_mut().zip(&self.recognition.measures) {
            self.bytes += BYTES_OF_A_PLACE * measure.inputs.len();
            self.bytes += gathered.push(
                measure,
                self.recognition,
                self.partition,
                found,
                current,
                &mut self.aggregates,
            )?;
        }
        let matched = Some((found.number, self.places));
        self.places += 1;
        self.add(Row { of, matched })
    }

    /// A row that no match has.
    pub fn unmatched(&mut self, of: usize) -> Result<(), Error> {
        self.add(Row { of, matched: None })
    }

    fn add(&mut self, row: Row) -> Result<(), Error> {
        self.bytes += size_of::<Row>();
        self.rows.push(row);
        if self.bytes > MAX_BYTES {
            return Err(Error {
                kind: ErrorKind::ResourcesExceeded,
                ..Error::user(
                    "EXCEEDED_LOCAL_MEMORY_LIMIT",
                    format!(
                        "Query exceeded per-node memory limit: the matches of one partition take \
                         more than {MAX_BYTES} bytes"
                    ),
                )
            });
        }
        Ok(())
    }

    /// The first measure at each of the partition's rows, of which none has two rows of output;
    /// NULL where there is no match.
    pub fn first_measure(self) -> Result<ArrayRef, Error> {
        let mut places: Vec<Option<u64>> = vec![None; self.partition.rows];
        for row in &self.rows {
            places[row.of] = row.matched.map(|(_, place)| place);
        }
        let places = UInt64Array::from(places);
        let (recognition, partition) = (self.recognition, self.partition);
        let first = recognition.measures.first();
        let gathered = self.gathered.into_iter().next();
        let (Some((measure, data_type)), Some(gathered)) = (first, gathered) else {
            return Err(Error::internal("no measure"));
        };
        let data_type = data_type.arrow();
        at_places(
            gathered,
            measure,
            &data_type,
            &places,
            recognition,
            partition,
        )
    }

    /// The rows of output at each of the partition's rows.
    pub fn finish(mut self) -> Result<ArrayRef, Error> {
        let DataType::List(item) = self.recognition.result_type().arrow() else {
            return Err(Error::internal("not a list of rows"));
        };
        let DataType::Struct(fields) = item.data_type().clone() else {
            return Err(Error::internal("not a list of rows"));
        };
        // The rows of later matches stand behind those of earlier ones.
        self.rows.sort_by_key(|row| row.of);
        let mut lengths = vec![0_usize; self.partition.rows];
        for row in &self.rows {
            lengths[row.of] += 1;
        }
        let numbers = self
            .rows
            .iter()
            .map(|row| row.matched.map(|(number, _)| number));
        let numbers: Int64Array = numbers.collect();
        let places = self
            .rows
            .iter()
            .map(|row| row.matched.map(|(_, place)| place));
        let places: UInt64Array = places.collect();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers)];
        let measures = self.recognition.measures.iter();
        for (gathered, (measure, data_type)) in self.gathered.into_iter().zip(measures) {
            let data_type = data_type.arrow();
            columns.push(at_places(
                gathered,
                measure,
                &data_type,
                &places,
                self.recognition,
                self.partition,
            )?);
        }
        let rows = StructArray::try_new(fields, columns, None).map_err(Error::internal)?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let list = ListArray::try_new(item, offsets, Arc::new(rows), None);
        Ok(Arc::new(list.map_err(Error::internal)?))
    }
}

/// A measure's values at places among those that have been gathered, NULL at none.
fn at_places(
    gathered: Gathered,
    measure: &Computation,
    data_type: &DataType,
    places: &UInt64Array,
    recognition: &Recognition,
    partition: &Partition<'_>,
) -> Result<ArrayRef, Error> {
    if gathered.places == 0 {
        return Ok(new_null_array(data_type, places.len()));
    }
    let values = gathered.evaluate(measure, recognition, partition)?;
    let values = take(&values, places, None).map_err(Error::internal)?;
    if values.data_type() == data_type {
        return Ok(values);
    }
    cast(&values, data_type).map_err(Error::internal)
}
