//! What the context object tells.
//!
//! Source: "Accessing execution data from the Context object" in the Step Functions developer guide.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Interpreter, branch::Branch, visit::Visit};
use crate::{
    Execution,
    context::{About, Context},
    definition::Kind,
    query::QueryLanguage,
    timestamp,
};

/// What all states of an execution are told.
pub(super) fn shared(execution: &Execution) -> Arc<Value> {
    let role = Some(&execution.role_arn).filter(|role| !role.is_empty());
    let mut shared = json!({
        "Execution": {
            "Id": execution.arn,
            "Input": execution.input,
            "StartTime": timestamp::format(execution.start_time),
            "Name": execution.name,
            "RoleArn": role,
        },
        "StateMachine": {"Id": execution.state_machine_arn, "Name": execution.state_machine_name},
    });
    if execution.tells_redrives {
        shared["Execution"]["RedriveCount"] = json!(execution.redrive_count);
    }
    if let Some(redrive_time) = execution.redrive_time {
        shared["Execution"]["RedriveTime"] = json!(timestamp::format(redrive_time));
    }
    Arc::new(shared)
}

impl Interpreter<'_> {
    /// What a state sees of where it runs.
    pub(super) fn context(&self, visit: &Visit, branch: &Branch) -> Context {
        let is_retried = matches!(
            visit.state.kind,
            Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_)
        );
        let about = About {
            state: visit.state.name.clone(),
            entered: visit.entered_time,
            // No query of JSONPath tells the time.
            now: match visit.language() {
                QueryLanguage::Jsonata => self.clock.now(),
                QueryLanguage::JsonPath => visit.entered_time,
            },
            retries: is_retried.then_some(visit.retries),
            item: branch.item.clone(),
            token: None,
            is_given: visit.probe.as_ref().is_some_and(|probe| probe.has_context),
        };
        Context::new(Arc::clone(&self.shared), about)
    }
}
