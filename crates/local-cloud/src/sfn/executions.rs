//! Executions of STANDARD machines as the store has them: DescribeExecution,
//! DescribeStateMachineForExecution.

use asl::{Outcome, RecordedEvent};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::arn::{ExecutionArn, MachineArn};
use super::machines::{self, Revision};
use super::{definition, deletion, map_runs, now, redrive, running};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::sfn::*;

/// One execution; times are milliseconds since the epoch.
#[derive(Clone, Debug)]
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
    /// The alias that it was started by.
    pub alias: Option<String>,
    /// The test case whose mocks stand for its tasks.
    pub test_case: Option<String>,
    /// How often it was redriven, and when it was last.
    pub redrives: u32,
    pub redriven: Option<i64>,
    /// What it is in a Map Run, if it belongs to one.
    pub child: Option<Child>,
}

/// One run of an execution: from its start, or from where it was redriven, to its end. Together with
/// the process that owns the execution it tells who may write what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The execution's key in the store.
    pub execution: i64,
    /// How often the execution had been redriven when the run began.
    pub redrives: u32,
}

/// What an execution is in its Map Run.
#[derive(Clone, Debug)]
pub(super) struct Child {
    pub map_run: String,
    /// The number of its item or batch, from 0.
    pub index: u64,
    /// How many items it has.
    pub items: u64,
}

pub(super) const COLUMNS: &str = "id, region, machine, name, version, revision, input, trace_header, started, status, stopped, output, error, cause, alias, test_case, redrives, redriven, map_run, item, items";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Execution> {
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
        alias: row.get(14)?,
        test_case: row.get(15)?,
        redrives: row.get(16)?,
        redriven: row.get(17)?,
        child: match row.get(18)? {
            Some(map_run) => Some(Child {
                map_run,
                index: row.get::<_, i64>(19)?.cast_unsigned(),
                items: row.get::<_, i64>(20)?.cast_unsigned(),
            }),
            None => None,
        },
    })
}

impl Execution {
    /// How it ended; none of one that runs.
    pub fn end(&self) -> Option<End> {
        let status = match self.status.as_str() {
            "SUCCEEDED" => "SUCCEEDED",
            "FAILED" => "FAILED",
            "TIMED_OUT" => "TIMED_OUT",
            "ABORTED" => "ABORTED",
            _ => return None,
        };
        Some(End {
            status,
            output: self.output.clone(),
            error: self.error.clone(),
            cause: self.cause.clone(),
        })
    }

    pub fn is_running(&self) -> bool {
        self.status == "RUNNING"
    }

    /// Its last run.
    pub fn run(&self) -> Run {
        Run {
            execution: self.id,
            redrives: self.redrives,
        }
    }

    pub fn arn(&self, account: &str) -> ExecutionArn {
        ExecutionArn {
            region: self.region.clone(),
            account: account.to_owned(),
            machine: self.machine.clone(),
            name: self.name.clone(),
        }
    }

    pub fn version_arn(&self, machine: &MachineArn) -> Option<String> {
        Some(machine.with_version(self.version?).to_string())
    }

    pub fn alias_arn(&self, machine: &MachineArn) -> Option<String> {
        Some(machine.with_alias(self.alias.as_ref()?).to_string())
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

/// The execution of this key.
pub(super) fn keyed(c: &Connection, id: i64) -> Result<Execution, ServiceError> {
    Ok(c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sfn_executions WHERE id = ?1"
    ))?
    .query_row([id], read)?)
}

/// The children of a Map Run, in the order of their items.
pub(super) fn children(c: &Connection, map_run: &str) -> Result<Vec<Execution>, ServiceError> {
    let mut statement = c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sfn_executions WHERE map_run = ?1 ORDER BY item"
    ))?;
    let rows = statement.query_map([map_run], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
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

/// [`existing`], also where the row of a Map Run's child, or an end, is only about to be written.
pub(super) fn known(
    cloud: &Cloud,
    caller: &Caller,
    arn: &ExecutionArn,
) -> Result<Execution, ServiceError> {
    let find = || cloud.store().read(|c| existing(c, caller, arn));
    match find() {
        Ok(found) if !found.is_running() || running::runs_here(cloud, found.id) => Ok(found),
        _ => {
            cloud.sfn().journal.write(cloud.store())?;
            find()
        }
    }
}

/// Whether an execution, which may have ended, is still the owner's, and has not been redriven since
/// this run of it began.
pub(super) fn is_current(c: &Connection, owner: &str, run: Run) -> Result<bool, ServiceError> {
    Ok(c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM sfn_executions WHERE id = ?1 AND owner = ?2 AND redrives = ?3)",
    )?
    .query_row((run.execution, owner, run.redrives), |row| row.get(0))?)
}

/// Whether a run of an execution may begin children of a Map Run in it: neither is the execution
/// another's by now, nor has the Map Run been aborted or failed. The children of one that succeeded
/// have all ended, and are perhaps written after it.
pub(super) fn may_begin_children(
    c: &Connection,
    owner: &str,
    parent: Run,
    map_run: &str,
) -> Result<bool, ServiceError> {
    let is_open: bool = c
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM sfn_map_runs WHERE arn = ?1 AND status IN ('RUNNING', 'SUCCEEDED'))",
        )?
        .query_row([map_run], |row| row.get(0))?;
    Ok(is_open && is_current(c, owner, parent)?)
}

/// Adds an execution that this process is about to run, or that has ended before it was written, and
/// gives its key.
pub(super) fn add(
    tx: &Transaction<'_>,
    owner: &str,
    execution: &Execution,
    end: Option<&End>,
) -> Result<i64, ServiceError> {
    let child = execution.child.as_ref();
    tx.prepare_cached(
        "INSERT INTO sfn_executions (region, machine, name, version, revision, input, trace_header, started, owner, alias, test_case, map_run, item, items, status, stopped, output, error, cause)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )?
    .execute(params![
        &execution.region,
        &execution.machine,
        &execution.name,
        execution.version,
        &execution.revision,
        &execution.input,
        &execution.trace_header,
        execution.started,
        owner,
        &execution.alias,
        &execution.test_case,
        child.map(|child| &child.map_run),
        child.map(|child| child.index.cast_signed()),
        child.map(|child| child.items.cast_signed()),
        end.map_or("RUNNING", |end| end.status),
        end.map(|_| now()),
        end.map(|end| &end.output),
        end.map(|end| &end.error),
        end.map(|end| &end.cause),
    ])?;
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

impl End {
    /// What the last event of a history tells; none where it tells of no end.
    pub fn told_by(events: &[RecordedEvent]) -> Option<Self> {
        let last = events.last()?;
        let text = |member: &str| {
            let member = last.details.get(member)?;
            member.as_str().map(str::to_owned)
        };
        let without_output = |status| Self::without_output(status, text("error"), text("cause"));
        Some(match last.kind.as_str() {
            "ExecutionSucceeded" => Self {
                status: "SUCCEEDED",
                output: text("output"),
                error: None,
                cause: None,
            },
            "ExecutionFailed" => without_output("FAILED"),
            "ExecutionTimedOut" => without_output("TIMED_OUT"),
            "ExecutionAborted" => without_output("ABORTED"),
            _ => return None,
        })
    }

    /// What it is to the interpreter; none of an execution that was aborted.
    pub fn outcome(self) -> Result<Option<Outcome>, ServiceError> {
        let (error, cause) = (self.error, self.cause);
        Ok(match self.status {
            "SUCCEEDED" => Some(Outcome::Succeeded {
                output: asl::parse_json(self.output.as_deref().unwrap_or("null"))
                    .map_err(ServiceError::internal)?,
            }),
            "FAILED" => Some(Outcome::Failed { error, cause }),
            "TIMED_OUT" => Some(Outcome::TimedOut { error, cause }),
            _ => None,
        })
    }
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded { output } => Self {
                status: "SUCCEEDED",
                output: Some(output.to_string()),
                error: None,
                cause: None,
            },
            Outcome::Failed { error, cause } => Self::without_output("FAILED", error, cause),
            Outcome::TimedOut { error, cause } => Self::without_output("TIMED_OUT", error, cause),
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
    close_tasks(tx, id)?;
    map_runs::end_of_parent(tx, id)?;
    let (region, machine): (String, String) = tx
        .prepare_cached("SELECT region, machine FROM sfn_executions WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    deletion::finish(tx, &region, &machine)?;
    Ok(true)
}

/// Closes the tasks of an execution that somebody outside could still take or end.
fn close_tasks(tx: &Transaction<'_>, execution: i64) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "UPDATE sfn_tasks SET status = 'CLOSED' WHERE execution = ?1 AND status IN ('SCHEDULED', 'STARTED')",
    )?
    .execute([execution])?;
    Ok(())
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
    let found = known(cloud, caller, &arn)?;
    running::take_up_one(cloud, &found)?;
    let ((redrive_status, reason), is_waiting) = cloud.store().read(|c| {
        let status = redrive::status(c, &found)?;
        Ok((status, redrive::is_waiting(c, &found)?))
    })?;
    let machine_arn = arn.machine_arn();
    let with_data = input.included_data.as_deref() != Some("METADATA_ONLY");
    let details = || with_data.then(included);
    Ok(DescribeExecutionOutput {
        execution_arn: arn.to_string(),
        state_machine_version_arn: found.version_arn(&machine_arn),
        state_machine_alias_arn: found.alias_arn(&machine_arn),
        state_machine_arn: machine_arn.to_string(),
        name: Some(found.name),
        status: if is_waiting {
            redrive::PENDING.to_owned()
        } else {
            found.status
        },
        start_date: timestamp(found.started),
        stop_date: found.stopped.map(timestamp),
        input: with_data.then_some(found.input),
        input_details: details(),
        output_details: found.output.as_ref().and_then(|_| details()),
        output: found.output.filter(|_| with_data),
        trace_header: found.trace_header,
        error: found.error,
        cause: found.cause.filter(|_| with_data),
        map_run_arn: found.child.map(|child| child.map_run),
        redrive_count: found.redrives.try_into().ok(),
        redrive_date: found.redriven.map(timestamp),
        redrive_status: Some(redrive_status.to_owned()),
        redrive_status_reason: reason.map(str::to_owned),
    })
}

pub async fn describe_machine(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeStateMachineForExecutionInput,
) -> Result<DescribeStateMachineForExecutionOutput, ServiceError> {
    let arn = ExecutionArn::parse(&input.execution_arn)?;
    let found = known(cloud, caller, &arn)?;
    let revision: Revision = cloud
        .store()
        .read(|c| machines::revision(c, &found.revision))?;
    let metadata_only = input.included_data.as_deref() == Some("METADATA_ONLY");
    let label = found
        .machine
        .split_once('/')
        .map(|(_, label)| label.to_owned());
    Ok(DescribeStateMachineForExecutionOutput {
        state_machine_arn: arn.machine_arn().to_string(),
        map_run_arn: found.child.map(|child| child.map_run),
        label,
        name: found.machine,
        variable_references: if metadata_only {
            None
        } else {
            definition::variable_references(&revision.definition)
        },
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
    })
}

pub(super) fn type_not_supported() -> ServiceError {
    ServiceError::new(
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )
}
