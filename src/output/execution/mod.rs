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
use serde_json::Value;

use super::{Output, Picture, talk_height};
pub use states::{Items, Node, States, between};
use tree::Look;
pub use waiting::{Failure, brief};

/// How many states a terminal shows at a time, if it has room for them.
const ROWS: usize = 20;

/// How many states a terminal of so many rows shows: below them is the cursor's row, and above them
/// the one that tells how many there are more.
fn most(height: Option<usize>) -> usize {
    height.map_or(ROWS, |rows| rows.saturating_sub(2).clamp(1, ROWS))
}

/// Shows an execution on stderr.
pub struct View<'a> {
    output: &'a Output,
    pub states: States,
    picture: Picture,
    tick: usize,
}

impl<'a> View<'a> {
    /// A view of an execution of this definition.
    pub fn new(output: &'a Output, definition: &Value) -> Self {
        Self {
            output,
            states: States::of(definition),
            picture: output.picture(),
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
        for happened in happened {
            if let Some(line) = tree::told(&self.states, &happened, self.output.talk) {
                self.output.say(line);
            }
        }
    }

    fn look(&self) -> Look {
        Look {
            paint: self.output.talk,
            tick: self.tick,
            now: DateTime::from(SystemTime::now()),
            columns: self.output.talk_width(),
        }
    }

    /// Draws what is now; to be called ten times a second.
    pub fn draw(&mut self) {
        if !self.output.is_live() {
            return;
        }
        self.tick += 1;
        let lines = tree::lines(&self.states, self.look(), most(talk_height()));
        self.picture.draw(&lines);
    }

    /// Whether the states are drawn while they run.
    pub fn is_live(&self) -> bool {
        self.output.is_live()
    }

    /// Leaves the states that are shown as they are now, so that something else can be written below
    /// them; what is drawn next moves below that.
    pub fn pause(&mut self) {
        self.leave(most(talk_height()));
    }

    /// Leaves the tree as it is at the end, where lines were moving.
    pub fn finish(&mut self) {
        self.leave(usize::MAX);
    }

    /// Writes so many states where lines were moving.
    fn leave(&mut self, most: usize) {
        self.picture.clear();
        if self.output.is_live() {
            for line in tree::lines(&self.states, self.look(), most) {
                self.output.say(line);
            }
        }
    }

    /// Writes the whole tree, wherever it goes.
    pub fn print(&self) -> anyhow::Result<()> {
        let mut look = self.look();
        look.paint = self.output.paint;
        look.columns = self.output.width();
        for line in tree::lines(&self.states, look, usize::MAX) {
            self.output.line(line)?;
        }
        Ok(())
    }
}
