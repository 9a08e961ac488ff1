//! `ValidateStateMachineDefinition`: what is wrong with a definition, in its words.

mod document;
mod nearest;
mod place;
mod syntax;

pub(crate) use nearest::nearest;

use document::{Role, data};
use serde_json::Value;

use crate::{
    Diagnostic, MachineType, Severity,
    definition::{Definition, Findings, Reader, State},
    json::JsonError,
    query::QueryLanguage,
};

/// What a definition is read for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Purpose {
    /// To make a machine of it, for which its integrations have to be right too.
    Create,
    /// To run it.
    Run,
}

/// The definition if nothing is wrong with it, and what is.
pub(crate) fn check(
    text: &str,
    machine_type: MachineType,
    purpose: Purpose,
) -> (Option<Definition>, Vec<Diagnostic>) {
    let (value, doubled) = match document::parse(text, Role::Flow) {
        Ok(parsed) => parsed,
        Err(wrong) => return (None, vec![wrong]),
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
        for_creation: purpose == Purpose::Create,
        findings: &findings,
    });
    let sound = findings.are_none() && doubled.is_empty();
    let mut diagnostics = doubled;
    diagnostics.extend(findings.into_diagnostics());
    (definition.filter(|_| sound), diagnostics)
}

/// A single state, which may lead where it likes.
pub(crate) fn state(text: &str) -> Result<State, Vec<Diagnostic>> {
    let (value, doubled) = match document::parse(text, Role::State) {
        Ok(parsed) => parsed,
        Err(wrong) => return Err(vec![wrong]),
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
            for_creation: false,
            findings: &findings,
        },
    );
    let sound = findings.are_none() && doubled.is_empty();
    match state.filter(|_| sound) {
        Some(state) => Ok(state),
        None => Err(doubled
            .into_iter()
            .chain(findings.into_diagnostics())
            .collect()),
    }
}

/// A text that is no definition.
pub(crate) fn document(text: &str) -> Result<Value, JsonError> {
    data(text, Role::Other)
}

/// A text in which no object has two members of one name.
pub(crate) fn unambiguous_document(text: &str) -> Result<Value, JsonError> {
    data(text, Role::Unambiguous)
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
