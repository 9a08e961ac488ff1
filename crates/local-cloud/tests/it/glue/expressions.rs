//! GetPartitions: expressions, and partitions that share what they have in common.

use serde_json::{Value, json};

use super::{table, with_partitions};
use crate::s3::World;

fn of(mut request: Value) -> Value {
    request["DatabaseName"] = "films".into();
    request["TableName"] = "casts".into();
    request
}

#[tokio::test]
async fn pages_of_an_expression_give_every_partition_once_and_in_the_order_of_the_values() {
    let world = with_partitions().await;
    for expression in [
        "country = 'fr'",
        "year IN (2001, 2003, 2024) OR country = 'de'",
        "NOT year BETWEEN 2003 AND 2023",
        "country LIKE 'f_' AND year <> 2010",
        "country = 'xx'",
    ] {
        let whole = world.partitions(json!({"Expression": expression})).await;
        for size in [1, 3, 7] {
            let paged = json!({"Expression": expression, "MaxResults": size});
            assert_eq!(world.partitions(paged).await, whole, "{expression} {size}");
        }
        assert!(whole.is_sorted());
    }
}

#[tokio::test]
async fn values_that_are_not_of_their_type_fail_as_on_aws_once_they_are_looked_at() {
    let world = World::with_table().await;
    for year in ["2024", "null"] {
        let partition = of(json!({"PartitionInput": {"Values": [year, "fr"]}}));
        world.glue("CreatePartition", partition).await.unwrap();
    }
    let refused = world
        .glue("GetPartitions", of(json!({"Expression": "(year >= 0)"})))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.message.as_str()),
        (
            "InvalidStateException",
            "For input string: \"null\" is not an integer."
        )
    );
    assert_eq!(world.partitions(json!({})).await.len(), 2);
}

#[tokio::test]
async fn partitions_are_found_after_the_type_of_their_key_has_changed() {
    let world = with_partitions().await;
    let mut update = table("casts");
    update["TableInput"]["PartitionKeys"][0]["Type"] = "string".into();
    world.glue("UpdateTable", update).await.unwrap();
    let found = world
        .partitions(json!({"Expression": "year LIKE '200_' AND country = 'de'"}))
        .await;
    assert_eq!(found.len(), 10);
    let get = of(json!({"PartitionValues": ["2024", "fr"]}));
    world.glue("GetPartition", get).await.unwrap();
}

#[tokio::test]
async fn a_partition_is_given_back_as_it_was_made_and_without_its_columns_if_asked() {
    let world = World::with_table().await;
    let descriptor = |kind: &str, number: u32| {
        json!({
            "Columns": [{"Name": "title", "Type": kind, "Comment": "of the film"}],
            "Location": format!("s3://lake/{number}/"),
            "InputFormat": "in", "OutputFormat": "out", "Compressed": true, "NumberOfBuckets": 3,
            "SerdeInfo": {"SerializationLibrary": "serde", "Parameters": {"paths": "title"}},
            "SortColumns": [{"Column": "title", "SortOrder": 1}], "BucketColumns": ["title"],
            "Parameters": {"objectCount": number.to_string()}, "StoredAsSubDirectories": true,
        })
    };
    let inputs: Vec<Value> = (1..40)
        .map(|n| {
            json!({
                "Values": [n.to_string(), "fr"], "Parameters": {"n": n.to_string()}, "LastAccessTime": f64::from(n),
                "StorageDescriptor": descriptor(["int", "bigint"][n as usize % 2], n),
            })
        })
        .chain([json!({"Values": ["99", "fr"]})])
        .collect();
    let batch = of(json!({"PartitionInputList": inputs}));
    world.glue("BatchCreatePartition", batch).await.unwrap();
    let got = world.glue("GetPartitions", of(json!({}))).await.unwrap();
    let partitions = got["Partitions"].as_array().unwrap();
    assert_eq!(partitions.len(), 40);
    for (partition, n) in partitions.iter().zip(1..40) {
        assert_eq!(partition["Values"], json!([n.to_string(), "fr"]));
        let kind = ["int", "bigint"][n as usize % 2];
        assert_eq!(partition["StorageDescriptor"], descriptor(kind, n));
        assert_eq!(partition["LastAccessTime"], f64::from(n));
        assert_eq!(partition["Parameters"]["n"], n.to_string());
    }
    assert_eq!(partitions[39].get("StorageDescriptor"), None);
    let bare = of(json!({"ExcludeColumnSchema": true, "Expression": "year = 7"}));
    let bare = world.glue("GetPartitions", bare).await.unwrap();
    let descriptor = &bare["Partitions"][0]["StorageDescriptor"];
    assert_eq!(descriptor.get("Columns"), None);
    assert_eq!(descriptor["Location"], "s3://lake/7/");
}

/// As Trino asks for them (trinodb/trino, `GlueExpressionUtil`).
#[tokio::test]
async fn partitions_without_a_value_are_found_by_hive_s_name_for_them() {
    let world = World::with_table().await;
    const NULL: &str = "__HIVE_DEFAULT_PARTITION__";
    let inputs = [["2024", "fr"], ["2024", NULL], [NULL, "fr"]].map(|v| json!({"Values": v}));
    let batch = of(json!({"PartitionInputList": inputs}));
    world.glue("BatchCreatePartition", batch).await.unwrap();
    let found = async |expression: &str| {
        let request = json!({"Expression": expression});
        world.partitions(request).await
    };
    let null = format!("2024/{NULL}");
    assert_eq!(found(&format!("(country = '{NULL}')")).await, [&null[..]]);
    assert_eq!(
        found(&format!("((country = 'fr') OR (country = '{NULL}'))")).await,
        [&format!("{NULL}/fr")[..], &null, "2024/fr"]
    );
    assert_eq!(found("year > 0").await, [&null[..], "2024/fr"]);
    assert!(found("country IS NULL OR year IS NULL").await.is_empty());
    let get = of(json!({"PartitionValues": [NULL, "fr"]}));
    world.glue("GetPartition", get).await.unwrap();
}

/// The walk over the index reads on or asks anew by how far apart those are that pass.
#[tokio::test]
async fn near_and_far_partitions_are_all_found() {
    let world = World::with_table().await;
    let all: Vec<(u32, u32)> = (2000..2040)
        .flat_map(|year| (0..30).map(move |country| (year, country)))
        // Years of all sizes.
        .filter(|(year, country)| country % (1 + year % 7) == 0)
        .collect();
    for some in all.chunks(100) {
        let inputs: Vec<Value> = some
            .iter()
            .map(|(year, country)| json!({"Values": [year.to_string(), format!("c{country:02}")]}))
            .collect();
        let batch = of(json!({"PartitionInputList": inputs}));
        world.glue("BatchCreatePartition", batch).await.unwrap();
    }
    type Passes = fn(u32, u32) -> bool;
    let cases: [(&str, Passes); 5] = [
        ("country = 'c00'", |_, country| country == 0),
        ("country = 'c24'", |_, country| country == 24),
        ("country = 'c31'", |_, _| false),
        ("country IN ('c01', 'c02', 'c28') OR year = 2007", |y, c| {
            [1, 2, 28].contains(&c) || y == 2007
        }),
        (
            "year > 2010 AND NOT country BETWEEN 'c02' AND 'c27'",
            |y, c| y > 2010 && !(2..=27).contains(&c),
        ),
    ];
    for (expression, passes) in cases {
        let expected: Vec<String> = all
            .iter()
            .filter(|(year, country)| passes(*year, *country))
            .map(|(year, country)| format!("{year}/c{country:02}"))
            .collect();
        for size in [1000, 7] {
            let request = json!({"Expression": expression, "MaxResults": size});
            assert_eq!(world.partitions(request).await, expected, "{expression}");
        }
    }
}
