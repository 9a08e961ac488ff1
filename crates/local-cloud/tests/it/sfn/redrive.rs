//! Executions that failed, and go on from there.

use serde_json::{Value, json};

use super::{
    allow, create, describe, ended, history, kinds, output, pass, sfn, start, wait, world,
};
use crate::s3::World;

async fn redrive(world: &World, arn: &Value) -> Value {
    sfn(world, "RedriveExecution", json!({"executionArn": arn}))
        .await
        .unwrap()
}

/// A machine that writes two objects, one after the other, into buckets that it may not.
fn two_puts() -> Value {
    let put = |key: &str, way: Value| {
        let mut state = json!({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
            "Parameters": {"Bucket": "lake", "Key": key, "Body": "x"}, "ResultPath": null});
        for (member, value) in way.as_object().unwrap() {
            state[member] = value.clone();
        }
        state
    };
    json!({"StartAt": "One", "States": {
        "One": put("one/k", json!({"Next": "Two"})),
        "Two": put("two/k", json!({"End": true}))}})
}

async fn allow_prefix(world: &World, prefix: &str) {
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::lake/{prefix}")}});
    let policy =
        json!({"RoleName": "machine", "PolicyName": "tasks", "PolicyDocument": policy.to_string()});
    super::call(world, "iam", "PutRolePolicy", policy)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_redriven_execution_whose_history_cannot_be_read_ends() {
    let world = world().await;
    create(&world, &two_puts()).await;
    let arn = start(&world, json!({})).await;
    assert_eq!(ended(&world, &arn).await["status"], "FAILED");
    let broken = world.cloud.store().write(|tx| {
        tx.execute("UPDATE sfn_events SET documents = '?'", [])?;
        Ok(())
    });
    broken.unwrap();
    redrive(&world, &arn).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "FAILED");
    assert_eq!(described["redriveCount"], 1);
    let cause = described["cause"].as_str().unwrap();
    assert!(
        cause.starts_with("The execution cannot be taken up again: "),
        "{cause}"
    );
}

#[tokio::test]
async fn a_redriven_execution_goes_on_where_it_failed() {
    let world = world().await;
    allow_prefix(&world, "one/*").await;
    create(&world, &two_puts()).await;
    let arn = start(&world, json!({"title": "M"})).await;
    let failed = ended(&world, &arn).await;
    assert_eq!(failed["status"], "FAILED");
    assert_eq!(failed["redriveStatus"], "REDRIVABLE");
    assert_eq!(failed["redriveCount"], 0);
    allow(&world, json!(["s3:PutObject"])).await;
    redrive(&world, &arn).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    assert_eq!(output(&described), json!({"title": "M"}));
    assert_eq!(described["redriveCount"], 1);
    assert!(described["redriveDate"].is_number());
    let events = history(&world, &arn, json!({})).await;
    let kinds = kinds(&events);
    assert!(kinds.contains(&"ExecutionRedriven"));
    let succeeded = kinds.iter().filter(|kind| **kind == "TaskSucceeded");
    assert_eq!(succeeded.count(), 2, "the first task runs once: {kinds:?}");
    let ids: Vec<u64> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    let list = |redriven: &str| json!({"stateMachineArn": super::FILMS, "redriveFilter": redriven});
    let listed = sfn(&world, "ListExecutions", list("REDRIVEN"))
        .await
        .unwrap();
    assert_eq!(listed["executions"][0]["redriveCount"], 1);
    let listed = sfn(&world, "ListExecutions", list("NOT_REDRIVEN"))
        .await
        .unwrap();
    assert_eq!(listed["executions"], json!([]));
}

#[tokio::test]
async fn a_stopped_wait_can_be_redriven_and_the_same_request_once() {
    let world = world().await;
    create(&world, &wait(3600)).await;
    let arn = start(&world, json!({})).await;
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
    let request = json!({"executionArn": arn, "clientToken": "once"});
    let first = sfn(&world, "RedriveExecution", request.clone())
        .await
        .unwrap();
    let again = sfn(&world, "RedriveExecution", request).await.unwrap();
    assert_eq!(again, first);
    let described = describe(&world, &arn).await;
    assert_eq!(described["status"], "RUNNING");
    assert_eq!(described["redriveCount"], 1);
    assert_eq!(described["redriveStatus"], "NOT_REDRIVABLE");
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
}

#[tokio::test]
async fn what_succeeded_is_not_redriven() {
    let world = world().await;
    create(&world, &pass()).await;
    let arn = start(&world, json!({})).await;
    let described = ended(&world, &arn).await;
    let reason = "Execution is SUCCEEDED and cannot be redriven";
    assert_eq!(described["redriveStatusReason"], reason);
    let error = sfn(&world, "RedriveExecution", json!({"executionArn": arn}))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("ExecutionNotRedrivable: {reason}")
    );
}
