//! Activities as the `Resource` of a task: a worker takes it with GetActivityTask.

use asl::TaskError;
use serde_json::json;

use super::runtime;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::sfn::activities;
use crate::sfn::arn::ActivityArn;
use crate::sfn::tokens::{self, Opened};

/// Whether the activity is there; if not, what is told of that.
pub(super) fn check(cloud: &Cloud, region: &str, arn: &str) -> Result<(), String> {
    let parsed = ActivityArn::parse(arn).map_err(|error| error.to_string())?;
    let found = cloud
        .store()
        .read(|c| activities::existing(c, &Caller::root(region), &parsed));
    match found {
        Ok(_) => Ok(()),
        Err(error) if error.code == "ActivityDoesNotExist" => {
            Err(format!("The activity {arn} does not exist."))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Enters the task for the activity's workers and waits for its end.
pub(super) async fn run(
    cloud: &Cloud,
    region: &str,
    execution: Option<i64>,
    task: asl::Task,
    submitted: &(dyn Fn(serde_json::Value) + Send + Sync),
) -> Result<serde_json::Value, TaskError> {
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
