//! `athglue init`

use std::path::PathBuf;

use clap::ValueHint;

use crate::cli::Exit;
use crate::example;
use crate::session::Session;

/// Writes a stack.toml to start from.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder that it goes into; it is made if it is not there.
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    dir: PathBuf,

    /// Writes the whole example that `athglue demo` uses, with its data.
    #[arg(long)]
    example: bool,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let files = if args.example {
        example::FILES
    } else {
        example::STARTER
    };
    let written = example::write(files, &args.dir)?;
    for path in &written {
        session.output.line(path.display().to_string())?;
    }
    session.output.say("Next: athglue plan");
    Ok(Exit::Success)
}
