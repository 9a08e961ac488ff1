//! DeleteStateMachine, and what comes of it once the last execution has ended.

use std::collections::HashMap;

use rusqlite::Transaction;

use super::arn::{self, MachineArn};
use super::executions::End;
use super::history;
use super::machines::{self, Machine};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;
use crate::store::Store;

/// Deletes a machine, its versions and executions. While executions run it is DELETING; they end
/// where they would enter their next state. What is not there is deleted.
pub async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteStateMachineInput,
) -> Result<DeleteStateMachineOutput, ServiceError> {
    let arn = MachineArn::parse(&input.state_machine_arn)?;
    if arn.qualifier.is_some() {
        return Err(arn::invalid(&input.state_machine_arn));
    }
    let store = cloud.store();
    store.write(|tx| {
        if arn.region != caller.region || arn.account != caller.account {
            return Ok(());
        }
        let Some(mut machine) = machines::find(tx, &arn.region, &arn.name)? else {
            return Ok(());
        };
        machine.deleting = true;
        machines::save(tx, &machine)?;
        abort_abandoned(tx, store, &machine)?;
        finish(tx, &arn.region, &arn.name)
    })?;
    Ok(DeleteStateMachineOutput {})
}

/// Aborts the executions of a deleted machine whose processes are no more: nobody else ends them.
fn abort_abandoned(
    tx: &Transaction<'_>,
    store: &Store,
    machine: &Machine,
) -> Result<(), ServiceError> {
    let running: Vec<(i64, String)> = {
        let mut statement = tx.prepare_cached(
            "SELECT id, owner FROM sfn_executions WHERE region = ?1 AND machine = ?2 AND status = 'RUNNING'",
        )?;
        let rows = statement.query_map((&machine.region, &machine.name), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        rows.collect::<Result<_, _>>()?
    };
    let end = End::without_output(
        "ABORTED",
        None,
        Some("The state machine was deleted.".to_owned()),
    );
    let mut alive = HashMap::new();
    for (id, owner) in running {
        let is_alive = *alive
            .entry(owner)
            .or_insert_with_key(|owner| store.lease_is_alive(owner));
        if !is_alive {
            history::end_from_outside(tx, id, &end)?;
        }
    }
    Ok(())
}

/// Removes a machine that is DELETING, once none of its executions runs.
pub(super) fn finish(tx: &Transaction<'_>, region: &str, name: &str) -> Result<(), ServiceError> {
    if !machines::find(tx, region, name)?.is_some_and(|m| m.deleting) {
        return Ok(());
    }
    let runs: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sfn_executions WHERE region = ?1 AND machine = ?2 AND status = 'RUNNING')")?
        .query_row((region, name), |row| row.get(0))?;
    if runs {
        return Ok(());
    }
    // Its distributed Maps' executions are those of MACHINE/LABEL.
    tx.prepare_cached(
        "DELETE FROM sfn_executions WHERE region = ?1 AND machine > ?2 || '/' AND machine < ?2 || '0'",
    )?
    .execute((region, name))?;
    for table in [
        "sfn_executions",
        "sfn_aliases",
        "sfn_versions",
        "sfn_revisions",
    ] {
        tx.prepare_cached(&format!(
            "DELETE FROM {table} WHERE region = ?1 AND machine = ?2"
        ))?
        .execute((region, name))?;
    }
    tx.prepare_cached("DELETE FROM sfn_machines WHERE region = ?1 AND name = ?2")?
        .execute((region, name))?;
    Ok(())
}
