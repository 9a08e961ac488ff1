//! Watching an execution to its end, and what Ctrl-C does meanwhile.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use serde_json::Value;
use tokio::sync::oneshot;

use super::ending::{self, Ended};
use super::follow::{History, follow};
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::commands::interrupts::Interrupts;
use crate::output::Output;
use crate::output::execution::View;
use crate::resource::{CallError, call};
use crate::session::Session;
use crate::stack::Stack;

/// What the user wants of an execution when Ctrl-C was pressed.
enum Wish {
    Stop,
    GoOn,
    Leave,
}

/// Shows an execution until it has ended and tells its end. `runs` is the definition that runs, the
/// stack knows where it is written.
pub async fn watch(
    session: &Session,
    cloud: &Cloud,
    history: &mut History<'_>,
    runs: &Value,
    stack: Option<&Stack>,
) -> anyhow::Result<Exit> {
    let output = &session.output;
    let mut interrupts = Interrupts::listen().context("cannot listen for Ctrl-C")?;
    let mut view = View::new(output, runs);
    let arn = history.arn().to_owned();
    let mut was_stopped = false;
    let ended = loop {
        tokio::select! {
            ended = follow(history, &mut view) => break ended?,
            () = interrupts.next() => {}
        }
        view.pause();
        let wish = if was_stopped {
            Wish::Leave
        } else {
            wish(session, cloud, &mut interrupts).await?
        };
        match wish {
            Wish::GoOn => {}
            Wish::Stop => {
                output.say("Stopping the execution; Ctrl-C once more leaves it as it is.");
                let stopping = stop(&cloud.sfn, &arn, None, None);
                let Some(stopped) = interrupts.until_pressed_again(stopping).await else {
                    return Ok(left(output, &arn));
                };
                stopped?;
                was_stopped = true;
            }
            Wish::Leave => return Ok(left(output, &arn)),
        }
    };
    let told = async {
        let children = ending::children_of(output, cloud, &mut view.states).await;
        view.finish();
        cloud.finish().await;
        let ended = Ended::of(&ended, &view.states, children);
        ending::tell(output, cloud, &ended, &view.states, stack).await
    };
    match interrupts.until_pressed_again(told).await {
        Some(exit) if !was_stopped => exit,
        Some(exit) => exit.map(|_| Exit::Interrupted),
        None => Ok(Exit::Interrupted),
    }
}

fn left(output: &Output, arn: &str) -> Exit {
    output.say(format!("{arn} is left as it is."));
    Exit::Interrupted
}

pub async fn stop(
    sfn: &aws_sdk_sfn::Client,
    arn: &str,
    error: Option<String>,
    cause: Option<String>,
) -> Result<(), CallError> {
    let request = sfn.stop_execution().execution_arn(arn);
    call!("StopExecution", request.set_error(error).set_cause(cause))?;
    Ok(())
}

/// Asks; Ctrl-C once more leaves at once. Where nobody can be asked, it is to be stopped.
async fn wish(
    session: &Session,
    cloud: &Cloud,
    interrupts: &mut Interrupts,
) -> anyhow::Result<Wish> {
    let can_ask = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if session.options.yes || !can_ask {
        return Ok(Wish::Stop);
    }
    if matches!(cloud.target(), Target::Local { .. }) {
        let note = "It runs in this process: Ctrl-C once more ends it as it is.";
        session.output.say(note);
    } else {
        session.output.say("Ctrl-C once more leaves it running.");
    }
    let (sender, answer) = oneshot::channel();
    let output = session.output.clone();
    // A thread of its own: it may wait for a key for ever, and nobody is to wait for it.
    std::thread::spawn(move || sender.send(output.ask("Stop the execution?")));
    tokio::select! {
        answer = answer => {
            let stops = answer.context("nobody answered")??;
            Ok(if stops { Wish::Stop } else { Wish::GoOn })
        }
        () = interrupts.next() => {
            // The cursor is still behind the question.
            session.output.tell("");
            Ok(Wish::Leave)
        }
    }
}
