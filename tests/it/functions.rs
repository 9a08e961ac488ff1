//! Lambda functions that are commands, and mocks in place of tasks.

use crate::serve::serve;
use crate::world::World;

const STACK: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[vars]
mark = "!"

[local.functions.shout]
command = "tr a-z A-Z"

[local.functions.greet]
command = "sh greet.sh"
dir = "functions"
environment = { GREETING = "hello${vars.mark}" }

[local.functions.where]
command = "printf '\"%s\"' \"$AWS_ENDPOINT_URL\""

[state_machines.greet.definition]
StartAt = "Shout"
States.Shout = { Type = "Task", Resource = "arn:aws:states:::lambda:invoke", Parameters = { FunctionName = "shout", "Payload.$" = "States.JsonToString($.name)" }, OutputPath = "$.Payload", Next = "Greet" }
States.Greet = { Type = "Task", Resource = "arn:aws:lambda:eu-west-1:000000000000:function:greet", End = true }

[state_machines.where.definition]
StartAt = "Where"
States.Where = { Type = "Task", Resource = "arn:aws:lambda:eu-west-1:000000000000:function:where", End = true }
"#;

const MOCKS: &str = r#"{
  "StateMachines": { "greet": { "TestCases": {
    "Happy": { "Shout": "Shouted", "Greet": "Greeted" },
    "Rude": { "Shout": "Shouted", "Greet": "Refused" } } } },
  "MockedResponses": {
    "Shouted": { "0": { "Return": { "Payload": "MOCKED" } } },
    "Greeted": { "0": { "Return": "well met" } },
    "Refused": { "0": { "Throw": { "Error": "Rude", "Cause": "no greeting" } } } }
}"#;

fn world() -> World {
    let world = World::with_stack(STACK);
    world.write("functions/greet.sh", r#"sed "s/^\"/\"$GREETING /""#);
    world.write("mocks.json", MOCKS);
    world
}

const ADA: &str = r#"{"name": "Ada"}"#;

#[test]
#[cfg(unix)]
fn a_machine_invokes_functions_by_name_and_by_arn() {
    let world = world();
    world.run(&["up", "--yes"]).ok();
    let out = world.run(&["run", "greet", "--input", ADA]).ok();
    assert_eq!(out.trim(), "\"hello! ADA\"");
}

#[test]
#[cfg(unix)]
fn a_function_of_a_served_cloud_can_call_it() {
    let world = world();
    let served = serve(&world);
    let target = ["--target", &served.1];
    world.run(&[&["up", "--yes"][..], &target].concat()).ok();
    let out = world.run(&[&["run", "where"][..], &target].concat()).ok();
    assert_eq!(out.trim(), format!("{:?}", served.1));
}

#[test]
fn mocks_answer_for_tasks_in_a_test_case() {
    let world = world();
    world.run(&["up", "--yes"]).ok();
    let run = |case: &[&str]| {
        let all = [
            &["run", "greet", "--input", ADA, "--mocks", "mocks.json"][..],
            case,
        ]
        .concat();
        world.run(&all)
    };
    assert_eq!(run(&["--case", "Happy"]).ok().trim(), "\"well met\"");
    let rude = run(&["--case", "Rude"]);
    assert_eq!(rude.code, 1);
    assert!(rude.err.contains("Rude: no greeting"), "{}", rude.err);
    let several = run(&[]);
    assert!(
        several.err.contains("choose one with --case: Happy, Rude"),
        "{}",
        several.err
    );
    let aws = run(&["--case", "Happy", "--target", "aws"]);
    assert!(
        aws.err.contains("on the embedded cloud only"),
        "{}",
        aws.err
    );
}

#[test]
fn a_file_of_cases_shares_its_mocks_with_step_functions_local() {
    let world = world();
    let cases = r#"
machine = "greet"
mocks = "../mocks.json"

[[case]]
name = "greeted"
test_case = "Happy"
input = { name = "Ada" }
output = "well met"

[[case]]
name = "rude, unless told otherwise"
test_case = "Rude"
input = { name = "Ada" }
output = "after all"
[case.mock.Greet]
return = "after all"
"#;
    world.write("tests/greet.toml", cases);
    let out = world.run(&["test"]).ok();
    assert!(out.contains("✓ tests/greet.toml: greeted"), "{out}");
    assert!(out.contains("✓ tests/greet.toml: rude"), "{out}");
    world.write("tests/greet.toml", &cases.replace("\"Rude\"", "\"Kind\""));
    let ran = world.run(&["test"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(
        ran.out
            .contains("no test case `Kind` of greet; they have: Happy, Rude"),
        "{}",
        ran.out
    );
}

#[test]
fn a_mock_of_what_a_map_reads_is_the_same_in_a_test_and_in_a_run() {
    let world = World::with_stack(
        r#"
[stack]
name = "small"
region = "eu-west-1"

[state_machines.read.definition]
StartAt = "Each"
[state_machines.read.definition.States.Each]
Type = "Map"
End = true
ItemReader = { Resource = "arn:aws:states:::s3:getObject", ReaderConfig = { InputType = "JSON" }, Parameters = { Bucket = "no-such-bucket", Key = "films.json" } }
ItemProcessor = { ProcessorConfig = { Mode = "DISTRIBUTED", ExecutionType = "STANDARD" }, StartAt = "Show", States = { Show = { Type = "Pass", End = true } } }
"#,
    );
    world.write(
        "mocks.json",
        r#"{
  "StateMachines": { "read": { "TestCases": { "Three": { "s3:getObject": "Three" } } } },
  "MockedResponses": { "Three": { "0": { "Return": { "Body": "[1, 2, 3]" } } } }
}"#,
    );
    world.write(
        "tests/read.toml",
        "machine = \"read\"\nmocks = \"../mocks.json\"\n[[case]]\nname = \"three\"\ntest_case = \"Three\"\noutput = [1, 2, 3]\n",
    );
    world.run(&["test"]).ok();
    world.run(&["up", "--yes"]).ok();
    let out = world.run(&["run", "read", "--mocks", "mocks.json"]).ok();
    assert_eq!(out.split_whitespace().collect::<String>(), "[1,2,3]");
}

#[test]
fn mocks_call_a_machine_by_its_name_in_a_test_as_in_a_run() {
    let world = world();
    let named = MOCKS.replace(
        "\"greet\": {",
        "\"small-where\": { \"TestCases\": {} }, \"small-greet\": {",
    );
    world.write("mocks.json", &named);
    world.write(
        "tests/greet.toml",
        "machine = \"greet\"\nmocks = \"../mocks.json\"\n[[case]]\nname = \"greeted\"\ntest_case = \"Happy\"\ninput = { name = \"Ada\" }\noutput = \"well met\"\n",
    );
    world.run(&["test"]).ok();
    world.run(&["up", "--yes"]).ok();
    let run = [
        "run",
        "greet",
        "--input",
        ADA,
        "--mocks",
        "mocks.json",
        "--case",
        "Happy",
    ];
    assert_eq!(world.run(&run).ok().trim(), "\"well met\"");
}

#[test]
fn a_state_of_the_mocks_that_no_machine_has_is_told() {
    let world = world();
    world.write(
        "mocks.json",
        &MOCKS.replace("\"Greet\": \"Greeted\"", "\"Gret\": \"Greeted\""),
    );
    let case = "machine = \"greet\"\nmocks = \"../mocks.json\"\n[[case]]\nname = \"greeted\"\ntest_case = \"Happy\"\ninput = { name = \"Ada\" }\n[case.mock.Greet]\nreturn = \"hi\"\n";
    world.write("tests/greet.toml", case);
    let told = "mocks.json:3:36: greet has no state `Gret`, which `Happy` mocks\n";
    let tested = world.run(&["test"]);
    assert_eq!(tested.code, 1, "{}", tested.out);
    assert!(tested.out.contains(told), "{}", tested.out);
    world.run(&["up", "--yes"]).ok();
    let ran = world.run(&[
        "run",
        "greet",
        "--input",
        ADA,
        "--mocks",
        "mocks.json",
        "--case",
        "Happy",
    ]);
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(ran.err.contains("did you mean `Greet`?"), "{}", ran.err);
}

#[test]
fn a_function_that_is_not_declared_is_warned_of() {
    let text = STACK.replace("functions.shout", "functions.whisper");
    let world = World::with_stack(&text);
    let ran = world.run(&["validate"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for told in [
        "warning: the embedded cloud has no function `shout`\n",
        "--> stack.toml:22:108\n",
        "^^^^^^^ `Shout` invokes it\n",
        "help: declare it: [local.functions.shout] command = \"…\"",
    ] {
        assert!(ran.err.contains(told), "{told} in {}", ran.err);
    }
    let on_aws = world.run(&["validate", "--target", "aws"]);
    assert_eq!(on_aws.err, "");
    let json = world.run(&["validate", "--output", "json"]).json();
    assert_eq!(json["warnings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_mistake_in_a_function_is_shown() {
    let text = STACK.replace("command = \"tr", "comand = \"tr");
    let ran = World::with_stack(&text).run(&["validate"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("did you mean `command`?"), "{}", ran.err);
    let text = STACK.replace("${vars.mark}", "${vars.marks}");
    let ran = World::with_stack(&text).run(&["validate"]);
    assert!(
        ran.err.contains("there is no variable `marks`"),
        "{}",
        ran.err
    );
}
