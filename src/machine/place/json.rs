//! Goes over a text of JSON.

use super::{Found, Visit};

/// What is open: an object and the name that was read last in it, or a list and its index.
enum Open {
    Object,
    List(usize),
}

struct Walk<'t, 'v, 'w> {
    text: &'t str,
    open: Vec<Open>,
    /// The way to what comes next.
    path: Vec<String>,
    /// The name that waits for its value, and where it is.
    name: Option<std::ops::Range<usize>>,
    visit: &'v mut Visit<'w>,
}

pub(super) fn walk(text: &str, visit: &mut Visit) {
    let mut walk = Walk {
        text,
        open: Vec::new(),
        path: Vec::new(),
        name: None,
        visit,
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at = match bytes[at] {
            b'"' => {
                let end = end_of_string(bytes, at);
                walk.string(at, end);
                end
            }
            b'{' => walk.open(at, Open::Object),
            b'[' => walk.open(at, Open::List(0)),
            b'}' | b']' => walk.close(at),
            b',' => walk.comma(at),
            b':' => at + 1,
            c if c.is_ascii_whitespace() => at + 1,
            _ => {
                let end = end_of_word(text, at);
                walk.value(at..end);
                end
            }
        };
    }
}

impl Walk<'_, '_, '_> {
    /// Whether the next string is a name.
    fn wants_name(&self) -> bool {
        matches!(self.open.last(), Some(Open::Object)) && self.name.is_none()
    }

    fn string(&mut self, start: usize, end: usize) {
        if !self.wants_name() {
            self.value(start..end);
            return;
        }
        let written = self.text.get(start..end).unwrap_or_default();
        if !self.text[end..].trim_start().starts_with(':') {
            return;
        }
        self.path
            .push(serde_json::from_str(written).unwrap_or_default());
        self.name = Some(start..end);
    }

    /// A value that is neither object nor list.
    fn value(&mut self, span: std::ops::Range<usize>) {
        self.tell(span.start, Some(span));
    }

    fn tell(&mut self, start: usize, value: Option<std::ops::Range<usize>>) {
        if let Some(Open::List(index)) = self.open.last() {
            self.path.push(index.to_string());
            let end = value.as_ref().map_or(start + 1, |value| value.end);
            (self.visit)(
                &self.path,
                Found {
                    name: start..end,
                    value,
                },
            );
            self.path.pop();
        } else if let Some(name) = self.name.clone() {
            (self.visit)(&self.path, Found { name, value });
        }
    }

    fn open(&mut self, at: usize, what: Open) -> usize {
        self.tell(at, None);
        if let Some(Open::List(index)) = self.open.last() {
            self.path.push(index.to_string());
        }
        self.name = None;
        self.open.push(what);
        at + 1
    }

    fn close(&mut self, at: usize) -> usize {
        self.end_member();
        self.open.pop();
        if matches!(self.open.last(), Some(Open::List(_))) {
            self.path.pop();
        } else if self.open.last().is_some() {
            // The member whose value this was is left with its comma.
            self.name = Some(at..at + 1);
        }
        at + 1
    }

    fn comma(&mut self, at: usize) -> usize {
        self.end_member();
        if let Some(Open::List(index)) = self.open.last_mut() {
            *index += 1;
        }
        at + 1
    }

    fn end_member(&mut self) {
        if matches!(self.open.last(), Some(Open::Object)) && self.name.take().is_some() {
            self.path.pop();
        }
    }
}

/// Behind the quote that ends the string that begins here; the text's end if none does.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Behind a number, a word, or `${Name}`.
fn end_of_word(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    if rest.starts_with("${")
        && let Some(end) = rest.find('}')
    {
        return start + end + 1;
    }
    let end = rest.find(|c: char| c.is_whitespace() || ",:{}[]\"".contains(c));
    let length = end.unwrap_or(rest.len());
    start + length.max(rest.chars().next().map_or(1, char::len_utf8))
}
