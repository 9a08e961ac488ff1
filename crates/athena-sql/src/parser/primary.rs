//! Primary expressions: what operators work on.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{CurrentTimeFunction, Expression, ExpressionKind, Identifier, Position};
use crate::error::Error;

impl Parser<'_> {
    /// A primary expression with its subscripts and dereferences.
    pub fn primary_expression(&mut self) -> Result<Expression, Error> {
        let start = self.index();
        let mut expression = self.primary()?;
        loop {
            // `t.*` belongs to the select item.
            if self.at(".") && !self.is_ahead(1, "*") {
                self.advance();
                self.link()?;
                let field = self.identifier()?;
                expression = Expression {
                    position: expression.position,
                    kind: ExpressionKind::Dereference {
                        base: Box::new(expression),
                        field,
                    },
                };
            } else if self.take("[") {
                self.link()?;
                let index = self.nested(Self::value_expression)?;
                self.expect("]")?;
                expression = Expression {
                    position: expression.position,
                    kind: ExpressionKind::Subscript {
                        base: Box::new(expression),
                        index: Box::new(index),
                    },
                };
            } else {
                self.last_primary = (start, self.index());
                return Ok(expression);
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, Error> {
        let token = self.token();
        let position = token.position;
        let kind = match token.kind {
            TokenKind::String | TokenKind::UnicodeString => ExpressionKind::String(self.string()?),
            TokenKind::Integer | TokenKind::Decimal | TokenKind::Double => self.number()?,
            TokenKind::Binary => self.binary_literal()?,
            TokenKind::Symbol => return self.symbol_primary(position),
            TokenKind::ReservedWord => return self.reserved_word_primary(position),
            TokenKind::Word => return self.word_primary(position),
            TokenKind::QuotedIdentifier
            | TokenKind::BackquotedIdentifier
            | TokenKind::DigitIdentifier => return self.name_primary(position),
            TokenKind::Unrecognized | TokenKind::End => return Err(self.mismatch()),
        };
        Ok(Expression { position, kind })
    }

    fn symbol_primary(&mut self, position: Position) -> Result<Expression, Error> {
        let kind = if self.is("-") {
            self.number()?
        } else if self.is("?") {
            self.advance();
            self.parameters += 1;
            ExpressionKind::Parameter(self.parameters - 1)
        } else if self.is("(") {
            return self.parenthesized(position);
        } else {
            return Err(self.mismatch());
        };
        Ok(Expression { position, kind })
    }

    /// A lambda of several variables, a subquery, a row, or an expression in parentheses.
    fn parenthesized(&mut self, position: Position) -> Result<Expression, Error> {
        let opening = self.index();
        let after = self.token_at(opening).closing.map(|closing| closing + 1);
        if after.is_some_and(|after| self.token_is(after, "->")) {
            return self.lambda(position);
        }
        if self.is_query_in_parentheses(opening) {
            let query = Box::new(self.query_in_parentheses()?);
            return Ok(Expression {
                position,
                kind: ExpressionKind::Subquery(query),
            });
        }
        self.advance();
        self.expecting_kind("<query>");
        let mut items = self.list(Self::expression)?;
        self.expect(")")?;
        match items.pop() {
            Some(only) if items.is_empty() => Ok(only),
            last => {
                items.extend(last);
                Ok(Expression {
                    position,
                    kind: ExpressionKind::Row(items),
                })
            }
        }
    }

    /// `x -> …`, `(x, y) -> …`.
    fn lambda(&mut self, position: Position) -> Result<Expression, Error> {
        let parameters = if self.take("(") {
            let parameters = if self.is(")") {
                Vec::new()
            } else {
                self.list(Self::identifier)?
            };
            self.expect(")")?;
            parameters
        } else {
            vec![self.identifier()?]
        };
        self.expect("->")?;
        let body = Box::new(self.expression()?);
        Ok(Expression {
            position,
            kind: ExpressionKind::Lambda { parameters, body },
        })
    }

    /// Words that are no names: they begin a form of their own.
    fn reserved_word_primary(&mut self, position: Position) -> Result<Expression, Error> {
        let word = self.token_text(self.token()).to_ascii_uppercase();
        let kind = match word.as_str() {
            "NULL" => self.alone(ExpressionKind::Null),
            "TRUE" => self.alone(ExpressionKind::Boolean(true)),
            "FALSE" => self.alone(ExpressionKind::Boolean(false)),
            "CASE" => self.case()?,
            "CAST" => self.cast(false)?,
            "EXISTS" => self.exists()?,
            "EXTRACT" => self.extract()?,
            "TRIM" => self.trim()?,
            "NORMALIZE" => self.normalize()?,
            "GROUPING" => self.grouping()?,
            "LISTAGG" => self.listagg()?,
            "JSON_EXISTS" => self.json_exists()?,
            "JSON_VALUE" => self.json_value()?,
            "JSON_QUERY" => self.json_query()?,
            "JSON_OBJECT" => self.json_object()?,
            "JSON_ARRAY" => self.json_array()?,
            "CURRENT_DATE" => self.alone(ExpressionKind::CurrentTime {
                function: CurrentTimeFunction::Date,
                precision: None,
            }),
            "CURRENT_TIME" => self.current_time(CurrentTimeFunction::Time)?,
            "CURRENT_TIMESTAMP" => self.current_time(CurrentTimeFunction::Timestamp)?,
            "LOCALTIME" => self.current_time(CurrentTimeFunction::LocalTime)?,
            "LOCALTIMESTAMP" => self.current_time(CurrentTimeFunction::LocalTimestamp)?,
            "CURRENT_USER" => self.alone(ExpressionKind::CurrentUser),
            "CURRENT_CATALOG" => self.alone(ExpressionKind::CurrentCatalog),
            "CURRENT_SCHEMA" => self.alone(ExpressionKind::CurrentSchema),
            "CURRENT_PATH" => self.alone(ExpressionKind::CurrentPath),
            _ => return Err(self.mismatch()),
        };
        Ok(Expression { position, kind })
    }

    /// Words that are names unless what follows makes them begin a form of their own.
    fn word_primary(&mut self, position: Position) -> Result<Expression, Error> {
        let word = self.token_text(self.token()).to_ascii_uppercase();
        let next_is_string = matches!(
            self.ahead(1).kind,
            TokenKind::String | TokenKind::UnicodeString
        );
        let kind = match word.as_str() {
            "INTERVAL" if next_is_string || self.is_signed_interval() => return self.interval(),
            "TRY_CAST" if self.is_ahead(1, "(") => self.cast(true)?,
            "ARRAY" if self.is_ahead(1, "[") => self.array()?,
            "ROW" if self.is_ahead(1, "(") => {
                self.advance();
                ExpressionKind::Row(self.parenthesized_list(Self::expression)?)
            }
            "POSITION" if self.is_ahead(1, "(") => return self.position_in(position),
            "DOUBLE" if self.is_ahead(1, "PRECISION") && self.is_string_at(2) => {
                self.advance();
                self.advance();
                ExpressionKind::TypedLiteral {
                    type_name: "double".to_owned(),
                    value: self.string()?,
                }
            }
            "RUNNING" | "FINAL" if self.is_identifier_at(self.index() + 1) => {
                return self.call_with_processing_mode(position);
            }
            _ => return self.name_primary(position),
        };
        Ok(Expression { position, kind })
    }

    fn is_signed_interval(&self) -> bool {
        (self.is_ahead(1, "-") || self.is_ahead(1, "+")) && self.is_string_at(2)
    }

    pub fn is_string_at(&self, ahead: usize) -> bool {
        matches!(
            self.ahead(ahead).kind,
            TokenKind::String | TokenKind::UnicodeString
        )
    }

    /// A name: of a type before a literal, a lambda's variable, a function, a measure or a column.
    fn name_primary(&mut self, position: Position) -> Result<Expression, Error> {
        if self.is_ahead(1, "->") {
            return self.lambda(position);
        }
        if self.is_call(self.index()) {
            return self.function_call(position, None);
        }
        let name = self.identifier()?;
        let kind = if self.is_string_at(0) {
            ExpressionKind::TypedLiteral {
                type_name: name.lower(),
                value: self.string()?,
            }
        } else if self.begins_over() {
            let over = Box::new(self.over()?);
            ExpressionKind::Measure { name, over }
        } else {
            ExpressionKind::Identifier(name)
        };
        Ok(Expression { position, kind })
    }

    /// Whether `a.b.c(` begins at a token.
    fn is_call(&self, mut index: usize) -> bool {
        while self.token_is(index + 1, ".") && self.is_identifier_at(index + 2) {
            index += 2;
        }
        self.token_is(index + 1, "(")
    }

    /// A word that is a form by itself.
    fn alone(&mut self, kind: ExpressionKind) -> ExpressionKind {
        self.advance();
        kind
    }

    /// A name for the function that a special form means.
    pub fn function_name(value: &str, position: Position) -> crate::ast::QualifiedName {
        crate::ast::QualifiedName {
            parts: vec![Identifier {
                value: value.to_owned(),
                quoted: false,
                position,
            }],
        }
    }
}
