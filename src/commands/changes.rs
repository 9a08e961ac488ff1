//! The one way on which `up` and `destroy` change things: plan, ask, apply.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap_complete::ArgValueCompleter;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::interrupts::Interrupts;
use super::{completer, outputs};
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::engine::{self, Goal, Outcome, Plan, READS, Saved, Stop, Terms};
use crate::output::apply::Progress;
use crate::output::go_on_unread;
use crate::resource::Address;
use crate::session::Session;
use crate::stack::Stack;

/// How live resources are read.
#[derive(Debug, clap::Args)]
pub struct Reading {
    /// How many resources are read at a time.
    #[arg(long, value_name = "N", default_value_t = READS as u16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    reads: u16,
}

impl Reading {
    pub fn at_a_time(&self) -> usize {
        usize::from(self.reads)
    }
}

/// What a plan toward stack.toml may do to what.
#[derive(Debug, clap::Args)]
pub struct Bounds {
    /// Only this one, and what it depends on; may be given more than once.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completer::addresses))]
    only: Vec<Address>,

    /// This one may be deleted or replaced with the data in it; may be given more than once.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completer::addresses))]
    force: Vec<Address>,

    /// Takes this one over, with its data, if it is there already and belongs to no stack; may be
    /// given more than once.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completer::addresses))]
    adopt: Vec<Address>,

    /// Leaves what the stack owns and stack.toml no longer has.
    #[arg(long)]
    keep_orphans: bool,
}

impl Bounds {
    pub fn terms(self, reading: &Reading) -> Terms {
        Terms {
            only: self.only.into_iter().collect(),
            force: self.force.into_iter().collect(),
            adopt: self.adopt.into_iter().collect(),
            keep_orphans: self.keep_orphans,
            reads: reading.at_a_time(),
        }
    }
}

/// How changes are carried out.
#[derive(Debug, clap::Args)]
pub struct How {
    /// How many changes are made at a time.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallelism: u16,
}

/// What is to be carried out.
pub struct Wish {
    pub goal: Goal,
    pub terms: Terms,
    /// A plan from a file: what is done has to be what it says.
    pub saved: Option<(PathBuf, Saved)>,
}

/// What a program reads of a run.
#[derive(Serialize, JsonSchema)]
pub struct Report<'a> {
    plan: &'a Plan,
    outcome: &'a Outcome,
    /// What the stack has under [outputs], by name.
    outputs: Value,
    /// Calls that can change something, by operation.
    mutating_calls: BTreeMap<String, usize>,
}

/// The JSON schema of what `up` and `destroy` print for programs.
#[cfg(all(test, feature = "local"))]
pub fn report_schema() -> Value {
    let mut schema = schemars::schema_for!(Report<'static>).to_value();
    schema["title"] = "what `athglue up` and `athglue destroy` did".into();
    schema
}

pub async fn carry_out(session: &Session, wish: &Wish, how: &How) -> anyhow::Result<Exit> {
    let output = &session.output;
    let (stack, cloud) = session.stack().await?;
    if wish.goal == Goal::Up {
        session.check_machines(&stack)?;
    }
    let plan = session.plan(&stack, &cloud, wish.goal, &wish.terms).await?;
    if let Some((file, saved)) = &wish.saved {
        refuse_moved(&plan, &stack, saved, file)?;
    }
    if plan.is_empty() {
        let exit = nothing_to_do(session, &stack, &plan, wish, &cloud)?;
        if wish.goal == Goal::Up {
            outputs::tell(session, &stack)?;
        }
        return Ok(exit);
    }
    // Who is to be asked has to see what about.
    let is_asked_for = session.options.quiet && session.options.yes;
    if !(output.is_json() || is_asked_for) {
        go_on_unread(output.plan(&plan))?;
    }
    let question = match wish.goal {
        Goal::Up => format!("Change this on {}?", cloud.target()),
        Goal::Destroy => format!("Delete this on {}?", cloud.target()),
    };
    // A saved plan is what was seen and said yes to.
    if wish.saved.is_none() && !session.confirm(&question)? {
        output.say("Nothing was changed.");
        return Ok(Exit::Failure);
    }
    let outcome = apply(session, &stack, &cloud, &plan, how).await?;
    if !outcome.stopped {
        cloud.finish().await;
    }
    go_on_unread(report(session, &stack, &plan, &outcome, &cloud))?;
    if wish.goal == Goal::Up && outcome.is_complete() {
        outputs::tell(session, &stack)?;
    }
    Ok(if outcome.is_complete() {
        Exit::Success
    } else if outcome.stopped {
        Exit::Interrupted
    } else {
        Exit::Failure
    })
}

fn refuse_moved(
    plan: &Plan,
    stack: &Stack,
    saved: &Saved,
    file: &std::path::Path,
) -> anyhow::Result<()> {
    let moved = saved.moved(plan, &stack.secrets)?;
    if moved.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = moved
        .iter()
        .map(|moved| format!("  {}: {}", moved.what, moved.how))
        .collect();
    let file = file.display();
    bail!(
        "{file} is no longer what `up` would do, and was not carried out:\n{}\n  help: plan anew: athglue plan --save {file}",
        lines.join("\n")
    );
}

fn nothing_to_do(
    session: &Session,
    stack: &Stack,
    plan: &Plan,
    wish: &Wish,
    cloud: &Cloud,
) -> anyhow::Result<Exit> {
    let output = &session.output;
    if output.is_json() {
        report(session, stack, plan, &Outcome::default(), cloud)?;
    } else if session.options.quiet {
        // As quiet as what changes something.
    } else if plan.goal == Goal::Destroy && plan.summary.keep == 0 {
        output.line(if !wish.terms.only.is_empty() {
            "Nothing to delete: what --only names is gone already."
        } else if plan.warnings.is_empty() {
            "Nothing to delete: the stack owns nothing."
        } else {
            "Nothing to delete: of what could be looked for, the stack owns nothing."
        })?;
    } else {
        output.plan(plan)?;
    }
    Ok(Exit::Success)
}

async fn apply(
    session: &Session,
    stack: &Stack,
    cloud: &Cloud,
    plan: &Plan,
    how: &How,
) -> anyhow::Result<Outcome> {
    let mut interrupts = Interrupts::listen().context("cannot listen for Ctrl-C")?;
    let progress = Progress::new(&session.output, plan);
    let stop = Stop::default();
    let parallelism = usize::from(how.parallelism);
    let applying = engine::apply(plan, cloud, parallelism, &progress, &stop);
    tokio::pin!(applying);
    let outcome = loop {
        tokio::select! {
            outcome = &mut applying => break outcome,
            () = interrupts.next() => {
                if !stop.is_asked() {
                    progress.stopping();
                }
                stop.ask();
            }
        }
    };
    progress.finish(&outcome, stack);
    Ok(outcome)
}

fn report(
    session: &Session,
    stack: &Stack,
    plan: &Plan,
    outcome: &Outcome,
    cloud: &Cloud,
) -> anyhow::Result<()> {
    let mutating_calls = cloud.calls().mutating();
    tracing::debug!(calls = ?cloud.calls().counts(), "called");
    if session.output.is_json() {
        session.output.json(&Report {
            plan,
            outcome,
            outputs: outputs::to_json(stack),
            mutating_calls,
        })?;
    }
    Ok(())
}
