//! Formats in which a line is a row.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use futures::stream::{BoxStream, StreamExt};

use super::column::Column;
use super::files::File;
use super::{Format, Layout};
use crate::error::Error;
use crate::types::Type;

/// Rows of a batch.
const BATCH: usize = 8192;

/// Takes one line apart.
pub(super) trait Decode: Debug + Send + Sync + 'static {
    /// Appends one row: a value or NULL to each of `columns`, which are the wanted ones.
    fn decode(&self, line: &str, columns: &mut [Column]) -> Result<(), Error>;

    /// Whether a line holds a row.
    fn is_row(&self, _line: &str) -> bool {
        true
    }
}

/// A line-wise format: the lines that are skipped, the columns, and the rule for a line.
#[derive(Debug)]
pub(super) struct Lines<D> {
    decode: Arc<D>,
    header_lines: usize,
    types: Vec<Type>,
    schema: SchemaRef,
}

impl<D: Decode> Lines<D> {
    pub fn new(layout: &Layout, decode: D) -> Self {
        let fields: Vec<Field> = layout
            .wanted()
            .map(|(_, name, data_type)| Field::new(name, data_type.arrow(), true))
            .collect();
        Self {
            decode: Arc::new(decode),
            header_lines: layout.header_lines(),
            types: layout.wanted().map(|(_, _, t)| t.clone()).collect(),
            schema: Arc::new(Schema::new(fields)),
        }
    }
}

impl<D: Decode> Format for Lines<D> {
    fn read(&self, file: File) -> BoxStream<'static, Result<RecordBatch, Error>> {
        let reader = Reader {
            decode: self.decode.clone(),
            to_skip: self.header_lines,
            columns: self.types.iter().cloned().map(Column::new).collect(),
            schema: self.schema.clone(),
            rows: 0,
            file,
            bytes: None,
            pending: Vec::new(),
            at: 0,
            ended: false,
        };
        futures::stream::try_unfold(reader, |mut reader| async move {
            Ok(reader.batch().await?.map(|batch| (batch, reader)))
        })
        .boxed()
    }
}

struct Reader<D> {
    decode: Arc<D>,
    to_skip: usize,
    columns: Vec<Column>,
    schema: SchemaRef,
    rows: usize,
    file: File,
    bytes: Option<BoxStream<'static, Result<Bytes, Error>>>,
    /// Bytes that have come and are no rows yet, from `at` on.
    pending: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<D: Decode> Reader<D> {
    async fn batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            self.take_lines()?;
            if self.rows >= BATCH || (self.ended && self.rows > 0) {
                return self.finish().map(Some);
            }
            if self.ended {
                return Ok(None);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), Error> {
        let bytes = match &mut self.bytes {
            Some(bytes) => bytes,
            none => none.insert(self.file.open().await?),
        };
        self.pending.drain(..self.at);
        self.at = 0;
        match bytes.next().await {
            Some(chunk) => self.pending.extend_from_slice(&chunk?),
            None => {
                self.ended = true;
                if self
                    .pending
                    .last()
                    .is_some_and(|b| !matches!(b, b'\n' | b'\r'))
                {
                    self.pending.push(b'\n');
                }
            }
        }
        Ok(())
    }

    /// Makes rows of the whole lines that are there, until the batch is full.
    fn take_lines(&mut self) -> Result<(), Error> {
        while self.rows < BATCH {
            let rest = &self.pending[self.at..];
            let Some((length, end)) = line_end(rest, self.ended) else {
                break;
            };
            let line = &rest[..length];
            self.at += length + end;
            if self.to_skip > 0 {
                self.to_skip -= 1;
                continue;
            }
            let line = String::from_utf8_lossy(line);
            if self.decode.is_row(&line) {
                self.decode.decode(&line, &mut self.columns)?;
                self.rows += 1;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<RecordBatch, Error> {
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        let options =
            RecordBatchOptions::new().with_row_count(Some(std::mem::take(&mut self.rows)));
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map_err(Error::internal)
    }
}

/// The length of the first line, and that of its end: a line feed, a carriage return, or both, as
/// Hadoop's `LineReader` has it. Whether a carriage return is all of it is only known of what follows,
/// or when the file has ended.
fn line_end(bytes: &[u8], ended: bool) -> Option<(usize, usize)> {
    let length = memchr::memchr2(b'\n', b'\r', bytes)?;
    let end = match (bytes[length], bytes.get(length + 1)) {
        (b'\r', Some(b'\n')) => 2,
        (b'\r', None) if !ended => return None,
        _ => 1,
    };
    Some((length, end))
}

/// The error of a value that is not of its column's type.
pub(super) fn bad_field(text: &str, field: usize, data_type: &Type) -> Error {
    let why = match data_type {
        Type::Decimal(..) => format!("Cannot convert value '{text}' to {data_type}"),
        _ => format!("For input string: \"{text}\""),
    };
    Error::user(
        "HIVE_BAD_DATA",
        format!("Error parsing field value '{text}' for field {field}: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_hadoop_ends_them() {
        assert_eq!(line_end(b"ab\ncd", false), Some((2, 1)));
        assert_eq!(line_end(b"ab\rcd", false), Some((2, 1)));
        assert_eq!(line_end(b"ab\r\ncd", false), Some((2, 2)));
        assert_eq!(line_end(b"\n\ncd", false), Some((0, 1)));
        assert_eq!(line_end(b"ab\r", false), None);
        assert_eq!(line_end(b"ab\r", true), Some((2, 1)));
        assert_eq!(line_end(b"ab", true), None);
    }
}
