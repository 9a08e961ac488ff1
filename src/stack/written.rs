//! Where in a file of TOML the characters of a string are written.

use std::ops::Range;

/// The bytes of `file` that a part of a string is written with. `quoted` are those of the string with
/// its quotes, and `part` is of `text`, which became of it. Where that has been changed since, by
/// references or substitutions, it is the part's line, or what in the line reads as the part does.
/// None where it cannot be told.
pub(super) fn in_file(
    file: &str,
    quoted: &Range<usize>,
    text: &str,
    part: Range<usize>,
) -> Option<Range<usize>> {
    let written = Written::read(file.get(quoted.clone())?)?;
    let part = if written.text == text {
        part
    } else {
        written.alike(text, part)?
    };
    let start = written.places.get(part.start)?;
    let end = written.places.get(part.end)?;
    Some(quoted.start + start..quoted.start + end)
}

/// A string of TOML as it is written.
struct Written {
    text: String,
    /// Where each byte of the text is written, counted from the first quote; and where it ends.
    places: Vec<usize>,
}

impl Written {
    fn read(quoted: &str) -> Option<Self> {
        let known = ["\"\"\"", "'''", "\"", "'"];
        let quotes = known.into_iter().find(|quotes| {
            quoted.len() >= 2 * quotes.len()
                && quoted.starts_with(*quotes)
                && quoted.ends_with(*quotes)
        })?;
        let end = quoted.len() - quotes.len();
        let mut at = quotes.len();
        if quotes.len() == 3 {
            // The first line's end is no part of a text of several lines.
            let inner = &quoted[at..end];
            at += ["\r\n", "\n"]
                .into_iter()
                .find(|newline| inner.starts_with(*newline))
                .map_or(0, str::len);
        }
        let mut read = Self {
            text: String::new(),
            places: Vec::new(),
        };
        while let Some(c) = quoted[at..end].chars().next() {
            let (made, length) = if c == '\\' && quotes.starts_with('"') {
                escaped(&quoted[at..end])?
            } else {
                (Some(c), c.len_utf8())
            };
            if let Some(made) = made {
                read.text.push(made);
                read.places.resize(read.text.len(), at);
            }
            at += length;
        }
        read.places.push(end);
        Some(read)
    }

    /// What in this text is where `part` is in another that was made of it.
    fn alike(&self, other: &str, part: Range<usize>) -> Option<Range<usize>> {
        if other.lines().count() != self.text.lines().count() {
            return None;
        }
        let number = other.get(..part.start)?.matches('\n').count();
        let start = match number.checked_sub(1) {
            None => 0,
            Some(before) => self.text.match_indices('\n').nth(before)?.0 + 1,
        };
        let line = self.text[start..].lines().next()?;
        let (at, length) = match line.find(other.get(part.clone())?) {
            Some(at) => (at, part.len()),
            None => (line.len() - line.trim_start().len(), line.trim().len()),
        };
        Some(start + at..start + at + length)
    }
}

/// The character that an escape stands for, if it stands for one, and how many bytes it has.
fn escaped(rest: &str) -> Option<(Option<char>, usize)> {
    let by_number = |digits: usize| {
        let number = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
        Some((Some(char::from_u32(number)?), 2 + digits))
    };
    let c = rest[1..].chars().next()?;
    let made = match c {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        '"' | '\\' => c,
        'x' => return by_number(2),
        'u' => return by_number(4),
        'U' => return by_number(8),
        ' ' | '\t' | '\n' | '\r' => {
            // The line goes on where something stands.
            let behind = rest[1..].trim_start_matches([' ', '\t', '\n', '\r']);
            return Some((None, rest.len() - behind.len()));
        }
        _ => return None,
    };
    Some((Some(made), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What in the file `part` of the text is written as; the string is all of the file but `a = `.
    fn written<'f>(file: &'f str, text: &str, part: &str) -> Option<&'f str> {
        let at = text.find(part).expect("a part of the text");
        let quoted = 4..file.trim_end().len();
        let place = in_file(file, &quoted, text, at..at + part.len())?;
        Some(&file[place])
    }

    #[test]
    fn a_part_is_found_in_every_kind_of_string() {
        for file in [
            "a = \"é: Wait\"",
            "a = 'é: Wait'",
            "a = '''\né: Wait'''\n",
            "a = \"\"\"\r\né: Wait\"\"\"",
        ] {
            assert_eq!(written(file, "é: Wait", "Wait"), Some("Wait"), "{file}");
        }
        assert_eq!(written("a = 'x\\n'", "x\\n", "\\n"), Some("\\n"));
    }

    #[test]
    fn escapes_before_and_in_it_are_counted() {
        let file = "a = \"\"\"\n{\\\"x\\\": \\u00e9, \\\n   \\\"Type\\\": 1}\"\"\"";
        let text = "{\"x\": é, \"Type\": 1}";
        assert_eq!(written(file, text, "\"Type\""), Some("\\\"Type\\\""));
        assert_eq!(written(file, text, "1"), Some("1"));
        assert_eq!(written("a = \"\\q\"", "q", "q"), None);
    }

    #[test]
    fn of_a_text_that_was_changed_the_line_is_found() {
        let file = "a = '''\nA: ${x}\n  B: ${y}, Next: C\n'''";
        let text = "A: one\n  B: two, Next: C\n";
        assert_eq!(written(file, text, "Next"), Some("Next"));
        assert_eq!(written(file, text, "two"), Some("B: ${y}, Next: C"));
        assert_eq!(written(file, "A: 1\n2\n3\n  B: two", "two"), None);
    }
}
