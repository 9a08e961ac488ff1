//! Queries from the call to the rows, and what is refused on the way.

use std::time::{Duration, Instant};

use local_cloud::iam::{ServiceCaller, assume_for_service};
use local_cloud::{Caller, Cloud, ServiceError};
use serde_json::{Value, json};

use crate::s3::World;

const RESULTS: &str = "s3://results/films/";

/// A world with a bucket for results.
struct Lake {
    world: World,
}

impl Lake {
    async fn new() -> Self {
        Self {
            world: World::with_bucket("results").await,
        }
    }

    async fn athena(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.as_caller(&self.world.root, operation, input).await
    }

    async fn as_caller(
        &self,
        caller: &Caller,
        operation: &str,
        input: Value,
    ) -> Result<Value, ServiceError> {
        self.world
            .cloud
            .invoke(caller, "athena", operation, input)
            .await
    }

    async fn start(&self, caller: &Caller, query: &str) -> Result<String, ServiceError> {
        let input =
            json!({"QueryString": query, "ResultConfiguration": {"OutputLocation": RESULTS}});
        let answer = self.as_caller(caller, "StartQueryExecution", input).await?;
        Ok(answer["QueryExecutionId"].as_str().unwrap().to_owned())
    }

    /// Waits for a query's end and gives its description.
    async fn end(&self, id: &str) -> Value {
        let asked = Instant::now();
        loop {
            let input = json!({"QueryExecutionId": id});
            let mut answer = self.athena("GetQueryExecution", input).await.unwrap();
            let execution = answer["QueryExecution"].take();
            let state = execution["Status"]["State"].as_str().unwrap();
            if !matches!(state, "QUEUED" | "RUNNING") {
                return execution;
            }
            assert!(asked.elapsed() < Duration::from_mins(1), "{execution}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Runs a query, which has to succeed.
    async fn run(&self, query: &str) -> Value {
        let id = self.start(&self.world.root, query).await.unwrap();
        let execution = self.end(&id).await;
        assert_eq!(
            execution["Status"]["State"], "SUCCEEDED",
            "{query}: {}",
            execution["Status"]
        );
        execution
    }

    async fn results(&self, execution: &Value, more: Value) -> Value {
        let mut input = json!({"QueryExecutionId": execution["QueryExecutionId"]});
        for (key, value) in more.as_object().unwrap() {
            input[key] = value.clone();
        }
        self.athena("GetQueryResults", input).await.unwrap()
    }

    /// A table of films in Glue, partitioned by year, with a file in each partition.
    async fn with_films(&self) {
        let glue = |operation: &'static str, input: Value| async move {
            let cloud = &self.world.cloud;
            cloud
                .invoke(&self.world.root, "glue", operation, input)
                .await
                .unwrap()
        };
        let storage = |location: &str| {
            json!({
                "Columns": [{"Name": "id", "Type": "int"}, {"Name": "title", "Type": "string"}],
                "Location": location,
                "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "SerdeInfo": {
                    "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                    "Parameters": {"field.delim": ","},
                },
            })
        };
        glue(
            "CreateDatabase",
            json!({"DatabaseInput": {"Name": "films"}}),
        )
        .await;
        let table = json!({
            "Name": "titles",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": storage("s3://results/titles/"),
            "PartitionKeys": [{"Name": "year", "Type": "int"}],
            "Parameters": {"skip.header.line.count": "1"},
        });
        glue(
            "CreateTable",
            json!({"DatabaseName": "films", "TableInput": table}),
        )
        .await;
        for (year, row) in [("1979", "1,Alien"), ("1985", "2,Brazil")] {
            let folder = format!("titles/year={year}/");
            let partition = json!({"Values": [year], "StorageDescriptor": storage(&format!("s3://results/{folder}"))});
            glue(
                "CreatePartition",
                json!({"DatabaseName": "films", "TableName": "titles", "PartitionInput": partition}),
            )
            .await;
            let object = json!({"Bucket": "results", "Key": format!("{folder}f.csv"), "Body": format!("id,title\n{row}\n")});
            self.world.s3("putObject", object).await.unwrap();
        }
    }

    async fn body(&self, url: &str) -> String {
        let (bucket, key) = url
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
            .unwrap();
        let input = json!({"Bucket": bucket, "Key": key});
        let object = self.world.s3("getObject", input).await.unwrap();
        object["Body"].as_str().unwrap().to_owned()
    }

    /// A role for queries with these permissions.
    async fn role(&self, statements: Value) -> Caller {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let calls = [
            (
                "CreateRole",
                json!({"RoleName": "asker", "AssumeRolePolicyDocument": trust}),
            ),
            (
                "PutRolePolicy",
                json!({"RoleName": "asker", "PolicyName": "query", "PolicyDocument": policy}),
            ),
        ];
        for (operation, input) in calls {
            self.world
                .cloud
                .invoke(&self.world.root, "iam", operation, input)
                .await
                .unwrap();
        }
        assume_for_service(
            &self.world.cloud,
            "eu-west-1",
            "arn:aws:iam::000000000000:role/asker",
            ServiceCaller {
                principal: "states.amazonaws.com",
                source_arn: "arn:aws:states:eu-west-1:000000000000:stateMachine:films",
                session: "run",
            },
        )
        .unwrap()
        .unwrap()
    }
}

fn rows(results: &Value) -> Vec<Vec<Option<&str>>> {
    let rows = results["ResultSet"]["Rows"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            let data = row["Data"].as_array().unwrap();
            data.iter().map(|d| d["VarCharValue"].as_str()).collect()
        })
        .collect()
}

#[tokio::test]
async fn objects_below_folders_without_a_name_are_read_and_keys_that_are_no_paths_told() {
    let lake = Lake::new().await;
    lake.with_films().await;
    let put = async |key: &str, row: &str| {
        let object = json!({"Bucket": "results", "Key": key, "Body": format!("id,title\n{row}\n")});
        lake.world.s3("putObject", object).await.unwrap();
    };
    put("titles/year=1979//f.csv", "3,Stalker").await;
    let query = "SELECT title, \"$path\" FROM films.titles WHERE year = 1979 ORDER BY id";
    let found = lake.run(query).await;
    let found = lake.results(&found, json!({})).await;
    assert_eq!(
        rows(&found)[1..],
        [
            [Some("Alien"), Some("s3://results/titles/year=1979/f.csv")],
            [
                Some("Stalker"),
                Some("s3://results/titles/year=1979//f.csv")
            ],
        ]
    );
    put("titles/year=1979/../f.csv", "4,Solaris").await;
    let id = lake.start(&lake.world.root, query).await.unwrap();
    let status = lake.end(&id).await["Status"].take();
    assert_eq!(status["State"], "FAILED");
    let reason = status["StateChangeReason"].as_str().unwrap();
    assert!(reason.contains("titles/year=1979/../f.csv"), "{reason}");
}

#[tokio::test]
async fn a_query_without_a_place_for_its_results_is_refused() {
    let lake = Lake::new().await;
    let error = lake
        .athena("StartQueryExecution", json!({"QueryString": "SELECT 1"}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        (
            "InvalidRequestException",
            "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input."
        )
    );
}

#[tokio::test]
async fn a_workgroup_that_enforces_its_settings_has_the_word_on_results() {
    let lake = Lake::new().await;
    for (name, enforce) in [("strict", true), ("loose", false)] {
        let configuration = json!({
            "EnforceWorkGroupConfiguration": enforce,
            "ResultConfiguration": {"OutputLocation": format!("s3://results/{name}/")},
        });
        let input = json!({"Name": name, "Configuration": configuration});
        lake.athena("CreateWorkGroup", input).await.unwrap();
    }
    let cases = [
        ("strict", Some(RESULTS), "s3://results/strict/"),
        ("strict", None, "s3://results/strict/"),
        ("loose", Some(RESULTS), RESULTS),
        ("loose", None, "s3://results/loose/"),
    ];
    for (group, given, expected) in cases {
        let mut input = json!({"QueryString": "SELECT 1", "WorkGroup": group});
        if let Some(given) = given {
            input["ResultConfiguration"] = json!({"OutputLocation": given});
        }
        let answer = lake.athena("StartQueryExecution", input).await.unwrap();
        let execution = lake.end(answer["QueryExecutionId"].as_str().unwrap()).await;
        let location = execution["ResultConfiguration"]["OutputLocation"]
            .as_str()
            .unwrap();
        assert!(location.starts_with(expected), "{group}: {location}");
        assert_eq!(execution["WorkGroup"], group);
    }
}

#[tokio::test]
async fn a_request_token_starts_one_query_and_stands_for_no_other() {
    let lake = Lake::new().await;
    let token = "0123456789abcdef0123456789abcdef";
    let request = |query: &str| {
        json!({
            "QueryString": query,
            "ClientRequestToken": token,
            "ResultConfiguration": {"OutputLocation": RESULTS},
        })
    };
    let first = lake
        .athena("StartQueryExecution", request("SELECT 1"))
        .await
        .unwrap();
    let again = lake
        .athena("StartQueryExecution", request("SELECT 1"))
        .await
        .unwrap();
    assert_eq!(first, again);
    let error = lake
        .athena("StartQueryExecution", request("SELECT 2"))
        .await
        .unwrap_err();
    assert_eq!(error.message, "Idempotent parameters do not match");
    let listed = lake.athena("ListQueryExecutions", json!({})).await.unwrap();
    assert_eq!(listed["QueryExecutionIds"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_query_nobody_started_is_not_found() {
    let lake = Lake::new().await;
    for operation in ["GetQueryExecution", "GetQueryResults", "StopQueryExecution"] {
        let error = lake
            .athena(operation, json!({"QueryExecutionId": "nobodys"}))
            .await
            .unwrap_err();
        assert_eq!(error.code, "InvalidRequestException");
        assert_eq!(error.message, "QueryExecution nobodys was not found");
    }
    let answer = lake
        .athena(
            "BatchGetQueryExecution",
            json!({"QueryExecutionIds": ["nobodys"]}),
        )
        .await
        .unwrap();
    assert_eq!(
        answer["UnprocessedQueryExecutionIds"][0]["QueryExecutionId"],
        "nobodys"
    );
}

#[tokio::test]
async fn results_in_a_bucket_that_is_not_there_fail_the_query() {
    let lake = Lake::new().await;
    let input = json!({"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": "s3://nowhere/"}});
    let answer = lake.athena("StartQueryExecution", input).await.unwrap();
    let execution = lake.end(answer["QueryExecutionId"].as_str().unwrap()).await;
    let status = &execution["Status"];
    assert_eq!(status["State"], "FAILED");
    let reason = status["StateChangeReason"].as_str().unwrap();
    assert!(
        reason.starts_with("The S3 location provided to save your query results is invalid."),
        "{reason}"
    );
    assert_eq!(status["AthenaError"]["ErrorCategory"], 2);
    let error = lake
        .athena(
            "GetQueryResults",
            json!({"QueryExecutionId": answer["QueryExecutionId"]}),
        )
        .await
        .unwrap_err();
    assert_eq!(
        error.message,
        "Query did not finish successfully. Final query state: FAILED"
    );
}

#[tokio::test]
async fn a_role_that_may_not_see_the_bucket_of_the_results_starts_no_query() {
    let lake = Lake::new().await;
    let role = lake
        .role(json!([{"Effect": "Allow", "Action": "athena:*", "Resource": "*"}]))
        .await;
    let error = lake.start(&role, "SELECT 1").await.unwrap_err();
    assert_eq!(
        error.message,
        "Unable to verify/create output bucket results"
    );
}

#[tokio::test]
async fn a_role_that_may_not_write_results_fails_in_athenas_words() {
    let lake = Lake::new().await;
    let role = lake
        .role(json!([{"Effect": "Allow", "Action": ["athena:*", "s3:GetBucketLocation"], "Resource": "*"}]))
        .await;
    let id = lake.start(&role, "SELECT 1").await.unwrap();
    let execution = lake.end(&id).await;
    let reason = execution["Status"]["StateChangeReason"].as_str().unwrap();
    let expected = format!("Access denied when writing output to url: {RESULTS}{id}.csv .");
    assert!(reason.starts_with(&expected), "{reason}");
    assert!(reason.contains("s3:PutObject"), "{reason}");
}

#[tokio::test]
async fn a_role_of_one_workgroup_sees_no_query_of_another() {
    let lake = Lake::new().await;
    let role = lake
        .role(json!([{"Effect": "Allow", "Action": "athena:*", "Resource": "arn:aws:athena:*:*:workgroup/own"}]))
        .await;
    let id = lake.start(&lake.world.root, "SELECT 1").await.unwrap();
    let error = lake
        .as_caller(&role, "GetQueryExecution", json!({"QueryExecutionId": id}))
        .await
        .unwrap_err();
    assert_eq!(error.code, "AccessDeniedException");
    assert!(
        error.message.contains(
            "is not authorized to perform: athena:GetQueryExecution on resource: arn:aws:athena:eu-west-1:000000000000:workgroup/primary"
        ),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn queries_are_listed_from_the_newest_on() {
    let lake = Lake::new().await;
    let mut ids = Vec::new();
    for i in 0..5 {
        let query = format!("SELECT {i}");
        ids.insert(0, lake.start(&lake.world.root, &query).await.unwrap());
    }
    let (mut listed, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut input = json!({"MaxResults": 2});
        if !token.is_null() {
            input["NextToken"] = token;
        }
        let mut page = lake.athena("ListQueryExecutions", input).await.unwrap();
        for id in page["QueryExecutionIds"].as_array().unwrap() {
            listed.push(id.as_str().unwrap().to_owned());
        }
        token = page["NextToken"].take();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(listed, ids);
}

#[test]
fn a_query_whose_process_died_has_failed() {
    let dir = tempfile::tempdir().unwrap();
    let root = Caller::root("eu-west-1");
    let call = |cloud: Cloud, service: &'static str, operation: &'static str, input: Value| {
        let root = root.clone();
        async move {
            cloud
                .invoke(&root, service, operation, input)
                .await
                .unwrap()
        }
    };
    // A runtime of one thread never comes to the query, as a process that is killed.
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let killed = runtime();
    let started = killed.block_on(async {
        let cloud = Cloud::open(dir.path()).unwrap();
        let bucket = json!({"Bucket": "results", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}});
        call(cloud.clone(), "s3", "createBucket", bucket).await;
        let query = json!({"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": RESULTS}});
        call(cloud, "athena", "StartQueryExecution", query).await
    });
    drop(killed);
    let execution = runtime().block_on(async {
        let cloud = Cloud::open(dir.path()).unwrap();
        let id = json!({"QueryExecutionId": started["QueryExecutionId"]});
        call(cloud, "athena", "GetQueryExecution", id).await
    });
    let status = &execution["QueryExecution"]["Status"];
    assert_eq!(status["State"], "FAILED");
    assert_eq!(
        status["StateChangeReason"],
        "The process that ran this query ended before the query did."
    );
    assert_eq!(status["AthenaError"]["Retryable"], true);
}

#[tokio::test]
async fn the_primary_workgroup_stays_and_another_goes_when_it_is_empty() {
    let lake = Lake::new().await;
    let delete = |name: &str, recursive: bool| json!({"WorkGroup": name, "RecursiveDeleteOption": recursive});
    let error = lake
        .athena("DeleteWorkGroup", delete("primary", true))
        .await
        .unwrap_err();
    assert_eq!(error.message, "WorkGroup primary cannot be deleted");
    lake.athena("CreateWorkGroup", json!({"Name": "films"}))
        .await
        .unwrap();
    let query = json!({"Name": "all", "Database": "films", "QueryString": "SELECT 1", "WorkGroup": "films"});
    lake.athena("CreateNamedQuery", query).await.unwrap();
    let error = lake
        .athena("DeleteWorkGroup", delete("films", false))
        .await
        .unwrap_err();
    assert_eq!(error.message, "WorkGroup films is not empty");
    lake.athena("DeleteWorkGroup", delete("films", true))
        .await
        .unwrap();
    let error = lake
        .athena("GetWorkGroup", json!({"WorkGroup": "films"}))
        .await
        .unwrap_err();
    assert_eq!(error.message, "WorkGroup films is not found.");
}

#[tokio::test]
async fn the_catalog_is_glues() {
    let lake = Lake::new().await;
    let answer = lake
        .athena("GetDataCatalog", json!({"Name": "AwsDataCatalog"}))
        .await
        .unwrap();
    assert_eq!(answer["DataCatalog"]["Type"], "GLUE");
    let error = lake
        .athena("GetDataCatalog", json!({"Name": "other"}))
        .await
        .unwrap_err();
    assert_eq!(error.message, "Data catalog other was not found");
}

#[tokio::test]
async fn what_the_catalog_has_not_is_told_in_the_words_that_clients_look_for() {
    let lake = Lake::new().await;
    let table = json!({"CatalogName": "AwsDataCatalog", "DatabaseName": "none", "TableName": "t"});
    let database = json!({"CatalogName": "AwsDataCatalog", "DatabaseName": "none"});
    for (operation, input) in [
        ("GetTableMetadata", table),
        ("GetDatabase", database.clone()),
        ("ListTableMetadata", database),
    ] {
        let error = lake.athena(operation, input).await.unwrap_err();
        assert_eq!(error.code, "MetadataException", "{operation}");
        let (words, id) = error.message.split_once("Request ID: ").unwrap();
        assert_eq!(
            words,
            "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; \
             Error Code: EntityNotFoundException; ",
            "{operation}"
        );
        assert!(id.ends_with("; Proxy: null)"), "{operation}: {id}");
    }
}

#[tokio::test]
async fn a_select_leaves_a_csv_with_its_columns_beside_it() {
    let lake = Lake::new().await;
    let execution = lake
        .run("SELECT * FROM (VALUES (1, 'Brazil'), (2, 'say \"hi\"'), (3, NULL)) AS t (id, title) ORDER BY id")
        .await;
    assert_eq!(execution["StatementType"], "DML");
    assert_eq!(execution["SubstatementType"], "SELECT");
    let url = execution["ResultConfiguration"]["OutputLocation"]
        .as_str()
        .unwrap();
    assert_eq!(
        url,
        format!(
            "{RESULTS}{}.csv",
            execution["QueryExecutionId"].as_str().unwrap()
        )
    );
    assert_eq!(
        lake.body(url).await,
        "\"id\",\"title\"\n\"1\",\"Brazil\"\n\"2\",\"say \"\"hi\"\"\"\n\"3\",\n"
    );
    let listed = lake
        .world
        .s3("listObjectsV2", json!({"Bucket": "results"}))
        .await
        .unwrap();
    assert_eq!(listed["KeyCount"], 2);
    let statistics = &execution["Statistics"];
    assert_eq!(statistics["DataScannedInBytes"], 0);
    assert!(statistics["EngineExecutionTimeInMillis"].is_u64());
    assert!(statistics["TotalExecutionTimeInMillis"].is_u64());
}

#[tokio::test]
async fn results_come_in_pages_whose_first_has_the_header() {
    let lake = Lake::new().await;
    let execution = lake
        .run("SELECT n FROM (VALUES 3, 1, 5, 2, 4) AS t (n) ORDER BY n")
        .await;
    let first = lake.results(&execution, json!({"MaxResults": 2})).await;
    assert_eq!(rows(&first), [[Some("n")], [Some("1")]]);
    let column = &first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0];
    assert_eq!(column["Name"], "n");
    assert_eq!(column["Nullable"], "UNKNOWN");
    let (mut seen, mut token) = (Vec::new(), first["NextToken"].clone());
    while !token.is_null() {
        let page = lake
            .results(&execution, json!({"MaxResults": 2, "NextToken": token}))
            .await;
        for row in rows(&page) {
            seen.push(row[0].unwrap().to_owned());
        }
        token = page["NextToken"].clone();
    }
    assert_eq!(seen, ["2", "3", "4", "5"]);
    let error = lake
        .athena(
            "GetQueryResults",
            json!({"QueryExecutionId": execution["QueryExecutionId"], "NextToken": "made-up"}),
        )
        .await
        .unwrap_err();
    assert_eq!(error.code, "InvalidRequestException");
}

#[tokio::test]
async fn a_result_that_is_young_enough_is_used_again() {
    let lake = Lake::new().await;
    let first = lake.run("SELECT 7").await;
    let reuse = |minutes: i32| {
        json!({
            "QueryString": "SELECT 7",
            "ResultConfiguration": {"OutputLocation": RESULTS},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": true, "MaxAgeInMinutes": minutes}},
        })
    };
    for (minutes, reused) in [(60, true), (0, false)] {
        let answer = lake
            .athena("StartQueryExecution", reuse(minutes))
            .await
            .unwrap();
        let execution = lake.end(answer["QueryExecutionId"].as_str().unwrap()).await;
        assert_ne!(execution["QueryExecutionId"], first["QueryExecutionId"]);
        let information = &execution["Statistics"]["ResultReuseInformation"];
        assert_eq!(information["ReusedPreviousResult"], reused);
        let same = execution["ResultConfiguration"] == first["ResultConfiguration"];
        assert_eq!(same, reused);
        let results = lake.results(&execution, json!({})).await;
        assert_eq!(rows(&results)[1], [Some("7")]);
    }
}

#[tokio::test]
async fn parameters_take_the_places_of_question_marks() {
    let lake = Lake::new().await;
    let input = json!({
        "QueryString": "SELECT ? + 1",
        "ExecutionParameters": ["41"],
        "ResultConfiguration": {"OutputLocation": RESULTS},
    });
    let answer = lake.athena("StartQueryExecution", input).await.unwrap();
    let execution = lake.end(answer["QueryExecutionId"].as_str().unwrap()).await;
    let results = lake.results(&execution, json!({})).await;
    assert_eq!(rows(&results)[1], [Some("42")]);
}

#[tokio::test]
async fn a_query_that_is_stopped_is_cancelled() {
    let lake = Lake::new().await;
    let long = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b (y) CROSS JOIN UNNEST(sequence(1, 10000)) AS c (z)";
    let id = lake.start(&lake.world.root, long).await.unwrap();
    let stop = json!({"QueryExecutionId": id});
    lake.athena("StopQueryExecution", stop.clone())
        .await
        .unwrap();
    let execution = lake.end(&id).await;
    assert_eq!(execution["Status"]["State"], "CANCELLED");
    // Stopping again changes nothing.
    lake.athena("StopQueryExecution", stop).await.unwrap();
    let asked = Instant::now();
    lake.world.cloud.wait_idle().await;
    assert!(asked.elapsed() < Duration::from_secs(10));
}

/// The test has one thread, which a batch of some seconds would hold if it were computed there.
#[tokio::test]
async fn calls_are_answered_while_a_query_computes() {
    let lake = Lake::new().await;
    let long = "SELECT max(levenshtein_distance(rpad('', 1000, cast(x AS varchar)), rpad('', 1000, 'b'))) FROM UNNEST(sequence(100000, 100200)) AS t (x)";
    let id = lake.start(&lake.world.root, long).await.unwrap();
    let input = json!({"QueryExecutionId": id});
    loop {
        let answer = lake.athena("GetQueryExecution", input.clone()).await;
        if answer.unwrap()["QueryExecution"]["Status"]["State"] != "QUEUED" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Were it computed here, the query would take the thread now and end before this goes on.
    tokio::time::sleep(Duration::from_millis(20)).await;
    lake.athena("StopQueryExecution", input).await.unwrap();
    lake.world.cloud.wait_idle().await;
    assert_eq!(lake.end(&id).await["Status"]["State"], "CANCELLED");
}

/// As awswrangler's `repair_table` names it.
#[tokio::test]
async fn the_database_of_a_query_may_be_in_hives_quotes() {
    let lake = Lake::new().await;
    lake.with_films().await;
    let input = json!({
        "QueryString": "SELECT count(*) FROM titles",
        "QueryExecutionContext": {"Database": "`Films`"},
        "ResultConfiguration": {"OutputLocation": RESULTS},
    });
    let answer = lake.athena("StartQueryExecution", input).await.unwrap();
    let execution = lake.end(answer["QueryExecutionId"].as_str().unwrap()).await;
    let status = &execution["Status"];
    assert_eq!(status["State"], "SUCCEEDED", "{status}");
}

#[tokio::test]
async fn a_table_that_does_not_exist_fails_the_query_where_it_is_named() {
    let lake = Lake::new().await;
    let id = lake
        .start(&lake.world.root, "SELECT * FROM films.titles")
        .await
        .unwrap();
    let execution = lake.end(&id).await;
    let status = &execution["Status"];
    assert_eq!(status["State"], "FAILED");
    let reason = status["StateChangeReason"].as_str().unwrap();
    assert!(reason.contains("line 1:15"), "{reason}");
    assert_eq!(status["AthenaError"]["ErrorCategory"], 2);
    assert_eq!(status["AthenaError"]["Retryable"], false);
}

#[tokio::test]
async fn a_query_reads_the_partitions_it_asks_for_and_no_more() {
    let lake = Lake::new().await;
    lake.with_films().await;
    let all = lake
        .run("SELECT title, year FROM films.titles ORDER BY year")
        .await;
    assert_eq!(
        rows(&lake.results(&all, json!({})).await),
        [
            [Some("title"), Some("year")],
            [Some("Alien"), Some("1979")],
            [Some("Brazil"), Some("1985")]
        ]
    );
    let one = lake
        .run("SELECT title FROM films.titles WHERE year > 1980")
        .await;
    assert_eq!(
        rows(&lake.results(&one, json!({})).await)[1],
        [Some("Brazil")]
    );
    let scanned = |execution: &Value| execution["Statistics"]["DataScannedInBytes"].clone();
    assert_eq!(scanned(&one), "id,title\n2,Brazil\n".len());
    assert!(scanned(&one).as_u64() < scanned(&all).as_u64());
}

#[tokio::test]
async fn a_role_without_the_catalog_or_the_data_fails_at_what_it_lacks() {
    let lake = Lake::new().await;
    lake.with_films().await;
    let role = lake
        .role(json!([
            {"Effect": "Allow", "Action": ["athena:*", "s3:GetBucketLocation", "s3:PutObject"], "Resource": "*"},
        ]))
        .await;
    let query = "SELECT title FROM films.titles";
    let reason = async |caller: &Caller| {
        let id = lake.start(caller, query).await.unwrap();
        let execution = lake.end(&id).await;
        assert_eq!(execution["Status"]["AthenaError"]["ErrorType"], 1301);
        execution["Status"]["StateChangeReason"].clone()
    };
    let denied = reason(&role).await;
    let denied = denied.as_str().unwrap();
    assert!(
        denied.starts_with("Insufficient permissions to execute the query. User: arn:aws:sts::000000000000:assumed-role/asker/run is not authorized to perform: glue:GetTable"),
        "{denied}"
    );
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["glue:*", "s3:ListBucket"], "Resource": "*"}});
    let input =
        json!({"RoleName": "asker", "PolicyName": "catalog", "PolicyDocument": policy.to_string()});
    lake.world
        .cloud
        .invoke(&lake.world.root, "iam", "PutRolePolicy", input)
        .await
        .unwrap();
    let denied = reason(&role).await;
    let denied = denied.as_str().unwrap();
    assert!(denied.contains("s3:GetObject"), "{denied}");
}

#[tokio::test]
async fn a_query_over_the_limit_of_its_workgroup_is_cancelled() {
    let lake = Lake::new().await;
    lake.with_films().await;
    let row = format!("1,{}\n", "x".repeat(100_000));
    for i in 0..4 {
        let body = row.repeat(30);
        let object =
            json!({"Bucket": "results", "Key": format!("titles/year=1979/{i}"), "Body": body});
        lake.world.s3("putObject", object).await.unwrap();
    }
    let group = json!({"Name": "frugal", "Configuration": {
        "BytesScannedCutoffPerQuery": 10_000_000,
        "ResultConfiguration": {"OutputLocation": RESULTS},
    }});
    lake.athena("CreateWorkGroup", group).await.unwrap();
    let query =
        json!({"QueryString": "SELECT count(title) FROM films.titles", "WorkGroup": "frugal"});
    let answer = lake.athena("StartQueryExecution", query).await.unwrap();
    let execution = lake.end(answer["QueryExecutionId"].as_str().unwrap()).await;
    assert_eq!(execution["Status"]["State"], "CANCELLED");
    let reason = execution["Status"]["StateChangeReason"].as_str().unwrap();
    assert!(
        reason.starts_with("Bytes scanned limit was exceeded"),
        "{reason}"
    );
}

#[tokio::test]
async fn the_catalog_is_shown_in_lines() {
    let lake = Lake::new().await;
    lake.with_films().await;
    let shown = lake.run("SHOW TABLES IN films").await;
    assert_eq!(shown["StatementType"], "UTILITY");
    let url = shown["ResultConfiguration"]["OutputLocation"]
        .as_str()
        .unwrap();
    assert!(url.ends_with(".txt"), "{url}");
    assert_eq!(lake.body(url).await, "titles\n");
    assert_eq!(
        rows(&lake.results(&shown, json!({})).await),
        [[Some("titles")]]
    );
    let metadata = lake
        .athena(
            "GetTableMetadata",
            json!({"CatalogName": "AwsDataCatalog", "DatabaseName": "films", "TableName": "titles"}),
        )
        .await
        .unwrap();
    assert_eq!(
        metadata["TableMetadata"]["PartitionKeys"][0]["Name"],
        "year"
    );
}

#[tokio::test]
async fn the_information_schema_tells_of_what_glue_has() {
    let lake = Lake::new().await;
    lake.with_films().await;
    lake.run("CREATE VIEW films.old AS SELECT title, id FROM films.titles WHERE year < 1980")
        .await;
    let told = async |sql: &str| {
        let execution = lake.run(sql).await;
        let results = lake.results(&execution, json!({})).await;
        let lines = rows(&results).into_iter().skip(1).map(|row| {
            let cells: Vec<&str> = row.into_iter().map(|cell| cell.unwrap_or("-")).collect();
            cells.join(" ")
        });
        lines.collect::<Vec<String>>()
    };
    assert_eq!(
        told("SELECT schema_name FROM information_schema.schemata ORDER BY 1").await,
        ["default", "films", "information_schema"]
    );
    assert_eq!(
        told(
            "SELECT table_name, table_type FROM information_schema.tables \
             WHERE table_schema = 'films' ORDER BY 1"
        )
        .await,
        ["old VIEW", "titles BASE TABLE"]
    );
    assert_eq!(
        told(
            "SELECT * FROM information_schema.columns \
             WHERE table_schema = 'films' ORDER BY table_name, ordinal_position"
        )
        .await,
        [
            "awsdatacatalog films old title 1 - YES varchar - -",
            "awsdatacatalog films old id 2 - YES integer - -",
            "awsdatacatalog films titles id 1 - YES integer - -",
            "awsdatacatalog films titles title 2 - YES varchar - -",
            "awsdatacatalog films titles year 3 - YES integer - partition key",
        ]
    );
    assert_eq!(
        told("SELECT * FROM information_schema.views").await,
        ["awsdatacatalog films old SELECT title, id FROM films.titles WHERE year < 1980"]
    );
    let nothing = "SELECT * FROM information_schema.tables WHERE table_schema IN ('', 'nodb')";
    assert!(told(nothing).await.is_empty());
}

#[tokio::test]
async fn a_role_lists_the_tables_that_glue_lets_it_list() {
    let lake = Lake::new().await;
    lake.with_films().await;
    let role = lake
        .role(json!([
            {"Effect": "Allow", "Action": ["athena:*", "s3:GetBucketLocation", "s3:PutObject"], "Resource": "*"},
            {"Effect": "Allow", "Action": ["glue:GetDatabase", "glue:GetTables"], "Resource": [
                "arn:aws:glue:eu-west-1:000000000000:catalog",
                "arn:aws:glue:eu-west-1:000000000000:database/films",
                "arn:aws:glue:eu-west-1:000000000000:table/films/*",
            ]},
        ]))
        .await;
    let ended = async |query: &str| {
        let id = lake.start(&role, query).await.unwrap();
        lake.end(&id).await["Status"].clone()
    };
    let own = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'films'";
    let own = ended(own).await;
    assert_eq!(own["State"], "SUCCEEDED", "{own}");
    let all = ended("SELECT table_name FROM information_schema.tables").await;
    assert_eq!(all["AthenaError"]["ErrorType"], 1301, "{all}");
    let reason = all["StateChangeReason"].as_str().unwrap();
    assert!(reason.contains("glue:GetDatabases"), "{reason}");
}

#[tokio::test]
async fn a_partition_gets_another_place_and_is_never_gone() {
    let lake = Lake::new().await;
    lake.with_films().await;
    let glue = async |operation: &str, input: Value| {
        let cloud = &lake.world.cloud;
        let answer = cloud.invoke(&lake.world.root, "glue", operation, input);
        answer.await.unwrap()
    };
    let name = json!({"DatabaseName": "films", "TableName": "titles", "PartitionValues": ["1979"]});
    let mut before = glue("GetPartition", name.clone()).await;
    let mut input = name.clone();
    input["PartitionValueList"] = json!(["1979"]);
    input["PartitionInput"] = json!({
        "StorageDescriptor": before["Partition"]["StorageDescriptor"],
        "Parameters": {"classification": "csv"},
        "LastAccessTime": 1_700_000_000,
    });
    input["PartitionInput"]["StorageDescriptor"]["NumberOfBuckets"] = json!(7);
    input.as_object_mut().unwrap().remove("PartitionValues");
    glue("UpdatePartition", input).await;
    before = glue("GetPartition", name.clone()).await;
    // It takes no right to drop partitions or to make any.
    let role = lake
        .role(json!([{
            "Effect": "Allow",
            "Action": ["athena:*", "s3:*", "glue:Get*", "glue:UpdatePartition"],
            "Resource": "*",
        }]))
        .await;
    let query = "ALTER TABLE films.titles PARTITION (year = 1979) SET LOCATION 's3://results/titles/year=1985/'";
    let id = lake.start(&role, query).await.unwrap();
    let execution = lake.end(&id).await;
    assert_eq!(
        execution["Status"]["State"], "SUCCEEDED",
        "{}",
        execution["Status"]
    );
    let after = glue("GetPartition", name).await;
    before["Partition"]["StorageDescriptor"]["Location"] = json!("s3://results/titles/year=1985/");
    assert_eq!(after, before);
    let found = lake.run("SELECT title FROM films.titles WHERE year = 1979");
    let found = found.await;
    assert_eq!(
        rows(&lake.results(&found, json!({})).await)[1],
        [Some("Brazil")]
    );
}

#[tokio::test]
async fn a_statement_prepared_in_sql_is_run_by_its_name() {
    let lake = Lake::new().await;
    lake.run("PREPARE plus FROM SELECT ? + 1").await;
    let listed = lake
        .athena("ListPreparedStatements", json!({"WorkGroup": "primary"}))
        .await
        .unwrap();
    assert_eq!(listed["PreparedStatements"][0]["StatementName"], "plus");
    let execution = lake.run("EXECUTE plus USING 41").await;
    assert_eq!(
        rows(&lake.results(&execution, json!({})).await)[1],
        [Some("42")]
    );
}

#[tokio::test]
async fn every_setting_of_a_workgroup_is_kept_and_what_can_be_removed_goes() {
    let lake = Lake::new().await;
    let key = "alias/a";
    let configuration = json!({
        "ResultConfiguration": {
            "OutputLocation": RESULTS,
            "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": key},
            "ExpectedBucketOwner": "000000000000",
            "AclConfiguration": {"S3AclOption": "BUCKET_OWNER_FULL_CONTROL"},
        },
        "ManagedQueryResultsConfiguration": {"Enabled": false, "EncryptionConfiguration": {"KmsKey": key}},
        "BytesScannedCutoffPerQuery": 10_000_000,
        "CustomerContentEncryptionConfiguration": {"KmsKey": key},
    });
    let input = json!({"Name": "w", "Configuration": configuration});
    lake.athena("CreateWorkGroup", input).await.unwrap();
    let updates = json!({
        "ResultConfigurationUpdates": {
            "RemoveOutputLocation": true,
            "RemoveEncryptionConfiguration": true,
            "RemoveExpectedBucketOwner": true,
            "RemoveAclConfiguration": true,
        },
        "ManagedQueryResultsConfigurationUpdates": {"RemoveEncryptionConfiguration": true},
        "RemoveBytesScannedCutoffPerQuery": true,
        "RemoveCustomerContentEncryptionConfiguration": true,
        "MonitoringConfiguration": {"ManagedLoggingConfiguration": {"Enabled": true}},
        "EngineConfiguration": {"MaxConcurrentDpus": 20},
    });
    let input = json!({"WorkGroup": "w", "ConfigurationUpdates": updates});
    lake.athena("UpdateWorkGroup", input).await.unwrap();
    let input = json!({"WorkGroup": "w"});
    let answer = lake.athena("GetWorkGroup", input).await.unwrap();
    let configuration = &answer["WorkGroup"]["Configuration"];
    assert_eq!(
        configuration["ManagedQueryResultsConfiguration"],
        json!({"Enabled": false})
    );
    assert_eq!(configuration["ResultConfiguration"], json!({}));
    assert_eq!(
        configuration["MonitoringConfiguration"]["ManagedLoggingConfiguration"]["Enabled"],
        true
    );
    assert_eq!(
        configuration["EngineConfiguration"]["MaxConcurrentDpus"],
        20
    );
    for gone in [
        "BytesScannedCutoffPerQuery",
        "CustomerContentEncryptionConfiguration",
    ] {
        assert_eq!(configuration[gone], Value::Null, "{gone}");
    }
}

#[tokio::test]
async fn settings_that_cannot_be_kept_are_refused() {
    let lake = Lake::new().await;
    for (configuration, code, says) in [
        (
            json!({"ResultConfiguration": {"EncryptionConfiguration": {"EncryptionOption": "SSE_KMS"}}}),
            "InvalidRequestException",
            "KmsKey is required",
        ),
        (
            json!({"EngineVersion": {"SelectedEngineVersion": "Athena engine version 1"}}),
            "InvalidRequestException",
            "is not supported",
        ),
        (
            json!({"IdentityCenterConfiguration": {"EnableIdentityCenter": true}}),
            "UnsupportedOperation",
            "IAM Identity Center",
        ),
    ] {
        let input = json!({"Name": "w", "Configuration": configuration});
        let error = lake.athena("CreateWorkGroup", input).await.unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_request_token_makes_one_named_query_and_stands_for_no_other() {
    let lake = Lake::new().await;
    let token = "t".repeat(32);
    let query = |sql: &str| json!({"Name": "q", "Database": "d", "QueryString": sql, "ClientRequestToken": token});
    let first = lake.athena("CreateNamedQuery", query("SELECT 1")).await;
    let again = lake.athena("CreateNamedQuery", query("SELECT 1")).await;
    assert_eq!(first.unwrap(), again.unwrap());
    let error = lake.athena("CreateNamedQuery", query("SELECT 2")).await;
    assert_eq!(
        error.unwrap_err().message,
        "Idempotent parameters do not match"
    );
}
