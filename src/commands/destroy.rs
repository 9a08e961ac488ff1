//! `athglue destroy`

use clap_complete::ArgValueCompleter;

use super::{changes, completer};
use crate::cli::Exit;
use crate::engine::Goal;
use crate::resource::Address;
use crate::session::Session;

/// Deletes everything that the stack owns.
///
/// What has data in it stays, unless --force names it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Deletes this one with the data in it; may be given more than once.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completer::addresses))]
    force: Vec<Address>,

    #[command(flatten)]
    how: changes::How,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let goal = Goal::Destroy {
        force: args.force.into_iter().collect(),
    };
    changes::carry_out(session, &goal, &args.how).await
}
