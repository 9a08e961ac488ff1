//! Lambda functions that are commands.

use std::collections::BTreeMap;

use local_cloud::sfn::LocalCommand;
use serde_json::{Value, json};

use super::{allow, create, ended, history, kinds, output, sfn, start, task, world};
use crate::s3::World;

const SHOUT: &str = "arn:aws:lambda:eu-west-1:000000000000:function:shout";

/// A world with the functions `shout`, `refuse` and `late`.
async fn functions() -> World {
    let mut world = world().await;
    let commands = [
        ("shout", "tr a-z A-Z"),
        (
            "refuse",
            r#"echo '{"errorType": "NoFilm", "errorMessage": "there is none"}'; exit 1"#,
        ),
    ];
    let functions: BTreeMap<String, LocalCommand> = commands
        .into_iter()
        .map(|(name, command)| (name.to_owned(), LocalCommand::new(command)))
        .collect();
    world.cloud = world.cloud.clone().with_functions(functions);
    world
}

fn invoke(name: &str, payload: Value) -> Value {
    let parameters = json!({"FunctionName": name, "Payload": payload});
    task("arn:aws:states:::lambda:invoke", parameters)
}

#[tokio::test]
async fn a_function_gets_its_event_and_gives_its_payload() {
    let world = functions().await;
    allow(&world, json!(["lambda:InvokeFunction"])).await;
    create(&world, &invoke("shout", json!(["metropolis"]))).await;
    let arn = start(&world, json!({})).await;
    let described = ended(&world, &arn).await;
    let result = output(&described);
    assert_eq!(result["Payload"], json!(["METROPOLIS"]));
    assert_eq!(result["StatusCode"], 200);
    assert_eq!(result["ExecutedVersion"], "$LATEST");
    let exchange = &result["SdkHttpMetadata"];
    let headers = &exchange["HttpHeaders"];
    assert_eq!(headers["X-Amz-Executed-Version"], "$LATEST");
    assert_eq!(headers["Content-Type"], "application/json");
    // That of the payload.
    assert_eq!(headers["Content-Length"], "14");
    let names: Vec<_> = exchange["AllHttpHeaders"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    let expected = [
        "X-Amz-Executed-Version",
        "x-amzn-Remapped-Content-Length",
        "Connection",
        "x-amzn-RequestId",
        "Content-Length",
        "Date",
        "X-Amzn-Trace-Id",
        "Content-Type",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_payload_that_is_a_text_is_the_json_of_the_event() {
    let mut world = functions().await;
    allow(&world, json!(["lambda:InvokeFunction"])).await;
    let echo = BTreeMap::from([("echo".to_owned(), LocalCommand::new("cat"))]);
    world.cloud = world.cloud.clone().with_functions(echo);
    let parameters = json!({"FunctionName": "echo", "Payload.$": "$.payload"});
    create(&world, &task("arn:aws:states:::lambda:invoke", parameters)).await;
    for (payload, event) in [
        (json!("\"HelloWorld\""), json!("HelloWorld")),
        (json!("null"), Value::Null),
        (json!("0"), json!(0)),
        (json!("[true]"), json!([true])),
        (Value::Null, json!({})),
        (json!({"text": "{}"}), json!({"text": "{}"})),
    ] {
        let arn = start(&world, json!({"payload": payload})).await;
        assert_eq!(output(&ended(&world, &arn).await)["Payload"], event);
    }
    let arn = start(&world, json!({"payload": "no json"})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["error"], "Lambda.InvalidRequestContentException");
}

#[tokio::test]
async fn a_function_is_a_resource_of_its_own() {
    let world = functions().await;
    allow(&world, json!(["lambda:InvokeFunction"])).await;
    let definition = json!({"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": SHOUT, "End": true}}});
    create(&world, &definition).await;
    let arn = start(&world, json!("m")).await;
    let described = ended(&world, &arn).await;
    assert_eq!(output(&described), "M");
    let events = history(&world, &arn, json!({})).await;
    assert!(kinds(&events).contains(&"LambdaFunctionSucceeded"));
}

#[tokio::test]
async fn the_error_of_a_function_is_that_of_its_task() {
    let world = functions().await;
    allow(&world, json!(["lambda:InvokeFunction"])).await;
    create(&world, &invoke("refuse", json!({}))).await;
    let arn = start(&world, json!({})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["error"], "NoFilm");
    assert_eq!(
        described["cause"],
        "{\"errorType\":\"NoFilm\",\"errorMessage\":\"there is none\"}"
    );
}

#[tokio::test]
async fn the_error_of_a_function_that_is_the_resource_keeps_its_text() {
    let world = functions().await;
    allow(&world, json!(["lambda:InvokeFunction"])).await;
    let refuse = SHOUT.replace("shout", "refuse");
    let definition = json!({"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": refuse, "End": true}}});
    create(&world, &definition).await;
    let arn = start(&world, json!({})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["error"], "NoFilm");
    assert_eq!(
        described["cause"],
        r#"{"errorType": "NoFilm", "errorMessage": "there is none"}"#
    );
}

#[tokio::test]
async fn a_role_must_be_allowed_to_invoke_and_the_function_must_be_there() {
    let world = functions().await;
    create(&world, &invoke("shout", json!({}))).await;
    let arn = start(&world, json!({})).await;
    let denied = ended(&world, &arn).await;
    assert_eq!(denied["error"], "Lambda.AWSLambdaException");
    let cause = denied["cause"].as_str().unwrap();
    assert!(
        cause.contains(&format!(
            "is not authorized to perform: lambda:InvokeFunction on resource: {SHOUT}"
        )),
        "{cause}"
    );
    allow(&world, json!(["lambda:InvokeFunction"])).await;
    let whisper = invoke("whisper", json!({}));
    let update = json!({"stateMachineArn": super::FILMS, "definition": whisper.to_string()});
    sfn(&world, "UpdateStateMachine", update).await.unwrap();
    let arn = start(&world, json!({})).await;
    let missing = ended(&world, &arn).await;
    assert_eq!(missing["error"], "Lambda.ResourceNotFoundException");
}

#[tokio::test]
async fn a_function_can_be_given_the_token_that_ends_its_task() {
    let mut world = functions().await;
    allow(&world, json!(["lambda:InvokeFunction"])).await;
    let dir = tempfile::tempdir().unwrap();
    let told = dir.path().join("event");
    let mut functions = BTreeMap::new();
    let command = format!("cat > {0}.new && mv {0}.new {0}", told.display());
    functions.insert("tell".to_owned(), LocalCommand::new(command));
    world.cloud = world.cloud.clone().with_functions(functions);
    let parameters = json!({"FunctionName": "tell", "Payload": {"token.$": "$$.Task.Token"}});
    let resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    create(&world, &task(resource, parameters)).await;
    let arn = start(&world, json!({})).await;
    while !told.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let event: Value = serde_json::from_slice(&std::fs::read(told).unwrap()).unwrap();
    let done = json!({"taskToken": event["token"], "output": "1"});
    sfn(&world, "SendTaskSuccess", done).await.unwrap();
    assert_eq!(output(&ended(&world, &arn).await), 1);
}
