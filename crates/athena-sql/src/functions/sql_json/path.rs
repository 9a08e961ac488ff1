//! SQL/JSON paths: what they are made of, and reading them
//! (<https://trino.io/docs/current/functions/json.html#json-path-language>, Trino's `JsonPath.g4`).

use super::invalid_path;
use super::lexer::{Token, tokens};
use crate::error::Error;
use crate::functions::cast::parse_decimal;
use crate::types::{Type, Value};

/// How many parentheses, operators, subscripts and filters a path may have.
const MAX_PARTS: usize = 1000;
/// The stack that one of them may take, and what is added when less is left.
const STACK_OF_A_PART: usize = 128 * 1024;
const MORE_STACK: usize = 1024 * 1024;

/// Goes one level deeper, on more stack where little is left.
pub fn deeper<T>(rule: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_OF_A_PART, MORE_STACK, rule)
}

/// A path with its mode.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlPath {
    /// `lax`, or else `strict`.
    pub lax: bool,
    pub root: Path,
    /// The names of its variables, without `$`.
    pub variables: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Path {
    /// `$`
    Context,
    /// `@`
    Current,
    /// `last`
    Last,
    /// `$name`
    Variable(String),
    Null,
    Literal(Type, Value),
    Signed {
        negative: bool,
        operand: Box<Path>,
    },
    Binary {
        operator: &'static str,
        left: Box<Path>,
        right: Box<Path>,
    },
    Access {
        base: Box<Path>,
        steps: Vec<Step>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.key`; `.*` without a key.
    Member(Option<String>),
    /// `..key`
    Descendant(String),
    /// `[1, 3 to last]`; `[*]` without subscripts.
    Elements(Vec<(Path, Option<Path>)>),
    Filter(Predicate),
    Method(Method),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Abs,
    Ceiling,
    Double,
    Floor,
    KeyValue,
    Size,
    Type,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    Compare {
        operator: Operator,
        left: Path,
        right: Path,
    },
    StartsWith {
        whole: Path,
        start: Path,
    },
    Exists(Path),
    And(Box<Predicate>, Box<Predicate>),
    Or(Box<Predicate>, Box<Predicate>),
    Not(Box<Predicate>),
    IsUnknown(Box<Predicate>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

const OPERATORS: &[(&str, Operator)] = &[
    ("==", Operator::Equal),
    ("<>", Operator::NotEqual),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl SqlPath {
    /// Reads a path; what is none is `INVALID_PATH`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut parser = Parser {
            tokens: tokens(text)?,
            at: 0,
            parts: 0,
            filters: 0,
            subscripts: 0,
            variables: Vec::new(),
        };
        let lax = parser.take_word("lax");
        if !lax {
            parser.expect_word("strict")?;
        }
        let root = parser.path()?;
        if parser.at < parser.tokens.len() {
            return Err(parser.mismatch());
        }
        Ok(Self {
            lax,
            root,
            variables: parser.variables,
        })
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// How many parts were read so far.
    parts: usize,
    /// How many filters and subscripts are around.
    filters: usize,
    subscripts: usize,
    variables: Vec<String>,
}

impl Parser {
    fn path(&mut self) -> Result<Path, Error> {
        self.part()?;
        deeper(|| self.binary(&["+", "-"], Self::product))
    }

    fn product(&mut self) -> Result<Path, Error> {
        self.binary(&["*", "/", "%"], Self::signed)
    }

    fn binary(
        &mut self,
        operators: &[&'static str],
        operand: fn(&mut Self) -> Result<Path, Error>,
    ) -> Result<Path, Error> {
        let mut left = operand(self)?;
        while let Some(operator) = operators.iter().copied().find(|o| self.take(o)) {
            self.part()?;
            left = Path::Binary {
                operator,
                left: Box::new(left),
                right: Box::new(operand(self)?),
            };
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Path, Error> {
        let negative = self.take("-");
        if !negative && !self.take("+") {
            return self.access();
        }
        self.part()?;
        let operand = Box::new(deeper(|| self.signed())?);
        Ok(Path::Signed { negative, operand })
    }

    fn access(&mut self) -> Result<Path, Error> {
        let base = self.primary()?;
        let mut steps = Vec::new();
        while let Some(step) = self.step()? {
            steps.push(step);
        }
        if steps.is_empty() {
            return Ok(base);
        }
        Ok(Path::Access {
            base: Box::new(base),
            steps,
        })
    }

    fn primary(&mut self) -> Result<Path, Error> {
        let Some(token) = self.tokens.get(self.at).cloned() else {
            return Err(self.mismatch());
        };
        let path = match token {
            Token::Integer(text) => integer(&text)?,
            Token::Decimal(text) => {
                let (unscaled, precision, scale) =
                    parse_decimal(&text).ok_or_else(|| self.mismatch())?;
                Path::Literal(Type::Decimal(precision, scale), Value::Decimal(unscaled))
            }
            Token::Double(text) => {
                let x: f64 = text.parse().map_err(|_| self.mismatch())?;
                Path::Literal(Type::Double, Value::Double(x))
            }
            Token::Text(text) => {
                let length = text.chars().count() as u32;
                Path::Literal(Type::Varchar(Some(length)), Value::text(text))
            }
            Token::Variable(name) => {
                self.variables.push(name.clone());
                Path::Variable(name)
            }
            Token::Word(word) => self.named_primary(&word)?,
            Token::Symbol("$") => Path::Context,
            Token::Symbol("@") if self.filters > 0 => Path::Current,
            Token::Symbol("(") => {
                self.at += 1;
                let inner = self.path()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Symbol(_) => return Err(self.mismatch()),
        };
        self.at += 1;
        Ok(path)
    }

    fn named_primary(&self, word: &str) -> Result<Path, Error> {
        Ok(match word {
            "null" => Path::Null,
            "true" => Path::Literal(Type::Boolean, Value::Boolean(true)),
            "false" => Path::Literal(Type::Boolean, Value::Boolean(false)),
            "last" if self.subscripts > 0 => Path::Last,
            _ => return Err(self.mismatch()),
        })
    }

    fn step(&mut self) -> Result<Option<Step>, Error> {
        Ok(Some(if self.take(".") {
            self.member()?
        } else if self.take("..") {
            Step::Descendant(self.key()?)
        } else if self.take("[") {
            self.elements()?
        } else if self.take("?") {
            self.filters += 1;
            self.expect("(")?;
            let predicate = self.predicate()?;
            self.expect(")")?;
            self.filters -= 1;
            Step::Filter(predicate)
        } else {
            return Ok(None);
        }))
    }

    fn member(&mut self) -> Result<Step, Error> {
        if self.take("*") {
            return Ok(Step::Member(None));
        }
        let is_method = self.tokens.get(self.at + 1) == Some(&Token::Symbol("("));
        if !is_method {
            return Ok(Step::Member(Some(self.key()?)));
        }
        let method = match self.tokens.get(self.at) {
            Some(Token::Word(word)) => method(word)?,
            _ => None,
        };
        let method = method.ok_or_else(|| self.mismatch())?;
        self.at += 1;
        self.expect("(")?;
        self.expect(")")?;
        Ok(Step::Method(method))
    }

    fn key(&mut self) -> Result<String, Error> {
        match self.tokens.get(self.at) {
            Some(Token::Word(key) | Token::Text(key)) => {
                let key = key.clone();
                self.at += 1;
                Ok(key)
            }
            _ => Err(self.mismatch()),
        }
    }

    fn elements(&mut self) -> Result<Step, Error> {
        let mut subscripts = Vec::new();
        if !self.take("*") {
            self.subscripts += 1;
            loop {
                let from = self.path()?;
                let to = if self.take_word("to") {
                    Some(self.path()?)
                } else {
                    None
                };
                subscripts.push((from, to));
                if !self.take(",") {
                    break;
                }
            }
            self.subscripts -= 1;
        }
        self.expect("]")?;
        Ok(Step::Elements(subscripts))
    }

    fn predicate(&mut self) -> Result<Predicate, Error> {
        self.part()?;
        deeper(|| self.disjunction())
    }

    fn disjunction(&mut self) -> Result<Predicate, Error> {
        let mut left = self.conjunction()?;
        while self.take("||") {
            self.part()?;
            left = Predicate::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Predicate, Error> {
        let mut left = self.condition()?;
        while self.take("&&") {
            self.part()?;
            left = Predicate::And(Box::new(left), Box::new(self.condition()?));
        }
        Ok(left)
    }

    fn condition(&mut self) -> Result<Predicate, Error> {
        if self.take("!") {
            return Ok(Predicate::Not(Box::new(self.delimited()?)));
        }
        let exists = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w == "exists");
        if !exists && !self.is_predicate_in_parentheses() {
            return self.comparison();
        }
        let inner = self.delimited()?;
        if !exists && self.take_word("is") {
            self.expect_word("unknown")?;
            return Ok(Predicate::IsUnknown(Box::new(inner)));
        }
        Ok(inner)
    }

    /// `exists(path)`, `(predicate)`.
    fn delimited(&mut self) -> Result<Predicate, Error> {
        let exists = self.take_word("exists");
        self.expect("(")?;
        let predicate = if exists {
            Predicate::Exists(self.path()?)
        } else {
            self.predicate()?
        };
        self.expect(")")?;
        Ok(predicate)
    }

    /// Whether a parenthesis opens here that holds a predicate, not an operand: by what follows it.
    fn is_predicate_in_parentheses(&self) -> bool {
        if self.tokens.get(self.at) != Some(&Token::Symbol("(")) {
            return false;
        }
        let mut open = 0_usize;
        for (i, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token {
                Token::Symbol("(") => open += 1,
                Token::Symbol(")") => open -= 1,
                _ => {}
            }
            if open == 0 {
                return match self.tokens.get(i + 1) {
                    Some(Token::Symbol(symbol)) => matches!(*symbol, ")" | "&&" | "||"),
                    Some(Token::Word(word)) => word == "is",
                    _ => true,
                };
            }
        }
        true
    }

    fn comparison(&mut self) -> Result<Predicate, Error> {
        let left = self.path()?;
        if self.take_word("starts") {
            self.expect_word("with")?;
            let start = match self.tokens.get(self.at) {
                Some(Token::Text(_) | Token::Variable(_)) => self.primary()?,
                _ => return Err(self.mismatch()),
            };
            return Ok(Predicate::StartsWith { whole: left, start });
        }
        if self.take_word("like_regex") {
            return Err(Error::not_supported("like_regex in JSON paths"));
        }
        let found = OPERATORS.iter().find(|(symbol, _)| self.take(symbol));
        let (_, operator) = *found.ok_or_else(|| self.mismatch())?;
        let right = self.path()?;
        Ok(Predicate::Compare {
            operator,
            left,
            right,
        })
    }

    /// Counts a part of the path.
    fn part(&mut self) -> Result<(), Error> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(invalid_path("the path is too large"));
        }
        Ok(())
    }

    fn take(&mut self, symbol: &str) -> bool {
        let taken = matches!(self.tokens.get(self.at), Some(Token::Symbol(s)) if *s == symbol);
        self.at += usize::from(taken);
        taken
    }

    fn take_word(&mut self, word: &str) -> bool {
        let taken = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w == word);
        self.at += usize::from(taken);
        taken
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Error> {
        if self.take(symbol) {
            Ok(())
        } else {
            Err(self.mismatch())
        }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Error> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.mismatch())
        }
    }

    /// The error of what stands here.
    fn mismatch(&self) -> Error {
        invalid_path(match self.tokens.get(self.at) {
            None => "unexpected end".to_owned(),
            Some(Token::Symbol(symbol)) => format!("unexpected '{symbol}'"),
            Some(Token::Variable(name)) => format!("unexpected '${name}'"),
            Some(
                Token::Word(text)
                | Token::Integer(text)
                | Token::Decimal(text)
                | Token::Double(text)
                | Token::Text(text),
            ) => format!("unexpected '{text}'"),
        })
    }
}

fn integer(text: &str) -> Result<Path, Error> {
    let n: i64 = text
        .parse()
        .map_err(|_| invalid_path(format!("the number {text} is too large")))?;
    let data_type = if i32::try_from(n).is_ok() {
        Type::Integer
    } else {
        Type::Bigint
    };
    Ok(Path::Literal(data_type, Value::Integer(n)))
}

fn method(name: &str) -> Result<Option<Method>, Error> {
    Ok(Some(match name {
        "abs" => Method::Abs,
        "ceiling" => Method::Ceiling,
        "double" => Method::Double,
        "floor" => Method::Floor,
        "keyvalue" => Method::KeyValue,
        "size" => Method::Size,
        "type" => Method::Type,
        "datetime" => return Err(Error::not_supported("datetime() in JSON paths")),
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_by_its_grammar() {
        for path in [
            "lax $",
            "strict $.a.\"b \"\"c\"\"\".*[*]",
            "lax $[0, 2 to last - 1].size()",
            "lax -$.a + 2 * $x % 1.5e0",
            "lax $..a ? (@.b == 1 && !exists(@.c) || (@.d > .5) is unknown)",
            "lax $ ? ((@.a + 1) * 2 >= 4 && (@.b == \"x\"))",
            "lax $.last.type ? (@ starts with $prefix)",
        ] {
            assert!(SqlPath::parse(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "",
            "$",
            "lax",
            "lax $.",
            "lax $[",
            "lax @.a",
            "lax last",
            "lax $ ? (@)",
            "lax $ $",
            "lax $.a()",
            "lax #",
            "lax \"a",
        ] {
            let refused = SqlPath::parse(path).map_err(|error| error.code);
            assert_eq!(refused, Err("INVALID_PATH".to_owned()), "{path}");
        }
        assert!(SqlPath::parse(&format!("lax {}$", "-".repeat(100_000))).is_err());
    }
}
