//! `athglue executions show`

use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use clap_complete::ArgValueCompleter;
use serde_json::Value;

use super::follow::{self, History};
use super::ending::{self, Ended};
use super::{event, find, list, watch};
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::commands::completer;
use crate::json;
use crate::machine;
use crate::output::execution::{View, between};
use crate::output::human;
use crate::output::rows::{self, Column, Row};
use crate::resource::{CallError, call};
use crate::session::Session;

/// Shows an execution: its states, its output, or why it failed and where.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The execution: an ARN, MACHINE/NAME, or MACHINE for its last.
    #[arg(add = ArgValueCompleter::new(completer::state_machines))]
    execution: String,

    /// Shows its history, event by event, in place of its states.
    #[arg(long)]
    events: bool,

    /// Goes on showing it until it has ended.
    #[arg(long, conflicts_with = "events")]
    follow: bool,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let output = &session.output;
    let (stack, cloud) = session.open().await?;
    let arn = find::execution(session, &cloud, stack.as_ref(), &args.execution).await?;
    let mut history = History::new(&cloud, &arn);
    if args.events {
        let events = history.news().await?;
        return events_of(session, &events);
    }
    let runs = definition_of(&cloud, &arn).await?;
    if args.follow {
        return watch::watch(session, &cloud, &mut history, &runs, stack.as_ref()).await;
    }
    let mut view = View::new(output, &runs);
    let execution = follow::describe(&cloud, &arn).await?;
    for event in &history.news().await? {
        view.states.take(event);
    }
    let children = ending::children_of(output, &cloud, &mut view.states).await;
    if !output.is_json() {
        let name = execution.name().unwrap_or(&arn);
        let status = execution.status();
        let shown = match status {
            ExecutionStatus::Succeeded => output.paint.good(status.as_str()),
            ExecutionStatus::Running => output.paint.accent(status.as_str()),
            _ => output.paint.bad(status.as_str()),
        };
        let machine = find::machine_name(&arn);
        let started = list::time(*execution.start_date());
        output.line(format!("{machine}/{name}  {shown}  {started} UTC"))?;
        view.print()?;
    }
    let ended = Ended::of(&execution, &view.states, children);
    ending::tell(output, &cloud, &ended, &view.states, stack.as_ref()).await?;
    // That it failed is what it shows, and no failure of showing it.
    Ok(Exit::Success)
}

/// The definition that an execution runs: of a child of a Map Run the flow of that Map, which is
/// the one that has the state that the child began with.
pub async fn definition_of(cloud: &Cloud, arn: &str) -> Result<Value, CallError> {
    let request = cloud.sfn.describe_state_machine_for_execution();
    let answer = call!(
        "DescribeStateMachineForExecution",
        request.execution_arn(arn)
    )?;
    let whole = json::parse(answer.definition()).map_err(|error| {
        let message = format!("the definition is not JSON: {error}");
        CallError::here("DescribeStateMachineForExecution", message)
    })?;
    if !find::machine_name(arn).contains('/') {
        return Ok(whole);
    }
    let first = follow::first_state(cloud, arn).await?;
    let flow = first.and_then(|state| machine::flow_of(&whole, &state).cloned());
    Ok(flow.unwrap_or(whole))
}

fn events_of(session: &Session, events: &[HistoryEvent]) -> anyhow::Result<Exit> {
    let output = &session.output;
    let Some(first) = events.first() else {
        output.say("It has no event.");
        return Ok(Exit::Success);
    };
    let since = |event: &HistoryEvent| between(*first.timestamp(), *event.timestamp());
    if output.is_json() {
        let list: Vec<Value> = events.iter().map(|e| event::report(e, since(e))).collect();
        output.json(&list)?;
        return Ok(Exit::Success);
    }
    let row = |event: &HistoryEvent| -> Row {
        let failure = View::failure(event).map(|failure| failure.to_string());
        let says = failure.or_else(|| View::waits_for(event));
        vec![
            Some(event.id().to_string()),
            Some(event.previous_event_id().to_string()),
            Some(human::duration(since(event))),
            Some(event.r#type().as_str().to_owned()),
            Some(event::state(event).unwrap_or_default().to_owned()),
            Some(says.unwrap_or_default()),
        ]
    };
    let heads = [
        ("id", "bigint"),
        ("after", "bigint"),
        ("at", "varchar"),
        ("event", "varchar"),
        ("state", "varchar"),
        ("", "varchar"),
    ];
    let heads = heads.map(|(name, kind)| Column::new(name, kind));
    let list: Vec<Row> = events.iter().map(row).collect();
    output.line(rows::table(&heads, &list, output.width(), output.paint))?;
    Ok(Exit::Success)
}
