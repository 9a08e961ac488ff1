//! `athglue up`

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::ValueHint;

use super::changes::{self, Wish};
use crate::cli::Exit;
use crate::engine::{Goal, Saved, Terms};
use crate::resource::{Address, kind};
use crate::session::Session;

/// Makes everything so as stack.toml says: creates, changes and deletes what it takes.
///
/// Asks first, on a terminal, unless the plan is one that was saved. A second `up` changes nothing; one that was interrupted is gone on
/// with by the next.
#[derive(Debug, clap::Args)]
#[command(alias = "apply")]
pub struct Args {
    /// A plan that `plan --save` wrote: it is carried out as it is, or not at all if what is there
    /// or stack.toml moved since.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["only", "force", "adopt", "keep_orphans"])]
    plan: Option<PathBuf>,

    #[command(flatten)]
    bounds: changes::Bounds,
    #[command(flatten)]
    reading: changes::Reading,
    #[command(flatten)]
    how: changes::How,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let mut wish = Wish {
        goal: Goal::Up,
        terms: args.bounds.terms(&args.reading),
        saved: None,
    };
    if let Some(file) = args.plan {
        let saved = load(&file).map_err(|error| {
            anyhow!(
                "cannot use {} as a plan: {error:#}\n  help: {}",
                file.display(),
                instead_of(&file)
            )
        })?;
        wish.terms = Terms {
            reads: args.reading.at_a_time(),
            ..saved.terms.clone()
        };
        wish.saved = Some((file, saved));
    }
    changes::carry_out(session, &wish, &args.how).await
}

/// What was perhaps meant by a file that is no plan.
fn instead_of(file: &Path) -> String {
    let address = file.to_str().and_then(|text| text.parse::<Address>().ok());
    match address.filter(|address| kind(&address.kind).is_some()) {
        Some(address) => format!("--only {address} brings up this one, and what it depends on"),
        None => "`athglue plan --save FILE` writes one; -C names the stack".to_owned(),
    }
}

fn load(file: &Path) -> anyhow::Result<Saved> {
    Ok(Saved::from_text(&std::fs::read_to_string(file)?)?)
}
