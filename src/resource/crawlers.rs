//! Glue's crawlers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_glue::types::{
    Crawler as GlueCrawler, CrawlerTargets, DeleteBehavior, RecrawlBehavior, RecrawlPolicy,
    S3Target, SchemaChangePolicy, UpdateBehavior,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::databases::sorted;
use super::identity::{default_name, own_id, shown_tags, touches_tags};
use super::retry::{IAM_DELAY, is_iam_delay, poll, retry};
use super::roles::derived_arn;
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::{Fact, Need};
use crate::stack::types::{CatalogName, CrawlerName, CronSchedule, RoleReference, S3Path};

/// A crawler of Glue: looks at the objects below its paths and keeps tables of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The crawler's name. Default: `STACK-ID`.
    name: Option<CrawlerName>,
    /// What it finds.
    #[schemars(length(max = 2048))]
    description: Option<String>,
    /// Tags beside the stack's.
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// The database that its tables go to.
    database: CatalogName,
    /// The folders it looks at.
    #[schemars(length(min = 1))]
    paths: Vec<S3Path>,
    /// Glob patterns of what it passes over.
    exclusions: Option<Vec<String>>,
    /// When it runs by itself, in UTC: `cron(0 3 * * ? *)`. Without it, only when it is told to.
    schedule: Option<CronSchedule>,
    /// The role it works under, by name or ARN. Without it, one is made that may do exactly what
    /// this crawler needs.
    role: Option<RoleReference>,
    /// What table names start with.
    #[schemars(length(max = 128))]
    table_prefix: Option<String>,
    /// What happens to a table whose data has other columns now. AWS's default:
    /// `UPDATE_IN_DATABASE`.
    on_change: Option<OnChange>,
    /// What happens to a table whose data is gone. AWS's default: `DEPRECATE_IN_DATABASE`.
    on_delete: Option<OnDelete>,
    /// Which folders it looks at when it runs again. AWS's default: `CRAWL_EVERYTHING`.
    recrawl: Option<Recrawl>,
    /// The crawler's configuration, as a table; `Version` may be left out.
    configuration: Option<serde_json::Map<String, Value>>,
}

/// What happens to a table whose data has other columns now.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum OnChange {
    UpdateInDatabase,
    Log,
}

/// What happens to a table whose data is gone.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum OnDelete {
    DeprecateInDatabase,
    DeleteFromDatabase,
    Log,
}

/// Which folders are looked at again.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Recrawl {
    CrawlEverything,
    CrawlNewFoldersOnly,
}

/// How long a running crawl may hold up a change.
const CRAWL_LIMIT: Duration = Duration::from_mins(30);

pub(super) struct Crawlers;

#[derive(Debug)]
struct Crawler {
    identity: Identity,
    /// None if only the live crawler is known.
    keys: Option<Keys>,
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
        let logs = |behavior: Option<Value>| behavior == Some(json!("LOG"));
        if matches!(keys.recrawl, Some(Recrawl::CrawlNewFoldersOnly))
            && !(logs(keys.on_change.map(|b| json!(b))) && logs(keys.on_delete.map(|b| json!(b))))
        {
            let problem = Problem::new(
                "recrawl",
                "a crawler that looks at new folders only cannot change or delete tables",
                "needs on_change = \"LOG\" and on_delete = \"LOG\"",
            );
            return Err(vec![problem]);
        }
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        Ok(Arc::new(Crawler {
            identity: Identity::new(address, name, keys.tags.clone(), scope),
            keys: Some(keys),
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            let mut pages = cloud
                .glue
                .list_crawlers()
                .tags(crate::engine::STACK_TAG, &scope.stack)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("ListCrawlers", error))?;
                for name in page.crawler_names() {
                    let arn = scope.arn("glue", &format!("crawler/{name}"));
                    let tags = tags(cloud, &arn).await?;
                    if let Some(id) = own_id(&tags, scope) {
                        owned.push(Arc::new(Crawler {
                            identity: Identity::found(self.name(), id, name, scope),
                            keys: None,
                        }));
                    }
                }
            }
            Ok(owned)
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

    /// A change of a running crawler is refused: waits for the end of its run.
    async fn wait_until_ready(&self, work: &Work<'_>) -> Result<(), CallError> {
        poll(
            work,
            "GetCrawler",
            "the crawler is running",
            CRAWL_LIMIT,
            || async {
                let live = self.get(work.cloud).await?;
                let state = live.as_ref().and_then(|live| live.state());
                let is_ready = state.is_none_or(|state| state.as_str() == "READY");
                Ok(is_ready.then_some(()))
            },
        )
        .await
    }
}

fn targets(keys: &Keys) -> CrawlerTargets {
    let targets = keys.paths.iter().map(|path| {
        S3Target::builder()
            .path(path.as_str())
            .set_exclusions(keys.exclusions.clone())
            .build()
    });
    CrawlerTargets::builder()
        .set_s3_targets(Some(targets.collect()))
        .build()
}

fn schema_change_policy(keys: &Keys) -> Option<SchemaChangePolicy> {
    if keys.on_change.is_none() && keys.on_delete.is_none() {
        return None;
    }
    let text = |behavior: Value| behavior.as_str().map(str::to_owned);
    let update = keys.on_change.and_then(|b| text(json!(b)));
    let delete = keys.on_delete.and_then(|b| text(json!(b)));
    Some(
        SchemaChangePolicy::builder()
            .set_update_behavior(update.map(|b| UpdateBehavior::from(b.as_str())))
            .set_delete_behavior(delete.map(|b| DeleteBehavior::from(b.as_str())))
            .build(),
    )
}

fn recrawl_policy(keys: &Keys) -> Option<RecrawlPolicy> {
    let behavior = json!(keys.recrawl?);
    let behavior = RecrawlBehavior::from(behavior.as_str()?);
    Some(RecrawlPolicy::builder().recrawl_behavior(behavior).build())
}

/// The configuration with its version, as Glue wants and gives it.
fn configuration(keys: &Keys) -> Option<Value> {
    let mut configuration = keys.configuration.clone()?;
    if !configuration.contains_key("Version") {
        configuration.insert("Version".to_owned(), json!(1.0));
    }
    Some(Value::Object(configuration))
}

/// Requests to create and to update a crawler have the same members.
macro_rules! with_keys {
    ($request:expr, $self:ident, $keys:ident) => {
        $request
            .name(&$self.identity.name)
            .role($self.role($keys))
            .database_name($keys.database.as_str())
            .targets(targets($keys))
            .set_description($keys.description.clone())
            .set_table_prefix($keys.table_prefix.clone())
            .set_schema_change_policy(schema_change_policy($keys))
            .set_recrawl_policy(recrawl_policy($keys))
            .set_configuration(configuration($keys).map(|c| c.to_string()))
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
            ("database", Some(keys)) => Some(keys.database.to_string()),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let Some(keys) = &self.keys else {
            return Fields::new();
        };
        let mut fields = Fields::from([
            ("tags".to_owned(), self.identity.desired_tags()),
            ("role".to_owned(), json!(self.role(keys))),
            ("database".to_owned(), json!(keys.database)),
            ("paths".to_owned(), json!(keys.paths)),
            // A schedule that is taken out of the file has to go.
            ("schedule".to_owned(), json!(keys.schedule)),
        ]);
        let mut set = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(field.to_owned(), value);
            }
        };
        set("description", keys.description.as_ref().map(|v| json!(v)));
        set("exclusions", keys.exclusions.as_ref().map(|v| json!(v)));
        set("table_prefix", keys.table_prefix.as_ref().map(|v| json!(v)));
        set("on_change", keys.on_change.map(|v| json!(v)));
        set("on_delete", keys.on_delete.map(|v| json!(v)));
        set("recrawl", keys.recrawl.map(|v| json!(v)));
        set("configuration", configuration(keys));
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        match field {
            // Glue takes a role's ARN and gives its name, with its path or without.
            "role" => {
                let name = |role: &Value| {
                    let role = role.as_str().unwrap_or_default();
                    role.rsplit('/').next().unwrap_or_default().to_owned()
                };
                name(desired) == name(live)
            }
            _ => desired == live,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let crawl = self.keys.as_ref().map(|keys| Fact::Crawl {
            database: keys.database.to_string(),
            paths: keys.paths.iter().map(ToString::to_string).collect(),
        });
        crawl.into_iter().collect()
    }

    fn needs_role(&self) -> Option<Need> {
        self.keys.as_ref().filter(|keys| keys.role.is_none())?;
        self.need()
    }

    fn need(&self) -> Option<Need> {
        let keys = self.keys.as_ref()?;
        Some(Need::Crawler {
            name: self.identity.name.clone(),
            database: keys.database.to_string(),
            table_prefix: keys.table_prefix.clone().unwrap_or_default(),
            paths: keys.paths.iter().map(ToString::to_string).collect(),
            catalog_targets: Vec::new(),
            event_queues: Vec::new(),
            extra_statements: Vec::new(),
        })
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let tags = tags(cloud, &self.arn()).await?;
            let targets = live
                .targets()
                .map_or(&[][..], |targets| targets.s3_targets());
            let paths: Vec<_> = targets.iter().filter_map(|target| target.path()).collect();
            let exclusions = targets.first().map(S3Target::exclusions);
            let changes = live.schema_change_policy();
            let configuration: Option<Value> = live
                .configuration()
                .filter(|text| !text.is_empty())
                .map(|text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)));
            Ok(Some(Live {
                fields: Fields::from([
                    ("tags".to_owned(), shown_tags(&tags)),
                    ("role".to_owned(), json!(live.role)),
                    ("database".to_owned(), json!(live.database_name)),
                    ("paths".to_owned(), json!(paths)),
                    ("exclusions".to_owned(), json!(exclusions)),
                    (
                        "schedule".to_owned(),
                        json!(live.schedule().and_then(|s| s.schedule_expression())),
                    ),
                    ("description".to_owned(), json!(live.description)),
                    ("table_prefix".to_owned(), json!(live.table_prefix)),
                    (
                        "on_change".to_owned(),
                        json!(
                            changes
                                .and_then(|c| c.update_behavior())
                                .map(UpdateBehavior::as_str)
                        ),
                    ),
                    (
                        "on_delete".to_owned(),
                        json!(
                            changes
                                .and_then(|c| c.delete_behavior())
                                .map(DeleteBehavior::as_str)
                        ),
                    ),
                    (
                        "recrawl".to_owned(),
                        json!(
                            live.recrawl_policy()
                                .and_then(|r| r.recrawl_behavior())
                                .map(RecrawlBehavior::as_str)
                        ),
                    ),
                    ("configuration".to_owned(), json!(configuration)),
                ]),
                ownership: Mark::find(&tags),
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(keys) = &self.keys else {
                return Ok(());
            };
            retry(
                work,
                "Glue cannot take the role yet",
                IAM_DELAY,
                is_iam_delay,
                || async {
                    let schedule = keys.schedule.as_ref().map(ToString::to_string);
                    let request = with_keys!(work.cloud.glue.create_crawler(), self, keys)
                        .set_schedule(schedule)
                        .set_tags(Some(self.identity.marked_tags().into_iter().collect()));
                    call!("CreateCrawler", request)
                },
            )
            .await
            .map(drop)
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
            let glue = &work.cloud.glue;
            if touches_tags(changed) {
                let live = tags(work.cloud, &self.arn()).await?;
                let dropped = self.identity.dropped_tags(&live);
                if !dropped.is_empty() {
                    let request = glue
                        .untag_resource()
                        .resource_arn(self.arn())
                        .set_tags_to_remove(Some(dropped));
                    call!("UntagResource", request)?;
                }
                let request = glue
                    .tag_resource()
                    .resource_arn(self.arn())
                    .set_tags_to_add(Some(self.identity.marked_tags().into_iter().collect()));
                call!("TagResource", request)?;
            }
            let of_itself =
                |field: &&String| !matches!(field.as_str(), "tags" | crate::engine::ID_TAG);
            if !changed.iter().any(|field| of_itself(&field)) {
                return Ok(());
            }
            loop {
                self.wait_until_ready(work).await?;
                let updated = retry(
                    work,
                    "Glue cannot take the change yet",
                    IAM_DELAY,
                    |error| is_iam_delay(error) || error.is("SchedulerTransitioningException"),
                    || async {
                        let mut request = with_keys!(glue.update_crawler(), self, keys);
                        if changed.contains("schedule") {
                            // An empty schedule takes it away.
                            let schedule = keys.schedule.as_ref().map(ToString::to_string);
                            request = request.schedule(schedule.unwrap_or_default());
                        }
                        call!("UpdateCrawler", request)
                    },
                )
                .await;
                match updated {
                    // Its schedule was faster.
                    Err(error) if error.is("CrawlerRunningException") => {}
                    other => return other.map(drop),
                }
            }
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let glue = &work.cloud.glue;
            loop {
                let request = glue.delete_crawler().name(&self.identity.name);
                let answer = call!("DeleteCrawler", request);
                match unless_gone(answer, &["EntityNotFoundException"]) {
                    Err(error) if error.is("CrawlerRunningException") => {
                        let request = glue.stop_crawler().name(&self.identity.name);
                        let stopped = call!("StopCrawler", request);
                        let over = ["CrawlerNotRunningException", "CrawlerStoppingException"];
                        unless_gone(stopped, &over)?;
                        self.wait_until_ready(work).await?;
                    }
                    Err(error) if error.is("SchedulerTransitioningException") => {
                        self.wait_until_ready(work).await?;
                        tokio::time::sleep(Duration::from_secs(2)).await;
                    }
                    other => return other.map(drop),
                }
            }
        })
    }
}
