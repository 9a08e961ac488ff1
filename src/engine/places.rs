//! Where in `stack.toml` each resource is, for many of them.

use std::ops::Range;

use crate::stack::Source;

/// The lines of a source, found once: each place is then looked up and not counted from the start.
pub(super) struct Places<'a> {
    source: &'a Source,
    starts: Vec<usize>,
}

impl<'a> Places<'a> {
    pub fn of(source: &'a Source) -> Self {
        let ends = source.text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            source,
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// `stack.toml:3:5`, as [`Source::location`] gives it.
    pub fn location(&self, span: &Range<usize>) -> String {
        let text = &self.source.text;
        let offset = text.floor_char_boundary(span.start);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).map_or(0, |before| self.starts[before]);
        let column = text[start..offset].chars().count() + 1;
        format!("{}:{line}:{column}", self.source.display)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_source() {
        let source = Source {
            display: "stack.toml".to_owned(),
            text: "[stack]\n\nname = \"größer\" # ü\n[a.b]".to_owned(),
            ..Source::default()
        };
        let places = Places::of(&source);
        for at in 0..=source.text.len() {
            let (line, column) = source.place(at);
            let place = format!("stack.toml:{line}:{column}");
            assert_eq!(places.location(&(at..at)), place);
        }
    }
}
