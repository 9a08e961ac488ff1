//! Everything that an embedded cloud holds, in a form that two clouds can be compared by.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

/// What happened, and not what is there.
const HISTORY: [&str; 10] = [
    "athena_executions",
    "glue_crawls",
    "glue_table_versions",
    "iam_generation",
    "logs_events",
    "logs_streams",
    "s3_bodies",
    "scheduler_invocations",
    "sfn_events",
    "sts_sessions",
];

/// When something was made, and under which number.
const CHANCE: [&str; 7] = [
    "initiated",
    "seq",
    "sequence",
    "body",
    "version",
    "versionid",
    "due",
];
const TIMES: [&str; 5] = ["time", "date", "created", "updated", "modified"];

/// What queries leave behind, of which a run that is tried again leaves more: their results, and
/// the metadata of an Iceberg table that did not come to be.
static LEFT_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(^|/)ID\.txt(\.metadata)?$|/metadata/\d{5}-ID\.metadata\.json$";
    Regex::new(pattern).expect("a pattern")
});

static ID: LazyLock<Regex> = LazyLock::new(|| {
    let pattern =
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|A(ROA|NPA|KIA)[A-Z2-7]{17}";
    Regex::new(pattern).expect("a pattern")
});

/// A line for each row of the cloud in this folder, without times and made-up ids.
pub fn of(data_dir: &Path) -> Vec<String> {
    let cloud = local_cloud::Cloud::open(data_dir).expect("a store");
    let read = cloud.store().read(|c| {
        let mut tables = c.prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        )?;
        let names = tables
            .query_map([], |row| row.get::<_, String>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut lines = Vec::new();
        for table in names {
            if HISTORY.contains(&table.as_str()) {
                continue;
            }
            let mut all = c.prepare(&format!("SELECT * FROM {table}"))?;
            let columns: Vec<String> = all.column_names().map(str::to_owned).collect();
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let mut cells = Map::new();
                for (i, column) in columns.iter().enumerate() {
                    let cell = row.get_ref(i)?;
                    let value = match (cell.as_str(), cell.as_i64(), cell.as_f64()) {
                        (Ok(text), _, _) => Value::from(text),
                        (_, Ok(number), _) => Value::from(number),
                        (_, _, Ok(number)) => Value::from(number),
                        _ => Value::Null,
                    };
                    cells.insert(column.clone(), value);
                }
                let mut cells = Value::Object(cells);
                tidy(&mut cells);
                let key = cells["key"].as_str().unwrap_or_default();
                if table == "s3_objects" && LEFT_BEHIND.is_match(key) {
                    continue;
                }
                lines.push(format!("{table} {cells}"));
            }
        }
        Ok(lines)
    });
    let mut lines = read.expect("it can be read");
    lines.sort();
    lines
}

/// What is in one and not in the other, as lines with `+` and `-`; empty if they are the same.
pub fn difference(wanted: &[String], found: &[String]) -> String {
    let mut wanted = wanted.iter().peekable();
    let mut found = found.iter().peekable();
    let mut lines = Vec::new();
    loop {
        match (wanted.peek(), found.peek()) {
            (None, None) => return lines.join("\n"),
            (Some(w), Some(f)) if w == f => {
                wanted.next();
                found.next();
            }
            (Some(w), f) if f.is_none_or(|f| w < f) => {
                lines.push(format!("- {w}"));
                wanted.next();
            }
            (_, Some(f)) => {
                lines.push(format!("+ {f}"));
                found.next();
            }
            (Some(_), None) => unreachable!("the arm above takes it"),
        }
    }
}

fn tidy(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, value| !is_chance(key) && !is_number_of_row(key, value));
            map.values_mut().for_each(tidy);
            map.sort_keys();
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        Value::String(text) => {
            if text.starts_with(['{', '['])
                && let Ok(mut document) = serde_json::from_str::<Value>(text)
            {
                tidy(&mut document);
                *value = document;
            } else {
                *text = ID.replace_all(text, "ID").into_owned();
            }
        }
        _ => {}
    }
}

/// Whether it tells which of several rows was the first: those that are made at a time come in any
/// order.
fn is_number_of_row(key: &str, value: &Value) -> bool {
    value.is_number() && (key == "id" || key.ends_with("_id"))
}

fn is_chance(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    CHANCE.contains(&key.as_str()) || TIMES.iter().any(|time| key.ends_with(time))
}
