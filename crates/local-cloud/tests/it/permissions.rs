//! What a role may do, and how a refusal reads.

use local_cloud::iam::{CannotAssume, ServiceCaller, assume_for_service};
use local_cloud::{Caller, Principal, ServiceError};
use serde_json::{Value, json};

use crate::s3::World;

const GLUE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

async fn iam(world: &World, operation: &str, input: Value) -> Result<Value, ServiceError> {
    world
        .cloud
        .invoke(&world.root, "iam", operation, input)
        .await
}

/// A service that takes a role for a crawler.
fn service<'a>(principal: &'a str, session: &'a str) -> ServiceCaller<'a> {
    ServiceCaller {
        principal,
        source_arn: "arn:aws:glue:eu-west-1:000000000000:crawler/films",
        session,
    }
}

async fn crawler_role(world: &World) -> Caller {
    iam(
        world,
        "CreateRole",
        json!({"RoleName": "crawler", "Path": "/athglue/films/", "AssumeRolePolicyDocument": GLUE}),
    )
    .await
    .unwrap();
    assume_for_service(
        &world.cloud,
        "eu-west-1",
        "arn:aws:iam::000000000000:role/athglue/films/crawler",
        service("glue.amazonaws.com", "AWS-Crawler"),
    )
    .unwrap()
    .unwrap()
}

#[tokio::test]
async fn a_role_without_a_permission_is_refused_in_aws_words_until_it_has_it() {
    let world = World::with_bucket("lake").await;
    world
        .s3(
            "putObject",
            json!({"Bucket": "lake", "Key": "k", "Body": "1"}),
        )
        .await
        .unwrap();
    let crawler = crawler_role(&world).await;
    let get = json!({"Bucket": "lake", "Key": "k"});
    let error = world
        .cloud
        .invoke(&crawler, "s3", "getObject", get.clone())
        .await
        .unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("AccessDenied", 403));
    assert_eq!(
        error.message,
        "User: arn:aws:sts::000000000000:assumed-role/crawler/AWS-Crawler is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::lake/k\" because no identity-based policy allows the s3:GetObject action"
    );
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}});
    iam(
        &world,
        "PutRolePolicy",
        json!({"RoleName": "crawler", "PolicyName": "read", "PolicyDocument": policy.to_string()}),
    )
    .await
    .unwrap();
    let got = world
        .cloud
        .invoke(&crawler, "s3", "getObject", get)
        .await
        .unwrap();
    assert_eq!(got["Body"], "1");
}

#[tokio::test]
async fn a_managed_policy_of_aws_gives_what_it_says() {
    let world = World::with_bucket("lake").await;
    let crawler = crawler_role(&world).await;
    iam(
        &world,
        "AttachRolePolicy",
        json!({"RoleName": "crawler", "PolicyArn": "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"}),
    )
    .await
    .unwrap();
    world
        .cloud
        .invoke(&crawler, "s3", "listObjectsV2", json!({"Bucket": "lake"}))
        .await
        .unwrap();
    let error = world
        .cloud
        .invoke(
            &crawler,
            "s3",
            "putObject",
            json!({"Bucket": "lake", "Key": "k"}),
        )
        .await
        .unwrap_err();
    assert_eq!(error.code, "AccessDenied");
}

#[tokio::test]
async fn a_service_takes_only_the_roles_that_trust_it() {
    let world = World::new();
    crawler_role(&world).await;
    let take = |role: &str, principal: &str| {
        assume_for_service(&world.cloud, "eu-west-1", role, service(principal, "s")).unwrap()
    };
    assert!(take("athglue/films/crawler", "glue.amazonaws.com").is_ok());
    assert_eq!(
        take("crawler", "states.amazonaws.com"),
        Err(CannotAssume::NotTrusted)
    );
    assert_eq!(
        take(
            "arn:aws:iam::000000000000:role/crawler",
            "glue.amazonaws.com"
        ),
        Err(CannotAssume::NoSuchRole)
    );
}

#[tokio::test]
async fn a_role_with_policies_is_not_deleted() {
    let world = World::new();
    crawler_role(&world).await;
    let arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let attachment = json!({"RoleName": "crawler", "PolicyArn": arn});
    let role = json!({"RoleName": "crawler"});
    iam(&world, "AttachRolePolicy", attachment.clone())
        .await
        .unwrap();
    let error = iam(&world, "DeleteRole", role.clone()).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("DeleteConflict", 409));
    assert_eq!(
        error.message,
        "Cannot delete entity, must detach all policies first."
    );
    iam(&world, "DetachRolePolicy", attachment).await.unwrap();
    iam(&world, "DeleteRole", role.clone()).await.unwrap();
    let error = iam(&world, "GetRole", role).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("NoSuchEntity", 404));
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_is_refused() {
    let world = World::new();
    let error = iam(
        &world,
        "CreateRole",
        json!({"RoleName": "r", "AssumeRolePolicyDocument": "{}"}),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code, "MalformedPolicyDocument");
}

/// The role `crawler` with one policy of these statements.
async fn allow(world: &World, statements: Value) {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let input =
        json!({"RoleName": "crawler", "PolicyName": "own", "PolicyDocument": policy.to_string()});
    iam(world, "PutRolePolicy", input).await.unwrap();
}

async fn refused(world: &World, caller: &Caller, service: &str, call: (&str, Value)) -> String {
    let answer = world.cloud.invoke(caller, service, call.0, call.1).await;
    answer.unwrap_err().message
}

/// Bucket policies come in over S3's own protocol, which these tests do not speak.
fn set_bucket_policy(world: &World, policy: &Value) {
    let set = world.cloud.store().write(|tx| {
        tx.execute(
            "INSERT OR REPLACE INTO s3_settings VALUES ('lake', 'policy', ?1)",
            [policy.to_string()],
        )?;
        Ok(())
    });
    set.unwrap();
}

#[tokio::test]
async fn every_refusal_names_the_policy_that_it_comes_from() {
    let world = World::with_bucket("lake").await;
    let crawler = crawler_role(&world).await;
    let get = || ("getObject", json!({"Bucket": "lake", "Key": "k"}));
    allow(
        &world,
        json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]),
    )
    .await;
    let message = refused(&world, &crawler, "s3", get()).await;
    assert!(
        message.ends_with("with an explicit deny in an identity-based policy"),
        "{message}"
    );
    allow(
        &world,
        json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    )
    .await;
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}});
    set_bucket_policy(&world, &policy);
    let message = refused(&world, &crawler, "s3", get()).await;
    assert!(
        message.ends_with("with an explicit deny in a resource-based policy"),
        "{message}"
    );
    let nobody = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": {"AWS": "999999999999"}, "Action": "s3:*", "Resource": "arn:aws:s3:::lake/*"}});
    set_bucket_policy(&world, &nobody);
    let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "glue:*", "Resource": "*"}});
    let most = iam(
        &world,
        "CreatePolicy",
        json!({"PolicyName": "most", "PolicyDocument": document.to_string()}),
    )
    .await
    .unwrap();
    let boundary = json!({"RoleName": "crawler", "PermissionsBoundary": most["Policy"]["Arn"]});
    iam(&world, "PutRolePermissionsBoundary", boundary)
        .await
        .unwrap();
    let message = refused(&world, &crawler, "s3", get()).await;
    assert!(
        message.ends_with("because no permissions boundary allows the s3:GetObject action"),
        "{message}"
    );
}

#[tokio::test]
async fn a_bucket_policy_lets_a_role_in_that_has_no_policy_of_its_own() {
    let world = World::with_bucket("lake").await;
    let crawler = crawler_role(&world).await;
    world
        .s3(
            "putObject",
            json!({"Bucket": "lake", "Key": "k", "Body": "1"}),
        )
        .await
        .unwrap();
    let principal = "arn:aws:iam::000000000000:role/athglue/films/crawler";
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}});
    set_bucket_policy(&world, &policy);
    let get = json!({"Bucket": "lake", "Key": "k"});
    let got = world.cloud.invoke(&crawler, "s3", "getObject", get).await;
    assert_eq!(got.unwrap()["Body"], "1");
}

#[tokio::test]
async fn tags_of_the_request_and_of_the_resource_decide() {
    let world = World::new();
    let crawler = crawler_role(&world).await;
    allow(
        &world,
        json!([
            {"Effect": "Allow", "Action": "athena:CreateWorkGroup", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/team": "films"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}},
            {"Effect": "Allow", "Action": "athena:GetWorkGroup", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "films"}}},
        ]),
    )
    .await;
    let make = |name: &str, team: &str| {
        (
            "CreateWorkGroup",
            json!({"Name": name, "Tags": [{"Key": "team", "Value": team}]}),
        )
    };
    let message = refused(&world, &crawler, "athena", make("songs", "songs")).await;
    assert!(message.contains("athena:CreateWorkGroup"), "{message}");
    let (operation, input) = make("films", "films");
    world
        .cloud
        .invoke(&crawler, "athena", operation, input)
        .await
        .unwrap();
    let (operation, input) = make("songs", "songs");
    world
        .cloud
        .invoke(&world.root, "athena", operation, input)
        .await
        .unwrap();
    let get = |name: &str| ("GetWorkGroup", json!({ "WorkGroup": name }));
    let (operation, input) = get("films");
    world
        .cloud
        .invoke(&crawler, "athena", operation, input)
        .await
        .unwrap();
    let message = refused(&world, &crawler, "athena", get("songs")).await;
    assert!(message.contains("athena:GetWorkGroup"), "{message}");
}

#[tokio::test]
async fn who_makes_a_crawler_has_to_be_allowed_to_pass_its_role_to_glue() {
    let world = World::with_bucket("lake").await;
    let crawler = crawler_role(&world).await;
    let role = "arn:aws:iam::000000000000:role/athglue/films/crawler";
    let passes = |service: &str| {
        json!([{"Effect": "Allow", "Action": "glue:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role, "Condition": {"StringEquals": {"iam:PassedToService": service}}}])
    };
    let create = || {
        (
            "CreateCrawler",
            json!({"Name": "c", "DatabaseName": "d", "Role": role, "Targets": {"S3Targets": [{"Path": "s3://lake/"}]}}),
        )
    };
    allow(&world, passes("states.amazonaws.com")).await;
    let message = refused(&world, &crawler, "glue", create()).await;
    assert!(message.contains("iam:PassRole"), "{message}");
    allow(&world, passes("glue.amazonaws.com")).await;
    let (operation, input) = create();
    world
        .cloud
        .invoke(&crawler, "glue", operation, input)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_state_machine_that_logs_needs_its_role_to_deliver_logs() {
    let world = World::new();
    let trust = GLUE.replace("glue", "states");
    let role = json!({"RoleName": "crawler", "AssumeRolePolicyDocument": trust});
    iam(&world, "CreateRole", role).await.unwrap();
    let group = "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/vendedlogs/m:*";
    let machine = json!({
        "name": "m", "roleArn": "arn:aws:iam::000000000000:role/crawler",
        "definition": r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#,
        "loggingConfiguration": {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]},
    });
    let create = || ("CreateStateMachine", machine.clone());
    let message = refused(&world, &world.root, "states", create()).await;
    assert_eq!(
        message,
        "The state machine IAM Role is not authorized to access the Log Destination"
    );
    allow(
        &world,
        json!({"Effect": "Allow", "Action": ["logs:*Delivery", "logs:*Deliveries", "logs:*ResourcePolic*", "logs:DescribeLogGroups"], "Resource": "*"}),
    )
    .await;
    // The role may, and the log group is looked for, which is not there.
    let message = refused(&world, &world.root, "states", create()).await;
    assert_eq!(
        message,
        "Invalid Logging Configuration: Log Destination not found."
    );
}

#[tokio::test]
async fn session_policies_limit_what_a_session_may_do() {
    let world = World::with_bucket("lake").await;
    let mut session = crawler_role(&world).await;
    allow(
        &world,
        json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    )
    .await;
    let glue = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "glue:*", "Resource": "*"}});
    let glue = iam_policy::Document::from_value(&glue).unwrap();
    if let Principal::Role { policies, .. } = &mut session.principal {
        *policies = Some([glue].into());
    }
    let get = ("getObject", json!({"Bucket": "lake", "Key": "k"}));
    let message = refused(&world, &session, "s3", get).await;
    assert!(
        message.ends_with("because no session policy allows the s3:GetObject action"),
        "{message}"
    );
    world
        .cloud
        .invoke(&session, "glue", "GetDatabases", json!({}))
        .await
        .unwrap();
}
