//! The catalog: databases, tables and partitions.

use local_cloud::{Caller, ServiceError};
use serde_json::{Value, json};

use crate::s3::World;

impl World {
    pub async fn glue(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.cloud
            .invoke(&self.root, "glue", operation, input)
            .await
    }

    async fn with_table() -> Self {
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

    async fn partitions(&self, mut request: Value) -> Vec<String> {
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
async fn tables_are_listed_by_pattern_and_in_pages() {
    let world = World::with_table().await;
    for name in ["songs", "songs_old", "zebras"] {
        world.glue("CreateTable", table(name)).await.unwrap();
    }
    let names = |page: &Value| -> Vec<String> {
        let tables = page["TableList"].as_array().unwrap();
        tables
            .iter()
            .map(|t| t["Name"].as_str().unwrap().to_owned())
            .collect()
    };
    let page = world
        .glue(
            "GetTables",
            json!({"DatabaseName": "films", "Expression": "songs*|casts", "MaxResults": 2}),
        )
        .await
        .unwrap();
    assert_eq!(names(&page), ["casts", "songs"]);
    let page = world
        .glue("GetTables", json!({"DatabaseName": "films", "Expression": "songs*|casts", "MaxResults": 2, "NextToken": page["NextToken"]}))
        .await
        .unwrap();
    assert_eq!(names(&page), ["songs_old"]);
    assert_eq!(page.get("NextToken"), None);
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
    assert!(error.message.contains("month"), "{}", error.message);
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

/// A lake with two folders of CSV files, and a crawler of it whose role may do what `policy` says.
async fn with_crawler(statements: Value, settings: Value) -> World {
    let world = World::with_bucket("lake").await;
    for (key, body) in [
        ("songs/year=2023/1.csv", "id,title\n1,Blue\n2,Red\n"),
        ("songs/year=2024/1.csv", "id,title\n3,Green\n4,Black\n"),
        ("films/1.json", "{\"name\": \"Alien\", \"year\": 1979}\n"),
    ] {
        put(&world, key, body).await;
    }
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    for (operation, input) in [
        (
            "CreateRole",
            json!({"RoleName": "crawler", "AssumeRolePolicyDocument": trust}),
        ),
        (
            "PutRolePolicy",
            json!({"RoleName": "crawler", "PolicyName": "p", "PolicyDocument": policy.to_string()}),
        ),
    ] {
        world
            .cloud
            .invoke(&world.root, "iam", operation, input)
            .await
            .unwrap();
    }
    world
        .glue("CreateDatabase", json!({"DatabaseInput": {"Name": "lake"}}))
        .await
        .unwrap();
    let mut input = json!({
        "Name": "c", "DatabaseName": "lake", "Role": "arn:aws:iam::000000000000:role/crawler",
        "Targets": {"S3Targets": [{"Path": "s3://lake/songs"}, {"Path": "s3://lake/films/"}]},
        "Tags": {"team": "data"},
    });
    for (name, value) in settings.as_object().unwrap() {
        input[name] = value.clone();
    }
    world.glue("CreateCrawler", input).await.unwrap();
    world
}

fn everything() -> Value {
    json!([{"Effect": "Allow", "Action": ["s3:*", "glue:*"], "Resource": "*"}])
}

async fn put(world: &World, key: &str, body: &str) {
    world
        .s3(
            "putObject",
            json!({"Bucket": "lake", "Key": key, "Body": body}),
        )
        .await
        .unwrap();
}

async fn delete(world: &World, key: &str) {
    world
        .s3("deleteObject", json!({"Bucket": "lake", "Key": key}))
        .await
        .unwrap();
}

/// Runs the crawler to its end, and gives it.
async fn crawl(world: &World) -> Value {
    world
        .glue("StartCrawler", json!({"Name": "c"}))
        .await
        .unwrap();
    world.cloud.wait_idle().await;
    let got = world
        .glue("GetCrawler", json!({"Name": "c"}))
        .await
        .unwrap();
    assert_eq!(got["Crawler"]["State"], "READY");
    got["Crawler"].clone()
}

async fn crawl_well(world: &World) {
    let crawler = crawl(world).await;
    assert_eq!(crawler["LastCrawl"]["Status"], "SUCCEEDED", "{crawler}");
}

async fn table_of(world: &World, name: &str) -> Value {
    let input = json!({"DatabaseName": "lake", "Name": name});
    world.glue("GetTable", input).await.unwrap()["Table"].clone()
}

async fn summary(world: &World) -> Value {
    let crawls = world
        .glue("ListCrawls", json!({"CrawlerName": "c"}))
        .await
        .unwrap();
    serde_json::from_str(crawls["Crawls"][0]["Summary"].as_str().unwrap()).unwrap()
}

fn column_names(table: &Value) -> Vec<&str> {
    let columns = table["StorageDescriptor"]["Columns"].as_array().unwrap();
    columns
        .iter()
        .map(|c| c["Name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_crawl_makes_tables_and_partitions_of_the_data() {
    let world = with_crawler(everything(), json!({})).await;
    crawl_well(&world).await;
    let songs = table_of(&world, "songs").await;
    assert_eq!(column_names(&songs), ["id", "title"]);
    assert_eq!(songs["PartitionKeys"][0]["Name"], "year");
    assert_eq!(songs["Parameters"]["UPDATED_BY_CRAWLER"], "c");
    assert_eq!(songs["TableType"], "EXTERNAL_TABLE");
    let partitions = world
        .glue(
            "GetPartitions",
            json!({"DatabaseName": "lake", "TableName": "songs"}),
        )
        .await
        .unwrap();
    let locations: Vec<_> = partitions["Partitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["StorageDescriptor"]["Location"].as_str().unwrap())
        .collect();
    assert_eq!(
        locations,
        ["s3://lake/songs/year=2023/", "s3://lake/songs/year=2024/"]
    );
    assert_eq!(
        summary(&world).await,
        json!({"TABLE": {"ADD": {"Details": {"names": ["films", "songs"]}, "Count": 2}}, "PARTITION": {"ADD": {"Count": 2}}})
    );
    let metrics = world
        .glue("GetCrawlerMetrics", json!({"CrawlerNameList": ["c"]}))
        .await
        .unwrap();
    assert_eq!(metrics["CrawlerMetricsList"][0]["TablesCreated"], 2);
}

#[tokio::test]
async fn a_second_crawl_of_the_same_data_writes_nothing() {
    let world = with_crawler(everything(), json!({})).await;
    crawl_well(&world).await;
    let before = table_of(&world, "songs").await;
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
    assert_eq!(table_of(&world, "songs").await, before);
}

#[tokio::test]
async fn a_new_column_goes_last_and_what_the_user_wrote_stays() {
    let world = with_crawler(everything(), json!({})).await;
    crawl_well(&world).await;
    let mut table = table_of(&world, "films").await;
    let mut input = json!({"Name": "films", "Parameters": table["Parameters"].take(), "StorageDescriptor": table["StorageDescriptor"].take()});
    input["Parameters"]["owner"] = "ann".into();
    input["StorageDescriptor"]["Columns"][0]["Comment"] = "as on the poster".into();
    world
        .glue(
            "UpdateTable",
            json!({"DatabaseName": "lake", "TableInput": input}),
        )
        .await
        .unwrap();
    put(
        &world,
        "films/2.json",
        "{\"name\": \"Aliens\", \"director\": \"Cameron\", \"year\": 1986}\n",
    )
    .await;
    crawl_well(&world).await;
    let table = table_of(&world, "films").await;
    assert_eq!(column_names(&table), ["name", "year", "director"]);
    assert_eq!(table["Parameters"]["owner"], "ann");
    assert_eq!(
        table["StorageDescriptor"]["Columns"][0]["Comment"],
        "as on the poster"
    );
    assert_eq!(table["VersionId"], "2");
}

#[tokio::test]
async fn a_table_whose_data_is_gone_is_deprecated_or_deleted_as_the_crawler_is_told() {
    let world = with_crawler(everything(), json!({})).await;
    crawl_well(&world).await;
    delete(&world, "films/1.json").await;
    crawl_well(&world).await;
    let table = table_of(&world, "films").await;
    assert!(table["Parameters"]["DEPRECATED_BY_CRAWLER"].is_string());
    world
        .glue(
            "UpdateCrawler",
            json!({"Name": "c", "SchemaChangePolicy": {"DeleteBehavior": "DELETE_FROM_DATABASE"}}),
        )
        .await
        .unwrap();
    delete(&world, "songs/year=2023/1.csv").await;
    crawl_well(&world).await;
    assert_eq!(
        summary(&world).await["TABLE"]["DELETE"]["Details"]["names"],
        json!(["films"])
    );
    assert_eq!(summary(&world).await["PARTITION"]["DELETE"]["Count"], 1);
}

#[tokio::test]
async fn a_role_that_may_not_read_the_bucket_fails_the_crawl_in_s3_s_words() {
    let glue_only = json!([{"Effect": "Allow", "Action": "glue:*", "Resource": "*"}]);
    let world = with_crawler(glue_only, json!({})).await;
    let crawler = crawl(&world).await;
    let last = &crawler["LastCrawl"];
    assert_eq!(last["Status"], "FAILED");
    let message = last["ErrorMessage"].as_str().unwrap();
    assert!(message.contains("s3://lake/songs"), "{message}");
    assert!(
        message.contains("is not authorized to perform: s3:ListBucket"),
        "{message}"
    );
    assert!(
        message.contains("Service: Amazon S3; Status Code: 403; Error Code: AccessDenied"),
        "{message}"
    );
}

#[tokio::test]
async fn a_role_that_may_not_write_tables_fails_the_crawl() {
    let reader = json!([{"Effect": "Allow", "Action": ["s3:*", "glue:Get*"], "Resource": "*"}]);
    let world = with_crawler(reader, json!({})).await;
    let crawler = crawl(&world).await;
    let message = crawler["LastCrawl"]["ErrorMessage"].as_str().unwrap();
    assert!(message.contains("glue:CreateTable"), "{message}");
}

#[tokio::test]
async fn a_crawler_says_what_it_is_where_nobody_set_it() {
    let world = with_crawler(everything(), json!({})).await;
    let got = world
        .glue("GetCrawler", json!({"Name": "c"}))
        .await
        .unwrap();
    let crawler = &got["Crawler"];
    assert_eq!(crawler["Role"], "crawler");
    assert_eq!(
        crawler["SchemaChangePolicy"],
        json!({"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"})
    );
    assert_eq!(
        crawler["RecrawlPolicy"],
        json!({"RecrawlBehavior": "CRAWL_EVERYTHING"})
    );
    assert_eq!(
        crawler["LineageConfiguration"],
        json!({"CrawlerLineageSettings": "DISABLE"})
    );
    assert_eq!(crawler["Targets"]["S3Targets"][0]["Exclusions"], json!([]));
    assert_eq!(crawler["Classifiers"], json!([]));
    assert_eq!(crawler["Version"], 1);
    assert_eq!(crawler["CrawlElapsedTime"], 0);
    assert_eq!(crawler.get("LastCrawl"), None);
    let listed = world
        .glue("ListCrawlers", json!({"Tags": {"team": "data"}}))
        .await
        .unwrap();
    assert_eq!(listed["CrawlerNames"], json!(["c"]));
    let other = world
        .glue("ListCrawlers", json!({"Tags": {"team": "ops"}}))
        .await
        .unwrap();
    assert_eq!(other["CrawlerNames"], json!([]));
}

#[tokio::test]
async fn a_crawler_that_cannot_be_is_refused() {
    let world = with_crawler(everything(), json!({})).await;
    let good = json!({
        "Name": "d", "DatabaseName": "lake", "Role": "crawler",
        "Targets": {"S3Targets": [{"Path": "s3://lake/songs"}]},
    });
    for (member, value, part) in [
        ("Role", json!("nobody"), "unable to assume provided role"),
        ("Targets", json!({}), "Targets"),
        (
            "Targets",
            json!({"S3Targets": [{"Path": "s3://none/x"}]}),
            "S3 bucket none does not exist",
        ),
        ("Schedule", json!("rate(1 day)"), "cron("),
        ("Configuration", json!("{\"Version\": 2.0}"), "Version"),
        (
            "RecrawlPolicy",
            json!({"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}),
            "LOG",
        ),
    ] {
        let mut input = good.clone();
        input[member] = value;
        let error = world.glue("CreateCrawler", input).await.unwrap_err();
        assert_eq!(error.code, "InvalidInputException", "{member}");
        assert!(
            error.message.to_lowercase().contains(&part.to_lowercase()),
            "{}",
            error.message
        );
    }
    let error = world
        .glue("StopCrawler", json!({"Name": "c"}))
        .await
        .unwrap_err();
    assert_eq!(error.code, "CrawlerNotRunningException");
    let error = world
        .glue("GetCrawler", json!({"Name": "none"}))
        .await
        .unwrap_err();
    assert_eq!(error.code, "EntityNotFoundException");
}

#[tokio::test]
async fn a_crawler_that_runs_is_neither_started_nor_changed_nor_deleted() {
    let world = with_crawler(everything(), json!({})).await;
    // Nothing runs between these calls: the crawl has begun and has not come to work.
    world
        .glue("StartCrawler", json!({"Name": "c"}))
        .await
        .unwrap();
    for operation in ["StartCrawler", "UpdateCrawler", "DeleteCrawler"] {
        let error = world
            .glue(operation, json!({"Name": "c"}))
            .await
            .unwrap_err();
        assert_eq!(error.code, "CrawlerRunningException", "{operation}");
    }
    let got = world
        .glue("GetCrawler", json!({"Name": "c"}))
        .await
        .unwrap();
    assert_eq!(got["Crawler"]["State"], "RUNNING");
    world.cloud.wait_idle().await;
    world
        .glue("DeleteCrawler", json!({"Name": "c"}))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_schedule_is_set_paused_and_taken_away() {
    let world = with_crawler(everything(), json!({"Schedule": "cron(15 12 * * ? *)"})).await;
    let state = async || {
        let got = world
            .glue("GetCrawler", json!({"Name": "c"}))
            .await
            .unwrap();
        got["Crawler"]["Schedule"]["State"]
            .as_str()
            .map(str::to_owned)
    };
    let of = json!({"CrawlerName": "c"});
    assert_eq!(state().await.as_deref(), Some("SCHEDULED"));
    world.glue("StopCrawlerSchedule", of.clone()).await.unwrap();
    assert_eq!(state().await.as_deref(), Some("NOT_SCHEDULED"));
    let error = world
        .glue("StopCrawlerSchedule", of.clone())
        .await
        .unwrap_err();
    assert_eq!(error.code, "SchedulerNotRunningException");
    world
        .glue("UpdateCrawler", json!({"Name": "c", "Schedule": ""}))
        .await
        .unwrap();
    assert_eq!(state().await, None);
    let error = world.glue("StartCrawlerSchedule", of).await.unwrap_err();
    assert_eq!(error.code, "NoScheduleException");
}

#[tokio::test]
async fn tags_of_a_crawler_are_added_and_removed() {
    let world = with_crawler(everything(), json!({})).await;
    let arn = "arn:aws:glue:eu-west-1:000000000000:crawler/c";
    world
        .glue(
            "TagResource",
            json!({"ResourceArn": arn, "TagsToAdd": {"cost": "1"}}),
        )
        .await
        .unwrap();
    world
        .glue(
            "UntagResource",
            json!({"ResourceArn": arn, "TagsToRemove": ["team"]}),
        )
        .await
        .unwrap();
    let tags = world
        .glue("GetTags", json!({"ResourceArn": arn}))
        .await
        .unwrap();
    assert_eq!(tags["Tags"], json!({"cost": "1"}));
}
