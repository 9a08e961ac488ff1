//! The context object: `$$`, `$states.context`.
//!
//! Source: "Accessing execution data from the Context object" in the Step Functions developer guide.

use serde_json::{Value, json};

use super::{Interpreter, branch::Branch, visit::Visit};
use crate::{definition::Kind, timestamp};

impl Interpreter<'_> {
    /// What a state sees of where it runs.
    pub(super) fn context(&self, visit: &Visit, branch: &Branch) -> Value {
        let execution = self.execution;
        let mut context = json!({
            "Execution": {
                "Id": execution.arn,
                "Input": execution.input,
                "StartTime": timestamp::format(execution.start_time),
                "Name": execution.name,
                "RoleArn": execution.role_arn,
                "RedriveCount": execution.redrive_count,
            },
            "StateMachine": {"Id": execution.state_machine_arn, "Name": execution.state_machine_name},
            "State": {"Name": visit.state.name, "EnteredTime": timestamp::format(visit.entered_time)},
        });
        if let Some(redrive_time) = execution.redrive_time {
            context["Execution"]["RedriveTime"] = json!(timestamp::format(redrive_time));
        }
        if matches!(
            visit.state.kind,
            Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_)
        ) {
            context["State"]["RetryCount"] = json!(visit.retries);
        }
        if let Some(item) = &branch.item {
            context["Map"] = json!({"Item": item});
        }
        context
    }
}
