//! Lines that move on a terminal, with nothing secret in them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Output;
use super::echo::NoEcho;
use super::fit::fit;

/// The places for moving lines that there are now, the newest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Stage(Arc<Mutex<Vec<(u64, MultiProgress)>>>);

impl Stage {
    /// Writes something while nothing moves, so that it stays above what does.
    pub fn above(&self, write: impl FnOnce()) {
        let newest = self.lock().last().map(|(_, lines)| lines.clone());
        match newest {
            Some(lines) => lines.suspend(write),
            None => write(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(u64, MultiProgress)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Knows of a place for as long as what is given back lives.
    fn with(&self, lines: &MultiProgress) -> Shown {
        let mut all = self.lock();
        let id = all.last().map_or(0, |(id, _)| id + 1);
        all.push((id, lines.clone()));
        Shown {
            stage: self.clone(),
            id,
        }
    }
}

/// A place for moving lines that the screen knows of.
#[derive(Debug)]
struct Shown {
    stage: Stage,
    id: u64,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.stage.lock().retain(|(id, _)| *id != self.id);
    }
}

/// One moving line, with the time that it has been there.
#[derive(Debug, Clone)]
pub struct Moving {
    bar: ProgressBar,
    output: Output,
    /// Of a line that is alone.
    _shown: Option<Arc<Shown>>,
}

impl Moving {
    fn new(bar: ProgressBar, text: &str, output: &Output) -> Self {
        let style = ProgressStyle::with_template("{spinner:.cyan} {msg} {elapsed:.dim}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner())
            .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ");
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_millis(100));
        let moving = Self {
            bar,
            output: output.clone(),
            _shown: None,
        };
        moving.set(text);
        moving
    }

    /// Says what goes on now, in as much of one row as there is.
    pub fn set(&self, text: impl AsRef<str>) {
        /// What the spinner, the time and the spaces between take.
        const AROUND: usize = 8;
        let text = self.output.moves(text.as_ref());
        let columns = self.output.talk_width();
        self.bar.set_message(match columns {
            Some(columns) => fit(&text, columns.saturating_sub(AROUND)),
            None => text,
        });
    }

    pub fn is_shown(&self) -> bool {
        self.output.is_live()
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Many moving lines, one below the other.
#[derive(Debug)]
pub struct Lines {
    lines: MultiProgress,
    output: Output,
    _no_echo: Option<NoEcho>,
    _shown: Shown,
}

impl Lines {
    /// One more, below all others.
    pub fn add(&self, text: &str) -> Moving {
        let bar = self.lines.add(ProgressBar::new_spinner());
        Moving::new(bar, text, &self.output)
    }

    pub fn add_before(&self, other: &Moving, text: &str) -> Moving {
        let bar = ProgressBar::new_spinner();
        Moving::new(
            self.lines.insert_before(&other.bar, bar),
            text,
            &self.output,
        )
    }

    /// A line of talk that stays, above those that move.
    pub fn lasting(&self, line: &str) {
        if self.output.is_live() {
            // A terminal that is gone shows nothing; the outcome is told all the same.
            let shown = self.output.shown(line, self.output.talk);
            let _ = self.lines.println(shown);
        } else {
            self.output.say(line);
        }
    }
}

/// Lines that are drawn anew as a whole, as a picture is.
#[derive(Debug)]
pub struct Picture {
    lines: Lines,
    bars: Vec<ProgressBar>,
}

impl Picture {
    pub fn draw(&mut self, lines: &[String]) {
        while self.bars.len() < lines.len() {
            let bar = self.lines.lines.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template("{wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            self.bars.push(bar);
        }
        for bar in self.bars.drain(lines.len()..) {
            bar.finish_and_clear();
        }
        let columns = self.lines.output.talk_width().unwrap_or(usize::MAX);
        for (bar, line) in self.bars.iter().zip(lines) {
            bar.set_message(fit(&self.lines.output.moves(line), columns));
        }
    }

    /// Takes it away, so that something else can be written.
    pub fn clear(&mut self) {
        // All lines at once: cleared one by one, some would stay.
        let _ = self.lines.lines.clear();
        for bar in self.bars.drain(..) {
            self.lines.lines.remove(&bar);
        }
    }
}

impl Output {
    /// A text as it moves, which is one line.
    fn moves(&self, text: &str) -> String {
        self.shown(text, self.talk).replace('\n', "⏎")
    }

    fn draws(&self) -> ProgressDrawTarget {
        if self.is_live() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        }
    }

    /// A place for moving lines; hidden where nothing may move.
    pub fn live(&self) -> Lines {
        let lines = MultiProgress::with_draw_target(self.draws());
        Lines {
            _shown: self.stage.with(&lines),
            lines,
            output: self.clone(),
            _no_echo: self.is_live().then(NoEcho::new),
        }
    }

    /// A place for a picture; hidden where nothing may move.
    pub fn picture(&self) -> Picture {
        Picture {
            lines: self.live(),
            bars: Vec::new(),
        }
    }

    /// One moving line; hidden where nothing may move.
    pub fn spinner(&self, text: &str) -> Moving {
        let alone = MultiProgress::with_draw_target(self.draws());
        let bar = alone.add(ProgressBar::new_spinner());
        Moving {
            _shown: Some(Arc::new(self.stage.with(&alone))),
            ..Moving::new(bar, text, self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Color;
    use crate::output::Format;
    use crate::stack::Secrets;

    #[test]
    fn no_moving_line_shows_a_secret() {
        let output = Output::new(Format::Table, Color::Never, false);
        let lines = output.live();
        let below = lines.add("1 of 2");
        output.hide(&Secrets::new(vec!["hunter2".to_owned()]));
        let above = lines.add_before(&below, "workgroups.main is in s3://hunter2/");
        let single = output.spinner("hunter2 is starting");
        assert_eq!(
            above.bar.message(),
            "workgroups.main is in s3://(sensitive)/"
        );
        assert_eq!(single.bar.message(), "(sensitive) is starting");
        below.set("waiting for hunter2");
        assert_eq!(below.bar.message(), "waiting for (sensitive)");
        below.set("waiting\nfor \x1b[2J");
        assert_eq!(below.bar.message(), "waiting⏎for ·[2J");
    }
}
