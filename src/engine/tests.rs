//! The order of changes, with resources made up for it; and what other tests stand on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::*;
use crate::cloud::{Cloud, Target};
use crate::policy::Fact;
use crate::resource::{
    Address, Call, CallError, Fields, Held, Live, Ownership, Resource, Scope, Work,
};
use crate::stack::{Declared, Document, Source, Stack};

mod fake;
mod goes;
mod leaving;
mod speed;
mod storage;
mod terms;
mod whole;

use fake::{Fake, Log, chain};
use storage::{STORAGE, actions, resolve, storage};

async fn cloud() -> (tempfile::TempDir, Cloud) {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::Local {
        data_dir: folder.path().join("cloud"),
    };
    (folder, connect(target).await)
}

async fn connect(target: Target) -> Cloud {
    Cloud::connect(target, None, Some("eu-west-1"))
        .await
        .expect("it opens")
}

/// A plan of everything.
async fn plan(stack: &Stack, cloud: &Cloud, goal: &Goal) -> Result<Plan, PlanError> {
    super::plan(stack, cloud, *goal, &Terms::default()).await
}

async fn go(stack: &Stack, cloud: &Cloud, goal: &Goal) -> Outcome {
    let plan = plan(stack, cloud, goal).await.expect("a plan");
    apply(&plan, cloud, 8, &(), &Stop::default()).await
}

#[tokio::test]
async fn what_others_need_is_made_first_and_taken_away_last() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let stack = chain(vec![
        Fake::new("a", &log),
        Fake::new("b", &log),
        Fake::new("c", &log),
    ]);
    assert!(go(&stack, &cloud, &Goal::Up).await.is_complete());
    let there = |id: &str| Fake {
        live: Some(Fields::new()),
        ..Fake::new(id, &log)
    };
    let stack = chain(vec![there("a"), there("b"), there("c")]);
    let goal = Goal::Destroy;
    assert!(go(&stack, &cloud, &goal).await.is_complete());
    let done = log.lock().expect("no panic").join(", ");
    assert_eq!(
        done,
        "create a, create b, create c, delete c, delete b, delete a"
    );
}

#[tokio::test]
async fn a_failure_stops_only_what_depends_on_it() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let failing = Fake {
        fails: true,
        ..Fake::new("b", &log)
    };
    let mut stack = chain(vec![Fake::new("a", &log), failing, Fake::new("c", &log)]);
    let alone = chain(vec![Fake::new("d", &log)]);
    stack.resources.extend(alone.resources);
    let outcome = go(&stack, &cloud, &Goal::Up).await;
    let done: BTreeSet<String> = outcome.done.iter().map(|d| d.address.to_string()).collect();
    assert_eq!(done, ["buckets.a", "buckets.d"].map(str::to_owned).into());
    assert_eq!(outcome.failed[0].address.to_string(), "buckets.b");
    assert_eq!(outcome.skipped[0].address.to_string(), "buckets.c");
    assert_eq!(outcome.skipped[0].because, "buckets.b failed");
    assert!(!outcome.is_complete());
}

#[tokio::test]
async fn after_ctrl_c_nothing_new_is_begun() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let stack = chain(vec![Fake::new("a", &log)]);
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    let stop = Stop::default();
    stop.ask();
    let outcome = apply(&planned, &cloud, 8, &(), &stop).await;
    assert!(outcome.stopped);
    assert!(log.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn only_fields_that_are_wanted_and_differ_are_changed() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let fields = |entries: &[(&str, Value)]| -> Fields {
        entries
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect()
    };
    let updated = Fake {
        desired: fields(&[
            ("size", json!(2)),
            ("list", json!([])),
            ("same", json!("x")),
        ]),
        live: Some(fields(&[
            ("size", json!(1)),
            ("same", json!("x")),
            ("foreign", json!(7)),
        ])),
        ..Fake::new("a", &log)
    };
    let replaced = Fake {
        desired: fields(&[("type", json!("EXPRESS"))]),
        live: Some(fields(&[("type", json!("STANDARD"))])),
        ..Fake::new("b", &log)
    };
    let stack = chain(vec![updated, replaced]);
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert_eq!(planned.changes[0].action, Action::Update);
    assert_eq!(planned.changes[0].fields.len(), 1);
    assert_eq!(planned.changes[1].action, Action::Replace);
    assert_eq!(
        planned.changes[1].reason.as_deref(),
        Some("type cannot change in place")
    );
    go(&stack, &cloud, &Goal::Up).await;
    let done = log.lock().expect("no panic").join(", ");
    assert_eq!(done, "update size of a, delete b, create b");
}
