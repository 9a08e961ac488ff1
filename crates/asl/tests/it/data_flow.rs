//! What comes into a state and what leaves it.

use serde_json::{Value, json};

use crate::world::{Script, run, run_with};

async fn pass(fields: Value, input: Value) -> Value {
    let mut definition = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}});
    for (name, value) in fields.as_object().unwrap() {
        definition["States"]["A"][name] = value.clone();
    }
    run(&definition, input).await.output().clone()
}

#[tokio::test(start_paused = true)]
async fn a_result_goes_into_the_input_as_it_came_and_not_as_the_state_saw_it() {
    let input = json!({"a": {"b": 1}, "c": 2});
    let fields =
        json!({"InputPath": "$.a", "Parameters": {"got.$": "$.b"}, "ResultPath": "$.a.result"});
    assert_eq!(
        pass(fields, input.clone()).await,
        json!({"a": {"b": 1, "result": {"got": 1}}, "c": 2})
    );
    assert_eq!(
        pass(
            json!({"InputPath": "$.a", "ResultPath": null}),
            input.clone()
        )
        .await,
        input
    );
    assert_eq!(
        pass(json!({"InputPath": null}), input.clone()).await,
        json!({})
    );
    assert_eq!(
        pass(json!({"OutputPath": "$.c"}), input.clone()).await,
        json!(2)
    );
    assert_eq!(
        pass(json!({"Result": {"x.$": "$.c"}}), input).await,
        json!({"x.$": "$.c"})
    );
}

#[tokio::test(start_paused = true)]
async fn templates_are_filled_in_at_every_depth() {
    let fields = json!({"Parameters": {"list": [{"x.$": "$.n"}, 2], "deep": {"deeper": {"all.$": "$"}}, "name.$": "$$.State.Name"}});
    assert_eq!(
        pass(fields, json!({"n": 1})).await,
        json!({"list": [{"x": 1}, 2], "deep": {"deeper": {"all": {"n": 1}}}, "name": "A"})
    );
}

#[tokio::test(start_paused = true)]
async fn a_template_makes_its_plain_members_first_and_those_of_queries_as_aws_orders_them() {
    let input = json!({"n": 1});
    for (template, text) in [
        (
            json!({"value.$": "$.n", "bucketName": "b"}),
            r#"{"bucketName":"b","value":1}"#,
        ),
        (
            json!({"Bucket.$": "$.n", "Key.$": "$.n", "from_previous": 2}),
            r#"{"from_previous":2,"Bucket":1,"Key":1}"#,
        ),
        (
            json!({"original_input.$": "$.n", "iteration_input_value.$": "$.n", "iteration_index.$": "$.n",
                "from_input_constant.$": "$.n", "constant_value": 2}),
            r#"{"constant_value":2,"iteration_input_value":1,"from_input_constant":1,"iteration_index":1,"original_input":1}"#,
        ),
        (
            json!([{"in": {"Question.$": "$.n", "Answer.$": "$.n"}}]),
            r#"[{"in":{"Answer":1,"Question":1}}]"#,
        ),
    ] {
        let fields = json!({"Parameters": {"made": template}});
        let made = pass(fields, input.clone()).await;
        assert_eq!(made["made"].to_string(), text);
    }
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass",
        "Output": {"Question": "{% 1 %}", "Answer": "{% 1 %}"}, "End": true}}});
    let ran = run(&definition, input).await;
    assert_eq!(ran.output().to_string(), r#"{"Question":1,"Answer":1}"#);
}

#[tokio::test(start_paused = true)]
async fn jsonata_sees_input_result_and_context() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": {"Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun", "Arguments": {"n": "{% $states.input.n + 1 %}", "plain": "{ % }"},
        "Output": {"in": "{% $states.input.n %}", "out": "{% $states.result.id %}", "machine": "{% $states.context.StateMachine.Name %}"}, "End": true}}});
    let script = Script::new([Ok(json!({"id": 7}))]);
    let ran = run_with(&definition, json!({"n": 1}), &script).await;
    assert_eq!(
        ran.output(),
        &json!({"in": 1, "out": 7, "machine": "machine"})
    );
    assert_eq!(
        script.asked.lock().unwrap()[0].parameters,
        json!({"n": 2, "plain": "{ % }"})
    );
}

#[tokio::test(start_paused = true)]
async fn a_result_path_that_cannot_be_followed_is_an_error_that_can_be_caught() {
    let definition = json!({"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "ResultPath": "$.a.b", "End": true,
            "Catch": [{"ErrorEquals": ["States.ResultPathMatchFailure"], "ResultPath": null, "Next": "E"}]},
        "E": {"Type": "Pass", "End": true}}});
    let ran = run_with(&definition, json!({"a": 1}), &Script::new([Ok(json!(1))])).await;
    assert_eq!(ran.output(), &json!({"a": 1}));
    assert_eq!(
        ran.kinds()
            .iter()
            .filter(|kind| **kind == "PassStateEntered")
            .count(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn step_functions_own_functions_are_there_and_eval_is_not() {
    let output = |expression: &str| {
        json!({"QueryLanguage": "JSONata", "StartAt": "P", "States": {
        "P": {"Type": "Pass", "Output": {"r": format!("{{% {expression} %}}")}, "End": true}}})
    };
    for (expression, result) in [
        ("$partition([1, 2, 3], 2)", json!([[1, 2], [3]])),
        ("$range(0, 10, 3)", json!([0, 3, 6, 9])),
        ("$range(1, 9, 9)", json!(1)),
        (
            "$hash('input data', 'SHA-1')",
            json!("aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ),
        ("$parse('{\"x\": [1]}')", json!({"x": [1]})),
        ("$random(3) = $random(3)", json!(true)),
        ("$length($uuid())", json!(36)),
    ] {
        assert_eq!(
            run(&output(expression), json!({})).await.output()["r"],
            result,
            "{expression}"
        );
    }
    for expression in [
        "$eval('1')",
        "$partition([1], 0)",
        "$hash('a', 'CRC')",
        "$parse('{')",
    ] {
        assert_eq!(
            run(&output(expression), json!({})).await.failure().0,
            "States.QueryEvaluationError",
            "{expression}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_task_that_is_waited_for_has_a_token_in_its_context() {
    for (resource, has_token) in [
        ("arn:aws:states:::lambda:invoke", false),
        ("arn:aws:states:::aws-sdk:s3:listBuckets", false),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", false),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", true),
        ("arn:aws:states:::glue:startJobRun.sync", true),
        ("arn:aws:states:::states:startExecution.sync:2", true),
        ("arn:aws:states:us-east-1:123456789012:activity:a", true),
    ] {
        let definition = json!({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": resource,
            "ResultSelector": {"context.$": "$$"}, "End": true}}});
        let script = Script::new([Ok(json!({}))]);
        let ran = run_with(&definition, json!({}), &script).await;
        let token = ran.output()["context"].pointer("/Task/Token");
        assert_eq!(token.is_some(), has_token, "{resource}");
    }
    let definition = json!({"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}}}});
    let script = Script::default();
    let ran = run_with(&definition, json!({}), &script).await;
    assert_eq!(ran.failure().0, "States.Runtime");
    assert!(script.asked.lock().unwrap().is_empty());
}
