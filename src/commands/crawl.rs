//! `athglue crawl`

mod logs;
#[cfg(feature = "native-crawl")]
mod native;
mod progress;
mod snapshot;
mod watch;

use std::future;

use anyhow::{Context as _, bail};
use clap_complete::ArgValueCompleter;
use futures::stream::{self, StreamExt as _};
use serde_json::json;

use super::interrupts::Interrupts;
use super::{completer, names};
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::output::Output;
use crate::output::crawl::{Report, show};
use crate::resource::call;
use crate::session::Session;
use crate::stack::Stack;

const EXAMPLES: &str = "\
Examples:
  athglue crawl                               all crawlers of the stack
  athglue crawl films --output json
  athglue crawl films --logs                  what the last crawl wrote to its log
  athglue crawl --native films                in this process, on any target, without Glue's bill
  athglue crawl --native s3://lake/films/ --database lake --dry-run
  athglue crawl --native --partitions-only --database lake";

/// Runs crawlers, waits for them, and shows what changed in the catalog.
///
/// With --native the data is crawled in this process, and tables and partitions are written into
/// the Glue catalog from here: by a crawler's settings, or of any S3 path without a crawler.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Crawlers, by their id in stack.toml or by name. Without one, all of the stack. With
    /// --native also S3 paths.
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completer::crawlers))]
    names: Vec<String>,

    /// Starts them and does not wait.
    #[arg(long)]
    no_wait: bool,

    /// Prints the log of the crawlers' last crawls; runs nothing.
    #[arg(long, conflicts_with = "no_wait")]
    logs: bool,

    #[cfg(feature = "native-crawl")]
    #[command(flatten)]
    native: native::NativeArgs,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    #[cfg(feature = "native-crawl")]
    if args.native.is_wanted() {
        return native::run(&args.names, args.native, session).await;
    }
    let (stack, cloud) = session.open().await?;
    let names = chosen(&args.names, stack.as_ref())?;
    are_there(&cloud, stack.as_ref(), &names, &session.output).await?;
    if args.logs {
        return logs::print(session, &cloud, stack.as_ref(), &names).await;
    }
    if args.no_wait {
        for name in &names {
            watch::start(&cloud, stack.as_ref(), name).await?;
            if !session.output.is_json() {
                session.output.line(format!("started {name}"))?;
            }
        }
        if session.output.is_json() {
            session.output.json(&json!({"started": names}))?;
        }
        // The embedded cloud lives in this process: it ends with its crawls.
        cloud.finish().await;
        return Ok(Exit::Success);
    }
    let mut interrupts = Interrupts::listen().context("cannot listen for Ctrl-C")?;
    let live = session.output.live();
    let crawls = names
        .iter()
        .map(|name| watch::crawl(&cloud, stack.as_ref(), name, &live, &session.output));
    // One that fails to start does not end the others.
    let all = stream::iter(crawls).buffer_unordered(names.len().max(1));
    let mut ended = Vec::new();
    let all = all.for_each(|one| {
        ended.push(one);
        future::ready(())
    });
    let was_stopped = interrupts.until_pressed(all).await.is_none();
    drop(live);
    if was_stopped {
        let rest = without_report(&names, &ended);
        stop(&cloud, &session.output, rest, &mut interrupts).await;
    }
    // What is left is to be told, and Ctrl-C ends that at once.
    drop(interrupts);
    tell_stopped(session, ended, was_stopped)
}

/// Tells what had ended, though Ctrl-C stopped the rest.
fn tell_stopped(
    session: &Session,
    ended: Vec<anyhow::Result<Report>>,
    was_stopped: bool,
) -> anyhow::Result<Exit> {
    let told = tell(session, ended);
    if !was_stopped {
        return told;
    }
    if let Err(error) = told {
        session.output.fail(&error);
    }
    Ok(Exit::Interrupted)
}

/// Tells all reports; the first error is the command's, when the others are told.
fn tell(session: &Session, ended: Vec<anyhow::Result<Report>>) -> anyhow::Result<Exit> {
    let mut reports = Vec::new();
    let mut errors = Vec::new();
    for one in ended {
        match one {
            Ok(report) => reports.push(report),
            Err(error) => errors.push(error),
        }
    }
    reports.sort_by(|one, two| one.crawler.cmp(&two.crawler));
    if session.output.is_json() {
        session.output.json(&reports)?;
    } else {
        for report in &reports {
            show(&session.output, report)?;
        }
    }
    none_of(errors, &session.output)?;
    let all_good = reports.iter().all(Report::is_good);
    Ok(if all_good { Exit::Success } else { Exit::Failure })
}

/// Fails with the last of several errors, when the others are told.
fn none_of(mut errors: Vec<anyhow::Error>, output: &Output) -> anyhow::Result<()> {
    let Some(last) = errors.pop() else {
        return Ok(());
    };
    for error in errors {
        output.error(format!("{error:#}"));
    }
    Err(last)
}

/// Fails for crawlers that are not there, before any of the others runs, which AWS would bill.
async fn are_there(
    cloud: &Cloud,
    stack: Option<&Stack>,
    names: &[String],
    output: &Output,
) -> anyhow::Result<()> {
    /// How many are asked for at a time.
    const AT_ONCE: usize = 8;
    let asked = names.iter().map(|name| watch::named(cloud, stack, name));
    let found: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
    none_of(found.into_iter().filter_map(Result::err).collect(), output)
}

fn chosen(given: &[String], stack: Option<&Stack>) -> anyhow::Result<Vec<String>> {
    if let Some(path) = given.iter().find(|given| given.starts_with("s3://")) {
        bail!("{path} is a path and no crawler\n  help: `--native` crawls paths without a crawler");
    }
    if !given.is_empty() {
        let physical = given.iter().map(|g| names::physical(stack, "crawlers", g));
        let mut chosen: Vec<String> = Vec::new();
        for name in physical {
            // One that is named twice, or by its id and its name, is crawled once.
            if !chosen.contains(&name) {
                chosen.push(name);
            }
        }
        return Ok(chosen);
    }
    let all = names::all(stack, "crawlers");
    if all.is_empty() {
        bail!("no crawler is named, and there is none in stack.toml");
    }
    Ok(all)
}

/// The crawlers of whose crawls nothing is known to have ended.
fn without_report<'a>(names: &'a [String], ended: &[anyhow::Result<Report>]) -> Vec<&'a String> {
    let has_report = |name: &&String| ended.iter().flatten().any(|one| one.crawler == **name);
    names.iter().filter(|name| !has_report(name)).collect()
}

/// Stops crawlers after Ctrl-C; once more leaves them as they are.
async fn stop(cloud: &Cloud, output: &Output, names: Vec<&String>, interrupts: &mut Interrupts) {
    output.say("Stopping what crawls; Ctrl-C once more leaves it as it is.");
    let stopping = async {
        for name in names {
            match call!("StopCrawler", cloud.glue.stop_crawler().name(name)) {
                Ok(_) => output.say(format!("{name} is being stopped")),
                Err(error) if error.is("CrawlerNotRunningException") => {
                    output.say(format!("{name} is not running"));
                }
                Err(error) => output.warn(error.to_string()),
            }
        }
        cloud.finish().await;
    };
    if interrupts.until_pressed_again(stopping).await.is_none() {
        output.say("Left as it is.");
    }
}
