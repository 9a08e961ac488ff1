//! What is wrong with the definition of a state machine, shown where it is written.

use crate::world::World;

const STACK: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[state_machines.report]
definition = "asl/report.asl.json"
"#;

fn validate(file: &str, text: &str) -> (i32, String) {
    let world = World::with_stack(&STACK.replace("asl/report.asl.json", file));
    world.write(file, text);
    let ran = world.run(&["validate"]);
    (ran.code, ran.err)
}

#[test]
fn every_mistake_of_a_file_is_shown_with_its_line_and_what_was_meant() {
    let (code, err) = validate(
        "asl/report.asl.json",
        r#"{
  "StartAt": "Query",
  "States": {
    "Query": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:startQueryExecutoin.sync",
      "Parameters": { "QueryString": "SELECT 1" },
      "Next": "Done"
    },
    "Lost": { "Type": "Pass", "Next": "Dome" },
    "Done": { "Type": "Succeed" }
  }
}
"#,
    );
    assert_eq!(code, 1);
    insta::assert_snapshot!(err, @r#"
    error: The resource provided arn:aws:states:::athena:startQueryExecutoin.sync is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.
     --> asl/report.asl.json:6:19
      |
    6 |       "Resource": "arn:aws:states:::athena:startQueryExecutoin.sync",
      |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ SCHEMA_VALIDATION_FAILED
      |
    help: did you mean `arn:aws:states:::athena:startQueryExecution.sync`?

    error: State "Lost" is not reachable.
      --> asl/report.asl.json:10:5
       |
    10 |     "Lost": { "Type": "Pass", "Next": "Dome" },
       |     ^^^^^^ MISSING_TRANSITION_TARGET

    error: Missing 'Next' target: Dome
      --> asl/report.asl.json:10:39
       |
    10 |     "Lost": { "Type": "Pass", "Next": "Dome" },
       |                                       ^^^^^^ MISSING_TRANSITION_TARGET
       |
    help: did you mean 'Done'?
    "#);
}

#[test]
fn a_field_that_is_not_known_is_shown_itself() {
    let (code, err) = validate(
        "asl/report.asl.json",
        "{\n  \"StartAt\": \"A\",\n  \"States\": {\n    \"A\": { \"Type\": \"Pass\", \"Resutl\": 1, \"End\": true }\n  }\n}\n",
    );
    assert_eq!(code, 1);
    insta::assert_snapshot!(err, @r#"
    error: Field 'Resutl' is not supported
     --> asl/report.asl.json:4:28
      |
    4 |     "A": { "Type": "Pass", "Resutl": 1, "End": true }
      |                            ^^^^^^^^ SCHEMA_VALIDATION_FAILED
      |
    help: did you mean 'Result'?
    "#);
}

#[test]
fn a_mistake_in_yaml_has_its_line_too() {
    let (code, err) = validate(
        "asl/report.yaml",
        "StartAt: First\nStates:\n  # a comment\n  First:\n    Type: Pass\n    Next: Secnd\n  Second:\n    Type: Succeed\n",
    );
    assert_eq!(code, 1);
    insta::assert_snapshot!(err, @r#"
    error: Missing 'Next' target: Secnd
     --> asl/report.yaml:6:11
      |
    6 |     Next: Secnd
      |           ^^^^^ MISSING_TRANSITION_TARGET
      |
    help: did you mean 'Second'?

    error: State "Second" is not reachable.
     --> asl/report.yaml:7:3
      |
    7 |   Second:
      |   ^^^^^^ MISSING_TRANSITION_TARGET
    "#);
}

#[test]
fn a_text_that_is_no_json_is_shown_where_it_breaks_off() {
    let (code, err) = validate(
        "asl/report.asl.json",
        "{\n  \"StartAt\": \"A\",\n  \"States\": { \"A\": nul }\n}\n",
    );
    assert_eq!(code, 1);
    insta::assert_snapshot!(err, @r#"
    error: asl/report.asl.json: expected ident
     --> asl/report.asl.json:3:20
      |
    3 |   "States": { "A": nul }
      |                    ^^^ not valid JSON
    "#);
}

#[test]
fn a_definition_in_stack_toml_is_shown_there() {
    let text = STACK.replace(
        "definition = \"asl/report.asl.json\"",
        "[state_machines.report.definition]\nStartAt = \"A\"\nStates.A = { Type = \"Pass\", Next = \"B\" }\nStates.C = { Type = \"Succeed\" }\n",
    );
    let ran = World::with_stack(&text).run(&["validate"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r#"
    error: Missing 'Next' target: B
     --> stack.toml:9:36
      |
    9 | States.A = { Type = "Pass", Next = "B" }
      |                                    ^^^ MISSING_TRANSITION_TARGET
      |
    help: did you mean 'A'?

    error: State "C" is not reachable.
      --> stack.toml:10:12
       |
    10 | States.C = { Type = "Succeed" }
       |            ^^^^^^^^^^^^^^^^^^^^ MISSING_TRANSITION_TARGET
    "#);
}

#[test]
fn a_text_in_stack_toml_is_shown_there_whatever_its_escapes() {
    let text = STACK.replace(
        "\"asl/report.asl.json\"",
        r#""""
{ "StartAt": "A", "States": {
  "A": { "Type": "Pass", "Comment": "a \\"b\\"", "Next": "B" },
  "C": { "Type": "Succeed" } } }
""""#,
    );
    let ran = World::with_stack(&text).run(&["validate"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r#"
    error: Missing 'Next' target: B
     --> stack.toml:9:58
      |
    9 |   "A": { "Type": "Pass", "Comment": "a \\"b\\"", "Next": "B" },
      |                                                          ^^^ MISSING_TRANSITION_TARGET
      |
    help: did you mean 'A'?

    error: State "C" is not reachable.
      --> stack.toml:10:3
       |
    10 |   "C": { "Type": "Succeed" } } }
       |   ^^^ MISSING_TRANSITION_TARGET
    "#);
}

#[test]
fn a_warning_of_a_text_in_stack_toml_is_shown_there() {
    let text = STACK.replace(
        "\"asl/report.asl.json\"",
        "'''\nStartAt: Call\nStates:\n  Call:\n    Type: Task\n    Resource: arn:aws:states:::lambda:invoke\n    Parameters:\n      FunctionName: missing\n    End: true\n'''",
    );
    let ran = World::with_stack(&text).run(&["validate"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    insta::assert_snapshot!(ran.err, @r#"
    warning: the embedded cloud has no function `missing`
      --> stack.toml:14:21
       |
    14 |       FunctionName: missing
       |                     ^^^^^^^ `Call` invokes it
       |
    help: declare it: [local.functions.missing] command = "…"
    "#);
}

#[test]
fn what_aws_would_take_and_what_fails_later_is_a_warning() {
    let (code, err) = validate(
        "asl/report.asl.json",
        r#"{
  "StartAt": "Query",
  "States": {
    "Query": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
      "Parameters": { "QueryString": "SELECT FROM films" },
      "Next": "Call"
    },
    "Call": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": { "QueueUrl": "https://example.com", "MessageBody": "hello" },
      "End": true
    }
  }
}
"#,
    );
    assert_eq!(code, 0, "{err}");
    insta::assert_snapshot!(err, @r#"
    warning: the query of the state `Query` is not valid
     --> asl/report.asl.json:7:38
      |
    7 |       "Parameters": { "QueryString": "SELECT FROM films" },
      |                                      ^^^^^^^^^^^^^^^^^^^ line 1:8: mismatched input 'FROM'. Expecting: '*', 'ALL', 'DISTINCT', <expression>

    warning: the embedded cloud does not have this integration
      --> asl/report.asl.json:12:19
       |
    12 |       "Resource": "arn:aws:states:::sqs:sendMessage",
       |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `Call` fails with States.Runtime there
       |
    help: --target aws has it; a test can mock it: `athglue test`, `athglue run --mocks`
    "#);
}

#[test]
fn warnings_are_shown_beside_mistakes_and_not_after_them() {
    let world = World::with_stack(
        r#"
[stack]
name = "small"
region = "eu-west-1"

[buckets.data]
nmae = "x"

[state_machines.wrong]
definition = "wrong.json"

[state_machines.right.definition]
StartAt = "Call"
States.Call = { Type = "Task", Resource = "arn:aws:states:::lambda:invoke", Parameters = { FunctionName = "missing" }, End = true }
"#,
    );
    world.write(
        "wrong.json",
        r#"{
  "StartAt": "Ask",
  "States": {
    "Ask": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
      "Parameters": { "QueryString": "SELEC 1" },
      "Next": "Tell"
    },
    "Tell": { "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": { "QueueUrl": "https://sqs/q", "MessageBody": "done" }, "Next": "Gone" }
  }
}
"#,
    );
    let ran = world.run(&["validate"]);
    assert_eq!(ran.code, 1);
    for told in [
        "error: Missing 'Next' target: Gone",
        "nmae",
        "warning: the query of the state `Ask` is not valid",
        "warning: the embedded cloud does not have this integration",
        "warning: the embedded cloud has no function `missing`",
    ] {
        assert!(ran.err.contains(told), "{told} in {}", ran.err);
    }
    let ran = world.run(&["validate", "--output", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let count = |what: &str| report[what].as_array().map(Vec::len);
    assert_eq!(
        (count("mistakes"), count("warnings")),
        (Some(3), Some(3)),
        "{report}"
    );
}

#[test]
fn an_operation_that_an_api_does_not_have_is_told() {
    let of = |action: &str| {
        format!(
            "{{ \"StartAt\": \"A\", \"States\": {{ \"A\": {{ \"Type\": \"Task\",\n  \"Resource\": \"arn:aws:states:::aws-sdk:{action}\", \"End\": true }} }} }}\n"
        )
    };
    for (wrong, meant) in [
        ("s3:getObjekt", "s3:getObject"),
        ("s3:GetObject", "s3:getObject"),
        ("glue:getTabel", "glue:getTable"),
        ("glue:gettable", "glue:getTable"),
    ] {
        let (code, err) = validate("asl/report.asl.json", &of(wrong));
        assert_eq!(code, 1, "{wrong}: {err}");
        assert!(err.contains("is not recognized"), "{err}");
        assert!(err.contains("asl/report.asl.json:2:15"), "{err}");
        let meant = format!("did you mean `arn:aws:states:::aws-sdk:{meant}`?");
        assert!(err.contains(&meant), "{meant} in {err}");
        assert!(!err.contains("warning"), "{err}");
    }
    for (doubtful, told) in [
        ("glue:frobnicate", "glue has no operation `frobnicate`"),
        (
            "glue:createJob",
            "the embedded cloud does not have this integration",
        ),
        (
            "s3:restoreObject",
            "the embedded cloud does not have this integration",
        ),
    ] {
        let (code, err) = validate("asl/report.asl.json", &of(doubtful));
        assert_eq!(code, 0, "{doubtful}: {err}");
        assert!(err.contains("asl/report.asl.json:2:15"), "{err}");
        assert!(err.contains(told), "{told} in {err}");
    }
    let (_, err) = validate("asl/report.asl.json", &of("glue:getTable"));
    assert_eq!(err, "");
}

#[test]
fn glue_jobs_are_refused_where_the_embedded_cloud_is_the_target() {
    let world = World::with_stack(STACK);
    world.write(
        "asl/report.asl.json",
        r#"{
  "StartAt": "Clean",
  "States": {
    "Clean": { "Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": { "JobName": "clean" }, "End": true }
  }
}
"#,
    );
    for command in [&["validate"][..], &["plan"], &["up", "--yes"]] {
        let ran = world.run(command);
        assert_eq!(ran.code, 1, "{command:?}: {}", ran.err);
        assert!(ran.err.contains("asl/report.asl.json:4:"), "{}", ran.err);
        assert!(ran.err.contains("--target aws has it"), "{}", ran.err);
    }
    world.run(&["validate", "--target", "aws"]).ok();
    world.run(&["destroy", "--yes"]).ok();
}

#[test]
fn an_empty_definition_is_shown_where_it_is_named() {
    let (code, err) = validate("asl/report.asl.json", "\n");
    assert_eq!(code, 1);
    assert!(err.contains("asl/report.asl.json is empty"), "{err}");
    assert!(err.contains("stack.toml:7:14"), "{err}");
}
