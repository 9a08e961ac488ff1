//! Distributed Maps whose children run while items are read and results are written.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use asl::{Bytes, Object, Outcome, StateMachine, Task, TaskError, Tasks};
use async_trait::async_trait;
use futures::{StreamExt, future::Either, stream};
use serde_json::{Value, json};

use crate::world::{Memory, VirtualClock, execution};

/// A bucket whose rows come ten seconds apart, and whose first file takes a minute to be written.
#[derive(Default)]
struct Slow {
    rows: Vec<Value>,
    is_written: AtomicBool,
}

#[async_trait]
impl Tasks for Slow {
    async fn run(
        &self,
        _task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        if !self.is_written.swap(true, Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        Ok(json!({}))
    }

    async fn read_object(&self, _resource: &str, _object: Object) -> Result<Bytes, TaskError> {
        let rows = stream::iter(self.rows.clone()).then(|row| async move {
            tokio::time::sleep(Duration::from_secs(10)).await;
            Ok::<_, TaskError>(format!("{row}\n").into_bytes())
        });
        Ok(rows.boxed())
    }
}

/// Gives also how many seconds passed.
async fn run(states: Value, more: Value, input: Value, slow: &Slow) -> (Outcome, u64) {
    let mut map = json!({"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "C", "States": states}});
    for (name, value) in more.as_object().unwrap() {
        map[name] = value.clone();
    }
    let definition = json!({"StartAt": "M", "States": {"M": map}});
    let machine = StateMachine::parse(&definition.to_string())
        .unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let clock = VirtualClock::new();
    let execution = execution(&clock, input);
    let history = Memory::default();
    let outcome = asl::execute(&machine, &execution, slow, &clock, &history).await;
    (outcome.unwrap(), clock.passed().as_secs())
}

fn rows(rows: Vec<Value>, more: Value) -> (Slow, Value) {
    let mut fields = json!({"ItemReader": {"Resource": "arn:aws:states:::s3:getObject",
        "Parameters": {"Bucket": "lake", "Key": "rows.jsonl"}, "ReaderConfig": {"InputType": "JSONL"}}});
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    let slow = Slow {
        rows,
        ..Slow::default()
    };
    (slow, fields)
}

#[tokio::test(start_paused = true)]
async fn a_child_that_fails_ends_the_map_before_all_items_are_read() {
    let states = json!({
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.bad", "IsPresent": true, "Next": "F"}], "Default": "P"},
        "F": {"Type": "Fail", "Error": "Bad"}, "P": {"Type": "Pass", "End": true}});
    let items = vec![json!({"n": 1}), json!({"bad": 2}), json!({}), json!({})];
    let (slow, fields) = rows(items, json!({}));
    let (outcome, passed) = run(states, fields, json!({}), &slow).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    assert_eq!(passed, 20);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_being_made_loses_nothing_when_a_child_ends() {
    let states = json!({"C": {"Type": "Wait", "Seconds": 15, "End": true}});
    let items = (1..=5).map(|row| json!(row)).collect();
    let (slow, fields) = rows(items, json!({"ItemBatcher": {"MaxItemsPerBatch": 2}}));
    let (outcome, passed) = run(states, fields, json!({}), &slow).await;
    let output = json!([{"Items": [1, 2]}, {"Items": [3, 4]}, {"Items": [5]}]);
    assert_eq!(outcome, Outcome::Succeeded { output });
    assert_eq!(passed, 65);
}

#[tokio::test(start_paused = true)]
async fn a_child_goes_on_while_results_are_written() {
    let states = json!({
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": "slow", "Next": "W"}], "Default": "P"},
        "W": {"Type": "Wait", "Seconds": 30, "Next": "V"}, "V": {"Type": "Wait", "Seconds": 30, "End": true},
        "P": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $pad('', 250000, 'x') %}", "End": true}});
    let writer = json!({"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "lake", "Prefix": "out"}, "WriterConfig": {"Transformation": "COMPACT"}}});
    // Those that are not slow fill a file of 8 MiB.
    let mut items = vec!["quick"; 34];
    items.push("slow");
    let (outcome, passed) = run(states, writer, json!(items), &Slow::default()).await;
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert_eq!(passed, 60);
}

/// As of a timeout, or of a stop.
#[tokio::test(start_paused = true)]
async fn something_else_gets_in_between_children_that_wait_for_nothing() {
    let items = (0..1_000).collect::<Vec<_>>();
    let slow = Slow::default();
    let (input, states) = (json!(items), json!({"C": {"Type": "Pass", "End": true}}));
    let ran = pin!(run(states, json!({}), input, &slow));
    let other = pin!(tokio::task::yield_now());
    let first = futures::future::select(ran, other).await;
    assert!(
        matches!(first, Either::Right(_)),
        "it ran to its end at once"
    );
}
