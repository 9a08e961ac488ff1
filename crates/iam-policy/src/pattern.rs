//! Patterns with `*` and `?`, and the policy variables in them.

use crate::context::Context;

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

    /// Reads a pattern of a `Resource` element. An ARN that is cut off goes on with a `*`; one with a
    /// `*` of its own is whole, for that goes over colons.
    pub(crate) fn resource(text: &str, context: Option<&Context>) -> Option<Self> {
        let is_short = text.starts_with("arn:") && !text.contains('*') && parts(text).len() < 6;
        let mut pattern = Self::new(text, context)?;
        if is_short {
            pattern.0.extend([Piece::Literal(':'), Piece::Any]);
        }
        Some(pattern)
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

/// Whether all that matches the pattern `narrow` of a `Resource` element matches `wide` as well.
///
/// A `*` of `narrow` is covered by a `*` alone, so that some patterns that mean the same by chance
/// are told apart.
pub fn covers(wide: &str, narrow: &str) -> bool {
    Pattern::resource(wide, None).is_some_and(|pattern| pattern.matches(narrow))
}

/// The six parts of an ARN. The colon inside of a `${variable}` parts nothing.
pub(crate) fn parts(arn: &str) -> Vec<&str> {
    let mut parts = Vec::with_capacity(6);
    let (mut start, mut in_variable) = (0, false);
    for (at, c) in arn.char_indices() {
        match c {
            '$' if arn[at..].starts_with("${") => in_variable = true,
            '}' => in_variable = false,
            ':' if !in_variable && parts.len() < 5 => {
                parts.push(&arn[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&arn[start..]);
    parts
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
    fn a_wider_pattern_covers_a_narrower_one() {
        assert!(covers("arn:aws:s3:::b/*", "arn:aws:s3:::b/films/*"));
        assert!(covers("*", "arn:aws:s3:::b/*"));
        assert!(!covers("arn:aws:s3:::b/films/*", "arn:aws:s3:::b/*"));
        assert!(!covers("arn:aws:s3:::b/?", "arn:aws:s3:::b/ab"));
    }

    #[test]
    fn a_colon_in_a_variable_parts_nothing() {
        let arn = "arn:aws:iam::${aws:PrincipalAccount}:user/a:b";
        assert_eq!(
            parts(arn),
            [
                "arn",
                "aws",
                "iam",
                "",
                "${aws:PrincipalAccount}",
                "user/a:b"
            ]
        );
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
