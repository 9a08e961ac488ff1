//! The resource policy of the catalog.

use local_cloud::Caller;
use serde_json::{Value, json};

use crate::s3::World;

fn policy(effect: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {
        "Effect": effect, "Action": "glue:GetTable", "Resource": "arn:aws:glue:eu-west-1:000000000000:*",
        "Principal": {"AWS": "arn:aws:iam::000000000000:role/reader"},
    }})
    .to_string()
}

async fn put(
    world: &World,
    mut request: Value,
    effect: &str,
) -> Result<String, local_cloud::ServiceError> {
    request["PolicyInJson"] = policy(effect).into();
    let done = world.glue("PutResourcePolicy", request).await?;
    Ok(done["PolicyHash"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_policy_is_put_under_conditions_and_deleted() {
    let world = World::new();
    let none = world
        .glue("GetResourcePolicy", json!({}))
        .await
        .unwrap_err();
    assert_eq!(none.code, "EntityNotFoundException");
    let refused = put(
        &world,
        json!({"PolicyExistsCondition": "MUST_EXIST"}),
        "Allow",
    )
    .await;
    assert_eq!(refused.unwrap_err().code, "ConditionCheckFailureException");
    let hash = put(
        &world,
        json!({"PolicyExistsCondition": "NOT_EXIST"}),
        "Allow",
    )
    .await
    .unwrap();
    let other = put(&world, json!({"PolicyHashCondition": hash}), "Deny")
        .await
        .unwrap();
    assert_ne!(hash, other);
    let refused = put(&world, json!({"PolicyHashCondition": hash}), "Allow").await;
    assert_eq!(refused.unwrap_err().code, "ConditionCheckFailureException");
    let got = world.glue("GetResourcePolicy", json!({})).await.unwrap();
    assert_eq!(got["PolicyInJson"], policy("Deny"));
    assert_eq!(got["PolicyHash"], other);
    let listed = world.glue("GetResourcePolicies", json!({})).await.unwrap();
    assert_eq!(
        listed["GetResourcePoliciesResponseList"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let wrong = world
        .glue("PutResourcePolicy", json!({"PolicyInJson": "{}x"}))
        .await
        .unwrap_err();
    assert_eq!(wrong.code, "InvalidInputException");
    world
        .glue(
            "DeleteResourcePolicy",
            json!({"PolicyHashCondition": other}),
        )
        .await
        .unwrap();
    let gone = world
        .glue("DeleteResourcePolicy", json!({}))
        .await
        .unwrap_err();
    assert_eq!(gone.code, "EntityNotFoundException");
}

#[tokio::test]
async fn a_policy_of_the_catalog_allows_and_denies_what_it_says() {
    let world = World::with_table().await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}"#;
    let role = json!({"RoleName": "reader", "AssumeRolePolicyDocument": trust});
    world
        .cloud
        .invoke(&world.root, "iam", "CreateRole", role)
        .await
        .unwrap();
    let reader = Caller::assumed("000000000000", "eu-west-1", "reader", "s");
    let read = async || {
        let table = json!({"DatabaseName": "films", "Name": "casts"});
        world.cloud.invoke(&reader, "glue", "GetTable", table).await
    };
    assert_eq!(read().await.unwrap_err().code, "AccessDeniedException");
    put(&world, json!({}), "Allow").await.unwrap();
    read().await.unwrap();
    put(&world, json!({}), "Deny").await.unwrap();
    let denied = read().await.unwrap_err();
    assert!(
        denied
            .message
            .contains("explicit deny in a resource-based policy"),
        "{denied}"
    );
}
