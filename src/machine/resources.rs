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

/// How many letters a slip changes, adds, leaves out or swaps at most. What differs more may be an
/// operation that AWS has got since.
#[cfg(feature = "local")]
const SLIP: usize = 2;

/// The operations of a service, if they are known and an action is none of them.
#[cfg(feature = "local")]
fn without(service: &str, action: &str) -> Option<&'static [&'static str]> {
    let all = local_cloud::sfn::api_operations(service)?;
    let is_there = all
        .iter()
        .any(|operation| in_camel_case(operation) == action);
    (!is_there).then_some(all)
}

/// An operation as an action is written.
#[cfg(feature = "local")]
fn in_camel_case(operation: &str) -> String {
    let mut letters = operation.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The operation that was meant by one that a service does not have; of services that the embedded
/// cloud has, whose operations are known.
#[cfg(feature = "local")]
fn nearest_operation(service: &str, action: &str) -> Option<String> {
    let all = without(service, action)?;
    let wrong = action.to_lowercase();
    let near = all.iter().map(|operation| {
        let distance = strsim::osa_distance(&wrong, &operation.to_lowercase());
        (distance, *operation)
    });
    let (distance, near) = near.min()?;
    (distance <= SLIP).then(|| in_camel_case(near))
}

#[cfg(not(feature = "local"))]
fn nearest_operation(_: &str, _: &str) -> Option<String> {
    None
}

/// Of `aws-sdk:SERVICE:ACTION`, if the API of the service is known and has no such operation: the
/// service, the action, and the resource that is most like it, if one is.
#[cfg(feature = "local")]
pub fn not_in_api(resource: &str) -> Option<(&str, &str, Option<String>)> {
    let (family, rest) = family(resource)?;
    let (service, named) = rest.split_once(':').filter(|_| family == "aws-sdk")?;
    let action = named.split('.').next().unwrap_or(named);
    let all = without(service, action)?;
    let (head, pattern) = (
        &resource[..resource.len() - named.len()],
        &named[action.len()..],
    );
    let near = nearest(action, all.iter().copied());
    let near = near.map(|near| format!("{head}{}{pattern}", in_camel_case(near)));
    Some((service, action, near))
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

    #[cfg(feature = "local")]
    #[test]
    fn an_operation_of_an_api_is_known_by_its_name_and_its_case() {
        let meant = |rest: &str| meant(&format!("arn:aws:states:::aws-sdk:{rest}"));
        let of = |rest: &str| Some(format!("arn:aws:states:::aws-sdk:{rest}"));
        assert_eq!(meant("s3:getObjekt"), of("s3:getObject"));
        assert_eq!(meant("glue:getTabel"), of("glue:getTable"));
        assert_eq!(meant("glue:gettable"), of("glue:getTable"));
        for let_be in [
            "s3:restoreObject",
            "glue:createJob",
            "glue:getTableOfTomorrow",
        ] {
            assert_eq!(meant(let_be), None, "{let_be}");
        }
        let known = "arn:aws:states:::aws-sdk:glue:createJob";
        assert_eq!(not_in_api(known), None);
        assert_eq!(not_in_api("arn:aws:states:::aws-sdk:sqs:sendMessage"), None);
        let later = "arn:aws:states:::aws-sdk:glue:frobnicate.waitForTaskToken";
        assert_eq!(not_in_api(later), Some(("glue", "frobnicate", None)));
        let alike = not_in_api("arn:aws:states:::aws-sdk:glue:getTableOfTomorrow");
        assert!(alike.is_some_and(|(_, _, near)| near.is_some()));
    }
}
