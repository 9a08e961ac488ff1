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
mod history;
mod interpreter;
mod intrinsic;
mod json;
pub mod jsonata;
mod jsonpath;
pub mod limits;
mod map_run;
mod mocks;
pub mod number;
mod query;
mod resume;
mod stack;
mod tasks;
mod test_state;
mod timestamp;
mod validate;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use validate::Purpose;

pub use definition::{not_recognized, recognizes};
pub use history::{Event, History, HistoryError};
pub use json::{JsonError, parse_json};
pub use map_run::{
    ChildExecution, Counts, MapRun, MapRunProgress, MapRunSettings, MapRunStatus, MapRuns,
    RecordedChild,
};
pub use mocks::{Mocks, MocksError};
pub use resume::{RecordedEvent, ResumeError, redrive, resume};
pub use tasks::{
    Bytes, Object, Rows, Submitted, Task, TaskError, Tasks, read_by_task, refused_parquet,
};
pub use test_state::{Inspection, Mock, StateTest, TestError, TestStatus, TestedState, test_state};

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
    /// What may have been meant: `did you mean 'ResultPath'?`. AWS does not say such a thing.
    pub help: Option<String>,
}

/// Whether executions are kept (STANDARD) or only answered (EXPRESS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineType {
    Standard,
    Express,
}

/// Finds all that is wrong with a definition that a machine is to be made of, and what of it is hardly
/// meant. AWS would take one without mistakes.
pub fn validate(definition: &str, machine_type: MachineType) -> Vec<Diagnostic> {
    validate::check(definition, machine_type, Purpose::Create).1
}

/// The name among those that are known that was probably meant by one that is not: it differs by a
/// slip of two letters, or of one where the name is short.
pub fn nearest_name<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    validate::nearest(name, known)
}

/// A definition without mistakes.
#[derive(Clone, Debug)]
pub struct StateMachine {
    definition: Arc<definition::Definition>,
}

impl StateMachine {
    /// Parses a definition to run it; fails with its diagnostics where it cannot be run. What its
    /// integrations are given is for [`validate`].
    pub fn parse(definition: &str) -> Result<Self, Vec<Diagnostic>> {
        match validate::check(definition, MachineType::Standard, Purpose::Run) {
            (Some(definition), _) => Ok(Self {
                definition: Arc::new(definition),
            }),
            (None, diagnostics) => Err(diagnostics),
        }
    }

    /// The names of the variables that each JSONPath state reads, by the state's name, in order;
    /// states that read none are left out.
    pub fn variable_references(&self) -> BTreeMap<String, Vec<String>> {
        self.definition.variable_references()
    }
}

/// What the context object tells of an execution, and its input.
#[derive(Clone, Debug)]
pub struct Execution {
    /// `$$.Execution.Id`: its ARN.
    pub arn: String,
    pub name: String,
    /// Empty where a state is tested without a role: null in the context object.
    pub role_arn: String,
    pub start_time: DateTime<Utc>,
    pub input: Value,
    pub state_machine_arn: String,
    pub state_machine_name: String,
    /// The ARN of the alias that it was started by, if it was by one.
    pub alias_arn: Option<String>,
    /// The ARN of the version that it runs, if it was started by that or by an alias of it.
    pub version_arn: Option<String>,
    pub redrive_count: u32,
    pub redrive_time: Option<DateTime<Utc>>,
    /// Whether the context object tells of redrives: not in synchronous executions of EXPRESS
    /// machines, nor where a state is tested.
    pub tells_redrives: bool,
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

/// Runs one execution to its end.
pub async fn execute(
    machine: &StateMachine,
    execution: &Execution,
    tasks: &dyn Tasks,
    clock: &dyn Clock,
    history: &dyn History,
) -> Result<Outcome, HistoryError> {
    interpreter::go_on(
        &machine.definition,
        execution,
        resume::progress::Progress::none(),
        tasks,
        clock,
        history,
    )
    .await
}
