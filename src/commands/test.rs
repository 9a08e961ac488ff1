//! `athglue test`

mod case;
mod file;
mod mocks;
mod run;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueHint;
use serde::Serialize;
use serde_json::Value;

use self::file::Suite;
use crate::cli::Exit;
use crate::output::human;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  athglue test                              tests/*.toml and tests-asl/*.toml beside stack.toml
  athglue test tests/report.toml --case 'two pages'
  athglue test --output json

docs/testing-state-machines.md says what is in a file of cases.";

/// Runs the test cases of state machines in this process: mocked tasks, a clock that waits for
/// nothing, no cloud.
///
/// A case says a machine's input, what its tasks answer, and the path and the output or error that
/// are expected. Exit code 1 if one fails.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files of cases, or folders of them. Without one, tests/ and tests-asl/ beside stack.toml.
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Only cases whose name has this in it.
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
}

/// What became of a case.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    case: String,
    passed: bool,
    /// What is not as expected, or why there is nothing to compare.
    problems: Vec<String>,
    /// The states that were entered, outside of Map and Parallel.
    path: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// Of the clock in the test.
    seconds: f64,
    transitions: usize,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let output = &session.output;
    let files = files(&args, session)?;
    let mut reports = Vec::new();
    let began = std::time::Instant::now();
    for file in &files {
        let suite = Suite::read(file)?;
        let machine = suite.machine(session).with_context(|| file.display().to_string())?;
        for case in &suite.cases {
            if args.case.as_ref().is_some_and(|text| !case.name.contains(text.as_str())) {
                continue;
            }
            let ran = run::run(&machine, case)?;
            let problems = case.compare(&ran);
            let report = Report {
                file: file.display().to_string(),
                case: case.name.clone(),
                passed: problems.is_empty(),
                problems,
                path: ran.path,
                output: ran.output,
                error: ran.error,
                cause: ran.cause,
                seconds: ran.passed.as_secs_f64(),
                transitions: ran.transitions,
            };
            if !output.is_json() {
                show(session, &report)?;
            }
            reports.push(report);
        }
    }
    if reports.is_empty() {
        bail!("no case is there to run");
    }
    let failed = reports.iter().filter(|report| !report.passed).count();
    if output.is_json() {
        output.json(&reports)?;
    } else {
        let passed = reports.len() - failed;
        let count = human::plural(passed, "case");
        let failed = match failed {
            0 => String::new(),
            failed => output.talk.bad(&format!(", {} failed", human::count(failed))),
        };
        let time = human::duration(began.elapsed());
        output.say(format!("{count} passed{failed}, in {time}."));
    }
    Ok(if failed == 0 { Exit::Success } else { Exit::Failure })
}

fn show(session: &Session, report: &Report) -> anyhow::Result<()> {
    let paint = session.output.paint;
    let symbol = if report.passed { paint.good("✓") } else { paint.bad("✗") };
    let waited = std::time::Duration::from_secs_f64(report.seconds);
    let mut facts = vec![human::plural(report.transitions, "transition")];
    if report.seconds >= 1.0 {
        facts.push(format!("{} on its clock", human::duration(waited)));
    }
    let facts = paint.faint(&facts.join(", "));
    session.output.line(format!("{symbol} {}: {}  {facts}", report.file, report.case))?;
    for problem in &report.problems {
        for line in problem.lines() {
            session.output.line(format!("    {line}"))?;
        }
    }
    Ok(())
}

/// The files of cases, in the order of their names.
fn files(args: &Args, session: &Session) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if args.paths.is_empty() {
        let stack = session.stack_file();
        let base = stack.parent().unwrap_or(Path::new(""));
        for folder in ["tests", "tests-asl"] {
            let folder = base.join(folder);
            if folder.is_dir() {
                files.extend(of_folder(&folder)?);
            }
        }
        if files.is_empty() {
            bail!("there is no tests/*.toml and no tests-asl/*.toml beside {}\n  help: name a file of cases; docs/testing-state-machines.md says what is in it", stack.display());
        }
    }
    for path in &args.paths {
        if path.is_dir() {
            files.extend(of_folder(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn of_folder(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
