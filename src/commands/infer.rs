//! `athglue infer`

mod places;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use clap::{ValueEnum, ValueHint};
use clap_complete::ArgValueCompleter;
use crawler::{Crawled, Options, Table, Target};
use object_store::local::LocalFileSystem;
use serde_json::json;

use self::places::Places;
use super::{completer, names};
use crate::cli::Exit;
use crate::native::{s3, why};
use crate::output::crawl::{of_crawl, warnings};
use crate::output::{human, inferred};
use crate::session::Session;
use crate::stack::types::S3Path;

const EXAMPLES: &str = "\
Examples:
  athglue infer data/weather/
  athglue infer films.csv.gz --format ddl --location s3://lake/films/
  athglue infer s3://lake/films/ --format toml >> stack.toml
  athglue infer films.parquet --output json | jq '.tables[0].columns'";

/// Says what tables and columns are in files, as Glue's crawler would; writes nothing.
///
/// Files and folders of this machine are read without any cloud.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A file, a folder, or an S3 path.
    #[arg(value_name = "FILE|DIR|S3_URL", value_hint = ValueHint::AnyPath)]
    path: String,

    /// How the tables are shown.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,

    /// How many files of each folder are read. Without it, all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=249))]
    sample: Option<u32>,

    /// Names that are left out: glob patterns, relative to the path; may be given more than once.
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// Takes all files of one format for one table.
    #[arg(long)]
    combine: bool,

    /// The database that DDL and TOML name, by its id in stack.toml or by name.
    #[arg(long, value_name = "DB", add = ArgValueCompleter::new(completer::databases))]
    database: Option<String>,

    /// Where DDL and TOML say that the data is.
    #[arg(long, value_name = "S3_URL")]
    location: Option<String>,
}

/// How tables are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// Athena's CREATE EXTERNAL TABLE.
    Ddl,
    /// Blocks [tables.NAME] of stack.toml.
    Toml,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    check_location(&args)?;
    let output = &session.output;
    let is_remote = args.path.starts_with("s3://") || args.path.starts_with("s3a://");
    let mut target = if is_remote {
        let (_, cloud) = session.open().await?;
        let (bucket, key) = crawler::catalog::split(&args.path)
            .with_context(|| format!("{} is no path of S3", args.path))?;
        Target {
            store: s3::store(&cloud.s3, bucket),
            bucket: bucket.to_owned(),
            prefix: key.to_owned(),
            exclusions: Vec::new(),
            sample_size: None,
            only: None,
        }
    } else {
        local(Path::new(&args.path))?
    };
    target.exclusions.clone_from(&args.exclude);
    target.sample_size = args.sample;
    let include_path = format!("s3://{}/{}", target.bucket, target.prefix);
    let options = Options {
        combine_compatible_schemas: args.combine,
        ..Options::default()
    };
    let reading = output.spinner(&format!("{} is being read", args.path));
    let progress = |now: crawler::Progress| {
        let objects = human::plural(usize::try_from(now.objects).unwrap_or(usize::MAX), "file");
        let read = human::bytes(now.bytes_read);
        reading.set(format!("{objects}, {read} read"));
    };
    let found = crawler::crawl(&[target], &options, &progress).await;
    reading.end();
    let found = found.map_err(|error| {
        let why = if is_remote { why(&error) } else { why_here(&error) };
        anyhow!("{} cannot be read: {why}", args.path)
    })?;
    let location = args.location.as_deref();
    let places = Places::new(&args.path, &include_path, is_remote, location, &found.tables);
    print(session, &args, &found, &places)
}

/// Why what is on this machine cannot be read: in the system's own words, which name the path.
fn why_here(error: &crawler::Error) -> String {
    let crawler::Error::Store { source, .. } = error else {
        return error.to_string();
    };
    let mut cause: &dyn std::error::Error = source;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let said = cause.to_string();
    if said.starts_with(LOOP) {
        return format!("{said}\n  help: take that symbolic link away, or name a folder without it");
    }
    said
}

/// What walkdir says first of a symbolic link that leads back to a folder it is in.
const LOOP: &str = "File system loop found";

/// A file or a folder of this machine, as a bucket that has the folder's name.
fn local(path: &Path) -> anyhow::Result<Target> {
    let cannot_read = || format!("cannot read {}", path.display());
    let kind = std::fs::metadata(path).with_context(cannot_read)?;
    if !kind.is_dir() && !kind.is_file() {
        bail!(
            "{} is neither a file nor a folder\n  \
             help: what comes through a pipe is to be written to a file first",
            path.display()
        );
    }
    let whole = std::fs::canonicalize(path).with_context(cannot_read)?;
    let (folder, prefix) = if whole.is_dir() {
        (whole.as_path(), String::new())
    } else {
        let name = whole.file_name().and_then(|name| name.to_str());
        let folder = whole.parent().unwrap_or(Path::new("/"));
        (folder, name.unwrap_or_default().to_owned())
    };
    let bucket = folder.file_name().and_then(|name| name.to_str()).unwrap_or("root");
    Ok(Target {
        store: Arc::new(LocalFileSystem::new_with_prefix(folder)?),
        bucket: bucket.to_owned(),
        prefix,
        exclusions: Vec::new(),
        sample_size: None,
        only: None,
    })
}

fn print(
    session: &Session,
    args: &Args,
    found: &Crawled,
    places: &Places<'_>,
) -> anyhow::Result<Exit> {
    let output = &session.output;
    let mut told = of_crawl(found);
    for warning in &mut told {
        warning.location = places.here(&warning.location);
    }
    if output.is_json() {
        let tables = found.tables.iter();
        output.json(&json!({
            "tables": tables.map(|table| to_json(table, args, places)).collect::<Vec<_>>(),
            "objects": found.objects, "bytes_read": found.bytes_read, "warnings": told,
        }))?;
    } else {
        for table in &found.tables {
            let placed = places.placed(table);
            match args.format {
                Format::Table => inferred::show(output, table)?,
                Format::Ddl => output.line(inferred::ddl(&placed, args.database.as_deref()))?,
                Format::Toml => output.line(inferred::block(&placed, &database(session, args)))?,
            }
        }
        warnings(output, &told);
        let objects = usize::try_from(found.objects).unwrap_or(usize::MAX);
        output.say(format!(
            "{} in {}, {} read.",
            human::plural(found.tables.len(), "table"),
            human::plural(objects, "file"),
            human::bytes(found.bytes_read)
        ));
    }
    if found.tables.is_empty() {
        bail!("{} has no table in it", args.path);
    }
    Ok(Exit::Success)
}

/// A table for programs: where it is, or where the user says that it is.
fn to_json(table: &Table, args: &Args, places: &Places<'_>) -> serde_json::Value {
    if args.location.is_some() {
        let placed = places.placed(table);
        let at = |location: &str| {
            let below = location.strip_prefix(&table.location).unwrap_or_default();
            format!("{}{below}", placed.location)
        };
        return inferred::to_json(&placed, at);
    }
    inferred::to_json(table, |location| places.here(location))
}

/// Fails for what is no place in S3. A block of `stack.toml` may name a bucket of the stack.
fn check_location(args: &Args) -> anyhow::Result<()> {
    let Some(location) = &args.location else {
        return Ok(());
    };
    if args.format == Format::Toml && location.starts_with("s3://${") {
        return Ok(());
    }
    match S3Path::try_from(location.clone()) {
        Ok(_) => Ok(()),
        Err(why) => bail!("--location {location}: {why}"),
    }
}

/// The database that a block names: a reference, where the stack has it.
fn database(session: &Session, args: &Args) -> String {
    let stack = session.document().ok().and_then(|d| session.resolve(&d).ok());
    let ids: Vec<String> = stack
        .iter()
        .flat_map(|stack| stack.of_kind("databases"))
        .map(|declared| declared.resource.address().id.clone())
        .collect();
    let reference = |id: &str| format!("${{databases.{id}}}");
    match &args.database {
        Some(given) if ids.contains(given) => reference(given),
        Some(given) => names::physical(stack.as_ref(), "databases", given),
        None => ids.first().map_or("DATABASE".to_owned(), |id| reference(id)),
    }
}
