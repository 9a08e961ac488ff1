//! Where Step Functions says stop.

use serde_json::json;

use crate::world::run;

#[tokio::test(start_paused = true)]
async fn an_execution_of_too_many_events_fails_with_its_25000th() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}], "Default": "A"},
        "C": {"Type": "Succeed"}}});
    let ran = run(&definition, json!({})).await;
    assert_eq!(
        ran.failure(),
        (
            "States.Runtime",
            "The execution reached the maximum number of history events (25000)."
        )
    );
    assert_eq!(ran.events.last().unwrap().id, 25_000);
}

#[tokio::test(start_paused = true)]
async fn an_output_over_256_kib_fails_the_state() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Parameters": {"a.$": "$.x", "b.$": "$.x"}, "End": true}}});
    let small = run(&definition, json!({"x": "y".repeat(100_000)})).await;
    assert!(small.output().is_object());
    let large = run(&definition, json!({"x": "y".repeat(140_000)})).await;
    assert_eq!(
        large.failure(),
        (
            "States.DataLimitExceeded",
            "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit."
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_output_that_nests_ever_deeper_fails_the_execution_and_not_the_process() {
    let deeper = (0..90).fold(json!({"a.$": "$"}), |inner, _| json!({"a": inner}));
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Parameters": deeper, "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}], "Default": "A"},
        "C": {"Type": "Succeed"}}});
    let ran = run(&definition, json!({})).await;
    assert!(
        ran.failure()
            .1
            .ends_with("The output is nested deeper than 1000 levels.")
    );
}

#[tokio::test(start_paused = true)]
async fn numbers_too_large_for_time_fail_or_are_cut() {
    let wait = json!({"QueryLanguage": "JSONata", "StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": "{% 1e200 %}", "End": true}}});
    assert_eq!(run(&wait, json!({})).await.failure().0, "States.Runtime");
    let missing = json!({"QueryLanguage": "JSONata", "StartAt": "P", "States": {
        "P": {"Type": "Pass", "Output": {"a": "{% $exists($partition()) %}"}, "End": true}}});
    run(&missing, json!({})).await;
}
