//! Athena's workgroups.

mod calls;
mod configuration;
mod holdings;
mod keys;
mod sdk;
mod shorthand;
mod spark;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_athena::types::{
    Tag, WorkGroup as AthenaWorkGroup, WorkGroupConfiguration, WorkGroupState,
};
use schemars::{JsonSchema as _, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::identity::{default_name, shown_tags, touches_tags};
use super::{
    Address, Attribute, Call, CallError, Fields, Held, Identity, Kind, Live, Problem, Resource,
    Scope, Work, call, lacking,
};
use crate::cloud::Cloud;
use crate::engine::{ID_TAG, Mark};
use crate::policy::Fact;
pub(super) use calls::{is_gone, list_workgroups};
use calls::{owned_workgroups, tags};
use configuration::Configuration;
use holdings::holdings;
use keys::{Keys, State};
use shorthand::Names;

/// How many workgroups are looked into at a time.
pub(super) const LISTINGS_AT_A_TIME: usize = 8;

/// The workgroup that is in every account.
const PRIMARY: &str = "primary";

/// What goes when it is taken out of the file: Athena has a way to remove it.
const REMOVABLE: [&str; 8] = [
    "result_configuration.output_location",
    "result_configuration.encryption_configuration.encryption_option",
    "result_configuration.encryption_configuration.kms_key",
    "result_configuration.expected_bucket_owner",
    "result_configuration.acl_configuration.s3_acl_option",
    "managed_query_results_configuration.encryption_configuration.kms_key",
    "bytes_scanned_cutoff_per_query",
    "customer_content_encryption_configuration.kms_key",
];

pub(super) struct WorkGroups;

#[derive(Debug)]
struct WorkGroup {
    identity: Identity,
    description: Option<String>,
    state: Option<State>,
    configuration: Configuration,
    names: Names,
}

impl Kind for WorkGroups {
    fn name(&self) -> &'static str {
        "workgroups"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the workgroup's name",
            },
            Attribute {
                name: "arn",
                doc: "its ARN",
            },
            Attribute {
                name: "results",
                doc: "the folder that results are written to",
            },
        ]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &[
            "identity_center_configuration.enable_identity_center",
            "identity_center_configuration.identity_center_instance_arn",
        ]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let mut keys: Keys = super::keys(config)?;
        let names = keys.shorthands.expand(&mut keys.configuration)?;
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        Ok(Arc::new(WorkGroup {
            identity: Identity::new(address, name, keys.tags, scope),
            description: keys.description,
            state: keys.state,
            configuration: keys.configuration,
            names,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            for (name, id) in owned_workgroups(cloud, scope).await? {
                owned.push(Arc::new(WorkGroup {
                    identity: Identity::found(self.name(), &id, &name, scope),
                    description: None,
                    state: None,
                    configuration: Configuration::default(),
                    names: Names::default(),
                }));
            }
            Ok(owned)
        })
    }
}

fn arn(scope: &Scope, name: &str) -> String {
    scope.arn("athena", &format!("workgroup/{name}"))
}

impl WorkGroup {
    fn arn(&self) -> String {
        arn(&self.identity.scope, &self.identity.name)
    }

    fn athena_tags(&self) -> Vec<Tag> {
        self.identity
            .marked_tags()
            .into_iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect()
    }

    fn results(&self) -> Option<String> {
        self.configuration
            .result_configuration
            .as_ref()?
            .output_location
            .clone()
    }

    /// What is wanted, over what is there where it is not removed by being unset.
    async fn target(&self, cloud: &Cloud) -> Result<Configuration, CallError> {
        let live = self.get(cloud).await?;
        let live = live
            .as_ref()
            .and_then(AthenaWorkGroup::configuration)
            .map(Configuration::of)
            .unwrap_or_default();
        let wanted = &self.configuration;
        let mut target = wanted.over(&live)?;
        target
            .result_configuration
            .clone_from(&wanted.result_configuration);
        target.bytes_scanned_cutoff_per_query = wanted.bytes_scanned_cutoff_per_query;
        target
            .customer_content_encryption_configuration
            .clone_from(&wanted.customer_content_encryption_configuration);
        if let Some(managed) = &mut target.managed_query_results_configuration {
            let wanted = wanted.managed_query_results_configuration.as_ref();
            managed.encryption_configuration =
                wanted.and_then(|wanted| wanted.encryption_configuration.clone());
        }
        Ok(target)
    }
}

impl Resource for WorkGroup {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        WorkGroups.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match attribute {
            "arn" => Some(self.arn()),
            "results" => self.results(),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let mut leaves = self.configuration.leaves();
        for path in REMOVABLE {
            leaves.entry(path.to_owned()).or_default();
        }
        let mut fields: Fields = leaves
            .into_iter()
            .map(|(path, value)| (self.names.shown(&path), value))
            .collect();
        fields.insert("tags".to_owned(), self.identity.desired_tags());
        if let Some(description) = &self.description {
            fields.insert("description".to_owned(), json!(description));
        }
        if let Some(state) = self.state {
            fields.insert("state".to_owned(), json!(state));
        }
        fields
    }

    fn refuse(&self, cloud: &Cloud, _live: Option<&Live>) -> Option<CallError> {
        let what = self.configuration.beyond_the_embedded_cloud()?;
        lacking(cloud, "CreateWorkGroup", what)
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::WorkGroup {
            name: self.identity.name.clone(),
            results: self.results(),
        }]
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let arn = self.arn();
            let (live, tags) = futures::try_join!(self.get(cloud), tags(cloud, &arn))?;
            let Some(live) = live else {
                return Ok(None);
            };
            let configuration = live.configuration().map(Configuration::of);
            let mut fields: Fields = configuration
                .unwrap_or_default()
                .leaves()
                .into_iter()
                .map(|(path, value)| (self.names.shown(&path), value))
                .collect();
            fields.insert("tags".to_owned(), shown_tags(&tags));
            fields.insert("description".to_owned(), json!(live.description));
            let state = live.state().map(WorkGroupState::as_str);
            fields.insert("state".to_owned(), json!(state));
            let engine = live
                .configuration()
                .and_then(WorkGroupConfiguration::engine_version)
                .and_then(|version| version.effective_engine_version());
            fields.insert("effective_engine_version".to_owned(), json!(engine));
            Ok(Some(Live {
                fields,
                ownership: Mark::find(&tags),
            }))
        })
    }

    fn holds<'a>(&'a self, cloud: &'a Cloud, _leaving: &'a [Fact]) -> Call<'a, Option<Held>> {
        Box::pin(holdings(cloud, &self.identity.name, &self.identity.scope))
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work
                .cloud
                .athena
                .create_work_group()
                .name(&self.identity.name)
                .set_description(self.description.clone())
                .configuration(self.configuration.for_create()?)
                .set_tags(Some(self.athena_tags()));
            call!("CreateWorkGroup", request)?;
            // A new one is always enabled.
            if matches!(self.state, Some(State::Disabled)) {
                let request = work
                    .cloud
                    .athena
                    .update_work_group()
                    .work_group(&self.identity.name)
                    .state(WorkGroupState::Disabled);
                call!("UpdateWorkGroup", request)?;
            }
            Ok(())
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            if touches_tags(changed) {
                self.put_tags(work.cloud).await?;
            }
            let is_setting = |field: &&String| {
                !matches!(field.as_str(), "tags" | "description" | "state" | ID_TAG)
            };
            let settings: Vec<String> = changed
                .iter()
                .filter(is_setting)
                .map(|field| self.names.api(field))
                .collect();
            let [description, state] =
                ["description", "state"].map(|field| changed.contains(field));
            if settings.is_empty() && !description && !state {
                return Ok(());
            }
            let mut request = work
                .cloud
                .athena
                .update_work_group()
                .work_group(&self.identity.name);
            if !settings.is_empty() {
                let below = |path: &str, of: &str| {
                    path.strip_prefix(of)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                let target = self.target(work.cloud).await?;
                let updates =
                    target.for_update(|of| settings.iter().any(|path| below(path, of)))?;
                request = request.configuration_updates(updates);
            }
            if description {
                request = request.set_description(self.description.clone());
            }
            if state {
                request = request.set_state(self.state.map(WorkGroupState::from));
            }
            call!("UpdateWorkGroup", request).map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            if self.identity.name == PRIMARY {
                work.note("it stays, as Athena does not delete it; only the stack's mark goes");
                return self.leave(work.cloud).await;
            }
            let request = work
                .cloud
                .athena
                .delete_work_group()
                .work_group(&self.identity.name)
                .recursive_delete_option(work.force);
            match call!("DeleteWorkGroup", request) {
                Err(error) if is_gone(&error) => Ok(()),
                Err(error) if error.message.contains("not empty") => Err(error.with_help(format!(
                    "--force {} deletes it with all that is in it",
                    self.identity.address
                ))),
                deleted => deleted.map(drop),
            }
        })
    }
}
