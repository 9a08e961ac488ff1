//! What a definition in the Amazon States Language calls, in JSONPath and JSONata alike.

use serde_json::Value;

use super::call::{Arguments, Call, Given};

/// Everything that a state machine does to the world.
#[derive(Debug, Default)]
pub(super) struct Calls<'a> {
    pub calls: Vec<Call<'a>>,
    /// Functions of Lambda that stand for themselves.
    pub functions: Vec<(&'a str, &'a str)>,
    /// Roles that tasks take (`Credentials`), and the states that do.
    pub roles: Vec<(Given, &'a str)>,
    /// Distributed Maps, by name.
    pub distributed: Vec<&'a str>,
}

/// Reads a definition. What it does not understand calls nothing: the definition was validated.
pub(super) fn calls(definition: &Value) -> Calls<'_> {
    let mut found = Calls::default();
    machine(definition, &mut found);
    found
}

fn machine<'a>(definition: &'a Value, found: &mut Calls<'a>) {
    let states = definition.get("States").and_then(Value::as_object);
    for (name, state) in states.into_iter().flatten() {
        match state.get("Type").and_then(Value::as_str) {
            Some("Task") => task(name, state, found),
            Some("Map") => map(name, state, found),
            Some("Parallel") => {
                let branches = state.get("Branches").and_then(Value::as_array);
                for branch in branches.into_iter().flatten() {
                    machine(branch, found);
                }
            }
            _ => {}
        }
    }
}

fn task<'a>(name: &'a str, state: &'a Value, found: &mut Calls<'a>) {
    if let Some(credentials) = state.get("Credentials") {
        // Whatever the task calls, it calls as that role.
        let role = Arguments(credentials).text("RoleArn");
        found.roles.push((role, name));
        return;
    }
    let Some(resource) = state.get("Resource").and_then(Value::as_str) else {
        return;
    };
    if resource.split(':').nth(2) == Some("lambda") {
        found.functions.push((resource, name));
    }
    found
        .calls
        .extend(Call::parse(resource, arguments(state), name));
}

fn map<'a>(name: &'a str, state: &'a Value, found: &mut Calls<'a>) {
    let processor = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
    if let Some(processor) = processor {
        let mode = processor.pointer("/ProcessorConfig/Mode");
        if mode.and_then(Value::as_str) == Some("DISTRIBUTED") {
            found.distributed.push(name);
        }
        machine(processor, found);
    }
    for part in ["ItemReader", "ResultWriter"] {
        let Some(part) = state.get(part) else {
            continue;
        };
        if let Some(resource) = part.get("Resource").and_then(Value::as_str) {
            let call = Call::parse(resource, arguments(part), name);
            found
                .calls
                .extend(call.map(|call| Call { sdk: true, ..call }));
        }
    }
}

fn arguments(state: &Value) -> Arguments<'_> {
    let given = state.get("Arguments").or_else(|| state.get("Parameters"));
    Arguments(given.unwrap_or(&Value::Null))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn calls_are_found_wherever_a_state_may_stand_and_nowhere_else() {
        let call = |operation: &str| {
            json!({"Type": "Task", "Resource": format!("arn:aws:states:::aws-sdk:s3:{operation}"), "End": true,
                "Parameters": {"Body": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:iam:deleteRole"}}})
        };
        let inside = |operation: &str| json!({"StartAt": "S", "States": {"S": call(operation)}});
        let definition = json!({"StartAt": "Parameters", "States": {
            "Parameters": call("getObject"),
            "Both": {"Type": "Parallel", "Branches": [inside("putObject")]},
            "Each": {"Type": "Map", "Iterator": inside("headObject")},
            "Many": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"},
                "StartAt": "S", "States": {"S": call("copyObject")}},
                "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2"},
                "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject"}},
        }});
        let found = calls(&definition);
        let operations: Vec<&str> = found.calls.iter().map(|c| c.operation.as_str()).collect();
        let expected = [
            "GetObject",
            "PutObject",
            "HeadObject",
            "CopyObject",
            "ListObjectsV2",
            "PutObject",
        ];
        assert_eq!(operations, expected);
        assert_eq!(found.distributed, ["Many"]);
    }

    #[test]
    fn what_a_task_calls_as_another_role_is_that_roles() {
        let definition = json!({"StartAt": "S", "States": {"S": {
            "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "End": true,
            "Credentials": {"RoleArn": "arn:aws:iam::1:role/other"}}}});
        let found = calls(&definition);
        assert!(found.calls.is_empty());
        assert_eq!(found.roles.len(), 1);
    }
}
