//! Universal targets: `arn:aws:scheduler:::aws-sdk:SERVICE:ACTION`, every operation of every
//! embedded service that changes something.
//!
//! Source: "Using universal targets in EventBridge Scheduler", user guide.

use serde_json::{Map, Value};

use super::invalid;
use crate::caller::Caller;
use crate::cloud::{Cloud, SERVICES};
use crate::error::ServiceError;
use crate::model::Shape;
use crate::service::Service;

/// AWS refuses actions that only read; they start with one of these.
const READS: [&str; 22] = [
    "get",
    "describe",
    "list",
    "poll",
    "receive",
    "search",
    "scan",
    "query",
    "select",
    "read",
    "lookup",
    "discover",
    "validate",
    "batchGet",
    "batchDescribe",
    "batchRead",
    "transactGet",
    "adminGet",
    "adminList",
    "testMigration",
    "retrieve",
    "testConnection",
];

/// The embedded service of this name of the SDK; S3 has its own way in.
fn service(name: &str) -> Option<&'static Service> {
    let name = api_name(name);
    SERVICES
        .iter()
        .copied()
        .find(|service| service.name == name)
}

/// The SDK has names of its own for some APIs.
fn api_name(name: &str) -> &str {
    match name {
        "sfn" => "states",
        "cloudwatchlogs" => "logs",
        name => name,
    }
}

/// `startCrawler` is `StartCrawler` to the API.
fn operation(action: &str) -> String {
    let mut letters = action.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Refuses what is no target.
pub(super) fn check(name: &str, action: &str) -> Result<(), ServiceError> {
    if READS.iter().any(|read| action.starts_with(read)) {
        return Err(invalid(format!(
            "{name}:{action} only reads, and cannot be a target."
        )));
    }
    let operation = operation(action);
    let is_there = name == "s3"
        || service(name)
            .is_some_and(|service| service.operations.iter().any(|o| o.name == operation));
    if is_there {
        return Ok(());
    }
    Err(ServiceError::not_supported(name, &operation))
}

/// Calls the operation with the members that the input has.
pub(super) async fn call(
    cloud: &Cloud,
    caller: &Caller,
    name: &str,
    action: &str,
    input: &str,
) -> Result<(), ServiceError> {
    let operation = operation(action);
    let input: Value =
        serde_json::from_str(input).map_err(|error| invalid(format!("the input: {error}")))?;
    let model = service(name).and_then(|s| s.operations.iter().find(|o| o.name == operation));
    let input = match model.and_then(|model| model.input) {
        Some(shape) => spelled(shape, input),
        None => input,
    };
    cloud
        .invoke(caller, api_name(name), &operation, input)
        .await
        .map(drop)
}

/// Members as the API spells them: the first letter may be of either case.
fn spelled(shape: &'static Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Structure(members), Value::Object(given)) => {
            let members = given.into_iter().map(|(name, inner)| {
                let found = members
                    .iter()
                    .find(|m| operation(m.name) == operation(&name));
                match found {
                    Some(member) => (member.name.to_owned(), spelled(member.shape, inner)),
                    None => (name, inner),
                }
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        (Shape::List { member, .. }, Value::Array(items)) => items
            .into_iter()
            .map(|item| spelled(member, item))
            .collect(),
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_only_reads_or_is_not_there_is_no_target() {
        assert!(check("glue", "startCrawler").is_ok());
        assert!(check("sfn", "startExecution").is_ok());
        assert_eq!(
            check("glue", "getCrawler").unwrap_err().code,
            "ValidationException"
        );
        assert_eq!(
            check("lambda", "invoke").unwrap_err().code,
            "UnsupportedOperation"
        );
    }

    #[test]
    fn members_are_spelled_as_the_api_has_them() {
        let start = crate::model::sfn::OPERATIONS
            .iter()
            .find(|o| o.name == "StartExecution")
            .and_then(|o| o.input)
            .unwrap();
        assert_eq!(
            spelled(start, json!({"StateMachineArn": "arn", "input": "{}"})),
            json!({"stateMachineArn": "arn", "input": "{}"})
        );
    }
}
