//! What names and subscripts mean: columns, fields of rows, parameters of lambdas.

use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::Expr;

use super::expression::Context;
use super::{Analyzer, Typed, error_at};
use crate::ast::{Expression, ExpressionKind, Identifier, Position};
use crate::error::Error;
use crate::types::Type;
use crate::types::arrow::field_name;

impl Analyzer<'_> {
    pub(super) fn identifier(
        &mut self,
        name: &Identifier,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        if let Some(typed) = lambda_parameter(&name.lower(), cx) {
            return Ok(typed);
        }
        if let Some((_, typed)) = cx.aliases.iter().find(|(alias, _)| *alias == name.lower()) {
            return Ok(typed.clone());
        }
        cx.scope
            .resolve(&[], &name.lower(), name.position)?
            .ok_or_else(|| column_not_found(&name.value, name.position))
    }

    pub(super) fn dereference(
        &mut self,
        base: &Expression,
        field: &Identifier,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        if let Some(mut path) = path_of(base) {
            let first_is_lambda = lambda_parameter(&path[0], cx).is_some();
            if !first_is_lambda
                && let Some(typed) = cx.scope.resolve(&path, &field.lower(), position)?
            {
                return Ok(typed);
            }
            // Where nothing by that name is a column, the whole of it is what cannot be found.
            if !first_is_lambda
                && path.len() == 1
                && cx.scope.resolve(&[], &path[0], position)?.is_none()
                && !cx.aliases.iter().any(|(alias, _)| *alias == path[0])
            {
                path.push(field.lower());
                return Err(column_not_found(&path.join("."), position));
            }
        }
        let base = self.expression(base, cx)?;
        let Type::Row(fields) = &base.data_type else {
            return Err(error_at(
                position,
                "TYPE_MISMATCH",
                format!("Expression {} is not of type ROW", field.value),
            ));
        };
        let mut found = fields.iter().enumerate().filter(|(_, f)| {
            f.name
                .as_ref()
                .is_some_and(|n| n.eq_ignore_ascii_case(&field.value))
        });
        match (found.next(), found.next()) {
            (Some((i, f)), None) => Ok(Typed::new(
                get_field(base.expr.clone(), field_name(i)),
                f.data_type.clone(),
            )),
            (Some(_), Some(_)) => Err(error_at(
                position,
                "AMBIGUOUS_NAME",
                format!("Ambiguous row field reference: {}", field.value),
            )),
            _ => Err(column_not_found(&field.value, position)),
        }
    }

    pub(super) fn subscript(
        &mut self,
        base: &Expression,
        index: &Expression,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let base = self.expression(base, cx)?;
        let Type::Row(fields) = &base.data_type else {
            let index = self.expression(index, cx)?;
            return self.call("[]", vec![base, index], position);
        };
        let ExpressionKind::Integer(n) = index.kind else {
            return Err(error_at(
                index.position,
                "TYPE_MISMATCH",
                "Subscript expression on ROW requires a constant index",
            ));
        };
        let field = usize::try_from(n - 1).ok().and_then(|i| fields.get(i));
        match field {
            Some(field) => Ok(Typed::new(
                get_field(base.expr.clone(), field_name(n as usize - 1)),
                field.data_type.clone(),
            )),
            None if n <= 0 => Err(error_at(
                index.position,
                "INVALID_FUNCTION_ARGUMENT",
                format!("Invalid subscript index: {n}. ROW indices start at 1"),
            )),
            None => Err(error_at(
                index.position,
                "INVALID_FUNCTION_ARGUMENT",
                format!(
                    "Subscript index out of bounds: {n}, max value is {}",
                    fields.len()
                ),
            )),
        }
    }
}

fn lambda_parameter(name: &str, cx: &Context) -> Option<Typed> {
    cx.lambdas
        .iter()
        .rev()
        .flatten()
        .find(|p| p.name == name)
        .map(|p| {
            Typed::new(
                Expr::Column(datafusion::common::Column::from_name(p.column.clone())),
                p.data_type.clone(),
            )
        })
}

/// `a.b.c` as its names, where it is nothing but names.
pub fn path_of(written: &Expression) -> Option<Vec<String>> {
    match &written.kind {
        ExpressionKind::Identifier(name) => Some(vec![name.lower()]),
        ExpressionKind::Dereference { base, field } => {
            let mut path = path_of(base)?;
            path.push(field.lower());
            Some(path)
        }
        _ => None,
    }
}

/// The last part of a column's name or path, as it is written.
pub fn heading_of(written: &Expression) -> Option<String> {
    match &written.kind {
        ExpressionKind::Identifier(name) => Some(name.value.clone()),
        ExpressionKind::Dereference { base, field } => path_of(base).map(|_| field.value.clone()),
        _ => None,
    }
}

pub fn column_not_found(name: &str, position: Position) -> Error {
    error_at(
        position,
        "COLUMN_NOT_FOUND",
        format!(
            "Column '{name}' cannot be resolved or requester is not authorized to access requested \
             resources"
        ),
    )
}
