//! A workgroup's configuration as the SDK has it: for `CreateWorkGroup`, for `UpdateWorkGroup`, and
//! from `GetWorkGroup`.

use aws_sdk_athena::types as sdk;

use super::configuration::{
    AccessGrants, Acl, Configuration, Encryption, EngineName, EngineVersion, IdentityCenter, Key,
    ManagedResults, Results,
};
use super::spark::{Engine, Monitoring};
use crate::resource::{CallError, built};

impl Configuration {
    /// What `CreateWorkGroup` takes.
    pub fn for_create(&self) -> Result<sdk::WorkGroupConfiguration, CallError> {
        let results = self.result_configuration.as_ref();
        let managed = self.managed_query_results_configuration.as_ref();
        Ok(sdk::WorkGroupConfiguration::builder()
            .set_result_configuration(results.map(Results::for_create).transpose()?)
            .set_managed_query_results_configuration(
                managed.map(ManagedResults::for_create).transpose()?,
            )
            .set_enforce_work_group_configuration(self.enforce_work_group_configuration)
            .set_publish_cloud_watch_metrics_enabled(self.publish_cloud_watch_metrics_enabled)
            .set_bytes_scanned_cutoff_per_query(self.bytes_scanned_cutoff_per_query)
            .set_requester_pays_enabled(self.requester_pays_enabled)
            .set_engine_version(self.engine_version.as_ref().map(EngineVersion::to_sdk))
            .set_additional_configuration(self.additional_configuration.clone())
            .set_execution_role(self.execution_role.clone())
            .set_monitoring_configuration(self.monitoring()?)
            .set_engine_configuration(self.engine_configuration.as_ref().map(Engine::to_sdk))
            .set_customer_content_encryption_configuration(self.content_key()?)
            .set_enable_minimum_encryption_configuration(
                self.enable_minimum_encryption_configuration,
            )
            .set_identity_center_configuration(
                self.identity_center_configuration
                    .as_ref()
                    .map(IdentityCenter::to_sdk),
            )
            .set_query_results_s3_access_grants_configuration(self.access_grants()?)
            .build())
    }

    /// What `UpdateWorkGroup` takes to set what `changed` says of a path in the API's names, and
    /// nothing else. What cannot be set in part is taken from `self` as a whole, which therefore
    /// holds what is there beside what is wanted.
    pub fn for_update(
        &self,
        changed: impl Fn(&str) -> bool,
    ) -> Result<sdk::WorkGroupConfigurationUpdates, CallError> {
        let mut updates = sdk::WorkGroupConfigurationUpdates::builder();
        if changed("result_configuration") {
            let results = self.result_configuration.clone().unwrap_or_default();
            updates = updates.result_configuration_updates(results.for_update(&changed)?);
        }
        if changed("managed_query_results_configuration") {
            let managed = self.managed_query_results_configuration.clone();
            updates = updates.managed_query_results_configuration_updates(
                managed.unwrap_or_default().for_update(&changed)?,
            );
        }
        if changed("enforce_work_group_configuration") {
            updates =
                updates.set_enforce_work_group_configuration(self.enforce_work_group_configuration);
        }
        if changed("publish_cloud_watch_metrics_enabled") {
            updates = updates
                .set_publish_cloud_watch_metrics_enabled(self.publish_cloud_watch_metrics_enabled);
        }
        if changed("bytes_scanned_cutoff_per_query") {
            updates = match self.bytes_scanned_cutoff_per_query {
                Some(cutoff) => updates.bytes_scanned_cutoff_per_query(cutoff),
                None => updates.remove_bytes_scanned_cutoff_per_query(true),
            };
        }
        if changed("requester_pays_enabled") {
            updates = updates.set_requester_pays_enabled(self.requester_pays_enabled);
        }
        if changed("engine_version") {
            updates =
                updates.set_engine_version(self.engine_version.as_ref().map(EngineVersion::to_sdk));
        }
        if changed("additional_configuration") {
            updates = updates.set_additional_configuration(self.additional_configuration.clone());
        }
        if changed("execution_role") {
            updates = updates.set_execution_role(self.execution_role.clone());
        }
        if changed("monitoring_configuration") {
            updates = updates.set_monitoring_configuration(self.monitoring()?);
        }
        if changed("engine_configuration") {
            let engine = self.engine_configuration.as_ref().map(Engine::to_sdk);
            updates = updates.set_engine_configuration(engine);
        }
        if changed("customer_content_encryption_configuration") {
            updates = match self.content_key()? {
                Some(key) => updates.customer_content_encryption_configuration(key),
                None => updates.remove_customer_content_encryption_configuration(true),
            };
        }
        if changed("enable_minimum_encryption_configuration") {
            updates = updates.set_enable_minimum_encryption_configuration(
                self.enable_minimum_encryption_configuration,
            );
        }
        if changed("query_results_s3_access_grants_configuration") {
            updates =
                updates.set_query_results_s3_access_grants_configuration(self.access_grants()?);
        }
        Ok(updates.build())
    }

    fn content_key(
        &self,
    ) -> Result<Option<sdk::CustomerContentEncryptionConfiguration>, CallError> {
        let key = self.customer_content_encryption_configuration.as_ref();
        key.map(|key| {
            let builder = sdk::CustomerContentEncryptionConfiguration::builder();
            built("UpdateWorkGroup", builder.kms_key(&key.kms_key).build())
        })
        .transpose()
    }

    fn monitoring(&self) -> Result<Option<sdk::MonitoringConfiguration>, CallError> {
        let monitoring = self.monitoring_configuration.as_ref();
        monitoring.map(Monitoring::to_sdk).transpose()
    }

    fn access_grants(
        &self,
    ) -> Result<Option<sdk::QueryResultsS3AccessGrantsConfiguration>, CallError> {
        let grants = self.query_results_s3_access_grants_configuration.as_ref();
        grants
            .map(|grants| {
                let builder = sdk::QueryResultsS3AccessGrantsConfiguration::builder()
                    .enable_s3_access_grants(grants.enable_s3_access_grants)
                    .set_create_user_level_prefix(grants.create_user_level_prefix)
                    .authentication_type(grants.authentication_type.as_str().into());
                built("UpdateWorkGroup", builder.build())
            })
            .transpose()
    }

    /// What `GetWorkGroup` answered.
    pub fn of(live: &sdk::WorkGroupConfiguration) -> Self {
        Self {
            result_configuration: live.result_configuration().map(Results::of),
            managed_query_results_configuration: live.managed_query_results_configuration().map(
                |managed| ManagedResults {
                    enabled: managed.enabled(),
                    encryption_configuration: managed.encryption_configuration().map(|e| Key {
                        kms_key: e.kms_key().to_owned(),
                    }),
                },
            ),
            enforce_work_group_configuration: live.enforce_work_group_configuration(),
            publish_cloud_watch_metrics_enabled: live.publish_cloud_watch_metrics_enabled(),
            bytes_scanned_cutoff_per_query: live.bytes_scanned_cutoff_per_query(),
            requester_pays_enabled: live.requester_pays_enabled(),
            engine_version: live
                .engine_version()
                .and_then(sdk::EngineVersion::selected_engine_version)
                .map(|name| EngineVersion::Name(EngineName(name.to_owned()))),
            additional_configuration: text(live.additional_configuration()),
            execution_role: text(live.execution_role()),
            monitoring_configuration: live.monitoring_configuration().map(Monitoring::of),
            engine_configuration: live.engine_configuration().map(Engine::of),
            customer_content_encryption_configuration: live
                .customer_content_encryption_configuration()
                .map(|e| Key {
                    kms_key: e.kms_key().to_owned(),
                }),
            enable_minimum_encryption_configuration: live.enable_minimum_encryption_configuration(),
            identity_center_configuration: live.identity_center_configuration().map(|center| {
                IdentityCenter {
                    enable_identity_center: center.enable_identity_center(),
                    identity_center_instance_arn: text(center.identity_center_instance_arn()),
                }
            }),
            query_results_s3_access_grants_configuration: live
                .query_results_s3_access_grants_configuration()
                .map(|grants| AccessGrants {
                    enable_s3_access_grants: grants.enable_s3_access_grants(),
                    create_user_level_prefix: grants.create_user_level_prefix(),
                    authentication_type: grants.authentication_type().as_str().to_owned(),
                }),
        }
    }
}

pub(super) fn text(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
}

impl Results {
    fn for_create(&self) -> Result<sdk::ResultConfiguration, CallError> {
        let encryption = self.encryption_configuration.as_ref();
        let acl = self.acl_configuration.as_ref();
        Ok(sdk::ResultConfiguration::builder()
            .set_output_location(self.output_location.clone())
            .set_encryption_configuration(encryption.map(Encryption::to_sdk).transpose()?)
            .set_expected_bucket_owner(self.expected_bucket_owner.clone())
            .set_acl_configuration(acl.map(Acl::to_sdk).transpose()?)
            .build())
    }

    fn for_update(
        &self,
        changed: impl Fn(&str) -> bool,
    ) -> Result<sdk::ResultConfigurationUpdates, CallError> {
        let mut updates = sdk::ResultConfigurationUpdates::builder();
        if changed("result_configuration.output_location") {
            updates = match &self.output_location {
                Some(location) => updates.output_location(location),
                None => updates.remove_output_location(true),
            };
        }
        if changed("result_configuration.encryption_configuration") {
            updates = match &self.encryption_configuration {
                Some(encryption) => updates.encryption_configuration(encryption.to_sdk()?),
                None => updates.remove_encryption_configuration(true),
            };
        }
        if changed("result_configuration.expected_bucket_owner") {
            updates = match &self.expected_bucket_owner {
                Some(owner) => updates.expected_bucket_owner(owner),
                None => updates.remove_expected_bucket_owner(true),
            };
        }
        if changed("result_configuration.acl_configuration") {
            updates = match &self.acl_configuration {
                Some(acl) => updates.acl_configuration(acl.to_sdk()?),
                None => updates.remove_acl_configuration(true),
            };
        }
        Ok(updates.build())
    }

    fn of(live: &sdk::ResultConfiguration) -> Self {
        Self {
            output_location: text(live.output_location()),
            encryption_configuration: live.encryption_configuration().map(|e| Encryption {
                encryption_option: e.encryption_option().as_str().to_owned(),
                kms_key: text(e.kms_key()),
            }),
            expected_bucket_owner: text(live.expected_bucket_owner()),
            acl_configuration: live.acl_configuration().map(|acl| Acl {
                s3_acl_option: acl.s3_acl_option().as_str().to_owned(),
            }),
        }
    }
}

impl Encryption {
    fn to_sdk(&self) -> Result<sdk::EncryptionConfiguration, CallError> {
        let builder = sdk::EncryptionConfiguration::builder()
            .encryption_option(self.encryption_option.as_str().into())
            .set_kms_key(self.kms_key.clone());
        built("UpdateWorkGroup", builder.build())
    }
}

impl Acl {
    fn to_sdk(&self) -> Result<sdk::AclConfiguration, CallError> {
        let builder =
            sdk::AclConfiguration::builder().s3_acl_option(self.s3_acl_option.as_str().into());
        built("UpdateWorkGroup", builder.build())
    }
}

impl ManagedResults {
    fn key(&self) -> Result<Option<sdk::ManagedQueryResultsEncryptionConfiguration>, CallError> {
        let key = self.encryption_configuration.as_ref();
        key.map(|key| {
            let builder = sdk::ManagedQueryResultsEncryptionConfiguration::builder();
            built("UpdateWorkGroup", builder.kms_key(&key.kms_key).build())
        })
        .transpose()
    }

    fn for_create(&self) -> Result<sdk::ManagedQueryResultsConfiguration, CallError> {
        Ok(sdk::ManagedQueryResultsConfiguration::builder()
            .enabled(self.enabled)
            .set_encryption_configuration(self.key()?)
            .build())
    }

    fn for_update(
        &self,
        changed: impl Fn(&str) -> bool,
    ) -> Result<sdk::ManagedQueryResultsConfigurationUpdates, CallError> {
        let mut updates = sdk::ManagedQueryResultsConfigurationUpdates::builder();
        if changed("managed_query_results_configuration.enabled") {
            updates = updates.enabled(self.enabled);
        }
        if changed("managed_query_results_configuration.encryption_configuration") {
            updates = match self.key()? {
                Some(key) => updates.encryption_configuration(key),
                None => updates.remove_encryption_configuration(true),
            };
        }
        Ok(updates.build())
    }
}

impl EngineVersion {
    fn to_sdk(&self) -> sdk::EngineVersion {
        sdk::EngineVersion::builder()
            .selected_engine_version(self.name())
            .build()
    }
}

impl IdentityCenter {
    fn to_sdk(&self) -> sdk::IdentityCenterConfiguration {
        sdk::IdentityCenterConfiguration::builder()
            .set_enable_identity_center(self.enable_identity_center)
            .set_identity_center_instance_arn(self.identity_center_instance_arn.clone())
            .build()
    }
}
