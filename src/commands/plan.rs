//! `athglue plan`

use crate::cli::Exit;
use crate::engine::{self, Goal};
use crate::session::Session;

/// Shows what `up` would change, and changes nothing.
#[derive(Debug, clap::Args)]
#[command(visible_alias = "diff")]
pub struct Args {
    /// Exits with 2 if there are changes.
    #[arg(long)]
    detailed_exitcode: bool,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.stack().await?;
    let reading = session.output.spinner("Reading what is there");
    let plan = engine::plan(&stack, &cloud, &Goal::Up).await;
    reading.finish_and_clear();
    let plan = plan?;
    session.output.plan(&plan)?;
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        Exit::Changes
    } else {
        Exit::Success
    })
}
