//! From a call of a service to the statements that allow it.
//!
//! Source: Service Authorization Reference. Where an operation's action has another name, or its
//! resource has to be found in its arguments, a service has a table or a file here.

mod glue;
pub(super) mod http;
mod s3;
mod waits;

use super::call::{Call, Given, capitalized};
use super::{Fact, Home, Statement};

pub(super) use waits::told_through;

/// A service's prefix in IAM, where it is not what the SDK calls the service.
static PREFIXES: &[(&str, &str)] = &[
    ("accessanalyzer", "access-analyzer"),
    ("apigateway", "execute-api"),
    ("applicationautoscaling", "application-autoscaling"),
    ("bedrockruntime", "bedrock"),
    ("cloudwatchlogs", "logs"),
    ("cognitoidentityprovider", "cognito-idp"),
    ("costexplorer", "ce"),
    ("directory", "ds"),
    ("efs", "elasticfilesystem"),
    ("elasticloadbalancingv2", "elasticloadbalancing"),
    ("emr", "elasticmapreduce"),
    ("emrcontainers", "emr-containers"),
    ("emrserverless", "emr-serverless"),
    ("eventbridge", "events"),
    ("rdsdata", "rds-data"),
    ("redshiftdata", "redshift-data"),
    ("resourcegroups", "resource-groups"),
    ("resourcegroupstaggingapi", "tag"),
    ("sesv2", "ses"),
    ("sfn", "states"),
    ("timestreamquery", "timestream"),
    ("timestreamwrite", "timestream"),
];

/// A service's prefix in IAM, by its name in the SDK.
pub(super) fn prefix(service: &str) -> &str {
    PREFIXES
        .iter()
        .find(|(name, _)| *name == service)
        .map_or(service, |(_, prefix)| prefix)
}

/// Actions that are not called as the operation is.
static ACTIONS: &[(&str, &str, &[&str])] = &[
    ("bedrock", "Converse", &["InvokeModel"]),
    (
        "dynamodb",
        "TransactWriteItems",
        &["ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"],
    ),
    ("dynamodb", "TransactGetItems", &["GetItem"]),
    (
        "dynamodb",
        "ExecuteStatement",
        &[
            "PartiQLDelete",
            "PartiQLInsert",
            "PartiQLSelect",
            "PartiQLUpdate",
        ],
    ),
    ("execute-api", "Invoke", &["Invoke"]),
    ("lambda", "Invoke", &["InvokeFunction"]),
    ("lambda", "InvokeAsync", &["InvokeFunction"]),
    (
        "secretsmanager",
        "BatchGetSecretValue",
        &["BatchGetSecretValue", "GetSecretValue"],
    ),
    ("sns", "PublishBatch", &["Publish"]),
    ("sqs", "DeleteMessageBatch", &["DeleteMessage"]),
    ("sqs", "SendMessageBatch", &["SendMessage"]),
];

/// The argument that names an operation's resource, and the resource's ARN after the account.
static RESOURCES: &[(&str, &[&str], &str)] = &[
    ("codebuild", &["ProjectName"], "project/{}"),
    ("databrew", &["Name"], "job/{}"),
    ("dynamodb", &["TableName"], "table/{}"),
    ("ecs", &["TaskDefinition"], "task-definition/{}"),
    ("emr-serverless", &["ApplicationId"], "/applications/{}"),
    ("firehose", &["DeliveryStreamName"], "deliverystream/{}"),
    ("kinesis", &["StreamName"], "stream/{}"),
    ("kms", &["KeyId"], "key/{}"),
    ("lambda", &["FunctionName"], "function:{}"),
    ("logs", &["LogGroupName"], "log-group:{}:*"),
    ("secretsmanager", &["SecretId", "Name"], "secret:{}-??????"),
    ("sns", &["TopicArn", "TargetArn"], "{}"),
    ("sqs", &["QueueUrl"], "{}"),
    ("ssm", &["Name"], "parameter/{}"),
    (
        "states",
        &[
            "StateMachineArn",
            "ExecutionArn",
            "ActivityArn",
            "MapRunArn",
            "ResourceArn",
        ],
        "*",
    ),
];

/// What a call takes: its own actions, and what its integration needs beside them.
pub(super) fn statements(home: &Home, facts: &[Fact], call: &Call) -> Vec<Statement> {
    let service = prefix(call.service);
    let reason = reason(call);
    let mut statements = match service {
        "s3" => s3::statements(home, facts, call, &reason),
        "glue" => vec![glue::statement(home, facts, call, &reason)],
        _ => vec![own(home, service, call, &reason)],
    };
    if !call.sdk {
        statements.extend(waits::statements(home, service, call));
    }
    statements
}

/// What calls it, for whoever reads the policy.
pub(super) fn reason(call: &Call) -> String {
    format!("`{}` calls {}", call.state, call.operation)
}

/// The `Sid` of a service's statements.
fn sid(service: &str) -> String {
    let letters: String = service
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("Call{}", capitalized(&letters))
}

fn own(home: &Home, service: &str, call: &Call, reason: &str) -> Statement {
    let named = ACTIONS
        .iter()
        .find(|(of, operation, _)| *of == service && *operation == call.operation);
    let actions: Vec<String> = match named {
        Some((_, _, actions)) => actions.iter().map(|a| format!("{service}:{a}")).collect(),
        None if makes_tagged_group(service, call) => {
            vec![
                "logs:CreateLogGroup".to_owned(),
                "logs:TagResource".to_owned(),
            ]
        }
        None => vec![format!("{service}:{}", call.operation)],
    };
    Statement::allow(
        &sid(service),
        actions,
        resources(home, service, call),
        reason,
    )
}

/// A log group that is made with tags takes the right to tag it, or may, if only the input says.
fn makes_tagged_group(service: &str, call: &Call) -> bool {
    let arguments = call.arguments.0;
    service == "logs"
        && call.operation == "CreateLogGroup"
        && (arguments.is_string()
            || arguments.get("Tags").is_some()
            || arguments.get("Tags.$").is_some())
}

fn resources(home: &Home, service: &str, call: &Call) -> Vec<String> {
    match service {
        "events" if call.operation == "PutEvents" => return vec![event_bus(home, call)],
        "iam" => {
            return match call.arguments.text("RoleName") {
                Given::Absent => vec!["*".to_owned()],
                role => vec![home.iam_arn(&format!("role/{}", role.pattern("*")))],
            };
        }
        "bedrock" => {
            let model = call.arguments.text("ModelId").pattern("*");
            return vec![if model.starts_with("arn:") {
                model
            } else {
                format!(
                    "arn:{}:bedrock:{}::foundation-model/{model}",
                    home.partition, home.region
                )
            }];
        }
        _ => {}
    }
    let Some((_, members, form)) = RESOURCES.iter().find(|(of, _, _)| *of == service) else {
        return vec!["*".to_owned()];
    };
    let given = members
        .iter()
        .map(|member| call.arguments.text(member))
        .find(|given| *given != Given::Absent);
    let Some(given) = given else {
        return vec!["*".to_owned()];
    };
    let name = given.pattern("*");
    // The URL of a queue ends with its name, a parameter's name may start with a slash.
    let name = match service {
        "sqs" => name.rsplit('/').next().unwrap_or("*"),
        "ssm" => name.trim_start_matches('/'),
        _ => &name,
    };
    let arn = if name.starts_with("arn:") {
        name.to_owned()
    } else {
        home.arn(service, &form.replace("{}", name))
    };
    match service {
        // A function's versions and aliases come behind its ARN, a table's indexes behind a slash.
        "lambda" if !arn.ends_with('*') => vec![format!("{arn}:*"), arn],
        "dynamodb" if matches!(call.operation.as_str(), "Query" | "Scan") => {
            vec![format!("{arn}/index/*"), arn]
        }
        // Tags are of the group itself, and all else of what is in it.
        "logs" if makes_tagged_group(service, call) => {
            vec![arn.trim_end_matches(":*").to_owned(), arn]
        }
        _ => vec![arn],
    }
}

fn event_bus(home: &Home, call: &Call) -> String {
    let entries = call.arguments.0.get("Entries").and_then(|e| e.as_array());
    let names: Vec<Option<&str>> = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.get("EventBusName").and_then(|name| name.as_str()))
        .collect();
    let is_default = !names.is_empty() && names.iter().all(Option::is_none);
    let dynamic = entries.is_none_or(|entries| {
        entries
            .iter()
            .any(|entry| entry.get("EventBusName.$").is_some())
    });
    match names.as_slice() {
        [Some(name)] if name.starts_with("arn:") => (*name).to_owned(),
        [Some(name)] if !name.starts_with("{%") => home.arn("events", &format!("event-bus/{name}")),
        _ if is_default && !dynamic => home.arn("events", "event-bus/default"),
        _ => home.arn("events", "event-bus/*"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::call::Arguments;
    use super::*;
    use serde_json::{Value, json};

    fn home() -> Home {
        Home {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            account_id: "111122223333".to_owned(),
        }
    }

    /// What a call takes, as `ACTION RESOURCE`.
    pub(super) fn allowed(resource: &str, arguments: &Value) -> Vec<String> {
        let facts = [Fact::Bucket {
            name: "data".to_owned(),
        }];
        let resource = format!("arn:aws:states:::{resource}");
        let call = Call::parse(&resource, Arguments(arguments), "S").unwrap();
        statements(&home(), &facts, &call)
            .iter()
            .flat_map(|s| {
                let resources: Vec<String> =
                    s.resources().iter().map(ToString::to_string).collect();
                let pairs = s.actions().into_iter().flat_map(move |a| {
                    resources
                        .iter()
                        .map(move |r| format!("{a} {r}"))
                        .collect::<Vec<_>>()
                });
                pairs.collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn every_service_is_held_to_the_resource_that_its_arguments_name() {
        let at =
            |service: &str, rest: &str| format!("arn:aws:{service}:eu-west-1:111122223333:{rest}");
        let cases = [
            (
                "dynamodb:putItem",
                json!({"TableName": "t"}),
                "dynamodb:PutItem",
                at("dynamodb", "table/t"),
            ),
            (
                "sqs:sendMessage",
                json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q"}),
                "sqs:SendMessage",
                at("sqs", "q"),
            ),
            (
                "sns:publish",
                json!({"TopicArn": at("sns", "t")}),
                "sns:Publish",
                at("sns", "t"),
            ),
            (
                "lambda:invoke",
                json!({"FunctionName": "f"}),
                "lambda:InvokeFunction",
                at("lambda", "function:f"),
            ),
            (
                "events:putEvents",
                json!({"Entries": [{"Detail": {}}]}),
                "events:PutEvents",
                at("events", "event-bus/default"),
            ),
            (
                "aws-sdk:ssm:getParameter",
                json!({"Name": "/a/b"}),
                "ssm:GetParameter",
                at("ssm", "parameter/a/b"),
            ),
            (
                "aws-sdk:sfn:describeStateMachine",
                json!({"StateMachineArn": at("states", "stateMachine:m")}),
                "states:DescribeStateMachine",
                at("states", "stateMachine:m"),
            ),
            (
                "aws-sdk:cloudwatchlogs:putLogEvents",
                json!({"LogGroupName": "g"}),
                "logs:PutLogEvents",
                at("logs", "log-group:g:*"),
            ),
            (
                "aws-sdk:ec2:describeInstances",
                json!({}),
                "ec2:DescribeInstances",
                "*".to_owned(),
            ),
            (
                "aws-sdk:dynamodb:listTables",
                json!({}),
                "dynamodb:ListTables",
                "*".to_owned(),
            ),
            (
                "dynamodb:getItem",
                json!({"TableName.$": "$.table"}),
                "dynamodb:GetItem",
                at("dynamodb", "table/*"),
            ),
        ];
        for (resource, arguments, action, arn) in cases {
            let allowed = allowed(resource, &arguments);
            assert!(
                allowed.contains(&format!("{action} {arn}")),
                "{resource}: {allowed:?}"
            );
        }
    }

    #[test]
    fn a_log_group_with_tags_takes_the_right_to_tag_it() {
        let group = "arn:aws:logs:eu-west-1:111122223333:log-group:g";
        let plain = allowed(
            "aws-sdk:cloudwatchlogs:createLogGroup",
            &json!({"LogGroupName": "g"}),
        );
        assert_eq!(plain, [format!("logs:CreateLogGroup {group}:*")]);
        let tagged = allowed(
            "aws-sdk:cloudwatchlogs:createLogGroup",
            &json!({"LogGroupName": "g", "Tags": {"a": "b"}}),
        );
        assert!(
            tagged.contains(&format!("logs:TagResource {group}")),
            "{tagged:?}"
        );
    }

    #[test]
    fn waiting_for_the_end_takes_more_than_starting() {
        let allowed = allowed("glue:startJobRun.sync", &json!({"JobName": "clean"}));
        let job = "arn:aws:glue:eu-west-1:111122223333:job/clean";
        for action in ["StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun"] {
            assert!(
                allowed.contains(&format!("glue:{action} {job}")),
                "{allowed:?}"
            );
        }
    }
}
