//! What `stack.toml` says of a crawler.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::targets::{
    CatalogTarget, DeltaTarget, DynamoDbTarget, IcebergTarget, JdbcTarget, MongoDbTarget, S3Target,
};
use crate::resource::Problem;
use crate::resource::policy_document::check_extra_statements;
use crate::stack::types::{CatalogName, CrawlerName, CronSchedule, RoleReference, S3Path};

/// A crawler of Glue: looks at the objects below its paths and keeps tables of them.
///
/// What the file leaves out stays as it is live, but for what a crawler looks at, `schedule`,
/// `classifiers` and `configuration`: these go when they are taken out. A change waits for the end
/// of a running crawl; a deletion stops it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The crawler's name. Default: `STACK-ID`. Another name is another crawler.
    #[schemars(extend("x-aws" = "CreateCrawler.Name"))]
    pub name: Option<CrawlerName>,
    /// What it finds. `""` takes it away.
    #[schemars(length(max = 2048), extend("x-aws" = "CreateCrawler.Description"))]
    pub description: Option<String>,
    /// Tags beside the stack's.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateCrawler.Tags"))]
    pub tags: BTreeMap<String, String>,
    /// The database that its tables go to. Only a crawler of catalog tables needs none.
    #[schemars(extend("x-aws" = "CreateCrawler.DatabaseName"))]
    pub database: Option<CatalogName>,
    /// The folders it looks at: short for `s3_targets`.
    #[schemars(
        length(min = 1),
        extend("x-aws" = "CreateCrawler.Targets.S3Targets.Path")
    )]
    pub paths: Option<Vec<S3Path>>,
    /// Glob patterns of what it passes over below each of `paths`.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.S3Targets.Exclusions"))]
    pub exclusions: Option<Vec<String>>,
    /// How many files of each leaf folder below `paths` it reads. Default: all.
    #[schemars(
        range(min = 1, max = 249),
        extend("x-aws" = "CreateCrawler.Targets.S3Targets.SampleSize")
    )]
    pub sample_size: Option<i32>,
    /// The folders it looks at, each with its own settings.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.S3Targets"))]
    pub s3_targets: Option<Vec<S3Target>>,
    /// Tables of the catalog whose data it looks at. No other targets go with them, and
    /// `on_delete` is `LOG` or `DELETE_FROM_DATABASE`.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.CatalogTargets"))]
    pub catalog_targets: Option<Vec<CatalogTarget>>,
    /// Databases reached by JDBC. The embedded cloud reaches none.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.JdbcTargets"))]
    pub jdbc_targets: Option<Vec<JdbcTarget>>,
    /// Collections of MongoDB or DocumentDB. The embedded cloud reaches none.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.MongoDBTargets"))]
    pub mongodb_targets: Option<Vec<MongoDbTarget>>,
    /// Tables of DynamoDB. The embedded cloud has none.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.DynamoDBTargets"))]
    pub dynamodb_targets: Option<Vec<DynamoDbTarget>>,
    /// Delta Lake tables. The embedded cloud makes native ones.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.DeltaTargets"))]
    pub delta_targets: Option<Vec<DeltaTarget>>,
    /// Folders of Iceberg tables.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.IcebergTargets"))]
    pub iceberg_targets: Option<Vec<IcebergTarget>>,
    /// Folders of Hudi tables.
    #[schemars(extend("x-aws" = "CreateCrawler.Targets.HudiTargets"))]
    pub hudi_targets: Option<Vec<IcebergTarget>>,
    /// When it runs by itself, in UTC: `cron(0 3 * * ? *)`. Without it, only when it is told to.
    #[schemars(extend("x-aws" = "CreateCrawler.Schedule"))]
    pub schedule: Option<CronSchedule>,
    /// The role it works under, by name or ARN. Without it, one is made that may do exactly what
    /// this crawler needs.
    #[schemars(extend("x-aws" = "CreateCrawler.Role"))]
    pub role: Option<RoleReference>,
    /// Statements that the derived role gets beside those that the crawler needs.
    #[schemars(extend("x-aws" = "PutRolePolicy.PolicyDocument"))]
    #[serde(default)]
    pub extra_statements: Vec<Map<String, Value>>,
    /// Custom classifiers, asked in this order before Glue's own: `["${classifiers.semicolons}"]`.
    #[schemars(extend("x-aws" = "CreateCrawler.Classifiers"))]
    pub classifiers: Option<Vec<String>>,
    /// What table names start with. `""` takes it away.
    #[schemars(length(max = 128), extend("x-aws" = "CreateCrawler.TablePrefix"))]
    pub table_prefix: Option<String>,
    /// Short for `schema_change_policy.update_behavior`: what happens to a table whose data has
    /// other columns now. AWS's default: `UPDATE_IN_DATABASE`.
    #[schemars(extend("x-aws" = "CreateCrawler.SchemaChangePolicy.UpdateBehavior"))]
    pub on_change: Option<OnChange>,
    /// Short for `schema_change_policy.delete_behavior`: what happens to a table whose data is
    /// gone. AWS's default: `DEPRECATE_IN_DATABASE`.
    #[schemars(extend("x-aws" = "CreateCrawler.SchemaChangePolicy.DeleteBehavior"))]
    pub on_delete: Option<OnDelete>,
    /// What happens to tables whose data has changed or is gone.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateCrawler.SchemaChangePolicy"))]
    pub schema_change_policy: SchemaChangePolicy,
    /// Short for `recrawl_policy.recrawl_behavior`: which folders it looks at when it runs again.
    /// AWS's default: `CRAWL_EVERYTHING`.
    #[schemars(extend("x-aws" = "CreateCrawler.RecrawlPolicy.RecrawlBehavior"))]
    pub recrawl: Option<Recrawl>,
    /// Which folders it looks at when it runs again.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateCrawler.RecrawlPolicy"))]
    pub recrawl_policy: RecrawlPolicy,
    /// Whether it keeps the lineage of data.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateCrawler.LineageConfiguration"))]
    pub lineage_configuration: LineageConfiguration,
    /// Whether it reads with Lake Formation's credentials. The embedded cloud has none.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateCrawler.LakeFormationConfiguration"))]
    pub lake_formation_configuration: LakeFormationConfiguration,
    /// The crawler's configuration, as a table; `Version` may be left out. Without it, AWS's
    /// defaults.
    #[schemars(extend("x-aws" = "CreateCrawler.Configuration"))]
    pub configuration: Option<Map<String, Value>>,
    /// The security configuration for its logs and what it writes. `""` takes it away. The embedded
    /// cloud has none.
    #[schemars(
        length(max = 128),
        extend("x-aws" = "CreateCrawler.CrawlerSecurityConfiguration")
    )]
    pub crawler_security_configuration: Option<String>,
}

/// What happens to a table whose data has other columns now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum OnChange {
    UpdateInDatabase,
    Log,
}

/// What happens to a table whose data is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum OnDelete {
    DeprecateInDatabase,
    DeleteFromDatabase,
    Log,
}

/// Which folders are looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(clippy::enum_variant_names, reason = "they are Glue's own")]
pub(super) enum Recrawl {
    CrawlEverything,
    CrawlNewFoldersOnly,
    CrawlEventMode,
}

/// Whether lineage is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Lineage {
    Enable,
    Disable,
}

/// What happens to tables whose data has changed or is gone.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SchemaChangePolicy {
    /// What happens to a table whose data has other columns now.
    pub update_behavior: Option<OnChange>,
    /// What happens to a table whose data is gone.
    pub delete_behavior: Option<OnDelete>,
}

/// Which folders are looked at again.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecrawlPolicy {
    /// Which folders are looked at again. `CRAWL_NEW_FOLDERS_ONLY` needs `LOG` for both behaviors
    /// of `schema_change_policy`, `CRAWL_EVENT_MODE` a target with an event queue.
    pub recrawl_behavior: Option<Recrawl>,
}

/// Whether lineage is kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LineageConfiguration {
    /// Whether it is. AWS's default: `DISABLE`.
    pub crawler_lineage_settings: Option<Lineage>,
}

/// Whether data is read with Lake Formation's credentials.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LakeFormationConfiguration {
    /// Whether it is. AWS's default: false.
    pub use_lake_formation_credentials: Option<bool>,
    /// The account of the data, where it is another's.
    #[schemars(length(max = 12))]
    pub account_id: Option<String>,
}

impl Keys {
    pub fn update_behavior(&self) -> Option<OnChange> {
        self.on_change.or(self.schema_change_policy.update_behavior)
    }

    pub fn delete_behavior(&self) -> Option<OnDelete> {
        self.on_delete.or(self.schema_change_policy.delete_behavior)
    }

    pub fn recrawl_behavior(&self) -> Option<Recrawl> {
        self.recrawl.or(self.recrawl_policy.recrawl_behavior)
    }

    /// The folders of S3 that it looks at, whichever key says so.
    pub fn s3(&self) -> Vec<S3Target> {
        if let Some(targets) = &self.s3_targets {
            return targets.clone();
        }
        let paths = self.paths.iter().flatten();
        paths
            .map(|path| S3Target {
                path: path.clone(),
                exclusions: self.exclusions.clone().unwrap_or_default(),
                sample_size: self.sample_size,
                connection_name: None,
                event_queue_arn: None,
                dlq_event_queue_arn: None,
            })
            .collect()
    }

    /// Tables of the catalog that it looks at.
    pub fn catalog(&self) -> &[CatalogTarget] {
        self.catalog_targets.as_deref().unwrap_or_default()
    }

    /// Kinds of targets that only a role of its own can reach, as the file names them.
    pub fn foreign_targets(&self) -> Vec<&'static str> {
        fn is_some<T>(list: Option<&Vec<T>>) -> bool {
            list.is_some_and(|list| !list.is_empty())
        }
        let kinds = [
            ("jdbc_targets", is_some(self.jdbc_targets.as_ref())),
            ("mongodb_targets", is_some(self.mongodb_targets.as_ref())),
            ("dynamodb_targets", is_some(self.dynamodb_targets.as_ref())),
        ];
        let set = kinds.into_iter().filter(|(_, is_set)| *is_set);
        set.map(|(name, _)| name).collect()
    }

    /// What it reads of S3: folders, and those of table formats.
    pub fn folders(&self) -> Vec<String> {
        let delta = self.delta_targets.iter().flatten();
        let delta = delta.flat_map(|target| &target.delta_tables);
        let lakes = self.iceberg_targets.iter().chain(&self.hudi_targets);
        let lakes = lakes.flatten().flat_map(|target| &target.paths);
        let folders = self.s3().into_iter().map(|target| target.path);
        folders
            .chain(delta.chain(lakes).cloned())
            .map(|path| path.to_string())
            .collect()
    }

    /// Whether a network connection leads to any of its targets in S3.
    pub fn connects(&self) -> bool {
        let lakes = self.iceberg_targets.iter().chain(&self.hudi_targets);
        let delta = self.delta_targets.iter().flatten();
        self.s3().iter().any(|t| t.connection_name.is_some())
            || self.catalog().iter().any(|t| t.connection_name.is_some())
            || delta.into_iter().any(|t| t.connection_name.is_some())
            || lakes.flatten().any(|t| t.connection_name.is_some())
    }

    /// Whether it makes tables of Delta Lake that are read by manifests.
    pub fn makes_symlink_tables(&self) -> bool {
        let mut delta = self.delta_targets.iter().flatten();
        delta.any(|target| target.create_native_delta_table != Some(true))
    }

    /// Whether it writes manifests beside tables of Delta Lake.
    pub fn writes_manifests(&self) -> bool {
        let mut delta = self.delta_targets.iter().flatten();
        delta.any(|target| target.write_manifest == Some(true))
    }

    /// The queues that tell it of new objects.
    pub fn event_queues(&self) -> Vec<String> {
        let of_s3 = self.s3().into_iter();
        let of_s3 = of_s3.flat_map(|t| [t.event_queue_arn, t.dlq_event_queue_arn]);
        let of_catalog = self.catalog().iter().cloned();
        let of_catalog = of_catalog.flat_map(|t| [t.event_queue_arn, t.dlq_event_queue_arn]);
        of_s3.chain(of_catalog).flatten().collect()
    }

    /// What does not fit together.
    pub fn mistakes(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        check_extra_statements(&self.extra_statements, self.role.is_some(), &mut found);
        for (short, has_short, long, has_long) in [
            (
                "paths",
                self.paths.is_some(),
                "s3_targets",
                self.s3_targets.is_some(),
            ),
            (
                "on_change",
                self.on_change.is_some(),
                "schema_change_policy.update_behavior",
                self.schema_change_policy.update_behavior.is_some(),
            ),
            (
                "on_delete",
                self.on_delete.is_some(),
                "schema_change_policy.delete_behavior",
                self.schema_change_policy.delete_behavior.is_some(),
            ),
            (
                "recrawl",
                self.recrawl.is_some(),
                "recrawl_policy.recrawl_behavior",
                self.recrawl_policy.recrawl_behavior.is_some(),
            ),
        ] {
            if has_short && has_long {
                found.push(Problem::new(
                    short,
                    format!("`{short}` and `{long}` say the same"),
                    format!("this is short for `{long}`"),
                ));
            }
        }
        for (key, is_set) in [
            ("exclusions", self.exclusions.is_some()),
            ("sample_size", self.sample_size.is_some()),
        ] {
            if is_set && self.paths.is_none() {
                found.push(Problem::new(
                    key,
                    format!("`{key}` is of `paths`"),
                    "in `s3_targets`, each target has its own",
                ));
            }
        }
        found.extend(self.mistaken_targets());
        found.extend(self.mistaken_policies());
        found
    }

    fn mistaken_targets(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let foreign = self.foreign_targets();
        let has_others = !self.folders().is_empty() || !foreign.is_empty();
        let has_catalog = !self.catalog().is_empty();
        if !has_others && !has_catalog {
            let problem = Problem::new("", "`paths` is missing", "what does the crawler look at?");
            found.push(problem.with_help("paths = [\"s3://BUCKET/PREFIX/\"], or targets"));
        }
        if has_others && has_catalog {
            found.push(Problem::new(
                "catalog_targets",
                "tables of the catalog are crawled alone",
                "no other targets go with these",
            ));
        }
        if has_others && self.database.is_none() {
            let label = "where do the tables go?";
            found.push(Problem::new("", "`database` is missing", label));
        }
        let underivable = foreign
            .first()
            .map(|kind| (*kind, format!("`{kind}`")))
            .or_else(|| {
                let writes = self.writes_manifests();
                writes.then(|| ("delta_targets", "`write_manifest`".to_owned()))
            });
        if let (Some((key, what)), None) = (underivable, &self.role) {
            found.push(Problem::new(
                key,
                format!("a crawler with {what} needs a `role`"),
                "what it needs cannot be derived",
            ));
        }
        found
    }

    fn mistaken_policies(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let only_logs = self.update_behavior() == Some(OnChange::Log)
            && self.delete_behavior() == Some(OnDelete::Log);
        let key = match self.recrawl {
            Some(_) => "recrawl",
            None => "recrawl_policy",
        };
        match self.recrawl_behavior() {
            Some(Recrawl::CrawlNewFoldersOnly) if !only_logs => found.push(Problem::new(
                key,
                "a crawler that looks at new folders only cannot change or delete tables",
                "needs on_change = \"LOG\" and on_delete = \"LOG\"",
            )),
            Some(Recrawl::CrawlEventMode) if self.event_queues().is_empty() => {
                found.push(Problem::new(
                    key,
                    "a crawler that is told of changes needs a queue",
                    "needs a target with an `event_queue_arn`",
                ));
            }
            _ => {}
        }
        let deprecates = matches!(
            self.delete_behavior(),
            None | Some(OnDelete::DeprecateInDatabase)
        );
        if !self.catalog().is_empty() && deprecates {
            found.push(Problem::new(
                "catalog_targets",
                "a crawler of catalog tables cannot deprecate them, which is AWS's default",
                "needs on_delete = \"LOG\" or \"DELETE_FROM_DATABASE\"",
            ));
        }
        found
    }
}
