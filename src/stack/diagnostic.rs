//! A mistake in `stack.toml`, shown where it is.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// The text of a `stack.toml`.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// As the user named it.
    pub display: String,
    /// The folder that relative paths start from.
    pub base_dir: PathBuf,
    pub text: String,
}

impl Source {
    /// Line and column of a byte, both from 1; columns count characters.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    /// `stack.toml:3:5`
    pub fn location(&self, span: &Range<usize>) -> String {
        let (line, column) = self.place(span.start);
        format!("{}:{line}:{column}", self.display)
    }

    pub(super) fn at(path: &Path, text: String) -> Self {
        let base_dir = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        Self {
            display: path.display().to_string(),
            base_dir,
            text,
        }
    }
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Bytes of the source.
    pub span: Range<usize>,
    pub message: String,
    /// What is said right at the place.
    pub label: String,
    /// The way out.
    pub help: Option<String>,
}

impl Diagnostic {
    pub fn new(span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            label: label.into(),
            help: None,
        }
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the nearest of `known`, if one is near enough to have been meant.
    pub fn suggest<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(wrong, known) {
            Some(near) => self.with_help(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// What was probably meant.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(wrong, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// All mistakes of a file, in its order.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    pub source: Arc<Source>,
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(super) fn new(source: Arc<Source>, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_key(|diagnostic| diagnostic.span.start);
        list.dedup();
        Self { source, list }
    }

    /// The mistakes with their lines, as a terminal shows them.
    pub fn render(&self, colored: bool) -> String {
        let renderer = if colored {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut text = String::new();
        for diagnostic in &self.list {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            let title = Level::ERROR.primary_title(&diagnostic.message);
            if self.source.text.is_empty() {
                let group = Group::with_title(title);
                text.push_str(&renderer.render(&[group]));
                continue;
            }
            let snippet = Snippet::source(&self.source.text)
                .path(&self.source.display)
                .annotation(
                    AnnotationKind::Primary
                        .span(diagnostic.span.clone())
                        .label(&diagnostic.label),
                );
            let mut report = vec![title.element(snippet)];
            if let Some(help) = &diagnostic.help {
                report.push(Group::with_title(Level::HELP.secondary_title(help)));
            }
            text.push_str(&renderer.render(&report));
        }
        text
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
