//! Boolean and value expressions; what they are made of is in `primary`.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{
    ArithmeticOperator, ComparisonOperator, Expression, ExpressionKind, FunctionCall, Identifier,
    Position, QualifiedName, Quantifier,
};
use crate::error::Error;

/// How tightly Trino's operators bind.
const CONCAT: u8 = 1;
const ADDITIVE: u8 = 2;
const MULTIPLICATIVE: u8 = 3;
const UNARY: u8 = 4;
const AT_TIME_ZONE: u8 = 5;

#[derive(Clone, Copy)]
enum ValueOperator {
    Concat,
    Arithmetic(ArithmeticOperator),
    AtTimeZone,
}

const VALUE_OPERATORS: [(&str, u8, ValueOperator); 6] = [
    ("||", CONCAT, ValueOperator::Concat),
    (
        "+",
        ADDITIVE,
        ValueOperator::Arithmetic(ArithmeticOperator::Add),
    ),
    (
        "-",
        ADDITIVE,
        ValueOperator::Arithmetic(ArithmeticOperator::Subtract),
    ),
    (
        "*",
        MULTIPLICATIVE,
        ValueOperator::Arithmetic(ArithmeticOperator::Multiply),
    ),
    (
        "/",
        MULTIPLICATIVE,
        ValueOperator::Arithmetic(ArithmeticOperator::Divide),
    ),
    (
        "%",
        MULTIPLICATIVE,
        ValueOperator::Arithmetic(ArithmeticOperator::Modulus),
    ),
];

impl Parser<'_> {
    pub fn expression(&mut self) -> Result<Expression, Error> {
        self.expecting_rule("<expression>");
        self.nested(Self::disjunction)
    }

    fn disjunction(&mut self) -> Result<Expression, Error> {
        let position = self.position();
        let term = self.conjunction()?;
        if !self.at("OR") {
            return Ok(term);
        }
        let mut terms = vec![term];
        while self.take("OR") {
            self.expecting_rule("<expression>");
            terms.push(self.beside(Self::conjunction)?);
        }
        self.link()?;
        Ok(Expression {
            position,
            kind: ExpressionKind::Or(terms),
        })
    }

    fn conjunction(&mut self) -> Result<Expression, Error> {
        let position = self.position();
        let term = self.negation()?;
        if !self.at("AND") {
            return Ok(term);
        }
        let mut terms = vec![term];
        while self.take("AND") {
            self.expecting_rule("<expression>");
            terms.push(self.beside(Self::negation)?);
        }
        self.link()?;
        Ok(Expression {
            position,
            kind: ExpressionKind::And(terms),
        })
    }

    fn negation(&mut self) -> Result<Expression, Error> {
        let mut nots = Vec::new();
        while self.is("NOT") {
            nots.push(self.advance().position);
            self.expecting_rule("<expression>");
        }
        let mut expression = self.predicated()?;
        while let Some(position) = nots.pop() {
            self.link()?;
            expression = Expression {
                position,
                kind: ExpressionKind::Not(Box::new(expression)),
            };
        }
        Ok(expression)
    }

    fn predicated(&mut self) -> Result<Expression, Error> {
        let value = self.value_expression()?;
        self.expecting_kind("<predicate>");
        if let Some(operator) = self.comparison_operator() {
            return self.comparison(value, operator);
        }
        if self.is("IS") {
            return self.is_predicate(value);
        }
        let negated = self.is("NOT")
            && ["BETWEEN", "IN", "LIKE"]
                .iter()
                .any(|word| self.is_ahead(1, word));
        match self.ahead(usize::from(negated)).kind {
            TokenKind::ReservedWord => self.word_predicate(value, negated),
            _ => Ok(value),
        }
    }

    fn comparison_operator(&self) -> Option<ComparisonOperator> {
        let token = self.token();
        if token.kind != TokenKind::Symbol {
            return None;
        }
        Some(match self.token_text(token) {
            "=" => ComparisonOperator::Equal,
            "<>" | "!=" => ComparisonOperator::NotEqual,
            "<" => ComparisonOperator::LessThan,
            "<=" => ComparisonOperator::LessThanOrEqual,
            ">" => ComparisonOperator::GreaterThan,
            ">=" => ComparisonOperator::GreaterThanOrEqual,
            _ => return None,
        })
    }

    fn comparison(
        &mut self,
        value: Expression,
        operator: ComparisonOperator,
    ) -> Result<Expression, Error> {
        let position = self.advance().position;
        self.link()?;
        for (word, quantifier) in [
            ("ALL", Quantifier::All),
            ("ANY", Quantifier::Any),
            ("SOME", Quantifier::Any),
        ] {
            let quantified = self.at(word) && self.is_query_in_parentheses(self.index() + 1);
            if quantified {
                self.advance();
                let query = self.query_in_parentheses()?;
                return Ok(Expression {
                    position,
                    kind: ExpressionKind::QuantifiedComparison {
                        operator,
                        quantifier,
                        value: Box::new(value),
                        query: Box::new(query),
                    },
                });
            }
        }
        let right = self.value_expression()?;
        Ok(Expression {
            position,
            kind: ExpressionKind::Comparison {
                operator,
                left: Box::new(value),
                right: Box::new(right),
            },
        })
    }

    /// `IS [NOT] NULL`, `IS [NOT] DISTINCT FROM`.
    fn is_predicate(&mut self, value: Expression) -> Result<Expression, Error> {
        let position = self.advance().position;
        self.link()?;
        let negated = self.take("NOT");
        let kind = if self.take("NULL") {
            ExpressionKind::IsNull {
                value: Box::new(value),
                negated,
            }
        } else {
            self.expect_all(&["DISTINCT", "FROM"])?;
            let right = self.value_expression()?;
            ExpressionKind::IsDistinctFrom {
                left: Box::new(value),
                right: Box::new(right),
                negated,
            }
        };
        Ok(Expression { position, kind })
    }

    /// `[NOT] BETWEEN`, `[NOT] IN`, `[NOT] LIKE`, if one of them stands here.
    fn word_predicate(&mut self, value: Expression, negated: bool) -> Result<Expression, Error> {
        if !["BETWEEN", "IN", "LIKE"]
            .iter()
            .any(|word| self.is_ahead(usize::from(negated), word))
        {
            return Ok(value);
        }
        let position = self.position();
        if negated {
            self.advance();
        }
        self.link()?;
        let value = Box::new(value);
        let kind = if self.take("BETWEEN") {
            let lower = Box::new(self.value_expression()?);
            self.expect("AND")?;
            let upper = Box::new(self.value_expression()?);
            ExpressionKind::Between {
                value,
                lower,
                upper,
                negated,
            }
        } else if self.take("LIKE") {
            let pattern = Box::new(self.value_expression()?);
            let escape = if self.take("ESCAPE") {
                Some(Box::new(self.value_expression()?))
            } else {
                None
            };
            ExpressionKind::Like {
                value,
                pattern,
                escape,
                negated,
            }
        } else {
            self.expect("IN")?;
            if self.is_query_of_in() {
                let query = Box::new(self.query_in_parentheses()?);
                ExpressionKind::InSubquery {
                    value,
                    query,
                    negated,
                }
            } else {
                let list = self.parenthesized_list(|parser| {
                    if parser.is_any(&["SELECT", "VALUES"]) {
                        parser.expecting_rule("<query>");
                    }
                    parser.expression()
                })?;
                ExpressionKind::InList {
                    value,
                    list,
                    negated,
                }
            }
        };
        Ok(Expression { position, kind })
    }

    /// In `IN ((SELECT 1))` the inner query is a scalar in a list of one, as in Trino.
    fn is_query_of_in(&mut self) -> bool {
        let opening = self.index();
        if !self.is_query_in_parentheses(opening) {
            return false;
        }
        let inner = self.token_at(opening + 1).closing;
        !(self.token_is(opening + 1, "(")
            && inner.is_some()
            && inner.map(|inner| inner + 1) == self.token_at(opening).closing)
    }

    pub fn value_expression(&mut self) -> Result<Expression, Error> {
        self.expecting_rule("<expression>");
        self.value_expression_above(0)
    }

    /// Climbs over operators that bind at least as tightly as `lowest`.
    fn value_expression_above(&mut self, lowest: u8) -> Result<Expression, Error> {
        let mut signs = Vec::new();
        while self.is_any(&["-", "+"]) && !self.is_negative_number() {
            signs.push((self.is("-"), self.advance().position));
            self.expecting_rule("<expression>");
        }
        let mut operand = self.primary_expression()?;
        if signs.is_empty() {
            return self.value_expression_from(operand, lowest);
        }
        operand = self.value_expression_from(operand, UNARY)?;
        while let Some((minus, position)) = signs.pop() {
            self.link()?;
            let operand_box = Box::new(operand);
            operand = Expression {
                position,
                kind: if minus {
                    ExpressionKind::Negate(operand_box)
                } else {
                    ExpressionKind::Plus(operand_box)
                },
            };
        }
        self.value_expression_from(operand, lowest)
    }

    fn is_negative_number(&self) -> bool {
        self.is("-")
            && matches!(
                self.ahead(1).kind,
                TokenKind::Integer | TokenKind::Decimal | TokenKind::Double
            )
    }

    fn value_expression_from(
        &mut self,
        mut left: Expression,
        lowest: u8,
    ) -> Result<Expression, Error> {
        while let Some((binding, operator)) = self.value_operator(lowest) {
            let position = self.advance().position;
            self.link()?;
            left = match operator {
                ValueOperator::AtTimeZone => self.at_time_zone(position, left)?,
                ValueOperator::Concat => {
                    let right = self.right_operand(binding)?;
                    let name = QualifiedName {
                        parts: vec![Identifier {
                            value: "concat".to_owned(),
                            quoted: false,
                            position,
                        }],
                    };
                    let call = FunctionCall::plain(name, vec![left, right]);
                    Expression {
                        position,
                        kind: ExpressionKind::FunctionCall(Box::new(call)),
                    }
                }
                ValueOperator::Arithmetic(operator) => {
                    let right = self.right_operand(binding)?;
                    Expression {
                        position,
                        kind: ExpressionKind::Arithmetic {
                            operator,
                            left: Box::new(left),
                            right: Box::new(right),
                        },
                    }
                }
            };
        }
        Ok(left)
    }

    fn right_operand(&mut self, binding: u8) -> Result<Expression, Error> {
        self.expecting_rule("<expression>");
        self.beside(|parser| parser.value_expression_above(binding + 1))
    }

    fn value_operator(&mut self, lowest: u8) -> Option<(u8, ValueOperator)> {
        self.expecting_text("AT");
        if lowest <= AT_TIME_ZONE
            && self.is("AT")
            && self.is_ahead(1, "TIME")
            && self.is_ahead(2, "ZONE")
        {
            return Some((AT_TIME_ZONE, ValueOperator::AtTimeZone));
        }
        let mut found = None;
        for (symbol, binding, operator) in VALUE_OPERATORS {
            if self.at(symbol) && binding >= lowest {
                found = Some((binding, operator));
            }
        }
        found
    }

    fn at_time_zone(&mut self, position: Position, value: Expression) -> Result<Expression, Error> {
        self.expect_all(&["TIME", "ZONE"])?;
        let zone = if self.at("INTERVAL") {
            self.interval()?
        } else {
            let position = self.position();
            Expression {
                position,
                kind: ExpressionKind::String(self.string()?),
            }
        };
        Ok(Expression {
            position,
            kind: ExpressionKind::AtTimeZone {
                value: Box::new(value),
                zone: Box::new(zone),
            },
        })
    }
}
