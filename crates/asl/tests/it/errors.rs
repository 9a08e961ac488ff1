//! What fails, how it is caught, and what the history tells of it.

use serde_json::{Value, json};

use crate::world::{Ran, Script, run, run_with};

const SYNC: &str = "arn:aws:states:::athena:startQueryExecution.sync";

#[tokio::test(start_paused = true)]
async fn a_caught_error_is_put_where_the_catcher_says() {
    let definition = json!({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": SYNC, "End": true,
            "Catch": [{"ErrorEquals": ["Other"], "Next": "B"}, {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.why", "Next": "B"}]},
        "B": {"Type": "Pass", "End": true}}});
    let ran = run_with(
        &definition,
        json!({"x": 1}),
        &Script::new([Err(("Athena.AthenaException", "no"))]),
    )
    .await;
    assert_eq!(
        ran.output(),
        &json!({"x": 1, "why": {"Error": "Athena.AthenaException", "Cause": "no"}})
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_without_error_and_cause_has_neither_and_its_catcher_gets_nulls() {
    let nameless = || Script::new([Err(("", ""))]);
    let mut definition =
        json!({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": SYNC, "End": true}}});
    let ran = run_with(&definition, json!({}), &nameless()).await;
    for event in ["TaskFailed", "ExecutionFailed"] {
        let details = ran.details(event);
        assert_eq!(
            (details.get("error"), details.get("cause")),
            (None, None),
            "{event}"
        );
    }
    definition["States"]["T"]["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": "B"}]);
    definition["States"]["B"] = json!({"Type": "Pass", "End": true});
    let ran = run_with(&definition, json!({}), &nameless()).await;
    assert_eq!(ran.output(), &json!({"Error": null, "Cause": null}));
}

#[tokio::test(start_paused = true)]
async fn a_task_tells_that_it_is_scheduled_started_submitted_and_done() {
    let definition = json!({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": SYNC, "Parameters": {"QueryString": "SELECT 1", "t.$": "$$.Task.Token"}, "TimeoutSeconds": 9,
            "ResultSelector": {"id.$": "$.Id"}, "ResultPath": "$.query", "OutputPath": "$.query", "End": true}}});
    let script = Script::new([Ok(json!({"Id": "q", "more": 1}))]);
    let ran = run_with(&definition, json!({}), &script).await;
    assert_eq!(ran.output(), &json!({"id": "q"}));
    assert_eq!(
        ran.kinds(),
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSubmitted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded"
        ]
    );
    let scheduled = ran.details("TaskScheduled");
    assert_eq!(
        (&scheduled["resourceType"], &scheduled["resource"]),
        (&json!("athena"), &json!("startQueryExecution.sync"))
    );
    assert_eq!(
        (&scheduled["region"], &scheduled["timeoutInSeconds"]),
        (&json!("us-east-1"), &json!(9))
    );
    let asked = script.asked.lock().unwrap();
    assert_eq!(asked[0].parameters["t"], json!(asked[0].token));
    let ids: Vec<_> = ran
        .events
        .iter()
        .map(|event| (event.id, event.previous_event_id))
        .collect();
    assert_eq!(
        ids,
        [
            (1, 0),
            (2, 0),
            (3, 2),
            (4, 3),
            (5, 4),
            (6, 5),
            (7, 6),
            (8, 7)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_path_that_leads_nowhere_fails_the_execution_and_nothing_catches_it() {
    let definition = json!({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": SYNC, "Parameters": {"a.$": "$.nope"}, "End": true,
            "Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]},
        "B": {"Type": "Pass", "End": true}}});
    let ran = run(&definition, json!({})).await;
    assert_eq!(
        ran.failure(),
        (
            "States.Runtime",
            "An error occurred while executing the state 'T' (entered at the event id #2). The JSONPath '$.nope' specified for the field 'a.$' could not be found in the input '{}'"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_timeout_at_a_path_that_leads_nowhere_is_told_as_an_input_path_is() {
    for field in ["TimeoutSecondsPath", "HeartbeatSecondsPath"] {
        let mut definition = json!({"StartAt": "T", "States": {
            "T": {"Type": "Task", "Resource": SYNC, "End": true}}});
        definition["States"]["T"][field] = json!("$.nope");
        let ran = run(&definition, json!({})).await;
        assert_eq!(
            ran.failure(),
            (
                "States.Runtime",
                "An error occurred while executing the state 'T' (entered at the event id #2). Invalid path '$.nope' : No results for path: $['nope']"
            ),
            "{field}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_jsonata_expression_without_a_value_is_an_error_that_can_be_caught() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": SYNC, "Arguments": {"a": "{% $states.input.nope %}"}, "End": true,
            "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "{% $states.errorOutput.Error %}", "Next": "B"}]},
        "B": {"Type": "Pass", "End": true}}});
    let ran = run(&definition, json!({})).await;
    assert_eq!(ran.output(), &json!("States.QueryEvaluationError"));
    let evaluation = ran.details("EvaluationFailed");
    assert_eq!(evaluation["location"], "Arguments/a");
    assert_eq!(
        evaluation["cause"],
        "An error occurred while executing the state 'T' (entered at the event id #2). The JSONata expression '$states.input.nope' specified for the field 'Arguments/a' returned nothing (undefined)."
    );
}

#[tokio::test(start_paused = true)]
async fn a_jsonata_expression_that_throws_is_told_with_its_code() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "P", "States": {
        "P": {"Type": "Pass", "Output": {"r": "{% 'a' + 1 %}"}, "End": true}}});
    let ran = run(&definition, json!({})).await;
    let (error, cause) = ran.failure();
    assert_eq!(error, "States.QueryEvaluationError");
    assert!(
        cause.ends_with("The JSONata expression ''a' + 1' specified for the field 'Output/r' threw an error during evaluation. T2001: The left side of the \"+\" operator must evaluate to a number"),
        "{cause}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_choice_that_nothing_matches_and_has_no_default_fails() {
    let definition = json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEquals": 1, "Next": "P"}]}, "P": {"Type": "Pass", "End": true}}});
    assert_eq!(
        run(&definition, json!({"x": "1"})).await.failure().0,
        "States.NoChoiceMatched"
    );
    assert_eq!(
        run(&definition, json!({})).await.failure().0,
        "States.Runtime"
    );
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_one_branch_stops_the_others_and_is_the_failure_of_all() {
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": SYNC, "End": true}}},
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "Next": "F"}, "F": {"Type": "Fail", "Error": "E", "Cause": "C"}}}]}}});
    let script = Script::default();
    let ran = run_with(&definition, json!({}), &script).await;
    assert_eq!(ran.failure(), ("E", "C"));
    assert_eq!(script.dropped.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert_eq!(
        &ran.kinds()[ran.kinds().len() - 2..],
        ["ParallelStateFailed", "ExecutionFailed"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_iteration_that_fails_aborts_those_that_run() {
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "F"}], "Default": "W"},
        "F": {"Type": "Fail", "Error": "E"}, "W": {"Type": "Wait", "Seconds": 9, "End": true}}}}}});
    let ran = run(&definition, json!([0, 1, 2])).await;
    assert_eq!(ran.failure().0, "E");
    let count = |kind: &str| ran.kinds().iter().filter(|told| **told == kind).count();
    assert_eq!(
        (
            count("MapIterationFailed"),
            count("MapIterationAborted"),
            count("MapStateFailed")
        ),
        (1, 2, 1)
    );
}

/// The events of these kinds, each with the one that it follows.
fn ends(ran: &Ran, kinds: &[&str]) -> Vec<(&'static str, u64)> {
    let events = ran.events.iter();
    events
        .filter(|event| kinds.contains(&event.kind))
        .map(|event| (event.kind, event.previous_event_id))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_task_that_fails_a_parallel_or_a_map_is_aborted_with_it() {
    let last_failure = |ran: &Ran| {
        let mut failed = ran.events.iter().filter(|event| event.kind == "TaskFailed");
        failed.next_back().unwrap().id
    };
    let retry = json!([{"ErrorEquals": ["E"], "MaxAttempts": 1}]);
    let task = json!({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": SYNC, "Retry": retry, "End": true}}});
    let parallel = json!({"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [task]}}});
    let fails = |times: usize| Script::new(std::iter::repeat_n(Err(("E", "C")), times));
    let ran = run_with(&parallel, json!({}), &fails(2)).await;
    let failed = last_failure(&ran);
    assert_eq!(
        ends(&ran, &["TaskStateAborted", "ParallelStateFailed"]),
        [
            ("TaskStateAborted", failed),
            ("ParallelStateFailed", failed)
        ]
    );
    // While one is tried again the other is run, too: both are in their tasks when the Map fails.
    let map = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": task}}});
    let ran = run_with(&map, json!([1, 2]), &fails(3)).await;
    let failed = last_failure(&ran);
    let kinds = [
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "MapStateFailed",
    ];
    assert_eq!(
        ends(&ran, &kinds),
        [
            ("MapIterationFailed", failed),
            ("TaskStateAborted", failed),
            ("MapIterationAborted", failed),
            ("TaskStateAborted", failed),
            ("MapStateFailed", failed)
        ]
    );
}

/// What the events are, each with the one that it follows.
fn chain(ran: &Ran) -> Vec<(&'static str, u64)> {
    let events = ran.events.iter();
    events
        .map(|event| (event.kind, event.previous_event_id))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_parallel_that_is_tried_again_tells_once_that_it_failed() {
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
        "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}]}}});
    let ran = run(&definition, json!({})).await;
    assert_eq!(
        chain(&ran),
        [
            ("ExecutionStarted", 0),
            ("ParallelStateEntered", 0),
            ("ParallelStateStarted", 2),
            ("FailStateEntered", 3),
            ("ParallelStateStarted", 4),
            ("FailStateEntered", 5),
            ("ParallelStateStarted", 6),
            ("FailStateEntered", 7),
            ("ParallelStateFailed", 8),
            ("ExecutionFailed", 9),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_map_that_is_tried_again_tells_once_that_it_failed() {
    let processor = json!({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}});
    let mut definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}], "ItemProcessor": processor}}});
    let ran = run(&definition, json!([0])).await;
    assert_eq!(
        chain(&ran)[1..],
        [
            ("MapStateEntered", 0),
            ("MapStateStarted", 2),
            ("MapIterationStarted", 3),
            ("FailStateEntered", 4),
            ("MapIterationFailed", 5),
            ("MapStateStarted", 5),
            ("MapIterationStarted", 7),
            ("FailStateEntered", 8),
            ("MapIterationFailed", 9),
            ("MapStateFailed", 9),
            ("ExecutionFailed", 11),
        ]
    );
    definition["States"]["M"]["ItemProcessor"]["ProcessorConfig"] =
        json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    let ran = run(&definition, json!([0])).await;
    assert_eq!(
        chain(&ran)[2..],
        [
            ("MapStateStarted", 2),
            ("MapRunStarted", 3),
            ("MapRunFailed", 4),
            ("MapStateStarted", 5),
            ("MapRunStarted", 6),
            ("MapRunFailed", 7),
            ("MapStateFailed", 8),
            ("ExecutionFailed", 9),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_can_run_on_any_thread() {
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
        "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}});
    let ran = tokio::spawn(async move { run(&definition, json!([1, 2])).await });
    assert_eq!(ran.await.unwrap().output(), &json!([1, 2]));
}

#[tokio::test(start_paused = true)]
async fn a_lambda_function_has_events_of_its_own() {
    let definition = json!({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true}}});
    let ran = run_with(
        &definition,
        json!({"x": 1}),
        &Script::new([Err(("E", "C"))]),
    )
    .await;
    assert_eq!(ran.details("LambdaFunctionScheduled")["input"], "{\"x\":1}");
    assert_eq!(
        ran.details("LambdaFunctionFailed"),
        &json!({"error": "E", "cause": "C"})
    );
}

/// The event that the last one of a kind follows.
fn followed<'r>(ran: &'r Ran, kind: &str) -> (&'r str, u64) {
    let event = ran.events.iter().rfind(|event| event.kind == kind);
    let previous = event
        .unwrap_or_else(|| panic!("no {kind}"))
        .previous_event_id;
    match ran.events.iter().find(|event| event.id == previous) {
        Some(event) => (event.kind, previous),
        None => ("", previous),
    }
}

fn each(config: &Value) -> Value {
    json!({"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "End": true,
        "ItemProcessor": {"ProcessorConfig": config, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}})
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_map_follows_its_last_iteration_or_the_start_of_its_map_run() {
    let ran = run(&each(&json!({"Mode": "INLINE"})), json!([1, 2])).await;
    assert_eq!(followed(&ran, "MapIterationStarted").0, "PassStateExited");
    let succeeded = ran
        .events
        .iter()
        .rfind(|event| event.kind == "MapIterationSucceeded");
    let last = ("MapIterationSucceeded", succeeded.unwrap().id);
    assert_eq!(followed(&ran, "MapStateSucceeded"), last);
    assert_eq!(followed(&ran, "MapStateExited"), last);
    let none = run(&each(&json!({"Mode": "INLINE"})), json!([])).await;
    assert_eq!(followed(&none, "MapStateExited").0, "MapStateStarted");
    let distributed = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    let ran = run(&each(&distributed), json!([1, 2])).await;
    assert_eq!(followed(&ran, "MapStateSucceeded").0, "MapRunSucceeded");
    assert_eq!(followed(&ran, "MapStateExited").0, "MapRunStarted");
}

#[tokio::test(start_paused = true)]
async fn a_query_that_fails_follows_the_event_before_the_state_unless_a_task_has_run() {
    let undefined = "{% $states.input.nope %}";
    for state in [
        json!({"Type": "Pass", "Output": undefined}),
        json!({"Type": "Pass", "Output": {"result": undefined}}),
        json!({"Type": "Pass", "Assign": {"result": undefined}}),
        json!({"Type": "Task", "Resource": SYNC, "Arguments": {"a": undefined}}),
        json!({"Type": "Wait", "Timestamp": undefined}),
    ] {
        let mut definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {
            "A": {"Type": "Pass", "Next": "B"}, "B": state}});
        definition["States"]["B"]["End"] = json!(true);
        let ran = run(&definition, json!({})).await;
        assert_eq!(followed(&ran, "EvaluationFailed"), ("PassStateExited", 3));
    }
    let definition =
        |state: Value| json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}});
    let wait = json!({"Type": "Wait", "Timestamp": "{% 'noon' %}", "End": true});
    let ran = run(&definition(wait), json!({})).await;
    assert_eq!(followed(&ran, "EvaluationFailed"), ("WaitStateEntered", 2));
    let task = json!({"Type": "Task", "Resource": SYNC, "Output": undefined, "End": true});
    let ran = run_with(&definition(task), json!({}), &Script::new([Ok(json!({}))])).await;
    assert_eq!(followed(&ran, "EvaluationFailed").0, "TaskSucceeded");
}
