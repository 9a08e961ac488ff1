//! Athena's workgroups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_athena::types::{
    ResultConfiguration, ResultConfigurationUpdates, Tag, WorkGroup as AthenaWorkGroup,
    WorkGroupConfiguration, WorkGroupConfigurationUpdates,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::identity::{default_name, own_id, shown_tags, touches_tags};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, call, keys,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Fact;
use crate::stack::types::{S3Path, WorkGroupName};

/// A workgroup of Athena: where results go, and how much a query may read.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The workgroup's name. Default: `STACK-ID`.
    name: Option<WorkGroupName>,
    /// What it is for.
    #[schemars(length(max = 1024))]
    description: Option<String>,
    /// Tags beside the stack's.
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// The folder that results are written to.
    results: Option<S3Path>,
    /// Whether these settings win over those of a client. AWS's default: true.
    enforce: Option<bool>,
    /// A query that would read more bytes is cancelled.
    #[schemars(range(min = 10_000_000))]
    bytes_scanned_cutoff: Option<i64>,
    /// Whether CloudWatch gets metrics. AWS's default: true.
    publish_metrics: Option<bool>,
}

pub(super) struct WorkGroups;

#[derive(Debug)]
struct WorkGroup {
    identity: Identity,
    keys: Keys,
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

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        Ok(Arc::new(WorkGroup {
            identity: Identity::new(address, name, keys.tags.clone(), scope),
            keys,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            for (name, id) in owned_workgroups(cloud, scope).await? {
                owned.push(Arc::new(WorkGroup {
                    identity: Identity::found(self.name(), &id, &name, scope),
                    keys: Keys::default(),
                }));
            }
            Ok(owned)
        })
    }
}

/// Names of all workgroups.
pub(super) async fn list_workgroups(cloud: &Cloud) -> Result<Vec<String>, CallError> {
    let mut names = Vec::new();
    let mut pages = cloud.athena.list_work_groups().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListWorkGroups", error))?;
        names.extend(page.work_groups().iter().filter_map(|w| w.name.clone()));
    }
    Ok(names)
}

async fn owned_workgroups(
    cloud: &Cloud,
    scope: &Scope,
) -> Result<Vec<(String, String)>, CallError> {
    let mut owned = Vec::new();
    for name in list_workgroups(cloud).await? {
        // It is always there, and never ours.
        if name == "primary" {
            continue;
        }
        let arn = scope.arn("athena", &format!("workgroup/{name}"));
        let tags = tags(cloud, &arn).await?;
        if let Some(id) = own_id(&tags, scope) {
            owned.push((name, id.to_owned()));
        }
    }
    Ok(owned)
}

async fn tags(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
    let mut tags = BTreeMap::new();
    let mut pages = cloud
        .athena
        .list_tags_for_resource()
        .resource_arn(arn)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListTagsForResource", error))?;
        for tag in page.tags() {
            tags.insert(
                tag.key().unwrap_or_default().to_owned(),
                tag.value().unwrap_or_default().to_owned(),
            );
        }
    }
    Ok(tags)
}

impl WorkGroup {
    fn arn(&self) -> String {
        let path = format!("workgroup/{}", self.identity.name);
        self.identity.scope.arn("athena", &path)
    }

    fn athena_tags(&self) -> Vec<Tag> {
        self.identity
            .marked_tags()
            .into_iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect()
    }

    async fn get(&self, cloud: &Cloud) -> Result<Option<AthenaWorkGroup>, CallError> {
        let request = cloud
            .athena
            .get_work_group()
            .work_group(&self.identity.name);
        match call!("GetWorkGroup", request) {
            Ok(found) => Ok(found.work_group),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Athena has no code of its own for what is not there.
fn is_gone(error: &CallError) -> bool {
    error.is("InvalidRequestException") && error.message.contains("is not found")
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
            "results" => self.keys.results.as_ref().map(ToString::to_string),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let keys = &self.keys;
        let mut fields = Fields::from([
            ("tags".to_owned(), self.identity.desired_tags()),
            // A cutoff that is taken out of the file has to go.
            (
                "bytes_scanned_cutoff".to_owned(),
                json!(keys.bytes_scanned_cutoff),
            ),
        ]);
        if let Some(description) = &keys.description {
            fields.insert("description".to_owned(), json!(description));
        }
        if let Some(results) = &keys.results {
            fields.insert("results".to_owned(), json!(results));
        }
        if let Some(enforce) = keys.enforce {
            fields.insert("enforce".to_owned(), json!(enforce));
        }
        if let Some(publish) = keys.publish_metrics {
            fields.insert("publish_metrics".to_owned(), json!(publish));
        }
        fields
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::WorkGroup {
            name: self.identity.name.clone(),
            results: self.keys.results.as_ref().map(ToString::to_string),
        }]
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let tags = tags(cloud, &self.arn()).await?;
            let configuration = live.configuration();
            let results = configuration
                .and_then(|c| c.result_configuration())
                .and_then(|r| r.output_location());
            Ok(Some(Live {
                fields: Fields::from([
                    ("tags".to_owned(), shown_tags(&tags)),
                    ("description".to_owned(), json!(live.description)),
                    ("results".to_owned(), json!(results)),
                    (
                        "enforce".to_owned(),
                        json!(
                            configuration
                                .and_then(WorkGroupConfiguration::enforce_work_group_configuration)
                        ),
                    ),
                    (
                        "bytes_scanned_cutoff".to_owned(),
                        json!(
                            configuration
                                .and_then(WorkGroupConfiguration::bytes_scanned_cutoff_per_query)
                        ),
                    ),
                    (
                        "publish_metrics".to_owned(),
                        json!(
                            configuration.and_then(
                                WorkGroupConfiguration::publish_cloud_watch_metrics_enabled
                            )
                        ),
                    ),
                ]),
                ownership: Mark::find(&tags),
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let keys = &self.keys;
            let results = keys.results.as_ref().map(|results| {
                ResultConfiguration::builder()
                    .output_location(results.as_str())
                    .build()
            });
            let configuration = WorkGroupConfiguration::builder()
                .set_result_configuration(results)
                .set_enforce_work_group_configuration(keys.enforce)
                .set_bytes_scanned_cutoff_per_query(keys.bytes_scanned_cutoff)
                .set_publish_cloud_watch_metrics_enabled(keys.publish_metrics)
                .build();
            let request = work
                .cloud
                .athena
                .create_work_group()
                .name(&self.identity.name)
                .set_description(keys.description.clone())
                .configuration(configuration)
                .set_tags(Some(self.athena_tags()));
            call!("CreateWorkGroup", request).map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let athena = &work.cloud.athena;
            if touches_tags(changed) {
                let live = tags(work.cloud, &self.arn()).await?;
                let dropped = self.identity.dropped_tags(&live);
                if !dropped.is_empty() {
                    let request = athena
                        .untag_resource()
                        .resource_arn(self.arn())
                        .set_tag_keys(Some(dropped));
                    call!("UntagResource", request)?;
                }
                let request = athena
                    .tag_resource()
                    .resource_arn(self.arn())
                    .set_tags(Some(self.athena_tags()));
                call!("TagResource", request)?;
            }
            let of_itself =
                |field: &&String| !matches!(field.as_str(), "tags" | crate::engine::ID_TAG);
            if !changed.iter().any(|field| of_itself(&field)) {
                return Ok(());
            }
            let keys = &self.keys;
            let mut updates = WorkGroupConfigurationUpdates::builder();
            if let Some(results) = keys
                .results
                .as_ref()
                .filter(|_| changed.contains("results"))
            {
                updates = updates.result_configuration_updates(
                    ResultConfigurationUpdates::builder()
                        .output_location(results.as_str())
                        .build(),
                );
            }
            if changed.contains("enforce") {
                updates = updates.set_enforce_work_group_configuration(keys.enforce);
            }
            if changed.contains("publish_metrics") {
                updates = updates.set_publish_cloud_watch_metrics_enabled(keys.publish_metrics);
            }
            if changed.contains("bytes_scanned_cutoff") {
                updates = match keys.bytes_scanned_cutoff {
                    Some(cutoff) => updates.bytes_scanned_cutoff_per_query(cutoff),
                    None => updates.remove_bytes_scanned_cutoff_per_query(true),
                };
            }
            let description = changed
                .contains("description")
                .then(|| keys.description.clone().unwrap_or_default());
            let request = athena
                .update_work_group()
                .work_group(&self.identity.name)
                .set_description(description)
                .configuration_updates(updates.build());
            call!("UpdateWorkGroup", request).map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work
                .cloud
                .athena
                .delete_work_group()
                .work_group(&self.identity.name)
                .recursive_delete_option(true);
            match call!("DeleteWorkGroup", request) {
                Err(error) if !is_gone(&error) => Err(error),
                _ => Ok(()),
            }
        })
    }
}
