//! `athglue demo`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Parser as _, ValueHint};

use super::interrupts::{self, Interrupts};
use crate::cli::{Cli, Exit};
use crate::example;
use crate::session::Session;

/// Stands up an example lake on the embedded cloud, crawls, queries and runs it, and takes it
/// down.
///
/// Every step is announced as the command that does it, to be typed by hand afterwards.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder for the example; without it, a temporary one.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,

    /// Leaves the lake up, and the folder where it is.
    #[arg(long)]
    keep: bool,
}

/// The commands of the demo and what each is for.
const STEPS: &[(&str, &[&str])] = &[
    ("Is the stack written well?", &["validate"]),
    ("What would be made?", &["plan"]),
    ("Make it: buckets, data, database, crawler, workgroup, queries, state machine, roles", &["up", "--yes"]),
    ("Let the crawler find the tables", &["crawl"]),
    ("Ask", &["query", "SELECT weather, count(*) AS days, round(avg(wind), 1) AS wind FROM weather GROUP BY weather ORDER BY days DESC"]),
    ("Ask a named query", &["query", "@strongest"]),
    ("Run the state machine: a query, its pages, each of their rows", &["run", "report"]),
    ("Is all as stack.toml says?", &["plan", "--detailed-exitcode"]),
];

const DESTROY: &[&str] = &[
    "destroy",
    "--yes",
    "--force",
    "buckets.data",
    "--force",
    "buckets.results",
    "--force",
    "databases.lake",
    "--force",
    "workgroups.main",
];

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let output = &session.output;
    let temporary = match &args.dir {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("cannot make a temporary folder")?),
    };
    let given = args.dir.as_deref();
    let dir = given.or(temporary.as_ref().map(tempfile::TempDir::path));
    let dir = dir.unwrap_or(Path::new(".")).to_owned();
    let files = example::write(example::FILES, &dir)?;
    output.say(format!(
        "An example lake is in {}: {} files, public domain data.",
        dir.display(),
        files.len()
    ));
    for (why, command) in STEPS {
        let exit = step(session, &dir, why, command).await?;
        if exit == Exit::Interrupted {
            if let Some(dir) = given {
                output.say(format!(
                    "Stopped. `athglue -C {} destroy` takes down what was made.",
                    dir.display()
                ));
            }
            return Ok(exit);
        }
        if exit != Exit::Success {
            output.error(format!("`{}` did not do what it says", typed(command)));
            return Ok(Exit::Failure);
        }
    }
    if args.keep {
        let dir = temporary.map_or(dir, tempfile::TempDir::keep);
        output.say(format!(
            "\nThe lake is up. Go on there:\n  cd {}\n  athglue query \"SELECT name, city FROM airports WHERE state = 'AK' LIMIT 5\"\n  athglue describe weather\n  athglue local serve        for boto3, the aws cli, dbt\n  athglue destroy",
            dir.display()
        ));
        return Ok(Exit::Success);
    }
    let exit = step(session, &dir, "Take it down, with the data", DESTROY).await?;
    if exit != Exit::Success {
        return Ok(exit);
    }
    output.say(
        "\nThat was all of it. Next:\n  athglue demo --keep        leaves the lake up, to look around in\n  athglue init               a stack.toml for your own data\n  athglue --help             all commands; `--target aws` does the same on AWS",
    );
    Ok(Exit::Success)
}

/// Runs one command as if it were typed in the example's folder. Ctrl-C ends it, be it one that
/// would not have heard it, or that was done all the same.
async fn step(session: &Session, dir: &Path, why: &str, command: &[&str]) -> anyhow::Result<Exit> {
    let output = &session.output;
    output.say(format!(
        "\n{}\n{}",
        output.talk.faint(&format!("# {why}")),
        output.talk.accent(&format!("$ {}", typed(command)))
    ));
    let mut cli = Cli::try_parse_from(std::iter::once("athglue").chain(command.iter().copied()))?;
    // The demo never leaves this machine, whatever the environment says.
    cli.options = crate::cli::Options {
        file: dir.join("stack.toml"),
        target: Some(crate::cli::TargetName::Local),
        data_dir: Some(dir.join(".athglue")),
        region: None,
        profile: None,
        env: None,
        vars: Vec::new(),
        yes: cli.options.yes,
        ..session.options.clone()
    };
    let inner = Session::new(cli.options, output.clone());
    let (before, mut interrupts) = (interrupts::presses(), Interrupts::listen()?);
    let exit = interrupts
        .until_pressed(Box::pin(cli.command.run(&inner)))
        .await;
    match exit {
        Some(exit) if interrupts::presses() == before => exit,
        Some(Err(error)) => Err(error),
        _ => Ok(Exit::Interrupted),
    }
}

fn typed(command: &[&str]) -> String {
    let words = command.iter().map(|word| {
        if word.contains(' ') {
            format!("\"{word}\"")
        } else {
            (*word).to_owned()
        }
    });
    format!("athglue {}", words.collect::<Vec<_>>().join(" "))
}
