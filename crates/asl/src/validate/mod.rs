//! `ValidateStateMachineDefinition`: what is wrong with a definition, in its words.

mod nearest;
mod place;
mod syntax;

pub(crate) use nearest::nearest;

use serde_json::Value;

use crate::{
    Diagnostic, MachineType, Severity,
    definition::{Definition, Findings, Reader, State},
    query::QueryLanguage,
};

/// The definition if nothing is wrong with it, and what is.
pub(crate) fn check(
    text: &str,
    machine_type: MachineType,
) -> (Option<Definition>, Vec<Diagnostic>) {
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        Err(error) => return (None, vec![syntax::diagnostic(text, &error)]),
    };
    let Some(members) = value.as_object() else {
        return (None, vec![not_an_object()]);
    };
    let findings = Findings::default();
    let definition = Definition::read(&Reader {
        members,
        location: String::new(),
        language: QueryLanguage::JsonPath,
        machine_language: None,
        machine_type,
        findings: &findings,
    });
    let sound = findings.is_empty();
    (definition.filter(|_| sound), findings.into_diagnostics())
}

/// A single state, which may lead where it likes.
pub(crate) fn state(text: &str) -> Result<State, Vec<Diagnostic>> {
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        Err(error) => return Err(vec![syntax::diagnostic(text, &error)]),
    };
    let Some(members) = value.as_object() else {
        return Err(vec![not_an_object()]);
    };
    let findings = Findings::default();
    let state = State::read(
        "StateName",
        &Reader {
            members,
            location: String::new(),
            language: QueryLanguage::JsonPath,
            machine_language: None,
            machine_type: MachineType::Standard,
            findings: &findings,
        },
    );
    let sound = findings.is_empty();
    match state.filter(|_| sound) {
        Some(state) => Ok(state),
        None => Err(findings.into_diagnostics()),
    }
}

fn not_an_object() -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "SCHEMA_VALIDATION_FAILED".to_owned(),
        message: "Definition must be a valid JSON object".to_owned(),
        location: None,
        help: None,
    }
}
