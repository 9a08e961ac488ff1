use std::process::Stdio;

use crate::world::{SMALL, World};

/// What a shell is offered for the last of these words beside a small stack, in alphabetical order.
fn offered(words: &[&str]) -> Vec<String> {
    offered_in(&World::with_stack(SMALL), words)
}

/// The same in the folder of this world.
fn offered_in(world: &World, words: &[&str]) -> Vec<String> {
    let output = world
        .command(&[&["--", "athglue"][..], words].concat())
        .env("COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
        .output()
        .expect("the binary runs");
    let offered = String::from_utf8_lossy(&output.stdout);
    let mut offered: Vec<String> = offered.lines().map(str::to_owned).collect();
    offered.sort();
    offered
}

#[test]
fn a_shell_completes_names_of_the_stack() {
    assert_eq!(offered(&["query", "@"]), ["@one"]);
    assert_eq!(offered(&["query", "-d", ""]), ["lake"]);
    assert_eq!(offered(&["query", "-w", ""]), ["main", "primary"]);
    assert_eq!(offered(&["plan", "--target", ""]), ["aws", "local"]);
    assert_eq!(offered(&["plan", "--target", "a"]), ["aws"]);
}

#[test]
fn a_shell_completes_names_of_the_stack_that_the_line_names() {
    let world = World::with_stack(SMALL);
    let other = "[stack]\nname = \"other\"\n\n[databases.pond]\n";
    world.write("other/stack.toml", other);
    for line in [
        ["query", "-C", "other", "-d", ""],
        ["-C", "other", "query", "-d", ""],
        ["query", "--file", "other/stack.toml", "-d", ""],
    ] {
        assert_eq!(offered_in(&world, &line), ["pond"], "{line:?}");
    }
    let joined = ["query", "--file=other", "-d", ""];
    assert_eq!(offered_in(&world, &joined), ["pond"]);
    assert_eq!(offered_in(&world, &["query", "-d", ""]), ["lake"]);
    // A folder without a stack has nothing to offer.
    let nowhere = ["-C", "nowhere", "query", "-d", ""];
    assert!(offered_in(&world, &nowhere).is_empty());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let world = World::new();
    let mut child = world
        .command(&["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    let err = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{err}");
    assert_eq!(err, "");
}

#[test]
fn a_pipe_gets_no_colour_unless_it_is_asked_for() {
    let world = World::with_stack(SMALL);
    assert!(!world.run(&["plan"]).ok().contains('\u{1b}'));
    let colored = world.run(&["plan", "--color", "always"]).ok();
    assert!(colored.contains('\u{1b}'));
}
