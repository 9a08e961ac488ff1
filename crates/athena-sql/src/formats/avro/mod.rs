//! Avro: the fields of records by their names.
//!
//! The table's `avro.schema.literal` is the reader's schema, by which Avro resolves what a file was
//! written with, and has all of its columns, whatever their case. Of a table without one the columns
//! are the schema, each of which may be missing (Athena user guide, "Avro SerDe"; Trino's
//! AvroHiveFileUtils).

mod container;
mod datum;
mod read;
mod schema;

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use futures::TryFutureExt;
use futures::stream::{BoxStream, StreamExt};

use self::container::{Container, malformed};
use self::datum::Datum;
use self::read::{Read, Wanted, columns_of};
use self::schema::{Kind, Schema};
use super::column::Column;
use super::files::File;
use super::{Filter, Format, Layout, schema_of};
use crate::error::Error;
use crate::types::{Type, Value};

/// A batch is full when it has so many rows, or was made of so many bytes.
const BATCH: usize = 8192;
const BATCH_BYTES: usize = 16 << 20;

pub(super) fn format(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    // A partition has the schema of its own files beside the table's, which has all columns.
    let of_table = |name: &str| layout.table_parameters.get(name).map(String::as_str);
    let given = |name: &str| {
        of_table(name)
            .or_else(|| layout.parameter(name))
            .filter(|text| *text != "none")
    };
    let reader = match (given("avro.schema.literal"), given("avro.schema.url")) {
        (Some(literal), _) => Some(schema::parse(literal).map_err(|why| {
            Error::user(
                "HIVE_INVALID_METADATA",
                format!("the avro.schema.literal of the table is not valid: {why}"),
            )
        })?),
        (None, Some(_)) => return Err(Error::not_supported("avro.schema.url")),
        (None, None) => None,
    };
    let wanted: Vec<(String, Type)> = layout
        .wanted()
        .map(|(_, name, data_type)| (name.to_owned(), data_type.clone()))
        .collect();
    Ok(Arc::new(Avro {
        reader,
        schema: Arc::new(schema_of(&wanted)),
        wanted: wanted.into(),
    }))
}

#[derive(Clone, Debug)]
struct Avro {
    reader: Option<Arc<Schema>>,
    wanted: Arc<[(String, Type)]>,
    /// Of the batches that are given.
    schema: SchemaRef,
}

impl Format for Avro {
    fn read(&self, file: File) -> BoxStream<'static, Result<RecordBatch, Error>> {
        open(self.clone(), file).try_flatten_stream().boxed()
    }
}

async fn open(
    avro: Avro,
    file: File,
) -> Result<BoxStream<'static, Result<RecordBatch, Error>>, Error> {
    let url = file.url();
    let container = Container::open(file).await?;
    let writer = schema::parse(&container.schema);
    let writer =
        writer.map_err(|why| malformed(&url, format!("its schema cannot be read: {why}")))?;
    let (fields, defaults) = avro.compile(&writer).map_err(|why| {
        let message =
            format!("Avro type resolution error when initializing split from {url}: {why}");
        Error::user("HIVE_CANNOT_OPEN_SPLIT", message)
    })?;
    let reading = Reading {
        columns: avro.columns(),
        avro,
        url,
        container,
        fields,
        defaults,
        block: bytes::Bytes::new(),
        records: 0,
    };
    let batches = futures::stream::try_unfold(reading, |mut reading| async move {
        Ok(reading.batch().await?.map(|batch| (batch, reading)))
    });
    Ok(batches.boxed())
}

/// What to do with the fields of a record, and the values of columns before any is read.
type Fields = (Vec<(Read, Option<usize>)>, Vec<Value>);

impl Avro {
    fn columns(&self) -> Vec<Column> {
        let types = self.wanted.iter();
        types
            .map(|(_, data_type)| Column::new(data_type.clone()))
            .collect()
    }

    fn compile(&self, writer: &Arc<Schema>) -> Result<Fields, String> {
        let wanted = self.wanted.iter().enumerate();
        let wanted = wanted.map(|(slot, (name, data_type))| Wanted {
            slot,
            name,
            data_type,
        });
        let slots = self.wanted.len();
        // What is no record is one column, called as Hive calls it.
        let read = match &writer.kind {
            Kind::Record(_, fields) => {
                columns_of(writer, fields, wanted, slots, self.reader.as_ref())?
            }
            _ => {
                let field = schema::Field {
                    name: "value".to_owned(),
                    aliases: Vec::new(),
                    default: None,
                    schema: writer.clone(),
                };
                columns_of(writer, &[field], wanted, slots, None)?
            }
        };
        match read {
            Read::Record(fields, defaults) => Ok((fields, defaults)),
            _ => Err("it has no records".to_owned()),
        }
    }
}

/// A file that is being read.
struct Reading {
    avro: Avro,
    url: String,
    container: Container,
    fields: Vec<(Read, Option<usize>)>,
    defaults: Vec<Value>,
    columns: Vec<Column>,
    /// What is left of a block, and how many records are in it.
    block: bytes::Bytes,
    records: u64,
}

impl Reading {
    async fn batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        let (mut rows, mut read) = (0, 0);
        while rows < BATCH && read < BATCH_BYTES {
            if self.records == 0 {
                let Some(block) = self.container.block().await? else {
                    break;
                };
                (self.block, self.records) = (block.bytes, block.count);
                continue;
            }
            let left = self.block.len();
            self.row().map_err(|why| malformed(&self.url, why))?;
            rows += 1;
            read += left - self.block.len();
        }
        if rows == 0 {
            return Ok(None);
        }
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.avro.schema.clone(), arrays, &options)
            .map(Some)
            .map_err(Error::internal)
    }

    fn row(&mut self) -> Result<(), String> {
        let mut datum = Datum::new(&self.block);
        let values = datum.record(&self.fields, &self.defaults)?;
        let taken = self.block.len() - datum.left();
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.append(value);
        }
        self.block = self.block.slice(taken..);
        self.records -= 1;
        Ok(())
    }
}
