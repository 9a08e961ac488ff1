//! Distributed Maps.

use serde_json::{Value, json};

use crate::world::{Script, run, run_with};

fn map(fields: Value) -> Value {
    let mut definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "C", "States": {
            "C": {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": "bad", "Next": "F"}], "Default": "P"},
            "F": {"Type": "Fail", "Error": "Bad"}, "P": {"Type": "Pass", "End": true}}}}}});
    for (name, value) in fields.as_object().unwrap() {
        definition["States"]["M"][name] = value.clone();
    }
    definition
}

#[tokio::test(start_paused = true)]
async fn failures_are_tolerated_up_to_the_count_or_the_percentage() {
    let items = json!(["a", "bad", "b", "bad"]);
    for tolerated in [
        json!({"ToleratedFailureCount": 2}),
        json!({"ToleratedFailurePercentage": 50}),
    ] {
        assert_eq!(
            run(&map(tolerated), items.clone()).await.output(),
            &json!(["a", "b"])
        );
    }
    let ran = run(&map(json!({"ToleratedFailureCount": 1})), items).await;
    assert_eq!(
        ran.failure(),
        (
            "States.ExceedToleratedFailureThreshold",
            "The specified tolerated failure threshold was exceeded"
        )
    );
    assert_eq!(
        ran.kinds(),
        [
            "ExecutionStarted",
            "MapStateEntered",
            "MapStateStarted",
            "MapRunStarted",
            "MapRunFailed",
            "MapStateFailed",
            "ExecutionFailed"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_text_that_is_a_number_counts_as_one_where_a_path_leads_to_it() {
    let input =
        json!({"items": ["a", "bad"], "one": "1", "half": "50.0", "bytes": "15000", "word": "one"});
    for tolerated in [
        json!({"ItemsPath": "$.items", "MaxConcurrencyPath": "$.one", "ToleratedFailureCountPath": "$.one"}),
        json!({"ItemsPath": "$.items", "ToleratedFailurePercentagePath": "$.half"}),
    ] {
        let ran = run(&map(tolerated), input.clone()).await;
        assert_eq!(ran.output(), &json!(["a"]));
    }
    let batcher = json!({"MaxItemsPerBatchPath": "$.one", "MaxInputBytesPerBatchPath": "$.bytes"});
    let ran = run(
        &map(json!({"ItemsPath": "$.items", "ItemBatcher": batcher})),
        input.clone(),
    )
    .await;
    assert_eq!(ran.output(), &json!([{"Items": ["a"]}, {"Items": ["bad"]}]));
    let fields = json!({"ItemsPath": "$.items", "MaxConcurrencyPath": "$.word"});
    let ran = run(&map(fields), input).await;
    let (error, cause) = ran.failure();
    assert_eq!(error, "States.Runtime");
    assert!(
        cause.ends_with("refers to value \"one\" which is not a valid integer: $.word"),
        "{cause}"
    );
}

#[tokio::test(start_paused = true)]
async fn items_come_in_batches_with_what_they_share() {
    let definition = map(json!({"ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"day": 1}}}));
    assert_eq!(
        run(&definition, json!([1, 2, 3])).await.output(),
        &json!([{"BatchInput": {"day": 1}, "Items": [1, 2]}, {"BatchInput": {"day": 1}, "Items": [3]}])
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_as_large_as_it_may_be_with_all_that_is_around_its_items() {
    for (most, batch_input) in [
        (60, json!({})),
        (60, json!({"BatchInput": {"day": 1}})),
        // An item that is too large alone is a batch.
        (1, json!({})),
    ] {
        let mut batcher = batch_input;
        batcher["MaxInputBytesPerBatch"] = json!(most);
        let items: Vec<u32> = (1..=30).collect();
        let ran = run(&map(json!({"ItemBatcher": batcher})), json!(items)).await;
        let batches = ran.output().as_array().unwrap();
        let of = |batch: &Value| batch["Items"].as_array().unwrap().clone();
        let all: Vec<Value> = batches.iter().flat_map(of).collect();
        assert_eq!(json!(all), json!(items));
        for (batch, next) in batches.iter().zip(&batches[1..]) {
            let bytes = batch.to_string().len();
            assert!(bytes <= most || of(batch).len() == 1, "{batch}");
            let with_one_more = bytes + 1 + next["Items"][0].to_string().len();
            assert!(with_one_more > most, "{batch}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rows_of_a_csv_file_are_items_and_results_are_written_to_a_bucket() {
    let definition = map(json!({
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Parameters": {"Bucket": "b", "Key.$": "$.key"}},
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "runs"}, "WriterConfig": {"Transformation": "COMPACT"}}}));
    let script = Script::new([
        Ok(json!({"Body": "id,name\n1,\"a, b\"\n2,c\n"})),
        Ok(json!({})),
        Ok(json!({})),
    ]);
    let ran = run_with(&definition, json!({"key": "k.csv"}), &script).await;
    assert_eq!(ran.output()["ResultWriterDetails"]["Bucket"], "out");
    let asked = script.asked.lock().unwrap();
    assert_eq!(asked[0].parameters, json!({"Bucket": "b", "Key": "k.csv"}));
    assert_eq!(
        asked[1].parameters["Body"],
        json!([{"name": "a, b", "id": "1"}, {"name": "c", "id": "2"}]).to_string()
    );
    assert_eq!(ran.details("MapStateStarted"), &json!({"length": 0}));
}
