//! What a state machine needs: exactly the calls its definition makes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Fact, Home, Statement};

pub(super) fn statements(home: &Home, definition: &Value, facts: &[Fact]) -> Vec<Statement> {
    let mut calls = Calls::default();
    collect(definition, &mut calls);
    let mut statements = Vec::new();
    if calls.queries {
        athena(home, &calls, facts, &mut statements);
        for covered in [
            "StartQueryExecution",
            "GetQueryExecution",
            "StopQueryExecution",
        ] {
            calls.athena.remove(covered);
        }
    }
    if !calls.athena.is_empty() {
        statements.push(Statement::new(
            "CallAthena",
            calls.athena.iter().map(|action| format!("athena:{action}")),
            workgroups(home, &calls, facts),
            "the definition calls these operations of Athena",
        ));
        if calls.athena.contains("GetQueryResults") && !calls.queries {
            statements.push(results(home, &calls, facts));
        }
    }
    nested(home, &calls, facts, &mut statements);
    for (service, actions) in &calls.sdk {
        statements.push(Statement::new(
            &format!("Call{}", capitalized(service)),
            actions.iter().map(|action| format!("{service}:{action}")),
            sdk_resources(home, service, facts),
            format!("the definition calls these operations of {service}"),
        ));
    }
    if !calls.lambdas.is_empty() {
        statements.push(Statement::new(
            "InvokeFunctions",
            ["lambda:InvokeFunction"],
            calls.lambdas.iter().cloned(),
            "the definition calls these functions",
        ));
    }
    statements.retain(|statement| !statement.resources.is_empty());
    statements
}

/// What a definition calls.
#[derive(Default)]
struct Calls {
    /// `athena:startQueryExecution`, with or without `.sync`.
    queries: bool,
    athena: BTreeSet<String>,
    /// Workgroups that are named; empty and `any_workgroup` unset means `primary`.
    workgroups: BTreeSet<String>,
    any_workgroup: bool,
    /// Result locations that are named in the definition.
    outputs: BTreeSet<String>,
    /// State machines that are started, `*` if only the input says which.
    starts: BTreeSet<String>,
    starts_and_waits: bool,
    /// `aws-sdk` and other actions by service, as IAM spells them.
    sdk: BTreeMap<String, BTreeSet<String>>,
    lambdas: BTreeSet<String>,
}

fn collect(value: &Value, calls: &mut Calls) {
    match value {
        Value::Object(map) => {
            if let (Some("Task"), Some(resource)) = (
                map.get("Type").and_then(Value::as_str),
                map.get("Resource").and_then(Value::as_str),
            ) {
                let arguments = map.get("Parameters").or_else(|| map.get("Arguments"));
                collect_task(resource, arguments.unwrap_or(&Value::Null), calls);
            }
            for (key, inner) in map {
                // What is passed along is data, whatever it looks like.
                if !matches!(key.as_str(), "Parameters" | "Arguments" | "Result") {
                    collect(inner, calls);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, calls)),
        _ => {}
    }
}

fn collect_task(resource: &str, arguments: &Value, calls: &mut Calls) {
    let mut parts = resource.splitn(6, ':').skip(2);
    let (service, integration) = (parts.next(), parts.nth(2));
    if service == Some("lambda") {
        calls.lambdas.insert(resource.to_owned());
        return;
    }
    let Some(integration) = integration else {
        return;
    };
    let integration = integration.strip_prefix("aws-sdk:").unwrap_or(integration);
    let mut parts = integration.splitn(2, ':');
    let (Some(service), Some(action)) = (parts.next(), parts.next()) else {
        return;
    };
    let (action, pattern) = action.split_once('.').unwrap_or((action, ""));
    let action = capitalized(action);
    let text = |key: &str| arguments.get(key).and_then(Value::as_str);
    match (service, action.as_str()) {
        ("athena", "StartQueryExecution") => {
            calls.queries = true;
            calls.athena.insert(action);
            if !pattern.is_empty() {
                calls.athena.insert("GetQueryExecution".to_owned());
                calls.athena.insert("StopQueryExecution".to_owned());
            }
            match text("WorkGroup") {
                Some(name) => {
                    calls.workgroups.insert(name.to_owned());
                }
                None if arguments.get("WorkGroup.$").is_some() => calls.any_workgroup = true,
                None => {
                    calls.workgroups.insert("primary".to_owned());
                }
            }
            let output = arguments
                .get("ResultConfiguration")
                .and_then(|configuration| configuration.get("OutputLocation"))
                .and_then(Value::as_str);
            calls.outputs.extend(output.map(str::to_owned));
        }
        ("athena", _) => {
            calls.athena.insert(action);
            if let Some(name) = text("WorkGroup") {
                calls.workgroups.insert(name.to_owned());
            }
        }
        ("states" | "sfn", "StartExecution" | "StartSyncExecution") => {
            let started = text("StateMachineArn").unwrap_or("*");
            calls.starts.insert(started.to_owned());
            calls.starts_and_waits |= pattern.starts_with("sync");
        }
        _ => {
            let service = match service {
                "sfn" => "states",
                "cloudwatchlogs" => "logs",
                "eventbridge" => "events",
                "lambda" => {
                    let function = text("FunctionName").unwrap_or("*");
                    calls.lambdas.insert(function.to_owned());
                    return;
                }
                other => other,
            };
            for action in actions(service, &action) {
                calls
                    .sdk
                    .entry(service.to_owned())
                    .or_default()
                    .insert(action.to_owned());
            }
        }
    }
}

/// The IAM actions of an S3 operation are not named as it is; elsewhere they are.
fn actions<'a>(service: &str, operation: &'a str) -> Vec<&'a str> {
    match (service, operation) {
        ("s3", "ListObjectsV2" | "ListObjects" | "HeadBucket") => vec!["ListBucket"],
        ("s3", "ListBuckets") => vec!["ListAllMyBuckets"],
        ("s3", "HeadObject") => vec!["GetObject"],
        ("s3", "CopyObject") => vec!["GetObject", "PutObject"],
        ("s3", "DeleteObjects") => vec!["DeleteObject"],
        _ => vec![operation],
    }
}

fn athena(home: &Home, calls: &Calls, facts: &[Fact], statements: &mut Vec<Statement>) {
    statements.push(Statement::new(
        "RunQueries",
        [
            "athena:StartQueryExecution",
            "athena:GetQueryExecution",
            "athena:StopQueryExecution",
            "athena:GetWorkGroup",
            "athena:GetDataCatalog",
        ],
        workgroups(home, calls, facts)
            .into_iter()
            .chain([home.arn("athena", "datacatalog/*")]),
        "starts queries and waits for their end",
    ));
    let databases: BTreeSet<&str> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Database { name } => Some(name.as_str()),
            Fact::Table { database, .. } | Fact::Crawl { database, .. } => Some(database),
            _ => None,
        })
        .collect();
    let catalog = databases.iter().flat_map(|name| {
        [
            home.arn("glue", &format!("database/{name}")),
            home.arn("glue", &format!("table/{name}/*")),
        ]
    });
    statements.push(Statement::new(
        "ReadCatalog",
        [
            "glue:GetDatabase",
            "glue:GetDatabases",
            "glue:GetTable",
            "glue:GetTables",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:BatchGetPartition",
        ],
        catalog.chain([home.arn("glue", "catalog")]),
        "queries look up the tables of the stack's databases",
    ));
    let data: Vec<(String, String)> = facts
        .iter()
        .flat_map(|fact| match fact {
            Fact::Crawl { paths, .. } => paths.clone(),
            Fact::Table { location, .. } => vec![location.clone()],
            _ => Vec::new(),
        })
        .filter_map(|path| place(&path))
        .collect();
    if !data.is_empty() {
        let buckets = data
            .iter()
            .map(|(bucket, _)| format!("arn:{}:s3:::{bucket}", home.partition));
        let objects = data
            .iter()
            .map(|(bucket, key)| format!("arn:{}:s3:::{bucket}/{key}*", home.partition));
        statements.push(Statement::new(
            "ListData",
            ["s3:ListBucket", "s3:GetBucketLocation"],
            buckets,
            "queries list the data of the stack's tables",
        ));
        statements.push(Statement::new(
            "ReadData",
            ["s3:GetObject"],
            objects,
            "queries read the data of the stack's tables",
        ));
    }
    statements.push(results(home, calls, facts));
    let buckets: BTreeSet<String> = result_places(calls, facts)
        .into_iter()
        .map(|(bucket, _)| format!("arn:{}:s3:::{bucket}", home.partition))
        .collect();
    if !buckets.is_empty() {
        statements.push(Statement::new(
            "FindResults",
            [
                "s3:GetBucketLocation",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads",
            ],
            buckets,
            "Athena looks at the bucket before it writes results",
        ));
    }
}

/// The objects that results are written to and read from.
fn results(home: &Home, calls: &Calls, facts: &[Fact]) -> Statement {
    let objects = result_places(calls, facts)
        .into_iter()
        .map(|(bucket, key)| format!("arn:{}:s3:::{bucket}/{key}*", home.partition));
    Statement::new(
        "WriteResults",
        [
            "s3:GetObject",
            "s3:PutObject",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
        ],
        objects,
        "Athena writes the results of queries, and reads them back, as the caller",
    )
}

fn result_places(calls: &Calls, facts: &[Fact]) -> BTreeSet<(String, String)> {
    let from_workgroups = facts.iter().filter_map(|fact| match fact {
        Fact::WorkGroup {
            name,
            results: Some(results),
        } if calls.any_workgroup || calls.workgroups.contains(name) => Some(results.clone()),
        _ => None,
    });
    let mut places: BTreeSet<(String, String)> = from_workgroups
        .chain(calls.outputs.iter().cloned())
        .filter_map(|path| place(&path))
        .collect();
    if places.is_empty() {
        // Only the input says where: it may be any bucket of the stack.
        places.extend(facts.iter().filter_map(|fact| match fact {
            Fact::Bucket { name } => Some((name.clone(), String::new())),
            _ => None,
        }));
    }
    places
}

fn workgroups(home: &Home, calls: &Calls, facts: &[Fact]) -> Vec<String> {
    let mut names: BTreeSet<&str> = calls.workgroups.iter().map(String::as_str).collect();
    if calls.any_workgroup || names.is_empty() {
        names.insert("primary");
        names.extend(facts.iter().filter_map(|fact| match fact {
            Fact::WorkGroup { name, .. } => Some(name.as_str()),
            _ => None,
        }));
    }
    names
        .into_iter()
        .map(|name| home.arn("athena", &format!("workgroup/{name}")))
        .collect()
}

fn nested(home: &Home, calls: &Calls, facts: &[Fact], statements: &mut Vec<Statement>) {
    if calls.starts.is_empty() {
        return;
    }
    let mut machines: BTreeSet<String> = calls.starts.clone();
    if machines.remove("*") {
        machines.extend(facts.iter().filter_map(|fact| match fact {
            Fact::StateMachine { arn, .. } => Some(arn.clone()),
            _ => None,
        }));
    }
    let executions: Vec<String> = machines
        .iter()
        .map(|arn| format!("{}:*", arn.replace(":stateMachine:", ":execution:")))
        .collect();
    statements.push(Statement::new(
        "StartExecutions",
        ["states:StartExecution"],
        machines,
        "the definition starts these state machines",
    ));
    if calls.starts_and_waits {
        statements.push(Statement::new(
            "FollowExecutions",
            ["states:DescribeExecution", "states:StopExecution"],
            executions,
            "it waits for their end, and stops them when it is stopped",
        ));
        statements.push(Statement::new(
            "HearOfExecutions",
            ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            [home.arn(
                "events",
                "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",
            )],
            "Step Functions is told of their end through this rule",
        ));
    }
}

/// As narrow as a service's calls can be held without knowing their input.
fn sdk_resources(home: &Home, service: &str, facts: &[Fact]) -> Vec<String> {
    match service {
        "s3" => {
            let buckets = facts.iter().filter_map(|fact| match fact {
                Fact::Bucket { name } => Some(format!("arn:{}:s3:::{name}", home.partition)),
                _ => None,
            });
            let own: Vec<String> = buckets.flat_map(|arn| [arn.clone(), arn + "/*"]).collect();
            if own.is_empty() {
                vec!["*".to_owned()]
            } else {
                own
            }
        }
        "glue" => vec![
            home.arn("glue", "catalog"),
            home.arn("glue", "database/*"),
            home.arn("glue", "table/*"),
            home.arn("glue", "crawler/*"),
        ],
        _ => vec!["*".to_owned()],
    }
}

fn place(path: &str) -> Option<(String, String)> {
    let path = path.strip_prefix("s3://")?;
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    Some((bucket.to_owned(), key.to_owned()))
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn home() -> Home {
        Home {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            account_id: "111122223333".to_owned(),
        }
    }

    #[test]
    fn a_query_that_is_waited_for_needs_its_end_its_catalog_and_its_buckets() {
        let definition = json!({"StartAt": "Q", "States": {"Q": {
            "Type": "Task",
            "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
            "Parameters": {"QueryString": "SELECT 1", "WorkGroup": "main"},
            "End": true,
        }}});
        let facts = [
            Fact::Crawl {
                database: "lake".to_owned(),
                paths: vec!["s3://data/films/".to_owned()],
            },
            Fact::WorkGroup {
                name: "main".to_owned(),
                results: Some("s3://results/athena/".to_owned()),
            },
            Fact::WorkGroup {
                name: "other".to_owned(),
                results: Some("s3://elsewhere/".to_owned()),
            },
        ];
        let statements = statements(&home(), &definition, &facts);
        let resources: BTreeSet<&str> = statements
            .iter()
            .flat_map(|s| s.resources.iter().map(String::as_str))
            .collect();
        assert!(resources.contains("arn:aws:s3:::data/films/*"));
        assert!(resources.contains("arn:aws:s3:::results/athena/*"));
        assert!(resources.contains("arn:aws:glue:eu-west-1:111122223333:table/lake/*"));
        assert!(!resources.iter().any(|r| r.contains("elsewhere")));
    }

    #[test]
    fn a_definition_that_calls_nothing_needs_nothing() {
        let definition = json!({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}});
        assert_eq!(statements(&home(), &definition, &[]), []);
    }
}
