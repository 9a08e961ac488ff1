//! `TestState`: one state, run once, with a look inside.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    recovery::{self, retrier},
    task::is_waited_for,
    visit::{Done, Visit},
};
use crate::{
    Clock, Inspection, Mock, StateTest, Tasks, TestError, TestStatus, TestedState,
    definition::{Kind, State},
    resume::progress::Attempt,
};

/// Looks into a state, and stands for what it would ask for.
#[derive(Debug, Default)]
pub(super) struct Probe {
    mock: Option<Mock>,
    /// What an `ItemReader` is to have read.
    pub read: Option<String>,
    /// How many iterations failed.
    pub failed_iterations: Option<u64>,
    /// Whether the test gave the context object.
    pub has_context: bool,
    seen: Mutex<Map<String, Value>>,
}

impl Probe {
    pub fn saw(&self, step: &str, value: Value) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(step.to_owned(), value);
    }

    /// What stands for the result, if anything does.
    pub fn mocked(&self) -> Option<Result<Value, Failure>> {
        Some(match self.mock.clone()? {
            Mock::Result(result) => Ok(result),
            Mock::Error { error, cause } => Err(Failure {
                error,
                cause,
                ..Failure::default()
            }),
        })
    }

    fn inspection(&self) -> Inspection {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Inspection(seen.clone())
    }
}

impl Visit<'_> {
    /// What stands for the result of what the state would ask for.
    pub(super) fn mocked(&self) -> Option<Result<Value, Failure>> {
        self.probe.as_ref()?.mocked()
    }

    /// Shows a step to who looks into the state.
    pub(super) fn saw(&self, step: &str, value: &Value) {
        if let Some(probe) = &self.probe {
            probe.saw(step, value.clone());
        }
    }
}

/// Runs a state once.
pub(crate) async fn test(
    test: &StateTest,
    tasks: &dyn Tasks,
    clock: &dyn Clock,
) -> Result<TestedState, TestError> {
    let (machine, single);
    let state = match &test.state {
        Some(name) => {
            machine =
                crate::StateMachine::parse(&test.definition).map_err(TestError::Definition)?;
            machine
                .definition
                .flow
                .find(name)
                .ok_or_else(|| TestError::Request("State not found in definition".to_owned()))?
        }
        None => {
            single = crate::validate::state(&test.definition).map_err(TestError::Definition)?;
            &single
        }
    };
    refuse_unmocked(state, test)?;
    if let Some(mock) = &test.mock {
        check_mock(state, mock)?;
    }
    check_request(state, test)?;
    let mut interpreter = Interpreter::new(&test.execution, tasks, clock, None);
    let has_context = test.context.is_object();
    if has_context {
        interpreter.shared = Arc::new(test.context.clone());
    }
    let probe = Arc::new(Probe {
        mock: test.mock.clone(),
        read: test.map_item_reader_data.clone(),
        failed_iterations: test.map_iteration_failure_count,
        has_context,
        seen: Mutex::default(),
    });
    let mut branch = Branch::default();
    if let Value::Object(variables) = &test.variables {
        branch.assign(variables.clone().into_iter().collect());
    }
    let mut visit = Visit::new(state, 0, 1, clock.now(), test.input.clone());
    visit.retries = test.retry_count;
    visit.probe = Some(Arc::clone(&probe));
    visit.saw("input", &visit.raw);
    let tested = interpreter.tested(&visit, &mut branch, test).await?;
    Ok(TestedState {
        inspection: probe.inspection(),
        ..tested
    })
}

/// What is not one state's doing is not run without a mock.
fn refuse_unmocked(state: &State, test: &StateTest) -> Result<(), TestError> {
    if test.mock.is_some() {
        return Ok(());
    }
    match &state.kind {
        Kind::Map(_) | Kind::Parallel(_) => Err(TestError::Unsupported(
            "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]".to_owned(),
        )),
        Kind::Task(task) if is_waited_for(&task.resource) => Err(refused(
            "TestState only supports Activity tasks, .sync and .waitForTaskToken service integration patterns, Parallel and Map states when a mock is specified",
        )),
        _ => Ok(()),
    }
}

fn refused(message: impl Into<String>) -> TestError {
    TestError::Request(message.into())
}

/// Refuses a mock of a state that asks for nothing, and one that the state could not have given.
fn check_mock(state: &State, mock: &Mock) -> Result<(), TestError> {
    let no_mock = |kind: &str| {
        Err(refused(format!(
            "State type '{kind}' is not supported when a mock is specified"
        )))
    };
    let Mock::Result(result) = mock else {
        return match &state.kind {
            Kind::Task(_) | Kind::Map(_) | Kind::Parallel(_) => Ok(()),
            kind => no_mock(kind.name()),
        };
    };
    match (&state.kind, result) {
        (Kind::Task(_), _) => Ok(()),
        (Kind::Map(map), result) => match &map.result_writer {
            None if !result.is_array() => Err(refused("Mocked result must be an array.")),
            Some(writer) if writer.resource.is_some() && !result.is_object() => {
                Err(refused("Mocked result must be a JSON object."))
            }
            _ => Ok(()),
        },
        (Kind::Parallel(parallel), Value::Array(results)) => {
            if results.len() == parallel.branches.len() {
                return Ok(());
            }
            Err(refused(
                "Mocked result must contain the same number of items as number of Parallel branches.",
            ))
        }
        (Kind::Parallel(_), _) => Err(refused("Mocked result must be an array.")),
        (kind, _) => no_mock(kind.name()),
    }
}

/// Refuses what the test could not heed.
fn check_request(state: &State, test: &StateTest) -> Result<(), TestError> {
    for (name, given) in [("context", &test.context), ("variables", &test.variables)] {
        if !given.is_object() && !given.is_null() {
            return Err(refused(format!("{name} must be a JSON object")));
        }
    }
    let Some(cause) = &test.error_caused_by_state else {
        return Ok(());
    };
    let is_within = match &state.kind {
        Kind::Map(map) => map.processor.find(cause).is_some(),
        Kind::Parallel(parallel) => parallel
            .branches
            .iter()
            .any(|flow| flow.find(cause).is_some()),
        _ => true,
    };
    if is_within {
        return Ok(());
    }
    Err(refused(format!(
        "errorCausedByState names '{cause}', which is no state within the state"
    )))
}

impl Interpreter<'_> {
    async fn tested<'s>(
        &'s self,
        visit: &Visit<'s>,
        branch: &mut Branch,
        test: &StateTest,
    ) -> Result<TestedState, TestError> {
        let ended = self
            .attempt(visit, branch, Attempt::Fresh)
            .await
            .and_then(|done| Self::bounded(visit, &branch.variables, done));
        let failure = match ended {
            Ok((done, _)) => return Ok(left(visit, branch, done, TestStatus::Succeeded)),
            Err(Interrupt::Failure(failure)) => failure,
            Err(Interrupt::History(error)) => return Err(TestError::Request(error.to_string())),
        };
        let state = visit.state;
        let mut attempts = state.recovery().map_or_else(Vec::new, |recovery| {
            vec![test.retry_count; recovery.retry.len()]
        });
        let (name, by_wildcard) = (failure.name(), !failure.of_state_limit);
        if let Some((index, retrier, attempted)) = retrier(state, &mut attempts, name, by_wildcard)
            && !failure.is_terminal()
            && *attempted < retrier.max_attempts
        {
            let seconds = recovery::delay(retrier, *attempted).as_secs_f64();
            let details =
                json!({"retryIndex": index, "retryBackoffIntervalSeconds": seconds.round() as u64});
            visit.saw("errorDetails", &details);
            return Ok(failed(failure, TestStatus::Retriable));
        }
        if let Some((index, ..)) = retrier(state, &mut attempts, name, by_wildcard) {
            visit.saw("errorDetails", &json!({"retryIndex": index}));
        }
        let catchers = state.recovery().map_or(&[][..], |recovery| &recovery.catch);
        let catcher = catchers
            .iter()
            .enumerate()
            .find(|(_, catcher)| catcher.errors.include(name, by_wildcard));
        match catcher {
            Some((index, catcher)) if !failure.is_terminal() => {
                visit.saw("errorDetails", &json!({"catchIndex": index}));
                let caught = self
                    .caught(index, catcher, &failure, visit, branch)
                    .and_then(|done| Self::bounded(visit, &branch.variables, done));
                match caught {
                    Ok((done, _)) => Ok(TestedState {
                        error: failure.error,
                        cause: failure.cause,
                        ..left(visit, branch, done, TestStatus::CaughtError)
                    }),
                    Err(Interrupt::Failure(failure)) => Ok(failed(failure, TestStatus::Failed)),
                    Err(Interrupt::History(error)) => Err(TestError::Request(error.to_string())),
                }
            }
            _ => Ok(failed(failure, TestStatus::Failed)),
        }
    }
}

fn left(visit: &Visit, branch: &mut Branch, done: Done, status: TestStatus) -> TestedState {
    if let Some(assigned) = done.assigned {
        branch.assign(assigned);
    }
    if !branch.variables.is_empty() {
        visit.saw("variables", &json!(*branch.variables));
    }
    TestedState {
        status,
        output: Some(done.output),
        error: None,
        cause: None,
        next: done.next.map(str::to_owned),
        inspection: Inspection::default(),
    }
}

fn failed(failure: Failure, status: TestStatus) -> TestedState {
    TestedState {
        status,
        output: None,
        error: failure.error,
        cause: failure.cause,
        next: None,
        inspection: Inspection::default(),
    }
}
