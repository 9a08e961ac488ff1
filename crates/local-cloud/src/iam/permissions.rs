//! What a caller has to be allowed, operation by operation.
//!
//! Source: Service Authorization Reference, AWS Identity and Access Management.

use serde_json::Value;

use crate::caller::Caller;

/// The IAM actions that an operation needs, each with the ARN of its resource.
///
/// A role's path is not in the request; its resource is named without one, as it is for the roles
/// that have none.
pub fn needed(operation: &str, input: &Value, caller: &Caller) -> Vec<(String, String)> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let account = &caller.account;
    let resource = match (text("RoleName"), text("PolicyArn"), text("PolicyName")) {
        (Some(role), _, _) => {
            let path = text("Path").unwrap_or("/");
            format!("arn:aws:iam::{account}:role{path}{role}")
        }
        (None, Some(arn), _) => arn.to_owned(),
        (None, None, Some(name)) => {
            let path = text("Path").unwrap_or("/");
            format!("arn:aws:iam::{account}:policy{path}{name}")
        }
        _ => "*".to_owned(),
    };
    vec![(format!("iam:{operation}"), resource)]
}
