//! `TestState`: one state, run once, with a look inside.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    recovery::{self, retrier},
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
    pub items: Option<Value>,
    /// How many iterations failed.
    pub failed_iterations: Option<u64>,
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
            Mock::Error { error, cause } => Err(Failure { error, cause }),
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
            machine.definition.flow.find(name).ok_or_else(|| {
                TestError::Request(format!("State '{name}' is not found in the definition"))
            })?
        }
        None => {
            single = crate::validate::state(&test.definition).map_err(TestError::Definition)?;
            &single
        }
    };
    refuse_unmocked(state, test)?;
    let mut interpreter = Interpreter::new(&test.execution, tasks, clock, None);
    if let Value::Object(given) = &test.context {
        let mut shared = (*interpreter.shared).clone();
        for (name, value) in given {
            shared[name.as_str()] = value.clone();
        }
        interpreter.shared = Arc::new(shared);
    }
    let probe = Arc::new(Probe {
        mock: test.mock.clone(),
        items: test.map_item_reader_data.clone(),
        failed_iterations: test.map_iteration_failure_count,
        seen: Mutex::default(),
    });
    let mut branch = Branch::default();
    if let Value::Object(variables) = &test.variables {
        branch.variables = variables.clone().into_iter().collect();
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
    let waits = match &state.kind {
        Kind::Map(_) | Kind::Parallel(_) => true,
        Kind::Task(task) => {
            let resource = task.resource.as_str();
            [".sync", ".waitForTaskToken", ":activity:"]
                .into_iter()
                .any(|pattern| resource.contains(pattern))
        }
        _ => false,
    };
    if waits && test.mock.is_none() {
        return Err(TestError::Request(
            "TestState only supports Activity tasks, .sync and .waitForTaskToken service integration patterns, Parallel and Map states when a mock is specified".to_owned(),
        ));
    }
    Ok(())
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
            .and_then(|done| Self::bounded(visit, done));
        let failure = match ended {
            Ok((done, _)) => return Ok(left(visit, branch, done, TestStatus::Succeeded)),
            Err(Interrupt::Failure(failure)) => failure,
            Err(Interrupt::History(error)) => return Err(TestError::Request(error.to_string())),
        };
        let state = visit.state;
        let mut attempts = state.recovery().map_or_else(Vec::new, |recovery| {
            vec![test.retry_count; recovery.retry.len()]
        });
        if let Some((index, retrier, attempted)) = retrier(state, &mut attempts, failure.name())
            && !failure.is_terminal()
            && *attempted < retrier.max_attempts
        {
            let seconds = recovery::delay(retrier, *attempted).as_secs_f64();
            let details =
                json!({"retryIndex": index, "retryBackoffIntervalSeconds": seconds.round() as u64});
            visit.saw("errorDetails", &details);
            return Ok(failed(failure, TestStatus::Retriable));
        }
        let catchers = state.recovery().map_or(&[][..], |recovery| &recovery.catch);
        let catcher = catchers
            .iter()
            .enumerate()
            .find(|(_, catcher)| catcher.errors.include(failure.name()));
        match catcher {
            Some((index, catcher)) if !failure.is_terminal() => {
                visit.saw("errorDetails", &json!({"catchIndex": index}));
                match self.caught(index, catcher, &failure, visit, branch) {
                    Ok(done) => Ok(TestedState {
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
    branch.variables.extend(done.assigned.into_iter().flatten());
    visit.saw("variables", &json!(branch.variables));
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
