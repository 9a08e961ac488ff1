//! `local reset`, and what it leaves.

use crate::serve::serve;
use crate::world::{SMALL, World};

#[test]
fn a_reset_leaves_nothing_of_the_embedded_cloud() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    let out = world.run(&["local", "reset", "--yes"]).ok();
    assert!(out.starts_with("Deleted ./.athglue ("), "{out}");
    assert!(!world.path().join(".athglue").exists());
    let out = world.run(&["local", "reset", "--yes"]).ok();
    assert!(out.contains("is not there"), "{out}");
}

#[test]
fn a_reset_leaves_what_else_is_in_the_folder() {
    let world = World::with_stack(SMALL);
    world.write(".gitignore", "target\n");
    world.write("films/a.csv", "id\n1\n");
    let here = ["--data-dir", "."];
    world.run(&[&["up", "--yes"][..], &here].concat()).ok();
    assert!(world.path().join("cloud.sqlite").exists());
    let out = world.run(&[&["local", "reset", "--yes"][..], &here].concat());
    let out = out.ok();
    assert!(out.contains("what else is in the folder stays"), "{out}");
    let left = std::fs::read_dir(world.path()).expect("a folder");
    let mut left: Vec<_> = left.map(|e| e.expect("an entry").file_name()).collect();
    left.sort();
    assert_eq!(left, [".gitignore", "films", "stack.toml"]);
}

#[test]
fn nothing_is_reset_while_it_is_served() {
    let world = World::with_stack(SMALL);
    let served = serve(&world);
    world.run(&["up", "--yes", "--target", &served.1]).ok();
    let reset = ["local", "reset", "--yes", "--data-dir", "served"];
    let ran = world.run(&reset);
    assert_eq!(ran.code, 1, "{}", ran.out);
    for words in [
        "served is in use, and nothing was deleted",
        &format!("`athglue local serve` at {}", served.1),
        "help: end it first",
    ] {
        assert!(
            ran.err.contains(words),
            "{words} is missing in\n{}",
            ran.err
        );
    }
    let plan = ["plan", "--detailed-exitcode", "--target", &served.1];
    assert_eq!(world.run(&plan).code, 0);
    // Killed, it leaves its lease and its sign.
    drop(served);
    world.run(&reset).ok();
    assert!(!world.path().join("served").exists());
}
