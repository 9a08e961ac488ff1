//! The catalog: databases, tables and partitions.

mod corpus;
mod crawled_lakes;
mod crawled_partitions;
mod crawlers;
mod expressions;
mod functions;
mod incremental_crawls;
mod listings;
mod partition_indexes;
mod recrawls;
mod resource_policies;
mod search;
mod statistics;

use local_cloud::{Caller, ServiceError};
use serde_json::{Value, json};

use crate::s3::World;

impl World {
    pub async fn glue(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.cloud
            .invoke(&self.root, "glue", operation, input)
            .await
    }

    pub async fn with_table() -> Self {
        let world = Self::new();
        world
            .glue(
                "CreateDatabase",
                json!({"DatabaseInput": {"Name": "Films"}}),
            )
            .await
            .unwrap();
        world.glue("CreateTable", table("Casts")).await.unwrap();
        world
    }

    pub async fn partitions(&self, mut request: Value) -> Vec<String> {
        request["DatabaseName"] = "films".into();
        request["TableName"] = "casts".into();
        let mut found = Vec::new();
        loop {
            let page = self.glue("GetPartitions", request.clone()).await.unwrap();
            for partition in page["Partitions"].as_array().unwrap() {
                let values = partition["Values"].as_array().unwrap();
                let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
                found.push(values.join("/"));
            }
            match page.get("NextToken") {
                Some(token) => request["NextToken"] = token.clone(),
                None => return found,
            }
        }
    }
}

fn table(name: &str) -> Value {
    json!({"DatabaseName": "films", "TableInput": {
        "Name": name,
        "StorageDescriptor": {"Columns": [{"Name": "title", "Type": "string"}], "Location": "s3://lake/casts/"},
        "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "country", "Type": "string"}],
        "Parameters": {"classification": "json"},
    }})
}

fn partition(year: u32, country: &str) -> Value {
    json!({
        "Values": [year.to_string(), country],
        "StorageDescriptor": {
            "Columns": [{"Name": "title", "Type": "string"}],
            "Location": format!("s3://lake/casts/year={year}/country={country}/"),
        },
    })
}

async fn with_partitions() -> World {
    let world = World::with_table().await;
    let inputs: Vec<Value> = (2000..2025)
        .flat_map(|year| ["de", "fr"].map(|country| partition(year, country)))
        .collect();
    let made = world
        .glue(
            "BatchCreatePartition",
            json!({"DatabaseName": "films", "TableName": "casts", "PartitionInputList": inputs}),
        )
        .await
        .unwrap();
    assert_eq!(made["Errors"], json!([]));
    world
}

#[tokio::test]
async fn names_are_folded_to_lower_case_and_found_however_they_are_written() {
    let world = World::with_table().await;
    let got = world
        .glue(
            "GetTable",
            json!({"DatabaseName": "FILMS", "Name": "CASTS"}),
        )
        .await
        .unwrap();
    let table = &got["Table"];
    assert_eq!(table["Name"], "casts");
    assert_eq!(table["DatabaseName"], "films");
    assert_eq!(table["VersionId"], "0");
    assert_eq!(table["Retention"], 0);
    assert_eq!(table["StorageDescriptor"]["Compressed"], false);
    assert_eq!(table["CatalogId"], "000000000000");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_there_already_is_told_in_glue_s_words() {
    let world = World::with_table().await;
    for (operation, input, code, message) in [
        (
            "GetDatabase",
            json!({"Name": "none"}),
            "EntityNotFoundException",
            "Database none not found.",
        ),
        (
            "CreateDatabase",
            json!({"DatabaseInput": {"Name": "films"}}),
            "AlreadyExistsException",
            "Database already exists.",
        ),
        (
            "UpdateDatabase",
            json!({"Name": "films", "DatabaseInput": {"Name": "movies"}}),
            "InvalidInputException",
            "Database cannot be renamed",
        ),
        (
            "GetTables",
            json!({"DatabaseName": "none"}),
            "EntityNotFoundException",
            "Database none not found.",
        ),
        (
            "GetTable",
            json!({"DatabaseName": "films", "Name": "none"}),
            "EntityNotFoundException",
            "Table none not found.",
        ),
        (
            "CreateTable",
            table("casts"),
            "AlreadyExistsException",
            "Table already exists.",
        ),
        (
            "GetPartition",
            json!({"DatabaseName": "films", "TableName": "casts", "PartitionValues": ["1", "x"]}),
            "EntityNotFoundException",
            "Cannot find partition.",
        ),
        (
            "CreatePartition",
            json!({"DatabaseName": "films", "TableName": "casts", "PartitionInput": {"Values": ["1"]}}),
            "InvalidInputException",
            "The number of partition keys do not match the number of partition values",
        ),
    ] {
        let error = world.glue(operation, input).await.unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            (code, message),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn databases_of_another_region_are_not_seen() {
    let world = World::with_table().await;
    let other = Caller::root("us-east-1");
    let listed = world
        .cloud
        .invoke(&other, "glue", "GetDatabases", json!({}))
        .await
        .unwrap();
    assert_eq!(listed["DatabaseList"], json!([]));
}

#[tokio::test]
async fn a_database_takes_its_tables_and_their_partitions_with_it() {
    let world = with_partitions().await;
    world
        .glue("DeleteDatabase", json!({"Name": "films"}))
        .await
        .unwrap();
    world
        .glue(
            "CreateDatabase",
            json!({"DatabaseInput": {"Name": "films"}}),
        )
        .await
        .unwrap();
    let tables = world
        .glue("GetTables", json!({"DatabaseName": "films"}))
        .await
        .unwrap();
    assert_eq!(tables["TableList"], json!([]));
    world.glue("CreateTable", table("casts")).await.unwrap();
    assert!(world.partitions(json!({})).await.is_empty());
}

#[tokio::test]
async fn an_update_keeps_the_old_table_as_a_version_unless_told_not_to() {
    let world = World::with_table().await;
    let mut update = table("casts");
    update["TableInput"]["Description"] = "second".into();
    world.glue("UpdateTable", update.clone()).await.unwrap();
    update["TableInput"]["Description"] = "third".into();
    update["SkipArchive"] = true.into();
    world.glue("UpdateTable", update.clone()).await.unwrap();
    let of = json!({"DatabaseName": "films", "TableName": "casts"});
    let versions = world.glue("GetTableVersions", of.clone()).await.unwrap();
    let ids: Vec<_> = versions["TableVersions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["VersionId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["2", "0"]);
    update["VersionId"] = "0".into();
    let error = world.glue("UpdateTable", update).await.unwrap_err();
    assert_eq!(error.code, "ConcurrentModificationException");
    let deleted = world
        .glue(
            "BatchDeleteTableVersion",
            json!({"DatabaseName": "films", "TableName": "casts", "VersionIds": ["0", "2", "9"]}),
        )
        .await
        .unwrap();
    let codes: Vec<_> = deleted["Errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["ErrorDetail"]["ErrorCode"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["InvalidInputException", "EntityNotFoundException"]);
}

#[tokio::test]
async fn partitions_are_filtered_by_an_expression_with_their_keys_types() {
    let world = with_partitions().await;
    let found = world
        .partitions(
            json!({"Expression": "(year >= 2010 AND year < 2012) AND country = 'fr'", "MaxResults": 1}),
        )
        .await;
    assert_eq!(found, ["2010/fr", "2011/fr"]);
    let error = world
        .glue(
            "GetPartitions",
            json!({"DatabaseName": "films", "TableName": "casts", "Expression": "month = 1"}),
        )
        .await
        .unwrap_err();
    assert_eq!(error.code, "InvalidInputException");
    assert_eq!(error.message, "Invalid partition expression!");
}

#[tokio::test]
async fn segments_hold_each_partition_once() {
    let world = with_partitions().await;
    let mut all = Vec::new();
    for number in 0..4 {
        let segment = json!({"SegmentNumber": number, "TotalSegments": 4});
        all.extend(
            world
                .partitions(json!({"Segment": segment, "MaxResults": 3}))
                .await,
        );
    }
    all.sort();
    assert_eq!(all, world.partitions(json!({})).await);
    assert_eq!(all.len(), 50);
}

#[tokio::test]
async fn a_batch_tells_of_the_items_that_failed_and_does_the_others() {
    let world = with_partitions().await;
    let of = |members: Value| {
        let mut request = json!({"DatabaseName": "films", "TableName": "casts"});
        for (name, value) in members.as_object().unwrap() {
            request[name] = value.clone();
        }
        request
    };
    let made = world
        .glue(
            "BatchCreatePartition",
            of(json!({"PartitionInputList": [partition(2024, "fr"), partition(2025, "fr")]})),
        )
        .await
        .unwrap();
    assert_eq!(
        made["Errors"],
        json!([{"PartitionValues": ["2024", "fr"], "ErrorDetail": {"ErrorCode": "AlreadyExistsException", "ErrorMessage": "Partition already exists."}}])
    );
    let got = world
        .glue(
            "BatchGetPartition",
            of(json!({"PartitionsToGet": [{"Values": ["2025", "fr"]}, {"Values": ["1900", "fr"]}]})),
        )
        .await
        .unwrap();
    assert_eq!(got["Partitions"].as_array().unwrap().len(), 1);
    let gone = world
        .glue(
            "BatchDeletePartition",
            of(json!({"PartitionsToDelete": [{"Values": ["2025", "fr"]}, {"Values": ["1900", "fr"]}]})),
        )
        .await
        .unwrap();
    assert_eq!(gone["Errors"].as_array().unwrap().len(), 1);
    let too_many: Vec<Value> = (0..101).map(|i| partition(i, "x")).collect();
    let error = world
        .glue(
            "BatchCreatePartition",
            of(json!({"PartitionInputList": too_many})),
        )
        .await
        .unwrap_err();
    assert_eq!(error.code, "ValidationException");
}

#[tokio::test]
async fn a_role_needs_the_catalog_the_database_and_the_table() {
    let world = World::with_table().await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}"#;
    let iam = async |operation: &str, input: Value| {
        world
            .cloud
            .invoke(&world.root, "iam", operation, input)
            .await
            .unwrap()
    };
    iam(
        "CreateRole",
        json!({"RoleName": "reader", "AssumeRolePolicyDocument": trust}),
    )
    .await;
    let reader = Caller::assumed("000000000000", "eu-west-1", "reader", "s");
    let read = async || {
        world
            .cloud
            .invoke(
                &reader,
                "glue",
                "GetTable",
                json!({"DatabaseName": "Films", "Name": "casts"}),
            )
            .await
    };
    let arn = "arn:aws:glue:eu-west-1:000000000000:";
    let mut allowed = Vec::new();
    for resource in ["catalog", "database/films", "table/films/casts"] {
        let error = read().await.unwrap_err();
        assert_eq!(error.code, "AccessDeniedException");
        assert!(
            error.message.contains(&format!("{arn}{resource}")),
            "{}",
            error.message
        );
        allowed.push(format!("{arn}{resource}"));
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "glue:GetTable", "Resource": allowed}});
        iam(
            "PutRolePolicy",
            json!({"RoleName": "reader", "PolicyName": "p", "PolicyDocument": policy.to_string()}),
        )
        .await;
    }
    read().await.unwrap();
}
