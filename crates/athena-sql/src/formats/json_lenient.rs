//! JSON as the SerDe of OpenX reads it, made strict.
//!
//! Its parser is org.json's of 2011: strings in single quotes or in none, `=` or `=>` for a colon,
//! `;` for a comma, a comma before the closing bracket, blanks of any kind in strings, and anything
//! behind the value. Errors are in its words. Source: `JSONTokener`, `JSONObject` and `JSONArray` of
//! rcongiu/Hive-JSON-Serde.

use std::str::Chars;

use serde::de::IgnoredAny;

use crate::functions::cast::quoted;

/// Levels of arrays and objects that are read.
const MOST_LEVELS: usize = 128;

/// The value that a line begins with as JSON by the book; an error says what is wrong with it, and
/// mostly where.
pub(super) fn strict(line: &str) -> Result<String, String> {
    let mut reader = Reader {
        chars: line.chars(),
        last: None,
        again: false,
        index: 0,
        levels: 0,
        out: String::with_capacity(line.len()),
    };
    reader.value()?;
    Ok(reader.out)
}

struct Reader<'a> {
    chars: Chars<'a>,
    /// What was read last; nothing at the end.
    last: Option<char>,
    /// Whether that is to be read again.
    again: bool,
    /// Characters that were read, the end being one.
    index: usize,
    levels: usize,
    out: String,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<char> {
        if !std::mem::take(&mut self.again) {
            self.last = self.chars.next();
        }
        self.index += 1;
        self.last
    }

    fn back(&mut self) {
        self.index -= 1;
        self.again = true;
    }

    /// The next character that is no blank.
    fn read_clean(&mut self) -> Option<char> {
        loop {
            match self.read() {
                Some(c) if c <= ' ' => {}
                c => return c,
            }
        }
    }

    fn wrong(&self, why: &str) -> String {
        let index = self.index;
        format!("{why} at {index} [character {} line 1]", index + 1)
    }

    fn value(&mut self) -> Result<(), String> {
        match self.read_clean() {
            Some('{') => self.nested(Self::object),
            Some('[') => self.nested(Self::array),
            Some(quote @ ('"' | '\'')) => {
                let text = self.quoted(quote)?;
                self.out.push_str(&quoted(&text));
                Ok(())
            }
            first => {
                let text = self.bare(first)?;
                self.push_bare(&text);
                Ok(())
            }
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<(), String>) -> Result<(), String> {
        if self.levels == MOST_LEVELS {
            return Err(format!("it is nested more than {MOST_LEVELS} levels deep"));
        }
        self.levels += 1;
        read(self)?;
        self.levels -= 1;
        Ok(())
    }

    /// The rest of an object, behind its brace.
    fn object(&mut self) -> Result<(), String> {
        self.out.push('{');
        let mut is_first = true;
        loop {
            let key = match self.read_clean() {
                None => return Err(self.wrong("A JSONObject text must end with '}'")),
                Some('}') => break,
                Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
                first => self.bare(first)?,
            };
            if !std::mem::take(&mut is_first) {
                self.out.push(',');
            }
            self.out.push_str(&quoted(&key));
            self.out.push(':');
            self.colon()?;
            self.value()?;
            match self.read_clean() {
                Some(',' | ';') => {}
                Some('}') => break,
                _ => return Err(self.wrong("Expected a ',' or '}'")),
            }
        }
        self.out.push('}');
        Ok(())
    }

    fn colon(&mut self) -> Result<(), String> {
        match self.read_clean() {
            Some(':') => {}
            Some('=') => {
                if self.read() != Some('>') {
                    self.back();
                }
            }
            _ => return Err(self.wrong("Expected a ':' after a key")),
        }
        Ok(())
    }

    /// The rest of an array, behind its bracket. What is left out between commas is null.
    fn array(&mut self) -> Result<(), String> {
        self.out.push('[');
        let mut is_first = true;
        loop {
            let next = self.read_clean();
            if next == Some(']') {
                break;
            }
            self.back();
            if !std::mem::take(&mut is_first) {
                self.out.push(',');
            }
            if next == Some(',') {
                self.out.push_str("null");
            } else {
                self.value()?;
            }
            match self.read_clean() {
                Some(',' | ';') => {}
                Some(']') => break,
                _ => return Err(self.wrong("Expected a ',' or ']'")),
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// A string up to its closing quote.
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut units = Vec::new();
        loop {
            match self.read() {
                None => return Err(self.wrong("Unterminated string")),
                Some(c) if c == quote => break,
                Some('\\') => units.push(self.escape()?),
                Some(c) => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            }
        }
        String::from_utf16(&units).map_err(|_| "half of a surrogate pair in a string".to_owned())
    }

    /// The unit of UTF-16 that is meant by what is behind a backslash.
    fn escape(&mut self) -> Result<u16, String> {
        let meant = match self.read() {
            Some('u') => return self.hexadecimal(),
            Some('b') => '\u{8}',
            Some('t' | 'v') => '\t',
            Some('n') => '\n',
            Some('f') => '\u{c}',
            Some('r') => '\r',
            Some('a') => '\u{7}',
            Some(c @ ('"' | '\'' | '\\' | '/')) => c,
            _ => return Err(self.wrong("Illegal escape.")),
        };
        Ok(meant as u16)
    }

    fn hexadecimal(&mut self) -> Result<u16, String> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.read().and_then(|c| c.to_digit(16)) else {
                return Err(self.wrong("Illegal escape."));
            };
            unit = unit * 16 + digit;
        }
        Ok(unit as u16)
    }

    /// A text without quotes, of which the first character has been read.
    fn bare(&mut self, first: Option<char>) -> Result<String, String> {
        let mut text = String::new();
        let mut next = first;
        while let Some(c) = next.filter(|c| *c >= ' ' && !",:]}/\\\"[{;=#".contains(*c)) {
            text.push(c);
            next = self.read();
        }
        self.back();
        text.truncate(text.trim_end_matches(' ').len());
        if text.is_empty() {
            return Err(self.wrong("Missing value"));
        }
        Ok(text)
    }

    /// A text without quotes is a string where it is no number, and none of the three words.
    fn push_bare(&mut self, text: &str) {
        let words = ["true", "false", "null"];
        let word = words.iter().find(|word| word.eq_ignore_ascii_case(text));
        if let Some(word) = word {
            self.out.push_str(word);
        } else if serde_json::from_str::<IgnoredAny>(text).is_ok() {
            self.out.push_str(text);
        } else {
            self.out.push_str(&quoted(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_org_json_forgives_is_written_by_the_book() {
        for (line, expected) in [
            (
                "{name:\"Mercury\",distanceFromSun:0.39}",
                r#"{"name":"Mercury","distanceFromSun":0.39}"#,
            ),
            ("{'a':'it\"s',}", r#"{"a":"it\"s"}"#),
            ("{a=1;b=>TRUE;c:Null}", r#"{"a":1,"b":true,"c":null}"#),
            ("[1,,two words ,]", r#"[1,null,"two words"]"#),
            ("{\"a\":0x1F} and more", r#"{"a":"0x1F"}"#),
            ("{\"a\":\"tab\there\\u0041\"}", r#"{"a":"tab\thereA"}"#),
            ("{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\u{1F600}\"}"),
            ("{}", "{}"),
        ] {
            assert_eq!(strict(line).as_deref(), Ok(expected), "{line}");
        }
    }

    #[test]
    fn what_it_does_not_forgive_is_told_with_its_place() {
        for (line, expected) in [
            (
                r#"{"country":"Italy","languages" "Italian"}"#,
                "Expected a ':' after a key at 32 [character 33 line 1]",
            ),
            (
                "{",
                "A JSONObject text must end with '}' at 2 [character 3 line 1]",
            ),
            ("[1 2", "Expected a ',' or ']' at 5 [character 6 line 1]"),
            ("{\"a\":}", "Missing value at 5 [character 6 line 1]"),
            ("{\"a", "Unterminated string at 4 [character 5 line 1]"),
        ] {
            assert_eq!(strict(line), Err(expected.to_owned()), "{line}");
        }
        let deep = "[".repeat(100_000);
        assert!(strict(&deep).unwrap_err().contains("128 levels"));
    }
}
