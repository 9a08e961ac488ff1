//! Writes the history of one execution.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::failure::{Failure, Interrupt};
use crate::{Clock, Event, History, HistoryError, limits::MAX_EVENTS};

pub(super) struct Log<'a> {
    /// None for the child executions of a distributed Map, whose histories are not the parent's.
    history: Option<&'a dyn History>,
    clock: &'a dyn Clock,
    last: Mutex<u64>,
}

type Details = Option<(&'static str, Value)>;

/// What stands beside each document in the history: it is there as a whole.
pub(super) fn truncated() -> Value {
    json!({"truncated": false})
}

impl<'a> Log<'a> {
    pub fn new(history: Option<&'a dyn History>, clock: &'a dyn Clock) -> Self {
        Self {
            history,
            clock,
            last: Mutex::new(0),
        }
    }

    /// The next event is the one after this.
    pub fn go_on_after(&self, last: u64) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }

    /// The text of the input as it was given, if that is known.
    pub fn given_input(&self) -> Option<String> {
        self.history?.given_input()
    }

    /// Makes what was written outlive the process.
    pub async fn flush(&self) -> Result<(), HistoryError> {
        match self.history {
            Some(history) => history.flush().await,
            None => Ok(()),
        }
    }

    /// Writes an event and gives its id; fails the execution when it has too many.
    pub fn record(
        &self,
        previous: u64,
        kind: &'static str,
        details: Details,
    ) -> Result<u64, Interrupt> {
        self.note(previous, kind, details, Value::Null)
    }

    /// Writes an event with what resuming has to know of it.
    pub fn note(
        &self,
        previous: u64,
        kind: &'static str,
        details: Details,
        note: Value,
    ) -> Result<u64, Interrupt> {
        if *self.last.lock().unwrap_or_else(PoisonError::into_inner) >= MAX_EVENTS - 1 {
            return Err(Failure::runtime(format!(
                "The execution reached the maximum number of history events ({MAX_EVENTS})."
            ))
            .into());
        }
        Ok(self.write(previous, kind, details, note)?)
    }

    /// Writes an event that every execution has.
    pub fn force(
        &self,
        previous: u64,
        kind: &'static str,
        details: Details,
    ) -> Result<u64, HistoryError> {
        self.write(previous, kind, details, Value::Null)
    }

    fn write(
        &self,
        previous: u64,
        kind: &'static str,
        details: Details,
        note: Value,
    ) -> Result<u64, HistoryError> {
        // Held while the event is handed over, so that events arrive in the order of their ids.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        if let Some(history) = self.history {
            let event = Event {
                id: *last,
                previous_event_id: previous,
                timestamp: self.clock.now(),
                kind,
                details,
            };
            if note.is_null() {
                history.record(event)?;
            } else {
                history.record_noted(event, note)?;
            }
        }
        Ok(*last)
    }
}
