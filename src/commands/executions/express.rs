//! Executions of EXPRESS machines: nothing of them can be followed, they are waited for.

use std::time::Duration;

use aws_sdk_sfn::operation::start_sync_execution::StartSyncExecutionOutput;
use aws_sdk_sfn::types::{BillingDetails, ExecutionStatus, LogLevel, LoggingConfiguration};
use serde_json::Value;

use super::bill::Bill;
use super::ending::{self, Ended};
use super::find;
use super::follow::History;
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::output::execution::{States, View, between};
use crate::resource::call;
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

/// What is answered where an EXPRESS machine is asked for its executions.
pub const KEEPS_NONE: &str = "StateMachineTypeNotSupported";

/// Runs an execution, shows its states and tells its end. The states are known of the embedded cloud
/// alone, whose process keeps the histories; of AWS the machine's logs tell them, if it has some.
pub async fn run(session: &Session, cloud: &Cloud, order: Order<'_>) -> anyhow::Result<Exit> {
    let output = &session.output;
    let waiting = output.spinner(&format!("{} runs", find::machine_name(order.machine)));
    let request = cloud.sfn.start_sync_execution();
    let request = request.state_machine_arn(order.machine).input(order.input).set_name(order.name);
    let answer = call!("StartSyncExecution", request);
    waiting.end();
    let answer = answer?;
    let ended = ended(&answer);
    let mut view = View::new(output, order.runs);
    match cloud.target() {
        Target::Local { .. } => {
            for event in &History::new(cloud, &ended.arn).news().await? {
                view.event(event);
            }
            view.finish();
        }
        Target::Aws | Target::Endpoint(_) => view.states = States::default(),
    }
    ending::tell(output, cloud, &ended, &view.states, order.stack).await
}

/// What to do where the executions of an EXPRESS machine were asked for.
pub async fn help(cloud: &Cloud, machine: &str) -> String {
    let request = cloud.sfn.describe_state_machine().state_machine_arn(machine);
    let logs = match call!("DescribeStateMachine", request) {
        Ok(described) => match described.logging_configuration().and_then(log_group) {
            Some(group) => format!("its log group {group} tells what they did"),
            None => "`logging_configuration = \"ALL\"` in stack.toml has them logged".to_owned(),
        },
        // Who may list executions need not be one who may look at machines.
        Err(_) => "its log tells what they did, if it has one".to_owned(),
    };
    format!("an EXPRESS machine keeps no executions; {logs}")
}

/// The name of the log group that a machine writes to; none if it writes to none.
fn log_group(logging: &LoggingConfiguration) -> Option<String> {
    logging.level().filter(|level| **level != LogLevel::Off)?;
    let destination = logging.destinations().first()?;
    let arn = destination.cloud_watch_logs_log_group()?.log_group_arn()?;
    let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
    Some(name.trim_end_matches(":*").to_owned())
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

#[cfg(test)]
mod tests {
    use aws_sdk_sfn::types::{CloudWatchLogsLogGroup, LogDestination};

    use super::*;

    #[test]
    fn the_log_group_is_the_name_in_its_arn_where_something_is_logged() {
        let arn = "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/vendedlogs/states/m:*";
        let logging = |level: LogLevel| {
            let group = CloudWatchLogsLogGroup::builder().log_group_arn(arn).build();
            let to = LogDestination::builder().cloud_watch_logs_log_group(group).build();
            LoggingConfiguration::builder().level(level).destinations(to).build()
        };
        let group = log_group(&logging(LogLevel::All));
        assert_eq!(group.as_deref(), Some("/aws/vendedlogs/states/m"));
        assert_eq!(log_group(&logging(LogLevel::Off)), None);
        assert_eq!(log_group(&LoggingConfiguration::builder().build()), None);
    }
}
