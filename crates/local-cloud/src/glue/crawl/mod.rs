//! Running a crawl: what the crawler finds is merged into the catalog, all under its role.

mod catalog;
mod classifiers;
mod entries;
mod fitting;
mod log;
mod memory;
mod partitions;
mod tables;
mod targets;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ::crawler::catalog::{Configuration, Gone, Rules, include_path, with_slash};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use self::catalog::Catalog;
use self::log::Log;
use self::memory::Objects;
use super::crawler_settings::take_role;
use super::crawlers::StoredCrawler;
use super::crawls::{self, Changes, Ending};
use super::{lake_targets, permissions};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::{CatalogTarget, Crawler};
use crate::s3;

/// How often a crawl looks whether it was asked to stop, maybe from another process.
const LOOK: Duration = Duration::from_millis(100);

/// How often a crawl that goes on tells how far it is.
const TELL: Duration = Duration::from_secs(1);

/// Runs a crawl that has begun, to its end.
pub(super) async fn run(cloud: Cloud, region: String, stored: StoredCrawler, id: i64) {
    let changes = Arc::new(Mutex::new(Changes::default()));
    let name = stored.name().to_owned();
    let crawl_id = cloud.store().read(|c| crawls::crawl_id(c, id));
    let log = Arc::new(Log::new(&name, &crawl_id.unwrap_or_default()));
    let (shared, counted, logged) = (cloud.clone(), Arc::clone(&changes), Arc::clone(&log));
    let looked = Looked::default();
    let runtime = Handle::current();
    // Between its reads a crawl computes, which is nothing for the threads that answer calls.
    let work = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            let done = Notify::new();
            let work = async {
                let ending = tokio::select! {
                    // The asking first: one that is stopped at once does nothing.
                    biased;
                    () = asked_to_stop(&shared, id) => Ending::Stopped,
                    result = crawl(&shared, &region, &stored, id, &counted, &looked, &logged) => match result {
                        Ok(()) => Ending::Completed,
                        Err(message) => Ending::Failed(message),
                    },
                };
                done.notify_one();
                ending
            };
            let told = tell(&shared, id, &counted, &looked, &logged, &done);
            tokio::join!(work, told).0
        })
    });
    let ending = work
        .await
        .unwrap_or_else(|error| Ending::Failed(format!("Internal Service Exception: {error}")));
    match &ending {
        Ending::Completed => {}
        Ending::Stopped => log.info("The crawl was stopped"),
        Ending::Failed(message) => log.error(message),
    }
    log.benchmark("Crawler has finished running and is in state READY");
    if let Err(error) = log.flush(&cloud).await {
        tracing::warn!(crawler = name, %error, "the log of a crawl cannot be written");
    }
    let changes = changes.lock().clone();
    let ended = cloud
        .store()
        .write(|tx| crawls::end(tx, id, ending, changes));
    if let Err(error) = ended {
        tracing::error!(crawler = name, %error, "the end of a crawl cannot be written");
    }
}

async fn asked_to_stop(cloud: &Cloud, id: i64) {
    loop {
        match cloud.store().read(|c| crawls::is_stopping(c, id)) {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "cannot see whether a crawl is to stop"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How much a crawl has looked at.
#[derive(Default)]
struct Looked {
    objects: AtomicU64,
    bytes: AtomicU64,
    /// Whether that is all, and its own line of the log says so.
    is_all: AtomicBool,
}

impl Looked {
    fn set(&self, now: ::crawler::Progress) {
        self.objects.store(now.objects, Ordering::Relaxed);
        self.bytes.store(now.bytes_read, Ordering::Relaxed);
        self.is_all.store(false, Ordering::Relaxed);
    }

    fn said(&self) -> String {
        let objects = self.objects.load(Ordering::Relaxed);
        let bytes = self.bytes.load(Ordering::Relaxed);
        format!("{objects} objects and read {bytes} bytes of them")
    }
}

/// Keeps telling how far a crawl is: what it looked at in its log, and what it wrote in its
/// record, by which GetCrawlerMetrics and ListCrawls know it. Ends when the crawl is `done`.
async fn tell(
    cloud: &Cloud,
    id: i64,
    changes: &Mutex<Changes>,
    looked: &Looked,
    log: &Log,
    done: &Notify,
) {
    let (mut said, mut noted) = (looked.said(), Changes::default());
    loop {
        tokio::select! {
            () = done.notified() => return,
            () = tokio::time::sleep(TELL) => {}
        }
        let (look, now) = (looked.said(), changes.lock().clone());
        if look != said && !looked.is_all.load(Ordering::Relaxed) {
            log.info(format!("Looked at {look} so far"));
            said = look;
        }
        if let Err(error) = log.flush(cloud).await {
            tracing::warn!(%error, "the log of a crawl cannot be written");
        }
        if now != noted {
            noted = now.clone();
            let written = cloud.store().write(|tx| crawls::note(tx, id, now));
            if let Err(error) = written {
                tracing::warn!(%error, "what a crawl did cannot be written");
            }
        }
    }
}

/// The crawl itself; fails with the message of `LastCrawl`.
async fn crawl(
    cloud: &Cloud,
    region: &str,
    stored: &StoredCrawler,
    id: i64,
    changes: &Mutex<Changes>,
    looked: &Looked,
    log: &Log,
) -> Result<(), String> {
    let session = format!("AWS-Crawler-{id}");
    let role = take_role(cloud, region, stored.name(), &stored.role, &session)
        .map_err(|error| error.message)?
        .map_err(|_| {
            "Service is unable to assume provided role. Please verify role's TrustPolicy".to_owned()
        })?;
    log.open(cloud, &role).await?;
    let (rules, targets) = plan(cloud, &role, stored)?;
    let buckets = targets.iter().map(|t| t.bucket.as_str()).collect();
    permissions::before_crawl(cloud, &role, buckets).await?;
    let crawler = &stored.crawler;
    let names = crawler.classifiers.as_deref().unwrap_or_default();
    let mut options = ::crawler::Options {
        table_prefix: crawler.table_prefix.clone().unwrap_or_default(),
        combine_compatible_schemas: rules.configuration.combine_compatible_schemas,
        table_level: rules.configuration.table_level,
        classifiers: classifiers::of(cloud, region, names)?,
    };
    let memory = Objects::load(
        cloud,
        region,
        stored.name(),
        reads_new_folders_only(crawler),
    )
    .map_err(|error| error.message)?;
    let eyes = Eyes {
        rules: &rules,
        memory: &memory,
        looked,
        log,
    };
    log_settings(log, crawler);
    let all = crawler.targets.clone().unwrap_or_default();
    for target in all.catalog_targets.unwrap_or_default() {
        // A table is what its folder holds, however much that differs.
        options.combine_compatible_schemas = true;
        let catalog = Catalog {
            cloud,
            role: &role,
            database: target.database_name.clone(),
            log,
        };
        keep_tables(&catalog, &eyes, &target, &options, changes).await?;
    }
    if !targets.is_empty() {
        let database = crawler
            .database_name
            .clone()
            .filter(|d| !d.is_empty())
            .ok_or("The crawler has no database to write tables to.")?;
        let catalog = Catalog {
            cloud,
            role: &role,
            database,
            log,
        };
        write_tables(&catalog, &eyes, &targets, &options, changes).await?;
    }
    log.benchmark("Finished writing to Catalog");
    memory
        .save(cloud, region, stored.name())
        .map_err(|error| error.message)
}

/// How the data is looked at.
struct Eyes<'a> {
    rules: &'a Rules,
    memory: &'a Objects,
    looked: &'a Looked,
    log: &'a Log,
}

fn log_settings(log: &Log, crawler: &Crawler) {
    let policy = crawler.schema_change_policy.clone().unwrap_or_default();
    let policy = serde_json::to_string(&policy).unwrap_or_default();
    let configuration = crawler.configuration.as_deref().filter(|c| !c.is_empty());
    let configuration = configuration.map_or(String::new(), |c| format!("Configuration {c} and "));
    log.info(format!(
        "Crawler configured with {configuration}SchemaChangePolicy {policy}. Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets."
    ));
}

/// Looks at the targets and writes their tables.
async fn write_tables(
    catalog: &Catalog<'_>,
    eyes: &Eyes<'_>,
    targets: &[::crawler::Target],
    options: &::crawler::Options,
    changes: &Mutex<Changes>,
) -> Result<(), String> {
    let found = look(eyes, targets, options).await?;
    let is_incremental = eyes.memory.is_incremental();
    if !is_incremental {
        let configuration = &eyes.rules.configuration;
        configuration.check_threshold(found.tables.len())?;
    }
    eyes.log.benchmark(format!(
        "Classification complete, writing results to database {}",
        catalog.database
    ));
    let written = if is_incremental {
        tables::add_new(catalog, eyes.rules, &found.tables, changes).await
    } else {
        tables::write(catalog, eyes.rules, &found, changes).await
    };
    written.map_err(|error| catalog_error(&error))
}

/// Looks at the data, and logs what of it is worth telling.
async fn look(
    eyes: &Eyes<'_>,
    targets: &[::crawler::Target],
    options: &::crawler::Options,
) -> Result<::crawler::Crawled, String> {
    let found = ::crawler::recrawl(targets, options, Some(eyes.memory), &|now| {
        eyes.looked.set(now);
    })
    .await
    .map_err(|error| data_error(&error))?;
    for warning in &found.warnings {
        eyes.log
            .warn(format!("{}: {}", warning.location, warning.message));
    }
    eyes.looked.is_all.store(true, Ordering::Relaxed);
    eyes.log.info(format!(
        "Looked at {} objects and read {} bytes of them in {} reads",
        found.objects, found.bytes_read, found.reads
    ));
    Ok(found)
}

/// Crawls the data of tables that are there, and brings them up to date.
async fn keep_tables(
    catalog: &Catalog<'_>,
    eyes: &Eyes<'_>,
    target: &CatalogTarget,
    options: &::crawler::Options,
    changes: &Mutex<Changes>,
) -> Result<(), String> {
    let kept = targets::kept(catalog, target).await;
    for kept in kept.map_err(|error| catalog_error(&error))? {
        let found = look(eyes, &[kept.target], options).await?;
        // Several are not what the table is.
        if let [_] = found.tables[..] {
            let called = |_: &str| kept.table.clone();
            for advice in &found.advice {
                eyes.log.advise(&advice.renamed(&called));
            }
        }
        tables::keep(catalog, eyes.rules, &kept.table, &found.tables, changes)
            .await
            .map_err(|error| catalog_error(&error))?;
    }
    Ok(())
}

/// What the crawler looks at, and its rules.
fn plan(
    cloud: &Cloud,
    role: &Caller,
    stored: &StoredCrawler,
) -> Result<(Rules, Vec<::crawler::Target>), String> {
    let crawler = &stored.crawler;
    let mut targets = Vec::new();
    let mut roots = Vec::new();
    let given = crawler.targets.clone().unwrap_or_default();
    let mut add = |path: &str, exclusions: Vec<String>, sample_size: Option<i32>, only| {
        let (bucket, prefix) =
            include_path(path).ok_or_else(|| format!("The S3 path {path} is not valid."))?;
        roots.push(with_slash(&format!("s3://{bucket}/{prefix}")));
        targets.push(::crawler::Target {
            store: s3::object_store(cloud, role, bucket),
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            exclusions,
            sample_size: sample_size.and_then(|n| u32::try_from(n).ok()),
            only,
        });
        Ok::<(), String>(())
    };
    let lakes = lake_targets::paths(&given);
    for lake in lakes.map_err(|what| format!("This Glue has not: {what}."))? {
        add(&lake.path, lake.exclusions, None, Some(lake.lakes))?;
    }
    for target in given.s3_targets.unwrap_or_default() {
        let path = target.path.unwrap_or_default();
        let exclusions = target.exclusions.unwrap_or_default();
        add(&path, exclusions, target.sample_size, None)?;
    }
    let policy = crawler.schema_change_policy.clone().unwrap_or_default();
    let configuration = crawler.configuration.as_deref().unwrap_or_default();
    let configuration = Configuration::parse(configuration)
        .map_err(|what| format!("Crawler configuration is not valid: {what}"))?;
    // To look at new folders alone "forces the update behavior and delete behavior of the crawler to
    // LOG" (AWS Glue developer guide, "Scheduling incremental crawls").
    let only_logs = reads_new_folders_only(crawler);
    let rules = Rules {
        crawler: stored.name().to_owned(),
        updates: policy.update_behavior.as_deref() != Some("LOG") && !only_logs,
        gone: if only_logs {
            Gone::Log
        } else {
            Gone::of(policy.delete_behavior.as_deref())
        },
        configuration,
        roots,
    };
    Ok((rules, targets))
}

/// `CRAWL_NEW_FOLDERS_ONLY`.
fn reads_new_folders_only(crawler: &Crawler) -> bool {
    let policy = crawler.recrawl_policy.as_ref();
    let behavior = policy.and_then(|policy| policy.recrawl_behavior.as_deref());
    behavior == Some("CRAWL_NEW_FOLDERS_ONLY")
}

/// Why the data could not be read: S3's own words, where it is S3 that refused.
fn data_error(error: &::crawler::Error) -> String {
    if let ::crawler::Error::Store { location, source } = error
        && let Some(refused) = service_error(source)
    {
        return format!(
            "{location}: {} (Service: Amazon S3; Status Code: {}; Error Code: {})",
            refused.message, refused.status, refused.code
        );
    }
    error.to_string()
}

/// The error of S3 inside one of an object store.
fn service_error(error: &object_store::Error) -> Option<&ServiceError> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

fn catalog_error(error: &ServiceError) -> String {
    format!(
        "{} (Service: AWSGlue; Status Code: {}; Error Code: {})",
        error.message, error.status, error.code
    )
}
