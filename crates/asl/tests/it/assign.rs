//! Variables.

use serde_json::json;

use crate::world::run;

#[tokio::test(start_paused = true)]
async fn a_variable_is_seen_by_later_states_and_assignments_see_the_values_before() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Assign": {"x": 1, "y.$": "$.in"}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"x.$": "States.MathAdd($x, 1)", "old.$": "$x"}, "Next": "C"},
        "C": {"Type": "Pass", "Parameters": {"x.$": "$x", "old.$": "$old", "y.$": "$y.z"}, "End": true}}});
    let ran = run(&definition, json!({"in": {"z": 7}})).await;
    assert_eq!(ran.output(), &json!({"x": 2, "old": 1, "y": 7}));
    let exited = ran.details("PassStateExited");
    assert_eq!(
        exited["assignedVariables"],
        json!({"x": "1", "y": "{\"z\":7}"})
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_branch_assigns_stays_in_it() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "P"},
        "P": {"Type": "Parallel", "Branches": [{"StartAt": "I", "States": {
            "I": {"Type": "Pass", "Assign": {"inner": "{% $x + 1 %}"}, "Next": "J"},
            "J": {"Type": "Pass", "Output": "{% $inner %}", "End": true}}}], "Assign": {"got": "{% $states.result[0] %}"}, "Next": "E"},
        "E": {"Type": "Pass", "Output": {"got": "{% $got %}", "inner": "{% $exists($inner) %}"}, "End": true}}});
    assert_eq!(
        run(&definition, json!({})).await.output(),
        &json!({"got": 2, "inner": false})
    );
}

#[tokio::test(start_paused = true)]
async fn a_choice_rule_assigns_its_own() {
    let definition = json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Assign": {"big": true}, "Next": "E"}], "Assign": {"big": false}, "Default": "E"},
        "E": {"Type": "Pass", "Parameters": {"big.$": "$big"}, "End": true}}});
    assert_eq!(
        run(&definition, json!({"n": 2})).await.output(),
        &json!({"big": true})
    );
    assert_eq!(
        run(&definition, json!({"n": 1})).await.output(),
        &json!({"big": false})
    );
}
