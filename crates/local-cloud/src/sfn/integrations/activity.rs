//! Activities as the `Resource` of a task: a worker takes it with GetActivityTask.

use asl::TaskError;
use serde_json::json;

use super::runtime;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::sfn::activities;
use crate::sfn::arn::ActivityArn;
use crate::sfn::tokens::{self, Opened};

/// Enters the task for the activity's workers and waits for its end.
pub(super) async fn run(
    cloud: &Cloud,
    region: &str,
    execution: Option<i64>,
    task: asl::Task,
    submitted: &(dyn Fn(serde_json::Value) + Send + Sync),
) -> Result<serde_json::Value, TaskError> {
    let arn = ActivityArn::parse(&task.resource).map_err(|error| runtime(error.to_string()))?;
    cloud
        .store()
        .read(|c| activities::existing(c, &Caller::root(region), &arn))
        .map_err(|error| TaskError {
            error: error.code,
            cause: error.message,
        })?;
    let opened = Opened {
        token: &task.token,
        region,
        execution,
        activity: Some((&task.resource, task.parameters.to_string())),
    };
    let open = tokens::open(cloud, &opened).map_err(|error| runtime(error.to_string()))?;
    open.end(task.heartbeat, &|worker| {
        submitted(worker.map_or_else(|| json!({}), |worker| json!({"workerName": worker})));
    })
    .await
}
