//! The lines that a pipe is told.

use serde_json::json;

use super::Written;

#[test]
fn a_parallel_that_fails_is_told_with_what_it_aborts() {
    let task =
        |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Task", "End": true}}});
    let mut written = Written::of(&json!({"StartAt": "P", "States": {
        "P": {"Type": "Parallel", "Branches": [task("Bad"), task("Slow")], "End": true}}}));
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Parallel", "P");
    let started = written.plain(entered, "ParallelStateStarted");
    let bad = written.enter(started, "Task", "Bad");
    let slow = written.enter(started, "Task", "Slow");
    written.scheduled(slow);
    let bad = written.scheduled(bad);
    let bad = written.task_failed(bad, "Lake.Empty");
    let failed = written.plain(bad, "ParallelStateFailed");
    assert_eq!(
        written.told,
        [
            "  ✗ Bad: Lake.Empty: why",
            "  ■ Slow  Task  4.0 s",
            "✗ P  Parallel  7.0 s",
        ]
    );
    // Of what is tried again nothing is told anew.
    written.plain(failed, "ParallelStateStarted");
    assert_eq!(written.told[3..], ["↻ P again after Lake.Empty: why"]);
}

#[test]
fn what_is_tried_again_is_told_with_the_failure_inside_and_what_it_aborts() {
    let task =
        |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Task", "End": true}}});
    let mut written = Written::of(&json!({"StartAt": "P", "States": {
        "P": {"Type": "Parallel", "Branches": [task("Bad"), task("Slow")], "End": true}}}));
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Parallel", "P");
    let started = written.plain(entered, "ParallelStateStarted");
    let bad = written.enter(started, "Task", "Bad");
    written.enter(started, "Task", "Slow");
    let bad = written.scheduled(bad);
    let bad = written.task_failed(bad, "Lake.Empty");
    // AWS tells of a failure of the whole only where nothing tries it again.
    written.plain(bad, "ParallelStateStarted");
    assert_eq!(
        written.told,
        [
            "  ✗ Bad: Lake.Empty: why",
            "  ■ Slow  Task  3.0 s",
            "↻ P again after Lake.Empty: why",
        ]
    );
}

#[test]
fn a_map_that_fails_is_told_with_the_fail_state_inside() {
    let mut written = Written::of(&json!({"StartAt": "Each", "States": {
        "Each": {"Type": "Map", "End": true, "ItemProcessor": {
            "StartAt": "Bad", "States": {"Bad": {"Type": "Fail"}}}}}}));
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Map", "Each");
    let started = written.map_started(entered, 1);
    let item = written.iteration(started, "Started", "Each", 0);
    let bad = written.enter(item, "Fail", "Bad");
    let item = written.iteration(bad, "Failed", "Each", 0);
    let failed = written.plain(item, "MapStateFailed");
    assert_eq!(
        written.told,
        [
            "  ✗ Bad  Fail  2.0 s",
            "✗ Each  Map  0 of 1 item, 1 failed  5.0 s",
        ]
    );
    written.failed(failed, "Lake.Empty");
    assert_eq!(written.told.len(), 2, "{:?}", written.told);
    let nodes = &written.states.nodes;
    assert_eq!((nodes[0].failed, nodes[1].failed), (1, 1));
}

#[test]
fn what_a_stop_ends_is_told() {
    let mut written = Written::of(&json!({"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 60, "End": true}}}));
    written.plain(0, "ExecutionStarted");
    let waiting = written.enter(0, "Wait", "W");
    written.plain(waiting, "ExecutionAborted");
    assert_eq!(written.told, ["■ W  Wait  1.0 s"]);
}

fn each() -> serde_json::Value {
    json!({"StartAt": "Each", "States": {
        "Each": {"Type": "Map", "Next": "More", "ItemProcessor": {
            "StartAt": "Row", "States": {"Row": {"Type": "Task", "End": true}}}},
        "More": {"Type": "Choice", "Default": "Each"}}})
}

/// An item of `Each` that succeeds; gives its last event.
fn item(written: &mut Written, previous: i64, index: i32) -> i64 {
    let item = written.iteration(previous, "Started", "Each", index);
    let row = written.enter(item, "Task", "Row");
    let row = written.exit(row, "Task", "Row");
    written.iteration(row, "Succeeded", "Each", index)
}

#[test]
fn a_map_that_is_come_by_twice_is_told_with_the_items_of_each_visit() {
    let mut written = Written::of(&each());
    let mut last = written.plain(0, "ExecutionStarted");
    for length in [2, 1] {
        last = written.enter(last, "Map", "Each");
        last = written.map_started(last, length);
        for index in 0..length {
            last = item(&mut written, last, index);
        }
        written.plain(last, "MapStateSucceeded");
        last = written.exit(last, "Map", "Each");
        last = written.enter(last, "Choice", "More");
        last = written.exit(last, "Choice", "More");
    }
    assert_eq!(
        written.told,
        [
            "✓ Each  Map  2 items  11.0 s",
            "✓ More  Choice  1.0 s",
            "✓ Each  Map  1 item  7.0 s",
            "✓ More  Choice  1.0 s",
        ]
    );
    // The tree is of all visits.
    assert_eq!(written.states.nodes[0].items.total, 3);
}

#[test]
fn a_map_that_is_tried_again_is_told_with_the_items_of_its_last_attempt() {
    let mut written = Written::of(&each());
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Map", "Each");
    let started = written.map_started(entered, 1);
    let row = written.iteration(started, "Started", "Each", 0);
    let row = written.enter(row, "Task", "Row");
    let row = written.scheduled(row);
    let row = written.task_failed(row, "Lake.Empty");
    written.iteration(row, "Failed", "Each", 0);
    let started = written.map_started(row, 1);
    let last = item(&mut written, started, 0);
    written.plain(last, "MapStateSucceeded");
    written.exit(last, "Map", "Each");
    assert_eq!(
        written.told,
        [
            "  ✗ Row: Lake.Empty: why",
            "↻ Each again after Lake.Empty: why",
            "✓ Each  Map  1 item  13.0 s",
        ]
    );
}

#[test]
fn no_name_of_a_state_breaks_a_line_or_commands_the_terminal() {
    let name = "Qu\x1b[2J\nery";
    let mut written = Written::of(&json!({"StartAt": name, "States": {
        name: {"Type": "Task", "End": true}}}));
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Task", name);
    written.exit(entered, "Task", name);
    assert_eq!(written.told, ["✓ Qu·[2J⏎ery  Task  1.0 s"]);
    assert_eq!(written.tree(), "✓ Qu·[2J⏎ery  Task      1.0 s");
}
