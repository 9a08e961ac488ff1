//! From the text of an expression to a [`Condition`].

use super::super::partition_key::{self, NULL, UNREADABLE};
use super::{Condition, Key, Kind, Operator};
use crate::model::glue::Column;

/// Nobody nests deeper by hand; a deeper text would only exhaust the stack.
const DEEPEST: usize = 200;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A keyword or the name of a column.
    Word(String),
    /// A name in double quotes or backticks.
    Quoted(String),
    Text(String),
    Number(String),
    Symbol(&'static str),
}

/// Words that JSQLParser takes for its own, so that a column of such a name has to be quoted.
///
/// Source: Trino's `GlueExpressionUtil`, which leaves these columns out of its expressions.
const RESERVED: &str = "
    ALL AND ANY AS ASC BEGIN BETWEEN BY CASE CREATE DELETE DESC DISTINCT DO DROP ELSE END ESCAPE
    EXISTS FROM FULL GROUP HAVING IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY LEFT LIKE
    LIMIT NATURAL NOT NULL OFFSET ON OPEN OR ORDER OUTER PRIMARY REPLACE RIGHT SELECT SET SOME
    TABLE THEN TOP TRUNCATE UNION UPDATE USING VALUES WHEN WHERE WITH";

/// What Glue says of a text that it cannot read, and of a column that it does not find.
fn invalid() -> String {
    "Invalid partition expression!".to_owned()
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    // The longer before its beginning.
    const SYMBOLS: [&str; 10] = ["<=", ">=", "<>", "!=", "=", "<", ">", "(", ")", ","];
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = if let Some(symbol) = SYMBOLS.into_iter().find(|s| rest.starts_with(s)) {
            found.push(Token::Symbol(symbol));
            &rest[symbol.len()..]
        } else if matches!(first, '\'' | '"' | '`') {
            let (inner, after) = quoted(rest, first)?;
            found.push(if first == '\'' {
                Token::Text(inner)
            } else {
                Token::Quoted(inner)
            });
            after
        } else {
            let is_number = first.is_ascii_digit() || matches!(first, '-' | '+' | '.');
            let mut before = None;
            let end = rest
                .char_indices()
                .find(|(_, c)| {
                    let may_sign = is_number && matches!(before, None | Some('e' | 'E'));
                    before = Some(*c);
                    let signs = may_sign && matches!(c, '-' | '+');
                    !(signs || c.is_alphanumeric() || matches!(c, '_' | '.' | '$'))
                })
                .map_or(rest.len(), |(i, _)| i);
            let word = &rest[..end];
            if end == 0 {
                return Err(invalid());
            }
            found.push(if is_number {
                Token::Number(word.to_owned())
            } else {
                Token::Word(word.to_owned())
            });
            &rest[end..]
        };
        rest = after.trim_start();
    }
    Ok(found)
}

/// What is between the quotes that the text starts with, and what follows. Inside, two quotes are
/// one; so is one behind a backslash, as Hive's client writes it, unless it is the last.
fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let mut inner = String::new();
    let mut rest = &text[1..];
    loop {
        let Some(at) = rest.find(quote) else {
            return Err(invalid());
        };
        inner.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if quote == '\'' && inner.ends_with('\\') && rest.contains(quote) {
            inner.pop();
            inner.push(quote);
        } else if let Some(more) = rest.strip_prefix(quote) {
            inner.push(quote);
            rest = more;
        } else {
            return Ok((inner, rest));
        }
    }
}

/// Reads a condition over these keys; fails with what Glue says. What is wrong with a value is
/// said only of a text that can be read to its end.
pub(super) fn condition(text: &str, keys: &[Column]) -> Result<Condition, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        closing: closing(&tokens),
        tokens,
        at: 0,
        depth: 0,
        keys,
        wrong: None,
    };
    let condition = parser.or()?;
    match (parser.next(), parser.wrong) {
        (None, None) => Ok(condition),
        (None, Some(wrong)) => Err(wrong),
        (Some(_), _) => Err(invalid()),
    }
}

/// For each opening parenthesis, where it is closed.
fn closing(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut closing = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Symbol("(") => open.push(at),
            Token::Symbol(")") => {
                if let Some(opened) = open.pop() {
                    closing[opened] = Some(at);
                }
            }
            _ => {}
        }
    }
    closing
}

struct Parser<'a> {
    tokens: Vec<Token>,
    closing: Vec<Option<usize>>,
    at: usize,
    depth: usize,
    keys: &'a [Column],
    /// The first value or operation that is none of its key's type.
    wrong: Option<String>,
}

/// One side of a comparison.
enum Operand {
    Key(Key),
    Literal(String),
}

impl Parser<'_> {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Symbol(s)) if *s == symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, found: bool) -> Result<(), String> {
        if found { Ok(()) } else { Err(invalid()) }
    }

    fn or(&mut self) -> Result<Condition, String> {
        let mut left = self.and()?;
        while self.keyword("OR") {
            left = Condition::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Condition, String> {
        let mut left = self.not()?;
        while self.keyword("AND") {
            left = Condition::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(invalid());
        }
        let condition = if self.keyword("NOT") {
            Condition::Not(Box::new(self.not()?))
        } else if self.at_condition_in_parentheses() {
            self.at += 1;
            let inner = self.or()?;
            let closed = self.symbol(")");
            self.expect(closed)?;
            inner
        } else {
            self.predicate()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    /// Whether the next parenthesis holds a condition, and no operand as in `(year) = (2024)`.
    fn at_condition_in_parentheses(&self) -> bool {
        let Some(Token::Symbol("(")) = self.tokens.get(self.at) else {
            return false;
        };
        match self.closing[self.at].and_then(|closing| self.tokens.get(closing + 1)) {
            Some(Token::Symbol(symbol)) => matches!(*symbol, ")" | "("),
            Some(Token::Word(word)) => ["AND", "OR"].iter().any(|w| word.eq_ignore_ascii_case(w)),
            Some(_) => false,
            None => true,
        }
    }

    fn predicate(&mut self) -> Result<Condition, String> {
        let key = match self.operand()? {
            Operand::Key(key) => key,
            Operand::Literal(text) => {
                let operator = self.operator()?;
                let Operand::Key(key) = self.operand()? else {
                    return Err(invalid());
                };
                let literal = self.typed(key, &text);
                return Ok(Condition::Compare(key, operator.turned(), literal));
            }
        };
        if self.keyword("IS") {
            let not = self.keyword("NOT");
            let null = self.keyword("NULL");
            self.expect(null)?;
            return Ok(negated(not, Condition::Never));
        }
        let not = self.keyword("NOT");
        if self.keyword("IN") {
            let opened = self.symbol("(");
            self.expect(opened)?;
            let mut literals = vec![self.literal(key)?];
            while self.symbol(",") {
                literals.push(self.literal(key)?);
            }
            let closed = self.symbol(")");
            self.expect(closed)?;
            return Ok(negated(not, Condition::In(key, literals)));
        }
        if self.keyword("BETWEEN") {
            let low = self.literal(key)?;
            let and = self.keyword("AND");
            self.expect(and)?;
            let high = self.literal(key)?;
            return Ok(negated(not, Condition::Between(key, low, high)));
        }
        if self.keyword("LIKE") {
            let Operand::Literal(pattern) = self.operand()? else {
                return Err(invalid());
            };
            self.check_like(key);
            let pattern = pattern.chars().collect();
            return Ok(negated(not, Condition::Like(key, pattern)));
        }
        self.expect(!not)?;
        let operator = self.operator()?;
        let literal = self.literal(key)?;
        Ok(Condition::Compare(key, operator, literal))
    }

    fn operator(&mut self) -> Result<Operator, String> {
        Ok(match self.next() {
            Some(Token::Symbol("=")) => Operator::Equal,
            Some(Token::Symbol("<>" | "!=")) => Operator::NotEqual,
            Some(Token::Symbol("<")) => Operator::Less,
            Some(Token::Symbol("<=")) => Operator::LessOrEqual,
            Some(Token::Symbol(">")) => Operator::Greater,
            Some(Token::Symbol(">=")) => Operator::GreaterOrEqual,
            _ => return Err(invalid()),
        })
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.next() {
            Some(Token::Symbol("(")) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(invalid());
                }
                let inner = self.operand()?;
                self.depth -= 1;
                let closed = self.symbol(")");
                self.expect(closed)?;
                Ok(inner)
            }
            Some(Token::Text(text) | Token::Number(text)) => Ok(Operand::Literal(text)),
            Some(Token::Word(word)) => {
                // `date '2024-01-01'`: a literal that says its type.
                let says_type = ["date", "timestamp"]
                    .iter()
                    .any(|t| word.eq_ignore_ascii_case(t));
                if says_type && let Some(Token::Text(text)) = self.tokens.get(self.at) {
                    let text = text.clone();
                    self.at += 1;
                    return Ok(Operand::Literal(text));
                }
                let mut reserved = RESERVED.split_ascii_whitespace();
                if reserved.any(|own| word.eq_ignore_ascii_case(own)) {
                    return Err(invalid());
                }
                self.key(&word).map(Operand::Key)
            }
            // Some clients put texts into double quotes, as Hive allows.
            Some(Token::Quoted(name)) => match self.position(&name) {
                Some(_) => self.key(&name).map(Operand::Key),
                None => Ok(Operand::Literal(name)),
            },
            _ => Err(invalid()),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.keys
            .iter()
            .position(|k| k.name.eq_ignore_ascii_case(name))
    }

    fn key(&mut self, name: &str) -> Result<Key, String> {
        let index = self.position(name).ok_or_else(invalid)?;
        let key = &self.keys[index];
        let kind = partition_key::of_column(key).unwrap_or_else(|| {
            let of = key.r#type.as_deref().unwrap_or_default();
            self.wrong.get_or_insert(format!("Unknown type : '{of}'"));
            Kind::Text
        });
        Ok(Key { index, kind })
    }

    fn literal(&mut self, key: Key) -> Result<Vec<u8>, String> {
        match self.operand()? {
            Operand::Literal(text) => Ok(self.typed(key, &text)),
            Operand::Key(_) => Err(invalid()),
        }
    }

    /// A literal as the values of its key are kept.
    fn typed(&mut self, key: Key, text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        partition_key::write_typed(key.kind, text, &mut bytes);
        if matches!(bytes[..], [UNREADABLE | NULL]) {
            self.wrong.get_or_insert_with(|| key.kind.not_of(text));
        }
        bytes
    }

    fn check_like(&mut self, key: Key) {
        let name = match key.kind {
            Kind::Text => return,
            Kind::Integer => "Integral",
            Kind::Decimal => "Decimal",
            Kind::Date => "Date",
            Kind::Timestamp => "Timestamp",
        };
        self.wrong
            .get_or_insert_with(|| format!("{name} data type doesn't support operation 'LIKE'"));
    }
}

fn negated(not: bool, condition: Condition) -> Condition {
    if not {
        Condition::Not(Box::new(condition))
    } else {
        condition
    }
}
