//! What a crawl makes of a catalog that an earlier one, or somebody, has written.

use serde_json::{Value, json};

use super::crawlers::{
    column_names, crawl, crawl_well, delete, everything, put, summary, table_of, with_crawler,
};
use crate::s3::World;

pub(super) async fn set(world: &World, mut settings: Value) {
    settings["Name"] = "c".into();
    world.glue("UpdateCrawler", settings).await.unwrap();
}

pub(super) async fn partitions(world: &World, table: &str) -> Vec<Value> {
    let of = json!({"DatabaseName": "lake", "TableName": table});
    let listed = world.glue("GetPartitions", of).await.unwrap();
    listed["Partitions"].as_array().unwrap().clone()
}

/// How many partitions a table has.
async fn count(world: &World, table: &str) -> usize {
    let mut all = 0;
    let mut request = json!({"DatabaseName": "lake", "TableName": table});
    loop {
        let page = world.glue("GetPartitions", request.clone()).await.unwrap();
        all += page["Partitions"].as_array().map_or(0, Vec::len);
        match &page["NextToken"] {
            Value::Null => return all,
            token => request["NextToken"] = token.clone(),
        }
    }
}

fn columns(descriptor_of: &Value) -> Vec<String> {
    let columns = descriptor_of["StorageDescriptor"]["Columns"]
        .as_array()
        .unwrap();
    let shown = |c: &Value| {
        format!(
            "{} {}",
            c["Name"].as_str().unwrap(),
            c["Type"].as_str().unwrap()
        )
    };
    columns.iter().map(shown).collect()
}

/// The lines of the last crawl's log, without its id.
pub(super) async fn log(world: &World) -> Vec<String> {
    let got = world
        .glue("GetCrawler", json!({"Name": "c"}))
        .await
        .unwrap();
    let last = &got["Crawler"]["LastCrawl"];
    let of = json!({"logGroupName": last["LogGroup"], "logStreamName": last["LogStream"], "startFromHead": true});
    let events = world
        .cloud
        .invoke(&world.root, "logs", "GetLogEvents", of)
        .await
        .unwrap();
    let prefix = format!("[{}] ", last["MessagePrefix"].as_str().unwrap());
    let events = events["events"].as_array().unwrap();
    let messages = events.iter().map(|e| e["message"].as_str().unwrap());
    messages
        .filter_map(|m| m.strip_prefix(&prefix))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_crawl_writes_its_log_in_glue_s_words() {
    let world = with_crawler(everything(), json!({})).await;
    crawl_well(&world).await;
    assert_eq!(
        log(&world).await,
        [
            "BENCHMARK : Running Start Crawl for Crawler c",
            "INFO : Crawler configured with SchemaChangePolicy {\"UpdateBehavior\":\"UPDATE_IN_DATABASE\",\"DeleteBehavior\":\"DEPRECATE_IN_DATABASE\"}. Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets.",
            "INFO : Looked at 3 objects and read 79 bytes of them in 3 reads",
            "BENCHMARK : Classification complete, writing results to database lake",
            "INFO : Created table films in database lake",
            "INFO : Created table songs in database lake",
            "INFO : Created partitions with values [[2023], [2024]] for table songs in database lake",
            "BENCHMARK : Finished writing to Catalog",
            "BENCHMARK : Crawler has finished running and is in state READY",
        ]
    );
    let first = log(&world).await.len();
    crawl_well(&world).await;
    assert_eq!(
        log(&world).await.len(),
        first - 3,
        "nothing is created twice"
    );
}

#[tokio::test]
async fn what_is_worth_knowing_of_tables_is_logged_in_glue_s_words_where_it_has_them() {
    let world = with_crawler(everything(), json!({})).await;
    put(
        &world,
        "films/2.csv",
        "\"a\",\"b\"\n\"x\",\"y\"\n\"z\",\"w\"\n",
    )
    .await;
    crawl_well(&world).await;
    let said = log(&world).await;
    for line in [
        "WARN : Multiple tables are found under location s3://lake/films/: 1_json, 2_csv",
        "WARN : s3://lake/films/2.csv: cells of 2_csv are in quotes",
        "WARN : s3://lake/films/2.csv: all columns of 2_csv are text",
    ] {
        assert!(
            said.iter().any(|l| l.starts_with(line)),
            "{line}: {said:#?}"
        );
    }
}

#[tokio::test]
async fn a_crawl_that_is_stopped_in_its_middle_leaves_what_it_wrote_and_the_next_ends_it() {
    const DAYS: usize = 2500;
    let world = with_crawler(everything(), json!({})).await;
    for day in 0..DAYS {
        put(
            &world,
            &format!("songs/year={day}/1.csv"),
            "id,title\n1,Blue\n2,Red\n",
        )
        .await;
    }
    let started = json!({"Name": "c"});
    world.glue("StartCrawler", started.clone()).await.unwrap();
    // The table comes before its partitions.
    let songs = json!({"DatabaseName": "lake", "Name": "songs"});
    while world.glue("GetTable", songs.clone()).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    world.glue("StopCrawler", started.clone()).await.unwrap();
    world.cloud.wait_idle().await;
    let got = world.glue("GetCrawler", started).await.unwrap();
    assert_eq!(got["Crawler"]["State"], "READY");
    assert_eq!(got["Crawler"]["LastCrawl"]["Status"], "CANCELLED");
    assert!(
        log(&world)
            .await
            .contains(&"INFO : The crawl was stopped".to_owned())
    );
    let written = count(&world, "songs").await;
    assert!(written < DAYS, "{written}");
    assert_eq!(
        summary(&world).await["PARTITION"]["ADD"]["Count"]
            .as_u64()
            .unwrap_or(0),
        written as u64
    );

    crawl_well(&world).await;
    assert_eq!(count(&world, "songs").await, DAYS);
    let added = summary(&world).await["PARTITION"]["ADD"]["Count"].clone();
    assert_eq!(added, DAYS - written);
}

#[tokio::test]
async fn objects_whose_keys_a_crawl_cannot_follow_are_told() {
    let world = with_crawler(everything(), json!({})).await;
    for key in [
        "songs//year=2025/1.csv",
        "songs/year=2024/../1.csv",
        "songs//_hidden",
    ] {
        put(&world, key, "id,title\n5,Grey\n").await;
    }
    crawl_well(&world).await;
    let lines = log(&world).await;
    let told: Vec<&String> = lines.iter().filter(|l| l.contains("left out")).collect();
    assert_eq!(
        told,
        [
            "WARN : s3://lake/songs: 2 objects are left out because of their keys, the first: Error parsing Path \"songs/year=2024/../1.csv\": Encountered illegal character sequence \"..\" whilst parsing path segment \"..\""
        ]
    );
    let table = table_of(&world, "songs").await;
    assert_eq!(table["PartitionKeys"][0]["Name"], "year");
    assert_eq!(table["Parameters"]["objectCount"], "2");
}

#[tokio::test]
async fn a_role_that_may_not_write_logs_fails_the_crawl_and_a_failure_is_logged() {
    let mute = json!([{"Effect": "Allow", "Action": ["s3:*", "glue:*"], "Resource": "*"}]);
    let world = with_crawler(mute, json!({})).await;
    let crawler = crawl(&world).await;
    let message = crawler["LastCrawl"]["ErrorMessage"].as_str().unwrap();
    assert!(message.contains("logs:CreateLogGroup"), "{message}");
    assert!(
        message.contains("(Service: AWSLogs; Status Code: 400; Error Code: AccessDeniedException)"),
        "{message}"
    );

    let blind = json!([{"Effect": "Allow", "Action": ["glue:*", "logs:*"], "Resource": "*"}]);
    let world = with_crawler(blind, json!({})).await;
    let crawler = crawl(&world).await;
    let message = crawler["LastCrawl"]["ErrorMessage"].as_str().unwrap();
    assert_eq!(log(&world).await[1], format!("ERROR : {message}"));
}

#[tokio::test]
async fn with_log_new_tables_and_partitions_come_and_nothing_else_changes() {
    let log_only =
        json!({"SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}});
    let world = with_crawler(everything(), log_only).await;
    crawl_well(&world).await;
    let before = table_of(&world, "films").await;
    let partition = partitions(&world, "songs").await[0].clone();
    put(
        &world,
        "films/2.json",
        "{\"name\": \"Aliens\", \"year\": 1986, \"director\": \"Cameron\"}\n",
    )
    .await;
    put(&world, "songs/year=2023/2.csv", "id,title\n9,Pink\n").await;
    put(&world, "songs/year=2025/1.csv", "id,title\n5,White\n").await;
    crawl_well(&world).await;
    assert_eq!(table_of(&world, "films").await, before);
    let now = partitions(&world, "songs").await;
    assert_eq!(now.len(), 3);
    assert_eq!(now[0], partition);
    assert_eq!(
        summary(&world).await,
        json!({"PARTITION": {"ADD": {"Count": 1}}})
    );
    let said = log(&world).await;
    assert!(
        said.iter()
            .any(|l| l.contains("table films in database lake has changed")),
        "{said:?}"
    );

    delete(&world, "films/1.json").await;
    delete(&world, "films/2.json").await;
    delete(&world, "songs/year=2025/1.csv").await;
    crawl_well(&world).await;
    assert_eq!(table_of(&world, "films").await, before);
    assert_eq!(partitions(&world, "songs").await.len(), 3);
    assert_eq!(summary(&world).await, json!({}));
}

#[tokio::test]
async fn merge_new_columns_only_adds_columns() {
    let merge = json!({"Configuration": r#"{"Version": 1.0, "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}}"#});
    let world = with_crawler(everything(), merge).await;
    crawl_well(&world).await;
    assert_eq!(
        columns(&table_of(&world, "films").await),
        ["name string", "year int"]
    );
    put(
        &world,
        "films/1.json",
        "{\"name\": \"Alien\", \"year\": \"about 1979\", \"rating\": 8.5}\n",
    )
    .await;
    crawl_well(&world).await;
    let films = table_of(&world, "films").await;
    assert_eq!(
        columns(&films),
        ["name string", "year int", "rating double"]
    );
    put(
        &world,
        "films/1.json",
        "{\"rating\": 8.5, \"name\": \"Alien\"}\n",
    )
    .await;
    crawl_well(&world).await;
    assert_eq!(columns(&table_of(&world, "films").await), columns(&films));

    set(&world, json!({"Configuration": ""})).await;
    crawl_well(&world).await;
    assert_eq!(
        columns(&table_of(&world, "films").await),
        ["name string", "rating double"]
    );
}

#[tokio::test]
async fn partitions_have_their_own_columns_unless_they_inherit_the_tables() {
    let world = with_crawler(everything(), json!({})).await;
    put(
        &world,
        "songs/year=2024/1.csv",
        "id,title,price\n3,Green,1.5\n4,Black,2\n",
    )
    .await;
    crawl_well(&world).await;
    let songs = table_of(&world, "songs").await;
    assert_eq!(column_names(&songs), ["id", "title", "price"]);
    let own = partitions(&world, "songs").await;
    assert_eq!(columns(&own[0]), ["id bigint", "title string"]);
    assert_eq!(
        columns(&own[1]),
        ["id bigint", "title string", "price double"]
    );

    let inherit = r#"{"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}"#;
    set(&world, json!({"Configuration": inherit})).await;
    crawl_well(&world).await;
    for partition in partitions(&world, "songs").await {
        assert_eq!(columns(&partition), columns(&songs));
        let serde = &partition["StorageDescriptor"]["SerdeInfo"];
        assert_eq!(*serde, songs["StorageDescriptor"]["SerdeInfo"]);
    }
    assert_eq!(
        summary(&world).await,
        json!({"PARTITION": {"UPDATE": {"Count": 1}}})
    );
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
}

#[tokio::test]
async fn new_folders_only_leaves_out_what_comes_to_folders_that_were_crawled() {
    let new_only = json!({
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    });
    let world = with_crawler(everything(), new_only).await;
    crawl_well(&world).await;
    // Nobody can read it, and nobody looks.
    put(&world, "songs/year=2023/2.csv", "\u{1}\u{2}").await;
    put(&world, "songs/year=2025/1.csv", "id,title\n5,White\n").await;
    crawl_well(&world).await;
    assert_eq!(partitions(&world, "songs").await.len(), 3);
    let said = log(&world).await;
    assert!(
        !said.iter().any(|line| line.starts_with("WARN")),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_second_crawl_reads_one_object_of_each_shape_and_what_is_new() {
    let world = with_crawler(everything(), json!({})).await;
    for n in 0..30 {
        put(
            &world,
            &format!("songs/year=2023/more{n:02}.csv"),
            "id,title\n1,Blue\n2,Red\n",
        )
        .await;
    }
    crawl_well(&world).await;
    let before = table_of(&world, "songs").await;
    // From now on the role may read these alone.
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation", "glue:*", "logs:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": [
            "arn:aws:s3:::lake/films/1.json", "arn:aws:s3:::lake/songs/year=2023/1.csv", "arn:aws:s3:::lake/songs/year=2025/*",
        ]},
    ]});
    let put_policy =
        json!({"RoleName": "crawler", "PolicyName": "p", "PolicyDocument": policy.to_string()});
    world
        .cloud
        .invoke(&world.root, "iam", "PutRolePolicy", put_policy)
        .await
        .unwrap();
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
    assert_eq!(table_of(&world, "songs").await, before);
    put(
        &world,
        "songs/year=2025/1.csv",
        "id,title\n5,White\n6,Grey\n",
    )
    .await;
    crawl_well(&world).await;
    assert_eq!(
        summary(&world).await["PARTITION"],
        json!({"ADD": {"Count": 1}})
    );
    // What has changed is read, and so is refused.
    put(
        &world,
        "songs/year=2024/1.csv",
        "id,title\n7,Brown\n8,Teal\n",
    )
    .await;
    let refused = crawl(&world).await;
    let message = refused["LastCrawl"]["ErrorMessage"].as_str().unwrap();
    assert!(message.contains("s3:GetObject"), "{message}");
}

#[tokio::test]
async fn a_table_of_somebody_else_keeps_its_name_and_the_crawled_one_gets_a_hash() {
    let world = with_crawler(everything(), json!({"TablePrefix": "raw_"})).await;
    let mine = json!({"DatabaseName": "lake", "TableInput": {
        "Name": "raw_films", "StorageDescriptor": {"Location": "s3://elsewhere/films/", "Columns": [{"Name": "mine", "Type": "int"}]},
    }});
    world.glue("CreateTable", mine).await.unwrap();
    crawl_well(&world).await;
    let listed = world
        .glue("GetTables", json!({"DatabaseName": "lake"}))
        .await
        .unwrap();
    let names: Vec<_> = listed["TableList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!((names[0], names[2]), ("raw_films", "raw_songs"));
    assert!(
        names[1].starts_with("raw_films_") && names[1].len() == "raw_films_".len() + 32,
        "{names:?}"
    );
    assert_eq!(column_names(&table_of(&world, "raw_films").await), ["mine"]);
    crawl_well(&world).await;
    assert_eq!(summary(&world).await, json!({}));
}

#[tokio::test]
async fn two_crawls_at_once_that_find_one_name_both_have_their_tables() {
    let only = |path: &str| json!({"S3Targets": [{"Path": path}]});
    let world = with_crawler(everything(), json!({"Targets": only("s3://lake/a/")})).await;
    let mut other = json!({"Name": "d", "DatabaseName": "lake", "Role": "crawler"});
    other["Targets"] = only("s3://lake/b/");
    world.glue("CreateCrawler", other).await.unwrap();
    for folder in ["a", "b"] {
        for table in ["t", "u", "v"] {
            put(&world, &format!("{folder}/{table}/1.json"), "{\"x\": 1}\n").await;
        }
        // Tables that cannot be partitions of one.
        put(&world, &format!("{folder}/w/1.csv"), "id,n\n1,2\n3,4\n").await;
        put(&world, &format!("{folder}/u/1.json"), "{\"y\": 1}\n").await;
        put(&world, &format!("{folder}/v/1.json"), "{\"z\": \"1\"}\n").await;
    }
    for name in ["c", "d"] {
        let start = json!({"Name": name});
        world.glue("StartCrawler", start).await.unwrap();
    }
    world.cloud.wait_idle().await;
    for name in ["c", "d"] {
        let got = world
            .glue("GetCrawler", json!({"Name": name}))
            .await
            .unwrap();
        assert_eq!(got["Crawler"]["LastCrawl"]["Status"], "SUCCEEDED", "{got}");
    }
    let all = json!({"DatabaseName": "lake"});
    let listed = world.glue("GetTables", all).await.unwrap();
    assert_eq!(listed["TableList"].as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn partitions_of_other_keys_give_way_to_those_of_the_new() {
    let world = with_crawler(everything(), json!({})).await;
    crawl_well(&world).await;
    for year in ["2023", "2024"] {
        delete(&world, &format!("songs/year={year}/1.csv")).await;
        let key = format!("songs/year={year}/month=1/1.csv");
        put(&world, &key, "id,title\n1,Blue\n2,Red\n").await;
    }
    crawl_well(&world).await;
    let songs = table_of(&world, "songs").await;
    assert_eq!(songs["PartitionKeys"].as_array().unwrap().len(), 2);
    let values: Vec<_> = partitions(&world, "songs")
        .await
        .iter()
        .map(|p| p["Values"].clone())
        .collect();
    assert_eq!(values, [json!(["2023", "1"]), json!(["2024", "1"])]);
    assert_eq!(
        summary(&world).await["PARTITION"],
        json!({"ADD": {"Count": 2}, "DELETE": {"Count": 2}})
    );
}

#[tokio::test]
async fn crawls_are_listed_newest_first_by_filters_and_in_pages() {
    let world = with_crawler(everything(), json!({})).await;
    crawl_well(&world).await;
    set(&world, json!({"Configuration": r#"{"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 1}}}"#})).await;
    let failed = crawl(&world).await;
    assert_eq!(
        failed["LastCrawl"]["ErrorMessage"],
        "The number of tables detected by crawler: 2 is greater than the table threshold value provided: 1."
    );
    let list = async |mut request: Value| {
        request["CrawlerName"] = "c".into();
        world.glue("ListCrawls", request).await
    };
    let states = |page: &Value| -> Vec<String> {
        let crawls = page["Crawls"].as_array().unwrap();
        crawls
            .iter()
            .map(|c| c["State"].as_str().unwrap().to_owned())
            .collect()
    };
    let page = list(json!({"MaxResults": 1})).await.unwrap();
    assert_eq!(states(&page), ["FAILED"]);
    let page = list(json!({"MaxResults": 1, "NextToken": page["NextToken"]}))
        .await
        .unwrap();
    assert_eq!(states(&page), ["COMPLETED"]);
    assert_eq!(page.get("NextToken"), None);
    let crawl = &page["Crawls"][0];
    assert_eq!(crawl["LogGroup"], "/aws-glue/crawlers");
    assert_eq!(crawl["LogStream"], "c");
    assert_eq!(crawl["MessagePrefix"], crawl["CrawlId"]);
    let by = |name: &str, operator: &str, value: &str| json!({"Filters": [{"FieldName": name, "FilterOperator": operator, "FieldValue": value}]});
    assert_eq!(
        states(&list(by("STATE", "NE", "FAILED")).await.unwrap()),
        ["COMPLETED"]
    );
    assert_eq!(
        states(&list(by("START_TIME", "GT", "0")).await.unwrap()).len(),
        2
    );
    assert_eq!(
        states(&list(by("END_TIME", "LT", "0")).await.unwrap()).len(),
        0
    );
    let refused = list(by("STATE", "GT", "FAILED")).await.unwrap_err();
    assert_eq!(
        refused.message,
        "Only EQ or NE operator is allowed for field : STATE"
    );
    let refused = list(json!({"Filters": [{"FieldName": "STATE"}]}))
        .await
        .unwrap_err();
    assert_eq!(
        refused.message,
        "Invalid Filter Provided: FieldName: STATE, FilterOperator: null, FieldValue: null"
    );
}
