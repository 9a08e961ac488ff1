use crate::world::{Ran, World};

const STACK: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[state_machines.count]
definition = "asl/count.asl.json"

[state_machines.broken]
definition = "asl/broken.asl.json"

[state_machines.quick]
type = "EXPRESS"
[state_machines.quick.definition]
StartAt = "Echo"
States.Echo = { Type = "Pass", End = true }
"#;

const COUNT: &str = r#"{
  "StartAt": "Each",
  "States": {
    "Each": {
      "Type": "Map",
      "ItemsPath": "$.items",
      "ItemProcessor": {
        "StartAt": "Double",
        "States": { "Double": { "Type": "Pass", "End": true } }
      },
      "Next": "Both"
    },
    "Both": {
      "Type": "Parallel",
      "Branches": [
        { "StartAt": "Left", "States": { "Left": { "Type": "Pass", "End": true } } },
        { "StartAt": "Right", "States": { "Right": { "Type": "Pass", "End": true } } }
      ],
      "ResultPath": null,
      "Next": "Done"
    },
    "Done": { "Type": "Succeed" }
  }
}
"#;

const BROKEN: &str = r#"{
  "StartAt": "Look",
  "States": {
    "Look": { "Type": "Pass", "Result": { "day": 3 }, "Next": "Each" },
    "Each": {
      "Type": "Map",
      "ItemsPath": "$$.Execution.Input.items",
      "ItemProcessor": {
        "StartAt": "Give up",
        "States": {
          "Give up": { "Type": "Fail", "Error": "Lake.Empty", "Cause": "nothing is there" }
        }
      },
      "End": true
    }
  }
}
"#;

/// A small stack of state machines that is up.
pub fn machines() -> World {
    let world = World::with_stack(STACK);
    world.write("asl/count.asl.json", COUNT);
    world.write("asl/broken.asl.json", BROKEN);
    world.run(&["up", "--yes"]).ok();
    world
}

/// Every time of a clock as `T s`, every ARN's last part and id gone.
pub fn timeless(text: &str) -> String {
    let times = regex::Regex::new(r"\d+\.\d+ s").expect("a pattern");
    let ids = regex::Regex::new(r"[0-9a-f]{8}-[0-9a-f-]{27}").expect("a pattern");
    let text = times.replace_all(text, "T s");
    ids.replace_all(&text, "ID").into_owned()
}

fn both(ran: Ran) -> String {
    timeless(&format!(
        "{}\n---\n{}",
        ran.out.trim_end(),
        ran.err.trim_end()
    ))
}

#[test]
fn a_pipe_is_told_line_by_line_and_gets_the_output() {
    let world = machines();
    let ran = world.run(&["run", "count", "--input", r#"{"items": [1, 2, 3]}"#]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    insta::assert_snapshot!(both(ran), @r"
    [
      1,
      2,
      3
    ]
    ---
    ✓ Each  Map  3 items  T s
      ✓ Left  Pass  T s
      ✓ Right  Pass  T s
    ✓ Both  Parallel  T s
    ✓ Done  Succeed  T s
    Succeeded in T s, 8 transitions; on AWS it would have cost $0.000200.
    ");
}

#[test]
fn a_failure_shows_the_state_its_input_and_the_line_of_the_file() {
    let world = machines();
    let ran = world.run(&["run", "broken", "--input", r#"{"items": ["a"]}"#]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!(both(ran), @r#"
    ---
    ✓ Look  Pass  T s
      ✗ Give up  Fail  T s
    ✗ Each  Map  0 of 1 item, 1 failed  T s
    error: the execution ended FAILED with Lake.Empty: nothing is there
      --> asl/broken.asl.json:11:11
       |
    11 |           "Give up": { "Type": "Fail", "Error": "Lake.Empty", "Cause": "nothing is there" }
       |           ^^^^^^^^^ this state failed
      its input: "a"
      execution: arn:aws:states:eu-west-1:000000000000:execution:small-broken:ID
    Ended after T s, 3 transitions; on AWS it would have cost $0.000075.
    "#);
}

#[test]
fn a_failure_in_a_definition_of_stack_toml_has_its_line_there() {
    let text = r#"[stack]
name = "small"
region = "eu-west-1"

[state_machines.text]
definition = '''
{ "StartAt": "Stop", "States": {
  "Stop": { "Type": "Fail", "Error": "Lake.Empty" } } }
'''

[state_machines.table.definition]
StartAt = "Halt"
[state_machines.table.definition.States.Halt]
Type = "Fail"
Error = "Lake.Full"
"#;
    let world = World::with_stack(text);
    world.run(&["up", "--yes"]).ok();
    for (machine, place) in [("text", "stack.toml:8:3"), ("table", "stack.toml:13:41")] {
        let ran = world.run(&["run", machine]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains(place), "{place} in {}", ran.err);
        assert!(ran.err.contains("this state failed"), "{}", ran.err);
    }
}

#[test]
fn programs_read_states_transitions_and_the_place_of_the_failure() {
    let world = machines();
    let arguments = [
        "run",
        "broken",
        "--output",
        "json",
        "--input",
        r#"{"items": ["a"]}"#,
    ];
    let ran = world.run(&arguments);
    assert_eq!(ran.code, 1);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["status"], "FAILED");
    assert_eq!(report["error"], "Lake.Empty");
    assert_eq!(report["failed_at"]["state"], "Give up");
    assert_eq!(report["failed_at"]["input"], "a");
    assert_eq!(report["failed_at"]["line"], 11);
    assert_eq!(report["transitions"], 3);
    let names: Vec<&str> = report["states"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|state| state["name"].as_str())
        .collect();
    assert_eq!(names, ["Look", "Each", "Give up"]);
}

#[test]
fn an_express_machine_is_waited_for_and_gives_its_output() {
    let world = machines();
    let ran = world.run(&["run", "quick", "--input", r#"{"a": 1}"#, "--output", "json"]);
    let report = ran.json();
    assert_eq!(report["output"], serde_json::json!({"a": 1}));
    assert_eq!(report["status"], "SUCCEEDED");
    let told = world.run(&["run", "quick"]).err;
    assert!(told.starts_with("✓ Echo  Pass  "), "{told}");
}

#[test]
fn of_an_express_machine_that_fails_the_embedded_cloud_knows_the_state() {
    let world = World::with_stack(&STACK.replace(
        "[state_machines.broken]",
        "[state_machines.broken]\ntype = \"EXPRESS\"",
    ));
    world.write("asl/count.asl.json", COUNT);
    world.write("asl/broken.asl.json", BROKEN);
    world.run(&["up", "--yes"]).ok();
    let arguments = ["run", "broken", "--input", r#"{"items": ["a"]}"#];
    let ran = world.run(&arguments);
    assert_eq!(ran.code, 1);
    let told = ran
        .err
        .replace("express:small-broken:ID:ID", "express:small-broken:ID");
    insta::assert_snapshot!(both(Ran { err: told, ..ran }), @r#"
    ---
    ✓ Look  Pass  T s
      ✗ Give up  Fail  T s
    ✗ Each  Map  0 of 1 item, 1 failed  T s
    error: the execution ended FAILED with Lake.Empty: nothing is there
      --> asl/broken.asl.json:11:11
       |
    11 |           "Give up": { "Type": "Fail", "Error": "Lake.Empty", "Cause": "nothing is there" }
       |           ^^^^^^^^^ this state failed
      its input: "a"
      execution: arn:aws:states:eu-west-1:000000000000:express:small-broken:ID:ID
    Ended after T s; on AWS it would have cost $0.000001.
    "#);
    let ran = world.run(&[&arguments[..], &["--output", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["failed_at"]["state"], "Give up");
    assert_eq!(report["failed_at"]["line"], 11);
    assert_eq!(report["states"][2]["failed"], 1);
    assert_eq!(report["billed_megabytes"], 64);
}

const DISTRIBUTED: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[state_machines.all.definition]
StartAt = "All"
[state_machines.all.definition.States.All]
Type = "Map"
End = true
ToleratedFailureCount = 1
ItemsPath = "$.items"
ResultPath = "$.all"
OutputPath = "$.items"
[state_machines.all.definition.States.All.ItemProcessor]
StartAt = "Which"
ProcessorConfig = { Mode = "DISTRIBUTED", ExecutionType = "STANDARD" }
States.Which = { Type = "Choice", Default = "Fine", Choices = [{ Variable = "$", NumericGreaterThan = 2, Next = "Bad" }] }
States.Fine = { Type = "Pass", End = true }
States.Bad = { Type = "Fail", Error = "Bang", Cause = "too much" }

[state_machines.outer.definition]
StartAt = "Sub"
[state_machines.outer.definition.States.Sub]
Type = "Task"
End = true
Resource = "arn:aws:states:::states:startExecution.sync:2"
Parameters = { StateMachineArn = "${state_machines.all.arn}", "Input.$" = "$" }
"#;

fn distributed() -> World {
    let world = World::with_stack(DISTRIBUTED);
    world.run(&["up", "--yes"]).ok();
    world
}

#[test]
fn the_children_of_a_distributed_map_are_counted_shown_and_billed() {
    let world = distributed();
    let ran = world.run(&["run", "all", "--input", r#"{"items": [1, 2, 3]}"#]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    insta::assert_snapshot!(both(ran), @r"
    [
      1,
      2,
      3
    ]
    ---
    ✓ All  Map  2 of 3 items, 1 failed  T s
    Succeeded in T s, 7 transitions, 6 of them in 3 child executions; on AWS it would have cost $0.000175.
    ");
    let shown = world.run(&["executions", "show", "all"]).ok();
    let (_, states) = shown.split_once('\n').expect("lines");
    let (states, _) = states.split_once("\n[").expect("an output");
    insta::assert_snapshot!(timeless(states), @r"
    ✓ All      Map       T s  2 of 3 items, 1 failed
      ✓ Which  Choice    T s  3 times
      ✗ Bad    Fail      T s  Bang
      ✓ Fine   Pass      T s  2 times
    ");
}

#[test]
fn nothing_is_billed_by_an_endpoint_that_is_not_of_aws() {
    let world = World::with_stack(DISTRIBUTED);
    let served = crate::serve::serve(&world);
    let target = ["--target", &served.1];
    let there = |arguments: &[&str]| world.run(&[arguments, &target[..]].concat());
    there(&["up", "--yes"]).ok();
    let price = "on AWS it would have cost";
    let ran = there(&["run", "all", "--input", r#"{"items": [1]}"#]);
    assert!(ran.err.contains(price), "{}", ran.err);
    let shown = there(&["executions", "show", "all"]);
    assert!(shown.err.contains(price), "{}", shown.err);
}

#[test]
fn a_failure_inside_of_other_executions_names_them_and_the_state() {
    let world = distributed();
    let arguments = ["run", "outer", "--input", r#"{"items": [3, 4]}"#];
    let ran = world.run(&arguments);
    assert_eq!(ran.code, 1);
    let told = timeless(&ran.err);
    let outer = "  execution: arn:aws:states:eu-west-1:000000000000:execution:small-outer:ID\n  within it: arn:aws:states:eu-west-1:000000000000:execution:small-all:ID\n    state All: States.ExceedToleratedFailureThreshold";
    assert!(told.contains(outer), "{told}");
    assert!(told.contains("\n    state Bad: Bang: too much\n"), "{told}");
    let ran = world.run(&[&arguments[..], &["--output", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let within = &report["failed_at"]["within"];
    assert_eq!(within[0]["state"], "All", "{within}");
    assert_eq!(within[1]["state"], "Bad", "{within}");
}

const STRICT: &str = r#"{
  "StartAt": "All",
  "States": {
    "All": {"Type": "Map", "ItemsPath": "$.items", "End": true, "ItemProcessor": {
      "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
      "StartAt": "Look", "States": {
        "Look": {"Type": "Pass", "Next": "Bad"},
        "Bad": {"Type": "Fail", "Error": "Bang", "Cause": "too much"}
      }
    }}
  }
}
"#;

#[test]
fn a_failure_in_a_child_has_its_input_and_its_line_and_the_child_is_shown_alone() {
    let world = World::with_stack(
        "[stack]\nname = \"small\"\nregion = \"eu-west-1\"\n\n[state_machines.all]\ndefinition = \"asl/all.asl.json\"\n",
    );
    world.write("asl/all.asl.json", STRICT);
    world.run(&["up", "--yes"]).ok();
    let arguments = ["run", "all", "--input", r#"{"items": [7]}"#];
    let told = world.run(&arguments).err;
    let place = "\n    state Bad: Bang: too much\n    --> asl/all.asl.json:8:9\n    its input: 7\n";
    assert!(told.contains(place), "{told}");
    let ran = world.run(&[&arguments[..], &["--output", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["failed_at"]["line"], 4);
    let within = &report["failed_at"]["within"][0];
    assert_eq!(within["file"], "asl/all.asl.json", "{within}");
    assert_eq!(within["line"], 8, "{within}");
    assert_eq!(within["input"], 7, "{within}");
    let child = within["execution"].as_str().expect("an ARN");
    let shown = world.run(&["executions", "show", child]);
    let (_, states) = shown.out.split_once('\n').expect("lines");
    insta::assert_snapshot!(timeless(states), @r"
    ✓ Look  Pass      T s
    ✗ Bad   Fail      T s  Bang
    ");
    assert!(
        shown.err.contains("--> asl/all.asl.json:8:9"),
        "{}",
        shown.err
    );
}

#[test]
#[cfg(unix)]
fn a_redriven_task_is_shown_as_succeeded_and_a_function_talks_on_stderr() {
    let world = World::with_stack(
        r#"
[stack]
name = "small"
region = "eu-west-1"

[local.functions.flag]
command = "echo looking >&2; test -e flag && echo 1"

[state_machines.look.definition]
StartAt = "Look"
States.Look = { Type = "Task", Resource = "arn:aws:states:::lambda:invoke", Parameters = { FunctionName = "flag" }, OutputPath = "$.Payload", End = true }
"#,
    );
    world.run(&["up", "--yes"]).ok();
    let ran = world.run(&["run", "look", "--name", "one"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.starts_with("looking\n"), "{}", ran.err);
    world.write("flag", "");
    let ran = world.run(&["executions", "redrive", "look/one"]);
    let told = timeless(&ran.err);
    assert!(told.contains("✓ Look  Task  T s\n"), "{told}");
    let shown = world.run(&["executions", "show", "look/one"]).ok();
    assert!(
        shown.contains("✓ Look") && !shown.contains("ExitError"),
        "{shown}"
    );
}

#[test]
fn no_wait_prints_the_execution_and_it_ends_all_the_same() {
    let world = machines();
    let input = r#"{"items": [1]}"#;
    let ran = world.run(&["run", "count", "--no-wait", "--input", input]);
    assert!(ran.err.contains("runs in this process"), "{}", ran.err);
    let arn = ran.ok();
    let shown = world
        .run(&["executions", "show", arn.trim(), "--output", "json"])
        .json();
    assert_eq!(shown["status"], "SUCCEEDED");
}

#[test]
fn a_machine_that_is_not_there_has_a_near_miss() {
    let world = machines();
    let ran = world.run(&["run", "cuont"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("did you mean `count`?"), "{}", ran.err);
    let ran = world.run(&["run", "count", "--input", "{"]);
    assert!(ran.err.contains("--input is not JSON"), "{}", ran.err);
    let ran = world.run(&["run", "count", "--input", "-"]);
    assert!(ran.err.contains("stdin is empty"), "{}", ran.err);
}
