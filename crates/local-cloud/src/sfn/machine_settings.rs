//! What is set of a state machine beside its definition: role, logging, tracing, encryption.

use super::arn::{self, MachineArn};
use super::log;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam;
use crate::model::sfn::*;

/// Refuses a role that Step Functions cannot take for a state machine, or that the caller may not
/// pass to it.
pub(super) fn check_role(
    cloud: &Cloud,
    caller: &Caller,
    machine: &MachineArn,
    role_arn: &str,
) -> Result<Caller, ServiceError> {
    if !role_arn.starts_with("arn:") {
        return Err(arn::invalid(role_arn));
    }
    let passed_to = [("iam:PassedToService", super::integrations::PRINCIPAL)];
    iam::authorize(cloud, caller, "iam:PassRole", role_arn, &passed_to)
        .map_err(|denied| ServiceError::new("AccessDeniedException", denied.to_string()))?;
    assumed(cloud, machine, role_arn)
}

/// What Step Functions is under this role, for a state machine.
pub(super) fn assumed(
    cloud: &Cloud,
    machine: &MachineArn,
    role_arn: &str,
) -> Result<Caller, ServiceError> {
    let taken = super::integrations::take_role(cloud, machine, role_arn, "check")?;
    taken.map_err(|_| {
        ServiceError::new(
            "AccessDeniedException",
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.",
        )
    })
}

/// Refuses logging that the machine's role may not set up.
pub(super) fn check_log_access(
    cloud: &Cloud,
    role: &Caller,
    logging: &LoggingConfiguration,
) -> Result<(), ServiceError> {
    const ACTIONS: [&str; 8] = [
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
    ];
    if !log::is_on(logging) {
        return Ok(());
    }
    let may = |action: &&str| iam::authorize(cloud, role, action, "*", &[]).is_ok();
    if ACTIONS.iter().all(may) {
        return Ok(());
    }
    Err(ServiceError::new(
        "AccessDeniedException",
        "The state machine IAM Role is not authorized to access the Log Destination",
    ))
}

/// Refuses logging to a group that is not there.
pub(super) fn check_log_destination(
    cloud: &Cloud,
    logging: &LoggingConfiguration,
) -> Result<(), ServiceError> {
    if !log::is_on(logging) || cloud.store().read(|c| log::has_destination(c, logging))? {
        return Ok(());
    }
    Err(ServiceError::new(
        "InvalidLoggingConfiguration",
        "Invalid Logging Configuration: Log Destination not found.",
    ))
}

/// Encryption as it is shown; there is no KMS, so the key is only kept.
pub(super) fn encryption(
    given: Option<EncryptionConfiguration>,
) -> Result<EncryptionConfiguration, ServiceError> {
    let owned = EncryptionConfiguration {
        r#type: "AWS_OWNED_KEY".to_owned(),
        ..Default::default()
    };
    let given = given.unwrap_or_else(|| owned.clone());
    let invalid = |message: &str| {
        Err(ServiceError::new(
            "InvalidEncryptionConfiguration",
            format!("Invalid Encryption Configuration: {message}"),
        ))
    };
    if given.r#type == owned.r#type {
        let has_key =
            given.kms_key_id.is_some() || given.kms_data_key_reuse_period_seconds.is_some();
        return if has_key {
            invalid("kmsKeyId and kmsDataKeyReusePeriodSeconds go with CUSTOMER_MANAGED_KMS_KEY.")
        } else {
            Ok(owned)
        };
    }
    if given.kms_key_id.is_none() {
        return invalid("kmsKeyId is required with CUSTOMER_MANAGED_KMS_KEY.");
    }
    Ok(EncryptionConfiguration {
        kms_data_key_reuse_period_seconds: given.kms_data_key_reuse_period_seconds.or(Some(300)),
        ..given
    })
}

/// Logging as it is shown: off unless a level and its one destination are given.
pub(super) fn logging(
    given: Option<LoggingConfiguration>,
) -> Result<LoggingConfiguration, ServiceError> {
    let given = given.unwrap_or_default();
    let destinations = given.destinations.as_ref().map_or(0, Vec::len);
    let level = given.level.unwrap_or_else(|| "OFF".to_owned());
    if destinations > 1 || (level != "OFF" && destinations == 0) {
        return Err(ServiceError::new(
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ));
    }
    Ok(LoggingConfiguration {
        level: Some(level),
        include_execution_data: Some(given.include_execution_data.unwrap_or(false)),
        destinations: given.destinations,
    })
}

/// Tracing as it is shown: off unless asked for.
pub(super) fn tracing(given: Option<TracingConfiguration>) -> TracingConfiguration {
    TracingConfiguration {
        enabled: Some(given.and_then(|t| t.enabled).unwrap_or(false)),
    }
}

/// Refuses the description of a version that is not published.
pub(super) fn check_version_description(
    publish: bool,
    description: Option<&str>,
) -> Result<(), ServiceError> {
    if !publish && description.is_some() {
        return Err(ServiceError::new(
            "ValidationException",
            "Version description can only be set when publish is true",
        ));
    }
    Ok(())
}
