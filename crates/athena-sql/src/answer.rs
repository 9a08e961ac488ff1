//! What a statement gives.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures::StreamExt;
use futures::stream::BoxStream;

use crate::error::Error;

/// Athena's StatementType.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementType {
    Ddl,
    Dml,
    Utility,
}

/// A column of an answer, as GetQueryResults' metadata has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Without parameters: `varchar`, `decimal`, `timestamp with time zone`, `array`, `row`.
    pub type_name: String,
    pub precision: u32,
    pub scale: u32,
    pub case_sensitive: bool,
}

/// What a statement gives.
pub struct Answer {
    pub statement_type: StatementType,
    /// `SELECT`, `CREATE_TABLE`, `SHOW_TABLES`, `CREATE_TABLE_AS_SELECT`, …
    pub substatement_type: String,
    pub columns: Vec<Column>,
    /// Batches of rows, each value as Athena prints it, `None` for NULL.
    pub rows: BoxStream<'static, Result<Vec<Vec<Option<String>>>, Error>>,
    /// Rows written by INSERT and CTAS; known when `rows` has ended.
    pub update_count: Option<u64>,
    /// `s3://…` of the files that CTAS, INSERT or UNLOAD wrote.
    pub written: Vec<String>,
    /// Bytes of objects read so far; whole when `rows` has ended.
    pub bytes_scanned: Arc<AtomicU64>,
}

impl Answer {
    /// An answer without rows.
    pub fn empty(statement_type: StatementType, substatement_type: &str) -> Self {
        Self {
            statement_type,
            substatement_type: substatement_type.to_owned(),
            columns: Vec::new(),
            rows: futures::stream::empty().boxed(),
            update_count: None,
            written: Vec::new(),
            bytes_scanned: Arc::default(),
        }
    }
}
