//! The one way on which `up` and `destroy` change things: plan, ask, apply.

use std::collections::BTreeMap;

use anyhow::bail;
use serde::Serialize;

use super::outputs;
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::engine::{self, Goal, Outcome, Plan, Stop};
use crate::output::apply::Progress;
use crate::session::Session;
use crate::stack::Stack;

/// How changes are carried out.
#[derive(Debug, clap::Args)]
pub struct How {
    /// How many changes are made at a time.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallelism: u16,
}

/// What a program reads of a run.
#[derive(Serialize)]
struct Report<'a> {
    plan: &'a Plan,
    outcome: &'a Outcome,
    /// Calls that can change something, by operation.
    mutating_calls: BTreeMap<String, usize>,
}

pub async fn carry_out(session: &Session, goal: &Goal, how: &How) -> anyhow::Result<Exit> {
    let output = &session.output;
    let (stack, cloud) = session.stack().await?;
    let reading = output.spinner("Reading what is there");
    let plan = engine::plan(&stack, &cloud, goal).await;
    reading.finish_and_clear();
    let plan = plan?;
    if let Goal::Destroy { force } = goal
        && let Some(unknown) = force
            .iter()
            .find(|a| plan.changes.iter().all(|c| c.address != **a))
    {
        bail!(
            "--force names {unknown}, which the stack {} does not have",
            stack.name
        );
    }
    if plan.is_empty() {
        let exit = nothing_to_do(session, &plan, &cloud, goal)?;
        if matches!(goal, Goal::Up) {
            outputs::tell(session, &stack)?;
        }
        return Ok(exit);
    }
    if !output.is_json() {
        output.plan(&plan)?;
    }
    let question = match goal {
        Goal::Up => format!("Change this on {}?", cloud.target()),
        Goal::Destroy { .. } => format!("Delete this on {}?", cloud.target()),
    };
    if !session.confirm(&question)? {
        output.say("Nothing was changed.");
        return Ok(Exit::Failure);
    }
    let outcome = apply(session, &stack, &cloud, &plan, how).await;
    cloud.finish().await;
    report(session, &plan, &outcome, &cloud)?;
    if matches!(goal, Goal::Up) && outcome.is_complete() {
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

fn nothing_to_do(
    session: &Session,
    plan: &Plan,
    cloud: &Cloud,
    goal: &Goal,
) -> anyhow::Result<Exit> {
    let output = &session.output;
    if output.is_json() {
        report(session, plan, &Outcome::default(), cloud)?;
    } else if matches!(goal, Goal::Destroy { .. }) && plan.summary.keep == 0 {
        output.line("Nothing to delete: the stack owns nothing.")?;
    } else {
        output.plan(plan)?;
    }
    Ok(Exit::Success)
}

async fn apply(session: &Session, stack: &Stack, cloud: &Cloud, plan: &Plan, how: &How) -> Outcome {
    let progress = Progress::new(&session.output, plan);
    let stop = Stop::default();
    let listening = tokio::spawn({
        let stop = stop.clone();
        async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                stop.ask();
            }
        }
    });
    let parallelism = usize::from(how.parallelism);
    let outcome = engine::apply(plan, cloud, parallelism, &progress, &stop).await;
    listening.abort();
    progress.finish(&outcome, stack);
    outcome
}

fn report(session: &Session, plan: &Plan, outcome: &Outcome, cloud: &Cloud) -> anyhow::Result<()> {
    let mutating_calls = cloud.calls().mutating();
    tracing::debug!(calls = ?cloud.calls().counts(), "called");
    if session.output.is_json() {
        session.output.json(&Report {
            plan,
            outcome,
            mutating_calls,
        })?;
    }
    Ok(())
}
