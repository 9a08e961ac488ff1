//! What a caller has to be allowed, operation by operation.
//!
//! Source: Service Authorization Reference, Amazon CloudWatch Logs.

use serde_json::Value;

use super::groups;
use crate::caller::Caller;

/// The IAM actions that an operation needs, each with the ARN of its resource.
pub fn needed(operation: &str, input: &Value, caller: &Caller) -> Vec<(String, String)> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let group = text("logGroupName").or_else(|| text("logGroupIdentifier"));
    let resource = match (text("resourceArn"), group) {
        (Some(arn), _) => arn.trim_end_matches(":*").to_owned(),
        (None, Some(arn)) if arn.starts_with("arn:") => arn.trim_end_matches(":*").to_owned(),
        (None, Some(name)) => groups::arn(caller, name),
        (None, None) => groups::arn(caller, "*"),
    };
    let resource = match (operation, text("logStreamName")) {
        // These are of the group.
        ("CreateLogStream" | "FilterLogEvents" | "DescribeLogStreams", _) => resource,
        (_, Some(stream)) => format!("{resource}:log-stream:{stream}"),
        _ => resource,
    };
    let mut needed = vec![(format!("logs:{operation}"), resource.clone())];
    let tags = input.get("tags").and_then(Value::as_object);
    if operation == "CreateLogGroup" && tags.is_some_and(|tags| !tags.is_empty()) {
        needed.push(("logs:TagResource".to_owned(), resource));
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_written_to_a_stream_and_streams_are_made_in_a_group() {
        let root = Caller::root("eu-west-1");
        let input = json!({"logGroupName": "/films", "logStreamName": "a"});
        let group = "arn:aws:logs:eu-west-1:000000000000:log-group:/films";
        assert_eq!(needed("CreateLogStream", &input, &root)[0].1, group);
        assert_eq!(
            needed("PutLogEvents", &input, &root)[0].1,
            format!("{group}:log-stream:a")
        );
    }
}
