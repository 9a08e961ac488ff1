//! Stacks of S3 and IAM against the embedded cloud, and the order of changes with resources made
//! up for it.

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

mod goes;
mod leaving;
mod speed;
mod terms;

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

/// What a made-up resource did, in order.
type Log = Arc<Mutex<Vec<String>>>;

#[derive(Debug)]
struct Fake {
    address: Address,
    live: Option<Fields>,
    ownership: Ownership,
    desired: Fields,
    holds: Option<&'static str>,
    /// What it holds goes with this.
    held_by: Option<Fact>,
    /// The service never deletes it.
    stays: Option<&'static str>,
    facts: Vec<Fact>,
    fails: bool,
    /// Somebody else makes it first, so that the service says it exists.
    raced: Option<Fields>,
    /// Somebody else deletes it first.
    vanishes: bool,
    /// Somebody else deletes it between two calls of the first read.
    goes_while_read: AtomicBool,
    log: Log,
}

impl Fake {
    fn new(id: &str, log: &Log) -> Self {
        Self {
            address: Address::new("buckets", id),
            live: None,
            ownership: Ownership::Inherent,
            desired: Fields::new(),
            holds: None,
            fails: false,
            raced: None,
            vanishes: false,
            goes_while_read: AtomicBool::new(false),
            stays: None,
            held_by: None,
            facts: Vec::new(),
            log: log.clone(),
        }
    }

    fn done(&self, what: &str) -> Result<(), CallError> {
        let line = format!("{what} {}", self.address.id);
        self.log.lock().expect("no panic").push(line);
        if self.fails {
            return Err(CallError::here(what, "told to fail"));
        }
        Ok(())
    }
}

impl Resource for Fake {
    fn address(&self) -> &Address {
        &self.address
    }

    fn kind(&self) -> &'static str {
        "buckets"
    }

    fn name(&self) -> &str {
        &self.address.id
    }

    fn attribute(&self, _: &str) -> Option<String> {
        None
    }

    fn desired(&self) -> Fields {
        self.desired.clone()
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["type"]
    }

    fn read<'a>(&'a self, _: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            if self.goes_while_read.swap(false, Ordering::Relaxed) {
                return Err(CallError {
                    code: Some("NoSuchBucket".to_owned()),
                    ..CallError::here("GetBucketTagging", "it does not exist")
                });
            }
            let has_done = |what: String| {
                let log = self.log.lock().expect("no panic");
                log.contains(&what)
            };
            if self.vanishes && has_done(format!("delete {}", self.address.id)) {
                return Ok(None);
            }
            let is_tried = has_done(format!("create {}", self.address.id));
            let raced = self.raced.clone().filter(|_| is_tried);
            Ok(self.live.clone().or(raced).map(|fields| Live {
                fields,
                ownership: self.ownership.clone(),
            }))
        })
    }

    fn facts(&self) -> Vec<Fact> {
        self.facts.clone()
    }

    fn sensitive(&self) -> &'static [&'static str] {
        &["secret"]
    }

    fn holds<'a>(&'a self, _: &'a Cloud, leaving: &'a [Fact]) -> Call<'a, Option<Held>> {
        Box::pin(async move {
            let stays = || self.stays.map(|reason| Held::Stays(reason.to_owned()));
            let data = self.holds.map(|reason| Held::Data(reason.to_owned()));
            let left = leaving
                .iter()
                .any(|fact| self.held_by.as_ref() == Some(fact));
            Ok(data.filter(|_| !left).or_else(stays))
        })
    }

    fn create<'a>(&'a self, _: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            self.done("create")?;
            if self.raced.is_none() {
                return Ok(());
            }
            Err(CallError {
                code: Some("AlreadyExistsException".to_owned()),
                ..CallError::here("Create", "it exists")
            })
        })
    }

    fn update<'a>(
        &'a self,
        _: &'a Work<'a>,
        _: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let fields: Vec<&str> = changed.iter().map(String::as_str).collect();
            self.done(&format!("update {} of", fields.join(",")))
        })
    }

    fn delete<'a>(&'a self, _: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            self.done("delete")?;
            if self.vanishes {
                return Err(CallError::here("Delete", "it is not there"));
            }
            Ok(())
        })
    }
}

/// A stack of made-up resources; each needs the one before it in its list.
fn chain(fakes: Vec<Fake>) -> Stack {
    let mut before = None;
    let resources = fakes
        .into_iter()
        .map(|fake| {
            let address = fake.address.clone();
            let declared = Declared {
                resource: Arc::new(fake),
                span: 0..0,
                depends_on: before.take().into_iter().collect(),
                lifecycle: Lifecycle::default(),
            };
            before = Some(address);
            declared
        })
        .collect();
    Stack {
        name: "films".to_owned(),
        scope: Scope {
            stack: "films".to_owned(),
            ..Scope::default()
        },
        resources,
        source: Arc::new(Source::default()),
        ..Stack::default()
    }
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

/// A stack of what S3 and IAM alone hold.
fn storage(folder: &Path, text: &str) -> Stack {
    resolve_in(folder, text, "000000000000")
}

fn resolve(folder: &Path, text: &str, cloud: &Cloud) -> Stack {
    resolve_in(folder, text, cloud.account_id())
}

fn resolve_in(folder: &Path, text: &str, account_id: &str) -> Stack {
    std::fs::create_dir_all(folder.join("data")).expect("a folder");
    std::fs::write(folder.join("data/a.csv"), "title,year\nAlien,1979\n").expect("a file");
    let source = Source {
        display: "stack.toml".to_owned(),
        base_dir: folder.to_owned(),
        text: text.to_owned(),
    };
    let document = Document::parse(source).expect("TOML");
    match document.resolve(account_id, "eu-west-1") {
        Ok(stack) => stack,
        Err(diagnostics) => panic!("{diagnostics}"),
    }
}

const STORAGE: &str = r#"
[stack]
name = "films"
tags = { team = "data" }

[buckets.data]
versioning = false
expire_after_days = 30

[uploads.sample]
from = "data/"
to = "s3://${buckets.data}/films/"

[roles.reader]
trust = ["glue.amazonaws.com"]
[roles.reader.inline.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${buckets.data.arn}/*" }]
"#;

fn actions(plan: &Plan) -> BTreeMap<String, Action> {
    let changes = plan.changes.iter();
    changes.map(|c| (c.address.to_string(), c.action)).collect()
}

#[tokio::test]
async fn a_second_up_changes_nothing_and_makes_no_mutating_call() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    let outcome = go(&stack, &cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let before = cloud.calls().mutating();
    assert!(before.contains_key("CreateBucket"));
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty(), "{:#?}", planned.changes);
    assert!(go(&stack, &cloud, &Goal::Up).await.done.is_empty());
    assert_eq!(cloud.calls().mutating(), before);
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_right_and_what_is_not_managed_is_left() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    go(&stack, &cloud, &Goal::Up).await;
    let bucket = "films-data-000000000000";
    let delete = cloud.s3.delete_bucket_lifecycle().bucket(bucket);
    delete.send().await.expect("deleted");
    let put = cloud.s3.put_object().bucket(bucket).key("films/other.csv");
    put.send().await.expect("put");
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert_eq!(planned.summary.update, 1);
    assert_eq!(planned.changes[0].fields[0].path, "expire_after_days");
    assert!(go(&stack, &cloud, &Goal::Up).await.is_complete());
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty());
}

#[tokio::test]
async fn only_the_file_that_changed_is_sent_again() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    std::fs::write(folder.path().join("data/b.csv"), "x").expect("a file");
    let stack = storage(folder.path(), &stack.source.text);
    let outcome = go(&stack, &cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let puts = |cloud: &Cloud| cloud.calls().counts().get("PutObject").copied();
    assert_eq!(puts(&cloud), Some(2));
    std::fs::write(folder.path().join("data/b.csv"), "y").expect("a file");
    let stack = storage(folder.path(), STORAGE);
    go(&stack, &cloud, &Goal::Up).await;
    assert_eq!(puts(&cloud), Some(3));
}

#[tokio::test]
async fn what_left_the_file_is_found_by_its_mark_and_deleted() {
    let (folder, cloud) = cloud().await;
    go(&storage(folder.path(), STORAGE), &cloud, &Goal::Up).await;
    let smaller = storage(folder.path(), "[stack]\nname = \"films\"\n[buckets.data]\n");
    let planned = plan(&smaller, &cloud, &Goal::Up).await.expect("a plan");
    assert_eq!(actions(&planned)["roles.reader"], Action::Delete);
    assert!(planned.changes.iter().any(|change| change.orphan));
    assert!(go(&smaller, &cloud, &Goal::Up).await.is_complete());
    let planned = plan(&smaller, &cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty());
}

#[tokio::test]
async fn a_strangers_bucket_of_the_wanted_name_is_refused_by_name() {
    let (folder, cloud) = cloud().await;
    let create = cloud.s3.create_bucket().bucket("films-data-000000000000");
    let configuration = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint("eu-west-1".into())
        .build();
    let create = create.create_bucket_configuration(configuration);
    create.send().await.expect("created");
    let stack = storage(folder.path(), STORAGE);
    let error = plan(&stack, &cloud, &Goal::Up).await.expect_err("refused");
    insta::assert_snapshot!(error, @r"
    buckets.data: `films-data-000000000000` exists already and was not made by this stack
      help: give this one another `name`, or take the other over with `adopt = true` or --adopt buckets.data
    ");
}

#[tokio::test]
async fn a_bucket_with_objects_goes_only_by_force() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    go(&stack, &cloud, &Goal::Up).await;
    let put = cloud.s3.put_object().bucket("films-data-000000000000");
    put.key("mine").send().await.expect("put");
    let goal = Goal::Destroy;
    let planned = plan(&stack, &cloud, &goal).await.expect("a plan");
    let kept = &planned.changes[0];
    assert_eq!(kept.action, Action::Keep);
    insta::assert_snapshot!(kept.reason.as_deref().unwrap_or_default(), @"it holds an object that is not of this stack; --force buckets.data deletes it all the same");
    assert!(go(&stack, &cloud, &goal).await.is_complete());
    let forced = Terms {
        force: BTreeSet::from([Address::new("buckets", "data")]),
        ..Terms::default()
    };
    let planned = super::plan(&stack, &cloud, goal, &forced).await;
    let planned = planned.expect("a plan");
    insta::assert_snapshot!(planned.changes[0].reason.as_deref().unwrap_or_default(), @"it holds an object that is not of this stack; its data goes too");
    let outcome = apply(&planned, &cloud, 8, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let planned = plan(&stack, &cloud, &goal).await.expect("a plan");
    assert!(planned.is_empty(), "{:?}", actions(&planned));
}

#[tokio::test]
async fn uploads_alone_do_not_hold_a_bucket() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    go(&stack, &cloud, &Goal::Up).await;
    let goal = Goal::Destroy;
    let outcome = go(&stack, &cloud, &goal).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(
        plan(&stack, &cloud, &goal)
            .await
            .expect("a plan")
            .is_empty()
    );
}

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
