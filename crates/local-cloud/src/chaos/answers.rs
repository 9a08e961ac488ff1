//! What services say when they do not serve.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use s3s::Body;

use super::called::Called;
use crate::error::ServiceError;
use crate::router;

/// The refusal of one who calls too often.
pub(super) fn throttled(called: &Called) -> ServiceError {
    let (code, message, status) = match called.service_name() {
        "s3" => ("SlowDown", "Please reduce your request rate.", 503),
        "iam" | "sts" => ("Throttling", "Rate exceeded", 400),
        "scheduler" => ("ThrottlingException", "Rate exceeded", 429),
        _ => ("ThrottlingException", "Rate exceeded", 400),
    };
    ServiceError::new(code, message).with_status(status)
}

/// The error of a service with a fault of its own.
pub(super) fn failed(
    called: &Called,
    code: Option<&str>,
    status: Option<u16>,
    message: Option<&str>,
) -> ServiceError {
    let (usual, words) = match called.service_name() {
        "s3" => (
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        "glue" => ("InternalServiceException", "An internal error occurred."),
        "athena" | "scheduler" => ("InternalServerException", "An internal error occurred."),
        "logs" => ("ServiceUnavailableException", "The service is unavailable."),
        "iam" => ("ServiceFailure", "An internal error occurred."),
        _ => ("InternalFailure", "An internal error occurred."),
    };
    ServiceError::new(code.unwrap_or(usual), message.unwrap_or(words))
        .with_status(status.unwrap_or(500))
}

/// The error in the protocol of the operation's service.
pub(super) fn response(called: &Called, error: ServiceError) -> Response<Body> {
    let request_id = uuid::Uuid::new_v4().to_string();
    match called.service {
        Some(service) => {
            router::encode(service, &called.operation, Err(error), &request_id).map(Body::from)
        }
        None => of_s3(called, &error, &request_id),
    }
}

fn of_s3(called: &Called, error: &ServiceError, request_id: &str) -> Response<Body> {
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message><RequestId>{request_id}</RequestId></Error>",
        quick_xml::escape::escape(&error.code),
        quick_xml::escape::escape(&error.message),
    );
    // A HEAD is answered without a body, so that only the status tells.
    let is_head = called.operation.starts_with("Head");
    let body = if is_head { String::new() } else { document };
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() =
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/xml"),
    );
    if let Ok(id) = header::HeaderValue::from_str(request_id) {
        headers.insert("x-amz-request-id", id);
    }
    response
}
