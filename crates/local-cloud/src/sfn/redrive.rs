//! RedriveExecution.
//!
//! Source: "Restarting state machine executions with redrive in Step Functions", AWS Step
//! Functions developer guide.

use rusqlite::{Connection, Transaction};

use super::arn::ExecutionArn;
use super::executions::{self, Execution, Run, timestamp};
use super::{history, machines, now, running};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// How long after its end an execution can be redriven: 14 days, in milliseconds.
const PERIOD: i64 = 14 * 24 * 60 * 60 * 1000;
/// How long after its start: a year, in milliseconds.
const LONGEST: i64 = 365 * 24 * 60 * 60 * 1000;
/// How often it can be.
const MOST: u32 = 1000;
/// An execution with so many events can have no more.
const MOST_EVENTS: i64 = asl::limits::MAX_EVENTS as i64;

/// `redriveStatus`, and the reason where it cannot be redriven.
pub(super) fn status(
    c: &Connection,
    execution: &Execution,
) -> Result<(&'static str, Option<&'static str>), ServiceError> {
    Ok(match reason(c, execution)? {
        None if execution.child.is_some() => ("REDRIVABLE_BY_MAP_RUN", None),
        None => ("REDRIVABLE", None),
        reason => ("NOT_REDRIVABLE", reason),
    })
}

/// Why an execution cannot be redriven, be it by itself or with its Map Run. A child that is EXPRESS
/// is started anew, however long ago it ended.
///
/// Source: `redriveStatusReason` of DescribeExecution, AWS Step Functions API reference.
pub(super) fn reason(
    c: &Connection,
    execution: &Execution,
) -> Result<Option<&'static str>, ServiceError> {
    match execution.status.as_str() {
        "RUNNING" => return Ok(Some("Execution is RUNNING and cannot be redriven")),
        "SUCCEEDED" => return Ok(Some("Execution is SUCCEEDED and cannot be redriven")),
        _ => {}
    }
    let events = history::length(c, execution.id)?;
    if execution.child.is_some() && events == 0 {
        return Ok(None);
    }
    let ended = execution.stopped.unwrap_or(execution.started);
    Ok(if events >= MOST_EVENTS {
        Some("Execution history event limit exceeded")
    } else if now().saturating_sub(execution.started) > LONGEST {
        Some("Execution has exceeded the max execution time")
    } else if now().saturating_sub(ended) > PERIOD {
        Some("Execution redrivable period exceeded")
    } else if execution.redrives >= MOST {
        Some("Execution has been redriven as often as it can be")
    } else {
        None
    })
}

/// The status of a child that did not succeed and waits to be redriven with its Map Run.
pub(super) const PENDING: &str = "PENDING_REDRIVE";

/// The moments before which an execution ended, or started, that is not redriven any more, in
/// milliseconds since the epoch.
pub(super) fn bounds() -> [i64; 2] {
    [now().saturating_sub(PERIOD), now().saturating_sub(LONGEST)]
}

/// In SQL, whether a row of `sfn_executions` is a child that waits to be redriven: it ended before its
/// Map Run was last redriven, and that runs. `ended` and `started` are the parameters that hold the
/// [`bounds`].
pub(super) fn waiting(ended: &str, started: &str) -> String {
    format!(
        "(sfn_executions.status IN ('FAILED', 'TIMED_OUT', 'ABORTED') AND sfn_executions.redrives < {MOST}
          AND EXISTS (SELECT 1 FROM sfn_map_runs AS run
                      WHERE run.arn = sfn_executions.map_run AND run.status = 'RUNNING'
                        AND run.redriven > sfn_executions.stopped)
          AND NOT EXISTS (SELECT 1 FROM sfn_events AS event
                          WHERE event.execution = sfn_executions.id
                            AND (event.last >= {MOST_EVENTS} OR sfn_executions.stopped < {ended}
                                 OR sfn_executions.started < {started})))"
    )
}

/// Whether an execution is a child that waits to be redriven.
pub(super) fn is_waiting(c: &Connection, execution: &Execution) -> Result<bool, ServiceError> {
    let [ended, started] = bounds();
    Ok(c.prepare_cached(&format!(
        "SELECT {} FROM sfn_executions WHERE id = ?1",
        waiting("?2", "?3")
    ))?
    .query_row((execution.id, ended, started), |row| row.get(0))?)
}

/// How many items the children of a Map Run have that failed for good, and how many children.
pub(super) fn failures_for_good(c: &Connection, map_run: &str) -> Result<[i64; 2], ServiceError> {
    let [ended_before, started_before] = bounds();
    Ok(c.prepare_cached(
        "SELECT count(*), coalesce(sum(items), 0) FROM (
             SELECT items, started, stopped, (SELECT max(last) FROM sfn_events WHERE execution = id) AS events
             FROM sfn_executions WHERE map_run = ?1 AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED'))
         WHERE events >= ?2 OR events > 0 AND (stopped < ?3 OR started < ?4)",
    )?
    .query_row((map_run, MOST_EVENTS, ended_before, started_before), |row| {
        Ok([row.get(1)?, row.get(0)?])
    })?)
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
        let reason = match &found.child {
            Some(_) => Some("Execution is a child of a Map Run and is redriven with it"),
            None => reason(tx, &found)?,
        };
        if let Some(reason) = reason {
            return Err(ServiceError::new("ExecutionNotRedrivable", reason));
        }
        machines::active(tx, caller, &arn.machine_arn())?;
        tx.prepare_cached(
            "UPDATE sfn_executions SET status = 'RUNNING', owner = ?2, stopped = NULL, output = NULL, error = NULL, cause = NULL,
                 redrives = redrives + 1, redriven = ?3, redrive_token = ?4
             WHERE id = ?1",
        )?
        .execute((found.id, store.lease(), date, &input.client_token))?;
        Ok(Ok(Run {
            execution: found.id,
            redrives: found.redrives + 1,
        }))
    })?;
    let date = match begun {
        Ok(run) => {
            running::go_on(cloud, run)?;
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
