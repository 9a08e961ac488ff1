//! `${…}` inside of texts.

use std::ops::Range;

/// A text cut into what stands for itself and what stands for something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Literal(&'a str),
    /// The dotted path between the braces, and where `${…}` is in the text.
    Reference {
        path: Vec<&'a str>,
        span: Range<usize>,
    },
    /// A `${` that does not end.
    Unclosed(Range<usize>),
}

/// Cuts a text. `$${` is a `${` that is meant as it is.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut offset) = (text, 0);
    while let Some(at) = rest.find("${") {
        let escaped = rest[..at].ends_with('$');
        // An escape keeps one of its two dollars.
        let literal = if escaped {
            &rest[..at - 1]
        } else {
            &rest[..at]
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let after = if escaped {
            pieces.push(Piece::Literal("${"));
            at + 2
        } else if let Some(length) = rest[at..].find('}') {
            pieces.push(Piece::Reference {
                path: rest[at + 2..at + length]
                    .split('.')
                    .map(str::trim)
                    .collect(),
                span: offset + at..offset + at + length + 1,
            });
            at + length + 1
        } else {
            pieces.push(Piece::Unclosed(offset + at..text.len()));
            rest.len()
        };
        rest = &rest[after..];
        offset += after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

/// A text whose references `value_of` resolves; `None` if it does not know one of them.
pub(super) fn plain(text: &str, value_of: impl Fn(&[&str]) -> Option<String>) -> Option<String> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Literal(text) => Some(text.to_owned()),
            Piece::Reference { path, .. } => value_of(&path),
            Piece::Unclosed(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_its_path_and_place() {
        let found = pieces("s3://${buckets.data}/films/");
        assert_eq!(
            found,
            [
                Piece::Literal("s3://"),
                Piece::Reference {
                    path: vec!["buckets", "data"],
                    span: 5..20
                },
                Piece::Literal("/films/"),
            ]
        );
    }

    #[test]
    fn two_dollars_keep_a_brace() {
        let found = pieces("a $${b} ${c.d");
        assert_eq!(
            found,
            [
                Piece::Literal("a "),
                Piece::Literal("${"),
                Piece::Literal("b} "),
                Piece::Unclosed(8..13),
            ]
        );
    }
}
