//! `athglue validate`

use serde_json::json;

use crate::cli::Exit;
use crate::output::human;
use crate::session::Session;
use crate::stack::{Diagnostics, Document, Stack};

/// Checks stack.toml and the files it names, without calling anything.
///
/// A state machine's definition is checked as AWS would, with the places in its file. What AWS would
/// take and what goes wrong when it runs is a warning: SQL that is none, and, with the embedded cloud
/// as the target, a function or an integration that it does not have. Warnings are shown beside
/// mistakes. That the embedded cloud runs no Glue jobs is a mistake where it is the target.
///
/// Without --env it is checked as it is in every env, too.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_: Args, session: &Session) -> anyhow::Result<Exit> {
    let output = &session.output;
    let document = match session.document() {
        Ok(document) => document,
        Err(error) => return told(session, error),
    };
    let stack = match check(session, &document) {
        Ok(stack) => stack,
        Err(mistakes) => return told(session, session.with_doubts(&document, mistakes).into()),
    };
    let doubts = stack.as_ref().and_then(|stack| session.doubts(stack));
    if let Some(refused) = doubts.as_ref().filter(|doubts| doubts.refuse()) {
        return told(session, refused.clone().into());
    }
    let envs = document.envs();
    if output.is_json() {
        output.json(&json!({
            "valid": true,
            "stack": stack.as_ref().map(|stack| &stack.name),
            "resources": stack.as_ref().map(|stack| stack.resources.len()),
            "env": stack.as_ref().and_then(|stack| stack.env.as_ref()),
            "envs": envs,
            "warnings": doubts.map_or_else(|| json!([]), |doubts| doubts.to_json()),
        }))?;
        return Ok(Exit::Success);
    }
    if let Some(doubts) = doubts {
        output.tell(doubts.render(output.talk.0));
    }
    let file = document.file();
    let inside = match &stack {
        Some(stack) => format!(
            ": the stack {} with {}",
            stack.name,
            human::plural(stack.resources.len(), "resource")
        ),
        None => String::new(),
    };
    let also = if envs.is_empty() || session.options.inputs().env.is_some() {
        String::new()
    } else {
        format!(", in each of its envs: {}", envs.join(", "))
    };
    output.line(format!("{file} is valid{inside}{also}."))?;
    Ok(Exit::Success)
}

/// The stack, if it can be one without an env.
fn check(session: &Session, document: &Document) -> Result<Option<Stack>, Diagnostics> {
    let is_whole = !document.needs_env();
    let stack = is_whole.then(|| session.resolve(document)).transpose();
    if session.options.inputs().env.is_some() {
        return stack;
    }
    let (account_id, region) = session.placeholders(document);
    let envs = document.check_envs(&account_id, &region);
    match (stack, envs) {
        (Ok(stack), Ok(())) => Ok(stack),
        (Err(mistakes), Ok(())) | (Ok(_), Err(mistakes)) => Err(mistakes),
        (Err(mistakes), Err(others)) => Err(mistakes.and(others)),
    }
}

/// Tells the mistakes: to programs as a list with places.
fn told(session: &Session, error: anyhow::Error) -> anyhow::Result<Exit> {
    match error.downcast_ref::<Diagnostics>() {
        Some(found) if session.output.is_json() => {
            let (mistakes, warnings) = found.clone().by_severity();
            session.output.json(&json!({
                "valid": false,
                "mistakes": mistakes.to_json(),
                "warnings": warnings.to_json(),
            }))?;
            Ok(Exit::Failure)
        }
        _ => Err(error),
    }
}
