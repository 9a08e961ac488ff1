//! A statement of a derived policy, with the reason it is there.

use serde::Serialize;
use serde_json::{Value, json};

/// One statement that allows something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its `Sid`: letters and digits.
    pub sid: String,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    /// Why it is needed, for whoever reads the policy.
    pub reason: String,
}

impl Statement {
    pub(super) fn new(
        sid: &str,
        actions: impl IntoIterator<Item = impl Into<String>>,
        resources: impl IntoIterator<Item = String>,
        reason: impl Into<String>,
    ) -> Self {
        let mut actions: Vec<String> = actions.into_iter().map(Into::into).collect();
        let mut resources: Vec<String> = resources.into_iter().collect();
        actions.sort();
        actions.dedup();
        resources.sort();
        resources.dedup();
        Self {
            sid: sid.to_owned(),
            actions,
            resources,
            reason: reason.into(),
        }
    }
}

/// The statements as a policy document.
pub fn document(statements: &[Statement]) -> Value {
    let statements: Vec<Value> = statements
        .iter()
        .map(|statement| {
            json!({
                "Sid": statement.sid,
                "Effect": "Allow",
                "Action": statement.actions,
                "Resource": statement.resources,
            })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}
