//! awsJson 1.0 and 1.1: the operation in `x-amz-target`, a JSON document in and out.

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

use crate::error::ServiceError;

/// The document of a request; an empty body is an empty document.
pub fn decode(body: &[u8]) -> Result<Value, ServiceError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(ServiceError::new(
            "SerializationException",
            "Start of structure or map found where not expected.",
        )),
        Err(error) => Err(ServiceError::new(
            "SerializationException",
            error.to_string(),
        )),
    }
}

/// The answer of an operation as a response.
pub fn encode(
    result: Result<Value, ServiceError>,
    version: &str,
    request_id: &str,
) -> Response<Bytes> {
    let mut response = Response::builder()
        .header("content-type", format!("application/x-amz-json-{version}"))
        .header("x-amzn-requestid", request_id);
    let body = match result {
        Ok(Value::Null) => Value::Object(Map::new()),
        Ok(value) => value,
        Err(error) => {
            response = response
                .status(error.status)
                .header("x-amzn-errortype", &error.code);
            let mut document = error.extra;
            document.insert("__type".to_owned(), error.code.into());
            document.insert("message".to_owned(), error.message.into());
            Value::Object(document)
        }
    };
    response
        .body(Bytes::from(body.to_string()))
        .unwrap_or_default()
}
