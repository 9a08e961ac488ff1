//! Regular expressions: JavaScript's syntax on the `regex` crate, which takes linear time and so
//! has neither lookaround nor backreferences.

use super::error::Error;

#[derive(Debug)]
pub(super) struct Pattern {
    source: String,
    regex: regex::Regex,
}

impl Pattern {
    /// Compiles what stands between the slashes; the flags are `i` and `m`.
    pub fn new(source: &str, ignore_case: bool, multi_line: bool) -> Result<Self, Error> {
        let unsupported = |reason: &str| {
            Error::of("S0303")
                .with_text("value", source)
                .with("reason", reason)
        };
        let translated = Translator::new(source).translate().map_err(unsupported)?;
        let regex = regex::RegexBuilder::new(&translated)
            .case_insensitive(ignore_case)
            .multi_line(multi_line)
            .build()
            .map_err(|error| unsupported(&error.to_string()))?;
        Ok(Self {
            source: source.to_owned(),
            regex,
        })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn captures_at<'t>(&self, text: &'t str, start: usize) -> Option<regex::Captures<'t>> {
        self.regex.captures_at(text, start)
    }
}

/// Rewrites JavaScript's syntax where the `regex` crate reads it otherwise.
struct Translator {
    source: Vec<char>,
    position: usize,
    output: String,
}

impl Translator {
    fn new(source: &str) -> Self {
        Self {
            source: source.chars().collect(),
            position: 0,
            output: String::new(),
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.source.get(self.position + ahead).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(ahead, character)| self.peek(ahead) == Some(character))
    }

    fn translate(mut self) -> Result<String, &'static str> {
        while let Some(character) = self.peek(0) {
            match character {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '.' => self.replace(1, r"[^\n\r\x{2028}\x{2029}]"),
                '(' => {
                    for lookaround in ["(?=", "(?!", "(?<=", "(?<!"] {
                        if self.starts_with(lookaround) {
                            return Err("lookaround is not available");
                        }
                    }
                    self.replace(1, "(");
                }
                '{' if !self.is_repetition() => self.replace(1, r"\{"),
                // Whitespace and # are literal in both.
                other => {
                    self.output.push(other);
                    self.position += 1;
                }
            }
        }
        Ok(self.output)
    }

    fn replace(&mut self, length: usize, text: &str) {
        self.position += length;
        self.output.push_str(text);
    }

    /// Whether the brace at the position opens `{n}`, `{n,}` or `{n,m}`.
    fn is_repetition(&self) -> bool {
        let rest = &self.source[self.position + 1..];
        let Some(end) = rest.iter().position(|&c| c == '}') else {
            return false;
        };
        let inside: String = rest[..end].iter().collect();
        let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        !least.is_empty() && digits(least) && digits(most)
    }

    fn escape(&mut self, in_class: bool) -> Result<(), &'static str> {
        let Some(character) = self.peek(1) else {
            return Err("it ends with a backslash");
        };
        match character {
            'd' => self.replace(2, if in_class { "0-9" } else { "[0-9]" }),
            'D' => self.replace(2, "[^0-9]"),
            'w' => self.replace(
                2,
                if in_class {
                    "0-9A-Za-z_"
                } else {
                    "[0-9A-Za-z_]"
                },
            ),
            'W' => self.replace(2, "[^0-9A-Za-z_]"),
            's' => self.replace(
                2,
                if in_class {
                    r"\s\x{feff}"
                } else {
                    r"[\s\x{feff}]"
                },
            ),
            'S' => self.replace(2, r"[^\s\x{feff}]"),
            'b' if in_class => self.replace(2, r"\x08"),
            'b' => self.replace(2, r"(?-u:\b)"),
            'B' => self.replace(2, r"(?-u:\B)"),
            'n' | 'r' | 't' | 'f' | 'v' => {
                self.replace(2, &format!("\\{character}"));
            }
            '0' => self.replace(2, r"\x00"),
            '1'..='9' | 'k' => return Err("backreferences are not available"),
            'x' | 'u' => {
                let length = if character == 'x' { 2 } else { 4 };
                let digits: String = self
                    .source
                    .iter()
                    .skip(self.position + 2)
                    .take(length)
                    .take_while(|c| c.is_ascii_hexdigit())
                    .collect();
                if digits.len() == length {
                    self.replace(2 + length, &format!("\\x{{{digits}}}"));
                } else {
                    self.replace(2, &character.to_string());
                }
            }
            other => self.replace(2, &regex::escape(&other.to_string())),
        }
        Ok(())
    }

    fn class(&mut self) -> Result<(), &'static str> {
        if self.starts_with("[^]") {
            self.replace(3, r"[\s\S]");
            return Ok(());
        }
        if self.starts_with("[]") {
            self.replace(2, r"[^\s\S]");
            return Ok(());
        }
        self.replace(1, "[");
        if self.peek(0) == Some('^') {
            self.replace(1, "^");
        }
        while let Some(character) = self.peek(0) {
            match character {
                ']' => {
                    self.replace(1, "]");
                    return Ok(());
                }
                '\\' => self.escape(true)?,
                // These have a meaning inside a class for the regex crate only.
                '[' | '&' | '~' => self.replace(1, &format!("\\{character}")),
                other => self.replace(1, &other.to_string()),
            }
        }
        Err("a character class is not closed")
    }
}
