//! How the JSON values of a text stand in its lines, which decides whether Athena reads them.
//!
//! Source: Athena user guide, "Best practices for reading JSON data": each is an object in a line
//! of its own.

use crate::counted::grouped;

/// What is found of the values, one after the other.
#[derive(Default)]
pub(super) struct Lines {
    has_mark: bool,
    has_array: bool,
    /// A value goes on in the next line.
    has_long: bool,
    /// Where a value begins in the line in which the one before ends.
    shared: Option<usize>,
    /// Where a comma stands behind a value.
    comma: Option<usize>,
    /// Where the last value ends.
    end: usize,
}

impl Lines {
    pub fn of(text: &[u8]) -> Self {
        Self {
            has_mark: text.starts_with(b"\xef\xbb\xbf"),
            ..Self::default()
        }
    }

    /// Takes the value from `start` to `end`, and what is between it and the one before.
    pub fn take(&mut self, text: &[u8], start: usize, end: usize) {
        let value = &text[start..end];
        self.has_array |= value.starts_with(b"[");
        self.has_long |= value.contains(&b'\n');
        if self.end > 0 {
            self.take_between(text, start);
            if !text[self.end..start].contains(&b'\n') {
                self.shared.get_or_insert(start);
            }
        }
        self.end = end;
    }

    /// Takes what is behind the last value.
    pub fn end(&mut self, text: &[u8]) {
        self.take_between(text, text.len());
    }

    fn take_between(&mut self, text: &[u8], until: usize) {
        let line = text[self.end..until].split(|byte| *byte == b'\n').next();
        if line
            .unwrap_or_default()
            .trim_ascii_start()
            .starts_with(b",")
        {
            self.comma.get_or_insert(self.end);
        }
    }

    /// Why Athena does not read the text, if it does not.
    pub fn remark(&self, text: &[u8]) -> Option<String> {
        let line = |place: usize| {
            let line = text[..place].split(|byte| *byte == b'\n').count();
            grouped(line as u64)
        };
        let what = if self.has_array {
            "this is an array".to_owned()
        } else if self.has_long {
            "these are laid out over several".to_owned()
        } else if let Some(place) = self.comma {
            format!("line {} has a comma behind its object", line(place))
        } else if let Some(place) = self.shared {
            format!("line {} has several", line(place))
        } else if self.has_mark {
            "the first line begins with a byte order mark".to_owned()
        } else {
            return None;
        };
        Some(format!(
            "Athena reads JSON objects of a line each, and {what}: it reads no such table"
        ))
    }
}
