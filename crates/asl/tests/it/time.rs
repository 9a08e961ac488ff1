//! Waits, timeouts and retries: how long they take, exactly.

use std::{sync::atomic::Ordering, time::Duration};

use asl::Outcome;
use serde_json::{Value, json};

use crate::world::{Script, run, run_with};

const RESOURCE: &str = "arn:aws:states:::glue:startJobRun";

fn task(fields: Value) -> Value {
    let mut definition = json!({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": RESOURCE, "End": true}}});
    for (name, value) in fields.as_object().unwrap() {
        definition["States"]["T"][name] = value.clone();
    }
    definition
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_a_year_takes_a_year_and_no_time() {
    let definition = json!({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 31_536_000, "End": true}}});
    let ran = run(&definition, json!({"x": 1})).await;
    assert_eq!(ran.output(), &json!({"x": 1}));
    assert_eq!(ran.passed.as_secs(), 31_536_000);
}

#[tokio::test(start_paused = true)]
async fn a_wait_until_a_moment_that_has_passed_does_not_wait() {
    let definition = json!({"StartAt": "W", "States": {"W": {"Type": "Wait", "Timestamp": "2016-03-14T01:59:00Z", "End": true}}});
    assert_eq!(run(&definition, json!({})).await.passed, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn retries_wait_longer_each_time_up_to_the_longest_delay() {
    let retry = json!([{"ErrorEquals": ["Slow"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxAttempts": 4, "MaxDelaySeconds": 10}]);
    let script = Script::new([
        Err(("Slow", "")),
        Err(("Slow", "")),
        Err(("Slow", "")),
        Ok(json!("done")),
    ]);
    let ran = run_with(&task(json!({"Retry": retry})), json!({}), &script).await;
    assert_eq!(ran.output(), &json!("done"));
    assert_eq!(ran.passed.as_secs(), 3 + 6 + 10);
    assert_eq!(script.asked.lock().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_retrier_that_has_tried_often_enough_lets_the_error_go() {
    let retry = json!([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 2}]);
    let script = Script::new([Err(("A", "1")), Err(("A", "2")), Err(("A", "3"))]);
    let ran = run_with(&task(json!({"Retry": retry})), json!({}), &script).await;
    assert_eq!(ran.failure(), ("A", "3"));
    assert_eq!(ran.passed.as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn full_jitter_never_waits_longer_than_the_delay() {
    let retry =
        json!([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "JitterStrategy": "FULL"}]);
    let script = Script::new([Err(("A", "")), Ok(json!(1))]);
    let ran = run_with(&task(json!({"Retry": retry})), json!({}), &script).await;
    assert!(ran.passed <= Duration::from_secs(5), "{:?}", ran.passed);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_takes_longer_than_its_timeout_is_stopped_and_can_be_caught() {
    let mut definition = task(
        json!({"TimeoutSeconds": 7, "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]}),
    );
    definition["States"]["Late"] = json!({"Type": "Succeed"});
    let script = Script::default();
    let ran = run_with(&definition, json!({}), &script).await;
    assert_eq!(ran.output(), &json!({"Error": "States.Timeout"}));
    assert_eq!(ran.passed.as_secs(), 7);
    assert_eq!(script.dropped.load(Ordering::SeqCst), 1);
    assert!(ran.kinds().contains(&"TaskTimedOut"));
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_takes_longer_than_its_timeout_times_out_whatever_it_does() {
    let mut definition = task(json!({}));
    definition["TimeoutSeconds"] = json!(60);
    let ran = run_with(&definition, json!({}), &Script::default()).await;
    assert_eq!(
        ran.outcome,
        Outcome::TimedOut {
            error: None,
            cause: None
        }
    );
    assert_eq!(ran.passed.as_secs(), 60);
    assert_eq!(ran.kinds().last(), Some(&"ExecutionTimedOut"));
}

#[tokio::test(start_paused = true)]
async fn iterations_run_as_many_at_a_time_as_allowed() {
    let definition = |at_once: u64| {
        json!({"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": at_once, "End": true,
        "ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": true}}}}}})
    };
    for (at_once, seconds) in [(1, 60), (2, 30), (4, 20), (0, 10)] {
        let ran = run(&definition(at_once), json!([1, 2, 3, 4, 5, 6])).await;
        assert_eq!(ran.output(), &json!([1, 2, 3, 4, 5, 6]));
        assert_eq!(ran.passed.as_secs(), seconds, "{at_once} at once");
    }
}
