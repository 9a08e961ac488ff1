//! Tasks that somebody outside ends by their token: SendTaskSuccess, SendTaskFailure,
//! SendTaskHeartbeat, and how an execution waits for them.
//!
//! Source: "Wait for a Callback with Task Token", AWS Step Functions developer guide.

use std::time::Duration;

use asl::TaskError;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::Value;

use super::{definition, invalid_token, now};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// What a task that waits is known by.
pub(super) struct Opened<'a> {
    pub token: &'a str,
    pub region: &'a str,
    /// The execution's key in the store.
    pub execution: Option<i64>,
    /// The activity whose workers are to take it, and what they get.
    pub activity: Option<(&'a str, String)>,
}

/// Where a task is.
#[derive(Clone, Debug, PartialEq)]
enum Status {
    /// An activity's task that no worker has taken yet.
    Scheduled,
    Started {
        worker: Option<String>,
    },
    Succeeded(String),
    Failed {
        error: Option<String>,
        cause: Option<String>,
    },
    /// The execution waits for it no more.
    Closed,
}

/// Enters a task into the store, unless it is there from before the execution was taken up again.
/// Whoever drops what this gives before the task's end closes it.
pub(super) fn open(cloud: &Cloud, opened: &Opened<'_>) -> Result<OpenTask, ServiceError> {
    let (activity, input) = match &opened.activity {
        Some((arn, input)) => (Some(*arn), Some(input.as_str())),
        None => (None, None),
    };
    let status = if activity.is_some() {
        "SCHEDULED"
    } else {
        "STARTED"
    };
    cloud.store().write(|tx| {
        tx.prepare_cached(
            "INSERT INTO sfn_tasks (token, region, execution, activity, input, status, beat)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (token) DO NOTHING",
        )?
        .execute((
            opened.token,
            opened.region,
            opened.execution,
            activity,
            input,
            status,
            now(),
        ))?;
        Ok(())
    })?;
    if let Some(arn) = activity {
        cloud.sfn().notices.wake(arn);
    }
    Ok(OpenTask {
        cloud: cloud.clone(),
        token: opened.token.to_owned(),
        has_ended: false,
    })
}

/// A task that somebody outside can end. It is closed when nobody waits for it any more, so that who
/// has its token is told.
pub(super) struct OpenTask {
    cloud: Cloud,
    token: String,
    has_ended: bool,
}

impl Drop for OpenTask {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and another may take the execution up.
        if self.has_ended || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let (cloud, token) = (self.cloud.clone(), std::mem::take(&mut self.token));
        self.cloud.spawn(async move {
            let closed = cloud.store().write(|tx| {
                tx.prepare_cached(
                    "UPDATE sfn_tasks SET status = 'CLOSED' WHERE token = ?1 AND status IN ('SCHEDULED', 'STARTED')",
                )?
                .execute([&token])?;
                Ok(())
            });
            if let Err(error) = closed {
                tracing::warn!(%error, "a task that is not waited for stays open");
            }
        });
    }
}

impl OpenTask {
    /// Waits for the end of the task. `started` is told when a worker takes it.
    pub async fn end(
        mut self,
        heartbeat: Option<Duration>,
        started: &(dyn Fn(Option<String>) + Send + Sync),
    ) -> Result<Value, TaskError> {
        let (cloud, token) = (self.cloud.clone(), self.token.clone());
        let ended = wait(&cloud, &token, heartbeat, started).await?;
        self.has_ended = true;
        result(ended)
    }
}

/// Waits until an open task has ended, and gives how.
async fn wait(
    cloud: &Cloud,
    token: &str,
    heartbeat: Option<Duration>,
    started: &(dyn Fn(Option<String>) + Send + Sync),
) -> Result<Status, TaskError> {
    let waiter = cloud.sfn().notices.of(token);
    let look = || cloud.store().read(|c| status(c, token));
    let mut is_told = false;
    let ended = loop {
        let first = !is_told;
        let next = waiter
            .until(
                || look().map(|found| news(found, first)),
                silence(cloud, token, heartbeat.filter(|_| is_told))?,
            )
            .await
            .map_err(internal)?;
        match next {
            Some(Status::Started { worker }) => {
                is_told = true;
                started(worker);
            }
            Some(ended) => break ended,
            // The time is up, unless there was a heartbeat meanwhile.
            None if silence(cloud, token, heartbeat)? == Some(Duration::ZERO) => {
                return Err(heartbeat_missed());
            }
            None => {}
        }
    };
    if !is_told {
        // It was taken and ended between two looks.
        started(worker(cloud, token).map_err(internal)?);
    }
    Ok(ended)
}

/// The worker that took an activity's task.
fn worker(cloud: &Cloud, token: &str) -> Result<Option<String>, ServiceError> {
    cloud.store().read(|c| {
        let worker: Option<Option<String>> = c
            .prepare_cached("SELECT worker FROM sfn_tasks WHERE token = ?1")?
            .query_row([token], |row| row.get(0))
            .optional()?;
        Ok(worker.flatten())
    })
}

/// What a wait that has been told of the start, or is to be told first, is woken for.
fn news(found: Option<Status>, first: bool) -> Option<Status> {
    match found {
        Some(Status::Scheduled) => None,
        Some(Status::Started { .. }) if !first => None,
        found => Some(found.unwrap_or(Status::Closed)),
    }
}

fn result(ended: Status) -> Result<Value, TaskError> {
    match ended {
        Status::Succeeded(output) => asl::parse_json(&output).map_err(internal),
        Status::Failed { error, cause } => Err(TaskError {
            error: error.unwrap_or_default(),
            cause: cause.unwrap_or_default(),
        }),
        Status::Scheduled | Status::Started { .. } | Status::Closed => {
            Err(internal("The task is not waited for any more."))
        }
    }
}

fn heartbeat_missed() -> TaskError {
    TaskError {
        error: "States.HeartbeatTimeout".to_owned(),
        cause: String::new(),
    }
}

fn internal(error: impl std::fmt::Display) -> TaskError {
    TaskError {
        error: "States.Runtime".to_owned(),
        cause: error.to_string(),
    }
}

/// How long a task may stay silent from now on.
fn silence(
    cloud: &Cloud,
    token: &str,
    heartbeat: Option<Duration>,
) -> Result<Option<Duration>, TaskError> {
    let Some(heartbeat) = heartbeat else {
        return Ok(None);
    };
    let beat: Option<i64> = cloud
        .store()
        .read(|c| {
            Ok(
                c.prepare_cached("SELECT beat FROM sfn_tasks WHERE token = ?1")?
                    .query_row([token], |row| row.get(0))
                    .optional()?,
            )
        })
        .map_err(internal)?;
    let since = now().saturating_sub(beat.unwrap_or(0));
    let since = Duration::from_millis(u64::try_from(since).unwrap_or(0));
    Ok(Some(heartbeat.saturating_sub(since)))
}

fn status(c: &Connection, token: &str) -> Result<Option<Status>, ServiceError> {
    Ok(c.prepare_cached(
        "SELECT status, worker, output, error, cause FROM sfn_tasks WHERE token = ?1",
    )?
    .query_row([token], |row| {
        let status: String = row.get(0)?;
        Ok(match status.as_str() {
            "SCHEDULED" => Status::Scheduled,
            "STARTED" => Status::Started {
                worker: row.get(1)?,
            },
            "SUCCEEDED" => Status::Succeeded(row.get(2)?),
            "FAILED" => Status::Failed {
                error: row.get(3)?,
                cause: row.get(4)?,
            },
            _ => Status::Closed,
        })
    })
    .optional()?)
}

/// The oldest task of an activity that no worker has, which `worker` takes: token and input.
pub(super) fn take(
    tx: &Transaction<'_>,
    activity: &str,
    worker: Option<&str>,
) -> Result<Option<(String, String)>, ServiceError> {
    Ok(tx
        .prepare_cached(
            "UPDATE sfn_tasks SET status = 'STARTED', worker = ?2, beat = ?3
             WHERE id = (SELECT min(id) FROM sfn_tasks WHERE activity = ?1 AND status = 'SCHEDULED')
             RETURNING token, coalesce(input, '{}')",
        )?
        .query_row((activity, worker, now()), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?)
}

/// Whether some worker could take a task of the activity now.
pub(super) fn is_any(c: &Connection, activity: &str) -> Result<bool, ServiceError> {
    Ok(c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM sfn_tasks WHERE activity = ?1 AND status = 'SCHEDULED')",
    )?
    .query_row([activity], |row| row.get(0))?)
}

/// Changes a task that has been started and has not ended, and wakes who waits for it.
fn change(
    cloud: &Cloud,
    caller: &Caller,
    token: &str,
    change: impl FnOnce(&Transaction<'_>) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let region: Option<String> = tx
            .prepare_cached("SELECT region FROM sfn_tasks WHERE token = ?1")?
            .query_row([token], |row| row.get(0))
            .optional()?;
        if region.as_deref() != Some(&caller.region) {
            return Err(invalid_token());
        }
        if !matches!(status(tx, token)?, Some(Status::Started { .. })) {
            return Err(ServiceError::new(
                "TaskTimedOut",
                "Task Timed Out: 'Provided task does not exist anymore'",
            ));
        }
        change(tx)
    })?;
    cloud.sfn().notices.wake(token);
    Ok(())
}

pub async fn succeed(
    cloud: &Cloud,
    caller: &Caller,
    input: SendTaskSuccessInput,
) -> Result<SendTaskSuccessOutput, ServiceError> {
    definition::check_size("output", &input.output)?;
    let checked = asl::parse_json(&input.output)
        .map(drop)
        .map_err(|error| ServiceError::new("InvalidOutput", format!("Invalid Output: '{error}'")));
    // AWS looks at the token first.
    change(cloud, caller, &input.task_token, |tx| {
        checked?;
        tx.prepare_cached(
            "UPDATE sfn_tasks SET status = 'SUCCEEDED', output = ?2 WHERE token = ?1",
        )?
        .execute((&input.task_token, &input.output))?;
        Ok(())
    })?;
    Ok(SendTaskSuccessOutput {})
}

pub async fn fail(
    cloud: &Cloud,
    caller: &Caller,
    input: SendTaskFailureInput,
) -> Result<SendTaskFailureOutput, ServiceError> {
    change(cloud, caller, &input.task_token, |tx| {
        tx.prepare_cached(
            "UPDATE sfn_tasks SET status = 'FAILED', error = ?2, cause = ?3 WHERE token = ?1",
        )?
        .execute((&input.task_token, &input.error, &input.cause))?;
        Ok(())
    })?;
    Ok(SendTaskFailureOutput {})
}

pub async fn beat(
    cloud: &Cloud,
    caller: &Caller,
    input: SendTaskHeartbeatInput,
) -> Result<SendTaskHeartbeatOutput, ServiceError> {
    change(cloud, caller, &input.task_token, |tx| {
        tx.prepare_cached("UPDATE sfn_tasks SET beat = ?2 WHERE token = ?1")?
            .execute((&input.task_token, now()))?;
        Ok(())
    })?;
    Ok(SendTaskHeartbeatOutput {})
}
