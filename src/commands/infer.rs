//! `athglue infer`

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{ValueEnum, ValueHint};
use clap_complete::ArgValueCompleter;
use crawler::{Crawled, Options, Target};
use object_store::local::LocalFileSystem;
use serde_json::json;

use super::{completer, names};
use crate::cli::Exit;
use crate::native::s3;
use crate::output::crawl::{of_crawl, warnings};
use crate::output::{human, inferred};
use crate::session::Session;

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
    #[arg(long, value_name = "N")]
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
        }
    } else {
        local(Path::new(&args.path))?
    };
    target.exclusions.clone_from(&args.exclude);
    target.sample_size = args.sample;
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
    let found = found.with_context(|| format!("{} cannot be read", args.path))?;
    print(session, &args, &found, is_remote)
}

/// A file or a folder of this machine, as a bucket that has the folder's name.
fn local(path: &Path) -> anyhow::Result<Target> {
    let whole = std::fs::canonicalize(path)
        .with_context(|| format!("cannot read {}", path.display()))?;
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
    })
}

fn print(
    session: &Session,
    args: &Args,
    found: &Crawled,
    is_remote: bool,
) -> anyhow::Result<Exit> {
    let output = &session.output;
    let mut told = of_crawl(found);
    for warning in &mut told {
        warning.location = here(&warning.location, args, is_remote);
    }
    if output.is_json() {
        output.json(&json!({
            "tables": found.tables.iter().map(inferred::to_json).collect::<Vec<_>>(),
            "objects": found.objects, "bytes_read": found.bytes_read, "warnings": told,
        }))?;
    } else {
        for table in &found.tables {
            let place = place(table, args, is_remote);
            match args.format {
                Format::Table => inferred::show(output, table)?,
                Format::Ddl => {
                    let ddl = inferred::ddl(table, args.database.as_deref(), &place);
                    output.line(ddl)?;
                }
                Format::Toml => {
                    output.line(inferred::block(table, &database(session, args), &place))?;
                }
            }
        }
        warnings(output, &told);
        let objects = usize::try_from(found.objects).unwrap_or(usize::MAX);
        output.say(format!(
            "{} in {}, {} of them read.",
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

/// Where DDL and TOML say that a table is: what the user says of the whole, and its folder in it.
fn place(table: &crawler::Table, args: &Args, is_remote: bool) -> String {
    if is_remote && args.location.is_none() {
        return table.location.clone();
    }
    let base = args.location.as_deref().unwrap_or("s3://BUCKET/");
    let base = format!("{}/", base.trim_end_matches('/'));
    let below = table.location.strip_prefix("s3://").and_then(|l| l.split_once('/'));
    let below = below.map_or("", |(_, below)| below);
    // A single file's table is its folder.
    let is_file = !below.is_empty() && !below.ends_with('/');
    if is_file {
        base
    } else {
        format!("{base}{below}")
    }
}

/// The place of a warning as the user knows it.
fn here(location: &str, args: &Args, is_remote: bool) -> String {
    if is_remote {
        return location.to_owned();
    }
    let path = Path::new(&args.path);
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let below = location.strip_prefix("s3://").and_then(|l| l.split_once('/'));
    folder.join(below.map_or("", |(_, below)| below)).display().to_string()
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
