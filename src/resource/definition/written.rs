//! A definition as its author wrote it, so that what is wrong with it can be shown there.

use std::path::Path;
use std::sync::Arc;

use crate::machine::{self, place_of_line, place_of_path};
use crate::resource::{Place, Problem};
use crate::stack::Source;

/// Where a definition is written.
#[derive(Debug)]
pub(super) enum Written {
    File {
        name: String,
        source: Arc<Source>,
    },
    /// In the text of the key `definition`.
    Text(Arc<String>),
    /// In the tables of stack.toml themselves.
    Table,
}

impl Written {
    pub fn file(base_dir: &Path, file: &str, text: String) -> Self {
        Self::File {
            name: file.to_owned(),
            source: Arc::new(Source::beside(base_dir, file, text)),
        }
    }

    /// A file that is named from where the user is.
    pub fn alone(file: &str, text: String) -> Self {
        Self::File {
            name: "the definition".to_owned(),
            source: Arc::new(Source::beside(Path::new("."), file, text)),
        }
    }

    pub fn text(text: &str) -> Self {
        Self::Text(Arc::new(text.to_owned()))
    }

    /// What a message calls it.
    pub fn name(&self) -> &str {
        match self {
            Self::File { name, .. } => name,
            Self::Text(_) | Self::Table => "definition",
        }
    }

    /// The text, if there is one of its own.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::File { source, .. } => Some(&source.text),
            Self::Text(text) => Some(text),
            Self::Table => None,
        }
    }

    /// These bytes of the text.
    pub fn bytes(&self, span: std::ops::Range<usize>) -> Option<Place> {
        match self {
            Self::File { source, .. } => Some(Place::File(source.clone(), span)),
            Self::Text(text) => Some(Place::Text(text.clone(), span)),
            Self::Table => None,
        }
    }

    /// A line and a column, both from 1.
    pub fn line(&self, line: usize, column: usize) -> Option<Place> {
        let place = place_of_line(self.source()?, line, column)?;
        self.bytes(place.span)
    }

    /// A problem of what a path of names and indices leads to: of its name, or of its value.
    pub fn problem(
        &self,
        path: &[String],
        by_name: bool,
        message: String,
        label: String,
    ) -> Problem {
        let Some(text) = self.source() else {
            let key = ["definition"]
                .into_iter()
                .chain(path.iter().map(String::as_str));
            return Problem::new(&key.collect::<Vec<_>>().join("."), message, label);
        };
        let first = machine::Place {
            line: 1,
            column: 1,
            span: 0..text.lines().next().map_or(0, str::len).min(1),
        };
        let place = place_of_path(text, path, by_name).unwrap_or(first);
        Problem::new("definition", message, label).at(self.bytes(place.span))
    }
}
