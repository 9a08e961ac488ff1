//! Test cases, whose tasks answer what a mock configuration says.

use asl::Mocks;
use serde_json::json;

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
