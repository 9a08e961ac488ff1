//! Map Runs: what is read, what is told, what is written.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use asl::{
    Bytes, ChildExecution, Event, Execution, History, HistoryError, MapRun, MapRunProgress,
    MapRunSettings, MapRunStatus, MapRuns, Object, Outcome, RecordedChild, RecordedEvent,
    StateMachine, Task, TaskError, Tasks,
};
use async_trait::async_trait;
use chrono::DateTime;
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::world::{Memory, VirtualClock, execution};

/// A bucket, and who keeps Map Runs.
#[derive(Default)]
pub struct Lake {
    pub files: BTreeMap<&'static str, String>,
    pub written: Mutex<Vec<(String, String)>>,
    pub runs: Mutex<Vec<MapRun>>,
    pub progress: Mutex<Vec<MapRunProgress>>,
    pub children: Mutex<Vec<(u64, Outcome)>>,
    pub recorded: Vec<RecordedChild>,
    pub settings: Option<MapRunSettings>,
}

impl Lake {
    /// One that an earlier life of the execution left with these children.
    pub fn with_recorded(recorded: Vec<RecordedChild>) -> Self {
        Self {
            recorded,
            ..Self::default()
        }
    }
}

fn refused(cause: &str) -> TaskError {
    TaskError {
        error: "S3.NoSuchKey".to_owned(),
        cause: cause.to_owned(),
    }
}

#[async_trait]
impl Tasks for Lake {
    async fn run(
        &self,
        task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        let text = |field: &str| task.parameters[field].as_str().unwrap_or_default();
        if task.resource.ends_with("putObject") {
            let put = (text("Key").to_owned(), text("Body").to_owned());
            self.written.lock().unwrap().push(put);
            return Ok(json!({}));
        }
        // Two objects a page.
        let start: usize = text("ContinuationToken").parse().unwrap_or(0);
        let keys: Vec<_> = self
            .files
            .keys()
            .filter(|key| key.starts_with(text("Prefix")))
            .collect();
        let page: Vec<_> = keys
            .iter()
            .skip(start)
            .take(2)
            .map(|key| json!({"Key": key}))
            .collect();
        let mut answer = json!({"Contents": page});
        if start + 2 < keys.len() {
            answer["NextContinuationToken"] = json!((start + 2).to_string());
        }
        Ok(answer)
    }

    async fn read_object(&self, _resource: &str, object: Object) -> Result<Bytes, TaskError> {
        let file = self
            .files
            .get(object.key.as_str())
            .ok_or_else(|| refused(&object.key))?;
        // Pieces that end within a line.
        let pieces: Vec<_> = file
            .as_bytes()
            .chunks(7)
            .map(|piece| Ok(piece.to_vec()))
            .collect();
        Ok(stream::iter(pieces).boxed())
    }

    fn map_runs(&self) -> Option<&dyn MapRuns> {
        Some(self)
    }
}

#[async_trait]
impl MapRuns for Lake {
    async fn start(&self, run: &MapRun) -> Result<(), TaskError> {
        self.runs.lock().unwrap().push(run.clone());
        Ok(())
    }

    fn progress(&self, _arn: &str, progress: MapRunProgress) {
        self.progress.lock().unwrap().push(progress);
    }

    fn settings(&self, _arn: &str) -> Option<MapRunSettings> {
        self.settings
    }

    fn child_started(
        &self,
        _arn: &str,
        _child: &ChildExecution,
    ) -> Result<Option<Box<dyn History>>, HistoryError> {
        Ok(Some(Box::new(Memory::default())))
    }

    fn child_ended(
        &self,
        _arn: &str,
        child: &ChildExecution,
        outcome: &Outcome,
    ) -> Result<(), HistoryError> {
        self.children
            .lock()
            .unwrap()
            .push((child.index, outcome.clone()));
        Ok(())
    }

    async fn recorded(&self, _arn: &str) -> Result<Vec<RecordedChild>, HistoryError> {
        Ok(self.recorded.clone())
    }
}

fn files<const N: usize>(files: [(&'static str, &str); N]) -> Lake {
    Lake {
        files: files
            .into_iter()
            .map(|(key, body)| (key, body.to_owned()))
            .collect(),
        ..Lake::default()
    }
}

fn machine(fields: Value) -> StateMachine {
    let mut definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "C", "States": {
            "C": {"Type": "Choice", "Choices": [{"Variable": "$.bad", "IsPresent": true, "Next": "F"}], "Default": "P"},
            "F": {"Type": "Fail", "Error": "Bad", "Cause": "it was"}, "P": {"Type": "Pass", "End": true}}}}}});
    for (name, value) in fields.as_object().unwrap() {
        definition["States"]["M"][name] = value.clone();
    }
    StateMachine::parse(&definition.to_string()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

pub async fn run(fields: Value, input: Value, lake: &Lake) -> (Outcome, Vec<Event>) {
    let clock = VirtualClock::new();
    let history = Memory::default();
    let outcome = asl::execute(
        &machine(fields),
        &execution(&clock, input),
        lake,
        &clock,
        &history,
    )
    .await
    .unwrap();
    (outcome, history.0.into_inner().unwrap())
}

fn reader(resource: &str, parameters: Value, config: Value) -> Value {
    json!({"ItemReader": {"Resource": format!("arn:aws:states:::s3:{resource}"), "Parameters": parameters, "ReaderConfig": config}})
}

async fn items(fields: Value, lake: &Lake) -> Value {
    match run(fields, json!({"top": 2}), lake).await.0 {
        Outcome::Succeeded { output } => output,
        other => panic!("{other:?}"),
    }
}

fn object(key: &str) -> Value {
    json!({"Bucket": "lake", "Key": key})
}

#[tokio::test(start_paused = true)]
async fn rows_of_csv_come_with_their_headers_or_with_those_given() {
    let lake = files([
        (
            "a.csv",
            "id,name\r\n1,\"x, \"\"y\"\"\"\r\n\r\n2,\"two\nlines\"\r\n",
        ),
        ("b.psv", "1|x\n2|y"),
    ]);
    let config = json!({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"});
    assert_eq!(
        items(reader("getObject", object("a.csv"), config), &lake).await,
        json!([{"id": "1", "name": "x, \"y\""}, {"id": "2", "name": "two\nlines"}])
    );
    let config = json!({"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b", "c"], "CSVDelimiter": "PIPE", "MaxItems": 1});
    assert_eq!(
        items(reader("getObject", object("b.psv"), config), &lake).await,
        json!([{"a": "1", "b": "x", "c": ""}])
    );
}

#[tokio::test(start_paused = true)]
async fn json_is_an_array_or_lines_and_a_pointer_leads_into_it() {
    let lake = files([
        ("a.json", "[{\"n\":1},{\"n\":2},{\"n\":3}]"),
        ("b.jsonl", "{\"n\":1}\n\n{\"n\":2}\n"),
        ("c.json", "{\"data\":{\"rows\":[4,5]}}"),
    ]);
    let config = json!({"InputType": "JSON", "MaxItemsPath": "$.top"});
    assert_eq!(
        items(reader("getObject", object("a.json"), config), &lake).await,
        json!([{"n": 1}, {"n": 2}])
    );
    let config = json!({"InputType": "JSONL"});
    assert_eq!(
        items(reader("getObject", object("b.jsonl"), config), &lake).await,
        json!([{"n": 1}, {"n": 2}])
    );
    let config = json!({"InputType": "JSON", "ItemsPointer": "/data/rows"});
    assert_eq!(
        items(reader("getObject", object("c.json"), config), &lake).await,
        json!([4, 5])
    );
}

#[tokio::test(start_paused = true)]
async fn files_of_json_nest_as_deep_as_documents_do() {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let within = &deep[1..deep.len() - 1];
    let lake = files([("a.json", &deep), ("b.jsonl", &deep)]);
    for (key, kind, item) in [("a.json", "JSON", within), ("b.jsonl", "JSONL", &deep)] {
        let fields = reader("getObject", object(key), json!({"InputType": kind}));
        assert_eq!(
            items(fields, &lake).await.to_string(),
            format!("[{item}]"),
            "{key}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_goes_through_all_pages_and_can_be_read_into() {
    let lake = files([
        ("in/1.jsonl", "1\n2"),
        ("in/2.jsonl", "3"),
        ("in/3.jsonl", "4"),
        ("out/1.jsonl", "5"),
    ]);
    let prefix = json!({"Bucket": "lake", "Prefix": "in/"});
    assert_eq!(
        items(reader("listObjectsV2", prefix.clone(), json!({})), &lake).await,
        json!([{"Key": "in/1.jsonl"}, {"Key": "in/2.jsonl"}, {"Key": "in/3.jsonl"}])
    );
    let config = json!({"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"});
    assert_eq!(
        items(reader("listObjectsV2", prefix, config), &lake).await,
        json!([1, 2, 3, 4])
    );
}

#[tokio::test(start_paused = true)]
async fn manifests_of_athena_and_of_an_inventory_lead_to_the_files() {
    let lake = files([
        (
            "unload-manifest.csv",
            "s3://lake/p1.jsonl\ns3://lake/p2.jsonl\n",
        ),
        ("p1.jsonl", "1\n2"),
        ("p2.jsonl", "3"),
        (
            "manifest.json",
            "{\"fileFormat\":\"CSV\",\"fileSchema\":\"Bucket, Key\",\"files\":[{\"key\":\"inv.csv\"}]}",
        ),
        ("inv.csv", "\"lake\",\"a\"\n\"lake\",\"b\"\n"),
    ]);
    let config = json!({"InputType": "JSONL", "ManifestType": "ATHENA_DATA"});
    assert_eq!(
        items(
            reader("getObject", object("unload-manifest.csv"), config),
            &lake
        )
        .await,
        json!([1, 2, 3])
    );
    let config = json!({"InputType": "MANIFEST"});
    assert_eq!(
        items(reader("getObject", object("manifest.json"), config), &lake).await,
        json!([{"Bucket": "lake", "Key": "a"}, {"Bucket": "lake", "Key": "b"}])
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_fails_the_map_by_name() {
    let lake = files([
        ("bad.json", "{"),
        ("x.parquet", "PAR1"),
        ("n.json", "{\"n\": 1}"),
    ]);
    let pointer = "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.";
    for (key, config, told) in [
        (
            "bad.json",
            json!({"InputType": "JSON"}),
            "Attempting to read the items failed: ",
        ),
        (
            "x.parquet",
            json!({"InputType": "PARQUET"}),
            "InputType PARQUET is not supported",
        ),
        ("gone", json!({"InputType": "CSV"}), "gone"),
        (
            "n.json",
            json!({"InputType": "JSON", "ItemsPointer": "/m"}),
            pointer,
        ),
        (
            "n.json",
            json!({"InputType": "JSON", "ItemsPointer": "/n"}),
            "Attempting to map over non-iterable node.",
        ),
    ] {
        let fields = reader("getObject", object(key), config);
        let (outcome, events) = run(fields, json!({}), &lake).await;
        let Outcome::Failed { error, cause } = &outcome else {
            panic!("{key}: {outcome:?}");
        };
        assert_eq!(error.as_deref(), Some("States.ItemReaderFailed"), "{key}");
        assert!(cause.as_ref().unwrap().contains(told), "{key}: {cause:?}");
        assert!(events.iter().any(|event| event.kind == "MapRunFailed"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_map_run_is_told_from_its_start_to_its_end() {
    let lake = Lake::default();
    let input = json!([{"n": 1}, {"bad": 1}, {"n": 3}]);
    let (outcome, _) = run(
        json!({"ToleratedFailureCount": 1, "MaxConcurrency": 2}),
        input,
        &lake,
    )
    .await;
    assert_eq!(
        outcome,
        Outcome::Succeeded {
            output: json!([{"n": 1}, {"n": 3}])
        }
    );
    let runs = lake.runs.lock().unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(
        (
            runs[0].settings.max_concurrency,
            runs[0].settings.tolerated_failure_count
        ),
        (2, 1)
    );
    assert!(runs[0].arn.contains(":mapRun:machine/"), "{}", runs[0].arn);
    let progress = lake.progress.lock().unwrap();
    assert!(
        progress
            .iter()
            .all(|progress| progress.executions.running <= 2)
    );
    let last = progress.last().unwrap();
    assert_eq!(last.status, MapRunStatus::Succeeded);
    assert_eq!(
        (last.items.succeeded, last.items.failed, last.items.total()),
        (2, 1, 3)
    );
    assert_eq!(lake.children.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_map_run_heeds_what_was_changed_while_it_runs() {
    let lake = Lake {
        settings: Some(MapRunSettings {
            max_concurrency: 1,
            tolerated_failure_count: 5,
            tolerated_failure_percentage: 0.0,
        }),
        ..Lake::default()
    };
    let input = json!([{"bad": 1}, {"bad": 1}, {"n": 3}]);
    let (outcome, _) = run(json!({}), input, &lake).await;
    assert_eq!(
        outcome,
        Outcome::Succeeded {
            output: json!([{"n": 3}])
        }
    );
    let progress = lake.progress.lock().unwrap();
    assert!(
        progress
            .iter()
            .all(|progress| progress.executions.running <= 1)
    );
}

#[tokio::test(start_paused = true)]
async fn results_are_written_with_all_that_is_known_or_compact_or_flat() {
    let writer = |config: Value| {
        json!({"ToleratedFailureCount": 9, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "lake", "Prefix": "out/"}, "WriterConfig": config}})
    };
    let input = json!([[1, 2], {"bad": 1}, 3]);
    for (config, succeeded) in [
        (
            json!({"Transformation": "COMPACT", "OutputType": "JSONL"}),
            "[1,2]\n3",
        ),
        (
            json!({"Transformation": "FLATTEN", "OutputType": "JSON"}),
            "[1,2,3]",
        ),
    ] {
        let lake = Lake::default();
        let (outcome, _) = run(writer(config), input.clone(), &lake).await;
        let Outcome::Succeeded { output } = outcome else {
            panic!("{outcome:?}");
        };
        let written = lake.written.lock().unwrap();
        assert!(
            written[0].0.starts_with("out/") && written[0].0.contains("/SUCCEEDED_0.json"),
            "{written:?}"
        );
        assert_eq!(written[0].1, succeeded);
        let failed: Value = serde_json::from_str(&written[1].1).unwrap();
        let failed = failed.get(0).unwrap_or(&failed);
        assert_eq!(
            (&failed["Status"], &failed["Error"]),
            (&json!("FAILED"), &json!("Bad"))
        );
        assert_eq!(output["ResultWriterDetails"]["Key"], json!(written[2].0));
    }
    let lake = Lake::default();
    run(writer(json!({"Transformation": "NONE"})), json!([3]), &lake).await;
    let written = lake.written.lock().unwrap();
    let records: Value = serde_json::from_str(&written[0].1).unwrap();
    assert_eq!(
        (&records[0]["Input"], &records[0]["Output"]),
        (&json!("3"), &json!("3"))
    );
}

#[tokio::test(start_paused = true)]
async fn results_too_large_for_a_state_fail_the_map() {
    let items: Vec<_> = (0..30)
        .map(|_| json!({"text": "x".repeat(10_000)}))
        .collect();
    let lake = Lake::default();
    let lines: Vec<_> = items.iter().map(Value::to_string).collect();
    let lake = Lake {
        files: [("a.jsonl", lines.join("\n"))].into(),
        ..lake
    };
    let fields = reader(
        "getObject",
        object("a.jsonl"),
        json!({"InputType": "JSONL"}),
    );
    let (outcome, _) = run(fields, json!({}), &lake).await;
    assert!(
        matches!(&outcome, Outcome::Failed { error: Some(error), .. } if error == "States.DataLimitExceeded"),
        "{outcome:?}"
    );
}

/// Rows that are made as they are read.
struct Endless(Arc<Mutex<usize>>);

#[async_trait]
impl Tasks for Endless {
    async fn run(
        &self,
        _task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        Err(refused("nothing is asked"))
    }

    async fn read_object(&self, _resource: &str, _object: Object) -> Result<Bytes, TaskError> {
        let made = Arc::clone(&self.0);
        let rows = (0_u64..).map(move |row| {
            *made.lock().unwrap() += 1;
            Ok(format!("{row}\n").into_bytes())
        });
        Ok(stream::iter(rows).boxed())
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_is_read_than_is_run() {
    let made = Arc::new(Mutex::new(0));
    let clock = VirtualClock::new();
    let fields = reader(
        "getObject",
        object("rows"),
        json!({"InputType": "JSONL", "MaxItems": 3_000}),
    );
    let outcome = asl::execute(
        &machine(fields),
        &execution(&clock, json!({})),
        &Endless(Arc::clone(&made)),
        &clock,
        &Memory::default(),
    )
    .await
    .unwrap();
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert!(*made.lock().unwrap() <= 3_001);
}

/// A child that was started before.
pub fn child(index: u64) -> RecordedChild {
    RecordedChild {
        index,
        items: 1,
        name: format!("child-{index}"),
        start_time: DateTime::UNIX_EPOCH,
        stop_time: None,
        outcome: None,
        is_final: false,
        was_aborted: false,
        redrive_count: 0,
        redrive_time: None,
        events: Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_map_run_taken_up_again_runs_only_the_children_that_had_not_ended() {
    let (fields, input) = (
        json!({"MaxConcurrency": 1}),
        json!([{"n": 1}, {"n": 2}, {"n": 3}]),
    );
    let (_, events) = run(fields.clone(), input.clone(), &Lake::default()).await;
    let started = events
        .iter()
        .position(|event| event.kind == "MapRunStarted")
        .unwrap();
    let arn = events[started].details.as_ref().unwrap().1["mapRunArn"].clone();
    let known = events[..=started].iter().cloned().map(Into::into).collect();
    let lake = Lake {
        recorded: vec![RecordedChild {
            outcome: Some(Outcome::Succeeded {
                output: json!("kept"),
            }),
            ..child(1)
        }],
        ..Lake::default()
    };
    let clock = VirtualClock::new();
    let outcome = asl::resume(
        &machine(fields),
        &execution(&clock, input),
        known,
        &lake,
        &clock,
        &Memory::default(),
    )
    .await
    .unwrap();
    assert_eq!(
        outcome,
        Outcome::Succeeded {
            output: json!([{"n": 1}, "kept", {"n": 3}])
        }
    );
    let ran: Vec<_> = lake
        .children
        .lock()
        .unwrap()
        .iter()
        .map(|(index, _)| *index)
        .collect();
    assert_eq!(ran, [0, 2]);
    assert_eq!(json!(lake.runs.lock().unwrap()[0].arn), arn);
}

/// Redrives an execution for the `count`th time; gives its whole history.
pub async fn redrive(
    fields: &Value,
    input: &Value,
    known: Vec<RecordedEvent>,
    lake: &Lake,
    count: u32,
) -> (Outcome, Vec<RecordedEvent>) {
    let clock = VirtualClock::new();
    let history = Memory::default();
    let execution = Execution {
        redrive_count: count,
        redrive_time: Some(DateTime::UNIX_EPOCH),
        ..execution(&clock, input.clone())
    };
    let machine = machine(fields.clone());
    let outcome = asl::redrive(&machine, &execution, known.clone(), lake, &clock, &history)
        .await
        .unwrap();
    let more = history.0.into_inner().unwrap();
    let whole = known.into_iter().chain(more.into_iter().map(Into::into));
    (outcome, whole.collect())
}

pub fn bad() -> Option<Outcome> {
    Some(Outcome::Failed {
        error: Some("Bad".to_owned()),
        cause: None,
    })
}

/// The first child succeeded, the second did not, the third had no turn.
fn known_children(more: &RecordedChild) -> Lake {
    let output = json!({"n": 1});
    let first = RecordedChild {
        outcome: Some(Outcome::Succeeded { output }),
        ..child(0)
    };
    let second = RecordedChild {
        index: 1,
        name: "second".to_owned(),
        ..more.clone()
    };
    Lake {
        recorded: vec![first, second],
        ..Lake::default()
    }
}

fn of_kind<'e>(events: &'e [RecordedEvent], kind: &str) -> Vec<&'e RecordedEvent> {
    events.iter().filter(|event| event.kind == kind).collect()
}

#[tokio::test(start_paused = true)]
async fn a_redriven_map_run_tells_so_each_time_and_counts_what_waits() {
    let fields = json!({"MaxConcurrency": 1});
    let input = json!([{"n": 1}, {"bad": 1}, {"n": 3}]);
    let (_, events) = run(fields.clone(), input.clone(), &Lake::default()).await;
    let mut events: Vec<RecordedEvent> = events.into_iter().map(Into::into).collect();
    for count in 1..=2 {
        let lake = known_children(&RecordedChild {
            outcome: bad(),
            redrive_count: count - 1,
            ..child(1)
        });
        let (outcome, whole) = redrive(&fields, &input, events, &lake, count).await;
        assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
        events = whole;
        let told = of_kind(&events, "MapRunRedriven");
        assert_eq!(told.len(), count as usize);
        let last = told.last().unwrap();
        assert_eq!(last.details["redriveCount"], count);
        let arn = &of_kind(&events, "MapRunStarted")[0].details["mapRunArn"];
        assert_eq!(last.details["mapRunArn"], *arn);
        let redriven = of_kind(&events, "ExecutionRedriven");
        assert_eq!(last.previous_event_id, redriven.last().unwrap().id);
        assert_eq!(lake.runs.lock().unwrap()[0].redrive_count, count);
        let ran = lake.children.lock().unwrap();
        assert_eq!(ran.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1]);
        let progress = lake.progress.lock().unwrap();
        assert_eq!(progress[0].executions.pending_redrive, 1);
        let last = progress.last().unwrap().executions;
        assert_eq!(
            (last.succeeded, last.failed, last.pending_redrive),
            (1, 1, 0)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_redrive_did_not_come_to_is_as_it_was() {
    let fields = json!({"MaxConcurrency": 1});
    let input = json!([{"bad": 1}, {"n": 2}, {"bad": 3}]);
    let (_, events) = run(fields.clone(), input.clone(), &Lake::default()).await;
    let events = events.into_iter().map(Into::into).collect();
    let lake = Lake {
        recorded: vec![
            RecordedChild {
                outcome: bad(),
                is_final: true,
                ..child(0)
            },
            RecordedChild {
                was_aborted: true,
                ..child(1)
            },
            RecordedChild {
                outcome: bad(),
                ..child(2)
            },
        ],
        ..Lake::default()
    };
    let (outcome, _) = redrive(&fields, &input, events, &lake, 1).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    assert!(lake.children.lock().unwrap().is_empty());
    let last = lake.progress.lock().unwrap().last().unwrap().items;
    assert_eq!((last.failed, last.aborted, last.pending_redrive), (2, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_map_run_that_failed_beyond_redrive_is_started_anew() {
    let fields = json!({"MaxConcurrency": 1});
    let input = json!([{"bad": 1}]);
    let (_, events) = run(fields.clone(), input.clone(), &Lake::default()).await;
    let mut events: Vec<RecordedEvent> = events.into_iter().map(Into::into).collect();
    for event in &mut events {
        if event.kind == "MapRunFailed" {
            event.details["error"] = json!("States.DataLimitExceeded");
        }
    }
    let (_, events) = redrive(&fields, &input, events, &Lake::default(), 1).await;
    assert_eq!(of_kind(&events, "MapRunRedriven").len(), 0);
    let started = of_kind(&events, "MapRunStarted");
    assert_eq!(started.len(), 2);
    assert_ne!(
        started[0].details["mapRunArn"],
        started[1].details["mapRunArn"]
    );
}
