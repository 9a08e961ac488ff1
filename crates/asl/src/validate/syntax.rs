//! Text that is no JSON, told as Jackson, which Step Functions reads definitions with, tells it.

use super::not_an_object;
use crate::{Diagnostic, Severity};

/// How much of the text Jackson shows.
const SHOWN: usize = 500;

pub(super) fn diagnostic(text: &str, error: &serde_json::Error) -> Diagnostic {
    if text.trim().is_empty() {
        return not_an_object();
    }
    let (problem, at) = problem(text, error);
    let (line, column) = place(text, at);
    let source = source(text);
    let location = format!("[Source: (String){source}; line: {line}, column: {column}]");
    Diagnostic {
        severity: Severity::Error,
        code: "INVALID_JSON_DESCRIPTION".to_owned(),
        message: format!("{problem}\n at {location}"),
        location: Some(location),
        help: None,
    }
}

/// What is wrong, without the place.
pub(super) fn told(text: &str, error: &serde_json::Error) -> String {
    if text.trim().is_empty() {
        return "No content to map due to end-of-input".to_owned();
    }
    problem(text, error).0
}

fn source(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN).collect();
    let left = text.chars().count() - shown.chars().count();
    if left == 0 {
        format!("\"{shown}\"")
    } else {
        format!("\"{shown}\"[truncated {left} chars]")
    }
}

/// Line and column of a byte, both from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

/// What Jackson says, and the byte where it stands when it does.
fn problem(text: &str, error: &serde_json::Error) -> (String, usize) {
    // serde_json counts bytes in a line from 1.
    let line_start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let mut at = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    if error.is_eof() {
        return (end_of_input(text), text.len());
    }
    if error.to_string().starts_with("number out of range") {
        return out_of_range(text, at);
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let rest = &text[at..];
    let c = rest.chars().next().unwrap_or(' ');
    if is_word(c) && !c.is_ascii_digit() {
        // serde_json may stand within a literal that goes wrong (`nul0`, `not`): Jackson shows the word.
        let start = text[..at].rfind(|c: char| !is_word(c)).map_or(0, |before| {
            before + text[before..].chars().next().map_or(1, char::len_utf8)
        });
        let word: String = text[start..].chars().take_while(|c| is_word(*c)).collect();
        let end = start + word.len();
        return (
            format!(
                "Unrecognized token '{word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
            ),
            end,
        );
    }
    let expected = match error.to_string() {
        message
            if message.contains("key must be a string")
                || message.contains("trailing comma") && c == '}' =>
        {
            "was expecting double-quote to start field name"
        }
        message if message.contains("expected `:`") => {
            "was expecting a colon to separate field name and value"
        }
        message if message.contains("`}`") => "was expecting comma to separate Object entries",
        message if message.contains("`]`") => "was expecting comma to separate Array entries",
        _ => {
            "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        }
    };
    (
        format!(
            "Unexpected character ('{c}' (code {})): {expected}",
            u32::from(c)
        ),
        at + c.len_utf8(),
    )
}

/// A number that no double holds. Jackson takes it for an infinity, which no document here can have.
fn out_of_range(text: &str, at: usize) -> (String, usize) {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let start = text[..at].rfind(|c| !is_part(c)).map_or(0, |before| {
        before + text[before..].chars().next().map_or(1, char::len_utf8)
    });
    let number: String = text[start..].chars().take_while(|c| is_part(*c)).collect();
    let end = start + number.len();
    (
        format!("Numeric value ({number}) out of range of double"),
        end,
    )
}

/// Jackson names what is still open at the end, and where that began.
fn end_of_input(text: &str) -> String {
    let mut open = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => open.push((c, at)),
            '}' | ']' if !in_string => {
                open.pop();
            }
            _ => {}
        }
    }
    if in_string {
        return "Unexpected end-of-input: was expecting closing quote for a string value"
            .to_owned();
    }
    match open.pop() {
        None => "Unexpected end-of-input".to_owned(),
        Some((bracket, at)) => {
            let (line, column) = place(text, at);
            let kind = if bracket == '{' { "Object" } else { "Array" };
            format!(
                "Unexpected end-of-input: expected close marker for {kind} (start marker at [Source: (String){}; line: {line}, column: {column}])",
                source(text)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_number_that_is_too_large_is_named() {
        for (text, number, column) in [
            (r#"{"a":1e400}"#, "1e400", 11),
            (r#"{"a": [-1.5E+999 , 1]}"#, "-1.5E+999", 17),
            ("1e400", "1e400", 6),
        ] {
            let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
            let told = super::diagnostic(text, &error).message;
            let expected = format!("Numeric value ({number}) out of range of double\n");
            assert!(told.starts_with(&expected), "{told}");
            assert!(
                told.ends_with(&format!("line: 1, column: {column}]")),
                "{told}"
            );
        }
    }
}
