//! Who runs a statement, and how it is ended from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};

use crate::catalog::Catalog;

/// Who asks, and in what surroundings.
#[derive(Clone, Debug)]
pub struct Session {
    pub catalog: Arc<dyn Catalog>,
    /// What unqualified table names belong to; `default` where nobody says.
    pub database: String,
    pub query_id: String,
    /// `s3://bucket/prefix/` of the results: where CTAS without a location writes, too.
    pub output_location: String,
    /// Whether the workgroup has every statement write its results there.
    pub output_is_enforced: bool,
    /// Values of `?`, each a literal's text, as Athena's ExecutionParameters.
    pub parameters: Vec<String>,
    /// `now()`, the same all through the statement. The session's zone is UTC.
    pub now: DateTime<Utc>,
    pub cancel: Cancel,
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
