//! Executions of STANDARD machines as the store has them: DescribeExecution, ListExecutions,
//! DescribeStateMachineForExecution.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::arn::{ExecutionArn, MachineArn};
use super::machines::{self, Revision};
use super::{deletion, invalid_token, now, one_more, page_size, running};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::sfn::*;
use crate::paging;

/// One execution; times are milliseconds since the epoch.
pub(super) struct Execution {
    /// Its key in the store.
    pub id: i64,
    pub region: String,
    pub machine: String,
    pub name: String,
    pub version: Option<i64>,
    pub revision: String,
    pub input: String,
    pub trace_header: Option<String>,
    pub started: i64,
    pub status: String,
    pub stopped: Option<i64>,
    pub output: Option<String>,
    pub error: Option<String>,
    pub cause: Option<String>,
}

const COLUMNS: &str = "id, region, machine, name, version, revision, input, trace_header, started, status, stopped, output, error, cause";

fn read(row: &Row<'_>) -> rusqlite::Result<Execution> {
    Ok(Execution {
        id: row.get(0)?,
        region: row.get(1)?,
        machine: row.get(2)?,
        name: row.get(3)?,
        version: row.get(4)?,
        revision: row.get(5)?,
        input: row.get(6)?,
        trace_header: row.get(7)?,
        started: row.get(8)?,
        status: row.get(9)?,
        stopped: row.get(10)?,
        output: row.get(11)?,
        error: row.get(12)?,
        cause: row.get(13)?,
    })
}

impl Execution {
    pub fn is_running(&self) -> bool {
        self.status == "RUNNING"
    }

    pub fn arn(&self, account: &str) -> ExecutionArn {
        ExecutionArn {
            region: self.region.clone(),
            account: account.to_owned(),
            machine: self.machine.clone(),
            name: self.name.clone(),
        }
    }

    fn version_arn(&self, machine: &MachineArn) -> Option<String> {
        Some(machine.with_version(self.version?).to_string())
    }
}

/// A time of the store, as the API gives it.
pub(super) fn timestamp(millis: i64) -> Timestamp {
    Timestamp(millis as f64 / 1000.0)
}

pub(super) fn find(
    c: &Connection,
    region: &str,
    machine: &str,
    name: &str,
) -> Result<Option<Execution>, ServiceError> {
    Ok(c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sfn_executions WHERE region = ?1 AND machine = ?2 AND name = ?3"
    ))?
    .query_row((region, machine, name), read)
    .optional()?)
}

/// The execution that an ARN names, from the region that the call is made in.
pub(super) fn existing(
    c: &Connection,
    caller: &Caller,
    arn: &ExecutionArn,
) -> Result<Execution, ServiceError> {
    let here = arn.region == caller.region && arn.account == caller.account;
    let found = if here {
        find(c, &arn.region, &arn.machine, &arn.name)?
    } else {
        None
    };
    found.ok_or_else(|| {
        ServiceError::new(
            "ExecutionDoesNotExist",
            format!("Execution Does Not Exist: '{arn}'"),
        )
    })
}

/// Adds an execution that this process is about to run, and gives its key.
pub(super) fn add(
    tx: &Transaction<'_>,
    owner: &str,
    execution: &Execution,
) -> Result<i64, ServiceError> {
    tx.prepare_cached(
        "INSERT INTO sfn_executions (region, machine, name, version, revision, input, trace_header, started, owner, status)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'RUNNING')",
    )?
    .execute((
        &execution.region,
        &execution.machine,
        &execution.name,
        execution.version,
        &execution.revision,
        &execution.input,
        &execution.trace_header,
        execution.started,
        owner,
    ))?;
    Ok(tx.last_insert_rowid())
}

/// How an execution ended.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub status: &'static str,
    pub output: Option<String>,
    pub error: Option<String>,
    pub cause: Option<String>,
}

impl End {
    /// The failure of an execution that cannot go on, whatever its machine says.
    pub fn failed(cause: String) -> Self {
        Self::without_output("FAILED", Some("States.Runtime".to_owned()), Some(cause))
    }

    pub fn without_output(
        status: &'static str,
        error: Option<String>,
        cause: Option<String>,
    ) -> Self {
        Self {
            status,
            output: None,
            error,
            cause,
        }
    }
}

impl From<asl::Outcome> for End {
    fn from(outcome: asl::Outcome) -> Self {
        match outcome {
            asl::Outcome::Succeeded { output } => Self {
                status: "SUCCEEDED",
                output: Some(output.to_string()),
                error: None,
                cause: None,
            },
            asl::Outcome::Failed { error, cause } => Self::without_output("FAILED", error, cause),
            asl::Outcome::TimedOut { error, cause } => {
                Self::without_output("TIMED_OUT", error, cause)
            }
        }
    }
}

/// Ends an execution that still runs; says whether it did.
pub(super) fn end(tx: &Transaction<'_>, id: i64, end: &End) -> Result<bool, ServiceError> {
    let changed = tx
        .prepare_cached(
            "UPDATE sfn_executions SET status = ?2, stopped = ?3, output = ?4, error = ?5, cause = ?6
             WHERE id = ?1 AND status = 'RUNNING'",
        )?
        .execute((
            id,
            end.status,
            now(),
            &end.output,
            &end.error,
            &end.cause,
        ))?;
    if changed == 0 {
        return Ok(false);
    }
    let (region, machine): (String, String) = tx
        .prepare_cached("SELECT region, machine FROM sfn_executions WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    deletion::finish(tx, &region, &machine)?;
    Ok(true)
}

fn included() -> CloudWatchEventsExecutionDataDetails {
    CloudWatchEventsExecutionDataDetails {
        included: Some(true),
    }
}

pub async fn describe(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeExecutionInput,
) -> Result<DescribeExecutionOutput, ServiceError> {
    let arn = ExecutionArn::parse(&input.execution_arn)?;
    running::fail_abandoned(cloud)?;
    let found = cloud.store().read(|c| existing(c, caller, &arn))?;
    let machine_arn = arn.machine_arn();
    let with_data = input.included_data.as_deref() != Some("METADATA_ONLY");
    let details = || with_data.then(included);
    Ok(DescribeExecutionOutput {
        execution_arn: arn.to_string(),
        state_machine_version_arn: found.version_arn(&machine_arn),
        state_machine_arn: machine_arn.to_string(),
        name: Some(found.name),
        status: found.status,
        start_date: timestamp(found.started),
        stop_date: found.stopped.map(timestamp),
        input: with_data.then_some(found.input),
        input_details: details(),
        output_details: found.output.as_ref().and_then(|_| details()),
        output: found.output.filter(|_| with_data),
        trace_header: found.trace_header,
        error: found.error,
        cause: found.cause.filter(|_| with_data),
        redrive_count: Some(0),
        ..Default::default()
    })
}

pub async fn describe_machine(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeStateMachineForExecutionInput,
) -> Result<DescribeStateMachineForExecutionOutput, ServiceError> {
    let arn = ExecutionArn::parse(&input.execution_arn)?;
    let (found, revision): (Execution, Revision) = cloud.store().read(|c| {
        let found = existing(c, caller, &arn)?;
        let revision = machines::revision(c, &found.revision)?;
        Ok((found, revision))
    })?;
    let metadata_only = input.included_data.as_deref() == Some("METADATA_ONLY");
    Ok(DescribeStateMachineForExecutionOutput {
        state_machine_arn: arn.machine_arn().to_string(),
        name: found.machine,
        definition: if metadata_only {
            String::new()
        } else {
            revision.definition
        },
        role_arn: revision.role_arn,
        update_date: Timestamp(revision.updated),
        logging_configuration: Some(revision.logging),
        tracing_configuration: Some(revision.tracing),
        encryption_configuration: Some(revision.encryption),
        revision_id: revision.id,
        ..Default::default()
    })
}

/// The executions of a machine, newest first.
pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListExecutionsInput,
) -> Result<ListExecutionsOutput, ServiceError> {
    if input.map_run_arn.is_some() {
        return Err(ServiceError::not_supported(
            "states",
            "ListExecutions of a map run",
        ));
    }
    let Some(arn) = &input.state_machine_arn else {
        return Err(ServiceError::new(
            "ValidationException",
            "Must provide a StateMachine ARN or MapRun ARN",
        ));
    };
    let arn = MachineArn::parse(arn)?;
    let from = match &input.next_token {
        Some(token) => paging::key(token, "InvalidToken")
            .ok()
            .and_then(|key| key.parse().ok())
            .ok_or_else(invalid_token)?,
        None => i64::MAX,
    };
    let size = page_size(input.max_results);
    running::fail_abandoned(cloud)?;
    // No execution is ever redriven here.
    if input.redrive_filter.as_deref() == Some("REDRIVEN") {
        return Ok(ListExecutionsOutput::default());
    }
    let mut found: Vec<Execution> = cloud.store().read(|c| {
        let machine = machines::existing(c, caller, &arn)?;
        if machine.is_express() {
            return Err(type_not_supported());
        }
        let mut statement = c.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM sfn_executions
             WHERE region = ?1 AND machine = ?2 AND id <= ?3
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR version = ?5)
             ORDER BY id DESC LIMIT ?6"
        ))?;
        let rows = statement.query_map(
            (
                &machine.region,
                &machine.name,
                from,
                &input.status_filter,
                arn.version(),
                one_more(size),
            ),
            read,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    })?;
    let next = found.get(size).map(|e| paging::token(&e.id.to_string()));
    found.truncate(size);
    let machine_arn = arn.unqualified();
    Ok(ListExecutionsOutput {
        executions: found
            .into_iter()
            .map(|execution| ExecutionListItem {
                execution_arn: execution.arn(cloud.account()).to_string(),
                state_machine_arn: machine_arn.to_string(),
                state_machine_version_arn: execution.version_arn(&machine_arn),
                name: execution.name,
                status: execution.status,
                start_date: timestamp(execution.started),
                stop_date: execution.stopped.map(timestamp),
                redrive_count: Some(0),
                ..Default::default()
            })
            .collect(),
        next_token: next,
    })
}

pub(super) fn type_not_supported() -> ServiceError {
    ServiceError::new(
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )
}
