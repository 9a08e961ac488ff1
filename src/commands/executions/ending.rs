//! How an execution ended, as people and as programs are told.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::ExecutionStatus;
use aws_smithy_types::DateTime;
use serde::Serialize;
use serde_json::Value;

use super::bill::Bill;
use super::children::{self, Children, Inner};
use super::{find, follow};
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::json;
use crate::machine::Definition;
use crate::output::execution::{Failure, Node, States, between, brief};
use crate::output::{Output, human};
use crate::stack::{Diagnostic, Diagnostics, Source, Stack};

/// How much of an input is shown to people.
const SHOWN: usize = 2000;

/// An execution as it is, whatever its machine's type.
pub struct Ended {
    pub arn: String,
    pub status: ExecutionStatus,
    pub input: Option<String>,
    pub output: Option<String>,
    pub error: Option<String>,
    pub cause: Option<String>,
    pub took: Duration,
    pub bill: Bill,
}

impl Ended {
    /// One of a STANDARD machine; one that runs has taken the time until now.
    pub fn of(execution: &DescribeExecutionOutput, states: &States, children: Children) -> Self {
        let now = || DateTime::from(SystemTime::now());
        let until = execution.stop_date().copied().unwrap_or_else(now);
        Self {
            arn: execution.execution_arn().to_owned(),
            status: execution.status().clone(),
            input: execution.input().map(str::to_owned),
            output: execution.output().map(str::to_owned),
            error: execution.error().map(str::to_owned),
            cause: execution.cause().map(str::to_owned),
            took: between(*execution.start_date(), until),
            bill: Bill::standard(states.transitions, children),
        }
    }
}

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
    #[serde(flatten)]
    bill: &'a Bill,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<FailedAt>,
    states: Vec<StateReport<'a>>,
}

/// The state that failed.
#[derive(Serialize)]
struct FailedAt {
    state: String,
    input: Option<Value>,
    #[serde(flatten)]
    spot: Option<Spot>,
    /// The executions inside that its failure is of, from the outermost to where it began.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    within: Vec<InnerReport>,
}

/// Where a state is written.
#[derive(Serialize)]
struct Spot {
    file: String,
    line: usize,
    #[serde(skip)]
    column: usize,
}

impl Spot {
    fn of(definition: &Definition, state: &str) -> Option<Self> {
        let (file, _, place) = definition.place(state)?;
        Some(Self {
            file: file.display().to_string(),
            line: place.line,
            column: place.column,
        })
    }
}

#[derive(Serialize)]
struct InnerReport {
    execution: String,
    state: Option<String>,
    input: Option<Value>,
    #[serde(flatten)]
    spot: Option<Spot>,
    error: String,
    cause: String,
}

impl InnerReport {
    /// The place is known of machines of the stack.
    fn of(inner: Inner, stack: Option<&Stack>) -> Self {
        let definition = find::definition(stack, find::machine_name(&inner.execution));
        let written = definition.zip(inner.state.as_deref());
        Self {
            spot: written.and_then(|(definition, state)| Spot::of(&definition, state)),
            execution: inner.execution,
            state: inner.state,
            input: inner.input.as_deref().map(document),
            error: inner.failure.error,
            cause: inner.failure.cause,
        }
    }

    /// The lines for people.
    fn tell(&self, output: &Output) {
        output.tell(format!("  within it: {}", self.execution));
        let Some(state) = &self.state else {
            return;
        };
        let failure = Failure {
            error: self.error.clone(),
            cause: self.cause.clone(),
        };
        let state = human::on_one_line(state);
        output.tell(format!("    state {state}: {failure}"));
        if let Some(Spot { file, line, column }) = &self.spot {
            output.tell(format!("    --> {file}:{line}:{column}"));
        }
        if let Some(input) = &self.input {
            output.tell(format!("    its input: {}", shortened(input)));
        }
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_items: Option<usize>,
}

impl<'a> StateReport<'a> {
    fn of(node: &'a Node) -> Self {
        let is_map = node.kind == "Map";
        Self {
            name: &node.name,
            r#type: &node.kind,
            entered: node.entered,
            succeeded: node.succeeded,
            failed: node.failed,
            aborted: node.aborted,
            retries: node.retries,
            seconds: seconds(node.took),
            items: is_map.then_some(node.items.total),
            failed_items: is_map.then_some(node.items.failed),
        }
    }
}

/// Seconds to the millisecond, which is all that events tell.
pub fn seconds(time: Duration) -> f64 {
    time.as_millis() as f64 / 1000.0
}

/// A text as JSON; as a text if it is none, as when AWS cut it.
pub fn document(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|_| Value::from(text))
}

/// What the children of Map Runs come to, with their states taken into `states`. Where that cannot
/// be asked for it is said, and nothing is known.
pub async fn children_of(output: &Output, cloud: &Cloud, states: &mut States) -> Children {
    match children::fold(cloud, states, 0).await {
        Ok(children) => children,
        Err(error) => {
            states.all_unread(true);
            output.warn(format!(
                "what the child executions did is not known, nor what they cost: {error}"
            ));
            Children::default()
        }
    }
}

/// Tells how an execution ended, or how it is: its output is the result. With the stack it is known
/// where that is written which failed.
pub async fn tell(
    output: &Output,
    cloud: &Cloud,
    ended: &Ended,
    states: &States,
    stack: Option<&Stack>,
) -> anyhow::Result<Exit> {
    let definition = find::definition(stack, find::machine_name(&ended.arn));
    let definition = definition.as_ref();
    let failed_at = failed_at(cloud, &ended.arn, states, definition, stack).await?;
    let result = ended.output.as_deref().map(document);
    let is_well = matches!(ended.status, ExecutionStatus::Succeeded | ExecutionStatus::Running);
    if output.is_json() {
        output.json(&Report {
            execution: &ended.arn,
            status: ended.status.as_str(),
            input: ended.input.as_deref().map(document),
            output: result,
            error: ended.error.as_deref(),
            cause: ended.cause.as_deref(),
            seconds: seconds(ended.took),
            bill: &ended.bill,
            failed_at,
            states: states.nodes.iter().map(StateReport::of).collect(),
        })?;
    } else {
        if let Some(result) = &result {
            output.json(result)?;
        }
        if !is_well {
            failure(output, ended, failed_at.as_ref(), definition);
        }
        let what = match ended.status {
            ExecutionStatus::Succeeded => "Succeeded in",
            ExecutionStatus::Running => "Running for",
            _ => "Ended after",
        };
        let time = human::duration(ended.took);
        let line = format!("{what} {time}{}.", ended.bill.told(cloud.is_aws()));
        output.say(output.talk.faint(&line));
    }
    Ok(if is_well { Exit::Success } else { Exit::Failure })
}

async fn failed_at(
    cloud: &Cloud,
    arn: &str,
    states: &States,
    definition: Option<&Definition>,
    stack: Option<&Stack>,
) -> anyhow::Result<Option<FailedAt>> {
    let Some(culprit) = &states.culprit else {
        return Ok(None);
    };
    let state = states.nodes[culprit.node].name.clone();
    let input = follow::input_of(cloud, arn, culprit.event).await?;
    let within = children::inner_failures(cloud, states).await?.into_iter();
    Ok(Some(FailedAt {
        input: input.as_deref().map(document),
        spot: definition.and_then(|definition| Spot::of(definition, &state)),
        within: within.map(|inner| InnerReport::of(inner, stack)).collect(),
        state,
    }))
}

/// The error with its place in the file, if there is one, and what the state was given.
fn failure(
    output: &Output,
    ended: &Ended,
    at: Option<&FailedAt>,
    definition: Option<&Definition>,
) {
    let mut message = format!("the execution ended {}", ended.status.as_str());
    if let Some(error) = &ended.error {
        message.push_str(&format!(" with {error}"));
    }
    if let Some(cause) = &ended.cause {
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
            let what = match ended.status {
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
                message.push_str(&format!("\n  state: {}", human::on_one_line(&at.state)));
            }
            output.error(message);
        }
    }
    if let Some(input) = at.and_then(|at| at.input.as_ref()) {
        output.tell(format!("  its input: {}", shortened(input)));
    }
    output.tell(format!("  execution: {}", ended.arn));
    for inner in at.into_iter().flat_map(|at| &at.within) {
        inner.tell(output);
    }
}

fn shortened(input: &Value) -> String {
    let text = input.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}… ({})", &text[..at], human::bytes(text.len() as u64)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_as_deep_as_step_functions_gives_it() {
        let text = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
        let read = document(&text);
        assert!(read.is_array());
        assert_eq!(read.to_string(), text);
        assert_eq!(document("[1, 2…"), Value::from("[1, 2…"));
    }
}
