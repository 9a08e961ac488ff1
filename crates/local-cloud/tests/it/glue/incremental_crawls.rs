//! Crawls that look at new folders alone.

use serde_json::{Value, json};

use super::crawlers::{crawl_well, everything, put, summary, with_crawler};
use super::recrawls::{log, partitions};
use crate::s3::World;

const SONGS: &str = "id,title\n5,White\n6,Grey\n";

/// A crawler of the whole lake that has crawled once.
async fn crawled_once() -> World {
    let settings = json!({
        "Targets": {"S3Targets": [{"Path": "s3://lake/"}]},
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    });
    let world = with_crawler(everything(), settings).await;
    crawl_well(&world).await;
    world
}

async fn tables(world: &World) -> Vec<Value> {
    let of = json!({"DatabaseName": "lake"});
    let listed = world.glue("GetTables", of).await.unwrap();
    let tables = listed["TableList"].as_array().unwrap();
    tables.iter().map(|table| table["Name"].clone()).collect()
}

#[tokio::test]
async fn a_new_folder_is_a_partition_of_what_is_there_and_what_fits_nowhere_is_named() {
    let world = crawled_once().await;
    put(&world, "songs/year=2025/1.csv", SONGS).await;
    put(&world, "songs/year=2026/1.json", "{\"a\": 1}\n").await;
    put(
        &world,
        "songs/year=2027/1.csv",
        "p,q,r,s\n1,2,3,4\n5,6,7,8\n",
    )
    .await;
    crawl_well(&world).await;
    assert_eq!(tables(&world).await, ["films", "songs"]);
    assert_eq!(
        summary(&world).await,
        json!({"PARTITION": {"ADD": {"Count": 1}}})
    );
    let said = log(&world).await;
    for misfit in [
        "WARN : s3://lake/songs/year=2026/: its data is json, and that of table songs is csv",
        "WARN : s3://lake/songs/year=2027/: its columns are not similar to those of table songs",
    ] {
        assert!(
            said.iter().any(|line| line.starts_with(misfit)),
            "{said:#?}"
        );
    }
    let all = partitions(&world, "songs").await;
    let new = &all[2];
    assert_eq!(new["Values"], json!(["2025"]));
    assert_eq!(
        new["StorageDescriptor"]["Location"],
        "s3://lake/songs/year=2025/"
    );
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
}

#[tokio::test]
async fn a_crawl_of_new_folders_makes_no_table() {
    let world = crawled_once().await;
    put(&world, "new/1.csv", "p,q,r,s\n1,2,3,4\n5,6,7,8\n").await;
    crawl_well(&world).await;
    assert_eq!(tables(&world).await, ["films", "songs"]);
    assert_eq!(summary(&world).await, json!({}));
    let said = log(&world).await;
    let misfit = "WARN : s3://lake/new/: no table that the crawler has made holds its folder";
    assert!(
        said.iter().any(|line| line.starts_with(misfit)),
        "{said:#?}"
    );
}
