//! One state, tested alone.

use asl::{Mock, StateTest, TestError, TestStatus, TestedState, test_state};
use serde_json::{Value, json};

use crate::world::{Script, VirtualClock, execution};

fn of(definition: Value, input: Value, mock: Option<Mock>) -> StateTest {
    StateTest {
        definition: definition.to_string(),
        state: None,
        input: input.clone(),
        variables: Value::Null,
        context: Value::Null,
        execution: execution(&VirtualClock::new(), input),
        mock,
        retry_count: 0,
        error_caused_by_state: None,
        map_iteration_failure_count: None,
        map_item_reader_data: None,
    }
}

async fn tested(test: &StateTest) -> TestedState {
    test_state(test, &Script::default(), &VirtualClock::new())
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_step_of_the_data_is_shown() {
    let definition = json!({"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
        "InputPath": "$.a", "Parameters": {"b.$": "$.b"}, "ResultSelector": {"r.$": "$.x"},
        "ResultPath": "$.result", "OutputPath": "$.result.r", "Next": "After"});
    let input = json!({"a": {"b": 1}});
    let tested = tested(&of(
        definition,
        input.clone(),
        Some(Mock::Result(json!({"x": 7}))),
    ))
    .await;
    assert_eq!(tested.status, TestStatus::Succeeded);
    assert_eq!(
        (tested.output, tested.next.as_deref()),
        (Some(json!(7)), Some("After"))
    );
    let seen = &tested.inspection.0;
    for (step, value) in [
        ("input", input),
        ("afterInputPath", json!({"b": 1})),
        ("afterParameters", json!({"b": 1})),
        ("result", json!({"x": 7})),
        ("afterResultSelector", json!({"r": 7})),
        (
            "afterResultPath",
            json!({"a": {"b": 1}, "result": {"r": 7}}),
        ),
    ] {
        assert_eq!(seen[step], value, "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_is_retried_then_caught_then_fails() {
    let error = || {
        Some(Mock::Error {
            error: Some("Busy".to_owned()),
            cause: Some("later".to_owned()),
        })
    };
    let definition = json!({"Type": "Task", "Resource": "arn:aws:states:::s3:getObject", "End": true,
        "Retry": [{"ErrorEquals": ["Other"]}, {"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["Busy"], "Next": "Rescue", "ResultPath": "$.error"}]});
    let mut test = of(definition.clone(), json!({}), error());
    test.retry_count = 1;
    let again = tested(&test).await;
    assert_eq!(again.status, TestStatus::Retriable);
    assert_eq!(
        again.inspection.0["errorDetails"],
        json!({"retryIndex": 1, "retryBackoffIntervalSeconds": 6})
    );
    test.retry_count = 2;
    let caught = tested(&test).await;
    assert_eq!(
        (caught.status, caught.next.as_deref()),
        (TestStatus::CaughtError, Some("Rescue"))
    );
    assert_eq!(
        caught.output,
        Some(json!({"error": {"Error": "Busy", "Cause": "later"}}))
    );
    let mut bare = definition;
    bare.as_object_mut()
        .unwrap()
        .retain(|name, _| name != "Retry" && name != "Catch");
    let failed = tested(&of(bare, json!({}), error())).await;
    assert_eq!(
        (failed.status, failed.error.as_deref()),
        (TestStatus::Failed, Some("Busy"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_state_of_a_machine_is_found_wherever_it_is_and_nothing_is_waited_for() {
    let machine = json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "ItemProcessor": {
        "StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": 99999, "Next": "End"}, "End": {"Type": "Succeed"}}}}}});
    let mut test = of(machine, json!({"x": 1}), None);
    test.state = Some("Pause".to_owned());
    let tested = tested(&test).await;
    assert_eq!(
        (tested.output, tested.next.as_deref()),
        (Some(json!({"x": 1})), Some("End"))
    );
    test.state = Some("Each".to_owned());
    let unmocked = test_state(&test, &Script::default(), &VirtualClock::new()).await;
    assert!(
        matches!(unmocked, Err(TestError::Unsupported(_))),
        "{unmocked:?}"
    );
    test.state = Some("Nope".to_owned());
    assert_eq!(refused(&test).await, "State not found in definition");
}

#[tokio::test(start_paused = true)]
async fn the_items_of_a_map_are_shown_and_its_tolerance_holds() {
    let definition = json!({"Type": "Map", "ItemsPath": "$.items", "ItemSelector": {"v.$": "$$.Map.Item.Value"},
        "ToleratedFailureCount": 1, "MaxConcurrency": 4, "End": true, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}});
    let mut test = of(
        definition,
        json!({"items": [1, 2]}),
        Some(Mock::Result(json!(["a", "b"]))),
    );
    let shown = tested(&test).await;
    assert_eq!(shown.output, Some(json!(["a", "b"])));
    assert_eq!(
        shown.inspection.0["afterItemSelector"],
        json!([{"v": 1}, {"v": 2}])
    );
    assert_eq!(shown.inspection.0["maxConcurrency"], json!(4));
    test.map_iteration_failure_count = Some(2);
    let failed = tested(&test).await;
    assert_eq!(
        failed.error.as_deref(),
        Some("States.ExceedToleratedFailureThreshold")
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_reader_is_to_have_read_tells_where_it_would_come_from() {
    let definition = json!({"Type": "Map", "End": true,
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "lake", "Key.$": "$.key"}},
        "ItemSelector": {"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Source"},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}});
    let mock = Some(Mock::Result(json!([])));
    let mut test = of(definition, json!({"key": "in/a.json"}), mock);
    test.map_item_reader_data = Some(r#"{"x": 1}"#.to_owned());
    assert_eq!(
        tested(&test).await.inspection.0["afterItemSelector"],
        json!([{"k": "x", "v": 1, "at": "S3://lake/in/a.json"}])
    );
}

#[tokio::test(start_paused = true)]
async fn failed_iterations_are_held_against_no_tolerance_but_one_that_is_declared() {
    let mut test = of(
        distributed(json!({})),
        json!([1, 2, 3]),
        Some(Mock::Result(json!([0, 0, 1]))),
    );
    test.map_iteration_failure_count = Some(2);
    let undeclared = tested(&test).await;
    assert_eq!(undeclared.status, TestStatus::Succeeded);
    assert_eq!(undeclared.output, Some(json!([0, 0, 1])));
    test.mock = Some(Mock::Error {
        error: Some("MockException".to_owned()),
        cause: None,
    });
    test.error_caused_by_state = Some("P".to_owned());
    assert_eq!(tested(&test).await.error.as_deref(), Some("MockException"));
    for tolerance in [
        json!({"ToleratedFailureCount": 1}),
        json!({"ToleratedFailurePercentage": 50}),
    ] {
        let mut test = of(
            distributed(tolerance),
            json!([1, 2, 3]),
            Some(Mock::Result(json!([0, 0, 1]))),
        );
        test.map_iteration_failure_count = Some(2);
        assert_eq!(
            tested(&test).await.error.as_deref(),
            Some("States.ExceedToleratedFailureThreshold")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn variables_and_context_are_those_given() {
    let definition = json!({"Type": "Pass", "QueryLanguage": "JSONata", "End": true,
        "Assign": {"n": "{% $n + 1 %}"},
        "Output": {"n": "{% $n %}", "who": "{% $states.context.Execution.Name %}"}});
    let mut test = of(definition, json!({}), None);
    test.variables = json!({"n": 4});
    test.context = json!({"Execution": {"Name": "given"}});
    let tested = tested(&test).await;
    assert_eq!(tested.output, Some(json!({"n": 4, "who": "given"})));
    assert_eq!(tested.inspection.0["variables"], json!({"n": 5}));
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_is_not_valid_is_told_as_validation_tells_it() {
    let test = of(
        json!({"Type": "Pass", "Resutl": 1, "End": true}),
        json!({}),
        None,
    );
    let refused = test_state(&test, &Script::default(), &VirtualClock::new()).await;
    let Err(TestError::Definition(found)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(found[0].message, "Field 'Resutl' is not supported");
    assert_eq!(found[0].help.as_deref(), Some("did you mean 'Result'?"));
}

async fn refused(test: &StateTest) -> String {
    match test_state(test, &Script::default(), &VirtualClock::new()).await {
        Err(TestError::Request(message)) => message,
        other => panic!("{other:?}"),
    }
}

fn distributed(fields: Value) -> Value {
    let mut state = json!({"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}});
    for (name, value) in fields.as_object().unwrap() {
        state[name] = value.clone();
    }
    state
}

fn reader(config: Value) -> Value {
    json!({"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config,
        "Parameters": {"Bucket": "b", "Key": "k"}})
}

#[tokio::test(start_paused = true)]
async fn the_data_of_a_reader_are_taken_as_their_source_has_them() {
    let csv = json!({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"});
    let lines = json!({"InputType": "JSONL"});
    let pointer = json!({"InputType": "JSON", "ItemsPointer": "/films"});
    for (config, read, items) in [
        (
            csv.clone(),
            "title,year\nM,1931\n",
            json!([{"title": "M", "year": "1931"}]),
        ),
        (lines, "{\"n\": 1}\n2\n", json!([{"n": 1}, 2])),
        (
            pointer.clone(),
            r#"{"films": ["M", "Metropolis"]}"#,
            json!(["M", "Metropolis"]),
        ),
        (json!({}), "[1, 2, 3]", json!([1, 2, 3])),
        (json!({"MaxItems": 2}), "[1, 2, 3]", json!([1, 2])),
    ] {
        let state = distributed(json!({"ItemReader": reader(config.clone()),
            "ItemSelector": {"v.$": "$$.Map.Item.Value"}}));
        let mut test = of(state, json!({}), Some(Mock::Result(json!([]))));
        test.map_item_reader_data = Some(read.to_owned());
        let seen = tested(&test).await.inspection.0;
        let selected: Vec<_> = items
            .as_array()
            .unwrap()
            .iter()
            .map(|item| json!({"v": item}))
            .collect();
        assert_eq!(seen["afterItemSelector"], json!(selected), "{config}");
        let pointed = (config == pointer).then_some(&items);
        assert_eq!(seen.get("afterItemsPointer"), pointed, "{config}");
    }
    let mut broken = of(
        distributed(json!({"ItemReader": reader(pointer)})),
        json!({}),
        Some(Mock::Result(json!([]))),
    );
    broken.map_item_reader_data = Some("no document".to_owned());
    let failed = tested(&broken).await;
    assert_eq!(failed.error.as_deref(), Some("States.ItemReaderFailed"));
}

#[tokio::test(start_paused = true)]
async fn the_batches_of_a_map_are_shown() {
    let state = distributed(
        json!({"ItemsPath": "$.items", "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"day": "today"}}}),
    );
    let test = of(
        state,
        json!({"items": [1, 2, 3]}),
        Some(Mock::Result(json!([]))),
    );
    let seen = tested(&test).await.inspection.0;
    assert_eq!(
        seen["afterItemBatcher"],
        json!([{"BatchInput": {"day": "today"}, "Items": [1, 2]}, {"BatchInput": {"day": "today"}, "Items": [3]}])
    );
    for absent in [
        "result",
        "toleratedFailureCount",
        "toleratedFailurePercentage",
        "variables",
    ] {
        assert_eq!(seen.get(absent), None, "{absent}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mock_stands_for_what_is_asked_for_and_looks_like_it() {
    let mocked =
        |definition: Value, result: Value| of(definition, json!({}), Some(Mock::Result(result)));
    for (definition, kind) in [
        (json!({"Type": "Pass", "End": true}), "Pass"),
        (json!({"Type": "Wait", "Seconds": 1, "End": true}), "Wait"),
        (
            json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": true, "Next": "B"}]}),
            "Choice",
        ),
        (json!({"Type": "Succeed"}), "Succeed"),
        (json!({"Type": "Fail"}), "Fail"),
    ] {
        let expected = format!("State type '{kind}' is not supported when a mock is specified");
        let mut test = mocked(definition, json!(1));
        assert_eq!(refused(&test).await, expected);
        test.mock = Some(Mock::Error {
            error: None,
            cause: None,
        });
        assert_eq!(refused(&test).await, expected);
    }
    let map = distributed(json!({}));
    assert_eq!(
        refused(&mocked(map.clone(), json!({}))).await,
        "Mocked result must be an array."
    );
    let mut written = map;
    written["ResultWriter"] =
        json!({"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}});
    assert_eq!(
        refused(&mocked(written, json!([]))).await,
        "Mocked result must be a JSON object."
    );
    let branch = |name: &str| {
        let mut flow = json!({"StartAt": name, "States": {}});
        flow["States"][name] = json!({"Type": "Pass", "End": true});
        flow
    };
    let parallel = json!({"Type": "Parallel", "End": true, "Branches": [branch("A"), branch("B")]});
    assert_eq!(
        refused(&mocked(parallel.clone(), json!([1]))).await,
        "Mocked result must contain the same number of items as number of Parallel branches."
    );
    assert_eq!(
        refused(&mocked(parallel.clone(), json!(1))).await,
        "Mocked result must be an array."
    );
    assert_eq!(
        tested(&mocked(parallel, json!([1, 2]))).await.output,
        Some(json!([1, 2]))
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_test_names_has_to_be_there() {
    let error = Mock::Error {
        error: Some("States.TaskFailed".to_owned()),
        cause: None,
    };
    let mut test = of(distributed(json!({})), json!([]), Some(error));
    test.error_caused_by_state = Some("P".to_owned());
    assert_eq!(tested(&test).await.status, TestStatus::Failed);
    test.error_caused_by_state = Some("Q".to_owned());
    assert!(refused(&test).await.contains("'Q'"));
    test.error_caused_by_state = None;
    test.variables = json!([1]);
    assert_eq!(refused(&test).await, "variables must be a JSON object");
    test.variables = json!({});
    test.context = json!("x");
    assert_eq!(refused(&test).await, "context must be a JSON object");
}

#[tokio::test(start_paused = true)]
async fn a_retrier_that_is_used_up_is_told() {
    let definition = json!({"Type": "Task", "Resource": "arn:aws:states:::s3:getObject", "End": true,
        "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}]});
    let error = Mock::Error {
        error: Some("Busy".to_owned()),
        cause: None,
    };
    let mut test = of(definition, json!({}), Some(error));
    test.retry_count = 2;
    let failed = tested(&test).await;
    assert_eq!(failed.status, TestStatus::Failed);
    assert_eq!(
        failed.inspection.0["errorDetails"],
        json!({"retryIndex": 0})
    );
}

#[tokio::test(start_paused = true)]
async fn only_what_becomes_of_the_input_is_shown() {
    let input = json!({"film": {"title": "M"}});
    let steps = |tested: &TestedState| -> Vec<String> {
        let mut steps: Vec<_> = tested.inspection.0.keys().cloned().collect();
        steps.sort();
        steps
    };
    let pass = json!({"Type": "Pass", "InputPath": "$.film", "Parameters": {"t.$": "$.title"}, "Result": 1, "End": true});
    let shown = tested(&of(pass, input.clone(), None)).await;
    assert_eq!(
        steps(&shown),
        ["afterResultPath", "afterResultSelector", "input", "result"]
    );
    let fail = json!({"Type": "Fail", "Error": "Odd"});
    let shown = tested(&of(fail.clone(), input.clone(), None)).await;
    assert_eq!(steps(&shown), ["afterInputPath", "input"]);
    assert_eq!(shown.inspection.0["afterInputPath"], input);
    let mut in_jsonata = fail;
    in_jsonata["QueryLanguage"] = json!("JSONata");
    let shown = tested(&of(in_jsonata, input, None)).await;
    assert_eq!(steps(&shown), ["input"]);
}

#[tokio::test(start_paused = true)]
async fn items_that_are_no_array_are_told_by_their_path_alone() {
    for (path, told) in [
        ("$.film", "$.film"),
        ("$$.Execution.Input", "$.Execution.Input"),
    ] {
        let definition = json!({"Type": "Map", "ItemsPath": path, "End": true, "ItemProcessor": {
            "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}});
        let mock = Some(Mock::Result(json!([])));
        let failed = tested(&of(definition, json!({"film": 1}), mock)).await;
        assert_eq!(failed.error.as_deref(), Some("States.Runtime"));
        assert_eq!(
            failed.cause,
            Some(format!("Reference path \"{told}\" must point to array."))
        );
    }
}
