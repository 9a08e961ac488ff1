//! `athglue run`

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use aws_sdk_sfn::types::StateMachineType;
use clap::ValueHint;
use clap_complete::ArgValueCompleter;
use serde_json::{Value, json};

use super::executions::follow::History;
use super::executions::watch::watch;
use super::executions::{ending, find};
use super::completer;
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::machine::Definition;
use crate::mocks;
use crate::output::human;
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

Ctrl-C asks whether the execution is to be stopped; where nobody can be asked it stops it.";

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
    let input = input(&args.input)?;
    let mocks = args.mocks.as_deref().map(mocks::read).transpose()?;
    if mocks.is_some() && !matches!(session.target(), Target::Local { .. }) {
        bail!("tasks are mocked on the embedded cloud only, and this is {}", session.target());
    }
    let (stack, cloud) = session.open_with(mocks.clone()).await?;
    let mut machine = Machine::find(&cloud, stack.as_ref(), &args.name).await?;
    if let Some(mocks) = mocks {
        let mocks = match &stack {
            Some(stack) => mocks::with_ids(mocks, stack),
            None => mocks,
        };
        let case = mocks::case(&mocks, find::machine_name(&machine.arn), args.case.as_deref())?;
        machine.arn = format!("{}#{case}", machine.arn);
    }
    if machine.is_express && !args.no_wait {
        return run_express(session, &cloud, &machine, input, args.execution_name).await;
    }
    let request = cloud
        .sfn
        .start_execution()
        .state_machine_arn(&machine.arn)
        .set_name(args.execution_name)
        .input(input);
    let started = call!("StartExecution", request)
        .map_err(|error| find::no_machine(error, stack.as_ref(), &args.name))?;
    let arn = started.execution_arn;
    if args.no_wait {
        if session.output.is_json() {
            session.output.json(&json!({"execution": arn}))?;
        } else {
            session.output.line(&arn)?;
        }
        // The embedded cloud lives in this process: it ends with its executions.
        cloud.finish().await;
        return Ok(Exit::Success);
    }
    let mut history = History::new(&cloud, &arn);
    watch(session, &cloud, &mut history, &machine.runs, machine.written.as_ref()).await
}

/// A state machine as it is on the cloud.
struct Machine {
    arn: String,
    is_express: bool,
    /// The definition that runs.
    runs: Value,
    /// The definition in the stack, if it is of the stack.
    written: Option<Definition>,
}

impl Machine {
    async fn find(cloud: &Cloud, stack: Option<&Stack>, given: &str) -> anyhow::Result<Self> {
        let arn = find::machine(cloud, stack, given);
        let written = find::definition(stack, find::machine_name(&arn));
        let request = cloud.sfn.describe_state_machine().state_machine_arn(&arn);
        let described = match call!("DescribeStateMachine", request) {
            Ok(described) => Some(described),
            // Who may start it need not be one who may look at it.
            Err(error) if error.is("AccessDeniedException") => None,
            Err(error) => return Err(find::no_machine(error, stack, given)),
        };
        let runs = match &described {
            Some(described) => {
                serde_json::from_str(described.definition()).context("the definition is not JSON")?
            }
            None => written.as_ref().map(|w| w.value.clone()).unwrap_or_default(),
        };
        let kind = described.as_ref().map(aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput::r#type);
        Ok(Self {
            arn,
            is_express: kind == Some(&StateMachineType::Express),
            runs,
            written,
        })
    }
}

fn input(given: &str) -> anyhow::Result<String> {
    let text = match given.strip_prefix('@') {
        Some(file) => {
            std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?
        }
        None if given == "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        None => given.to_owned(),
    };
    serde_json::from_str::<Value>(&text).context("--input is not JSON")?;
    Ok(text)
}

/// An execution of an EXPRESS machine has no history that could be followed: it is waited for.
async fn run_express(
    session: &Session,
    cloud: &Cloud,
    machine: &Machine,
    input: String,
    name: Option<String>,
) -> anyhow::Result<Exit> {
    let output = &session.output;
    let waiting = output.spinner(&format!("{} runs", find::machine_name(&machine.arn)));
    let request = cloud.sfn.start_sync_execution();
    let request = request.state_machine_arn(&machine.arn).input(input).set_name(name);
    let ended = call!("StartSyncExecution", request)?;
    waiting.end();
    let billing = ended.billing_details();
    let millis = billing.map_or(0, aws_sdk_sfn::types::BillingDetails::billed_duration_in_milliseconds);
    let memory = billing.map_or(0, aws_sdk_sfn::types::BillingDetails::billed_memory_used_in_mb);
    let cost = express_cost(millis, memory);
    let result = ended.output().map(serde_json::from_str::<Value>);
    let result = result.transpose().context("the output is not JSON")?;
    let status = ended.status().as_str();
    let took = crate::output::execution::between(*ended.start_date(), *ended.stop_date());
    if output.is_json() {
        output.json(&json!({
            "execution": ended.execution_arn(), "status": status, "output": result,
            "error": ended.error(), "cause": ended.cause(), "seconds": took.as_secs_f64(),
            "billed_seconds": Duration::from_millis(millis.unsigned_abs()).as_secs_f64(),
            "billed_megabytes": memory, "cost": cost,
        }))?;
    } else if let Some(result) = &result {
        output.line(serde_json::to_string_pretty(result)?)?;
    }
    if status != "SUCCEEDED" {
        let error = ended.error().unwrap_or_default();
        let cause = ended.cause().unwrap_or_default();
        bail!("the execution ended {status} with {error}: {cause}");
    }
    let line = format!(
        "Succeeded in {}; {}.",
        human::duration(took),
        ending::priced(cloud, cost)
    );
    output.say(output.talk.faint(&line));
    Ok(Exit::Success)
}

/// Dollars: one for a million requests, and 0.00001667 for a second with a gigabyte
/// (aws.amazon.com/step-functions/pricing, first tier).
fn express_cost(millis: i64, megabytes: i64) -> f64 {
    let gigabyte_seconds = megabytes as f64 / 1024.0 * millis as f64 / 1000.0;
    1e-6 + gigabyte_seconds * 0.000_016_67
}
