//! What a caller has to be allowed, operation by operation.
//!
//! Source: Service Authorization Reference, AWS Step Functions.

use serde_json::Value;

use super::arn::MachineArn;
use super::integrations::take_role;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam;

/// The IAM actions that an operation needs, each with the ARN of its resource. `iam:PassRole` is
/// looked at where the role is, for it has a condition key of its own.
pub fn needed(operation: &str, input: &Value, caller: &Caller) -> Vec<(String, String)> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let machine = |name: &str| {
        format!(
            "arn:aws:states:{}:{}:stateMachine:{name}",
            caller.region, caller.account
        )
    };
    let resource = match operation {
        "CreateStateMachine" => machine(text("name").unwrap_or_default()),
        "ListStateMachines" => machine("*"),
        "CreateActivity" => format!(
            "arn:aws:states:{}:{}:activity:{}",
            caller.region,
            caller.account,
            text("name").unwrap_or_default()
        ),
        // The machine whose versions the alias is for.
        "CreateStateMachineAlias" => input
            .pointer("/routingConfiguration/0/stateMachineVersionArn")
            .and_then(Value::as_str)
            .and_then(|version| version.rsplit_once(':'))
            .map_or_else(|| machine("*"), |(machine, _)| machine.to_owned()),
        _ => [
            "stateMachineArn",
            "executionArn",
            "stateMachineVersionArn",
            "stateMachineAliasArn",
            "activityArn",
            "mapRunArn",
            "resourceArn",
        ]
        .into_iter()
        .find_map(text)
        .unwrap_or("*")
        .to_owned(),
    };
    let mut needed = vec![(format!("states:{operation}"), resource.clone())];
    let publishes = input.get("publish").and_then(Value::as_bool) == Some(true);
    if publishes {
        needed.push((
            "states:PublishStateMachineVersion".to_owned(),
            resource.clone(),
        ));
    }
    let tags = input.get("tags").and_then(Value::as_array);
    if operation == "TestState" && input.get("revealSecrets").and_then(Value::as_bool) == Some(true)
    {
        needed.push(("states:RevealSecrets".to_owned(), "*".to_owned()));
    }
    if matches!(operation, "CreateStateMachine" | "CreateActivity")
        && tags.is_some_and(|tags| !tags.is_empty())
    {
        needed.push(("states:TagResource".to_owned(), resource));
    }
    needed
}

/// Refuses a machine whose role may not make the rule through which Step Functions is told of the
/// ends of inner executions, where the definition waits for one.
pub(super) fn check_managed_rule(
    cloud: &Cloud,
    machine: &MachineArn,
    role_arn: &str,
    definition: &str,
) -> Result<(), ServiceError> {
    if !waits_for_executions(definition) {
        return Ok(());
    }
    let Ok(role) = take_role(cloud, machine, role_arn, "check")? else {
        // Where it could not be taken, that has been said.
        return Ok(());
    };
    let rule = format!(
        "arn:aws:events:{}:{}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",
        machine.region, machine.account
    );
    for action in ["events:PutRule", "events:PutTargets", "events:DescribeRule"] {
        iam::authorize(cloud, &role, action, &rule, &[]).map_err(|_| {
            ServiceError::new(
                "AccessDeniedException",
                format!("'{role_arn}' is not authorized to create managed-rule."),
            )
        })?;
    }
    Ok(())
}

/// Whether a task waits for the end of an execution that it starts.
fn waits_for_executions(definition: &str) -> bool {
    fn is_in(value: &Value) -> bool {
        match value {
            Value::Object(members) => {
                let resource = members.get("Resource").and_then(Value::as_str);
                resource.is_some_and(|r| r.contains(":states:startExecution.sync"))
                    || members.values().any(is_in)
            }
            Value::Array(items) => items.iter().any(is_in),
            _ => false,
        }
    }
    asl::parse_json(definition).is_ok_and(|definition| is_in(&definition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn making_a_tagged_machine_and_publishing_it_takes_three_permissions() {
        let input = json!({"name": "films", "publish": true, "tags": [{"key": "a", "value": "b"}]});
        let needed = needed("CreateStateMachine", &input, &Caller::root("eu-west-1"));
        let films = "arn:aws:states:eu-west-1:000000000000:stateMachine:films";
        let expected = [
            "states:CreateStateMachine",
            "states:PublishStateMachineVersion",
            "states:TagResource",
        ]
        .map(|action| (action.to_owned(), films.to_owned()));
        assert_eq!(needed, expected);
    }
}
