//! Where in the text of a definition something is.

use crate::Diagnostic;

/// Line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Diagnostic {
    /// Where in `definition`, the text that was validated, the finding is: at the name of the
    /// member, or where a value begins that has no name. None for a finding of the whole.
    pub fn place(&self, definition: &str) -> Option<Place> {
        let location = self.location.as_deref()?;
        if location.starts_with("[Source:") {
            return jackson(location);
        }
        let named = self
            .message
            .split('\'')
            .nth(1)
            .filter(|_| self.message.contains("ield '"));
        let at = named
            .and_then(|name| {
                find(
                    definition,
                    &format!("{}/{name}", location.trim_end_matches('/')),
                )
            })
            .or_else(|| find(definition, location.trim_end_matches('/')))?;
        Some(place(definition, at))
    }
}

/// The `line: 1, column: 4` at the end of what Jackson says.
fn jackson(location: &str) -> Option<Place> {
    let (_, place) = location.rsplit_once("; line: ")?;
    let (line, column) = place.trim_end_matches(']').split_once(", column: ")?;
    Some(Place {
        line: line.parse().ok()?,
        column: column.parse().ok()?,
    })
}

/// Line and column of a byte.
fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// The byte where what a location names begins. Names in locations are not escaped, so that a name
/// may hold what separates them: the text decides which is meant.
fn find(text: &str, location: &str) -> Option<usize> {
    let mut scanner = Scanner {
        text: text.as_bytes(),
        at: 0,
    };
    scanner.space();
    let start = scanner.at;
    let mut found = None;
    scanner.value(Some(location), start, &mut found, 0)?;
    found
}

/// How deep a definition may be nested to be looked into.
const MAX_DEPTH: usize = 128;

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scanner<'_> {
    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Goes over a value. `rest` is what is left of the location if the value lies on its way,
    /// `name` where the value's name begins.
    fn value(
        &mut self,
        rest: Option<&str>,
        name: usize,
        found: &mut Option<usize>,
        depth: usize,
    ) -> Option<()> {
        if rest == Some("") {
            found.get_or_insert(name);
        }
        if found.is_some() || depth > MAX_DEPTH {
            return (depth <= MAX_DEPTH).then_some(());
        }
        match self.peek()? {
            b'{' => self.members(rest, found, depth),
            b'[' => self.elements(rest, found, depth),
            b'"' => self.string().map(|_| ()),
            _ => {
                let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
                while self.peek().is_some_and(is_part) {
                    self.at += 1;
                }
                Some(())
            }
        }
    }

    fn members(
        &mut self,
        rest: Option<&str>,
        found: &mut Option<usize>,
        depth: usize,
    ) -> Option<()> {
        self.at += 1;
        self.space();
        while self.peek()? != b'}' {
            let start = self.at;
            let key = self.string()?;
            self.take(b':')?;
            self.space();
            let below = rest
                .and_then(|rest| rest.strip_prefix('/')?.strip_prefix(key.as_str()))
                .filter(|rest| rest.is_empty() || rest.starts_with(['/', '[']));
            self.value(below, start, found, depth + 1)?;
            if found.is_some() {
                return Some(());
            }
            self.space();
            if self.peek()? == b',' {
                self.at += 1;
                self.space();
            }
        }
        self.at += 1;
        Some(())
    }

    fn elements(
        &mut self,
        rest: Option<&str>,
        found: &mut Option<usize>,
        depth: usize,
    ) -> Option<()> {
        self.at += 1;
        self.space();
        let mut index = 0;
        while self.peek()? != b']' {
            let step = format!("[{index}]");
            let below = rest.and_then(|rest| rest.strip_prefix(step.as_str()));
            let start = self.at;
            self.value(below, start, found, depth + 1)?;
            if found.is_some() {
                return Some(());
            }
            index += 1;
            self.space();
            if self.peek()? == b',' {
                self.at += 1;
                self.space();
            }
        }
        self.at += 1;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.take(b'"')?;
        while self.peek()? != b'"' {
            self.at += if self.peek()? == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        serde_json::from_slice(self.text.get(start..self.at)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MachineType, validate};

    fn places(definition: &str) -> Vec<(String, usize, usize)> {
        validate(definition, MachineType::Standard)
            .iter()
            .map(|found| {
                let place = found.place(definition).unwrap();
                (found.message.clone(), place.line, place.column)
            })
            .collect()
    }

    #[test]
    fn a_finding_is_placed_at_the_member_that_it_is_of() {
        let definition = r#"{
  "StartAt": "A/B",
  "States": {
    "A/B": {"Type": "Choice", "Choices": [
      {"Variable": "$.x", "IsPresent": true, "Next": "Gone"}
    ], "Default": "C"},
    "C": {"Type": "Succeed"}
  }
}"#;
        let found = places(definition);
        assert_eq!(found[0].1, 5, "{found:?}");
        assert_eq!(found[0].2, 46, "{found:?}");
    }

    #[test]
    fn a_member_that_is_not_known_is_placed_itself() {
        let definition = "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Pass\",\n \"Resutl\": 1, \"End\": true}}}";
        assert_eq!(
            places(definition),
            [("Field 'Resutl' is not supported".to_owned(), 2, 2)]
        );
    }

    #[test]
    fn a_syntax_error_is_placed_where_jackson_says() {
        assert_eq!(places("not json")[0].1, 1);
        assert_eq!(places("not json")[0].2, 4);
    }

    #[test]
    fn no_text_is_too_broken_to_look_into() {
        for text in [
            "",
            "{",
            "{\"a",
            "{\"a\\",
            "[[[",
            "{\"a\":",
            "{\"a\":1,,}",
            "{]",
            "{\"a\" 1}",
        ] {
            find(text, "/a/b[0]");
        }
        find(&"[".repeat(100_000), "[0][0]");
    }
}
