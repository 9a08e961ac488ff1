use crate::world::World;

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
recrawl = "CRAWL_NEW_FOLDERS_ONLY"
on_change = "LOG"
on_delete = "LOG"
"#;

const FILMS: &str = "id,title\n1,Alien\n2,Brazil\n";

fn lake() -> World {
    let world = World::with_stack(STACK);
    world.write("films/year=2023/part.csv", FILMS);
    world.run(&["up", "--yes"]).ok();
    world
}

#[test]
fn a_native_crawl_of_new_folders_reads_them_alone_and_holds_them_against_the_table() {
    let world = lake();
    let native = ["crawl", "--native", "films", "--output", "json"];
    let first = world.run(&native).json();
    assert_eq!(first[0]["changes"][0]["what"], "added");
    world.write("films/year=2023/more.csv", "id,title,more\n1,Alien,2\n");
    world.write("films/year=2024/part.csv", FILMS);
    world.write("films/year=2025/part.json", "{\"a\": 1}\n");
    world.run(&["up", "--yes"]).ok();
    let second = world.run(&native).json();
    let changes = &second[0]["changes"];
    assert_eq!(changes.as_array().map(Vec::len), Some(1), "{changes}");
    assert_eq!(changes[0]["table"], "films");
    assert_eq!(changes[0]["partitions_added"], 1);
    assert_eq!(changes[0]["partitions_changed"], 0);
    let warnings = second[0]["warnings"].to_string();
    assert!(
        warnings.contains("its data is json, and that of table films is csv"),
        "{warnings}"
    );
    let third = world.run(&native).json();
    assert_eq!(third[0]["changes"], serde_json::json!([]));
}

#[test]
fn a_crawl_shows_what_its_log_warns_of_and_crawls_each_crawler_once() {
    let world = lake();
    world.write("films/year=2023/empty.csv", "");
    world.run(&["up", "--yes"]).ok();
    let reports = world.run(&["crawl", "films", "films", "--output", "json"]);
    let reports = reports.json();
    assert_eq!(reports.as_array().map(Vec::len), Some(1), "{reports}");
    let warning = &reports[0]["warnings"][0];
    let place = warning["location"].as_str().unwrap_or_default();
    assert!(place.ends_with("/films/year=2023/empty.csv"), "{warning}");
    assert_eq!(
        warning["message"],
        "the object is empty, and was passed over"
    );
}

#[test]
fn a_path_that_is_an_object_is_a_table_of_that_object() {
    let world = lake();
    world.write("films/year=2023/more.csv", FILMS);
    world.run(&["up", "--yes"]).ok();
    let path = "s3://small-data-000000000000/films/year=2023/part.csv";
    let native = ["crawl", "--native", path, "--output", "json"];
    let report = world.run(&native).json();
    assert_eq!(report[0]["objects"], 1);
    let table = &report[0]["changes"][0]["table"];
    assert_eq!(table, "part_csv");
    let table = world.run(&["describe", "part_csv", "--output", "json"]);
    assert_eq!(table.json()["location"], path);
}
