//! What a caller has to be allowed, operation by operation.
//!
//! Source: Service Authorization Reference, Amazon EventBridge Scheduler.

use serde_json::Value;

use super::{DEFAULT_GROUP, groups, schedules};
use crate::caller::Caller;

/// The IAM actions that an operation needs, each with the ARN of its resource. `iam:PassRole` is
/// looked at where the target's role is, for it has a condition key of its own.
pub fn needed(operation: &str, input: &Value, caller: &Caller) -> Vec<(String, String)> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let name = text("Name").unwrap_or("*");
    let resource = match operation {
        "ListSchedules" => schedules::arn(caller, text("GroupName").unwrap_or("*"), "*"),
        "ListScheduleGroups" => groups::arn(caller, "*"),
        "TagResource" | "UntagResource" | "ListTagsForResource" => {
            text("ResourceArn").unwrap_or("*").to_owned()
        }
        _ if operation.ends_with("Group") => groups::arn(caller, name),
        _ => schedules::arn(caller, text("GroupName").unwrap_or(DEFAULT_GROUP), name),
    };
    let mut needed = vec![(format!("scheduler:{operation}"), resource.clone())];
    let tags = input.get("Tags").and_then(Value::as_array);
    if operation == "CreateScheduleGroup" && tags.is_some_and(|tags| !tags.is_empty()) {
        needed.push(("scheduler:TagResource".to_owned(), resource));
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schedule_is_a_resource_of_its_group() {
        let root = Caller::root("eu-west-1");
        assert_eq!(
            needed("GetSchedule", &json!({"Name": "nightly"}), &root),
            [(
                "scheduler:GetSchedule".to_owned(),
                "arn:aws:scheduler:eu-west-1:000000000000:schedule/default/nightly".to_owned()
            )]
        );
    }
}
