//! The embedded cloud that misbehaves, and an `up` that ends well all the same.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use crate::kill::every_kind;
use crate::state;
use crate::world::{Ran, SMALL, World};

/// Runs under the rules of a chaos file.
fn run_with(world: &World, rules: &str, arguments: &[&str]) -> Ran {
    let file = world.write("chaos.toml", rules);
    let mut command = world.command(arguments);
    command.env("ATHGLUE_CHAOS", file);
    Ran::of(command.output().expect("the binary runs"))
}

fn data_dir(world: &World) -> std::path::PathBuf {
    world.path().join(".athglue")
}

/// How many seeds are tried, some at a time: as many as `ATHGLUE_SEEDS` says.
fn seeds() -> usize {
    let given = std::env::var("ATHGLUE_SEEDS");
    given.map_or(3, |seeds| seeds.parse().expect("a number of seeds"))
}

/// Under these rules, whatever the seed, `up` of a stack of every kind ends where it ends without.
#[track_caller]
fn up_ends_well(rules: &str) {
    up_of_ends_well(every_kind, rules);
}

#[track_caller]
fn up_of_ends_well(stack: fn() -> World, rules: &str) {
    let undisturbed = stack();
    undisturbed.run(&["up", "--yes"]).ok();
    let wanted = state::of(&data_dir(&undisturbed));
    let seeds: Vec<usize> = (1..=seeds()).collect();
    for some in seeds.chunks(5) {
        std::thread::scope(|scope| {
            for seed in some {
                let wanted = &wanted;
                scope.spawn(move || {
                    let world = stack();
                    let rules = format!("seed = {seed}\nlog = \"calls.log\"\n{rules}");
                    run_with(&world, &rules, &["up", "--yes"]).ok();
                    let difference = state::difference(wanted, &state::of(&data_dir(&world)));
                    assert_eq!(difference, "", "seed {seed}");
                    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 0);
                });
            }
        });
    }
}

#[test]
fn up_of_the_example_ends_well_with_a_third_of_all_calls_throttled_or_failing() {
    let rules = "[[rules]]\nshare = 0.15\nfault = \"throttle\"\n\n[[rules]]\nshare = 0.15\nfault = \"fail\"\n";
    up_of_ends_well(World::with_example, rules);
}

#[test]
fn up_ends_well_with_a_third_of_all_calls_throttled() {
    up_ends_well("[[rules]]\nshare = 0.3\nfault = \"throttle\"\n");
}

#[test]
fn up_ends_well_with_a_third_of_all_calls_failing() {
    up_ends_well("[[rules]]\nshare = 0.3\nfault = \"fail\"\n");
}

#[test]
fn up_ends_well_with_a_third_of_all_calls_failing_after_their_effect() {
    up_ends_well("[[rules]]\nshare = 0.3\nfault = \"fail\"\nwhen = \"after\"\n");
}

#[test]
fn up_ends_well_with_a_third_of_all_answers_lost() {
    up_ends_well("[[rules]]\nshare = 0.3\nfault = \"lose\"\n");
}

#[test]
fn up_waits_for_roles_that_are_not_known_everywhere_yet() {
    up_ends_well("[[rules]]\nfault = \"new-role\"\ntime = \"3s\"\n");
}

#[test]
fn up_ends_well_while_reads_are_old() {
    up_ends_well("[[rules]]\nfault = \"stale\"\ntime = \"1s\"\n");
}

#[test]
fn a_call_that_always_fails_is_shown_as_the_service_words_it() {
    let world = World::with_stack(SMALL);
    let rules = r#"
        [[rules]]
        calls = "glue:CreateDatabase"
        fault = "fail"
        code = "ResourceNumberLimitExceededException"
        status = 400
        message = "Number of databases exceeds the account limit"
    "#;
    let ran = run_with(&world, rules, &["up", "--yes"]);
    assert_eq!(ran.code, 1);
    for words in [
        "the embedded cloud misbehaves as",
        "databases.lake",
        "ResourceNumberLimitExceededException",
        "Number of databases exceeds the account limit",
    ] {
        assert!(
            ran.err.contains(words),
            "{words} is missing in\n{}",
            ran.err
        );
    }
    // What does not depend on it is done.
    assert!(ran.err.contains("buckets.results"), "{}", ran.err);
    world.run(&["up", "--yes"]).ok();
}

#[test]
fn a_delay_takes_its_time() {
    let world = World::with_stack(SMALL);
    let rules = "[[rules]]\ncalls = \"glue:*\"\nfault = \"delay\"\ntime = \"700ms\"\n";
    let started = Instant::now();
    run_with(&world, rules, &["plan"]).ok();
    assert!(started.elapsed().as_millis() >= 700);
}

#[test]
fn a_chaos_file_with_a_mistake_is_refused_with_its_place() {
    let world = World::with_stack(SMALL);
    let ran = run_with(&world, "[[rules]]\nfault = \"explode\"\n", &["plan"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("chaos.toml is not right"), "{}", ran.err);
    assert!(ran.err.contains("line 2"), "{}", ran.err);
    let ran = run_with(
        &world,
        "[[rules]]\nfault = \"exit\"\ntime = \"1s\"\n",
        &["plan"],
    );
    assert!(ran.err.contains("no key `time`"), "{}", ran.err);
}

/// A served cloud, ended with the test.
struct Served(Child, String);

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(world: &World, chaos: &Path) -> Served {
    let chaos = chaos.to_str().expect("a name");
    let mut child = world
        .command(&[
            "local",
            "serve",
            "--port",
            "0",
            "--data-dir",
            "served",
            "--chaos",
            chaos,
        ])
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
fn a_served_cloud_misbehaves_towards_every_client() {
    let world = World::with_stack(SMALL);
    let rules = "log = \"calls.log\"\n[[rules]]\nshare = 0.2\nfault = \"lose\"\n\n[[rules]]\nshare = 0.2\nfault = \"throttle\"\n";
    let served = serve(&world, &world.write("chaos.toml", rules));
    world.run(&["up", "--yes", "--target", &served.1]).ok();
    let log = std::fs::read_to_string(world.path().join("calls.log")).expect("a log");
    assert!(log.contains(" lost\n"), "{log}");
    assert!(log.contains("glue:CreateDatabase"), "{log}");
    assert!(log.contains("s3:CreateBucket"), "{log}");
    drop(served);
    let plan = ["plan", "--detailed-exitcode", "--data-dir", "served"];
    assert_eq!(world.run(&plan).code, 0);
}
