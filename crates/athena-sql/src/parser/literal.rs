//! Literals.

use super::cursor::{Parser, error_at};
use super::lexer::{Dialect, TokenKind};
use crate::ast::{Expression, ExpressionKind, IntervalField, IntervalLiteral, Position};
use crate::error::Error;

impl Parser<'_> {
    /// A string's value, its escapes resolved.
    pub fn string(&mut self) -> Result<String, Error> {
        self.expecting_kind("<string>");
        let token = self.token();
        let text = self.token_text(token);
        match token.kind {
            TokenKind::String if self.dialect == Dialect::Hive => {
                self.advance();
                let mut value = unescape_hive(&text[1..text.len() - 1]);
                // Adjacent strings are one.
                while self.token().kind == TokenKind::String {
                    let text = self.token_text(self.token());
                    value.push_str(&unescape_hive(&text[1..text.len() - 1]));
                    self.advance();
                }
                Ok(value)
            }
            TokenKind::String => {
                self.advance();
                Ok(text[1..text.len() - 1].replace("''", "'"))
            }
            TokenKind::UnicodeString => {
                self.advance();
                let value = text[3..text.len() - 1].replace("''", "'");
                let escape = if self.take("UESCAPE") {
                    self.unicode_escape()?
                } else {
                    '\\'
                };
                decode_unicode(&value, escape).map_err(|message| error_at(token.position, message))
            }
            _ => Err(self.mismatch()),
        }
    }

    fn unicode_escape(&mut self) -> Result<char, Error> {
        let position = self.position();
        let text = self.string()?;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (None, _) => Err(error_at(position, "Empty Unicode escape character")),
            (Some(escape), None)
                if (' '..='~').contains(&escape)
                    && !escape.is_ascii_hexdigit()
                    && !matches!(escape, '\'' | '"' | '+' | ' ') =>
            {
                Ok(escape)
            }
            _ => Err(error_at(position, "Invalid Unicode escape character")),
        }
    }

    /// `12`, `-1.5`, `1e0`.
    pub fn number(&mut self) -> Result<ExpressionKind, Error> {
        let position = self.position();
        let negative = self.is("-");
        if negative {
            self.advance();
        }
        let token = self.advance();
        let sign = if negative { "-" } else { "" };
        let digits = format!("{sign}{}", self.token_text(token).replace('_', ""));
        match token.kind {
            TokenKind::Integer => integer(&digits).map(ExpressionKind::Integer),
            TokenKind::Decimal => Some(ExpressionKind::Decimal(digits.clone())),
            _ => digits.parse().ok().map(ExpressionKind::Double),
        }
        .ok_or_else(|| error_at(position, format!("Invalid numeric literal: {digits}")))
    }

    /// An integer without a sign.
    pub fn unsigned_integer<T: TryFrom<i64>>(&mut self) -> Result<T, Error> {
        self.expecting_kind("<integer>");
        let token = self.token();
        if token.kind != TokenKind::Integer {
            return Err(self.mismatch());
        }
        self.advance();
        let digits = self.token_text(token).replace('_', "");
        integer(&digits)
            .and_then(|value| T::try_from(value).ok())
            .ok_or_else(|| error_at(token.position, format!("Invalid numeric literal: {digits}")))
    }

    /// `X'65683F'`.
    pub fn binary_literal(&mut self) -> Result<ExpressionKind, Error> {
        let token = self.advance();
        let text = self.token_text(token);
        let digits: Vec<char> = text[2..text.len() - 1]
            .chars()
            .filter(|c| !" \r\n\t".contains(*c))
            .collect();
        let invalid = |message: &str| error_at(token.position, message);
        let values: Vec<u8> = digits
            .iter()
            .map(|digit| digit.to_digit(16).map(|value| value as u8))
            .collect::<Option<_>>()
            .ok_or_else(|| invalid("Binary literal can only contain hexadecimal digits"))?;
        if !values.len().is_multiple_of(2) {
            return Err(invalid(
                "Binary literal must contain an even number of digits",
            ));
        }
        let bytes = values
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect();
        Ok(ExpressionKind::Binary(bytes))
    }

    /// `INTERVAL '2-1' YEAR TO MONTH`.
    pub fn interval(&mut self) -> Result<Expression, Error> {
        let position: Position = self.expect("INTERVAL")?;
        let negative = self.take("-");
        if !negative {
            self.take("+");
        }
        let value = self.string()?;
        let from = self.interval_field()?;
        let to = if self.take("TO") {
            Some(self.interval_field()?)
        } else {
            None
        };
        Ok(Expression {
            position,
            kind: ExpressionKind::Interval(IntervalLiteral {
                value,
                negative,
                from,
                to,
            }),
        })
    }

    pub fn interval_field(&mut self) -> Result<IntervalField, Error> {
        for (word, field) in [
            ("YEAR", IntervalField::Year),
            ("MONTH", IntervalField::Month),
            ("DAY", IntervalField::Day),
            ("HOUR", IntervalField::Hour),
            ("MINUTE", IntervalField::Minute),
            ("SECOND", IntervalField::Second),
        ] {
            if self.take(word) {
                return Ok(field);
            }
        }
        Err(self.mismatch())
    }
}

fn integer(digits: &str) -> Option<i64> {
    let (sign, magnitude) = match digits.strip_prefix('-') {
        Some(magnitude) => ("-", magnitude),
        None => ("", digits),
    };
    let (radix, magnitude) = match magnitude.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (16, &magnitude[2..]),
        Some("0o") => (8, &magnitude[2..]),
        Some("0b") => (2, &magnitude[2..]),
        _ => (10, magnitude),
    };
    i64::from_str_radix(&format!("{sign}{magnitude}"), radix).ok()
}

/// `\2603` and `\+01F600` with `\` as the escape character, which stands for itself when doubled.
fn decode_unicode(text: &str, escape: char) -> Result<String, String> {
    let mut decoded = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != escape {
            decoded.push(character);
            continue;
        }
        let digits = match characters.peek() {
            Some(next) if *next == escape => {
                characters.next();
                decoded.push(escape);
                continue;
            }
            Some('+') => {
                characters.next();
                6
            }
            _ => 4,
        };
        let sequence: String = characters.by_ref().take(digits).collect();
        if let Some(invalid) = sequence.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(format!("Invalid hexadecimal digit: {invalid}"));
        }
        if sequence.len() < digits {
            return Err(format!("Incomplete escape sequence: {sequence}"));
        }
        let point = u32::from_str_radix(&sequence, 16)
            .map_err(|_| format!("Invalid escaped character: {sequence}"))?;
        decoded.push(char::from_u32(point).ok_or_else(|| {
            if (0xD800..=0xDFFF).contains(&point) {
                format!(
                    "Invalid escaped character: {sequence}. Escaped character is a surrogate. \
                     Use '\\+123456' instead."
                )
            } else {
                format!("Invalid escaped character: {sequence}")
            }
        })?);
    }
    Ok(decoded)
}

/// Hive's `BaseSemanticAnalyzer.unescapeSQLString`.
fn unescape_hive(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        value.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let (character, length) = hive_escape(rest);
        value.push_str(&character);
        rest = &rest[length..];
    }
    value.push_str(rest);
    value
}

/// What follows a backslash: its meaning, and its length in bytes.
fn hive_escape(rest: &str) -> (String, usize) {
    let code = |range: std::ops::Range<usize>, radix| {
        let end = range.end;
        let digits = rest.get(range)?;
        let value = u32::from_str_radix(digits, radix).ok()?;
        Some((char::from_u32(value)?.to_string(), end))
    };
    let Some(first) = rest.chars().next() else {
        return ("\\".to_owned(), 0);
    };
    if first == 'u'
        && let Some(found) = code(1..5, 16)
    {
        return found;
    }
    if matches!(first, '0' | '1')
        && let Some(found) = code(0..3, 8)
    {
        return found;
    }
    let meaning = match first {
        '0' => "\0".to_owned(),
        'b' => "\u{8}".to_owned(),
        'n' => "\n".to_owned(),
        'r' => "\r".to_owned(),
        't' => "\t".to_owned(),
        'Z' => "\u{1a}".to_owned(),
        // LIKE's escapes keep their backslash.
        '%' => "\\%".to_owned(),
        '_' => "\\_".to_owned(),
        other => other.to_string(),
    };
    (meaning, first.len_utf8())
}
