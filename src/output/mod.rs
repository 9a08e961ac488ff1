//! The only place that prints: results to stdout, talk to stderr.

pub mod apply;
pub mod crawl;
mod difference;
mod echo;
pub mod execution;
mod fit;
pub mod graph;
mod hiding;
pub mod human;
#[cfg(feature = "native-crawl")]
pub mod inferred;
mod located;
mod moving;
pub mod plan;
mod refused;
pub mod rows;
mod screen;
mod style;

use std::ffi::OsString;
use std::io::{IsTerminal as _, StdoutLock, Write as _};
use std::sync::{Arc, PoisonError, RwLock};

use clap::ValueEnum;
use serde::Serialize;

use crate::cli::{Color, Exit};
use crate::stack::{Diagnostics, Secrets};
pub use difference::inline;
pub use hiding::{Hiding, Log};
pub use moving::{Lines, Moving, Picture};
pub use refused::Refused;
use rows::{Column, Row};
pub use style::Paint;

/// What a result looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Where a command's words go, and how they may look.
#[derive(Debug, Clone)]
pub struct Output {
    pub format: Format,
    quiet: bool,
    /// Colours of stdout.
    pub paint: Paint,
    /// Colours of stderr.
    pub talk: Paint,
    /// What no line may hold; clones of this output share it.
    secrets: Arc<RwLock<Secrets>>,
    /// What moves on the terminal now; clones of this output share it.
    stage: moving::Stage,
}

/// Whether a terminal is one for colours, and nobody asked for none.
fn may_color() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value: OsString| !value.is_empty());
    !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

impl Output {
    pub fn new(format: Format, color: Color, quiet: bool) -> Self {
        let colored = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && may_color(),
        };
        Self {
            format,
            quiet,
            paint: Paint(colored(std::io::stdout().is_terminal()) && format == Format::Table),
            talk: Paint(colored(std::io::stderr().is_terminal())),
            secrets: Arc::default(),
            stage: moving::Stage::default(),
        }
    }

    /// From now on these are hidden in all that is printed.
    pub fn hide(&self, secrets: &Secrets) {
        let mut hidden = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        *hidden = secrets.clone();
    }

    /// A text without secrets.
    fn safe(&self, text: &str) -> String {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        secrets.hide(text).into_owned()
    }

    /// A text as a terminal may be given it: without secrets, and with nothing that it would obey
    /// but the colours of this `paint`.
    fn shown(&self, text: &str, paint: Paint) -> String {
        let text = self.safe(text);
        if paint.0 {
            human::painted(&text)
        } else {
            human::on_its_lines(&text)
        }
    }

    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// A line of the result.
    pub fn line(&self, text: impl AsRef<str>) -> anyhow::Result<()> {
        self.unhidden(self.shown(text.as_ref(), self.paint))
    }

    /// A line of the result, as it is even if it is a secret: the user asked for this very value.
    pub fn unhidden(&self, text: impl AsRef<str>) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", text.as_ref())?;
        out.flush()?;
        Ok(())
    }

    /// Rows of the result as a table, as wide as the terminal. A cell is made safe before it is cut.
    pub fn table(&self, columns: &[Column], rows: &[Row]) -> anyhow::Result<()> {
        let safe = |cell: &Option<String>| cell.as_deref().map(|text| self.safe(text));
        let rows: Vec<Row> = rows
            .iter()
            .map(|row| row.iter().map(safe).collect())
            .collect();
        self.line(rows::table(columns, &rows, self.width(), self.paint))
    }

    /// Where a result is written that is too long for one text.
    pub fn result(&self) -> Hiding<'_, StdoutLock<'static>> {
        Hiding::new(&self.secrets, std::io::stdout().lock())
    }

    /// Where logs are written.
    pub fn log(&self) -> Log {
        Log(self.clone())
    }

    /// A result as a JSON document.
    pub fn json(&self, value: &impl Serialize) -> anyhow::Result<()> {
        let text = self.safe(&serde_json::to_string_pretty(value)?);
        self.unhidden(human::json(text))
    }

    /// Talk: what goes on, what could be done next. `--quiet` does without.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.tell(text);
        }
    }

    /// What has to be told even to who wants it quiet: what went wrong, in its own form.
    pub fn tell(&self, text: impl AsRef<str>) {
        self.write(&self.shown(text.as_ref(), self.talk));
    }

    /// A line on stderr, above whatever moves there.
    fn write(&self, line: &str) {
        self.stage.above(|| {
            // When nobody listens there is nobody to tell.
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        });
    }

    /// Something that is not as the user may think; who wants it quiet does not want it unsaid, as with
    /// the compilers' `-q`.
    pub fn warn(&self, text: impl AsRef<str>) {
        let label = self.talk.warning("warning:");
        self.write(&format!(
            "{label} {}",
            self.shown(text.as_ref(), Paint(false))
        ));
    }

    /// Tells what failed, without an error of its own.
    pub fn error(&self, text: impl AsRef<str>) {
        let label = self.talk.error("error:");
        self.write(&format!(
            "{label} {}",
            self.shown(text.as_ref(), Paint(false))
        ));
    }

    /// Prints the error that ended the command. A reader that went away is none.
    pub fn fail(&self, error: &anyhow::Error) -> Exit {
        if is_reader_gone(error) {
            return Exit::Success;
        }
        if let Some(mistakes) = error.downcast_ref::<Diagnostics>() {
            self.tell(mistakes.render(self.talk.0));
        } else if let Some(refused) = error.downcast_ref::<Refused>() {
            self.tell(refused.render(self.talk.0));
        } else {
            self.error(format!("{error:#}"));
        }
        Exit::Failure
    }

    /// Asks yes or no on the terminal; fails where there is none.
    pub fn ask(&self, question: &str) -> anyhow::Result<bool> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            anyhow::bail!(
                "nobody can be asked here, where there is no terminal: {question}\n  \
                 help: --yes says yes beforehand"
            );
        }
        // Not locked: others may have something to tell while the answer is waited for.
        let mut err = std::io::stderr();
        let question = self.shown(question, Paint(false));
        write!(err, "{} [y/N] ", self.talk.strong(&question))?;
        err.flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
    }

    /// Whether progress may move: on a terminal, and nobody asked for quiet.
    pub fn is_live(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Columns of the terminal that stdout is; `None` when it is none.
    pub fn width(&self) -> Option<usize> {
        if !std::io::stdout().is_terminal() {
            return None;
        }
        named_columns().or(comfy_table::Table::new().width().map(usize::from))
    }

    /// Columns of the terminal that stderr is; `None` when it is none.
    fn talk_width(&self) -> Option<usize> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let mut table = comfy_table::Table::new();
        table.use_stderr();
        let columns = named_columns().or(table.width().map(usize::from));
        // A terminal that has none does not know how many it has.
        columns.filter(|columns| *columns > 0)
    }
}

/// Rows of the terminal that stderr is; `None` when it is none, or one that does not know.
#[cfg(unix)]
fn talk_height() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok()?;
    Some(usize::from(size.ws_row)).filter(|rows| *rows > 0)
}

/// The console of Windows is not asked.
#[cfg(not(unix))]
fn talk_height() -> Option<usize> {
    None
}

/// What the user says that the terminal has.
fn named_columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

/// Whether what was printed found no reader any more, as before `head -1`.
fn is_reader_gone(error: &anyhow::Error) -> bool {
    let gone = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
    error.chain().filter_map(|e| e.downcast_ref()).any(gone)
}

/// Goes on where only the reader of stdout went away: for a command that has more to do than to
/// print.
pub fn go_on_unread(printed: anyhow::Result<()>) -> anyhow::Result<()> {
    match printed {
        Err(error) if is_reader_gone(&error) => Ok(()),
        printed => printed,
    }
}
