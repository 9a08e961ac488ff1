//! Glue's crawlers.

mod configuration;
mod fields;
mod keys;
mod targets;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_glue::types::{
    Crawler as GlueCrawler, CrawlerLineageSettings, DeleteBehavior, LakeFormationConfiguration,
    LineageConfiguration, RecrawlBehavior, RecrawlPolicy, SchemaChangePolicy, UpdateBehavior,
};
use futures::{StreamExt as _, TryStreamExt as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use self::keys::{Keys, Recrawl};
use super::databases::sorted;
use super::identity::{default_name, own_id, shown_tags, touches_tags};
use super::retry::{IAM_DELAY, is_iam_delay, retry};
use super::roles::{TAGS_AT_A_TIME, derived_arn};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, call, keys, lacking, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::{ID_TAG, Mark};
use crate::policy::{Fact, Need};

/// How long a running crawl may hold up a change.
const CRAWL_LIMIT: Duration = Duration::from_mins(30);

pub(super) struct Crawlers;

#[derive(Debug)]
struct Crawler {
    identity: Identity,
    /// None if only the live crawler is known.
    keys: Option<Keys>,
    desired: Fields,
}

impl Kind for Crawlers {
    fn name(&self) -> &'static str {
        "crawlers"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the crawler's name",
            },
            Attribute {
                name: "arn",
                doc: "its ARN",
            },
            Attribute {
                name: "role",
                doc: "the role it works under",
            },
            Attribute {
                name: "database",
                doc: "the database that its tables go to",
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
        let mistakes = keys.mistakes();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        let desired = fields::desired(&keys)
            .map_err(|error| vec![Problem::new("", error.to_string(), "this table")])?;
        Ok(Arc::new(Crawler {
            identity: Identity::new(address, name, keys.tags.clone(), scope),
            keys: Some(keys),
            desired,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut names = Vec::new();
            let mut pages = cloud
                .glue
                .list_crawlers()
                .tags(crate::engine::STACK_TAG, &scope.stack)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("ListCrawlers", error))?;
                names.extend(page.crawler_names.unwrap_or_default());
            }
            let found: Vec<Option<Arc<dyn Resource>>> =
                futures::stream::iter(names.into_iter().map(|name| async move {
                    let arn = scope.arn("glue", &format!("crawler/{name}"));
                    let tags = tags(cloud, &arn).await?;
                    Ok::<_, CallError>(own_id(&tags, scope).map(|id| -> Arc<dyn Resource> {
                        Arc::new(Crawler {
                            identity: Identity::found(self.name(), id, &name, scope),
                            keys: None,
                            desired: Fields::new(),
                        })
                    }))
                }))
                .buffered(TAGS_AT_A_TIME)
                .try_collect()
                .await?;
            Ok(found.into_iter().flatten().collect())
        })
    }
}

async fn tags(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
    let answer = call!("GetTags", cloud.glue.get_tags().resource_arn(arn));
    let found = unless_gone(answer, &["EntityNotFoundException"])?;
    Ok(sorted(found.and_then(|found| found.tags)))
}

impl Crawler {
    fn arn(&self) -> String {
        let path = format!("crawler/{}", self.identity.name);
        self.identity.scope.arn("glue", &path)
    }

    fn role(&self, keys: &Keys) -> String {
        match &keys.role {
            Some(role) => role.to_string(),
            None => derived_arn(&self.identity.address, &self.identity.scope),
        }
    }

    async fn get(&self, cloud: &Cloud) -> Result<Option<GlueCrawler>, CallError> {
        let request = cloud.glue.get_crawler().name(&self.identity.name);
        let found = unless_gone(call!("GetCrawler", request), &["EntityNotFoundException"])?;
        Ok(found.and_then(|found| found.crawler))
    }

    async fn set_tags(&self, cloud: &Cloud) -> Result<(), CallError> {
        let live = tags(cloud, &self.arn()).await?;
        let dropped = self.identity.dropped_tags(&live);
        if !dropped.is_empty() {
            let request = cloud.glue.untag_resource().resource_arn(self.arn());
            call!("UntagResource", request.set_tags_to_remove(Some(dropped)))?;
        }
        let tags = self.identity.marked_tags().into_iter().collect();
        let request = cloud.glue.tag_resource().resource_arn(self.arn());
        call!("TagResource", request.set_tags_to_add(Some(tags))).map(drop)
    }
}

/// What is said with one of an API's names: `UPDATE_IN_DATABASE`.
fn name_of(value: impl serde::Serialize) -> Option<String> {
    json!(value).as_str().map(str::to_owned)
}

/// The policy, of which a half that the file does not set stays as it is live.
fn schema_change_policy(keys: &Keys, live: Option<&GlueCrawler>) -> Option<SchemaChangePolicy> {
    let live = live.and_then(|live| live.schema_change_policy());
    let (update, delete) = (keys.update_behavior(), keys.delete_behavior());
    if update.is_none() && delete.is_none() {
        return None;
    }
    let update = update.and_then(name_of);
    let update = update.map(|name| UpdateBehavior::from(name.as_str()));
    let delete = delete.and_then(name_of);
    let delete = delete.map(|name| DeleteBehavior::from(name.as_str()));
    let policy = SchemaChangePolicy::builder()
        .set_update_behavior(update.or_else(|| live?.update_behavior.clone()))
        .set_delete_behavior(delete.or_else(|| live?.delete_behavior.clone()));
    Some(policy.build())
}

fn recrawl_policy(keys: &Keys) -> Option<RecrawlPolicy> {
    let behavior = name_of(keys.recrawl_behavior()?)?;
    let behavior = RecrawlBehavior::from(behavior.as_str());
    Some(RecrawlPolicy::builder().recrawl_behavior(behavior).build())
}

fn lineage_configuration(keys: &Keys) -> Option<LineageConfiguration> {
    let settings = name_of(keys.lineage_configuration.crawler_lineage_settings?)?;
    let settings = CrawlerLineageSettings::from(settings.as_str());
    let builder = LineageConfiguration::builder();
    Some(builder.crawler_lineage_settings(settings).build())
}

fn lake_formation_configuration(
    keys: &Keys,
    live: Option<&GlueCrawler>,
) -> Option<LakeFormationConfiguration> {
    let wanted = &keys.lake_formation_configuration;
    let (uses, account) = (wanted.use_lake_formation_credentials, &wanted.account_id);
    if uses.is_none() && account.is_none() {
        return None;
    }
    let live = live.and_then(|live| live.lake_formation_configuration());
    let configuration = LakeFormationConfiguration::builder()
        .set_use_lake_formation_credentials(uses.or_else(|| live?.use_lake_formation_credentials))
        .set_account_id(account.clone().or_else(|| live?.account_id.clone()));
    Some(configuration.build())
}

/// Requests to create and to update a crawler have the same members.
macro_rules! with_keys {
    ($request:expr, $self:ident, $keys:ident, $live:expr) => {
        $request
            .name(&$self.identity.name)
            .role($self.role($keys))
            .set_database_name($keys.database.as_ref().map(ToString::to_string))
            .targets(targets::of_keys($keys)?)
            .set_description($keys.description.clone())
            .set_table_prefix($keys.table_prefix.clone())
            .set_schema_change_policy(schema_change_policy($keys, $live))
            .set_recrawl_policy(recrawl_policy($keys))
            .set_lineage_configuration(lineage_configuration($keys))
            .set_lake_formation_configuration(lake_formation_configuration($keys, $live))
            .set_crawler_security_configuration($keys.crawler_security_configuration.clone())
    };
}

impl Resource for Crawler {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Crawlers.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match (attribute, &self.keys) {
            ("arn", _) => Some(self.arn()),
            ("role", Some(keys)) => Some(self.role(keys)),
            ("database", Some(keys)) => keys.database.as_ref().map(ToString::to_string),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let Some(keys) = &self.keys else {
            return Fields::new();
        };
        let mut fields = self.desired.clone();
        fields.insert("tags".to_owned(), self.identity.desired_tags());
        fields.insert("role".to_owned(), json!(self.role(keys)));
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        let keys = self.keys.as_ref();
        let of_catalog = keys.is_some_and(|keys| !keys.catalog().is_empty());
        fields::same(field, desired, live, of_catalog)
    }

    fn refuse(&self, cloud: &Cloud, _live: Option<&Live>) -> Option<CallError> {
        let keys = self.keys.as_ref()?;
        let lake_formation = &keys.lake_formation_configuration;
        let security = keys.crawler_security_configuration.as_deref();
        let what = if let Some(kind) = keys.foreign_targets().first() {
            format!("crawlers with `{kind}`")
        } else if keys.makes_symlink_tables() {
            "crawlers with `delta_targets` that have no `create_native_delta_table = true`"
                .to_owned()
        } else if keys.connects() {
            "crawlers with `connection_name`".to_owned()
        } else if !keys.event_queues().is_empty() {
            "crawlers with `event_queue_arn`".to_owned()
        } else if keys.recrawl_behavior() == Some(Recrawl::CrawlEventMode) {
            "crawlers with CRAWL_EVENT_MODE".to_owned()
        } else if lake_formation.use_lake_formation_credentials == Some(true) {
            "crawlers with `use_lake_formation_credentials`".to_owned()
        } else if security.is_some_and(|name| !name.is_empty()) {
            "crawlers with `crawler_security_configuration`".to_owned()
        } else {
            return None;
        };
        lacking(cloud, "CreateCrawler", &what)
    }

    fn facts(&self) -> Vec<Fact> {
        let Some(keys) = &self.keys else {
            return Vec::new();
        };
        let crawl = keys.database.as_ref().map(|database| Fact::Crawl {
            database: database.to_string(),
            paths: keys.folders(),
        });
        crawl.into_iter().collect()
    }

    fn needs_role(&self) -> Option<Need> {
        self.keys.as_ref().filter(|keys| keys.role.is_none())?;
        self.need()
    }

    fn need(&self) -> Option<Need> {
        let keys = self.keys.as_ref()?;
        let database = keys.database.as_ref().map(ToString::to_string);
        let extra = keys.extra_statements.iter();
        Some(Need::Crawler {
            name: self.identity.name.clone(),
            database: database.unwrap_or_default(),
            table_prefix: keys.table_prefix.clone().unwrap_or_default(),
            paths: keys.folders(),
            catalog_targets: keys.catalog().iter().map(targets::needed).collect(),
            event_queues: keys.event_queues(),
            extra_statements: extra.cloned().map(Value::Object).collect(),
        })
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let tags = tags(cloud, &self.arn()).await?;
            let mut fields = fields::live(&live);
            fields.insert("tags".to_owned(), shown_tags(&tags));
            Ok(Some(Live {
                fields,
                ownership: Mark::find(&tags),
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(keys) = &self.keys else {
                return Ok(());
            };
            let created = retry(
                work,
                "Glue cannot take the role yet",
                IAM_DELAY,
                is_iam_delay,
                || async {
                    let schedule = keys.schedule.as_ref().map(ToString::to_string);
                    let configuration = keys.configuration.as_ref();
                    let request = with_keys!(work.cloud.glue.create_crawler(), self, keys, None)
                        .set_schedule(schedule)
                        .set_classifiers(keys.classifiers.clone())
                        .set_configuration(configuration.map(|c| configuration::text(Some(c))))
                        .set_tags(Some(self.identity.marked_tags().into_iter().collect()));
                    call!("CreateCrawler", request)
                },
            )
            .await;
            created.map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(keys) = &self.keys else {
                return Ok(());
            };
            if touches_tags(changed) {
                self.set_tags(work.cloud).await?;
            }
            if changed
                .iter()
                .all(|field| field == "tags" || field == ID_TAG)
            {
                return Ok(());
            }
            let live = self.get(work.cloud).await?;
            let update = || async {
                let glue = &work.cloud.glue;
                let mut request = with_keys!(glue.update_crawler(), self, keys, live.as_ref());
                if changed.contains("schedule") {
                    // An empty schedule takes it away.
                    let schedule = keys.schedule.as_ref().map(ToString::to_string);
                    request = request.schedule(schedule.unwrap_or_default());
                }
                if changed.contains("classifiers") {
                    let classifiers = keys.classifiers.clone();
                    request = request.set_classifiers(Some(classifiers.unwrap_or_default()));
                }
                if changed.contains("configuration") {
                    let configuration = keys.configuration.as_ref();
                    request = request.configuration(configuration::text(configuration));
                }
                call!("UpdateCrawler", request)
            };
            let is_running = |error: &CallError| error.is("CrawlerRunningException");
            retry(
                work,
                "the crawler is running",
                CRAWL_LIMIT,
                is_running,
                || {
                    let passes = |error: &CallError| {
                        is_iam_delay(error) || error.is("SchedulerTransitioningException")
                    };
                    let what = "Glue cannot take the change yet";
                    retry(work, what, IAM_DELAY, passes, update)
                },
            )
            .await
            .map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let passes = |error: &CallError| {
                error.is_any(&["CrawlerRunningException", "SchedulerTransitioningException"])
            };
            let what = "the crawler stops";
            retry(work, what, CRAWL_LIMIT, passes, || async {
                let glue = &work.cloud.glue;
                let request = glue.delete_crawler().name(&self.identity.name);
                let answer = call!("DeleteCrawler", request);
                let gone = ["EntityNotFoundException"];
                let deleted = unless_gone(answer, &gone).map(drop);
                if deleted
                    .as_ref()
                    .is_err_and(|error| error.is("CrawlerRunningException"))
                {
                    let request = glue.stop_crawler().name(&self.identity.name);
                    let over = [
                        "CrawlerNotRunningException",
                        "CrawlerStoppingException",
                        "EntityNotFoundException",
                    ];
                    unless_gone(call!("StopCrawler", request), &over)?;
                }
                deleted
            })
            .await
        })
    }
}
