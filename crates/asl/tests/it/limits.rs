//! Where Step Functions says stop.

use serde_json::json;

use crate::world::{Script, run, run_with};

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
async fn a_result_over_256_kib_fails_its_task_and_states_all_catches_it() {
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    for (resource, subject, failed) in [
        ("arn:aws:states:::lambda:invoke", "lambda", "TaskFailed"),
        (function, function, "LambdaFunctionFailed"),
    ] {
        for name in ["States.ALL", "States.DataLimitExceeded"] {
            let definition = json!({"StartAt": "T", "States": {
                "T": {"Type": "Task", "Resource": resource, "ResultSelector": {"small": 1}, "End": true,
                    "Catch": [{"ErrorEquals": [name], "Next": "Caught"}]},
                "Caught": {"Type": "Pass", "End": true}}});
            let script = Script::new([Ok(json!("é".repeat(140_000)))]);
            let ran = run_with(&definition, json!({}), &script).await;
            let cause = format!(
                "The state/task '{subject}' returned a result with a size exceeding the maximum number of bytes service limit."
            );
            let told = ran.details(failed);
            assert_eq!(told["error"], "States.DataLimitExceeded");
            assert_eq!(told["cause"], json!(cause));
            let caught = json!({"Error": "States.DataLimitExceeded", "Cause": cause});
            assert_eq!(ran.output(), &caught, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_output_of_a_state_that_is_too_large_is_caught_by_its_name_alone() {
    for (name, is_caught) in [
        ("States.ALL", false),
        ("States.TaskFailed", false),
        ("States.DataLimitExceeded", true),
    ] {
        let definition = json!({"StartAt": "T", "States": {
            "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.result", "End": true,
                "Catch": [{"ErrorEquals": [name], "Next": "Caught"}]},
            "Caught": {"Type": "Pass", "End": true}}});
        let script = Script::new([Ok(json!("y".repeat(200_000)))]);
        let input = json!({"x": "y".repeat(200_000)});
        let ran = run_with(&definition, input, &script).await;
        assert!(ran.kinds().contains(&"TaskSucceeded"));
        let succeeded = ran.kinds().contains(&"ExecutionSucceeded");
        assert_eq!(succeeded, is_caught, "{name}");
    }
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
async fn a_variable_that_nests_ever_deeper_fails_the_execution_and_not_the_process() {
    let deeper = (0..90).fold(json!({"a.$": "$x"}), |inner, _| json!({"a": inner}));
    let again = json!([{"Variable": "$.stop", "IsPresent": true, "Next": "C"}]);
    let by_pass = json!({"StartAt": "S", "States": {
        "S": {"Type": "Pass", "Assign": {"x": 1}, "Next": "A"},
        "A": {"Type": "Pass", "Assign": {"x": deeper}, "Next": "B"},
        "B": {"Type": "Choice", "Choices": again, "Default": "A"},
        "C": {"Type": "Succeed"}}});
    let by_choice = json!({"StartAt": "S", "States": {
        "S": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
        "B": {"Type": "Choice", "Choices": again, "Default": "B", "Assign": {"x": deeper}},
        "C": {"Type": "Succeed"}}});
    let by_catcher = json!({"StartAt": "S", "States": {
        "S": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
        "B": {"Type": "Parallel", "End": true,
            "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad"}}}],
            "Catch": [{"ErrorEquals": ["Bad"], "Next": "B", "Assign": {"x": deeper}}]}}});
    for definition in [by_pass, by_choice, by_catcher] {
        let ran = run(&definition, json!({})).await;
        let (error, cause) = ran.failure();
        assert_eq!(error, "States.Runtime");
        assert!(
            cause.ends_with("The variable 'x' is nested deeper than 1000 levels."),
            "{cause}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_catcher_makes_is_bounded_as_what_a_state_makes() {
    let caught = |catcher: serde_json::Value| {
        let mut catch = json!({"ErrorEquals": ["States.ALL"], "Next": "B"});
        for (name, value) in catcher.as_object().unwrap() {
            catch[name] = value.clone();
        }
        json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {
            "A": {"Type": "Parallel", "Catch": [catch], "End": true,
                "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad"}}}]},
            "B": {"Type": "Succeed"}}})
    };
    let pad = |length: usize| json!(format!("{{% $pad('', {length}, 'x') %}}"));
    let small = caught(json!({"Output": pad(200_000), "Assign": {"v": pad(200_000)}}));
    run(&small, json!({})).await.output();
    for catcher in [
        json!({"Output": pad(300_000)}),
        json!({"Assign": {"v": pad(300_000)}}),
    ] {
        let ran = run(&caught(catcher), json!({})).await;
        assert_eq!(ran.failure().0, "States.DataLimitExceeded");
    }
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

/// A Parallel in a Parallel, so many times.
fn nested(times: usize) -> serde_json::Value {
    (0..times).fold(
        json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}),
        |inner, level| {
            let name = format!("Level{level}");
            let mut states = json!({});
            states[&name] = json!({"Type": "Parallel", "Branches": [inner], "End": true});
            json!({"StartAt": name, "States": states})
        },
    )
}

#[tokio::test(start_paused = true)]
async fn states_nest_as_deep_as_documents_do_and_not_deeper() {
    for times in [30, 60, 240] {
        let ran = run(&nested(times), json!(1)).await;
        assert_eq!(ran.events.len(), 3 * times + times + 4, "{times}");
        ran.output();
    }
    let found = asl::validate(&nested(260).to_string(), asl::MachineType::Standard);
    let codes: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["TOO_DEEPLY_NESTED"]);
}

#[test]
fn a_text_that_opens_ever_more_is_refused_and_not_walked() {
    for text in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000)] {
        let found = asl::validate(&text, asl::MachineType::Standard);
        assert_eq!(found.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_that_becomes_a_document_nests_as_deep_as_documents_do() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let read = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true,
        "Parameters": {"read.$": "States.StringToJson($)"}, "OutputPath": "$.read"}}});
    let ran = run(&read, json!(deep(999))).await;
    assert_eq!(ran.output().to_string(), deep(999));
    let ran = run(&read, json!(deep(1010))).await;
    let (error, cause) = ran.failure();
    assert_eq!(error, "States.IntrinsicFailure");
    assert!(
        cause.contains("The document is nested deeper than 1000 levels."),
        "{cause}"
    );
    // JSONata goes not as deep as JSON.
    for (query, expected) in [
        ("$parse($states.input)", deep(500)),
        (
            "$string($parse($states.input))",
            json!(deep(500)).to_string(),
        ),
        (
            "$parse($states.input) = $parse($states.input)",
            "true".to_owned(),
        ),
        ("$exists($parse($states.input).**.a)", "false".to_owned()),
        ("$exists($parse($states.input).a)", "false".to_owned()),
    ] {
        let parse = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {
            "A": {"Type": "Pass", "Output": format!("{{% {query} %}}"), "End": true}}});
        let ran = run(&parse, json!(deep(500))).await;
        assert_eq!(ran.output().to_string(), expected, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn variables_have_256_kib_a_state_and_10_mib_in_all() {
    let assign = |texts: usize, length: usize| {
        let mut names = json!({});
        for index in 0..texts {
            names[format!("v{index}")] = json!("y".repeat(length));
        }
        json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": names, "End": true}}})
    };
    run(&assign(2, 130_000), json!({})).await.output();
    let error = run(&assign(3, 100_000), json!({})).await;
    assert_eq!(error.failure().0, "States.DataLimitExceeded");
    // Each state assigns 200,000 bytes under a name of its own.
    let chain = |count: usize| {
        let mut states = json!({});
        for index in 0..count {
            let mut state = json!({"Type": "Pass", "Assign": {}});
            state["Assign"][format!("v{index}.$")] = json!("$");
            if index + 1 == count {
                state["End"] = json!(true);
            } else {
                state["Next"] = json!(format!("S{}", index + 1));
            }
            states[format!("S{index}")] = state;
        }
        json!({"StartAt": "S0", "States": states})
    };
    let text = json!("y".repeat(200_000));
    run(&chain(50), text.clone()).await.output();
    let error = run(&chain(55), text).await;
    assert_eq!(error.failure().0, "States.DataLimitExceeded");
}
