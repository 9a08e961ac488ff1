use serde_json::{Value, json};

use super::*;
use crate::caller::Caller;

async fn ask(cloud: &Cloud, service: &str, operation: &str, input: Value) -> Value {
    cloud
        .invoke(&Caller::root("eu-west-1"), service, operation, input)
        .await
        .unwrap()
}

/// An execution that waits for an hour.
async fn waiting(cloud: &Cloud) -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}});
    let role = json!({"RoleName": "machine", "AssumeRolePolicyDocument": trust.to_string()});
    ask(cloud, "iam", "CreateRole", role).await;
    let definition = json!({"StartAt": "Wait", "States": {
        "Wait": {"Type": "Wait", "Seconds": 3600, "End": true}}});
    let machine = json!({"name": "films", "definition": definition.to_string(),
        "roleArn": "arn:aws:iam::000000000000:role/machine"});
    let made = ask(cloud, "states", "CreateStateMachine", machine).await;
    let start = json!({"stateMachineArn": made["stateMachineArn"]});
    let started = ask(cloud, "states", "StartExecution", start).await;
    json!({"executionArn": started["executionArn"]})
}

#[tokio::test]
async fn the_end_of_a_run_that_was_stopped_leaves_the_redriven_one_known() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(dir.path()).unwrap();
    let execution = waiting(&cloud).await;
    ask(&cloud, "states", "StopExecution", execution.clone()).await;
    ask(&cloud, "states", "RedriveExecution", execution.clone()).await;
    // The run that was stopped comes to its end.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let id: i64 = cloud
        .store()
        .read(|c| Ok(c.query_row("SELECT id FROM sfn_executions", [], |row| row.get(0))?))
        .unwrap();
    assert!(runs_here(&cloud, id));
    ask(&cloud, "states", "StopExecution", execution).await;
    cloud.wait_idle().await;
    assert!(!runs_here(&cloud, id));
}
