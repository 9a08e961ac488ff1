//! Definitions: what is wrong with them, and how that is told.

use std::collections::BTreeMap;

use asl::limits::MAX_PAYLOAD;
use asl::{Diagnostic, MachineType, Severity, StateMachine};

use super::{page_size, unknown_operations};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// The type of a machine by its name in the API; STANDARD is the default.
pub(super) fn machine_type(name: Option<&str>) -> MachineType {
    match name {
        Some("EXPRESS") => MachineType::Express,
        _ => MachineType::Standard,
    }
}

/// All that is wrong with a definition or hardly meant, the operations of APIs that it names
/// included.
fn findings(definition: &str, machine_type: MachineType) -> Vec<Diagnostic> {
    let mut found = asl::validate(definition, machine_type);
    found.extend(unknown_operations::find(definition));
    found
}

/// Refuses a definition with mistakes, naming all of them.
pub(super) fn check(definition: &str, machine_type: MachineType) -> Result<(), ServiceError> {
    let mut found = findings(definition, machine_type);
    found.retain(|d| d.severity == Severity::Error);
    if found.is_empty() {
        return Ok(());
    }
    Err(refusal(&found))
}

/// The refusal of a definition with these mistakes.
pub(super) fn refusal(mistakes: &[Diagnostic]) -> ServiceError {
    let told: Vec<String> = mistakes.iter().map(told).collect();
    ServiceError::new(
        "InvalidDefinition",
        format!("Invalid State Machine Definition: '{}'", told.join(", ")),
    )
}

/// `CODE: message at /States/A`, or `at null` of what has no place, as AWS says; the message on a
/// syntax error has its place in it already.
fn told(diagnostic: &Diagnostic) -> String {
    let Diagnostic { code, message, .. } = diagnostic;
    match &diagnostic.location {
        Some(location) if !message.ends_with(location.as_str()) => {
            format!("{code}: {message} at {location}")
        }
        Some(_) => format!("{code}: {message}"),
        None => format!("{code}: {message} at null"),
    }
}

/// The names of the variables that each of a definition's states reads, if any does. One that can no
/// longer be parsed tells of none: its execution says what is wrong with it.
pub(super) fn variable_references(definition: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let found = StateMachine::parse(definition).ok()?.variable_references();
    (!found.is_empty()).then_some(found)
}

pub async fn validate(
    _cloud: &Cloud,
    _caller: &Caller,
    input: ValidateStateMachineDefinitionInput,
) -> Result<ValidateStateMachineDefinitionOutput, ServiceError> {
    let with_warnings = input.severity.as_deref() == Some("WARNING");
    let found = findings(&input.definition, machine_type(input.r#type.as_deref()));
    let failed = found.iter().any(|d| d.severity == Severity::Error);
    let mut shown: Vec<_> = found
        .into_iter()
        .filter(|d| with_warnings || d.severity == Severity::Error)
        .map(|d| ValidateStateMachineDefinitionDiagnostic {
            severity: match d.severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
            }
            .to_owned(),
            code: d.code,
            message: d.message,
            location: d.location,
        })
        .collect();
    let most = page_size(input.max_results);
    let truncated = shown.len() > most;
    shown.truncate(most);
    Ok(ValidateStateMachineDefinitionOutput {
        result: if failed { "FAIL" } else { "OK" }.to_owned(),
        diagnostics: shown,
        truncated: Some(truncated),
    })
}

/// Refuses an input or an output that is too large. The model of the API gives the limit as a length,
/// which everywhere else is one in characters: of these members it is in bytes.
///
/// Source: "StartExecution", "StartSyncExecution" and "SendTaskSuccess", AWS Step Functions API
/// reference.
pub(super) fn check_size(member: &str, payload: &str) -> Result<(), ServiceError> {
    if payload.len() <= MAX_PAYLOAD {
        return Ok(());
    }
    Err(ServiceError::new(
        super::SERVICE.validation_code,
        format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length less than or equal to {MAX_PAYLOAD}"
        ),
    ))
}

/// Refuses an execution's input that is no JSON text, in the words of AWS's parser.
pub(super) fn check_input(input: &str) -> Result<serde_json::Value, ServiceError> {
    asl::parse_json(input).map_err(|error| {
        let told = if input.trim().is_empty() {
            "Invalid execution input.".to_owned()
        } else {
            error.to_string()
        };
        ServiceError::new(
            "InvalidExecutionInput",
            format!("Invalid State Machine Execution Input: '{told}'"),
        )
    })
}
