//! Patterns with `*` and `?`, and the policy variables in them.

use crate::condition::Context;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(char),
    One,
    Any,
}

/// A pattern whose variables have their values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a pattern. With a `context`, `${key}` stands for the key's value and matches
    /// literally; `None` when a key has no value, in which case nothing matches.
    pub(crate) fn new(text: &str, context: Option<&Context>) -> Option<Self> {
        let mut pieces = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(context) = context
                && let Some((name, after)) = rest.strip_prefix("${").and_then(|r| r.split_once('}'))
            {
                pieces.extend(value_of(name, context)?.chars().map(Piece::Literal));
                rest = after;
                continue;
            }
            pieces.push(match c {
                '*' => Piece::Any,
                '?' => Piece::One,
                c => Piece::Literal(c),
            });
            rest = &rest[c.len_utf8()..];
        }
        Some(Self(pieces))
    }

    /// The text of a pattern in which every character is meant literally.
    pub(crate) fn as_literal(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Literal(c) => *c,
                Piece::One => '?',
                Piece::Any => '*',
            })
            .collect()
    }

    /// Whether all of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut p, mut t) = (0, 0);
        // Where to go on when the last `*` has to take one character more.
        let mut retry: Option<(usize, usize)> = None;
        while t < text.len() {
            match self.0.get(p) {
                Some(Piece::Any) => {
                    retry = Some((p + 1, t));
                    p += 1;
                }
                Some(Piece::One) => {
                    p += 1;
                    t += 1;
                }
                Some(Piece::Literal(c)) if *c == text[t] => {
                    p += 1;
                    t += 1;
                }
                _ => match retry {
                    Some((after, from)) => {
                        retry = Some((after, from + 1));
                        p = after;
                        t = from + 1;
                    }
                    None => return false,
                },
            }
        }
        self.0[p..].iter().all(|piece| *piece == Piece::Any)
    }
}

/// The value of a policy variable: `key`, or `key, 'default'`, or an escaped `*`, `?`, `$`.
fn value_of(name: &str, context: &Context) -> Option<String> {
    if ["*", "?", "$"].contains(&name) {
        return Some(name.to_owned());
    }
    let (key, default) = match name.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
        None => (name.trim(), None),
    };
    match context.get(key) {
        // A key of several values has none as a variable.
        Some([one]) => Some(one.clone()),
        _ => default.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern, None).unwrap().matches(text)
    }

    #[test]
    fn stars_and_question_marks_match_as_in_iam() {
        assert!(matches("*", ""));
        assert!(matches("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b/c"));
        assert!(!matches("arn:aws:s3:::b/*", "arn:aws:s3:::b"));
        assert!(matches("a*b*c", "axxbyybzzc"));
        assert!(matches("a?c", "abc"));
        assert!(!matches("a?c", "ac"));
    }

    #[test]
    fn a_variable_is_replaced_and_its_stars_are_literal() {
        let mut context = Context::default();
        context.set("aws:username", "a*");
        let pattern = Pattern::new("home/${aws:username}/*", Some(&context)).unwrap();
        assert!(pattern.matches("home/a*/x"));
        assert!(!pattern.matches("home/abc/x"));
        assert_eq!(Pattern::new("${aws:nothing}", Some(&context)), None);
        let default = Pattern::new("${aws:nothing, 'x'}", Some(&context)).unwrap();
        assert!(default.matches("x"));
    }
}
