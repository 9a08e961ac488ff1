//! Roles and managed policies: what IAM takes, what it refuses, and in which words.

use local_cloud::ServiceError;
use serde_json::{Value, json};

use crate::s3::World;

const GLUE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const ARN: &str = "arn:aws:iam::000000000000:policy/lake/read";

async fn iam(world: &World, operation: &str, input: Value) -> Result<Value, ServiceError> {
    world
        .cloud
        .invoke(&world.root, "iam", operation, input)
        .await
}

fn allow(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": "*"}]})
    .to_string()
}

async fn with_policy(world: &World) {
    let input =
        json!({"PolicyName": "read", "Path": "/lake/", "PolicyDocument": allow("s3:GetObject")});
    iam(world, "CreatePolicy", input).await.unwrap();
}

#[tokio::test]
async fn a_policy_has_five_versions_and_no_more() {
    let world = World::new();
    with_policy(&world).await;
    let version = |i: u32| json!({"PolicyArn": ARN, "PolicyDocument": allow(&format!("s3:A{i}")), "SetAsDefault": true});
    for i in 2..=5 {
        iam(&world, "CreatePolicyVersion", version(i))
            .await
            .unwrap();
    }
    let error = iam(&world, "CreatePolicyVersion", version(6))
        .await
        .unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("LimitExceeded", 409));
    let oldest = json!({"PolicyArn": ARN, "VersionId": "v1"});
    iam(&world, "SetDefaultPolicyVersion", oldest.clone())
        .await
        .unwrap();
    let error = iam(&world, "DeletePolicyVersion", oldest)
        .await
        .unwrap_err();
    assert_eq!(error.code, "DeleteConflict");
    let second = json!({"PolicyArn": ARN, "VersionId": "v2"});
    iam(&world, "DeletePolicyVersion", second).await.unwrap();
    let made = iam(&world, "CreatePolicyVersion", version(6))
        .await
        .unwrap();
    assert_eq!(made["PolicyVersion"]["VersionId"], "v6");
}

#[tokio::test]
async fn a_policy_in_use_is_not_deleted() {
    let world = World::new();
    with_policy(&world).await;
    let role =
        json!({"RoleName": "r", "AssumeRolePolicyDocument": GLUE, "PermissionsBoundary": ARN});
    iam(&world, "CreateRole", role).await.unwrap();
    let policy = json!({"PolicyArn": ARN});
    let error = iam(&world, "DeletePolicy", policy.clone())
        .await
        .unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("DeleteConflict", 409));
    let role = json!({"RoleName": "r"});
    iam(&world, "DeleteRolePermissionsBoundary", role)
        .await
        .unwrap();
    iam(&world, "DeletePolicy", policy.clone()).await.unwrap();
    let error = iam(&world, "GetPolicy", policy).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("NoSuchEntity", 404));
}

#[tokio::test]
async fn a_trusted_role_has_to_exist() {
    let world = World::new();
    let trust = |name: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::000000000000:role/{name}")}}]})
        .to_string()
    };
    let create =
        |name: &str, trust: String| json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
    let error = iam(&world, "CreateRole", create("b", trust("a")))
        .await
        .unwrap_err();
    assert_eq!(error.code, "MalformedPolicyDocument");
    assert_eq!(
        error.message,
        r#"Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/a""#
    );
    iam(&world, "CreateRole", create("a", GLUE.to_owned()))
        .await
        .unwrap();
    iam(&world, "CreateRole", create("b", trust("a")))
        .await
        .unwrap();
    let update = json!({"RoleName": "b", "PolicyDocument": trust("c")});
    let error = iam(&world, "UpdateAssumeRolePolicy", update)
        .await
        .unwrap_err();
    assert_eq!(error.code, "MalformedPolicyDocument");
}

#[tokio::test]
async fn a_trusted_role_that_was_made_anew_is_another_one() {
    let world = World::new();
    let create =
        |name: &str, trust: &str| json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/a"},"Action":"sts:AssumeRole"}]}"#;
    let first = iam(&world, "CreateRole", create("a", GLUE)).await.unwrap();
    iam(&world, "CreateRole", create("b", trust)).await.unwrap();
    iam(&world, "DeleteRole", json!({"RoleName": "a"}))
        .await
        .unwrap();
    iam(&world, "CreateRole", create("a", GLUE)).await.unwrap();
    let shown = || async {
        let role = iam(&world, "GetRole", json!({"RoleName": "b"})).await;
        role.unwrap()["Role"]["AssumeRolePolicyDocument"].to_string()
    };
    let id = first["Role"]["RoleId"].as_str().unwrap();
    assert!(shown().await.contains(id), "{}", shown().await);
    let update = json!({"RoleName": "b", "PolicyDocument": trust});
    iam(&world, "UpdateAssumeRolePolicy", update).await.unwrap();
    assert!(!shown().await.contains(id), "{}", shown().await);
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let world = World::new();
    let create = json!({"RoleName": "r", "AssumeRolePolicyDocument": GLUE});
    iam(&world, "CreateRole", create).await.unwrap();
    let large = allow(&format!("s3:{}", "a".repeat(6200)));
    let policy = json!({"PolicyName": "p", "PolicyDocument": large});
    let error = iam(&world, "CreatePolicy", policy).await.unwrap_err();
    assert_eq!(error.code, "LimitExceeded");
    assert_eq!(error.message, "Cannot exceed quota for PolicySize: 6144");
    let inline = |name: &str| json!({"RoleName": "r", "PolicyName": name, "PolicyDocument": large});
    iam(&world, "PutRolePolicy", inline("p")).await.unwrap();
    let error = iam(&world, "PutRolePolicy", inline("q")).await.unwrap_err();
    assert_eq!(error.code, "LimitExceeded");
    let listed = iam(&world, "ListRolePolicies", json!({"RoleName": "r"})).await;
    assert_eq!(listed.unwrap()["PolicyNames"], json!(["p"]));
}

#[tokio::test]
async fn tags_of_a_policy_are_put_over_those_of_the_same_keys() {
    let world = World::new();
    with_policy(&world).await;
    for value in ["1", "2"] {
        let tags = json!([{"Key": "a", "Value": value}, {"Key": value, "Value": "x"}]);
        let input = json!({"PolicyArn": ARN, "Tags": tags});
        iam(&world, "TagPolicy", input).await.unwrap();
    }
    let input = json!({"PolicyArn": ARN, "TagKeys": ["1"]});
    iam(&world, "UntagPolicy", input).await.unwrap();
    let listed = iam(&world, "ListPolicyTags", json!({"PolicyArn": ARN})).await;
    assert_eq!(
        listed.unwrap()["Tags"],
        json!([{"Key": "2", "Value": "x"}, {"Key": "a", "Value": "2"}])
    );
    let tags: Vec<Value> = (0..60)
        .map(|i| json!({"Key": format!("k{i}"), "Value": ""}))
        .collect();
    let input = json!({"PolicyArn": ARN, "Tags": tags});
    let error = iam(&world, "TagPolicy", input).await.unwrap_err();
    assert!(
        ["LimitExceeded", "ValidationError"].contains(&error.code.as_str()),
        "{error}"
    );
}
