//! Roles that write themselves: least privilege, derived from what a stack says.
//!
//! Resources state facts and needs; the rules here turn them into statements, each with its
//! reason. They know no kind of resource.

use std::collections::BTreeSet;

use serde_json::Value;

mod crawler;
mod state_machine;
mod statement;

pub use statement::{Statement, document};

/// Something that a resource brings into the stack, as far as policies care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Bucket {
        name: String,
    },
    Database {
        name: String,
    },
    /// A table's data: below `location`, an S3 URL.
    Table {
        database: String,
        location: String,
    },
    /// Paths whose tables a crawler writes into a database.
    Crawl {
        database: String,
        paths: Vec<String>,
    },
    /// A workgroup and where it writes results.
    WorkGroup {
        name: String,
        results: Option<String>,
    },
    StateMachine {
        name: String,
        arn: String,
    },
    /// Objects that a stack put into a bucket itself.
    Objects {
        bucket: String,
        keys: BTreeSet<String>,
    },
}

/// What a derived role is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    Crawler {
        name: String,
        database: String,
        table_prefix: String,
        paths: Vec<String>,
    },
    StateMachine {
        name: String,
        definition: Value,
        /// Whether its logging has a level other than `OFF`.
        logs: bool,
        /// Whether it is traced with X-Ray.
        traces: bool,
        extra_statements: Vec<Value>,
    },
    Schedule {
        name: String,
        /// `Target.Arn`: of what is called, or `arn:aws:scheduler:::aws-sdk:SERVICE:ACTION`.
        target: String,
        /// `Target.Input`, parsed; null where there is none.
        input: Value,
        /// `Target.DeadLetterConfig.Arn`.
        dead_letter_queue: Option<String>,
        extra_statements: Vec<Value>,
    },
}

/// Where ARNs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    pub partition: String,
    pub region: String,
    pub account_id: String,
}

impl Home {
    fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition, self.region, self.account_id
        )
    }
}

impl Need {
    /// The service that takes the role.
    pub fn service(&self) -> &'static str {
        match self {
            Self::Crawler { .. } => "glue.amazonaws.com",
            Self::StateMachine { .. } => "states.amazonaws.com",
            Self::Schedule { .. } => "scheduler.amazonaws.com",
        }
    }

    /// Exactly what it takes, given what else is in the stack.
    pub fn statements(&self, home: &Home, facts: &[Fact]) -> Vec<Statement> {
        match self {
            Self::Crawler {
                database,
                table_prefix,
                paths,
                ..
            } => crawler::statements(home, database, table_prefix, paths),
            Self::StateMachine {
                definition, logs, ..
            } => {
                let mut statements = state_machine::statements(home, definition, facts);
                if *logs {
                    statements.push(Statement::new(
                        "DeliverLogs",
                        [
                            "logs:CreateLogDelivery",
                            "logs:GetLogDelivery",
                            "logs:UpdateLogDelivery",
                            "logs:DeleteLogDelivery",
                            "logs:ListLogDeliveries",
                            "logs:PutResourcePolicy",
                            "logs:DescribeResourcePolicies",
                            "logs:DescribeLogGroups",
                        ],
                        ["*".to_owned()],
                        "delivers its log",
                    ));
                }
                statements
            }
            Self::Schedule { target, input, .. } => {
                let (action, resource) = if target.contains(":stateMachine:") {
                    ("states:StartExecution", target.clone())
                } else {
                    let name = input.get("Name").and_then(Value::as_str).unwrap_or("*");
                    let crawler = home.arn("glue", &format!("crawler/{name}"));
                    ("glue:StartCrawler", crawler)
                };
                vec![Statement::new(
                    "CallTarget",
                    [action],
                    [resource],
                    "calls the schedule's target",
                )]
            }
        }
    }
}
