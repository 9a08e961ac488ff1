//! `athglue executions`

mod bill;
mod children;
mod ending;
mod event;
pub(super) mod express;
pub(super) mod find;
pub(super) mod follow;
pub(super) mod hand_over;
mod list;
mod show;
pub(super) mod watch;

use clap_complete::ArgValueCompleter;
use serde_json::json;

use self::follow::History;
use self::hand_over::Hands;
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
    ///
    /// On the embedded cloud, as `run --no-wait` does.
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
    // Who runs it sees at once that it is stopped.
    let hands = Hands::of(&cloud, true);
    watch::stop(hands.sfn(), &arn, args.error, args.cause).await?;
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
    let hands = Hands::of(&cloud, args.no_wait);
    call!("RedriveExecution", hands.sfn().redrive_execution().execution_arn(&arn))?;
    if args.no_wait {
        return hands.leave(session, &arn).await;
    }
    let runs = show::definition_of(&cloud, &arn).await?;
    let mut history = History::new(&cloud, &arn);
    watch::watch(session, &cloud, &mut history, &runs, stack.as_ref()).await
}
