//! awsQuery: the operation and its members as a form, the answer as XML.

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use http::Response;
use quick_xml::escape::escape;
use serde_json::{Map, Value};

use crate::error::ServiceError;
use crate::model::{Operation, Shape};

/// The form's fields in their order.
pub fn fields(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}

/// The members of an operation's input, from the fields of a form.
pub fn decode(shape: &Shape, fields: &[(String, String)]) -> Result<Value, ServiceError> {
    Ok(member(shape, "", fields)?.unwrap_or_else(|| Value::Object(Map::new())))
}

fn member(
    shape: &Shape,
    at: &str,
    fields: &[(String, String)],
) -> Result<Option<Value>, ServiceError> {
    let below = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        }
    };
    let is_there = |prefix: &str| {
        fields.iter().any(|(k, _)| {
            k.strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    match shape {
        Shape::Structure(members) => {
            if !at.is_empty() && !is_there(at) {
                return Ok(None);
            }
            let mut object = Map::new();
            for m in *members {
                if let Some(value) = member(m.shape, &below(m.wire), fields)? {
                    object.insert(m.name.to_owned(), value);
                }
            }
            Ok(Some(Value::Object(object)))
        }
        Shape::List { member: inner, .. } => {
            // An empty list is sent as an empty field of the list's own name.
            if !is_there(at) {
                return Ok(None);
            }
            let mut items = Vec::new();
            for i in 1.. {
                let item = below(&format!("member.{i}"));
                if !is_there(&item) {
                    break;
                }
                items.extend(member(inner, &item, fields)?);
            }
            Ok(Some(Value::Array(items)))
        }
        Shape::Map { value, .. } => {
            if !is_there(at) {
                return Ok(None);
            }
            let mut object = Map::new();
            for i in 1.. {
                let entry = below(&format!("entry.{i}"));
                let Some(key) = text(fields, &format!("{entry}.key")) else {
                    break;
                };
                if let Some(inner) = member(value, &format!("{entry}.value"), fields)? {
                    object.insert(key.to_owned(), inner);
                }
            }
            Ok(Some(Value::Object(object)))
        }
        Shape::String { .. } | Shape::Blob => Ok(text(fields, at).map(Value::from)),
        Shape::Integer { .. } => scalar(fields, at, |t| t.parse::<i64>().ok().map(Value::from)),
        Shape::Float => scalar(fields, at, |t| t.parse::<f64>().ok().map(Value::from)),
        Shape::Boolean => scalar(fields, at, |t| t.parse::<bool>().ok().map(Value::from)),
        Shape::Timestamp => scalar(fields, at, |t| {
            DateTime::parse_from_rfc3339(t)
                .ok()
                .map(|d| Value::from(d.timestamp_millis() as f64 / 1000.0))
        }),
    }
}

fn text<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(k, _)| k == name)
        .map(|(_, v)| v.as_str())
}

fn scalar(
    fields: &[(String, String)],
    name: &str,
    parse: impl Fn(&str) -> Option<Value>,
) -> Result<Option<Value>, ServiceError> {
    let Some(given) = text(fields, name) else {
        return Ok(None);
    };
    parse(given).map(Some).ok_or_else(|| {
        ServiceError::new("MalformedInput", format!("{given} is no value of {name}"))
    })
}

/// The answer of an operation as a response.
pub fn encode(
    operation: &str,
    shapes: Option<&Operation>,
    namespace: &str,
    result: Result<Value, ServiceError>,
    request_id: &str,
) -> Response<Bytes> {
    let mut response = Response::builder()
        .header("content-type", "text/xml")
        .header("x-amzn-requestid", request_id);
    let mut body = String::new();
    match result {
        Ok(value) => {
            body.push_str(&format!(
                "<{operation}Response xmlns=\"{}\">",
                escape(namespace)
            ));
            if let Some(operation) = shapes
                && let Some(wrapper) = operation.result_wrapper
            {
                body.push_str(&format!("<{wrapper}>"));
                if let Some(shape) = operation.output {
                    write(shape, &value, &mut body);
                }
                body.push_str(&format!("</{wrapper}>"));
            }
            body.push_str(&format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"));
        }
        Err(error) => {
            response = response.status(error.status);
            let side = if error.status < 500 {
                "Sender"
            } else {
                "Receiver"
            };
            body.push_str(&format!(
                "<ErrorResponse xmlns=\"{}\"><Error><Type>{side}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
                escape(namespace), escape(&error.code), escape(&error.message),
            ));
        }
    }
    response.body(Bytes::from(body)).unwrap_or_default()
}

fn write(shape: &Shape, value: &Value, out: &mut String) {
    match (shape, value) {
        (Shape::Structure(members), Value::Object(given)) => {
            for member in *members {
                if let Some(inner) = given.get(member.name)
                    && !inner.is_null()
                {
                    out.push_str(&format!("<{}>", member.wire));
                    write(member.shape, inner, out);
                    out.push_str(&format!("</{}>", member.wire));
                }
            }
        }
        (Shape::List { member, .. }, Value::Array(items)) => {
            for item in items {
                out.push_str("<member>");
                write(member, item, out);
                out.push_str("</member>");
            }
        }
        (Shape::Map { value: inner, .. }, Value::Object(given)) => {
            for (key, value) in given {
                out.push_str(&format!("<entry><key>{}</key><value>", escape(key)));
                write(inner, value, out);
                out.push_str("</value></entry>");
            }
        }
        (Shape::Timestamp, Value::Number(seconds)) => {
            let millis = (seconds.as_f64().unwrap_or_default() * 1000.0).round() as i64;
            let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
            // IAM and STS give whole seconds.
            out.push_str(&time.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        (_, Value::String(text)) => out.push_str(&escape(text)),
        (_, other) => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::iam;

    #[test]
    fn a_form_becomes_the_operations_members() {
        let operation = iam::OPERATIONS
            .iter()
            .find(|o| o.name == "CreateRole")
            .unwrap();
        let fields = fields(b"Action=CreateRole&RoleName=r&MaxSessionDuration=3600&Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.2.Key=b&Tags.member.2.Value=2");
        assert_eq!(
            decode(operation.input.unwrap(), &fields).unwrap(),
            serde_json::json!({
                "RoleName": "r", "MaxSessionDuration": 3600,
                "Tags": [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "2"}],
            })
        );
    }

    #[test]
    fn an_answer_is_escaped() {
        let operation = iam::OPERATIONS.iter().find(|o| o.name == "GetRole");
        let answer = serde_json::json!({"Role": {"RoleName": "<&>", "CreateDate": 0.0}});
        let response = encode("GetRole", operation, "urn:x", Ok(answer), "id");
        let body = String::from_utf8(response.into_body().to_vec()).unwrap();
        assert!(body.contains("<RoleName>&lt;&amp;&gt;</RoleName>"));
        assert!(body.contains("<CreateDate>1970-01-01T00:00:00Z</CreateDate>"));
    }
}
