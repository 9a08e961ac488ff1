//! How the histories of executions get into the store: events wait in memory and are written
//! together, those of many executions in one transaction.
//!
//! What an execution has recorded is in the store before one of its tasks is begun and after it
//! has ended ([`asl::History::flush`]), so that another process can go on from there. What was
//! recorded since is lost with the process, and done again.
//!
//! A history is written by the process that owns the execution, for the run that it began: where
//! another has taken the execution up, or it was redriven since, nothing more is ([`Run`]).

mod batches;

use std::sync::Arc;

use asl::{Event, HistoryError, MapRunProgress};
use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::Transaction;
use serde::Serializer as _;
use serde::ser::SerializeMap as _;
use serde_json::Value;

pub(super) use self::batches::runs;
use self::batches::{Settled, Standing, Written};
use super::executions::{End, Execution, Run};
use super::log;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::store::Store;

/// This many events of one execution at most wait in memory.
const BATCH: usize = 500;
/// This many executions at most wait to be written.
const WRITERS: usize = 250;

/// The writers that have something to write.
#[derive(Default)]
pub(super) struct Journal {
    dirty: Mutex<Vec<Arc<Inner>>>,
    /// Held while the store is written.
    turn: Mutex<()>,
}

impl Journal {
    /// Writes what waits, of all executions.
    pub fn write(&self, store: &Store) -> Result<(), ServiceError> {
        let _turn = self.turn.lock();
        self.drain(store)
    }

    fn drain(&self, store: &Store) -> Result<(), ServiceError> {
        let writers = std::mem::take(&mut *self.dirty.lock());
        if writers.is_empty() {
            return Ok(());
        }
        let mut batches: Vec<(Arc<Inner>, Batch)> = writers
            .into_iter()
            .map(|writer| {
                let batch = writer.take();
                (writer, batch)
            })
            .collect();
        // What a child does comes before the end of the Map Run that it is of.
        batches.sort_by_key(|(_, batch)| (batch.row.is_none(), batch.ends_others()));
        let written = store.write(|tx| {
            batches
                .iter()
                .map(|(writer, batch)| writer.write(tx, store.lease(), batch))
                .collect::<Result<Vec<_>, _>>()
        });
        match written {
            Ok(written) => {
                for ((writer, _), written) in batches.iter().zip(written) {
                    writer.note(written);
                }
                Ok(())
            }
            Err(error) if error.is_of_disk => {
                self.put_back(batches);
                Err(error)
            }
            Err(_) => self.write_apart(store, batches),
        }
    }

    /// Writes batches of which one cannot be written: that one's execution ends, and the others go on.
    fn write_apart(
        &self,
        store: &Store,
        batches: Vec<(Arc<Inner>, Batch)>,
    ) -> Result<(), ServiceError> {
        let settled = store.write(|tx| {
            batches
                .iter()
                .map(|(writer, batch)| writer.settle(tx, store.lease(), batch))
                .collect::<Result<Vec<_>, _>>()
        });
        let settled = match settled {
            Ok(settled) => settled,
            Err(error) => {
                self.put_back(batches);
                return Err(error);
            }
        };
        for ((writer, batch), settled) in batches.into_iter().zip(settled) {
            match settled {
                Settled::Written(written) => writer.note(written),
                Settled::Broken(error) => {
                    tracing::error!(%error, "an execution ends whose history cannot be written");
                    writer.close(error);
                }
                Settled::Waiting(error) => {
                    tracing::warn!(%error, "the history of an execution is not written yet");
                    writer.state.lock().failure = Some(error);
                    writer.put_back(self, batch);
                }
            }
        }
        Ok(())
    }

    fn put_back(&self, batches: Vec<(Arc<Inner>, Batch)>) {
        for (writer, batch) in batches {
            writer.put_back(self, batch);
        }
    }

    fn enlist(&self, writer: &Arc<Inner>) -> usize {
        let mut dirty = self.dirty.lock();
        dirty.push(writer.clone());
        dirty.len()
    }
}

/// Writes the history of one execution.
#[derive(Clone)]
pub(super) struct Writer {
    cloud: Cloud,
    inner: Arc<Inner>,
}

struct Inner {
    log: Option<log::Target>,
    /// Events are logged, and are not in the store.
    is_express: bool,
    /// How often the execution had been redriven when this run of it began.
    redrives: u32,
    /// Of a child in a Map Run, the run that it belongs to: that of the outermost execution.
    parent: Option<Run>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The execution's key in the store; none before its row is written.
    id: Option<i64>,
    pending: Batch,
    /// The text of the input of an execution that is to begin.
    given_input: Option<String>,
    /// It is among the journal's dirty ones.
    enlisted: bool,
    /// The execution has ended, or its run is another's; nothing more is written.
    closed: bool,
    /// Why the store did not take the last batch.
    failure: Option<ServiceError>,
    /// The machine is being deleted: the execution ends where it would enter another state.
    deleting: bool,
    /// How the execution ends whose event was not taken.
    refused: Option<End>,
}

/// What is written at once of an execution.
#[derive(Default)]
struct Batch {
    /// The row of an execution that is new.
    row: Option<Execution>,
    /// The events, each with what [`asl::resume`] has to know beside it.
    events: Vec<(Event, Value)>,
    end: Option<(End, Told)>,
    /// How Map Runs of the execution ended that the store has still running.
    map_runs: Vec<(String, MapRunProgress)>,
}

/// Who tells of the end of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// The last of the recorded events.
    Recorded,
    /// An event that is added to them with the end.
    Added,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.row.is_none() && self.events.is_empty() && self.end.is_none()
    }

    /// Whether it may end executions that have something to write themselves.
    fn ends_others(&self) -> bool {
        matches!(self.end, Some((_, Told::Added))) || !self.map_runs.is_empty()
    }
}

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("The state machine was deleted.")]
    Deleted,
    #[error("The execution was ended from outside.")]
    Closed,
    #[error("{}", batches::unwritable(.0))]
    Unwritable(ServiceError),
}

impl State {
    /// Why nothing is taken any more.
    fn closed_for(&self) -> HistoryError {
        let refused = match &self.failure {
            Some(error) => Refused::Unwritable(error.clone()),
            None => Refused::Closed,
        };
        HistoryError(Box::new(refused))
    }
}

impl Writer {
    /// Writes the history of a run of an execution that the store has.
    pub fn new(cloud: &Cloud, run: Run, log: Option<log::Target>) -> Self {
        Self::of_stored(cloud, run, None, log, false)
    }

    /// Keeps the text of the input, until the first event has it.
    pub fn give_input(&self, text: String) {
        self.inner.state.lock().given_input = Some(text);
    }

    /// [`Self::new`], of a child of the outermost execution's run `parent`. It may be EXPRESS: its
    /// history is only logged.
    pub fn again(
        cloud: &Cloud,
        run: Run,
        parent: Run,
        log: Option<log::Target>,
        is_express: bool,
    ) -> Self {
        Self::of_stored(cloud, run, Some(parent), log, is_express)
    }

    fn of_stored(
        cloud: &Cloud,
        run: Run,
        parent: Option<Run>,
        log: Option<log::Target>,
        is_express: bool,
    ) -> Self {
        let state = State {
            id: Some(run.execution),
            ..State::default()
        };
        Self::with(
            cloud,
            Inner {
                log,
                is_express,
                redrives: run.redrives,
                parent,
                state: Mutex::new(state),
            },
        )
    }

    /// Writes a child that the store has not, unless its Map Run has ended by then, and its history,
    /// which is only logged of one that is EXPRESS.
    pub fn of_new(
        cloud: &Cloud,
        row: Execution,
        parent: Run,
        log: Option<log::Target>,
        is_express: bool,
    ) -> Self {
        let inner = Inner {
            log,
            is_express,
            redrives: row.redrives,
            parent: Some(parent),
            state: Mutex::default(),
        };
        inner.state.lock().pending.row = Some(row);
        let writer = Self::with(cloud, inner);
        writer.enlist();
        writer
    }

    fn with(cloud: &Cloud, inner: Inner) -> Self {
        Self {
            cloud: cloud.clone(),
            inner: Arc::new(inner),
        }
    }

    fn journal(&self) -> &Journal {
        &self.cloud.sfn().journal
    }

    /// Has what waits written with the next transaction, or soon when much waits.
    fn enlist(&self) {
        {
            let mut state = self.inner.state.lock();
            if std::mem::replace(&mut state.enlisted, true) {
                return;
            }
        }
        if self.journal().enlist(&self.inner) >= WRITERS {
            self.write_if_free();
        }
    }

    /// Writes unless another is at it, who may write this too; what fails is tried again.
    fn write_if_free(&self) {
        let journal = self.journal();
        if let Some(_turn) = journal.turn.try_lock()
            && let Err(error) = journal.drain(self.cloud.store())
        {
            tracing::warn!(%error, "histories are not written yet");
        }
    }

    /// Writes what waits, with what others have waiting. Says whether the execution still runs.
    pub async fn flush(&self) -> Result<bool, ServiceError> {
        // Whoever else is about to write can do so in the same transaction.
        tokio::task::yield_now().await;
        let journal = self.journal();
        let _turn = journal.turn.lock();
        if !self.inner.state.lock().pending.is_empty() {
            journal.drain(self.cloud.store())?;
        }
        let state = self.inner.state.lock();
        match &state.failure {
            Some(error) if !state.closed => Err(error.clone()),
            _ => Ok(!state.closed),
        }
    }

    /// [`Self::flush`], also where nothing waits to be written: someone may have ended the
    /// execution.
    pub async fn look(&self) -> Result<bool, ServiceError> {
        // Children that wait have nobody else who writes them.
        self.journal().write(self.cloud.store())?;
        if !self.flush().await? {
            return Ok(false);
        }
        let id = self.inner.state.lock().id;
        if let Some(id) = id {
            let store = self.cloud.store();
            let standing = store.read(|c| self.inner.standing(c, store.lease(), id))?;
            self.inner.note(Written {
                id: Some(id),
                standing,
            });
        }
        Ok(!self.inner.state.lock().closed)
    }

    /// How the execution ends, where its history took no more events.
    pub fn refusal(&self) -> Option<End> {
        self.inner.state.lock().refused.clone()
    }

    /// Ends the execution with the next transaction, and before it those of its Map Runs whose ends
    /// could not be written.
    pub fn end_soon(&self, end: End) {
        self.end_with(end, Told::Recorded);
    }

    /// The same for an end that none of the recorded events tells of.
    pub fn end_abruptly(&self, end: End) {
        self.end_with(end, Told::Added);
    }

    fn end_with(&self, end: End, told: Told) {
        let id = self.inner.state.lock().id;
        let map_runs = id.map(|id| self.cloud.sfn().map_runs.take_ends(id));
        {
            let pending = &mut self.inner.state.lock().pending;
            pending.end = Some((end, told));
            pending.map_runs.extend(map_runs.into_iter().flatten());
        }
        self.enlist();
    }

    /// Writes what waits, and the end.
    pub async fn end(&self, end: End) -> Result<(), ServiceError> {
        self.end_soon(end);
        self.flush().await.map(|_| ())
    }
}

#[async_trait]
impl asl::History for Writer {
    fn record(&self, event: Event) -> Result<(), HistoryError> {
        self.record_noted(event, Value::Null)
    }

    fn record_noted(&self, event: Event, note: Value) -> Result<(), HistoryError> {
        let count = {
            let mut state = self.inner.state.lock();
            if state.closed {
                return Err(state.closed_for());
            }
            if state.deleting && event.kind.ends_with("StateEntered") {
                let cause = Refused::Deleted.to_string();
                state.refused = Some(End::without_output("ABORTED", None, Some(cause)));
                return Err(HistoryError(Box::new(Refused::Deleted)));
            }
            state.pending.events.push((event, note));
            state.pending.events.len()
        };
        self.enlist();
        if count >= BATCH {
            self.write_if_free();
        }
        Ok(())
    }

    fn given_input(&self) -> Option<String> {
        self.inner.state.lock().given_input.take()
    }

    async fn flush(&self) -> Result<(), HistoryError> {
        if self.inner.is_express {
            // Nobody goes on from its history.
            return Ok(());
        }
        match Self::flush(self).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.inner.state.lock().closed_for()),
            Err(error) => Err(HistoryError(Box::new(error))),
        }
    }
}

impl Inner {
    fn take(&self) -> Batch {
        let mut state = self.state.lock();
        state.enlisted = false;
        std::mem::take(&mut state.pending)
    }

    /// Has a batch that could not be written wait again, before what came since.
    fn put_back(self: &Arc<Self>, journal: &Journal, mut batch: Batch) {
        let mut state = self.state.lock();
        batch.events.append(&mut state.pending.events);
        batch.map_runs.append(&mut state.pending.map_runs);
        if let Some(end) = state.pending.end.take() {
            batch.end = Some(end);
        }
        state.pending = batch;
        if !std::mem::replace(&mut state.enlisted, true) {
            journal.enlist(self);
        }
    }

    fn note(&self, written: Written) {
        let mut state = self.state.lock();
        if written.id.is_some() {
            state.id = written.id;
        }
        // What has ended, or is another's, does not run again by this writer.
        if !state.closed {
            state.failure = None;
            state.closed = written.standing == Standing::Ended;
        }
        state.deleting = written.standing == Standing::Deleting;
    }

    /// Takes nothing any more.
    fn close(&self, error: ServiceError) {
        let mut state = self.state.lock();
        state.closed = true;
        state.failure = Some(error);
    }
}

/// Writes events and their notes, one after the other, as one row; a null is no note.
pub(super) fn insert(
    tx: &Transaction<'_>,
    execution: i64,
    events: &[(Event, Value)],
) -> Result<(), ServiceError> {
    let (Some((first, _)), Some((last, _))) = (events.first(), events.last()) else {
        return Ok(());
    };
    let mut documents = Vec::with_capacity(events.len() * 256);
    for (event, note) in events {
        document(event, note, &mut documents)?;
        documents.push(b'\n');
    }
    let documents = String::from_utf8(documents).map_err(ServiceError::internal)?;
    tx.prepare_cached("INSERT INTO sfn_events VALUES (?1, ?2, ?3, ?4)")?
        .execute((
            execution,
            first.id.cast_signed(),
            last.id.cast_signed(),
            documents,
        ))?;
    Ok(())
}

/// The member that holds a note; GetExecutionHistory does not know it.
pub(super) const NOTE: &str = "note";

/// An event as GetExecutionHistory gives it.
pub(super) fn text(event: &Event) -> Result<String, ServiceError> {
    let mut out = Vec::new();
    document(event, &Value::Null, &mut out)?;
    String::from_utf8(out).map_err(ServiceError::internal)
}

/// An event as GetExecutionHistory gives it, and its note, on one line.
fn document(event: &Event, note: &Value, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let mut serializer = serde_json::Serializer::new(out);
    let mut map = serializer.serialize_map(None)?;
    let seconds = event.timestamp.timestamp_millis() as f64 / 1000.0;
    map.serialize_entry("timestamp", &seconds)?;
    map.serialize_entry("type", event.kind)?;
    map.serialize_entry("id", &event.id)?;
    map.serialize_entry("previousEventId", &event.previous_event_id)?;
    if let Some((member, details)) = &event.details {
        map.serialize_entry(member, details)?;
    }
    if !note.is_null() {
        map.serialize_entry(NOTE, note)?;
    }
    map.end()
}

#[cfg(test)]
mod tests;
