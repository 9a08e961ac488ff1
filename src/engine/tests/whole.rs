//! A stack of every kind, made, compared, changed and taken away.

use super::*;

const WHOLE: &str = r#"
[stack]
name = "whole"
tags = { team = "data" }

[buckets.data]
[buckets.results]

[uploads.sample]
from = "data/"
to = "s3://${buckets.data}/films/"

[databases.lake]
description = "Films"

[tables.films]
database = "${databases.lake}"
location = "s3://${buckets.data}/films/"
format = "csv"
columns = [{ name = "title", type = "string" }, { name = "year", type = "bigint" }]
parameters = { "skip.header.line.count" = "1" }

[crawlers.films]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/films/"]
schedule = "cron(0 3 * * ? *)"
configuration = { CrawlerOutput = { Partitions = { AddOrUpdateBehavior = "InheritFromTable" } } }

[workgroups.main]
results = "s3://${buckets.results}/athena/"

[queries.top]
database = "${databases.lake}"
workgroup = "${workgroups.main}"
sql = "SELECT title FROM films LIMIT 10"

[state_machines.report]
definition = "report.asl.json"
substitutions = { Database = "${databases.lake}", WorkGroup = "${workgroups.main}" }
"#;

const REPORT: &str = r#"{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true,
    "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
    "Parameters": {"QueryString": "SELECT title FROM ${Database}.films", "WorkGroup": "${WorkGroup}"}}}}"#;

/// A change in every kind; a schedule is taken away.
const CHANGES: &[(&str, &str)] = &[
    ("team = \"data\"", "team = \"films\""),
    ("\"Films\"", "\"All films\""),
    ("type = \"bigint\"", "type = \"int\""),
    ("LIMIT 10", "LIMIT 20"),
    ("/athena/\"", "/queries/\""),
    ("schedule = \"cron(0 3 * * ? *)\"", ""),
];

/// Every kind, made, compared, changed and taken away: what any target must do.
async fn every_kind_lives_and_dies(
    folder: &Path,
    cloud: &Cloud,
    whole: &str,
    changes: &[(&str, &str)],
) -> String {
    std::fs::write(folder.join("report.asl.json"), REPORT).expect("a file");
    let stack = resolve(folder, whole, cloud);
    let outcome = go(&stack, cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let before = cloud.calls().mutating();
    assert!(before.contains_key("CreateBucket"));
    let planned = plan(&stack, cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty(), "{:#?}", planned.changes);
    assert!(go(&stack, cloud, &Goal::Up).await.is_complete());
    assert_eq!(cloud.calls().mutating(), before);

    let changed = changes
        .iter()
        .fold(whole.to_owned(), |text, (old, new)| text.replace(old, new));
    std::fs::write(
        folder.join("report.asl.json"),
        REPORT.replace("title", "year"),
    )
    .expect("a file");
    let stack = resolve(folder, &changed, cloud);
    let planned = plan(&stack, cloud, &Goal::Up).await.expect("a plan");
    let updates = planned
        .changes
        .iter()
        .filter(|c| c.action == Action::Update);
    let updates: Vec<String> = updates
        .flat_map(|c| {
            let fields = c.fields.iter();
            fields.map(|field| format!("{} {}", c.address, field.path))
        })
        .collect();
    let outcome = go(&stack, cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let planned = plan(&stack, cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty(), "{:#?}", planned.changes);

    let goal = Goal::Destroy;
    let outcome = go(&stack, cloud, &goal).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let planned = plan(&stack, cloud, &goal).await.expect("a plan");
    assert!(planned.is_empty(), "{:#?}", actions(&planned));
    updates.join("\n")
}

#[tokio::test]
async fn every_kind_lives_and_dies_in_the_embedded_cloud() {
    let (folder, cloud) = cloud().await;
    let updates = every_kind_lives_and_dies(folder.path(), &cloud, WHOLE, CHANGES).await;
    insta::assert_snapshot!(updates, @r"
    buckets.data tags
    buckets.results tags
    databases.lake description
    databases.lake tags
    tables.films columns
    crawlers.films.role tags
    crawlers.films schedule
    crawlers.films tags
    workgroups.main results
    workgroups.main tags
    queries.top sql
    state_machines.report.role inline
    state_machines.report.role tags
    state_machines.report definition
    state_machines.report tags
    ");
}

/// Another implementation of these APIs, such as moto's server, named by its URL.
#[tokio::test]
#[ignore = "needs a server at ATHGLUE_TEST_ENDPOINT"]
async fn every_kind_lives_and_dies_at_the_server_that_athglue_test_endpoint_names() {
    let url = std::env::var("ATHGLUE_TEST_ENDPOINT").expect("ATHGLUE_TEST_ENDPOINT is set");
    let folder = tempfile::tempdir().expect("a folder");
    let cloud = connect(Target::Endpoint(url)).await;
    // moto has no BatchGetNamedQuery, UpdateNamedQuery, UpdateWorkGroup and UpdateCrawler.
    let (before, after) = WHOLE.split_once("[queries.top]").expect("it is there");
    let (_, after) = after.split_once("LIMIT 10\"").expect("it is there");
    let whole = format!("{before}{after}");
    let updates = every_kind_lives_and_dies(folder.path(), &cloud, &whole, &CHANGES[..3]).await;
    insta::assert_snapshot!(updates, @r"
    buckets.data tags
    buckets.results tags
    databases.lake description
    databases.lake tags
    tables.films columns
    crawlers.films.role tags
    crawlers.films tags
    workgroups.main tags
    state_machines.report.role tags
    state_machines.report definition
    state_machines.report tags
    ");
}
