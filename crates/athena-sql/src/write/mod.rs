//! Statements that write rows: CREATE TABLE AS, INSERT, UNLOAD.
//!
//! Rows go into files that nobody sees before all of them are whole; then they become objects, and
//! then the catalog hears of the table or its new partitions. A statement that fails or is
//! cancelled before that leaves nothing behind, where Athena may leave files.

pub mod columns;
pub mod create_table_as;
mod encode;
mod files;
mod format;
pub mod insert;
mod json;
mod lines;
mod parquet;
mod properties;
mod sink;
mod target;
#[cfg(test)]
mod tests;
mod text;
pub mod unload;

use datafusion::arrow::record_batch::RecordBatch;
use futures::stream::BoxStream;

use crate::error::Error;

pub use encode::{Compression, Encode};
pub use files::{Files, OutFile};
pub use parquet::Parquet;
pub use sink::{MOST_PARTITIONS, Splitter, file_prefix};

/// The rows that a statement writes.
pub type Rows = BoxStream<'static, Result<RecordBatch, Error>>;

/// What a statement has written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// `s3://…` of the files.
    pub files: Vec<String>,
    pub rows: u64,
}
