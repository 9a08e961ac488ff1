//! `athglue executions`

pub(super) mod ending;
pub(super) mod find;
pub(super) mod follow;
mod list;
mod show;
pub(super) mod watch;

use clap_complete::ArgValueCompleter;
use serde_json::json;

use self::follow::History;
use super::completer;
use crate::cli::Exit;
use crate::resource::call;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  athglue executions list                     of every state machine of the stack
  athglue executions list report --status FAILED
  athglue executions show report              the last one, with its states
  athglue executions show report/monday --events
  athglue executions stop report --cause 'wrong day'
  athglue executions redrive report           from the state that failed

EXECUTION is an ARN, MACHINE/NAME, or MACHINE alone, which is its last execution.";

/// Lists, shows, stops and redrives executions of state machines.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    List(list::Args),
    Show(show::Args),
    Stop(StopArgs),
    Redrive(RedriveArgs),
}

/// Stops an execution.
#[derive(Debug, clap::Args)]
struct StopArgs {
    /// The execution: an ARN, MACHINE/NAME, or MACHINE for its last.
    #[arg(add = ArgValueCompleter::new(completer::state_machines))]
    execution: String,

    /// The error that its history tells.
    #[arg(long, value_name = "ERROR")]
    error: Option<String>,

    /// Why it is stopped.
    #[arg(long, value_name = "TEXT")]
    cause: Option<String>,
}

/// Runs a failed, aborted or timed-out execution again from the states that did not succeed.
#[derive(Debug, clap::Args)]
struct RedriveArgs {
    /// The execution: an ARN, MACHINE/NAME, or MACHINE for its last.
    #[arg(add = ArgValueCompleter::new(completer::state_machines))]
    execution: String,

    /// Starts it and does not wait.
    #[arg(long)]
    no_wait: bool,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    match args.action {
        Action::List(args) => list::run(args, session).await,
        Action::Show(args) => show::run(args, session).await,
        Action::Stop(args) => stop(args, session).await,
        Action::Redrive(args) => redrive(args, session).await,
    }
}

async fn stop(args: StopArgs, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let arn = find::execution(session, &cloud, stack.as_ref(), &args.execution).await?;
    watch::stop(&cloud, &arn, args.error, args.cause).await?;
    let execution = follow::describe(&cloud, &arn).await?;
    let status = execution.status().as_str();
    if session.output.is_json() {
        session.output.json(&json!({"execution": arn, "status": status}))?;
    } else {
        session.output.line(format!("{arn} is {status}"))?;
    }
    Ok(Exit::Success)
}

async fn redrive(args: RedriveArgs, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let arn = find::execution(session, &cloud, stack.as_ref(), &args.execution).await?;
    call!("RedriveExecution", cloud.sfn.redrive_execution().execution_arn(&arn))?;
    if args.no_wait {
        if session.output.is_json() {
            session.output.json(&json!({"execution": arn}))?;
        } else {
            session.output.line(&arn)?;
        }
        cloud.finish().await;
        return Ok(Exit::Success);
    }
    let written = find::definition(stack.as_ref(), find::machine_name(&arn));
    let runs = show::definition_of(&cloud, &arn).await?;
    let mut history = History::new(&cloud, &arn);
    watch::watch(session, &cloud, &mut history, &runs, written.as_ref()).await
}
