//! Executions of a cloud that two processes have open at the same time.

use std::time::Duration;

use local_cloud::{Caller, Cloud, ServiceError};
use serde_json::{Value, json};

use super::{FILMS, kinds, start_in, task};

const PAINT: &str = "arn:aws:states:eu-west-1:000000000000:activity:paint";

/// Two clouds in one folder, each as a process of its own has it.
struct Two {
    one: Cloud,
    other: Cloud,
    _dir: tempfile::TempDir,
}

impl Two {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            one: Cloud::open(dir.path()).unwrap(),
            other: Cloud::open(dir.path()).unwrap(),
            _dir: dir,
        }
    }

    /// An execution in the first process that waits for a worker.
    async fn paint(&self) -> Value {
        ask(&self.one, "CreateActivity", json!({"name": "paint"})).await;
        start_in(&self.one, &task(PAINT, json!({}))).await
    }

    /// How many rows there are in the store.
    fn count(&self, from: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {from}");
        self.other
            .store()
            .read(|c| Ok(c.query_row(&sql, [], |row| row.get(0))?))
            .unwrap()
    }
}

async fn call(cloud: &Cloud, operation: &str, input: Value) -> Result<Value, ServiceError> {
    cloud
        .invoke(&Caller::root("eu-west-1"), "states", operation, input)
        .await
}

async fn ask(cloud: &Cloud, operation: &str, input: Value) -> Value {
    call(cloud, operation, input).await.unwrap()
}

/// The token of the task that a worker takes.
async fn take(cloud: &Cloud) -> Value {
    let taken = ask(cloud, "GetActivityTask", json!({"activityArn": PAINT})).await;
    assert!(taken["taskToken"].is_string(), "{taken}");
    taken["taskToken"].clone()
}

fn dry(token: &Value) -> Value {
    json!({"taskToken": token, "output": "\"dry\""})
}

async fn ended(cloud: &Cloud, execution: &Value) -> Value {
    for _ in 0..1_000 {
        let described = ask(cloud, "DescribeExecution", execution.clone()).await;
        if described["status"] != "RUNNING" {
            return described;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{execution} does not end");
}

#[tokio::test]
async fn what_another_process_stopped_and_redrove_is_run_by_that_one_alone() {
    let two = Two::open();
    let execution = two.paint().await;
    take(&two.one).await;
    ask(&two.other, "StopExecution", execution.clone()).await;
    ask(&two.other, "RedriveExecution", execution.clone()).await;
    let token = take(&two.other).await;
    tokio::time::timeout(Duration::from_secs(30), two.one.wait_idle())
        .await
        .expect("the first process leaves it alone");
    ask(&two.other, "SendTaskSuccess", dry(&token)).await;
    let described = ended(&two.other, &execution).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    assert_eq!(described["redriveCount"], 1);
    let history = ask(&two.other, "GetExecutionHistory", execution).await;
    let ids = history["events"].as_array().unwrap().iter();
    let ids: Vec<u64> = ids.map(|event| event["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    let kinds = kinds(&history);
    let count = |kind: &str| kinds.iter().filter(|other| **other == kind).count();
    assert_eq!(count("ExecutionRedriven"), 1, "{kinds:?}");
    assert_eq!(count("ActivitySucceeded"), 1, "{kinds:?}");
    assert_eq!(count("ActivityFailed"), 0, "{kinds:?}");
}

#[tokio::test]
async fn a_history_that_cannot_be_written_ends_its_execution_and_holds_up_no_other() {
    let two = Two::open();
    let broken = two.paint().await;
    let token = take(&two.one).await;
    let started = ask(
        &two.one,
        "StartExecution",
        json!({"stateMachineArn": FILMS}),
    )
    .await;
    let whole = json!({"executionArn": started["executionArn"]});
    let other_token = take(&two.one).await;
    two.other
        .store()
        .write(|tx| {
            // An event in the place of the next one.
            tx.execute(
                "INSERT INTO sfn_events SELECT execution, max(last) + 1, max(last) + 1, '{}'
                 FROM sfn_events WHERE execution = (SELECT min(id) FROM sfn_executions) GROUP BY execution",
                [],
            )?;
            Ok(())
        })
        .unwrap();
    // It may have ended already.
    if let Err(error) = call(&two.one, "SendTaskSuccess", dry(&token)).await {
        assert_eq!(error.code, "TaskTimedOut");
    }
    ask(&two.one, "SendTaskSuccess", dry(&other_token)).await;
    let described = ended(&two.one, &whole).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    let described = ended(&two.one, &broken).await;
    assert_eq!(described["status"], "FAILED", "{described}");
    let cause = described["cause"].as_str().unwrap();
    assert!(
        cause.starts_with("The history of the execution cannot be written: "),
        "{cause}"
    );
}

#[tokio::test]
async fn nobody_gets_or_ends_a_task_of_an_execution_that_another_process_stopped() {
    let two = Two::open();
    let execution = two.paint().await;
    let token = take(&two.one).await;
    let started = ask(
        &two.one,
        "StartExecution",
        json!({"stateMachineArn": FILMS}),
    )
    .await;
    while two.count("sfn_tasks WHERE status = 'SCHEDULED'") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let other = json!({"executionArn": started["executionArn"]});
    for execution in [execution, other] {
        ask(&two.other, "StopExecution", execution).await;
    }
    assert_eq!(two.count("sfn_tasks WHERE status <> 'CLOSED'"), 0);
    let error = call(&two.other, "SendTaskSuccess", dry(&token))
        .await
        .unwrap_err();
    assert_eq!(error.code, "TaskTimedOut");
}

#[tokio::test]
async fn another_process_sees_and_stops_children_that_wait() {
    let two = Two::open();
    let definition = json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "QueryLanguage": "JSONata",
        "Items": [1, 2, 3], "End": true,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Later", "States": {"Later": {"Type": "Wait", "Seconds": 3600, "End": true}}}}}});
    let execution = start_in(&two.one, &definition).await;
    let run = loop {
        let runs = ask(&two.other, "ListMapRuns", execution.clone()).await;
        if let Some(run) = runs["mapRuns"].get(0) {
            break json!({"mapRunArn": run["mapRunArn"]});
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let shown = async {
        loop {
            let shown = ask(&two.other, "DescribeMapRun", run.clone()).await;
            let children = "sfn_executions WHERE map_run IS NOT NULL AND status = 'RUNNING'";
            if shown["itemCounts"]["running"] == 3 && two.count(children) == 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), shown)
        .await
        .expect("the children are in the store");
    ask(&two.other, "StopExecution", execution).await;
    let children = "sfn_executions WHERE map_run IS NOT NULL AND status = 'ABORTED'";
    assert_eq!(two.count(children), 3);
}
