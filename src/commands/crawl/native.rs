//! `athglue crawl --native`

mod work;

use std::future;

use anyhow::{Context as _, bail};
use clap_complete::ArgValueCompleter;
use futures::stream::{self, StreamExt as _};

use self::work::{Crawl, Turns};
use super::{chosen, none_of, tell_stopped, watch};
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::commands::interrupts::Interrupts;
use crate::commands::{completer, names};
use crate::native::{Job, settings};
use crate::output::Output;
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
    #[arg(long, value_name = "TEXT", requires = "native", conflicts_with = "partitions_only")]
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

/// How many crawls look at data at a time; each may take some memory.
const AT_ONCE: usize = 4;

pub async fn run(given: &[String], args: NativeArgs, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let stack = stack.as_ref();
    let asked = asked(given, &args, stack)?;
    let mut interrupts = Interrupts::listen().context("cannot listen for Ctrl-C")?;
    let crawls = crawls(&cloud, stack, asked, &args, &session.output).await?;
    let live = session.output.live();
    let turns = Turns::default();
    let all = crawls.iter().map(|crawl| crawl.make(&cloud, &turns, &live));
    // One that fails does not end the others.
    let all = stream::iter(all).buffer_unordered(AT_ONCE);
    let mut ended = Vec::new();
    let all = all.for_each(|one| {
        ended.push(one);
        future::ready(())
    });
    let was_stopped = interrupts.until_pressed(all).await.is_none();
    drop(live);
    // What is left is to be told, and Ctrl-C ends that at once.
    drop(interrupts);
    let exit = tell_stopped(session, ended, was_stopped);
    if was_stopped {
        session.output.say("Stopped; what was written stays, and the next crawl goes on.");
    }
    exit
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
    if paths.is_empty() {
        refuse_of_paths(args)?;
    }
    if !crawlers.is_empty() || paths.is_empty() {
        asked.extend(chosen(&crawlers, stack)?.into_iter().map(Asked::Crawler));
    }
    if !paths.is_empty() {
        asked.push(Asked::Paths(paths));
    }
    Ok(asked)
}

/// Refuses what crawlers say themselves.
fn refuse_of_paths(args: &NativeArgs) -> anyhow::Result<()> {
    let given = [
        ("--database", args.database.is_some()),
        ("--table-prefix", args.table_prefix.is_some()),
    ];
    if let Some((option, _)) = given.iter().find(|(_, is_given)| *is_given) {
        bail!(
            "{option} is for S3 paths, and none is named\n  \
             help: a crawler has a database and a table prefix of its own"
        );
    }
    Ok(())
}

/// What each crawl is to look at, and by which rules. All that is asked for is looked up before
/// anything is crawled.
async fn crawls(
    cloud: &Cloud,
    stack: Option<&Stack>,
    asked: Vec<Asked>,
    args: &NativeArgs,
    output: &Output,
) -> anyhow::Result<Vec<Crawl>> {
    let reading = output.spinner("Reading what is there");
    let mut crawls = Vec::new();
    let mut errors = Vec::new();
    for (place, one) in asked.into_iter().enumerate() {
        match job(cloud, stack, &one, args).await {
            Ok(job) => crawls.push(Crawl {
                shown: shown(one, &job),
                job,
                place,
                partitions_only: args.partitions_only,
                dry_run: args.dry_run,
            }),
            Err(error) => errors.push(error),
        }
    }
    reading.end();
    none_of(errors, output)?;
    Ok(crawls)
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
        Asked::Crawler(name) => {
            let crawler = watch::named(cloud, stack, name).await?;
            settings::of_crawler(cloud, &crawler).await?
        }
        Asked::Paths(paths) => {
            let database = database(args, stack)?;
            settings::of_paths(cloud, paths, &database, args.table_prefix.clone())?
        }
        Asked::Database => settings::of_paths(cloud, &[], &database(args, stack)?, None)?,
    })
}

fn shown(asked: Asked, job: &Job) -> String {
    match asked {
        Asked::Crawler(name) => name,
        Asked::Paths(paths) => paths.join(" "),
        Asked::Database => job.database.clone(),
    }
}
