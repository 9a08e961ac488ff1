//! Aliases: made, moved from version to version, and executions through them.

use serde_json::{Value, json};

use super::{FILMS, create, describe, ended, history, output, pass, sfn, world};
use crate::s3::World;

const LIVE: &str = "arn:aws:states:eu-west-1:000000000000:stateMachine:films:live";

fn version(number: u32) -> String {
    format!("{FILMS}:{number}")
}

/// A machine with two versions: the first gives back its input, the second says "new".
async fn two_versions() -> World {
    let world = world().await;
    create(&world, &pass()).await;
    sfn(
        &world,
        "PublishStateMachineVersion",
        json!({"stateMachineArn": FILMS}),
    )
    .await
    .unwrap();
    let new = json!({"StartAt": "Show", "States": {"Show": {"Type": "Pass", "Result": "new", "End": true}}});
    let update = json!({"stateMachineArn": FILMS, "definition": new.to_string(), "publish": true});
    sfn(&world, "UpdateStateMachine", update).await.unwrap();
    world
}

fn alias(routes: Value) -> Value {
    json!({"name": "live", "description": "what users get", "routingConfiguration": routes})
}

fn all_to(number: u32) -> Value {
    json!([{"stateMachineVersionArn": version(number), "weight": 100}])
}

async fn refused(world: &World, operation: &str, input: Value) -> String {
    sfn(world, operation, input).await.unwrap_err().to_string()
}

#[tokio::test]
async fn an_alias_moves_executions_from_one_version_to_the_next() {
    let world = two_versions().await;
    let made = sfn(&world, "CreateStateMachineAlias", alias(all_to(1)))
        .await
        .unwrap();
    assert_eq!(made["stateMachineAliasArn"], LIVE);
    let again = sfn(&world, "CreateStateMachineAlias", alias(all_to(1))).await;
    assert_eq!(again.unwrap(), made);
    let start = json!({"stateMachineArn": LIVE, "input": "\"old\""});
    let first = sfn(&world, "StartExecution", start.clone()).await.unwrap();
    let described = ended(&world, &first["executionArn"]).await;
    assert_eq!(output(&described), "old");
    assert_eq!(described["stateMachineAliasArn"], LIVE);
    assert_eq!(described["stateMachineVersionArn"], version(1));
    let update = json!({"stateMachineAliasArn": LIVE, "routingConfiguration": all_to(2)});
    sfn(&world, "UpdateStateMachineAlias", update)
        .await
        .unwrap();
    let second = sfn(&world, "StartExecution", start).await.unwrap();
    assert_eq!(output(&ended(&world, &second["executionArn"]).await), "new");
    let listed = sfn(&world, "ListExecutions", json!({"stateMachineArn": LIVE}))
        .await
        .unwrap();
    assert_eq!(listed["executions"].as_array().unwrap().len(), 2);
    let listed = sfn(
        &world,
        "ListExecutions",
        json!({"stateMachineArn": version(2)}),
    )
    .await
    .unwrap();
    assert_eq!(
        listed["executions"][0]["executionArn"],
        second["executionArn"]
    );
    assert_eq!(listed["executions"].as_array().unwrap().len(), 1);
    let shown = sfn(
        &world,
        "DescribeStateMachineAlias",
        json!({"stateMachineAliasArn": LIVE}),
    )
    .await
    .unwrap();
    assert_eq!(shown["routingConfiguration"], all_to(2));
    assert_eq!(shown["description"], "what users get");
}

#[tokio::test]
async fn the_first_event_names_the_alias_and_the_version_that_were_asked_for() {
    let world = two_versions().await;
    sfn(&world, "CreateStateMachineAlias", alias(all_to(1)))
        .await
        .unwrap();
    for (asked, alias_arn, version_arn) in [
        (LIVE.to_owned(), json!(LIVE), json!(version(1))),
        (version(2), Value::Null, json!(version(2))),
        (FILMS.to_owned(), Value::Null, Value::Null),
    ] {
        let started = sfn(&world, "StartExecution", json!({"stateMachineArn": asked}))
            .await
            .unwrap();
        ended(&world, &started["executionArn"]).await;
        let events = history(&world, &started["executionArn"], json!({})).await;
        let first = &events["events"][0]["executionStartedEventDetails"];
        assert_eq!(first["stateMachineAliasArn"], alias_arn, "{asked}");
        assert_eq!(first["stateMachineVersionArn"], version_arn, "{asked}");
    }
}

#[tokio::test]
async fn two_versions_share_the_executions_of_an_alias() {
    let world = two_versions().await;
    let half = |number| json!({"stateMachineVersionArn": version(number), "weight": 50});
    let routes = json!([half(1), half(2)]);
    sfn(&world, "CreateStateMachineAlias", alias(routes))
        .await
        .unwrap();
    let mut versions = std::collections::BTreeSet::new();
    // That one of them gets none of so many has odds of one to a billion.
    for _ in 0..31 {
        let started = sfn(&world, "StartExecution", json!({"stateMachineArn": LIVE}))
            .await
            .unwrap();
        let described = describe(&world, &started["executionArn"]).await;
        versions.insert(described["stateMachineVersionArn"].to_string());
    }
    assert_eq!(versions.len(), 2);
}

#[tokio::test]
async fn a_routing_that_is_none_is_refused_in_aws_words() {
    let world = two_versions().await;
    let create = "CreateStateMachineAlias";
    let route =
        |number, weight: u32| json!({"stateMachineVersionArn": version(number), "weight": weight});
    assert_eq!(
        refused(&world, create, alias(json!([route(1, 50), route(1, 50)]))).await,
        format!(
            "ValidationException: Routing configuration must contain distinct state machine version ARNs. Received: [{0}, {0}]",
            version(1)
        )
    );
    assert_eq!(
        refused(&world, create, alias(json!([route(1, 50), route(2, 40)]))).await,
        "ValidationException: Sum of routing configuration weights must equal 100. Received: [50, 40]"
    );
    assert_eq!(
        refused(&world, create, alias(json!([route(9, 100)]))).await,
        format!(
            "ValidationException: Routing configuration must contain state machine version ARNs. Received: [{}]",
            version(9)
        )
    );
    sfn(&world, create, alias(all_to(1))).await.unwrap();
    let none = json!({"stateMachineAliasArn": format!("{LIVE}-not"), "description": "gone"});
    assert_eq!(
        refused(&world, "UpdateStateMachineAlias", none).await,
        "ResourceNotFound: Request references a resource that does not exist."
    );
    assert_eq!(
        refused(&world, create, alias(all_to(2))).await,
        "ConflictException: Failed to create alias because an alias with the same name and a different routing configuration already exists."
    );
}

#[tokio::test]
async fn a_version_that_an_alias_leads_to_stays() {
    let world = two_versions().await;
    sfn(&world, "CreateStateMachineAlias", alias(all_to(1)))
        .await
        .unwrap();
    let delete = json!({"stateMachineVersionArn": version(1)});
    assert_eq!(
        refused(&world, "DeleteStateMachineVersion", delete.clone()).await,
        "ConflictException: Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [live]"
    );
    let of = |arn: String| json!({"stateMachineArn": arn});
    let listed = sfn(&world, "ListStateMachineAliases", of(version(1)))
        .await
        .unwrap();
    assert_eq!(
        listed["stateMachineAliases"][0]["stateMachineAliasArn"],
        LIVE
    );
    let listed = sfn(&world, "ListStateMachineAliases", of(version(2)))
        .await
        .unwrap();
    assert_eq!(listed["stateMachineAliases"], json!([]));
    let live = json!({"stateMachineAliasArn": LIVE});
    sfn(&world, "DeleteStateMachineAlias", live.clone())
        .await
        .unwrap();
    let gone = sfn(&world, "DescribeStateMachineAlias", live).await;
    assert_eq!(gone.unwrap_err().code, "ResourceNotFound");
    sfn(&world, "DeleteStateMachineVersion", delete)
        .await
        .unwrap();
    let start = sfn(&world, "StartExecution", json!({"stateMachineArn": LIVE})).await;
    assert_eq!(start.unwrap_err().code, "StateMachineDoesNotExist");
}
