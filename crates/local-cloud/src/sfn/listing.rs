//! ListExecutions.

use rusqlite::Connection;

use super::arn::MachineArn;
use super::executions::{COLUMNS, Execution, read, timestamp, type_not_supported};
use super::{machines, map_runs, next_page, one_more, page_size, place_of_page, redrive};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// What ListExecutions is asked for.
#[derive(Default)]
struct Filter {
    region: String,
    machine: Option<String>,
    map_run: Option<String>,
    version: Option<i64>,
    alias: Option<String>,
    status: Option<String>,
    redriven: Option<bool>,
}

/// The executions of a machine, a version, an alias, or a Map Run, newest first.
pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListExecutionsInput,
) -> Result<ListExecutionsOutput, ServiceError> {
    let from = place_of_page(input.next_token.as_ref())?.unwrap_or(i64::MAX);
    let size = page_size(input.max_results);
    cloud.sfn().journal.write(cloud.store())?;
    let mut found = cloud.store().read(|c| {
        let filter = filter(c, caller, &input)?;
        select(c, &filter, from, one_more(size))
    })?;
    let next = next_page(&mut found, size, |execution| execution.id.to_string());
    Ok(ListExecutionsOutput {
        executions: found
            .into_iter()
            .map(|execution| item(cloud, execution))
            .collect(),
        next_token: next,
    })
}

fn filter(
    c: &Connection,
    caller: &Caller,
    input: &ListExecutionsInput,
) -> Result<Filter, ServiceError> {
    let redriven = match input.redrive_filter.as_deref() {
        Some("REDRIVEN") => Some(true),
        Some("NOT_REDRIVEN") => Some(false),
        _ => None,
    };
    let filter = Filter {
        region: caller.region.clone(),
        status: input.status_filter.clone(),
        redriven,
        ..Filter::default()
    };
    match (&input.state_machine_arn, &input.map_run_arn) {
        (None, None) => Err(ServiceError::new(
            "ValidationException",
            "Must provide a StateMachine ARN or MapRun ARN",
        )),
        (Some(_), Some(_)) => Err(ServiceError::new(
            "ValidationException",
            "Must provide only one of StateMachine ARN or MapRun ARN",
        )),
        (None, Some(run)) => {
            map_runs::existing(c, caller, run)?;
            Ok(Filter {
                map_run: Some(run.clone()),
                ..filter
            })
        }
        (Some(_), None) if filter.status.as_deref() == Some(redrive::PENDING) => {
            Err(ServiceError::new(
                "ValidationException",
                "The statusFilter PENDING_REDRIVE needs a mapRunArn",
            ))
        }
        (Some(arn), None) => {
            let arn = MachineArn::parse(arn)?;
            let machine = machines::existing(c, caller, &arn)?;
            if machine.is_express() {
                return Err(type_not_supported());
            }
            Ok(Filter {
                version: arn.version(),
                alias: arn.alias().map(str::to_owned),
                machine: Some(machine.name),
                ..filter
            })
        }
    }
}

fn select(
    c: &Connection,
    filter: &Filter,
    from: i64,
    most: i64,
) -> Result<Vec<Execution>, ServiceError> {
    let of = if filter.map_run.is_some() {
        "map_run = ?7"
    } else {
        "machine = ?2"
    };
    let waiting = redrive::waiting("?10", "?11");
    let status = format!(
        "iif({waiting}, '{}', sfn_executions.status)",
        redrive::PENDING
    );
    let [ended, started] = redrive::bounds();
    let mut statement = c.prepare_cached(&format!(
        "SELECT {COLUMNS}, {status} AS shown FROM sfn_executions
         WHERE region = ?1 AND {of} AND id <= ?3
           AND (?4 IS NULL OR {status} = ?4) AND (?5 IS NULL OR version = ?5)
           AND (?6 IS NULL OR alias = ?6) AND (?8 IS NULL OR (redrives > 0) = ?8)
           AND coalesce(?2, ?7) IS NOT NULL
         ORDER BY id DESC LIMIT ?9"
    ))?;
    let rows = statement.query_map(
        (
            &filter.region,
            &filter.machine,
            from,
            &filter.status,
            filter.version,
            &filter.alias,
            &filter.map_run,
            filter.redriven,
            most,
            ended,
            started,
        ),
        |row| {
            Ok(Execution {
                status: row.get("shown")?,
                ..read(row)?
            })
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn item(cloud: &Cloud, execution: Execution) -> ExecutionListItem {
    let arn = execution.arn(cloud.account());
    let machine = arn.machine_arn();
    ExecutionListItem {
        execution_arn: arn.to_string(),
        state_machine_version_arn: execution.version_arn(&machine),
        state_machine_alias_arn: execution.alias_arn(&machine),
        state_machine_arn: machine.to_string(),
        name: execution.name,
        status: execution.status,
        start_date: timestamp(execution.started),
        stop_date: execution.stopped.map(timestamp),
        redrive_count: execution.redrives.try_into().ok(),
        redrive_date: execution.redriven.map(timestamp),
        item_count: execution
            .child
            .as_ref()
            .and_then(|child| child.items.try_into().ok()),
        map_run_arn: execution.child.map(|child| child.map_run),
    }
}
