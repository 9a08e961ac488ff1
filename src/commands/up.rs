//! `athglue up`

use super::changes;
use crate::cli::Exit;
use crate::engine::Goal;
use crate::session::Session;

/// Makes everything so as stack.toml says: creates, changes and deletes what it takes.
///
/// Asks first, on a terminal. A second `up` changes nothing; one that was interrupted is gone on
/// with by the next.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    how: changes::How,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    changes::carry_out(session, &Goal::Up, &args.how).await
}
