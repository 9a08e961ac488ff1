//! ListMapRuns, DescribeMapRun, UpdateMapRun.

use super::{COLUMNS, Settings, existing, read};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;
use crate::sfn::arn::ExecutionArn;
use crate::sfn::executions::{self, timestamp};
use crate::sfn::{next_page, one_more, page_size, place_of_page, redrive};

/// The Map Runs of an execution, newest first.
pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListMapRunsInput,
) -> Result<ListMapRunsOutput, ServiceError> {
    let parent = ExecutionArn::parse(&input.execution_arn)?;
    let from = place_of_page(input.next_token.as_ref())?.unwrap_or(i64::MAX);
    let size = page_size(input.max_results);
    let mut found = cloud.store().read(|c| {
        let execution = executions::existing(c, caller, &parent)?;
        let mut statement = c.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM sfn_map_runs WHERE execution = ?1 AND id <= ?2 ORDER BY id DESC LIMIT ?3"
        ))?;
        let mut rows = statement.query((execution.id, from, one_more(size)))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    })?;
    let next = next_page(&mut found, size, |run| run.id.to_string());
    Ok(ListMapRunsOutput {
        map_runs: found
            .into_iter()
            .map(|run| MapRunListItem {
                execution_arn: parent.to_string(),
                state_machine_arn: machine_of(&run.arn),
                map_run_arn: run.arn,
                start_date: timestamp(run.started),
                stop_date: run.stopped.map(timestamp),
            })
            .collect(),
        next_token: next,
    })
}

/// `…:stateMachine:MACHINE/LABEL`, of which the run's children are executions.
fn machine_of(arn: &str) -> String {
    let arn = arn.replacen(":mapRun:", ":stateMachine:", 1);
    arn.rsplit_once(':')
        .map_or(arn.clone(), |(machine, _)| machine.to_owned())
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The counts of items and those of executions, whose types have the same members, with how many
/// failed for good.
macro_rules! counts {
    ($shown:ident, $counts:expr, $lost:expr) => {{
        let counts = $counts;
        $shown {
            total: number(counts.total()),
            pending: number(counts.pending),
            running: number(counts.running),
            succeeded: number(counts.succeeded),
            failed: number(counts.failed),
            timed_out: number(counts.timed_out),
            aborted: number(counts.aborted),
            results_written: number(counts.results_written),
            failures_not_redrivable: Some($lost),
            pending_redrive: Some(number(counts.pending_redrive)),
        }
    }};
}

pub async fn describe(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeMapRunInput,
) -> Result<DescribeMapRunOutput, ServiceError> {
    let (run, parent, lost) = cloud.store().read(|c| {
        let run = existing(c, caller, &input.map_run_arn)?;
        let parent = executions::keyed(c, run.execution)?;
        let lost = redrive::failures_for_good(c, &run.arn)?;
        Ok((run, parent, lost))
    })?;
    let progress = match cloud.sfn().map_runs.progress(&run.arn, run.redrives) {
        Some(live) if run.status == "RUNNING" => live,
        _ => run.progress,
    };
    let [lost_items, lost_executions] = lost;
    Ok(DescribeMapRunOutput {
        map_run_arn: run.arn,
        execution_arn: parent.arn(cloud.account()).to_string(),
        status: run.status,
        start_date: timestamp(run.started),
        stop_date: run.stopped.map(timestamp),
        max_concurrency: i32::try_from(run.settings.max_concurrency).unwrap_or(i32::MAX),
        tolerated_failure_percentage: run.settings.tolerated_failure_percentage,
        tolerated_failure_count: number(run.settings.tolerated_failure_count),
        item_counts: counts!(MapRunItemCounts, progress.items, lost_items),
        execution_counts: counts!(MapRunExecutionCounts, progress.executions, lost_executions),
        redrive_count: run.redrives.try_into().ok(),
        redrive_date: run.redriven.map(timestamp),
    })
}

/// Changes what a Map Run that is in progress may do.
pub async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdateMapRunInput,
) -> Result<UpdateMapRunOutput, ServiceError> {
    let percentage = input.tolerated_failure_percentage;
    if percentage.is_some_and(|percentage| !(0.0..=100.0).contains(&percentage)) {
        return Err(ServiceError::new(
            "ValidationException",
            "toleratedFailurePercentage must be between 0 and 100",
        ));
    }
    let settings = cloud.store().write(|tx| {
        let run = existing(tx, caller, &input.map_run_arn)?;
        if run.status != "RUNNING" {
            return Err(ServiceError::new(
                "ValidationException",
                format!("The Map Run is {} and cannot be updated", run.status),
            ));
        }
        let number = |given: Option<i64>, now: u64| given.map_or(now, |n| n.max(0).cast_unsigned());
        let settings = Settings {
            max_concurrency: number(
                input.max_concurrency.map(i64::from),
                run.settings.max_concurrency,
            ),
            tolerated_failure_count: number(
                input.tolerated_failure_count,
                run.settings.tolerated_failure_count,
            ),
            tolerated_failure_percentage: percentage
                .unwrap_or(run.settings.tolerated_failure_percentage),
        };
        tx.prepare_cached("UPDATE sfn_map_runs SET settings = ?2 WHERE arn = ?1")?
            .execute((&run.arn, serde_json::to_string(&settings)?))?;
        Ok(settings)
    })?;
    cloud.sfn().map_runs.update(&input.map_run_arn, settings);
    Ok(UpdateMapRunOutput {})
}
