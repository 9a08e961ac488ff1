//! `athglue run`

mod input;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use aws_sdk_sfn::types::StateMachineType;
use clap::ValueHint;
use clap_complete::ArgValueCompleter;
use serde_json::Value;

use super::executions::follow::History;
use super::executions::watch::watch;
use super::executions::hand_over::Hands;
use super::executions::{express, find};
use super::completer;
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::json;
use crate::mocks;
use crate::resource::call;
use crate::session::Session;
use crate::stack::Stack;

const EXAMPLES: &str = "\
Examples:
  athglue run report
  athglue run report --input '{\"day\": \"2024-05-01\"}'
  athglue run report --input @day.json --output json | jq .output
  athglue run report --no-wait          prints the execution's ARN
  athglue run report --mocks MockConfigFile.json --case Throttled

Ctrl-C asks whether the execution is to be stopped; where nobody can be asked it stops it.
Once more leaves it as it is.";

/// Runs a state machine and shows its states as they run.
///
/// At the end its output is printed. If it fails: the state, the error, what the state was given,
/// and the line of the definition's file.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The state machine, by its id in stack.toml, by name or by ARN.
    #[arg(value_name = "STATE_MACHINE", add = ArgValueCompleter::new(completer::state_machines))]
    name: String,

    /// Its input: JSON, @FILE, or - for stdin.
    #[arg(long, value_name = "JSON|@FILE|-", default_value = "{}")]
    input: String,

    /// The execution's name. Without it, Step Functions makes one up.
    #[arg(long = "name", value_name = "NAME")]
    execution_name: Option<String>,

    /// Starts it and does not wait.
    ///
    /// The embedded cloud lives in this process, which then stays until the execution has ended,
    /// unless `athglue local serve` serves the same folder: that process takes the execution over,
    /// with the functions that it knows.
    #[arg(long)]
    no_wait: bool,

    /// What tasks answer, as Step Functions Local's mock configuration says it; tasks that the test
    /// case does not name are run. On the embedded cloud only.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    mocks: Option<PathBuf>,

    /// The test case in --mocks; without it, the only one that the machine has there.
    #[arg(long, value_name = "NAME", requires = "mocks")]
    case: Option<String>,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let input = input::read(&args.input)?;
    let mocks = args.mocks.as_deref().map(mocks::read).transpose()?;
    if mocks.is_some() && !matches!(session.target(), Target::Local { .. }) {
        bail!("tasks are mocked on the embedded cloud only, and this is {}", session.target());
    }
    let (stack, cloud) = session.open_with(mocks.clone()).await?;
    let mut machine = Machine::find(&cloud, stack.as_ref(), &args.name).await?;
    if let Some(mocks) = mocks {
        let doubts = stack.as_ref().zip(args.mocks.as_deref());
        for doubt in doubts.into_iter().flat_map(|(stack, file)| mocks::doubts(file, &mocks, stack)) {
            session.output.warn(doubt);
        }
        let mocks = match &stack {
            Some(stack) => mocks::with_ids(mocks, stack),
            None => mocks,
        };
        let case = mocks::case(&mocks, find::machine_name(&machine.arn), args.case.as_deref())?;
        machine.arn = format!("{}#{case}", machine.arn);
    }
    if machine.is_express && !args.no_wait {
        let order = express::Order {
            machine: &machine.arn,
            input,
            name: args.execution_name,
            runs: &machine.runs,
            stack: stack.as_ref(),
        };
        return express::run(session, &cloud, order).await;
    }
    // Another process does not know the mocks.
    let hands = Hands::of(&cloud, args.no_wait && args.mocks.is_none());
    let request = hands
        .sfn()
        .start_execution()
        .state_machine_arn(&machine.arn)
        .set_name(args.execution_name)
        .input(input);
    let started = call!("StartExecution", request)
        .map_err(|error| find::no_machine(error, stack.as_ref(), &args.name))?;
    let arn = started.execution_arn;
    if args.no_wait {
        return hands.leave(session, &arn).await;
    }
    let mut history = History::new(&cloud, &arn);
    watch(session, &cloud, &mut history, &machine.runs, stack.as_ref()).await
}

/// A state machine as it is on the cloud.
struct Machine {
    arn: String,
    is_express: bool,
    /// The definition that runs.
    runs: Value,
}

impl Machine {
    async fn find(cloud: &Cloud, stack: Option<&Stack>, given: &str) -> anyhow::Result<Self> {
        let arn = find::machine(cloud, stack, given);
        let request = cloud.sfn.describe_state_machine().state_machine_arn(&arn);
        let described = match call!("DescribeStateMachine", request) {
            Ok(described) => Some(described),
            // Who may start it need not be one who may look at it.
            Err(error) if error.is("AccessDeniedException") => None,
            Err(error) => return Err(find::no_machine(error, stack, given)),
        };
        let runs = match &described {
            Some(described) => {
                json::parse(described.definition()).context("the definition is not JSON")?
            }
            None => find::definition(stack, find::machine_name(&arn))
                .map(|written| written.value)
                .unwrap_or_default(),
        };
        let kind = described.as_ref().map(aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput::r#type);
        Ok(Self {
            arn,
            is_express: kind == Some(&StateMachineType::Express),
            runs,
        })
    }
}
