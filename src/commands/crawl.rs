//! `athglue crawl`

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use aws_sdk_glue::types::{Crawler, CrawlerState, LastCrawlStatus};
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::{catalog, completer, names};
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::output::{Lines, Moving, Output, human};
use crate::resource::{CallError, call};
use crate::session::Session;
use crate::stack::Stack;

/// Runs crawlers, waits for them, and shows what changed in the catalog.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Crawlers, by their id in stack.toml or by name. Without one, all of the stack.
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completer::crawlers))]
    names: Vec<String>,

    /// Starts them and does not wait.
    #[arg(long)]
    no_wait: bool,
}

/// What a crawl found.
#[derive(Debug, Serialize)]
struct Report {
    crawler: String,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    seconds: f64,
    changes: Vec<TableChange>,
}

#[derive(Debug, Serialize)]
struct TableChange {
    database: String,
    table: String,
    /// `added`, `changed`, `removed`.
    what: &'static str,
    classification: String,
    columns_added: Vec<ColumnOf>,
    columns_changed: Vec<ColumnChange>,
    partitions_added: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ColumnOf {
    name: String,
    r#type: String,
    partition_key: bool,
}

#[derive(Debug, Serialize)]
struct ColumnChange {
    name: String,
    old: String,
    new: String,
}

/// A table as far as a crawl changes it.
#[derive(Debug)]
struct Seen {
    version: String,
    classification: String,
    columns: Vec<ColumnOf>,
    partitions: usize,
}

type Catalog = BTreeMap<String, Seen>;

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let names = chosen(&args.names, stack.as_ref())?;
    if args.no_wait {
        for name in &names {
            start(&cloud, stack.as_ref(), name).await?;
            session.output.line(format!("started {name}"))?;
        }
        // The embedded cloud lives in this process: it ends with its crawls.
        cloud.finish().await;
        return Ok(Exit::Success);
    }
    let live = session.output.live();
    let crawls = names
        .iter()
        .map(|name| crawl(&cloud, stack.as_ref(), name, &live));
    let reports = tokio::select! {
        reports = futures::future::try_join_all(crawls) => reports?,
        pressed = tokio::signal::ctrl_c() => {
            pressed?;
            return stop_all(&cloud, &session.output, &names).await;
        }
    };
    let failed = reports.iter().any(|report| report.status != "SUCCEEDED");
    if session.output.is_json() {
        session.output.json(&reports)?;
    } else {
        for report in &reports {
            show(&session.output, report)?;
        }
    }
    Ok(if failed { Exit::Failure } else { Exit::Success })
}

fn chosen(given: &[String], stack: Option<&Stack>) -> anyhow::Result<Vec<String>> {
    if !given.is_empty() {
        let physical = given.iter().map(|g| names::physical(stack, "crawlers", g));
        return Ok(physical.collect());
    }
    let all = names::all(stack, "crawlers");
    if all.is_empty() {
        bail!("no crawler is named, and there is none in stack.toml");
    }
    Ok(all)
}

async fn start(cloud: &Cloud, stack: Option<&Stack>, name: &str) -> anyhow::Result<()> {
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

async fn crawl(
    cloud: &Cloud,
    stack: Option<&Stack>,
    name: &str,
    live: &Lines,
) -> anyhow::Result<Report> {
    let began = Instant::now();
    let bar = live.add(&format!("{name} is starting"));
    let crawler = match get(cloud, name).await {
        Ok(crawler) => crawler,
        Err(error) if error.is("EntityNotFoundException") => {
            bail!("{error}{}", names::not_there(stack, "crawlers", name))
        }
        Err(error) => return Err(error.into()),
    };
    let database = database_of(&crawler).to_owned();
    let before = snapshot(cloud, &database).await?;
    start(cloud, stack, name).await?;
    let crawler = wait(cloud, name, &bar).await?;
    let last = crawler
        .last_crawl()
        .context("Glue tells nothing of the crawl")?;
    let after = snapshot(cloud, &database).await?;
    bar.end();
    Ok(Report {
        crawler: name.to_owned(),
        status: last
            .status()
            .map(LastCrawlStatus::as_str)
            .unwrap_or_default()
            .to_owned(),
        message: last.error_message().map(str::to_owned),
        seconds: began.elapsed().as_secs_f64(),
        changes: difference(&database, &before, &after),
    })
}

/// Where its tables are: a crawler of catalog tables has no database of its own.
fn database_of(crawler: &Crawler) -> &str {
    let targets = crawler.targets();
    let of_catalog = targets.and_then(|targets| targets.catalog_targets().first());
    crawler
        .database_name()
        .or(of_catalog.map(aws_sdk_glue::types::CatalogTarget::database_name))
        .unwrap_or_default()
}

/// Polls until the crawler rests again: soon at first, then less often.
async fn wait(cloud: &Cloud, name: &str, bar: &Moving) -> Result<Crawler, CallError> {
    let longest = match cloud.target() {
        Target::Local { .. } => Duration::from_millis(200),
        Target::Aws | Target::Endpoint(_) => Duration::from_secs(5),
    };
    let mut pause = Duration::from_millis(10);
    loop {
        let crawler = get(cloud, name).await?;
        match crawler.state() {
            Some(CrawlerState::Ready) | None => return Ok(crawler),
            Some(state) => bar.set(format!("{name} {}", state.as_str().to_lowercase())),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

async fn stop_all(cloud: &Cloud, output: &Output, names: &[String]) -> anyhow::Result<Exit> {
    for name in names {
        match call!("StopCrawler", cloud.glue.stop_crawler().name(name)) {
            Ok(_) => output.say(format!("{name} is being stopped")),
            Err(error) if error.is("CrawlerNotRunningException") => {}
            Err(error) => output.warn(error.to_string()),
        }
    }
    cloud.finish().await;
    Ok(Exit::Interrupted)
}

/// The tables of a database, with their partitions counted.
async fn snapshot(cloud: &Cloud, database: &str) -> Result<Catalog, CallError> {
    let mut tables = Catalog::new();
    let found = match catalog::tables(cloud, database).await {
        Err(error) if error.is("EntityNotFoundException") => return Ok(tables),
        found => found?,
    };
    for table in found {
        let stored = table
            .storage_descriptor()
            .map(aws_sdk_glue::types::StorageDescriptor::columns)
            .unwrap_or_default();
        let keys = table.partition_keys();
        let of = |column: &aws_sdk_glue::types::Column, partition_key| ColumnOf {
            name: column.name().to_owned(),
            r#type: column.r#type().unwrap_or_default().to_owned(),
            partition_key,
        };
        let columns = stored.iter().map(|c| of(c, false));
        let columns = columns.chain(keys.iter().map(|c| of(c, true))).collect();
        let classification = table
            .parameters()
            .and_then(|p| p.get("classification"))
            .cloned();
        let partitions = if keys.is_empty() {
            0
        } else {
            catalog::count_partitions(cloud, database, table.name()).await?
        };
        tables.insert(
            table.name().to_owned(),
            Seen {
                version: table.version_id().unwrap_or_default().to_owned(),
                classification: classification.unwrap_or_default(),
                columns,
                partitions,
            },
        );
    }
    Ok(tables)
}

fn difference(database: &str, before: &Catalog, after: &Catalog) -> Vec<TableChange> {
    let mut changes = Vec::new();
    for (name, new) in after {
        let old = before.get(name);
        let known = |column: &ColumnOf| {
            old.and_then(|o| o.columns.iter().find(|c| c.name == column.name))
        };
        let change = TableChange {
            database: database.to_owned(),
            table: name.clone(),
            what: if old.is_some() { "changed" } else { "added" },
            classification: new.classification.clone(),
            columns_added: new
                .columns
                .iter()
                .filter(|c| known(c).is_none())
                .cloned()
                .collect(),
            columns_changed: new
                .columns
                .iter()
                .filter_map(|c| {
                    let old = known(c).filter(|old| old.r#type != c.r#type)?;
                    Some(ColumnChange {
                        name: c.name.clone(),
                        old: old.r#type.clone(),
                        new: c.r#type.clone(),
                    })
                })
                .collect(),
            partitions_added: new
                .partitions
                .saturating_sub(old.map_or(0, |o| o.partitions)),
        };
        let is_new = old.is_none_or(|o| o.version != new.version);
        if is_new || change.partitions_added > 0 {
            changes.push(change);
        }
    }
    for (name, old) in before {
        if !after.contains_key(name) {
            changes.push(TableChange {
                database: database.to_owned(),
                table: name.clone(),
                what: "removed",
                classification: old.classification.clone(),
                columns_added: Vec::new(),
                columns_changed: Vec::new(),
                partitions_added: 0,
            });
        }
    }
    changes
}

fn show(output: &Output, report: &Report) -> anyhow::Result<()> {
    let paint = output.paint;
    let time = human::duration(Duration::from_secs_f64(report.seconds));
    if report.status != "SUCCEEDED" {
        let message = report.message.as_deref().unwrap_or("Glue gives no reason");
        output.error(format!(
            "the crawl of {} is {}: {message}",
            report.crawler, report.status
        ));
        return Ok(());
    }
    for change in &report.changes {
        let symbol = match change.what {
            "added" => paint.good("+"),
            "removed" => paint.bad("-"),
            _ => paint.accent("~"),
        };
        let name = paint.strong(&format!("{}.{}", change.database, change.table));
        let mut facts = Vec::new();
        if !change.classification.is_empty() {
            facts.push(change.classification.clone());
        }
        if !change.columns_added.is_empty() {
            facts.push(human::plural(change.columns_added.len(), "column"));
        }
        if change.partitions_added > 0 {
            facts.push(human::plural(change.partitions_added, "partition"));
        }
        output.line(format!("{symbol} {name}  {}", facts.join(", ")))?;
        let width = change.columns_added.iter().map(|c| c.name.chars().count());
        let width = width.max().unwrap_or_default();
        for column in &change.columns_added {
            let key = if column.partition_key {
                paint.faint("  partition key")
            } else {
                String::new()
            };
            output.line(format!("    {:width$}  {}{key}", column.name, column.r#type))?;
        }
        for column in &change.columns_changed {
            output.line(format!(
                "    {}: {} → {}",
                column.name, column.old, column.new
            ))?;
        }
    }
    let what = if report.changes.is_empty() {
        "found nothing new".to_owned()
    } else {
        let changed = |what| report.changes.iter().filter(|c| c.what == what).count();
        [("added", changed("added")), ("changed", changed("changed")), ("removed", changed("removed"))]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{what} {}", human::plural(count, "table")))
            .collect::<Vec<_>>()
            .join(", ")
    };
    output.say(format!("{} {what} in {time}.", report.crawler));
    Ok(())
}
