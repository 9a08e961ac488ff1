//! Executions that outlive the process which began them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use local_cloud::{Caller, Cloud};
use serde_json::{Value, json};

use super::{FILMS, films, pass, role_for, start_in, wait};

async fn ask(cloud: &Cloud, service: &str, operation: &str, input: Value) -> Value {
    cloud
        .invoke(&Caller::root("eu-west-1"), service, operation, input)
        .await
        .unwrap()
}

/// Runs in a process of its own, as far as the cloud can tell: when it ends, all that it had in
/// memory is gone.
fn process<T>(dir: &Path, work: impl AsyncFnOnce(&Cloud) -> T) -> T {
    let cloud = Cloud::open(dir).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work(&cloud))
}

async fn ended(cloud: &Cloud, execution: &Value) -> Value {
    for _ in 0..2_000 {
        let described = ask(cloud, "states", "DescribeExecution", execution.clone()).await;
        if described["status"] != "RUNNING" {
            return described;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{execution} does not end");
}

#[test]
fn a_wait_goes_on_in_the_next_process() {
    let dir = tempfile::tempdir().unwrap();
    let execution = process(dir.path(), async |cloud| start_in(cloud, &wait(3600)).await);
    process(dir.path(), async |cloud| {
        let described = ask(cloud, "states", "DescribeExecution", execution.clone()).await;
        assert_eq!(described["status"], "RUNNING");
        ask(cloud, "states", "StopExecution", execution.clone()).await;
        assert_eq!(ended(cloud, &execution).await["status"], "ABORTED");
    });
}

#[test]
fn an_activity_is_ended_in_another_process_than_it_began_in() {
    let dir = tempfile::tempdir().unwrap();
    let paint = "arn:aws:states:eu-west-1:000000000000:activity:paint";
    let definition = json!({"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": paint, "End": true}}});
    let (execution, token) = process(dir.path(), async |cloud| {
        ask(cloud, "states", "CreateActivity", json!({"name": "paint"})).await;
        let execution = start_in(cloud, &definition).await;
        let get = json!({"activityArn": paint});
        let taken = ask(cloud, "states", "GetActivityTask", get).await;
        // The waiting execution has to see that its task was taken, or it is shown later.
        (execution, taken["taskToken"].clone())
    });
    process(dir.path(), async |cloud| {
        let done = json!({"taskToken": token, "output": "\"dry\""});
        ask(cloud, "states", "SendTaskSuccess", done).await;
        let described = ended(cloud, &execution).await;
        assert_eq!(described["output"], "\"dry\"");
    });
}

/// A distributed Map over one item.
fn one_child(name: &str, inner: &Value) -> Value {
    json!({"StartAt": name, "States": {name: {"Type": "Map", "QueryLanguage": "JSONata", "Items": [1],
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": inner["StartAt"], "States": inner["States"]}, "End": true}}})
}

#[test]
fn a_task_of_a_child_is_ended_in_another_process_by_the_token_it_had() {
    let dir = tempfile::tempdir().unwrap();
    let paint = "arn:aws:states:eu-west-1:000000000000:activity:paint";
    let inner = json!({"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": paint, "End": true}}});
    let definition = one_child("Each", &inner);
    let (execution, token) = process(dir.path(), async |cloud| {
        ask(cloud, "states", "CreateActivity", json!({"name": "paint"})).await;
        let execution = start_in(cloud, &definition).await;
        let get = json!({"activityArn": paint});
        let taken = ask(cloud, "states", "GetActivityTask", get).await;
        (execution, taken["taskToken"].clone())
    });
    process(dir.path(), async |cloud| {
        ask(cloud, "states", "DescribeExecution", execution.clone()).await;
        let done = json!({"taskToken": token, "output": "\"dry\""});
        ask(cloud, "states", "SendTaskSuccess", done).await;
        let described = ended(cloud, &execution).await;
        assert_eq!(described["output"], "[\"dry\"]");
    });
}

#[test]
fn a_child_whose_redrive_no_event_tells_of_yet_runs_again() {
    let dir = tempfile::tempdir().unwrap();
    let paint = "arn:aws:states:eu-west-1:000000000000:activity:paint";
    let inner = json!({"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": paint, "End": true}}});
    let take = async |cloud: &Cloud| {
        let get = json!({"activityArn": paint});
        let taken = ask(cloud, "states", "GetActivityTask", get);
        let taken = tokio::time::timeout(Duration::from_secs(20), taken).await;
        taken.expect("the child runs again")["taskToken"].clone()
    };
    let execution = process(dir.path(), async |cloud| {
        ask(cloud, "states", "CreateActivity", json!({"name": "paint"})).await;
        let execution = start_in(cloud, &one_child("Each", &inner)).await;
        let failure = json!({"taskToken": take(cloud).await, "error": "Dry"});
        ask(cloud, "states", "SendTaskFailure", failure).await;
        assert_eq!(ended(cloud, &execution).await["status"], "FAILED");
        ask(cloud, "states", "RedriveExecution", execution.clone()).await;
        take(cloud).await;
        execution
    });
    process(dir.path(), async |cloud| {
        let forget = |tx: &rusqlite::Transaction<'_>| {
            let of_child = "execution IN (SELECT id FROM sfn_executions WHERE map_run IS NOT NULL)";
            let redriven = "documents LIKE '%ExecutionRedriven%'";
            let events = format!("DELETE FROM sfn_events WHERE {of_child} AND {redriven}");
            assert_eq!(tx.execute(&events, [])?, 1);
            tx.execute("DELETE FROM sfn_tasks", [])?;
            Ok(())
        };
        cloud.store().write(forget).unwrap();
        ask(cloud, "states", "DescribeExecution", execution.clone()).await;
        let done = json!({"taskToken": take(cloud).await, "output": "\"dry\""});
        ask(cloud, "states", "SendTaskSuccess", done).await;
        let described = ended(cloud, &execution).await;
        assert_eq!(described["output"], "[\"dry\"]", "{described}");
    });
}

/// The first child of an execution's only Map Run.
async fn first_child(cloud: &Cloud, execution: &Value) -> Value {
    loop {
        let runs = ask(cloud, "states", "ListMapRuns", execution.clone()).await;
        if let Some(run) = runs["mapRuns"].get(0) {
            let list = json!({"mapRunArn": run["mapRunArn"]});
            let listed = ask(cloud, "states", "ListExecutions", list).await;
            if let Some(child) = listed["executions"].get(0) {
                return json!({"executionArn": child["executionArn"]});
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn whoever_asks_for_a_child_of_a_child_has_the_outermost_execution_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let definition = one_child("Outer", &one_child("Inner", &wait(3600)));
    let innermost = process(dir.path(), async |cloud| {
        let execution = start_in(cloud, &definition).await;
        let child = first_child(cloud, &execution).await;
        first_child(cloud, &child).await
    });
    process(dir.path(), async |cloud| {
        let described = ask(cloud, "states", "DescribeExecution", innermost.clone()).await;
        assert_eq!(described["status"], "RUNNING");
        let ours: i64 = cloud
            .store()
            .read(|c| {
                let sql =
                    "SELECT count(*) FROM sfn_executions WHERE owner = ?1 AND map_run IS NULL";
                Ok(c.query_row(sql, [cloud.store().lease()], |row| row.get(0))?)
            })
            .unwrap();
        assert_eq!(ours, 1);
    });
}

#[test]
fn a_delete_in_another_region_leaves_a_machine_and_the_execution_that_was_left_running() {
    let dir = tempfile::tempdir().unwrap();
    let execution = process(dir.path(), async |cloud| start_in(cloud, &wait(3600)).await);
    process(dir.path(), async |cloud| {
        let machine = json!({"stateMachineArn": FILMS});
        let elsewhere = Caller::root("us-east-1");
        cloud
            .invoke(&elsewhere, "states", "DeleteStateMachine", machine.clone())
            .await
            .unwrap();
        let described = ask(cloud, "states", "DescribeStateMachine", machine).await;
        assert_eq!(described["status"], "ACTIVE");
        let described = ask(cloud, "states", "DescribeExecution", execution.clone()).await;
        assert_eq!(described["status"], "RUNNING", "{described}");
    });
}

#[test]
fn a_machine_is_deleted_though_its_execution_was_left_running() {
    let dir = tempfile::tempdir().unwrap();
    process(dir.path(), async |cloud| start_in(cloud, &wait(3600)).await);
    process(dir.path(), async |cloud| {
        let machine = json!({"stateMachineArn": FILMS});
        ask(cloud, "states", "DeleteStateMachine", machine).await;
        ask(cloud, "states", "CreateStateMachine", films(&pass())).await;
    });
}

const EXECUTIONS: usize = 200;
/// The states that write an object each.
const KEYS: [&str; 4] = ["First", "Left", "Right", "Each"];

fn execution(n: usize) -> Value {
    let arn = FILMS.replace(":stateMachine:", ":execution:");
    json!({"executionArn": format!("{arn}:e{n}")})
}

/// Has every execution go on: one is taken up when it is asked for.
async fn take_up(cloud: &Cloud) {
    for n in 0..EXECUTIONS {
        ask(cloud, "states", "DescribeExecution", execution(n)).await;
    }
}

/// Writes an object for the execution and the state.
fn put(key: &str) -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Parameters": {"Bucket": "lake", "Body": "x", "Key.$": format!("States.Format('{{}}/{key}', $$.Execution.Name)")},
        "ResultPath": null, "End": true})
}

fn definition() -> Value {
    let branch = |name: &str| json!({"StartAt": name, "States": {name: put(name)}});
    let mut first = put("First");
    first.as_object_mut().unwrap().remove("End");
    first["Next"] = json!("Nap");
    json!({"StartAt": "First", "States": {
        "First": first,
        "Nap": {"Type": "Wait", "Seconds": 0, "Next": "Which"},
        "Which": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThanEquals": 0, "Next": "Both"}], "Default": "Never"},
        "Never": {"Type": "Fail", "Error": "Never"},
        "Both": {"Type": "Parallel", "Branches": [branch("Left"), branch("Right")], "ResultPath": "$.both", "Next": "All"},
        "All": {"Type": "Map", "ItemsPath": "$.both", "MaxConcurrency": 1, "ItemProcessor": {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": true}}}, "ResultPath": null, "Next": "Each"},
        "Each": put("Each")}})
}

async fn found(cloud: &Cloud) {
    ask(cloud, "iam", "CreateRole", role_for("states.amazonaws.com")).await;
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}});
    let policy =
        json!({"RoleName": "machine", "PolicyName": "tasks", "PolicyDocument": policy.to_string()});
    ask(cloud, "iam", "PutRolePolicy", policy).await;
    ask(
        cloud,
        "s3",
        "createBucket",
        json!({"Bucket": "lake", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    )
    .await;
    // Every write of a key is to be seen.
    cloud
        .store()
        .write(|tx| {
            tx.execute("UPDATE s3_buckets SET versioning = 'Enabled'", [])?;
            Ok(())
        })
        .unwrap();
    ask(cloud, "states", "CreateStateMachine", films(&definition())).await;
    for n in 0..EXECUTIONS {
        let start = json!({"stateMachineArn": FILMS, "name": format!("e{n}"), "input": json!({"n": n}).to_string()});
        ask(cloud, "states", "StartExecution", start).await;
    }
}

/// The tasks whose ends are in the store: `EXECUTION/STATE`.
fn ended_tasks(cloud: &Cloud) -> BTreeSet<String> {
    let rows: Vec<(String, String)> = cloud
        .store()
        .read(|c| {
            let mut statement = c.prepare(
                "SELECT e.name, v.documents FROM sfn_events v JOIN sfn_executions e ON e.id = v.execution",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .unwrap();
    let mut ended = BTreeSet::new();
    for (name, documents) in rows {
        for line in documents.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let state = event["stateExitedEventDetails"]["name"].as_str();
            if event["type"] == "TaskStateExited" {
                ended.insert(format!("{name}/{}", state.unwrap()));
            }
        }
    }
    ended
}

/// How many versions each object has.
fn writes(cloud: &Cloud) -> BTreeMap<String, i64> {
    cloud
        .store()
        .read(|c| {
            let mut statement = c.prepare("SELECT key, count(*) FROM s3_objects GROUP BY key")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .unwrap()
}

#[test]
fn executions_end_as_undisturbed_ones_wherever_their_process_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    process(dir.path(), found);
    let mut random = 7_u64;
    let mut before: Vec<(String, i64)> = Vec::new();
    let mut kills = 0;
    loop {
        kills += 1;
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let life = Duration::from_micros((random >> 33) % 150_000);
        let running = process(dir.path(), async |cloud| {
            let written = writes(cloud);
            for (task, writes) in before.drain(..) {
                assert_eq!(
                    written[&task], writes,
                    "{task} ran again after it had ended"
                );
            }
            let ended = ended_tasks(cloud);
            before.extend(ended.into_iter().map(|task| (task.clone(), written[&task])));
            take_up(cloud).await;
            tokio::time::sleep(life).await;
            let list =
                json!({"stateMachineArn": FILMS, "statusFilter": "RUNNING", "maxResults": 1});
            let listed = ask(cloud, "states", "ListExecutions", list).await;
            listed["executions"] != json!([])
        });
        if !running {
            break;
        }
        assert!(kills < 1_000, "the executions do not get on");
    }
    assert!(kills > 1, "no execution was disturbed");
    process(dir.path(), async |cloud| {
        for n in 0..EXECUTIONS {
            let of = execution(n);
            let described = ask(cloud, "states", "DescribeExecution", of.clone()).await;
            assert_eq!(described["status"], "SUCCEEDED", "{described}");
            let output: Value =
                serde_json::from_str(described["output"].as_str().unwrap()).unwrap();
            assert_eq!(output, json!({"n": n, "both": [{"n": n}, {"n": n}]}));
            let events = ask(cloud, "states", "GetExecutionHistory", of).await;
            let events = events["events"].as_array().unwrap();
            let count = |kind: &str| events.iter().filter(|e| e["type"] == kind).count();
            assert_eq!(count("TaskScheduled"), KEYS.len());
            assert_eq!(count("TaskSucceeded"), KEYS.len());
            for (index, event) in events.iter().enumerate() {
                assert_eq!(event["id"], index + 1);
            }
        }
    });
}
