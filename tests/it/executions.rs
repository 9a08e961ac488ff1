use crate::run::{machines, timeless};

#[test]
fn executions_are_listed_the_newest_first_and_by_status() {
    let world = machines();
    let input = r#"{"items": [1]}"#;
    for (machine, name) in [("count", "one"), ("broken", "two"), ("count", "three")] {
        world.run(&["run", machine, "--name", name, "--input", input, "-q"]);
    }
    let list = world
        .run(&["executions", "list", "--output", "json"])
        .json();
    let names = |list: &serde_json::Value| -> Vec<String> {
        let all = list.as_array().into_iter().flatten();
        all.filter_map(|e| e["name"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(names(&list), ["three", "two", "one"]);
    let failed = [
        "executions",
        "list",
        "--status",
        "failed",
        "--output",
        "json",
    ];
    assert_eq!(names(&world.run(&failed).json()), ["two"]);
    let some = [
        "executions",
        "list",
        "count",
        "--limit",
        "1",
        "--output",
        "json",
    ];
    assert_eq!(names(&world.run(&some).json()), ["three"]);
    let table = world.run(&["executions", "list", "broken"]).ok();
    assert!(
        table.contains("small-broken") && table.contains("FAILED"),
        "{table}"
    );
}

#[test]
fn an_execution_is_shown_with_its_states_and_with_its_events() {
    let world = machines();
    let input = r#"{"items": [1, 2]}"#;
    world
        .run(&["run", "count", "--name", "one", "--input", input, "-q"])
        .ok();
    let shown = world.run(&["executions", "show", "count/one"]).ok();
    let (_, states) = shown.split_once('\n').expect("lines");
    insta::assert_snapshot!(timeless(states), @r"
    ✓ Each      Map       T s  2 items
      ✓ Double  Pass      T s  2 times
    ✓ Both      Parallel  T s
      ✓ Left    Pass      T s
      ✓ Right   Pass      T s
    ✓ Done      Succeed   T s
    [
      1,
      2
    ]
    ");
    let events = world.run(&["executions", "show", "count", "--events"]).ok();
    assert!(events.contains("MapIterationStarted"), "{events}");
    let events = [
        "executions",
        "show",
        "count",
        "--events",
        "--output",
        "json",
    ];
    let events = world.run(&events).json();
    let ids: Vec<u64> = events
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|e| e["id"].as_u64())
        .collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    assert_eq!(events[0]["input"], serde_json::json!({"items": [1, 2]}));
    let moment = events[0]["timestamp"].as_str().expect("a time");
    assert!(moment.ends_with('Z') && moment.len() == 24, "{moment}");
    let last = &events[ids.len() - 1];
    assert_eq!(last["output"], serde_json::json!([1, 2]));
}

#[test]
fn what_has_ended_is_not_stopped_and_what_never_ran_is_not_shown() {
    let world = machines();
    let ran = world.run(&["executions", "show", "count"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("count has had no execution"),
        "{}",
        ran.err
    );
    world.run(&[
        "run",
        "broken",
        "--name",
        "one",
        "--input",
        r#"{"items": [1]}"#,
        "-q",
    ]);
    let stopped = world.run(&["executions", "stop", "broken/one"]).ok();
    assert!(stopped.contains("is FAILED"), "{stopped}");
}

#[test]
fn of_an_express_machine_it_is_told_that_it_keeps_no_executions() {
    let world = machines();
    let help = "\n  help: an EXPRESS machine keeps no executions; `logging_configuration = \"ALL\"` in stack.toml has them logged";
    for action in ["list", "show"] {
        let ran = world.run(&["executions", action, "quick"]);
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains(help), "{}", ran.err);
    }
    let told = world.run(&["executions", "list"]).err;
    assert!(
        told.contains("Not listed, since EXPRESS machines keep no executions: small-quick"),
        "{told}"
    );
}
