//! The keys of `[state_machines.ID]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::stack::types::{RoleReference, StateMachineName};

/// A state machine of Step Functions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The state machine's name. Default: `STACK-ID`.
    #[schemars(extend("x-aws" = "CreateStateMachine.name"))]
    pub name: Option<StateMachineName>,
    /// Tags beside the stack's.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateStateMachine.tags"))]
    pub tags: BTreeMap<String, String>,
    /// Its definition in the Amazon States Language: a file of JSON or YAML, relative to
    /// `stack.toml`; or the definition itself, as a table or as a text that starts with `{` or has
    /// several lines.
    #[schemars(extend("x-aws" = "CreateStateMachine.definition"))]
    pub definition: Source,
    /// What stands for `${Name}` in the definition. In `stack.toml` itself it is written
    /// `$${Name}`.
    #[schemars(extend("x-aws" = "CreateStateMachine.definition"))]
    #[serde(default)]
    pub substitutions: BTreeMap<String, String>,
    /// The role it works under, by name or ARN. Without it, one is made that may do exactly what
    /// the definition calls.
    #[schemars(extend("x-aws" = "CreateStateMachine.roleArn"))]
    pub role: Option<RoleReference>,
    /// Statements that the derived role gets beside those that the definition needs.
    #[schemars(extend("x-aws" = "PutRolePolicy.PolicyDocument"))]
    #[serde(default)]
    pub extra_statements: Vec<serde_json::Map<String, Value>>,
    /// AWS's default: `STANDARD`. Another type is another state machine: it is replaced.
    #[schemars(extend("x-aws" = "CreateStateMachine.type"))]
    pub r#type: Option<Type>,
    /// What of its executions is logged: a level, or a table with it. AWS's default: nothing.
    #[schemars(extend("x-aws" = "CreateStateMachine.loggingConfiguration"))]
    pub logging_configuration: Option<Logging>,
    /// Whether X-Ray traces its executions: `true`, or a table. AWS's default: false.
    #[schemars(extend("x-aws" = "CreateStateMachine.tracingConfiguration"))]
    pub tracing_configuration: Option<Tracing>,
    /// The key that its definition and its executions are encrypted with. AWS's default: one that
    /// AWS owns.
    #[schemars(extend("x-aws" = "CreateStateMachine.encryptionConfiguration"))]
    pub encryption_configuration: Option<Encryption>,
    /// Whether every change is published as a version.
    #[schemars(extend("x-aws" = "CreateStateMachine.publish"))]
    pub publish: Option<bool>,
    /// What the next version is described with; versions that are there keep theirs.
    #[schemars(length(max = 256), extend("x-aws" = "CreateStateMachine.versionDescription", "x-change" = "none"))]
    pub version_description: Option<String>,
}

/// A definition, or the name of its file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Source {
    Text(String),
    Table(serde_json::Map<String, Value>),
}

impl Source {
    pub fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Table(table) => Value::Object(table.clone()),
        }
    }
}

/// How executions are kept and billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Type {
    Standard,
    Express,
}

/// Which events of an execution are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Level {
    All,
    Error,
    Fatal,
    Off,
}

/// What is logged, and where.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Logging {
    Level(Level),
    Table(LoggingTable),
}

/// What is logged, and where.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoggingTable {
    /// Which events are logged.
    #[schemars(extend("x-aws" = "LoggingConfiguration.level"))]
    pub level: Level,
    /// Whether inputs and outputs are logged too. AWS's default: false.
    #[schemars(extend("x-aws" = "LoggingConfiguration.includeExecutionData"))]
    pub include_execution_data: Option<bool>,
    /// The log group. By its name, it is made with the state machine and goes with it; by its ARN,
    /// it is one that is there already. Default: `/aws/vendedlogs/states/NAME`, made.
    #[schemars(
        regex(pattern = r"^(arn:aws[A-Za-z0-9_-]*:logs:.+|[.\-_/#A-Za-z0-9]{1,512})$"),
        extend("x-aws" = "LoggingConfiguration.destinations")
    )]
    pub log_group: Option<String>,
    /// How many days the log group that is made keeps its events. AWS's default: for ever.
    #[schemars(extend("x-aws" = "PutRetentionPolicy.retentionInDays"))]
    pub retention_in_days: Option<i32>,
}

impl Logging {
    pub fn table(&self) -> LoggingTable {
        match self {
            Self::Level(level) => LoggingTable {
                level: *level,
                include_execution_data: None,
                log_group: None,
                retention_in_days: None,
            },
            Self::Table(table) => table.clone(),
        }
    }
}

/// Whether executions are traced.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Tracing {
    Enabled(bool),
    Table(TracingTable),
}

/// Whether executions are traced.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TracingTable {
    /// Whether X-Ray traces executions.
    #[schemars(extend("x-aws" = "TracingConfiguration.enabled"))]
    pub enabled: bool,
}

impl Tracing {
    pub fn enabled(&self) -> bool {
        match self {
            Self::Enabled(enabled) => *enabled,
            Self::Table(table) => table.enabled,
        }
    }
}

/// The key that data is encrypted with.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Encryption {
    /// Whose key it is.
    #[schemars(extend("x-aws" = "EncryptionConfiguration.type"))]
    pub r#type: EncryptionType,
    /// The key of KMS: its id, alias or ARN.
    #[schemars(length(min = 1, max = 2048), extend("x-aws" = "EncryptionConfiguration.kmsKeyId"))]
    pub kms_key_id: Option<String>,
    /// How long Step Functions uses a data key again. AWS's default: 300.
    #[schemars(range(min = 60, max = 900), extend("x-aws" = "EncryptionConfiguration.kmsDataKeyReusePeriodSeconds"))]
    pub kms_data_key_reuse_period_seconds: Option<i32>,
}

/// Whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum EncryptionType {
    AwsOwnedKey,
    CustomerManagedKmsKey,
}
