//! `athglue test`

mod agreement;
mod case;
mod file;
mod mocks;
mod run;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueHint;
use serde::Serialize;
use serde_json::Value;

use self::case::Case;
use self::file::{Entry, Suite};
use self::run::Ran;
use crate::cli::Exit;
use crate::output::{Paint, human};
use crate::session::Session;
use crate::stack::Stack;

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

/// What became of a case, or of a file whose cases cannot be run.
#[derive(Debug, Default, Serialize)]
struct Report {
    file: String,
    /// None of a file whose cases cannot be run.
    case: Option<String>,
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
    let began = std::time::Instant::now();
    let mut reports = Vec::new();
    for file in &files {
        // A file that is broken hinders none of the others.
        let ran = of_file(file, &args, session, &mut reports);
        if let Err(error) = ran {
            let broken = Report::broken(file, &error);
            tell(session, &broken)?;
            reports.push(broken);
        }
    }
    if reports.is_empty() {
        bail!("{}", no_case(&files, args.case.as_deref()));
    }
    if output.is_json() {
        output.json(&reports)?;
    } else {
        output.say(summed_up(&reports, began.elapsed(), output.talk));
    }
    let passed = reports.iter().all(|report| report.passed);
    Ok(if passed { Exit::Success } else { Exit::Failure })
}

/// Runs the cases of a file that are asked for, and tells each.
fn of_file(
    file: &Path,
    args: &Args,
    session: &Session,
    reports: &mut Vec<Report>,
) -> anyhow::Result<()> {
    let suite = Suite::read(file, session)?;
    let is_asked = |name: &str| args.case.as_ref().is_none_or(|text| name.contains(text));
    let cases = suite.cases.iter().enumerate();
    let mut cases = cases.filter(|(_, entry)| is_asked(entry.name.as_str())).peekable();
    if cases.peek().is_none() {
        return Ok(());
    }
    let (machine, stack) = suite.machine(session)?;
    for (index, entry) in cases {
        let report = match case_to_run(&suite, index, entry, stack.as_ref()) {
            Ok(case) => {
                let ran = run::run(&machine, &case)?;
                let mut problems = suite.strange_states(index, &case, &machine);
                problems.extend(case.compare(&ran));
                Report::of(file, case.name, ran, problems)
            }
            // A case that is wrong hinders none of the others.
            Err(why) => Report::wrong(file, &entry.name, why),
        };
        tell(session, &report)?;
        reports.push(report);
    }
    Ok(())
}

/// The case with what it refers to in the stack, or why there is none.
fn case_to_run(
    suite: &Suite,
    index: usize,
    entry: &Entry,
    stack: Option<&Stack>,
) -> Result<Case, String> {
    let case = entry.case.as_ref().map_err(|wrong| suite.why_wrong(index, wrong))?;
    match stack {
        Some(stack) => case.clone().filled_in(stack).map_err(|error| format!("{error:#}")),
        None => Ok(case.clone()),
    }
}

impl Report {
    fn of(file: &Path, case: String, ran: Ran, problems: Vec<String>) -> Self {
        Self {
            file: file.display().to_string(),
            case: Some(case),
            passed: problems.is_empty(),
            problems,
            path: ran.path,
            output: ran.output,
            error: ran.error,
            cause: ran.cause,
            seconds: ran.passed.as_secs_f64(),
            transitions: ran.transitions,
        }
    }

    /// Of a case that cannot be run.
    fn wrong(file: &Path, case: &str, why: String) -> Self {
        Self {
            file: file.display().to_string(),
            case: Some(case.to_owned()),
            problems: vec![why],
            ..Self::default()
        }
    }

    fn broken(file: &Path, error: &anyhow::Error) -> Self {
        Self {
            file: file.display().to_string(),
            problems: vec![format!("{error:#}")],
            ..Self::default()
        }
    }
}

/// Why nothing was run, with the files that were looked into.
fn no_case(files: &[PathBuf], asked: Option<&str>) -> String {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let names = if names.is_empty() { "no file".to_owned() } else { names.join(", ") };
    match asked {
        Some(asked) => format!("no case has `{asked}` in its name, in {names}"),
        None => format!("there is no case in {names}\n  help: a case begins with [[case]]; docs/testing-state-machines.md says what is in it"),
    }
}

fn summed_up(reports: &[Report], took: std::time::Duration, talk: Paint) -> String {
    let count = |is: fn(&&Report) -> bool| reports.iter().filter(is).count();
    let passed = human::plural(count(|report| report.passed), "case");
    let failed = count(|report| !report.passed && report.case.is_some());
    let broken = count(|report| report.case.is_none());
    let mut text = format!("{passed} passed");
    if failed > 0 {
        text.push_str(&talk.bad(&format!(", {} failed", human::count(failed))));
    }
    if broken > 0 {
        let files = human::plural(broken, "file");
        text.push_str(&talk.bad(&format!(", {files} cannot be run")));
    }
    format!("{text}, in {}.", human::duration(took))
}

/// The lines of a report, where they are for people.
fn tell(session: &Session, report: &Report) -> anyhow::Result<()> {
    if session.output.is_json() {
        return Ok(());
    }
    let paint = session.output.paint;
    let symbol = if report.passed { paint.good("✓") } else { paint.bad("✗") };
    let head = match &report.case {
        // It was not run.
        Some(case) if report.transitions == 0 => format!("{}: {case}", report.file),
        Some(case) => {
            let waited = std::time::Duration::from_secs_f64(report.seconds);
            let mut facts = vec![human::plural(report.transitions, "transition")];
            if report.seconds >= 1.0 {
                facts.push(format!("{} on its clock", human::duration(waited)));
            }
            format!("{}: {case}  {}", report.file, paint.faint(&facts.join(", ")))
        }
        None => report.file.clone(),
    };
    session.output.line(format!("{symbol} {head}"))?;
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
