//! What a workgroup says of Spark's sessions: where their logs go, and how many processing units
//! they take; and both as the SDK has them.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_athena::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::configuration::kms_key;
use super::sdk::text;
use crate::resource::{CallError, built};

/// Where the logs of Spark sessions go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Monitoring {
    /// To CloudWatch Logs.
    #[schemars(extend("x-aws" = "MonitoringConfiguration.CloudWatchLoggingConfiguration"))]
    pub cloud_watch_logging_configuration: Option<CloudWatchLogging>,
    /// To storage of Athena's own.
    #[schemars(extend("x-aws" = "MonitoringConfiguration.ManagedLoggingConfiguration"))]
    pub managed_logging_configuration: Option<ManagedLogging>,
    /// To S3.
    #[schemars(extend("x-aws" = "MonitoringConfiguration.S3LoggingConfiguration"))]
    pub s3_logging_configuration: Option<S3Logging>,
}

/// Logs in CloudWatch Logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CloudWatchLogging {
    /// Whether they go there.
    #[schemars(extend("x-aws" = "CloudWatchLoggingConfiguration.Enabled"))]
    pub enabled: bool,
    /// The log group.
    #[schemars(
        length(max = 512),
        regex(pattern = r"^[a-zA-Z0-9._/-]+$"),
        extend("x-aws" = "CloudWatchLoggingConfiguration.LogGroup")
    )]
    pub log_group: Option<String>,
    /// What the names of streams start with.
    #[schemars(
        length(min = 1, max = 512),
        regex(pattern = r"^[^:*]*$"),
        extend("x-aws" = "CloudWatchLoggingConfiguration.LogStreamNamePrefix")
    )]
    pub log_stream_name_prefix: Option<String>,
    /// Which logs, by kind of process: `{ SPARK_DRIVER = ["STDOUT", "STDERR"] }`.
    #[schemars(extend("x-aws" = "CloudWatchLoggingConfiguration.LogTypes"))]
    pub log_types: Option<BTreeMap<String, Vec<String>>>,
}

/// Logs in storage of Athena's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ManagedLogging {
    /// Whether they are kept there.
    #[schemars(extend("x-aws" = "ManagedLoggingConfiguration.Enabled"))]
    pub enabled: bool,
    /// The key they are encrypted with.
    #[schemars(
        regex(pattern = kms_key!()),
        extend("x-aws" = "ManagedLoggingConfiguration.KmsKey")
    )]
    pub kms_key: Option<String>,
}

/// Logs in S3.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct S3Logging {
    /// Whether they go there.
    #[schemars(extend("x-aws" = "S3LoggingConfiguration.Enabled"))]
    pub enabled: bool,
    /// The key they are encrypted with.
    #[schemars(regex(pattern = kms_key!()), extend("x-aws" = "S3LoggingConfiguration.KmsKey"))]
    pub kms_key: Option<String>,
    /// The folder they go to.
    #[schemars(extend("format" = "s3-path", "x-aws" = "S3LoggingConfiguration.LogLocation"))]
    pub log_location: Option<String>,
}

/// Processing units, and Spark's settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Engine {
    /// Units of the coordinator.
    #[schemars(
        range(min = 1, max = 1),
        extend("x-aws" = "EngineConfiguration.CoordinatorDpuSize")
    )]
    pub coordinator_dpu_size: Option<i32>,
    /// Units at a time, at most.
    #[schemars(
        range(min = 2, max = 5000),
        extend("x-aws" = "EngineConfiguration.MaxConcurrentDpus")
    )]
    pub max_concurrent_dpus: Option<i32>,
    /// Units of an executor.
    #[schemars(
        range(min = 1, max = 1),
        extend("x-aws" = "EngineConfiguration.DefaultExecutorDpuSize")
    )]
    pub default_executor_dpu_size: Option<i32>,
    /// Settings of notebooks.
    #[schemars(extend("x-aws" = "EngineConfiguration.AdditionalConfigs"))]
    pub additional_configs: Option<BTreeMap<String, String>>,
    /// Settings of Spark.
    #[schemars(extend("x-aws" = "EngineConfiguration.SparkProperties"))]
    pub spark_properties: Option<BTreeMap<String, String>>,
    /// Settings by what they are of, such as `athena-query-engine-properties` with
    /// `min-dpu-count` and `max-dpu-count`.
    #[schemars(extend("x-aws" = "EngineConfiguration.Classifications"))]
    pub classifications: Option<Vec<Classification>>,
}

/// Settings of one thing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Classification {
    /// What they are of.
    #[schemars(extend("x-aws" = "Classification.Name"))]
    pub name: Option<String>,
    /// The settings.
    #[schemars(extend("x-aws" = "Classification.Properties"))]
    pub properties: Option<BTreeMap<String, String>>,
}

impl Monitoring {
    pub fn to_sdk(&self) -> Result<sdk::MonitoringConfiguration, CallError> {
        const OPERATION: &str = "UpdateWorkGroup";
        let cloud_watch = self
            .cloud_watch_logging_configuration
            .as_ref()
            .map(|logging| {
                let builder = sdk::CloudWatchLoggingConfiguration::builder()
                    .enabled(logging.enabled)
                    .set_log_group(logging.log_group.clone())
                    .set_log_stream_name_prefix(logging.log_stream_name_prefix.clone())
                    .set_log_types(hashed(logging.log_types.as_ref()));
                built(OPERATION, builder.build())
            });
        let managed = self.managed_logging_configuration.as_ref().map(|logging| {
            let builder = sdk::ManagedLoggingConfiguration::builder()
                .enabled(logging.enabled)
                .set_kms_key(logging.kms_key.clone());
            built(OPERATION, builder.build())
        });
        let s3 = self.s3_logging_configuration.as_ref().map(|logging| {
            let builder = sdk::S3LoggingConfiguration::builder()
                .enabled(logging.enabled)
                .set_kms_key(logging.kms_key.clone())
                .set_log_location(logging.log_location.clone());
            built(OPERATION, builder.build())
        });
        Ok(sdk::MonitoringConfiguration::builder()
            .set_cloud_watch_logging_configuration(cloud_watch.transpose()?)
            .set_managed_logging_configuration(managed.transpose()?)
            .set_s3_logging_configuration(s3.transpose()?)
            .build())
    }

    pub fn of(live: &sdk::MonitoringConfiguration) -> Self {
        Self {
            cloud_watch_logging_configuration: live.cloud_watch_logging_configuration().map(
                |logging| CloudWatchLogging {
                    enabled: logging.enabled(),
                    log_group: text(logging.log_group()),
                    log_stream_name_prefix: text(logging.log_stream_name_prefix()),
                    log_types: sorted(logging.log_types()),
                },
            ),
            managed_logging_configuration: live.managed_logging_configuration().map(|logging| {
                ManagedLogging {
                    enabled: logging.enabled(),
                    kms_key: text(logging.kms_key()),
                }
            }),
            s3_logging_configuration: live.s3_logging_configuration().map(|logging| S3Logging {
                enabled: logging.enabled(),
                kms_key: text(logging.kms_key()),
                log_location: text(logging.log_location()),
            }),
        }
    }
}

impl Engine {
    pub fn to_sdk(&self) -> sdk::EngineConfiguration {
        let classifications = self.classifications.as_ref().map(|all| {
            let to_sdk = |one: &Classification| {
                sdk::Classification::builder()
                    .set_name(one.name.clone())
                    .set_properties(hashed(one.properties.as_ref()))
                    .build()
            };
            all.iter().map(to_sdk).collect()
        });
        sdk::EngineConfiguration::builder()
            .set_coordinator_dpu_size(self.coordinator_dpu_size)
            .set_max_concurrent_dpus(self.max_concurrent_dpus)
            .set_default_executor_dpu_size(self.default_executor_dpu_size)
            .set_additional_configs(hashed(self.additional_configs.as_ref()))
            .set_spark_properties(hashed(self.spark_properties.as_ref()))
            .set_classifications(classifications)
            .build()
    }

    pub fn of(live: &sdk::EngineConfiguration) -> Self {
        let classifications = live.classifications.as_ref().map(|all| {
            let of = |one: &sdk::Classification| Classification {
                name: text(one.name()),
                properties: sorted(one.properties()),
            };
            all.iter().map(of).collect()
        });
        Self {
            coordinator_dpu_size: live.coordinator_dpu_size(),
            // The SDK has nothing for "not set" here.
            max_concurrent_dpus: Some(live.max_concurrent_dpus()).filter(|dpus| *dpus > 0),
            default_executor_dpu_size: live.default_executor_dpu_size(),
            additional_configs: sorted(live.additional_configs()),
            spark_properties: sorted(live.spark_properties()),
            classifications,
        }
    }
}

fn hashed<V: Clone>(map: Option<&BTreeMap<String, V>>) -> Option<HashMap<String, V>> {
    map.map(|map| map.iter().map(|(k, v)| (k.clone(), v.clone())).collect())
}

fn sorted<V: Clone>(map: Option<&HashMap<String, V>>) -> Option<BTreeMap<String, V>> {
    map.map(|map| map.iter().map(|(k, v)| (k.clone(), v.clone())).collect())
}
