//! `athglue test`.

use crate::run::machines;
use crate::world::{SMALL, World};

const CASES: &str = r#"
machine = "asl/report.asl.json"

[substitutions]
Table = "films"

[[case]]
name = "a retry, then two pages"
input = { day = 3 }
path = ["Query", "Wait", "Each", "Done"]
visits = { Row = 2 }
output = { n = 2, rows = ["a", "b"] }
seconds = 3605

[[case.mock.Query]]
error = "Athena.TooManyRequestsException"
after = 2

[[case.mock.Query]]
return = { n = 2, rows = ["a", "b"] }
after = 1
parameters = { QueryString = "SELECT * FROM films" }

[case.mock.Row]
return = "kept"

[[case]]
name = "it gives up"
error = "Lake.Gone"
cause = "no such"

[case.mock.Query]
error = "Lake.Gone"
cause = "no such lake"
"#;

const REPORT: &str = r#"{
  "StartAt": "Query",
  "States": {
    "Query": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
      "Parameters": { "QueryString": "SELECT * FROM ${Table}" },
      "Retry": [{ "ErrorEquals": ["Athena.TooManyRequestsException"], "IntervalSeconds": 2, "MaxAttempts": 3 }],
      "Next": "Wait"
    },
    "Wait": { "Type": "Wait", "Seconds": 3600, "Next": "Each" },
    "Each": {
      "Type": "Map",
      "ItemsPath": "$.rows",
      "ItemProcessor": {
        "StartAt": "Row",
        "States": { "Row": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getTable", "End": true } }
      },
      "ResultPath": null,
      "Next": "Done"
    },
    "Done": { "Type": "Succeed" }
  }
}
"#;

/// A machine of [`SMALL`] that asks its workgroup.
const ASK: &str = r#"
[state_machines.ask.definition]
StartAt = "Ask"
[state_machines.ask.definition.States.Ask]
Type = "Task"
End = true
Resource = "arn:aws:states:::athena:startQueryExecution.sync"
Parameters = { QueryString = "SELECT 1", WorkGroup = "${workgroups.main}" }
"#;

const ASK_CASES: &str = "machine = \"ask\"\n[[case]]\nname = \"one\"\n[case.mock.Ask]\nreturn = {}\nparameters = { WorkGroup = \"${workgroups.main}\" }\n";

fn world() -> World {
    let world = World::new();
    world.write("asl/report.asl.json", REPORT);
    world.write("tests/report.toml", CASES);
    world
}

#[test]
fn cases_pass_in_a_moment_though_they_wait_for_an_hour() {
    let world = world();
    insta::assert_snapshot!(world.run(&["test"]).ok(), @r"
    ✓ tests/report.toml: a retry, then two pages  6 transitions, 1 h 0 min on its clock
    ✓ tests/report.toml: it gives up  1 transition
    ");
    assert!(!world.path().join(".athglue").exists());
}

#[test]
fn a_callback_that_is_silent_for_too_long_times_out() {
    let world = World::new();
    world.write(
        "asl/call.asl.json",
        r#"{"StartAt": "Call", "States": {"Call": {"Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "HeartbeatSeconds": 60,
            "Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}, "End": true}}}"#,
    );
    world.write(
        "tests/call.toml",
        r#"
machine = "asl/call.asl.json"

[[case]]
name = "too late"
error = "States.Timeout"
seconds = 60
mock.Call = { return = "done", after = 3600 }

[[case]]
name = "in time"
output = "done"
seconds = 60
mock.Call = { return = "done", after = 60 }
"#,
    );
    world.run(&["test"]).ok();
}

#[test]
fn what_is_otherwise_is_told_and_fails() {
    let world = world();
    let wrong = CASES
        .replace("\"Each\", \"Done\"]", "\"Done\"]")
        .replace(
            "rows = [\"a\", \"b\"] }\nseconds",
            "rows = [\"a\"] }\nseconds",
        )
        .replace("FROM films\" }", "FROM songs\" }")
        .replace(
            "error = \"Lake.Gone\"\ncause = \"no such\"\n",
            "path = [\"Query\"]\n",
        );
    world.write("tests/report.toml", &wrong);
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.out, @r#"
    ✗ tests/report.toml: a retry, then two pages  6 transitions, 1 h 0 min on its clock
        Query was asked otherwise
          expected: {"QueryString":"SELECT * FROM songs"}
          asked:    {"QueryString":"SELECT * FROM films"}
        the path is another
          expected: Query → Wait → Done
          got:      Query → Wait → Each → Done
        the output is another
          expected: {"n":2,"rows":["a"]}
          got:      {"n":2,"rows":["a","b"]}
    ✗ tests/report.toml: it gives up  1 transition
        it ended with Lake.Gone: no such lake
    "#);
}

#[test]
fn a_state_that_the_machine_does_not_have_is_told_with_its_place() {
    let world = world();
    let wrong = CASES
        .replace("\"Wait\", \"Each\"", "\"Wiat\", \"Each\"")
        .replace("visits = { Row", "visits = { Raw")
        .replace("[case.mock.Row]", "[case.mock.Rwo]");
    world.write("tests/report.toml", &wrong);
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1);
    for told in [
        "tests/report.toml:24:12: the machine has no state `Rwo`",
        "tests/report.toml:10:18: the machine has no state `Wiat`",
        "help: did you mean `Wait`?",
        "tests/report.toml:11:18: the machine has no state `Raw`",
    ] {
        assert!(ran.out.contains(told), "{told} in {}", ran.out);
    }
}

#[test]
fn a_key_that_an_answer_does_not_have_is_named() {
    let world = world();
    world.write(
        "tests/report.toml",
        &CASES.replace("return = \"kept\"", "retrun = \"kept\""),
    );
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("unknown field `retrun`"), "{}", ran.out);
    assert!(ran.out.contains("line 25"), "{}", ran.out);
}

#[test]
fn a_task_without_a_mock_is_named() {
    let world = world();
    let (head, _) = CASES.split_once("[case.mock.Row]").expect("a mock");
    world.write("tests/report.toml", head);
    let report = world.run(&["test", "--output", "json"]);
    assert_eq!(report.code, 1);
    let report: serde_json::Value = serde_json::from_str(&report.out).expect("JSON");
    let problems = report[0]["problems"].to_string();
    assert!(
        problems.contains("Row ran arn:aws:states:::aws-sdk:glue:getTable, and has no mock"),
        "{problems}"
    );
}

#[test]
fn a_machine_of_the_stack_is_tested_and_mistakes_have_a_place() {
    let world = machines();
    world.write(
        "tests/count.toml",
        "machine = \"count\"\n[[case]]\nname = \"three\"\ninput = { items = [1, 2, 3] }\nvisits = { Double = 3, Left = 1 }\noutput = [1, 2, 3]\n",
    );
    world.run(&["test"]).ok();
    world.write(
        "tests/count.toml",
        "machine = \"count\"\n[[case]]\nname = \"x\"\noutptu = 1\n",
    );
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("✗ tests/count.toml\n") && ran.out.contains("outptu"),
        "{}",
        ran.out
    );
}

#[test]
fn parameters_refer_to_the_stack_as_its_machines_do() {
    let world = World::with_stack(&format!("{SMALL}{ASK}"));
    world.write("tests/ask.toml", ASK_CASES);
    world.run(&["test"]).ok();
}

#[test]
fn a_broken_machine_of_the_stack_hinders_no_test_of_another() {
    let bad = "[state_machines.bad]\ndefinition = \"asl/gone.json\"\n";
    let world = World::with_stack(&format!("{SMALL}{ASK}{bad}"));
    world.write("tests/ask.toml", ASK_CASES);
    world.write("tests/bad.toml", &ASK_CASES.replace("\"ask\"", "\"bad\""));
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("✓ tests/ask.toml: one"), "{}", ran.out);
    assert!(ran.out.contains("✗ tests/bad.toml\n"), "{}", ran.out);
    assert!(
        ran.out.contains("cannot read `asl/gone.json`"),
        "{}",
        ran.out
    );
}

#[test]
fn a_substitution_keeps_its_quotes_and_what_looks_like_a_name_in_it() {
    let world = World::new();
    world.write(
        "asl/say.asl.json",
        r#"{"StartAt": "Say", "States": {"Say": {"Type": "Pass", "Result": "${First}, ${Second}", "End": true}}}"#,
    );
    world.write(
        "tests/say.toml",
        r#"
machine = "asl/say.asl.json"

[substitutions]
First = '"${Second}"'
Second = 'a "b"'

[[case]]
name = "said"
output = '"${Second}", a "b"'
"#,
    );
    world.run(&["test"]).ok();
}

#[test]
fn a_definition_that_is_not_valid_is_told_with_its_lines() {
    let world = world();
    let told = |definition: &str| {
        world.write("asl/report.asl.json", definition);
        let ran = world.run(&["test"]);
        assert_eq!(ran.code, 1);
        assert!(ran.out.contains("✗ tests/report.toml\n"), "{}", ran.out);
        ran.out
    };
    let next = told(&REPORT.replace("\"Next\": \"Each\"", "\"Next\": \"Eahc\""));
    let expected = "    asl/report.asl.json:11:56: Missing 'Next' target: Eahc\n";
    assert!(next.contains(expected), "{next}");
    let form = told("{\n\"StartAt\": }");
    let expected = "    asl/report.asl.json:2:12: the definition: expected value\n";
    assert!(form.contains(expected), "{form}");
    let seconds = told(&REPORT.replace("3600", "${Seconds}"));
    assert!(
        seconds.contains("asl/report.asl.json:11:42: `${Seconds}` has no substitution\n"),
        "{seconds}"
    );
}

#[test]
fn a_broken_file_hinders_no_other_and_says_what_is_wrong() {
    let world = world();
    world.write("tests/a.toml", "machine = ");
    let late =
        "machine = \"asl/report.asl.json\"\n[[case]]\nname = \"late\"\nnow = \"yesterday\"\n";
    world.write("tests/b.toml", late);
    world.write(
        "tests/c.toml",
        "machine = \"asl/gone.json\"\n[[case]]\nname = \"x\"\n",
    );
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1);
    let named = ["a.toml", "c.toml"].map(|file| ran.out.contains(&format!("✗ tests/{file}\n")));
    assert_eq!(named, [true; 2], "{}", ran.out);
    let told = "✗ tests/b.toml: late\n    tests/b.toml:4:7: `now` is no time like 2024-05-01T06:00:00Z, with its zone: yesterday";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert!(
        ran.out.contains("✓ tests/report.toml: it gives up"),
        "{}",
        ran.out
    );
    assert!(
        ran.err
            .contains("2 cases passed, 1 failed, 2 files cannot be run"),
        "{}",
        ran.err
    );
    let report = world.run(&["test", "tests/b.toml", "--output", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report.out).expect("JSON");
    assert_eq!(report[0]["case"], "late");
    assert_eq!(report[0]["passed"], false);
    world.write(
        "tests/b.toml",
        &late.replace("\"yesterday\"", "2024-05-01T06:00:00Z"),
    );
    let ran = world.run(&["test", "tests/b.toml"]);
    assert!(ran.out.contains("tests/b.toml: late"), "{}", ran.out);
}

#[test]
fn a_case_that_is_wrong_hinders_no_other() {
    let world = world();
    world.write("tests/mocks.json", "{}");
    let wrong = CASES
        .replace(
            "\n[substitutions]",
            "mocks = \"mocks.json\"\n[substitutions]",
        )
        .replace("input = { day = 3 }", "test_case = \"Happy\"");
    world.write("tests/report.toml", &wrong);
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1);
    let told = "✗ tests/report.toml: a retry, then two pages\n    tests/report.toml:9:13: the mocks have no test case `Happy`";
    assert!(ran.out.contains(told), "{}", ran.out);
    let other = "✓ tests/report.toml: it gives up";
    assert!(ran.out.contains(other), "{}", ran.out);
}

#[test]
fn json_is_as_deep_as_step_functions_takes_it_and_a_mistake_has_its_place() {
    let world = World::new();
    world.write(
        "show.json",
        r#"{"StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": true}}}"#,
    );
    let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    let case = |output: &str| {
        format!(
            "machine = \"../show.json\"\n[[case]]\nname = \"deep\"\ninput_json = '{deep}'\noutput_json = '{output}'\n"
        )
    };
    world.write("tests/deep.toml", &case(&deep));
    world.run(&["test"]).ok();
    world.write("tests/deep.toml", &case(&deep.replace('1', "!")));
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    let told = "`output_json` is not JSON: expected value at line 1 column 301";
    assert!(ran.out.contains(told), "{}", ran.out);
}

#[test]
fn a_substitution_that_nothing_uses_is_told_with_its_place() {
    let world = world();
    let cases = CASES.replace("Table = ", "Tabel = \"none\"\nTable = ");
    world.write("tests/report.toml", &cases);
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1);
    let told = "`${Tabel}` is nowhere in the definition";
    assert!(ran.out.contains("tests/report.toml:5:"), "{}", ran.out);
    assert!(ran.out.contains(told), "{}", ran.out);
}

#[test]
fn where_there_is_no_case_it_is_said_where_none_is() {
    let world = world();
    let ran = world.run(&["test", "--case", "zzz"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err
            .contains("no case has `zzz` in its name, in tests/report.toml"),
        "{}",
        ran.err
    );
    world.write("tests/none.toml", "machine = \"asl/report.asl.json\"\n");
    let ran = world.run(&["test", "tests/none.toml"]);
    assert!(
        ran.err.contains("there is no case in tests/none.toml"),
        "{}",
        ran.err
    );
}

#[test]
fn what_a_distributed_map_reads_is_mocked_and_its_children_are_counted() {
    let world = World::new();
    world.write(
        "all.json",
        r#"{"StartAt": "All", "States": {"All": {"Type": "Map", "End": true,
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "b", "Key": "k"}},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "One", "States": {
                    "One": {"Type": "Pass", "Next": "Two"}, "Two": {"Type": "Pass", "End": true}}}}}}"#,
    );
    world.write(
        "tests/all.toml",
        "machine = \"../all.json\"\n[[case]]\nname = \"two\"\npath = [\"All\"]\nvisits = { One = 2, Two = 2 }\n[case.mock.\"s3:getObject\"]\nreturn = { Body = \"id,name\\n1,Metropolis\\n2,M\\n\" }\n",
    );
    insta::assert_snapshot!(world.run(&["test"]).ok(), @"✓ tests/all.toml: two  5 transitions");
}

#[test]
fn the_example_passes_its_own_test() {
    let world = World::with_example();
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/tests-asl/report.toml");
    world.run(&["test", cases]).ok();
}
