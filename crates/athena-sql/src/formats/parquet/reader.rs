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
use crate::formats::tail::{TAIL, Tailed};

/// A file as Parquet's reader wants it.
pub(super) struct Reader(Tailed);

impl Reader {
    pub fn new(file: File) -> Self {
        Self(Tailed::new(file))
    }
}

impl AsyncFileReader for Reader {
    fn get_bytes(
        &mut self,
        range: Range<u64>,
    ) -> BoxFuture<'_, datafusion::parquet::errors::Result<Bytes>> {
        self.0
            .read(range)
            .map_err(|error| ParquetError::External(Box::new(error)))
            .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, datafusion::parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.0.file.size;
            let reader = ParquetMetaDataReader::new().with_prefetch_hint(Some(TAIL));
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
