//! Names in expressions and of variables, labels and states, as validation sees them.

use asl::{MachineType, validate};
use serde_json::{Value, json};

/// `CODE: message at location` of each finding.
fn told(definition: &Value) -> Vec<String> {
    validate(&definition.to_string(), MachineType::Standard)
        .into_iter()
        .map(|found| {
            let location = found.location.unwrap_or_default();
            format!("{}: {} at {location}", found.code, found.message)
        })
        .collect()
}

fn machine(language: &str, states: Value) -> Value {
    let first = states.as_object().unwrap().keys().next().unwrap().clone();
    json!({"QueryLanguage": language, "StartAt": first, "States": states})
}

fn output(expression: &str) -> Value {
    let output = json!({"v": format!("{{% {expression} %}}")});
    machine(
        "JSONata",
        json!({"E": {"Type": "Pass", "Output": output, "End": true}}),
    )
}

#[test]
fn a_name_that_nothing_gives_is_refused_where_it_stands() {
    let unsupported = |name: &str| {
        format!(
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '{name}' at the top level is not supported. at /States/E/Output/v"
        )
    };
    assert_eq!(told(&output("phone[0]")), [unsupported("phone")]);
    assert_eq!(told(&output("$.phone")), [unsupported("$")]);
    assert_eq!(
        told(&output("aaa + bbb")),
        [unsupported("aaa"), unsupported("bbb")]
    );
    assert_eq!(
        told(&output("$$")),
        [
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at /States/E/Output/v"
        ]
    );
    for right in [
        "$states.input.items[phone > 3]",
        "$phone",
        "$map($states.input.a, function($x){ $x.phone })",
        "$states.context.Execution.Id",
        "$states",
    ] {
        assert_eq!(told(&output(right)), [""; 0], "{right}");
    }
}

#[test]
fn every_field_with_expressions_is_looked_at_and_no_other() {
    let task = |fields: Value| {
        let mut state = json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "f"}, "End": true});
        for (name, value) in fields.as_object().unwrap() {
            state[name] = value.clone();
        }
        machine("JSONata", json!({"E": state, "F": {"Type": "Succeed"}}))
    };
    let caught = |fields: Value| {
        let mut catcher = json!({"ErrorEquals": ["States.ALL"], "Next": "F"});
        for (name, value) in fields.as_object().unwrap() {
            catcher[name] = value.clone();
        }
        task(json!({"Catch": [catcher]}))
    };
    let place = |definition: &Value| {
        let told = told(definition);
        assert!(
            told[0].starts_with("UNSUPPORTED_JSONATA_EXPRESSION"),
            "{told:?}"
        );
        told[0].rsplit_once(" at ").unwrap().1.to_owned()
    };
    for (definition, location) in [
        (
            caught(json!({"Output": {"a": ["{% x %}"]}})),
            "/States/E/Catch[0]/Output/a[0]",
        ),
        (
            caught(json!({"Assign": {"Retry": "{% x %}"}})),
            "/States/E/Catch[0]/Assign/Retry",
        ),
        (
            machine(
                "JSONata",
                json!({"C": {"Type": "Choice", "Default": "F",
                "Choices": [{"Condition": "{% x = 1 %}", "Next": "F"}]}, "F": {"Type": "Succeed"}}),
            ),
            "/States/C/Choices[0]/Condition",
        ),
        (
            machine(
                "JSONata",
                json!({"W": {"Type": "Wait", "Seconds": "{% x %}", "End": true}}),
            ),
            "/States/W/Seconds",
        ),
        (
            machine(
                "JSONata",
                json!({"F": {"Type": "Fail", "Cause": "{% x %}"}}),
            ),
            "/States/F/Cause",
        ),
    ] {
        assert_eq!(place(&definition), location);
    }
    for right in [
        task(
            json!({"Comment": "{% x %}", "Retry": [{"ErrorEquals": ["{% x %}"]}], "Next": "F", "End": null}),
        ),
        machine(
            "JSONPath",
            json!({"E": {"Type": "Pass", "Parameters": {"v": "{% x %}"}, "End": true}}),
        ),
    ] {
        let told = told(&right);
        let names: Vec<_> = told
            .iter()
            .filter(|told| told.starts_with("UNSUPPORTED"))
            .collect();
        assert!(names.is_empty(), "{names:?}");
    }
}

#[test]
fn results_and_errors_are_read_where_there_are_any() {
    let missing = |part: &str, location: &str| {
        vec![format!(
            "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.{part}' does not exist. at {location}"
        )]
    };
    assert_eq!(
        told(&output("$states.errorOutput.Cause")),
        missing("errorOutput", "/States/E/Output/v")
    );
    assert_eq!(
        told(&output("$states.result")),
        missing("result", "/States/E/Output/v")
    );
    let task = |state: Value| {
        let mut task = json!({"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "End": true});
        for (name, value) in state.as_object().unwrap() {
            task[name] = value.clone();
        }
        told(&machine(
            "JSONata",
            json!({"T": task, "F": {"Type": "Succeed"}}),
        ))
        .into_iter()
        .filter(|told| !told.contains("not reachable"))
        .collect::<Vec<_>>()
    };
    assert_eq!(
        task(json!({"Arguments": "{% $states.result %}"})),
        missing("result", "/States/T/Arguments")
    );
    assert_eq!(
        task(json!({"Output": "{% $states.result.a %}", "Assign": {"a": "{% $states.result %}"}})),
        [""; 0]
    );
    let catcher = json!([{"ErrorEquals": ["States.ALL"], "Next": "F",
        "Output": "{% $states.errorOutput %}", "Assign": {"why": "{% $states.errorOutput.Cause %}"}}]);
    assert_eq!(task(json!({"Catch": catcher})), [""; 0]);
}

#[test]
fn an_expression_that_is_not_closed_is_no_text() {
    let definition = machine(
        "JSONata",
        json!({"E": {"Type": "Pass", "Output": "{% 1", "End": true}}),
    );
    assert_eq!(
        told(&definition),
        [
            "SCHEMA_VALIDATION_FAILED: JSONata string must start with {% and end with %} at /States/E/Output"
        ]
    );
}

#[test]
fn a_variable_has_a_name_of_its_own() {
    let assign = |language: &str, name: &str| {
        let mut assign = json!({});
        assign[name] = json!(1);
        told(&machine(
            language,
            json!({"A": {"Type": "Pass", "Assign": assign, "End": true}}),
        ))
    };
    for (name, expected) in [
        (
            "states",
            "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/A/Assign/states",
        ),
        (
            "x.y",
            "INVALID_VARIABLE_NAME: Invalid variable name 'x.y': the variable name contains invalid characters. at /States/A/Assign/x.y",
        ),
        (
            "x[2]",
            "INVALID_VARIABLE_NAME: Invalid variable name 'x[2]': the variable name contains invalid characters. at /States/A/Assign/x[2]",
        ),
        (
            "1st",
            "INVALID_VARIABLE_NAME: Invalid variable name '1st': the variable name contains invalid characters. at /States/A/Assign/1st",
        ),
    ] {
        assert_eq!(assign("JSONata", name), [expected]);
        assert_eq!(assign("JSONPath", name), [expected]);
    }
    assert!(assign("JSONata", &"v".repeat(81))[0].starts_with("INVALID_VARIABLE_NAME"));
    for name in ["x", "Größe_2", "データ", "states2", &"v".repeat(80)] {
        assert_eq!(assign("JSONata", name), [""; 0], "{name}");
    }
    let path = machine(
        "JSONPath",
        json!({"A": {"Type": "Pass", "Assign": {"x.$": "$.a"}, "End": true}}),
    );
    assert_eq!(told(&path), [""; 0]);
}

#[test]
fn a_branch_assigns_no_variable_of_what_is_around_it() {
    let inner = |variable: &str, config: Value| {
        let mut flow = json!({"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}});
        flow["States"]["I"]["Assign"][variable] = json!(1);
        if !config.is_null() {
            flow["ProcessorConfig"] = config;
        }
        flow
    };
    let first = json!({"Type": "Pass", "Assign": {"x": 1}, "Next": "B"});
    let parallel = |variable| {
        machine(
            "JSONata",
            json!({"A": first,
            "B": {"Type": "Parallel", "Branches": [inner(variable, Value::Null)], "End": true}}),
        )
    };
    assert_eq!(
        told(&parallel("x")),
        [
            "DUPLICATE_VARIABLE_NAME: The variable name 'x' was already defined in a parent scope. at /States/B/Branches[0]/States/I/Assign/x"
        ]
    );
    assert_eq!(told(&parallel("y")), [""; 0]);
    let map = |config| {
        machine(
            "JSONata",
            json!({"A": first,
            "B": {"Type": "Map", "ItemProcessor": inner("x", config), "End": true}}),
        )
    };
    assert_eq!(told(&map(json!({"Mode": "INLINE"}))).len(), 1);
    let distributed = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    assert_eq!(told(&map(distributed)), [""; 0]);
}

#[test]
fn labels_are_short_and_each_is_there_once() {
    let map = |name: &str, label: &str, next: Value| {
        let mut state = json!({"Type": "Map", "Label": label, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": name, "States": {}}});
        state["ItemProcessor"]["States"][name] = json!({"Type": "Pass", "End": true});
        match next {
            Value::Null => state["End"] = json!(true),
            next => state["Next"] = next,
        }
        state
    };
    let two = machine(
        "JSONPath",
        json!({"A": map("C", "films", json!("B")), "B": map("D", "films", Value::Null)}),
    );
    assert_eq!(
        told(&two),
        ["DUPLICATE_LABEL_NAME: Duplicate Label name: films at /States/B/Label"]
    );
    for (label, wrong) in [
        ("l".repeat(41), true),
        ("l".repeat(40), false),
        ("a b".to_owned(), true),
        ("a:b".to_owned(), true),
        ("a-b_1".to_owned(), false),
    ] {
        let told = told(&machine(
            "JSONPath",
            json!({"A": map("C", &label, Value::Null)}),
        ));
        assert_eq!(told.len(), usize::from(wrong), "{label}: {told:?}");
        assert!(
            told.iter()
                .all(|told| told.starts_with("INVALID_LABEL_NAME: Invalid Label name: "))
        );
    }
}

#[test]
fn a_state_that_is_there_twice_is_told_and_so_is_a_name_that_is_too_long() {
    let twice = r#"{"StartAt": "A", "States": {"A": {"Type": "Fail"}, "A": {"Type": "Pass", "Result": {"States": {"a": 1, "a": 2}}, "End": true}}}"#;
    let found = validate(twice, MachineType::Standard);
    let told_twice: Vec<_> = found
        .iter()
        .map(|found| (found.code.as_str(), found.location.as_deref()))
        .collect();
    assert_eq!(told_twice, [("DUPLICATE_STATE_NAME", Some("/States/A"))]);
    let long = "s".repeat(81);
    let mut states = json!({});
    states[&long] = json!({"Type": "Succeed"});
    let told = told(&machine("JSONPath", states));
    assert!(
        told[0].starts_with("INVALID_STATE_NAME: Invalid State name: sss"),
        "{told:?}"
    );
}

#[test]
fn an_expression_that_is_none_is_told_as_aws_tells_it() {
    for (expression, message) in [
        ("a[1,2)", r#"Expected "]", got ",""#),
        (
            "\"unterminated",
            "String literal must be terminated by a matching quote",
        ),
        ("1 +", "Unexpected end of expression"),
        (
            "{\"a\":}",
            r#"The symbol "}" cannot be used as a unary operator"#,
        ),
        ("$x :=", "Unexpected end of expression"),
        (
            "$match(\"a\", /abc",
            "No terminating / in regular expression",
        ),
        (
            "phone %.other",
            r#"The symbol "." cannot be used as a unary operator"#,
        ),
        ("", "Unexpected end of expression"),
    ] {
        let expected = format!("INVALID_JSONATA_EXPRESSION: {message} at /States/E/Output/v");
        assert_eq!(told(&output(expression)), [expected], "{expression}");
    }
}
