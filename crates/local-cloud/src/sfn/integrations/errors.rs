//! How a task's failure is called: the error's name and its cause.
//!
//! The optimized integrations speak as version 1 of the Java SDK does, `aws-sdk` ones as version 2
//! does: an error that the API's model has is an exception of its own, any other is the service's
//! general one. Source: executions recorded on AWS, and the APIs' models for which errors they
//! have.

use asl::TaskError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::RngExt as _;

use super::casing::Times;
use super::runtime;
use crate::error::ServiceError;

/// A service as an SDK calls it.
#[derive(Debug)]
pub(super) struct Naming {
    /// The embedded service.
    pub api: &'static str,
    pub sdk: Sdk,
    /// What stands before the dot of an error's name.
    pub prefix: &'static str,
    /// The service in the cause.
    pub service: &'static str,
    /// The exception for errors that the model does not have.
    pub general: &'static str,
    /// The error codes that the model has.
    pub modelled: &'static [&'static str],
}

/// The version of the Java SDK that an integration speaks as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sdk {
    /// The optimized integrations.
    One,
    /// `aws-sdk`.
    Two,
}

impl Sdk {
    /// How results tell times.
    pub fn times(self) -> Times {
        match self {
            Self::One => Times::Millis,
            Self::Two => Times::Iso,
        }
    }
}

/// The failure that a service's error is to a task.
pub(super) fn failure(naming: &Naming, error: &ServiceError) -> TaskError {
    let ServiceError {
        code,
        message,
        status,
        ..
    } = error;
    if code == "UnsupportedOperation" {
        return runtime(message.clone());
    }
    // S3's calls know of the limit of a state's result.
    if code.starts_with("States.") {
        return TaskError {
            error: code.clone(),
            cause: message.clone(),
        };
    }
    let exception = if naming.modelled.contains(&code.as_str()) {
        exception(code)
    } else {
        naming.general.to_owned()
    };
    let service = naming.service;
    let request_id = uuid::Uuid::new_v4();
    let cause = match naming.sdk {
        Sdk::One => format!(
            "{message} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null)"
        ),
        Sdk::Two if naming.api == "s3" => format!(
            "{message} (Service: {service}, Status Code: {status}, Request ID: {request_id}, Extended Request ID: {})",
            extended_request_id()
        ),
        Sdk::Two => format!(
            "{message} (Service: {service}, Status Code: {status}, Request ID: {request_id})"
        ),
    };
    TaskError {
        error: format!("{}.{exception}", naming.prefix),
        cause,
    }
}

/// The other id that S3, and no other service, gives a request: 56 bytes in Base64.
fn extended_request_id() -> String {
    STANDARD.encode(rand::rng().random::<[u8; 56]>())
}

/// The class that an SDK makes of an error's code.
fn exception(code: &str) -> String {
    if code.ends_with("Exception") {
        return code.to_owned();
    }
    format!("{}Exception", code.strip_suffix("Fault").unwrap_or(code))
}

pub(super) const ATHENA: &[&str] = &[
    "InternalServerException",
    "InvalidRequestException",
    "MetadataException",
    "ResourceNotFoundException",
    "SessionAlreadyExistsException",
    "TooManyRequestsException",
];

pub(super) const GLUE: &[&str] = &[
    "AccessDeniedException",
    "AlreadyExistsException",
    "ConcurrentModificationException",
    "ConcurrentRunsExceededException",
    "ConditionCheckFailureException",
    "ConflictException",
    "CrawlerNotRunningException",
    "CrawlerRunningException",
    "CrawlerStoppingException",
    "EntityNotFoundException",
    "FederatedResourceAlreadyExistsException",
    "FederationSourceException",
    "FederationSourceRetryableException",
    "GlueEncryptionException",
    "IdempotentParameterMismatchException",
    "InternalServiceException",
    "InvalidInputException",
    "InvalidStateException",
    "NoScheduleException",
    "OperationNotSupportedException",
    "OperationTimeoutException",
    "PermissionTypeMismatchException",
    "ResourceNotFoundException",
    "ResourceNotReadyException",
    "ResourceNumberLimitExceededException",
    "SchedulerNotRunningException",
    "SchedulerRunningException",
    "SchedulerTransitioningException",
    "ThrottlingException",
    "ValidationException",
    "VersionMismatchException",
];

pub(super) const LAMBDA: &[&str] = &[
    "CodeStorageExceededException",
    "EC2AccessDeniedException",
    "EC2ThrottledException",
    "EC2UnexpectedException",
    "ENILimitReachedException",
    "InvalidParameterValueException",
    "InvalidRequestContentException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "RequestTooLargeException",
    "ResourceConflictException",
    "ResourceNotFoundException",
    "ResourceNotReadyException",
    "ServiceException",
    "TooManyRequestsException",
    "UnsupportedMediaTypeException",
];

pub(super) const S3: &[&str] = &[
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "EncryptionTypeMismatch",
    "InvalidObjectState",
    "InvalidRequest",
    "InvalidWriteOffset",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchUpload",
    "ObjectAlreadyInActiveTierError",
    "ObjectNotInActiveTierError",
    "TooManyParts",
];

pub(super) const SFN: &[&str] = &[
    "ConflictException",
    "ExecutionAlreadyExists",
    "ExecutionDoesNotExist",
    "ExecutionLimitExceeded",
    "InvalidArn",
    "InvalidDefinition",
    "InvalidEncryptionConfiguration",
    "InvalidExecutionInput",
    "InvalidLoggingConfiguration",
    "InvalidName",
    "InvalidOutput",
    "InvalidToken",
    "InvalidTracingConfiguration",
    "MissingRequiredParameter",
    "ResourceNotFound",
    "StateMachineAlreadyExists",
    "StateMachineDeleting",
    "StateMachineDoesNotExist",
    "StateMachineLimitExceeded",
    "StateMachineTypeNotSupported",
    "TaskDoesNotExist",
    "TaskTimedOut",
    "TooManyTags",
    "ValidationException",
];

pub(super) const IAM: &[&str] = &[
    "ConcurrentModification",
    "DeleteConflict",
    "EntityAlreadyExists",
    "EntityTemporarilyUnmodifiable",
    "InvalidInput",
    "LimitExceeded",
    "MalformedPolicyDocument",
    "NoSuchEntity",
    "PolicyEvaluation",
    "PolicyNotAttachable",
    "ServiceFailure",
    "UnmodifiableEntity",
];

pub(super) const STS: &[&str] = &[
    "ExpiredTokenException",
    "InvalidAuthorizationMessageException",
    "InvalidIdentityToken",
    "MalformedPolicyDocument",
    "PackedPolicyTooLarge",
    "RegionDisabledException",
];

pub(super) const LOGS: &[&str] = &[
    "AccessDeniedException",
    "ConflictException",
    "DataAlreadyAcceptedException",
    "InternalServerException",
    "InternalStreamingException",
    "InvalidOperationException",
    "InvalidParameterException",
    "InvalidSequenceTokenException",
    "LimitExceededException",
    "MalformedQueryException",
    "OperationAbortedException",
    "ResourceAlreadyExistsException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "ServiceUnavailableException",
    "SessionStreamingException",
    "SessionTimeoutException",
    "ThrottlingException",
    "TooManyTagsException",
    "UnrecognizedClientException",
    "ValidationException",
];

pub(super) const SCHEDULER: &[&str] = &[
    "ConflictException",
    "InternalServerException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "ThrottlingException",
    "ValidationException",
];

#[cfg(test)]
mod tests {
    use super::*;

    const S3_SDK: Naming = Naming {
        api: "s3",
        sdk: Sdk::Two,
        prefix: "S3",
        service: "S3",
        general: "S3Exception",
        modelled: S3,
    };

    #[test]
    fn an_error_of_the_model_is_an_exception_of_its_own() {
        let error = ServiceError::new("NoSuchBucket", "The specified bucket does not exist")
            .with_status(404);
        let failed = failure(&S3_SDK, &error);
        assert_eq!(failed.error, "S3.NoSuchBucketException");
        let cause = &failed.cause;
        let rest = cause
            .strip_prefix(
                "The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: ",
            )
            .and_then(|rest| rest.strip_suffix("=)"));
        let ids = rest.and_then(|rest| rest.split_once(", Extended Request ID: "));
        assert_eq!(ids.map(|(_, extended)| extended.len()), Some(75), "{cause}");
    }

    #[test]
    fn only_s3_gives_a_request_two_ids() {
        let glue = Naming {
            api: "glue",
            sdk: Sdk::Two,
            prefix: "Glue",
            service: "Glue",
            general: "GlueException",
            modelled: GLUE,
        };
        let error = ServiceError::new("EntityNotFoundException", "Database lake not found.");
        let cause = failure(&glue, &error).cause;
        assert!(!cause.contains("Extended"), "{cause}");
    }

    #[test]
    fn any_other_error_is_the_general_one_of_its_service() {
        let error = ServiceError::new("AccessDenied", "Access Denied").with_status(403);
        assert_eq!(failure(&S3_SDK, &error).error, "S3.S3Exception");
    }

    #[test]
    fn what_the_embedded_cloud_does_not_have_is_not_caught_as_a_failure() {
        let error = ServiceError::not_supported("s3", "RestoreObject");
        assert_eq!(failure(&S3_SDK, &error).error, "States.Runtime");
    }
}
