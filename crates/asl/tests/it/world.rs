//! A small world for an execution: tasks that a test scripts, time that costs nothing, a history
//! in memory.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use asl::{
    Clock, Event, Execution, History, HistoryError, Outcome, StateMachine, Task, TaskError, Tasks,
};
use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};
use serde_json::Value;
use tokio::time::Instant;

/// Time that passes only while everything waits; needs a runtime whose time is paused.
pub struct VirtualClock {
    start: Instant,
    epoch: DateTime<Utc>,
}

impl VirtualClock {
    /// Starts at the moment that the times in the recordings are relative to.
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            epoch: Utc.with_ymd_and_hms(2026, 11, 23, 14, 30, 53).unwrap(),
        }
    }

    /// Since the clock was made.
    pub fn passed(&self) -> Duration {
        self.start.elapsed()
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        self.epoch + self.passed()
    }

    async fn sleep_until(&self, moment: DateTime<Utc>) {
        tokio::time::sleep((moment - self.now()).to_std().unwrap_or_default()).await;
    }
}

#[derive(Default)]
pub struct Memory(pub Mutex<Vec<Event>>);

impl History for Memory {
    fn record(&self, event: Event) -> Result<(), HistoryError> {
        self.0.lock().unwrap().push(event);
        Ok(())
    }
}

type Answer = Result<Value, (&'static str, &'static str)>;

/// Answers what it was told to, in turn; a task too many never ends.
#[derive(Default)]
pub struct Script {
    answers: Mutex<VecDeque<(Duration, Answer)>>,
    pub asked: Mutex<Vec<Task>>,
    pub dropped: AtomicUsize,
}

impl Script {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: Mutex::new(
                answers
                    .into_iter()
                    .map(|answer| (Duration::ZERO, answer))
                    .collect(),
            ),
            ..Self::default()
        }
    }
}

struct Guard<'a>(&'a AtomicUsize);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Tasks for Script {
    async fn run(
        &self,
        task: Task,
        submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        let waits = task.resource.contains(".sync");
        self.asked.lock().unwrap().push(task);
        if waits {
            submitted(serde_json::json!({"accepted": true}));
        }
        let next = self.answers.lock().unwrap().pop_front();
        let Some((delay, answer)) = next else {
            let guard = Guard(&self.dropped);
            std::future::pending::<()>().await;
            drop(guard);
            unreachable!();
        };
        tokio::time::sleep(delay).await;
        answer.map_err(|(error, cause)| TaskError {
            error: error.to_owned(),
            cause: cause.to_owned(),
        })
    }
}

pub struct Ran {
    pub outcome: Outcome,
    pub events: Vec<Event>,
    pub passed: Duration,
}

impl Ran {
    pub fn kinds(&self) -> Vec<&'static str> {
        self.events.iter().map(|event| event.kind).collect()
    }

    /// The output of an execution that has to have succeeded.
    pub fn output(&self) -> &Value {
        match &self.outcome {
            Outcome::Succeeded { output } => output,
            other => panic!("{other:?}"),
        }
    }

    /// Error and cause of an execution that has to have failed.
    pub fn failure(&self) -> (&str, &str) {
        match &self.outcome {
            Outcome::Failed { error, cause } => (
                error.as_deref().unwrap_or_default(),
                cause.as_deref().unwrap_or_default(),
            ),
            other => panic!("{other:?}"),
        }
    }

    pub fn details(&self, kind: &str) -> &Value {
        let event = self
            .events
            .iter()
            .find(|event| event.kind == kind)
            .unwrap_or_else(|| panic!("no {kind}"));
        &event.details.as_ref().unwrap().1
    }
}

pub async fn run_with(definition: &Value, input: Value, tasks: &Script) -> Ran {
    let machine = StateMachine::parse(&definition.to_string())
        .unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let clock = VirtualClock::new();
    let execution = execution(&clock, input);
    let history = Memory::default();
    let outcome = asl::execute(&machine, &execution, tasks, &clock, &history)
        .await
        .unwrap();
    Ran {
        outcome,
        events: history.0.into_inner().unwrap(),
        passed: clock.passed(),
    }
}

pub fn execution(clock: &VirtualClock, input: Value) -> Execution {
    Execution {
        arn: "arn:aws:states:us-east-1:123456789012:execution:machine:run".to_owned(),
        name: "run".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/machine".to_owned(),
        start_time: clock.now(),
        input,
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine".to_owned(),
        state_machine_name: "machine".to_owned(),
        alias_arn: None,
        version_arn: None,
        redrive_count: 0,
        redrive_time: None,
        tells_redrives: true,
    }
}

/// Runs a machine that asks nothing of anyone.
pub async fn run(definition: &Value, input: Value) -> Ran {
    run_with(definition, input, &Script::default()).await
}
