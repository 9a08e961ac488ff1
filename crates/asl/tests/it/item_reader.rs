//! What an `ItemReader` makes items of, and what they tell of themselves.

use std::{collections::BTreeMap, io::Write};

use asl::{Bytes, Object, Outcome, StateMachine, Task, TaskError, Tasks};
use async_trait::async_trait;
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::world::{Memory, VirtualClock, execution, run};

/// A bucket whose files come in pieces of a few bytes.
struct Bucket {
    files: BTreeMap<&'static str, Vec<u8>>,
    piece: usize,
}

fn missing(error: &str) -> TaskError {
    TaskError {
        error: error.to_owned(),
        cause: "It does not exist. (Service: S3, Status Code: 404)".to_owned(),
    }
}

#[async_trait]
impl Tasks for Bucket {
    async fn run(
        &self,
        task: Task,
        _submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        if task.parameters["Bucket"] != "lake" {
            return Err(missing("S3.NoSuchBucketException"));
        }
        let contents: Vec<_> = self
            .files
            .iter()
            .map(|(key, body)| {
                json!({"Key": key, "LastModified": "2022-11-17T15:44:41.000Z", "ETag": "\"e\"",
                    "ChecksumAlgorithm": ["CRC64NVME"], "Size": body.len(), "StorageClass": "STANDARD"})
            })
            .collect();
        Ok(json!({"Contents": contents, "KeyCount": contents.len()}))
    }

    async fn read_object(&self, _resource: &str, object: Object) -> Result<Bytes, TaskError> {
        let file = self.files.get(object.key.as_str());
        let file = file.ok_or_else(|| missing("S3.NoSuchKeyException"))?;
        let pieces: Vec<_> = file
            .chunks(self.piece)
            .map(|piece| Ok(piece.to_vec()))
            .collect();
        Ok(stream::iter(pieces).boxed())
    }
}

fn bucket<const N: usize>(files: [(&'static str, &[u8]); N]) -> Bucket {
    Bucket {
        files: files
            .into_iter()
            .map(|(key, body)| (key, body.to_vec()))
            .collect(),
        piece: 5,
    }
}

/// A distributed Map whose children give their input back.
fn map(fields: Value) -> Value {
    let mut definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}});
    for (name, value) in fields.as_object().unwrap() {
        definition["States"]["M"][name] = value.clone();
    }
    definition
}

fn reader(action: &str, parameters: Value, config: Value) -> Value {
    json!({"Resource": format!("arn:aws:states:::s3:{action}"), "Parameters": parameters, "ReaderConfig": config})
}

async fn outcome(fields: Value, input: Value, bucket: &Bucket) -> Outcome {
    let machine = StateMachine::parse(&map(fields).to_string()).unwrap();
    let clock = VirtualClock::new();
    let execution = execution(&clock, input);
    asl::execute(&machine, &execution, bucket, &clock, &Memory::default())
        .await
        .unwrap()
}

async fn output(fields: Value, bucket: &Bucket) -> Value {
    match outcome(fields, json!({}), bucket).await {
        Outcome::Succeeded { output } => output,
        other => panic!("{other:?}"),
    }
}

/// The items of one file.
async fn items(key: &'static str, body: &[u8], config: Value) -> Value {
    let parameters = json!({"Bucket": "lake", "Key": key});
    let fields = json!({"ItemReader": reader("getObject", parameters, config)});
    output(fields, &bucket([(key, body)])).await
}

fn with_header() -> Value {
    json!({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"})
}

#[tokio::test(start_paused = true)]
async fn a_backslash_escapes_itself_a_quote_and_the_delimiter_and_else_is_left_out() {
    let body = br#"path,note
C:\\Program Files\\App.exe,\"so\"
C:\Temp\new,a\,b
"x\"y\,z\\","in \n out"
"#;
    assert_eq!(
        items("a.csv", body, with_header()).await,
        json!([
            {"path": r"C:\Program Files\App.exe", "note": "\"so\""},
            {"path": "C:Tempnew", "note": "a,b"},
            {"path": r#"x"y,z\"#, "note": "in n out"},
        ])
    );
    let pipes = json!({"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"], "CSVDelimiter": "PIPE"});
    assert_eq!(
        items("a.csv", br"x\|y|1\,2\", pipes).await,
        json!([{"a": "x|y", "b": "1,2"}])
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_of_empty_fields_is_an_item_and_a_line_of_nothing_is_none() {
    for (body, expected) in [
        (
            "a,b\n1,2\n,\n3,4\n",
            json!([{"a": "1", "b": "2"}, {"a": "", "b": ""}, {"a": "3", "b": "4"}]),
        ),
        ("a,b\n\"\",\"\"\n", json!([{"a": "", "b": ""}])),
        ("a,b\r\n\r\n,\r\n\r\n", json!([{"a": "", "b": ""}])),
        ("a\n\"\"\n\n\"\"", json!([{"a": ""}, {"a": ""}])),
        ("\na\n1\n\n\n2", json!([{"a": "1"}, {"a": "2"}])),
        (
            "a,b\n1,2\n,",
            json!([{"a": "1", "b": "2"}, {"a": "", "b": ""}]),
        ),
    ] {
        assert_eq!(
            items("a.csv", body.as_bytes(), with_header()).await,
            expected,
            "{body:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_fields_of_a_row_come_in_the_order_of_javas_maps() {
    for (body, expected) in [
        ("0,True,{}\n4,5,6,7\n", r#"[{"0":"4","{}":"6","True":"5"}]"#),
        ("H1,\n4,5\n6\n", r#"[{"":"5","H1":"4"},{"":"","H1":"6"}]"#),
    ] {
        let read = items("a.csv", body.as_bytes(), with_header()).await;
        assert_eq!(read.to_string(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn headers_that_are_the_same_fail_the_reading() {
    let given = json!({"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "a"]});
    for (body, config) in [(&b"1,2\n"[..], given), (&b"a,a\n1,2\n"[..], with_header())] {
        let parameters = json!({"Bucket": "lake", "Key": "a.csv"});
        let fields = json!({"ItemReader": reader("getObject", parameters, config)});
        assert_eq!(
            outcome(fields, json!({}), &bucket([("a.csv", body)])).await,
            Outcome::Failed {
                error: Some("States.ItemReaderFailed".to_owned()),
                cause: Some("CSV headers cannot contain duplicates.".to_owned()),
            }
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_negative_limit_fails_the_map_run_and_one_that_is_no_whole_number_the_state_before_it() {
    let config = json!({"InputType": "JSON", "MaxItemsPath": "$.top"});
    let place = json!({"Bucket": "lake", "Key": "a.json"});
    let definition = map(json!({"ItemReader": reader("getObject", place, config)}));
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let lake = bucket([("a.json", b"[1, 2]")]);
    let entered = ["ExecutionStarted", "MapStateEntered", "MapStateStarted"];
    for (top, error, cause, then) in [
        (
            json!(-1),
            "States.ItemReaderFailed",
            "field MaxItems must be positive",
            &["MapRunStarted", "MapRunFailed", "MapStateFailed"][..],
        ),
        (
            json!(1.5),
            "States.Runtime",
            "which is not a valid integer: $.top",
            &[] as &[&str],
        ),
    ] {
        let clock = VirtualClock::new();
        let execution = execution(&clock, json!({"top": top}));
        let history = Memory::default();
        let ended = asl::execute(&machine, &execution, &lake, &clock, &history)
            .await
            .unwrap();
        let Outcome::Failed {
            error: Some(failed),
            cause: Some(told),
        } = ended
        else {
            panic!("{ended:?}")
        };
        assert_eq!(failed, error);
        assert!(told.ends_with(cause), "{told}");
        let events = history.0.into_inner().unwrap();
        let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
        assert_eq!(
            kinds,
            [&entered[..], then, &["ExecutionFailed"][..]].concat()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_mark_of_utf_8_is_no_part_of_a_file() {
    for (body, expected) in [
        ("\u{feff}id,n\n1,2\n", json!([{"id": "1", "n": "2"}])),
        ("id\n\u{feff}1\n", json!([{"id": "\u{feff}1"}])),
        ("\u{feff}", json!([])),
        ("", json!([])),
    ] {
        assert_eq!(
            items("a.csv", body.as_bytes(), with_header()).await,
            expected
        );
    }
    let lines = "\u{feff}{\"n\":1}\n{\"n\":2}";
    assert_eq!(
        items("a.jsonl", lines.as_bytes(), json!({"InputType": "JSONL"})).await,
        json!([{"n": 1}, {"n": 2}])
    );
    let mut split = bucket([("a.json", "\u{feff}[1]".as_bytes())]);
    split.piece = 1;
    let parameters = json!({"Bucket": "lake", "Key": "a.json"});
    let fields = json!({"ItemReader": reader("getObject", parameters, json!({}))});
    assert_eq!(output(fields, &split).await, json!([1]));
}

#[tokio::test(start_paused = true)]
async fn files_come_packed_as_their_names_tell() {
    let text = b"id\n1\n2\n";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zstandard = zstd::encode_all(&text[..5], 3).unwrap();
    // A file may be of several frames.
    zstandard.extend(zstd::encode_all(&text[5..], 3).unwrap());
    for (key, body) in [
        ("a.csv", &text[..]),
        ("a.csv.gz", &gzip),
        ("a.csv.zstd", &zstandard),
        ("a.csv.zst", &zstandard),
    ] {
        assert_eq!(
            items(key, body, with_header()).await,
            json!([{"id": "1"}, {"id": "2"}]),
            "{key}"
        );
    }
    let cut = &zstandard[..zstandard.len() - 3];
    let parameters = json!({"Bucket": "lake", "Key": "cut.zstd"});
    let fields = json!({"ItemReader": reader("getObject", parameters, with_header())});
    let ended = outcome(fields, json!({}), &bucket([("cut.zstd", cut)])).await;
    assert!(
        matches!(&ended, Outcome::Failed { error: Some(error), .. } if error == "States.ItemReaderFailed"),
        "{ended:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_listed_comes_as_objects_of_their_own_kind() {
    let lake = bucket([("in/1", b"xy")]);
    let fields =
        json!({"ItemReader": reader("listObjectsV2", json!({"Bucket": "lake"}), json!({}))});
    assert_eq!(
        output(fields, &lake).await,
        json!([{"Etag": "\"e\"", "Key": "in/1", "LastModified": 1_668_699_881, "Size": 2, "StorageClass": "STANDARD"}])
    );
}

#[tokio::test(start_paused = true)]
async fn the_members_of_an_object_are_items_with_keys() {
    let pairs = json!([{"Key": "b", "Value": {"x": 1}}, {"Key": "a", "Value": 2}]);
    let object = json!({"b": {"x": 1}, "a": 2});
    let config = json!({"InputType": "JSON", "ItemsPointer": "/rows"});
    let file = json!({"rows": object}).to_string();
    assert_eq!(items("a.json", file.as_bytes(), config).await, pairs);

    let from_path = map(json!({"ItemsPath": "$.rows"}));
    let ran = run(&from_path, json!({"rows": object})).await;
    assert_eq!(ran.output(), &pairs);

    let mut from_items = map(
        json!({"Items": "{% $states.input.rows %}", "ItemSelector": {
        "i": "{% $states.context.Map.Item.Index %}", "k": "{% $states.context.Map.Item.Key %}",
        "v": "{% $states.context.Map.Item.Value %}"}}),
    );
    from_items["QueryLanguage"] = json!("JSONata");
    let ran = run(&from_items, json!({"rows": object})).await;
    assert_eq!(
        ran.output(),
        &json!([{"i": 0, "k": "b", "v": {"x": 1}}, {"i": 1, "k": "a", "v": 2}])
    );
}

#[tokio::test(start_paused = true)]
async fn only_a_distributed_map_goes_through_an_object() {
    let mut inline = map(json!({"ItemsPath": "$.rows"}));
    inline["States"]["M"]["ItemProcessor"]["ProcessorConfig"] = json!({"Mode": "INLINE"});
    let ran = run(&inline, json!({"rows": {"a": 1}})).await;
    assert!(
        ran.failure().1.contains("must point to array"),
        "{:?}",
        ran.failure()
    );
    let scalar = map(json!({"ItemsPath": "$.rows"}));
    let ran = run(&scalar, json!({"rows": 1})).await;
    assert!(
        ran.failure().1.contains("must point to array"),
        "{:?}",
        ran.failure()
    );
}

#[tokio::test(start_paused = true)]
async fn an_item_tells_where_it_comes_from() {
    let selector = json!({"at.$": "$$.Map.Item.Source"});
    let lake = bucket([("in/1.jsonl", b"1"), ("in/2.jsonl", b"2\n3")]);
    let sources = |sources: &[&str]| -> Value {
        sources.iter().map(|source| json!({"at": source})).collect()
    };
    let place = json!({"Bucket": "lake", "Key": "in/1.jsonl"});
    let flatten = json!({"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"});
    for (reader, expected) in [
        (
            reader("getObject", place, json!({"InputType": "JSONL"})),
            sources(&["S3://lake/in/1.jsonl"]),
        ),
        (
            reader("listObjectsV2", json!({"Bucket": "lake"}), json!({})),
            sources(&["S3://lake", "S3://lake"]),
        ),
        (
            reader("listObjectsV2", json!({"Bucket": "lake"}), flatten),
            sources(&[
                "S3://lake/in/1.jsonl",
                "S3://lake/in/2.jsonl",
                "S3://lake/in/2.jsonl",
            ]),
        ),
    ] {
        let fields = json!({"ItemReader": reader, "ItemSelector": selector});
        assert_eq!(output(fields, &lake).await, expected);
    }
    let distributed = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    for config in [json!({"Mode": "INLINE"}), distributed] {
        let mut of_state = map(json!({"ItemSelector": selector}));
        of_state["States"]["M"]["ItemProcessor"]["ProcessorConfig"] = config;
        let ran = run(&of_state, json!([7])).await;
        assert_eq!(ran.output(), &sources(&["STATE_DATA"]));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_caught_as_a_failed_reading() {
    let lake = bucket([]);
    for reader in [
        reader(
            "getObject",
            json!({"Bucket": "lake", "Key": "gone"}),
            json!({}),
        ),
        reader("listObjectsV2", json!({"Bucket": "gone"}), json!({})),
    ] {
        let fields = json!({"ItemReader": reader, "Catch": [{"ErrorEquals": ["States.ItemReaderFailed"], "Next": "C"}]});
        let mut definition = map(fields);
        definition["States"]["C"] = json!({"Type": "Pass", "End": true});
        let machine = StateMachine::parse(&definition.to_string()).unwrap();
        let clock = VirtualClock::new();
        let ended = asl::execute(
            &machine,
            &execution(&clock, json!({})),
            &lake,
            &clock,
            &Memory::default(),
        )
        .await
        .unwrap();
        let Outcome::Succeeded { output } = ended else {
            panic!("{ended:?}")
        };
        assert_eq!(output["Error"], "States.ItemReaderFailed");
        assert!(
            output["Cause"]
                .as_str()
                .unwrap()
                .contains("Status Code: 404")
        );
    }
}
