//! HTTPS endpoints that are commands.

use std::collections::BTreeMap;

use local_cloud::sfn::{Endpoint, LocalCommand};
use serde_json::{Value, json};

use super::{allow, create, ended, output, sfn, start, task, world};
use crate::s3::World;

const CONNECTION: &str = "arn:aws:events:eu-west-1:000000000000:connection/films/7";

/// All that a role needs.
fn needed() -> Value {
    json!([
        "states:InvokeHTTPEndpoint",
        "events:RetrieveConnectionCredentials",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue"
    ])
}

/// A world with an endpoint that echoes requests, and others that fail.
async fn endpoints() -> World {
    let mut world = world().await;
    let commands = [
        (
            "https://echo.example.com/*",
            r#"printf '{"ResponseBody":'; cat; printf '}'"#,
        ),
        (
            "https://echo.example.com/missing*",
            r#"echo '{"StatusCode":404,"ResponseBody":{"film":"none"}}'"#,
        ),
        ("https://down.example.com/*", "exit 7"),
        ("https://words.example.com/*", "echo hello"),
        ("https://slow.example.com/*", "exec sleep 60"),
    ];
    let endpoint = |(index, (url, command)): (usize, (&str, &str))| {
        let mut command = LocalCommand::new(command);
        if url.contains("slow") {
            command.timeout = std::time::Duration::from_millis(50);
        }
        let url = url.to_owned();
        (format!("endpoint-{index}"), Endpoint { url, command })
    };
    let endpoints: BTreeMap<String, Endpoint> =
        commands.into_iter().enumerate().map(endpoint).collect();
    world.cloud = world.cloud.clone().with_endpoints(endpoints);
    world
}

fn call(url: &str, other: Value) -> Value {
    let mut parameters = json!({
        "ApiEndpoint": url, "Method": "POST",
        "InvocationConfig": {"ConnectionArn": CONNECTION}});
    for (name, value) in other.as_object().unwrap() {
        parameters[name] = value.clone();
    }
    task("arn:aws:states:::http:invoke", parameters)
}

async fn run(world: &World, definition: &Value) -> Value {
    let update = json!({"stateMachineArn": super::FILMS, "definition": definition.to_string()});
    if sfn(world, "UpdateStateMachine", update).await.is_err() {
        create(world, definition).await;
    }
    let arn = start(world, json!({"title": "M"})).await;
    ended(world, &arn).await
}

#[tokio::test]
async fn an_endpoint_gets_the_request_and_gives_the_response() {
    let world = endpoints().await;
    allow(&world, needed()).await;
    let other = json!({
        "Headers": {"Content-Type": "application/x-www-form-urlencoded"},
        "QueryParameters": {"page": "2"},
        "RequestBody": {"title.$": "$.title", "tags": ["a", "b"]},
        "Transform": {"RequestBodyEncoding": "URL_ENCODED",
            "RequestEncodingOptions": {"ArrayFormat": "BRACKETS"}}});
    let described = run(&world, &call("https://echo.example.com/films", other)).await;
    let result = output(&described);
    assert_eq!(result["StatusCode"], 200);
    assert_eq!(result["StatusText"], "OK");
    assert_eq!(result["Headers"], json!({}));
    let request = &result["ResponseBody"];
    assert_eq!(request["ApiEndpoint"], "https://echo.example.com/films");
    assert_eq!(request["Method"], "POST");
    assert_eq!(request["QueryParameters"], json!({"page": "2"}));
    assert_eq!(request["Headers"]["Host"], "echo.example.com");
    let agent = "Amazon|StepFunctions|HttpInvoke|eu-west-1";
    assert_eq!(request["Headers"]["User-Agent"], agent);
    let body = request["RequestBody"].as_str().unwrap();
    assert!(body.contains("title=M"), "{body}");
    assert!(body.contains("tags%5B%5D=a&tags%5B%5D=b"), "{body}");
}

#[tokio::test]
async fn a_task_that_is_tested_shows_its_request_and_the_response() {
    let world = endpoints().await;
    allow(&world, needed()).await;
    let other = json!({
        "Headers": {"Depth": "1"}, "QueryParameters": {"page": "2 3"},
        "RequestBody": {"title": "M"}});
    let definition = call("https://echo.example.com/missing", other);
    let name = definition["StartAt"].as_str().unwrap();
    let state = definition["States"][name].to_string();
    let test = |level: &str| json!({"definition": state, "roleArn": super::ROLE, "inspectionLevel": level});
    let tested = sfn(&world, "TestState", test("TRACE")).await.unwrap();
    assert_eq!(tested["error"], "States.Http.StatusCode.404", "{tested}");
    let request = json!({
        "protocol": "https", "method": "POST",
        "url": "https://echo.example.com/missing?page=2%203",
        "headers": "[Depth: 1, User-Agent: Amazon|StepFunctions|HttpInvoke|eu-west-1, Range: bytes=0-262144]",
        "body": "{\"title\":\"M\"}"});
    assert_eq!(tested["inspectionData"]["request"], request);
    let response = json!({
        "protocol": "https", "statusCode": "404", "statusMessage": "Not Found",
        "headers": "[]", "body": "{\"film\":\"none\"}"});
    assert_eq!(tested["inspectionData"]["response"], response);
    let tested = sfn(&world, "TestState", test("DEBUG")).await.unwrap();
    assert_eq!(tested["inspectionData"].get("request"), None);
}

#[tokio::test]
async fn what_an_endpoint_fails_with_is_the_tasks_error() {
    let world = endpoints().await;
    allow(&world, needed()).await;
    for (url, error, cause) in [
        (
            "https://echo.example.com/missing",
            "States.Http.StatusCode.404",
            "{\"film\":\"none\"}",
        ),
        (
            "https://down.example.com/",
            "States.Http.Socket",
            "was not answered",
        ),
        (
            "https://slow.example.com/",
            "States.Http.Socket",
            "timed out after 0.05 seconds",
        ),
        (
            "https://words.example.com/",
            "States.Runtime",
            "is no response",
        ),
        (
            "https://other.example.com/films",
            "States.Runtime",
            "[local.endpoints.NAME] url = \"https://other.example.com/*\" command = \"…\"",
        ),
    ] {
        let described = run(&world, &call(url, json!({}))).await;
        assert_eq!(described["status"], "FAILED");
        assert_eq!(described["error"], error, "{described}");
        let told = described["cause"].as_str().unwrap();
        assert!(told.contains(cause), "{told}");
    }
}

#[tokio::test]
async fn an_error_of_http_is_caught_by_its_number() {
    let world = endpoints().await;
    allow(&world, needed()).await;
    let mut definition = call("https://echo.example.com/missing", json!({}));
    let name = definition["StartAt"].as_str().unwrap().to_owned();
    definition["States"][&name]["Catch"] =
        json!([{"ErrorEquals": ["States.Http.StatusCode.404"], "Next": "None"}]);
    definition["States"]["None"] = json!({"Type": "Pass", "Result": "none", "End": true});
    assert_eq!(output(&run(&world, &definition).await), "none");
}

async fn allow_statements(world: &World, statements: &Value) {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = json!({"RoleName": "machine", "PolicyName": "tasks", "PolicyDocument": document.to_string()});
    super::call(world, "iam", "PutRolePolicy", policy)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_role_is_held_to_the_url_the_method_and_the_connection() {
    let world = endpoints().await;
    let connection = json!({"Effect": "Allow", "Action": "events:RetrieveConnectionCredentials", "Resource": CONNECTION});
    let secret = json!({"Effect": "Allow", "Resource": "arn:aws:secretsmanager:*:*:secret:events!connection/*",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]});
    let endpoint = |url: &str, method: &str| {
        json!({"Effect": "Allow", "Action": "states:InvokeHTTPEndpoint", "Resource": super::FILMS,
        "Condition": {"StringLike": {"states:HTTPEndpoint": url}, "StringEquals": {"states:HTTPMethod": method}}})
    };
    let echo = endpoint("https://echo.example.com/*", "POST");
    let denied = "Events.ConnectionResource.AccessDenied";
    for (statements, error, action) in [
        (json!([connection, secret, echo]), Value::Null, ""),
        (
            json!([
                connection,
                secret,
                endpoint("https://other.example.com/*", "POST")
            ]),
            json!("States.Permissions"),
            "states:InvokeHTTPEndpoint",
        ),
        (
            json!([
                connection,
                secret,
                endpoint("https://echo.example.com/*", "GET")
            ]),
            json!("States.Permissions"),
            "states:InvokeHTTPEndpoint",
        ),
        (
            json!([secret, echo]),
            json!(denied),
            "events:RetrieveConnectionCredentials",
        ),
        (
            json!([connection, echo]),
            json!(denied),
            "secretsmanager:DescribeSecret",
        ),
    ] {
        allow_statements(&world, &statements).await;
        let described = run(&world, &call("https://echo.example.com/films", json!({}))).await;
        assert_eq!(described["error"], error, "{described}");
        let cause = described["cause"].as_str().unwrap_or_default();
        assert!(cause.contains(action), "{cause}");
    }
}
