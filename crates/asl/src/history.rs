//! Histories of executions: what they are made of, and who takes them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// One event of the history, as `GetExecutionHistory` gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// From 1, without gaps.
    pub id: u64,
    pub previous_event_id: u64,
    pub timestamp: DateTime<Utc>,
    /// `PassStateEntered`, `TaskScheduled`, …
    pub kind: &'static str,
    /// The member that holds the details (`stateEnteredEventDetails`) and what is in it, under
    /// the API's names; documents inside are JSON texts, as in the API.
    pub details: Option<(&'static str, Value)>,
}

/// The store of the history could not take an event; the execution ends here.
#[derive(Debug, thiserror::Error)]
#[error("the history cannot be written: {0}")]
pub struct HistoryError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Takes the events of one execution, in order, its first (`ExecutionStarted`) and last
/// (`ExecutionSucceeded`, `ExecutionFailed`, `ExecutionTimedOut`) among them.
#[async_trait]
pub trait History: Send + Sync {
    fn record(&self, event: Event) -> Result<(), HistoryError>;

    /// Takes an event with what no member of it tells and [`crate::resume`] has to know: where a
    /// Choice or a catcher led, why a Map failed. Who wants to resume stores the note beside
    /// the event, for no eye but that of [`crate::RecordedEvent::note`].
    fn record_noted(&self, event: Event, _note: Value) -> Result<(), HistoryError> {
        self.record(event)
    }

    /// The text of the input that the execution was started with, which is asked for once, for the first
    /// event. Where there is none, that event has the text that the input makes.
    fn given_input(&self) -> Option<String> {
        None
    }

    /// Makes what was recorded outlive the process. Is awaited before a task is asked for and
    /// after it has ended, so that an execution taken up again with [`crate::resume`] runs no task
    /// twice whose end it has seen. A history that nobody resumes from needs not do anything.
    async fn flush(&self) -> Result<(), HistoryError> {
        Ok(())
    }
}
