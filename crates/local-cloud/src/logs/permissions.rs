//! What a caller has to be allowed, operation by operation.
//!
//! Source: Service Authorization Reference, Amazon CloudWatch Logs; "CloudWatch Logs resources and
//! operations", its user guide, for which form of a group's ARN an action is held against.

use serde_json::Value;

use super::groups;
use crate::caller::Caller;

/// The IAM actions that an operation needs, each with the ARN of its resource.
pub fn needed(operation: &str, input: &Value, caller: &Caller) -> Vec<(String, String)> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let group = text("logGroupName").or_else(|| text("logGroupIdentifier"));
    let group = match (text("resourceArn"), group) {
        (Some(arn), _) => arn.trim_end_matches(":*").to_owned(),
        (None, Some(arn)) if arn.starts_with("arn:") => arn.trim_end_matches(":*").to_owned(),
        (None, Some(name)) => groups::arn(caller, name),
        // What is asked of all groups is held against a group without a name.
        (None, None) => groups::arn(caller, ""),
    };
    let resource = match operation {
        "TagResource" | "UntagResource" | "ListTagsForResource" => group.clone(),
        // Of a whole group it is a stream without a name, so that a policy's `log-group:NAME:*`
        // matches and its `log-group:NAME` does not.
        _ => format!(
            "{group}:log-stream:{}",
            text("logStreamName").unwrap_or_default()
        ),
    };
    let mut needed = vec![(format!("logs:{operation}"), resource)];
    let tags = input.get("tags").and_then(Value::as_object);
    if operation == "CreateLogGroup" && tags.is_some_and(|tags| !tags.is_empty()) {
        needed.push(("logs:TagResource".to_owned(), group));
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_group_is_its_streams_but_for_its_tags() {
        let root = Caller::root("eu-west-1");
        let group = "arn:aws:logs:eu-west-1:000000000000:log-group:/films";
        let input = json!({"logGroupName": "/films", "logStreamName": "a"});
        for operation in ["CreateLogStream", "PutLogEvents"] {
            assert_eq!(
                needed(operation, &input, &root)[0].1,
                format!("{group}:log-stream:a")
            );
        }
        let input = json!({"logGroupName": "/films"});
        for operation in ["CreateLogGroup", "PutRetentionPolicy", "FilterLogEvents"] {
            assert_eq!(
                needed(operation, &input, &root)[0].1,
                format!("{group}:log-stream:")
            );
        }
        let input = json!({"resourceArn": format!("{group}:*"), "tags": {"a": "b"}});
        assert_eq!(needed("TagResource", &input, &root)[0].1, group);
    }

    #[test]
    fn tags_of_a_new_group_take_the_right_to_tag_it() {
        let root = Caller::root("eu-west-1");
        let input = json!({"logGroupName": "/films", "tags": {"a": "b"}});
        let tagging = (
            "logs:TagResource".to_owned(),
            "arn:aws:logs:eu-west-1:000000000000:log-group:/films".to_owned(),
        );
        assert!(needed("CreateLogGroup", &input, &root).contains(&tagging));
    }
}
