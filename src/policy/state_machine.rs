//! What a state machine needs: exactly the calls that its definition makes, and what Step
//! Functions does as its role.
//!
//! Source: "IAM policies for integrated services", "IAM policies for using Distributed Map states",
//! "Logging using CloudWatch Logs", AWS Step Functions developer guide.

use serde_json::Value;

use super::call::{Call, Given};
use super::definition::{self, Calls};
use super::services::{self, http};
use super::{Fact, Home, Statement, query};

/// A state machine, as far as its role is concerned.
pub(super) struct Machine<'a> {
    pub name: &'a str,
    pub definition: &'a Value,
    pub logs: bool,
    pub traces: bool,
}

pub(super) fn statements(home: &Home, facts: &[Fact], machine: &Machine) -> Vec<Statement> {
    let found = definition::calls(machine.definition);
    let (queries, others): (Vec<&Call>, Vec<&Call>) = found
        .calls
        .iter()
        .partition(|call| call.service == "athena");
    let (nested, others): (Vec<&Call>, Vec<&Call>) =
        others.into_iter().partition(|call| starts_execution(call));
    let (over_http, others): (Vec<&Call>, Vec<&Call>) =
        others.into_iter().partition(|call| http::is_one(call));
    let mut statements = query::statements(home, facts, &queries);
    for call in others {
        statements.extend(services::statements(home, facts, call));
    }
    for call in nested {
        statements.extend(execution(home, facts, call));
    }
    for call in over_http {
        statements.extend(http::statements(home, machine.name, call));
    }
    statements.extend(functions(home, &found));
    statements.extend(roles(home, &found));
    statements.extend(distributed(home, machine, &found));
    if machine.logs {
        statements.push(logging());
    }
    if machine.traces {
        statements.push(tracing());
    }
    merged(statements)
}

fn starts_execution(call: &Call) -> bool {
    let starts = ["StartExecution", "StartSyncExecution"];
    services::prefix(call.service) == "states" && starts.contains(&call.operation.as_str())
}

/// The start of another state machine, and, if its end is waited for, what that takes.
fn execution(home: &Home, facts: &[Fact], call: &Call) -> Vec<Statement> {
    let mut machines: Vec<String> = match call.arguments.text("StateMachineArn") {
        Given::Text(arn) => vec![arn],
        Given::Absent => Vec::new(),
        // Only the input says which; it is one of the stack's.
        Given::Unknown { start } => facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::StateMachine { arn, .. } if arn.starts_with(&start) => Some(arn.clone()),
                _ => None,
            })
            .collect(),
    };
    if machines.is_empty() {
        machines.push(home.arn("states", "stateMachine:*"));
    }
    let executions: Vec<String> = machines.iter().map(|arn| executions_of(arn)).collect();
    let state = call.state;
    let mut statements = vec![Statement::allow(
        "StartExecutions",
        [format!("states:{}", call.operation)],
        machines,
        format!("`{state}` starts this state machine"),
    )];
    if call.waits() {
        statements.push(Statement::allow(
            "FollowExecutions",
            ["states:DescribeExecution", "states:StopExecution"],
            executions,
            format!("`{state}` waits for the execution's end, and stops it when it is stopped"),
        ));
        let rule = "StepFunctionsGetEventsForStepFunctionsExecutionRule";
        statements.push(services::told_through(home, rule, state));
    }
    statements
}

/// The ARNs of a state machine's executions. A version or an alias has those of the machine.
fn executions_of(machine: &str) -> String {
    let fields: Vec<&str> = machine.splitn(8, ':').take(7).collect();
    let machine = fields.join(":");
    format!("{}:*", machine.replace(":stateMachine:", ":execution:"))
}

fn functions(home: &Home, found: &Calls) -> Vec<Statement> {
    let function = |(arn, state): &(&str, &str)| {
        let all = home.arn("lambda", "function:*");
        // `arn:aws:lambda:::function:NAME` and its like are no ARN of a function.
        let arn = if arn
            .split(':')
            .nth(4)
            .is_some_and(|account| !account.is_empty())
        {
            (*arn).to_owned()
        } else {
            all
        };
        let reason = format!("`{state}` calls this function");
        Statement::allow("CallLambda", ["lambda:InvokeFunction"], [arn], reason)
    };
    found.functions.iter().map(function).collect()
}

fn roles(home: &Home, found: &Calls) -> Vec<Statement> {
    let role = |(role, state): &(Given, &str)| {
        let arn = match role {
            Given::Text(arn) => arn.clone(),
            Given::Unknown { start } if !start.is_empty() => format!("{start}*"),
            Given::Absent | Given::Unknown { .. } => home.iam_arn("role/*"),
        };
        let reason = format!("`{state}` works as this role");
        Statement::allow("TakeRoles", ["sts:AssumeRole"], [arn], reason)
    };
    found.roles.iter().map(role).collect()
}

/// A distributed Map starts executions of its own state machine.
fn distributed(home: &Home, machine: &Machine, found: &Calls) -> Vec<Statement> {
    if found.distributed.is_empty() {
        return Vec::new();
    }
    let states: Vec<String> = found.distributed.iter().map(|s| format!("`{s}`")).collect();
    let name = machine.name;
    vec![
        Statement::allow(
            "StartItems",
            ["states:StartExecution"],
            [home.arn("states", &format!("stateMachine:{name}"))],
            format!("{} runs each item as an execution", states.join(", ")),
        ),
        Statement::allow(
            "FollowItems",
            [
                "states:DescribeExecution",
                "states:RedriveExecution",
                "states:StopExecution",
            ],
            [
                home.arn("states", &format!("execution:{name}:*")),
                home.arn("states", &format!("execution:{name}/*:*")),
            ],
            "Step Functions follows the executions of the items, and redrives them",
        ),
    ]
}

fn logging() -> Statement {
    Statement::allow(
        "DeliverLogs",
        [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
        ],
        ["*"],
        "executions are logged; the delivery of logs can be held to no resource",
    )
}

fn tracing() -> Statement {
    Statement::allow(
        "Trace",
        [
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ],
        ["*"],
        "executions are traced; traces can be held to no resource",
    )
}

/// Statements of one name on the same resources under the same condition, as one.
fn merged(statements: Vec<Statement>) -> Vec<Statement> {
    let mut whole: Vec<Statement> = Vec::new();
    for statement in statements {
        let same = |other: &&mut Statement| {
            other.sid() == statement.sid()
                && other.body().get("Resource") == statement.body().get("Resource")
                && other.body().get("Condition") == statement.body().get("Condition")
        };
        match whole.iter_mut().find(same) {
            Some(other) => other.take_in(&statement),
            None => whole.push(statement),
        }
    }
    one_listing_of_resources(whole)
}

/// Statements of one name and the same actions, without conditions, as one.
fn one_listing_of_resources(statements: Vec<Statement>) -> Vec<Statement> {
    let mut whole: Vec<Statement> = Vec::new();
    for statement in statements {
        let same = |other: &&mut Statement| {
            let conditions = [&**other, &statement].map(|s| s.body().contains_key("Condition"));
            other.sid() == statement.sid()
                && other.actions() == statement.actions()
                && conditions == [false, false]
        };
        match whole.iter_mut().find(same) {
            Some(other) => other.take_in(&statement),
            None => whole.push(statement),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Need, statement::without_needless};
    use super::*;
    use serde_json::json;

    fn home() -> Home {
        Home {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            account_id: "111122223333".to_owned(),
        }
    }

    fn facts() -> Vec<Fact> {
        vec![
            Fact::Bucket {
                name: "data".to_owned(),
            },
            Fact::Database {
                name: "lake".to_owned(),
            },
            Fact::Database {
                name: "other".to_owned(),
            },
            Fact::Crawl {
                database: "lake".to_owned(),
                paths: vec!["s3://data/crawled/".to_owned()],
            },
            Fact::Table {
                database: "lake".to_owned(),
                name: "films".to_owned(),
                location: "s3://data/films/".to_owned(),
            },
            Fact::Table {
                database: "other".to_owned(),
                name: "songs".to_owned(),
                location: "s3://music/songs/".to_owned(),
            },
            Fact::WorkGroup {
                name: "main".to_owned(),
                results: Some("s3://results/athena/".to_owned()),
            },
            Fact::WorkGroup {
                name: "second".to_owned(),
                results: Some("s3://elsewhere/".to_owned()),
            },
        ]
    }

    fn policy_of(states: Value) -> Vec<Statement> {
        let need = Need::StateMachine {
            name: "machine".to_owned(),
            definition: json!({"StartAt": "S", "States": states}),
            logs: false,
            traces: false,
            extra_statements: Vec::new(),
        };
        need.statements(&home(), &facts())
    }

    /// What a definition of one task takes, as `ACTION RESOURCE`.
    fn allowed(resource: &str, parameters: Value) -> BTreeSet<String> {
        let mut task = json!({"Type": "Task", "Resource": format!("arn:aws:states:::{resource}"), "End": true});
        task["Parameters"] = parameters;
        pairs(&policy_of(json!({"S": task})))
    }

    fn pairs(statements: &[Statement]) -> BTreeSet<String> {
        let mut pairs = BTreeSet::new();
        for statement in statements {
            for action in statement.actions() {
                for resource in statement.resources() {
                    pairs.insert(format!("{action} {resource}"));
                }
            }
        }
        pairs
    }

    fn query(sql: &str) -> BTreeSet<String> {
        let parameters = json!({"QueryString": sql, "WorkGroup": "main"});
        allowed("athena:startQueryExecution.sync", parameters)
    }

    #[test]
    fn a_query_opens_its_own_tables_their_data_and_its_workgroups_results() {
        let allowed = query("SELECT * FROM lake.films");
        for pair in [
            "athena:GetQueryExecution arn:aws:athena:eu-west-1:111122223333:workgroup/main",
            "glue:GetTable arn:aws:glue:eu-west-1:111122223333:table/lake/films",
            "s3:GetObject arn:aws:s3:::data/films/*",
            "s3:PutObject arn:aws:s3:::results/athena/*",
        ] {
            assert!(allowed.contains(pair), "{pair} is not in {allowed:#?}");
        }
        let beyond = ["crawled", "music", "elsewhere", "other", "workgroup/second"];
        for word in beyond {
            assert!(
                !allowed.iter().any(|pair| pair.contains(word)),
                "{word}: {allowed:#?}"
            );
        }
    }

    #[test]
    fn a_table_that_a_crawler_finds_lies_below_the_crawlers_paths() {
        let allowed = query("SELECT * FROM lake.found");
        assert!(allowed.contains("s3:GetObject arn:aws:s3:::data/crawled/*"));
        assert!(!allowed.contains("s3:GetObject arn:aws:s3:::data/films/*"));
    }

    #[test]
    fn a_query_that_only_the_input_knows_opens_all_of_the_stacks_tables() {
        let parameters = json!({"QueryString.$": "$.sql", "WorkGroup": "main"});
        let allowed = allowed("athena:startQueryExecution.sync", parameters);
        for object in ["data/films/*", "data/crawled/*", "music/songs/*"] {
            let pair = format!("s3:GetObject arn:aws:s3:::{object}");
            assert!(allowed.contains(&pair), "{pair} is not in {allowed:#?}");
        }
        assert!(
            !allowed
                .iter()
                .any(|pair| pair.starts_with("s3:DeleteObject"))
        );
    }

    #[test]
    fn a_query_of_what_tables_there_are_lists_them_and_reads_none() {
        let allowed = query("SELECT table_name FROM information_schema.tables");
        let place = "arn:aws:glue:eu-west-1:111122223333";
        for pair in [
            format!("glue:GetDatabases {place}:catalog"),
            format!("glue:GetTables {place}:database/*"),
            format!("glue:GetTables {place}:table/*/*"),
        ] {
            assert!(allowed.contains(&pair), "{pair} is not in {allowed:#?}");
        }
        for word in ["information_schema", "arn:aws:s3:::data"] {
            assert!(
                !allowed.iter().any(|pair| pair.contains(word)),
                "{word}: {allowed:#?}"
            );
        }
    }

    #[test]
    fn a_query_that_writes_may_write_there_alone() {
        let allowed = query("INSERT INTO lake.films SELECT * FROM other.songs");
        assert!(allowed.contains("s3:PutObject arn:aws:s3:::data/films/*"));
        assert!(allowed.contains("s3:GetObject arn:aws:s3:::music/songs/*"));
        assert!(!allowed.contains("s3:PutObject arn:aws:s3:::music/songs/*"));
        let table = "arn:aws:glue:eu-west-1:111122223333:table/lake/films";
        assert!(allowed.contains(&format!("glue:BatchCreatePartition {table}")));
    }

    #[test]
    fn a_call_over_http_is_held_to_its_url_its_method_and_its_connection() {
        let arn = "arn:aws:events:eu-west-1:111122223333:connection/films/7";
        let call = |parameters: Value| {
            let task = json!({"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": parameters, "End": true});
            policy_of(json!({"S": task}))
        };
        let condition = |statements: &[Statement]| {
            let called = statements.iter().find(|s| s.sid() == "CallOverHttp");
            called.expect("a statement").body()["Condition"].clone()
        };
        let known = call(
            json!({"ApiEndpoint": "https://example.com/films", "Method": "GET",
            "InvocationConfig": {"ConnectionArn": arn}}),
        );
        assert_eq!(
            pairs(&known),
            BTreeSet::from([
                "states:InvokeHTTPEndpoint arn:aws:states:eu-west-1:111122223333:stateMachine:machine".to_owned(),
                format!("events:RetrieveConnectionCredentials {arn}"),
                "secretsmanager:DescribeSecret arn:aws:secretsmanager:eu-west-1:111122223333:secret:events!connection/films/*".to_owned(),
                "secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:111122223333:secret:events!connection/films/*".to_owned(),
            ])
        );
        let like = json!({"StringLike": {"states:HTTPEndpoint": ["https://example.com/films"], "states:HTTPMethod": ["GET"]}});
        assert_eq!(condition(&known), like);
        let unknown = call(
            json!({"ApiEndpoint.$": "States.Format('https://example.com/{}', $.film)", "Method.$": "$.method",
            "Authentication": {"ConnectionArn.$": "$.connection"}}),
        );
        let like = json!({"StringLike": {"states:HTTPEndpoint": ["https://example.com/*"]}});
        assert_eq!(condition(&unknown), like);
        let all = "events:RetrieveConnectionCredentials arn:aws:events:eu-west-1:111122223333:connection/*";
        assert!(pairs(&unknown).contains(all));
    }

    #[test]
    fn an_execution_that_is_waited_for_is_followed_and_told_of() {
        let machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:inner";
        let start = |pattern: &str| {
            allowed(
                &format!("states:startExecution{pattern}"),
                json!({"StateMachineArn": machine}),
            )
        };
        assert_eq!(
            start(""),
            BTreeSet::from([format!("states:StartExecution {machine}")])
        );
        let waited = start(".sync:2");
        let execution = machine.replace("stateMachine", "execution");
        assert!(waited.contains(&format!("states:StopExecution {execution}:*")));
        assert!(waited.contains("events:PutRule arn:aws:events:eu-west-1:111122223333:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"));
    }

    #[test]
    fn a_distributed_map_may_start_its_own_machine() {
        let allowed = pairs(&policy_of(json!({"Each": {"Type": "Map", "End": true,
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "data", "Key": "list.csv"}},
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "runs"}},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}})));
        for pair in [
            "states:StartExecution arn:aws:states:eu-west-1:111122223333:stateMachine:machine",
            "s3:GetObject arn:aws:s3:::data/list.csv",
            "s3:PutObject arn:aws:s3:::out/runs/*",
        ] {
            assert!(allowed.contains(pair), "{pair} is not in {allowed:#?}");
        }
    }

    #[test]
    fn what_a_task_does_as_another_role_takes_only_that_role() {
        let role = "arn:aws:iam::111122223333:role/reader";
        let states = json!({"S": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "End": true,
            "Credentials": {"RoleArn": role}, "Parameters": {"Bucket": "data", "Key": "k"}}});
        assert_eq!(
            pairs(&policy_of(states)),
            BTreeSet::from([format!("sts:AssumeRole {role}")])
        );
    }

    #[test]
    fn jsonata_is_understood_as_jsonpath_is() {
        let states = json!({"S": {"Type": "Task", "QueryLanguage": "JSONata", "End": true,
            "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
            "Arguments": {"Bucket": "data", "Key": "{% 'out/' & $states.input.name %}", "Body": "x"}}});
        let expected = "s3:PutObject arn:aws:s3:::data/out/*".to_owned();
        assert_eq!(pairs(&policy_of(states)), BTreeSet::from([expected]));
    }

    #[test]
    fn logging_and_tracing_take_what_they_take_and_only_where_they_are_on() {
        let machine = |logs, traces| {
            let definition = json!({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}});
            let machine = Machine {
                name: "m",
                definition: &definition,
                logs,
                traces,
            };
            let statements = without_needless(statements(&home(), &[], &machine));
            statements
                .iter()
                .map(|s| s.sid().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(machine(false, false), Vec::<String>::new());
        assert_eq!(machine(true, true), ["DeliverLogs", "Trace"]);
    }
}
