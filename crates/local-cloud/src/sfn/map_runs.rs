//! Map Runs: what distributed Maps tell of themselves and their child executions.
//!
//! Source: "Examining Map Run of a Distributed Map state execution", AWS Step Functions developer
//! guide.

mod calls;
mod live;

use asl::{Counts, MapRunProgress, MapRunSettings, MapRunStatus};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};

pub use self::calls::{describe, list, update};
pub(super) use self::live::{Held, MapRuns};
use super::executions::{self, End};
use super::{arn, history, now};
use crate::caller::Caller;
use crate::error::ServiceError;

/// A Map Run as the store has it; times are milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(super) struct MapRun {
    /// A number that grows from run to run.
    id: i64,
    pub arn: String,
    /// The key of the execution that the Map is a state of.
    pub execution: i64,
    started: i64,
    stopped: Option<i64>,
    status: String,
    settings: Settings,
    progress: Progress,
    redrives: u32,
    redriven: Option<i64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Settings {
    max_concurrency: u64,
    tolerated_failure_count: u64,
    tolerated_failure_percentage: f64,
}

impl From<MapRunSettings> for Settings {
    fn from(settings: MapRunSettings) -> Self {
        Self {
            max_concurrency: settings.max_concurrency,
            tolerated_failure_count: settings.tolerated_failure_count,
            tolerated_failure_percentage: settings.tolerated_failure_percentage,
        }
    }
}

impl From<Settings> for MapRunSettings {
    fn from(settings: Settings) -> Self {
        Self {
            max_concurrency: settings.max_concurrency,
            tolerated_failure_count: settings.tolerated_failure_count,
            tolerated_failure_percentage: settings.tolerated_failure_percentage,
        }
    }
}

/// How many items and child executions are in which state.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Progress {
    #[serde(with = "StoredCounts")]
    items: Counts,
    #[serde(with = "StoredCounts")]
    executions: Counts,
}

/// [`Counts`] as the store has them. In older ones they are lists of the numbers, in this order and
/// without the last.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Counts")]
struct StoredCounts {
    pending: u64,
    running: u64,
    succeeded: u64,
    failed: u64,
    timed_out: u64,
    aborted: u64,
    results_written: u64,
    #[serde(default)]
    pending_redrive: u64,
}

impl From<MapRunProgress> for Progress {
    fn from(progress: MapRunProgress) -> Self {
        Self {
            items: progress.items,
            executions: progress.executions,
        }
    }
}

impl Progress {
    /// What was running when the run ended is aborted, what was pending stays so, and what waited to
    /// be redriven had failed.
    fn ended(self) -> Self {
        let end = |counts: Counts| Counts {
            running: 0,
            aborted: counts.aborted + counts.running,
            failed: counts.failed + counts.pending_redrive,
            pending_redrive: 0,
            ..counts
        };
        Self {
            items: end(self.items),
            executions: end(self.executions),
        }
    }
}

fn status_name(status: MapRunStatus) -> &'static str {
    match status {
        MapRunStatus::Running => "RUNNING",
        MapRunStatus::Succeeded => "SUCCEEDED",
        MapRunStatus::Failed => "FAILED",
        MapRunStatus::Aborted => "ABORTED",
    }
}

const COLUMNS: &str =
    "id, arn, execution, started, stopped, status, settings, progress, redrives, redriven";

fn read(row: &Row<'_>) -> Result<MapRun, ServiceError> {
    Ok(MapRun {
        id: row.get(0)?,
        arn: row.get(1)?,
        execution: row.get(2)?,
        started: row.get(3)?,
        stopped: row.get(4)?,
        status: row.get(5)?,
        settings: serde_json::from_str(&row.get::<_, String>(6)?)?,
        progress: serde_json::from_str(&row.get::<_, String>(7)?)?,
        redrives: row.get(8)?,
        redriven: row.get(9)?,
    })
}

/// The Map Run that an ARN names, from the region that the call is made in.
pub(super) fn existing(c: &Connection, caller: &Caller, arn: &str) -> Result<MapRun, ServiceError> {
    let region = arn::check_map_run(arn)?;
    let found = if region == caller.region {
        find(c, arn)?
    } else {
        None
    };
    found.ok_or_else(|| {
        ServiceError::new("ResourceNotFound", format!("Resource not found: '{arn}'"))
            .with("resourceName", arn)
    })
}

fn find(c: &Connection, arn: &str) -> Result<Option<MapRun>, ServiceError> {
    let mut statement = c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sfn_map_runs WHERE arn = ?1"
    ))?;
    let mut rows = statement.query([arn])?;
    rows.next()?.map(read).transpose()
}

/// When a Map Run was last redriven.
pub(super) fn last_redrive(c: &Connection, arn: &str) -> Result<Option<i64>, ServiceError> {
    Ok(find(c, arn)?.and_then(|run| run.redriven))
}

/// Aborts the children of a Map Run that still run.
fn abort_children(tx: &Transaction<'_>, arn: &str) -> Result<(), ServiceError> {
    let running: Vec<i64> = {
        let mut statement = tx.prepare_cached(
            "SELECT id FROM sfn_executions WHERE map_run = ?1 AND status = 'RUNNING'",
        )?;
        let rows = statement.query_map([arn], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    let aborted = End::without_output("ABORTED", None, None);
    for id in running {
        // Of one that is EXPRESS there is no history.
        if history::length(tx, id)? > 0 {
            history::end_from_outside(tx, id, &aborted)?;
        } else {
            executions::end(tx, id, &aborted)?;
        }
    }
    Ok(())
}

/// The parent's end aborts its Map Runs that still run, however it ended, and their children: those
/// that failed themselves ended before it.
pub(super) fn end_of_parent(tx: &Transaction<'_>, execution: i64) -> Result<(), ServiceError> {
    let runs: Vec<String> = {
        let mut statement = tx.prepare_cached(
            "SELECT arn FROM sfn_map_runs WHERE execution = ?1 AND status = 'RUNNING'",
        )?;
        let rows = statement.query_map([execution], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    for arn in runs {
        let Some(run) = find(tx, &arn)? else { continue };
        abort_children(tx, &arn)?;
        tx.prepare_cached(
            "UPDATE sfn_map_runs SET status = 'ABORTED', stopped = ?2, progress = ?3 WHERE arn = ?1",
        )?
        .execute((
            &arn,
            now(),
            serde_json::to_string(&run.progress.ended())?,
        ))?;
    }
    Ok(())
}

/// Writes how a Map Run ended, with the end of its execution, which nobody has redriven.
pub(super) fn save_end(
    tx: &Transaction<'_>,
    arn: &str,
    progress: MapRunProgress,
) -> Result<(), ServiceError> {
    save(tx, arn, None, progress)
}

fn has_ended(progress: &MapRunProgress) -> bool {
    progress.status != MapRunStatus::Running
}

/// Writes the progress, with the end of the children that still run where the Map Run ended without
/// success. Of a Map Run that has ended in the store, or was redriven otherwise than `redrives` times
/// there, nothing is written: it is another process's now.
fn save(
    tx: &Transaction<'_>,
    arn: &str,
    redrives: Option<u32>,
    progress: MapRunProgress,
) -> Result<(), ServiceError> {
    let ended = has_ended(&progress);
    let changed = tx
        .prepare_cached(
            "UPDATE sfn_map_runs SET status = ?2, stopped = ?3, progress = ?4
             WHERE arn = ?1 AND status = 'RUNNING' AND (?5 IS NULL OR redrives = ?5)",
        )?
        .execute((
            arn,
            status_name(progress.status),
            ended.then(now),
            serde_json::to_string(&Progress::from(progress))?,
            redrives,
        ))?;
    if changed > 0 && ended && progress.status != MapRunStatus::Succeeded {
        abort_children(tx, arn)?;
    }
    Ok(())
}

/// What a Map Run may do, as this process or another has set it.
fn settings(c: &Connection, arn: &str) -> Result<Option<Settings>, ServiceError> {
    let settings: Option<String> = c
        .prepare_cached("SELECT settings FROM sfn_map_runs WHERE arn = ?1")?
        .query_row([arn], |row| row.get(0))
        .optional()?;
    Ok(settings
        .map(|text| serde_json::from_str(&text))
        .transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_store_counted_is_read() {
        let old = r#"{"items": [1, 2, 3, 4, 5, 6, 7], "executions": [0, 0, 0, 0, 0, 0, 0], "pending_redrive": [0, 0]}"#;
        let old: Progress = serde_json::from_str(old).unwrap();
        let items = Counts {
            pending: 1,
            running: 2,
            succeeded: 3,
            failed: 4,
            timed_out: 5,
            aborted: 6,
            results_written: 7,
            pending_redrive: 0,
        };
        assert_eq!((old.items, old.executions), (items, Counts::default()));
        let new = serde_json::to_string(&old).unwrap();
        let new: Progress = serde_json::from_str(&new).unwrap();
        assert_eq!(new.items, items);
    }

    #[test]
    fn an_end_aborts_what_ran_and_leaves_as_failed_what_waited() {
        let counts = Counts {
            pending: 1,
            running: 2,
            failed: 4,
            aborted: 8,
            pending_redrive: 16,
            ..Counts::default()
        };
        let progress = Progress {
            items: counts,
            executions: counts,
        };
        let ended = progress.ended().items;
        assert_eq!((ended.pending, ended.failed, ended.aborted), (1, 20, 10));
        assert_eq!((ended.running, ended.pending_redrive), (0, 0));
    }
}
