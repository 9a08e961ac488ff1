//! What a statement gives.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

use crate::error::Error;
use crate::write::Written;

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
    /// What a statement that writes has still to do; it has no rows.
    pub writing: Option<BoxFuture<'static, Result<Written, Error>>>,
    /// Bytes of objects read so far; whole when `rows` has ended, or what is written is.
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
            writing: None,
            bytes_scanned: Arc::default(),
        }
    }
}
