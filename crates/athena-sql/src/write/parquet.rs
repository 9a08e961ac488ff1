//! Parquet, with Parquet's own names of what is nested.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type, Schema, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::{ArrowWriter, PARQUET_FIELD_ID_META_KEY};
use datafusion::parquet::basic;
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::parquet::file::properties::WriterProperties;

use super::encode::{Compression, Encode};
use crate::error::Error;
use crate::formats::FieldIds;
use crate::types::Type;

/// A row group's size in memory, in bytes: a statement may have a hundred files open.
const ROW_GROUP: usize = 8 << 20;

pub struct Parquet {
    columns: Vec<(Type, FieldRef)>,
    schema: Arc<Schema>,
    writer: ArrowWriter<Vec<u8>>,
}

impl Parquet {
    /// A file of these columns, with Iceberg's ids of them if there are any.
    pub fn new(
        columns: &[(String, Type)],
        compression: Compression,
        ids: Option<&[FieldIds]>,
    ) -> Result<Self, Error> {
        let columns: Vec<(Type, FieldRef)> = columns
            .iter()
            .enumerate()
            .map(|(i, (name, data_type))| {
                let ids = ids.and_then(|ids| ids.get(i));
                let field = field(name, data_type, true, ids);
                (data_type.clone(), Arc::new(field))
            })
            .collect();
        let fields: Vec<FieldRef> = columns.iter().map(|(_, field)| Arc::clone(field)).collect();
        let schema = Arc::new(Schema::new(fields));
        let compression = match compression {
            Compression::None => basic::Compression::UNCOMPRESSED,
            Compression::Gzip => basic::Compression::GZIP(basic::GzipLevel::default()),
            Compression::Snappy => basic::Compression::SNAPPY,
            Compression::Zstd => basic::Compression::ZSTD(basic::ZstdLevel::default()),
            Compression::Lz4 => basic::Compression::LZ4_RAW,
        };
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties))
            .map_err(Error::internal)?;
        Ok(Self {
            columns,
            schema,
            writer,
        })
    }

    /// The rest of the bytes, and what the file says of itself at its end.
    pub fn close(mut self) -> Result<(Vec<u8>, ParquetMetaData), Error> {
        let metadata = self.writer.finish().map_err(Error::internal)?;
        let bytes = std::mem::take(self.writer.inner_mut());
        Ok((bytes, metadata))
    }
}

impl Encode for Parquet {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = self.columns.iter().zip(batch.columns());
        let columns = columns.map(|((data_type, field), array)| stored(array, data_type, field));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let batch =
            RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(Error::internal)?;
        self.writer.write(&batch).map_err(Error::internal)?;
        if self.writer.in_progress_size() > ROW_GROUP {
            self.writer.flush().map_err(Error::internal)?;
        }
        Ok(())
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.inner_mut())
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, Error> {
        self.close().map(|(bytes, _)| bytes)
    }
}

/// A column or field as it is stored.
fn field(name: &str, data_type: &Type, nullable: bool, ids: Option<&FieldIds>) -> Field {
    let child = |at: usize| ids.and_then(|ids| ids.children.get(at));
    let stored = match data_type {
        Type::Array(element) => DataType::List(Arc::new(field("element", element, true, child(0)))),
        Type::Map(key, value) => {
            let key = field("key", key, false, child(0));
            let value = field("value", value, true, child(1));
            let entries = DataType::Struct(vec![key, value].into());
            DataType::Map(Arc::new(Field::new("key_value", entries, false)), false)
        }
        Type::Row(fields) => DataType::Struct(
            fields
                .iter()
                .enumerate()
                .map(|(i, f)| {
                    let name = f.name.clone().unwrap_or_else(|| format!("field{i}"));
                    field(&name, &f.data_type, true, child(i))
                })
                .collect(),
        ),
        Type::TimestampTz(_) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Type::Time(_) => DataType::Time64(TimeUnit::Microsecond),
        plain => plain.arrow(),
    };
    let id = ids.and_then(|ids| ids.id);
    let metadata =
        id.map(|id| HashMap::from([(PARQUET_FIELD_ID_META_KEY.to_owned(), id.to_string())]));
    Field::new(name, stored, nullable).with_metadata(metadata.unwrap_or_default())
}

/// An array in the form in which it is stored.
fn stored(array: &ArrayRef, data_type: &Type, field: &Field) -> Result<ArrayRef, Error> {
    Ok(match (data_type, field.data_type()) {
        (Type::Array(element), DataType::List(item)) => {
            let list = array.as_list::<i32>();
            let items = stored(list.values(), element, item)?;
            let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
            let list = ListArray::try_new(Arc::clone(item), offsets, items, nulls);
            Arc::new(list.map_err(Error::internal)?)
        }
        (Type::Map(key, value), DataType::Map(entry, _)) => {
            let DataType::Struct(fields) = entry.data_type() else {
                return Err(Error::internal("a map has entries"));
            };
            let list = array.as_list::<i32>();
            let entries = list.values().as_struct();
            let columns = vec![
                stored(entries.column(0), key, &fields[0])?,
                stored(entries.column(1), value, &fields[1])?,
            ];
            let entries =
                StructArray::try_new(fields.clone(), columns, None).map_err(Error::internal)?;
            let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
            let map = MapArray::try_new(Arc::clone(entry), offsets, entries, nulls, false);
            Arc::new(map.map_err(Error::internal)?)
        }
        (Type::Row(of_row), DataType::Struct(fields)) => {
            let parts = array.as_struct();
            let columns = of_row.iter().zip(fields).enumerate();
            let columns =
                columns.map(|(i, (f, field))| stored(parts.column(i), &f.data_type, field));
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            let parts = StructArray::try_new(fields.clone(), columns, parts.nulls().cloned());
            Arc::new(parts.map_err(Error::internal)?)
        }
        (Type::TimestampTz(_), target) => {
            let instants = array.as_struct().column(0);
            let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
            let plain = cast(instants, &micros).map_err(Error::internal)?;
            cast(&plain, target).map_err(Error::internal)?
        }
        (Type::Time(_), target) => {
            let picos = array.as_primitive::<Int64Type>();
            let micros: ArrayRef = Arc::new(picos.unary::<_, Int64Type>(|n| n / 1_000_000));
            cast(&micros, target).map_err(Error::internal)?
        }
        _ => Arc::clone(array),
    })
}
