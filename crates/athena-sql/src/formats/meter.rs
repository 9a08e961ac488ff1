//! Counts what a statement reads, and ends it where it may read no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorKind};

/// Bytes of objects read by one statement; clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    read: Arc<AtomicU64>,
    limit: Option<u64>,
}

impl Meter {
    /// Counts into `read`; more than `limit` is an error.
    pub fn new(read: Arc<AtomicU64>, limit: Option<u64>) -> Self {
        Self { read, limit }
    }

    /// Counts bytes that have been read.
    pub(crate) fn add(&self, bytes: u64) -> Result<(), Error> {
        let read = self.read.fetch_add(bytes, Ordering::Relaxed) + bytes;
        match self.limit {
            Some(limit) if read > limit => Err(Error {
                kind: ErrorKind::ResourcesExceeded,
                ..Error::user(
                    "EXCEEDED_SCAN_LIMIT",
                    format!("Bytes scanned limit was exceeded. The limit is {limit} bytes."),
                )
            }),
            _ => Ok(()),
        }
    }
}
