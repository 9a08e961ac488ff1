//! S3's errors, in its words.

use s3s::{S3Error, S3ErrorCode};

use crate::error::ServiceError;

pub(super) const INVALID_BUCKET_NAME: &str = "The specified bucket is not valid.";

pub(super) const MALFORMED_XML: &str =
    "The XML you provided was not well-formed or did not validate against our published schema";

pub(super) fn no_such_bucket(bucket: &str) -> ServiceError {
    ServiceError::new("NoSuchBucket", "The specified bucket does not exist")
        .with_status(404)
        .with("BucketName", bucket)
}

pub(super) fn no_such_key(key: &str) -> ServiceError {
    ServiceError::new("NoSuchKey", "The specified key does not exist.")
        .with_status(404)
        .with("Key", key)
}

pub(super) fn no_such_version(key: &str, version: &str) -> ServiceError {
    ServiceError::new("NoSuchVersion", "The specified version does not exist.")
        .with_status(404)
        .with("Key", key)
        .with("VersionId", version)
}

pub(super) fn no_such_upload(id: &str) -> ServiceError {
    ServiceError::new(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    )
    .with_status(404)
    .with("UploadId", id)
}

pub(super) fn precondition_failed(condition: &str) -> ServiceError {
    ServiceError::new(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
    .with_status(412)
    .with("Condition", condition)
}

pub(super) fn not_modified() -> ServiceError {
    ServiceError::new("NotModified", "Not Modified").with_status(304)
}

pub(super) fn invalid_range() -> ServiceError {
    ServiceError::new("InvalidRange", "The requested range is not satisfiable").with_status(416)
}

pub(super) fn invalid_argument(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidArgument", message)
}

pub(super) fn invalid_request(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidRequest", message)
}

pub(super) fn malformed_xml() -> ServiceError {
    ServiceError::new("MalformedXML", MALFORMED_XML)
}

/// What S3 has and the embedded cloud has not.
pub(super) fn not_implemented(what: &str) -> ServiceError {
    ServiceError::new(
        "NotImplemented",
        format!("The embedded cloud's S3 does not have {what}."),
    )
    .with_status(501)
}

impl From<ServiceError> for S3Error {
    fn from(error: ServiceError) -> Self {
        let code =
            S3ErrorCode::from_bytes(error.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
        let mut answer = Self::with_message(code, error.message);
        if let Ok(status) = http::StatusCode::from_u16(error.status) {
            answer.set_status_code(status);
        }
        if let Some(region) = error.extra.get("x-amz-bucket-region")
            && let Some(Ok(value)) = region.as_str().map(str::parse)
        {
            let mut headers = http::HeaderMap::new();
            headers.insert("x-amz-bucket-region", value);
            answer.set_headers(headers);
        }
        answer
    }
}
