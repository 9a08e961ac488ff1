//! `athglue crawl --native`

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap_complete::ArgValueCompleter;

use super::{chosen, snapshot, tell, watch};
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::commands::interrupts::Interrupts;
use crate::commands::{completer, names};
use crate::native::plan::{Change, TablePlan};
use crate::native::{self, Job, Plan, settings};
use crate::output::crawl::{Catalog, Partitions, Report, Warning, difference, of_crawl};
use crate::output::{Moving, human};
use crate::resource::CallError;
use crate::session::Session;
use crate::stack::Stack;

/// Crawling without Glue.
#[derive(Debug, clap::Args)]
pub struct NativeArgs {
    /// Crawls in this process, and writes into the Glue catalog from here.
    #[arg(long, conflicts_with_all = ["no_wait", "logs"])]
    native: bool,

    /// Shows what would change, and writes nothing.
    #[arg(long, requires = "native")]
    dry_run: bool,

    /// Only brings in the partitions whose folders are new below tables that are there; reads no
    /// file.
    #[arg(long, requires = "native")]
    partitions_only: bool,

    /// The database of tables found at S3 paths, by its id in stack.toml or by name. Without it,
    /// the stack's, if it has one.
    #[arg(long, value_name = "DB", requires = "native")]
    #[arg(add = ArgValueCompleter::new(completer::databases))]
    database: Option<String>,

    /// What the names of tables found at S3 paths begin with.
    #[arg(long, value_name = "TEXT", requires = "native")]
    table_prefix: Option<String>,
}

impl NativeArgs {
    pub fn is_wanted(&self) -> bool {
        self.native
    }
}

/// One crawl that is asked for.
enum Asked {
    Crawler(String),
    Paths(Vec<String>),
    /// All tables of the database.
    Database,
}

pub async fn run(given: &[String], args: NativeArgs, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let stack = stack.as_ref();
    let asked = asked(given, &args, stack)?;
    let mut interrupts = Interrupts::listen().context("cannot listen for Ctrl-C")?;
    let live = session.output.live();
    let mut reports = Vec::new();
    for one in &asked {
        let bar = live.add("Reading what is there");
        let crawl = crawl(&cloud, stack, one, &args, &bar);
        let report = interrupts.until_pressed(crawl).await;
        bar.end();
        let Some(report) = report else {
            session.output.say("Stopped; what was written stays, and the next crawl goes on.");
            return Ok(Exit::Interrupted);
        };
        reports.push(report);
    }
    drop(live);
    // What is left is to be told, and Ctrl-C ends that at once.
    drop(interrupts);
    tell(session, reports)
}

fn asked(given: &[String], args: &NativeArgs, stack: Option<&Stack>) -> anyhow::Result<Vec<Asked>> {
    let (paths, crawlers): (Vec<String>, Vec<String>) = given
        .iter()
        .cloned()
        .partition(|one| one.starts_with("s3://") || one.starts_with("s3a://"));
    let mut asked = Vec::new();
    if given.is_empty() && args.database.is_some() {
        if !args.partitions_only {
            bail!("what is to be crawled? name an s3:// path beside --database");
        }
        return Ok(vec![Asked::Database]);
    }
    if !crawlers.is_empty() || paths.is_empty() {
        asked.extend(chosen(&crawlers, stack)?.into_iter().map(Asked::Crawler));
    }
    if !paths.is_empty() {
        asked.push(Asked::Paths(paths));
    }
    Ok(asked)
}

fn database(args: &NativeArgs, stack: Option<&Stack>) -> anyhow::Result<String> {
    match &args.database {
        Some(given) => Ok(names::physical(stack, "databases", given)),
        None => match names::only(stack, "databases") {
            Some(only) => Ok(only),
            None => bail!("which database? say it as --database DB"),
        },
    }
}

async fn job(
    cloud: &Cloud,
    stack: Option<&Stack>,
    asked: &Asked,
    args: &NativeArgs,
) -> anyhow::Result<Job> {
    Ok(match asked {
        Asked::Crawler(name) => match watch::get(cloud, name).await {
            Ok(crawler) => settings::of_crawler(cloud, &crawler).await?,
            Err(error) if error.is("EntityNotFoundException") && name.contains('/') => {
                bail!("{error}\n  help: a path of S3 begins with s3://, as in s3://BUCKET/{name}; `infer` reads files of this machine")
            }
            Err(error) if error.is("EntityNotFoundException") => {
                bail!("{error}{}", names::not_there(stack, "crawlers", name))
            }
            Err(error) => return Err(error.into()),
        },
        Asked::Paths(paths) => {
            let database = database(args, stack)?;
            settings::of_paths(cloud, paths, &database, args.table_prefix.clone())?
        }
        Asked::Database => settings::of_paths(cloud, &[], &database(args, stack)?, None)?,
    })
}

/// Makes one crawl, and gives what it came to.
async fn crawl(
    cloud: &Cloud,
    stack: Option<&Stack>,
    asked: &Asked,
    args: &NativeArgs,
    bar: &Moving,
) -> anyhow::Result<Report> {
    let began = Instant::now();
    let job = job(cloud, stack, asked, args).await?;
    let shown = shown(asked, &job);
    bar.set(format!("{shown} is being listed"));
    let looked = Looked::default();
    let (plan, warnings) = if args.partitions_only {
        let count = |folders: u64| {
            let all = looked.objects.fetch_add(folders, Ordering::Relaxed) + folders;
            bar.set(format!("{shown}  {}", counted(all, "folder")));
        };
        let rules = &job.rules;
        let plan = native::plan::partitions_only(cloud, &job.database, rules, &count).await?;
        (plan, Vec::new())
    } else {
        let progress = |now: crawler::Progress| {
            looked.objects.store(now.objects, Ordering::Relaxed);
            looked.bytes.store(now.bytes_read, Ordering::Relaxed);
            let read = human::bytes(now.bytes_read);
            bar.set(format!("{shown}  {}, {read} read", counted(now.objects, "object")));
        };
        let mut found = native::look(&job, &progress).await?;
        looked.objects.store(found.objects, Ordering::Relaxed);
        looked.bytes.store(found.bytes_read, Ordering::Relaxed);
        let tables = counted(found.tables.len() as u64, "table");
        bar.set(format!("{shown}  {tables}; the catalog is being read"));
        let plan = native::plan(cloud, &job, &found).await?;
        found.advice = found.advice_by_names(&|name| plan.called(name));
        (plan, of_crawl(&found))
    };
    let mut changes = changes(&plan);
    let mut warnings = warnings;
    warnings.extend(grouped_anew(&plan));
    warnings.extend(misfits(&plan));
    let mut status = "DRY_RUN";
    let mut message = None;
    if !args.dry_run {
        bar.set(format!("{shown} is being written"));
        let refused = native::write::write(cloud, &plan).await?;
        changes.retain(|change| !refused.iter().any(|(name, _)| *name == change.table));
        status = if refused.is_empty() { "SUCCEEDED" } else { "FAILED" };
        message = why_refused(&refused);
    }
    let seconds = began.elapsed().as_secs_f64();
    let seen = looked.objects.load(Ordering::Relaxed);
    Ok(Report {
        crawler: shown,
        status: status.to_owned(),
        message,
        seconds,
        objects: (!args.partitions_only).then_some(seen),
        folders: args.partitions_only.then_some(seen),
        bytes_read: Some(looked.bytes.load(Ordering::Relaxed)),
        cost: Some(watch::cost_of(seconds)),
        billed: false,
        database_added: plan.makes_database.then_some(plan.database),
        warnings,
        changes,
    })
}

/// Says of tables that no longer are ones why they are neither deprecated nor deleted.
fn grouped_anew(plan: &Plan) -> impl Iterator<Item = Warning> + '_ {
    plan.grouped_anew.iter().map(|(table, holder)| Warning {
        location: format!("{}.{table}", plan.database),
        message: format!("its data is part of table {holder} now; the table stays as it is"),
    })
}

/// Says of data why it is of no table.
fn misfits(plan: &Plan) -> impl Iterator<Item = Warning> + '_ {
    plan.misfits.iter().map(|misfit| Warning {
        location: misfit.location.clone(),
        message: misfit.message.clone(),
    })
}

/// Which tables the catalog did not take, and why it did not take the first.
fn why_refused(refused: &[(String, CallError)]) -> Option<String> {
    let (_, error) = refused.first()?;
    let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    let tables = if names.len() == 1 { "table" } else { "tables" };
    Some(format!("{tables} {} cannot be written: {error}", names.join(", ")))
}

/// How far a crawl is.
#[derive(Default)]
struct Looked {
    objects: AtomicU64,
    bytes: AtomicU64,
}

fn counted(number: u64, one: &str) -> String {
    human::plural(usize::try_from(number).unwrap_or(usize::MAX), one)
}

fn shown(asked: &Asked, job: &Job) -> String {
    match asked {
        Asked::Crawler(name) => name.clone(),
        Asked::Paths(paths) => paths.join(" "),
        Asked::Database => job.database.clone(),
    }
}

/// The difference that a plan makes.
fn changes(plan: &Plan) -> Vec<crate::output::crawl::TableChange> {
    let before = snapshot::of(&plan.before);
    let mut after: Catalog = before.clone();
    let mut partitions = BTreeMap::new();
    for table in &plan.tables {
        let moved = Partitions {
            added: table.partitions.create.len(),
            changed: table.partitions.update.len(),
            removed: table.partitions.delete.len(),
        };
        partitions.insert(table.name.clone(), moved);
        change(table, &mut after);
    }
    difference(&plan.database, &before, &after, &partitions)
}

fn change(table: &TablePlan, after: &mut Catalog) {
    match &table.change {
        Change::Keep => {}
        Change::Delete => {
            after.remove(&table.name);
        }
        Change::Create(input) | Change::Update(input) => {
            let seen = snapshot::seen(
                "new",
                input.storage_descriptor(),
                input.partition_keys(),
                input.parameters(),
            );
            after.insert(table.name.clone(), seen);
        }
    }
}
