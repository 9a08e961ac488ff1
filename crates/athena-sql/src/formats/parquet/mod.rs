//! Parquet: columns by their names, places or ids; row groups by their statistics.

mod reader;
mod statistics;

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, new_null_array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, RowSelection, RowSelector,
};
use datafusion::parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};
use futures::TryFutureExt;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};

use self::reader::{Reader, bad_file};
use self::statistics::Statistics;
use super::files::File;
pub(crate) use super::fit::FieldIds;
use super::fit::{find, fit, is_readable};
use super::scan::constant;
use super::{Filter, Format, Layout};
use crate::error::Error;
use crate::functions::error_of;
use crate::types::{Type, Value};

const BATCH: usize = 8192;

pub(super) fn format(layout: Layout, filter: Filter) -> Result<Arc<dyn Format>, Error> {
    // Whether a column is the one of the same place, whatever its name.
    let by_place = layout.flag("parquet.column.index.access", false);
    let matching = if by_place {
        Matching::Places
    } else {
        Matching::Names
    };
    Ok(Arc::new(Parquet::new(layout, matching, filter)))
}

/// How a table's columns are found in a file.
#[derive(Debug)]
pub(crate) enum Matching {
    Names,
    Places,
    /// Of each column of the layout.
    Ids(Vec<FieldIds>),
}

#[derive(Clone, Debug)]
pub(crate) struct Parquet {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    layout: Layout,
    matching: Matching,
    /// Of the batches that are given.
    schema: SchemaRef,
    pruning: Option<PruningPredicate>,
}

/// What is known of one file from elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    /// Places of rows, counted from 0, that are deleted: in ascending order, each once.
    pub deleted: Vec<u64>,
    /// Values of columns that are not in the file, by their places in the layout.
    pub constants: HashMap<usize, Value>,
}

impl Parquet {
    pub fn new(layout: Layout, matching: Matching, filter: Filter) -> Self {
        let fields = |columns: &mut dyn Iterator<Item = (&String, &Type)>| {
            let fields: Vec<Field> = columns
                .map(|(name, data_type)| Field::new(name, data_type.arrow(), true))
                .collect();
            Arc::new(Schema::new(fields))
        };
        let all = fields(&mut layout.columns.iter().map(|(n, t)| (n, t)));
        let schema = fields(&mut layout.projection.iter().map(|i| {
            let (name, data_type) = &layout.columns[*i];
            (name, data_type)
        }));
        // A filter that says nothing of statistics prunes nothing.
        let pruning = filter.and_then(|filter| {
            PruningPredicateBuilder::new()
                .with_file_schema(all)
                .try_build(filter)
                .ok()
        });
        Self {
            inner: Arc::new(Inner {
                layout,
                matching,
                schema,
                pruning,
            }),
        }
    }

    /// The rows of a file of which something is known from elsewhere.
    pub async fn open(
        &self,
        file: File,
        beside: Beside,
    ) -> Result<BoxStream<'static, Result<RecordBatch, Error>>, Error> {
        open(self.inner.clone(), file, beside).await
    }
}

impl Format for Parquet {
    fn read(&self, file: File) -> BoxStream<'static, Result<RecordBatch, Error>> {
        open(self.inner.clone(), file, Beside::default())
            .try_flatten_stream()
            .boxed()
    }
}

impl Inner {
    fn ids(&self, column: usize) -> Option<&FieldIds> {
        match &self.matching {
            Matching::Ids(ids) => ids.get(column),
            Matching::Names | Matching::Places => None,
        }
    }

    /// Where a column of the layout is in a file.
    fn place(&self, of_file: &Schema, column: usize) -> Option<usize> {
        match &self.matching {
            Matching::Places => (column < of_file.fields().len()).then_some(column),
            Matching::Names | Matching::Ids(_) => {
                let name = &self.layout.columns[column].0;
                find(of_file.fields(), name, self.ids(column))
            }
        }
    }
}

async fn open(
    inner: Arc<Inner>,
    file: File,
    beside: Beside,
) -> Result<BoxStream<'static, Result<RecordBatch, Error>>, Error> {
    let bad = {
        let url = file.url();
        move |error: ParquetError| bad_file(&url, error)
    };
    let mut reader = Reader::new(file.clone());
    // The types that Arrow wrote beside Parquet's own are Arrow's affair.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load_async(&mut reader, options)
        .await
        .map_err(&bad)?;
    let of_file = metadata.schema().clone();
    let place = |i: usize| inner.place(&of_file, i);
    for (i, name, data_type) in inner.layout.wanted() {
        if let Some(place) = place(i) {
            let ids = inner.ids(i);
            check(
                name,
                of_file.field(place).data_type(),
                data_type,
                ids,
                &file,
            )?;
        }
    }
    let places: Vec<Option<usize>> = inner.layout.projection.iter().map(|i| place(*i)).collect();

    let groups: Vec<usize> = match &inner.pruning {
        Some(pruning) => {
            let statistics = Statistics {
                layout: &inner.layout,
                metadata: &metadata,
                place: &place,
            };
            match pruning.prune(&statistics) {
                Ok(kept) => kept
                    .iter()
                    .enumerate()
                    .filter_map(|(i, kept)| kept.then_some(i))
                    .collect(),
                // Without usable statistics everything is read.
                Err(_) => (0..metadata.metadata().num_row_groups()).collect(),
            }
        }
        None => (0..metadata.metadata().num_row_groups()).collect(),
    };

    let mut read: Vec<usize> = places.iter().copied().flatten().collect();
    read.sort_unstable();
    read.dedup();
    let mask = ProjectionMask::roots(metadata.parquet_schema(), read.iter().copied());
    let selection = (!beside.deleted.is_empty())
        .then(|| selection(metadata.metadata(), &groups, &beside.deleted));
    let mut builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata)
        .with_projection(mask)
        .with_row_groups(groups)
        .with_batch_size(BATCH);
    if let Some(selection) = selection {
        builder = builder.with_row_selection(selection);
    }
    let batches = builder.build().map_err(&bad)?;
    // A batch has the columns that were read, in the order of the file.
    let places: Vec<Option<usize>> = places
        .into_iter()
        .map(|place| place.and_then(|place| read.binary_search(&place).ok()))
        .collect();
    Ok(batches
        .map_err(bad)
        .and_then(move |batch| {
            let batch = conform(&inner, &places, &beside.constants, &batch);
            futures::future::ready(batch)
        })
        .boxed())
}

/// The rows of these row groups that are not deleted.
fn selection(metadata: &ParquetMetaData, groups: &[usize], deleted: &[u64]) -> RowSelection {
    let mut starts = Vec::with_capacity(metadata.num_row_groups());
    let mut rows = 0;
    for group in metadata.row_groups() {
        starts.push(rows);
        rows += group.num_rows() as u64;
    }
    let mut selectors = Vec::new();
    for &group in groups {
        let start = starts[group];
        let end = start + metadata.row_group(group).num_rows() as u64;
        let first = deleted.partition_point(|row| *row < start);
        let mut at = start;
        for &row in deleted[first..].iter().take_while(|row| **row < end) {
            if row > at {
                selectors.push(RowSelector::select((row - at) as usize));
            }
            selectors.push(RowSelector::skip(1));
            at = row + 1;
        }
        if end > at {
            selectors.push(RowSelector::select((end - at) as usize));
        }
    }
    selectors.into()
}

/// A batch in the columns and types of the table.
fn conform(
    inner: &Inner,
    places: &[Option<usize>],
    constants: &HashMap<usize, Value>,
    batch: &RecordBatch,
) -> Result<RecordBatch, Error> {
    let count = batch.num_rows();
    let columns = inner.layout.wanted().zip(places).map(|((i, _, t), place)| {
        Ok(match (place, constants.get(&i)) {
            (Some(place), _) => fit(batch.column(*place), t, inner.ids(i))?,
            (None, Some(value)) => constant(value.clone(), t, count).map_err(|e| error_of(&e))?,
            (None, None) => new_null_array(&t.arrow(), count),
        })
    });
    let columns = columns.collect::<Result<Vec<ArrayRef>, Error>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(inner.schema.clone(), columns, &options)
        .map_err(Error::internal)
}

/// Whether Athena reads a file's type as the table's.
fn check(
    name: &str,
    of_file: &DataType,
    wanted: &Type,
    ids: Option<&FieldIds>,
    file: &File,
) -> Result<(), Error> {
    if is_readable(of_file, wanted, ids) {
        return Ok(());
    }
    Err(Error::user(
        "HIVE_BAD_DATA",
        format!(
            "Field {name}'s type {} in parquet file {} is incompatible with type {wanted} defined in table schema",
            physical_name(of_file),
            file.url()
        ),
    ))
}

/// Parquet's name of what an Arrow type was read from.
fn physical_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "BOOLEAN",
        DataType::Null
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::Date32
        | DataType::Time32(_) => "INT32",
        DataType::Int64 | DataType::UInt64 | DataType::Timestamp(..) | DataType::Time64(_) => {
            "INT64"
        }
        DataType::Float32 => "FLOAT",
        DataType::Float64 => "DOUBLE",
        DataType::Decimal128(..) | DataType::FixedSizeBinary(_) => "FIXED_LEN_BYTE_ARRAY",
        DataType::List(_) => "LIST",
        DataType::Map(..) => "MAP",
        DataType::Struct(_) => "GROUP",
        _ => "BINARY",
    }
}
