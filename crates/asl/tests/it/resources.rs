//! What the `Resource` of a task names, as validation sees it.

use asl::{MachineType, Severity, recognizes};
use serde_json::{Value, json};

use crate::integrations::{of, said, task, told};

#[test]
fn a_resource_that_nobody_has_is_refused_and_what_may_be_right_is_not() {
    let resource = |rest: &str| format!("arn:aws:states:::{rest}");
    for wrong in [
        "athena:startQueryExecution.sync2",
        "athena:startQueryExecution.sync:2",
        "athena:startQueryExecution.waitForTaskToken",
        "athena:getQueryResults.sync",
        "athena:startQuery",
        "aws-sdk:glue:StartCrawler",
        "aws-sdk:glue:startCrawler.sync",
        "aws-sdk:glue",
        "lambda:invoke.sync",
        "glue:startCrawler",
        "states:startExecution.sync:3",
        "emr-serverless:startJobRun.later",
        "something:new",
        "s3:getObject",
        "http:invoke.sync",
        "http:invoke.waitForTaskToken",
        "http:call",
        "apigateway:invoke.sync",
        "mediaconvert:createJob.waitForTaskToken",
        "sagemaker:deleteEndpoint",
        "sagemaker:createModel.sync",
        "codebuild:stopBuild.sync",
        "elasticmapreduce:runJobFlow",
        "emr-containers:createVirtualCluster.sync",
        "emr-serverless:getJobRun",
        "bedrock:converse",
        "eks:describeCluster",
    ] {
        assert!(!recognizes(&resource(wrong)), "{wrong}");
        let told = told(task(wrong, json!({})));
        let message = format!(
            "The resource provided {} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.",
            resource(wrong)
        );
        assert_eq!(told, [said(&message, "/Resource")], "{wrong}");
    }
    for right in [
        "athena:startQueryExecution.sync",
        "aws-sdk:glue:startCrawler",
        "aws-sdk:glue:startCrawler.waitForTaskToken",
        "aws-sdk:something:new",
        "emr-serverless:startJobRun.sync",
        "sagemaker:createTrainingJob.sync",
        "eks:runJob.sync",
        "eks:call",
        "bedrock:invokeModel",
        "codebuild:batchDeleteBuilds",
        "elasticmapreduce:addStep.sync",
        "emr-containers:startJobRun.sync",
        "apigateway:invoke.waitForTaskToken",
        "ecs:runTask.waitForTaskToken",
        "states:startExecution.sync:2",
        "http:invoke",
    ] {
        assert!(recognizes(&resource(right)), "{right}");
    }
    assert!(recognizes("arn:aws:lambda:us-east-1:1:function:f"));
    assert!(recognizes("arn:aws:states:us-east-1:1:activity:a"));
}

#[test]
fn a_slip_in_a_resource_is_told_with_what_was_meant() {
    for (wrong, meant) in [
        (
            "athena:startQueryExecutoin.sync",
            "athena:startQueryExecution.sync",
        ),
        (
            "athena:startQueryExecution.sync2",
            "athena:startQueryExecution.sync",
        ),
        (
            "states:startExecution.sync:3",
            "states:startExecution.sync:2",
        ),
        (
            "athna:startQueryExecution.sync",
            "athena:startQueryExecution.sync",
        ),
        ("codebiuld:startBuild.sync", "codebuild:startBuild.sync"),
        ("sagemaker:createModle", "sagemaker:createModel"),
        ("aws-sdk:s3:GetObject", "aws-sdk:s3:getObject"),
        ("aws-sdk:dynamodb:Getitem", "aws-sdk:dynamodb:getItem"),
        (
            "aws-sdk:glue:startCrawler.sync",
            "aws-sdk:glue:startCrawler",
        ),
    ] {
        let found = of(MachineType::Standard, task(wrong, json!({})));
        let help = format!("did you mean `arn:aws:states:::{meant}`?");
        assert_eq!(found[0].help.as_deref(), Some(help.as_str()));
    }
}

#[test]
fn of_sdk_services_what_is_doubtful_is_told_and_taken() {
    let warned = |resource: &str, given: Value| {
        let found = of(MachineType::Standard, task(resource, given)).into_iter();
        let told = found.map(|found| {
            assert_eq!(found.severity, Severity::Warning);
            (found.code, found.location.unwrap(), found.help)
        });
        told.collect::<Vec<_>>()
    };
    let help = |meant: &str| Some(format!("did you mean '{meant}'?"));
    let unknown = |help| {
        (
            "UNKNOWN_SERVICE".to_owned(),
            "/States/S/Resource".to_owned(),
            help,
        )
    };
    assert_eq!(warned("aws-sdk:nope:doIt", Value::Null), [unknown(None)]);
    assert_eq!(
        warned("aws-sdk:gleu:startCrawler", json!({"Name": "c"})),
        [unknown(help("glue"))]
    );
    for (elsewhere, here) in [
        ("stepfunctions:startExecution", "sfn"),
        ("states:startExecution", "sfn"),
        ("logs:putLogEvents", "cloudwatchlogs"),
        ("events:putEvents", "eventbridge"),
    ] {
        assert_eq!(
            warned(&format!("aws-sdk:{elsewhere}"), Value::Null),
            [unknown(help(here))]
        );
    }
    let given = json!({"name": "c", "Tags": {"any": "thing"}});
    assert_eq!(
        warned("aws-sdk:glue:startCrawler", given),
        [(
            "NO_PASCAL_CASE".to_owned(),
            "/States/S/Parameters/name".to_owned(),
            help("Name")
        )]
    );
    let given = json!({"stateMachineArn.$": "$.arn"});
    assert_eq!(
        warned("aws-sdk:sfn:startSyncExecution", given)[0].2,
        help("StateMachineArn.$")
    );
}
