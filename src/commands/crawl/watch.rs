//! Running one crawler of Glue and waiting for it.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use aws_sdk_glue::types::{
    CatalogTarget, Crawler, CrawlerHistory, CrawlerState, CrawlerTargets, LastCrawlStatus, S3Target,
    Table,
};
use serde_json::Value;

use super::progress::Progress;
use super::snapshot;
use crate::cloud::{Cloud, Target};
use crate::commands::names;
use crate::output::crawl::{Report, difference};
use crate::output::{Lines, Moving, Output};
use crate::resource::{CallError, call};
use crate::stack::Stack;

/// Dollars for a DPU-hour, and what a crawl is billed for at least: ten minutes of two DPUs
/// (aws.amazon.com/glue/pricing, us-east-1).
pub const DPU_HOUR: f64 = 0.44;
const DPUS: f64 = 2.0;
const LEAST: f64 = 600.0;

/// Dollars of a crawl that takes so long.
pub fn cost_of(seconds: f64) -> f64 {
    seconds.max(LEAST) / 3600.0 * DPUS * DPU_HOUR
}

pub async fn start(cloud: &Cloud, stack: Option<&Stack>, name: &str) -> anyhow::Result<()> {
    let started = call!("StartCrawler", cloud.glue.start_crawler().name(name));
    match started {
        Ok(_) => Ok(()),
        // Somebody else started it: that is the crawl that is waited for.
        Err(error) if error.is("CrawlerRunningException") => Ok(()),
        Err(error) if error.is("EntityNotFoundException") => {
            bail!("{error}{}", names::not_there(stack, "crawlers", name))
        }
        Err(error) => Err(error.into()),
    }
}

async fn get(cloud: &Cloud, name: &str) -> Result<Crawler, CallError> {
    let answer = call!("GetCrawler", cloud.glue.get_crawler().name(name))?;
    let gone = || CallError::here("GetCrawler", format!("{name} is gone"));
    answer.crawler.ok_or_else(gone)
}

/// A crawler that the user named.
pub async fn named(cloud: &Cloud, stack: Option<&Stack>, name: &str) -> anyhow::Result<Crawler> {
    match get(cloud, name).await {
        Ok(crawler) => Ok(crawler),
        Err(error) if error.is("EntityNotFoundException") && name.contains('/') => {
            bail!("{error}\n  help: a path of S3 begins with s3://, as in s3://BUCKET/{name}; `infer` reads files of this machine")
        }
        Err(error) if error.is("EntityNotFoundException") => {
            bail!("{error}{}", names::not_there(stack, "crawlers", name))
        }
        Err(error) => Err(error.into()),
    }
}

/// Runs a crawler to its end.
pub async fn crawl(
    cloud: &Cloud,
    stack: Option<&Stack>,
    name: &str,
    live: &Lines,
    output: &Output,
) -> anyhow::Result<Report> {
    let began = Instant::now();
    let bar = live.add(&format!("{name} is starting"));
    let crawler = named(cloud, stack, name).await?;
    let mut reach = reach_of(&crawler);
    let databases = databases_of(&crawler);
    let mut before = Vec::new();
    for database in &databases {
        before.push(snapshot::tables(cloud, database).await?);
    }
    start(cloud, stack, name).await?;
    if !output.is_live() {
        output.say(format!("{name} is started"));
    }
    let crawler = wait(cloud, name, &bar).await?;
    let last = crawler
        .last_crawl()
        .context("Glue tells nothing of the crawl")?;
    bar.set(format!("{name} is over; what it did is being read"));
    let history = last_crawl(cloud, name).await?;
    let moved = history.as_ref().is_none_or(has_partitions);
    reach.named = history.as_ref().map(named_tables).unwrap_or_default();
    let mut changes = Vec::new();
    for (database, before) in databases.iter().zip(&before) {
        let tables = snapshot::tables(cloud, database).await?;
        let own = reach.own(before, &tables);
        let is_own = |table: &&Table| own.contains(table.name());
        let after: Vec<&Table> = tables.iter().filter(is_own).collect();
        let partitions = match last.start_time() {
            Some(since) if moved => {
                snapshot::new_partitions(cloud, database, &after, *since).await?
            }
            _ => BTreeMap::new(),
        };
        let before = snapshot::of(before.iter().filter(is_own));
        changes.extend(difference(database, &before, &snapshot::of(after), &partitions));
    }
    let warnings = super::logs::warnings(cloud, name, last).await;
    bar.end();
    let seconds = began.elapsed().as_secs_f64();
    Ok(Report {
        crawler: name.to_owned(),
        status: last
            .status()
            .map(LastCrawlStatus::as_str)
            .unwrap_or_default()
            .to_owned(),
        message: last.error_message().map(str::to_owned),
        seconds,
        objects: None,
        folders: None,
        bytes_read: None,
        cost: Some(billed(cloud, history.as_ref(), seconds)),
        billed: cloud.is_aws(),
        database_added: None,
        warnings,
        changes,
    })
}

/// What Glue billed, or would have.
fn billed(cloud: &Cloud, history: Option<&CrawlerHistory>, seconds: f64) -> f64 {
    let hours = history.map(CrawlerHistory::dpu_hour);
    match hours {
        Some(hours) if hours > 0.0 && cloud.is_aws() => hours * DPU_HOUR,
        _ => cost_of(seconds),
    }
}

/// The tables that a crawler may have to do with.
fn reach_of(crawler: &Crawler) -> snapshot::Reach {
    let targets = crawler.targets();
    let paths = targets.map(CrawlerTargets::s3_targets).unwrap_or_default();
    let root = |target: &S3Target| {
        let path = target.path().unwrap_or_default().trim_end_matches('/');
        match path.split_once("://") {
            Some((_, rest)) => format!("s3://{rest}/"),
            None => format!("s3://{path}/"),
        }
    };
    let kept = targets.map(CrawlerTargets::catalog_targets).unwrap_or_default();
    let tables = kept.iter().flat_map(CatalogTarget::tables);
    snapshot::Reach {
        crawler: crawler.name().unwrap_or_default().to_owned(),
        roots: paths.iter().map(root).collect(),
        kept: tables.cloned().collect(),
        named: HashSet::new(),
    }
}

/// The tables that a crawl's summary names:
/// `{"TABLE": {"ADD": {"Details": {"names": ["films"]}, "Count": 1}}}`.
fn named_tables(history: &CrawlerHistory) -> HashSet<String> {
    let summary = history.summary().unwrap_or_default();
    let summary: Value = serde_json::from_str(summary).unwrap_or_default();
    let kinds = summary["TABLE"].as_object().into_iter().flatten();
    kinds
        .flat_map(|(_, kind)| kind["Details"]["names"].as_array().into_iter().flatten())
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// The databases that it writes to: its own, and those of the tables that it keeps.
fn databases_of(crawler: &Crawler) -> Vec<String> {
    let kept = crawler.targets().map(aws_sdk_glue::types::CrawlerTargets::catalog_targets);
    let kept = kept.unwrap_or_default().iter();
    let own = crawler.database_name().filter(|name| !name.is_empty());
    let mut all: Vec<String> = own
        .into_iter()
        .chain(kept.map(CatalogTarget::database_name))
        .map(str::to_owned)
        .collect();
    all.sort();
    all.dedup();
    all
}

/// The crawl that was last; none where the target does not tell.
pub async fn last_crawl(cloud: &Cloud, name: &str) -> Result<Option<CrawlerHistory>, CallError> {
    let request = cloud.glue.list_crawls().crawler_name(name).max_results(1);
    match call!("ListCrawls", request) {
        Ok(answer) => Ok(answer.crawls.unwrap_or_default().into_iter().next()),
        // Who may crawl need not be one who may look at what was crawled before.
        Err(error) if error.is_any(&["AccessDeniedException", "UnsupportedOperation"]) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a crawl's summary says that partitions came, changed or went.
fn has_partitions(history: &CrawlerHistory) -> bool {
    let summary = history.summary().unwrap_or_default();
    match serde_json::from_str::<Value>(summary) {
        Ok(summary) => summary.get("PARTITION").is_some(),
        Err(_) => true,
    }
}

/// Polls until the crawler rests again: soon at first, then less often.
async fn wait(cloud: &Cloud, name: &str, bar: &Moving) -> Result<Crawler, CallError> {
    let longest = match cloud.target() {
        Target::Local { .. } => Duration::from_millis(200),
        Target::Aws | Target::Endpoint(_) => Duration::from_secs(5),
    };
    let mut pause = Duration::from_millis(10);
    let mut progress = Progress::default();
    loop {
        let crawler = get(cloud, name).await?;
        match crawler.state() {
            Some(CrawlerState::Ready) | None => return Ok(crawler),
            Some(state) => {
                let state = state.as_str().to_lowercase();
                let more = if bar.is_shown() {
                    progress.told(cloud, name).await
                } else {
                    String::new()
                };
                bar.set(format!("{name} {state}{more}"));
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_of_two_dpus_are_the_least() {
        assert!((cost_of(3.0) - 0.146_666).abs() < 1e-5);
        assert!((cost_of(3600.0) - 0.88).abs() < 1e-9);
    }
}
