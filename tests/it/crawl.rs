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
fn a_native_crawl_whose_answers_are_lost_has_made_what_it_wanted() {
    let world = lake();
    let path = "s3://small-data-000000000000/films/";
    for (calls, crawl) in [
        ("glue:CreateTable", ["crawl", "--native", "films"].to_vec()),
        (
            "glue:CreateDatabase",
            ["crawl", "--native", path, "--database", "new"].to_vec(),
        ),
    ] {
        let rule = format!("[[rules]]\ncalls = \"{calls}\"\nnth = 1\nfault = \"lose\"\n");
        let chaos = world.write("chaos.toml", &rule);
        let mut command = world.command(&[&crawl[..], &["--output", "json"]].concat());
        command.env("ATHGLUE_CHAOS", chaos);
        let ran = Ran::of(command.output().expect("the binary runs"));
        let report = ran.json();
        assert_eq!(report[0]["status"], "SUCCEEDED", "{report}");
        assert_eq!(report[0]["changes"][0]["partitions_added"], 1, "{report}");
        let again = world
            .run(&[&crawl[..], &["--output", "json"]].concat())
            .json();
        assert_eq!(again[0]["changes"], serde_json::json!([]));
    }
}

#[test]
fn a_path_is_crawled_without_a_crawler() {
    let world = lake();
    let path = "s3://small-data-000000000000/films/";
    let ran = world.run(&["crawl", "--native", path, "--database", "lake"]);
    assert!(
        ran.err
            .contains("on AWS the same crawl would have cost $0.15"),
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
fn crawlers_that_are_not_there_are_told_before_any_other_runs() {
    let world = lake();
    for more in [&["--no-wait"][..], &["--logs"], &["--native"], &[]] {
        let crawl = ["crawl", "films", "nobody", "noone"];
        let ran = world.run(&[&crawl[..], more].concat());
        assert_eq!(ran.code, 1);
        assert_eq!(ran.out, "");
        for name in ["nobody", "noone"] {
            assert!(ran.err.contains(name), "{}", ran.err);
        }
        let tables = world.run(&["tables", "--output", "json"]).json();
        assert_eq!(tables, serde_json::json!([]), "{more:?}");
    }
    let ran = world.run(&["crawl", "s3://bucket/path"]);
    assert!(ran.err.contains("`--native` crawls paths"), "{}", ran.err);
}

#[test]
fn a_crawl_that_fails_says_why_and_the_others_go_on() {
    let world = World::with_stack(TWO);
    world.write("data/films/a.csv", FILMS);
    world.write("data/songs/a.csv", FILMS);
    world.run(&["up", "--yes"]).ok();
    let path = "s3://nowhere/x/";
    let ran = world.run(&["crawl", "--native", "films", path, "--database", "lake"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("small_lake.films"), "{}", ran.out);
    assert!(ran.err.contains("s3://nowhere/x/"), "{}", ran.err);
}

/// Two crawlers whose tables are in one database.
const TWO: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[buckets.data]

[uploads.all]
from = "data/"
to = "s3://${buckets.data}/"

[databases.lake]

[crawlers.films]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/films/"]

[crawlers.songs]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/songs/"]
"#;

#[test]
fn each_crawler_is_told_the_changes_that_it_made_and_no_other() {
    let world = World::with_stack(TWO);
    world.write("data/films/a.csv", FILMS);
    world.write("data/songs/year=1/a.csv", FILMS);
    world.run(&["up", "--yes"]).ok();
    let reports = world.run(&["crawl", "--output", "json"]).json();
    let tables = |report: &serde_json::Value| -> Vec<(String, String)> {
        let changes = report["changes"].as_array().expect("a list").iter();
        changes
            .map(|c| (c["what"].to_string(), c["table"].to_string()))
            .collect()
    };
    let of = |what: &str, table: &str| vec![(format!("{what:?}"), format!("{table:?}"))];
    assert_eq!(tables(&reports[0]), of("added", "films"));
    assert_eq!(tables(&reports[1]), of("added", "songs"));
    world.write("data/songs/year=2/a.csv", FILMS);
    world.run(&["up", "--yes"]).ok();
    let reports = world.run(&["crawl", "--output", "json"]).json();
    assert_eq!(tables(&reports[0]), []);
    assert_eq!(tables(&reports[1]), of("changed", "songs"));
    assert_eq!(reports[1]["changes"][0]["partitions_added"], 1);
    assert_eq!(reports[1]["billed"], false);
}

#[test]
fn xml_and_iceberg_are_crawled_as_tables_without_a_serde_beside_others() {
    let world = lake();
    world.write("films/a.xml", "<all><row><a>1</a></row></all>");
    world.write(
        "films/ice/metadata/v1.metadata.json",
        r#"{"format-version": 2, "current-schema-id": 0, "schemas": [{"schema-id": 0, "type": "struct",
           "fields": [{"id": 1, "name": "id", "type": "long", "required": false}]}]}"#,
    );
    world.run(&["up", "--yes"]).ok();
    world.run(&["crawl", "--native", "films"]).ok();
    let tables = world.run(&["tables", "--output", "json"]).json();
    let names: Vec<_> = tables
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|table| table["table"].as_str())
        .collect();
    assert_eq!(names, ["a_xml", "films", "ice"]);
    let again = world.run(&["crawl", "--native", "films", "--output", "json"]);
    assert_eq!(again.json()[0]["changes"], serde_json::json!([]));
}

#[test]
fn a_change_of_a_number_alone_is_told_and_a_crawl_under_another_name_changes_nothing() {
    let world = lake();
    world.run(&["crawl"]).ok();
    let path = "s3://small-data-000000000000/films/";
    let again = world.run(&["crawl", "--native", path, "--output", "json"]);
    assert_eq!(again.json()[0]["changes"], serde_json::json!([]));
    world.write("films/year=2023/more.csv", FILMS);
    world.run(&["up", "--yes"]).ok();
    let ran = world.run(&["crawl", "--native", path, "--output", "json"]);
    let change = &ran.json()[0]["changes"][0];
    assert_eq!(change["partitions_changed"], 1);
    let objects = change["settings_changed"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|setting| setting["name"] == "objectCount")
        .expect("it is another");
    assert_eq!(objects["new"], "2");
    let table = world.run(&["describe", "films", "--output", "json"]).json();
    assert_ne!(table["parameters"]["UPDATED_BY_CRAWLER"], "athglue");
}

#[test]
fn a_database_that_a_crawl_makes_is_told() {
    let world = lake();
    let path = "s3://small-data-000000000000/films/";
    for more in ["--dry-run", "--native"] {
        let mut args = vec!["crawl", path, "--native", "--database", "tpyo"];
        if more == "--dry-run" {
            args.push(more);
        }
        let shown = world.run(&args).ok();
        assert!(
            shown.contains("+ tpyo  a database that was not there"),
            "{shown}"
        );
    }
}

#[test]
fn a_path_that_is_empty_or_of_this_machine_is_said_to_be_so() {
    let world = lake();
    let path = "s3://small-data-000000000000/flims/";
    let ran = world.run(&["crawl", "--native", path]);
    assert!(ran.err.contains("there is no object here"), "{}", ran.err);
    let ran = world.run(&["crawl", "--native", "films/"]);
    assert!(ran.err.contains("begins with s3://"), "{}", ran.err);
}

#[test]
fn partitions_only_leaves_out_folders_whose_data_is_hidden() {
    let world = lake();
    world.run(&["crawl", "--native", "films"]).ok();
    add(&world, "films/year=2024/_temporary/part.csv", FILMS);
    let only = [
        "crawl",
        "--native",
        "--partitions-only",
        "--database",
        "lake",
    ];
    let ran = world.run(&only);
    assert!(ran.err.contains("no file read"), "{}", ran.err);
    assert_eq!(ran.ok(), "");
}

const ONLY: [&str; 5] = [
    "crawl",
    "--native",
    "--partitions-only",
    "--database",
    "lake",
];

/// A lake with a table whose partition key is of a type.
fn typed() -> World {
    let more = r#"
[tables.typed]
database = "${databases.lake}"
location = "s3://${buckets.data}/films/typed/"
format = "csv"
columns = [{ name = "id", type = "bigint" }]
partition_keys = [{ name = "y", type = "int" }]
"#;
    World::with_stack(&format!("{STACK}{more}"))
}

#[test]
fn partitions_only_passes_over_folders_that_give_a_key_no_value_of_its_type() {
    let world = typed();
    for folder in ["y=1", "y=x", "m=1", "y=2"] {
        world.write(&format!("films/typed/{folder}/a.csv"), "1\n");
    }
    world.write("films/typed/a.csv", "1\n");
    world.run(&["up", "--yes"]).ok();
    let report = world
        .run(&[&ONLY[..], &["--output", "json"]].concat())
        .json();
    assert_eq!(report[0]["changes"][0]["partitions_added"], 2);
    let warnings = report[0]["warnings"].as_array().expect("a list").iter();
    let places: Vec<&str> = warnings
        .filter_map(|warning| warning["location"].as_str()?.split_once("/typed/"))
        .map(|(_, place)| place)
        .collect();
    assert_eq!(places, ["a.csv", "m=1/", "y=x/"]);
}

#[test]
fn partitions_only_goes_on_when_a_table_cannot_be_looked_at() {
    let world = typed();
    world.write("films/typed/y=1/a.csv", "1\n");
    let stack = std::fs::read_to_string(world.path().join("stack.toml")).expect("it is there");
    let gone = stack[stack.find("[tables.typed]").expect("a table")..]
        .replace("typed]", "gone]")
        .replace("${buckets.data}/films/typed/", "gone-z/t/");
    world.write("stack.toml", &format!("{stack}{gone}"));
    world.run(&["up", "--yes"]).ok();
    let ran = world.run(&ONLY);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(
        ran.out.contains("small_lake.typed  csv, 1 partition"),
        "{}",
        ran.out
    );
    assert!(
        ran.err
            .contains("s3://gone-z/t/: table small_lake.gone cannot be looked at")
    );
    assert!(ran.err.contains("NoSuchBucket"), "{}", ran.err);
    let again = world.run(&ONLY);
    assert_eq!((again.code, again.out), (1, String::new()));
}

#[test]
fn partitions_only_of_a_path_without_a_table_says_so() {
    let world = lake();
    world.run(&["crawl", "--native", "films"]).ok();
    let only = |path: &str| {
        let path = format!("s3://small-data-000000000000/{path}");
        let ran = world.run(&["crawl", "--native", "--partitions-only", &path]);
        ran.err
    };
    assert!(only("zzz/").contains("no table of database small_lake is here;"));
    assert!(only("films/year=2023/").contains("this is within table films"));
    assert!(!only("films/").contains("no table"));
}

#[test]
fn what_is_said_of_paths_is_refused_where_no_path_is_named() {
    let world = lake();
    for option in ["--database", "--table-prefix"] {
        let ran = world.run(&["crawl", "--native", "films", option, "x"]);
        assert_eq!(ran.code, 1);
        assert!(
            ran.err.contains(&format!("{option} is for S3 paths")),
            "{}",
            ran.err
        );
    }
    let ran = world.run(&[&ONLY[..], &["--table-prefix", "x"]].concat());
    assert_eq!(ran.code, 2, "{}", ran.err);
}

#[test]
fn native_crawls_of_one_path_made_together_find_the_tables_of_one() {
    let more = STACK[STACK.find("[crawlers.films]").expect("a crawler")..].to_owned();
    let more: String = ["second", "third", "fourth", "fifth"]
        .iter()
        .map(|name| more.replace("crawlers.films", &format!("crawlers.{name}")))
        .collect();
    let world = World::with_stack(&format!("{STACK}{more}"));
    world.write("films/year=2023/part.csv", FILMS);
    world.run(&["up", "--yes"]).ok();
    let reports = world.run(&["crawl", "--native", "--output", "json"]).json();
    let reports = reports.as_array().expect("a list");
    assert_eq!(reports.len(), 5);
    let added = reports
        .iter()
        .filter_map(|report| report["changes"].as_array());
    let added: Vec<_> = added
        .flatten()
        .filter(|change| change["what"] == "added")
        .collect();
    assert_eq!(added.len(), 1, "{reports:?}");
    assert_eq!(added[0]["table"], "films");
}

#[test]
fn a_native_crawl_looks_for_iceberg_tables_where_a_crawler_does() {
    let stack = STACK.replace(
        "paths = [\"s3://${buckets.data}/films/\"]",
        "iceberg_targets = [{ paths = [\"s3://${buckets.data}/films/\"] }]",
    );
    let world = World::with_stack(&stack);
    world.write("films/plain/a.csv", FILMS);
    world.write(
        "films/ice/metadata/v1.metadata.json",
        r#"{"format-version": 2, "current-schema-id": 0, "schemas": [{"schema-id": 0, "type": "struct",
           "fields": [{"id": 1, "name": "id", "type": "long", "required": false}]}]}"#,
    );
    world.run(&["up", "--yes"]).ok();
    let report = world
        .run(&["crawl", "--native", "films", "--output", "json"])
        .json();
    let changes = report[0]["changes"].as_array().expect("a list");
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["table"], "ice");
    // Glue's own crawl finds nothing more.
    let glue = world.run(&["crawl", "--output", "json"]).json();
    assert_eq!(glue[0]["changes"], serde_json::json!([]));
}

#[test]
fn nothing_is_billed_by_a_cloud_that_the_environment_leads_to() {
    let world = lake();
    let served = crate::serve::serve(&world);
    let at_served = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command
            .env("AWS_ENDPOINT_URL", &served.1)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        Ran::of(command.output().expect("the binary runs"))
    };
    at_served(&["up", "--yes"]).ok();
    let ran = at_served(&["crawl"]);
    assert!(
        ran.err.contains("on AWS the same crawl would have cost"),
        "{}",
        ran.err
    );
    let report = at_served(&["crawl", "--output", "json"]).json();
    assert_eq!(report[0]["billed"], false);
}
