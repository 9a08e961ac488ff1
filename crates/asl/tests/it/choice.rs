//! The rules of a Choice.

use serde_json::{Value, json};

use crate::world::run;

/// Whether a rule holds for an input.
async fn holds(rule: Value, input: Value) -> bool {
    let mut rule = rule;
    rule["Next"] = json!("Yes");
    let definition = json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [rule], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": true, "End": true},
        "No": {"Type": "Pass", "Result": false, "End": true}}});
    run(&definition, input).await.output() == &json!(true)
}

#[tokio::test(start_paused = true)]
async fn each_operator_holds_for_values_of_its_type_alone() {
    let input =
        json!({"n": 5, "f": 5.0, "s": "b", "t": "2016-08-18T17:33:00Z", "b": true, "z": null});
    for (operator, operand, holding) in [
        ("NumericEquals", json!(5), &["n", "f"][..]),
        ("NumericLessThan", json!(6), &["n", "f"]),
        ("NumericGreaterThanEquals", json!(5.5), &[]),
        ("StringEquals", json!("b"), &["s"]),
        ("StringLessThan", json!("c"), &["s", "t"]),
        ("StringGreaterThanEquals", json!("b"), &["s"]),
        ("StringMatches", json!("*8-18T*"), &["t"]),
        ("BooleanEquals", json!(true), &["b"]),
        (
            "TimestampEquals",
            json!("2016-08-18T18:33:00+01:00"),
            &["t"],
        ),
        (
            "TimestampLessThanEquals",
            json!("2016-08-18T17:33:00Z"),
            &["t"],
        ),
        (
            "TimestampGreaterThan",
            json!("2016-08-18T17:32:59.999Z"),
            &["t"],
        ),
        ("IsNull", json!(true), &["z"]),
        ("IsNumeric", json!(true), &["n", "f"]),
        ("IsString", json!(true), &["s", "t"]),
        ("IsBoolean", json!(true), &["b"]),
        ("IsTimestamp", json!(true), &["t"]),
        ("IsTimestamp", json!(false), &["n", "f", "s", "b", "z"]),
    ] {
        for name in ["n", "f", "s", "t", "b", "z"] {
            let rule = json!({"Variable": format!("$.{name}"), operator: operand});
            assert_eq!(
                holds(rule, input.clone()).await,
                holding.contains(&name),
                "{operator} {name}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_other_side_can_come_from_a_path() {
    let rule = json!({"Variable": "$.a", "NumericLessThanPath": "$.b"});
    assert!(holds(rule.clone(), json!({"a": 1, "b": 2})).await);
    assert!(!holds(rule, json!({"a": 1, "b": "2"})).await);
    let rule = json!({"Variable": "$$.Execution.Name", "StringEqualsPath": "$.name"});
    assert!(holds(rule, json!({"name": "run"})).await);
}

#[tokio::test(start_paused = true)]
async fn rules_combine_and_ask_no_more_than_they_must() {
    let rule = json!({"And": [
        {"Variable": "$.a", "IsPresent": true},
        {"Or": [{"Variable": "$.a", "NumericEquals": 1}, {"Not": {"Variable": "$.a", "IsNumeric": true}}]}]});
    assert!(holds(rule.clone(), json!({"a": 1})).await);
    assert!(holds(rule.clone(), json!({"a": "x"})).await);
    assert!(!holds(rule.clone(), json!({"a": 2})).await);
    // What is not there is not compared.
    assert!(!holds(rule, json!({})).await);
}

#[tokio::test(start_paused = true)]
async fn a_condition_in_jsonata_has_to_be_a_boolean() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.x %}", "Output": "{% 'was ' & $states.input.x %}", "Next": "E"}], "Default": "E"},
        "E": {"Type": "Succeed"}}});
    assert_eq!(
        run(&definition, json!({"x": true})).await.output(),
        &json!("was true")
    );
    assert_eq!(
        run(&definition, json!({"x": false})).await.output(),
        &json!({"x": false})
    );
    let ran = run(&definition, json!({"x": "yes"})).await;
    assert_eq!(ran.failure().0, "States.QueryEvaluationError");
    assert_eq!(
        ran.details("EvaluationFailed")["location"],
        "Choices[0]/Condition"
    );
}
