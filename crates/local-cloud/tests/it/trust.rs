//! Who may take a role: the conditions of trust policies, for services and for other roles.

use local_cloud::{Caller, ServiceError};
use serde_json::{Value, json};

use crate::s3::World;

const ACCOUNT: &str = "000000000000";

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

/// A role that a principal may take under a condition, and that may do everything with buckets, the
/// catalog, logs and state machines, and nothing with roles.
async fn role(world: &World, name: &str, principal: Value, condition: Value, tags: Value) {
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}});
    let create =
        json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string(), "Tags": tags});
    call(world, "iam", "CreateRole", create).await.unwrap();
    let actions = ["s3:*", "glue:*", "logs:*", "states:*"];
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}});
    let put = json!({"RoleName": name, "PolicyName": "own", "PolicyDocument": policy.to_string()});
    call(world, "iam", "PutRolePolicy", put).await.unwrap();
}

fn arn(role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{role}")
}

/// The condition that AWS recommends against confused deputies, and what every request has.
fn only(source: &str) -> Value {
    json!({
        "ArnLike": {"aws:SourceArn": source},
        "StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:RequestedRegion": "eu-west-1"},
        "Bool": {"aws:SecureTransport": "true"},
        "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
    })
}

#[tokio::test]
async fn glue_takes_a_role_for_the_crawler_that_its_trust_policy_names() {
    let world = World::with_bucket("lake").await;
    let source = format!("arn:aws:glue:*:{ACCOUNT}:crawler/films");
    let glue = json!({"Service": "glue.amazonaws.com"});
    role(&world, "crawler", glue, only(&source), json!([])).await;
    let database = json!({"DatabaseInput": {"Name": "lake"}});
    world.glue("CreateDatabase", database).await.unwrap();
    let object = json!({"Bucket": "lake", "Key": "films/1.csv", "Body": "id,title\n1,M\n"});
    world.s3("putObject", object).await.unwrap();
    let crawler = |name: &str| {
        json!({"Name": name, "DatabaseName": "lake", "Role": "crawler",
            "Targets": {"S3Targets": [{"Path": "s3://lake/films/"}]}})
    };
    let refused = world.glue("CreateCrawler", crawler("casts")).await;
    assert_eq!(refused.unwrap_err().code, "InvalidInputException");
    world.glue("CreateCrawler", crawler("films")).await.unwrap();
    let films = json!({"Name": "films"});
    world.glue("StartCrawler", films.clone()).await.unwrap();
    world.cloud.wait_idle().await;
    let shown = world.glue("GetCrawler", films).await.unwrap();
    let last = &shown["Crawler"]["LastCrawl"];
    assert_eq!(last["Status"], "SUCCEEDED", "{last}");
}

#[tokio::test]
async fn step_functions_takes_a_role_for_the_machine_that_its_trust_policy_names() {
    let world = World::with_bucket("lake").await;
    let source = format!("arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:films");
    let states = json!({"Service": "states.amazonaws.com"});
    role(&world, "machine", states, only(&source), json!([])).await;
    let list = json!({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
        "Parameters": {"Bucket": "lake"}, "End": true});
    let definition = json!({"StartAt": "List", "States": {"List": list}});
    let machine = |name: &str| json!({"name": name, "definition": definition.to_string(), "roleArn": arn("machine")});
    let refused = call(&world, "states", "CreateStateMachine", machine("casts")).await;
    assert_eq!(refused.unwrap_err().code, "AccessDeniedException");
    let made = call(&world, "states", "CreateStateMachine", machine("films")).await;
    assert_eq!(made.unwrap()["stateMachineArn"], source);
    assert_eq!(status(&world, &source).await, "SUCCEEDED");
}

/// How an execution of a machine ends.
async fn status(world: &World, machine: &str) -> Value {
    let described = ended(world, machine).await;
    match &described["error"] {
        Value::Null => described["status"].clone(),
        error => error.clone(),
    }
}

/// What is told of an execution that has ended.
async fn ended(world: &World, machine: &str) -> Value {
    let start = json!({"stateMachineArn": machine});
    let started = call(world, "states", "StartExecution", start)
        .await
        .unwrap();
    world.cloud.wait_idle().await;
    let of = json!({"executionArn": started["executionArn"]});
    call(world, "states", "DescribeExecution", of)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_scheduler_takes_a_role_for_the_group_that_its_trust_policy_names() {
    let world = World::new();
    let source = format!("arn:aws:scheduler:*:{ACCOUNT}:schedule-group/lake");
    let scheduler = json!({"Service": "scheduler.amazonaws.com"});
    role(&world, "clock", scheduler, only(&source), json!([])).await;
    let group = json!({"Name": "lake"});
    call(&world, "scheduler", "CreateScheduleGroup", group)
        .await
        .unwrap();
    let schedule = |group: &str| {
        json!({"Name": "nightly", "GroupName": group, "ScheduleExpression": "rate(1 minute)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": "arn:aws:scheduler:::aws-sdk:glue:createDatabase", "RoleArn": arn("clock"),
                "Input": "{\"DatabaseInput\": {\"Name\": \"made\"}}"}})
    };
    let refused = call(&world, "scheduler", "CreateSchedule", schedule("default")).await;
    assert_eq!(refused.unwrap_err().code, "ValidationException");
    call(&world, "scheduler", "CreateSchedule", schedule("lake"))
        .await
        .unwrap();
    local_cloud::scheduler::tick(&world.cloud, chrono::Utc::now())
        .await
        .unwrap();
    world.cloud.wait_idle().await;
    let made = json!({"Name": "made"});
    world.glue("GetDatabase", made).await.unwrap();
}

#[tokio::test]
async fn assume_role_has_the_keys_of_the_caller_and_of_the_request() {
    let world = World::new();
    let condition = json!({
        "StringEquals": {"aws:PrincipalTag/team": "data", "sts:ExternalId": "x1", "aws:RequestTag/film": "M"},
        "StringLike": {"sts:RoleSessionName": "ada-*"},
        "Bool": {"aws:SecureTransport": "true"},
        "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
    });
    let anyone = json!({"Service": "states.amazonaws.com"});
    let tags = json!([{"Key": "team", "Value": "data"}]);
    role(&world, "reader", anyone.clone(), json!({}), tags).await;
    role(&world, "stranger", anyone, json!({}), json!([])).await;
    let named = json!({"AWS": [arn("reader"), arn("stranger")]});
    role(&world, "target", named, condition, json!([])).await;
    let assume = async |who: &str, session: &str, external: &str| {
        let caller = Caller::assumed(ACCOUNT, "eu-west-1", who, "s");
        let input = json!({"RoleArn": arn("target"), "RoleSessionName": session,
            "ExternalId": external, "Tags": [{"Key": "film", "Value": "M"}]});
        let answer = world.cloud.invoke(&caller, "sts", "AssumeRole", input);
        answer.await.map_err(|error| error.message)
    };
    assume("reader", "ada-1", "x1").await.unwrap();
    let refused = "User: arn:aws:sts::000000000000:assumed-role/reader/s is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role/target because no role trust policy allows the sts:AssumeRole action";
    for (session, external) in [("bob", "x1"), ("ada-1", "x2")] {
        assert_eq!(
            assume("reader", session, external).await.unwrap_err(),
            refused
        );
    }
    let stranger = assume("stranger", "ada-1", "x1").await;
    assert_eq!(
        stranger.unwrap_err(),
        refused.replace("reader/s", "stranger/s")
    );
}

#[tokio::test]
async fn an_account_that_is_trusted_leaves_the_rest_to_the_callers_policies() {
    let world = World::new();
    let service = json!({"Service": "states.amazonaws.com"});
    role(&world, "reader", service, json!({}), json!([])).await;
    let account = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    role(&world, "target", account, json!({}), json!([])).await;
    let caller = Caller::assumed(ACCOUNT, "eu-west-1", "reader", "s");
    let input = json!({"RoleArn": arn("target"), "RoleSessionName": "take"});
    let refused = world
        .cloud
        .invoke(&caller, "sts", "AssumeRole", input.clone())
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.status),
        ("AccessDenied", 403)
    );
    assert!(
        refused
            .message
            .ends_with("because no identity-based policy allows the sts:AssumeRole action"),
        "{}",
        refused.message
    );
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn("target")}});
    let put =
        json!({"RoleName": "reader", "PolicyName": "take", "PolicyDocument": policy.to_string()});
    call(&world, "iam", "PutRolePolicy", put).await.unwrap();
    let taken = world
        .cloud
        .invoke(&caller, "sts", "AssumeRole", input)
        .await;
    assert!(taken.is_ok(), "{taken:?}");
}

#[tokio::test]
async fn a_task_takes_the_role_of_its_credentials_as_assume_role_would() {
    let world = World::with_bucket("lake").await;
    let states = json!({"Service": "states.amazonaws.com"});
    role(&world, "machine", states, json!({}), json!([])).await;
    let machine = format!("arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:films");
    let named = json!({"AWS": arn("machine")});
    let held = |machine: &str| json!({"StringEquals": {"sts:ExternalId": machine}});
    role(&world, "target", named.clone(), held(&machine), json!([])).await;
    role(&world, "other", named, held("another"), json!([])).await;
    let definition = |role: &str| {
        json!({"StartAt": "List", "States": {"List": {"Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2", "Parameters": {"Bucket": "lake"},
            "Credentials": {"RoleArn": arn(role)}, "End": true}}})
        .to_string()
    };
    let create =
        json!({"name": "films", "definition": definition("target"), "roleArn": arn("machine")});
    call(&world, "states", "CreateStateMachine", create)
        .await
        .unwrap();
    assert_eq!(status(&world, &machine).await, "SUCCEEDED");
    let update = json!({"stateMachineArn": machine, "definition": definition("other")});
    call(&world, "states", "UpdateStateMachine", update)
        .await
        .unwrap();
    let refused = ended(&world, &machine).await;
    assert_eq!(refused["error"], "States.TaskFailed");
    let cause = format!(
        "The role {} is not authorized to assume the task state's role, {}.",
        arn("machine"),
        arn("other")
    );
    assert_eq!(refused["cause"], cause);
}
