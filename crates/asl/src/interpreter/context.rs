//! What the context object tells.
//!
//! Source: "Accessing execution data from the Context object" in the Step Functions developer guide.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Interpreter, branch::Branch, visit::Visit};
use crate::{Execution, context::Context, definition::Kind, timestamp};

/// What all states of an execution are told.
pub(super) fn shared(execution: &Execution) -> Arc<Value> {
    let mut shared = json!({
        "Execution": {
            "Id": execution.arn,
            "Input": execution.input,
            "StartTime": timestamp::format(execution.start_time),
            "Name": execution.name,
            "RoleArn": execution.role_arn,
            "RedriveCount": execution.redrive_count,
        },
        "StateMachine": {"Id": execution.state_machine_arn, "Name": execution.state_machine_name},
    });
    if let Some(redrive_time) = execution.redrive_time {
        shared["Execution"]["RedriveTime"] = json!(timestamp::format(redrive_time));
    }
    Arc::new(shared)
}

impl Interpreter<'_> {
    /// What a state sees of where it runs.
    pub(super) fn context(&self, visit: &Visit, branch: &Branch) -> Context {
        let mut own = json!({
            "State": {"Name": visit.state.name, "EnteredTime": timestamp::format(visit.entered_time)},
        });
        if matches!(
            visit.state.kind,
            Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_)
        ) {
            own["State"]["RetryCount"] = json!(visit.retries);
        }
        if let Some(item) = &branch.item {
            own["Map"] = json!({"Item": item});
        }
        Context::new(Arc::clone(&self.shared), own)
    }
}
