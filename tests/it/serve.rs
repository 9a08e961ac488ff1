use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::world::{SMALL, World};

/// A served cloud, ended with the test.
pub struct Served(Child, pub String);

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves on a port of its own; the second part is its URL.
pub fn serve(world: &World) -> Served {
    let mut child = world
        .command(&["local", "serve", "--port", "0", "--data-dir", "served"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it has a stdout");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let url = line.trim().strip_prefix("Ready on ").expect("it is ready");
    let url = url.to_owned();
    Served(child, url)
}

#[test]
fn a_served_cloud_is_a_target_like_any_endpoint() {
    let world = World::with_stack(SMALL);
    let served = serve(&world);
    let target = ["--target", &served.1];
    world.run(&[&["up", "--yes"][..], &target].concat()).ok();
    let plan = [&["plan", "--detailed-exitcode"][..], &target].concat();
    assert_eq!(world.run(&plan).code, 0);
    let out = world
        .command(&["query", "-q", "@one", "--format", "csv"])
        .env("AWS_ENDPOINT_URL", &served.1)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .output()
        .expect("the binary runs");
    assert_eq!(
        String::from_utf8_lossy(&out.stdout),
        "one\n1\n",
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
}

#[test]
fn the_environment_that_is_printed_leads_to_the_region_of_the_stack() {
    let world = World::with_stack(SMALL);
    let mut child = world
        .command(&["local", "serve", "--port", "0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let stderr = child.stderr.take().expect("it has a stderr");
    let _served = Served(child, String::new());
    let lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let mut told = lines.take_while(|line| !line.starts_with("Its data"));
    let region = told.find(|line| line.contains("AWS_REGION"));
    assert_eq!(
        region.as_deref(),
        Some("export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1")
    );
    assert_eq!(
        told.next().as_deref(),
        Some("export AWS_DISABLE_HOST_PREFIX_INJECTION=true")
    );
}

const EXPRESS: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[state_machines.quick]
type = "EXPRESS"
[state_machines.quick.definition]
StartAt = "Echo"
States.Echo = { Type = "Pass", End = true }
"#;

#[test]
fn an_express_machine_runs_on_an_endpoint_whoever_names_it() {
    let world = World::with_stack(EXPRESS);
    let served = serve(&world);
    let target = ["--target", &served.1];
    world.run(&[&["up", "--yes"][..], &target].concat()).ok();
    let run = ["run", "quick", "--output", "json"];
    let ran = world.run(&[&run[..], &target].concat());
    assert_eq!(ran.json()["status"], "SUCCEEDED");
    // By the service's own variable, and by that of all services.
    for name in ["AWS_ENDPOINT_URL_SFN", "AWS_ENDPOINT_URL"] {
        let mut command = world.command(&[&run[..], &["--target", "aws"]].concat());
        command
            .env("AWS_ENDPOINT_URL", &served.1)
            .env(name, &served.1)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        let out = command.output().expect("the binary runs");
        assert!(
            out.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
}

#[test]
fn a_second_process_works_on_the_same_store_while_it_is_served() {
    let world = World::with_stack(SMALL);
    let served = serve(&world);
    let own = ["--data-dir", "served"];
    world.run(&[&["up", "--yes"][..], &own].concat()).ok();
    let plan = ["plan", "--detailed-exitcode", "--target", &served.1];
    assert_eq!(world.run(&plan).code, 0);
}

const LONG: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[state_machines.long.definition]
StartAt = "Wait"
States.Wait = { Type = "Wait", Seconds = 600, End = true }
"#;

#[test]
fn mocks_of_a_state_that_no_machine_has_are_warned_of() {
    let world = World::with_stack(LONG);
    world.write(
        "mocks.json",
        r#"{"StateMachines": {"long": {"TestCases": {"Happy": {"Wiat": "Done"}}}},
            "MockedResponses": {"Done": {"0": {"Return": 1}}}}"#,
    );
    let mut child = world
        .command(&["local", "serve", "--port", "0", "--mocks", "mocks.json"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let stderr = child.stderr.take().expect("it has a stderr");
    let _served = Served(child, String::new());
    let lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let told: Vec<String> = lines
        .take_while(|line| !line.starts_with("Its data"))
        .collect();
    let expected = "long has no state `Wiat`, which `Happy` mocks";
    assert!(told.iter().any(|line| line.contains(expected)), "{told:?}");
}

#[test]
fn what_is_not_waited_for_is_run_by_the_process_that_serves_the_folder() {
    let world = World::with_stack(LONG);
    let _served = serve(&world);
    let own = ["--data-dir", "served"];
    let here = |arguments: &[&str]| world.run(&[arguments, &own[..]].concat());
    here(&["up", "--yes"]).ok();
    let ran = here(&["run", "long", "--no-wait"]);
    assert!(!ran.err.contains("runs in this process"), "{}", ran.err);
    let arn = ran.ok();
    let show = ["executions", "show", arn.trim(), "--output", "json"];
    assert_eq!(here(&show).json()["status"], "RUNNING");
    here(&["executions", "stop", arn.trim()]).ok();
    let again = here(&["executions", "redrive", arn.trim(), "--no-wait"]).ok();
    assert_eq!(again, arn);
    assert_eq!(here(&show).json()["status"], "RUNNING");
    here(&["executions", "stop", arn.trim()]).ok();
}
