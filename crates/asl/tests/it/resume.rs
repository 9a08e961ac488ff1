//! Executions that are interrupted and taken up again.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use asl::{
    Event, Execution, History, HistoryError, Outcome, RecordedEvent, ResumeError, StateMachine,
    Task, TaskError, Tasks,
};
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::world::{VirtualClock, execution};

/// A history with its notes, as a store would keep it.
#[derive(Default)]
struct Journal(Mutex<Vec<RecordedEvent>>);

impl History for Journal {
    fn record(&self, event: Event) -> Result<(), HistoryError> {
        self.0.lock().unwrap().push(event.into());
        Ok(())
    }

    fn record_noted(&self, event: Event, note: Value) -> Result<(), HistoryError> {
        let noted = RecordedEvent {
            note,
            ..event.into()
        };
        self.0.lock().unwrap().push(noted);
        Ok(())
    }
}

/// Does what it is asked; `{"fail": N}` fails N times before it does.
#[derive(Default)]
struct Worker {
    done: Mutex<Vec<Task>>,
}

#[async_trait]
impl Tasks for Worker {
    async fn run(
        &self,
        task: Task,
        submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        if task.resource.contains(".sync") {
            submitted(json!({"job": task.state}));
        }
        tokio::task::yield_now().await;
        let fails = task.parameters["fail"].as_u64().unwrap_or(0);
        let attempt = task.attempt;
        let output = json!({"did": task.parameters});
        self.done.lock().unwrap().push(task);
        if attempt < fails {
            return Err(TaskError {
                error: "Busy".to_owned(),
                cause: "try later".to_owned(),
            });
        }
        Ok(output)
    }
}

fn task(parameters: Value) -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::s3:getObject", "Parameters": parameters, "End": true})
}

/// Everything that can be interrupted.
fn machine() -> StateMachine {
    let retry = json!([{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 2}]);
    let mut flaky = task(json!({"fail": 2}));
    flaky["Retry"] = retry;
    let mut hopeless = task(json!({"fail": 9}));
    hopeless["Catch"] =
        json!([{"ErrorEquals": ["States.ALL"], "Next": "Fork", "ResultPath": "$.caught"}]);
    let mut job = task(json!({"job.$": "$$.Map.Item.Value"}));
    job["Resource"] = json!("arn:aws:states:::athena:startQueryExecution.sync");
    let definition = json!({"StartAt": "Set", "States": {
        "Set": {"Type": "Pass", "Assign": {"n": 3}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 60, "Next": "Choose"},
        "Choose": {"Type": "Choice", "Choices": [{"Variable": "$n", "NumericEquals": 3, "Next": "Hopeless"}], "Default": "Never"},
        "Never": {"Type": "Fail"},
        "Hopeless": without_end(hopeless),
        "Fork": {"Type": "Parallel", "ResultPath": "$.fork", "Next": "Each", "Branches": [
            {"StartAt": "Flaky", "States": {"Flaky": flaky}},
            {"StartAt": "Add", "States": {
                "Add": {"Type": "Pass", "Assign": {"inner.$": "States.MathAdd($n, 1)"}, "Next": "Use"},
                "Use": {"Type": "Pass", "Parameters": {"inner.$": "$inner"}, "End": true}}}]},
        "Each": {"Type": "Map", "MaxConcurrency": 2, "ItemsPath": "$.items", "ResultPath": "$.each", "Next": "End",
            "ItemProcessor": {"StartAt": "Job", "States": {"Job": job}}},
        "End": {"Type": "Succeed"}}});
    StateMachine::parse(&definition.to_string()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn without_end(mut state: Value) -> Value {
    state.as_object_mut().unwrap().remove("End");
    state["Next"] = json!("Fork");
    state
}

fn input() -> Value {
    json!({"items": ["a", "b", "c", "d"]})
}

async fn undisturbed() -> (Outcome, Vec<RecordedEvent>, Vec<Task>) {
    let (clock, worker, journal) = (VirtualClock::new(), Worker::default(), Journal::default());
    let execution = execution(&clock, input());
    let outcome = asl::execute(&machine(), &execution, &worker, &clock, &journal)
        .await
        .unwrap();
    let events = journal.0.into_inner().unwrap();
    (outcome, events, worker.done.into_inner().unwrap())
}

fn kinds(events: &[RecordedEvent]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for event in events {
        *kinds.entry(event.kind.clone()).or_default() += 1;
    }
    kinds
}

fn last_of<'e>(events: &'e [RecordedEvent], kind: &str) -> &'e RecordedEvent {
    let last = events.iter().rfind(|event| event.kind == kind);
    last.unwrap_or_else(|| panic!("no {kind}"))
}

fn ended(events: &[RecordedEvent]) -> usize {
    let is_end =
        |event: &&RecordedEvent| matches!(event.kind.as_str(), "TaskSucceeded" | "TaskFailed");
    events.iter().filter(is_end).count()
}

#[tokio::test(start_paused = true)]
async fn an_execution_interrupted_after_any_event_ends_as_if_it_had_not_been() {
    let (outcome, events, done) = undisturbed().await;
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    for kept in 0..events.len() {
        let (clock, worker, journal) = (VirtualClock::new(), Worker::default(), Journal::default());
        let known = events[..kept].to_vec();
        let resumed = asl::resume(
            &machine(),
            &execution(&clock, input()),
            known.clone(),
            &worker,
            &clock,
            &journal,
        )
        .await;
        let whole: Vec<_> = known
            .iter()
            .cloned()
            .chain(journal.0.into_inner().unwrap())
            .collect();
        assert_eq!(resumed.unwrap(), outcome, "after {kept}");
        assert_eq!(kinds(&whole), kinds(&events), "after {kept}");
        for kind in ["MapStateSucceeded", "MapStateExited"] {
            let last = last_of(&whole, "MapIterationSucceeded").id;
            let previous = last_of(&whole, kind).previous_event_id;
            assert_eq!(previous, last, "{kind} after {kept}");
        }
        let ids: Vec<_> = whole.iter().map(|event| event.id).collect();
        assert_eq!(ids, (1..=events.len() as u64).collect::<Vec<_>>());
        let again = worker.done.into_inner().unwrap();
        assert_eq!(again.len(), done.len() - ended(&known), "after {kept}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_in_flight_is_asked_for_again_with_its_token_and_its_job() {
    let (_, events, done) = undisturbed().await;
    let submitted = events
        .iter()
        .position(|event| event.kind == "TaskSubmitted")
        .unwrap();
    let (clock, worker, journal) = (VirtualClock::new(), Worker::default(), Journal::default());
    let known = events[..=submitted].to_vec();
    asl::resume(
        &machine(),
        &execution(&clock, input()),
        known,
        &worker,
        &clock,
        &journal,
    )
    .await
    .unwrap();
    let again = worker.done.into_inner().unwrap();
    let job = again
        .iter()
        .find(|task| {
            task.submitted
                .as_ref()
                .is_some_and(|known| known.output.is_some())
        })
        .unwrap();
    assert_eq!(
        job.submitted.as_ref().unwrap().output,
        Some(json!({"job": "Job"}))
    );
    let before = done.iter().find(|task| task.token == job.token).unwrap();
    assert_eq!(before.parameters, job.parameters);
}

/// Never ends what it is asked, and counts that.
#[derive(Default)]
struct Stuck(AtomicUsize);

#[async_trait]
impl Tasks for Stuck {
    async fn run(
        &self,
        _task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

/// A Parallel, a Map and a distributed Map, each of which fails twice and then is caught.
fn failing() -> StateMachine {
    let retry = json!([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "MaxAttempts": 1}]);
    let catch =
        |next: &str| json!([{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": next}]);
    let no = json!({"Type": "Fail", "Error": "Bad"});
    let distributed = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    let definition = json!({"StartAt": "Outer", "States": {
        "Outer": {"Type": "Parallel", "Next": "Each", "Retry": retry, "Catch": catch("Each"), "Branches": [
            {"StartAt": "Ask", "States": {"Ask": task(json!({}))}},
            {"StartAt": "Soon", "States": {
                "Soon": {"Type": "Wait", "Seconds": 1, "Next": "Inner"},
                "Inner": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "No", "States": {"No": no}}]}}}]},
        "Each": {"Type": "Map", "Next": "Run", "Retry": retry, "Catch": catch("Run"), "MaxConcurrency": 1, "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "NoItem", "States": {"NoItem": no}}},
        "Run": {"Type": "Map", "Next": "End", "Retry": retry, "Catch": catch("End"), "ItemsPath": "$.items",
            "ItemProcessor": {"ProcessorConfig": distributed, "StartAt": "NoChild", "States": {"NoChild": no}}},
        "End": {"Type": "Succeed"}}});
    StateMachine::parse(&definition.to_string()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// Goes on after `known`; gives the outcome, the whole history, and how often a task was asked for.
async fn resumed(known: Vec<RecordedEvent>) -> (Outcome, Vec<RecordedEvent>, usize) {
    let (clock, stuck, journal) = (VirtualClock::new(), Stuck::default(), Journal::default());
    let execution = execution(&clock, input());
    let outcome = asl::resume(
        &failing(),
        &execution,
        known.clone(),
        &stuck,
        &clock,
        &journal,
    )
    .await
    .unwrap();
    let whole = known.into_iter().chain(journal.0.into_inner().unwrap());
    (outcome, whole.collect(), stuck.0.into_inner())
}

fn chain(events: &[RecordedEvent]) -> Vec<(&str, u64)> {
    events
        .iter()
        .map(|event| (event.kind.as_str(), event.previous_event_id))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_tried_again_is_tried_as_often_wherever_it_is_interrupted() {
    let (outcome, events, asked) = resumed(Vec::new()).await;
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert_eq!(asked, 2);
    let counted = kinds(&events);
    for (kind, count) in [
        ("MapRunFailed", 2),
        ("MapStateFailed", 2),
        ("MapStateStarted", 4),
        ("ParallelStateFailed", 3),
        ("ParallelStateStarted", 4),
    ] {
        assert_eq!(counted.get(kind), Some(&count), "{kind}");
    }
    for kept in 1..events.len() {
        let last = &events[kept - 1].kind;
        let (again, whole, asked) = resumed(events[..kept].to_vec()).await;
        assert_eq!(again, outcome, "after {kept}");
        assert_eq!(chain(&whole), chain(&events), "after {kept}");
        if last == "ParallelStateFailed" || last == "FailStateEntered" {
            // The branch that failed fails again before the task beside it is asked for.
            let to_come = events[kept..].iter();
            let scheduled = to_come.filter(|event| event.kind == "TaskScheduled");
            assert_eq!(asked, scheduled.count(), "after {kept}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_history_that_tells_of_each_attempt_that_failed_is_gone_on_with() {
    let (outcome, events, _) = resumed(Vec::new()).await;
    let failed = events
        .iter()
        .position(|event| event.kind == "MapIterationFailed")
        .unwrap();
    let mut known = events[..=failed].to_vec();
    let of_each = |id: usize, previous: u64, kind: &str, note: Value| RecordedEvent {
        id: id as u64,
        previous_event_id: previous,
        kind: kind.to_owned(),
        details: Value::Null,
        note,
        ..events[failed].clone()
    };
    let before = events[failed].previous_event_id;
    let note = json!({"error": "Bad"});
    known.push(of_each(failed + 2, before, "MapStateFailed", note));
    let waiting = known.clone();
    let last = known.len() as u64;
    known.push(of_each(failed + 3, last, "MapStateStarted", Value::Null));
    for known in [waiting, known] {
        let (again, whole, _) = resumed(known).await;
        assert_eq!(again, outcome);
        let counted = kinds(&whole);
        assert_eq!(counted["MapStateFailed"], 3);
        assert_eq!(counted["MapStateStarted"], 4);
        assert_eq!(counted["MapIterationFailed"], 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_is_not_resumed_and_what_runs_is_not_redriven() {
    let (_, events, _) = undisturbed().await;
    let (clock, worker, journal) = (VirtualClock::new(), Worker::default(), Journal::default());
    let execution = execution(&clock, input());
    let ended = asl::resume(
        &machine(),
        &execution,
        events.clone(),
        &worker,
        &clock,
        &journal,
    )
    .await;
    assert!(
        matches!(ended, Err(ResumeError::State("it has ended"))),
        "{ended:?}"
    );
    let redriven = asl::redrive(&machine(), &execution, events, &worker, &clock, &journal).await;
    assert!(
        matches!(redriven, Err(ResumeError::State(_))),
        "{redriven:?}"
    );
    let gap = vec![RecordedEvent {
        id: 2,
        previous_event_id: 0,
        timestamp: execution.start_time,
        kind: "ExecutionStarted".to_owned(),
        details: Value::Null,
        note: Value::Null,
    }];
    let broken = asl::resume(&machine(), &execution, gap, &worker, &clock, &journal).await;
    assert!(
        matches!(broken, Err(ResumeError::History { id: 2, .. })),
        "{broken:?}"
    );
}

/// Misses every heartbeat.
struct Silent;

#[async_trait]
impl Tasks for Silent {
    async fn run(
        &self,
        _task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        Err(TaskError {
            error: "States.HeartbeatTimeout".to_owned(),
            cause: String::new(),
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_missed_heartbeat_is_known_as_such_after_any_interruption() {
    let mut silent = task(json!({}));
    silent["Retry"] = json!([{"ErrorEquals": ["States.HeartbeatTimeout"], "MaxAttempts": 1}]);
    let definition = json!({"StartAt": "Fork", "States": {
        "Fork": {"Type": "Parallel", "End": true,
            "Branches": [{"StartAt": "Do", "States": {"Do": silent}}],
            "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Done"}]},
        "Done": {"Type": "Succeed"}}});
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let outcome = the_same_after_any_interruption(&machine, &Silent).await;
    let output = json!({"Error": "States.Timeout", "Cause": ""});
    assert_eq!(outcome, Outcome::Succeeded { output });
}

/// Holds an execution that goes on after each of its events to one that was not interrupted.
async fn the_same_after_any_interruption(machine: &StateMachine, tasks: &dyn Tasks) -> Outcome {
    let (clock, journal) = (VirtualClock::new(), Journal::default());
    let execution = execution(&clock, json!({}));
    let outcome = asl::execute(machine, &execution, tasks, &clock, &journal)
        .await
        .unwrap();
    let events = journal.0.into_inner().unwrap();
    for kept in 0..events.len() {
        let journal = Journal::default();
        let known = events[..kept].to_vec();
        let resumed = asl::resume(machine, &execution, known, tasks, &clock, &journal).await;
        assert_eq!(resumed.unwrap(), outcome, "after {kept}");
        let added = journal.0.into_inner().unwrap().len();
        assert_eq!(kept + added, events.len(), "after {kept}");
    }
    outcome
}

#[tokio::test(start_paused = true)]
async fn a_query_that_failed_is_a_try_beside_the_task_that_failed_before_it() {
    let fail = "{% $states.context.State.RetryCount = 1 ? $error('no') : 1 %}";
    let mut flaky = task(json!({}));
    flaky.as_object_mut().unwrap().remove("Parameters");
    flaky["QueryLanguage"] = json!("JSONata");
    flaky["Arguments"] = json!({"fail": fail});
    flaky["Retry"] = json!([{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]);
    let definition = json!({"StartAt": "Do", "States": {"Do": flaky}});
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let worker = Worker::default();
    let outcome = the_same_after_any_interruption(&machine, &worker).await;
    let output = json!({"did": {"fail": 1}});
    assert_eq!(outcome, Outcome::Succeeded { output });
}

#[tokio::test(start_paused = true)]
async fn results_that_are_too_large_are_caught_by_nobody_after_any_interruption() {
    let large = json!({"Type": "Pass", "Result": "x".repeat(200_000), "End": true});
    let distributed = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    let definition = json!({"StartAt": "Each", "States": {
        "Each": {"Type": "Map", "QueryLanguage": "JSONata", "Items": [1, 2], "End": true,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            "ItemProcessor": {"ProcessorConfig": distributed, "StartAt": "Large", "States": {"Large": large}}},
        "Caught": {"Type": "Succeed"}}});
    let mut definition = definition;
    definition["States"]["Each"]["ItemProcessor"]["States"]["Large"]["QueryLanguage"] =
        json!("JSONPath");
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let outcome = the_same_after_any_interruption(&machine, &Silent).await;
    assert!(
        matches!(&outcome, Outcome::Failed { error, .. } if error.as_deref() == Some("States.DataLimitExceeded")),
        "{outcome:?}"
    );
}

/// Fails what its switch says, until it is turned.
struct Switch {
    broken: bool,
    done: Mutex<Vec<String>>,
}

#[async_trait]
impl Tasks for Switch {
    async fn run(
        &self,
        task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        let item = task.parameters["item"].to_string();
        if self.broken && item == "2" {
            return Err(TaskError {
                error: "Down".to_owned(),
                cause: String::new(),
            });
        }
        self.done.lock().unwrap().push(item);
        Ok(task.parameters["item"].clone())
    }
}

async fn redriven(
    definition: Value,
    input: Value,
) -> (Vec<String>, Vec<String>, Outcome, Vec<RecordedEvent>) {
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let clock = VirtualClock::new();
    let (mut tasks, journal) = (
        Switch {
            broken: true,
            done: Mutex::default(),
        },
        Journal::default(),
    );
    let first = execution(&clock, input);
    let outcome = asl::execute(&machine, &first, &tasks, &clock, &journal)
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    let before = std::mem::take(&mut *tasks.done.lock().unwrap());
    tasks.broken = false;
    let second = Execution {
        redrive_count: 1,
        redrive_time: Some(first.start_time),
        ..first
    };
    let events = journal.0.lock().unwrap().clone();
    let outcome = asl::redrive(&machine, &second, events, &tasks, &clock, &journal)
        .await
        .unwrap();
    let after = tasks.done.into_inner().unwrap();
    (before, after, outcome, journal.0.into_inner().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_redriven_execution_runs_only_what_did_not_succeed() {
    let mut each = task(json!({"item.$": "$"}));
    each["Retry"] = json!([{"ErrorEquals": ["Down"], "MaxAttempts": 1}]);
    let definition = json!({"StartAt": "First", "States": {
        "First": {"Type": "Pass", "Next": "Each"},
        "Each": {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": {"StartAt": "Do", "States": {"Do": each}}, "End": true}}});
    let (before, after, outcome, events) = redriven(definition, json!([1, 2, 3])).await;
    assert_eq!(
        (before, after),
        (vec!["1".to_owned()], vec!["2".to_owned(), "3".to_owned()])
    );
    assert_eq!(
        outcome,
        Outcome::Succeeded {
            output: json!([1, 2, 3])
        }
    );
    let redrive = events
        .iter()
        .position(|event| event.kind == "ExecutionRedriven")
        .unwrap();
    assert_eq!(events[redrive].details, json!({"redriveCount": 1}));
    let kinds: Vec<_> = events[redrive..]
        .iter()
        .map(|event| event.kind.as_str())
        .collect();
    assert_eq!(kinds[1], "TaskScheduled");
    assert!(!kinds.contains(&"PassStateEntered"), "{kinds:?}");
    assert_eq!(kinds.last(), Some(&"ExecutionSucceeded"));
}
