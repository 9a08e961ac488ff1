//! A file's bytes, as Parquet's reader asks for them.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use futures::future::BoxFuture;
use futures::{FutureExt, TryFutureExt};

use crate::error::Error;
use crate::formats::files::File;

/// Read from the end of a file at once: the footer of most files is in it.
const FOOTER: usize = 64 << 10;

/// A file as Parquet's reader wants it. Its end, which is read for the footer, is not read again
/// for the columns that lie in it.
pub(super) struct Reader {
    file: File,
    tail: Bytes,
}

impl Reader {
    pub fn new(file: File) -> Self {
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

pub(super) fn bad_file(url: &str, error: ParquetError) -> Error {
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
