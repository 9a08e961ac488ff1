//! Whether what stands for the result of a task that is tested could be the answer of the API that the
//! task calls, as far as the model of that API is here.
//!
//! Source: `fieldValidationMode` of TestState, AWS Step Functions API reference; the words, and that a
//! field which the API does not have is passed over, as they were measured on AWS for LocalStack
//! (`test_state/static_analyser.py` there).

use serde_json::{Map, Value};

use super::integrations;
use crate::model::{Member, Shape};

/// Says what is wrong with a mocked result. A `strict` one has all fields that the API requires.
pub(super) fn check(resource: &str, result: &Value, strict: bool) -> Result<(), String> {
    match (integrations::answer_of(resource), result) {
        (Some(Shape::Structure(members)), Value::Object(fields)) => {
            check_fields(members, fields, strict)
        }
        (Some(_), result) if !result.is_object() => {
            Err("Mock result must be a valid JSON object".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_fields(
    members: &'static [Member],
    fields: &Map<String, Value>,
    strict: bool,
) -> Result<(), String> {
    for member in members {
        let name = integrations::spelled(member.name);
        match fields.get(&name) {
            Some(value) => check_value(member.shape, value, &name, strict)?,
            None if strict && member.required => {
                return Err(wrong(format_args!("Required field '{name}' is missing")));
            }
            None => {}
        }
    }
    Ok(())
}

fn wrong(what: std::fmt::Arguments<'_>) -> String {
    format!("Mock result schema validation error: {what}")
}

/// Checks the value of a field, or one within it that has no name of its own.
fn check_value(
    shape: &'static Shape,
    value: &Value,
    field: &str,
    strict: bool,
) -> Result<(), String> {
    let expected = match (shape, value) {
        (Shape::Structure(members), Value::Object(fields)) => {
            return check_fields(members, fields, strict);
        }
        (Shape::List { member, .. }, Value::Array(items)) => {
            return items
                .iter()
                .try_for_each(|item| check_value(member, item, field, strict));
        }
        (Shape::Map { value: shape, .. }, Value::Object(entries)) => {
            return entries
                .values()
                .try_for_each(|entry| check_value(shape, entry, field, strict));
        }
        (Shape::String { values, .. }, Value::String(text)) => {
            if values.is_empty() || values.contains(&text.as_str()) {
                return Ok(());
            }
            return Err(wrong(format_args!(
                "Field '{field}' is not an expected value"
            )));
        }
        // The optimized integrations tell times in milliseconds, those of the SDK in ISO 8601.
        (Shape::Timestamp, Value::String(_) | Value::Number(_))
        | (Shape::Blob, Value::String(_))
        | (Shape::Float, Value::Number(_))
        | (Shape::Boolean, Value::Bool(_)) => return Ok(()),
        (Shape::Integer { .. }, value) if value.is_i64() || value.is_u64() => return Ok(()),
        (Shape::Structure(_) | Shape::Map { .. }, _) => "an object",
        (Shape::List { .. }, _) => "an array",
        (Shape::String { .. } | Shape::Timestamp | Shape::Blob, _) => "a string",
        (Shape::Integer { .. } | Shape::Float, _) => "a number",
        (Shape::Boolean, _) => "a boolean",
    };
    Err(wrong(format_args!("Field '{field}' must be {expected}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const QUERY: &str = "arn:aws:states:::athena:startQueryExecution.sync";
    const DATABASES: &str = "arn:aws:states:::aws-sdk:glue:getDatabases";

    #[test]
    fn what_the_api_could_answer_is_taken() {
        let query = json!({"QueryExecution": {"QueryExecutionId": "1", "Status": {"State": "SUCCEEDED", "SubmissionDateTime": 1}, "NotYetKnown": 7}});
        assert_eq!(check(QUERY, &query, true), Ok(()));
        let lake = json!({"DatabaseList": [{"Name": "lake", "CreateTime": "2024-05-01T06:00:00Z", "Parameters": {"a": "b"}}]});
        assert_eq!(check(DATABASES, &lake, true), Ok(()));
        for unknown in [
            "arn:aws:states:::glue:startJobRun.sync",
            "arn:aws:states:::lambda:invoke",
            "arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken",
        ] {
            assert_eq!(check(unknown, &json!([1]), true), Ok(()), "{unknown}");
        }
    }

    #[test]
    fn what_it_could_not_is_refused_by_the_field() {
        for (resource, result, told) in [
            (
                QUERY,
                json!({"QueryExecution": {"Status": {"State": "DONE"}}}),
                "Field 'State' is not an expected value",
            ),
            (
                QUERY,
                json!({"QueryExecution": {"QueryExecutionId": 1}}),
                "Field 'QueryExecutionId' must be a string",
            ),
            (
                QUERY,
                json!({"QueryExecution": {"Statistics": {"DataScannedInBytes": "1"}}}),
                "Field 'DataScannedInBytes' must be a number",
            ),
            (
                QUERY,
                json!({"QueryExecution": []}),
                "Field 'QueryExecution' must be an object",
            ),
            (
                DATABASES,
                json!({"DatabaseList": {}}),
                "Field 'DatabaseList' must be an array",
            ),
            (
                DATABASES,
                json!({"DatabaseList": [{"Parameters": {"a": 1}, "Name": "lake"}]}),
                "Field 'Parameters' must be a string",
            ),
            (
                DATABASES,
                json!({}),
                "Required field 'DatabaseList' is missing",
            ),
        ] {
            let refused = Err(format!("Mock result schema validation error: {told}"));
            assert_eq!(check(resource, &result, true), refused);
        }
        assert_eq!(check(DATABASES, &json!({}), false), Ok(()));
        assert!(check(DATABASES, &json!([]), false).is_err());
    }
}
