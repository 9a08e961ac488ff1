//! The words and signs of a SQL/JSON path (Trino's `JsonPath.g4`).

use super::invalid_path;
use crate::error::Error;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Word(String),
    /// `$name`, without the sign.
    Variable(String),
    Integer(String),
    Decimal(String),
    Double(String),
    /// Without its quotes.
    Text(String),
    Symbol(&'static str),
}

/// The longer ones before those that they begin with.
const SYMBOLS: &[&str] = &[
    "..", "==", "<>", "!=", "<=", ">=", "&&", "||", "$", "@", ".", "*", "[", "]", ",", "?", "(",
    ")", "+", "-", "/", "%", "<", ">", "!",
];

/// Cuts the text of a path into its tokens.
pub fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        let (token, length) =
            token(rest).ok_or_else(|| invalid_path(format!("unexpected text '{rest}'")))?;
        tokens.push(token);
        rest = rest[length..].trim_start_matches(is_blank);
    }
    Ok(tokens)
}

/// The first token and how many bytes it takes.
fn token(text: &str) -> Option<(Token, usize)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let second = chars.next();
    if first == '"' {
        return string(text);
    }
    if begins_word(first) {
        let end = word_end(text);
        return Some((Token::Word(text[..end].to_owned()), end));
    }
    if first == '$' && second.is_some_and(begins_word) {
        let end = 1 + word_end(&text[1..]);
        return Some((Token::Variable(text[1..end].to_owned()), end));
    }
    if first.is_ascii_digit() || (first == '.' && second.is_some_and(|c| c.is_ascii_digit())) {
        return Some(number(text));
    }
    let symbol = *SYMBOLS.iter().find(|symbol| text.starts_with(**symbol))?;
    Some((Token::Symbol(symbol), symbol.len()))
}

/// `"a ""b"""`: a quote within is doubled.
fn string(text: &str) -> Option<(Token, usize)> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += bytes.get(at..)?.iter().position(|b| *b == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            break;
        }
        at += 2;
    }
    let value = text[1..at].replace("\"\"", "\"");
    Some((Token::Text(value), at + 1))
}

fn number(text: &str) -> (Token, usize) {
    let bytes = text.as_bytes();
    let digits_from = |from: usize| {
        let digits = bytes.iter().skip(from).take_while(|b| b.is_ascii_digit());
        from + digits.count()
    };
    let mut end = digits_from(0);
    let has_point = bytes.get(end) == Some(&b'.');
    if has_point {
        end = digits_from(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        let exponent = end + 1 + usize::from(signed);
        let exponent_end = digits_from(exponent);
        if exponent_end > exponent {
            return (Token::Double(text[..exponent_end].to_owned()), exponent_end);
        }
    }
    let written = text[..end].to_owned();
    let token = if has_point {
        Token::Decimal(written)
    } else {
        Token::Integer(written)
    };
    (token, end)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\r' | '\n' | '\t')
}

fn begins_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

fn word_end(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len())
}
