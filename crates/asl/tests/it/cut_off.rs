//! Map Runs that do not come to their end, are changed on the way, and what is told of them.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use asl::{
    Event, History, HistoryError, MapRun, MapRunProgress, MapRunSettings, MapRunStatus, MapRuns,
    Outcome, StateMachine, Task, TaskError, Tasks,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::world::{Memory, VirtualClock, execution};

/// Keeps what is told, in its order: the events of the parent and how far Map Runs are.
#[derive(Default)]
struct Keeper {
    events: Memory,
    told: Mutex<Vec<(String, MapRunProgress)>>,
    /// How many events of the parent there were when a Map Run had ended without success.
    events_before: Mutex<Vec<usize>>,
    settings: Mutex<Option<MapRunSettings>>,
    changed: Notify,
}

impl Keeper {
    fn update(&self, max_concurrency: u64) {
        *self.settings.lock().unwrap() = Some(MapRunSettings {
            max_concurrency,
            tolerated_failure_count: 0,
            tolerated_failure_percentage: 0.0,
        });
        self.changed.notify_one();
    }

    /// The last that was told of each Map Run, by its label.
    fn last(&self) -> BTreeMap<String, MapRunProgress> {
        self.told.lock().unwrap().iter().cloned().collect()
    }

    fn kinds(&self) -> Vec<&'static str> {
        let events = self.events.0.lock().unwrap();
        events.iter().map(|event| event.kind).collect()
    }
}

#[async_trait]
impl Tasks for Keeper {
    async fn run(
        &self,
        task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        Ok(task.parameters)
    }

    fn map_runs(&self) -> Option<&dyn MapRuns> {
        Some(self)
    }
}

#[async_trait]
impl MapRuns for Keeper {
    async fn start(&self, _run: &MapRun) -> Result<(), TaskError> {
        Ok(())
    }

    fn progress(&self, arn: &str, progress: MapRunProgress) {
        if matches!(
            progress.status,
            MapRunStatus::Failed | MapRunStatus::Aborted
        ) {
            let events = self.events.0.lock().unwrap().len();
            self.events_before.lock().unwrap().push(events);
        }
        let label = arn.rsplit('/').next().unwrap().split(':').next().unwrap();
        self.told.lock().unwrap().push((label.to_owned(), progress));
    }

    fn settings(&self, _arn: &str) -> Option<MapRunSettings> {
        *self.settings.lock().unwrap()
    }

    async fn changed(&self, _arn: &str) {
        self.changed.notified().await;
    }
}

impl History for Keeper {
    fn record(&self, event: Event) -> Result<(), HistoryError> {
        self.events.record(event)
    }
}

/// A distributed Map whose children do what `states` say.
fn map(label: &str, states: Value, more: Value) -> Value {
    let (first, _) = states.as_object().unwrap().iter().next().unwrap();
    let mut map = json!({"Type": "Map", "Label": label, "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": first, "States": states}});
    for (name, value) in more.as_object().unwrap() {
        map[name] = value.clone();
    }
    map
}

/// Children that wait for an hour.
fn waiting(more: Value) -> Value {
    let states = json!({"Hour": {"Type": "Wait", "Seconds": 3600, "End": true}});
    map("Hours", states, more)
}

fn machine(states: Value) -> StateMachine {
    let definition = json!({"StartAt": "A", "States": states}).to_string();
    StateMachine::parse(&definition).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

async fn run(machine: &StateMachine, input: Value, keeper: &Keeper) -> (Outcome, Duration) {
    let clock = VirtualClock::new();
    let outcome = asl::execute(machine, &execution(&clock, input), keeper, &clock, keeper).await;
    (outcome.unwrap(), clock.passed())
}

#[tokio::test(start_paused = true)]
async fn a_map_run_is_aborted_when_a_branch_beside_it_fails() {
    let fails = json!({"StartAt": "Soon", "States": {
        "Soon": {"Type": "Wait", "Seconds": 1, "Next": "No"}, "No": {"Type": "Fail", "Error": "Bad"}}});
    let maps = json!({"StartAt": "M", "States": {"M": waiting(json!({"MaxConcurrency": 2}))}});
    let machine = machine(json!({
        "A": {"Type": "Parallel", "Branches": [maps, fails], "Catch": [{"ErrorEquals": ["Bad"], "Next": "B"}], "End": true},
        "B": {"Type": "Pass", "End": true}}));
    let keeper = Keeper::default();
    let (outcome, passed) = run(&machine, json!([1, 2, 3]), &keeper).await;
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert_eq!(passed.as_secs(), 1);
    let last = keeper.last()["Hours"];
    assert_eq!(last.status, MapRunStatus::Aborted);
    assert_eq!((last.items.running, last.items.aborted), (0, 2));
    // What fails is told before, and what comes of it after.
    let told = keeper.events_before.lock().unwrap()[0];
    assert_eq!(keeper.kinds()[told - 1], "ParallelStateFailed");
    assert_eq!(keeper.kinds()[told], "ParallelStateExited");
}

#[tokio::test(start_paused = true)]
async fn a_map_run_that_fails_aborts_those_within() {
    let inner = map(
        "Inner",
        json!({"Hour": {"Type": "Wait", "Seconds": 3600, "End": true}}),
        json!({"ItemsPath": "$.items"}),
    );
    let states = json!({
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.items", "IsPresent": true, "Next": "I"}], "Default": "Soon"},
        "I": inner,
        "Soon": {"Type": "Wait", "Seconds": 1, "Next": "No"},
        "No": {"Type": "Fail", "Error": "Bad"}});
    let machine = machine(json!({"A": map("Outer", states, json!({}))}));
    let keeper = Keeper::default();
    let (outcome, _) = run(&machine, json!([{"items": [1, 2]}, {}]), &keeper).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    let last = keeper.last();
    assert_eq!(last["Inner"].status, MapRunStatus::Aborted);
    assert_eq!(last["Inner"].items.aborted, 2);
    assert_eq!(last["Outer"].status, MapRunStatus::Failed);
    let outer = last["Outer"].executions;
    assert_eq!((outer.failed, outer.aborted, outer.total()), (1, 1, 2));
    // The inner one first, and both after the events of the failure.
    let told: Vec<_> = keeper.told.lock().unwrap().clone();
    assert_eq!(told[told.len() - 2].0, "Inner");
    let before = keeper.events_before.lock().unwrap()[0];
    assert_eq!(keeper.kinds()[before - 1], "MapStateFailed");
}

#[tokio::test(start_paused = true)]
async fn a_map_run_is_aborted_when_the_execution_takes_too_long() {
    let definition = json!({"StartAt": "A", "TimeoutSeconds": 2, "States": {"A": waiting(json!({"MaxConcurrency": 2}))}});
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let keeper = Keeper::default();
    let (outcome, _) = run(&machine, json!([1, 2, 3]), &keeper).await;
    assert!(matches!(outcome, Outcome::TimedOut { .. }), "{outcome:?}");
    let last = keeper.last()["Hours"];
    assert_eq!(last.status, MapRunStatus::Aborted);
    assert_eq!((last.items.aborted, last.items.pending), (2, 1));
    assert_eq!((last.items.total(), last.executions.total()), (3, 3));
    assert_eq!(keeper.kinds().last(), Some(&"ExecutionTimedOut"));
    assert_eq!(
        *keeper.events_before.lock().unwrap(),
        [keeper.kinds().len()]
    );
}

#[tokio::test(start_paused = true)]
async fn of_an_execution_whose_process_ends_nothing_is_aborted() {
    let machine = machine(json!({"A": waiting(json!({}))}));
    let keeper = Keeper::default();
    let ran = run(&machine, json!([1, 2]), &keeper);
    assert!(
        tokio::time::timeout(Duration::from_secs(5), ran)
            .await
            .is_err()
    );
    assert_eq!(keeper.last()["Hours"].status, MapRunStatus::Running);
}

#[tokio::test(start_paused = true)]
async fn items_without_a_turn_are_pending_also_when_the_map_run_fails() {
    let states = json!({
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "No"}], "Default": "P"},
        "No": {"Type": "Fail", "Error": "Bad"}, "P": {"Type": "Pass", "End": true}});
    for (more, pending) in [
        (json!({"MaxConcurrency": 1}), (3, 3)),
        // How many batches there will be is not known.
        (
            json!({"MaxConcurrency": 1, "ItemBatcher": {"MaxItemsPerBatch": 1}}),
            (3, 0),
        ),
    ] {
        let machine = machine(json!({"A": map("Items", states.clone(), more)}));
        let keeper = Keeper::default();
        run(&machine, json!([1, 2, 3, 4]), &keeper).await;
        let (_, first) = keeper.told.lock().unwrap()[0].clone();
        assert_eq!((first.items.pending, first.executions.pending), pending);
        assert_eq!((first.items.running, first.items.total()), (1, 4));
    }
    let machine = machine(json!({"A": map("Items", states, json!({"MaxConcurrency": 1}))}));
    let keeper = Keeper::default();
    run(&machine, json!([1, 2, 3, 4]), &keeper).await;
    let last = keeper.last()["Items"].items;
    assert_eq!((last.succeeded, last.failed), (1, 1));
    assert_eq!((last.pending, last.aborted, last.total()), (2, 0, 4));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_map_run_holds_at_once() {
    let states = json!({"Wait": {"Type": "Wait", "Seconds": 4, "End": true}});
    let machine = machine(json!({"A": map("Items", states, json!({"MaxConcurrency": 1}))}));
    let keeper = Keeper::default();
    let change = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        keeper.update(3);
    };
    let ran = run(&machine, json!([1, 2, 3]), &keeper);
    let ((outcome, passed), ()) = futures::join!(ran, change);
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert_eq!(passed, Duration::from_millis(4500));
}
