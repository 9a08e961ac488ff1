//! How a task's failure is called: the error's name and its cause.
//!
//! The optimized integrations speak as version 1 of the Java SDK does, `aws-sdk` ones as version 2
//! does: an error that the API's model has is an exception of its own, any other is the service's
//! general one. Source: executions recorded on AWS, and the APIs' models for which errors they
//! have.

use asl::TaskError;

use super::runtime;
use crate::error::ServiceError;

/// A service as an SDK calls it.
#[derive(Debug)]
pub(super) struct Naming {
    /// What stands before the dot of an error's name.
    pub prefix: &'static str,
    /// The service in the cause.
    pub service: &'static str,
    /// The exception for errors that the model does not have.
    pub general: &'static str,
    /// The error codes that the model has.
    pub modelled: &'static [&'static str],
}

/// The failure of an optimized integration.
pub(super) fn optimized(naming: &Naming, error: &ServiceError) -> TaskError {
    failure(naming, error, |request_id| {
        format!(
            "(Service: {}; Status Code: {}; Error Code: {}; Request ID: {request_id}; Proxy: null)",
            naming.service, error.status, error.code
        )
    })
}

/// The failure of an integration of the SDK.
pub(super) fn sdk(naming: &Naming, error: &ServiceError) -> TaskError {
    failure(naming, error, |request_id| {
        format!(
            "(Service: {}, Status Code: {}, Request ID: {request_id})",
            naming.service, error.status
        )
    })
}

fn failure(
    naming: &Naming,
    error: &ServiceError,
    place: impl Fn(uuid::Uuid) -> String,
) -> TaskError {
    if error.code == "UnsupportedOperation" {
        return runtime(error.message.clone());
    }
    if error.code.starts_with("States.") {
        return TaskError {
            error: error.code.clone(),
            cause: error.message.clone(),
        };
    }
    let exception = if naming.modelled.contains(&error.code.as_str()) {
        exception(&error.code)
    } else {
        naming.general.to_owned()
    };
    TaskError {
        error: format!("{}.{exception}", naming.prefix),
        cause: format!("{} {}", error.message, place(uuid::Uuid::new_v4())),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const S3_SDK: Naming = Naming {
        prefix: "S3",
        service: "S3",
        general: "S3Exception",
        modelled: S3,
    };

    #[test]
    fn an_error_of_the_model_is_an_exception_of_its_own() {
        let error = ServiceError::new("NoSuchBucket", "The specified bucket does not exist")
            .with_status(404);
        let failure = sdk(&S3_SDK, &error);
        assert_eq!(failure.error, "S3.NoSuchBucketException");
        assert!(
            failure.cause.starts_with(
                "The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: "
            ),
            "{}",
            failure.cause
        );
    }

    #[test]
    fn any_other_error_is_the_general_one_of_its_service() {
        let error = ServiceError::new("AccessDenied", "Access Denied").with_status(403);
        assert_eq!(sdk(&S3_SDK, &error).error, "S3.S3Exception");
    }

    #[test]
    fn what_the_embedded_cloud_does_not_have_is_not_caught_as_a_failure() {
        let error = ServiceError::not_supported("s3", "RestoreObject");
        assert_eq!(sdk(&S3_SDK, &error).error, "States.Runtime");
    }
}
