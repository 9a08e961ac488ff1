//! Executions of EXPRESS machines: nothing of them can be followed, they are waited for.

use std::time::Duration;

use aws_sdk_sfn::operation::start_sync_execution::StartSyncExecutionOutput;
use aws_sdk_sfn::types::{BillingDetails, ExecutionStatus};
use serde_json::Value;

use super::bill::Bill;
use super::ending::{self, Ended};
use super::find;
use super::follow::History;
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::output::execution::{States, between};
use crate::resource::{CallError, call};
use crate::session::Session;
use crate::stack::Stack;

/// What is to be run.
pub struct Order<'a> {
    pub machine: &'a str,
    pub input: String,
    pub name: Option<String>,
    /// The definition that runs.
    pub runs: &'a Value,
    /// Knows where the definition is written.
    pub stack: Option<&'a Stack>,
}

/// Runs an execution and tells its end. Where it failed is known of the embedded cloud alone, whose
/// process keeps the histories; of AWS the machine's logs tell it, if it has some.
pub async fn run(session: &Session, cloud: &Cloud, order: Order<'_>) -> anyhow::Result<Exit> {
    let output = &session.output;
    let waiting = output.spinner(&format!("{} runs", find::machine_name(order.machine)));
    let request = cloud.sfn.start_sync_execution();
    let request = request.state_machine_arn(order.machine).input(order.input).set_name(order.name);
    let answer = call!("StartSyncExecution", request);
    waiting.end();
    let answer = answer?;
    let ended = ended(&answer);
    let states = match cloud.target() {
        Target::Local { .. } => states(cloud, &ended.arn, order.runs).await?,
        Target::Aws | Target::Endpoint(_) => States::default(),
    };
    ending::tell(output, cloud, &ended, &states, order.stack).await
}

async fn states(cloud: &Cloud, arn: &str, runs: &Value) -> Result<States, CallError> {
    let mut states = States::of(runs);
    for event in &History::new(cloud, arn).news().await? {
        states.take(event);
    }
    Ok(states)
}

fn ended(answer: &StartSyncExecutionOutput) -> Ended {
    let billing = answer.billing_details();
    let millis = billing.map_or(0, BillingDetails::billed_duration_in_milliseconds);
    let memory = billing.map_or(0, BillingDetails::billed_memory_used_in_mb);
    let took: Duration = between(*answer.start_date(), *answer.stop_date());
    Ended {
        arn: answer.execution_arn().to_owned(),
        status: ExecutionStatus::from(answer.status().as_str()),
        input: answer.input().map(str::to_owned),
        output: answer.output().map(str::to_owned),
        error: answer.error().map(str::to_owned),
        cause: answer.cause().map(str::to_owned),
        took,
        bill: Bill::express(millis, memory),
    }
}
