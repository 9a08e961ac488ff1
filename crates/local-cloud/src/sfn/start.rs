//! StartExecution.

use serde_json::Value;

use super::arn::{ExecutionArn, MachineArn};
use super::executions::{self, Execution, timestamp};
use super::integrations::Integrations;
use super::machines::{self, Machine, Revision};
use super::{check_name, definition, express, now, running, versions};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// A machine as an execution of it has to have it.
pub(super) struct Startable {
    pub arn: MachineArn,
    pub machine: Machine,
    pub version: Option<i64>,
    pub revision_key: String,
    pub revision: Revision,
}

impl Startable {
    /// The machine, or the version, that an ARN names.
    pub fn find(cloud: &Cloud, caller: &Caller, arn: &str) -> Result<Self, ServiceError> {
        let arn = MachineArn::parse(arn)?;
        cloud.store().read(|c| {
            let machine = machines::active(c, caller, &arn)?;
            let version = versions::named(c, &machine, &arn)?;
            let revision_key = version
                .as_ref()
                .map_or(&machine.revision, |v| &v.revision)
                .clone();
            Ok(Self {
                arn: arn.unqualified(),
                version: version.map(|v| v.number),
                revision: machines::revision(c, &revision_key)?,
                revision_key,
                machine,
            })
        })
    }

    pub fn parsed(&self) -> Result<asl::StateMachine, ServiceError> {
        // It was without mistakes when it was made.
        asl::StateMachine::parse(&self.revision.definition).map_err(|mistakes| {
            ServiceError::internal(format!("the definition of {}: {mistakes:?}", self.arn))
        })
    }

    /// What the interpreter has to know of an execution.
    pub fn execution(&self, arn: String, name: &str, started: i64, input: Value) -> asl::Execution {
        asl::Execution {
            arn,
            name: name.to_owned(),
            role_arn: self.revision.role_arn.clone(),
            start_time: chrono::DateTime::from_timestamp_millis(started).unwrap_or_default(),
            input,
            state_machine_arn: self.arn.to_string(),
            state_machine_name: self.machine.name.clone(),
            redrive_count: 0,
            redrive_time: None,
        }
    }

    pub fn tasks(&self, cloud: &Cloud) -> Integrations {
        Integrations::new(cloud, &self.machine.region, &self.revision.role_arn)
    }
}

/// The name that is asked for, or a new one.
pub(super) fn execution_name(asked: Option<String>) -> Result<String, ServiceError> {
    match asked {
        Some(name) => check_name(&name).map(|()| name),
        None => Ok(uuid::Uuid::new_v4().to_string()),
    }
}

/// Starts an execution in the background. A STANDARD one that runs already under the name with
/// the same input is answered again.
pub async fn start(
    cloud: &Cloud,
    caller: &Caller,
    input: StartExecutionInput,
) -> Result<StartExecutionOutput, ServiceError> {
    let startable = Startable::find(cloud, caller, &input.state_machine_arn)?;
    let name = execution_name(input.name)?;
    let text = input.input.unwrap_or_else(|| "{}".to_owned());
    let value = definition::check_input(&text)?;
    if startable.machine.is_express() {
        return express::start(cloud, &startable, &name, value);
    }
    running::fail_abandoned(cloud)?;
    let arn = ExecutionArn {
        region: startable.machine.region.clone(),
        account: cloud.account().to_owned(),
        machine: startable.machine.name.clone(),
        name: name.clone(),
    };
    let machine = startable.parsed()?;
    let started = now();
    let asked = Execution {
        id: 0,
        region: arn.region.clone(),
        machine: arn.machine.clone(),
        name,
        version: startable.version,
        revision: startable.revision_key.clone(),
        input: text,
        trace_header: input.trace_header,
        started,
        status: "RUNNING".to_owned(),
        stopped: None,
        output: None,
        error: None,
        cause: None,
    };
    let (there, id) = cloud.store().write(|tx| {
        if let Some(there) = executions::find(tx, &arn.region, &arn.machine, &arn.name)? {
            if !there.is_running() || there.input != asked.input {
                return Err(ServiceError::new(
                    "ExecutionAlreadyExists",
                    format!("Execution Already Exists: '{arn}'"),
                ));
            }
            return Ok((Some(there), 0));
        }
        // The machine may have been deleted since it was looked up.
        machines::active(tx, caller, &startable.arn)?;
        Ok((None, executions::add(tx, cloud.store().lease(), &asked)?))
    })?;
    let started = match there {
        Some(there) => there.started,
        None => {
            let execution = startable.execution(arn.to_string(), &asked.name, started, value);
            running::spawn(cloud, id, machine, execution, startable.tasks(cloud));
            started
        }
    };
    Ok(StartExecutionOutput {
        execution_arn: arn.to_string(),
        start_date: timestamp(started),
    })
}
