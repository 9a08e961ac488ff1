//! Roles that write themselves: least privilege, derived from what a stack says.
//!
//! Resources state facts and needs; the rules here turn them into statements, each with its
//! reason. They know no kind of resource.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

mod call;
pub mod check;
mod crawler;
mod definition;
mod place;
mod query;
mod schedule;
mod services;
mod sql;
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
        name: String,
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

/// Tables of the catalog that a crawler looks after where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogTarget {
    pub database: String,
    pub tables: Vec<String>,
}

/// What a derived role is for. `extra_statements` are statements of a policy, as IAM writes them,
/// that come beside the derived ones; [`check_statement`] says whether one can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    Crawler {
        name: String,
        database: String,
        table_prefix: String,
        /// The include paths, as S3 URLs.
        paths: Vec<String>,
        catalog_targets: Vec<CatalogTarget>,
        /// ARNs of the queues of SQS that tell it of changes (`EventQueueArn`, `DlqEventQueueArn`).
        event_queues: Vec<String>,
        extra_statements: Vec<Value>,
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
        group: String,
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
    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`
    fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition, self.region, self.account_id
        )
    }

    /// `arn:aws:iam::ACCOUNT:RESOURCE`
    fn iam_arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account_id)
    }

    fn bucket_arn(&self, bucket: &str) -> String {
        format!("arn:{}:s3:::{bucket}", self.partition)
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

    /// What the service names as `aws:SourceArn` when it takes the role: of a schedule its group.
    pub fn source_arn(&self, home: &Home) -> String {
        match self {
            Self::Crawler { name, .. } => home.arn("glue", &format!("crawler/{name}")),
            Self::StateMachine { name, .. } => home.arn("states", &format!("stateMachine:{name}")),
            Self::Schedule { group, .. } => {
                home.arn("scheduler", &format!("schedule-group/{group}"))
            }
        }
    }

    /// Exactly what it takes, given what else is in the stack, and what was written beside it.
    pub fn statements(&self, home: &Home, facts: &[Fact]) -> Vec<Statement> {
        let (Self::Crawler {
            extra_statements, ..
        }
        | Self::StateMachine {
            extra_statements, ..
        }
        | Self::Schedule {
            extra_statements, ..
        }) = self;
        statement::with_extra(self.derived(home, facts), extra_statements)
    }

    /// Exactly what it takes, given what else is in the stack.
    pub fn derived(&self, home: &Home, facts: &[Fact]) -> Vec<Statement> {
        let statements = match self {
            Self::Crawler {
                database,
                table_prefix,
                paths,
                catalog_targets,
                event_queues,
                ..
            } => crawler::statements(
                home,
                facts,
                &crawler::Crawl {
                    database,
                    table_prefix,
                    paths,
                    catalog_targets,
                    event_queues,
                },
            ),
            Self::StateMachine {
                name,
                definition,
                logs,
                traces,
                ..
            } => {
                let machine = state_machine::Machine {
                    name,
                    definition,
                    logs: *logs,
                    traces: *traces,
                };
                state_machine::statements(home, facts, &machine)
            }
            Self::Schedule {
                target,
                input,
                dead_letter_queue,
                ..
            } => schedule::statements(home, facts, target, input, dead_letter_queue.as_deref()),
        };
        statement::without_needless(statements)
    }
}

/// Why a statement cannot stand in a role's policy, in IAM's words.
pub fn check_statement(statement: &Map<String, Value>) -> Result<(), String> {
    let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": [statement] });
    iam_policy::Document::parse_as(&policy.to_string(), iam_policy::Kind::Identity)
        .map(|_| ())
        .map_err(|error| error.to_string())
}
