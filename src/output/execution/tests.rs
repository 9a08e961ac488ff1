mod children;
mod narrow;
mod told;

use aws_sdk_sfn::types::{
    ExecutionFailedEventDetails, HistoryEvent, HistoryEventType, MapIterationEventDetails,
    MapStateStartedEventDetails, StateEnteredEventDetails, StateExitedEventDetails,
    TaskFailedEventDetails, TaskScheduledEventDetails, TaskSubmittedEventDetails,
};
use aws_smithy_types::DateTime;
use serde_json::json;

use super::states::{Items, States};
use super::tree::{self, Look};
use crate::output::Paint;

/// A history that is written event by event, one second apart.
struct Written {
    states: States,
    next: i64,
    told: Vec<String>,
}

impl Written {
    fn of(definition: &serde_json::Value) -> Self {
        Self {
            states: States::of(definition),
            next: 1,
            told: Vec::new(),
        }
    }

    fn add(
        &mut self,
        previous: i64,
        kind: &str,
        details: impl FnOnce(
            aws_sdk_sfn::types::builders::HistoryEventBuilder,
        ) -> aws_sdk_sfn::types::builders::HistoryEventBuilder,
    ) -> i64 {
        let id = self.next;
        self.next += 1;
        let event = HistoryEvent::builder()
            .id(id)
            .previous_event_id(previous)
            .r#type(HistoryEventType::from(kind))
            .timestamp(DateTime::from_secs(1_700_000_000 + id));
        let event = details(event).build().expect("an event");
        for happened in self.states.take(&event) {
            self.told
                .extend(tree::told(&self.states, &happened, Paint(false)));
        }
        id
    }

    fn plain(&mut self, previous: i64, kind: &str) -> i64 {
        self.add(previous, kind, |event| event)
    }

    fn enter(&mut self, previous: i64, kind: &str, name: &str) -> i64 {
        let details = StateEnteredEventDetails::builder().name(name).build();
        let details = details.expect("a name");
        self.add(previous, &format!("{kind}StateEntered"), |event| {
            event.state_entered_event_details(details)
        })
    }

    fn exit(&mut self, previous: i64, kind: &str, name: &str) -> i64 {
        let details = StateExitedEventDetails::builder().name(name).build();
        let details = details.expect("a name");
        self.add(previous, &format!("{kind}StateExited"), |event| {
            event.state_exited_event_details(details)
        })
    }

    fn map_started(&mut self, previous: i64, length: i32) -> i64 {
        let details = MapStateStartedEventDetails::builder()
            .length(length)
            .build();
        self.add(previous, "MapStateStarted", |event| {
            event.map_state_started_event_details(details)
        })
    }

    fn iteration(&mut self, previous: i64, step: &str, name: &str, index: i32) -> i64 {
        let details = MapIterationEventDetails::builder()
            .name(name)
            .index(index)
            .build();
        self.add(
            previous,
            &format!("MapIteration{step}"),
            |event| match step {
                "Started" => event.map_iteration_started_event_details(details),
                "Succeeded" => event.map_iteration_succeeded_event_details(details),
                "Failed" => event.map_iteration_failed_event_details(details),
                _ => event.map_iteration_aborted_event_details(details),
            },
        )
    }

    fn scheduled(&mut self, previous: i64) -> i64 {
        let details = TaskScheduledEventDetails::builder()
            .resource_type("athena")
            .resource("startQueryExecution.sync")
            .region("eu-west-1")
            .parameters(r#"{"QueryString": "SELECT\n  1"}"#)
            .build();
        let details = details.expect("details");
        self.add(previous, "TaskScheduled", |event| {
            event.task_scheduled_event_details(details)
        })
    }

    fn submitted(&mut self, previous: i64) -> i64 {
        let details = TaskSubmittedEventDetails::builder()
            .resource_type("athena")
            .resource("startQueryExecution.sync")
            .output(r#"{"QueryExecutionId": "q-1"}"#)
            .build();
        let details = details.expect("details");
        self.add(previous, "TaskSubmitted", |event| {
            event.task_submitted_event_details(details)
        })
    }

    fn task_failed(&mut self, previous: i64, error: &str) -> i64 {
        let details = TaskFailedEventDetails::builder()
            .resource_type("athena")
            .resource("startQueryExecution.sync")
            .error(error)
            .cause("why")
            .build();
        let details = details.expect("details");
        self.add(previous, "TaskFailed", |event| {
            event.task_failed_event_details(details)
        })
    }

    fn failed(&mut self, previous: i64, error: &str) -> i64 {
        let details = ExecutionFailedEventDetails::builder().error(error).build();
        self.add(previous, "ExecutionFailed", |event| {
            event.execution_failed_event_details(details)
        })
    }

    fn tree(&self) -> String {
        let look = Look {
            paint: Paint(false),
            tick: 0,
            now: DateTime::from_secs(1_700_000_000 + self.next),
            columns: None,
        };
        tree::lines(&self.states, look, usize::MAX).join("\n")
    }
}

fn machine() -> serde_json::Value {
    json!({"StartAt": "Query", "States": {
        "Query": {"Type": "Task", "Next": "Each"},
        "Each": {"Type": "Map", "Next": "Done", "ItemProcessor": {"StartAt": "Row", "States": {
            "Row": {"Type": "Task", "End": true}}}},
        "Done": {"Type": "Succeed"},
    }})
}

#[test]
fn a_task_that_waits_shows_its_query_and_its_retries() {
    let mut written = Written::of(&machine());
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Task", "Query");
    let scheduled = written.scheduled(entered);
    insta::assert_snapshot!(written.tree(), @r"
    ⠋ Query  Task      2.0 s  athena:startQueryExecution.sync SELECT 1
    · Each   Map
      · Row  Task
    · Done   Succeed
    ");
    let failed = written.task_failed(scheduled, "Athena.TooManyRequests");
    let again = written.scheduled(failed);
    written.submitted(again);
    insta::assert_snapshot!(written.tree(), @r"
    ⠋ Query  Task      5.0 s  1 retry  query q-1
    · Each   Map
      · Row  Task
    · Done   Succeed
    ");
    insta::assert_snapshot!(written.told.join("\n"), @r"
    ✗ Query: Athena.TooManyRequests: why
    ↻ Query again after Athena.TooManyRequests: why
    … Query waits for query q-1
    ");
    assert_eq!(written.states.transitions, 2);
}

#[test]
fn items_are_counted_and_a_failure_leads_to_the_state_inside() {
    let mut written = Written::of(&machine());
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Map", "Each");
    let started = written.map_started(entered, 4);
    let mut rows = Vec::new();
    for index in 0..3 {
        let iteration = written.iteration(started, "Started", "Each", index);
        let row = written.enter(iteration, "Task", "Row");
        rows.push((row, written.scheduled(row)));
    }
    let done = written.exit(rows[0].1, "Task", "Row");
    written.iteration(done, "Succeeded", "Each", 0);
    insta::assert_snapshot!(written.tree(), @r"
    · Query  Task
    ⠋ Each   Map       13.0 s  1 of 4 items, 2 running
      ⠋ Row  Task      15.0 s  3 times  2 running  athena:startQueryExecution.sync SELECT 1
    · Done   Succeed
    ");
    let failed = written.task_failed(rows[1].1, "Lake.Empty");
    let iteration = written.iteration(failed, "Failed", "Each", 1);
    written.iteration(rows[2].1, "Aborted", "Each", 2);
    let map = written.plain(iteration, "MapStateFailed");
    written.failed(map, "Lake.Empty");
    insta::assert_snapshot!(written.tree(), @r"
    · Query  Task
    ✗ Each   Map       17.0 s  1 of 4 items, 1 failed, 1 aborted  Lake.Empty
      ✗ Row  Task      25.0 s  3 times  Lake.Empty
    · Done   Succeed
    ");
    let each = written.states.nodes.iter().find(|node| node.name == "Each");
    let expected = Items {
        total: 4,
        started: 3,
        succeeded: 1,
        failed: 1,
        aborted: 1,
    };
    assert_eq!(each.expect("it is there").items, expected);
    let culprit = written.states.culprit.clone().expect("one failed");
    assert_eq!(written.states.nodes[culprit.node].name, "Row");
    assert_eq!(culprit.event, rows[1].0);
}

#[test]
fn a_redrive_goes_on_with_what_failed_and_forgets_the_failure() {
    let mut written = Written::of(&machine());
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Task", "Query");
    let scheduled = written.scheduled(entered);
    let failed = written.task_failed(scheduled, "Lake.Empty");
    let end = written.failed(failed, "Lake.Empty");
    assert!(written.states.culprit.is_some());
    let redriven = written.plain(end, "ExecutionRedriven");
    // Nothing but the redrive is before it.
    let again = written.scheduled(redriven);
    insta::assert_snapshot!(written.tree(), @r"
    ⠋ Query  Task      5.0 s  athena:startQueryExecution.sync SELECT 1
    · Each   Map
      · Row  Task
    · Done   Succeed
    ");
    let exited = written.exit(again, "Task", "Query");
    let done = written.enter(exited, "Succeed", "Done");
    written.exit(done, "Succeed", "Done");
    written.plain(done, "ExecutionSucceeded");
    insta::assert_snapshot!(written.tree(), @r"
    ✓ Query  Task      5.0 s
    · Each   Map
      · Row  Task
    ✓ Done   Succeed   1.0 s
    ");
    insta::assert_snapshot!(written.told.join("\n"), @r"
    ✗ Query: Lake.Empty: why
    ✓ Query  Task  2.0 s
    ✓ Done  Succeed  1.0 s
    ");
    assert_eq!(written.states.culprit, None);
    assert_eq!(written.states.transitions, 2);
}

#[test]
fn a_redrive_goes_on_inside_of_a_map_but_not_inside_of_one_that_was_left() {
    let mut written = Written::of(&machine());
    written.plain(0, "ExecutionStarted");
    let entered = written.enter(0, "Map", "Each");
    let started = written.map_started(entered, 2);
    let one = written.iteration(started, "Started", "Each", 0);
    let one = written.enter(one, "Task", "Row");
    let done = written.exit(one, "Task", "Row");
    written.iteration(done, "Succeeded", "Each", 0);
    let two = written.iteration(started, "Started", "Each", 1);
    let two = written.enter(two, "Task", "Row");
    let two = written.scheduled(two);
    let two = written.task_failed(two, "Lake.Empty");
    let two = written.iteration(two, "Failed", "Each", 1);
    let map = written.plain(two, "MapStateFailed");
    let end = written.failed(map, "Lake.Empty");
    let redriven = written.plain(end, "ExecutionRedriven");
    let again = written.scheduled(redriven);
    let row = written.exit(again, "Task", "Row");
    let row = written.iteration(row, "Succeeded", "Each", 1);
    let map = written.plain(row, "MapStateSucceeded");
    written.exit(map, "Map", "Each");
    let seen = |written: &Written, name: &str| {
        let node = written.states.nodes.iter().find(|node| node.name == name);
        let node = node.expect("it is there");
        (
            node.succeeded,
            node.failed,
            node.aborted,
            node.running,
            node.items.succeeded,
        )
    };
    assert_eq!(seen(&written, "Each"), (1, 0, 0, 0, 2));
    assert_eq!(seen(&written, "Row"), (2, 0, 0, 0, 0));
    // What fails later is redriven without what is inside of the Map that was left.
    let done = written.enter(map, "Task", "Query");
    let done = written.scheduled(done);
    let done = written.task_failed(done, "Late");
    let end = written.failed(done, "Late");
    written.plain(end, "ExecutionRedriven");
    assert_eq!(seen(&written, "Row"), (2, 0, 0, 0, 0));
    assert_eq!(seen(&written, "Query").3, 1);
}

#[test]
fn a_map_in_a_map_counts_for_each_of_its_own() {
    let definition = json!({"StartAt": "Outer", "States": {"Outer": {"Type": "Map", "End": true,
        "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": {"Type": "Map", "End": true,
            "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}}}});
    let mut written = Written::of(&definition);
    written.plain(0, "ExecutionStarted");
    let outer = written.enter(0, "Map", "Outer");
    let outer = written.map_started(outer, 2);
    let mut last = outer;
    for index in 0..2 {
        let iteration = written.iteration(last, "Started", "Outer", index);
        let inner = written.enter(iteration, "Map", "Inner");
        let inner = written.map_started(inner, 1);
        let item = written.iteration(inner, "Started", "Inner", 0);
        let pass = written.enter(item, "Pass", "P");
        let pass = written.exit(pass, "Pass", "P");
        let item = written.iteration(pass, "Succeeded", "Inner", 0);
        written.plain(item, "MapStateSucceeded");
        let inner = written.exit(item, "Map", "Inner");
        last = written.iteration(inner, "Succeeded", "Outer", index);
    }
    written.plain(last, "MapStateSucceeded");
    written.exit(last, "Map", "Outer");
    let seen: Vec<(String, usize, usize, usize)> = written
        .states
        .nodes
        .iter()
        .map(|n| (n.name.clone(), n.succeeded, n.running, n.items.succeeded))
        .collect();
    let expected = [("Outer", 1, 0, 2), ("Inner", 2, 0, 2), ("P", 2, 0, 0)];
    assert_eq!(
        seen,
        expected.map(|(name, a, b, c)| (name.to_owned(), a, b, c))
    );
}

#[test]
fn too_many_states_leave_out_what_is_not_entered_first() {
    let states: serde_json::Map<String, serde_json::Value> = (0..30)
        .map(|n| {
            (
                format!("s{n:02}"),
                json!({"Type": "Pass", "Next": format!("s{:02}", n + 1)}),
            )
        })
        .collect();
    let mut written = Written::of(&json!({"StartAt": "s00", "States": states}));
    for n in 0..8 {
        let name = format!("s{n:02}");
        let entered = written.enter(0, "Pass", &name);
        if n < 7 {
            written.exit(entered, "Pass", &name);
        }
    }
    let look = Look {
        paint: Paint(false),
        tick: 0,
        now: DateTime::from_secs(1_700_000_100),
        columns: None,
    };
    let lines = tree::lines(&written.states, look, 5);
    assert_eq!(lines.len(), 6, "{lines:?}");
    assert!(lines[0].contains("25 states more"), "{lines:?}");
    assert!(lines[5].contains("s07"), "{lines:?}");
}
