//! `athglue schema`

use crate::cli::Exit;
use crate::session::Session;
use crate::stack;

/// Prints the JSON schema of stack.toml, for editors.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_: Args, session: &Session) -> anyhow::Result<Exit> {
    session.output.json(&stack::json_schema())?;
    Ok(Exit::Success)
}
