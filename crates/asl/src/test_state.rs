//! `TestState`: one state, run once, with a look inside.

use serde_json::{Map, Value};

use crate::{Clock, Diagnostic, Execution, Tasks};

/// What is to be run.
#[derive(Clone, Debug)]
pub struct StateTest {
    /// A state, or a whole machine of which `state` names one.
    pub definition: String,
    pub state: Option<String>,
    pub input: Value,
    /// The variables there are; null for none.
    pub variables: Value,
    /// The context object, which stands for the one made of `execution` and of the state; null for
    /// none.
    pub context: Value,
    pub execution: Execution,
    /// What stands for the result of a Task, Map or Parallel.
    pub mock: Option<Mock>,
    /// How often the state was tried before (`stateConfiguration.retrierRetryCount`).
    pub retry_count: u64,
    /// The state within that fails with the mock's error
    /// (`stateConfiguration.errorCausedByState`), as its context tells.
    pub error_caused_by_state: Option<String>,
    /// How many iterations of a Map failed (`stateConfiguration.mapIterationFailureCount`), which is
    /// held against the tolerance that the Map declares, if it does.
    pub map_iteration_failure_count: Option<u64>,
    /// What the `ItemReader` is to have read (`stateConfiguration.mapItemReaderData`), as found in
    /// its source: the text of a file in the reader's `InputType`.
    pub map_item_reader_data: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Mock {
    Result(Value),
    Error {
        error: Option<String>,
        cause: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStatus {
    Succeeded,
    Failed,
    /// A retrier would try again.
    Retriable,
    /// A catcher took the error; its transition is `next`.
    CaughtError,
}

/// What the state did.
#[derive(Clone, Debug, PartialEq)]
pub struct TestedState {
    pub status: TestStatus,
    pub output: Option<Value>,
    pub error: Option<String>,
    pub cause: Option<String>,
    pub next: Option<String>,
    pub inspection: Inspection,
}

/// What the data were after each step, under the names of the API's `inspectionData`: `input`,
/// `afterInputPath`, `afterParameters`, `afterArguments`, `result`, `afterResultSelector`,
/// `afterResultPath`, `variables`, `afterItemsPath`, `afterItemsPointer`, `afterItemSelector`,
/// `afterItemBatcher`, `maxConcurrency`, `toleratedFailureCount`, `toleratedFailurePercentage`, `errorDetails`. A step
/// that the state does not have, or did not come to, is absent. Documents are JSON values here
/// and texts in the API, numbers are numbers in both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspection(pub Map<String, Value>);

/// The state cannot be tested.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    #[error("the definition is not valid")]
    Definition(Vec<Diagnostic>),
    /// A state that is not tested without a mock at all.
    #[error("{0}")]
    Unsupported(String),
    #[error("{0}")]
    Request(String),
}

/// Runs a state once. Nothing is waited for: neither a Wait nor a delay before a retry. Without a
/// mock, a Task is run by `tasks`.
pub async fn test_state(
    test: &StateTest,
    tasks: &dyn Tasks,
    clock: &dyn Clock,
) -> Result<TestedState, TestError> {
    crate::interpreter::test(test, tasks, clock).await
}
