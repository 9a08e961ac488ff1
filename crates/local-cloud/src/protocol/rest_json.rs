//! restJson1: the operation in method and path, its members in path, query, headers and a JSON
//! document.
//!
//! Source: "AWS restJson1 protocol", Smithy 2.0.

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::json;
use crate::error::ServiceError;
use crate::model::{Operation, Shape};

/// An operation, and what its path says: `Name` → `nightly`.
type Found<'a> = (&'a Operation, Vec<(&'static str, String)>);

/// The operation that a request means.
pub fn find<'a>(operations: &'a [Operation], parts: &Parts) -> Option<Found<'a>> {
    operations.iter().find_map(|operation| {
        let http = operation.http?;
        if http.method != parts.method.as_str() {
            return None;
        }
        Some((operation, path_members(http.path, parts.uri.path())?))
    })
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|step| !step.is_empty())
}

/// What stands for the names in braces, where a path is of this form.
fn path_members(form: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    // An ARN is sent with its slashes encoded, by some clients as they are.
    let (mut form, mut path) = (steps(form).peekable(), steps(path));
    let mut members = Vec::new();
    while let Some(step) = form.next() {
        let given = path.next()?;
        match step.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(name) => {
                let mut given = given.to_owned();
                if form.peek().is_none() {
                    for more in path.by_ref() {
                        given = format!("{given}/{more}");
                    }
                }
                let given = percent_decode_str(&given).decode_utf8().ok()?;
                members.push((name, given.into_owned()));
            }
            None if step == given => {}
            None => return None,
        }
    }
    path.next().is_none().then_some(members)
}

/// The members of an operation's input.
pub fn decode(
    (operation, path): &Found<'_>,
    parts: &Parts,
    body: &[u8],
) -> Result<Value, ServiceError> {
    let mut input = match json::decode(body)? {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let (Some(http), Some(Shape::Structure(members))) = (operation.http, operation.input) else {
        return Ok(Value::Object(input));
    };
    let shape = |member: &str| {
        let found = members.iter().find(|m| m.name == member);
        found.map_or(&Shape::Boolean, |m| m.shape)
    };
    for (member, name) in http.uri {
        if let Some((_, text)) = path.iter().find(|(n, _)| n == name) {
            input.insert((*member).to_owned(), Value::from(text.clone()));
        }
    }
    let query: Vec<(String, String)> =
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    for (member, name) in http.query {
        let given: Vec<&str> = query
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
            .collect();
        if let Some(value) = texts(shape(member), &given) {
            input.insert((*member).to_owned(), value);
        }
    }
    for (member, name) in http.headers {
        let given = parts.headers.get(*name).and_then(|v| v.to_str().ok());
        if let Some(value) = given.and_then(|given| texts(shape(member), &[given])) {
            input.insert((*member).to_owned(), value);
        }
    }
    Ok(Value::Object(input))
}

/// The value of a member that comes as texts. What is no value of its shape stays a text, and is
/// refused by the shape's check.
fn texts(shape: &Shape, given: &[&str]) -> Option<Value> {
    let first = *given.first()?;
    Some(match shape {
        Shape::List { member, .. } => given
            .iter()
            .filter_map(|one| texts(member, &[one]))
            .collect(),
        Shape::Integer { .. } => first.parse::<i64>().map_or(first.into(), Value::from),
        Shape::Boolean => first.parse::<bool>().map_or(first.into(), Value::from),
        _ => Value::from(first),
    })
}

/// The answer of an operation as a response.
pub fn encode(result: Result<Value, ServiceError>, request_id: &str) -> Response<Bytes> {
    let mut response = Response::builder()
        .header("content-type", "application/json")
        .header("x-amzn-requestid", request_id);
    let body = match result {
        Ok(Value::Null) => Value::Object(Map::new()),
        Ok(value) => value,
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            response = response
                .status(status)
                .header("x-amzn-errortype", &error.code);
            let mut document = error.extra;
            document.insert("Message".to_owned(), error.message.into());
            Value::Object(document)
        }
    };
    response
        .body(Bytes::from(body.to_string()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scheduler::OPERATIONS;
    use serde_json::json;

    fn decoded(method: &str, uri: &str, body: &str) -> (String, Value) {
        let (parts, ()) = http::Request::builder()
            .method(method)
            .uri(uri)
            .body(())
            .unwrap()
            .into_parts();
        let found = find(OPERATIONS, &parts).unwrap();
        let input = decode(&found, &parts, body.as_bytes()).unwrap();
        (found.0.name.to_owned(), input)
    }

    #[test]
    fn members_come_from_path_query_and_body() {
        let (operation, input) = decoded("PUT", "/schedules/nightly", r#"{"State": "DISABLED"}"#);
        assert_eq!(operation, "UpdateSchedule");
        assert_eq!(input, json!({"State": "DISABLED", "Name": "nightly"}));
        let (operation, input) = decoded("GET", "/schedules?ScheduleGroup=films&MaxResults=5", "");
        assert_eq!(operation, "ListSchedules");
        assert_eq!(input, json!({"GroupName": "films", "MaxResults": 5}));
    }

    #[test]
    fn an_arn_in_a_path_is_one_member_and_a_repeated_key_a_list() {
        let arn = "arn%3Aaws%3Ascheduler%3Aeu-west-1%3A000000000000%3Aschedule-group%2Ffilms";
        let (operation, input) = decoded("DELETE", &format!("/tags/{arn}?TagKeys=a&TagKeys=b"), "");
        assert_eq!(operation, "UntagResource");
        assert_eq!(
            input,
            json!({"ResourceArn": "arn:aws:scheduler:eu-west-1:000000000000:schedule-group/films", "TagKeys": ["a", "b"]})
        );
    }

    #[test]
    fn another_path_is_no_operation() {
        let (parts, ()) = http::Request::get("/schedules/a/b/c")
            .body(())
            .unwrap()
            .into_parts();
        // The last name takes what follows; the model's pattern refuses the slash.
        assert!(find(OPERATIONS, &parts).is_some());
        let (parts, ()) = http::Request::get("/rules").body(()).unwrap().into_parts();
        assert!(find(OPERATIONS, &parts).is_none());
    }
}
