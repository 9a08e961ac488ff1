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

#[test]
fn a_low_terminal_shows_fewer_states() {
    assert_eq!(most(None), 20);
    assert_eq!(most(Some(50)), 20);
    assert_eq!(most(Some(12)), 10);
    assert_eq!(most(Some(1)), 1);
}
