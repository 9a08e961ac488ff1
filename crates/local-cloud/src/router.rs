//! From an HTTP request to its service, whatever way it came in.

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Limited};
use s3s::Body;
use serde_json::Value;

use crate::caller::{Caller, Principal};
use crate::cloud::{Cloud, SERVICES};
use crate::error::ServiceError;
use crate::protocol::{json, query, rest_json};
use crate::s3;
use crate::service::{Protocol, Service};
use crate::signature::{self, Signed};

/// No request of the JSON and query protocols is larger; AWS's own limits are below it.
const MAX_BODY: usize = 16 << 20;

/// Answers one request. Never fails: an error is an answer.
pub(crate) async fn call(cloud: &Cloud, request: Request<Body>) -> Response<Body> {
    let Some((service, target)) = service_of(&request) else {
        return match s3::service(cloud.clone()).call(request).await {
            Ok(response) => s3::with_message(response),
            Err(error) => {
                tracing::error!(?error, "s3");
                let mut response = Response::new(Body::empty());
                *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        };
    };
    let request_id = uuid::Uuid::new_v4().to_string();
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            let error = ServiceError::new("RequestEntityTooLarge", error.to_string());
            return encode(service, "", Err(error), &request_id).map(Body::from);
        }
    };
    let (operation, result) = match service.protocol {
        Protocol::Json { .. } => {
            let operation = target.unwrap_or_default();
            let input = json::decode(&body);
            (
                operation.clone(),
                run(cloud, service, &operation, input, &parts, &body).await,
            )
        }
        Protocol::RestJson => match rest_json::find(service.operations, &parts) {
            Some(found) => {
                let input = rest_json::decode(&found, &parts, &body);
                let operation = found.0.name;
                (
                    operation.to_owned(),
                    run(cloud, service, operation, input, &parts, &body).await,
                )
            }
            None => {
                let what = format!("{} {}", parts.method, parts.uri.path());
                (
                    String::new(),
                    Err(ServiceError::not_supported(service.name, &what)),
                )
            }
        },
        Protocol::Query { .. } => {
            let mut fields = query::fields(&body);
            if let Some(q) = parts.uri.query() {
                fields.extend(query::fields(q.as_bytes()));
            }
            let operation = fields
                .iter()
                .find(|(k, _)| k == "Action")
                .map(|(_, v)| v.clone())
                .unwrap_or_default();
            let shape = service
                .operations
                .iter()
                .find(|o| o.name == operation)
                .and_then(|o| o.input);
            let input = match shape {
                Some(shape) => query::decode(shape, &fields),
                None => Ok(Value::Object(serde_json::Map::new())),
            };
            (
                operation.clone(),
                run(cloud, service, &operation, input, &parts, &body).await,
            )
        }
    };
    if let Err(error) = &result {
        tracing::debug!(service = service.name, operation, %error, "refused");
    }
    encode(service, &operation, result, &request_id).map(Body::from)
}

async fn run(
    cloud: &Cloud,
    service: &Service,
    operation: &str,
    input: Result<Value, ServiceError>,
    parts: &Parts,
    body: &[u8],
) -> Result<Value, ServiceError> {
    let caller = identify(cloud, parts, body).map_err(|error| coded(service, error))?;
    service.call(cloud, &caller, operation, input?).await
}

pub(crate) fn encode(
    service: &Service,
    operation: &str,
    result: Result<Value, ServiceError>,
    request_id: &str,
) -> Response<Bytes> {
    match service.protocol {
        Protocol::Json { version, .. } => json::encode(result, version, request_id),
        Protocol::RestJson => rest_json::encode(result, request_id),
        Protocol::Query { namespace, .. } => {
            let model = service.operations.iter().find(|o| o.name == operation);
            query::encode(operation, model, namespace, result, request_id)
        }
    }
}

/// The service of a request, and its operation where a header names it; `None` is S3.
pub(crate) fn service_of(request: &Request<Body>) -> Option<(&'static Service, Option<String>)> {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    if let Some((prefix, operation)) = header("x-amz-target").and_then(|t| t.split_once('.')) {
        let found = SERVICES
            .iter()
            .find(|s| matches!(s.protocol, Protocol::Json { target, .. } if target == prefix));
        return found.map(|s| (*s, Some(operation.to_owned())));
    }
    let scope = header("authorization").and_then(|a| Signed::parse(a).ok());
    if let Some(signed) = scope {
        return SERVICES
            .iter()
            .find(|s| s.name == signed.service)
            .map(|s| (*s, None));
    }
    // AssumeRoleWithSAML and its like come unsigned, as a form to the root.
    let is_form =
        header("content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
    if request.method() == Method::POST && request.uri().path() == "/" && is_form {
        return SERVICES
            .iter()
            .find(|s| s.name == "sts")
            .map(|s| (*s, None));
    }
    None
}

/// The protocols have names of their own for keys and signatures that are wrong.
fn coded(service: &Service, mut error: ServiceError) -> ServiceError {
    let code = match (service.protocol, error.code.as_str()) {
        (Protocol::Json { .. } | Protocol::RestJson, "SignatureDoesNotMatch") => {
            "InvalidSignatureException"
        }
        (Protocol::Query { .. }, "UnrecognizedClientException") => "InvalidClientTokenId",
        _ => return error,
    };
    code.clone_into(&mut error.code);
    error
}

/// Who signed a request.
fn identify(cloud: &Cloud, parts: &Parts, body: &[u8]) -> Result<Caller, ServiceError> {
    let Some(header) = parts
        .headers
        .get("authorization")
        .and_then(|v| v.to_str().ok())
    else {
        return Err(ServiceError::new(
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        )
        .with_status(403));
    };
    let signed = Signed::parse(header)?;
    let (secret, principal) = secret_of(cloud, &signed.access_key)?;
    signature::verify(&signed, &secret, parts, body)?;
    Ok(Caller {
        account: cloud.account().to_owned(),
        region: signed.region,
        principal,
    })
}

/// The secret behind an access key, and whose it is.
pub(crate) fn secret_of(
    cloud: &Cloud,
    access_key: &str,
) -> Result<(String, Principal), ServiceError> {
    if access_key == "test" {
        return Ok(("test".to_owned(), Principal::Root));
    }
    match crate::sts::session(cloud, access_key)? {
        // GetSessionToken gives keys of the root, which have no role.
        Some(session) if session.role_name.is_empty() => Ok((session.secret, Principal::Root)),
        Some(session) => Ok((
            session.secret,
            Principal::Role {
                name: session.role_name,
                session: session.session_name,
                policies: session.policies,
            },
        )),
        None => Err(ServiceError::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid. The embedded cloud knows the access key `test` with the secret `test`, and those that AssumeRole gives.",
        )
        .with_status(403)),
    }
}
