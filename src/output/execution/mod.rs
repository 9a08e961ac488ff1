//! An execution while it runs: on a terminal the tree of its states lights up, a pipe is told line
//! by line what has happened.

mod states;
#[cfg(test)]
mod tests;
mod tree;
mod waiting;

use std::time::SystemTime;

use aws_sdk_sfn::types::HistoryEvent;
use aws_smithy_types::DateTime;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::Value;

use super::Output;
pub use states::{Node, States, between};
use tree::Look;
pub use waiting::{Failure, brief};

/// How many states a terminal shows at a time.
const ROWS: usize = 20;

/// Shows an execution on stderr.
pub struct View<'a> {
    output: &'a Output,
    pub states: States,
    live: MultiProgress,
    bars: Vec<ProgressBar>,
    tick: usize,
}

impl<'a> View<'a> {
    /// A view of an execution of this definition.
    pub fn new(output: &'a Output, definition: &Value) -> Self {
        Self {
            output,
            states: States::of(definition),
            live: output.live(),
            bars: Vec::new(),
            tick: 0,
        }
    }

    /// The failure that an event tells of.
    pub fn failure(event: &HistoryEvent) -> Option<Failure> {
        waiting::failure(event).or_else(|| waiting::ending(event))
    }

    /// What an event says that a task waits for.
    pub fn waits_for(event: &HistoryEvent) -> Option<String> {
        waiting::for_what(event)
    }

    /// Takes in the next event.
    pub fn event(&mut self, event: &HistoryEvent) {
        let happened = self.states.take(event);
        if self.output.is_live() {
            return;
        }
        if let Some(happened) = happened
            && let Some(line) = tree::told(&self.states, &happened, self.output.talk)
        {
            self.output.say(line);
        }
    }

    fn look(&self) -> Look {
        Look {
            paint: self.output.talk,
            tick: self.tick,
            now: DateTime::from(SystemTime::now()),
        }
    }

    /// Draws what is now; to be called ten times a second.
    pub fn draw(&mut self) {
        if !self.output.is_live() {
            return;
        }
        self.tick += 1;
        let lines = tree::lines(&self.states, self.look(), ROWS);
        while self.bars.len() < lines.len() {
            let bar = self.live.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template("{wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            self.bars.push(bar);
        }
        for bar in self.bars.drain(lines.len()..) {
            bar.finish_and_clear();
        }
        for (bar, line) in self.bars.iter().zip(lines) {
            bar.set_message(line);
        }
    }

    /// Takes the moving lines away, so that something else can be written.
    pub fn pause(&mut self) {
        // All lines at once: cleared one by one, some would stay.
        let _ = self.live.clear();
        for bar in self.bars.drain(..) {
            self.live.remove(&bar);
        }
    }

    /// Leaves the tree as it is at the end, where lines were moving.
    pub fn finish(&mut self) {
        self.pause();
        if self.output.is_live() {
            for line in tree::lines(&self.states, self.look(), usize::MAX) {
                self.output.say(line);
            }
        }
    }

    /// Writes the whole tree, wherever it goes.
    pub fn print(&self) -> anyhow::Result<()> {
        let mut look = self.look();
        look.paint = self.output.paint;
        for line in tree::lines(&self.states, look, usize::MAX) {
            self.output.line(line)?;
        }
        Ok(())
    }
}
