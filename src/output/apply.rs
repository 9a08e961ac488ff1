//! The application of a plan, live: a moving line for what is being done, a lasting one for what
//! is done.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::located::located;
use super::screen::{Screen, did};
use super::{Lines, Moving, Output, human};
use crate::engine::{Event, Observer, Outcome, Plan};
use crate::resource::Address;
use crate::stack::Stack;

/// How many of those that were not tried are named.
const SKIPPED: usize = 40;

/// Follows a plan on stderr.
pub struct Progress<'a> {
    output: &'a Output,
    live: Lines,
    now: Mutex<Now>,
    started: Instant,
}

/// What is on the screen.
struct Now {
    screen: Screen,
    bars: HashMap<Address, Moving>,
    /// Below all others: how far it is.
    total: Moving,
}

impl<'a> Progress<'a> {
    pub fn new(output: &'a Output, plan: &Plan) -> Self {
        let screen = Screen::new(plan.steps(), output.talk);
        let live = output.live();
        let total = live.add(&screen.total());
        Self {
            output,
            live,
            now: Mutex::new(Now {
                screen,
                bars: HashMap::new(),
                total,
            }),
            started: Instant::now(),
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that Ctrl-C was heard.
    pub fn stopping(&self) {
        self.live
            .lasting("Stopping: what has begun is finished. Ctrl-C once more stops at once.");
    }

    /// The last word: what failed and why, what was not tried, what was done.
    pub fn finish(&self, outcome: &Outcome, stack: &Stack) {
        let now = self.now();
        // Ctrl-C leaves the lines of what was in flight.
        for bar in now.bars.values().chain([&now.total]) {
            bar.end();
        }
        let closing = closing(outcome, stack, self.output.talk, self.started.elapsed());
        if outcome.is_complete() {
            self.output.say(closing);
        } else {
            self.output.tell(closing);
        }
    }
}

/// What failed and why, what was not tried, and what was done in all.
pub fn closing(outcome: &Outcome, stack: &Stack, paint: super::Paint, elapsed: Duration) -> String {
    let mut parts = Vec::new();
    for failure in &outcome.failed {
        let time = human::duration(Duration::from_secs_f64(failure.seconds));
        parts.push(located(
            stack,
            &failure.address,
            &failure.error.to_string(),
            &format!("was not {}, after {time}", did(failure.action)),
            failure.error.advice().as_deref(),
            paint.0,
        ));
    }
    if !outcome.skipped.is_empty() {
        let told = outcome.skipped.iter().take(SKIPPED);
        let mut lines: Vec<String> = told
            .map(|s| format!("  {} {}: {}", s.action.symbol(), s.address, s.because))
            .collect();
        if outcome.skipped.len() > SKIPPED {
            let more = human::count(outcome.skipped.len() - SKIPPED);
            lines.push(format!("  … and {more} more"));
        }
        parts.push(format!("Not tried:\n{}", lines.join("\n")));
    }
    let mut counts = vec![format!("{} done", human::count(outcome.done.len()))];
    if !outcome.failed.is_empty() {
        counts.push(paint.bad(&format!("{} failed", human::count(outcome.failed.len()))));
    }
    if !outcome.skipped.is_empty() {
        counts.push(format!("{} not tried", human::count(outcome.skipped.len())));
    }
    let stopped = if outcome.stopped { ", stopped" } else { "" };
    let mut last = format!(
        "{} in {}{stopped}.",
        counts.join(", "),
        human::duration(elapsed)
    );
    if !outcome.is_complete() {
        last.push_str("\nWhat is done stays done: run it again to go on.");
    }
    parts.push(last);
    parts.join("\n\n")
}

impl Observer for Progress<'_> {
    fn event(&self, event: &Event<'_>) {
        let mut now = self.now();
        let lasting = now.screen.take(event);
        now.total.set(now.screen.total());
        match event {
            Event::Started { address, .. } => {
                let bar = self
                    .live
                    .add_before(&now.total, &now.screen.moving(address));
                now.bars.insert((*address).clone(), bar);
            }
            Event::Note { address, .. } => {
                if let Some(bar) = now.bars.get(address) {
                    bar.set(now.screen.moving(address));
                }
            }
            Event::Finished { address, .. } | Event::Failed { address, .. } => {
                if let Some(bar) = now.bars.remove(address) {
                    bar.end();
                }
            }
            Event::Skipped { .. } => {}
        }
        drop(now);
        match lasting {
            Some(line) => self.live.lasting(&line),
            // Where nothing moves, a wait is told once, so that nobody takes it for a halt.
            None if !self.output.is_live() => {
                let wait = self.now().screen.new_wait(event);
                if let Some(line) = wait {
                    self.output.say(line);
                }
            }
            None => {}
        }
    }
}
