//! Log groups, and what state machines write to them.

use local_cloud::ServiceError;
use serde_json::{Value, json};

use crate::s3::World;

async fn call(
    world: &World,
    service: &str,
    operation: &str,
    input: Value,
) -> Result<Value, ServiceError> {
    world
        .cloud
        .invoke(&world.root, service, operation, input)
        .await
}

async fn logs(world: &World, operation: &str, input: Value) -> Result<Value, ServiceError> {
    call(world, "logs", operation, input).await
}

fn now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

async fn with_group(name: &str) -> World {
    let world = World::new();
    logs(&world, "CreateLogGroup", json!({"logGroupName": name}))
        .await
        .unwrap();
    world
}

#[tokio::test]
async fn a_group_is_made_once_and_keeps_its_retention_and_tags() {
    let world = with_group("/films").await;
    let error = logs(&world, "CreateLogGroup", json!({"logGroupName": "/films"}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        (
            "ResourceAlreadyExistsException",
            "The specified log group already exists"
        )
    );
    logs(
        &world,
        "PutRetentionPolicy",
        json!({"logGroupName": "/films", "retentionInDays": 30}),
    )
    .await
    .unwrap();
    let error = logs(
        &world,
        "PutRetentionPolicy",
        json!({"logGroupName": "/films", "retentionInDays": 31}),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code, "InvalidParameterException");
    let arn = "arn:aws:logs:eu-west-1:000000000000:log-group:/films";
    logs(
        &world,
        "TagResource",
        json!({"resourceArn": arn, "tags": {"team": "data"}}),
    )
    .await
    .unwrap();
    let tags = logs(&world, "ListTagsForResource", json!({"resourceArn": arn}))
        .await
        .unwrap();
    assert_eq!(tags["tags"], json!({"team": "data"}));
    let described = logs(
        &world,
        "DescribeLogGroups",
        json!({"logGroupNamePrefix": "/f"}),
    )
    .await
    .unwrap();
    assert_eq!(described["logGroups"][0]["retentionInDays"], 30);
    assert_eq!(described["logGroups"][0]["arn"], format!("{arn}:*"));
    logs(&world, "DeleteLogGroup", json!({"logGroupName": "/films"}))
        .await
        .unwrap();
    let error = logs(&world, "DeleteLogGroup", json!({"logGroupName": "/films"}))
        .await
        .unwrap_err();
    assert_eq!(error.message, "The specified log group does not exist.");
}

#[tokio::test]
async fn events_come_back_in_order_and_in_pages() {
    let world = with_group("/films").await;
    logs(
        &world,
        "CreateLogStream",
        json!({"logGroupName": "/films", "logStreamName": "one"}),
    )
    .await
    .unwrap();
    let start = now();
    let events: Vec<Value> = (0..5)
        .map(|i| json!({"timestamp": start + i, "message": format!("film {i}")}))
        .collect();
    let put = json!({"logGroupName": "/films", "logStreamName": "one", "logEvents": events});
    logs(&world, "PutLogEvents", put).await.unwrap();
    let messages = |answer: &Value| -> Vec<String> {
        let events = answer["events"].as_array().unwrap().iter();
        events
            .map(|e| e["message"].as_str().unwrap().to_owned())
            .collect()
    };
    let get = json!({"logGroupName": "/films", "logStreamName": "one", "limit": 2, "startFromHead": true});
    let first = logs(&world, "GetLogEvents", get.clone()).await.unwrap();
    assert_eq!(messages(&first), ["film 0", "film 1"]);
    let mut next = get;
    next["nextToken"] = first["nextForwardToken"].clone();
    assert_eq!(
        messages(&logs(&world, "GetLogEvents", next).await.unwrap()),
        ["film 2", "film 3"]
    );
    let filter = json!({"logGroupName": "/films", "filterPattern": "?\"film 1\" ?\"film 4\""});
    assert_eq!(
        messages(&logs(&world, "FilterLogEvents", filter).await.unwrap()),
        ["film 1", "film 4"]
    );
}

/// A stream that follows its tokens forward and backward, and what comes while it does.
#[tokio::test]
async fn tokens_lead_on_from_where_a_page_ended_whatever_comes_meanwhile() {
    let world = with_group("/films").await;
    let of = json!({"logGroupName": "/films", "logStreamName": "one"});
    logs(&world, "CreateLogStream", of.clone()).await.unwrap();
    let with = |more: Value| {
        let mut input = of.clone();
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let start = now();
    let put = async |at: i64, message: &str| {
        let events = json!([{"timestamp": start + at, "message": message}]);
        let input = with(json!({"logEvents": events}));
        logs(&world, "PutLogEvents", input).await.unwrap();
    };
    let get = async |more: Value| {
        let answer = logs(&world, "GetLogEvents", with(more)).await.unwrap();
        let events = answer["events"].as_array().unwrap().iter();
        let messages: Vec<String> = events
            .map(|e| e["message"].as_str().unwrap().to_owned())
            .collect();
        let token = |name: &str| answer[name].as_str().unwrap().to_owned();
        (
            messages,
            token("nextForwardToken"),
            token("nextBackwardToken"),
        )
    };
    // An empty stream, followed from either end.
    let (none, from_head, _) = get(json!({"startFromHead": true})).await;
    assert!(none.is_empty());
    let (_, from_tail, _) = get(json!({})).await;
    for (at, message) in [(0, "a"), (1, "b"), (1, "c"), (2, "d")] {
        put(at, message).await;
    }
    assert_eq!(
        get(json!({"nextToken": from_head})).await.0,
        ["a", "b", "c", "d"]
    );
    assert_eq!(
        get(json!({"nextToken": from_tail})).await.0,
        ["a", "b", "c", "d"]
    );
    let (last, end, back) = get(json!({"limit": 2})).await;
    assert_eq!(last, ["c", "d"]);
    // At the end, the token is the same again until there is more.
    let (none, again, _) = get(json!({"nextToken": end})).await;
    assert_eq!((none.len(), &again), (0, &end));
    put(3, "e").await;
    assert_eq!(get(json!({"nextToken": end})).await.0, ["e"]);
    let (before, on, _) = get(json!({"nextToken": back, "limit": 1})).await;
    assert_eq!(before, ["b"]);
    assert_eq!(
        get(json!({"nextToken": on, "limit": 2})).await.0,
        ["c", "d"]
    );
    let within = json!({"startFromHead": true, "startTime": start + 1, "endTime": start + 2});
    assert_eq!(get(within).await.0, ["b", "c"]);
    let bad = logs(&world, "GetLogEvents", with(json!({"nextToken": "f/x"}))).await;
    assert_eq!(bad.unwrap_err().code, "InvalidParameterException");
}

#[tokio::test]
async fn the_events_of_a_group_are_filtered_in_pages_over_its_streams() {
    let world = with_group("/films").await;
    let start = now();
    for (stream, at) in [("one", 0), ("two", 1), ("three", 2)] {
        let of = json!({"logGroupName": "/films", "logStreamName": stream});
        logs(&world, "CreateLogStream", of.clone()).await.unwrap();
        let events: Vec<Value> = (0..2)
            .map(|i| json!({"timestamp": start + at + 3 * i, "message": format!("{stream} {i}")}))
            .collect();
        let mut put = of;
        put["logEvents"] = json!(events);
        logs(&world, "PutLogEvents", put).await.unwrap();
    }
    let all = async |more: Value| {
        let (mut found, mut token) = (Vec::new(), Value::Null);
        loop {
            let mut input = json!({"logGroupName": "/films", "limit": 2});
            for (name, value) in more.as_object().unwrap() {
                input[name] = value.clone();
            }
            if !token.is_null() {
                input["nextToken"] = token;
            }
            let page = logs(&world, "FilterLogEvents", input).await.unwrap();
            for event in page["events"].as_array().unwrap() {
                found.push(event["message"].as_str().unwrap().to_owned());
            }
            token = page["nextToken"].clone();
            if token.is_null() {
                return found;
            }
        }
    };
    assert_eq!(
        all(json!({})).await,
        ["one 0", "two 0", "three 0", "one 1", "two 1", "three 1"]
    );
    assert_eq!(
        all(json!({"logStreamNames": ["two"]})).await,
        ["two 0", "two 1"]
    );
    assert_eq!(
        all(json!({"logStreamNamePrefix": "t", "filterPattern": "1"})).await,
        ["two 1", "three 1"]
    );
}

#[tokio::test]
async fn events_that_are_too_old_or_too_new_are_rejected_and_said() {
    let world = with_group("/films").await;
    logs(
        &world,
        "CreateLogStream",
        json!({"logGroupName": "/films", "logStreamName": "one"}),
    )
    .await
    .unwrap();
    let day = 86_400_000;
    let events = [now() - 15 * day, now(), now() + day]
        .map(|timestamp| json!({"timestamp": timestamp, "message": "x"}));
    let put = json!({"logGroupName": "/films", "logStreamName": "one", "logEvents": events});
    let answer = logs(&world, "PutLogEvents", put).await.unwrap();
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2})
    );
    let got = logs(
        &world,
        "GetLogEvents",
        json!({"logGroupName": "/films", "logStreamName": "one"}),
    )
    .await
    .unwrap();
    assert_eq!(got["events"].as_array().unwrap().len(), 1);
}

/// A state machine with logging, as a request to make it.
fn machine(kind: &str, level: &str, with_data: bool) -> Value {
    let definition = json!({"StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": true}}});
    json!({
        "name": "films",
        "type": kind,
        "definition": definition.to_string(),
        "roleArn": "arn:aws:iam::000000000000:role/machine",
        "loggingConfiguration": {
            "level": level,
            "includeExecutionData": with_data,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:eu-west-1:000000000000:log-group:/films:*"}}],
        },
    })
}

async fn machine_role(world: &World, actions: Value) {
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}});
    let input = json!({"RoleName": "machine", "AssumeRolePolicyDocument": trust.to_string()});
    call(world, "iam", "CreateRole", input).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}});
    let input =
        json!({"RoleName": "machine", "PolicyName": "logs", "PolicyDocument": policy.to_string()});
    call(world, "iam", "PutRolePolicy", input).await.unwrap();
}

/// Types of the logged events, and whether any carries an input.
async fn logged(world: &World) -> (Vec<String>, bool) {
    world.cloud.wait_idle().await;
    let found = logs(world, "FilterLogEvents", json!({"logGroupName": "/films"}))
        .await
        .unwrap();
    let events: Vec<Value> = found["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| serde_json::from_str(event["message"].as_str().unwrap()).unwrap())
        .collect();
    let kinds = events
        .iter()
        .map(|e| e["type"].as_str().unwrap().to_owned())
        .collect();
    (
        kinds,
        events.iter().any(|e| !e["details"]["input"].is_null()),
    )
}

#[tokio::test]
async fn executions_of_both_types_write_their_events_to_the_log_group() {
    for kind in ["STANDARD", "EXPRESS"] {
        let world = with_group("/films").await;
        machine_role(&world, json!("logs:*")).await;
        call(
            &world,
            "states",
            "CreateStateMachine",
            machine(kind, "ALL", true),
        )
        .await
        .unwrap();
        let start =
            json!({"stateMachineArn": "arn:aws:states:eu-west-1:000000000000:stateMachine:films"});
        call(&world, "states", "StartExecution", start)
            .await
            .unwrap();
        let (kinds, with_data) = logged(&world).await;
        let expected = [
            "ExecutionStarted",
            "PassStateEntered",
            "PassStateExited",
            "ExecutionSucceeded",
        ];
        assert_eq!(kinds, expected, "{kind}");
        assert!(with_data, "{kind}");
    }
}

#[tokio::test]
async fn the_first_event_tells_the_input_as_it_was_given() {
    for kind in ["STANDARD", "EXPRESS"] {
        let world = with_group("/films").await;
        machine_role(&world, json!("logs:*")).await;
        let machine = machine(kind, "ALL", true);
        call(&world, "states", "CreateStateMachine", machine)
            .await
            .unwrap();
        let start = json!({"stateMachineArn": "arn:aws:states:eu-west-1:000000000000:stateMachine:films", "input": "[1, 2]"});
        call(&world, "states", "StartExecution", start)
            .await
            .unwrap();
        world.cloud.wait_idle().await;
        let group = json!({"logGroupName": "/films"});
        let found = logs(&world, "FilterLogEvents", group).await.unwrap();
        let inputs = [0_usize, 1].map(|at| {
            let message = found["events"][at]["message"].as_str().unwrap();
            let event: Value = serde_json::from_str(message).unwrap();
            event["details"]["input"].as_str().unwrap().to_owned()
        });
        assert_eq!(inputs, ["[1, 2]", "[1,2]"], "{kind}");
    }
}

#[tokio::test]
async fn children_of_both_types_have_streams_of_their_own() {
    for kind in ["STANDARD", "EXPRESS"] {
        let world = with_group("/films").await;
        machine_role(&world, json!("logs:*")).await;
        let mut machine = machine("STANDARD", "ALL", true);
        let definition = json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemsPath": "$",
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
                "StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": true}}}, "End": true}}});
        machine["definition"] = json!(definition.to_string());
        call(&world, "states", "CreateStateMachine", machine)
            .await
            .unwrap();
        let start = json!({"stateMachineArn": "arn:aws:states:eu-west-1:000000000000:stateMachine:films", "input": "[1, 2]"});
        call(&world, "states", "StartExecution", start)
            .await
            .unwrap();
        let (kinds, _) = logged(&world).await;
        let shown = kinds.iter().filter(|kind| *kind == "PassStateExited");
        assert_eq!(shown.count(), 2, "{kind}: {kinds:?}");
        let of = json!({"logGroupName": "/films"});
        let streams = logs(&world, "DescribeLogStreams", of).await.unwrap();
        assert_eq!(streams["logStreams"].as_array().unwrap().len(), 3, "{kind}");
    }
}

#[tokio::test]
async fn the_level_and_the_data_are_kept_to() {
    let world = with_group("/films").await;
    machine_role(&world, json!("logs:*")).await;
    call(
        &world,
        "states",
        "CreateStateMachine",
        machine("STANDARD", "ERROR", true),
    )
    .await
    .unwrap();
    let start =
        json!({"stateMachineArn": "arn:aws:states:eu-west-1:000000000000:stateMachine:films"});
    call(&world, "states", "StartExecution", start.clone())
        .await
        .unwrap();
    assert!(logged(&world).await.0.is_empty());
    let mut update = start.clone();
    update["loggingConfiguration"] =
        machine("STANDARD", "ALL", false)["loggingConfiguration"].clone();
    call(&world, "states", "UpdateStateMachine", update)
        .await
        .unwrap();
    call(&world, "states", "StartExecution", start)
        .await
        .unwrap();
    let (kinds, with_data) = logged(&world).await;
    assert_eq!(kinds.len(), 4);
    assert!(!with_data);
}

#[tokio::test]
async fn a_log_group_that_is_not_there_is_refused_and_one_that_goes_later_holds_up_nothing() {
    let world = with_group("/films").await;
    machine_role(&world, json!("logs:*")).await;
    let there = machine("STANDARD", "ALL", true);
    let mut gone = there.clone();
    gone["loggingConfiguration"]["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"] =
        json!("arn:aws:logs:eu-west-1:000000000000:log-group:/gone:*");
    let arn = "arn:aws:states:eu-west-1:000000000000:stateMachine:films";
    let refused =
        "InvalidLoggingConfiguration: Invalid Logging Configuration: Log Destination not found.";
    let made = call(&world, "states", "CreateStateMachine", gone.clone()).await;
    assert_eq!(made.unwrap_err().to_string(), refused);
    call(&world, "states", "CreateStateMachine", there)
        .await
        .unwrap();
    let update =
        json!({"stateMachineArn": arn, "loggingConfiguration": gone["loggingConfiguration"]});
    let updated = call(&world, "states", "UpdateStateMachine", update).await;
    assert_eq!(updated.unwrap_err().to_string(), refused);
    logs(&world, "DeleteLogGroup", json!({"logGroupName": "/films"}))
        .await
        .unwrap();
    let start = json!({"stateMachineArn": arn});
    let started = call(&world, "states", "StartExecution", start)
        .await
        .unwrap();
    world.cloud.wait_idle().await;
    let described = json!({"executionArn": started["executionArn"]});
    let described = call(&world, "states", "DescribeExecution", described).await;
    assert_eq!(described.unwrap()["status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_role_that_may_not_deliver_logs_is_refused() {
    let world = with_group("/films").await;
    machine_role(&world, json!("logs:CreateLogDelivery")).await;
    let error = call(
        &world,
        "states",
        "CreateStateMachine",
        machine("STANDARD", "ALL", true),
    )
    .await
    .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        (
            "AccessDeniedException",
            "The state machine IAM Role is not authorized to access the Log Destination"
        )
    );
}
