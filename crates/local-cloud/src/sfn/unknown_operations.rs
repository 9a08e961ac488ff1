//! Operations that the tasks of a definition call and that an API does not have.

use asl::{Diagnostic, Severity};
use serde_json::Value;

use super::integrations;

/// The tasks of `aws-sdk` whose operation is a slip away from one that the service's API has, as far as
/// the model of the API is here. What differs more may be an operation that AWS has got since.
pub(super) fn find(definition: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Ok(definition) = asl::parse_json(definition) {
        look_at_flow(&definition, "", &mut found);
    }
    found
}

/// [`find`] in what TestState is given: a state, or a machine.
pub(super) fn find_in_test(definition: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Ok(definition) = asl::parse_json(definition) {
        if definition.get("States").is_some() {
            look_at_flow(&definition, "", &mut found);
        } else {
            look_at_state(&definition, "", &mut found);
        }
    }
    found
}

/// A machine, a branch or a processor.
fn look_at_flow(flow: &Value, location: &str, found: &mut Vec<Diagnostic>) {
    let Some(states) = flow.get("States").and_then(Value::as_object) else {
        return;
    };
    for (name, state) in states {
        look_at_state(state, &format!("{location}/States/{name}"), found);
    }
}

fn look_at_state(state: &Value, location: &str, found: &mut Vec<Diagnostic>) {
    let resource = state.get("Resource").and_then(Value::as_str);
    if let Some(resource) = resource.filter(|resource| is_a_slip(resource)) {
        found.push(Diagnostic {
            severity: Severity::Error,
            code: "SCHEMA_VALIDATION_FAILED".to_owned(),
            message: asl::not_recognized(resource),
            location: Some(format!("{location}/Resource")),
            help: None,
        });
    }
    if let Some(branches) = state.get("Branches").and_then(Value::as_array) {
        for (index, branch) in branches.iter().enumerate() {
            look_at_flow(branch, &format!("{location}/Branches[{index}]"), found);
        }
    }
    for processor in ["ItemProcessor", "Iterator"] {
        if let Some(flow) = state.get(processor) {
            look_at_flow(flow, &format!("{location}/{processor}"), found);
        }
    }
}

fn is_a_slip(resource: &str) -> bool {
    let Some((service, action)) = sdk_action(resource) else {
        return false;
    };
    let Some(all) = integrations::api_operations(service) else {
        return false;
    };
    !all.contains(&integrations::spelled(action).as_str())
        && asl::nearest_name(action, all.iter().copied()).is_some()
}

/// The service and the action of `arn:aws:states:::aws-sdk:SERVICE:ACTION`. Of what is refused by its
/// form alone that has been told.
fn sdk_action(resource: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = resource.splitn(7, ':').collect();
    let ["arn", _, "states", _, "", "aws-sdk", rest] = parts[..] else {
        return None;
    };
    let (service, action) = rest.split_once(':')?;
    let action = action.split('.').next()?;
    asl::recognizes(resource).then_some((service, action))
}
