//! What this process holds of its queries: engines, threads and places to run in, and the way to
//! stop one.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use athena_sql::{Cancel, Engine, Limits};
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;

use crate::model::athena::{QueryExecutionStatistics, ResultReuseInformation};

/// Memory of one statement; beyond it the engine spills or gives up.
const MEMORY: usize = 2 << 30;
/// Queries that run at once; the others are QUEUED.
const AT_ONCE: usize = 8;

/// Shared by the calls of one cloud. Costs nothing until the first query.
pub(crate) struct Shared {
    /// By the scan limit of the workgroup, which is the engine's own.
    engines: Mutex<HashMap<Option<u64>, Arc<Engine>>>,
    running: Mutex<HashMap<String, Running>>,
    threads: Threads,
    pub(super) places: Semaphore,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            engines: Mutex::default(),
            running: Mutex::default(),
            threads: Threads::default(),
            places: Semaphore::new(AT_ONCE),
        }
    }
}

/// The threads that queries compute on, which are not those that answer calls: a batch of rows can
/// take seconds in which its thread does nothing else.
#[derive(Default)]
struct Threads(Mutex<Option<Runtime>>);

impl Threads {
    /// Starts them with the first query: one for each that may run, so that none waits for the
    /// batch of another.
    fn handle(&self) -> io::Result<Handle> {
        let mut threads = self.0.lock();
        if let Some(runtime) = &*threads {
            return Ok(runtime.handle().clone());
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(AT_ONCE)
            .thread_name("athena-query")
            .enable_all()
            .build()?;
        Ok(threads.insert(runtime).handle().clone())
    }
}

impl Drop for Threads {
    /// Waits for no query, as the last owner may itself be one of the threads.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.get_mut().take() {
            runtime.shutdown_background();
        }
    }
}

/// A query of this process that has not ended.
#[derive(Clone)]
pub(super) struct Running {
    pub cancel: Cancel,
    pub clock: Arc<Clock>,
}

/// When a query came to its stages, and what it has read.
pub(super) struct Clock {
    submitted: Instant,
    stages: Mutex<Stages>,
}

#[derive(Clone, Default)]
struct Stages {
    started: Option<Instant>,
    planned: Option<Instant>,
    executed: Option<Instant>,
    scanned: Option<Arc<AtomicU64>>,
}

impl Clock {
    pub fn new() -> Self {
        Self {
            submitted: Instant::now(),
            stages: Mutex::default(),
        }
    }

    /// The query has left the queue.
    pub fn start(&self) {
        self.stages.lock().started = Some(Instant::now());
    }

    /// The engine has a plan and gives rows from now on.
    pub fn planned(&self, scanned: Arc<AtomicU64>) {
        let mut stages = self.stages.lock();
        stages.planned = Some(Instant::now());
        stages.scanned = Some(scanned);
    }

    /// The engine has given its last row.
    pub fn executed(&self) {
        self.stages.lock().executed = Some(Instant::now());
    }

    /// Bytes read so far.
    pub fn scanned(&self) -> u64 {
        let scanned = self.stages.lock().scanned.clone();
        scanned.map_or(0, |s| s.load(Ordering::Relaxed))
    }

    /// The statistics of this moment.
    pub fn statistics(&self) -> QueryExecutionStatistics {
        let stages = self.stages.lock().clone();
        let now = Instant::now();
        let started = stages.started.unwrap_or(now);
        let executed = stages.executed.unwrap_or(now);
        QueryExecutionStatistics {
            engine_execution_time_in_millis: Some(millis(executed.duration_since(started))),
            data_scanned_in_bytes: Some(self.scanned().try_into().unwrap_or(i64::MAX)),
            total_execution_time_in_millis: Some(millis(now.duration_since(self.submitted))),
            query_queue_time_in_millis: Some(millis(started.duration_since(self.submitted))),
            service_pre_processing_time_in_millis: Some(0),
            query_planning_time_in_millis: stages
                .planned
                .map(|planned| millis(planned.duration_since(started))),
            service_processing_time_in_millis: Some(millis(now.duration_since(executed))),
            result_reuse_information: Some(ResultReuseInformation {
                reused_previous_result: false,
            }),
            ..QueryExecutionStatistics::default()
        }
    }
}

fn millis(time: Duration) -> i64 {
    time.as_millis().try_into().unwrap_or(i64::MAX)
}

/// Keeps a query in the list of those that run, for as long as it lives.
pub(super) struct Listed<'a> {
    shared: &'a Shared,
    id: &'a str,
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.shared.running.lock().remove(self.id);
    }
}

impl Shared {
    /// The engine whose statements end when they have read `scan` bytes.
    pub(super) fn engine(&self, scan: Option<u64>) -> Arc<Engine> {
        let parallelism = std::thread::available_parallelism().map_or(1, usize::from);
        self.engines
            .lock()
            .entry(scan)
            .or_insert_with(|| {
                Arc::new(Engine::new(Limits {
                    memory: MEMORY,
                    scan,
                    parallelism,
                }))
            })
            .clone()
    }

    /// The threads to spawn a query on.
    pub(super) fn threads(&self) -> io::Result<Handle> {
        self.threads.handle()
    }

    pub(super) fn add(&self, id: &str, running: Running) {
        self.running.lock().insert(id.to_owned(), running);
    }

    /// Takes a query off the list when the guard is dropped.
    pub(super) fn listed<'a>(&'a self, id: &'a str) -> Listed<'a> {
        Listed { shared: self, id }
    }

    /// The query of this id, where it is one of this process.
    pub(super) fn find(&self, id: &str) -> Option<Running> {
        self.running.lock().get(id).cloned()
    }
}
