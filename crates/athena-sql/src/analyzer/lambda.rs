//! Lambdas, and TRY, whose argument is evaluated like a lambda's body.

use std::collections::HashMap;

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::Expr;

use super::expression::{Context, LambdaParameter, coerce};
use super::{Analyzer, Typed, at, error_at, plan_error};
use crate::ast::{Expression, ExpressionKind, Position};
use crate::error::Error;
use crate::functions::{Argument, Bound, Call, Lambda, Registry};
use crate::types::Type;

/// A lambda and the columns it takes from around it.
struct Closure {
    lambda: Lambda,
    captures: Vec<Expr>,
}

/// A call whose arguments are lambdas and values.
pub(super) struct WithLambdas {
    pub bound: Bound,
    /// In the types of the call.
    pub values: Vec<Typed>,
    pub lambdas: Vec<Lambda>,
    /// What the lambdas take from around them, one after the other.
    pub captures: Vec<Expr>,
}

impl Analyzer<'_> {
    pub(super) fn call_with_lambdas(
        &mut self,
        name: &str,
        written: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let found = self.bind_with_lambdas(name, written, position, cx)?;
        let types = found.values.iter().map(|v| v.data_type.clone()).collect();
        let mut exprs: Vec<Expr> = found.values.into_iter().map(|v| v.expr).collect();
        exprs.extend(found.captures);
        let result = found.bound.result.clone();
        let call = Call::new(found.bound.function, types, result.clone(), found.lambdas);
        Ok(Typed::new(call.into_expr(exprs), result))
    }

    /// Finds what a call with lambdas means.
    pub(super) fn bind_with_lambdas(
        &mut self,
        name: &str,
        written: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<WithLambdas, Error> {
        let mut values = Vec::new();
        let mut arguments = Vec::new();
        for argument in written {
            if let ExpressionKind::Lambda { parameters, .. } = &argument.kind {
                arguments.push(Argument::Lambda(parameters.len()));
                values.push(None);
            } else {
                let typed = self.expression(argument, cx)?;
                arguments.push(Argument::Value(typed.data_type.clone()));
                values.push(Some(typed));
            }
        }
        let bound = Registry::get()
            .resolve(name, &arguments, &mut |index, types| {
                self.lambda_body(&written[index], types, cx)
                    .map(|(body, _)| body.data_type)
            })
            .map_err(at(position))?;
        let mut own = Vec::new();
        let mut lambdas = Vec::new();
        let mut captures = Vec::new();
        for ((value, wanted), written) in values.into_iter().zip(&bound.arguments).zip(written) {
            match (value, wanted) {
                (Some(typed), wanted) => {
                    own.push(Typed::new(coerce(typed, wanted), wanted.clone()));
                }
                (None, Type::Function(parameters, result)) => {
                    let (body, columns) = self.lambda_body(written, parameters, cx)?;
                    let body = Typed::new(coerce(body, result), (**result).clone());
                    let closure = self.closure(body, parameters.clone(), columns)?;
                    lambdas.push(closure.lambda);
                    captures.extend(closure.captures);
                }
                (None, other) => {
                    return Err(Error::internal(format!("a lambda where {other} is wanted")));
                }
            }
        }
        Ok(WithLambdas {
            bound,
            values: own,
            lambdas,
            captures,
        })
    }

    /// A lambda's body under the types of its parameters, and the parameters' columns.
    fn lambda_body(
        &mut self,
        written: &Expression,
        types: &[Type],
        cx: &mut Context,
    ) -> Result<(Typed, Vec<String>), Error> {
        let ExpressionKind::Lambda { parameters, body } = &written.kind else {
            return Err(Error::internal("not a lambda"));
        };
        let depth = cx.lambdas.len();
        // The same lambda written twice is the same expression: its names depend on nothing else.
        let frame: Vec<LambdaParameter> = parameters
            .iter()
            .zip(types)
            .enumerate()
            .map(|(i, (name, data_type))| LambdaParameter {
                name: name.lower(),
                data_type: data_type.clone(),
                column: format!("lambda{depth}_{i}"),
            })
            .collect();
        let columns: Vec<String> = frame.iter().map(|p| p.column.clone()).collect();
        for p in &frame {
            self.columns.insert(p.column.clone(), p.data_type.arrow());
        }
        cx.lambdas.push(frame);
        let plain = cx.plain.replace("Lambda expression");
        let before = cx.pending.len();
        let body = self.expression(body, cx);
        cx.plain = plain;
        cx.lambdas.pop();
        let body = body?;
        if cx.pending.len() > before {
            return Err(error_at(
                written.position,
                "NOT_SUPPORTED",
                "Lambda expression cannot contain subqueries",
            ));
        }
        Ok((body, columns))
    }

    /// Compiles a body, taking the columns that are not its parameters as captures.
    fn closure(
        &mut self,
        body: Typed,
        parameters: Vec<Type>,
        columns: Vec<String>,
    ) -> Result<Closure, Error> {
        let mut types: HashMap<String, DataType> = HashMap::new();
        let mut captures: Vec<Expr> = Vec::new();
        let source = body
            .expr
            .transform(|e| {
                let (column, name) = match &e {
                    Expr::Column(column) if columns.contains(&column.name) => {
                        return Ok(Transformed::no(e));
                    }
                    Expr::Column(column) => (e.clone(), column.name.clone()),
                    Expr::OuterReferenceColumn(field, column) => {
                        types.insert(column.name.clone(), field.data_type().clone());
                        (e.clone(), column.name.clone())
                    }
                    _ => return Ok(Transformed::no(e)),
                };
                if !captures.contains(&column) {
                    captures.push(column);
                }
                Ok(Transformed::yes(Expr::Column(Column::from_name(name))))
            })
            .map_err(plan_error)?
            .data;
        let mut fields = Vec::new();
        for capture in &captures {
            let (Expr::Column(column) | Expr::OuterReferenceColumn(_, column)) = capture else {
                continue;
            };
            let data_type = types
                .get(&column.name)
                .or_else(|| self.columns.get(&column.name))
                .cloned()
                .ok_or_else(|| Error::internal(format!("no type for column {}", column.name)))?;
            fields.push(Field::new(column.name.clone(), data_type, true));
        }
        for (column, data_type) in columns.iter().zip(&parameters) {
            fields.push(Field::new(column.clone(), data_type.arrow(), true));
        }
        let lambda = Lambda::new(source, body.data_type, Schema::new(fields), parameters)?;
        Ok(Closure { lambda, captures })
    }

    /// `try(expression)`: NULL where the expression fails.
    pub(super) fn try_call(
        &mut self,
        arguments: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let [argument] = arguments else {
            return Err(error_at(
                position,
                "INVALID_FUNCTION_ARGUMENT",
                "The 'try' function must have exactly one argument",
            ));
        };
        let body = self.expression(argument, cx)?;
        // A literal among the arguments lets DataFusion see whether the whole is constant.
        let result = body.data_type.clone();
        let closure = self.closure(body, Vec::new(), Vec::new())?;
        let function = crate::functions::try_function();
        let call = Call::new(
            function,
            vec![Type::Boolean],
            result.clone(),
            vec![closure.lambda],
        );
        let anchor = super::literal::boolean(true)?.expr;
        let mut exprs = vec![anchor];
        exprs.extend(closure.captures);
        Ok(Typed::new(call.into_expr(exprs), result))
    }
}
