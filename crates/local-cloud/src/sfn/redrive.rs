//! RedriveExecution.
//!
//! Source: "Restarting state machine executions with redrive in Step Functions", AWS Step
//! Functions developer guide.

use rusqlite::Transaction;

use super::arn::ExecutionArn;
use super::executions::{self, Execution, timestamp};
use super::running::{self, Work};
use super::{machines, now};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// How long after its end an execution can be redriven: 14 days, in milliseconds.
const PERIOD: i64 = 14 * 24 * 60 * 60 * 1000;
/// How often it can be.
const MOST: u32 = 1000;

/// `redriveStatus`, and the reason where it cannot be redriven.
pub(super) fn status(execution: &Execution) -> (&'static str, Option<&'static str>) {
    match reason(execution) {
        None => ("REDRIVABLE", None),
        // A child that succeeded is not run again, whoever redrives.
        Some(reason)
            if execution.child.is_some()
                && !matches!(execution.status.as_str(), "RUNNING" | "SUCCEEDED") =>
        {
            ("REDRIVABLE_BY_MAP_RUN", Some(reason))
        }
        Some(reason) => ("NOT_REDRIVABLE", Some(reason)),
    }
}

/// Why an execution cannot be redriven.
fn reason(execution: &Execution) -> Option<&'static str> {
    match execution.status.as_str() {
        "RUNNING" => return Some("Execution is RUNNING and cannot be redriven"),
        "SUCCEEDED" => return Some("Execution is SUCCEEDED and cannot be redriven"),
        "PENDING_REDRIVE" => return Some("Execution is PENDING_REDRIVE and cannot be redriven"),
        _ => {}
    }
    if execution.child.is_some() {
        return Some("Execution is a child of a Map Run and is redriven with it");
    }
    let ended = execution.stopped.unwrap_or(execution.started);
    if now().saturating_sub(ended) > PERIOD {
        return Some("Execution has exceeded the redrivable period of 14 days");
    }
    (execution.redrives >= MOST).then_some("Execution has been redriven as often as it can be")
}

/// Goes on with an execution from where it failed, was aborted or timed out.
pub async fn redrive(
    cloud: &Cloud,
    caller: &Caller,
    input: RedriveExecutionInput,
) -> Result<RedriveExecutionOutput, ServiceError> {
    let arn = ExecutionArn::parse(&input.execution_arn)?;
    let store = cloud.store();
    cloud.sfn().journal.write(store)?;
    let date = now();
    let begun = store.write(|tx| {
        let found = executions::existing(tx, caller, &arn)?;
        if let Some(before) = again(tx, &found, input.client_token.as_deref())? {
            return Ok(Err(before));
        }
        if let Some(reason) = reason(&found) {
            return Err(ServiceError::new("ExecutionNotRedrivable", reason));
        }
        machines::active(tx, caller, &arn.machine_arn())?;
        tx.prepare_cached(
            "UPDATE sfn_executions SET status = 'RUNNING', owner = ?2, stopped = NULL, output = NULL, error = NULL, cause = NULL,
                 redrives = redrives + 1, redriven = ?3, redrive_token = ?4
             WHERE id = ?1",
        )?
        .execute((found.id, store.lease(), date, &input.client_token))?;
        Ok(Ok(found.id))
    })?;
    let date = match begun {
        Ok(id) => {
            running::spawn(cloud, Work::of(cloud, id)?);
            date
        }
        Err(before) => before,
    };
    Ok(RedriveExecutionOutput {
        redrive_date: timestamp(date),
    })
}

/// When the same request, by its token, was answered before.
fn again(
    tx: &Transaction<'_>,
    execution: &Execution,
    token: Option<&str>,
) -> Result<Option<i64>, ServiceError> {
    let last: Option<String> = tx
        .prepare_cached("SELECT redrive_token FROM sfn_executions WHERE id = ?1")?
        .query_row([execution.id], |row| row.get(0))?;
    Ok(match token {
        Some(token) if last.as_deref() == Some(token) => execution.redriven,
        _ => None,
    })
}
