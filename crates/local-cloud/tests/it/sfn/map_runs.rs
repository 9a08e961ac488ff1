//! Distributed Maps as the API tells of them.

use serde_json::{Value, json};

use super::{create, ended, history, kinds, output, sfn, start, world};
use crate::s3::World;

fn distributed(inner: Value) -> Value {
    json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "Label": "Films", "ItemsPath": "$.films", "MaxConcurrency": 2,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Show", "States": inner}, "End": true}}})
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
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
    let shown = sfn(&world, "DescribeMapRun", of.clone()).await.unwrap();
    assert_eq!(shown["status"], "ABORTED");
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
