//! What a task's `Resource` may name, as far as it is known without asking AWS.
//!
//! Source: "Integrating optimized services with Step Functions", AWS Step Functions developer guide,
//! and the pages of its services.

use crate::stack::nearest;

/// The families of `arn:aws:states:::FAMILY:ACTION`, with their actions; of those that have none here
/// only the family is known.
const FAMILIES: [(&str, &[&str]); 23] = [
    ("activity", &[]),
    ("apigateway", &["invoke"]),
    (
        "athena",
        &[
            "startQueryExecution",
            "stopQueryExecution",
            "getQueryExecution",
            "getQueryResults",
        ],
    ),
    ("aws-sdk", &[]),
    ("batch", &["submitJob"]),
    ("bedrock", &["invokeModel", "createModelCustomizationJob"]),
    ("codebuild", &[]),
    ("databrew", &["startJobRun"]),
    (
        "dynamodb",
        &["getItem", "putItem", "deleteItem", "updateItem"],
    ),
    ("ecs", &["runTask"]),
    ("eks", &[]),
    ("elasticmapreduce", &[]),
    ("emr-containers", &[]),
    ("emr-serverless", &[]),
    ("events", &["putEvents"]),
    ("glue", &["startJobRun"]),
    ("http", &["invoke"]),
    ("lambda", &["invoke"]),
    ("mediaconvert", &["createJob"]),
    ("sagemaker", &[]),
    ("sns", &["publish"]),
    ("sqs", &["sendMessage"]),
    ("states", &["startExecution"]),
];

/// The family of `arn:aws:states:::FAMILY:ACTION`, and what stands behind its colon.
fn family(resource: &str) -> Option<(&str, &str)> {
    let fields: Vec<&str> = resource.splitn(7, ':').collect();
    match fields[..] {
        ["arn", _, "states", _, _, family, rest] => Some((family, rest)),
        _ => None,
    }
}

/// What a resource that AWS would not know was probably meant to be.
pub fn meant(resource: &str) -> Option<String> {
    let (family, rest) = family(resource)?;
    let head = &resource[..resource.len() - family.len() - rest.len() - 1];
    let Some((_, actions)) = FAMILIES.iter().find(|(name, _)| *name == family) else {
        let near = nearest(family, FAMILIES.iter().map(|(name, _)| *name))?;
        return Some(format!("{head}{near}:{rest}"));
    };
    let (action, pattern) = match rest.find('.') {
        Some(dot) => rest.split_at(dot),
        None => (rest, ""),
    };
    if family == "aws-sdk" {
        let (service, action) = action.split_once(':')?;
        let near = nearest_operation(service, action)?;
        return Some(format!("{head}{family}:{service}:{near}{pattern}"));
    }
    if actions.is_empty() || actions.contains(&action) {
        return None;
    }
    let near = nearest(action, actions.iter().copied())?;
    Some(format!("{head}{family}:{near}{pattern}"))
}

/// The operation that was meant by one that a service does not have; of services that the embedded
/// cloud has, whose operations are known.
#[cfg(feature = "local")]
fn nearest_operation(service: &str, action: &str) -> Option<String> {
    let all = local_cloud::sfn::api_operations(service)?;
    if all
        .iter()
        .any(|operation| operation.eq_ignore_ascii_case(action))
    {
        return None;
    }
    let near = nearest(action, all.iter().copied())?;
    let mut letters = near.chars();
    let first = letters.next()?.to_ascii_lowercase();
    Some(std::iter::once(first).chain(letters).collect())
}

#[cfg(not(feature = "local"))]
fn nearest_operation(_: &str, _: &str) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_seen_through_and_what_may_be_right_is_let_be() {
        let meant = |rest: &str| {
            let found = meant(&format!("arn:aws:states:::{rest}"));
            found.map(|found| found.replace("arn:aws:states:::", ""))
        };
        let athena = Some("athena:startQueryExecution.sync".to_owned());
        assert_eq!(meant("athena:startQueryExecutoin.sync"), athena);
        assert_eq!(meant("athna:startQueryExecution.sync"), athena);
        for right in [
            "athena:startQueryExecution.sync",
            "states:startExecution.sync:2",
            "aws-sdk:ec2:describeInstances",
            "aws-sdk:glue:startCrawler",
            "codebuild:startBuild.sync",
            "something:new",
        ] {
            assert_eq!(meant(right), None, "{right}");
        }
        assert_eq!(super::meant("arn:aws:lambda:eu-west-1:1:function:f"), None);
        #[cfg(feature = "local")]
        assert_eq!(
            meant("aws-sdk:glue:startCrawlr.waitForTaskToken"),
            Some("aws-sdk:glue:startCrawler.waitForTaskToken".to_owned())
        );
    }
}
