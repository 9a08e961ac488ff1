//! Running a case on a clock of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use asl::{
    ChildExecution, Clock, Event, Execution, History, HistoryError, MapRun, MapRuns, Outcome,
    StateMachine, TaskError,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::time::Instant;

use super::case::Case;
use super::mocks::MockedTasks;

/// What became of a case.
#[derive(Debug, Default)]
pub struct Ran {
    pub path: Vec<String>,
    pub visits: BTreeMap<String, usize>,
    pub output: Option<Value>,
    pub error: Option<String>,
    pub cause: Option<String>,
    pub passed: Duration,
    pub transitions: usize,
    pub problems: Vec<String>,
}

impl Ran {
    pub fn has_failed(&self) -> bool {
        self.output.is_none()
    }

    /// How it ended, in a line.
    pub fn ending(&self) -> String {
        let error = self.error.as_deref().unwrap_or("a failure without an error");
        let cause = self.cause.as_deref().filter(|cause| !cause.is_empty());
        match (&self.output, cause) {
            (Some(output), _) => output.to_string(),
            (None, Some(cause)) => format!("{error}: {cause}"),
            (None, None) => error.to_owned(),
        }
    }
}

/// Time that passes only while everything waits; needs a runtime whose time is paused.
struct TestClock {
    start: Instant,
    epoch: DateTime<Utc>,
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        self.epoch + self.start.elapsed()
    }

    async fn sleep_until(&self, moment: DateTime<Utc>) {
        let left = moment - self.now();
        tokio::time::sleep(left.to_std().unwrap_or_default()).await;
    }
}

/// The events of an execution and of its children; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<Event>>>);

impl Memory {
    fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl History for Memory {
    fn record(&self, event: Event) -> Result<(), HistoryError> {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(event);
        Ok(())
    }
}

/// Keeps of a distributed Map's children what they do, and nothing else.
#[async_trait]
impl MapRuns for Memory {
    async fn start(&self, _: &MapRun) -> Result<(), TaskError> {
        Ok(())
    }

    fn child_started(
        &self,
        _: &str,
        _: &ChildExecution,
    ) -> Result<Option<Box<dyn History>>, HistoryError> {
        Ok(Some(Box::new(self.clone())))
    }
}

/// Runs a case; fails where the definition is none.
pub fn run(definition: &Value, case: &Case) -> anyhow::Result<Ran> {
    let machine = StateMachine::parse(&definition.to_string()).map_err(|mistakes| {
        let lines: Vec<String> = mistakes
            .iter()
            .map(|m| format!("{} ({})", m.message, m.location.as_deref().unwrap_or("/")))
            .collect();
        anyhow::anyhow!("the definition is not valid: {}", lines.join("; "))
    })?;
    // A thread of its own, since its time is not that of this process.
    std::thread::scope(|scope| {
        let case = scope.spawn(|| on_its_clock(&machine, definition, case));
        match case.join() {
            Ok(ran) => ran,
            Err(_) => bail!("the case ended in a panic"),
        }
    })
}

fn on_its_clock(machine: &StateMachine, definition: &Value, case: &Case) -> anyhow::Result<Ran> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .context("no runtime for a test")?;
    runtime.block_on(async {
        let clock = TestClock {
            start: Instant::now(),
            epoch: case.now,
        };
        let execution = execution(case);
        let memory = Memory::default();
        let tasks = MockedTasks::new(&case.mocks, case.test_case.as_ref(), memory.clone());
        let outcome = asl::execute(machine, &execution, &tasks, &clock, &memory).await?;
        let passed = clock.start.elapsed();
        let events = memory.take();
        let mut ran = Ran {
            passed,
            problems: tasks.problems(definition),
            ..Ran::default()
        };
        count(&mut ran, definition, &events);
        match outcome {
            Outcome::Succeeded { output } => ran.output = Some(output),
            Outcome::Failed { error, cause } => (ran.error, ran.cause) = (error, cause),
            Outcome::TimedOut { error, cause } => {
                ran.error = error.or_else(|| Some("States.Timeout".to_owned()));
                ran.cause = cause;
            }
        }
        Ok(ran)
    })
}

fn execution(case: &Case) -> Execution {
    let arn = |kind: &str| format!("arn:aws:states:us-east-1:000000000000:{kind}");
    Execution {
        arn: arn("execution:test:case"),
        name: "case".to_owned(),
        role_arn: "arn:aws:iam::000000000000:role/test".to_owned(),
        start_time: case.now,
        input: case.input.clone(),
        state_machine_arn: arn("stateMachine:test"),
        state_machine_name: "test".to_owned(),
        alias_arn: None,
        version_arn: None,
        redrive_count: 0,
        redrive_time: None,
        tells_redrives: true,
    }
}

/// The path and the number of visits. States of the outermost flow are told by their names, which
/// are unique.
fn count(ran: &mut Ran, definition: &Value, events: &[Event]) {
    for event in events {
        let details = event.details.as_ref().filter(|_| event.kind.ends_with("StateEntered"));
        let Some(name) = details.and_then(|(_, details)| details["name"].as_str()) else {
            continue;
        };
        ran.transitions += 1;
        *ran.visits.entry(name.to_owned()).or_default() += 1;
        if definition["States"].get(name).is_some() {
            ran.path.push(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_has_no_colon_without_a_cause() {
        let ended = |cause: Option<&str>| {
            let ran = Ran {
                error: Some("Other".to_owned()),
                cause: cause.map(str::to_owned),
                ..Ran::default()
            };
            ran.ending()
        };
        assert_eq!(ended(None), "Other");
        assert_eq!(ended(Some("")), "Other");
        assert_eq!(ended(Some("why")), "Other: why");
    }
}
