//! Test cases, whose tasks answer what a mock configuration says.

use asl::Mocks;
use serde_json::{Value, json};

use super::{FILMS, create, ended, history, kinds, output, sfn, world};

#[tokio::test]
async fn a_test_case_answers_for_the_states_that_it_names() {
    let mut world = world().await;
    let file = json!({
        "StateMachines": {"films": {"TestCases": {"Slow": {"Do": "Throttled"}}}},
        "MockedResponses": {"Throttled": {
            "0-1": {"Throw": {"Error": "Athena.TooManyRequestsException", "Cause": "Slow down."}},
            "2": {"Return": {"QueryExecutionId": "1"}}
        }}
    });
    let mocks = Mocks::parse(&file.to_string()).unwrap();
    world.cloud = world.cloud.clone().with_mocks(mocks);
    let retry = json!([{"ErrorEquals": ["Athena.TooManyRequestsException"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxDelaySeconds": 2, "JitterStrategy": "FULL"}]);
    let definition = json!({"StartAt": "Do", "States": {"Do": {
        "Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution",
        "Parameters": {"QueryString": "SELECT 1"}, "Retry": retry, "End": true}}});
    create(&world, &definition).await;
    let input = json!({"stateMachineArn": format!("{FILMS}#Slow")});
    let started = sfn(&world, "StartExecution", input).await.unwrap();
    let described = ended(&world, &started["executionArn"]).await;
    assert_eq!(output(&described), json!({"QueryExecutionId": "1"}));
    assert_eq!(described["stateMachineArn"], FILMS);
    let events = history(&world, &started["executionArn"], json!({})).await;
    let failed = kinds(&events)
        .into_iter()
        .filter(|kind| *kind == "TaskFailed");
    assert_eq!(failed.count(), 2);
    let other = json!({"stateMachineArn": format!("{FILMS}#Fast")});
    let error = sfn(&world, "StartExecution", other).await.unwrap_err();
    assert_eq!(
        error.message,
        "The mock configuration has no test case 'Fast' of the state machine 'films'."
    );
}

/// A distributed Map over a bucket that there is not.
fn reading(action: &str, config: Value) -> Value {
    json!({"StartAt": "Each", "States": {"Each": {"Type": "Map",
        "ItemReader": {"Resource": format!("arn:aws:states:::s3:{action}"), "ReaderConfig": config,
            "Parameters": {"Bucket": "no-such-bucket", "Key": "films"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": true}}},
        "End": true}}})
}

/// How an execution of a machine ends whose Map reads what these responses say.
async fn read_with(definition: &Value, responses: Value) -> Value {
    let mut world = world().await;
    let names = responses.as_object().unwrap().keys();
    let answers: Value = names
        .map(|name| (name.clone(), json!(name)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let file = json!({
        "StateMachines": {"films": {"TestCases": {"Read": answers}}},
        "MockedResponses": responses
    });
    let mocks = Mocks::parse(&file.to_string()).unwrap();
    world.cloud = world.cloud.clone().with_mocks(mocks);
    create(&world, definition).await;
    let input = json!({"stateMachineArn": format!("{FILMS}#Read")});
    let started = sfn(&world, "StartExecution", input).await.unwrap();
    ended(&world, &started["executionArn"]).await
}

#[tokio::test]
async fn what_a_map_reads_is_mocked_by_the_name_of_its_call() {
    let one = reading("getObject", json!({"InputType": "JSON"}));
    let body = json!({"s3:getObject": {"0": {"Return": {"Body": "[1, 2, 3]"}}}});
    let described = read_with(&one, body).await;
    assert_eq!(output(&described), json!([1, 2, 3]));

    let mut flattened = reading(
        "listObjectsV2",
        json!({"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}),
    );
    flattened["States"]["Each"]["ItemReader"]["Parameters"] = json!({"Bucket": "no-such-bucket"});
    let listed = json!({
        "s3:listObjectsV2": {"0": {"Return": {"Contents": [{"Key": "a"}, {"Key": "b"}]}}},
        "s3:getObject": {"0": {"Return": {"Body": "{\"n\": 1}\n"}}}
    });
    let described = read_with(&flattened, listed).await;
    assert_eq!(output(&described), json!([{"n": 1}, {"n": 1}]));
}

#[tokio::test]
async fn what_cannot_be_read_of_a_mock_is_said() {
    for (input_type, answer, cause) in [
        ("JSON", json!({"Return": {}}), "has no Body"),
        (
            "PARQUET",
            json!({"Return": {"Body": "PAR1"}}),
            "a mock answers with text, which Parquet is not",
        ),
        (
            "PARQUET",
            json!({"Throw": {"Error": "S3.SdkClientException", "Cause": "no lake"}}),
            "no lake",
        ),
    ] {
        let definition = reading("getObject", json!({"InputType": input_type}));
        let responses = json!({"s3:getObject": {"0": answer}});
        let described = read_with(&definition, responses).await;
        assert_eq!(described["status"], "FAILED", "{described}");
        assert_eq!(described["error"], "States.ItemReaderFailed", "{described}");
        let told = described["cause"].as_str().unwrap_or_default();
        assert!(told.contains(cause), "{described}");
    }
}
