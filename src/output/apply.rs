//! The application of a plan, live: a moving line for what is being done, a lasting one for what
//! is done.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar};

use super::{Output, Paint, human, style_spinner};
use crate::engine::{Action, Event, Observer, Outcome, Plan};
use crate::resource::Address;
use crate::stack::Stack;

/// Follows a plan on stderr.
pub struct Progress<'a> {
    output: &'a Output,
    live: MultiProgress,
    bars: Mutex<HashMap<Address, ProgressBar>>,
    width: usize,
    started: Instant,
}

impl<'a> Progress<'a> {
    pub fn new(output: &'a Output, plan: &Plan) -> Self {
        let width = plan
            .changes
            .iter()
            .filter(|c| c.action.changes_something())
            .map(|c| c.address.to_string().chars().count())
            .max()
            .unwrap_or_default();
        Self {
            output,
            live: output.live(),
            bars: Mutex::default(),
            width,
            started: Instant::now(),
        }
    }

    fn lasting(&self, line: &str) {
        if self.output.is_live() {
            // A terminal that is gone shows nothing; the outcome is told all the same.
            let _ = self.live.println(line);
        } else {
            self.output.say(line);
        }
    }

    fn take_away(&self, address: &Address) {
        let bar = self.lock().remove(address);
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Address, ProgressBar>> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn padded(&self, address: &Address) -> String {
        format!("{:width$}", address.to_string(), width = self.width)
    }

    /// The last word: what was done, what failed and why, what was left.
    pub fn finish(&self, outcome: &Outcome, stack: &Stack) {
        let paint = self.output.talk;
        for failure in &outcome.failed {
            self.output
                .error(format!("{}: {}", failure.address, failure.error));
            if let Some(declared) = stack.get(&failure.address) {
                let place = stack.source.location(&declared.span);
                self.output.say(paint.faint(&format!("  --> {place}")));
            }
            if let Some(help) = &failure.error.help {
                self.output.say(format!("  help: {help}"));
            }
        }
        let mut parts = vec![format!("{} done", human::count(outcome.done.len()))];
        if !outcome.failed.is_empty() {
            let failed = format!("{} failed", outcome.failed.len());
            parts.push(paint.bad(&failed));
        }
        if !outcome.skipped.is_empty() {
            parts.push(format!("{} not tried", outcome.skipped.len()));
        }
        let time = human::duration(self.started.elapsed());
        let stopped = if outcome.stopped { ", stopped" } else { "" };
        self.output
            .say(format!("{} in {time}{stopped}.", parts.join(", ")));
        if !outcome.is_complete() {
            self.output
                .say("What is done stays done: run it again to go on.");
        }
    }
}

impl Observer for Progress<'_> {
    fn event(&self, event: &Event<'_>) {
        let paint = self.output.talk;
        match event {
            Event::Started { address, action } => {
                let bar = self.live.add(ProgressBar::new_spinner());
                style_spinner(&bar);
                bar.set_message(format!("{} {}", self.padded(address), doing(*action)));
                self.lock().insert((*address).clone(), bar);
            }
            Event::Note { address, text } => {
                if let Some(bar) = self.lock().get(address) {
                    bar.set_message(format!("{} {text}", self.padded(address)));
                }
            }
            Event::Finished {
                address,
                action,
                elapsed,
            } => {
                self.take_away(address);
                self.lasting(&done(
                    paint,
                    *action,
                    &self.padded(address),
                    did(*action),
                    *elapsed,
                ));
            }
            Event::Failed {
                address,
                action,
                error,
                elapsed,
            } => {
                self.take_away(address);
                let code = error.code.as_deref().unwrap_or(&error.operation);
                let line = format!("✗ {} not {}: {code}", self.padded(address), did(*action));
                self.lasting(&format!(
                    "{}  {}",
                    paint.bad(&line),
                    paint.faint(&human::duration(*elapsed))
                ));
            }
            Event::Skipped {
                address,
                action,
                because,
            } => {
                let line = format!("· {} not {}: {because}", self.padded(address), did(*action));
                self.lasting(&paint.faint(&line));
            }
        }
    }
}

fn done(paint: Paint, action: Action, address: &str, did: &str, elapsed: Duration) -> String {
    let line = format!("{} {address} {did}", action.symbol());
    let time = human::duration(elapsed);
    format!("{}  {}", paint.action(action, &line), paint.faint(&time))
}

fn doing(action: Action) -> &'static str {
    match action {
        Action::Create => "is being created",
        Action::Update => "is being changed",
        Action::Replace => "is being replaced",
        Action::Delete => "is being deleted",
        Action::None | Action::Keep => "stays",
    }
}

fn did(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "changed",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
        Action::None | Action::Keep => "stays",
    }
}
