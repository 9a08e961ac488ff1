//! A reader of stdout that goes away, as `head -1` does, stops what is printed and nothing else.

use std::process::Stdio;

use crate::world::{Ran, SMALL, World};

/// Runs with a stdout that nobody reads.
fn run_unread(world: &World, arguments: &[&str], chaos: Option<&str>) -> Ran {
    let mut command = world.command(arguments);
    if let Some(rules) = chaos {
        command.env("ATHGLUE_CHAOS", world.write("chaos.toml", rules));
    }
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = command.stdout(writer).stderr(Stdio::piped()).output();
    Ran::of(output.expect("the binary runs"))
}

#[test]
fn up_is_done_though_nobody_reads_its_plan() {
    let world = World::with_stack(SMALL);
    run_unread(&world, &["up", "--yes"], None).ok();
    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 0);
    run_unread(&world, &["destroy", "--yes"], None).ok();
    assert!(
        world
            .run(&["destroy"])
            .ok()
            .starts_with("Nothing to delete")
    );
}

#[test]
fn a_failure_is_told_by_the_exit_code_though_nobody_reads_the_report() {
    let world = World::with_stack(SMALL);
    let rules = "[[rules]]\ncalls = \"glue:CreateDatabase\"\nfault = \"fail\"\nstatus = 400\n";
    let ran = run_unread(&world, &["up", "--yes", "--output", "json"], Some(rules));
    assert_eq!(ran.code, 1, "{}", ran.err);
}

#[test]
fn a_plan_is_saved_and_its_exit_code_given_though_nobody_reads_it() {
    let world = World::with_stack(SMALL);
    let ran = run_unread(&world, &["plan", "--detailed-exitcode"], None);
    assert_eq!(ran.code, 2, "{}", ran.err);
    run_unread(&world, &["plan", "--save", "it.plan"], None).ok();
    world.run(&["up", "--yes", "it.plan"]).ok();
    // What only prints ends quietly.
    run_unread(&world, &["status"], None).ok();
}
