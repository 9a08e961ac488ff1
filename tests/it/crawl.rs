use crate::world::{Ran, World};

const STACK: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[buckets.data]

[uploads.films]
from = "films/"
to = "s3://${buckets.data}/films/"

[databases.lake]

[crawlers.films]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/films/"]
"#;

const FILMS: &str = "id,title\n1,Alien\n2,Brazil\n";

fn lake() -> World {
    let world = World::with_stack(STACK);
    world.write("films/year=2023/part.csv", FILMS);
    world.run(&["up", "--yes"]).ok();
    world
}

fn add(world: &World, path: &str, text: &str) {
    world.write(path, text);
    world.run(&["up", "--yes"]).ok();
}

fn out(ran: Ran) -> String {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

/// What a table has in the catalog, but for times and for who wrote it.
fn described(world: &World) -> serde_json::Value {
    let mut table = world.run(&["describe", "films", "--output", "json"]).json();
    let parameters = table["parameters"].as_object_mut().expect("parameters");
    parameters.remove("UPDATED_BY_CRAWLER");
    table
}

#[test]
fn a_crawl_tells_the_difference_that_it_made() {
    let world = lake();
    insta::assert_snapshot!(out(world.run(&["crawl"])), @r"
    + small_lake.films  csv, 3 columns, 1 partition
        id     bigint
        title  string
        year   string  partition key
    ");
    add(
        &world,
        "films/year=2024/part.csv",
        "id,title,score\n1.5,Alien,8.5\n2,Brazil,7.9\n",
    );
    insta::assert_snapshot!(out(world.run(&["crawl", "films"])), @r"
    ~ small_lake.films  csv, 1 column, 1 column changed, 1 partition
        + score  double
        ~ id: bigint → double
    ");
    let again = world.run(&["crawl"]);
    assert!(again.err.contains("found nothing new"), "{}", again.err);
    assert_eq!(out(again), "");
}

#[test]
fn a_native_crawl_writes_what_glues_own_would() {
    let theirs = lake();
    theirs.run(&["crawl"]).ok();
    let ours = lake();
    let dry = [
        "crawl",
        "--native",
        "films",
        "--dry-run",
        "--output",
        "json",
    ];
    let dry = ours.run(&dry).json();
    assert_eq!(dry[0]["status"], "DRY_RUN");
    assert_eq!(dry[0]["changes"][0]["what"], "added");
    let tables = ours.run(&["tables", "--output", "json"]).json();
    assert_eq!(tables, serde_json::json!([]), "a dry run writes nothing");
    ours.run(&["crawl", "--native", "films"]).ok();
    assert_eq!(described(&ours), described(&theirs));
    let again = ours
        .run(&["crawl", "--native", "films", "--output", "json"])
        .json();
    assert_eq!(again[0]["changes"], serde_json::json!([]));
    // The other way round there is nothing new either.
    let glue = ours.run(&["crawl", "--output", "json"]).json();
    assert_eq!(glue[0]["changes"], serde_json::json!([]));
}

#[test]
fn a_path_is_crawled_without_a_crawler() {
    let world = lake();
    let path = "s3://small-data-000000000000/films/";
    let ran = world.run(&["crawl", "--native", path, "--database", "lake"]);
    assert!(
        ran.err.contains("on AWS it would have cost $0.15"),
        "{}",
        ran.err
    );
    insta::assert_snapshot!(out(ran), @r"
    + small_lake.films  csv, 3 columns, 1 partition
        id     bigint
        title  string
        year   string  partition key
    ");
    let tables = world.run(&["tables", "--output", "json"]).json();
    assert_eq!(tables[0]["table"], "films");
}

#[test]
fn partitions_only_brings_in_new_folders_and_reads_no_file() {
    let world = lake();
    world.run(&["crawl", "--native", "films"]).ok();
    add(&world, "films/year=2024/part.csv", "this is no film");
    let only = [
        "crawl",
        "--native",
        "--partitions-only",
        "--database",
        "lake",
    ];
    let report = world
        .run(&[&only[..], &["--output", "json"]].concat())
        .json();
    assert_eq!(report[0]["changes"][0]["partitions_added"], 1);
    assert_eq!(report[0]["bytes_read"], 0);
    let again = world
        .run(&[&only[..], &["--output", "json"]].concat())
        .json();
    assert_eq!(again[0]["changes"], serde_json::json!([]));
}

#[test]
fn a_crawl_that_fails_says_why_and_the_others_go_on() {
    let world = lake();
    let ran = world.run(&["crawl", "films", "nobody"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("small_lake.films"), "{}", ran.out);
    assert!(ran.err.contains("nobody"), "{}", ran.err);
    let ran = world.run(&["crawl", "s3://bucket/path"]);
    assert!(ran.err.contains("`--native` crawls paths"), "{}", ran.err);
}
