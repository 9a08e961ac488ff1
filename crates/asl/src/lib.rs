//! Amazon States Language: parse, validate, interpret.
//!
//! Knows no AWS service: [`Tasks`] runs tasks, [`Clock`] gives time, [`History`] takes the events.
//! An execution is stopped by dropping the future that [`execute`] returns; whatever runs inside
//! it, tasks of nested branches included, is dropped with it.
//!
//! Source: the States Language specification (states-language.net) and AWS's Step Functions
//! developer guide.

mod context;
mod definition;
mod interpreter;
mod intrinsic;
pub mod jsonata;
mod jsonpath;
mod query;
mod timestamp;
mod validate;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// One finding of [`validate`], as `ValidateStateMachineDefinition` words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// `SCHEMA_VALIDATION_FAILED`, `INVALID_JSON_DESCRIPTION`, `MISSING_TRANSITION_TARGET`, …
    pub code: String,
    pub message: String,
    /// A JSON pointer into the definition (`/States/A/Next`), or the place of a syntax error.
    pub location: Option<String>,
}

/// Whether executions are kept (STANDARD) or only answered (EXPRESS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineType {
    Standard,
    Express,
}

/// Finds all mistakes of a definition; empty for one that AWS would take.
pub fn validate(definition: &str, machine_type: MachineType) -> Vec<Diagnostic> {
    validate::check(definition, machine_type).1
}

/// A definition without mistakes.
#[derive(Clone, Debug)]
pub struct StateMachine {
    definition: Arc<definition::Definition>,
}

impl StateMachine {
    /// Parses a definition; fails with its diagnostics of severity error.
    pub fn parse(definition: &str) -> Result<Self, Vec<Diagnostic>> {
        match validate::check(definition, MachineType::Standard) {
            (Some(definition), _) => Ok(Self {
                definition: Arc::new(definition),
            }),
            (None, diagnostics) => Err(diagnostics),
        }
    }
}

/// What the context object tells of an execution, and its input.
#[derive(Clone, Debug)]
pub struct Execution {
    /// `$$.Execution.Id`: its ARN.
    pub arn: String,
    pub name: String,
    pub role_arn: String,
    pub start_time: DateTime<Utc>,
    pub input: Value,
    pub state_machine_arn: String,
    pub state_machine_name: String,
    pub redrive_count: u32,
    pub redrive_time: Option<DateTime<Utc>>,
}

/// How an execution ended. TimedOut is `TimeoutSeconds` of the whole machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Succeeded {
        output: Value,
    },
    Failed {
        error: Option<String>,
        cause: Option<String>,
    },
    TimedOut {
        error: Option<String>,
        cause: Option<String>,
    },
}

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
pub trait History: Send + Sync {
    fn record(&self, event: Event) -> Result<(), HistoryError>;
}

/// Time, so that a wait of a year can take no time in a test.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
    async fn sleep_until(&self, moment: DateTime<Utc>);
}

/// The clock on the wall.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

#[async_trait]
impl Clock for WallClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep_until(&self, moment: DateTime<Utc>) {
        let left = moment - Utc::now();
        tokio::time::sleep(left.to_std().unwrap_or(Duration::ZERO)).await;
    }
}

/// What a Task state asks for.
#[derive(Clone, Debug)]
pub struct Task {
    /// The `Resource` of the state, whole: `arn:aws:states:::athena:startQueryExecution.sync`.
    pub resource: String,
    /// What Parameters or Arguments gave, or the state's input.
    pub parameters: Value,
    /// `$$.Task.Token`, for resources that end in `.waitForTaskToken`, and activities.
    pub token: String,
    /// `Credentials.RoleArn`.
    pub credentials: Option<Value>,
    pub heartbeat: Option<Duration>,
}

/// A task's end that is not its output: what Retry and Catch see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// `Athena.InvalidRequestException`, `States.TaskFailed`, …
    pub error: String,
    pub cause: String,
}

/// Runs tasks. A task whose future is dropped is to be stopped where its service can do that.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// Runs one task to its end. `submitted` is to be called once, with the answer of the service,
    /// when a `.sync` or `.waitForTaskToken` task has been accepted and is waited for: it
    /// writes `TaskSubmitted`. The interpreter itself writes `TaskScheduled`, `TaskStarted`,
    /// `TaskSucceeded`, `TaskFailed` and `TaskTimedOut` and keeps `TimeoutSeconds`.
    async fn run(
        &self,
        task: Task,
        submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError>;
}

/// Runs one execution to its end.
pub async fn execute(
    machine: &StateMachine,
    execution: &Execution,
    tasks: &dyn Tasks,
    clock: &dyn Clock,
    history: &dyn History,
) -> Result<Outcome, HistoryError> {
    interpreter::run(&machine.definition, execution, tasks, clock, history).await
}
