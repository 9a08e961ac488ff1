//! Parquet: columns by their names, row groups by their statistics.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, StructArray, UInt64Array, new_null_array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column as Name, ScalarValue};
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use datafusion::parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStreamBuilder};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};
use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use futures::{FutureExt, TryFutureExt};

use super::files::File;
use super::{Filter, Format, Layout};
use crate::error::Error;
use crate::types::Type;
use crate::types::arrow::field_name;

const BATCH: usize = 8192;
/// Read from the end of a file at once: the footer of most files is in it.
const FOOTER: usize = 64 << 10;

pub(super) fn format(layout: Layout, filter: Filter) -> Result<Arc<dyn Format>, Error> {
    let fields = |columns: &mut dyn Iterator<Item = (&String, &Type)>| {
        let fields: Vec<Field> = columns
            .map(|(name, data_type)| Field::new(name, data_type.arrow(), true))
            .collect();
        Arc::new(Schema::new(fields))
    };
    let all = fields(&mut layout.columns.iter().map(|(n, t)| (n, t)));
    let wanted = fields(&mut layout.projection.iter().map(|i| {
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
    Ok(Arc::new(Parquet {
        by_index: layout.flag("parquet.column.index.access", false),
        inner: Arc::new(Inner {
            layout,
            schema: wanted,
            pruning,
        }),
    }))
}

#[derive(Debug)]
struct Parquet {
    /// Whether a column is the one of the same place, whatever its name.
    by_index: bool,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    layout: Layout,
    /// Of the batches that are given.
    schema: SchemaRef,
    pruning: Option<PruningPredicate>,
}

impl Format for Parquet {
    fn read(&self, file: File) -> BoxStream<'static, Result<RecordBatch, Error>> {
        let (inner, by_index) = (self.inner.clone(), self.by_index);
        open(inner, by_index, file).try_flatten_stream().boxed()
    }
}

async fn open(
    inner: Arc<Inner>,
    by_index: bool,
    file: File,
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
    let place = |i: usize| -> Option<usize> {
        if by_index {
            return (i < of_file.fields().len()).then_some(i);
        }
        let name = &inner.layout.columns[i].0;
        of_file
            .fields()
            .iter()
            .position(|field| field.name().eq_ignore_ascii_case(name))
    };
    for (i, name, data_type) in inner.layout.wanted() {
        if let Some(place) = place(i) {
            check(name, of_file.field(place).data_type(), data_type, &file)?;
        }
    }
    let places: Vec<Option<usize>> = inner.layout.projection.iter().map(|i| place(*i)).collect();

    let groups = match &inner.pruning {
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
    let batches = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata)
        .with_projection(mask)
        .with_row_groups(groups)
        .with_batch_size(BATCH)
        .build()
        .map_err(&bad)?;
    // A batch has the columns that were read, in the order of the file.
    let places: Vec<Option<usize>> = places
        .into_iter()
        .map(|place| place.and_then(|place| read.binary_search(&place).ok()))
        .collect();
    Ok(batches
        .map_err(bad)
        .and_then(move |batch| {
            let batch = conform(&inner, &places, &batch);
            futures::future::ready(batch)
        })
        .boxed())
}

/// A batch in the columns and types of the table.
fn conform(
    inner: &Inner,
    places: &[Option<usize>],
    batch: &RecordBatch,
) -> Result<RecordBatch, Error> {
    let columns = inner.layout.wanted().zip(places).map(|((_, _, t), place)| {
        Ok(match place {
            Some(place) => fit(batch.column(*place), t)?,
            None => new_null_array(&t.arrow(), batch.num_rows()),
        })
    });
    let columns = columns.collect::<Result<Vec<ArrayRef>, Error>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(inner.schema.clone(), columns, &options)
        .map_err(Error::internal)
}

/// Whether Athena reads a file's type as the table's.
fn check(name: &str, of_file: &DataType, wanted: &Type, file: &File) -> Result<(), Error> {
    if is_readable(of_file, wanted) {
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
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::Date32 => "INT32",
        DataType::Int64 | DataType::UInt64 | DataType::Timestamp(..) => "INT64",
        DataType::Float32 => "FLOAT",
        DataType::Float64 => "DOUBLE",
        DataType::Decimal128(..) | DataType::FixedSizeBinary(_) => "FIXED_LEN_BYTE_ARRAY",
        DataType::List(_) => "LIST",
        DataType::Map(..) => "MAP",
        DataType::Struct(_) => "GROUP",
        _ => "BINARY",
    }
}

fn is_readable(of_file: &DataType, wanted: &Type) -> bool {
    match (of_file, wanted) {
        (DataType::Boolean, Type::Boolean) => true,
        (from, Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint) => from.is_integer(),
        (from, Type::Decimal(..)) => {
            from.is_integer() || matches!(from, DataType::Decimal128(..) | DataType::Decimal256(..))
        }
        (DataType::Float32, Type::Real | Type::Double) => true,
        (DataType::Float64, Type::Double | Type::Real) => true,
        (from, Type::Varchar(_) | Type::Char(_) | Type::Varbinary) => matches!(
            from,
            DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Utf8View
                | DataType::Binary
                | DataType::LargeBinary
                | DataType::BinaryView
                | DataType::FixedSizeBinary(_)
        ),
        (DataType::Date32, Type::Date | Type::Timestamp(_)) => true,
        (DataType::Timestamp(..) | DataType::Int64, Type::Timestamp(_)) => true,
        (DataType::List(item), Type::Array(element)) => is_readable(item.data_type(), element),
        (DataType::Map(entries, _), Type::Map(key, value)) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                is_readable(fields[0].data_type(), key) && is_readable(fields[1].data_type(), value)
            }
            _ => false,
        },
        (DataType::Struct(of_file), Type::Row(wanted)) => wanted.iter().all(|field| {
            find(of_file, field.name.as_deref().unwrap_or_default())
                .is_none_or(|i| is_readable(of_file[i].data_type(), &field.data_type))
        }),
        _ => false,
    }
}

fn find(fields: &Fields, name: &str) -> Option<usize> {
    fields
        .iter()
        .position(|field| field.name().eq_ignore_ascii_case(name))
}

/// An array of a file in the form of the table's type.
fn fit(array: &ArrayRef, wanted: &Type) -> Result<ArrayRef, Error> {
    let target = wanted.arrow();
    Ok(match (array.data_type(), wanted) {
        (from, _)
            if *from == target && !matches!(wanted, Type::Varchar(Some(_)) | Type::Char(_)) =>
        {
            array.clone()
        }
        (DataType::List(_), Type::Array(element)) => {
            let list = array.as_list::<i32>();
            let items = fit(list.values(), element)?;
            let item = Arc::new(Field::new("item", items.data_type().clone(), true));
            let list =
                ListArray::try_new(item, list.offsets().clone(), items, list.nulls().cloned());
            Arc::new(list.map_err(Error::internal)?)
        }
        (DataType::Map(..), Type::Map(key, value)) => {
            let map = array.as_map();
            let columns = vec![fit(map.keys(), key)?, fit(map.values(), value)?];
            let entries = rows(columns, None)?;
            let item = Arc::new(Field::new("item", entries.data_type().clone(), true));
            let list = ListArray::try_new(
                item,
                map.offsets().clone(),
                Arc::new(entries),
                map.nulls().cloned(),
            );
            Arc::new(list.map_err(Error::internal)?)
        }
        (DataType::Struct(of_file), Type::Row(wanted)) => {
            let parts = array.as_struct();
            let columns = wanted.iter().map(|field| {
                match find(of_file, field.name.as_deref().unwrap_or_default()) {
                    Some(i) => fit(parts.column(i), &field.data_type),
                    None => Ok(new_null_array(&field.data_type.arrow(), array.len())),
                }
            });
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            Arc::new(rows(columns, parts.nulls().cloned())?)
        }
        (_, Type::Varchar(Some(_)) | Type::Char(_)) => {
            let text = cast(array, &DataType::Utf8).map_err(Error::internal)?;
            let mut column = super::column::Column::new(wanted.clone());
            for value in text.as_string::<i32>() {
                match value {
                    Some(value) if column.append_text(value) => {}
                    _ => column.append_null(),
                }
            }
            column.finish()
        }
        // A moment of UTC is shown on UTC's clock, which only takes the zone off.
        (DataType::Timestamp(unit, Some(_)), Type::Timestamp(_)) => {
            let plain = cast(array, &DataType::Timestamp(*unit, None)).map_err(Error::internal)?;
            cast(&plain, &target).map_err(Error::internal)?
        }
        _ => cast(array, &target).map_err(|error| {
            Error::user(
                "HIVE_BAD_DATA",
                format!("cannot read {} as {wanted}: {error}", array.data_type()),
            )
        })?,
    })
}

fn rows(
    columns: Vec<ArrayRef>,
    nulls: Option<datafusion::arrow::buffer::NullBuffer>,
) -> Result<StructArray, Error> {
    let fields: Fields = columns
        .iter()
        .enumerate()
        .map(|(i, column)| Field::new(field_name(i), column.data_type().clone(), true))
        .collect();
    StructArray::try_new(fields, columns, nulls).map_err(Error::internal)
}

/// The row groups' least and greatest values, by the table's names and in its types.
struct Statistics<'a> {
    layout: &'a Layout,
    metadata: &'a ArrowReaderMetadata,
    place: &'a dyn Fn(usize) -> Option<usize>,
}

impl Statistics<'_> {
    fn of(
        &self,
        column: &Name,
        get: impl FnOnce(&StatisticsConverter<'_>) -> Option<ArrayRef>,
    ) -> Option<(ArrayRef, &Type)> {
        let columns = &self.layout.columns;
        let i = columns.iter().position(|(name, _)| *name == column.name)?;
        let schema = self.metadata.schema();
        let name = schema.field((self.place)(i)?).name();
        let converter =
            StatisticsConverter::try_new(name, schema, self.metadata.parquet_schema()).ok()?;
        Some((get(&converter)?, &columns[i].1))
    }

    fn bound(
        &self,
        column: &Name,
        get: impl FnOnce(&StatisticsConverter<'_>) -> Option<ArrayRef>,
    ) -> Option<ArrayRef> {
        let (bound, data_type) = self.of(column, get)?;
        is_readable(bound.data_type(), data_type)
            .then(|| fit(&bound, data_type).ok())
            .flatten()
    }
}

impl PruningStatistics for Statistics<'_> {
    fn min_values(&self, column: &Name) -> Option<ArrayRef> {
        let groups = self.metadata.metadata().row_groups();
        self.bound(column, |c| c.row_group_mins(groups).ok())
    }

    fn max_values(&self, column: &Name) -> Option<ArrayRef> {
        let groups = self.metadata.metadata().row_groups();
        self.bound(column, |c| c.row_group_maxes(groups).ok())
    }

    fn num_containers(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    fn null_counts(&self, column: &Name) -> Option<ArrayRef> {
        let groups = self.metadata.metadata().row_groups();
        let counts = |c: &StatisticsConverter<'_>| -> Option<ArrayRef> {
            Some(Arc::new(c.row_group_null_counts(groups).ok()?))
        };
        self.of(column, counts).map(|(counts, _)| counts)
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let groups = self.metadata.metadata().row_groups();
        let counts = groups
            .iter()
            .map(|group| u64::try_from(group.num_rows()).ok());
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Name, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

/// A file as Parquet's reader wants it. Its end, which is read for the footer, is not read again
/// for the columns that lie in it.
struct Reader {
    file: File,
    tail: Bytes,
}

impl Reader {
    fn new(file: File) -> Self {
        Self {
            file,
            tail: Bytes::new(),
        }
    }

    async fn read(&mut self, range: Range<u64>) -> Result<Bytes, Error> {
        let tail_start = self.file.size - self.tail.len() as u64;
        if range.start >= tail_start && range.end <= self.file.size {
            let from = (range.start - tail_start) as usize;
            let to = (range.end - tail_start) as usize;
            return Ok(self.tail.slice(from..to));
        }
        let reaches_end = range.end == self.file.size;
        let bytes = self.file.range(range).await?;
        if reaches_end && self.tail.len() < bytes.len() && bytes.len() <= FOOTER {
            self.tail = bytes.clone();
        }
        Ok(bytes)
    }
}

impl AsyncFileReader for Reader {
    fn get_bytes(
        &mut self,
        range: Range<u64>,
    ) -> BoxFuture<'_, datafusion::parquet::errors::Result<Bytes>> {
        self.read(range)
            .map_err(|error| ParquetError::External(Box::new(error)))
            .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, datafusion::parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.file.size;
            let reader = ParquetMetaDataReader::new().with_prefetch_hint(Some(FOOTER));
            reader.load_and_finish(self, size).await.map(Arc::new)
        }
        .boxed()
    }
}

fn bad_file(url: &str, error: ParquetError) -> Error {
    if let ParquetError::External(inner) = &error
        && let Some(ours) = inner.downcast_ref::<Error>()
    {
        return ours.clone();
    }
    Error::user(
        "HIVE_BAD_DATA",
        format!("Malformed Parquet file. {error} [{url}]"),
    )
}
