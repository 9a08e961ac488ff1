//! Terminals with little room.

use aws_smithy_types::DateTime;
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use super::Written;
use crate::output::Paint;
use crate::output::execution::most;
use crate::output::execution::tree::{self, Look};

#[test]
fn a_long_name_is_cut_so_that_its_line_fits() {
    let long = "x".repeat(80);
    let mut written = Written::of(&json!({"StartAt": long, "States": {
        long.clone(): {"Type": "Task", "Next": "b"}, "b": {"Type": "Succeed"}}}));
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Task", &long);
    written.exit(entered, "Task", &long);
    let look = Look {
        paint: Paint(false),
        tick: 0,
        now: DateTime::from_secs(1_700_000_100),
        columns: Some(60),
    };
    let lines = tree::lines(&written.states, look, usize::MAX);
    assert!(lines[0].ends_with("xxx…  Task      1.0 s"), "{lines:?}");
    assert!(lines.iter().all(|line| line.width() <= 60), "{lines:?}");
}

/// The lines of a machine with a Map of this name, one of whose two items is done, on a terminal of so
/// many columns.
fn with_map(name: &str, columns: usize) -> Vec<String> {
    let row = json!({"StartAt": "Row", "States": {"Row": {"Type": "Pass", "End": true}}});
    let mut written = Written::of(&json!({"StartAt": name, "States": {
        name: {"Type": "Map", "Next": "b", "ItemProcessor": row}, "b": {"Type": "Succeed"}}}));
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Map", name);
    let started = written.map_started(entered, 2);
    let iteration = written.iteration(started, "Started", name, 0);
    let row = written.enter(iteration, "Pass", "Row");
    let row = written.exit(row, "Pass", "Row");
    written.iteration(row, "Succeeded", name, 0);
    let look = Look {
        paint: Paint(false),
        tick: 0,
        now: DateTime::from_secs(1_700_000_100),
        columns: Some(columns),
    };
    tree::lines(&written.states, look, usize::MAX)
}

#[test]
fn what_is_counted_fits_beside_a_long_name() {
    let lines = with_map(&"x".repeat(80), 60);
    assert!(lines[0].contains("xxx…  Map "), "{lines:?}");
    assert!(lines[0].ends_with("1 of 2 items"), "{lines:?}");
    assert!(lines.iter().all(|line| line.width() <= 60), "{lines:?}");
}

#[test]
fn names_that_have_room_are_whole_and_below_one_another() {
    let name = "x".repeat(45);
    let lines = with_map(&name, 100);
    assert!(lines[0].contains(&format!("{name}  Map ")), "{lines:?}");
    let kinds = ["Map", "Pass", "Succeed"];
    let columns: Vec<_> = lines
        .iter()
        .zip(kinds)
        .map(|(line, kind)| line.find(kind).map(|at| line[..at].width()))
        .collect();
    assert_eq!(columns, [columns[0]; 3], "{lines:?}");
}

#[test]
fn emoji_are_shown_one_by_one_and_letters_stay_joined() {
    let lines = with_map("👩\u{200d}👧 क\u{94d}\u{200d}ष", 100);
    assert!(
        lines[0].contains("👩👧 क\u{94d}\u{200d}ष  Map "),
        "{lines:?}"
    );
}

#[test]
fn a_low_terminal_shows_fewer_states() {
    assert_eq!(most(None), 20);
    assert_eq!(most(Some(50)), 20);
    assert_eq!(most(Some(12)), 10);
    assert_eq!(most(Some(1)), 1);
}
