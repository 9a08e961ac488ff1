//! The states inside of distributed Maps, which child executions run.

use aws_sdk_sfn::types::MapRunStartedEventDetails;
use aws_smithy_types::DateTime;
use serde_json::{Value, json};

use super::Written;

fn distributed() -> Value {
    json!({"StartAt": "D", "States": {
        "D": {"Type": "Map", "Next": "Done", "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Okay",
            "States": {"Okay": {"Type": "Wait", "Seconds": 5, "End": true}}}},
        "Done": {"Type": "Succeed"},
    }})
}

/// An execution whose Map Run has started, and the event that entered the Map.
fn parent() -> (Written, i64) {
    let mut parent = Written::of(&distributed());
    parent.plain(0, "ExecutionStarted");
    let entered = parent.enter(0, "Map", "D");
    let details = MapRunStartedEventDetails::builder()
        .map_run_arn("arn:run")
        .build();
    parent.add(entered, "MapRunStarted", |event| {
        event.map_run_started_event_details(details)
    });
    (parent, entered)
}

/// A child that waits.
fn child() -> Written {
    let mut child = Written::of(&distributed()["States"]["D"]["ItemProcessor"]);
    child.plain(0, "ExecutionStarted");
    child.enter(0, "Wait", "Okay");
    child
}

#[test]
fn states_inside_of_a_distributed_map_are_seen_to_run() {
    let (mut parent, entered) = parent();
    let children = [child().states, child().states];
    parent.states.running_inside(&children, false);
    insta::assert_snapshot!(parent.tree(), @r"
    ⠋ D       Map       2.0 s
      ⠋ Okay  Wait      2 running
    · Done    Succeed
    ");
    parent.states.running_inside(&children[..1], true);
    insta::assert_snapshot!(parent.tree(), @r"
    ⠋ D       Map       2.0 s
      ⠋ Okay  Wait      at least 1 running
    · Done    Succeed
    ");
    parent.plain(entered, "MapRunSucceeded");
    insta::assert_snapshot!(parent.tree(), @r"
    ⠋ D       Map       3.0 s
        Okay  Wait
    · Done    Succeed
    ");
}

#[test]
fn a_state_has_no_mark_while_it_is_not_known_whether_a_child_entered_it() {
    let (mut parent, _) = parent();
    let tree =
        |mark: char| format!("⠋ D       Map       2.0 s\n  {mark} Okay  Wait\n· Done    Succeed");
    assert_eq!(parent.tree(), tree(' '));
    // All were read, and none came to it.
    parent.states.all_unread(false);
    assert_eq!(parent.tree(), tree('·'));
    parent.states.unread(0);
    assert_eq!(parent.tree(), tree(' '));
    // What is inside of a Map that a child runs is taken in with the rest.
    let mut whole = Written::of(&distributed());
    whole.states.absorb(&parent.states);
    assert!(whole.states.nodes[1].is_unread);
}

#[test]
fn a_state_that_a_child_never_left_is_aborted_once_the_child_has_ended() {
    let (mut parent, _) = parent();
    let mut ended = child();
    let at = DateTime::from_secs(1_700_000_004);
    ended.states.close(Some(at));
    parent.states.absorb(&ended.states);
    parent.states.absorb(&ended.states);
    insta::assert_snapshot!(parent.tree(), @r"
    ⠋ D       Map       2.0 s
      ■ Okay  Wait      4.0 s  2 times
    · Done    Succeed
    ");
    let okay = &parent.states.nodes[1];
    assert_eq!((okay.succeeded, okay.failed, okay.aborted), (0, 0, 2));
    // One that runs on is not over, and its state neither.
    parent.states.absorb(&child().states);
    assert_eq!(parent.states.nodes[1].running, 1);
}
