//! Files of independent writers, and the tables that they make: each folder of
//! `tests/corpus/binary` is a case, as `tests/corpus/write_binary.py` wrote it.

use std::fs;
use std::path::{Path, PathBuf};

use crawler::{Crawled, Table};
use serde_json::Value;

use crate::lake::{Lake, lake};

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binary");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|case| case.unwrap().path())
        .collect();
    cases.sort();
    cases
}

/// The objects of a case, by their keys.
pub fn objects(case: &Path) -> Vec<(String, Vec<u8>)> {
    let root = case.join("objects");
    let mut objects = Vec::new();
    let mut folders = vec![root.clone()];
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

async fn lake_of(objects: Vec<(String, Vec<u8>)>) -> Lake {
    let mut lake = lake();
    for (key, body) in objects {
        lake = lake.with(&key, body).await;
    }
    lake
}

/// What differs between a case's tables and those that are expected.
fn differences(crawled: &Crawled, expected: &Value) -> Vec<String> {
    let expected = expected["TableList"].as_array().unwrap();
    let mut differences = Vec::new();
    if crawled.tables.len() != expected.len() {
        let found: Vec<&str> = crawled.tables.iter().map(|table| &table.name[..]).collect();
        differences.push(format!("tables {found:?}; {:?}", crawled.warnings));
    }
    if expected.is_empty() && crawled.warnings.is_empty() {
        differences.push("no warning says why there is no table".to_owned());
    }
    for expected in expected {
        let name = expected["Name"].as_str().unwrap();
        match crawled.tables.iter().find(|table| table.name == name) {
            Some(table) => differences.extend(of_table(table, expected)),
            None => differences.push(format!("there is no table {name}")),
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
        .map(|partition| partition["Values"].to_string())
        .collect();
    let found: Vec<String> = table
        .partitions
        .iter()
        .map(|partition| serde_json::to_string(&partition.values).unwrap())
        .collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut pairs = vec![
        (columns(&table.columns), listed(&storage["Columns"])),
        (
            columns(&table.partition_keys),
            listed(&expected["PartitionKeys"]),
        ),
        (table.location.clone(), text(&storage["Location"])),
        (
            table.format.input_format.clone(),
            text(&storage["InputFormat"]),
        ),
        (
            table.format.output_format.clone(),
            text(&storage["OutputFormat"]),
        ),
        (
            table.format.serialization_library.clone(),
            text(&serde["SerializationLibrary"]),
        ),
        (found.join(" "), partitions.join(" ")),
    ];
    for (parameters, expected) in [
        (&table.parameters, &expected["Parameters"]),
        (&table.format.serde_parameters, &serde["Parameters"]),
    ] {
        for (name, value) in expected.as_object().unwrap() {
            let found = parameters.get(name).cloned().unwrap_or_default();
            pairs.push((format!("{name}={found}"), format!("{name}={}", text(value))));
        }
    }
    pairs
        .into_iter()
        .filter(|(found, expected)| found != expected)
        .map(|(found, expected)| format!("`{found}` instead of `{expected}`"))
        .collect()
}

fn columns(columns: &[crawler::Column]) -> String {
    crate::lake::listed(columns)
}

fn listed(columns: &Value) -> String {
    let columns: Vec<String> = columns
        .as_array()
        .unwrap()
        .iter()
        .map(|column| {
            let (name, data_type) = (&column["Name"], &column["Type"]);
            format!("{} {}", name.as_str().unwrap(), data_type.as_str().unwrap())
        })
        .collect();
    columns.join(", ")
}

#[tokio::test]
async fn files_of_independent_writers_make_the_tables_that_are_expected() {
    let cases = corpus();
    assert!(cases.len() > 100, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let text = fs::read_to_string(case.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        assert!(!expected["Source"].as_str().unwrap().is_empty());
        let crawled = lake_of(objects(&case)).await.crawl().await;
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        for difference in differences(&crawled, &expected) {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn damaged_files_of_independent_writers_are_no_trouble() {
    let mut random = Random(88_172_645_463_325_252);
    for case in corpus() {
        let whole = objects(&case);
        for _ in 0..12 {
            let damaged = whole
                .iter()
                .map(|(key, body)| (key.clone(), random.damage(body)))
                .collect();
            let start = std::time::Instant::now();
            let lake = lake_of(damaged).await;
            let crawled = lake.try_crawl().await;
            assert!(crawled.is_ok(), "{}: {crawled:?}", case.display());
            assert!(start.elapsed().as_secs() < 5, "{}", case.display());
        }
    }
}

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// Changes a few bytes; near the end as often as anywhere, as footers are there.
    fn damage(&mut self, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        for _ in 0..=self.below(4) {
            if body.is_empty() {
                break;
            }
            let last = body.len().min(64);
            let place = match self.below(2) {
                0 => self.below(body.len()),
                _ => body.len() - 1 - self.below(last),
            };
            match self.below(5) {
                0 => body.truncate(place),
                1 => body.insert(place, self.below(256) as u8),
                2 => body[place] = [0, 0x7f, 0x80, 0xff][self.below(4)],
                _ => body[place] = self.below(256) as u8,
            }
        }
        body
    }
}
