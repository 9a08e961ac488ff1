//! Executions whose process is killed at any moment, and again, and again.
//!
//! `cargo test` has a few executions killed; `ATHGLUE_KILL=all cargo test killed` has 200.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use local_cloud::{Caller, Cloud, sfn::LocalCommand};
use rand::RngExt as _;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use super::{FILMS, ROLE, role_for};

/// Names the folder of the cloud to the process that runs the executions, and is killed.
const FOLDER: &str = "ATHGLUE_TEST_FOLDER";
const COUNT: &str = "ATHGLUE_TEST_COUNT";

/// A task that writes down that it ran, and gives what it was given.
fn mark(step: &str) -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
        "Parameters": {"FunctionName": "mark", "Payload": {
            "run.$": "$$.Execution.Input.run", "item.$": "$", "step": step}},
        "OutputPath": "$.Payload"})
}

fn then(mut state: Value, next: &str) -> Value {
    let members = state.as_object_mut().unwrap();
    members.remove("End");
    members.insert("Next".to_owned(), json!(next));
    state
}

/// One of everything that can be interrupted.
fn definition() -> Value {
    let inside = |step: &str| json!({"StartAt": step, "States": {step: mark(step)}});
    let mut children = inside("Child");
    children["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    children["States"]["Child"]["Parameters"]["Payload"]["run.$"] = json!("$.run");
    json!({"StartAt": "First", "States": {
        "First": then(mark("First"), "Each"),
        "Each": {"Type": "Map", "ItemsPath": "$$.Execution.Input.items", "MaxConcurrency": 2,
            "ItemProcessor": inside("Item"), "ResultPath": "$.items", "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [inside("Left"), inside("Right")],
            "ResultPath": "$.both", "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Children"},
        "Children": {"Type": "Map", "ItemsPath": "$$.Execution.Input.items", "MaxConcurrency": 2,
            "ItemSelector": {"run.$": "$$.Execution.Input.run", "value.$": "$$.Map.Item.Value"},
            "ItemProcessor": children, "ResultPath": "$.children", "Next": "Last"},
        "Last": mark("Last")}})
}

fn name(index: usize) -> String {
    format!("run-{index}")
}

/// Begins what is not begun, goes on with what is, and comes back when all has ended.
async fn run_all(cloud: &Cloud, count: usize) {
    let root = Caller::root("eu-west-1");
    let allow = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let policy =
        json!({"RoleName": "machine", "PolicyName": "all", "PolicyDocument": allow.to_string()});
    let machine = json!({"name": "films", "definition": definition().to_string(), "roleArn": ROLE});
    let mut calls = vec![
        ("iam", "CreateRole", role_for("states.amazonaws.com")),
        ("iam", "PutRolePolicy", policy),
        ("states", "CreateStateMachine", machine),
    ];
    calls.extend((0..count).map(|index| {
        let name = name(index);
        let input = json!({"run": name, "items": [1, 2, 3]}).to_string();
        let start = json!({"stateMachineArn": FILMS, "name": name, "input": input});
        ("states", "StartExecution", start)
    }));
    for (service, operation, input) in calls {
        // What a process before this one made is there.
        if let Err(error) = cloud.invoke(&root, service, operation, input).await {
            let there = ["EntityAlreadyExists", "ExecutionAlreadyExists"];
            assert!(there.contains(&error.code.as_str()), "{error}");
        }
    }
    // What a process before this one began is taken up when it is asked for.
    for index in 0..count {
        let arn = FILMS.replace(":stateMachine:", ":execution:");
        let of = json!({"executionArn": format!("{arn}:{}", name(index))});
        cloud
            .invoke(&root, "states", "DescribeExecution", of)
            .await
            .unwrap();
    }
    cloud.wait_idle().await;
}

/// The process that is killed.
fn child(dir: &Path, count: usize) {
    let log = dir.join("marks");
    // One line is one write: they do not mix. Without an event, who asked is no more.
    let command = format!(
        "event=$(cat); [ -n \"$event\" ] || exit 1; echo \"$event\" >> '{}'; echo \"$event\"",
        log.display()
    );
    let functions = BTreeMap::from([("mark".to_owned(), LocalCommand::new(command))]);
    let cloud = Cloud::open(dir).unwrap().with_functions(functions);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run_all(&cloud, count));
    std::fs::write(dir.join("done"), "").unwrap();
}

fn spawn(dir: &Path, count: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "sfn::killed::executions_end_as_if_their_process_had_never_been_killed",
        ])
        .env(FOLDER, dir)
        .env(COUNT, count.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// What is in the store of a cloud that no process has open.
struct Store(Connection);

impl Store {
    fn open(dir: &Path) -> Option<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        Connection::open_with_flags(dir.join("cloud.sqlite"), flags)
            .ok()
            .map(Self)
    }

    /// Every event, those of child executions included, with the execution's key.
    fn events(&self) -> Vec<(i64, Value)> {
        let Ok(mut statement) = self
            .0
            .prepare("SELECT execution, documents FROM sfn_events")
        else {
            // It was killed before there was a table.
            return Vec::new();
        };
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        let rows: Vec<(i64, String)> = rows.map(Result::unwrap).collect();
        let events = rows.iter().flat_map(|(execution, documents)| {
            let lines = documents.lines();
            lines.map(|line| (*execution, serde_json::from_str(line).unwrap()))
        });
        events.collect()
    }

    /// The events of tasks that have ended: what they were given.
    fn ended_tasks(&self) -> Vec<String> {
        let payload = |event: Value| {
            let output = event["taskSucceededEventDetails"]["output"].as_str()?;
            let output: Value = serde_json::from_str(output).unwrap();
            Some(output["Payload"].to_string())
        };
        self.events()
            .into_iter()
            .filter_map(|(_, event)| payload(event))
            .collect()
    }

    /// How each execution ended, and how often there is which event in its history.
    fn outcomes(&self) -> BTreeMap<String, (String, Option<String>, BTreeMap<String, usize>)> {
        let mut kinds: BTreeMap<i64, BTreeMap<String, usize>> = BTreeMap::new();
        for (execution, event) in self.events() {
            let kind = event["type"].as_str().unwrap().to_owned();
            *kinds.entry(execution).or_default().entry(kind).or_default() += 1;
        }
        let sql = "SELECT id, name, status, output FROM sfn_executions WHERE map_run IS NULL";
        let mut statement = self.0.prepare(sql).unwrap();
        let rows = statement
            .query_map([], |row| {
                let id: i64 = row.get(0)?;
                Ok((id, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .unwrap();
        rows.map(Result::unwrap)
            .map(
                |(id, name, status, output): (i64, String, String, Option<String>)| {
                    (
                        name,
                        (status, output, kinds.remove(&id).unwrap_or_default()),
                    )
                },
            )
            .collect()
    }
}

/// How often each task ran.
fn runs(dir: &Path) -> BTreeMap<String, usize> {
    let mut runs = BTreeMap::new();
    for line in std::fs::read_to_string(dir.join("marks"))
        .unwrap_or_default()
        .lines()
    {
        let event: Value = serde_json::from_str(line).unwrap();
        *runs.entry(event.to_string()).or_default() += 1;
    }
    runs
}

#[test]
fn executions_end_as_if_their_process_had_never_been_killed() {
    if let Some(dir) = std::env::var_os(FOLDER) {
        let count = std::env::var(COUNT).unwrap().parse().unwrap();
        return child(Path::new(&dir), count);
    }
    let (count, longest) = match std::env::var("ATHGLUE_KILL").as_deref() {
        Ok("all") => (200, 900),
        _ => (12, 700),
    };
    let undisturbed = tempfile::tempdir().unwrap();
    assert!(spawn(undisturbed.path(), 1).wait().unwrap().success());
    let wanted = Store::open(undisturbed.path())
        .unwrap()
        .outcomes()
        .remove(&name(0))
        .unwrap();
    assert_eq!(wanted.0, "SUCCEEDED", "{wanted:?}");

    let killed = tempfile::tempdir().unwrap();
    let dir = killed.path();
    let mut random = rand::rng();
    // How often tasks had run when they were seen to have ended.
    let mut ended: BTreeMap<String, usize> = BTreeMap::new();
    let mut kills = 0;
    while !dir.join("done").exists() {
        let mut process = spawn(dir, count);
        // Later on there is more to take up before something new can happen.
        let moment = random.random_range(20..longest) + 15 * kills;
        let moment = std::time::Instant::now() + Duration::from_millis(moment);
        while std::time::Instant::now() < moment && process.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        process.kill().unwrap();
        let status = process.wait().unwrap();
        assert!(status.success() || status.code().is_none(), "{status}");
        kills += 1;
        let so_far = runs(dir);
        for task in Store::open(dir).iter().flat_map(Store::ended_tasks) {
            let times = so_far.get(&task).copied().unwrap_or_default();
            let before = *ended.entry(task.clone()).or_insert(times);
            assert_eq!(times, before, "{task} ran again, though it had ended");
        }
    }
    println!("{count} executions, {kills} kills");
    assert!(kills > 2, "it was killed {kills} times only");
    let outcomes = Store::open(dir).unwrap().outcomes();
    assert_eq!(outcomes.len(), count);
    for (name, (status, output, kinds)) in outcomes {
        let expected = wanted
            .1
            .as_ref()
            .map(|output| output.replace("run-0", &name));
        assert_eq!((&status, &output), (&wanted.0, &expected), "{name}");
        assert_eq!(kinds, wanted.2, "{name}");
    }
}
