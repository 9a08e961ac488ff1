//! GROUP BY.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{Expression, ExpressionKind, GroupBy, GroupingElement};
use crate::error::Error;

impl Parser<'_> {
    pub fn group_by(&mut self) -> Result<Option<GroupBy>, Error> {
        let position = self.position();
        if !self.take("GROUP") {
            return Ok(None);
        }
        self.expect("BY")?;
        let distinct = self.set_quantifier();
        let elements = self.list(Self::grouping_element)?;
        Ok(Some(GroupBy {
            position,
            distinct,
            elements,
        }))
    }

    fn grouping_element(&mut self) -> Result<GroupingElement, Error> {
        if self.take("ROLLUP") {
            return Ok(GroupingElement::Rollup(self.grouping_sets_or_none()?));
        }
        if self.take("CUBE") {
            return Ok(GroupingElement::Cube(self.grouping_sets_or_none()?));
        }
        self.expecting_text("GROUPING");
        if self.is("GROUPING") && self.is_ahead(1, "SETS") {
            self.advance();
            self.advance();
            return Ok(GroupingElement::Sets(
                self.parenthesized_list(Self::grouping_set)?,
            ));
        }
        Ok(GroupingElement::Simple(self.grouping_set()?))
    }

    fn grouping_sets_or_none(&mut self) -> Result<Vec<Vec<Expression>>, Error> {
        if self.is("(") && self.is_ahead(1, ")") {
            self.advance();
            self.advance();
            return Ok(Vec::new());
        }
        self.parenthesized_list(Self::grouping_set)
    }

    /// `a`, `(a, b)`, `()`. What goes on behind its parenthesis is an expression: `(a) + 1`.
    fn grouping_set(&mut self) -> Result<Vec<Expression>, Error> {
        self.expecting_text("(");
        let opening = self.index();
        let is_set = self.token_at(opening).closing.is_some_and(|closing| {
            let after = closing + 1;
            self.token_at(after).kind == TokenKind::End
                || [")", ",", ";", "HAVING"]
                    .iter()
                    .any(|text| self.token_is(after, text))
                || self.continues_query(after)
        });
        if !is_set || self.is_query_in_parentheses(opening) {
            let expression = self.expression()?;
            // A row in parentheses that the look ahead missed is a set, too.
            return Ok(match expression.kind {
                ExpressionKind::Row(items) if self.token_is(opening, "(") => items,
                _ => vec![expression],
            });
        }
        self.advance();
        let items = if self.at(")") {
            Vec::new()
        } else {
            self.list(Self::expression)?
        };
        self.expect(")")?;
        Ok(items)
    }
}
