//! What targets of certain services are given beside the input: the keys, the API's types made of
//! them, and them again of what is live.

use std::collections::BTreeMap;

use aws_sdk_scheduler::types as api;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::built;
use crate::resource::CallError;

/// What an event bridge gets.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventBridgeParameters {
    /// What the event is said to be.
    #[schemars(length(min = 1, max = 128), extend("x-aws" = "EventBridgeParameters.DetailType"))]
    pub detail_type: String,
    /// Who the event is said to come from.
    #[schemars(length(min = 1, max = 256), extend("x-aws" = "EventBridgeParameters.Source"))]
    pub source: String,
}

/// What a stream of Kinesis gets.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KinesisParameters {
    /// What decides which shard a record goes to.
    #[schemars(length(min = 1, max = 256), extend("x-aws" = "KinesisParameters.PartitionKey"))]
    pub partition_key: String,
}

/// What a FIFO queue of SQS gets.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SqsParameters {
    /// The group that messages are in order in.
    #[schemars(length(min = 1, max = 128), extend("x-aws" = "SqsParameters.MessageGroupId"))]
    pub message_group_id: String,
}

/// What a pipeline of SageMaker gets.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SageMakerPipelineParameters {
    /// Parameters by name.
    #[schemars(extend("x-aws" = "SageMakerPipelineParameters.PipelineParameterList"))]
    pub pipeline_parameters: BTreeMap<String, String>,
}

/// The task that ECS runs.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EcsParameters {
    /// What the task is.
    #[schemars(length(min = 1, max = 1600), extend("x-aws" = "EcsParameters.TaskDefinitionArn"))]
    pub task_definition_arn: String,
    /// How many tasks are run. AWS's default: 1.
    #[schemars(range(min = 1, max = 10), extend("x-aws" = "EcsParameters.TaskCount"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_count: Option<i32>,
    /// What the task runs on.
    #[schemars(extend("x-aws" = "EcsParameters.LaunchType"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<LaunchType>,
    /// Where the task is in the network.
    #[schemars(extend("x-aws" = "EcsParameters.NetworkConfiguration.awsvpcConfiguration"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awsvpc_configuration: Option<AwsVpcConfiguration>,
    /// The version of the platform, for Fargate.
    #[schemars(length(min = 1, max = 64), extend("x-aws" = "EcsParameters.PlatformVersion"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_version: Option<String>,
    /// The group that the task is of.
    #[schemars(length(min = 1, max = 255), extend("x-aws" = "EcsParameters.Group"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The capacity providers, and their shares.
    #[schemars(extend("x-aws" = "EcsParameters.CapacityProviderStrategy"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_provider_strategy: Option<Vec<CapacityProvider>>,
    /// Whether ECS tags the task with its cluster and service.
    #[schemars(extend("x-aws" = "EcsParameters.EnableECSManagedTags"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_ecs_managed_tags: Option<bool>,
    /// Whether commands can be run in the task.
    #[schemars(extend("x-aws" = "EcsParameters.EnableExecuteCommand"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_execute_command: Option<bool>,
    /// Where the task may be placed.
    #[schemars(extend("x-aws" = "EcsParameters.PlacementConstraints"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement_constraints: Option<Vec<PlacementConstraint>>,
    /// How tasks are placed.
    #[schemars(extend("x-aws" = "EcsParameters.PlacementStrategy"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement_strategy: Option<Vec<PlacementStrategy>>,
    /// Whose tags the task gets beside its own.
    #[schemars(extend("x-aws" = "EcsParameters.PropagateTags"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagate_tags: Option<PropagateTags>,
    /// What the task is referred to by.
    #[schemars(length(max = 1024), extend("x-aws" = "EcsParameters.ReferenceId"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_id: Option<String>,
    /// Tags of the task.
    #[schemars(extend("x-aws" = "EcsParameters.Tags"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, String>>,
}

/// What a task runs on.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum LaunchType {
    Ec2,
    Fargate,
    External,
}

/// Whose tags a task gets.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum PropagateTags {
    TaskDefinition,
}

/// Where a task is in the network.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AwsVpcConfiguration {
    /// The subnets of the task.
    #[schemars(length(min = 1))]
    pub subnets: Vec<String>,
    /// The security groups of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_groups: Option<Vec<String>>,
    /// Whether it gets a public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assign_public_ip: Option<AssignPublicIp>,
}

/// Whether a task gets a public address.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum AssignPublicIp {
    Enabled,
    Disabled,
}

/// A capacity provider and its share.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CapacityProvider {
    /// The provider's name.
    #[schemars(length(min = 1, max = 255))]
    pub capacity_provider: String,
    /// Its share of the tasks.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1000))]
    pub weight: i32,
    /// How many tasks it runs at least.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100_000))]
    pub base: i32,
}

/// Where a task may be placed.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlacementConstraint {
    /// What kind it is.
    pub r#type: PlacementConstraintType,
    /// The expression in the cluster query language, for `memberOf`.
    #[schemars(length(max = 2000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
}

/// A kind of placement constraint.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum PlacementConstraintType {
    DistinctInstance,
    MemberOf,
}

/// How tasks are placed.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlacementStrategy {
    /// What kind it is.
    pub r#type: PlacementStrategyType,
    /// What tasks are spread or packed by.
    #[schemars(length(max = 255))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// A kind of placement strategy.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PlacementStrategyType {
    Random,
    Spread,
    Binpack,
}

/// An enum's value as the API writes it.
fn word(value: impl Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}

impl EventBridgeParameters {
    pub fn api(&self) -> Result<api::EventBridgeParameters, CallError> {
        let parameters = api::EventBridgeParameters::builder()
            .detail_type(&self.detail_type)
            .source(&self.source)
            .build();
        built("CreateSchedule", parameters)
    }

    pub fn live(there: &api::EventBridgeParameters) -> Value {
        json!({ "detail_type": there.detail_type, "source": there.source })
    }
}

impl KinesisParameters {
    pub fn api(&self) -> Result<api::KinesisParameters, CallError> {
        let parameters = api::KinesisParameters::builder()
            .partition_key(&self.partition_key)
            .build();
        built("CreateSchedule", parameters)
    }

    pub fn live(there: &api::KinesisParameters) -> Value {
        json!({ "partition_key": there.partition_key })
    }
}

impl SqsParameters {
    pub fn api(&self) -> api::SqsParameters {
        api::SqsParameters::builder()
            .message_group_id(&self.message_group_id)
            .build()
    }

    pub fn live(there: &api::SqsParameters) -> Value {
        json!({ "message_group_id": there.message_group_id })
    }
}

impl SageMakerPipelineParameters {
    pub fn api(&self) -> Result<api::SageMakerPipelineParameters, CallError> {
        let mut parameters = api::SageMakerPipelineParameters::builder();
        for (name, value) in &self.pipeline_parameters {
            let parameter = api::SageMakerPipelineParameter::builder()
                .name(name)
                .value(value)
                .build();
            parameters = parameters.pipeline_parameter_list(built("CreateSchedule", parameter)?);
        }
        Ok(parameters.build())
    }

    pub fn live(there: &api::SageMakerPipelineParameters) -> Value {
        let parameters: BTreeMap<&str, &str> = there
            .pipeline_parameter_list()
            .iter()
            .map(|parameter| (parameter.name(), parameter.value()))
            .collect();
        json!({ "pipeline_parameters": parameters })
    }
}

impl EcsParameters {
    pub fn api(&self) -> Result<api::EcsParameters, CallError> {
        let mut ecs = api::EcsParameters::builder()
            .task_definition_arn(&self.task_definition_arn)
            .set_task_count(self.task_count)
            .set_launch_type(self.launch_type.map(|t| word(t).as_str().into()))
            .set_platform_version(self.platform_version.clone())
            .set_group(self.group.clone())
            .set_enable_ecs_managed_tags(self.enable_ecs_managed_tags)
            .set_enable_execute_command(self.enable_execute_command)
            .set_propagate_tags(self.propagate_tags.map(|p| word(p).as_str().into()))
            .set_reference_id(self.reference_id.clone());
        if let Some(network) = &self.awsvpc_configuration {
            let configuration = api::AwsVpcConfiguration::builder()
                .set_subnets(Some(network.subnets.clone()))
                .set_security_groups(network.security_groups.clone())
                .set_assign_public_ip(network.assign_public_ip.map(|ip| word(ip).as_str().into()))
                .build();
            ecs = ecs.network_configuration(
                api::NetworkConfiguration::builder()
                    .awsvpc_configuration(built("CreateSchedule", configuration)?)
                    .build(),
            );
        }
        for provider in self.capacity_provider_strategy.iter().flatten() {
            let item = api::CapacityProviderStrategyItem::builder()
                .capacity_provider(&provider.capacity_provider)
                .weight(provider.weight)
                .base(provider.base)
                .build();
            ecs = ecs.capacity_provider_strategy(built("CreateSchedule", item)?);
        }
        for constraint in self.placement_constraints.iter().flatten() {
            ecs = ecs.placement_constraints(
                api::PlacementConstraint::builder()
                    .r#type(word(constraint.r#type).as_str().into())
                    .set_expression(constraint.expression.clone())
                    .build(),
            );
        }
        for strategy in self.placement_strategy.iter().flatten() {
            ecs = ecs.placement_strategy(
                api::PlacementStrategy::builder()
                    .r#type(word(strategy.r#type).as_str().into())
                    .set_field(strategy.field.clone())
                    .build(),
            );
        }
        // A tag is a map of one; several are in one map or in several.
        for (key, value) in self.tags.iter().flatten() {
            ecs = ecs.tags([(key.clone(), value.clone())].into());
        }
        built("CreateSchedule", ecs.build())
    }

    /// What is live, under the keys of `stack.toml`.
    pub fn live(there: &api::EcsParameters) -> Value {
        let network = there
            .network_configuration()
            .and_then(|network| network.awsvpc_configuration());
        let mut live = json!({
            "task_definition_arn": there.task_definition_arn,
            "task_count": there.task_count,
            "launch_type": there.launch_type().map(api::LaunchType::as_str),
            "platform_version": there.platform_version,
            "group": there.group,
            "enable_ecs_managed_tags": there.enable_ecs_managed_tags,
            "enable_execute_command": there.enable_execute_command,
            "propagate_tags": there.propagate_tags().map(api::PropagateTags::as_str),
            "reference_id": there.reference_id,
            "awsvpc_configuration": network.map(|network| json!({
                "subnets": network.subnets,
                "security_groups": network.security_groups,
                "assign_public_ip": network.assign_public_ip().map(api::AssignPublicIp::as_str),
            })),
            "capacity_provider_strategy": there.capacity_provider_strategy.as_ref().map(|items| {
                items.iter().map(|item| json!({
                    "capacity_provider": item.capacity_provider,
                    "weight": item.weight,
                    "base": item.base,
                })).collect::<Value>()
            }),
            "placement_constraints": there.placement_constraints.as_ref().map(|items| {
                items.iter().map(|item| json!({
                    "type": item.r#type().map(api::PlacementConstraintType::as_str),
                    "expression": item.expression,
                })).collect::<Value>()
            }),
            "placement_strategy": there.placement_strategy.as_ref().map(|items| {
                items.iter().map(|item| json!({
                    "type": item.r#type().map(api::PlacementStrategyType::as_str),
                    "field": item.field,
                })).collect::<Value>()
            }),
            "tags": there.tags.as_ref().map(|maps| {
                maps.iter().flatten().collect::<BTreeMap<_, _>>()
            }),
        });
        without_nulls(&mut live);
        live
    }
}

/// What AWS does not give is not there.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
