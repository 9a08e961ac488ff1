//! TestState.

use serde_json::{Value, json};

use super::{ROLE, sfn, world};

fn document(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_state_is_run_once_and_shows_its_data() {
    let world = world().await;
    let state = json!({"Type": "Pass", "InputPath": "$.film", "Parameters": {"title.$": "$.title"}, "ResultPath": "$.seen", "Next": "Done"});
    let input = json!({"definition": state.to_string(), "roleArn": ROLE, "input": "{\"film\":{\"title\":\"M\"}}", "inspectionLevel": "DEBUG"});
    let tested = sfn(&world, "TestState", input.clone()).await.unwrap();
    assert_eq!(tested["status"], "SUCCEEDED");
    assert_eq!(tested["nextState"], "Done");
    let shown = &tested["inspectionData"];
    assert_eq!(document(&shown["afterInputPath"]), json!({"title": "M"}));
    assert_eq!(document(&shown["afterParameters"]), json!({"title": "M"}));
    let mut brief = input;
    brief["inspectionLevel"] = json!("INFO");
    let tested = sfn(&world, "TestState", brief).await.unwrap();
    assert_eq!(tested.get("inspectionData"), None);
}

#[tokio::test]
async fn a_mock_stands_for_a_task_and_needs_no_role() {
    let world = world().await;
    let state = json!({"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
        "Parameters": {"QueryString": "SELECT 1"},
        "Retry": [{"ErrorEquals": ["Athena.TooManyRequestsException"], "IntervalSeconds": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Missed"}], "End": true});
    let test = |mock: Value| json!({"definition": state.to_string(), "mock": mock});
    let done = json!({"result": "{\"QueryExecution\":{\"QueryExecutionId\":\"1\"}}"});
    let tested = sfn(&world, "TestState", test(done)).await.unwrap();
    assert_eq!(tested["status"], "SUCCEEDED");
    let mut wrong = json!({"result": "{\"QueryExecution\":{\"QueryExecutionId\":1}}"});
    let refused = sfn(&world, "TestState", test(wrong.clone()))
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "ValidationException: Mock result schema validation error: Field 'QueryExecutionId' must be a string"
    );
    wrong["fieldValidationMode"] = json!("NONE");
    let tested = sfn(&world, "TestState", test(wrong)).await.unwrap();
    assert_eq!(tested["status"], "SUCCEEDED");
    let error = |name: &str| json!({"errorOutput": {"error": name, "cause": "why"}});
    let tested = sfn(
        &world,
        "TestState",
        test(error("Athena.TooManyRequestsException")),
    )
    .await
    .unwrap();
    assert_eq!(tested["status"], "RETRIABLE");
    let tested = sfn(&world, "TestState", test(error("Other")))
        .await
        .unwrap();
    assert_eq!(tested["status"], "CAUGHT_ERROR");
    assert_eq!(tested["nextState"], "Missed");
    let unmocked = json!({"definition": state.to_string(), "roleArn": ROLE});
    let refused = sfn(&world, "TestState", unmocked).await.unwrap_err();
    assert_eq!(refused.code, "ValidationException");
    let broken = json!({"result": "{"});
    let refused = sfn(&world, "TestState", test(broken)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "ValidationException: Mocked result must be valid JSON"
    );
    let both = json!({"result": "1", "errorOutput": {"error": "E"}});
    let refused = sfn(&world, "TestState", test(both)).await.unwrap_err();
    assert_eq!(refused.code, "ValidationException");
}

#[tokio::test]
async fn a_task_without_a_mock_is_run_under_the_role() {
    let world = world().await;
    let state = json!({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2", "Parameters": {"Bucket": "lake"}, "End": true});
    let input = json!({"definition": state.to_string(), "roleArn": ROLE});
    let tested = sfn(&world, "TestState", input.clone()).await.unwrap();
    assert_eq!(tested["status"], "FAILED");
    assert_eq!(tested["error"], "S3.S3Exception");
    super::allow(&world, json!(["s3:ListBucket"])).await;
    let tested = sfn(&world, "TestState", input).await.unwrap();
    assert_eq!(tested["status"], "SUCCEEDED", "{tested}");
}

#[tokio::test]
async fn a_state_with_a_mistake_is_not_tested() {
    let world = world().await;
    let input = json!({"definition": "{\"Type\":\"Pass\"}", "roleArn": ROLE});
    let refused = sfn(&world, "TestState", input).await.unwrap_err();
    assert_eq!(refused.code, "InvalidDefinition");
}

#[tokio::test]
async fn a_task_of_an_operation_that_its_api_does_not_have_is_not_tested() {
    let world = world().await;
    let resource = "arn:aws:states:::aws-sdk:s3:getObjectt";
    let state = json!({"Type": "Task", "Resource": resource, "Parameters": {}, "End": true});
    let machine = json!({"StartAt": "Get", "States": {"Get": state}});
    let whole = json!({"definition": machine.to_string(), "stateName": "Get", "roleArn": ROLE});
    let alone = json!({"definition": state.to_string(), "roleArn": ROLE});
    let mocked = json!({"definition": state.to_string(), "mock": {"result": "{}"}});
    for input in [whole, alone, mocked] {
        let refused = sfn(&world, "TestState", input).await.unwrap_err();
        assert_eq!(refused.code, "InvalidDefinition");
        assert!(refused.message.contains(resource), "{}", refused.message);
    }
}

fn with_context(resource: &str, context: &Value) -> Value {
    let state = json!({"Type": "Task", "Resource": resource, "Parameters": {"FunctionName": "f"},
        "ResultSelector": {"context.$": "$$"}, "End": true});
    json!({"definition": state.to_string(), "context": context.to_string(), "mock": {"result": "{}"}})
}

#[tokio::test]
async fn a_context_object_that_the_state_would_not_see_is_refused() {
    let world = world().await;
    for (context, told) in [
        (
            json!({"Execution": {"Id": 1}}),
            "Execution.Id must be a string",
        ),
        (
            json!({"Map": {}}),
            "'Map' field is not supported when mocking a Context object",
        ),
        (
            json!({"Execution": {"film": "M"}}),
            "Field 'film' is not allowed",
        ),
        (json!({"Film": {}}), "Field 'Film' is not allowed"),
        (
            json!({"Task": {"Token": "t"}}),
            "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
        ),
    ] {
        let test = with_context("arn:aws:states:::lambda:invoke", &context);
        let refused = sfn(&world, "TestState", test).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("ValidationException: Invalid Context object provided: {told}")
        );
    }
}

#[tokio::test]
async fn a_context_object_that_is_given_is_all_that_the_state_sees() {
    let world = world().await;
    let plain = "arn:aws:states:::lambda:invoke";
    let waiting = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    for (resource, context) in [
        (plain, json!({})),
        (
            plain,
            json!({"Execution": {}, "State": {}, "StateMachine": {}}),
        ),
        (waiting, json!({"Task": {"Token": "t"}})),
    ] {
        let test = with_context(resource, &context);
        let tested = sfn(&world, "TestState", test).await.unwrap();
        assert_eq!(
            document(&tested["output"]),
            json!({"context": context}),
            "{tested}"
        );
    }
}

#[tokio::test]
async fn a_state_that_is_tested_without_a_role_sees_none_and_no_redrives() {
    let world = world().await;
    let state = json!({"Type": "Pass", "Parameters": {"execution.$": "$$.Execution"}, "End": true});
    let test = json!({"definition": state.to_string()});
    let tested = sfn(&world, "TestState", test).await.unwrap();
    let execution = &document(&tested["output"])["execution"];
    assert_eq!(execution["RoleArn"], Value::Null);
    assert!(execution["Name"].is_string(), "{execution}");
    assert_eq!(execution.get("RedriveCount"), None);
}
