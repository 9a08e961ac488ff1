//! Text to tokens.

use std::sync::Arc;

use super::error::Error;
use super::regex::Pattern;

#[derive(Clone, Debug)]
pub(super) enum TokenKind {
    Operator(&'static str),
    Name(Arc<str>),
    Variable(Arc<str>),
    String(Arc<str>),
    Number(f64),
    Bool(bool),
    Null,
    Regex(Arc<Pattern>),
    End,
}

/// A token; its position is where it ends, as in jsonata-js.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub position: usize,
}

impl Token {
    pub fn is(&self, operator: &str) -> bool {
        matches!(self.kind, TokenKind::Operator(own) if own == operator)
    }

    pub fn is_end(&self) -> bool {
        matches!(self.kind, TokenKind::End)
    }

    /// The token's value as messages show it: as JSON.
    pub fn json(&self) -> String {
        match self.kind {
            TokenKind::Number(_) | TokenKind::Bool(_) | TokenKind::Null => self.text(),
            _ => serde_json::Value::from(self.text()).to_string(),
        }
    }

    /// The token's value as signatures show it.
    pub fn text(&self) -> String {
        match &self.kind {
            TokenKind::Operator(text) => (*text).to_owned(),
            TokenKind::Name(text) | TokenKind::Variable(text) | TokenKind::String(text) => {
                text.to_string()
            }
            TokenKind::Number(number) => super::number::to_text(*number),
            TokenKind::Bool(value) => value.to_string(),
            TokenKind::Null => "null".to_owned(),
            TokenKind::Regex(pattern) => format!("/{}/", pattern.source()),
            TokenKind::End => "(end)".to_owned(),
        }
    }
}

/// The operators of two characters, which come before those of one.
const DOUBLE: [&str; 9] = ["..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"];
const SINGLE: [&str; 26] = [
    ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/", "%", "|",
    "=", "<", ">", "^", "&", "!", "~",
];

pub(super) struct Lexer {
    text: Vec<char>,
    position: usize,
}

impl Lexer {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            position: 0,
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.position + ahead).copied()
    }

    fn token(&self, kind: TokenKind) -> Token {
        Token {
            kind,
            position: self.position,
        }
    }

    /// The next token. After an operand (`infix`) a slash divides; elsewhere it opens a regular
    /// expression.
    pub fn next(&mut self, infix: bool) -> Result<Token, Error> {
        self.skip_blanks()?;
        let Some(first) = self.peek(0) else {
            return Ok(self.token(TokenKind::End));
        };
        if first == '/' && !infix {
            self.position += 1;
            return self.regex();
        }
        if let Some(operator) = self.operator(first) {
            self.position += operator.len();
            return Ok(self.token(TokenKind::Operator(operator)));
        }
        match first {
            '"' | '\'' => self.string(first),
            '0'..='9' => self.number(),
            '`' => self.quoted_name(),
            _ => Ok(self.name()),
        }
    }

    fn skip_blanks(&mut self) -> Result<(), Error> {
        loop {
            while self.peek(0).is_some_and(is_blank) {
                self.position += 1;
            }
            if self.peek(0) != Some('/') || self.peek(1) != Some('*') {
                return Ok(());
            }
            let start = self.position;
            self.position += 2;
            while !(self.peek(0) == Some('*') && self.peek(1) == Some('/')) {
                self.position += 1;
                if self.position >= self.text.len() {
                    return Err(Error::of("S0106").at(start));
                }
            }
            self.position += 2;
        }
    }

    fn operator(&self, first: char) -> Option<&'static str> {
        let second = self.peek(1);
        DOUBLE
            .iter()
            .find(|operator| {
                let mut characters = operator.chars();
                characters.next() == Some(first) && characters.next() == second
            })
            .or_else(|| SINGLE.iter().find(|operator| operator.starts_with(first)))
            .copied()
    }

    fn string(&mut self, quote: char) -> Result<Token, Error> {
        self.position += 1;
        let mut text = String::new();
        while let Some(character) = self.peek(0) {
            if character == quote {
                self.position += 1;
                return Ok(self.token(TokenKind::String(text.into())));
            }
            if character == '\\' {
                self.position += 1;
                text.push(self.escape()?);
            } else {
                text.push(character);
            }
            self.position += 1;
        }
        Err(Error::of("S0101").at(self.position))
    }

    /// The character that the escape at the position stands for; stays on its last character.
    fn escape(&mut self) -> Result<char, Error> {
        let Some(character) = self.peek(0) else {
            return Err(Error::of("S0101").at(self.position));
        };
        Ok(match character {
            '"' | '\\' | '/' => character,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self
                    .hex_unit(1)
                    .ok_or_else(|| Error::of("S0104").at(self.position))?;
                self.position += 4;
                self.surrogate_pair(unit)
            }
            other => {
                return Err(Error::of("S0103")
                    .with_token(&other.to_string())
                    .at(self.position));
            }
        })
    }

    /// Joins a high surrogate with the low one that is escaped after it. A surrogate that stands
    /// alone is no character of a Rust string: it becomes U+FFFD.
    fn surrogate_pair(&mut self, unit: u32) -> char {
        if (0xd800..0xdc00).contains(&unit)
            && self.peek(1) == Some('\\')
            && self.peek(2) == Some('u')
            && let Some(low @ 0xdc00..=0xdfff) = self.hex_unit(3)
        {
            self.position += 6;
            let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn hex_unit(&self, ahead: usize) -> Option<u32> {
        (0..4).try_fold(0, |unit, digit| {
            Some(unit * 16 + self.peek(ahead + digit)?.to_digit(16)?)
        })
    }

    fn number(&mut self) -> Result<Token, Error> {
        let start = self.position;
        let mut end = start + 1;
        let digit = |at: usize| self.text.get(at).is_some_and(char::is_ascii_digit);
        let digits = |mut at: usize| {
            while digit(at) {
                at += 1;
            }
            at
        };
        if self.text[start] != '0' {
            end = digits(end);
        }
        if self.text.get(end) == Some(&'.') && digit(end + 1) {
            end = digits(end + 1);
        }
        if matches!(self.text.get(end), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.text.get(end + 1), Some('+' | '-')));
            if digit(end + 1 + sign) {
                end = digits(end + 1 + sign);
            }
        }
        let text: String = self.text[start..end].iter().collect();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.position = end;
                Ok(self.token(TokenKind::Number(number)))
            }
            _ => Err(Error::of("S0102").with_token(&text).at(start)),
        }
    }

    fn quoted_name(&mut self) -> Result<Token, Error> {
        let start = self.position + 1;
        let length = self.text[start..].iter().position(|&c| c == '`');
        let Some(length) = length else {
            return Err(Error::of("S0105").at(self.text.len()));
        };
        self.position = start + length + 1;
        let name: String = self.text[start..start + length].iter().collect();
        Ok(self.token(TokenKind::Name(name.into())))
    }

    fn name(&mut self) -> Token {
        let start = self.position;
        while self
            .peek(0)
            .is_some_and(|c| !is_blank(c) && !SINGLE.iter().any(|operator| operator.starts_with(c)))
        {
            self.position += 1;
        }
        let name: String = self.text[start..self.position].iter().collect();
        let kind = match name.as_str() {
            "or" => TokenKind::Operator("or"),
            "in" => TokenKind::Operator("in"),
            "and" => TokenKind::Operator("and"),
            "true" => TokenKind::Bool(true),
            "false" => TokenKind::Bool(false),
            "null" => TokenKind::Null,
            _ => match name.strip_prefix('$') {
                Some(variable) => TokenKind::Variable(variable.into()),
                None => TokenKind::Name(name.into()),
            },
        };
        self.token(kind)
    }

    /// Whether an odd number of backslashes, from `start` on, is before the position.
    fn is_escaped(&self, start: usize) -> bool {
        let before = self.text[start..self.position].iter().rev();
        before.take_while(|&&c| c == '\\').count() % 2 == 1
    }

    fn regex(&mut self) -> Result<Token, Error> {
        let start = self.position;
        let mut depth = 0;
        while let Some(character) = self.peek(0) {
            if character == '/' && depth == 0 && !self.is_escaped(start) {
                let source: String = self.text[start..self.position].iter().collect();
                if source.is_empty() {
                    return Err(Error::of("S0301").at(self.position));
                }
                self.position += 1;
                let flags = self.position;
                while matches!(self.peek(0), Some('i' | 'm')) {
                    self.position += 1;
                }
                let flags = &self.text[flags..self.position];
                let pattern = Pattern::new(&source, flags.contains(&'i'), flags.contains(&'m'))
                    .map_err(|error| error.at(self.position))?;
                return Ok(self.token(TokenKind::Regex(Arc::new(pattern))));
            }
            let escaped = self.position > start && self.text[self.position - 1] == '\\';
            if !escaped {
                match character {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth -= 1,
                    _ => {}
                }
            }
            self.position += 1;
        }
        Err(Error::of("S0302").at(self.position))
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}')
}
