//! Colours by meaning.

use clap::builder::styling::{AnsiColor, Style};

use crate::engine::Action;

/// Paints, or leaves as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint(pub bool);

impl Paint {
    fn with(self, style: Style, text: &str) -> String {
        if self.0 {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    pub fn strong(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    pub fn faint(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    pub fn good(self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    pub fn bad(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default(), text)
    }

    pub fn error(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }

    pub fn warning(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default().bold(), text)
    }

    pub fn accent(self, text: &str) -> String {
        self.with(AnsiColor::Cyan.on_default().bold(), text)
    }

    /// A text in the colour of what is done.
    pub fn action(self, action: Action, text: &str) -> String {
        let style = match action {
            Action::Create => AnsiColor::Green.on_default(),
            Action::Update => AnsiColor::Yellow.on_default(),
            Action::Adopt => AnsiColor::Cyan.on_default(),
            Action::Replace => AnsiColor::Magenta.on_default(),
            Action::Delete => AnsiColor::Red.on_default(),
            Action::Keep => AnsiColor::Yellow.on_default().bold(),
            Action::None => Style::new().dimmed(),
        };
        self.with(style, text)
    }
}
