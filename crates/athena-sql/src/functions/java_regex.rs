//! Java's regular expressions: their syntax in that of `fancy_regex`, their way from match to
//! match, and their replacement templates.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fancy_regex::{Captures, Regex};

use super::invalid_argument;
use crate::error::Error;

/// How many patterns a thread keeps compiled.
const KEPT: usize = 64;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Pattern>> = RefCell::new(HashMap::new());
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern(Rc<Regex>);

/// The pattern of a text; compiled once, as rows mostly share it.
pub fn compiled(text: &str) -> Result<Pattern, Error> {
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(pattern) = compiled.get(text) {
            return Ok(pattern.clone());
        }
        let regex = Regex::new(&translated(text))
            .map_err(|e| invalid_argument(format!("Invalid regular expression '{text}': {e}")))?;
        let pattern = Pattern(Rc::new(regex));
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(text.to_owned(), pattern.clone());
        Ok(pattern)
    })
}

impl Pattern {
    pub fn is_match(&self, subject: &str) -> Result<bool, Error> {
        self.0.is_match(subject).map_err(|e| failure(&e))
    }

    /// How many groups there are besides the whole.
    pub fn groups(&self) -> usize {
        self.0.captures_len() - 1
    }

    /// Shows each match until `visit` says false.
    pub fn each(
        &self,
        subject: &str,
        visit: impl FnMut(&Captures<'_, str>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        self.each_from(subject, 0, visit)
    }

    /// As [`Self::each`], from a byte on. An empty match may follow right after another match,
    /// which Rust's own iterators leave out.
    pub fn each_from(
        &self,
        subject: &str,
        mut from: usize,
        mut visit: impl FnMut(&Captures<'_, str>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        while from <= subject.len() {
            let found = self
                .0
                .captures_from_pos(subject, from)
                .map_err(|e| failure(&e))?;
            let Some(captures) = found else { break };
            let Some(whole) = captures.get(0) else { break };
            from = if whole.start() < whole.end() {
                whole.end()
            } else {
                let next = subject[whole.end()..].chars().next();
                whole.end() + next.map_or(1, char::len_utf8)
            };
            if !visit(&captures)? {
                break;
            }
        }
        Ok(())
    }

    /// Writes a replacement: `$1`, `${name}`, and `\` before what stands for itself.
    pub fn expand(
        &self,
        template: &str,
        captures: &Captures<'_, str>,
        out: &mut String,
    ) -> Result<(), Error> {
        let illegal = || invalid_argument(format!("Illegal replacement sequence: {template}"));
        let mut rest = template;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\\' => {
                    let literal = rest.chars().next().ok_or_else(illegal)?;
                    out.push(literal);
                    rest = &rest[literal.len_utf8()..];
                }
                '$' if rest.starts_with('{') => {
                    let (name, after) = rest[1..].split_once('}').ok_or_else(illegal)?;
                    let known = self.0.capture_names().flatten().any(|n| n == name);
                    if !known {
                        return Err(invalid_argument(format!(
                            "Illegal replacement sequence: unknown group {{{name}}}"
                        )));
                    }
                    out.push_str(captures.name(name).map_or("", |m| m.as_str()));
                    rest = after;
                }
                '$' => {
                    let digit = |text: &str| text.chars().next().and_then(|c| c.to_digit(10));
                    let mut number = digit(rest).ok_or_else(illegal)? as usize;
                    rest = &rest[1..];
                    if number > self.groups() {
                        return Err(invalid_argument(format!(
                            "Illegal replacement sequence: unknown group {number}"
                        )));
                    }
                    // More digits belong to the number while such a group exists.
                    while let Some(next) = digit(rest) {
                        let longer = number * 10 + next as usize;
                        if longer > self.groups() {
                            break;
                        }
                        number = longer;
                        rest = &rest[1..];
                    }
                    out.push_str(captures.get(number).map_or("", |m| m.as_str()));
                }
                other => out.push(other),
            }
        }
        Ok(())
    }
}

fn failure(error: &fancy_regex::Error) -> Error {
    Error::user("GENERIC_USER_ERROR", format!("Regular expression: {error}"))
}

/// A pattern in Java's syntax, in Rust's.
fn translated(java: &str) -> String {
    let mut out = String::with_capacity(java.len());
    let mut rest = java;
    let mut in_class = 0_usize;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = escape(rest, &mut out),
            '[' => {
                in_class += 1;
                out.push(c);
            }
            ']' => {
                in_class = in_class.saturating_sub(1);
                out.push(c);
            }
            '(' if in_class == 0 && rest.starts_with('?') => {
                out.push(c);
                rest = flags(rest, &mut out);
            }
            other => out.push(other),
        }
    }
    out
}

/// What follows a backslash; gives what comes after.
fn escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let Some(c) = rest.chars().next() else {
        out.push('\\');
        return rest;
    };
    let after = &rest[c.len_utf8()..];
    match c {
        'Q' => {
            let (literal, after) = after.split_once("\\E").unwrap_or((after, ""));
            out.push_str(&regex::escape(literal));
            after
        }
        'p' | 'P' if after.starts_with('{') => {
            let Some((name, after)) = after[1..].split_once('}') else {
                out.push_str("\\p");
                return after;
            };
            let negated = c == 'P';
            match posix(name) {
                Some(class) => {
                    out.push_str(if negated { "[[:^" } else { "[[:" });
                    out.push_str(class);
                    out.push_str(":]]");
                }
                None => {
                    let name = name.strip_prefix("Is").unwrap_or(name);
                    out.push('\\');
                    out.push(c);
                    out.push_str(&format!("{{{name}}}"));
                }
            }
            after
        }
        'h' => {
            out.push_str(r"[\t\p{Zs}]");
            after
        }
        'H' => {
            out.push_str(r"[^\t\p{Zs}]");
            after
        }
        // `\<` is a word's edge in Rust, itself in Java.
        c if c.is_ascii_alphanumeric() => {
            out.push('\\');
            out.push(c);
            after
        }
        c => {
            out.push_str(&regex::escape(&c.to_string()));
            after
        }
    }
}

/// Java's names of ASCII's classes.
fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "Lower" => "lower",
        "Upper" => "upper",
        "ASCII" => "ascii",
        "Alpha" => "alpha",
        "Digit" => "digit",
        "Alnum" => "alnum",
        "Punct" => "punct",
        "Graph" => "graph",
        "Print" => "print",
        "Blank" => "blank",
        "Cntrl" => "cntrl",
        "XDigit" => "xdigit",
        "Space" => "space",
        _ => return None,
    })
}

/// The `?…` of a group: leaves out the flags that are Java's only or mean something else in Rust.
fn flags<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let letters = rest[1..]
        .find(|c: char| !(c.is_ascii_alphabetic() || c == '-'))
        .unwrap_or(0);
    let (written, after) = rest[1..].split_at(letters);
    out.push('?');
    if !after.starts_with([')', ':']) {
        return &rest[1..];
    }
    let kept: String = written
        .chars()
        .filter(|c| !matches!(c, 'd' | 'u' | 'U'))
        .collect();
    let kept = kept.trim_end_matches('-');
    out.push_str(kept);
    if kept.is_empty() && after.starts_with(')') {
        out.push(':');
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, subject: &str) -> bool {
        compiled(pattern)
            .and_then(|p| p.is_match(subject))
            .expect("a pattern")
    }

    #[test]
    fn javas_syntax_is_read() {
        assert!(matches(r"^\Qa.b\E$", "a.b"));
        assert!(!matches(r"^\Qa.b\E$", "acb"));
        assert!(matches(r"^\p{Alpha}+[\p{Digit}_]$", "abc1"));
        assert!(matches(r"^\p{IsLatin}+$", "äbc"));
        assert!(matches(r"\<b\>", "<b>"));
        assert!(matches(r"(?u)(?i:A)(?<n>b)", "ab"));
        assert!(matches(r"^[a-z&&[^aeiou]]+$", "xyz"));
        assert!(matches(r"(?<=a)b(?!c)", "ab"));
        assert!(matches(r"(\w)\1", "aa"));
    }

    #[test]
    fn a_replacement_takes_as_many_digits_as_there_are_groups() {
        let expand = |pattern: &str, subject: &str, template: &str| {
            let pattern = compiled(pattern)?;
            let mut out = String::new();
            pattern.each(subject, |captures| {
                pattern.expand(template, captures, &mut out)?;
                Ok(false)
            })?;
            Ok::<_, Error>(out)
        };
        assert_eq!(expand("(a)(b)", "ab", "$25"), Ok("b5".to_owned()));
        assert_eq!(expand("(?<x>a)", "a", r"${x}\$"), Ok("a$".to_owned()));
        assert!(expand("a", "a", "$1").is_err());
        assert!(expand("a", "a", "\\").is_err());
    }
}
