use crate::world::{SMALL, World};

#[test]
fn a_second_up_changes_nothing() {
    let world = World::with_example();
    world.run(&["up", "--yes"]).ok();
    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 0);
    let again = world.run(&["up", "--yes", "--output", "json"]).json();
    assert_eq!(again["mutating_calls"], serde_json::json!({}), "{again}");
    assert_eq!(again["outcome"]["done"], serde_json::json!([]));
}

#[test]
fn the_plan_shows_what_up_would_make() {
    let world = World::with_stack(SMALL);
    insta::assert_snapshot!(world.run(&["plan"]).ok(), @r#"
    + buckets.results  small-results-000000000000
    + databases.lake   small_lake
    + workgroups.main  small-main
        results = "s3://small-results-000000000000/athena/"
    + queries.one      small-one
        database = "small_lake"
        sql = "SELECT 1 AS one"

    Plan: 4 to create.
    "#);
    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 2);
}

#[test]
fn a_changed_key_is_shown_old_and_new_and_changed_in_place() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    world.write(
        "stack.toml",
        &SMALL.replace("SELECT 1 AS one", "SELECT 2 AS two"),
    );
    insta::assert_snapshot!(world.run(&["plan"]).ok(), @r#"
    ~ queries.one  small-one
        sql: "SELECT 1 AS one" → "SELECT 2 AS two"

    Plan: 1 to change, 3 unchanged.
    "#);
    world.run(&["up", "--yes"]).ok();
    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn without_a_terminal_nothing_is_changed_unless_yes_is_said() {
    let world = World::with_stack(SMALL);
    let ran = world.run(&["up"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("--yes"), "{}", ran.err);
    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 2);
}

#[test]
fn what_another_stack_made_is_refused_by_name() {
    let world = World::with_stack(
        "[stack]\nname = \"one\"\nregion = \"eu-west-1\"\n[buckets.data]\nname = \"shared-bucket\"\n",
    );
    world.run(&["up", "--yes"]).ok();
    world.write(
        "stack.toml",
        "[stack]\nname = \"two\"\nregion = \"eu-west-1\"\n[buckets.data]\nname = \"shared-bucket\"\n",
    );
    let ran = world.run(&["up", "--yes"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: buckets.data: `shared-bucket` exists already and belongs to the stack `one`
     --> stack.toml:4:10
      |
    4 | [buckets.data]
      |          ^^^^ is not this stack's
      |
    help: give this one another `name`, or delete the other
    ");
}

#[test]
fn what_is_taken_out_of_the_file_is_deleted() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    let without = SMALL.split("[queries.one]").next().expect("a part");
    world.write("stack.toml", without);
    let plan = world.run(&["plan", "--output", "json"]).json();
    assert_eq!(plan["summary"]["delete"], 1, "{plan}");
    world.run(&["up", "--yes"]).ok();
    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 0);
}

/// What a failed `up` says, without what differs from run to run.
fn steady(text: &str) -> String {
    let times = regex::Regex::new(r"\d+(\.\d+)? (s|min)\b").expect("a pattern");
    let requests = regex::Regex::new(r"request [0-9A-Za-z/+=-]+").expect("a pattern");
    let text = times.replace_all(text, "TIME");
    requests.replace_all(&text, "request ID").into_owned()
}

#[test]
fn the_screen_of_a_failed_up() {
    let world = World::with_stack(&format!(
        r#"{SMALL}
[uploads.lost]
from = "data/"
to = "s3://nowhere-at-all/films/"

[queries.after]
database = "${{databases.lake}}"
workgroup = "${{workgroups.main}}"
sql = "SELECT '${{uploads.lost}}'"
"#
    ));
    world.write("data/a.csv", "title\nAlien\n");
    let ran = world.run(&["up", "--yes", "--parallelism", "1"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(steady(&ran.err), @r"
    + buckets.results created  TIME
    + databases.lake  created  TIME
    + workgroups.main created  TIME
    ✗ uploads.lost    not created: NoSuchBucket  TIME
    + queries.one     created  TIME
    error: uploads.lost: PutObject failed with NoSuchBucket: The specified bucket does not exist
      --> stack.toml:18:10
       |
    18 | [uploads.lost]
       |          ^^^^ was not created, after TIME
       |
    help: what it needs is not there: write ${KIND.ID} for what this stack makes, so that it is made first

    Not tried:
      + queries.after: uploads.lost failed

    4 done, 1 failed, 1 not tried in TIME.
    What is done stays done: run it again to go on.
    ");
    let report = world.run(&["up", "--yes", "--output", "json"]);
    assert_eq!(report.code, 1);
    let report: serde_json::Value = serde_json::from_str(&report.out).expect("JSON");
    assert_eq!(
        report["outcome"]["failed"][0]["error"]["code"],
        "NoSuchBucket"
    );
    assert_eq!(report["outcome"]["skipped"][0]["address"], "queries.after");
}

#[test]
fn two_ups_at_once_end_in_the_state_of_one() {
    let world = World::with_stack(SMALL);
    let start = || {
        world
            .command(&["up", "--yes"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary runs")
    };
    let both = [start(), start()];
    for child in both {
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
    let plan = world.run(&["plan", "--detailed-exitcode"]).ok();
    assert_eq!(plan, "No changes: 4 resources as stack.toml says.\n");
    // Nothing is there twice: one destroy leaves nothing.
    world.run(&["destroy", "--yes"]).ok();
    let again = world.run(&["destroy", "--yes"]).ok();
    assert_eq!(again, "Nothing to delete: the stack owns nothing.\n");
}

#[test]
fn status_shows_what_is_a_strangers_and_all_the_rest() {
    let world = World::with_stack(
        "[stack]\nname = \"one\"\nregion = \"eu-west-1\"\n[databases.a]\nname = \"shared\"\n",
    );
    world.run(&["up", "--yes"]).ok();
    world.write(
        "stack.toml",
        "[stack]\nname = \"two\"\nregion = \"eu-west-1\"\n[databases.a]\nname = \"shared\"\n[databases.b]\n",
    );
    insta::assert_snapshot!(world.run(&["status"]).ok(), @r"
    ┌─────────────┬────────┬─────────────────────────────────────────────┐
    │ address     ┆ name   ┆ state                                       │
    ╞═════════════╪════════╪═════════════════════════════════════════════╡
    │ databases.a ┆ shared ┆ a stranger's: it belongs to the stack `one` │
    │ databases.b ┆ two_b  ┆ missing                                     │
    └─────────────┴────────┴─────────────────────────────────────────────┘
    ");
    let told = world.run(&["status", "--output", "json"]).json();
    let stranger = &told["resources"][0];
    assert_eq!(stranger["state"], "a stranger's");
    assert_eq!(stranger["reason"], "belongs to the stack `one`");
    assert_eq!(told["warnings"], serde_json::json!([]));
}

#[test]
fn the_pauses_after_a_throttled_call_count_as_waited() {
    let world = World::with_stack(SMALL);
    world.write(
        "chaos.toml",
        "[[rules]]\ncalls = \"glue:CreateDatabase\"\nnth = [1, 2]\nfault = \"throttle\"\n",
    );
    let output = world
        .command(&["up", "--yes", "--output", "json"])
        .env("ATHGLUE_CHAOS", "chaos.toml")
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("of it waiting: CreateDatabase was put off by the service"),
        "{said}"
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let done = report["outcome"]["done"].as_array().expect("a list");
    let waited = |address: &str| {
        let found = done.iter().find(|done| done["address"] == address);
        found.expect("it is done")["waited_seconds"].as_f64()
    };
    assert!(waited("databases.lake") > Some(0.0));
    assert_eq!(waited("buckets.results"), Some(0.0));
}

#[test]
fn a_quiet_up_prints_nothing_but_its_outputs() {
    let world = World::with_stack(SMALL);
    let ran = world.run(&["up", "--yes", "-q"]);
    assert_eq!(
        (ran.code, ran.out, ran.err),
        (0, String::new(), String::new())
    );
}

#[test]
fn a_quiet_up_still_warns() {
    let world = World::with_stack(SMALL);
    world.write("chaos.toml", "log = \"calls.log\"\n");
    let output = world
        .command(&["up", "--yes", "-q"])
        .env("ATHGLUE_CHAOS", "chaos.toml")
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("warning: the embedded cloud misbehaves"),
        "{said}"
    );
}
