//! The context object that the test of a state is given: what it may have.
//!
//! Source: "Accessing execution data from the Context object in Step Functions", AWS Step Functions
//! developer guide.

use serde_json::{Map, Value};

/// What a member holds.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Number,
    Any,
}

/// The parts of the context object and their members.
const PARTS: &[(&str, &[(&str, Kind)])] = &[
    (
        "Execution",
        &[
            ("Id", Kind::Text),
            ("Input", Kind::Any),
            ("Name", Kind::Text),
            ("RoleArn", Kind::Text),
            ("StartTime", Kind::Text),
            ("RedriveCount", Kind::Number),
            ("RedriveTime", Kind::Text),
        ],
    ),
    (
        "State",
        &[
            ("EnteredTime", Kind::Text),
            ("Name", Kind::Text),
            ("RetryCount", Kind::Number),
        ],
    ),
    ("StateMachine", &[("Id", Kind::Text), ("Name", Kind::Text)]),
    ("Task", &[("Token", Kind::Text)]),
];

/// Refuses a context object that the state would not see, in AWS's words; `resource` is that of a
/// Task.
pub(super) fn check(given: &Map<String, Value>, resource: Option<&str>) -> Result<(), String> {
    find_mistake(given, resource).map_or(Ok(()), |mistake| {
        Err(format!("Invalid Context object provided: {mistake}"))
    })
}

fn find_mistake(given: &Map<String, Value>, resource: Option<&str>) -> Option<String> {
    if let Some(mistake) = given.iter().find_map(|(name, part)| in_part(name, part)) {
        return Some(mistake);
    }
    let has_token = resource.is_some_and(|resource| {
        resource.contains(".sync") || resource.contains(".waitForTaskToken")
    });
    (given.contains_key("Task") && !has_token).then(|| {
        "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern".to_owned()
    })
}

/// What is wrong with a part of the context object.
fn in_part(name: &str, part: &Value) -> Option<String> {
    if name == "Map" {
        return Some("'Map' field is not supported when mocking a Context object".to_owned());
    }
    let Some((_, known)) = PARTS.iter().find(|(known, _)| *known == name) else {
        return Some(not_allowed(name));
    };
    let Value::Object(members) = part else {
        return Some(format!("{name} must be an object"));
    };
    members.iter().find_map(|(member, value)| {
        let Some((_, kind)) = known.iter().find(|(known, _)| *known == member.as_str()) else {
            return Some(not_allowed(member));
        };
        let wanted = match kind {
            Kind::Text if !value.is_string() => "a string",
            Kind::Number if !value.is_number() => "a number",
            _ => return None,
        };
        Some(format!("{name}.{member} must be {wanted}"))
    })
}

fn not_allowed(field: &str) -> String {
    format!("Field '{field}' is not allowed")
}
