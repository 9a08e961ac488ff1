use crate::world::{SMALL, World};

#[test]
fn a_bucket_with_objects_stays_until_it_is_named() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    world.run(&["query", "SELECT 1"]).ok();
    let ran = world.run(&["destroy", "--yes"]);
    assert!(
        ran.out.contains("--force buckets.results"),
        "{}\n{}",
        ran.out,
        ran.err
    );
    let left = world.run(&["status", "--output", "json"]).json();
    let bucket = left["resources"]
        .as_array()
        .and_then(|list| list.iter().find(|r| r["address"] == "buckets.results"))
        .expect("it is listed");
    assert_eq!(bucket["state"], "in place");
    world
        .run(&[
            "destroy",
            "--yes",
            "--force",
            "buckets.results",
            "--force",
            "workgroups.main",
        ])
        .ok();
    let again = world.run(&["destroy", "--yes"]).ok();
    assert_eq!(again, "Nothing to delete: the stack owns nothing.\n");
}

#[test]
fn force_of_something_unknown_is_a_mistake() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    let ran = world.run(&["destroy", "--yes", "--force", "buckets.result"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("buckets.result"), "{}", ran.err);
}

#[test]
fn two_destroys_at_once_leave_nothing_and_fail_at_nothing() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    let start = || {
        world
            .command(&["destroy", "--yes"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary runs")
    };
    for child in [start(), start()] {
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
    let again = world.run(&["destroy", "--yes"]).ok();
    assert_eq!(again, "Nothing to delete: the stack owns nothing.\n");
}
