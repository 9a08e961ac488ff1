//! `athglue init`

use std::path::{Path, PathBuf};

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
    let starter = example::starter(&example::name_for(&args.dir));
    let starter: [example::File<'_>; 1] = [("stack.toml", starter.as_bytes())];
    let files = if args.example {
        example::FILES
    } else {
        &starter
    };
    let written = example::write(files, &args.dir)?;
    for path in &written {
        session.output.line(path.display().to_string())?;
    }
    let next = if args.dir == Path::new(".") {
        "athglue plan".to_owned()
    } else {
        format!("cd {}; athglue plan", quoted(&args.dir))
    };
    session.output.say(format!("Next: {next}"));
    Ok(Exit::Success)
}

/// A path as one word of a shell's line.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-~".contains(c);
    if text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
