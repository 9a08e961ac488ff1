//! What a user may call a state machine or an execution by.

use anyhow::bail;

use super::express;
use crate::cloud::Cloud;
use crate::commands::names;
use crate::machine::Definition;
use crate::resource::{CallError, call, partition};
use crate::session::Session;
use crate::stack::Stack;

/// `arn:aws:states:REGION:ACCOUNT`
fn home(cloud: &Cloud) -> String {
    let (region, account) = (cloud.region(), cloud.account_id());
    format!("arn:{}:states:{region}:{account}", partition(region))
}

/// The ARN of a machine by its id in stack.toml, its name, or as it is.
pub fn machine(cloud: &Cloud, stack: Option<&Stack>, given: &str) -> String {
    let name = names::physical(stack, "state_machines", given);
    if name.starts_with("arn:") {
        name
    } else {
        format!("{}:stateMachine:{name}", home(cloud))
    }
}

/// The name in a machine's or an execution's ARN: of `…:stateMachine:NAME`, of
/// `…:execution:NAME:RUN`.
pub fn machine_name(arn: &str) -> &str {
    arn.split(':').nth(6).unwrap_or(arn)
}

/// The definition in stack.toml of the machine that has this name on the cloud. Children of a Map
/// Run are of `NAME/LABEL`, which is in the definition of NAME.
pub fn definition(stack: Option<&Stack>, name: &str) -> Option<Definition> {
    let stack = stack?;
    let name = name.split_once('/').map_or(name, |(machine, _)| machine);
    let mut machines = stack.of_kind("state_machines");
    let found = machines.find(|declared| declared.resource.name() == name)?;
    Definition::of_stack(stack, &found.resource.address().id)
}

/// Says of an error that no machine has this name what it may have been.
pub fn no_machine(error: CallError, stack: Option<&Stack>, given: &str) -> anyhow::Error {
    if !error.is_any(&["StateMachineDoesNotExist", "InvalidArn"]) {
        return error.into();
    }
    let help = names::not_there(stack, "state_machines", given);
    anyhow::anyhow!("{error}{help}")
}

/// Says of an error of ListExecutions what may be done.
pub async fn no_executions(
    error: CallError,
    cloud: &Cloud,
    stack: Option<&Stack>,
    given: &str,
) -> anyhow::Error {
    if !error.is(express::KEEPS_NONE) {
        return no_machine(error, stack, given);
    }
    let help = express::help(cloud, &machine(cloud, stack, given)).await;
    anyhow::anyhow!("{error}\n  help: {help}")
}

/// The ARN of an execution, given as it is, as MACHINE/NAME, or as MACHINE alone for its last.
pub async fn execution(
    session: &Session,
    cloud: &Cloud,
    stack: Option<&Stack>,
    given: &str,
) -> anyhow::Result<String> {
    if given.starts_with("arn:") {
        return Ok(given.to_owned());
    }
    if let Some((of, name)) = given.split_once('/') {
        let machine = machine(cloud, stack, of);
        return Ok(format!("{}:execution:{}:{name}", home(cloud), machine_name(&machine)));
    }
    let request = cloud.sfn.list_executions();
    let request = request.state_machine_arn(machine(cloud, stack, given));
    let answer = match call!("ListExecutions", request.max_results(1)) {
        Ok(answer) => answer,
        Err(error) => return Err(no_executions(error, cloud, stack, given).await),
    };
    let Some(last) = answer.executions().first() else {
        bail!("{given} has had no execution\n  help: `athglue run {given}` starts one");
    };
    let told = format!("The last execution of {given}: {}", last.name());
    session.output.say(session.output.talk.faint(&told));
    Ok(last.execution_arn().to_owned())
}
