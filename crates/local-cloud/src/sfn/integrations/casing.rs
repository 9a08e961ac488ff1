//! From a task's parameters to an API's request, and from its answer to a task's result.
//!
//! Step Functions spells every member with a capital first letter, whatever the API's own model
//! does (`StateMachineArn` for `stateMachineArn`). Source: "Integrating services with Step
//! Functions" and "Passing parameters to a service API", AWS Step Functions developer guide.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::model::{Member, Shape};

/// How a result tells a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    /// Milliseconds since the epoch: the optimized integrations.
    Millis,
    /// ISO 8601: the SDK's integrations.
    Iso,
}

/// A member that the API does not have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("The field \"{0}\" is not supported by Step Functions")]
pub(super) struct UnknownField(String);

pub(super) fn first_upper(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A task's parameters as the request of the API.
pub(super) fn request(shape: &'static Shape, value: Value) -> Result<Value, UnknownField> {
    Ok(match (shape, value) {
        (Shape::Structure(members), Value::Object(given)) => {
            let mut request = Map::new();
            for (name, inner) in given {
                // What is null is not given.
                if inner.is_null() {
                    continue;
                }
                let member = member(members, &name)?;
                request.insert(member.name.to_owned(), self::request(member.shape, inner)?);
            }
            Value::Object(request)
        }
        (Shape::List { member, .. }, Value::Array(items)) => Value::Array(
            items
                .into_iter()
                .map(|item| request(member, item))
                .collect::<Result<_, _>>()?,
        ),
        (Shape::Map { value: inner, .. }, Value::Object(given)) => Value::Object(
            given
                .into_iter()
                .map(|(key, value)| Ok((key, request(inner, value)?)))
                .collect::<Result<_, _>>()?,
        ),
        // A document where the API has a text is its JSON.
        (Shape::String { .. }, value @ (Value::Object(_) | Value::Array(_))) => {
            Value::String(value.to_string())
        }
        (Shape::String { .. }, value @ (Value::Number(_) | Value::Bool(_))) => {
            Value::String(value.to_string())
        }
        (Shape::Integer { .. }, Value::String(text)) => match text.parse::<i64>() {
            Ok(number) => json!(number),
            Err(_) => Value::String(text),
        },
        (Shape::Float, Value::String(text)) => match text.parse::<f64>() {
            Ok(number) => json!(number),
            Err(_) => Value::String(text),
        },
        (Shape::Boolean, Value::String(text)) => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(text),
        },
        (Shape::Timestamp, Value::String(text)) => match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => json!(time.timestamp_millis() as f64 / 1000.0),
            Err(_) => Value::String(text),
        },
        (_, value) => value,
    })
}

fn member(members: &'static [Member], name: &str) -> Result<&'static Member, UnknownField> {
    members
        .iter()
        .find(|member| first_upper(member.name) == name)
        .ok_or_else(|| UnknownField(name.to_owned()))
}

/// An answer of the API as a task's result.
pub(super) fn result(shape: &'static Shape, value: Value, times: Times) -> Value {
    match (shape, value) {
        (Shape::Structure(members), Value::Object(answer)) => Value::Object(
            answer
                .into_iter()
                .filter(|(_, inner)| !inner.is_null())
                .map(|(name, inner)| {
                    let found = members.iter().find(|member| member.name == name);
                    let inner = match found {
                        Some(member) => result(member.shape, inner, times),
                        None => inner,
                    };
                    (first_upper(&name), inner)
                })
                .collect(),
        ),
        (Shape::List { member, .. }, Value::Array(items)) => items
            .into_iter()
            .map(|item| result(member, item, times))
            .collect(),
        (Shape::Map { value: inner, .. }, Value::Object(answer)) => Value::Object(
            answer
                .into_iter()
                .map(|(key, value)| (key, result(inner, value, times)))
                .collect(),
        ),
        (Shape::Timestamp, Value::Number(seconds)) => seconds
            .as_f64()
            .and_then(|seconds| time(seconds, times))
            .unwrap_or(Value::Number(seconds)),
        (_, value) => value,
    }
}

fn time(seconds: f64, times: Times) -> Option<Value> {
    let millis = (seconds * 1000.0).round() as i64;
    match times {
        Times::Millis => Some(json!(millis)),
        Times::Iso => {
            let time: DateTime<Utc> = DateTime::from_timestamp_millis(millis)?;
            Some(json!(time.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Operation;

    fn operation(operations: &'static [Operation], name: &str) -> &'static Operation {
        operations.iter().find(|o| o.name == name).unwrap()
    }

    #[test]
    fn members_begin_with_a_capital_whatever_the_model_says() {
        let start = operation(crate::model::sfn::OPERATIONS, "StartExecution");
        let parameters = json!({"StateMachineArn": "arn", "Input": {"a": 1}, "Name": null});
        assert_eq!(
            request(start.input.unwrap(), parameters),
            Ok(json!({"stateMachineArn": "arn", "input": "{\"a\":1}"}))
        );
        assert_eq!(
            request(start.input.unwrap(), json!({"stateMachineArn": "arn"}))
                .unwrap_err()
                .to_string(),
            "The field \"stateMachineArn\" is not supported by Step Functions"
        );
        let answer = json!({"executionArn": "arn", "startDate": 1.5});
        assert_eq!(
            result(start.output.unwrap(), answer.clone(), Times::Millis),
            json!({"ExecutionArn": "arn", "StartDate": 1500})
        );
        assert_eq!(
            result(start.output.unwrap(), answer, Times::Iso),
            json!({"ExecutionArn": "arn", "StartDate": "1970-01-01T00:00:01.500Z"})
        );
    }

    #[test]
    fn keys_of_maps_stay_as_they_are() {
        let create = operation(crate::model::glue::OPERATIONS, "CreateDatabase");
        let parameters = json!({"DatabaseInput": {"Name": "films", "Parameters": {"owner": 7}}});
        assert_eq!(
            request(create.input.unwrap(), parameters),
            Ok(json!({"DatabaseInput": {"Name": "films", "Parameters": {"owner": "7"}}}))
        );
    }
}
