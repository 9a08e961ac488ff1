//! Waits, timeouts and retries: how long they take, exactly.

use std::{sync::atomic::Ordering, time::Duration};

use asl::{Outcome, RecordedEvent, StateMachine, Task, TaskError, Tasks};
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::world::{Memory, Script, VirtualClock, execution, run, run_with};

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
    assert_eq!(
        ran.output(),
        &json!({"Error": "States.Timeout", "Cause": ""})
    );
    assert_eq!(ran.passed.as_secs(), 7);
    assert_eq!(script.dropped.load(Ordering::SeqCst), 1);
    assert_eq!(ran.details("TaskTimedOut").get("cause"), None);
}

#[tokio::test(start_paused = true)]
async fn a_missed_heartbeat_is_told_as_a_timeout_and_caught_by_either_name() {
    let missed = || Script::new([Err(("States.HeartbeatTimeout", ""))]);
    let ran = run_with(&task(json!({})), json!({}), &missed()).await;
    assert_eq!(ran.failure(), ("States.Timeout", ""));
    for event in ["TaskTimedOut", "ExecutionFailed"] {
        let details = ran.details(event);
        assert_eq!(details["error"], "States.Timeout", "{event}");
        assert_eq!(details.get("cause"), None, "{event}");
    }
    for name in ["States.HeartbeatTimeout", "States.Timeout", "States.ALL"] {
        let mut definition = task(json!({"Catch": [
            {"ErrorEquals": [name], "Next": "Late"}]}));
        definition["States"]["Late"] = json!({"Type": "Succeed"});
        let ran = run_with(&definition, json!({}), &missed()).await;
        let caught = json!({"Error": "States.Timeout", "Cause": ""});
        assert_eq!(ran.output(), &caught, "{name}");
    }
    // A timeout is no missed heartbeat.
    let catch = json!([{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Late"}]);
    let mut definition = task(json!({"TimeoutSeconds": 7, "Catch": catch}));
    definition["States"]["Late"] = json!({"Type": "Succeed"});
    let ran = run_with(&definition, json!({}), &Script::default()).await;
    assert_eq!(ran.failure().0, "States.Timeout");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_or_a_heartbeat_of_no_time_is_refused_and_nothing_is_asked() {
    let query = "{% $states.input.n %}";
    for (fields, error, field) in [
        (
            json!({"TimeoutSecondsPath": "$.n"}),
            "States.Runtime",
            "TimeoutSeconds",
        ),
        (
            json!({"HeartbeatSecondsPath": "$.n"}),
            "States.Runtime",
            "HeartbeatSeconds",
        ),
        (
            json!({"QueryLanguage": "JSONata", "TimeoutSeconds": query}),
            "States.QueryEvaluationError",
            "TimeoutSeconds",
        ),
        (
            json!({"QueryLanguage": "JSONata", "HeartbeatSeconds": query}),
            "States.QueryEvaluationError",
            "HeartbeatSeconds",
        ),
    ] {
        let script = Script::default();
        let ran = run_with(&task(fields), json!({"n": 0}), &script).await;
        let (told, cause) = ran.failure();
        assert_eq!(told, error, "{cause}");
        let expected = format!("Expected positive integer for {field}, but got '0' instead.");
        assert!(cause.ends_with(&expected), "{cause}");
        assert!(script.asked.lock().unwrap().is_empty());
    }
}

/// A worker that takes an activity after 100 seconds, and never ends it.
struct LateWorker;

#[async_trait]
impl Tasks for LateWorker {
    async fn run(
        &self,
        _task: Task,
        submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        tokio::time::sleep(Duration::from_secs(100)).await;
        submitted(json!({"workerName": "Ada"}));
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_an_activity_begins_when_a_worker_takes_it() {
    let mut definition = task(json!({"TimeoutSeconds": 7}));
    definition["States"]["T"]["Resource"] =
        json!("arn:aws:states:us-east-1:123456789012:activity:paint");
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let clock = VirtualClock::new();
    let execution = execution(&clock, json!({}));
    let history = Memory::default();
    asl::execute(&machine, &execution, &LateWorker, &clock, &history)
        .await
        .unwrap();
    assert_eq!(clock.passed().as_secs(), 107);
    let events = history.0.into_inner().unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    let ends = [
        "ActivityScheduled",
        "ActivityStarted",
        "ActivityTimedOut",
        "ExecutionFailed",
    ];
    assert_eq!(kinds[2..], ends);

    // In an execution that is taken up again it began when the worker took it, too.
    let known: Vec<RecordedEvent> = events.into_iter().take(4).map(Into::into).collect();
    let clock = VirtualClock::new();
    let history = Memory::default();
    asl::resume(&machine, &execution, known, &LateWorker, &clock, &history)
        .await
        .unwrap();
    assert_eq!(clock.passed().as_secs(), 107);
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

/// A task that takes seven seconds.
struct Slow;

#[async_trait]
impl Tasks for Slow {
    async fn run(
        &self,
        _task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        tokio::time::sleep(Duration::from_secs(7)).await;
        Ok(json!({}))
    }
}

#[tokio::test(start_paused = true)]
async fn now_and_millis_are_of_the_execution_and_not_of_the_wall() {
    let told = "{% [$now(), $fromMillis($millis()), $states.context.State.EnteredTime] %}";
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 86_400, "Next": "T"},
        "T": {"Type": "Task", "Resource": RESOURCE, "Assign": {"task": told}, "Next": "P"},
        "P": {"Type": "Pass", "Output": {"task": "{% $task %}", "pass": told}, "End": true}}});
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let clock = VirtualClock::new();
    let execution = execution(&clock, json!({}));
    let history = Memory::default();
    let ended = asl::execute(&machine, &execution, &Slow, &clock, &history)
        .await
        .unwrap();
    let (before, after) = ("2026-11-24T14:30:53.000Z", "2026-11-24T14:31:00.000Z");
    assert_eq!(
        ended,
        Outcome::Succeeded {
            output: json!({"task": [after, after, before], "pass": [after, after, after]})
        }
    );
}
