//! StopExecution.

use super::arn::ExecutionArn;
use super::executions::{self, End, timestamp};
use super::{history, running};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// Stops an execution; one that has ended stays as it ended.
pub async fn stop(
    cloud: &Cloud,
    caller: &Caller,
    input: StopExecutionInput,
) -> Result<StopExecutionOutput, ServiceError> {
    let arn = ExecutionArn::parse(&input.execution_arn)?;
    cloud.sfn().journal.write(cloud.store())?;
    cloud.sfn().map_runs.write(cloud)?;
    let found = cloud
        .store()
        .read(|c| executions::existing(c, caller, &arn))?;
    let end = End::without_output("ABORTED", input.error, input.cause);
    let stopped = cloud.store().write(|tx| {
        if history::end_from_outside(tx, found.id, &end)? {
            return Ok(super::now());
        }
        let ended = executions::existing(tx, caller, &arn)?;
        Ok(ended.stopped.unwrap_or_else(super::now))
    })?;
    running::stop(cloud, found.id);
    Ok(StopExecutionOutput {
        stop_date: timestamp(stopped),
    })
}
