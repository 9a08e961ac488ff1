//! HTTPS endpoints that are commands.

use crate::serve::serve;
use crate::world::World;

const STACK: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[local.endpoints.films]
url = "https://films.example.com/*"
command = "sh films.sh"
dir = "endpoints"
environment = { FILM = "M" }

[local.endpoints.where]
url = "https://where.example.com/"
command = "printf '{\"ResponseBody\":\"%s\"}' \"$AWS_ENDPOINT_URL\""

[state_machines.ask.definition]
StartAt = "Ask"
[state_machines.ask.definition.States.Ask]
Type = "Task"
Resource = "arn:aws:states:::http:invoke"
Parameters = { ApiEndpoint = "https://films.example.com/first", Method = "GET", InvocationConfig = { ConnectionArn = "arn:aws:events:eu-west-1:000000000000:connection/films/7" } }
OutputPath = "$.ResponseBody.film"
End = true

[state_machines.where.definition]
StartAt = "Where"
[state_machines.where.definition.States.Where]
Type = "Task"
Resource = "arn:aws:states:::http:invoke"
Parameters = { ApiEndpoint = "https://where.example.com/", Method = "GET", Authentication = { ConnectionArn = "arn:aws:events:eu-west-1:000000000000:connection/where/7" } }
OutputPath = "$.ResponseBody"
End = true
"#;

fn world() -> World {
    let world = World::with_stack(STACK);
    let answer = r#"cat > asked.json; printf '{"ResponseBody":{"film":"%s"}}' "$FILM""#;
    world.write("endpoints/films.sh", answer);
    world
}

#[test]
#[cfg(unix)]
fn a_machine_calls_an_api_under_a_role_that_is_written_from_its_definition() {
    let world = world();
    world.run(&["up", "--yes"]).ok();
    assert_eq!(world.run(&["run", "ask"]).ok().trim(), "\"M\"");
    let asked = std::fs::read_to_string(world.path().join("endpoints/asked.json"));
    let asked: serde_json::Value = serde_json::from_str(&asked.expect("a request")).expect("JSON");
    assert_eq!(asked["ApiEndpoint"], "https://films.example.com/first");
    assert_eq!(asked["Headers"]["Host"], "films.example.com");
}

#[test]
#[cfg(unix)]
fn an_endpoint_of_a_served_cloud_can_call_it() {
    let world = world();
    let served = serve(&world);
    let target = ["--target", &served.1];
    world.run(&[&["up", "--yes"][..], &target].concat()).ok();
    let out = world.run(&[&["run", "where"][..], &target].concat()).ok();
    assert_eq!(out.trim(), format!("{:?}", served.1));
}

#[test]
fn the_policy_of_a_machine_says_what_a_call_over_http_takes() {
    let shown = world().run(&["policy", "state_machines.ask"]).ok();
    insta::assert_snapshot!(shown, @r#"
    CallOverHttp  `Ask` calls this API
      Action    states:InvokeHTTPEndpoint
      Resource  arn:aws:states:eu-west-1:000000000000:stateMachine:small-ask
      Condition {"StringLike":{"states:HTTPEndpoint":["https://films.example.com/first"],"states:HTTPMethod":["GET"]}}

    UseConnection  `Ask` calls over HTTP with this connection
      Action    events:RetrieveConnectionCredentials
      Resource  arn:aws:events:eu-west-1:000000000000:connection/films/7

    ReadConnectionSecret  `Ask` calls over HTTP with this connection
      Action    secretsmanager:DescribeSecret
                secretsmanager:GetSecretValue
      Resource  arn:aws:secretsmanager:eu-west-1:000000000000:secret:events!connection/films/*
    "#);
}

#[test]
fn an_endpoint_that_is_not_declared_is_warned_of() {
    let world = World::with_stack(&STACK.replace("https://films.example.com/*", "https://x.com/*"));
    let ran = world.run(&["validate"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for told in [
        "warning: the embedded cloud has no endpoint for https://films.example.com/first\n",
        "--> stack.toml:21:30\n",
        "^ `Ask` calls it\n",
        "help: declare it: [local.endpoints.NAME] url = \"https://films.example.com/*\" command = \"…\"",
    ] {
        assert!(ran.err.contains(told), "{told} in {}", ran.err);
    }
    let planned = world.run(&["plan"]);
    assert!(
        planned.err.contains("has no endpoint for"),
        "{}",
        planned.err
    );
    let on_aws = world.run(&["validate", "--target", "aws"]);
    assert_eq!(on_aws.err, "");
    world.run(&["up", "--yes"]).ok();
    let failed = world.run(&["run", "ask"]);
    assert_eq!(failed.code, 1);
    let told = "[local.endpoints.NAME] url = \"https://films.example.com/*\"";
    assert!(failed.err.contains(told), "{}", failed.err);
}

#[test]
fn a_mistake_in_an_endpoint_is_shown() {
    for (right, wrong, told) in [
        (
            "url = \"https://films",
            "url = \"http://films",
            "does not match ^https://.",
        ),
        (
            "endpoints.films",
            "endpoints.\"a b\"",
            "`a b` is no name of an endpoint",
        ),
        ("dir = ", "folder = ", "folder"),
        ("dir = ", "timeout_in_seconds = 61\ndir = ", "60"),
    ] {
        let ran = World::with_stack(&STACK.replacen(right, wrong, 1)).run(&["validate"]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains(told), "{}", ran.err);
    }
}

#[test]
fn mocks_answer_for_calls_of_an_api() {
    let world = world();
    let cases = r#"
machine = "ask"

[[case]]
name = "the film"
output = "Metropolis"
[case.mock.Ask]
return = { ResponseBody = { film = "Metropolis" }, StatusCode = 200 }
parameters = { ApiEndpoint = "https://films.example.com/first" }

[[case]]
name = "no film"
error = "States.Http.StatusCode.404"
[case.mock.Ask]
error = "States.Http.StatusCode.404"
cause = "Not Found"
"#;
    world.write("tests/ask.toml", cases);
    let out = world.run(&["test"]).ok();
    assert!(out.contains("✓ tests/ask.toml: the film"), "{out}");
    assert!(out.contains("✓ tests/ask.toml: no film"), "{out}");
}
