//! Whether what stands for the result of a task that is tested could be the answer of the API that the
//! task calls, as far as the model of that API is here.
//!
//! Source: `fieldValidationMode` of TestState, AWS Step Functions API reference; the words, and that a
//! field which the API does not have is passed over, as they were measured on AWS for LocalStack
//! (`test_field_validation_mode.snapshot.json` there), but for those of a text that is too long. That
//! a time is a text was measured of an optimized integration, whose real results have numbers.

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
        (
            Shape::String {
                values, min, max, ..
            },
            Value::String(text),
        ) => {
            let is_expected = values.is_empty() || values.contains(&text.as_str());
            let why = if is_expected {
                wrong_length(text, *min, *max)
            } else {
                Some("is not an expected value")
            };
            return fits(field, why);
        }
        (Shape::Integer { min, max }, value) if value.is_i64() || value.is_u64() => {
            return fits(field, out_of_range(value, *min, *max));
        }
        (Shape::Timestamp | Shape::Blob, Value::String(_))
        | (Shape::Float, Value::Number(_))
        | (Shape::Boolean, Value::Bool(_)) => return Ok(()),
        (Shape::Structure(_) | Shape::Map { .. }, _) => "an object",
        (Shape::List { .. }, _) => "an array",
        (Shape::String { .. } | Shape::Timestamp | Shape::Blob, _) => "a string",
        (Shape::Integer { .. } | Shape::Float, _) => "a number",
        (Shape::Boolean, _) => "a boolean",
    };
    Err(wrong(format_args!("Field '{field}' must be {expected}")))
}

/// Refuses a field if there is a reason to.
fn fits(field: &str, why: Option<&str>) -> Result<(), String> {
    why.map_or(Ok(()), |why| {
        Err(wrong(format_args!("Field '{field}' {why}")))
    })
}

/// What is wrong with how many characters a text has.
fn wrong_length(text: &str, min: Option<u64>, max: Option<u64>) -> Option<&'static str> {
    let length = text.chars().count() as u64;
    if min.is_some_and(|min| length < min) {
        return Some("is smaller than the minimum length");
    }
    max.is_some_and(|max| length > max)
        .then_some("exceeds the maximum length")
}

/// What is wrong with how large a whole number is.
fn out_of_range(value: &Value, min: Option<i64>, max: Option<i64>) -> Option<&'static str> {
    let number = match (value.as_i64(), value.as_u64()) {
        (Some(number), _) => i128::from(number),
        (None, Some(number)) => i128::from(number),
        (None, None) => return None,
    };
    if min.is_some_and(|min| number < i128::from(min)) {
        return Some("is less than the minimum value");
    }
    max.is_some_and(|max| number > i128::from(max))
        .then_some("exceeds the maximum value")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const QUERY: &str = "arn:aws:states:::athena:startQueryExecution.sync";
    const TABLE: &str = "arn:aws:states:::aws-sdk:glue:getTable";
    const DATABASES: &str = "arn:aws:states:::aws-sdk:glue:getDatabases";

    #[test]
    fn what_the_api_could_answer_is_taken() {
        let query = json!({"QueryExecution": {"QueryExecutionId": "1", "Status": {"State": "SUCCEEDED", "SubmissionDateTime": "2024-05-01T06:00:00Z"}, "NotYetKnown": 7}});
        assert_eq!(check(QUERY, &query, true), Ok(()));
        let lake = json!({"DatabaseList": [{"Name": "lake", "CreateTime": "2024-05-01T06:00:00Z", "Parameters": {"a": "b"}}]});
        assert_eq!(check(DATABASES, &lake, true), Ok(()));
        let longest = json!({"Table": {"Name": "é".repeat(255), "Retention": 0, "CreateTime": "2024-05-01T06:00:00Z"}});
        assert_eq!(check(TABLE, &longest, true), Ok(()));
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
                QUERY,
                json!({"QueryExecution": {"Status": {"SubmissionDateTime": 1}}}),
                "Field 'SubmissionDateTime' must be a string",
            ),
            (
                TABLE,
                json!({"Table": {"Name": ""}}),
                "Field 'Name' is smaller than the minimum length",
            ),
            (
                TABLE,
                json!({"Table": {"Name": "é".repeat(256)}}),
                "Field 'Name' exceeds the maximum length",
            ),
            (
                TABLE,
                json!({"Table": {"Name": "films", "Retention": -1}}),
                "Field 'Retention' is less than the minimum value",
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
