//! What a role may do, and how a refusal reads.

use local_cloud::iam::{CannotAssume, assume_for_service};
use local_cloud::{Caller, ServiceError};
use serde_json::{Value, json};

use crate::s3::World;

const GLUE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

async fn iam(world: &World, operation: &str, input: Value) -> Result<Value, ServiceError> {
    world
        .cloud
        .invoke(&world.root, "iam", operation, input)
        .await
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
        "glue.amazonaws.com",
        "AWS-Crawler",
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
    let take = |role: &str, service: &str| {
        assume_for_service(&world.cloud, "eu-west-1", role, service, "s").unwrap()
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
