//! `athglue executions list`

use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use clap_complete::ArgValueCompleter;
use serde_json::json;

use super::ending::seconds;
use super::{express, find};
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::commands::{completer, names};
use crate::output::execution::between;
use crate::output::human;
use crate::output::rows::{self, Column, Row};
use crate::resource::CallError;
use crate::session::Session;
use crate::stack::Stack;

/// Lists executions, the newest first.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// State machines, by id, name or ARN. Without one, all of the stack; without a stack, all.
    #[arg(value_name = "STATE_MACHINE", add = ArgValueCompleter::new(completer::state_machines))]
    machines: Vec<String>,

    /// Only those that are so.
    #[arg(long, value_name = "STATUS", ignore_case = true)]
    #[arg(value_parser = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"])]
    status: Option<String>,

    /// How many are listed at most.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let stack = stack.as_ref();
    let mut found = Vec::new();
    let mut keep_none: Vec<String> = Vec::new();
    if args.machines.is_empty() {
        for arn in machines(&cloud, stack).await? {
            match executions(&cloud, &arn, &args).await {
                // A machine of the stack that is not up yet.
                Err(error) if error.is("StateMachineDoesNotExist") => {}
                Err(error) if error.is(express::KEEPS_NONE) => {
                    keep_none.push(find::machine_name(&arn).to_owned());
                }
                some => found.extend(some?),
            }
        }
    }
    for given in &args.machines {
        let arn = find::machine(&cloud, stack, given);
        match executions(&cloud, &arn, &args).await {
            Ok(some) => found.extend(some),
            Err(error) => return Err(find::no_executions(error, &cloud, stack, given).await),
        }
    }
    found.sort_by_key(|execution| std::cmp::Reverse(execution.start_date().as_nanos()));
    found.truncate(args.limit);
    print(session, &found)?;
    if !keep_none.is_empty() {
        let names = keep_none.join(", ");
        let note = format!("Not listed, since EXPRESS machines keep no executions: {names}");
        session.output.say(session.output.talk.faint(&note));
    }
    Ok(Exit::Success)
}

/// The ARNs of the stack's machines, or of all there are.
async fn machines(cloud: &Cloud, stack: Option<&Stack>) -> Result<Vec<String>, CallError> {
    if stack.is_some() {
        let all = names::all(stack, "state_machines");
        return Ok(all.iter().map(|name| find::machine(cloud, stack, name)).collect());
    }
    let mut pages = cloud.sfn.list_state_machines().into_paginator().send();
    let mut arns = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| CallError::of("ListStateMachines", e))?;
        let all = page.state_machines.into_iter();
        arns.extend(all.map(|machine| machine.state_machine_arn));
    }
    Ok(arns)
}

async fn executions(
    cloud: &Cloud,
    machine: &str,
    args: &Args,
) -> Result<Vec<ExecutionListItem>, CallError> {
    let status = args.status.as_deref().map(str::to_uppercase);
    let request = cloud.sfn.list_executions().state_machine_arn(machine);
    let request = request.set_status_filter(status.as_deref().map(ExecutionStatus::from));
    let size = i32::try_from(args.limit.clamp(1, 1000)).unwrap_or(1000);
    let mut pages = request.max_results(size).into_paginator().send();
    let mut found = Vec::new();
    while found.len() < args.limit
        && let Some(page) = pages.next().await
    {
        let page = page.map_err(|e| CallError::of("ListExecutions", e))?;
        found.extend(page.executions);
    }
    Ok(found)
}

fn print(session: &Session, found: &[ExecutionListItem]) -> anyhow::Result<()> {
    let output = &session.output;
    let took = |e: &ExecutionListItem| e.stop_date().map(|stop| between(*e.start_date(), *stop));
    if output.is_json() {
        let list: Vec<_> = found
            .iter()
            .map(|e| {
                json!({"execution": e.execution_arn(), "machine": e.state_machine_arn(),
                       "name": e.name(), "status": e.status().as_str(),
                       "started": time(*e.start_date()), "seconds": took(e).map(seconds),
                       "redrives": e.redrive_count()})
            })
            .collect();
        return output.json(&list);
    }
    let row = |e: &ExecutionListItem| -> Row {
        let machine = find::machine_name(e.state_machine_arn());
        let took = took(e).map(human::duration).unwrap_or_default();
        let started = time(*e.start_date());
        [machine, e.name(), e.status().as_str(), &started, &took]
            .map(|cell| Some(cell.to_owned()))
            .into()
    };
    let heads = ["machine", "execution", "status", "started (UTC)", "took"];
    let heads = heads.map(|head| Column::new(head, "varchar"));
    let list: Vec<Row> = found.iter().map(row).collect();
    output.line(rows::table(&heads, &list, output.width(), output.paint))?;
    output.say(human::plural(found.len(), "execution"));
    Ok(())
}

/// `2024-05-01 12:30:00`, in UTC.
pub fn time(moment: aws_smithy_types::DateTime) -> String {
    chrono::DateTime::from_timestamp(moment.secs(), 0)
        .map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}
