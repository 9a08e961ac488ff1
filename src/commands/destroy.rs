//! `athglue destroy`

use clap_complete::ArgValueCompleter;

use super::changes::{self, Wish};
use super::completer;
use crate::cli::Exit;
use crate::engine::{Goal, Terms};
use crate::resource::Address;
use crate::session::Session;

/// Deletes everything that the stack owns.
///
/// What has data in it stays, unless --force names it or it has `force_destroy = true`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Deletes only this one, and what depends on it; may be given more than once.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completer::addresses))]
    only: Vec<Address>,

    /// Deletes this one with the data in it; may be given more than once.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completer::addresses))]
    force: Vec<Address>,

    #[command(flatten)]
    reading: changes::Reading,
    #[command(flatten)]
    how: changes::How,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let wish = Wish {
        goal: Goal::Destroy,
        terms: Terms {
            only: args.only.into_iter().collect(),
            force: args.force.into_iter().collect(),
            reads: args.reading.at_a_time(),
            ..Terms::default()
        },
        saved: None,
    };
    changes::carry_out(session, &wish, &args.how).await
}
