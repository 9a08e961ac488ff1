//! Schedules: kept, refused as AWS refuses them, and fired when they are due.

use chrono::{DateTime, Duration, Utc};
use local_cloud::{Cloud, ServiceError, scheduler};
use serde_json::{Value, json};

use crate::s3::World;

const ROLE: &str = "arn:aws:iam::000000000000:role/clock";
const MACHINE: &str = "arn:aws:states:eu-west-1:000000000000:stateMachine:films";

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

async fn scheduler_call(
    world: &World,
    operation: &str,
    input: Value,
) -> Result<Value, ServiceError> {
    call(world, "scheduler", operation, input).await
}

async fn role(world: &World, name: &str, service: &str, actions: Value) {
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}});
    let input = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
    call(world, "iam", "CreateRole", input).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}});
    let input =
        json!({"RoleName": name, "PolicyName": "all", "PolicyDocument": policy.to_string()});
    call(world, "iam", "PutRolePolicy", input).await.unwrap();
}

/// A state machine `films`, and the role `clock` that may start it.
async fn world() -> World {
    let world = World::new();
    role(&world, "machine", "states.amazonaws.com", json!("logs:*")).await;
    role(
        &world,
        "clock",
        "scheduler.amazonaws.com",
        json!("states:StartExecution"),
    )
    .await;
    let definition = json!({"StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": true}}});
    let input = json!({"name": "films", "definition": definition.to_string(), "roleArn": "arn:aws:iam::000000000000:role/machine"});
    call(&world, "states", "CreateStateMachine", input)
        .await
        .unwrap();
    world
}

/// A schedule `nightly` of the state machine, with other members over it.
fn nightly(expression: &str, more: Value) -> Value {
    let mut input = json!({
        "Name": "nightly",
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": MACHINE, "RoleArn": ROLE, "Input": "{\"at\": \"<aws.scheduler.scheduled-time>\"}"},
    });
    for (member, value) in more.as_object().unwrap() {
        input[member] = value.clone();
    }
    input
}

async fn create(world: &World, expression: &str, more: Value) {
    scheduler_call(world, "CreateSchedule", nightly(expression, more))
        .await
        .unwrap();
}

/// The inputs of all executions of the state machine, oldest first.
async fn executions(world: &World) -> Vec<Value> {
    world.cloud.wait_idle().await;
    let input = json!({"stateMachineArn": MACHINE});
    let listed = call(world, "states", "ListExecutions", input)
        .await
        .unwrap();
    let mut inputs = Vec::new();
    for execution in listed["executions"].as_array().unwrap().iter().rev() {
        let input = json!({"executionArn": execution["executionArn"]});
        let described = call(world, "states", "DescribeExecution", input)
            .await
            .unwrap();
        inputs.push(serde_json::from_str(described["input"].as_str().unwrap()).unwrap());
    }
    inputs
}

/// Tomorrow at this hour, UTC.
fn tomorrow_at(hour: u32) -> DateTime<Utc> {
    let tomorrow = Utc::now().date_naive().succ_opt().unwrap();
    tomorrow.and_hms_opt(hour, 0, 0).unwrap().and_utc()
}

fn seconds(count: i64) -> Duration {
    Duration::seconds(count)
}

#[tokio::test]
async fn a_schedule_fires_at_its_times_and_at_no_other() {
    let world = world().await;
    create(&world, "cron(0 3 * * ? *)", json!({})).await;
    let due = tomorrow_at(3);
    // Whatever of today's times is to come is over then.
    scheduler::tick(&world.cloud, due - seconds(3600))
        .await
        .unwrap();
    assert_eq!(
        scheduler::tick(&world.cloud, due - seconds(1))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        scheduler::tick(&world.cloud, due + seconds(1))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        scheduler::tick(&world.cloud, due + seconds(2))
            .await
            .unwrap(),
        0
    );
    let time = due.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert_eq!(executions(&world).await, [json!({"at": time})]);
    assert_eq!(
        scheduler::tick(&world.cloud, due + Duration::days(1))
            .await
            .unwrap(),
        1
    );
    assert_eq!(executions(&world).await.len(), 2);
}

#[tokio::test]
async fn times_at_which_nobody_served_are_not_made_up() {
    let world = world().await;
    create(&world, "cron(0 3 * * ? *)", json!({})).await;
    let much_later = tomorrow_at(9) + Duration::days(7);
    assert_eq!(scheduler::tick(&world.cloud, much_later).await.unwrap(), 0);
    assert!(executions(&world).await.is_empty());
    let next = tomorrow_at(3) + Duration::days(8);
    assert_eq!(scheduler::tick(&world.cloud, next).await.unwrap(), 1);
}

#[tokio::test]
async fn of_two_processes_that_serve_one_store_one_fires() {
    let world = world().await;
    let other = Cloud::open(world.cloud.store().dir()).unwrap();
    create(&world, "rate(1 hour)", json!({})).await;
    let now = Utc::now();
    let mut fired = 0;
    for cloud in [&world.cloud, &other, &world.cloud] {
        fired += scheduler::tick(cloud, now).await.unwrap();
    }
    assert_eq!(fired, 1);
    other.wait_idle().await;
    assert_eq!(executions(&world).await.len(), 1);
}

#[tokio::test]
async fn a_disabled_schedule_and_one_that_is_deleted_do_not_fire() {
    let world = world().await;
    create(&world, "rate(1 minute)", json!({"State": "DISABLED"})).await;
    create(&world, "rate(1 minute)", json!({"Name": "gone"})).await;
    scheduler_call(&world, "DeleteSchedule", json!({"Name": "gone"}))
        .await
        .unwrap();
    assert_eq!(
        scheduler::tick(&world.cloud, Utc::now() + seconds(30))
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn nothing_fires_after_the_end() {
    let world = world().await;
    let end = tomorrow_at(4).timestamp();
    create(
        &world,
        "cron(0 * * * ? *)",
        json!({"EndDate": end, "ActionAfterCompletion": "DELETE"}),
    )
    .await;
    for hour in 3..7 {
        scheduler::tick(&world.cloud, tomorrow_at(hour))
            .await
            .unwrap();
        world.cloud.wait_idle().await;
    }
    let times: Vec<Value> = executions(&world).await;
    let time = |hour| json!({"at": tomorrow_at(hour).format("%Y-%m-%dT%H:%M:%SZ").to_string()});
    assert_eq!(times, [time(3), time(4)]);
    let error = scheduler_call(&world, "GetSchedule", json!({"Name": "nightly"}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.status),
        ("ResourceNotFoundException", 404)
    );
}

#[tokio::test]
async fn one_time_in_a_time_zone_comes_once_and_the_schedule_stays_unless_it_is_to_go() {
    let world = world().await;
    let local = tomorrow_at(9).format("at(%Y-%m-%dT%H:%M:%S)").to_string();
    create(
        &world,
        &local,
        json!({"ScheduleExpressionTimezone": "Asia/Tokyo"}),
    )
    .await;
    let due = tomorrow_at(0);
    assert_eq!(
        scheduler::tick(&world.cloud, due - seconds(1))
            .await
            .unwrap(),
        0
    );
    assert_eq!(scheduler::tick(&world.cloud, due).await.unwrap(), 1);
    assert_eq!(
        scheduler::tick(&world.cloud, due + Duration::days(1))
            .await
            .unwrap(),
        0
    );
    let there = scheduler_call(&world, "GetSchedule", json!({"Name": "nightly"}))
        .await
        .unwrap();
    assert_eq!(there["State"], "ENABLED");
}

#[tokio::test]
async fn a_flexible_window_is_kept_to() {
    let world = world().await;
    let window = json!({"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}});
    create(&world, "cron(0 3 * * ? *)", window).await;
    let due = tomorrow_at(3);
    scheduler::tick(&world.cloud, due - seconds(3600))
        .await
        .unwrap();
    let mut fired = Vec::new();
    for second in (-60..=660).step_by(10) {
        let now = due + seconds(second);
        for _ in 0..scheduler::tick(&world.cloud, now).await.unwrap() {
            fired.push(second);
        }
    }
    assert_eq!(fired.len(), 1, "{fired:?}");
    assert!((0..=610).contains(&fired[0]), "{fired:?}");
}

#[tokio::test]
async fn a_universal_target_starts_a_crawler_under_the_schedules_role() {
    let world = world().await;
    role(
        &world,
        "crawls",
        "glue.amazonaws.com",
        json!(["s3:*", "glue:*", "logs:*"]),
    )
    .await;
    role(
        &world,
        "starter",
        "scheduler.amazonaws.com",
        json!("glue:StartCrawler"),
    )
    .await;
    world
        .s3("createBucket", json!({"Bucket": "lake", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}))
        .await
        .unwrap();
    call(
        &world,
        "glue",
        "CreateDatabase",
        json!({"DatabaseInput": {"Name": "lake"}}),
    )
    .await
    .unwrap();
    let crawler = json!({"Name": "films", "Role": "crawls", "DatabaseName": "lake", "Targets": {"S3Targets": [{"Path": "s3://lake/"}]}});
    call(&world, "glue", "CreateCrawler", crawler)
        .await
        .unwrap();
    let target = |role: &str| json!({"Arn": "arn:aws:scheduler:::aws-sdk:glue:startCrawler", "RoleArn": format!("arn:aws:iam::000000000000:role/{role}"), "Input": "{\"Name\": \"films\"}"});
    // A role that may not start it starts nothing.
    create(
        &world,
        "rate(1 day)",
        json!({"Name": "denied", "Target": target("clock")}),
    )
    .await;
    assert_eq!(scheduler::tick(&world.cloud, Utc::now()).await.unwrap(), 1);
    world.cloud.wait_idle().await;
    let crawls = |found: Value| found["Crawls"].as_array().map_or(0, Vec::len);
    let listed = call(
        &world,
        "glue",
        "ListCrawls",
        json!({"CrawlerName": "films"}),
    )
    .await
    .unwrap();
    assert_eq!(crawls(listed), 0);
    create(
        &world,
        "rate(1 day)",
        json!({"Name": "allowed", "Target": target("starter")}),
    )
    .await;
    assert_eq!(scheduler::tick(&world.cloud, Utc::now()).await.unwrap(), 1);
    world.cloud.wait_idle().await;
    let listed = call(
        &world,
        "glue",
        "ListCrawls",
        json!({"CrawlerName": "films"}),
    )
    .await
    .unwrap();
    assert_eq!(crawls(listed), 1);
}

#[tokio::test]
async fn a_target_without_input_gets_awss_notification() {
    let world = world().await;
    let target = json!({"Target": {"Arn": MACHINE, "RoleArn": ROLE}});
    create(&world, "rate(1 hour)", target).await;
    scheduler::tick(&world.cloud, Utc::now()).await.unwrap();
    let inputs = executions(&world).await;
    assert_eq!(inputs[0]["source"], "aws.scheduler");
    assert_eq!(
        inputs[0]["resources"][0],
        "arn:aws:scheduler:eu-west-1:000000000000:schedule/default/nightly"
    );
}

#[tokio::test]
async fn a_schedule_is_read_back_with_awss_defaults() {
    let world = world().await;
    create(&world, "rate(1 hour)", json!({})).await;
    let there = scheduler_call(&world, "GetSchedule", json!({"Name": "nightly"}))
        .await
        .unwrap();
    for (member, expected) in [
        ("State", json!("ENABLED")),
        ("GroupName", json!("default")),
        ("ScheduleExpressionTimezone", json!("UTC")),
        ("ActionAfterCompletion", json!("NONE")),
        ("FlexibleTimeWindow", json!({"Mode": "OFF"})),
    ] {
        assert_eq!(there[member], expected, "{member}");
    }
    let retries = json!({"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185});
    assert_eq!(there["Target"]["RetryPolicy"], retries);
    let update = nightly("rate(2 hours)", json!({"Description": "slower"}));
    scheduler_call(&world, "UpdateSchedule", update)
        .await
        .unwrap();
    let there = scheduler_call(&world, "GetSchedule", json!({"Name": "nightly"}))
        .await
        .unwrap();
    assert_eq!(
        (&there["ScheduleExpression"], &there["Description"]),
        (&json!("rate(2 hours)"), &json!("slower"))
    );
}

#[tokio::test]
async fn wrong_schedules_are_refused_in_awss_words() {
    let world = world().await;
    create(&world, "rate(1 hour)", json!({"Name": "there"})).await;
    role(&world, "other", "glue.amazonaws.com", json!("*")).await;
    let with_role =
        json!({"Target": {"Arn": MACHINE, "RoleArn": "arn:aws:iam::000000000000:role/other"}});
    let wrong = [
        (
            nightly("rate(1 fortnight)", json!({})),
            "ValidationException",
            "Invalid Schedule Expression rate(1 fortnight).",
        ),
        (
            nightly("rate(1 hour)", with_role),
            "ValidationException",
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        ),
        (
            nightly("rate(1 hour)", json!({"Name": "there"})),
            "ConflictException",
            "Schedule there already exists.",
        ),
        (
            nightly("rate(1 hour)", json!({"GroupName": "none"})),
            "ResourceNotFoundException",
            "Schedule group none does not exist.",
        ),
        (
            nightly(
                "rate(1 hour)",
                json!({"Target": {"Arn": "films", "RoleArn": ROLE}}),
            ),
            "ValidationException",
            "Provided Arn is not in correct format.",
        ),
        (
            nightly("rate(1 hour)", json!({"StartDate": 1})),
            "ValidationException",
            "The StartDate you specify cannot be earlier than 5 minutes ago.",
        ),
    ];
    for (input, code, message) in wrong {
        let error = scheduler_call(&world, "CreateSchedule", input)
            .await
            .unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            (code, message)
        );
    }
    for operation in ["GetSchedule", "DeleteSchedule"] {
        let error = scheduler_call(&world, operation, json!({"Name": "none"}))
            .await
            .unwrap_err();
        assert_eq!(error.message, "Schedule none does not exist.");
    }
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_answered_again_by_its_token() {
    let world = world().await;
    let input = nightly("rate(1 hour)", json!({"ClientToken": "one"}));
    for _ in 0..2 {
        scheduler_call(&world, "CreateSchedule", input.clone())
            .await
            .unwrap();
    }
    let other = nightly("rate(2 hours)", json!({"ClientToken": "one"}));
    let error = scheduler_call(&world, "CreateSchedule", other)
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.status),
        ("ConflictException", 409)
    );
}

#[tokio::test]
async fn a_group_has_tags_and_takes_its_schedules_along() {
    let world = world().await;
    let group = json!({"Name": "films", "Tags": [{"Key": "team", "Value": "data"}]});
    scheduler_call(&world, "CreateScheduleGroup", group)
        .await
        .unwrap();
    create(&world, "rate(1 hour)", json!({"GroupName": "films"})).await;
    create(&world, "rate(1 hour)", json!({})).await;
    let arn = "arn:aws:scheduler:eu-west-1:000000000000:schedule-group/films";
    let tags = scheduler_call(&world, "ListTagsForResource", json!({"ResourceArn": arn}))
        .await
        .unwrap();
    assert_eq!(tags["Tags"], json!([{"Key": "team", "Value": "data"}]));
    let listed = scheduler_call(&world, "ListSchedules", json!({"GroupName": "films"}))
        .await
        .unwrap();
    assert_eq!(listed["Schedules"].as_array().unwrap().len(), 1);
    let all = scheduler_call(&world, "ListScheduleGroups", json!({}))
        .await
        .unwrap();
    assert_eq!(all["ScheduleGroups"].as_array().unwrap().len(), 2);
    scheduler_call(&world, "DeleteScheduleGroup", json!({"Name": "films"}))
        .await
        .unwrap();
    let listed = scheduler_call(&world, "ListSchedules", json!({}))
        .await
        .unwrap();
    assert_eq!(listed["Schedules"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_crawler_starts_by_its_own_schedule_until_that_is_stopped() {
    let world = world().await;
    let bucket =
        json!({"Bucket": "lake", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}});
    world.s3("createBucket", bucket).await.unwrap();
    role(
        &world,
        "crawls",
        "glue.amazonaws.com",
        json!(["s3:*", "glue:*", "logs:*"]),
    )
    .await;
    call(
        &world,
        "glue",
        "CreateDatabase",
        json!({"DatabaseInput": {"Name": "lake"}}),
    )
    .await
    .unwrap();
    let crawler = json!({"Name": "films", "Role": "crawls", "DatabaseName": "lake", "Targets": {"S3Targets": [{"Path": "s3://lake/"}]}, "Schedule": "cron(0 3 * * ? *)"});
    call(&world, "glue", "CreateCrawler", crawler)
        .await
        .unwrap();
    let due = tomorrow_at(3);
    let other = Cloud::open(world.cloud.store().dir()).unwrap();
    assert_eq!(
        scheduler::tick(&world.cloud, due - seconds(3600))
            .await
            .unwrap(),
        0
    );
    let mut started = 0;
    for cloud in [&world.cloud, &other, &world.cloud] {
        started += scheduler::tick(cloud, due).await.unwrap();
        cloud.wait_idle().await;
    }
    assert_eq!(started, 1);
    call(
        &world,
        "glue",
        "StopCrawlerSchedule",
        json!({"CrawlerName": "films"}),
    )
    .await
    .unwrap();
    assert_eq!(
        scheduler::tick(&world.cloud, due + Duration::days(1))
            .await
            .unwrap(),
        0
    );
    let listed = call(
        &world,
        "glue",
        "ListCrawls",
        json!({"CrawlerName": "films"}),
    )
    .await
    .unwrap();
    assert_eq!(listed["Crawls"].as_array().unwrap().len(), 1);
}
