//! Tasks that somebody outside ends: activities and callbacks.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    allow, create, describe, ended, films, history, kinds, output, pass, sfn, start, task, world,
};
use crate::s3::World;

const PAINT: &str = "arn:aws:states:eu-west-1:000000000000:activity:paint";

async fn activity_world(more: Value) -> World {
    let world = world().await;
    sfn(&world, "CreateActivity", json!({"name": "paint"}))
        .await
        .unwrap();
    let mut definition = task(PAINT, json!({"colour.$": "$.colour"}));
    for (member, value) in more.as_object().unwrap() {
        definition["States"]["Do"][member] = value.clone();
    }
    create(&world, &definition).await;
    world
}

async fn get_task(world: &World) -> Value {
    let get = json!({"activityArn": PAINT, "workerName": "Ada"});
    let taken = sfn(world, "GetActivityTask", get).await.unwrap();
    assert!(taken["taskToken"].is_string(), "{taken}");
    taken
}

#[tokio::test]
async fn an_execution_whose_history_cannot_be_written_ends_when_it_can() {
    let world = activity_world(json!({})).await;
    let arn = start(&world, json!({"colour": "red"})).await;
    let taken = get_task(&world).await;
    let run_sql = |sql: &str| {
        let run = world.cloud.store().write(|tx| Ok(tx.execute_batch(sql)?));
        run.unwrap();
    };
    run_sql(
        "CREATE TRIGGER full BEFORE INSERT ON sfn_events
         BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    let done = json!({"taskToken": taken["taskToken"], "output": "{}"});
    sfn(&world, "SendTaskSuccess", done).await.unwrap();
    world.cloud.wait_idle().await;
    run_sql("DROP TRIGGER full");
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "FAILED");
    let cause = described["cause"].as_str().unwrap();
    assert!(cause.contains("the disk is full"), "{cause}");
    let events = history(&world, &arn, json!({})).await;
    assert_eq!(kinds(&events).last(), Some(&"ExecutionFailed"));
}

#[tokio::test]
async fn a_worker_takes_an_activity_and_ends_it() {
    let world = activity_world(json!({})).await;
    let arn = start(&world, json!({"colour": "red"})).await;
    let taken = get_task(&world).await;
    assert_eq!(taken["input"], "{\"colour\":\"red\"}");
    let done = json!({"taskToken": taken["taskToken"], "output": "{\"dry\":true}"});
    sfn(&world, "SendTaskSuccess", done.clone()).await.unwrap();
    let described = ended(&world, &arn).await;
    assert_eq!(output(&described), json!({"dry": true}));
    let events = history(&world, &arn, json!({})).await;
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(kinds(&events), expected);
    assert_eq!(
        events["events"][3]["activityStartedEventDetails"]["workerName"],
        "Ada"
    );
    let error = sfn(&world, "SendTaskSuccess", done).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'"
    );
}

#[tokio::test]
async fn an_output_of_too_many_bytes_leaves_the_token_as_it_is() {
    let world = activity_world(json!({})).await;
    let arn = start(&world, json!({"colour": "red"})).await;
    let taken = get_task(&world).await;
    let done = |output: String| json!({"taskToken": taken["taskToken"], "output": output});
    let large = json!("é".repeat(131_072)).to_string();
    let error = sfn(&world, "SendTaskSuccess", done(large))
        .await
        .unwrap_err();
    assert_eq!(error.code, "ValidationException");
    sfn(&world, "SendTaskSuccess", done("{}".to_owned()))
        .await
        .unwrap();
    assert_eq!(output(&ended(&world, &arn).await), json!({}));
}

#[tokio::test]
async fn a_worker_that_waits_gets_the_task_that_comes() {
    let world = activity_world(json!({})).await;
    let (taken, ()) = tokio::join!(get_task(&world), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        start(&world, json!({"colour": "blue"})).await;
    });
    assert_eq!(taken["input"], "{\"colour\":\"blue\"}");
}

#[tokio::test]
async fn a_failed_activity_fails_with_the_error_of_its_worker() {
    let world = activity_world(json!({})).await;
    let arn = start(&world, json!({"colour": "red"})).await;
    let taken = get_task(&world).await;
    let failed =
        json!({"taskToken": taken["taskToken"], "error": "NoPaint", "cause": "The pot is empty."});
    sfn(&world, "SendTaskFailure", failed).await.unwrap();
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "FAILED");
    assert_eq!(described["error"], "NoPaint");
    assert_eq!(described["cause"], "The pot is empty.");
}

#[tokio::test]
async fn an_activity_that_fails_without_error_and_cause_has_neither() {
    let world = activity_world(json!({})).await;
    let arn = start(&world, json!({"colour": "red"})).await;
    let failed = json!({"taskToken": get_task(&world).await["taskToken"]});
    sfn(&world, "SendTaskFailure", failed).await.unwrap();
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "FAILED");
    assert!(described["error"].is_null() && described["cause"].is_null());
    let events = history(&world, &arn, json!({})).await;
    let told = &events["events"][4]["activityFailedEventDetails"];
    assert!(told["error"].is_null() && told["cause"].is_null(), "{told}");
}

#[tokio::test]
async fn a_worker_that_falls_silent_times_the_task_out() {
    let world = activity_world(json!({"HeartbeatSeconds": 1, "TimeoutSeconds": 60})).await;
    let arn = start(&world, json!({"colour": "red"})).await;
    let taken = get_task(&world).await;
    let beat = json!({"taskToken": taken["taskToken"]});
    sfn(&world, "SendTaskHeartbeat", beat.clone())
        .await
        .unwrap();
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "FAILED", "{described}");
    assert_eq!(described["error"], "States.Timeout");
    let events = history(&world, &arn, json!({})).await;
    assert!(kinds(&events).contains(&"ActivityTimedOut"));
}

#[tokio::test]
async fn a_token_that_nobody_gave_and_an_output_that_is_no_json_are_refused() {
    let world = activity_world(json!({})).await;
    let unknown = json!({"taskToken": "nobody's", "output": "{}"});
    let error = sfn(&world, "SendTaskSuccess", unknown).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "InvalidToken: Invalid Token: 'Invalid token'"
    );
    let neither = json!({"taskToken": "nobody's", "output": "dry"});
    let error = sfn(&world, "SendTaskSuccess", neither).await.unwrap_err();
    assert_eq!(error.code, "InvalidToken");
    start(&world, json!({"colour": "red"})).await;
    let taken = get_task(&world).await;
    let words = json!({"taskToken": taken["taskToken"], "output": "dry"});
    let error = sfn(&world, "SendTaskSuccess", words).await.unwrap_err();
    assert_eq!(error.code, "InvalidOutput");
    let other = json!({"activityArn": PAINT.replace("paint", "sand")});
    let error = sfn(&world, "GetActivityTask", other).await.unwrap_err();
    assert_eq!(error.code, "ActivityDoesNotExist");
}

#[tokio::test]
async fn a_task_of_an_activity_that_is_deleted_ends_the_execution_before_it_is_scheduled() {
    let everything = json!([{"ErrorEquals": ["States.ALL"]}]);
    let world = activity_world(json!({"Retry": everything})).await;
    sfn(&world, "DeleteActivity", json!({"activityArn": PAINT}))
        .await
        .unwrap();
    let arn = start(&world, json!({"colour": "red"})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["error"], "States.Runtime", "{described}");
    let cause = format!(
        "An error occurred while executing the state 'Do' (entered at the event id #2). The activity {PAINT} does not exist."
    );
    assert_eq!(described["cause"], json!(cause));
    let events = history(&world, &arn, json!({})).await;
    assert_eq!(
        kinds(&events),
        ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    );
}

#[tokio::test]
async fn activities_are_listed_described_tagged_and_deleted() {
    let world = world().await;
    for name in ["sand", "paint"] {
        let tags = json!([{"key": "stack", "value": "films"}]);
        sfn(
            &world,
            "CreateActivity",
            json!({"name": name, "tags": tags}),
        )
        .await
        .unwrap();
    }
    let listed = sfn(&world, "ListActivities", json!({"maxResults": 1}))
        .await
        .unwrap();
    assert_eq!(listed["activities"][0]["activityArn"], PAINT);
    let rest = json!({"maxResults": 1, "nextToken": listed["nextToken"]});
    let rest = sfn(&world, "ListActivities", rest).await.unwrap();
    assert_eq!(rest["activities"][0]["name"], "sand");
    let tags = sfn(&world, "ListTagsForResource", json!({"resourceArn": PAINT}))
        .await
        .unwrap();
    assert_eq!(tags["tags"], json!([{"key": "stack", "value": "films"}]));
    let paint = json!({"activityArn": PAINT});
    let shown = sfn(&world, "DescribeActivity", paint.clone())
        .await
        .unwrap();
    assert_eq!(shown["encryptionConfiguration"]["type"], "AWS_OWNED_KEY");
    sfn(&world, "DeleteActivity", paint.clone()).await.unwrap();
    let error = sfn(&world, "DescribeActivity", paint).await.unwrap_err();
    assert_eq!(error.code, "ActivityDoesNotExist");
}

#[tokio::test]
async fn a_callback_waits_for_its_token_after_the_service_has_answered() {
    let world = world().await;
    allow(&world, json!(["states:*"])).await;
    let mut inner = films(&pass());
    inner["name"] = json!("inner");
    let inner = sfn(&world, "CreateStateMachine", inner).await.unwrap();
    let resource = "arn:aws:states:::states:startExecution.waitForTaskToken";
    let parameters =
        json!({"StateMachineArn": inner["stateMachineArn"], "Input": {"token.$": "$$.Task.Token"}});
    create(&world, &task(resource, parameters)).await;
    let arn = start(&world, json!({})).await;
    let token = loop {
        let list = json!({"stateMachineArn": inner["stateMachineArn"]});
        let listed = sfn(&world, "ListExecutions", list).await.unwrap();
        if let Some(child) = listed["executions"].get(0) {
            let child = ended(&world, &child["executionArn"]).await;
            break output(&child)["token"].clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(describe(&world, &arn).await["status"], "RUNNING");
    let done = json!({"taskToken": token, "output": "\"done\""});
    sfn(&world, "SendTaskSuccess", done).await.unwrap();
    let described = ended(&world, &arn).await;
    assert_eq!(output(&described), "done");
    let events = history(&world, &arn, json!({})).await;
    assert_eq!(
        kinds(&events)[2..6],
        [
            "TaskScheduled",
            "TaskStarted",
            "TaskSubmitted",
            "TaskSucceeded"
        ]
    );
}

#[tokio::test]
async fn a_stopped_execution_closes_the_token_of_its_task() {
    let world = activity_world(json!({})).await;
    let arn = start(&world, json!({"colour": "red"})).await;
    let taken = get_task(&world).await;
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
    world.cloud.wait_idle().await;
    let beat = json!({"taskToken": taken["taskToken"]});
    let error = sfn(&world, "SendTaskHeartbeat", beat).await.unwrap_err();
    assert_eq!(error.code, "TaskTimedOut");
}

#[tokio::test]
async fn a_call_that_fails_closes_the_token_that_it_was_to_hand_on() {
    let world = world().await;
    allow(&world, json!(["states:*"])).await;
    let resource = "arn:aws:states:::states:startExecution.waitForTaskToken";
    let missing = "arn:aws:states:eu-west-1:000000000000:stateMachine:missing";
    let parameters = json!({"StateMachineArn": missing, "Input": {"token.$": "$$.Task.Token"}});
    create(&world, &task(resource, parameters)).await;
    let arn = start(&world, json!({})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "FAILED", "{described}");
    world.cloud.wait_idle().await;
    let events = history(&world, &arn, json!({})).await;
    let scheduled = &events["events"][2]["taskScheduledEventDetails"]["parameters"];
    let scheduled: Value = serde_json::from_str(scheduled.as_str().unwrap()).unwrap();
    let done = json!({"taskToken": scheduled["Input"]["token"], "output": "{}"});
    let error = sfn(&world, "SendTaskSuccess", done).await.unwrap_err();
    assert_eq!(error.code, "TaskTimedOut");
}
