//! Crawlers: what they are told, and what they make of data.

use serde_json::{Value, json};

use crate::s3::World;

/// A lake with two folders of CSV files, and a crawler of it whose role may do what `policy` says.
pub(super) async fn with_crawler(statements: Value, settings: Value) -> World {
    let world = World::with_bucket("lake").await;
    for (key, body) in [
        ("songs/year=2023/1.csv", "id,title\n1,Blue\n2,Red\n"),
        ("songs/year=2024/1.csv", "id,title\n3,Green\n4,Black\n"),
        ("films/1.json", "{\"name\": \"Alien\", \"year\": 1979}\n"),
    ] {
        put(&world, key, body).await;
    }
    with_role(&world, statements).await;
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

/// Makes the database `lake`, and the role `crawler`, which Glue may take and which may do what
/// `statements` say.
pub(super) async fn with_role(world: &World, statements: Value) {
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
    let database = json!({"DatabaseInput": {"Name": "lake"}});
    world.glue("CreateDatabase", database).await.unwrap();
}

pub(super) fn everything() -> Value {
    json!([{"Effect": "Allow", "Action": ["s3:*", "glue:*", "logs:*"], "Resource": "*"}])
}

pub(super) async fn put(world: &World, key: &str, body: &str) {
    world
        .s3(
            "putObject",
            json!({"Bucket": "lake", "Key": key, "Body": body}),
        )
        .await
        .unwrap();
}

pub(super) async fn delete(world: &World, key: &str) {
    world
        .s3("deleteObject", json!({"Bucket": "lake", "Key": key}))
        .await
        .unwrap();
}

#[tokio::test]
async fn crawlers_of_one_path_that_run_at_once_make_one_table() {
    let world = with_crawler(everything(), json!({"DatabaseName": "new"})).await;
    let targets = json!({"S3Targets": [{"Path": "s3://lake/songs"}, {"Path": "s3://lake/films/"}]});
    let names: Vec<String> = (0..6).map(|number| format!("c{number}")).collect();
    for name in &names {
        let crawler = json!({
            "Name": name, "DatabaseName": "new", "Role": "crawler", "Targets": targets,
        });
        world.glue("CreateCrawler", crawler).await.unwrap();
    }
    for name in &names {
        let of = json!({"Name": name});
        world.glue("StartCrawler", of).await.unwrap();
    }
    world.cloud.wait_idle().await;
    for name in &names {
        let got = world.glue("GetCrawler", json!({"Name": name})).await;
        let last = got.unwrap()["Crawler"]["LastCrawl"].clone();
        assert_eq!(last["Status"], "SUCCEEDED", "{last}");
    }
    let found = world
        .glue("GetTables", json!({"DatabaseName": "new"}))
        .await;
    let found = found.unwrap();
    let tables = found["TableList"].as_array().unwrap().iter();
    let names: Vec<&str> = tables
        .map(|table| table["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["films", "songs"]);
}

/// Runs the crawler to its end, and gives it.
pub(super) async fn crawl(world: &World) -> Value {
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

pub(super) async fn crawl_well(world: &World) {
    let crawler = crawl(world).await;
    assert_eq!(crawler["LastCrawl"]["Status"], "SUCCEEDED", "{crawler}");
}

pub(super) async fn table_of(world: &World, name: &str) -> Value {
    let input = json!({"DatabaseName": "lake", "Name": name});
    world.glue("GetTable", input).await.unwrap()["Table"].clone()
}

pub(super) async fn summary(world: &World) -> Value {
    let crawls = world
        .glue("ListCrawls", json!({"CrawlerName": "c"}))
        .await
        .unwrap();
    serde_json::from_str(crawls["Crawls"][0]["Summary"].as_str().unwrap()).unwrap()
}

pub(super) fn column_names(table: &Value) -> Vec<&str> {
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

/// A table's metadata as Iceberg's file system tables have it.
const ICEBERG: &str = r#"{"format-version": 2, "current-schema-id": 0, "schemas": [{"schema-id": 0,
    "type": "struct", "fields": [{"id": 1, "name": "id", "type": "long", "required": false}]}]}"#;

#[tokio::test]
async fn tables_without_a_serde_are_made_and_those_behind_them_too() {
    let targets = json!({"Targets": {"S3Targets": [{"Path": "s3://lake/"}]}});
    let world = with_crawler(everything(), targets).await;
    put(&world, "a_ice/metadata/v1.metadata.json", ICEBERG).await;
    put(&world, "b_xml/1.xml", "<all><row><a>1</a></row></all>").await;
    crawl_well(&world).await;
    for name in ["a_ice", "b_xml", "films", "songs"] {
        let table = table_of(&world, name).await;
        let serde = &table["StorageDescriptor"]["SerdeInfo"];
        let has_serde = serde.get("SerializationLibrary").is_some();
        assert_eq!(has_serde, !name.contains('_'), "{table}");
    }
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
}

#[tokio::test]
async fn a_table_that_the_catalog_refuses_does_not_lose_the_others() {
    let policy = json!([
        {"Effect": "Allow", "Action": ["s3:*", "glue:*", "logs:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": "glue:CreateTable", "Resource": "arn:aws:glue:*:*:table/lake/films"},
    ]);
    let world = with_crawler(policy, json!({})).await;
    let crawler = crawl(&world).await;
    assert_eq!(crawler["LastCrawl"]["Status"], "FAILED");
    let message = crawler["LastCrawl"]["ErrorMessage"].as_str().unwrap();
    assert!(
        message.starts_with("Table films cannot be written: "),
        "{message}"
    );
    assert_eq!(
        column_names(&table_of(&world, "songs").await),
        ["id", "title"]
    );
}

#[tokio::test]
async fn a_table_whose_data_is_grouped_anew_is_not_gone() {
    let world = with_crawler(everything(), json!({})).await;
    crawl_well(&world).await;
    // Another format beside it: each file is a table of its own, and none is the folder's.
    put(&world, "films/2.csv", "id,title\n1,Blue\n2,Red\n").await;
    crawl_well(&world).await;
    let table = table_of(&world, "films").await;
    assert_eq!(table["Parameters"].get("DEPRECATED_BY_CRAWLER"), None);
    assert_eq!(table["VersionId"], "0");
    table_of(&world, "1_json").await;
}

#[tokio::test]
async fn a_role_that_may_not_read_the_bucket_fails_the_crawl_in_s3_s_words() {
    let glue_only = json!([{"Effect": "Allow", "Action": ["glue:*", "logs:*", "s3:GetBucketLocation"], "Resource": "*"}]);
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
    let reader =
        json!([{"Effect": "Allow", "Action": ["s3:*", "glue:Get*", "logs:*"], "Resource": "*"}]);
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
        (
            "Schedule",
            json!("cron(* * * * ? *)"),
            "faster than 5 minutes",
        ),
        ("Configuration", json!("{\"Version\": 2.0}"), "Version"),
        (
            "Configuration",
            json!("{\"Version\": 1.0, \"CrawlerOutput\": {\"Nope\": {}}}"),
            "CrawlerOutput.Nope",
        ),
        (
            "Targets",
            json!({"S3Targets": [{"Path": "s3://lake/songs", "Exclusions": ["["]}]}),
            "exclusion pattern `[`",
        ),
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

#[tokio::test]
async fn a_crawl_that_is_stopped_is_cancelled() {
    let world = with_crawler(everything(), json!({})).await;
    world
        .glue("StartCrawler", json!({"Name": "c"}))
        .await
        .unwrap();
    let stop = json!({"Name": "c"});
    world.glue("StopCrawler", stop.clone()).await.unwrap();
    let error = world.glue("StopCrawler", stop.clone()).await.unwrap_err();
    assert_eq!(error.code, "CrawlerStoppingException");
    let got = world.glue("GetCrawler", stop.clone()).await.unwrap();
    assert_eq!(got["Crawler"]["State"], "STOPPING");
    world.cloud.wait_idle().await;
    let got = world.glue("GetCrawler", stop).await.unwrap();
    assert_eq!(got["Crawler"]["LastCrawl"]["Status"], "CANCELLED");
}

#[tokio::test]
async fn a_custom_classifier_is_asked_before_the_built_in_ones() {
    let world = with_crawler(everything(), json!({})).await;
    for (name, member, rest) in [
        (
            "bars",
            "CsvClassifier",
            json!({"Delimiter": "#", "ContainsHeader": "ABSENT", "Header": ["number", "name"]}),
        ),
        (
            "lines",
            "GrokClassifier",
            json!({"Classification": "log", "GrokPattern": "%{WORD:a}"}),
        ),
    ] {
        let mut classifier = rest;
        classifier["Name"] = name.into();
        let input = json!({ member: classifier });
        world.glue("CreateClassifier", input.clone()).await.unwrap();
        let again = world.glue("CreateClassifier", input).await.unwrap_err();
        assert_eq!(again.code, "AlreadyExistsException");
    }
    let unknown = json!({"Name": "c", "Classifiers": ["none"]});
    let refused = world.glue("UpdateCrawler", unknown).await.unwrap_err();
    assert_eq!(refused.code, "InvalidInputException");

    let of = |name: &str| json!({"Name": "c", "Classifiers": [name]});
    world.glue("UpdateCrawler", of("bars")).await.unwrap();
    put(&world, "songs/year=2023/1.csv", "1#Blue\n2#Red\n").await;
    put(&world, "songs/year=2024/1.csv", "3#Green\n").await;
    let crawler = crawl(&world).await;
    assert_eq!(crawler["LastCrawl"]["Status"], "SUCCEEDED", "{crawler}");
    let table = world
        .glue("GetTable", json!({"DatabaseName": "lake", "Name": "songs"}))
        .await
        .unwrap();
    let columns = &table["Table"]["StorageDescriptor"]["Columns"];
    assert_eq!(columns[0]["Name"], "number");
    assert_eq!(columns[1]["Name"], "name");
    assert_eq!(table["Table"]["Parameters"]["delimiter"], "#");

    let mut lines = of("lines");
    lines["Targets"] =
        json!({"S3Targets": [{"Path": "s3://lake/lines/"}, {"Path": "s3://lake/films/"}]});
    world.glue("UpdateCrawler", lines).await.unwrap();
    put(&world, "lines/1.txt", "up\ndown\n").await;
    let crawler = crawl(&world).await;
    assert_eq!(crawler["LastCrawl"]["Status"], "SUCCEEDED", "{crawler}");
    let table = world
        .glue("GetTable", json!({"DatabaseName": "lake", "Name": "lines"}))
        .await
        .unwrap();
    assert_eq!(table["Table"]["Parameters"]["classification"], "log");
    assert_eq!(
        table["Table"]["StorageDescriptor"]["Columns"][0]["Name"],
        "a"
    );

    let pattern = json!({"GrokClassifier": {"Name": "lines", "GrokPattern": "%{NONE:a}"}});
    world.glue("UpdateClassifier", pattern).await.unwrap();
    let crawler = crawl(&world).await;
    assert_eq!(crawler["LastCrawl"]["Status"], "FAILED");
    assert_eq!(
        crawler["LastCrawl"]["ErrorMessage"],
        "The classifier lines cannot be asked: the pattern `NONE` is not known."
    );
}

#[tokio::test]
async fn a_classifier_is_kept_changed_listed_and_deleted() {
    let world = World::new();
    for name in ["a", "b"] {
        let csv = json!({"CsvClassifier": {"Name": name, "Delimiter": ";"}});
        world.glue("CreateClassifier", csv).await.unwrap();
    }
    for (input, said) in [
        (
            json!({"CsvClassifier": {"Name": "c", "Delimiter": ";", "QuoteSymbol": ";"}}),
            "different",
        ),
        (
            json!({"CsvClassifier": {"Name": "c", "CustomDatatypes": ["SERIAL"]}}),
            "SERIAL",
        ),
        (json!({}), "Exactly one"),
    ] {
        let refused = world.glue("CreateClassifier", input).await.unwrap_err();
        assert_eq!(refused.code, "InvalidInputException");
        assert!(refused.message.contains(said), "{}", refused.message);
    }
    let update = json!({"CsvClassifier": {"Name": "a", "AllowSingleColumn": true}});
    world.glue("UpdateClassifier", update).await.unwrap();
    let got = world
        .glue("GetClassifier", json!({"Name": "a"}))
        .await
        .unwrap();
    let csv = &got["Classifier"]["CsvClassifier"];
    assert_eq!(csv["Delimiter"], ";");
    assert_eq!(csv["AllowSingleColumn"], true);
    assert_eq!(csv["Version"], 2);
    let other = json!({"XMLClassifier": {"Name": "a", "RowTag": "r"}});
    let refused = world.glue("UpdateClassifier", other).await.unwrap_err();
    assert_eq!(refused.code, "InvalidInputException");
    let page = world
        .glue("GetClassifiers", json!({"MaxResults": 1}))
        .await
        .unwrap();
    assert_eq!(page["Classifiers"].as_array().unwrap().len(), 1);
    assert!(page["NextToken"].is_string());
    world
        .glue("DeleteClassifier", json!({"Name": "a"}))
        .await
        .unwrap();
    for operation in ["GetClassifier", "DeleteClassifier"] {
        let gone = world
            .glue(operation, json!({"Name": "a"}))
            .await
            .unwrap_err();
        assert_eq!(gone.code, "EntityNotFoundException");
    }
}

#[tokio::test]
async fn a_crawler_of_catalog_tables_keeps_them_and_finds_no_others() {
    let world = with_crawler(everything(), json!({})).await;
    let table = json!({"DatabaseName": "lake", "TableInput": {
        "Name": "mine", "TableType": "EXTERNAL_TABLE", "Parameters": {"owner": "ann"},
        "StorageDescriptor": {"Location": "s3://lake/songs"},
        "PartitionKeys": [{"Name": "year", "Type": "string"}],
    }});
    world.glue("CreateTable", table).await.unwrap();
    let targets = json!({"CatalogTargets": [{"DatabaseName": "lake", "Tables": ["mine"]}]});
    let refused = world
        .glue("UpdateCrawler", json!({"Name": "c", "Targets": targets}))
        .await
        .unwrap_err();
    assert!(
        refused.message.contains("DEPRECATE_IN_DATABASE"),
        "{}",
        refused.message
    );
    let update = json!({
        "Name": "c", "Targets": targets,
        "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
    });
    world.glue("UpdateCrawler", update).await.unwrap();
    let crawler = crawl(&world).await;
    assert_eq!(crawler["LastCrawl"]["Status"], "SUCCEEDED", "{crawler}");
    let tables = world
        .glue("GetTables", json!({"DatabaseName": "lake"}))
        .await
        .unwrap();
    let tables = tables["TableList"].as_array().unwrap();
    assert_eq!(tables.len(), 1);
    let table = &tables[0];
    assert_eq!(table["StorageDescriptor"]["Location"], "s3://lake/songs");
    assert_eq!(table["Parameters"]["owner"], "ann");
    let columns = table["StorageDescriptor"]["Columns"].as_array().unwrap();
    let names: Vec<_> = columns
        .iter()
        .map(|c| c["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["id", "title"]);
    let partitions = world
        .glue(
            "GetPartitions",
            json!({"DatabaseName": "lake", "TableName": "mine"}),
        )
        .await
        .unwrap();
    assert_eq!(partitions["Partitions"].as_array().unwrap().len(), 2);
}
