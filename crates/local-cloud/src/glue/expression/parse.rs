//! From the text of an expression to a [`Condition`].

use super::value::{Kind, Value};
use super::{Condition, Key, Operator};
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

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(text) | Self::Number(text) => f.write_str(text),
            Self::Quoted(text) => write!(f, "\"{text}\""),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Symbol(text) => f.write_str(text),
        }
    }
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
            let end = rest
                .char_indices()
                .find(|(i, c)| {
                    let signs = is_number && *i == 0;
                    !(signs || c.is_alphanumeric() || matches!(c, '_' | '.' | '$'))
                })
                .map_or(rest.len(), |(i, _)| i);
            let word = &rest[..end];
            if end == 0 {
                return Err(format!("unexpected character {first}"));
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

/// What is between the quotes that the text starts with, two of which are one, and what follows.
fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let mut inner = String::new();
    let mut rest = &text[1..];
    loop {
        let Some(at) = rest.find(quote) else {
            return Err(format!("missing closing quote {quote}"));
        };
        inner.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix(quote) {
            Some(more) => {
                inner.push(quote);
                rest = more;
            }
            None => return Ok((inner, rest)),
        }
    }
}

/// Reads a condition over these keys.
pub(super) fn condition(text: &str, keys: &[Column]) -> Result<Condition, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        keys,
    };
    let condition = parser.or()?;
    match parser.next() {
        None => Ok(condition),
        Some(token) => Err(format!("unexpected {token}")),
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    keys: &'a [Column],
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

    fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.symbol(symbol) {
            return Ok(());
        }
        Err(match self.next() {
            Some(token) => format!("expected {symbol}, found {token}"),
            None => format!("expected {symbol}, found the end"),
        })
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
            return Err("the expression is nested too deep".to_owned());
        }
        let condition = if self.keyword("NOT") {
            Condition::Not(Box::new(self.not()?))
        } else if self.symbol("(") {
            let inner = self.or()?;
            self.expect(")")?;
            inner
        } else {
            self.predicate()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn predicate(&mut self) -> Result<Condition, String> {
        let key = match self.operand()? {
            Operand::Key(key) => key,
            Operand::Literal(text) => {
                let operator = self.operator()?;
                let Operand::Key(key) = self.operand()? else {
                    return Err("a comparison needs a partition key".to_owned());
                };
                let literal = self.typed(key, &text)?;
                return Ok(Condition::Compare(key, operator.turned(), literal));
            }
        };
        if self.keyword("IS") {
            let not = self.keyword("NOT");
            if !self.keyword("NULL") {
                return Err("expected NULL after IS".to_owned());
            }
            return Ok(negated(not, Condition::IsNull(key)));
        }
        let not = self.keyword("NOT");
        if self.keyword("IN") {
            self.expect("(")?;
            let mut literals = vec![self.literal(key)?];
            while self.symbol(",") {
                literals.push(self.literal(key)?);
            }
            self.expect(")")?;
            return Ok(negated(not, Condition::In(key, literals)));
        }
        if self.keyword("BETWEEN") {
            let low = self.literal(key)?;
            if !self.keyword("AND") {
                return Err("expected AND after BETWEEN".to_owned());
            }
            let high = self.literal(key)?;
            return Ok(negated(not, Condition::Between(key, low, high)));
        }
        if self.keyword("LIKE") {
            let Operand::Literal(pattern) = self.operand()? else {
                return Err("expected a pattern after LIKE".to_owned());
            };
            return Ok(negated(
                not,
                Condition::Like(key, pattern.chars().collect()),
            ));
        }
        if not {
            return Err("expected IN, BETWEEN or LIKE after NOT".to_owned());
        }
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
            Some(token) => return Err(format!("expected a comparison, found {token}")),
            None => return Err("expected a comparison, found the end".to_owned()),
        })
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.next() {
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
                self.key(&word).map(Operand::Key)
            }
            // Some clients put texts into double quotes, as Hive allows.
            Some(Token::Quoted(name)) => match self.position(&name) {
                Some(_) => self.key(&name).map(Operand::Key),
                None => Ok(Operand::Literal(name)),
            },
            Some(token) => Err(format!("unexpected {token}")),
            None => Err("unexpected end".to_owned()),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.keys
            .iter()
            .position(|k| k.name.eq_ignore_ascii_case(name))
    }

    fn key(&self, name: &str) -> Result<Key, String> {
        let index = self
            .position(name)
            .ok_or_else(|| format!("{name} is not a partition key of the table"))?;
        let hive_type = self.type_of(index);
        let kind = Kind::of(hive_type)
            .ok_or_else(|| format!("the type {hive_type} of {name} cannot be filtered on"))?;
        Ok(Key { index, kind })
    }

    fn type_of(&self, index: usize) -> &str {
        self.keys[index].r#type.as_deref().unwrap_or("string")
    }

    fn literal(&mut self, key: Key) -> Result<Value, String> {
        match self.operand()? {
            Operand::Literal(text) => self.typed(key, &text),
            Operand::Key(_) => Err("a partition key is compared with a literal only".to_owned()),
        }
    }

    fn typed(&self, key: Key, text: &str) -> Result<Value, String> {
        key.kind.read(text).ok_or_else(|| {
            format!(
                "'{text}' is not a value of the type {}",
                self.type_of(key.index)
            )
        })
    }
}

fn negated(not: bool, condition: Condition) -> Condition {
    if not {
        Condition::Not(Box::new(condition))
    } else {
        condition
    }
}
