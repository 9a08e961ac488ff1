//! StartExecution.

use serde_json::Value;

use super::arn::{ExecutionArn, MachineArn};
use super::executions::{self, Execution, timestamp};
use super::integrations::Integrations;
use super::machines::{self, Machine, Revision};
use super::running::{self, Begin, Work};
use super::{aliases, check_name, definition, express, log, now, versions};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// A machine as an execution of it has to have it.
pub(super) struct Startable {
    pub arn: MachineArn,
    pub machine: Machine,
    pub version: Option<i64>,
    pub alias: Option<String>,
    /// The test case whose mocks stand for tasks.
    pub test_case: Option<String>,
    pub revision_key: String,
    pub revision: Revision,
}

impl Startable {
    /// The machine, the version, or by an alias one of its versions, that an ARN names. Behind a
    /// `#` is a test case.
    pub fn find(cloud: &Cloud, caller: &Caller, arn: &str) -> Result<Self, ServiceError> {
        let (arn, test_case) = match arn.split_once('#') {
            Some((arn, case)) => (MachineArn::parse(arn)?, Some(case.to_owned())),
            None => (MachineArn::parse(arn)?, None),
        };
        if let Some(case) = &test_case {
            check_test_case(cloud, &arn.name, case)?;
        }
        cloud.store().read(|c| {
            let machine = machines::active(c, caller, &arn)?;
            let alias = match arn.alias() {
                Some(name) => aliases::find(c, &machine.region, &machine.name, name)?,
                None => None,
            };
            let version = match &alias {
                Some(alias) => {
                    let arn = arn.with_version(alias.version());
                    versions::named(c, &machine, &arn)?
                }
                None => versions::named(c, &machine, &arn)?,
            };
            let revision_key = version
                .as_ref()
                .map_or(&machine.revision, |v| &v.revision)
                .clone();
            Ok(Self {
                arn: arn.unqualified(),
                version: version.map(|v| v.number),
                alias: alias.map(|alias| alias.name),
                test_case,
                revision: machines::revision(c, &revision_key)?,
                revision_key,
                machine,
            })
        })
    }

    pub fn parsed(&self, cloud: &Cloud) -> Result<asl::StateMachine, ServiceError> {
        cloud.sfn().machine(&self.revision_key, &self.revision)
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
            alias_arn: self
                .alias
                .as_ref()
                .map(|alias| self.arn.with_alias(alias).to_string()),
            version_arn: self
                .version
                .map(|number| self.arn.with_version(number).to_string()),
            redrive_count: 0,
            redrive_time: None,
            tells_redrives: true,
        }
    }

    pub fn tasks(&self, cloud: &Cloud) -> Integrations {
        Integrations::new(
            cloud,
            &self.machine.region,
            &self.machine.name,
            &self.revision.role_arn,
        )
        .in_test_case(self.test_case.clone())
    }
}

/// Refuses a test case that the mock configuration does not have.
fn check_test_case(cloud: &Cloud, machine: &str, case: &str) -> Result<(), ServiceError> {
    if cloud
        .mocks()
        .is_some_and(|mocks| mocks.has_case(machine, case))
    {
        return Ok(());
    }
    Err(ServiceError::new(
        "ValidationException",
        format!(
            "The mock configuration has no test case '{case}' of the state machine '{machine}'."
        ),
    ))
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
    definition::check_size("input", input.input.as_deref().unwrap_or_default())?;
    let startable = Startable::find(cloud, caller, &input.state_machine_arn)?;
    let name = execution_name(input.name)?;
    let text = input.input.unwrap_or_else(|| "{}".to_owned());
    let value = definition::check_input(&text)?;
    if startable.machine.is_express() {
        return express::start(cloud, &startable, &name, value, text);
    }
    let arn = ExecutionArn {
        region: startable.machine.region.clone(),
        account: cloud.account().to_owned(),
        machine: startable.machine.name.clone(),
        name: name.clone(),
    };
    let machine = startable.parsed(cloud)?;
    let started = now();
    let mut asked = Execution {
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
        alias: startable.alias.clone(),
        test_case: startable.test_case.clone(),
        redrives: 0,
        redriven: None,
        child: None,
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
        Ok((
            None,
            executions::add(tx, cloud.store().lease(), &asked, None)?,
        ))
    })?;
    let started = match there {
        Some(there) => there.started,
        None => {
            asked.id = id;
            let log = log::Target::new(&startable.revision, &asked.machine, arn.to_string());
            let work = Work {
                id,
                machine,
                execution: startable.execution(arn.to_string(), &asked.name, started, value),
                tasks: startable.tasks(cloud).of_execution(&asked, log.as_ref()),
                log,
                begin: Begin::Start(asked.input),
            };
            running::spawn(cloud, work);
            started
        }
    };
    Ok(StartExecutionOutput {
        execution_arn: arn.to_string(),
        start_date: timestamp(started),
    })
}
