//! LIKE, with and without ESCAPE
//! (<https://trino.io/docs/current/functions/comparison.html#pattern-comparison-like>).

use std::str::Chars;

use super::string::text;
use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    let mut all = Vec::new();
    for kind in ["varchar", "char"] {
        all.push(scalar(
            &format!("like({kind}, varchar) -> boolean"),
            |call, a| like(call, a, None),
        ));
        all.push(scalar(
            &format!("like({kind}, varchar, varchar) -> boolean"),
            |call, a| {
                let mut escape = a[2].as_str().chars();
                match (escape.next(), escape.next()) {
                    (Some(c), None) => like(call, a, Some(c)),
                    _ => Err(invalid_argument("Escape string must be a single character")),
                }
            },
        ));
    }
    all
}

fn like(call: &Call, a: &[Value], escape: Option<char>) -> Result<Value, Error> {
    let pattern = read(a[1].as_str(), escape)?;
    Ok(Value::Boolean(matches(&text(call, a, 0), &pattern)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Character(char),
    /// `_`
    One,
    /// `%`
    Any,
}

fn read(pattern: &str, escape: Option<char>) -> Result<Vec<Token>, Error> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        tokens.push(if Some(c) == escape {
            match chars.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => {
                    Token::Character(next)
                }
                _ => {
                    return Err(invalid_argument(
                        "Escape character must be followed by '%', '_' or the escape character itself",
                    ));
                }
            }
        } else {
            match c {
                '_' => Token::One,
                '%' if tokens.last() == Some(&Token::Any) => continue,
                '%' => Token::Any,
                c => Token::Character(c),
            }
        });
    }
    Ok(tokens)
}

/// Matches greedily, and goes back to the last `%` only: an earlier one has no more to give.
fn matches(text: &str, pattern: &[Token]) -> bool {
    let (mut rest, mut next) = (text.chars(), 0);
    let mut last_any: Option<(usize, Chars)> = None;
    loop {
        let mut ahead = rest.clone();
        match (pattern.get(next), ahead.next()) {
            (Some(Token::Any), _) if next + 1 == pattern.len() => return true,
            (Some(Token::Any), _) => {
                last_any = Some((next, rest.clone()));
                next += 1;
                continue;
            }
            (None, None) => return true,
            (Some(Token::One), Some(_)) => {
                (rest, next) = (ahead, next + 1);
                continue;
            }
            (Some(Token::Character(wanted)), Some(c)) if *wanted == c => {
                (rest, next) = (ahead, next + 1);
                continue;
            }
            _ => {}
        }
        let Some((any, start)) = &mut last_any else {
            return false;
        };
        if start.next().is_none() {
            return false;
        }
        (rest, next) = (start.clone(), *any + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, pattern: &str, escape: Option<char>) -> bool {
        read(pattern, escape).is_ok_and(|p| matches(text, &p))
    }

    #[test]
    fn wildcards_match_one_or_any_number_of_characters() {
        assert!(holds("foob", "f%b", None));
        assert!(!holds("foob", "f%b__", None));
        assert!(holds("mississippi", "%iss%ip%", None));
        assert!(holds("", "%%", None));
        assert!(!holds("", "_", None));
        assert!(holds("jaźń", "ja__", None));
    }

    #[test]
    fn an_escaped_wildcard_is_itself() {
        assert!(holds("f__", "f#_#_", Some('#')));
        assert!(!holds("foo", "f#_#_", Some('#')));
        assert!(read("a#b", Some('#')).is_err());
    }
}
