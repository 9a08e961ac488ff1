//! `athglue plan`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueHint;

use super::changes;
use crate::cli::Exit;
use crate::engine::{Goal, Saved, SavedError};
use crate::output::go_on_unread;
use crate::session::Session;

/// Shows what `up` would change, and changes nothing.
///
/// + is created, ~ changed, ∓ replaced, - deleted, @ taken over, ! kept.
#[derive(Debug, clap::Args)]
#[command(alias = "diff")]
pub struct Args {
    /// Writes the plan to this file: `up FILE` carries it out if nothing moved until then.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    save: Option<PathBuf>,

    /// Exits with 2 if there are changes.
    #[arg(long)]
    detailed_exitcode: bool,

    #[command(flatten)]
    bounds: changes::Bounds,
    #[command(flatten)]
    reading: changes::Reading,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    if let Some(file) = &args.save {
        refuse_to_replace(file)?;
    }
    let (stack, cloud) = session.stack().await?;
    session.check_machines(&stack)?;
    let terms = args.bounds.terms(&args.reading);
    let plan = session.plan(&stack, &cloud, Goal::Up, &terms).await?;
    go_on_unread(session.output.plan(&plan))?;
    if let Some(file) = &args.save {
        let text = Saved::of(&plan, &stack.secrets, &terms)?.to_text()?;
        std::fs::write(file, stack.secrets.hide(&text).as_ref())
            .with_context(|| format!("cannot write {}", file.display()))?;
        let file = file.display();
        session.output.say(format!("Saved: `athglue up {file}` does this, and nothing else."));
    }
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        Exit::Changes
    } else {
        Exit::Success
    })
}

/// A plan may take the place of an older one, and of nothing else: not of `stack.toml`, say.
fn refuse_to_replace(file: &Path) -> anyhow::Result<()> {
    let Ok(there) = std::fs::read(file) else {
        return Ok(());
    };
    let is_plan = std::str::from_utf8(&there).is_ok_and(|text| {
        text.trim().is_empty() || !matches!(Saved::from_text(text), Err(SavedError::Form(_)))
    });
    if !is_plan {
        bail!(
            "{} is there already and is no saved plan: it was left as it is\n  \
             help: --save another file",
            file.display()
        );
    }
    Ok(())
}
