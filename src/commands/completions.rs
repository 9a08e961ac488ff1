//! `athglue completions`

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::{Cli, Exit};
use crate::session::Session;

/// Prints the completions of a shell.
///
/// For completions that also know the names in stack.toml, put `source <(COMPLETE=bash athglue)`
/// into ~/.bashrc, the same with `zsh` into ~/.zshrc, or `COMPLETE=fish athglue | source` into
/// ~/.config/fish/config.fish.
#[derive(Debug, clap::Args)]
pub struct Args {
    shell: Shell,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    session.output.line(script(args.shell).trim_end())?;
    Ok(Exit::Success)
}

/// The completions of a shell, as text.
pub fn script(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "athglue", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
