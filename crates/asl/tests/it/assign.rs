//! Variables.

use asl::StateMachine;
use serde_json::{Value, json};

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

fn references(definition: &Value) -> Value {
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    json!(machine.variable_references())
}

#[test]
fn references_are_those_of_paths_templates_and_arguments_of_intrinsic_functions() {
    let definition = json!({"StartAt": "Set", "States": {
        "Set": {"Type": "Pass", "Assign": {"a": 1, "b": "$a", "c.$": "$.c"}, "Next": "Test"},
        "Test": {"Type": "Choice", "Default": "Wait", "Choices": [
            {"And": [{"Variable": "$b", "StringEqualsPath": "$a.name"}, {"Not": {"Variable": "$$.Execution.Id", "IsNull": true}}],
                "Assign": {"d.$": "States.Array($c, States.Format('{} $e', $b), $$.State.Name)"}, "Next": "Wait"}]},
        "Wait": {"Type": "Wait", "SecondsPath": "$a", "OutputPath": "$c.rest", "Next": "Do"},
        "Do": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSecondsPath": "$a",
            "Parameters": {"FunctionName.$": "$b", "Payload": [{"x.$": "$d[0]"}]},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"seen.$": "$c"}, "Next": "Fail"}], "Next": "Fail"},
        "Fail": {"Type": "Fail", "ErrorPath": "$b", "Cause": "$c"}}});
    assert_eq!(
        references(&definition),
        json!({"Test": ["a", "b", "c"], "Wait": ["a", "c"], "Do": ["a", "b", "c", "d"], "Fail": ["b"]})
    );
}

#[test]
fn references_of_branches_and_processors_are_beside_the_others() {
    let definition = json!({"StartAt": "Set", "States": {
        "Set": {"Type": "Pass", "Assign": {"list": [1], "most": 2}, "Next": "Each"},
        "Each": {"Type": "Map", "ItemsPath": "$list", "MaxConcurrencyPath": "$most",
            "ItemSelector": {"all.$": "States.ArrayLength($list)", "most": "$most"},
            "ItemProcessor": {"StartAt": "In", "States": {
                "In": {"Type": "Pass", "InputPath": "$most", "End": true}}},
            "Next": "Both"},
        "Both": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "One", "States": {
            "One": {"Type": "Pass", "Parameters": {"v.$": "$list"}, "End": true}}}]}}});
    assert_eq!(
        references(&definition),
        json!({"Each": ["list", "most"], "In": ["most"], "One": ["list"]})
    );
}

#[test]
fn expressions_in_jsonata_are_no_references() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
        "B": {"Type": "Pass", "Output": "{% $x %}", "End": true}}});
    assert_eq!(references(&definition), json!({}));
}
