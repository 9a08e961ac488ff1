//! `athglue validate`

use serde_json::json;

use crate::cli::Exit;
use crate::output::human;
use crate::session::Session;

/// Checks stack.toml and the files it names, without calling anything.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_: Args, session: &Session) -> anyhow::Result<Exit> {
    let document = session.document()?;
    let stack = session.resolve(&document)?;
    let count = stack.resources.len();
    if session.output.is_json() {
        session
            .output
            .json(&json!({"valid": true, "stack": stack.name, "resources": count}))?;
    } else {
        session.output.line(format!(
            "{} is valid: the stack {} with {}.",
            stack.source.display,
            stack.name,
            human::plural(count, "resource")
        ))?;
    }
    Ok(Exit::Success)
}
