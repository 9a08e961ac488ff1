//! `athglue run`

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use aws_smithy_types::DateTime;
use clap_complete::ArgValueCompleter;
use serde_json::{Value, json};

use super::{completer, names};
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::output::{Moving, Output, human};
use crate::resource::{call, partition};
use crate::session::Session;

/// Runs a state machine and follows it, state by state.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The state machine, by its id in stack.toml, by name or by ARN.
    #[arg(value_name = "STATE_MACHINE", add = ArgValueCompleter::new(completer::state_machines))]
    name: String,

    /// Its input: JSON, or @FILE.
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}")]
    input: String,

    /// Starts it and does not wait.
    #[arg(long)]
    no_wait: bool,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let input = input(&args.input)?;
    let (stack, cloud) = session.open().await?;
    let name = names::physical(stack.as_ref(), "state_machines", &args.name);
    let machine = if name.starts_with("arn:") {
        name
    } else {
        let (region, account) = (cloud.region(), cloud.account_id());
        let partition = partition(region);
        format!("arn:{partition}:states:{region}:{account}:stateMachine:{name}")
    };
    let request = cloud
        .sfn
        .start_execution()
        .state_machine_arn(&machine)
        .input(input);
    let started = match call!("StartExecution", request) {
        Err(error) if error.is("StateMachineDoesNotExist") => {
            bail!(
                "{error}{}",
                names::not_there(stack.as_ref(), "state_machines", &args.name)
            )
        }
        started => started?,
    };
    let arn = started.execution_arn;
    if args.no_wait {
        session.output.line(&arn)?;
        cloud.finish().await;
        return Ok(Exit::Success);
    }
    let waiting = session.output.spinner("starting");
    let mut view = View::new(&session.output, waiting.clone());
    let ended = tokio::select! {
        ended = follow(&cloud, &arn, &mut view) => ended?,
        pressed = tokio::signal::ctrl_c() => {
            pressed?;
            waiting.end();
            call!("StopExecution", cloud.sfn.stop_execution().execution_arn(&arn))?;
            cloud.finish().await;
            session.output.say(format!("{arn} is stopped."));
            return Ok(Exit::Interrupted);
        }
    };
    waiting.end();
    cloud.finish().await;
    tell_end(&session.output, &ended, view.transitions)
}

fn input(given: &str) -> anyhow::Result<String> {
    let text = match given.strip_prefix('@') {
        Some(file) => {
            std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?
        }
        None => given.to_owned(),
    };
    serde_json::from_str::<Value>(&text).context("--input is not JSON")?;
    Ok(text)
}

/// Reads the history as it grows, until the execution has ended and all of it was shown.
async fn follow(
    cloud: &Cloud,
    arn: &str,
    view: &mut View<'_>,
) -> anyhow::Result<DescribeExecutionOutput> {
    let longest = match cloud.target() {
        Target::Local { .. } => Duration::from_millis(100),
        Target::Aws | Target::Endpoint(_) => Duration::from_secs(1),
    };
    let mut pause = Duration::from_millis(5);
    let mut seen = 0;
    let mut token: Option<String> = None;
    loop {
        // Its end is asked first, so that the history read after it is whole.
        let request = cloud.sfn.describe_execution().execution_arn(arn);
        let execution = call!("DescribeExecution", request)?;
        let before = seen;
        // From the page that was last; earlier ones cannot change any more.
        loop {
            let request = cloud
                .sfn
                .get_execution_history()
                .execution_arn(arn)
                .max_results(1000)
                .include_execution_data(true)
                .set_next_token(token.clone());
            let page = call!("GetExecutionHistory", request)?;
            for event in page.events().iter().filter(|e| e.id() > seen) {
                view.event(event);
            }
            seen = page.events().iter().map(HistoryEvent::id).fold(seen, i64::max);
            match page.next_token {
                Some(next) => token = Some(next),
                None => break,
            }
        }
        if *execution.status() != ExecutionStatus::Running {
            return Ok(execution);
        }
        if seen > before {
            pause = Duration::from_millis(5);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// Shows states as they happen.
struct View<'a> {
    output: &'a Output,
    bar: Moving,
    /// When the states that are running were entered, by name.
    entered: HashMap<String, Vec<DateTime>>,
    /// How deep inside of Map and Parallel each event happened.
    depth: HashMap<i64, usize>,
    transitions: usize,
}

impl<'a> View<'a> {
    fn new(output: &'a Output, bar: Moving) -> Self {
        Self {
            output,
            bar,
            entered: HashMap::new(),
            depth: HashMap::new(),
            transitions: 0,
        }
    }

    fn event(&mut self, event: &HistoryEvent) {
        let kind = event.r#type().as_str();
        let before = self.depth.get(&event.previous_event_id()).copied();
        let depth = match kind {
            "MapStateStarted" | "ParallelStateStarted" => before.unwrap_or(0) + 1,
            "MapStateSucceeded" | "ParallelStateSucceeded" | "MapStateFailed"
            | "ParallelStateFailed" | "MapStateAborted" | "ParallelStateAborted"
            // It follows the last event inside, as the end of the branches does.
            | "MapStateExited" | "ParallelStateExited" => {
                before.unwrap_or(0).saturating_sub(1)
            }
            _ => before.unwrap_or(0),
        };
        self.depth.insert(event.id(), depth);
        let paint = self.output.talk;
        let indent = "  ".repeat(depth);
        if let Some(details) = event.state_entered_event_details() {
            self.transitions += 1;
            self.entered
                .entry(details.name().to_owned())
                .or_default()
                .push(*event.timestamp());
            self.bar.set(details.name());
        } else if let Some(details) = event.state_exited_event_details() {
            let since = self.entered.get_mut(details.name()).and_then(Vec::pop);
            let took = since.map(|since| elapsed(since, *event.timestamp()));
            let took = took.map(human::duration).unwrap_or_default();
            let what = kind.trim_end_matches("StateExited");
            self.bar.lasting(&format!(
                "{indent}{} {}  {}",
                paint.good("✓"),
                details.name(),
                paint.faint(&format!("{what}  {took}"))
            ));
        } else if let Some(details) = event.task_scheduled_event_details() {
            let resource = format!("{}:{}", details.resource_type(), details.resource());
            self.bar.set(resource);
        } else if let Some(details) = event.task_failed_event_details() {
            self.bar.lasting(&format!(
                "{indent}{} {}: {}",
                paint.bad("✗"),
                details.error().unwrap_or_default(),
                details.cause().unwrap_or_default()
            ));
        }
    }
}

fn elapsed(from: DateTime, to: DateTime) -> Duration {
    let seconds = to.as_secs_f64() - from.as_secs_f64();
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn tell_end(
    output: &Output,
    ended: &DescribeExecutionOutput,
    transitions: usize,
) -> anyhow::Result<Exit> {
    let took = ended
        .stop_date()
        .map(|stop| elapsed(*ended.start_date(), *stop))
        .unwrap_or_default();
    let status = ended.status();
    let result: Option<Value> = ended
        .output()
        .map(serde_json::from_str)
        .transpose()
        .context("the output is not JSON")?;
    if output.is_json() {
        output.json(&json!({
            "execution": ended.execution_arn(), "status": status.as_str(), "output": result,
            "error": ended.error(), "cause": ended.cause(),
            "seconds": took.as_secs_f64(), "transitions": transitions,
        }))?;
    } else if let Some(result) = result {
        output.line(serde_json::to_string_pretty(&result)?)?;
    }
    if *status == ExecutionStatus::Succeeded {
        let line = format!(
            "Succeeded in {}, {}.",
            human::duration(took),
            human::plural(transitions, "transition")
        );
        output.say(output.talk.faint(&line));
        return Ok(Exit::Success);
    }
    let mut text = format!("the execution ended {}", status.as_str());
    if let Some(error) = ended.error() {
        text.push_str(&format!(" with {error}"));
    }
    if let Some(cause) = ended.cause() {
        text.push_str(&format!(": {cause}"));
    }
    output.error(text);
    Ok(Exit::Failure)
}
