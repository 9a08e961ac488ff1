//! From text to tokens, in Trino's lexical rules or Hive's.

use super::words;
use crate::ast::Position;

/// Whose lexical rules a statement is in. They differ in strings (Hive has backslashes, and
/// double quotes around them), in which words are reserved, and in identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Trino,
    Hive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Word,
    ReservedWord,
    /// `"name"`, of Trino.
    QuotedIdentifier,
    /// `` `name` ``.
    BackquotedIdentifier,
    /// `1x`.
    DigitIdentifier,
    String,
    /// `U&'…'`.
    UnicodeString,
    /// `X'…'`.
    Binary,
    Integer,
    Decimal,
    Double,
    Symbol,
    /// A character that begins nothing: an open quote, too.
    Unrecognized,
    End,
}

#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: TokenKind,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    pub position: Position,
    /// Of an opening parenthesis: the index of the token that closes it.
    pub closing: Option<usize>,
}

/// Two characters before one, since the longest match wins.
const SYMBOLS: [&str; 33] = [
    "{-", "-}", "->", "=>", "<>", "!=", "<=", ">=", "||", "(", ")", "[", "]", "{", "}", ",", ".",
    ";", ":", "+", "-", "*", "/", "%", "=", "<", ">", "?", "|", "^", "$", "&", "@",
];

/// Splits a text into tokens up to the first that is none; the last is [`TokenKind::End`].
pub fn tokenize(text: &str, dialect: Dialect) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 4 + 1);
    let mut open = Vec::new();
    let mut place = Place {
        text,
        at: 0,
        position: Position { line: 1, column: 1 },
    };
    let last_comment_end = text.rfind("*/").unwrap_or(0);
    let mut at = 0;
    loop {
        at = skip_blanks(text, at, last_comment_end);
        let position = place.of(at);
        let (kind, length) = match text[at..].chars().next() {
            None => (TokenKind::End, 0),
            Some(first) => lex(&text[at..], first, dialect),
        };
        let token = Token {
            kind,
            start: at,
            end: at + length,
            position,
            closing: None,
        };
        if kind == TokenKind::Symbol {
            match &text[at..at + length] {
                "(" => open.push(tokens.len()),
                ")" => {
                    if let Some(opening) = open.pop() {
                        let closing = tokens.len();
                        tokens[opening].closing = Some(closing);
                    }
                }
                _ => {}
            }
        }
        tokens.push(token);
        at += length;
        match kind {
            TokenKind::End => return tokens,
            // Nothing takes it, so nothing is read beyond it.
            TokenKind::Unrecognized => {
                let position = place.of(at);
                tokens.push(Token {
                    kind: TokenKind::End,
                    start: at,
                    end: at,
                    position,
                    closing: None,
                });
                return tokens;
            }
            _ => {}
        }
    }
}

/// Counts lines and columns up to ever later bytes.
struct Place<'a> {
    text: &'a str,
    at: usize,
    position: Position,
}

impl Place<'_> {
    fn of(&mut self, byte: usize) -> Position {
        for character in self.text[self.at..byte].chars() {
            if character == '\n' {
                self.position.line += 1;
                self.position.column = 1;
            } else {
                self.position.column += 1;
            }
        }
        self.at = byte;
        self.position
    }
}

/// `last_comment_end` keeps what opens comments that nothing closes from being searched each.
fn skip_blanks(text: &str, mut at: usize, last_comment_end: usize) -> usize {
    loop {
        let rest = &text[at..];
        if rest.starts_with([' ', '\t', '\r', '\n']) {
            at += 1;
        } else if rest.starts_with("--") {
            at += rest.find('\n').map_or(rest.len(), |end| end + 1);
        } else if at < last_comment_end
            && let Some(length) = bracketed_comment(rest)
        {
            at += length;
        } else {
            return at;
        }
    }
}

fn bracketed_comment(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix("/*")?;
    inside.find("*/").map(|end| end + 4)
}

/// The token at the start of `rest`: its kind and its length in bytes.
fn lex(rest: &str, first: char, dialect: Dialect) -> (TokenKind, usize) {
    let quoted = match first {
        '\'' => string(rest, '\'', dialect).map(|length| (TokenKind::String, length)),
        '"' if dialect == Dialect::Hive => {
            string(rest, '"', dialect).map(|length| (TokenKind::String, length))
        }
        '"' => doubled_quotes(rest, '"').map(|length| (TokenKind::QuotedIdentifier, length)),
        '`' => doubled_quotes(rest, '`').map(|length| (TokenKind::BackquotedIdentifier, length)),
        'x' | 'X' => rest[1..]
            .strip_prefix('\'')
            .and_then(|inside| inside.find('\''))
            .map(|length| (TokenKind::Binary, length + 3)),
        'u' | 'U' if rest[1..].starts_with("&'") => {
            doubled_quotes(&rest[2..], '\'').map(|length| (TokenKind::UnicodeString, length + 2))
        }
        _ => None,
    };
    if let Some(token) = quoted {
        return token;
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = word_length(rest);
        let reserved = match dialect {
            Dialect::Trino => words::is_reserved(&rest[..length]),
            Dialect::Hive => words::is_reserved_in_hive(&rest[..length]),
        };
        let kind = if reserved {
            TokenKind::ReservedWord
        } else {
            TokenKind::Word
        };
        return (kind, length);
    }
    if first.is_ascii_digit()
        || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
    {
        return number(rest);
    }
    SYMBOLS
        .iter()
        .find(|symbol| rest.starts_with(**symbol))
        .map_or((TokenKind::Unrecognized, first.len_utf8()), |symbol| {
            (TokenKind::Symbol, symbol.len())
        })
}

fn word_length(rest: &str) -> usize {
    rest.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count()
}

/// The length of a string, none if nothing closes it.
fn string(rest: &str, quote: char, dialect: Dialect) -> Option<usize> {
    if dialect == Dialect::Trino {
        return doubled_quotes(rest, quote);
    }
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return Some(at + 1);
        }
    }
    None
}

/// The length of a quoted text in which a quote is written twice.
fn doubled_quotes(rest: &str, quote: char) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 1;
    loop {
        at += rest[at..].find(quote)? + 1;
        if bytes.get(at) != Some(&(quote as u8)) {
            return Some(at);
        }
        at += 1;
    }
}

/// The longest of Trino's number tokens and DIGIT_IDENTIFIER; numbers win a tie.
fn number(rest: &str) -> (TokenKind, usize) {
    let word = word_length(rest);
    let prefixed = prefixed_integer(rest);
    let whole = digits(rest);
    let mut best = if prefixed > whole {
        (TokenKind::Integer, prefixed)
    } else {
        (TokenKind::Integer, whole)
    };
    let mut mantissa = whole;
    if rest[whole..].starts_with('.') {
        mantissa = whole + 1 + digits(&rest[whole + 1..]);
        best = (TokenKind::Decimal, mantissa);
    }
    let exponent = exponent(&rest[mantissa..]);
    if exponent > 0 && !rest[..mantissa].contains('_') {
        best = (TokenKind::Double, mantissa + exponent);
    }
    if word > best.1 {
        (TokenKind::DigitIdentifier, word)
    } else {
        best
    }
}

/// The length of `DIGIT ('_'? DIGIT)*` at the start.
fn digits(rest: &str) -> usize {
    grouped(rest.as_bytes(), 0, u8::is_ascii_digit)
}

/// The length of `0x1F`, `0o17` or `0b11` at the start, else 0.
fn prefixed_integer(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    if bytes.first() != Some(&b'0') {
        return 0;
    }
    let belongs: fn(&u8) -> bool = match bytes.get(1) {
        Some(b'x' | b'X') => u8::is_ascii_hexdigit,
        Some(b'o' | b'O') => |byte| (b'0'..=b'7').contains(byte),
        Some(b'b' | b'B') => |byte| matches!(byte, b'0' | b'1'),
        _ => return 0,
    };
    let after_underscore = 2 + usize::from(bytes.get(2) == Some(&b'_'));
    let end = grouped(bytes, after_underscore, belongs);
    if end == after_underscore { 0 } else { end }
}

/// Where digits with single underscores between them end.
fn grouped(bytes: &[u8], mut at: usize, belongs: fn(&u8) -> bool) -> usize {
    let start = at;
    loop {
        match bytes.get(at) {
            Some(byte) if belongs(byte) => at += 1,
            Some(b'_') if at > start && bytes.get(at + 1).is_some_and(belongs) => at += 2,
            _ => return at,
        }
    }
}

fn exponent(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    if !matches!(bytes.first(), Some(b'e' | b'E')) {
        return 0;
    }
    let sign = usize::from(matches!(bytes.get(1), Some(b'+' | b'-')));
    let count = bytes[1 + sign..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if count == 0 { 0 } else { 1 + sign + count }
}
