//! Crawlers: what they crawl, and how.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::permissions::crawler_arn;
use super::{classifiers, crawler_settings, crawls, errors, page_size, tags};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;

/// A crawler as it is kept: what GetCrawler gives, but for its state and its last crawl.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredCrawler {
    /// The role as it was given: by its ARN, or by its name, before which its path may stand.
    pub role: String,
    pub crawler: Crawler,
}

impl StoredCrawler {
    pub fn name(&self) -> &str {
        self.crawler.name.as_deref().unwrap_or_default()
    }
}

pub(super) fn find(
    c: &Connection,
    region: &str,
    name: &str,
) -> Result<Option<StoredCrawler>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM glue_crawlers WHERE region = ?1 AND name = ?2")?
        .query_row([region, name], |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

pub(super) fn existing(
    c: &Connection,
    region: &str,
    name: &str,
) -> Result<StoredCrawler, ServiceError> {
    find(c, region, name)?.ok_or_else(|| no_crawler(name))
}

/// Fails when there is no crawler of this name.
pub(super) fn require(c: &Connection, region: &str, name: &str) -> Result<(), ServiceError> {
    let there: bool = c
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM glue_crawlers WHERE region = ?1 AND name = ?2)",
        )?
        .query_row([region, name], |row| row.get(0))?;
    if there { Ok(()) } else { Err(no_crawler(name)) }
}

fn no_crawler(name: &str) -> ServiceError {
    errors::not_found(format!("Crawler entry with name {name} does not exist"))
}

pub(super) fn save(
    tx: &Transaction<'_>,
    region: &str,
    crawler: &StoredCrawler,
) -> Result<(), ServiceError> {
    tx.prepare_cached("UPDATE glue_crawlers SET document = ?3 WHERE region = ?1 AND name = ?2")?
        .execute((region, crawler.name(), serde_json::to_string(crawler)?))?;
    Ok(())
}

/// The crawler as GetCrawler gives it.
fn shown(
    c: &Connection,
    cloud: &Cloud,
    region: &str,
    stored: StoredCrawler,
) -> Result<Crawler, ServiceError> {
    let mut crawler = stored.crawler;
    let name = crawler.name.clone().unwrap_or_default();
    let newest = crawls::newest(c, region, &name)?;
    let now = Timestamp::now();
    crawler.crawl_elapsed_time = Some(0);
    crawler.state = Some("READY".to_owned());
    if let Some(crawl) = &newest
        && !crawl.ended(cloud)
    {
        crawler.state = Some(crawl.state().to_owned());
        crawler.crawl_elapsed_time = Some(((now.0 - crawl.started()) * 1000.0) as i64);
    }
    crawler.last_crawl = match newest {
        Some(crawl) if crawl.ended(cloud) => Some(crawl.as_last(cloud)),
        // While one runs, the last is the one before.
        Some(crawl) => crawls::before(c, region, &name, crawl.id)?.map(|c| c.as_last(cloud)),
        None => None,
    };
    Ok(crawler)
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    request: CreateCrawlerRequest,
) -> Result<CreateCrawlerResponse, ServiceError> {
    crawler_settings::check_role(cloud, caller, &request.name, &request.role)?;
    crawler_settings::check_targets(cloud, &request.targets)?;
    let now = Timestamp::now();
    let mut stored = StoredCrawler {
        role: request.role,
        crawler: Crawler {
            name: Some(request.name),
            creation_time: Some(now),
            last_updated: Some(now),
            version: Some(1),
            ..crawler_settings::defaults()
        },
    };
    crawler_settings::Settings {
        database_name: request.database_name,
        description: request.description,
        targets: Some(request.targets),
        schedule: request.schedule,
        classifiers: request.classifiers,
        table_prefix: request.table_prefix,
        schema_change_policy: request.schema_change_policy,
        recrawl_policy: request.recrawl_policy,
        lineage_configuration: request.lineage_configuration,
        lake_formation_configuration: request.lake_formation_configuration,
        configuration: request.configuration,
        crawler_security_configuration: request.crawler_security_configuration,
    }
    .apply(&mut stored)?;
    cloud.store().write(|tx| {
        let classifiers = stored.crawler.classifiers.as_deref();
        classifiers::require(tx, &caller.region, classifiers.unwrap_or_default())?;
        let made = tx
            .prepare_cached("INSERT INTO glue_crawlers VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
            .execute((
                &caller.region,
                stored.name(),
                serde_json::to_string(&stored)?,
            ))?;
        if made == 0 {
            return Err(errors::already_exists(format!(
                "{} already exists",
                stored.name()
            )));
        }
        let arn = crawler_arn(caller, stored.name());
        tags::add(tx, &arn, &request.tags.unwrap_or_default())
    })?;
    Ok(CreateCrawlerResponse {})
}

pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    request: UpdateCrawlerRequest,
) -> Result<UpdateCrawlerResponse, ServiceError> {
    if let Some(role) = &request.role {
        crawler_settings::check_role(cloud, caller, &request.name, role)?;
    }
    if let Some(targets) = &request.targets {
        crawler_settings::check_targets(cloud, targets)?;
    }
    cloud.store().write(|tx| {
        let mut stored = existing(tx, &caller.region, &request.name)?;
        crawls::refuse_while_running(tx, cloud, &caller.region, &request.name, "update")?;
        if let Some(role) = request.role {
            stored.role = role;
        }
        let classifiers = request.classifiers.as_deref();
        classifiers::require(tx, &caller.region, classifiers.unwrap_or_default())?;
        crawler_settings::Settings {
            database_name: request.database_name,
            description: request.description,
            targets: request.targets,
            schedule: request.schedule,
            classifiers: request.classifiers,
            table_prefix: request.table_prefix,
            schema_change_policy: request.schema_change_policy,
            recrawl_policy: request.recrawl_policy,
            lineage_configuration: request.lineage_configuration,
            lake_formation_configuration: request.lake_formation_configuration,
            configuration: request.configuration,
            crawler_security_configuration: request.crawler_security_configuration,
        }
        .apply(&mut stored)?;
        stored.crawler.last_updated = Some(Timestamp::now());
        stored.crawler.version = Some(stored.crawler.version.unwrap_or(0) + 1);
        save(tx, &caller.region, &stored)
    })?;
    Ok(UpdateCrawlerResponse {})
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    request: DeleteCrawlerRequest,
) -> Result<DeleteCrawlerResponse, ServiceError> {
    cloud.store().write(|tx| {
        require(tx, &caller.region, &request.name)?;
        crawls::refuse_while_running(tx, cloud, &caller.region, &request.name, "delete")?;
        tx.prepare_cached("DELETE FROM glue_crawlers WHERE region = ?1 AND name = ?2")?
            .execute([&caller.region, &request.name])?;
        tags::remove_all(tx, &crawler_arn(caller, &request.name))
    })?;
    Ok(DeleteCrawlerResponse {})
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    request: GetCrawlerRequest,
) -> Result<GetCrawlerResponse, ServiceError> {
    let crawler = cloud.store().read(|c| {
        let stored = existing(c, &caller.region, &request.name)?;
        shown(c, cloud, &caller.region, stored)
    })?;
    Ok(GetCrawlerResponse {
        crawler: Some(crawler),
    })
}

pub(super) async fn batch_get(
    cloud: &Cloud,
    caller: &Caller,
    request: BatchGetCrawlersRequest,
) -> Result<BatchGetCrawlersResponse, ServiceError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    cloud.store().read(|c| {
        for name in request.crawler_names {
            match find(c, &caller.region, &name)? {
                Some(stored) => found.push(shown(c, cloud, &caller.region, stored)?),
                None => missing.push(name),
            }
        }
        Ok(())
    })?;
    Ok(BatchGetCrawlersResponse {
        crawlers: Some(found),
        crawlers_not_found: Some(missing),
    })
}

/// The names of the crawlers in a region, in order.
pub(super) fn names(c: &Connection, region: &str) -> Result<Vec<String>, ServiceError> {
    Ok(
        c.prepare_cached("SELECT name FROM glue_crawlers WHERE region = ?1 ORDER BY name")?
            .query_map([region], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?,
    )
}

/// One page of names.
pub(super) fn page(
    names: Vec<String>,
    token: Option<&str>,
    asked: Option<i32>,
) -> Result<(Vec<String>, Option<String>), ServiceError> {
    let size = page_size(asked, PAGE);
    paging::page(names, token, size, "InvalidInputException", Clone::clone)
}

pub(super) async fn get_all(
    cloud: &Cloud,
    caller: &Caller,
    request: GetCrawlersRequest,
) -> Result<GetCrawlersResponse, ServiceError> {
    let region = &caller.region;
    let (crawlers, next) = cloud.store().read(|c| {
        let (names, next) = page(
            names(c, region)?,
            request.next_token.as_deref(),
            request.max_results,
        )?;
        let mut crawlers = Vec::new();
        for name in names {
            let stored = existing(c, region, &name)?;
            crawlers.push(shown(c, cloud, region, stored)?);
        }
        Ok((crawlers, next))
    })?;
    Ok(GetCrawlersResponse {
        crawlers: Some(crawlers),
        next_token: next,
    })
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    request: ListCrawlersRequest,
) -> Result<ListCrawlersResponse, ServiceError> {
    let wanted = request.tags.unwrap_or_default();
    let (names, next) = cloud.store().read(|c| {
        let mut names = names(c, &caller.region)?;
        if !wanted.is_empty() {
            let mut tagged = Vec::new();
            for name in names {
                let has = tags::of(c, &crawler_arn(caller, &name))?;
                if wanted.iter().all(|(k, v)| has.get(k) == Some(v)) {
                    tagged.push(name);
                }
            }
            names = tagged;
        }
        page(names, request.next_token.as_deref(), request.max_results)
    })?;
    Ok(ListCrawlersResponse {
        crawler_names: Some(names),
        next_token: next,
    })
}
