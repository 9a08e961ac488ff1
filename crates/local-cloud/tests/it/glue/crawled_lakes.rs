//! Tables of lake formats that crawls keep up to date.

use serde_json::{Value, json};

use super::crawlers::{column_names, crawl_well, everything, put, summary, table_of, with_crawler};
use crate::s3::World;

/// An Iceberg table's metadata, with columns of integers.
fn metadata(columns: &[&str]) -> String {
    let field = |(id, name): (usize, &&str)| json!({"id": id + 1, "name": name, "type": "long", "required": false});
    let fields: Vec<Value> = columns.iter().enumerate().map(field).collect();
    json!({
        "format-version": 2, "current-schema-id": 0,
        "schemas": [{"schema-id": 0, "type": "struct", "fields": fields}],
    })
    .to_string()
}

/// A lake with the Iceberg table `t`, and a crawler of it.
async fn with_iceberg() -> World {
    let targets = json!({"Targets": {"S3Targets": [{"Path": "s3://lake/ice/"}]}});
    let world = with_crawler(everything(), targets).await;
    let first = metadata(&["id"]);
    put(&world, "ice/t/metadata/00000-a.metadata.json", &first).await;
    world
}

#[tokio::test]
async fn an_iceberg_table_that_the_crawler_made_follows_its_metadata() {
    let world = with_iceberg().await;
    crawl_well(&world).await;
    assert_eq!(column_names(&table_of(&world, "t").await), ["id"]);
    let second = metadata(&["id", "extra"]);
    put(&world, "ice/t/metadata/00001-b.metadata.json", &second).await;
    crawl_well(&world).await;
    let table = table_of(&world, "t").await;
    assert_eq!(column_names(&table), ["id", "extra"]);
    assert_eq!(
        table["Parameters"]["metadata_location"],
        "s3://lake/ice/t/metadata/00001-b.metadata.json"
    );
    assert_eq!(
        summary(&world).await,
        json!({"TABLE": {"UPDATE": {"Details": {"names": ["t"]}, "Count": 1}}})
    );
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
}

#[tokio::test]
async fn an_iceberg_table_of_an_engine_stays_as_the_engine_wrote_it() {
    let world = with_iceberg().await;
    let input = json!({"DatabaseName": "lake", "TableInput": {
        "Name": "t", "TableType": "EXTERNAL_TABLE",
        "Parameters": {"table_type": "ICEBERG", "metadata_location": "s3://lake/ice/t/metadata/other"},
        "StorageDescriptor": {"Location": "s3://lake/ice/t", "Columns": [{"Name": "a", "Type": "int"}]},
    }});
    world.glue("CreateTable", input).await.unwrap();
    let before = table_of(&world, "t").await;
    crawl_well(&world).await;
    assert_eq!(table_of(&world, "t").await, before);
    assert_eq!(summary(&world).await, json!({}));
}
