//! What crawls make of partitions that are there, and of folders that are hard to name.

use serde_json::{Value, json};

use super::crawlers::{crawl_well, everything, put, summary, table_of, with_crawler};
use super::recrawls::{log, partitions, set};
use crate::s3::World;

const ROWS: &str = "id,name\n1,a\n2,b\n3,c\n";

/// The values of a table's partitions.
async fn values(world: &World, table: &str) -> Vec<Value> {
    let all = partitions(world, table).await;
    all.iter().map(|one| one["Values"].clone()).collect()
}

/// A crawler of the folder `t`.
async fn with_crawler_of_t(settings: Value) -> World {
    let mut settings = settings;
    settings["Targets"] = json!({"S3Targets": [{"Path": "s3://lake/t/"}]});
    with_crawler(everything(), settings).await
}

/// A table of the folder `t` that somebody made, with one partition, and a crawler that keeps it.
async fn with_table_by_hand(key: Value, value: &str, folder: &str) -> World {
    let world = with_crawler(everything(), json!({})).await;
    let storage = |location: String| {
        json!({
            "Location": location,
            "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string"}],
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": ","},
            },
        })
    };
    let table = json!({"DatabaseName": "lake", "TableInput": {
        "Name": "hand", "TableType": "EXTERNAL_TABLE", "PartitionKeys": [key],
        "Parameters": {"classification": "csv", "skip.header.line.count": "1"},
        "StorageDescriptor": storage("s3://lake/t/".to_owned()),
    }});
    world.glue("CreateTable", table).await.unwrap();
    let partition = json!({"DatabaseName": "lake", "TableName": "hand", "PartitionInput": {
        "Values": [value], "StorageDescriptor": storage(format!("s3://lake/t/{folder}/")),
    }});
    world.glue("CreatePartition", partition).await.unwrap();
    let settings = json!({
        "Targets": {"CatalogTargets": [{"DatabaseName": "lake", "Tables": ["hand"]}]},
        "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
    });
    set(&world, settings).await;
    world
}

#[tokio::test]
async fn a_partition_has_the_value_that_athena_reads_of_its_folder() {
    let world = with_crawler_of_t(json!({})).await;
    put(&world, "t/ts=2024-01-01 00%3A00%3A00/a.csv", ROWS).await;
    crawl_well(&world).await;
    assert_eq!(values(&world, "t").await, [json!(["2024-01-01 00:00:00"])]);
    let location = &partitions(&world, "t").await[0]["StorageDescriptor"]["Location"];
    assert_eq!(location, "s3://lake/t/ts=2024-01-01 00%3A00%3A00/");
}

#[tokio::test]
async fn a_folder_that_has_a_partition_gets_no_second_one() {
    let key = json!({"Name": "m", "Type": "string"});
    let world = with_table_by_hand(key, "1", "m=01").await;
    put(&world, "t/m=01/a.csv", ROWS).await;
    put(&world, "t/m=02/a.csv", ROWS).await;
    crawl_well(&world).await;
    assert_eq!(values(&world, "hand").await, [json!(["02"]), json!(["1"])]);
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
}

#[tokio::test]
async fn a_table_of_the_catalog_keeps_its_keys_and_partitions_and_what_does_not_fit_is_named() {
    let key = json!({"Name": "dt", "Type": "string"});
    let world = with_table_by_hand(key, "1", "dt=1").await;
    put(&world, "t/dt=1/a.csv", ROWS).await;
    put(&world, "t/dt=2/a.json", "{\"a\": 1}\n").await;
    put(&world, "t/dt=3/a.csv", ROWS).await;
    crawl_well(&world).await;
    let table = table_of(&world, "hand").await;
    assert_eq!(table["PartitionKeys"][0]["Name"], "dt");
    assert_eq!(values(&world, "hand").await, [json!(["1"]), json!(["3"])]);
    let said = log(&world).await;
    let misfit = "WARN : s3://lake/t/dt=2/: its data is json, and that of table hand is csv, so it is not added";
    assert!(said.contains(&misfit.to_owned()), "{said:#?}");
}

#[tokio::test]
async fn with_log_a_table_whose_folders_are_named_anew_stays() {
    let log_only = json!({"SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}});
    let world = with_crawler_of_t(log_only).await;
    put(&world, "t/year=1/a.csv", ROWS).await;
    crawl_well(&world).await;
    super::crawlers::delete(&world, "t/year=1/a.csv").await;
    put(&world, "t/year=1/month=1/a.csv", ROWS).await;
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
    assert_eq!(values(&world, "t").await, [json!(["1"])]);
    let said = log(&world).await;
    let misfit = "WARN : s3://lake/t/year=1/month=1/: its place gives the partition keys of table t (year) no values";
    assert!(
        said.iter().any(|line| line.starts_with(misfit)),
        "{said:#?}"
    );
}

#[tokio::test]
async fn a_folder_whose_key_has_no_value_is_named_and_the_others_are_written() {
    let world = with_crawler_of_t(json!({})).await;
    put(&world, "t/k=/a.csv", ROWS).await;
    put(&world, "t/k=2/a.csv", ROWS).await;
    crawl_well(&world).await;
    assert_eq!(values(&world, "t").await, [json!(["2"])]);
    let said = log(&world).await;
    let misfit = "WARN : s3://lake/t/k=/: the folder is no partition";
    assert!(
        said.iter().any(|line| line.starts_with(misfit)),
        "{said:#?}"
    );
}

#[tokio::test]
async fn a_new_table_has_an_index_of_its_partition_keys_unless_none_is_wanted() {
    let without = json!({"Configuration": r#"{"Version": 1.0, "CreatePartitionIndex": false}"#});
    for (settings, keys) in [(json!({}), json!(["y", "m"])), (without, Value::Null)] {
        let world = with_crawler_of_t(settings).await;
        put(&world, "t/y=1/m=1/a.csv", ROWS).await;
        put(&world, "t/y=1/m=2/a.csv", ROWS).await;
        crawl_well(&world).await;
        let of = json!({"DatabaseName": "lake", "TableName": "t"});
        let listed = world.glue("GetPartitionIndexes", of).await.unwrap();
        let index = &listed["PartitionIndexDescriptorList"][0];
        let Some(keys) = keys.as_array() else {
            assert!(index.is_null(), "{index}");
            continue;
        };
        assert_eq!(index["IndexName"], "crawler_partition_index");
        assert_eq!(index["IndexStatus"], "ACTIVE");
        let names = index["Keys"].as_array().unwrap().iter();
        assert!(names.map(|key| &key["Name"]).eq(keys), "{index}");
    }
}

#[tokio::test]
async fn an_include_path_that_is_an_object_is_a_table_of_that_object() {
    let targets = json!({"Targets": {"S3Targets": [{"Path": "s3://lake/t/a.csv"}]}});
    let world = with_crawler(everything(), targets).await;
    put(&world, "t/a.csv", ROWS).await;
    put(&world, "t/b.csv", ROWS).await;
    crawl_well(&world).await;
    let table = table_of(&world, "a_csv").await;
    assert_eq!(table["StorageDescriptor"]["Location"], "s3://lake/t/a.csv");
    assert_eq!(table["Parameters"]["objectCount"], "1");
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
}

#[tokio::test]
async fn what_is_said_of_tables_is_said_by_the_names_that_they_have() {
    let world = with_crawler_of_t(json!({})).await;
    put(&world, "t/a.csv", ROWS).await;
    put(&world, "t/b.json", "{\"a\": 1}\n").await;
    crawl_well(&world).await;
    set(&world, json!({"TablePrefix": "zz_"})).await;
    crawl_well(&world).await;
    let said = log(&world).await;
    let line = "WARN : Multiple tables are found under location s3://lake/t/: a_csv, b_json";
    assert!(said.contains(&line.to_owned()), "{said:#?}");
}
