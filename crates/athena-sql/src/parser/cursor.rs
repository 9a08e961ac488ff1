//! The parser's place in the tokens, what it expected there, and how deep it is.

use super::lexer::{Dialect, Token, TokenKind, tokenize};
use crate::ast::{Identifier, Position, QualifiedName};
use crate::error::Error;

/// How deep expressions, queries and types may lie in each other.
const MAX_DEPTH: usize = 500;
/// The stack that one level may take, and what is added when less is left.
const STACK_OF_A_LEVEL: usize = 128 * 1024;
const MORE_STACK: usize = 2 * 1024 * 1024;
/// How high a tree may grow, with chains such as `a + b + c + …` counted in. Who walks the tree
/// may have to recurse that far.
const MAX_HEIGHT: usize = 1_000;

pub struct Parser<'a> {
    pub text: &'a str,
    pub dialect: Dialect,
    tokens: Vec<Token>,
    at: usize,
    /// What would have been taken at the current token.
    expected: Vec<Expected>,
    /// A rule that the messages name as a whole has begun at the current token: its parts are not
    /// named beside it.
    within_rule: bool,
    depth: usize,
    height: usize,
    /// `?` so far.
    pub parameters: usize,
    /// Per opening parenthesis: whether it holds a query.
    pub holds_query: Vec<Option<bool>>,
    /// Tokens of the last primary expression: from, to.
    pub last_primary: (usize, usize),
}

#[derive(Clone, Copy)]
enum Expected {
    /// A word or a symbol, named in quotes.
    Text(&'static str),
    /// `<expression>`.
    Rule(&'static str),
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str, dialect: Dialect) -> Self {
        let tokens = tokenize(text, dialect);
        Self {
            text,
            dialect,
            holds_query: vec![None; tokens.len()],
            tokens,
            at: 0,
            expected: Vec::new(),
            within_rule: false,
            depth: 0,
            height: 0,
            parameters: 0,
            last_primary: (0, 0),
        }
    }

    /// The index of the current token.
    pub fn index(&self) -> usize {
        self.at
    }

    /// Goes back to a token that was passed before.
    pub fn back_to(&mut self, index: usize) {
        self.at = index;
        self.expected.clear();
        self.within_rule = false;
    }

    pub fn token(&self) -> Token {
        self.tokens[self.at]
    }

    /// The token `ahead` tokens on; the end beyond the end.
    pub fn ahead(&self, ahead: usize) -> Token {
        self.token_at(self.at + ahead)
    }

    pub fn token_at(&self, index: usize) -> Token {
        self.tokens[index.min(self.tokens.len() - 1)]
    }

    pub fn token_text(&self, token: Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    pub fn position(&self) -> Position {
        self.token().position
    }

    /// Whether the token at `index` is this word or symbol.
    pub fn token_is(&self, index: usize, text: &str) -> bool {
        let token = self.token_at(index);
        matches!(
            token.kind,
            TokenKind::Word | TokenKind::ReservedWord | TokenKind::Symbol
        ) && self.token_text(token).eq_ignore_ascii_case(text)
    }

    /// Whether the token `ahead` tokens on is this word or symbol, without expecting it.
    pub fn is_ahead(&self, ahead: usize, text: &str) -> bool {
        self.token_is(self.at + ahead, text)
    }

    /// Whether the current token is this word or symbol, without expecting it.
    pub fn is(&self, text: &str) -> bool {
        self.token_is(self.at, text)
    }

    pub fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    pub fn is_identifier_at(&self, index: usize) -> bool {
        matches!(
            self.token_at(index).kind,
            TokenKind::Word
                | TokenKind::QuotedIdentifier
                | TokenKind::BackquotedIdentifier
                | TokenKind::DigitIdentifier
        )
    }

    pub fn is_identifier(&self) -> bool {
        self.is_identifier_at(self.at)
    }

    /// Notes that a rule may begin here; until the next token its parts are not noted.
    pub fn expecting_rule(&mut self, rule: &'static str) {
        self.expecting(Expected::Rule(rule));
        self.within_rule = true;
    }

    /// Notes that something may stand here which messages name in pointed brackets.
    pub fn expecting_kind(&mut self, kind: &'static str) {
        self.expecting(Expected::Rule(kind));
    }

    pub fn expecting_text(&mut self, text: &'static str) {
        self.expecting(Expected::Text(text));
    }

    fn expecting(&mut self, expected: Expected) {
        if !self.within_rule {
            self.expected.push(expected);
        }
    }

    /// Whether the current token is this word or symbol, which may stand here.
    pub fn at(&mut self, text: &'static str) -> bool {
        self.expecting_text(text);
        self.is(text)
    }

    pub fn advance(&mut self) -> Token {
        let token = self.token();
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        self.expected.clear();
        self.within_rule = false;
        token
    }

    pub fn take(&mut self, text: &'static str) -> bool {
        let found = self.at(text);
        if found {
            self.advance();
        }
        found
    }

    /// Takes words that only mean something together.
    pub fn take_all(&mut self, texts: &[&'static str]) -> bool {
        let Some(first) = texts.first() else {
            return true;
        };
        self.expecting_text(first);
        let found = texts
            .iter()
            .enumerate()
            .all(|(ahead, text)| self.is_ahead(ahead, text));
        if found {
            for _ in texts {
                self.advance();
            }
        }
        found
    }

    /// Takes this word or symbol, and says where it stood.
    pub fn expect(&mut self, text: &'static str) -> Result<Position, Error> {
        let position = self.position();
        if self.take(text) {
            Ok(position)
        } else {
            Err(self.mismatch())
        }
    }

    pub fn expect_all(&mut self, texts: &[&'static str]) -> Result<(), Error> {
        for text in texts {
            self.expect(text)?;
        }
        Ok(())
    }

    /// The current token is none of what was expected.
    pub fn mismatch(&self) -> Error {
        let token = self.token();
        let mut expected: Vec<String> = self
            .expected
            .iter()
            .map(|expected| match expected {
                Expected::Text(text) => format!("'{text}'"),
                Expected::Rule(rule) => (*rule).to_owned(),
            })
            .collect();
        expected.sort_unstable();
        expected.dedup();
        let found = match token.kind {
            TokenKind::End => "<EOF>",
            _ => self.token_text(token),
        };
        error_at(
            token.position,
            format!(
                "mismatched input '{found}'. Expecting: {}",
                expected.join(", ")
            ),
        )
    }

    /// Runs a rule one level deeper.
    pub fn nested<T>(
        &mut self,
        rule: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            return Err(self.too_large());
        }
        self.depth += 1;
        let height_around = std::mem::take(&mut self.height);
        let result = stacker::maybe_grow(STACK_OF_A_LEVEL, MORE_STACK, || rule(self));
        self.depth -= 1;
        self.height = height_around.max(self.height + 1);
        result
    }

    /// Runs a rule whose tree stands beside what the current rule has built, not under it.
    pub fn beside<T>(
        &mut self,
        rule: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let height = std::mem::take(&mut self.height);
        let result = rule(self);
        self.height = self.height.max(height);
        result
    }

    /// Notes that a node was put over what the current rule has built so far.
    pub fn link(&mut self) -> Result<(), Error> {
        self.height += 1;
        if self.height > MAX_HEIGHT {
            Err(self.too_large())
        } else {
            Ok(())
        }
    }

    fn too_large(&self) -> Error {
        error_at(
            self.tokens[0].position,
            "statement is too large (stack overflow while parsing)",
        )
    }

    pub fn identifier(&mut self) -> Result<Identifier, Error> {
        self.expecting_kind("<identifier>");
        let token = self.token();
        let text = self.token_text(token);
        let (value, quoted) = match token.kind {
            TokenKind::Word => (text.to_owned(), false),
            TokenKind::QuotedIdentifier => (text[1..text.len() - 1].replace("\"\"", "\""), true),
            TokenKind::BackquotedIdentifier if self.dialect == Dialect::Hive => {
                (text[1..text.len() - 1].replace("``", "`"), true)
            }
            TokenKind::BackquotedIdentifier => {
                return Err(error_at(
                    token.position,
                    "backquoted identifiers are not supported; use double quotes to quote identifiers",
                ));
            }
            TokenKind::DigitIdentifier if self.dialect == Dialect::Hive => (text.to_owned(), false),
            TokenKind::DigitIdentifier => {
                return Err(error_at(
                    token.position,
                    "identifiers must not start with a digit; surround the identifier with double quotes",
                ));
            }
            _ => return Err(self.mismatch()),
        };
        if value.is_empty() {
            return Err(error_at(
                token.position,
                "Zero-length delimited identifier not allowed",
            ));
        }
        self.advance();
        Ok(Identifier {
            value,
            quoted,
            position: token.position,
        })
    }

    pub fn qualified_name(&mut self) -> Result<QualifiedName, Error> {
        let mut parts = vec![self.identifier()?];
        while self.take(".") {
            parts.push(self.identifier()?);
        }
        Ok(QualifiedName { parts })
    }

    /// One or more, with commas between.
    pub fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut items = vec![item(self)?];
        while self.take(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// One or more in parentheses, with commas between.
    pub fn parenthesized_list<T>(
        &mut self,
        item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.expect("(")?;
        let items = self.list(item)?;
        self.expect(")")?;
        Ok(items)
    }

    /// The end of the statement; a semicolon may stand before it.
    pub fn end(&mut self) -> Result<(), Error> {
        if self.is(";") {
            self.advance();
            if self.token().kind != TokenKind::End {
                return Err(Error::user(
                    "",
                    format!(
                        "Only one sql statement is allowed. Got: {}",
                        self.text.trim()
                    ),
                ));
            }
        }
        self.expecting_kind("<EOF>");
        if self.token().kind == TokenKind::End {
            Ok(())
        } else {
            Err(self.mismatch())
        }
    }

    /// The text from a token up to the one before the current.
    pub fn text_since(&self, index: usize) -> &'a str {
        let start = self.tokens[index].start;
        let end = self
            .at
            .checked_sub(1)
            .map_or(start, |last| self.tokens[last].end);
        &self.text[start..end.max(start)]
    }
}

/// A syntax error.
pub fn error_at(position: Position, message: impl Into<String>) -> Error {
    Error::user("", message).at(position.line, position.column)
}
