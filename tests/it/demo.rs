use crate::world::World;

#[test]
fn the_demo_does_the_whole_round_and_leaves_nothing() {
    let world = World::new();
    let ran = world.run(&["demo", "--dir", "lake"]);
    let err = ran.err.clone();
    let out = ran.ok();
    for step in [
        "$ athglue validate",
        "$ athglue plan",
        "$ athglue up --yes",
        "$ athglue crawl",
        "$ athglue query @strongest",
        "$ athglue run report",
        "$ athglue destroy --yes",
    ] {
        assert!(err.contains(step), "{step} is missing in\n{err}");
    }
    insta::assert_snapshot!(out);
    let left = world
        .run(&["status", "-C", "lake", "--output", "json"])
        .json();
    let left = left["resources"].as_array().expect("a list");
    assert!(left.iter().all(|r| r["state"] == "missing"), "{left:?}");
}

#[test]
fn a_folder_that_is_in_use_is_not_written_over() {
    let world = World::with_stack("# mine");
    let ran = world.run(&["demo", "--dir", "."]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("stack.toml is there already"),
        "{}",
        ran.err
    );
    let kept = std::fs::read_to_string(world.path().join("stack.toml")).expect("it is there");
    assert_eq!(kept, "# mine");
}
