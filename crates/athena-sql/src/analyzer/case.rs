//! CASE, IF, COALESCE and NULLIF, and the constructors of arrays and rows.

use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{Case, Expr};

use super::expression::{Context, coerce, common_type};
use super::{Analyzer, Typed, at, error_at, literal};
use crate::ast::{self, Expression, Position};
use crate::error::Error;
use crate::functions::comparison::{self, Comparison};
use crate::functions::{Call, Function, Kind};
use crate::types::{Type, Value};

static ARRAY: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(
        Function::new(
            "array_constructor(E...) -> array(E)",
            Kind::Scalar(|_, a| Ok(Value::array(a.to_vec()))),
        )
        .called_on_null(),
    )
});

static ROW: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(
        Function::new(
            "row(E...) -> row(E)",
            Kind::Scalar(|_, a| Ok(Value::row(a.to_vec()))),
        )
        .called_on_null(),
    )
});

/// `ARRAY[…]` of items that are of the element's type.
pub fn array_of(items: Vec<Expr>, element: Type) -> Typed {
    let data_type = Type::array(element.clone());
    let types = vec![element; items.len()];
    if items.is_empty() {
        // A function without arguments knows no number of rows; a literal needs none.
        if let Ok(empty) = literal::typed(Value::array(Vec::new()), data_type.clone()) {
            return empty;
        }
    }
    Typed::new(
        Call::new(Arc::clone(&ARRAY), types, data_type.clone(), Vec::new()).into_expr(items),
        data_type,
    )
}

/// `ROW(…)` of items that are of the fields' types.
pub fn row_of(items: Vec<Expr>, data_type: Type) -> Typed {
    let types = match &data_type {
        Type::Row(fields) => fields.iter().map(|f| f.data_type.clone()).collect(),
        _ => Vec::new(),
    };
    Typed::new(
        Call::new(Arc::clone(&ROW), types, data_type.clone(), Vec::new()).into_expr(items),
        data_type,
    )
}

impl Analyzer<'_> {
    pub(super) fn case(
        &mut self,
        operand: Option<&Expression>,
        whens: &[ast::WhenClause],
        otherwise: Option<&Expression>,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let operand = operand.map(|o| self.expression(o, cx)).transpose()?;
        let mut conditions = Vec::new();
        let mut results = Vec::new();
        for when in whens {
            conditions.push(match &operand {
                None => self.boolean(&when.condition, cx, "CASE WHEN clause")?,
                Some(operand) => {
                    let value = self.expression(&when.condition, cx)?;
                    comparison::compare(Comparison::Equal, operand.clone(), value)
                        .map_err(at(when.condition.position))?
                        .expr
                }
            });
            results.push(self.expression(&when.result, cx)?);
        }
        if let Some(otherwise) = otherwise {
            results.push(self.expression(otherwise, cx)?);
        }
        let data_type = common_type(&results, "All CASE results", position)?;
        let mut results = results
            .into_iter()
            .map(|r| coerce(r, &data_type))
            .collect::<Vec<_>>()
            .into_iter();
        let when_then = conditions
            .into_iter()
            .zip(results.by_ref())
            .collect::<Vec<_>>();
        let otherwise = match results.next() {
            Some(otherwise) => otherwise,
            None => literal::typed(Value::Null, data_type.clone())?.expr,
        };
        Ok(Typed::new(choose(when_then, otherwise), data_type))
    }

    /// `if(condition, then, else)`.
    pub(super) fn if_call(
        &mut self,
        arguments: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let (condition, then, otherwise) = match arguments {
            [condition, then] => (condition, then, None),
            [condition, then, otherwise] => (condition, then, Some(otherwise)),
            _ => {
                return Err(error_at(
                    position,
                    "INVALID_FUNCTION_ARGUMENT",
                    "Invalid number of arguments for 'if' function",
                ));
            }
        };
        let whens = [ast::WhenClause {
            condition: condition.clone(),
            result: then.clone(),
        }];
        self.case(None, &whens, otherwise, position, cx)
    }

    pub(super) fn coalesce(
        &mut self,
        arguments: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        if arguments.len() < 2 {
            return Err(error_at(
                position,
                "INVALID_FUNCTION_ARGUMENT",
                "The 'coalesce' function must have at least two arguments",
            ));
        }
        let items = self.expressions(arguments, cx)?;
        let data_type = common_type(&items, "All COALESCE operands", position)?;
        let mut items: Vec<Expr> = items.into_iter().map(|i| coerce(i, &data_type)).collect();
        let Some(last) = items.pop() else {
            return literal::null();
        };
        let when_then = items
            .into_iter()
            .map(|item| (item.clone().is_not_null(), item))
            .collect();
        Ok(Typed::new(choose(when_then, last), data_type))
    }

    pub(super) fn nullif(
        &mut self,
        arguments: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let [first, second] = arguments else {
            return Err(error_at(
                position,
                "INVALID_FUNCTION_ARGUMENT",
                "Invalid number of arguments for 'nullif' function",
            ));
        };
        let first = self.expression(first, cx)?;
        let second = self.expression(second, cx)?;
        let same =
            comparison::compare(Comparison::Equal, first.clone(), second).map_err(at(position))?;
        let null = literal::typed(Value::Null, first.data_type.clone())?.expr;
        Ok(Typed::new(
            choose(vec![(same.expr, null)], first.expr),
            first.data_type,
        ))
    }
}

/// The first result whose condition holds.
pub fn choose(when_then: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    Expr::Case(Case {
        expr: None,
        when_then_expr: when_then
            .into_iter()
            .map(|(w, t)| (Box::new(w), Box::new(t)))
            .collect(),
        else_expr: Some(Box::new(otherwise)),
    })
}
