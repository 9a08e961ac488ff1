//! Files of independent writers, and the tables that they make: each folder of `tests/corpus/text`
//! and `tests/corpus/binary` is a case, as `write_text.py` and `write_binary.py` beside them wrote it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crawler::{Column, Crawled, CustomClassifier, Options, Table};
use serde_json::Value;

use crate::damage::Random;
use crate::lake::{Lake, lake, listed, values};

/// The cases of a corpus, and what is expected of each.
pub fn corpus(name: &str) -> Vec<(PathBuf, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let folder = root.join(name);
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|case| case.unwrap().path())
        .collect();
    cases.sort();
    cases
        .into_iter()
        .map(|case| {
            let text = fs::read_to_string(case.join("expected.json")).unwrap();
            let expected = serde_json::from_str(&text).unwrap();
            (case, expected)
        })
        .collect()
}

/// The objects of a case that have a byte, by their keys.
pub fn objects(case: &Path) -> Vec<(String, Vec<u8>)> {
    let root = case.join("objects");
    let mut objects = Vec::new();
    let mut folders: Vec<PathBuf> = root.is_dir().then(|| root.clone()).into_iter().collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let key = path.strip_prefix(&root).unwrap().to_str().unwrap();
            objects.push((key.to_owned(), fs::read(&path).unwrap()));
        }
    }
    objects.sort();
    objects
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|one| one.as_str().unwrap())
}

/// The bucket of a case, and how it is crawled.
async fn lake_of(objects: &[(String, Vec<u8>)], expected: &Value) -> Lake {
    let given = &expected["Options"];
    let json_path = given["JsonPath"].as_str();
    let mut lake = lake()
        .at(given["Prefix"].as_str().unwrap_or_default())
        .options(Options {
            table_prefix: given["TablePrefix"].as_str().unwrap_or_default().to_owned(),
            combine_compatible_schemas: given["CombineCompatibleSchemas"] == true,
            table_level: given["TableLevel"].as_u64().map(|level| level as u32),
            classifiers: json_path
                .map(|path| CustomClassifier::Json {
                    path: path.to_owned(),
                })
                .into_iter()
                .collect(),
        });
    for exclusion in strings(&given["Exclusions"]) {
        lake = lake.without(exclusion);
    }
    for key in strings(&expected["EmptyObjects"]) {
        lake = lake.with(key, Vec::new()).await;
    }
    for (key, body) in objects {
        lake = lake.with(key, body.clone()).await;
    }
    lake
}

/// What differs between a case's tables, warnings and advice and those that are expected.
fn differences(crawled: &Crawled, expected: &Value) -> Vec<String> {
    let tables = expected["TableList"].as_array().unwrap();
    let mut differences = Vec::new();
    let has_objects = crawled.objects > 0;
    if tables.is_empty() && has_objects && crawled.warnings.is_empty() {
        differences.push("no warning says why there is no table".to_owned());
    }
    if crawled.tables.len() != tables.len() {
        let found: Vec<&str> = crawled.tables.iter().map(|table| &table.name[..]).collect();
        differences.push(format!("tables {found:?}; {:?}", crawled.warnings));
    }
    for expected in tables {
        let name = expected["Name"].as_str().unwrap();
        match crawled.tables.iter().find(|table| table.name == name) {
            Some(table) => differences.extend(of_table(table, expected)),
            None => differences.push(format!("there is no table {name}")),
        }
    }
    for part in strings(&expected["Warnings"]) {
        let warnings = crawled.warnings.iter().map(|one| one.message.clone());
        let all: Vec<String> = warnings
            .chain(crawled.advice.iter().map(crawler::Advice::message))
            .collect();
        if !all.iter().any(|message| message.contains(part)) {
            differences.push(format!("no warning of `{part}`: {all:?}"));
        }
    }
    differences
}

fn of_table(table: &Table, expected: &Value) -> Vec<String> {
    let storage = &expected["StorageDescriptor"];
    let serde = &storage["SerdeInfo"];
    let partitions: Vec<String> = expected["Partitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|partition| strings(&partition["Values"]).collect::<Vec<_>>().join("/"))
        .collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let format = &table.format;
    let keys = listed(&table.partition_keys);
    let mut pairs = vec![
        (
            listed(&table.columns),
            listed(&expected_columns(&storage["Columns"])),
        ),
        (keys, listed(&expected_columns(&expected["PartitionKeys"]))),
        (table.location.clone(), text(&storage["Location"])),
        (format.input_format.clone(), text(&storage["InputFormat"])),
        (format.output_format.clone(), text(&storage["OutputFormat"])),
        (
            format.serialization_library.clone(),
            text(&serde["SerializationLibrary"]),
        ),
        (values(table).join(" "), partitions.join(" ")),
    ];
    for (found, expected) in [
        (&table.parameters, &expected["Parameters"]),
        (&format.serde_parameters, &serde["Parameters"]),
    ] {
        for (name, value) in expected.as_object().unwrap() {
            let found = found.get(name).cloned().unwrap_or_default();
            pairs.push((format!("{name}={found}"), format!("{name}={}", text(value))));
        }
    }
    pairs
        .into_iter()
        .filter(|(found, expected)| found != expected)
        .map(|(found, expected)| format!("`{found}` instead of `{expected}`"))
        .collect()
}

fn expected_columns(columns: &Value) -> Vec<Column> {
    columns
        .as_array()
        .unwrap()
        .iter()
        .map(|column| Column {
            name: column["Name"].as_str().unwrap().to_owned(),
            data_type: column["Type"].as_str().unwrap().to_owned(),
        })
        .collect()
}

/// What is wrong with the tables that a corpus makes.
async fn wrong(name: &str, least: usize) -> Vec<String> {
    let cases = corpus(name);
    assert!(cases.len() > least, "{}", cases.len());
    let mut wrong = Vec::new();
    for (case, expected) in cases {
        assert!(!expected["Source"].as_str().unwrap().is_empty());
        let crawled = lake_of(&objects(&case), &expected).await.crawl().await;
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        for difference in differences(&crawled, &expected) {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    wrong
}

#[tokio::test]
async fn texts_of_independent_writers_make_the_tables_that_are_expected() {
    let wrong = wrong("text", 90).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn files_of_independent_writers_make_the_tables_that_are_expected() {
    let wrong = wrong("binary", 100).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Crawls each case of a corpus so many times, its objects damaged in other ways.
/// `ATHGLUE_DAMAGE=N` does so N times, and in ways of its own.
async fn damaged(name: &str, usual: usize) {
    let given = std::env::var("ATHGLUE_DAMAGE").ok();
    let rounds = given.map_or(usual, |rounds| rounds.parse().unwrap());
    let mut random = Random::new((rounds - usual) as u64);
    for (case, expected) in corpus(name) {
        let whole = objects(&case);
        for round in 0..rounds {
            let damaged: Vec<(String, Vec<u8>)> = whole
                .iter()
                .map(|(key, body)| (key.clone(), random.damage(body)))
                .collect();
            let start = Instant::now();
            let crawled = lake_of(&damaged, &expected).await.try_crawl().await;
            let is_whole = |crawled: &Crawled| {
                // What a crawl says of a file on which a decoder panicked.
                let panicked = |one: &crawler::Warning| one.message.ends_with("cannot be decoded");
                !crawled.warnings.iter().any(panicked)
            };
            assert!(
                crawled.as_ref().is_ok_and(is_whole),
                "{}, round {round}: {crawled:?}",
                case.display()
            );
            assert!(
                start.elapsed() < Duration::from_secs(5),
                "{}",
                case.display()
            );
        }
    }
}

#[tokio::test]
async fn damaged_texts_of_independent_writers_are_no_trouble() {
    damaged("text", 20).await;
}

#[tokio::test]
async fn damaged_files_of_independent_writers_are_no_trouble() {
    damaged("binary", 12).await;
}
