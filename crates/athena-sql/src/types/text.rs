//! A type from its Trino text: `map(varchar, row(a bigint, b timestamp(3) with time zone))`.

use super::{MAX_PRECISION, RowField, Type};

/// How many types may stand around a type: each of them takes room on the stack, here and wherever
/// types and their values are walked through.
pub const DEEPEST: usize = 100;

/// Why a text is no type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("Unknown type: {0}")]
    Unknown(String),
    #[error("A type is nested more than {max} levels deep", max = DEEPEST)]
    TooDeep,
}

/// Reads a type. Names of row fields keep their case when quoted and are lower case otherwise.
pub fn parse(text: &str) -> Result<Type, ParseError> {
    parse_within(text, 0)
}

/// Reads a type that so many types stand around.
pub(super) fn parse_within(text: &str, depth: usize) -> Result<Type, ParseError> {
    let mut parser = Parser {
        text,
        rest: text,
        depth,
    };
    let found = parser.data_type()?;
    if parser.rest.trim().is_empty() {
        Ok(found)
    } else {
        parser.fail()
    }
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    /// How many types stand around the one that is read.
    depth: usize,
}

impl<'a> Parser<'a> {
    fn fail<T>(&self) -> Result<T, ParseError> {
        Err(ParseError::Unknown(self.text.to_owned()))
    }

    fn eat(&mut self, token: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn peek_word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(self.rest.len());
        &self.rest[..end]
    }

    fn word(&mut self) -> &'a str {
        let word = self.peek_word();
        self.rest = &self.rest[word.len()..];
        word
    }

    fn eat_words(&mut self, words: &[&str]) -> bool {
        let before = self.rest;
        for word in words {
            if !self.word().eq_ignore_ascii_case(word) {
                self.rest = before;
                return false;
            }
        }
        true
    }

    fn numbers(&mut self) -> Result<Vec<u32>, ParseError> {
        let mut numbers = Vec::new();
        if self.eat('(') {
            loop {
                match self.word().parse() {
                    Ok(n) => numbers.push(n),
                    Err(_) => return self.fail(),
                }
                if !self.eat(',') {
                    break;
                }
            }
            if !self.eat(')') {
                return self.fail();
            }
        }
        Ok(numbers)
    }

    fn fraction(&mut self, default: u8) -> Result<u8, ParseError> {
        match self.numbers()?.as_slice() {
            [] => Ok(default),
            [p] if *p <= u32::from(super::MAX_FRACTION) => Ok(*p as u8),
            _ => self.fail(),
        }
    }

    fn data_type(&mut self) -> Result<Type, ParseError> {
        let name = self.word().to_ascii_lowercase();
        let plain = match name.as_str() {
            "unknown" => Type::Unknown,
            "boolean" => Type::Boolean,
            "tinyint" => Type::Tinyint,
            "smallint" => Type::Smallint,
            "int" | "integer" => Type::Integer,
            "bigint" => Type::Bigint,
            "real" => Type::Real,
            "double" => {
                self.eat_words(&["precision"]);
                Type::Double
            }
            "string" => Type::VARCHAR,
            "varbinary" => Type::Varbinary,
            "date" => Type::Date,
            "json" => Type::Json,
            "ipaddress" => Type::IpAddress,
            "uuid" => Type::Uuid,
            "jsonpath" => Type::JsonPath,
            "decimal" | "dec" | "numeric" => match self.numbers()?.as_slice() {
                [] => Type::Decimal(MAX_PRECISION, 0),
                [p] if (1..=38).contains(p) => Type::Decimal(*p as u8, 0),
                [p, s] if (1..=38).contains(p) && s <= p => Type::Decimal(*p as u8, *s as u8),
                _ => return self.fail(),
            },
            "varchar" => match self.numbers()?.as_slice() {
                [] => Type::VARCHAR,
                [n] => Type::Varchar(Some(*n)),
                _ => return self.fail(),
            },
            "char" => match self.numbers()?.as_slice() {
                [] => Type::Char(1),
                [n] if *n <= 65_536 => Type::Char(*n),
                _ => return self.fail(),
            },
            "time" | "timestamp" => {
                let p = self.fraction(3)?;
                let zoned = self.eat_words(&["with", "time", "zone"]);
                if !zoned {
                    self.eat_words(&["without", "time", "zone"]);
                }
                match (name.as_str(), zoned) {
                    ("time", false) => Type::Time(p),
                    ("time", true) => Type::TimeTz(p),
                    (_, false) => Type::Timestamp(p),
                    (_, true) => Type::TimestampTz(p),
                }
            }
            "interval" => {
                if self.eat_words(&["day", "to", "second"]) {
                    Type::IntervalDay
                } else if self.eat_words(&["year", "to", "month"]) {
                    Type::IntervalYear
                } else {
                    return self.fail();
                }
            }
            "array" => {
                let mut types = self.list()?;
                match (types.pop(), types.is_empty()) {
                    (Some(element), true) => Type::array(element),
                    _ => return self.fail(),
                }
            }
            "map" => {
                let types = self.list()?;
                match <[Type; 2]>::try_from(types) {
                    Ok([key, value]) => Type::map(key, value),
                    Err(_) => return self.fail(),
                }
            }
            "function" => {
                let mut types = self.list()?;
                match types.pop() {
                    Some(result) => Type::Function(types, Box::new(result)),
                    None => return self.fail(),
                }
            }
            "row" => self.row()?,
            _ => return self.fail(),
        };
        // The older `T ARRAY`.
        let mut whole = plain;
        while self.eat_words(&["array"]) {
            if self.depth + height(&whole) >= DEEPEST {
                return Err(ParseError::TooDeep);
            }
            whole = Type::array(whole);
        }
        Ok(whole)
    }

    /// Reads a part of the type that is being read.
    fn inner(&mut self) -> Result<Type, ParseError> {
        if self.depth >= DEEPEST {
            return Err(ParseError::TooDeep);
        }
        self.depth += 1;
        let found = self.data_type()?;
        self.depth -= 1;
        Ok(found)
    }

    fn list(&mut self) -> Result<Vec<Type>, ParseError> {
        let close = if self.eat('(') {
            ')'
        } else if self.eat('<') {
            '>'
        } else {
            return self.fail();
        };
        let mut types = vec![self.inner()?];
        while self.eat(',') {
            types.push(self.inner()?);
        }
        if self.eat(close) {
            Ok(types)
        } else {
            self.fail()
        }
    }

    fn row(&mut self) -> Result<Type, ParseError> {
        if !self.eat('(') {
            return self.fail();
        }
        let mut fields = Vec::new();
        loop {
            fields.push(self.row_field()?);
            if !self.eat(',') {
                break;
            }
        }
        if self.eat(')') {
            Ok(Type::Row(fields))
        } else {
            self.fail()
        }
    }

    fn row_field(&mut self) -> Result<RowField, ParseError> {
        self.rest = self.rest.trim_start();
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let Some(end) = quoted.find('"') else {
                return self.fail();
            };
            let name = quoted[..end].to_owned();
            self.rest = &quoted[end + 1..];
            return Ok(RowField {
                name: Some(name),
                data_type: self.inner()?,
            });
        }
        let before = self.rest;
        let name = self.word().to_ascii_lowercase();
        let next = self.peek_word();
        // `a bigint` has a name before the type; `bigint`, `double precision`, `time with …` not.
        let named = !next.is_empty()
            && !matches!(
                (name.as_str(), next.to_ascii_lowercase().as_str()),
                ("double", "precision")
                    | ("time" | "timestamp", "with" | "without")
                    | ("interval", "day" | "year")
            );
        if named {
            Ok(RowField {
                name: Some(name),
                data_type: self.inner()?,
            })
        } else {
            self.rest = before;
            Ok(RowField {
                name: None,
                data_type: self.inner()?,
            })
        }
    }
}

/// How many types stand in each other below this one.
fn height(data_type: &Type) -> usize {
    let above = |height: Option<usize>| height.map_or(1, |height| height + 1);
    match data_type {
        Type::Array(element) => above(Some(height(element))),
        Type::Map(key, value) => above(Some(height(key).max(height(value)))),
        Type::Row(fields) => above(fields.iter().map(|field| height(&field.data_type)).max()),
        Type::Function(parameters, result) => {
            let parameters = parameters.iter().map(height);
            above(parameters.chain([height(result)]).max())
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_prints_as_it_was_read() {
        for text in [
            "bigint",
            "decimal(12,2)",
            "varchar(3)",
            "timestamp(6) with time zone",
            "interval day to second",
            "map(varchar, array(row(a bigint, double)))",
        ] {
            assert_eq!(parse(text).map(|t| t.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn an_unknown_name_is_refused() {
        assert!(parse("bigintt").is_err());
        assert!(parse("decimal(39,0)").is_err());
    }

    #[test]
    fn types_lie_in_each_other_to_a_depth() {
        let around = |open: &str, inner: &str, close: &str, depth: usize| {
            parse(&format!(
                "{}{inner}{}",
                open.repeat(depth),
                close.repeat(depth)
            ))
        };
        for (open, close) in [
            ("array(", ")"),
            ("map(bigint, ", ")"),
            ("row(a ", ")"),
            ("function(", ")"),
            ("", " array"),
        ] {
            assert!(around(open, "bigint", close, DEEPEST).is_ok(), "{open}");
            for depth in [DEEPEST + 1, 5_000] {
                let error = around(open, "bigint", close, depth).err();
                assert_eq!(error, Some(ParseError::TooDeep), "{open} {depth}");
            }
        }
        // What follows a type counts with what stands around it.
        assert!(around("array(", "bigint array", ")", DEEPEST - 1).is_ok());
        let error = around("array(", "bigint array", ")", DEEPEST).err();
        assert_eq!(error, Some(ParseError::TooDeep));
        let error = around("array(", "bigint", ") array", DEEPEST / 2 + 1).err();
        assert_eq!(error, Some(ParseError::TooDeep));
    }
}
