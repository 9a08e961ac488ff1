//! One event of a history, as programs read it.

use std::time::Duration;

use aws_sdk_sfn::types::HistoryEvent;
use serde_json::{Map, Value, json};

use super::ending::{document, seconds};
use crate::output::execution::View;

/// An event with what it carries; `since` is how long after the first one it was.
pub fn report(event: &HistoryEvent, since: Duration) -> Value {
    let failure = View::failure(event);
    let moment = chrono::DateTime::from_timestamp(event.timestamp().secs(), event.timestamp().subsec_nanos());
    let mut members = Map::new();
    members.insert("id".to_owned(), json!(event.id()));
    members.insert("previous".to_owned(), json!(event.previous_event_id()));
    members.insert("type".to_owned(), json!(event.r#type().as_str()));
    let told = moment.map(|m| m.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    members.insert("timestamp".to_owned(), json!(told));
    members.insert("seconds".to_owned(), json!(seconds(since)));
    members.insert("state".to_owned(), json!(state(event)));
    members.insert("error".to_owned(), json!(failure.as_ref().map(|f| &f.error)));
    members.insert("cause".to_owned(), json!(failure.as_ref().map(|f| &f.cause)));
    for (name, text) in data(event) {
        members.insert(name.to_owned(), document(text));
    }
    Value::Object(members)
}

/// The state that an event enters or leaves.
pub fn state(event: &HistoryEvent) -> Option<&str> {
    let entered = event.state_entered_event_details().map(aws_sdk_sfn::types::StateEnteredEventDetails::name);
    entered.or_else(|| event.state_exited_event_details().map(aws_sdk_sfn::types::StateExitedEventDetails::name))
}

/// The inputs, outputs and parameters that an event carries, which are JSON, and the resources that
/// it names.
fn data(event: &HistoryEvent) -> Vec<(&'static str, &str)> {
    let mut found = Vec::new();
    macro_rules! all {
        ($($details:ident $name:literal $get:ident;)*) => {
            $(if let Some(text) = event.$details().and_then(|details| details.$get()) {
                found.push(($name, text));
            })*
        };
    }
    all! {
        execution_started_event_details "input" input;
        execution_succeeded_event_details "output" output;
        state_entered_event_details "input" input;
        state_exited_event_details "output" output;
        task_submitted_event_details "output" output;
        task_succeeded_event_details "output" output;
        lambda_function_scheduled_event_details "input" input;
        lambda_function_succeeded_event_details "output" output;
        activity_scheduled_event_details "input" input;
        activity_succeeded_event_details "output" output;
        map_run_started_event_details "map_run" map_run_arn;
        map_run_redriven_event_details "map_run" map_run_arn;
    }
    if let Some(scheduled) = event.task_scheduled_event_details() {
        found.push(("resource", scheduled.resource()));
        found.push(("resource_type", scheduled.resource_type()));
        found.push(("parameters", scheduled.parameters()));
    }
    found
}
