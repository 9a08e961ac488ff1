use crate::run::machines;
use crate::world::World;

#[test]
fn a_machine_of_the_stack_is_drawn_without_a_cloud() {
    let world = World::with_example();
    insta::assert_snapshot!(world.run(&["graph", "report"]).ok(), @r"");
    assert!(!world.path().join(".athglue").exists());
}

#[test]
fn a_file_is_drawn_in_every_form() {
    let world = machines();
    let mermaid = ["graph", "asl/count.asl.json", "--format", "mermaid"];
    insta::assert_snapshot!(world.run(&mermaid).ok(), @r"");
    world.run(&["graph", "count", "-o", "count.svg"]).ok();
    let svg = std::fs::read_to_string(world.path().join("count.svg")).expect("it is written");
    assert!(
        svg.starts_with("<svg ") && svg.contains(">Double</text>"),
        "{svg}"
    );
}

#[test]
fn what_is_no_machine_is_refused_by_name() {
    let world = machines();
    let ran = world.run(&["graph", "cuont"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("did you mean `count`?"), "{}", ran.err);
    world.write("no.json", "{}");
    let ran = world.run(&["graph", "no.json"]);
    assert!(ran.err.contains("it has no States"), "{}", ran.err);
}
