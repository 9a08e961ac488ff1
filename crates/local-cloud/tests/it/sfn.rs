//! State machines: made, run, stopped, and what their tasks may do.

mod aliases;
mod endpoints;
mod functions;
#[cfg(unix)]
mod killed;
mod map_runs;
mod mocks;
mod redrive;
mod resume;
mod test_state;
mod tokens;
mod two_processes;

use std::time::Duration;

use local_cloud::{Caller, Cloud, ServiceError};
use serde_json::{Value, json};

use crate::s3::World;

const ROLE: &str = "arn:aws:iam::000000000000:role/machine";
const FILMS: &str = "arn:aws:states:eu-west-1:000000000000:stateMachine:films";

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

async fn sfn(world: &World, operation: &str, input: Value) -> Result<Value, ServiceError> {
    call(world, "states", operation, input).await
}

/// The role `machine`, which a service can take.
fn role_for(service: &str) -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}});
    json!({"RoleName": "machine", "AssumeRolePolicyDocument": trust.to_string()})
}

async fn role(world: &World, service: &str) {
    call(world, "iam", "CreateRole", role_for(service))
        .await
        .unwrap();
}

/// A machine in a cloud that several processes may have open, and its execution.
async fn start_in(cloud: &Cloud, definition: &Value) -> Value {
    let root = Caller::root("eu-west-1");
    for (service, operation, input) in [
        ("iam", "CreateRole", role_for("states.amazonaws.com")),
        ("states", "CreateStateMachine", films(definition)),
    ] {
        cloud
            .invoke(&root, service, operation, input)
            .await
            .unwrap();
    }
    let start = json!({"stateMachineArn": FILMS});
    let started = cloud
        .invoke(&root, "states", "StartExecution", start)
        .await
        .unwrap();
    json!({"executionArn": started["executionArn"]})
}

async fn allow(world: &World, actions: Value) {
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}});
    let policy =
        json!({"RoleName": "machine", "PolicyName": "tasks", "PolicyDocument": policy.to_string()});
    call(world, "iam", "PutRolePolicy", policy).await.unwrap();
}

/// A world whose Step Functions can take the role `machine`.
async fn world() -> World {
    let world = World::with_bucket("lake").await;
    role(&world, "states.amazonaws.com").await;
    world
}

fn films(definition: &Value) -> Value {
    json!({"name": "films", "definition": definition.to_string(), "roleArn": ROLE})
}

fn pass() -> Value {
    json!({"StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": true}}})
}

fn wait(seconds: u32) -> Value {
    json!({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": seconds, "End": true}}})
}

fn task(resource: &str, parameters: Value) -> Value {
    json!({"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": true}}})
}

async fn create(world: &World, definition: &Value) {
    sfn(world, "CreateStateMachine", films(definition))
        .await
        .unwrap();
}

async fn start(world: &World, input: Value) -> Value {
    let input = json!({"stateMachineArn": FILMS, "input": input.to_string()});
    let started = sfn(world, "StartExecution", input).await.unwrap();
    started["executionArn"].clone()
}

async fn describe(world: &World, arn: &Value) -> Value {
    sfn(world, "DescribeExecution", json!({"executionArn": arn}))
        .await
        .unwrap()
}

/// An execution's description once it has ended.
async fn ended(world: &World, arn: &Value) -> Value {
    for _ in 0..400 {
        let described = describe(world, arn).await;
        if described["status"] != "RUNNING" {
            return described;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{arn} does not end");
}

async fn history(world: &World, arn: &Value, more: Value) -> Value {
    let mut input = json!({"executionArn": arn});
    for (member, value) in more.as_object().unwrap() {
        input[member] = value.clone();
    }
    sfn(world, "GetExecutionHistory", input).await.unwrap()
}

fn kinds(history: &Value) -> Vec<&str> {
    history["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}

fn output(described: &Value) -> Value {
    serde_json::from_str(described["output"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_role_that_step_functions_cannot_take_is_refused_in_aws_words() {
    let refusal = "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.";
    let world = World::new();
    let error = sfn(&world, "CreateStateMachine", films(&pass()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("AccessDeniedException", refusal)
    );
    role(&world, "glue.amazonaws.com").await;
    let error = sfn(&world, "CreateStateMachine", films(&pass()))
        .await
        .unwrap_err();
    assert_eq!(error.message, refusal);
}

#[tokio::test]
async fn making_the_same_machine_again_changes_nothing_and_another_is_refused() {
    let world = world().await;
    let made = sfn(&world, "CreateStateMachine", films(&pass()))
        .await
        .unwrap();
    assert_eq!(made["stateMachineArn"], FILMS);
    let again = sfn(&world, "CreateStateMachine", films(&pass()))
        .await
        .unwrap();
    assert_eq!(again, made);
    let error = sfn(&world, "CreateStateMachine", films(&wait(1)))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("StateMachineAlreadyExists: State Machine Already Exists: '{FILMS}'")
    );
    let described = sfn(
        &world,
        "DescribeStateMachine",
        json!({"stateMachineArn": FILMS}),
    )
    .await
    .unwrap();
    assert_eq!(described["status"], "ACTIVE");
    assert_eq!(described["type"], "STANDARD");
    assert_eq!(described["definition"], pass().to_string());
    assert_eq!(
        described["loggingConfiguration"],
        json!({"level": "OFF", "includeExecutionData": false})
    );
}

#[tokio::test]
async fn a_name_with_a_space_is_no_name() {
    let world = world().await;
    let mut input = films(&pass());
    input["name"] = json!("two words");
    let error = sfn(&world, "CreateStateMachine", input).await.unwrap_err();
    assert_eq!(error.to_string(), "InvalidName: Invalid Name: 'two words'");
}

#[tokio::test]
async fn a_definition_with_a_mistake_is_refused_with_its_place() {
    let world = world().await;
    let error = sfn(
        &world,
        "CreateStateMachine",
        films(&json!({"StartAt": "Show"})),
    )
    .await
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'"
    );
}

#[tokio::test]
async fn an_operation_that_is_a_slip_away_from_one_of_its_api_is_refused() {
    let world = world().await;
    let resource = |operation: &str| format!("arn:aws:states:::aws-sdk:{operation}");
    let wrong = resource("glue:getTabel.waitForTaskToken");
    let inner = task(&wrong, json!({"Token.$": "$$.Task.Token"}));
    let definition = json!({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": [pass(), inner], "End": true}}});
    let error = sfn(&world, "CreateStateMachine", films(&definition))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The resource provided {wrong} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/Both/Branches[1]/States/Do/Resource'"
        )
    );
    for (operation, result) in [
        ("s3:getObjekt", "FAIL"),
        ("glue:createJob", "OK"),
        ("glue:getTableOfTomorrow", "OK"),
        ("sqs:sendMesage", "OK"),
    ] {
        let definition = task(&resource(operation), json!({})).to_string();
        let validate = json!({"definition": definition});
        let told = sfn(&world, "ValidateStateMachineDefinition", validate)
            .await
            .unwrap();
        assert_eq!(told["result"], result, "{operation}: {told}");
    }
}

#[tokio::test]
async fn what_goes_in_comes_out_and_the_history_tells_how() {
    let world = world().await;
    create(&world, &pass()).await;
    let arn = start(&world, json!({"title": "Metropolis"})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "SUCCEEDED");
    assert_eq!(output(&described), json!({"title": "Metropolis"}));
    let whole = history(&world, &arn, json!({})).await;
    let expected = [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(kinds(&whole), expected);
    let backwards = history(&world, &arn, json!({"reverseOrder": true, "maxResults": 3})).await;
    assert_eq!(backwards["events"][0]["id"], 4);
    let rest = history(
        &world,
        &arn,
        json!({"reverseOrder": true, "maxResults": 3, "nextToken": backwards["nextToken"]}),
    )
    .await;
    assert_eq!(kinds(&rest), ["ExecutionStarted"]);
    assert_eq!(rest.get("nextToken"), None);
    let bare = history(&world, &arn, json!({"includeExecutionData": false})).await;
    assert_eq!(
        bare["events"][1]["stateEnteredEventDetails"],
        json!({"name": "Show"})
    );
}

#[tokio::test]
async fn a_name_starts_one_execution_and_the_same_start_is_answered_again_while_it_runs() {
    let world = world().await;
    create(&world, &wait(60)).await;
    let one = json!({"stateMachineArn": FILMS, "name": "one", "input": "{}"});
    let first = sfn(&world, "StartExecution", one.clone()).await.unwrap();
    assert_eq!(
        sfn(&world, "StartExecution", one.clone()).await.unwrap(),
        first
    );
    let mut other = one.clone();
    other["input"] = json!("[]");
    let error = sfn(&world, "StartExecution", other).await.unwrap_err();
    assert_eq!(error.code, "ExecutionAlreadyExists");
    let arn = &first["executionArn"];
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
    let error = sfn(&world, "StartExecution", one).await.unwrap_err();
    assert_eq!(error.code, "ExecutionAlreadyExists");
}

#[tokio::test]
async fn an_input_that_is_no_json_is_refused() {
    let world = world().await;
    create(&world, &pass()).await;
    let input = json!({"stateMachineArn": FILMS, "input": "not json"});
    let error = sfn(&world, "StartExecution", input).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "InvalidExecutionInput: Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'"
    );
}

#[tokio::test]
async fn the_size_of_an_input_is_one_in_bytes() {
    let world = world().await;
    create(&world, &pass()).await;
    let input = |letters: usize| json!({"stateMachineArn": FILMS, "input": json!("é".repeat(letters)).to_string()});
    sfn(&world, "StartExecution", input(131_071)).await.unwrap();
    for operation in ["StartExecution", "StartSyncExecution"] {
        let error = sfn(&world, operation, input(131_072)).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "ValidationException: 1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144"
        );
    }
}

#[tokio::test]
async fn a_stopped_execution_is_aborted_at_once() {
    let world = world().await;
    create(&world, &wait(3600)).await;
    let arn = start(&world, json!({})).await;
    let stop = json!({"executionArn": arn, "error": "Enough", "cause": "It takes too long."});
    sfn(&world, "StopExecution", stop).await.unwrap();
    let described = describe(&world, &arn).await;
    assert_eq!(described["status"], "ABORTED");
    assert_eq!(described["cause"], "It takes too long.");
    let events = history(&world, &arn, json!({})).await;
    let last = events["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["type"], "ExecutionAborted");
    assert_eq!(last["executionAbortedEventDetails"]["error"], "Enough");
    tokio::time::timeout(Duration::from_secs(5), world.cloud.wait_idle())
        .await
        .expect("nothing runs any more");
}

#[tokio::test]
async fn executions_are_listed_newest_first_by_page_and_by_status() {
    let world = world().await;
    create(&world, &pass()).await;
    let mut started = Vec::new();
    for i in 0..5 {
        let arn = start(&world, json!(i)).await;
        ended(&world, &arn).await;
        started.push(arn);
    }
    started.reverse();
    let (mut listed, mut token) = (Vec::new(), Value::Null);
    loop {
        let page = json!({"stateMachineArn": FILMS, "maxResults": 2, "nextToken": token, "statusFilter": "SUCCEEDED"});
        let page = sfn(&world, "ListExecutions", page).await.unwrap();
        for execution in page["executions"].as_array().unwrap() {
            listed.push(execution["executionArn"].clone());
        }
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(listed, started);
    let failed = json!({"stateMachineArn": FILMS, "statusFilter": "FAILED"});
    let failed = sfn(&world, "ListExecutions", failed).await.unwrap();
    assert_eq!(failed["executions"], json!([]));
}

#[tokio::test]
async fn a_machine_is_deleting_while_an_execution_runs_and_then_gone() {
    let world = world().await;
    create(&world, &wait(3600)).await;
    let arn = start(&world, json!({})).await;
    let machine = json!({"stateMachineArn": FILMS});
    sfn(&world, "DeleteStateMachine", machine.clone())
        .await
        .unwrap();
    let described = sfn(&world, "DescribeStateMachine", machine.clone())
        .await
        .unwrap();
    assert_eq!(described["status"], "DELETING");
    let error = sfn(&world, "CreateStateMachine", films(&pass()))
        .await
        .unwrap_err();
    assert_eq!(error.code, "StateMachineDeleting");
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
    let error = sfn(&world, "DescribeStateMachine", machine.clone())
        .await
        .unwrap_err();
    assert_eq!(error.code, "StateMachineDoesNotExist");
    sfn(&world, "DeleteStateMachine", machine).await.unwrap();
}

#[tokio::test]
async fn an_execution_of_a_deleted_machine_enters_no_other_state() {
    let world = world().await;
    let definition = json!({"StartAt": "Wait", "States": {
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Long"},
        "Long": {"Type": "Wait", "Seconds": 3600, "End": true}}});
    create(&world, &definition).await;
    start(&world, json!({})).await;
    let machine = json!({"stateMachineArn": FILMS});
    sfn(&world, "DeleteStateMachine", machine.clone())
        .await
        .unwrap();
    tokio::time::timeout(Duration::from_secs(10), world.cloud.wait_idle())
        .await
        .expect("the execution ends");
    let error = sfn(&world, "DescribeStateMachine", machine)
        .await
        .unwrap_err();
    assert_eq!(error.code, "StateMachineDoesNotExist");
}

#[tokio::test]
async fn an_update_reaches_new_executions_and_versions_stay_as_they_were() {
    let world = world().await;
    create(&world, &pass()).await;
    let published = sfn(
        &world,
        "PublishStateMachineVersion",
        json!({"stateMachineArn": FILMS, "description": "first"}),
    )
    .await
    .unwrap();
    let version = published["stateMachineVersionArn"].clone();
    assert_eq!(version, format!("{FILMS}:1"));
    let fixed = json!({"StartAt": "Show", "States": {"Show": {"Type": "Pass", "Result": "new", "End": true}}});
    sfn(
        &world,
        "UpdateStateMachine",
        json!({"stateMachineArn": FILMS, "definition": fixed.to_string()}),
    )
    .await
    .unwrap();
    let arn = start(&world, json!("old")).await;
    assert_eq!(output(&ended(&world, &arn).await), json!("new"));
    let input = json!({"stateMachineArn": version, "input": "\"old\""});
    let started = sfn(&world, "StartExecution", input).await.unwrap();
    let described = ended(&world, &started["executionArn"]).await;
    assert_eq!(output(&described), json!("old"));
    assert_eq!(described["stateMachineVersionArn"], version);
    let error = sfn(
        &world,
        "UpdateStateMachine",
        json!({"stateMachineArn": FILMS}),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code, "MissingRequiredParameter");
    let of_version = json!({"stateMachineArn": version, "definition": pass().to_string()});
    let error = sfn(&world, "UpdateStateMachine", of_version).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{FILMS}:1'")
    );
}

#[tokio::test]
async fn an_update_that_changes_nothing_makes_no_revision_and_no_version() {
    for publish in [false, true] {
        let world = world().await;
        let mut input = films(&pass());
        input["publish"] = json!(publish);
        sfn(&world, "CreateStateMachine", input).await.unwrap();
        let same = json!({"stateMachineArn": FILMS, "definition": pass().to_string(), "roleArn": ROLE, "publish": true});
        for _ in 0..2 {
            let updated = sfn(&world, "UpdateStateMachine", same.clone()).await;
            let updated = updated.unwrap();
            assert_eq!(
                updated["stateMachineVersionArn"],
                format!("{FILMS}:1"),
                "published when it was made: {publish}"
            );
            assert_eq!(updated["revisionId"], Value::Null);
        }
    }
    let world = world().await;
    create(&world, &pass()).await;
    let update = json!({"stateMachineArn": FILMS, "definition": wait(1).to_string()});
    let first = sfn(&world, "UpdateStateMachine", update.clone()).await;
    let first = first.unwrap()["revisionId"].clone();
    assert!(first.is_string(), "{first}");
    let second = sfn(&world, "UpdateStateMachine", update).await.unwrap();
    assert_eq!(second["revisionId"], first);
    let shown = sfn(
        &world,
        "DescribeStateMachine",
        json!({"stateMachineArn": FILMS}),
    )
    .await;
    assert_eq!(shown.unwrap()["revisionId"], first);
}

#[tokio::test]
async fn tags_are_added_listed_and_taken_away() {
    let world = world().await;
    let mut input = films(&pass());
    input["tags"] = json!([{"key": "stack", "value": "films"}]);
    sfn(&world, "CreateStateMachine", input).await.unwrap();
    let tags = json!([{"key": "owner", "value": "me"}]);
    sfn(
        &world,
        "TagResource",
        json!({"resourceArn": FILMS, "tags": tags}),
    )
    .await
    .unwrap();
    sfn(
        &world,
        "UntagResource",
        json!({"resourceArn": FILMS, "tagKeys": ["stack"]}),
    )
    .await
    .unwrap();
    let listed = sfn(&world, "ListTagsForResource", json!({"resourceArn": FILMS}))
        .await
        .unwrap();
    assert_eq!(listed["tags"], tags);
    let other = format!("{FILMS}-2");
    let error = sfn(&world, "ListTagsForResource", json!({"resourceArn": other}))
        .await
        .unwrap_err();
    assert_eq!(error.code, "ResourceNotFound");
}

#[tokio::test]
async fn the_variables_that_states_read_are_told_of_a_machine_and_of_its_execution() {
    let world = world().await;
    let definition = json!({"StartAt": "Set", "States": {
        "Set": {"Type": "Pass", "Assign": {"answer": 42}, "Next": "Show"},
        "Show": {"Type": "Pass", "InputPath": "$answer", "End": true}}});
    create(&world, &definition).await;
    let machine = json!({"stateMachineArn": FILMS});
    let shown = sfn(&world, "DescribeStateMachine", machine).await.unwrap();
    assert_eq!(shown["variableReferences"], json!({"Show": ["answer"]}));
    let arn = start(&world, json!({})).await;
    ended(&world, &arn).await;
    let execution = json!({"executionArn": arn});
    let operation = "DescribeStateMachineForExecution";
    let shown = sfn(&world, operation, execution).await.unwrap();
    assert_eq!(shown["variableReferences"], json!({"Show": ["answer"]}));
    let other = json!({"stateMachineArn": FILMS, "definition": pass().to_string()});
    sfn(&world, "UpdateStateMachine", other).await.unwrap();
    let machine = json!({"stateMachineArn": FILMS});
    let shown = sfn(&world, "DescribeStateMachine", machine).await.unwrap();
    assert_eq!(shown["variableReferences"], Value::Null);
}

#[tokio::test]
async fn a_tag_that_comes_twice_is_one_and_a_version_has_none() {
    let world = world().await;
    let mut input = films(&pass());
    input["publish"] = json!(true);
    sfn(&world, "CreateStateMachine", input).await.unwrap();
    let tag = |value: &str| json!({"key": "owner", "value": value});
    let put = |arn: &str, tags: Value| json!({"resourceArn": arn, "tags": tags});
    let twice = put(FILMS, json!([tag("me"), tag("me")]));
    sfn(&world, "TagResource", twice).await.unwrap();
    let differing = put(FILMS, json!([tag("me"), tag("you")]));
    let error = sfn(&world, "TagResource", differing).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "ValidationException: Duplicate tag key: 'owner'"
    );
    let version = format!("{FILMS}:1");
    let of_version = put(&version, json!([tag("you")]));
    let error = sfn(&world, "TagResource", of_version).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("ResourceNotFound: Resource not found: '{version}'")
    );
    let listed = sfn(&world, "ListTagsForResource", json!({"resourceArn": FILMS}));
    assert_eq!(listed.await.unwrap()["tags"], json!([tag("me")]));
}

#[tokio::test]
async fn an_express_execution_is_answered_and_not_kept() {
    let world = world().await;
    let mut input = films(&pass());
    input["type"] = json!("EXPRESS");
    sfn(&world, "CreateStateMachine", input).await.unwrap();
    let input = json!({"stateMachineArn": FILMS, "name": "one", "input": "[1]"});
    let done = sfn(&world, "StartSyncExecution", input).await.unwrap();
    assert_eq!(done["status"], "SUCCEEDED");
    assert_eq!(output(&done), json!([1]));
    assert_eq!(done["billingDetails"]["billedMemoryUsedInMB"], 64);
    let error = sfn(
        &world,
        "DescribeExecution",
        json!({"executionArn": done["executionArn"]}),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code, "InvalidArn");
    let error = sfn(&world, "ListExecutions", json!({"stateMachineArn": FILMS}))
        .await
        .unwrap_err();
    assert_eq!(error.code, "StateMachineTypeNotSupported");
}

#[tokio::test]
async fn a_synchronous_execution_tells_of_no_redrives_and_that_no_output_was_left_out() {
    let world = world().await;
    let definition = json!({"StartAt": "Look", "States": {
        "Look": {"Type": "Pass", "Parameters": {"execution.$": "$$.Execution"}, "ResultPath": "$.seen", "Next": "Which"},
        "Which": {"Type": "Choice", "Choices": [{"Variable": "$.fails", "BooleanEquals": true, "Next": "Fail"}], "Default": "Done"},
        "Fail": {"Type": "Fail", "Error": "Odd"},
        "Done": {"Type": "Succeed"}}});
    let mut machine = films(&definition);
    machine["type"] = json!("EXPRESS");
    sfn(&world, "CreateStateMachine", machine).await.unwrap();
    let input = |fails: bool| json!({"stateMachineArn": FILMS, "input": json!({"fails": fails}).to_string()});
    let done = sfn(&world, "StartSyncExecution", input(false))
        .await
        .unwrap();
    let seen = &output(&done)["seen"]["execution"];
    assert!(seen["RoleArn"].is_string(), "{seen}");
    assert_eq!(seen.get("RedriveCount"), None);
    let failed = sfn(&world, "StartSyncExecution", input(true))
        .await
        .unwrap();
    assert_eq!(failed["status"], "FAILED");
    assert_eq!(failed["outputDetails"], json!({"included": true}));
}

#[tokio::test]
async fn a_task_without_a_permission_fails_and_succeeds_once_it_has_it() {
    let world = world().await;
    let put = json!({"Bucket": "lake", "Key": "k", "Body": {"n": 1}});
    create(&world, &task("arn:aws:states:::aws-sdk:s3:putObject", put)).await;
    let arn = start(&world, json!({})).await;
    let failed = ended(&world, &arn).await;
    assert_eq!(failed["status"], "FAILED");
    assert_eq!(failed["error"], "S3.S3Exception");
    let cause = failed["cause"].as_str().unwrap();
    assert!(
        cause.contains("is not authorized to perform: s3:PutObject"),
        "{cause}"
    );
    allow(&world, json!(["s3:PutObject"])).await;
    let arn = start(&world, json!({})).await;
    assert_eq!(ended(&world, &arn).await["status"], "SUCCEEDED");
    let got = world
        .s3("getObject", json!({"Bucket": "lake", "Key": "k"}))
        .await
        .unwrap();
    assert_eq!(got["Body"], "{\"n\":1}");
}

#[tokio::test]
async fn a_text_is_put_with_its_quotes_as_the_json_that_it_is() {
    let world = world().await;
    allow(&world, json!(["s3:PutObject"])).await;
    let put = json!({"Bucket": "lake", "Key": "k", "Body": "text data"});
    create(&world, &task("arn:aws:states:::aws-sdk:s3:putObject", put)).await;
    let arn = start(&world, json!({})).await;
    let etag = "\"2b5df3712557f503a9977a8ea893b2c9\"";
    assert_eq!(output(&ended(&world, &arn).await)["ETag"], etag);
    let got = world
        .s3("getObject", json!({"Bucket": "lake", "Key": "k"}))
        .await
        .unwrap();
    assert_eq!(got["Body"], "\"text data\"");
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_the_exception_that_a_catch_names() {
    let world = world().await;
    allow(&world, json!(["s3:ListBucket"])).await;
    let definition = json!({"StartAt": "List", "States": {
        "List": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2", "Parameters": {"Bucket": "no-lake"},
            "Catch": [{"ErrorEquals": ["S3.NoSuchBucketException"], "Next": "Missed"}], "End": true},
        "Missed": {"Type": "Pass", "Result": "missed", "End": true}}});
    create(&world, &definition).await;
    let arn = start(&world, json!({})).await;
    assert_eq!(output(&ended(&world, &arn).await), json!("missed"));
}

#[tokio::test]
async fn an_inner_execution_is_waited_for_and_its_output_is_a_document() {
    let world = world().await;
    allow(&world, json!(["states:*", "events:*"])).await;
    let mut inner = films(&pass());
    inner["name"] = json!("inner");
    let inner = sfn(&world, "CreateStateMachine", inner).await.unwrap();
    let parameters =
        json!({"StateMachineArn": inner["stateMachineArn"], "Input": {"title.$": "$.title"}});
    let outer = task("arn:aws:states:::states:startExecution.sync:2", parameters);
    create(&world, &outer).await;
    let arn = start(&world, json!({"title": "Metropolis"})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    let result = output(&described);
    assert_eq!(result["Output"], json!({"title": "Metropolis"}));
    assert_eq!(result["Status"], "SUCCEEDED");
    assert!(result["StartDate"].is_i64());
    let events = history(&world, &arn, json!({})).await;
    assert!(kinds(&events).contains(&"TaskSubmitted"));
}

#[tokio::test]
async fn a_stopped_execution_stops_the_one_inside_it() {
    let world = world().await;
    allow(&world, json!(["states:*", "events:*"])).await;
    let mut inner = films(&wait(3600));
    inner["name"] = json!("inner");
    let inner = sfn(&world, "CreateStateMachine", inner).await.unwrap();
    let inner = inner["stateMachineArn"].clone();
    let parameters = json!({"StateMachineArn": inner, "Name": "one"});
    let outer = task("arn:aws:states:::states:startExecution.sync", parameters);
    create(&world, &outer).await;
    let arn = start(&world, json!({})).await;
    let child = json!("arn:aws:states:eu-west-1:000000000000:execution:inner:one");
    for _ in 0..200 {
        let listed = sfn(&world, "ListExecutions", json!({"stateMachineArn": inner}))
            .await
            .unwrap();
        if listed["executions"] != json!([]) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The outer one has to be waiting before it is stopped.
    tokio::time::sleep(Duration::from_millis(50)).await;
    sfn(&world, "StopExecution", json!({"executionArn": arn}))
        .await
        .unwrap();
    assert_eq!(ended(&world, &child).await["status"], "ABORTED");
}

#[tokio::test]
async fn an_integration_that_the_embedded_cloud_lacks_is_named_and_not_caught() {
    let world = world().await;
    let resource = "arn:aws:states:::sqs:sendMessage";
    let definition = json!({"StartAt": "Send", "States": {
        "Send": {"Type": "Task", "Resource": resource, "Parameters": {"QueueUrl": "q", "MessageBody": "m"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Hidden"}], "End": true},
        "Hidden": {"Type": "Succeed"}}});
    create(&world, &definition).await;
    let arn = start(&world, json!({})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "FAILED");
    assert_eq!(described["error"], "States.Runtime");
    let cause = described["cause"].as_str().unwrap();
    assert!(cause.contains(resource), "{cause}");
}

#[tokio::test]
async fn another_process_can_stop_an_execution() {
    let dir = tempfile::tempdir().unwrap();
    let root = Caller::root("eu-west-1");
    let one = Cloud::open(dir.path()).unwrap();
    let two = Cloud::open(dir.path()).unwrap();
    let execution = start_in(&one, &wait(3600)).await;
    two.invoke(&root, "states", "StopExecution", execution)
        .await
        .unwrap();
    tokio::time::timeout(Duration::from_secs(5), one.wait_idle())
        .await
        .expect("the owner stops running it");
}

/// The rows of a query's page, and a machine that shows them until no page is left, as the
/// worked example does it; a Pass stands for the query.
#[tokio::test]
async fn rows_are_shown_page_after_page_without_the_header() {
    let world = world().await;
    let page = json!({"ResultSet": {"Rows": [{"Data": [{"VarCharValue": "title"}]}, {"Data": [{"VarCharValue": "Metropolis"}]}]}, "NextToken": "more"});
    let last = json!({"ResultSet": {"Rows": [{"Data": [{"VarCharValue": "M"}]}]}});
    let definition = json!({"StartAt": "First page", "States": {
        "First page": {"Type": "Pass", "Result": page, "ResultPath": "$.GetQueryResults", "Next": "Show rows"},
        "Show rows": {"Type": "Map", "ItemsPath": "$.GetQueryResults.ResultSet.Rows[1:]", "ResultPath": null,
            "Iterator": {"StartAt": "Show row", "States": {"Show row": {"Type": "Pass", "End": true}}}, "Next": "More?"},
        "More?": {"Type": "Choice", "Choices": [{"Variable": "$.GetQueryResults.NextToken", "IsPresent": true, "Next": "Next page"}], "Default": "Done"},
        "Next page": {"Type": "Pass", "Result": last, "ResultPath": "$.GetQueryResults", "Next": "Show rows"},
        "Done": {"Type": "Succeed"}}});
    create(&world, &definition).await;
    let arn = start(&world, json!({})).await;
    let described = ended(&world, &arn).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    let events = history(&world, &arn, json!({"maxResults": 1000})).await;
    let shown = kinds(&events)
        .into_iter()
        .filter(|kind| *kind == "MapIterationSucceeded")
        .count();
    assert_eq!(shown, 1);
}

#[tokio::test]
async fn an_input_may_have_a_thousand_levels() {
    let world = world().await;
    create(&world, &pass()).await;
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let input = |levels: usize| json!({"stateMachineArn": FILMS, "input": deep(levels)});
    let started = sfn(&world, "StartExecution", input(900)).await.unwrap();
    let described = ended(&world, &started["executionArn"]).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    assert_eq!(described["output"], deep(900));
    let refused = sfn(&world, "StartExecution", input(1100))
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "InvalidExecutionInput: Invalid State Machine Execution Input: 'The document is nested deeper than 1000 levels.'"
    );
}
