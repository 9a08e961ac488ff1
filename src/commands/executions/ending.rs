//! How an execution ended, as people and as programs are told.

use std::sync::Arc;

use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::ExecutionStatus;
use serde::Serialize;
use serde_json::Value;

use super::follow;
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::machine::Definition;
use crate::output::execution::{Node, States, between, brief};
use crate::output::{Output, human};
use crate::stack::{Diagnostic, Diagnostics, Source};

/// Dollars for a state transition of a STANDARD machine, beyond the 4,000 a month that are free
/// (aws.amazon.com/step-functions/pricing, us-east-1).
const TRANSITION: f64 = 0.025 / 1000.0;
/// How much of an input is shown to people.
const SHOWN: usize = 2000;

/// What programs read of an execution.
#[derive(Serialize)]
struct Report<'a> {
    execution: &'a str,
    status: &'a str,
    input: Option<Value>,
    output: Option<Value>,
    error: Option<&'a str>,
    cause: Option<&'a str>,
    seconds: f64,
    /// States entered, and retries.
    transitions: usize,
    /// Dollars, beyond what is free.
    cost: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<FailedAt>,
    states: Vec<StateReport<'a>>,
}

/// The state that failed.
#[derive(Serialize)]
struct FailedAt {
    state: String,
    input: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

#[derive(Serialize)]
struct StateReport<'a> {
    name: &'a str,
    r#type: &'a str,
    entered: usize,
    succeeded: usize,
    failed: usize,
    aborted: usize,
    retries: usize,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<usize>,
}

impl<'a> StateReport<'a> {
    fn of(node: &'a Node) -> Self {
        Self {
            name: &node.name,
            r#type: &node.kind,
            entered: node.entered,
            succeeded: node.succeeded,
            failed: node.failed,
            aborted: node.aborted,
            retries: node.retries,
            seconds: node.took.as_secs_f64(),
            items: (node.kind == "Map").then_some(node.items.total),
        }
    }
}

/// A text as JSON; as a text if it is none, as when AWS cut it.
fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// Tells how an execution ended, or how it is: its output is the result. `definition` is the one in
/// stack.toml, for the place of what failed.
pub async fn tell(
    output: &Output,
    cloud: &Cloud,
    execution: &DescribeExecutionOutput,
    states: &States,
    definition: Option<&Definition>,
) -> anyhow::Result<Exit> {
    let arn = execution.execution_arn();
    let status = execution.status();
    let took = match execution.stop_date() {
        Some(stop) => between(*execution.start_date(), *stop),
        None => states.elapsed(),
    };
    let failed_at = failed_at(cloud, arn, states, definition).await?;
    let cost = states.transitions as f64 * TRANSITION;
    let result = execution.output().map(document);
    if output.is_json() {
        output.json(&Report {
            execution: arn,
            status: status.as_str(),
            input: execution.input().map(document),
            output: result,
            error: execution.error(),
            cause: execution.cause(),
            seconds: took.as_secs_f64(),
            transitions: states.transitions,
            cost,
            failed_at,
            states: states.nodes.iter().map(StateReport::of).collect(),
        })?;
    } else {
        if let Some(result) = &result {
            output.line(serde_json::to_string_pretty(result)?)?;
        }
        if !matches!(status, ExecutionStatus::Succeeded | ExecutionStatus::Running) {
            failure(output, execution, failed_at.as_ref(), definition);
        }
        let what = match status {
            ExecutionStatus::Succeeded => "Succeeded in",
            ExecutionStatus::Running => "Running for",
            _ => "Ended after",
        };
        let line = format!(
            "{what} {}, {}; {}.",
            human::duration(took),
            human::plural(states.transitions, "transition"),
            priced(cloud, cost)
        );
        output.say(output.talk.faint(&line));
    }
    Ok(match status {
        ExecutionStatus::Succeeded | ExecutionStatus::Running => Exit::Success,
        _ => Exit::Failure,
    })
}

/// `it cost $0.000250`, or what it would have cost.
pub fn priced(cloud: &Cloud, dollars: f64) -> String {
    let dollars = human::dollars(dollars);
    match cloud.target() {
        Target::Local { .. } => format!("on AWS it would have cost {dollars}"),
        Target::Aws | Target::Endpoint(_) => format!("it cost {dollars}"),
    }
}

async fn failed_at(
    cloud: &Cloud,
    arn: &str,
    states: &States,
    definition: Option<&Definition>,
) -> anyhow::Result<Option<FailedAt>> {
    let Some(culprit) = &states.culprit else {
        return Ok(None);
    };
    let state = states.nodes[culprit.node].name.clone();
    let input = follow::input_of(cloud, arn, culprit.event).await?;
    let place = definition.and_then(|definition| definition.place(&state));
    Ok(Some(FailedAt {
        input: input.as_deref().map(document),
        file: place.as_ref().map(|(file, ..)| file.display().to_string()),
        line: place.as_ref().map(|(_, _, place)| place.line),
        state,
    }))
}

/// The error with its place in the file, if there is one, and what the state was given.
fn failure(
    output: &Output,
    execution: &DescribeExecutionOutput,
    at: Option<&FailedAt>,
    definition: Option<&Definition>,
) {
    let mut message = format!("the execution ended {}", execution.status().as_str());
    if let Some(error) = execution.error() {
        message.push_str(&format!(" with {error}"));
    }
    if let Some(cause) = execution.cause() {
        message.push_str(&format!(": {}", brief(cause)));
    }
    let place = at.and_then(|at| definition?.place(&at.state));
    match place {
        Some((file, text, place)) => {
            let source = Source {
                display: file.display().to_string(),
                text: text.to_owned(),
                ..Source::default()
            };
            let what = match execution.status() {
                ExecutionStatus::Failed => "this state failed",
                _ => "this state was running",
            };
            let shown = Diagnostic::new(place.span, message, what);
            let shown = Diagnostics {
                source: Arc::new(source),
                list: vec![shown],
            };
            output.tell(shown.render(output.talk.0));
        }
        None => {
            if let Some(at) = at {
                message.push_str(&format!("\n  state: {}", at.state));
            }
            output.error(message);
        }
    }
    if let Some(input) = at.and_then(|at| at.input.as_ref()) {
        output.tell(format!("  its input: {}", shortened(input)));
    }
    let arn = execution.execution_arn();
    output.tell(format!("  execution: {arn}"));
}

fn shortened(input: &Value) -> String {
    let text = input.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}… ({})", &text[..at], human::bytes(text.len() as u64)),
        None => text,
    }
}
