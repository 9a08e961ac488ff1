//! `athglue graph`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueHint;
use clap_complete::ArgValueCompleter;
use serde_json::json;

use super::{completer, names};
use crate::cli::Exit;
use crate::machine::Definition;
use crate::output::Paint;
use crate::output::graph::{Format, draw};
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  athglue graph report
  athglue graph asl/report.asl.json --format mermaid >> README.md
  athglue graph report --format svg -o report.svg";

/// Draws a state machine, from the stack or from a file; asks no cloud.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The state machine, by its id in stack.toml, or a file with a definition (JSON or YAML).
    #[arg(value_name = "STATE_MACHINE|FILE", add = ArgValueCompleter::new(completer::state_machines))]
    machine: String,

    /// What it is drawn as. Without it, what the name after -o says, else text.
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    /// The file that it is written to.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let definition = definition(&args.machine, session)?;
    let output = &session.output;
    let format = match (args.format, args.out.as_deref()) {
        (Some(format), _) => format,
        (None, None) => Format::Text,
        (None, Some(file)) => by_name(file).unwrap_or_else(|| {
            output.warn(format!(
                "the name {} says no form, and it is drawn as text: .svg, .mmd, .mermaid and .txt do, and --format",
                file.display()
            ));
            Format::Text
        }),
    };
    let paint = if args.out.is_some() { Paint(false) } else { output.paint };
    let drawn = draw(&definition.value, format, paint);
    if let Some(file) = &args.out {
        std::fs::write(file, &drawn).with_context(|| format!("cannot write {}", file.display()))?;
        if output.is_json() {
            output.json(&json!({"file": file}))?;
        } else {
            output.say(format!("{} is written.", file.display()));
        }
    } else if output.is_json() {
        output.json(&json!({"machine": args.machine, "drawing": drawn}))?;
    } else {
        output.line(drawn.trim_end())?;
    }
    Ok(Exit::Success)
}

/// What the ending of a name says; text without one.
fn by_name(file: &Path) -> Option<Format> {
    let Some(ending) = file.extension() else {
        return Some(Format::Text);
    };
    match ending.to_str()? {
        "svg" => Some(Format::Svg),
        "mmd" | "mermaid" => Some(Format::Mermaid),
        "txt" => Some(Format::Text),
        _ => None,
    }
}

/// A machine of the stack, or of a file.
pub(super) fn definition(given: &str, session: &Session) -> anyhow::Result<Definition> {
    let file = Path::new(given);
    let id = given.strip_prefix("state_machines.").unwrap_or(given);
    if session.stack_file().exists() {
        let stack = session.resolve(&session.document()?)?;
        session.output.hide(&stack.secrets);
        if let Some(found) = Definition::of_stack(&stack, id) {
            return Ok(found);
        }
        if !file.exists() {
            let near = names::not_there(Some(&stack), "state_machines", id);
            bail!("there is no state machine `{given}` in stack.toml, and no such file{near}");
        }
    }
    Ok(Definition::read(file)?)
}
