use crate::world::{Ran, SMALL, World};

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
    insta::assert_snapshot!(refused.err, @r"
    error: databases.strange: `strange` exists already and was not made by this stack
      --> stack.toml:14:12
       |
    14 | [databases.strange]
       |            ^^^^^^^ is not this stack's
       |
    help: give this one another `name`, or take the other over with `adopt = true` or --adopt databases.strange
    ");
    let adopt = ["--adopt", "databases.strange"];
    let plan = world.run(&[&["plan"][..], &adopt].concat()).ok();
    insta::assert_snapshot!(plan, @r#"
    ~ databases.lake     small_lake
        description: "Films" → "All films"
    + databases.new      small_new
    @ databases.strange  strange
        it is there already, and becomes this stack's with what is in it
        description: unset → "Ours now"
    ~ workgroups.main    small-main
        results: "s3://small-old-000000000000/athena/" → "s3://small-results-000000000000/athena/"
    ∓ queries.one        small-one
        database cannot change in place
        database: "small_lake" → "small_other"  (needs a new one)
    ! buckets.old        small-old-000000000000
        no longer in stack.toml; it holds 2 objects that are not of this stack; --force buckets.old deletes it all the same
    - queries.two        small-two
        no longer in stack.toml

    Plan: 1 to create, 1 to take over, 2 to change, 1 to replace, 1 to delete, 1 kept, 2 unchanged.
    "#);
    world.run(&[&["up", "--yes"][..], &adopt].concat()).ok();
    // What is kept is no change, and what was taken over is ours.
    let again = world.run(&["plan", "--detailed-exitcode"]);
    insta::assert_snapshot!(again.ok(), @r"
    ! buckets.old  small-old-000000000000
        no longer in stack.toml; it holds 2 objects that are not of this stack; --force buckets.old deletes it all the same

    Plan: 1 kept, 7 unchanged.
    ");
}

#[test]
fn a_saved_plan_is_carried_out_once_and_refused_when_something_moved() {
    let world = World::with_stack(SMALL);
    let saved = world.run(&["plan", "--save", "films.plan"]);
    assert!(saved.err.contains("athglue up films.plan"), "{}", saved.err);
    world.run(&["up", "films.plan", "--yes"]).ok();
    let again = world.run(&["up", "films.plan", "--yes"]);
    assert_eq!(again.code, 1);
    insta::assert_snapshot!(again.err, @r"
    error: films.plan is no longer what `up` would do, and was not carried out:
      buckets.results: is there now
      databases.lake: is there now
      queries.one: is there now
      workgroups.main: is there now
      help: plan anew: athglue plan --save films.plan
    ");
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
    insta::assert_snapshot!(world.run(&["plan"]).ok(), @r#"
    + databases.lake  small_lake
    + queries.one     small-one
        database = "small_lake"
        sql = "SELECT 1 AS one"

    Plan: 2 to create, 2 unchanged.
    "#);
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
    insta::assert_snapshot!(unknown.err, @r"
    error: databases.lak: the stack has no such resource
      help: did you mean databases.lake?
    ");
}

#[test]
fn orphans_stay_with_keep_orphans() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    let without = SMALL.split("[queries.one]").next().expect("a part");
    world.write("stack.toml", without);
    let keep = ["plan", "--detailed-exitcode", "--keep-orphans"];
    insta::assert_snapshot!(world.run(&keep).ok(), @r"
    ! queries.one  small-one
        no longer in stack.toml

    Plan: 1 kept, 3 unchanged.
    ");
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
    let lake = status["resources"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["address"] == "databases.lake"));
    let fields = lake.expect("it is there")["fields"].as_array();
    let description = fields.and_then(|fields| fields.iter().find(|f| f["path"] == "description"));
    assert_eq!(description.expect("it is there")["wanted"], "All films");
}

#[test]
fn a_glob_gives_the_same_keys_wherever_it_is_asked_from() {
    for from in [
        "data/*.csv",
        "./data/*.csv",
        "data/../data/*.csv",
        "../other/*.csv",
    ] {
        let world = World::new();
        let stack = r#"
            [stack]
            name = "globs"
            region = "eu-west-1"
            [buckets.b]
            [uploads.d]
            from = "FROM"
            to = "s3://${buckets.b}/t/"
        "#;
        world.write("here/stack.toml", &stack.replace("FROM", from));
        world.write("here/data/x.csv", "a,b\n1,2\n");
        world.write("other/x.csv", "a,b\n1,2\n");
        let above = world.run(&["plan", "-C", "here"]).ok();
        let mut inside = world.command(&["plan"]);
        inside.current_dir(world.path().join("here"));
        let inside = Ran::of(inside.output().expect("the binary runs")).ok();
        assert!(above.contains("t/x.csv"), "{from}: {above}");
        assert_eq!(above, inside, "{from}");
    }
}

#[test]
fn the_name_of_a_file_does_not_write_to_the_terminal() {
    let world = World::with_stack(
        r#"
        [stack]
        name = "odd"
        region = "eu-west-1"
        [buckets.b]
        [uploads.d]
        from = "data/"
        to = "s3://${buckets.b}/t/"
        "#,
    );
    world.write("data/\u{1b}[31mred\u{7}.csv", "a\n");
    let plan = world.run(&["plan"]).ok();
    assert!(plan.contains("·[31mred·.csv"), "{plan}");
}

#[test]
fn a_plan_that_was_saved_is_carried_out_without_a_question() {
    let world =
        World::with_stack("[stack]\nname = \"asks\"\nregion = \"eu-west-1\"\n[buckets.b]\n");
    world.run(&["plan", "--save", "seen"]).ok();
    world.run(&["up", "seen"]).ok();
    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 0);
}
