//! A mistake in `stack.toml`, shown where it is.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use super::Stack;
use super::secrets::Secrets;
use crate::output::human;

/// The text of a `stack.toml`, or of a file that it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

    /// A file that stack.toml names, as it is seen from where the user is.
    pub fn beside(base_dir: &Path, file: &str, text: String) -> Self {
        let path = if base_dir == Path::new(".") {
            PathBuf::from(file)
        } else {
            base_dir.join(file)
        };
        Self::at(&path, text)
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

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    /// Nothing is refused for it.
    Warning,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// The file that the place is in, if it is not stack.toml itself.
    pub file: Option<Arc<Source>>,
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
            severity: Severity::Error,
            file: None,
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

    /// The same, for which nothing is refused.
    pub fn into_warning(mut self) -> Self {
        self.severity = Severity::Warning;
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

/// What was probably meant. `ExpireAfterDays` is as near to `expire_after_days` as can be.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong = in_short(wrong);
    known
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&wrong, &in_short(candidate)),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        // Of two that are as near, the first one.
        .reduce(|best, other| if other.0 > best.0 { other } else { best })
        .map(|(_, candidate)| candidate)
}

/// A name without what only its notation adds.
pub(super) fn in_short(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// All mistakes of a file, in its order.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    pub source: Arc<Source>,
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(super) fn new(source: Arc<Source>, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by(|a, b| {
            let file = |d: &Diagnostic| d.file.as_ref().map(|file| file.display.clone());
            let place = |d: &Diagnostic| (d.span.start, d.span.end);
            file(a)
                .cmp(&file(b))
                .then_with(|| place(a).cmp(&place(b)))
                .then_with(|| a.message.cmp(&b.message))
        });
        list.dedup();
        Self { source, list }
    }

    /// What is found of a stack that can be one.
    pub fn of(stack: &Stack, list: Vec<Diagnostic>) -> Self {
        Self::new(stack.source.clone(), list).hiding(&stack.secrets)
    }

    /// The mistakes with every secret taken out of what they say and of the lines they show.
    pub fn hiding(mut self, secrets: &Secrets) -> Self {
        self.source = masked(&self.source, secrets);
        for diagnostic in &mut self.list {
            if let Some(file) = &mut diagnostic.file {
                *file = masked(file, secrets);
            }
            for text in [&mut diagnostic.message, &mut diagnostic.label] {
                *text = secrets.hide(text).into_owned();
            }
            if let Some(help) = &mut diagnostic.help {
                *help = secrets.hide(help).into_owned();
            }
        }
        self
    }

    /// These mistakes and those of another look at the same file.
    pub fn and(mut self, other: Self) -> Self {
        self.list.extend(other.list);
        Self::new(self.source, self.list)
    }

    /// Whether there is one that something is refused for.
    pub fn refuse(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Those that something is refused for, and the warnings.
    pub fn by_severity(self) -> (Self, Self) {
        let source = self.source;
        let is_error = |d: &Diagnostic| d.severity == Severity::Error;
        let (errors, warnings) = self.list.into_iter().partition(is_error);
        let of = |list| Self {
            source: source.clone(),
            list,
        };
        (of(errors), of(warnings))
    }

    /// These, and of another look at the same file what is not at the place of one of these.
    pub fn and_elsewhere(self, mut other: Self) -> Self {
        let place = |d: &Diagnostic| {
            let file = d.file.as_ref().map(|file| file.display.clone());
            (file, d.span.clone())
        };
        let told: Vec<_> = self.list.iter().map(place).collect();
        other.list.retain(|d| !told.contains(&place(d)));
        self.and(other)
    }

    /// The mistakes with their places, for programs.
    pub fn to_json(&self) -> Value {
        let mistakes = self.list.iter().map(|diagnostic| {
            let source = diagnostic.file.as_ref().unwrap_or(&self.source);
            let (line, column) = source.place(diagnostic.span.start);
            let (end_line, end_column) = source.place(diagnostic.span.end);
            json!({
                "file": source.display,
                "line": line,
                "column": column,
                "end_line": end_line,
                "end_column": end_column,
                "message": diagnostic.message,
                "label": diagnostic.label,
                "help": diagnostic.help,
            })
        });
        mistakes.collect()
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
            let level = match diagnostic.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
            };
            let title = level.primary_title(&diagnostic.message);
            // The library leaves a help as it is, and takes control characters out of all else.
            let help = diagnostic.help.as_deref().map(human::on_its_lines);
            let help = help.map(|help| Group::with_title(Level::HELP.secondary_title(help)));
            let source = diagnostic.file.as_ref().unwrap_or(&self.source);
            if source.text.trim().is_empty() {
                // There is no line to show.
                text.push_str(&renderer.render(&[Group::with_title(title)]));
                if let Some(help) = help {
                    text.push('\n');
                    text.push_str(&renderer.render(&[help]));
                }
                continue;
            }
            let snippet = Snippet::source(&source.text)
                .path(&source.display)
                .annotation(
                    AnnotationKind::Primary
                        .span(diagnostic.span.clone())
                        .label(&diagnostic.label),
                );
            let mut report = vec![title.element(snippet)];
            report.extend(help);
            text.push_str(&renderer.render(&report));
        }
        text
    }
}

/// A source without secrets, which are masked with as many bytes.
fn masked(source: &Arc<Source>, secrets: &Secrets) -> Arc<Source> {
    match secrets.mask(&source.text) {
        Cow::Borrowed(_) => source.clone(),
        Cow::Owned(text) => Arc::new(Source {
            text,
            ..(**source).clone()
        }),
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
