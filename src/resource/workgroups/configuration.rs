//! A workgroup's configuration: the keys of `stack.toml` under the API's names.
//!
//! The same type holds what is wanted and what is there, so values are texts here that `stack.toml`
//! is checked for elsewhere: AWS may answer what it would not take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::spark::{Engine, Monitoring};
use crate::resource::{CallError, Fields};

/// What a key of AWS KMS looks like: an ARN of a key or alias, `alias/NAME`, or an id.
macro_rules! kms_key {
    () => {
        r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9_+=,.@/-]+|alias/[A-Za-z0-9_/-]+|(mrk-)?[0-9a-f-]{32,36})$"
    };
}
pub(super) use kms_key;

/// The fields of Athena's `WorkGroupConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Configuration {
    /// Where results go, and how they are kept there.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.ResultConfiguration"))]
    pub result_configuration: Option<Results>,
    /// Results in storage of Athena's own instead.
    #[schemars(extend(
        "x-aws" = "CreateWorkGroup.Configuration.ManagedQueryResultsConfiguration"
    ))]
    pub managed_query_results_configuration: Option<ManagedResults>,
    /// Whether these settings win over those of a client. AWS's default: true.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.EnforceWorkGroupConfiguration"))]
    pub enforce_work_group_configuration: Option<bool>,
    /// Whether CloudWatch gets metrics.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.PublishCloudWatchMetricsEnabled"))]
    pub publish_cloud_watch_metrics_enabled: Option<bool>,
    /// A query that would read more bytes is cancelled. Taken out of the file, the limit goes.
    #[schemars(
        range(min = 10_000_000),
        extend("x-aws" = "CreateWorkGroup.Configuration.BytesScannedCutoffPerQuery")
    )]
    pub bytes_scanned_cutoff_per_query: Option<i64>,
    /// Whether queries may read buckets whose readers pay. AWS's default: false.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.RequesterPaysEnabled"))]
    pub requester_pays_enabled: Option<bool>,
    /// The engine: its name, as `Athena engine version 3`, or `AUTO`, which is AWS's default.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.EngineVersion"))]
    pub engine_version: Option<EngineVersion>,
    /// A JSON text that notebooks are given.
    #[schemars(
        length(min = 1, max = 128),
        extend("x-aws" = "CreateWorkGroup.Configuration.AdditionalConfiguration")
    )]
    pub additional_configuration: Option<String>,
    /// The ARN of the role of Spark sessions, and of workgroups with IAM Identity Center.
    #[schemars(
        regex(pattern = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$"),
        extend("x-aws" = "CreateWorkGroup.Configuration.ExecutionRole")
    )]
    pub execution_role: Option<String>,
    /// Where the logs of Spark sessions go.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.MonitoringConfiguration"))]
    pub monitoring_configuration: Option<Monitoring>,
    /// How many processing units queries and sessions take.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.EngineConfiguration"))]
    pub engine_configuration: Option<Engine>,
    /// The key for what Spark sessions keep. Taken out of the file, it goes.
    #[schemars(extend(
        "x-aws" = "CreateWorkGroup.Configuration.CustomerContentEncryptionConfiguration"
    ))]
    pub customer_content_encryption_configuration: Option<Key>,
    /// Whether a client may ask for stronger encryption only. AWS's default: false.
    #[schemars(extend(
        "x-aws" = "CreateWorkGroup.Configuration.EnableMinimumEncryptionConfiguration"
    ))]
    pub enable_minimum_encryption_configuration: Option<bool>,
    /// Whether users come from IAM Identity Center. Only a new workgroup can take it.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.IdentityCenterConfiguration"))]
    pub identity_center_configuration: Option<IdentityCenter>,
    /// Whether S3 Access Grants rule who sees results.
    #[schemars(extend(
        "x-aws" = "CreateWorkGroup.Configuration.QueryResultsS3AccessGrantsConfiguration"
    ))]
    pub query_results_s3_access_grants_configuration: Option<AccessGrants>,
}

/// Where results go. What is taken out of the file goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Results {
    /// The folder that results are written to.
    #[schemars(extend("format" = "s3-path", "x-aws" = "ResultConfiguration.OutputLocation"))]
    pub output_location: Option<String>,
    /// How they are encrypted.
    #[schemars(extend("x-aws" = "ResultConfiguration.EncryptionConfiguration"))]
    pub encryption_configuration: Option<Encryption>,
    /// The account that the bucket has to be of.
    #[schemars(
        regex(pattern = r"^[0-9]{12}$"),
        extend("x-aws" = "ResultConfiguration.ExpectedBucketOwner")
    )]
    pub expected_bucket_owner: Option<String>,
    /// The ACL that result files get.
    #[schemars(extend("x-aws" = "ResultConfiguration.AclConfiguration"))]
    pub acl_configuration: Option<Acl>,
}

/// How results are encrypted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Encryption {
    /// By S3 with its own key, by S3 with a key of KMS, or by Athena with a key of KMS.
    #[schemars(extend(
        "enum" = ["SSE_S3", "SSE_KMS", "CSE_KMS"],
        "x-aws" = "EncryptionConfiguration.EncryptionOption"
    ))]
    pub encryption_option: String,
    /// The key's ARN or id, for SSE_KMS and CSE_KMS.
    #[schemars(
        regex(pattern = kms_key!()),
        extend("x-aws" = "EncryptionConfiguration.KmsKey")
    )]
    pub kms_key: Option<String>,
}

/// The ACL of result files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Acl {
    /// The canned ACL.
    #[schemars(extend(
        "enum" = ["BUCKET_OWNER_FULL_CONTROL"],
        "x-aws" = "AclConfiguration.S3AclOption"
    ))]
    pub s3_acl_option: String,
}

/// Results in storage of Athena's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ManagedResults {
    /// Whether Athena keeps them.
    #[schemars(extend("x-aws" = "ManagedQueryResultsConfiguration.Enabled"))]
    pub enabled: bool,
    /// The key they are encrypted with. Taken out of the file, it goes.
    #[schemars(extend("x-aws" = "ManagedQueryResultsConfiguration.EncryptionConfiguration"))]
    pub encryption_configuration: Option<Key>,
}

/// A key of KMS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// Its ARN, `alias/NAME`, or id.
    #[schemars(regex(pattern = kms_key!()), extend("x-aws" = "KmsKey"))]
    pub kms_key: String,
}

/// The engine's version, written out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum EngineVersion {
    Name(EngineName),
    Written {
        /// `AUTO`, or the name of a version.
        #[schemars(
            length(min = 1, max = 128),
            extend("x-aws" = "EngineVersion.SelectedEngineVersion")
        )]
        selected_engine_version: String,
    },
}

/// `AUTO`, or the name of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct EngineName(#[schemars(length(min = 1, max = 128))] pub String);

impl EngineVersion {
    pub fn name(&self) -> &str {
        match self {
            Self::Name(EngineName(name)) => name,
            Self::Written {
                selected_engine_version,
            } => selected_engine_version,
        }
    }
}

/// Users from IAM Identity Center.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityCenter {
    /// Whether they come from there.
    #[schemars(extend("x-aws" = "IdentityCenterConfiguration.EnableIdentityCenter"))]
    pub enable_identity_center: Option<bool>,
    /// The instance.
    #[schemars(
        regex(pattern = r"^arn:aws[a-z-]*:sso:::instance/(sso)?ins-[a-zA-Z0-9.-]{16}$"),
        extend("x-aws" = "IdentityCenterConfiguration.IdentityCenterInstanceArn")
    )]
    pub identity_center_instance_arn: Option<String>,
}

/// S3 Access Grants for results.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessGrants {
    /// Whether they rule.
    #[schemars(extend(
        "x-aws" = "QueryResultsS3AccessGrantsConfiguration.EnableS3AccessGrants"
    ))]
    pub enable_s3_access_grants: bool,
    /// Whether each user has a folder.
    #[schemars(extend(
        "x-aws" = "QueryResultsS3AccessGrantsConfiguration.CreateUserLevelPrefix"
    ))]
    pub create_user_level_prefix: Option<bool>,
    /// Who users are.
    #[schemars(extend(
        "enum" = ["DIRECTORY_IDENTITY"],
        "x-aws" = "QueryResultsS3AccessGrantsConfiguration.AuthenticationType"
    ))]
    pub authentication_type: String,
}

/// What is one value though it is a table: its keys are the user's own.
const WHOLE: [&str; 4] = [
    "log_types",
    "additional_configs",
    "spark_properties",
    "classifications",
];

impl Configuration {
    /// Every value that is set, by its path: `result_configuration.output_location`.
    pub fn leaves(&self) -> Fields {
        fn visit(path: &str, name: &str, value: Value, leaves: &mut Fields) {
            match value {
                Value::Null => {}
                Value::Object(entries) if !WHOLE.contains(&name) => {
                    for (name, value) in entries {
                        visit(&format!("{path}.{name}"), &name, value, leaves);
                    }
                }
                value => {
                    leaves.insert(path.to_owned(), value);
                }
            }
        }
        let mut leaves = Fields::new();
        if let Value::Object(entries) = json!(self) {
            for (name, value) in entries {
                visit(&name, &name, value, &mut leaves);
            }
        }
        leaves
    }

    /// What is switched on that the embedded cloud does not have, in words.
    pub fn beyond_the_embedded_cloud(&self) -> Option<&'static str> {
        let managed = self.managed_query_results_configuration.as_ref();
        let center = self.identity_center_configuration.as_ref();
        let grants = self.query_results_s3_access_grants_configuration.as_ref();
        if managed.is_some_and(|managed| managed.enabled) {
            return Some("managed query results");
        }
        if center.is_some_and(|center| center.enable_identity_center == Some(true)) {
            return Some("IAM Identity Center");
        }
        grants
            .is_some_and(|grants| grants.enable_s3_access_grants)
            .then_some("S3 Access Grants")
    }

    /// These settings, and those of `other` where these have none.
    pub fn over(&self, other: &Self) -> Result<Self, CallError> {
        fn merge(name: &str, over: Value, under: Value) -> Value {
            match (over, under) {
                (Value::Null, under) => under,
                (Value::Object(over), Value::Object(mut under)) if !WHOLE.contains(&name) => {
                    for (name, value) in over {
                        let there = under.get_mut(&name).map(Value::take).unwrap_or_default();
                        under.insert(name.clone(), merge(&name, value, there));
                    }
                    Value::Object(under)
                }
                (over, _) => over,
            }
        }
        serde_json::from_value(merge("", json!(self), json!(other)))
            .map_err(|error| CallError::here("UpdateWorkGroup", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Configuration {
        serde_json::from_value(value).expect("it is a configuration")
    }

    #[test]
    fn tables_whose_keys_are_the_users_are_one_value() {
        let configuration = read(json!({
            "engine_version": "AUTO",
            "engine_configuration": {"spark_properties": {"spark.sql.x": "1"}},
        }));
        let leaves = configuration.leaves();
        let paths: Vec<&str> = leaves.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            ["engine_configuration.spark_properties", "engine_version"]
        );
    }

    #[test]
    fn what_is_wanted_goes_over_what_is_there_and_keeps_the_rest() {
        let there = read(json!({
            "monitoring_configuration": {
                "s3_logging_configuration": {"enabled": true, "log_location": "s3://logs/a/"},
            },
            "requester_pays_enabled": true,
        }));
        let wanted = read(json!({
            "monitoring_configuration": {"managed_logging_configuration": {"enabled": true}},
        }));
        let both = wanted.over(&there).expect("they fit");
        assert_eq!(
            both,
            read(json!({
                "monitoring_configuration": {
                    "managed_logging_configuration": {"enabled": true},
                    "s3_logging_configuration": {"enabled": true, "log_location": "s3://logs/a/"},
                },
                "requester_pays_enabled": true,
            }))
        );
    }
}
