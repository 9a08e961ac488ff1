//! How many of Trino's own assertions hold. The numbers only go up.
//!
//! `cargo test -p athena-sql --test it trino -- --nocapture` prints what fails, by family;
//! `FAMILY=TestArray` narrows it.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use athena_sql::Engine;
use futures::{FutureExt, StreamExt};

use crate::catalog;

/// Statements that Trino answers, and that are answered alike.
const ANSWERED: usize = 2125;
/// Statements that Trino refuses, and that are refused.
const REFUSED: usize = 242;

struct Case {
    id: String,
    kind: String,
    sql: String,
    expect: Option<String>,
    ordered: bool,
}

fn cases() -> Vec<Case> {
    include_str!("../data/trino.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .map(|case| {
            let text = |key: &str| case[key].as_str().map(str::to_owned);
            Case {
                id: text("id").unwrap_or_default(),
                kind: text("kind").unwrap_or_default(),
                sql: text("sql").unwrap_or_default(),
                expect: text("expect"),
                ordered: case["ordered"].as_bool().unwrap_or(false),
            }
        })
        .collect()
}

/// Why a case does not hold.
async fn failure(engine: &Engine, case: &Case) -> Option<String> {
    let rows = |sql: String| async move {
        let run = AssertUnwindSafe(catalog::rows(engine, &sql)).catch_unwind();
        match tokio::time::timeout(std::time::Duration::from_secs(20), run).await {
            Err(_) => Err("timed out".to_owned()),
            Ok(Err(_)) => Err("panicked".to_owned()),
            Ok(Ok(result)) => result.map_err(|e| e.to_string()),
        }
    };
    let actual = rows(case.sql.clone()).await;
    if case.kind == "error" {
        return match actual {
            Err(e) if e == "panicked" || e == "timed out" => Some(e),
            Err(_) => None,
            Ok(rows) => Some(format!("should have failed, gave {rows:?}")),
        };
    }
    let mut actual = match actual {
        Ok(rows) => rows,
        Err(e) => return Some(e),
    };
    let Some(expect) = &case.expect else {
        let holds = actual == [[Some("true".to_owned())]];
        return (!holds).then(|| format!("gave {actual:?}"));
    };
    let mut expected = match rows(expect.clone()).await {
        Ok(rows) => rows,
        Err(e) => return Some(format!("expect: {e}")),
    };
    if !case.ordered {
        actual.sort();
        expected.sort();
    }
    (actual != expected).then(|| format!("want {expected:?} got {actual:?}"))
}

#[test]
fn trinos_assertions_hold() {
    let worker = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(score)
        .expect("a thread");
    worker.join().expect("the score");
}

fn score() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(16 << 20)
        .enable_all()
        .build()
        .expect("a runtime");
    let wanted = std::env::var("FAMILY").unwrap_or_default();
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|c| c.id.contains(&wanted))
        .collect();
    std::panic::set_hook(Box::new(|_| {}));
    let results: Vec<(Case, Option<String>)> = runtime.block_on(async {
        let engine = std::sync::Arc::new(catalog::engine());
        futures::stream::iter(cases)
            .map(|case| {
                let engine = std::sync::Arc::clone(&engine);
                tokio::spawn(async move {
                    let failure = failure(&engine, &case).await;
                    (case, failure)
                })
            })
            .buffered(4)
            .filter_map(|joined| async { joined.ok() })
            .collect()
            .await
    });
    let _ = std::panic::take_hook();
    let mut families: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut answered, mut refused, mut to_answer, mut to_refuse) = (0, 0, 0, 0);
    for (case, failure) in &results {
        let family = case.id.split('#').next().unwrap_or_default();
        let score = families.entry(family).or_default();
        score.1 += 1;
        score.0 += usize::from(failure.is_none());
        let (held, all) = match case.kind.as_str() {
            "error" => (&mut refused, &mut to_refuse),
            _ => (&mut answered, &mut to_answer),
        };
        *all += 1;
        *held += usize::from(failure.is_none());
        if let Some(failure) = failure {
            let sql: String = case.sql.replace('\n', " ").chars().take(200).collect();
            let failure: String = failure.chars().take(200).collect();
            println!("{}\t{sql}\t{failure}", case.id);
        }
    }
    for (family, (held, all)) in &families {
        println!("{family:40} {held}/{all}");
    }
    println!("must-fail {refused}/{to_refuse}");
    println!("trino {answered}/{to_answer}");
    if wanted.is_empty() {
        assert!(
            answered >= ANSWERED,
            "{answered} answered, {ANSWERED} before"
        );
        assert!(refused >= REFUSED, "{refused} refused, {REFUSED} before");
    }
}
