//! Writes the history of one execution.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::failure::{Failure, Interrupt};
use crate::{Clock, Event, History, HistoryError};

/// The most events that an execution may have, its last included.
const MAX_EVENTS: u64 = 25_000;

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

    /// Writes an event and gives its id; fails the execution when it has too many.
    pub fn record(
        &self,
        previous: u64,
        kind: &'static str,
        details: Details,
    ) -> Result<u64, Interrupt> {
        if *self.last.lock().unwrap_or_else(PoisonError::into_inner) >= MAX_EVENTS - 1 {
            return Err(Failure::runtime(format!(
                "The execution reached the maximum number of history events ({MAX_EVENTS})."
            ))
            .into());
        }
        Ok(self.force(previous, kind, details)?)
    }

    /// Writes an event that every execution has.
    pub fn force(
        &self,
        previous: u64,
        kind: &'static str,
        details: Details,
    ) -> Result<u64, HistoryError> {
        // Held while the event is handed over, so that events arrive in the order of their ids.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        if let Some(history) = self.history {
            history.record(Event {
                id: *last,
                previous_event_id: previous,
                timestamp: self.clock.now(),
                kind,
                details,
            })?;
        }
        Ok(*last)
    }
}
