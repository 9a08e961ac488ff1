use crate::world::{SMALL, World};

/// A stack in which the next one meets every action.
const BEFORE: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[buckets.results]
[buckets.old]

[databases.lake]
description = "Films"

[databases.other]

[workgroups.main]
results = "s3://${buckets.old}/athena/"

[queries.one]
database = "${databases.lake}"
workgroup = "${workgroups.main}"
sql = "SELECT 1 AS one"

[queries.two]
database = "${databases.lake}"
workgroup = "${workgroups.main}"
sql = "SELECT 2 AS two"
"#;

const AFTER: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[buckets.results]

[databases.lake]
description = "All films"

[databases.other]
[databases.new]

[databases.strange]
name = "strange"
description = "Ours now"

[workgroups.main]
results = "s3://${buckets.results}/athena/"

[queries.one]
database = "${databases.other}"
workgroup = "${workgroups.main}"
sql = """
SELECT 1 AS one
"""
"#;

#[test]
fn the_screen_of_a_plan_with_every_action() {
    let world = World::with_stack(BEFORE);
    world.run(&["up", "--yes"]).ok();
    // Its result is an object in the old bucket that nobody's stack put there.
    world.run(&["query", "CREATE DATABASE strange"]).ok();
    world.write("stack.toml", AFTER);
    let refused = world.run(&["plan"]);
    assert_eq!(refused.code, 1);
    insta::assert_snapshot!(refused.err, @"");
    let adopt = ["--adopt", "databases.strange"];
    let plan = world.run(&[&["plan"][..], &adopt].concat()).ok();
    insta::assert_snapshot!(plan, @"");
    world.run(&[&["up", "--yes"][..], &adopt].concat()).ok();
    // What is kept is no change, and what was taken over is ours.
    let again = world.run(&["plan", "--detailed-exitcode"]);
    insta::assert_snapshot!(again.ok(), @"");
}

#[test]
fn a_saved_plan_is_carried_out_once_and_refused_when_something_moved() {
    let world = World::with_stack(SMALL);
    let saved = world.run(&["plan", "--save", "films.plan"]);
    assert!(saved.err.contains("athglue up films.plan"), "{}", saved.err);
    world.run(&["up", "films.plan", "--yes"]).ok();
    let again = world.run(&["up", "films.plan", "--yes"]);
    assert_eq!(again.code, 1);
    insta::assert_snapshot!(again.err, @"");
    world.run(&["plan", "--save", "films.plan"]).ok();
    world.write(
        "stack.toml",
        &SMALL.replace("SELECT 1 AS one", "SELECT 2 AS two"),
    );
    let moved = world.run(&["up", "films.plan", "--yes"]);
    assert_eq!(moved.code, 1);
    assert!(
        moved.err.contains("queries.one: sql changed in stack.toml"),
        "{}",
        moved.err
    );
}

#[test]
fn a_saved_plan_keeps_its_bounds() {
    let world = World::with_stack(SMALL);
    let only = ["plan", "--only", "databases.lake", "--save", "films.plan"];
    world.run(&only).ok();
    world.run(&["up", "films.plan", "--yes"]).ok();
    let rest = world.run(&["plan", "--output", "json"]).json();
    assert_eq!(rest["summary"]["create"], 3, "{rest}");
    assert_eq!(rest["summary"]["unchanged"], 1, "{rest}");
    let both = world.run(&["up", "films.plan", "--only", "databases.lake"]);
    assert_eq!(both.code, 2);
}

#[test]
fn only_takes_what_it_needs_along() {
    let world = World::with_stack(SMALL);
    world
        .run(&["up", "--yes", "--only", "workgroups.main"])
        .ok();
    insta::assert_snapshot!(world.run(&["plan"]).ok(), @"");
    world.run(&["up", "--yes"]).ok();
    let destroy = [
        "destroy",
        "--yes",
        "--only",
        "databases.lake",
        "--output",
        "json",
    ];
    let ran = world.run(&destroy).json();
    let done = ran["outcome"]["done"].as_array().expect("a list");
    let done: Vec<&str> = done.iter().filter_map(|d| d["address"].as_str()).collect();
    assert_eq!(done, ["queries.one", "databases.lake"]);
    let unknown = world.run(&["plan", "--only", "databases.lak"]);
    assert_eq!(unknown.code, 1);
    insta::assert_snapshot!(unknown.err, @"");
}

#[test]
fn orphans_stay_with_keep_orphans() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    let without = SMALL.split("[queries.one]").next().expect("a part");
    world.write("stack.toml", without);
    let keep = ["plan", "--detailed-exitcode", "--keep-orphans"];
    insta::assert_snapshot!(world.run(&keep).ok(), @"");
}

#[test]
fn status_all_shows_what_nobody_manages_and_what_differs() {
    let world = World::with_stack(BEFORE);
    world.run(&["up", "--yes"]).ok();
    world.write("stack.toml", &BEFORE.replace("\"Films\"", "\"All films\""));
    let status = world.run(&["status", "--all"]).ok();
    assert!(
        status.contains("description = \"Films\", and stack.toml says \"All films\""),
        "{status}"
    );
    assert!(status.contains("(not managed)"), "{status}");
    let status = world.run(&["status", "--all", "--output", "json"]).json();
    let lake = status
        .as_array()
        .and_then(|all| all.iter().find(|one| one["address"] == "databases.lake"));
    let fields = lake.expect("it is there")["fields"].as_array();
    let description = fields.and_then(|fields| fields.iter().find(|f| f["path"] == "description"));
    assert_eq!(description.expect("it is there")["wanted"], "All films");
}
