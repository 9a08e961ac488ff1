//! Column statistics of tables and partitions.

use serde_json::{Value, json};

use super::{table, with_partitions};
use crate::s3::World;

fn of(mut request: Value) -> Value {
    request["DatabaseName"] = "films".into();
    request["TableName"] = "casts".into();
    request
}

/// A table with partitions and a column for each type of statistics.
async fn with_columns() -> World {
    let world = with_partitions().await;
    let kinds = [
        "boolean", "date", "decimal", "double", "long", "string", "binary",
    ];
    let columns = kinds.map(|kind| json!({"Name": format!("c_{kind}"), "Type": "string"}));
    let mut table = table("casts");
    table["TableInput"]["StorageDescriptor"]["Columns"] = json!(columns);
    world.glue("UpdateTable", table).await.unwrap();
    world
}

/// Statistics of every type there is.
fn statistics() -> Value {
    let counts = json!({"NumberOfNulls": 1, "NumberOfDistinctValues": 9});
    let with = |more: Value| {
        let mut all = counts.clone();
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    let kinds = [
        (
            "BOOLEAN",
            "BooleanColumnStatisticsData",
            json!({"NumberOfTrues": 3, "NumberOfFalses": 4, "NumberOfNulls": 1}),
        ),
        (
            "DATE",
            "DateColumnStatisticsData",
            with(json!({"MinimumValue": 1_700_000_000.0, "MaximumValue": 1_800_000_000.0})),
        ),
        (
            "DECIMAL",
            "DecimalColumnStatisticsData",
            with(json!({"MinimumValue": {"UnscaledValue": "AQ==", "Scale": 2}})),
        ),
        (
            "DOUBLE",
            "DoubleColumnStatisticsData",
            with(json!({"MinimumValue": -0.5, "MaximumValue": 2.5})),
        ),
        (
            "LONG",
            "LongColumnStatisticsData",
            with(json!({"MinimumValue": -1, "MaximumValue": 10})),
        ),
        (
            "STRING",
            "StringColumnStatisticsData",
            with(json!({"MaximumLength": 5, "AverageLength": 2.5})),
        ),
        (
            "BINARY",
            "BinaryColumnStatisticsData",
            json!({"MaximumLength": 5, "AverageLength": 2.5, "NumberOfNulls": 1}),
        ),
    ];
    let all = kinds.map(|(kind, member, data)| {
        json!({
            "ColumnName": format!("c_{}", kind.to_lowercase()), "ColumnType": "any", "AnalyzedTime": 1_700_000_000.0,
            "StatisticsData": {"Type": kind, member: data},
        })
    });
    json!(all)
}

#[tokio::test]
async fn statistics_of_every_type_are_given_back_for_tables_and_for_partitions() {
    let world = with_columns().await;
    let names: Vec<_> = statistics()
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["ColumnName"].clone())
        .collect();
    for (owner, more) in [
        ("Table", json!({})),
        ("Partition", json!({"PartitionValues": ["2024", "fr"]})),
    ] {
        let request = |member: &str, value: Value| {
            let mut request = of(more.clone());
            request[member] = value;
            request
        };
        let update = request("ColumnStatisticsList", statistics());
        let done = world
            .glue(&format!("UpdateColumnStatisticsFor{owner}"), update)
            .await
            .unwrap();
        assert_eq!(done["Errors"], json!([]));
        let get = format!("GetColumnStatisticsFor{owner}");
        let got = world
            .glue(&get, request("ColumnNames", json!(names)))
            .await
            .unwrap();
        assert_eq!(got["ColumnStatisticsList"], statistics(), "{owner}");
        let delete = format!("DeleteColumnStatisticsFor{owner}");
        for _ in 0..2 {
            world
                .glue(&delete, request("ColumnName", json!("C_LONG")))
                .await
                .unwrap();
        }
        let got = world
            .glue(&get, request("ColumnNames", json!(["c_long", "c_date"])))
            .await
            .unwrap();
        assert_eq!(got["ColumnStatisticsList"].as_array().unwrap().len(), 1);
        assert_eq!(got["Errors"][0]["ColumnName"], "c_long");
        assert_eq!(
            got["Errors"][0]["Error"]["ErrorCode"],
            "EntityNotFoundException"
        );
    }
}

#[tokio::test]
async fn statistics_go_with_their_partition() {
    let world = with_columns().await;
    let values = json!(["2024", "fr"]);
    let update = of(json!({"PartitionValues": values, "ColumnStatisticsList": statistics()}));
    world
        .glue("UpdateColumnStatisticsForPartition", update)
        .await
        .unwrap();
    world
        .glue("DeletePartition", of(json!({"PartitionValues": values})))
        .await
        .unwrap();
    let get = of(json!({"PartitionValues": values, "ColumnNames": ["c_long"]}));
    let gone = world
        .glue("GetColumnStatisticsForPartition", get.clone())
        .await
        .unwrap_err();
    assert_eq!(
        (gone.code.as_str(), gone.message.as_str()),
        ("EntityNotFoundException", "Partition [2024, fr] not found")
    );
    let again = of(json!({"PartitionInput": {"Values": values}}));
    world.glue("CreatePartition", again).await.unwrap();
    let got = world
        .glue("GetColumnStatisticsForPartition", get)
        .await
        .unwrap();
    assert_eq!(got["ColumnStatisticsList"], json!([]));
}

#[tokio::test]
async fn statistics_of_no_column_and_without_data_are_refused_one_by_one() {
    let world = with_columns().await;
    let mut given = statistics();
    given[0]["ColumnName"] = "nobody".into();
    given[4]["StatisticsData"] = json!({"Type": "LONG"});
    for (owner, values) in [("Table", json!(null)), ("Partition", json!(["2024", "fr"]))] {
        let mut update = of(json!({"ColumnStatisticsList": given}));
        if owner == "Partition" {
            update["PartitionValues"] = values.clone();
        }
        let operation = format!("UpdateColumnStatisticsFor{owner}");
        let done = world.glue(&operation, update).await.unwrap();
        let errors: Vec<(&str, &str)> = done["Errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let column = one["ColumnStatistics"]["ColumnName"].as_str().unwrap();
                (column, one["Error"]["ErrorCode"].as_str().unwrap())
            })
            .collect();
        let expected = [
            ("nobody", "EntityNotFoundException"),
            ("c_long", "InvalidInputException"),
        ];
        assert_eq!(errors, expected, "{owner}");
    }
    let get = of(json!({"ColumnNames": ["c_long", "c_string", "nobody"]}));
    let got = world
        .glue("GetColumnStatisticsForTable", get)
        .await
        .unwrap();
    assert_eq!(got["ColumnStatisticsList"].as_array().unwrap().len(), 1);
}
