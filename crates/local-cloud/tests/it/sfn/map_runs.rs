//! Distributed Maps as the API tells of them.

use std::time::Duration;

use local_cloud::{Caller, Cloud};
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};
use serde_json::{Value, json};

use super::{allow, create, ended, history, kinds, output, sfn, start, start_in, world};
use crate::s3::World;

fn distributed(inner: Value) -> Value {
    json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "Label": "Films", "ItemsPath": "$.films", "MaxConcurrency": 2,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Show", "States": inner}, "End": true}}})
}

/// A distributed Map within the children of another.
fn nested(inner: Value) -> Value {
    let inner = distributed(inner);
    let mut definition = distributed(inner["States"].clone());
    let mut outer = definition["States"]["Each"].take();
    outer["Label"] = json!("Outer");
    outer["ItemProcessor"]["StartAt"] = json!("Each");
    json!({"StartAt": "Outer", "States": {"Outer": outer}})
}

async fn run_of(world: &World, arn: &Value) -> Value {
    let listed = sfn(world, "ListMapRuns", json!({"executionArn": arn}))
        .await
        .unwrap();
    listed["mapRuns"][0].clone()
}

#[tokio::test]
async fn a_map_run_counts_its_items_and_lists_their_executions() {
    let world = world().await;
    create(
        &world,
        &distributed(json!({"Show": {"Type": "Pass", "End": true}})),
    )
    .await;
    let arn = start(
        &world,
        json!({"films": ["M", "Metropolis", "Die Nibelungen"]}),
    )
    .await;
    let described = ended(&world, &arn).await;
    assert_eq!(
        output(&described),
        json!(["M", "Metropolis", "Die Nibelungen"])
    );
    let run = run_of(&world, &arn).await;
    assert_eq!(run["stateMachineArn"], format!("{}/Films", super::FILMS));
    let shown = sfn(
        &world,
        "DescribeMapRun",
        json!({"mapRunArn": run["mapRunArn"]}),
    )
    .await
    .unwrap();
    assert_eq!(shown["status"], "SUCCEEDED");
    assert_eq!(shown["executionArn"], arn);
    assert_eq!(shown["maxConcurrency"], 2);
    assert_eq!(shown["itemCounts"]["succeeded"], 3);
    assert_eq!(shown["executionCounts"]["total"], 3);
    let list = json!({"mapRunArn": run["mapRunArn"], "statusFilter": "SUCCEEDED"});
    let listed = sfn(&world, "ListExecutions", list).await.unwrap();
    let children = listed["executions"].as_array().unwrap();
    assert_eq!(children.len(), 3);
    let child = &children[0];
    assert_eq!(child["mapRunArn"], run["mapRunArn"]);
    assert_eq!(child["itemCount"], 1);
    let of_child = json!({"executionArn": child["executionArn"]});
    let described = sfn(&world, "DescribeExecution", of_child).await.unwrap();
    assert_eq!(described["redriveStatus"], "NOT_REDRIVABLE");
    let events = history(&world, &child["executionArn"], json!({})).await;
    let expected = [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(kinds(&events), expected);
    let machine = sfn(
        &world,
        "DescribeStateMachineForExecution",
        json!({"executionArn": child["executionArn"]}),
    )
    .await
    .unwrap();
    assert_eq!(machine["label"], "Films");
}

#[tokio::test]
async fn an_end_that_cannot_be_written_is_written_with_that_of_the_execution() {
    let world = world().await;
    let paint = sfn(&world, "CreateActivity", json!({"name": "paint"}))
        .await
        .unwrap()["activityArn"]
        .clone();
    let mut definition = distributed(json!({"Show": {"Type": "Pass", "End": true}}));
    let states = definition["States"].as_object_mut().unwrap();
    states["Each"]["Next"] = json!("Paint");
    states["Each"].as_object_mut().unwrap().remove("End");
    let task = json!({"Type": "Task", "Resource": paint, "End": true});
    states.insert("Paint".to_owned(), task);
    create(&world, &definition).await;
    let run_sql = |sql: &str| {
        let run = world.cloud.store().write(|tx| Ok(tx.execute_batch(sql)?));
        run.unwrap();
    };
    run_sql(
        "CREATE TRIGGER full BEFORE UPDATE ON sfn_map_runs WHEN NEW.status = 'SUCCEEDED'
         BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    let arn = start(&world, json!({"films": ["M", "Metropolis"]})).await;
    let taken = sfn(&world, "GetActivityTask", json!({"activityArn": paint}))
        .await
        .unwrap();
    run_sql("DROP TRIGGER full");
    let done = json!({"taskToken": taken["taskToken"], "output": "{}"});
    sfn(&world, "SendTaskSuccess", done).await.unwrap();
    assert_eq!(ended(&world, &arn).await["status"], "SUCCEEDED");
    let run = run_of(&world, &arn).await;
    let of = json!({"mapRunArn": run["mapRunArn"]});
    let shown = sfn(&world, "DescribeMapRun", of).await.unwrap();
    assert_eq!(shown["status"], "SUCCEEDED");
    assert_eq!(shown["itemCounts"]["succeeded"], 2);
}

#[tokio::test]
async fn a_stopped_execution_aborts_its_map_run_and_the_children() {
    let world = world().await;
    let inner = json!({"Show": {"Type": "Wait", "Seconds": 3600, "End": true}});
    create(&world, &distributed(inner)).await;
    let arn = start(&world, json!({"films": [1, 2, 3]})).await;
    let run = loop {
        let run = run_of(&world, &arn).await;
        let list = json!({"mapRunArn": run["mapRunArn"]});
        if let Ok(listed) = sfn(&world, "ListExecutions", list).await
            && listed["executions"].as_array().unwrap().len() == 2
        {
            break run;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    let update = json!({"mapRunArn": run["mapRunArn"], "maxConcurrency": 1, "toleratedFailurePercentage": 5.0});
    sfn(&world, "UpdateMapRun", update).await.unwrap();
    let of = json!({"mapRunArn": run["mapRunArn"]});
    let shown = sfn(&world, "DescribeMapRun", of.clone()).await.unwrap();
    assert_eq!(shown["status"], "RUNNING");
    assert_eq!(shown["maxConcurrency"], 1);
    assert_eq!(shown["toleratedFailurePercentage"], 5.0);
    assert_eq!(shown["itemCounts"]["running"], 2);
    assert_eq!(shown["itemCounts"]["pending"], 1);
    assert_eq!(shown["itemCounts"]["total"], 3);
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
    let shown = sfn(&world, "DescribeMapRun", of.clone()).await.unwrap();
    assert_eq!(shown["status"], "ABORTED");
    assert_eq!(shown["itemCounts"]["aborted"], 2);
    assert_eq!(shown["itemCounts"]["pending"], 1);
    let listed = sfn(&world, "ListExecutions", of.clone()).await.unwrap();
    for child in listed["executions"].as_array().unwrap() {
        assert_eq!(child["status"], "ABORTED");
        let of_child = json!({"executionArn": child["executionArn"]});
        let described = sfn(&world, "DescribeExecution", of_child).await.unwrap();
        assert_eq!(described["redriveStatus"], "REDRIVABLE_BY_MAP_RUN");
    }
    let error = sfn(&world, "UpdateMapRun", of).await.unwrap_err();
    assert_eq!(error.code, "ValidationException");
}

#[tokio::test]
async fn a_map_run_within_a_child_is_the_childs() {
    let world = world().await;
    create(
        &world,
        &nested(json!({"Show": {"Type": "Pass", "End": true}})),
    )
    .await;
    let input = json!({"films": [{"films": [1, 2]}, {"films": [3]}]});
    let arn = start(&world, input).await;
    let described = ended(&world, &arn).await;
    assert_eq!(output(&described), json!([[1, 2], [3]]));
    let of = json!({"executionArn": arn});
    let listed = sfn(&world, "ListMapRuns", of).await.unwrap();
    let outer = listed["mapRuns"].as_array().unwrap();
    assert_eq!(outer.len(), 1, "{listed}");
    let list = json!({"mapRunArn": outer[0]["mapRunArn"]});
    let listed = sfn(&world, "ListExecutions", list).await.unwrap();
    let children = listed["executions"].as_array().unwrap();
    assert_eq!(children.len(), 2);
    for child in children {
        let run = described_run(&world, &child["executionArn"]).await;
        assert_eq!(run["status"], "SUCCEEDED");
        assert_eq!(run["executionArn"], child["executionArn"]);
    }
}

#[tokio::test]
async fn a_stopped_execution_aborts_the_map_runs_within_its_children() {
    let world = world().await;
    let waits = json!({"Show": {"Type": "Wait", "Seconds": 3600, "End": true}});
    create(&world, &nested(waits)).await;
    let arn = start(&world, json!({"films": [{"films": [1]}]})).await;
    let inner = loop {
        let outer = run_of(&world, &arn).await;
        let list = json!({"mapRunArn": outer["mapRunArn"]});
        if let Ok(listed) = sfn(&world, "ListExecutions", list).await
            && let Some(child) = listed["executions"].get(0)
        {
            let inner = run_of(&world, &child["executionArn"]).await;
            let list = json!({"mapRunArn": inner["mapRunArn"]});
            if let Ok(listed) = sfn(&world, "ListExecutions", list.clone()).await
                && listed["executions"].get(0).is_some()
            {
                break list;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
    let shown = sfn(&world, "DescribeMapRun", inner.clone()).await.unwrap();
    assert_eq!(shown["status"], "ABORTED");
    assert_eq!(shown["itemCounts"]["aborted"], 1);
    let listed = sfn(&world, "ListExecutions", inner).await.unwrap();
    assert_eq!(listed["executions"][0]["status"], "ABORTED");
}

#[tokio::test]
async fn a_map_run_that_is_not_there_is_not_found() {
    let world = world().await;
    let arn = "arn:aws:states:eu-west-1:000000000000:mapRun:films/Films:1";
    let error = sfn(&world, "DescribeMapRun", json!({"mapRunArn": arn}))
        .await
        .unwrap_err();
    assert_eq!(error.code, "ResourceNotFound");
    let error = sfn(&world, "DescribeMapRun", json!({"mapRunArn": super::FILMS}))
        .await
        .unwrap_err();
    assert_eq!(error.code, "InvalidArn");
}

/// Puts objects into `lake`, where the role may; gives what the Map Run is called and the parent.
fn puts(execution_type: &str) -> Value {
    json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "Label": "Films", "ItemsPath": "$.films", "MaxConcurrency": 1,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": execution_type},
            "StartAt": "Show", "States": {
                "Show": {"Type": "Pass", "Next": "Put"},
                "Put": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                    "Parameters": {"Bucket": "lake", "Key.$": "$", "Body": "x"}, "ResultPath": null, "End": true}}},
        "ToleratedFailureCount": 2, "Next": "Last"},
        "Last": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
            "Parameters": {"Bucket": "lake", "Key": "last", "Body": "x"}, "End": true}}})
}

async fn allow_put(world: &World, keys: &[&str]) {
    let resources: Vec<String> = keys
        .iter()
        .map(|key| format!("arn:aws:s3:::lake/{key}"))
        .collect();
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": resources}});
    let policy =
        json!({"RoleName": "machine", "PolicyName": "tasks", "PolicyDocument": policy.to_string()});
    super::call(world, "iam", "PutRolePolicy", policy)
        .await
        .unwrap();
}

async fn redrive(world: &World, arn: &Value) -> Value {
    let redriven = sfn(world, "RedriveExecution", json!({"executionArn": arn})).await;
    redriven.unwrap();
    ended(world, arn).await
}

async fn described_run(world: &World, arn: &Value) -> Value {
    let run = run_of(world, arn).await;
    let which = json!({"mapRunArn": run["mapRunArn"]});
    sfn(world, "DescribeMapRun", which).await.unwrap()
}

/// The description of the child whose input is `item`.
async fn child(world: &World, map_run: &Value, item: &str) -> Value {
    let list = json!({"mapRunArn": map_run});
    let listed = sfn(world, "ListExecutions", list).await.unwrap();
    let input = format!("{item:?}");
    for child in listed["executions"].as_array().unwrap() {
        let described = super::describe(world, &child["executionArn"]).await;
        if described["input"] == *input {
            return described;
        }
    }
    panic!("no child of {item}");
}

#[tokio::test]
async fn a_redriven_map_run_redrives_the_children_that_failed_from_where_they_did() {
    let world = world().await;
    let mut definition = puts("STANDARD");
    definition["States"]["Each"]["ToleratedFailureCount"] = json!(1);
    allow_put(&world, &["a"]).await;
    create(&world, &definition).await;
    let arn = start(&world, json!({"films": ["a", "b", "c"]})).await;
    assert_eq!(ended(&world, &arn).await["status"], "FAILED");
    let run = described_run(&world, &arn).await;
    assert_eq!(run["status"], "FAILED");
    assert_eq!(run["redriveCount"], 0);
    assert_eq!(run["itemCounts"]["failed"], 2);
    assert_eq!(run["itemCounts"]["failuresNotRedrivable"], 0);
    let failed = child(&world, &run["mapRunArn"], "b").await;
    assert_eq!(failed["redriveStatus"], "REDRIVABLE_BY_MAP_RUN");
    assert_eq!(failed.get("redriveStatusReason"), None);
    let by_itself = json!({"executionArn": failed["executionArn"]});
    let refused = sfn(&world, "RedriveExecution", by_itself)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "ExecutionNotRedrivable");

    // Once more in vain, then with what it takes.
    assert_eq!(redrive(&world, &arn).await["status"], "FAILED");
    allow_put(&world, &["*"]).await;
    let described = redrive(&world, &arn).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    assert_eq!(described["redriveCount"], 2);
    let run = described_run(&world, &arn).await;
    assert_eq!(run["status"], "SUCCEEDED");
    assert_eq!(run["redriveCount"], 2);
    assert!(run["redriveDate"].is_number(), "{run}");
    assert_eq!(run["itemCounts"]["succeeded"], 3);
    assert_eq!(run["executionCounts"]["total"], 3);
    assert_eq!(run["executionCounts"]["pendingRedrive"], 0);
    let events = history(&world, &arn, json!({})).await;
    let told: Vec<&Value> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["type"] == "MapRunRedriven")
        .map(|event| &event["mapRunRedrivenEventDetails"])
        .collect();
    let detail = |count| json!({"mapRunArn": run["mapRunArn"], "redriveCount": count});
    assert_eq!(told, [&detail(1), &detail(2)]);

    let first = child(&world, &run["mapRunArn"], "a").await;
    assert_eq!(first["redriveCount"], 0);
    let redriven = child(&world, &run["mapRunArn"], "b").await;
    assert_eq!(redriven["executionArn"], failed["executionArn"]);
    assert_eq!(redriven["startDate"], failed["startDate"]);
    assert_eq!(redriven["redriveCount"], 2);
    assert!(redriven["redriveDate"].is_number(), "{redriven}");
    let events = history(&world, &redriven["executionArn"], json!({})).await;
    let kinds = kinds(&events);
    let count = |kind: &str| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!(count("PassStateEntered"), 1, "{kinds:?}");
    assert_eq!(count("ExecutionRedriven"), 2, "{kinds:?}");
    assert_eq!(count("TaskScheduled"), 3, "{kinds:?}");
    assert_eq!(kinds.last(), Some(&"ExecutionSucceeded"));
}

#[tokio::test]
async fn a_child_that_has_not_had_its_turn_since_a_redrive_waits_for_it() {
    let world = world().await;
    let mut definition = puts("STANDARD");
    let map = &mut definition["States"]["Each"];
    map["ToleratedFailureCount"] = json!(1);
    let states = &mut map["ItemProcessor"]["States"];
    states["Put"].as_object_mut().unwrap().remove("End");
    states["Put"]["Next"] = json!("Pause");
    states["Pause"] = json!({"Type": "Wait", "Seconds": 3600, "End": true});
    create(&world, &definition).await;
    let arn = start(&world, json!({"films": ["a", "b"]})).await;
    assert_eq!(ended(&world, &arn).await["status"], "FAILED");
    let run = run_of(&world, &arn).await["mapRunArn"].clone();
    assert_eq!(child(&world, &run, "b").await["status"], "FAILED");
    allow_put(&world, &["*"]).await;
    let which = json!({"executionArn": arn});
    sfn(&world, "RedriveExecution", which.clone())
        .await
        .unwrap();
    while child(&world, &run, "a").await["status"] != "RUNNING" {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let waiting = child(&world, &run, "b").await;
    assert_eq!(waiting["status"], "PENDING_REDRIVE");
    for (status, children) in [("PENDING_REDRIVE", 1), ("FAILED", 0), ("RUNNING", 1)] {
        let list = json!({"mapRunArn": run, "statusFilter": status});
        let listed = sfn(&world, "ListExecutions", list).await.unwrap();
        let listed = listed["executions"].as_array().unwrap();
        assert_eq!(listed.len(), children, "{status}");
        assert!(listed.iter().all(|child| child["status"] == status));
    }
    let of_machine = json!({"stateMachineArn": super::FILMS, "statusFilter": "PENDING_REDRIVE"});
    let refused = sfn(&world, "ListExecutions", of_machine).await.unwrap_err();
    assert_eq!(refused.code, "ValidationException");
    sfn(&world, "StopExecution", which).await.unwrap();
    assert_eq!(child(&world, &run, "b").await["status"], "FAILED");
}

#[tokio::test]
async fn a_child_that_is_express_is_started_anew() {
    let world = world().await;
    let mut definition = puts("EXPRESS");
    definition["States"]["Each"]["ToleratedFailureCount"] = json!(0);
    create(&world, &definition).await;
    let arn = start(&world, json!({"films": ["a"]})).await;
    assert_eq!(ended(&world, &arn).await["status"], "FAILED");
    let run = described_run(&world, &arn).await;
    let failed = child(&world, &run["mapRunArn"], "a").await;
    assert_eq!(failed["redriveStatus"], "REDRIVABLE_BY_MAP_RUN");
    allow_put(&world, &["*"]).await;
    assert_eq!(redrive(&world, &arn).await["status"], "SUCCEEDED");
    let again = child(&world, &run["mapRunArn"], "a").await;
    assert_eq!(again["executionArn"], failed["executionArn"]);
    assert_eq!(again["status"], "SUCCEEDED");
    assert_eq!(again["redriveCount"], 0);
    assert_eq!(again.get("redriveDate"), None);
}

#[tokio::test]
async fn failures_that_are_tolerated_are_not_run_again_with_what_failed_after_them() {
    let world = world().await;
    allow_put(&world, &["a"]).await;
    create(&world, &puts("STANDARD")).await;
    let arn = start(&world, json!({"films": ["a", "b"]})).await;
    assert_eq!(ended(&world, &arn).await["status"], "FAILED");
    assert_eq!(described_run(&world, &arn).await["status"], "SUCCEEDED");
    allow_put(&world, &["*"]).await;
    assert_eq!(redrive(&world, &arn).await["status"], "SUCCEEDED");
    let run = described_run(&world, &arn).await;
    assert_eq!(run["redriveCount"], 0);
    assert_eq!(run["itemCounts"]["failed"], 1);
}

#[tokio::test]
async fn a_child_that_was_aborted_with_its_parent_goes_on_when_that_is_redriven() {
    let world = world().await;
    let inner = json!({"Show": {"Type": "Wait", "Seconds": 3600, "End": true}});
    create(&world, &distributed(inner)).await;
    let arn = start(&world, json!({"films": ["a"]})).await;
    let run = loop {
        let run = run_of(&world, &arn).await;
        let list = json!({"mapRunArn": run["mapRunArn"]});
        if let Ok(listed) = sfn(&world, "ListExecutions", list).await
            && let Some(child) = listed["executions"].get(0)
        {
            let events = history(&world, &child["executionArn"], json!({})).await;
            if kinds(&events).contains(&"WaitStateEntered") {
                break run;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    let stop = json!({"executionArn": arn});
    sfn(&world, "StopExecution", stop.clone()).await.unwrap();
    let aborted = child(&world, &run["mapRunArn"], "a").await;
    assert_eq!(aborted["status"], "ABORTED");
    let events = history(&world, &aborted["executionArn"], json!({})).await;
    assert_eq!(kinds(&events).last(), Some(&"ExecutionAborted"));
    sfn(&world, "RedriveExecution", stop.clone()).await.unwrap();
    let events = loop {
        let events = history(&world, &aborted["executionArn"], json!({})).await;
        if kinds(&events).last() == Some(&"ExecutionRedriven") {
            break events;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    let entered = kinds(&events);
    let entered = entered.iter().filter(|kind| **kind == "WaitStateEntered");
    assert_eq!(entered.count(), 1);
    let shown = described_run(&world, &arn).await;
    assert_eq!(shown["status"], "RUNNING");
    assert_eq!(shown["itemCounts"]["running"], 1);
    sfn(&world, "StopExecution", stop).await.unwrap();
}

/// Children that wait for an hour, but for `bad`, which puts an object that the role may not put.
fn one_fails(execution_type: &str) -> Value {
    json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "Label": "Films", "ItemsPath": "$.films",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": execution_type},
            "StartAt": "Which", "States": {
                "Which": {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": "bad", "Next": "Put"}], "Default": "Show"},
                "Show": {"Type": "Wait", "Seconds": 3600, "End": true},
                "Put": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                    "Parameters": {"Bucket": "lake", "Key.$": "$", "Body": "x"}, "End": true}}}, "End": true}}})
}

#[tokio::test]
async fn the_children_of_a_map_run_that_failed_are_aborted_and_redriven_with_it() {
    let world = world().await;
    create(&world, &one_fails("STANDARD")).await;
    let arn = start(&world, json!({"films": ["a", "b", "bad"]})).await;
    assert_eq!(ended(&world, &arn).await["status"], "FAILED");
    let run = described_run(&world, &arn).await;
    assert_eq!(run["status"], "FAILED");
    assert_eq!(run["executionCounts"]["failed"], 1);
    assert_eq!(run["executionCounts"]["aborted"], 2);
    for item in ["a", "b"] {
        let aborted = child(&world, &run["mapRunArn"], item).await;
        assert_eq!(aborted["status"], "ABORTED");
        assert_eq!(aborted["redriveStatus"], "REDRIVABLE_BY_MAP_RUN");
        let events = history(&world, &aborted["executionArn"], json!({})).await;
        assert_eq!(kinds(&events).last(), Some(&"ExecutionAborted"));
    }
    allow_put(&world, &["*"]).await;
    let again = json!({"executionArn": arn});
    sfn(&world, "RedriveExecution", again.clone())
        .await
        .unwrap();
    let redriven = loop {
        let redriven = child(&world, &run["mapRunArn"], "a").await;
        let events = history(&world, &redriven["executionArn"], json!({})).await;
        if kinds(&events).last() == Some(&"ExecutionRedriven") {
            break child(&world, &run["mapRunArn"], "a").await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert_eq!(redriven["status"], "RUNNING");
    assert_eq!(redriven["redriveCount"], 1);
    sfn(&world, "StopExecution", again).await.unwrap();
    let events = history(&world, &redriven["executionArn"], json!({})).await;
    let kinds = kinds(&events);
    let count = |kind: &str| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!(count("WaitStateEntered"), 1, "{kinds:?}");
    assert_eq!(count("ExecutionRedriven"), 1, "{kinds:?}");
    assert_eq!(count("ExecutionAborted"), 2, "{kinds:?}");
}

#[tokio::test]
async fn children_that_are_express_are_aborted_with_a_map_run_that_failed() {
    let world = world().await;
    create(&world, &one_fails("EXPRESS")).await;
    let arn = start(&world, json!({"films": ["a", "bad"]})).await;
    assert_eq!(ended(&world, &arn).await["status"], "FAILED");
    let run = described_run(&world, &arn).await;
    let aborted = child(&world, &run["mapRunArn"], "a").await;
    assert_eq!(aborted["status"], "ABORTED");
    assert!(aborted["stopDate"].is_number(), "{aborted}");
}

#[tokio::test]
async fn a_map_run_is_aborted_with_the_parallel_around_it_though_that_is_caught() {
    let world = world().await;
    let mut each = distributed(json!({"Show": {"Type": "Wait", "Seconds": 3600, "End": true}}));
    let each = each["States"]["Each"].take();
    let definition = json!({"StartAt": "Both", "States": {
        "Both": {"Type": "Parallel", "Catch": [{"ErrorEquals": ["Bad"], "Next": "Last"}], "Branches": [
            {"StartAt": "Each", "States": {"Each": each}},
            {"StartAt": "Soon", "States": {"Soon": {"Type": "Wait", "Seconds": 1, "Next": "No"}, "No": {"Type": "Fail", "Error": "Bad"}}}],
            "End": true},
        "Last": {"Type": "Wait", "Seconds": 3600, "End": true}}});
    create(&world, &definition).await;
    let arn = start(&world, json!({"films": ["a", "b", "c"]})).await;
    loop {
        let events = history(&world, &arn, json!({})).await;
        if kinds(&events).contains(&"WaitStateExited")
            && kinds(&events).last() == Some(&"WaitStateEntered")
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let run = described_run(&world, &arn).await;
    assert_eq!(run["status"], "ABORTED");
    assert!(run["stopDate"].is_number(), "{run}");
    assert_eq!(run["itemCounts"]["aborted"], 2);
    let aborted = child(&world, &run["mapRunArn"], "a").await;
    assert_eq!(aborted["status"], "ABORTED");
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_map_run_of_an_execution_that_took_too_long_counts_what_was_aborted() {
    let world = world().await;
    let mut definition =
        distributed(json!({"Show": {"Type": "Wait", "Seconds": 3600, "End": true}}));
    definition["TimeoutSeconds"] = json!(1);
    create(&world, &definition).await;
    let arn = start(&world, json!({"films": ["a", "b", "c"]})).await;
    assert_eq!(ended(&world, &arn).await["status"], "TIMED_OUT");
    let run = described_run(&world, &arn).await;
    assert_eq!(run["status"], "ABORTED");
    assert_eq!(run["itemCounts"]["aborted"], 2);
    assert_eq!(run["itemCounts"]["pending"], 1);
    assert_eq!(run["itemCounts"]["total"], 3);
}

#[tokio::test]
async fn an_update_of_a_map_run_holds_before_a_child_ends() {
    let world = world().await;
    let mut definition =
        distributed(json!({"Show": {"Type": "Wait", "Seconds": 3600, "End": true}}));
    definition["States"]["Each"]["MaxConcurrency"] = json!(1);
    create(&world, &definition).await;
    let arn = start(&world, json!({"films": ["a", "b", "c"]})).await;
    let run = loop {
        let run = run_of(&world, &arn).await;
        let which = json!({"mapRunArn": run["mapRunArn"]});
        if let Ok(shown) = sfn(&world, "DescribeMapRun", which).await
            && shown["itemCounts"]["running"] == 1
        {
            break shown;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    let update = json!({"mapRunArn": run["mapRunArn"], "maxConcurrency": 3});
    sfn(&world, "UpdateMapRun", update).await.unwrap();
    let patience = std::time::Duration::from_secs(30);
    let all_run = async {
        while described_run(&world, &arn).await["itemCounts"]["running"] != 3 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(patience, all_run).await.unwrap();
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_object_is_read_whatever_its_key() {
    let world = world().await;
    allow(&world, json!(["s3:ListBucket", "s3:GetObject"])).await;
    // A line with the number 1.
    let packed = PutPayload::from_static(&[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 51, 228, 2, 0, 83, 252, 81, 103, 2, 0, 0, 0,
    ]);
    let lake = world.store("lake");
    lake.put(&Path::from("packed"), packed).await.unwrap();
    for key in ["in//a.jsonl.gz", "in/b.jsonl.gz"] {
        let copy = json!({"Bucket": "lake", "Key": key, "CopySource": "lake/packed"});
        world.s3("copyObject", copy).await.unwrap();
    }
    let mut definition = distributed(json!({"Show": {"Type": "Pass", "End": true}}));
    let each = definition["States"]["Each"].as_object_mut().unwrap();
    each.remove("ItemsPath");
    let reader = json!({"Resource": "arn:aws:states:::s3:listObjectsV2",
        "ReaderConfig": {"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"},
        "Parameters": {"Bucket": "lake", "Prefix": "in/"}});
    each.insert("ItemReader".to_owned(), reader);
    create(&world, &definition).await;
    let arn = start(&world, json!({})).await;
    assert_eq!(output(&ended(&world, &arn).await), json!([1, 1]));
}

const PAINT: &str = "arn:aws:states:eu-west-1:000000000000:activity:paint";

async fn ask(cloud: &Cloud, operation: &str, input: Value) -> Value {
    let root = Caller::root("eu-west-1");
    let answer = cloud.invoke(&root, "states", operation, input).await;
    answer.unwrap()
}

/// Has a distributed Map begun over three items, of whose children `most` run at a time, until each
/// of those has its worker: the execution and its Map Run.
async fn painted(cloud: &Cloud, most: usize) -> (Value, Value) {
    ask(cloud, "CreateActivity", json!({"name": "paint"})).await;
    let definition = json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "QueryLanguage": "JSONata",
        "Items": [1, 2, 3], "MaxConcurrency": most,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Paint", "States": {"Paint": {"Type": "Task", "Resource": PAINT, "End": true}}}, "End": true}}});
    let execution = start_in(cloud, &definition).await;
    take(cloud, most).await;
    let runs = ask(cloud, "ListMapRuns", execution.clone()).await;
    let run = json!({"mapRunArn": runs["mapRuns"][0]["mapRunArn"]});
    (execution, run)
}

/// Takes tasks as so many workers; gives the token of the last.
async fn take(cloud: &Cloud, workers: usize) -> Value {
    let mut token = Value::Null;
    for _ in 0..workers {
        let taken = ask(cloud, "GetActivityTask", json!({"activityArn": PAINT})).await;
        token = taken["taskToken"].clone();
    }
    token
}

/// Waits until so many items of a Map Run are in a state.
async fn until(cloud: &Cloud, run: &Value, state: &str, many: u64) {
    let shown = async {
        while ask(cloud, "DescribeMapRun", run.clone()).await["itemCounts"][state] != many {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), shown).await;
    in_time.unwrap_or_else(|_| panic!("there are not {many} items {state}"));
}

#[tokio::test]
async fn who_ran_a_map_run_leaves_it_alone_once_it_is_redriven_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let here = Cloud::open(dir.path()).unwrap();
    let there = Cloud::open(dir.path()).unwrap();
    let (execution, run) = painted(&here, 2).await;
    ask(&here, "StopExecution", execution.clone()).await;
    here.wait_idle().await;
    ask(&there, "RedriveExecution", execution.clone()).await;
    let token = take(&there, 2).await;
    // What comes so long after the start is written at once.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let done = json!({"taskToken": token, "output": "1"});
    ask(&there, "SendTaskSuccess", done).await;
    until(&there, &run, "succeeded", 1).await;
    until(&here, &run, "succeeded", 1).await;
    ask(&here, "StopExecution", execution).await;
    let shown = ask(&here, "DescribeMapRun", run).await;
    assert_eq!(shown["status"], "ABORTED");
    assert_eq!(shown["itemCounts"]["succeeded"], 1, "{shown}");
}

#[tokio::test]
async fn an_update_by_another_process_holds_before_a_child_ends() {
    let dir = tempfile::tempdir().unwrap();
    let here = Cloud::open(dir.path()).unwrap();
    let there = Cloud::open(dir.path()).unwrap();
    let (execution, run) = painted(&here, 1).await;
    let mut update = run.clone();
    update["maxConcurrency"] = json!(3);
    ask(&there, "UpdateMapRun", update).await;
    until(&here, &run, "running", 3).await;
    ask(&here, "StopExecution", execution).await;
}
