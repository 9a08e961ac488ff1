//! Crawls by the Glue API of what independent writers wrote: each folder of
//! `crates/crawler/tests/corpus/crawls` is a case, as `write_crawls.py` beside it wrote it.

use std::fs;
use std::path::{Path, PathBuf};

use object_store::path::Path as Key;
use object_store::{ObjectStoreExt, PutPayload};
use serde_json::{Value, json};

use super::crawlers::{crawl, everything, summary, with_role};
use super::recrawls::{log, partitions};
use crate::s3::World;

const BUCKET: &str = "my-lake";

fn cases() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = crates.join("crawler/tests/corpus/crawls");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|case| case.unwrap().path())
        .collect();
    cases.sort();
    cases
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Where a value lacks something that is expected: members that are named, lists as long, nothing
/// where `null` is expected, any text where `*` is, and one with `x` in it where `*x*` is.
fn lacks(found: &Value, expected: &Value, place: &str) -> Option<String> {
    match (found, expected) {
        (Value::String(found), Value::String(part)) if is_part(found, part) => None,
        (Value::Object(found), Value::Object(members)) => members.iter().find_map(|(name, one)| {
            let found = found.get(name).unwrap_or(&Value::Null);
            lacks(found, one, &format!("{place}.{name}"))
        }),
        (Value::Array(found), Value::Array(all)) if found.len() == all.len() => found
            .iter()
            .zip(all)
            .enumerate()
            .find_map(|(nth, (found, one))| lacks(found, one, &format!("{place}[{nth}]"))),
        _ if found == expected => None,
        _ => Some(format!("{place} is {found} instead of {expected}")),
    }
}

fn is_part(found: &str, pattern: &str) -> bool {
    let part = pattern
        .strip_prefix('*')
        .map(|part| part.strip_suffix('*').unwrap_or(part));
    part.is_some_and(|part| found.contains(part))
}

/// A case as it goes on: its bucket, its crawler `c`, and what was wrong so far.
struct Case {
    folder: PathBuf,
    world: World,
    wrong: Vec<String>,
}

impl Case {
    async fn new(folder: PathBuf, given: &Value) -> Self {
        let world = World::with_bucket(BUCKET).await;
        let statements = match &given["Statements"] {
            Value::Null => everything(),
            own => own.clone(),
        };
        with_role(&world, statements).await;
        for classifier in list(&given["Classifiers"]) {
            let made = world.glue("CreateClassifier", classifier.clone()).await;
            made.unwrap();
        }
        let mut crawler = json!({
            "Name": "c", "DatabaseName": "lake", "Role": "crawler",
            "Targets": {"S3Targets": [{"Path": format!("s3://{BUCKET}/")}]},
        });
        for (name, value) in given["Crawler"].as_object().unwrap() {
            crawler[name] = value.clone();
        }
        world.glue("CreateCrawler", crawler).await.unwrap();
        Self {
            folder,
            world,
            wrong: Vec::new(),
        }
    }

    /// Puts the objects of a folder of the case.
    async fn put(&self, of: &str) {
        let root = self.folder.join("objects").join(of);
        let store = self.world.store(BUCKET);
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let key = path.strip_prefix(&root).unwrap().to_str().unwrap();
                let body = PutPayload::from(fs::read(&path).unwrap());
                let key = Key::parse(key).unwrap();
                store.put(&key, body).await.unwrap();
            }
        }
    }

    async fn delete(&self, keys: &Value) {
        for key in list(keys) {
            let of = json!({"Bucket": BUCKET, "Key": key});
            self.world.s3("deleteObject", of).await.unwrap();
        }
    }

    /// Calls an operation of Glue, which answers or refuses as the step says.
    async fn call(&self, step: &Value) -> Option<String> {
        let operation = text(&step["Call"]);
        let answer = self.world.glue(operation, step["Input"].clone()).await;
        match answer {
            Ok(answer) if step.get("Error").is_none() => lacks(&answer, &step["Output"], operation),
            Ok(_) => Some(format!("{operation} is not refused")),
            Err(error) => {
                let found = json!({"Code": error.code, "Message": error.message});
                lacks(&found, &step["Error"], operation)
            }
        }
    }

    /// Crawls, and looks at what has become of the catalog.
    async fn crawl(&mut self, step: &Value) {
        let crawler = crawl(&self.world).await;
        let last = &crawler["LastCrawl"];
        self.wrong.extend(lacks(last, &step["Crawl"], "LastCrawl"));
        if let Some(expected) = step.get("Summary") {
            let found = summary(&self.world).await;
            if &found != expected {
                let wrong = format!("the summary is {found} instead of {expected}");
                self.wrong.push(wrong);
            }
        }
        for part in list(&step["Log"]).iter().map(text) {
            let said = log(&self.world).await;
            if !said.iter().any(|line| line.contains(part)) {
                self.wrong.push(format!("no line of `{part}`: {said:#?}"));
            }
        }
        if let Some(tables) = step.get("TableList") {
            self.look_at_tables(list(tables)).await;
        }
    }

    async fn look_at_tables(&mut self, expected: &[Value]) {
        let all = json!({"DatabaseName": "lake"});
        let found = self.world.glue("GetTables", all).await.unwrap();
        let found = list(&found["TableList"]);
        let names = |tables: &[Value]| -> Vec<String> {
            let mut names: Vec<String> = tables
                .iter()
                .map(|table| text(&table["Name"]).to_owned())
                .collect();
            names.sort();
            names
        };
        if names(found) != names(expected) {
            let (found, expected) = (names(found), names(expected));
            let wrong = format!("tables {found:?} instead of {expected:?}");
            self.wrong.push(wrong);
        }
        for table in found {
            let name = text(&table["Name"]);
            let Some(expected) = expected.iter().find(|one| one["Name"] == name) else {
                continue;
            };
            let mut table = table.clone();
            table["Partitions"] = partitions(&self.world, name).await.into();
            self.wrong.extend(lacks(&table, expected, name));
        }
    }
}

#[tokio::test]
async fn crawls_of_what_independent_writers_wrote_make_of_the_catalog_what_is_expected() {
    let cases = cases();
    assert!(cases.len() > 60, "{}", cases.len());
    let mut wrong = Vec::new();
    for folder in cases {
        let given = fs::read_to_string(folder.join("case.json")).unwrap();
        let given: Value = serde_json::from_str(&given).unwrap();
        assert!(!text(&given["Source"]).is_empty());
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let mut case = Case::new(folder, &given).await;
        for (nth, step) in list(&given["Steps"]).iter().enumerate() {
            let before = case.wrong.len();
            if let Some(of) = step.get("Put") {
                case.put(text(of)).await;
            } else if let Some(keys) = step.get("Delete") {
                case.delete(keys).await;
            } else if step.get("Call").is_some() {
                let lacking = case.call(step).await;
                case.wrong.extend(lacking);
            } else {
                case.crawl(step).await;
            }
            let new = case.wrong[before..].iter();
            wrong.extend(new.map(|one| format!("{name}, step {nth}: {one}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
