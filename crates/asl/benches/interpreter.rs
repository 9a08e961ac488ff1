//! How fast the interpreter is: `cargo bench -p asl`.
//!
//! Histories are counted and thrown away, tasks answer at once: what is measured is the
//! interpreter alone. Each line is the best of several runs.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use asl::{
    Event, Execution, History, HistoryError, Outcome, StateMachine, Task, TaskError, Tasks,
    WallClock,
};
use async_trait::async_trait;
use serde_json::{Value, json};

#[derive(Default)]
struct Counter(AtomicU64);

impl History for Counter {
    fn record(&self, event: Event) -> Result<(), HistoryError> {
        if event.kind.ends_with("StateEntered") {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

struct Echo;

#[async_trait]
impl Tasks for Echo {
    async fn run(
        &self,
        task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        Ok(task.parameters)
    }
}

fn execution(input: Value) -> Execution {
    Execution {
        arn: "arn:aws:states:us-east-1:123456789012:execution:machine:run".to_owned(),
        name: "run".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/machine".to_owned(),
        start_time: chrono::Utc::now(),
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

fn machine(definition: &Value) -> StateMachine {
    StateMachine::parse(&definition.to_string()).expect("the definition is valid")
}

/// A Pass and a Choice in a loop of `rounds`, which are fewer than a history has room for.
fn counting(rounds: u64) -> StateMachine {
    machine(&json!({"StartAt": "Add", "States": {
        "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
        "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": rounds, "Next": "Add"}], "Default": "Done"},
        "Done": {"Type": "Succeed"}}}))
}

fn counting_jsonata(rounds: u64) -> StateMachine {
    machine(
        &json!({"QueryLanguage": "JSONata", "StartAt": "Add", "States": {
        "Add": {"Type": "Pass", "Output": {"n": "{% $states.input.n + 1 %}"}, "Next": "Enough"},
        "Enough": {"Type": "Choice", "Choices": [{"Condition": format!("{{% $states.input.n < {rounds} %}}"), "Next": "Add"}], "Default": "Done"},
        "Done": {"Type": "Succeed"}}}),
    )
}

fn map(mode: &Value) -> StateMachine {
    machine(&json!({"StartAt": "Each", "States": {
        "Each": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 40, "ResultPath": null, "End": true,
            "ItemProcessor": {"ProcessorConfig": mode, "StartAt": "Do", "States": {
                "Do": {"Type": "Pass", "Parameters": {"item.$": "$"}, "End": true}}}}}}))
}

/// Runs once; gives the states entered.
async fn run(machine: &StateMachine, input: Value) -> u64 {
    let counter = Counter::default();
    let outcome = asl::execute(machine, &execution(input), &Echo, &WallClock, &counter)
        .await
        .expect("the history takes all events");
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    counter.0.into_inner()
}

async fn best<F: Future<Output = u64>>(runs: usize, what: &str, unit: &str, once: impl Fn() -> F) {
    let mut best = (Duration::MAX, 0);
    for _ in 0..runs {
        let start = Instant::now();
        let count = once().await;
        best = best.min((start.elapsed(), count));
    }
    let per_second = best.1 as f64 / best.0.as_secs_f64();
    println!("{what:<44} {per_second:>12.0} {unit}/s   ({:.1?})", best.0);
}

#[tokio::main]
async fn main() {
    // The histories of these have 24,000 events.
    let (paths, queries) = (counting(6_000), counting_jsonata(6_000));
    let start = json!({"n": 0});
    best(20, "Pass and Choice, JSONPath", "transitions", || {
        run(&paths, start.clone())
    })
    .await;
    best(20, "Pass and Choice, JSONata", "transitions", || {
        run(&queries, start.clone())
    })
    .await;
    let items = json!({"items": (0..5_000).collect::<Vec<_>>()});
    let inline = map(&json!({"Mode": "INLINE"}));
    best(10, "inline Map of 5,000 items", "items", || async {
        run(&inline, items.clone()).await - 1
    })
    .await;
    let items = json!({"items": (0..10_000).collect::<Vec<_>>()});
    let distributed = map(&json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}));
    best(10, "distributed Map of 10,000 items", "items", || async {
        run(&distributed, items.clone()).await;
        10_000
    })
    .await;
    let short = counting(50);
    best(5, "1,000 executions at once", "transitions", || async {
        let all = (0..1_000).map(|_| {
            let machine = short.clone();
            tokio::spawn(async move { run(&machine, json!({"n": 0})).await })
        });
        let mut transitions = 0;
        for one in all.collect::<Vec<_>>() {
            transitions += one.await.expect("an execution does not panic");
        }
        transitions
    })
    .await;
}
