//! What a caller has to be allowed, operation by operation.

use serde_json::Value;

use crate::caller::Caller;

/// The IAM actions that an operation needs, each with the ARN of its resource.
pub fn needed(operation: &str, _input: &Value, _caller: &Caller) -> Vec<(String, String)> {
    vec![(format!("states:{operation}"), "*".to_owned())]
}
