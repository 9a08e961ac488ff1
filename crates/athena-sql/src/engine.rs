//! From a statement to its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use futures::stream::BoxStream;

use crate::catalog::Catalog;
use crate::error::Error;

/// What a statement may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of memory of one statement.
    pub memory: usize,
    /// Bytes read before the statement is ended; `BytesScannedCutoffPerQuery`.
    pub scan: Option<u64>,
    /// Threads' worth of work at once.
    pub parallelism: usize,
}

/// Ends a statement from outside; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<(AtomicBool, tokio::sync::Notify)>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.0.store(true, Ordering::SeqCst);
        self.0.1.notify_waiters();
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.0.load(Ordering::SeqCst)
    }

    /// Waits until somebody cancels.
    pub async fn cancelled(&self) {
        loop {
            let notified = self.0.1.notified();
            if self.is_cancelled() {
                return;
            }
            notified.await;
        }
    }
}

/// Who asks, and in what surroundings.
#[derive(Clone, Debug)]
pub struct Session {
    pub catalog: Arc<dyn Catalog>,
    /// What unqualified table names belong to; `default` where nobody says.
    pub database: String,
    pub query_id: String,
    /// `s3://bucket/prefix/` of the results: where CTAS without a location writes, too.
    pub output_location: String,
    /// Values of `?`, each a literal's text, as Athena's ExecutionParameters.
    pub parameters: Vec<String>,
    /// `now()`, the same all through the statement. The session's zone is UTC.
    pub now: DateTime<Utc>,
    pub cancel: Cancel,
}

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

/// Runs statements. Holds what is shared between them: the function registry, the runtime.
#[derive(Debug)]
pub struct Engine {}

impl Engine {
    pub fn new(_limits: Limits) -> Self {
        Self {}
    }

    /// Runs a statement up to its first rows; the rest comes with [`Answer::rows`].
    pub async fn run(&self, _sql: &str, _session: Session) -> Result<Answer, Error> {
        unimplemented!()
    }
}
