//! Conditions: comparisons, and what AND, OR and NOT make of them.

use datafusion::logical_expr::Expr;

use super::expression::Context;
use super::window::{constant, is_constant};
use super::{Analyzer, Typed, at, error_at};
use crate::ast::{self, Expression, Position, Query};
use crate::error::Error;
use crate::functions::comparison::{self, Comparison};
use crate::short_circuit::can_fail;
use crate::types::{Type, can_coerce};

impl Analyzer<'_> {
    pub(super) fn not(&mut self, inner: &Expression, cx: &mut Context) -> Result<Typed, Error> {
        let inner = self.boolean(inner, cx, "NOT")?;
        Ok(Typed::new(!inner, Type::Boolean))
    }

    pub(super) fn and(&mut self, terms: &[Expression], cx: &mut Context) -> Result<Typed, Error> {
        let terms = self.booleans(terms, cx, "AND")?;
        let all = joined(terms, Expr::and).ok_or_else(|| Error::internal("an empty AND"))?;
        Ok(Typed::new(all, Type::Boolean))
    }

    pub(super) fn or(&mut self, terms: &[Expression], cx: &mut Context) -> Result<Typed, Error> {
        let terms = self.booleans(terms, cx, "OR")?;
        let any = joined(terms, Expr::or).ok_or_else(|| Error::internal("an empty OR"))?;
        Ok(Typed::new(any, Type::Boolean))
    }

    fn booleans(
        &mut self,
        written: &[Expression],
        cx: &mut Context,
        what: &str,
    ) -> Result<Vec<Expr>, Error> {
        written.iter().map(|e| self.boolean(e, cx, what)).collect()
    }

    /// An expression that must be a condition; `what` it is of.
    pub(super) fn boolean(
        &mut self,
        written: &Expression,
        cx: &mut Context,
        what: &str,
    ) -> Result<Expr, Error> {
        let typed = self.expression(written, cx)?;
        if !can_coerce(&typed.data_type, &Type::Boolean) {
            return Err(error_at(
                written.position,
                "TYPE_MISMATCH",
                format!(
                    "{what} must evaluate to a boolean (actual: {})",
                    typed.data_type
                ),
            ));
        }
        Ok(typed.expr)
    }

    pub(super) fn comparison(
        &mut self,
        operator: Comparison,
        left: &Expression,
        right: &Expression,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let left = self.expression(left, cx)?;
        let right = self.expression(right, cx)?;
        comparison::compare(operator, left, right).map_err(at(position))
    }

    /// Whether a value is between two others, both of which count.
    pub(super) fn between(
        &mut self,
        value: &Expression,
        [lower, upper]: [&Expression; 2],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let value = self.expression(value, cx)?;
        let lower = self.expression(lower, cx)?;
        let upper = self.expression(upper, cx)?;
        let from = comparison::compare(Comparison::GreaterOrEqual, value.clone(), lower)
            .map_err(at(position))?;
        let to =
            comparison::compare(Comparison::LessOrEqual, value, upper).map_err(at(position))?;
        Ok(Typed::new(from.expr.and(to.expr), Type::Boolean))
    }

    pub(super) fn in_list(
        &mut self,
        value: &Expression,
        list: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let value = self.expression(value, cx)?;
        let list = self.expressions(list, cx)?;
        // An item that fails is an error wherever the value is found. (`visitInPredicate` of
        // Trino's `ExpressionInterpreter`.)
        let of_all = list.len() > 1 && list.iter().any(|item| may_fail(&item.expr, position));
        let found = comparison::in_list(value, list, of_all).map_err(at(position))?;
        Ok(Typed::new(found, Type::Boolean))
    }

    pub(super) fn in_subquery(
        &mut self,
        value: &Expression,
        query: &Query,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let value = self.expression(value, cx)?;
        let any = ast::Quantifier::Any;
        self.quantified(Comparison::Equal, any, value, query, position, cx)
    }

    pub(super) fn is_null(
        &mut self,
        value: &Expression,
        negated: bool,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let value = self.expression(value, cx)?.expr;
        let expr = if negated {
            value.is_not_null()
        } else {
            value.is_null()
        };
        Ok(Typed::new(expr, Type::Boolean))
    }
}

/// Whether an expression can fail, and is none of which it is known already that it does not.
fn may_fail(expr: &Expr, position: Position) -> bool {
    let is_known = || is_constant(expr) && constant(expr, position).is_ok();
    can_fail(expr) && !is_known()
}

/// The terms in their order with an operator between them, as a tree that is no deeper than it has
/// to be.
fn joined(mut terms: Vec<Expr>, operator: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    if terms.len() < 2 {
        return terms.pop();
    }
    let later = terms.split_off(terms.len() / 2);
    Some(operator(joined(terms, operator)?, joined(later, operator)?))
}

/// A condition, or its opposite.
pub fn negate_if(negated: bool, condition: Result<Typed, Error>) -> Result<Typed, Error> {
    let expr = condition?.expr;
    Ok(Typed::new(
        if negated { !expr } else { expr },
        Type::Boolean,
    ))
}
