//! What `validate` says of definitions.

use asl::{Diagnostic, MachineType, Severity, validate};
use serde_json::{Value, json};

fn shown(diagnostic: &Diagnostic) -> Value {
    let mut shown = json!({
        "code": diagnostic.code,
        "message": diagnostic.message,
        "severity": match diagnostic.severity { Severity::Error => "ERROR", Severity::Warning => "WARNING" },
    });
    if let Some(location) = &diagnostic.location {
        shown["location"] = json!(location);
    }
    shown
}

#[test]
fn definitions_are_found_fault_with_as_they_are_on_aws() {
    for line in include_str!("../data/validation.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let machine_type = match case["request"]["type"].as_str() {
            Some("EXPRESS") => MachineType::Express,
            _ => MachineType::Standard,
        };
        let found = validate(
            case["request"]["definition"].as_str().unwrap(),
            machine_type,
        );
        let found: Vec<_> = found.iter().map(shown).collect();
        assert_eq!(
            json!(found),
            case["expected"]["diagnostics"],
            "{}",
            case["id"]
        );
    }
}

/// `(code, message, location)` of each finding.
fn found(definition: &Value) -> Vec<(String, String, String)> {
    validate(&definition.to_string(), MachineType::Standard)
        .into_iter()
        .map(|found| {
            (
                found.code,
                found.message,
                found.location.unwrap_or_default(),
            )
        })
        .collect()
}

fn finding(code: &str, message: &str, location: &str) -> (String, String, String) {
    (code.to_owned(), message.to_owned(), location.to_owned())
}

fn schema(message: &str, location: &str) -> Vec<(String, String, String)> {
    vec![finding("SCHEMA_VALIDATION_FAILED", message, location)]
}

#[test]
fn a_transition_to_nowhere_is_told_with_its_place_and_so_is_a_machine_without_end() {
    let definition = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "NOPE"}}});
    assert_eq!(
        found(&definition),
        [
            finding(
                "MISSING_TRANSITION_TARGET",
                "Missing 'Next' target: NOPE",
                "/States/A/Next"
            ),
            finding("MISSING_END_STATE", "Workflow has no terminal state", ""),
        ]
    );
    let loops = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Pass", "Next": "A"}}});
    assert_eq!(
        found(&loops),
        [finding(
            "MISSING_END_STATE",
            "Workflow has no terminal state",
            ""
        )]
    );
}

#[test]
fn a_state_that_nothing_leads_to_is_told() {
    let definition = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}, "C": {"Type": "Succeed"}}});
    assert_eq!(
        found(&definition),
        [finding(
            "MISSING_TRANSITION_TARGET",
            "State \"C\" is not reachable.",
            "/States/C"
        )]
    );
}

#[test]
fn targets_of_choices_defaults_and_catchers_are_looked_at() {
    let definition = json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "N1"}, {"Variable": "$.x", "IsNull": true, "Next": "T"}], "Default": "N2"},
        "T": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "Parameters": {"JobName": "j"}, "End": true, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "N3"}]}}});
    let places: Vec<_> = found(&definition)
        .into_iter()
        .map(|(_, _, location)| location)
        .collect();
    assert_eq!(
        places,
        [
            "/States/C/Choices[0]/Next",
            "/States/C/Default",
            "/States/T/Catch[0]/Next"
        ]
    );
}

#[test]
fn fields_that_a_state_type_or_its_query_language_does_not_have_are_refused() {
    let pass = |field: &str, value: Value| {
        let mut definition =
            json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}});
        definition["States"]["A"][field] = value;
        definition
    };
    assert_eq!(
        found(&pass("TimeoutSeconds", json!(3))),
        schema("Field 'TimeoutSeconds' is not supported", "/States/A")
    );
    assert_eq!(
        found(&pass("Output", json!({}))),
        schema(
            "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
            "/States/A"
        )
    );
    assert_eq!(
        found(&pass("Parameters", json!({"a.$": "nope"}))),
        schema(
            "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call",
            "/States/A/Parameters"
        )
    );
    assert_eq!(
        found(&pass("ResultPath", json!("$.a[*]"))),
        schema("Value is not a Reference Path", "/States/A/ResultPath")
    );
    assert_eq!(found(&pass("InputPath", json!("a"))).len(), 1);
}

#[test]
fn mistakes_in_branches_and_processors_carry_their_whole_place() {
    let inner = json!({"StartAt": "P", "States": {"P": {"Type": "Pass"}}});
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Parallel", "Branches": [inner], "Next": "M"},
        "M": {"Type": "Map", "ItemProcessor": inner, "End": true}}});
    let places: Vec<_> = found(&definition)
        .into_iter()
        .map(|(_, _, location)| location)
        .collect();
    assert_eq!(
        places,
        [
            "/States/A/Branches[0]/States/P",
            "/States/M/ItemProcessor/States/P"
        ]
    );
}

#[test]
fn a_choice_without_next_and_a_task_without_resource_are_told_what_they_lack() {
    let definition = json!({"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true}]}}});
    assert_eq!(
        found(&definition),
        schema("These fields are required: [Next]", "/States/C/Choices[0]")
    );
    let definition = json!({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "lambda", "End": true}}});
    assert_eq!(
        found(&definition),
        schema("Value is not a valid resource ARN", "/States/T/Resource")
    );
}

#[test]
fn a_jsonata_expression_that_does_not_parse_is_refused_where_it_stands() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Output": {"v": "{% 1 + %}"}, "End": true}}});
    let found = found(&definition);
    assert_eq!(
        (found[0].0.as_str(), found[0].2.as_str()),
        ("INVALID_JSONATA_EXPRESSION", "/States/A/Output/v")
    );
}

#[test]
fn numbers_out_of_bounds_and_fields_that_say_the_same_twice_are_refused() {
    let wait =
        json!({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": -1, "End": true}}});
    assert_eq!(
        found(&wait),
        schema("Minimum value is 0", "/States/W/Seconds")
    );
    let both = json!({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s", "End": true}}});
    assert!(found(&both).contains(
        &schema(
            "There should only be one of the following fields: [SecondsPath, Seconds]",
            "/States/W"
        )[0]
    ));
}

#[test]
fn the_numbers_of_a_map_do_not_come_from_the_context_object() {
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrencyPath": "$$.Execution.Input.n", "End": true,
        "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}});
    assert_eq!(
        found(&definition),
        schema(
            "Value is not a Reference Path",
            "/States/M/MaxConcurrencyPath"
        )
    );
}

#[test]
fn a_name_is_given_to_one_state_alone_in_the_whole_machine() {
    let pass = json!({"Type": "Pass", "End": true});
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Parallel", "Next": "B", "Branches": [{"StartAt": "B", "States": {"B": pass}}]},
        "B": pass}});
    let found = found(&definition);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "DUPLICATE_STATE_NAME");
    assert_eq!(found[0].1, "Duplicate State name: B");
}

#[test]
fn states_all_stands_alone_and_last() {
    let with = |retry: Value| {
        found(
            &json!({"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Retry": retry}}}),
        )
    };
    assert_eq!(
        with(json!([{"ErrorEquals": ["X"]}, {"ErrorEquals": ["States.ALL"]}])),
        []
    );
    for (retry, at) in [
        (json!([{"ErrorEquals": ["X", "States.ALL"]}]), 1),
        (
            json!([{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}]),
            0,
        ),
    ] {
        let expected = schema(
            "States.ALL must appear alone and at end of list",
            &format!("/States/A/Retry[0]/ErrorEquals[{at}]"),
        );
        assert_eq!(with(retry), expected);
    }
}

#[test]
fn a_slip_in_a_name_is_told_with_what_was_meant() {
    let help = |definition: &Value| {
        validate(&definition.to_string(), MachineType::Standard)
            .into_iter()
            .filter_map(|found| found.help)
            .collect::<Vec<_>>()
    };
    let field =
        json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Nxet": "B", "End": true}}});
    assert_eq!(help(&field), ["did you mean 'Next'?"]);
    let target = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "Finsh"}, "Finish": {"Type": "Succeed"}}});
    assert_eq!(help(&target), ["did you mean 'Finish'?"]);
}

#[test]
fn a_rule_of_a_choice_asks_one_thing() {
    let choice = |language: &str, rule: Value| {
        let mut rule = rule;
        rule["Next"] = json!("N");
        found(
            &json!({"QueryLanguage": language, "StartAt": "C", "States": {
            "C": {"Type": "Choice", "Choices": [rule], "Default": "N"}, "N": {"Type": "Succeed"}}}),
        )
    };
    let at = "/States/C/Choices[0]";
    let one = "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]";
    for (rule, message, location) in [
        (json!({}), one, at),
        (json!({"StringEquals": "a"}), one, at),
        (
            json!({"Variable": "$.a", "StringEquals": "a", "Not": {"Variable": "$.b", "IsNull": true}}),
            one,
            at,
        ),
        (
            json!({"Variable": "$.a", "StringEquals": "a", "IsNull": false}),
            "There should only be one of the following fields: [StringEquals, IsNull]",
            at,
        ),
        (
            json!({"And": [{"Variable": "$.a", "IsNull": true, "Next": "N"}]}),
            "Field 'Next' is not supported",
            "/States/C/Choices[0]/And[0]",
        ),
        (
            json!({"Condition": "{% true %}"}),
            "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage",
            at,
        ),
    ] {
        assert_eq!(
            choice("JSONPath", rule.clone()),
            schema(message, location),
            "{rule}"
        );
    }
    assert_eq!(
        choice("JSONata", json!({"Variable": "$.a", "IsNull": true})),
        schema(
            "The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage",
            at
        )
    );
    assert_eq!(choice("JSONata", json!({"Condition": "{% true %}"})), []);
}

#[test]
fn a_type_that_is_none_is_told_with_those_that_there_are() {
    let definition = json!({"StartAt": "A", "States": {"A": {"Type": "Pas", "End": true}}});
    assert_eq!(
        found(&definition),
        schema(
            "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
            "/States/A/Type"
        )
    );
}

#[test]
fn a_query_language_that_is_none_is_told_and_taken_for_jsonata() {
    let one_of = "Value should be one of the following: [JSONPath, JSONata]";
    let foreign = "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage";
    let state = |language: Value, field: &str, value: Value| {
        let mut state = json!({"Type": "Pass", "QueryLanguage": language, "End": true});
        state[field] = value;
        found(&json!({"StartAt": "X", "States": {"X": state}}))
    };
    let at = |message: &str, location: &str| schema(message, location).remove(0);
    assert_eq!(
        state(json!("jsonata"), "Output", json!({"v": "{% 1 %}"})),
        [at(one_of, "/States/X/QueryLanguage")]
    );
    assert_eq!(
        state(json!("foo"), "InputPath", json!("$.a")),
        [
            at(foreign, "/States/X"),
            at(one_of, "/States/X/QueryLanguage")
        ]
    );
    assert_eq!(
        state(json!(5), "InputPath", json!("$.a")),
        [
            at(foreign, "/States/X"),
            at("Expected value of type [STRING]", "/States/X/QueryLanguage")
        ]
    );
    let whole = json!({"QueryLanguage": "jsonpath", "StartAt": "X", "States": {
        "X": {"Type": "Pass", "InputPath": "$.a", "End": true}}});
    assert_eq!(
        found(&whole),
        [at(one_of, "/QueryLanguage"), at(foreign, "/States/X")]
    );
}

#[test]
fn a_state_that_leaves_the_language_of_its_machine_is_told_that_alone() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "X", "States": {
        "X": {"Type": "Pass", "QueryLanguage": "JSONPath", "Output": {"v": "{% 1 %}"}, "End": true}}});
    assert_eq!(
        found(&definition),
        schema(
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            "/States/X"
        )
    );
}

#[test]
fn a_processor_needs_no_end_and_a_map_takes_any_number() {
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
        "MaxConcurrency": i64::MAX, "ItemBatcher": {"MaxItemsPerBatch": 0, "MaxInputBytesPerBatch": 0},
        "ItemProcessor": {"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}}}});
    assert_eq!(found(&definition), []);
}
