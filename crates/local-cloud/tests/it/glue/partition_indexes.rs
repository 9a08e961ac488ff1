//! Partition indexes.

use serde_json::{Value, json};

use super::{table, with_partitions};
use crate::s3::World;

fn of(mut request: Value) -> Value {
    request["DatabaseName"] = "films".into();
    request["TableName"] = "casts".into();
    request
}

async fn indexes(world: &World) -> Value {
    let listed = world
        .glue("GetPartitionIndexes", of(json!({})))
        .await
        .unwrap();
    listed["PartitionIndexDescriptorList"].clone()
}

#[tokio::test]
async fn an_index_is_made_shown_and_deleted() {
    let world = with_partitions().await;
    let index = json!({"PartitionIndex": {"IndexName": "by_country", "Keys": ["Country", "year"]}});
    world
        .glue("CreatePartitionIndex", of(index.clone()))
        .await
        .unwrap();
    assert_eq!(
        indexes(&world).await,
        json!([{
            "IndexName": "by_country", "IndexStatus": "ACTIVE",
            "Keys": [{"Name": "country", "Type": "string"}, {"Name": "year", "Type": "int"}],
        }])
    );
    let again = world
        .glue("CreatePartitionIndex", of(index))
        .await
        .unwrap_err();
    assert_eq!(again.code, "AlreadyExistsException");
    let same = json!({"PartitionIndex": {"IndexName": "other", "Keys": ["country", "YEAR"]}});
    let same = world.glue("CreatePartitionIndex", of(same)).await;
    assert_eq!(same.unwrap_err().code, "AlreadyExistsException");
    let name = json!({"IndexName": "by_country"});
    world
        .glue("DeletePartitionIndex", of(name.clone()))
        .await
        .unwrap();
    assert_eq!(indexes(&world).await, json!([]));
    let gone = world
        .glue("DeletePartitionIndex", of(name))
        .await
        .unwrap_err();
    assert_eq!(gone.code, "EntityNotFoundException");
}

#[tokio::test]
async fn an_index_is_of_partition_keys_and_a_table_has_three() {
    let world = World::with_table().await;
    let index = |name: &str, keys: &[&str]| {
        of(json!({"PartitionIndex": {"IndexName": name, "Keys": keys}}))
    };
    let wrong = world
        .glue("CreatePartitionIndex", index("i", &["title"]))
        .await
        .unwrap_err();
    assert_eq!(wrong.code, "InvalidInputException");
    let indexes = [
        ("a", &["year"][..]),
        ("b", &["country"]),
        ("c", &["year", "country"]),
    ];
    for (name, keys) in indexes {
        world
            .glue("CreatePartitionIndex", index(name, keys))
            .await
            .unwrap();
    }
    let fourth = world
        .glue("CreatePartitionIndex", index("d", &["country", "year"]))
        .await
        .unwrap_err();
    assert_eq!(fourth.code, "ResourceNumberLimitExceededException");
}

#[tokio::test]
async fn a_table_is_made_with_its_indexes() {
    let world = World::with_table().await;
    let mut input = table("songs");
    input["PartitionIndexes"] = json!([{"IndexName": "y", "Keys": ["year"]}]);
    world.glue("CreateTable", input).await.unwrap();
    let listed = json!({"DatabaseName": "films", "TableName": "songs"});
    let listed = world.glue("GetPartitionIndexes", listed).await.unwrap();
    assert_eq!(listed["PartitionIndexDescriptorList"][0]["IndexName"], "y");
}

#[tokio::test]
async fn an_index_fails_over_values_that_are_not_of_its_types_and_names_them() {
    let world = World::with_table().await;
    let partition = of(json!({"PartitionInput": {"Values": ["unknown", "fr"]}}));
    world.glue("CreatePartition", partition).await.unwrap();
    let index = of(json!({"PartitionIndex": {"IndexName": "y", "Keys": ["year"]}}));
    world.glue("CreatePartitionIndex", index).await.unwrap();
    let found = &indexes(&world).await[0];
    assert_eq!(found["IndexStatus"], "FAILED");
    assert_eq!(
        found["BackfillErrors"],
        json!([{"Code": "INVALID_PARTITION_TYPE_DATA_ERROR", "Partitions": [{"Values": ["unknown", "fr"]}]}])
    );
}
