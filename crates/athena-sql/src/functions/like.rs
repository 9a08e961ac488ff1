//! LIKE, with and without ESCAPE
//! (<https://trino.io/docs/current/functions/comparison.html#pattern-comparison-like>).

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
    let subject: Vec<char> = text(call, a, 0).chars().collect();
    Ok(Value::Boolean(matches(&subject, &pattern)))
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

/// Matches greedily, and goes back to the last `%` only: linear in all but contrived patterns.
fn matches(text: &[char], pattern: &[Token]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut last_any: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Token::Any) => {
                last_any = Some((p, t));
                p += 1;
            }
            Some(Token::One) => {
                t += 1;
                p += 1;
            }
            Some(Token::Character(c)) if *c == text[t] => {
                t += 1;
                p += 1;
            }
            _ => match last_any {
                Some((any, start)) => {
                    last_any = Some((any, start + 1));
                    p = any + 1;
                    t = start + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|token| *token == Token::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, pattern: &str, escape: Option<char>) -> bool {
        let text: Vec<char> = text.chars().collect();
        read(pattern, escape).is_ok_and(|p| matches(&text, &p))
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
