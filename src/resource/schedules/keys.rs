//! The keys of `[schedules.ID]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::parameters::{
    EcsParameters, EventBridgeParameters, KinesisParameters, SageMakerPipelineParameters,
    SqsParameters,
};
use crate::stack::types::{RoleReference, Schedule};

/// A schedule of EventBridge Scheduler: when a state machine or a crawler runs by itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The schedule's name. Default: `STACK-ID`.
    #[schemars(regex(pattern = r"^[0-9a-zA-Z\-_.]{1,64}$"), extend("x-aws" = "CreateSchedule.Name"))]
    pub name: Option<String>,
    /// The schedule group, which is made with the first schedule in it and goes with the last. It
    /// carries the stack's tags. Default: the stack's name.
    #[schemars(regex(pattern = r"^[0-9a-zA-Z\-_.]{1,64}$"), extend("x-aws" = "CreateSchedule.GroupName"))]
    pub group: Option<String>,
    /// What it is for.
    #[schemars(length(max = 512), extend("x-aws" = "CreateSchedule.Description"))]
    pub description: Option<String>,
    /// When it is due, in its time zone: `cron(0 3 * * ? *)`, `rate(1 hour)`,
    /// `at(2030-01-31T06:00:00)`.
    #[schemars(extend("x-aws" = "CreateSchedule.ScheduleExpression"))]
    pub schedule: Schedule,
    /// The time zone that the schedule is in, as in `Europe/Berlin`. AWS's default: `UTC`.
    #[schemars(length(min = 1, max = 50), extend("x-aws" = "CreateSchedule.ScheduleExpressionTimezone"))]
    pub timezone: Option<String>,
    /// The moment before which it is not due: `2030-01-31T00:00:00Z`.
    #[schemars(extend("x-aws" = "CreateSchedule.StartDate"))]
    pub start_date: Option<String>,
    /// The moment after which it is not due any more.
    #[schemars(extend("x-aws" = "CreateSchedule.EndDate"))]
    pub end_date: Option<String>,
    /// AWS's default: `ENABLED`.
    #[schemars(extend("x-aws" = "CreateSchedule.State"))]
    pub state: Option<State>,
    /// How many minutes later it may run, or a table with it. Default: none.
    #[schemars(extend("x-aws" = "CreateSchedule.FlexibleTimeWindow"))]
    pub flexible_time_window: Option<Window>,
    /// What becomes of it when it is not due again. AWS's default: `NONE`. One that deletes itself
    /// is made again by the next `up`, as long as it is in the file.
    #[schemars(extend("x-aws" = "CreateSchedule.ActionAfterCompletion"))]
    pub action_after_completion: Option<AfterCompletion>,
    /// The key of KMS that its input is encrypted with. AWS's default: one that AWS owns.
    #[schemars(
        regex(pattern = r"^arn:aws(-[a-z]+)?:kms:[a-z0-9\-]+:[0-9]{12}:(key|alias)/[0-9a-zA-Z\-_]*$"),
        extend("x-aws" = "CreateSchedule.KmsKeyArn")
    )]
    pub kms_key_arn: Option<String>,
    /// The state machine that it starts, by name or ARN.
    #[schemars(length(min = 1), extend("x-aws" = "Target.Arn"))]
    pub state_machine: Option<String>,
    /// The crawler that it starts, by name.
    #[schemars(length(min = 1), extend("x-aws" = "Target.Arn"))]
    pub crawler: Option<String>,
    /// Whatever else it calls.
    #[schemars(extend("x-aws" = "CreateSchedule.Target"))]
    pub target: Option<Target>,
    /// What the target is given: a table, or a text. Without it, a state machine gets AWS's
    /// notification.
    #[schemars(extend("x-aws" = "Target.Input"))]
    pub input: Option<Input>,
    /// The role under which it calls the target, by name or ARN. Without it, one is made that may
    /// call exactly this target.
    #[schemars(extend("x-aws" = "Target.RoleArn"))]
    pub role: Option<RoleReference>,
    /// Statements that the derived role gets beside those that the target needs.
    #[schemars(extend("x-aws" = "PutRolePolicy.PolicyDocument"))]
    #[serde(default)]
    pub extra_statements: Vec<Map<String, Value>>,
    /// How long a call that failed is tried again. AWS's default: 185 times within a day.
    #[schemars(extend("x-aws" = "Target.RetryPolicy"))]
    pub retry_policy: Option<RetryPolicy>,
    /// The ARN of the queue of SQS that gets what could not be delivered.
    #[schemars(
        regex(pattern = r"^arn:aws(-[a-z]+)?:sqs:[a-z0-9\-]+:[0-9]{12}:[a-zA-Z0-9\-_]+$"),
        extend("x-aws" = "Target.DeadLetterConfig.Arn")
    )]
    pub dead_letter_queue: Option<String>,
}

/// Anything that EventBridge Scheduler can call.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    /// Its ARN; `arn:aws:scheduler:::aws-sdk:SERVICE:ACTION` is any operation of any API.
    #[schemars(length(min = 1, max = 1600), extend("x-aws" = "Target.Arn"))]
    pub arn: String,
    /// What an event bridge gets.
    #[schemars(extend("x-aws" = "Target.EventBridgeParameters"))]
    pub event_bridge_parameters: Option<EventBridgeParameters>,
    /// What a stream of Kinesis gets.
    #[schemars(extend("x-aws" = "Target.KinesisParameters"))]
    pub kinesis_parameters: Option<KinesisParameters>,
    /// What a FIFO queue of SQS gets.
    #[schemars(extend("x-aws" = "Target.SqsParameters"))]
    pub sqs_parameters: Option<SqsParameters>,
    /// What a pipeline of SageMaker gets.
    #[schemars(extend("x-aws" = "Target.SageMakerPipelineParameters"))]
    pub sage_maker_pipeline_parameters: Option<SageMakerPipelineParameters>,
    /// The task that ECS runs.
    #[schemars(extend("x-aws" = "Target.EcsParameters"))]
    pub ecs_parameters: Option<EcsParameters>,
}

/// What a target is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Input {
    Text(#[schemars(length(min = 1))] String),
    Table(Map<String, Value>),
}

/// Whether it runs.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum State {
    Enabled,
    Disabled,
}

/// What becomes of a schedule that is not due again.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum AfterCompletion {
    None,
    Delete,
}

/// How much later it may run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Window {
    Minutes(#[schemars(range(min = 0, max = 1440))] i32),
    Table(WindowTable),
}

/// How much later it may run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowTable {
    /// Whether it may run later at all.
    #[schemars(extend("x-aws" = "FlexibleTimeWindow.Mode"))]
    pub mode: WindowMode,
    /// How many minutes later.
    #[schemars(range(min = 1, max = 1440), extend("x-aws" = "FlexibleTimeWindow.MaximumWindowInMinutes"))]
    pub maximum_window_in_minutes: Option<i32>,
}

/// Whether it may run later at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum WindowMode {
    Off,
    Flexible,
}

impl Window {
    /// The minutes; 0 is off.
    pub fn minutes(&self) -> Result<i32, &'static str> {
        match self {
            Self::Minutes(minutes) => Ok(*minutes),
            Self::Table(table) => match (table.mode, table.maximum_window_in_minutes) {
                (WindowMode::Off, None) => Ok(0),
                (WindowMode::Flexible, Some(minutes)) => Ok(minutes),
                (WindowMode::Off, Some(_)) => Err("needs mode = \"FLEXIBLE\""),
                (WindowMode::Flexible, None) => Err("needs maximum_window_in_minutes"),
            },
        }
    }
}

/// How long a call that failed is tried again.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RetryPolicy {
    /// How often. AWS's default: 185.
    #[schemars(range(min = 0, max = 185), extend("x-aws" = "RetryPolicy.MaximumRetryAttempts"))]
    pub maximum_retry_attempts: Option<i32>,
    /// For how many seconds. AWS's default: 86400.
    #[schemars(range(min = 60, max = 86400), extend("x-aws" = "RetryPolicy.MaximumEventAgeInSeconds"))]
    pub maximum_event_age_in_seconds: Option<i32>,
}
