//! Calls of functions: plain ones, those with a syntax or rule of their own, aggregates.

use super::expression::{Context, coerce};
use super::json_path::gives_json;
use super::{Analyzer, Typed, at, error_at, literal};
use crate::ast::{self, Arguments, Expression, ExpressionKind, FunctionCall, Position};
use crate::error::Error;
use crate::functions::{Argument, Bound, Call, Registry};
use crate::types::zone::Zone;
use crate::types::{Type, Value};

impl Analyzer<'_> {
    pub(super) fn function_call(
        &mut self,
        written: &FunctionCall,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let name = written.name.suffix();
        let registry = Registry::get();
        // Within a row pattern, those that may have a mode do not come here.
        if let Some(mode) = written.processing_mode {
            return Err(error_at(
                position,
                "INVALID_PROCESSING_MODE",
                format!(
                    "{} semantics is not supported out of pattern recognition context",
                    mode.word()
                ),
            ));
        }
        if written.over.is_some() {
            return self.window_call(written, &name, position, cx);
        }
        if registry.is_aggregate(&name) {
            return self.aggregate_call(written, &name, position, cx);
        }
        if registry.is_window(&name) {
            return Err(error_at(
                position,
                "MISSING_OVER",
                format!("Window function {name} requires an OVER clause"),
            ));
        }
        if written.filter.is_some() || written.distinct || !written.order_by.is_empty() {
            return Err(error_at(
                position,
                "FUNCTION_NOT_AGGREGATE",
                format!("{name} is not an aggregate function"),
            ));
        }
        let Arguments::List(arguments) = &written.arguments else {
            return Err(error_at(
                position,
                "FUNCTION_NOT_FOUND",
                format!("Function '{name}' does not take *"),
            ));
        };
        match name.as_str() {
            "if" => self.if_call(arguments, position, cx),
            "coalesce" => self.coalesce(arguments, position, cx),
            "nullif" => self.nullif(arguments, position, cx),
            "try" => self.try_call(arguments, position, cx),
            "typeof" => {
                let [argument] = arguments.as_slice() else {
                    return Err(error_at(
                        position,
                        "FUNCTION_NOT_FOUND",
                        "typeof takes one argument",
                    ));
                };
                let typed = self.expression(argument, cx)?;
                literal::typed(Value::text(typed.data_type.to_string()), Type::VARCHAR)
            }
            "now" if arguments.is_empty() => literal::typed(
                Value::TimestampTz(self.now(3), Zone::UTC),
                Type::TimestampTz(3),
            ),
            "current_timezone" if arguments.is_empty() => {
                literal::typed(Value::text("UTC"), Type::VARCHAR)
            }
            _ => self.plain_call(&name, arguments, position, cx),
        }
    }

    fn plain_call(
        &mut self,
        name: &str,
        arguments: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        if arguments
            .iter()
            .any(|a| matches!(a.kind, ExpressionKind::Lambda { .. }))
        {
            return self.call_with_lambdas(name, arguments, position, cx);
        }
        let arguments = self.expressions(arguments, cx)?;
        self.call(name, arguments, position)
    }

    /// A call of a function or operator with what its arguments are.
    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: Vec<Typed>,
        position: Position,
    ) -> Result<Typed, Error> {
        let bound = resolve(name, &arguments).map_err(at(position))?;
        Ok(apply(bound, arguments))
    }

    pub(super) fn json_object(
        &mut self,
        written: &ast::JsonObject,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let mut arguments = vec![
            literal::boolean(written.null_on_null)?,
            literal::boolean(written.unique_keys)?,
        ];
        for member in &written.members {
            let key = self.expression(&member.key, cx)?;
            let key = Typed::new(coerce(key, &Type::VARCHAR), Type::VARCHAR);
            arguments.push(key);
            arguments.push(self.json_item(&member.value, cx)?);
        }
        self.json_result(
            "$json_object",
            arguments,
            written.returning.as_ref(),
            position,
        )
    }

    pub(super) fn json_array(
        &mut self,
        written: &ast::JsonArray,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let mut arguments = vec![literal::boolean(written.null_on_null)?];
        for element in &written.elements {
            arguments.push(self.json_item(element, cx)?);
        }
        self.json_result(
            "$json_array",
            arguments,
            written.returning.as_ref(),
            position,
        )
    }

    /// A value within a JSON constructor, as JSON: text stays text unless it says FORMAT JSON.
    fn json_item(
        &mut self,
        written: &ast::FormattedExpression,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let position = written.expression.position;
        let typed = self.expression(&written.expression, cx)?;
        let is_json_already = gives_json(&written.expression);
        match written.format {
            Some(ast::JsonFormat::Json) => self.call("json_parse", vec![typed], position),
            Some(_) => Err(Error::not_supported("FORMAT JSON ENCODING")).map_err(at(position)),
            None if is_json_already => self.call("json_parse", vec![typed], position),
            None => {
                let wanted = if typed.data_type.is_number()
                    || matches!(typed.data_type, Type::Boolean | Type::Json | Type::Unknown)
                {
                    Type::Json
                } else if crate::functions::cast::can_cast(&typed.data_type, &Type::VARCHAR) {
                    let text = coerce(typed, &Type::VARCHAR);
                    return Ok(Typed::new(
                        crate::functions::cast::cast_expr(text, &Type::VARCHAR, &Type::Json, false),
                        Type::Json,
                    ));
                } else {
                    return Err(error_at(
                        position,
                        "INVALID_FUNCTION_ARGUMENT",
                        format!("{} is not supported in a JSON constructor", typed.data_type),
                    ));
                };
                Ok(Typed::new(coerce(typed, &wanted), wanted))
            }
        }
    }

    pub(super) fn json_result(
        &mut self,
        name: &str,
        arguments: Vec<Typed>,
        returning: Option<&ast::JsonReturning>,
        position: Position,
    ) -> Result<Typed, Error> {
        let text = self.call(name, arguments, position)?;
        match returning {
            None => Ok(text),
            Some(returning) => {
                let to = super::data_type::resolve(&returning.data_type)?;
                match to {
                    Type::Varchar(_) | Type::Char(_) => Ok(Typed::new(coerce(text, &to), to)),
                    Type::Varbinary => self.call("to_utf8", vec![text], position),
                    other => Err(error_at(
                        position,
                        "INVALID_FUNCTION_ARGUMENT",
                        format!("Cannot output JSON value as {other}"),
                    )),
                }
            }
        }
    }
}

/// Finds the function of a call without lambdas.
pub fn resolve(name: &str, arguments: &[Typed]) -> Result<Bound, Error> {
    let types: Vec<Argument> = arguments
        .iter()
        .map(|a| Argument::Value(a.data_type.clone()))
        .collect();
    Registry::get().resolve(name, &types, &mut |_, _| {
        Err(Error::internal("no lambda was given"))
    })
}

/// The bound call with its arguments converted.
pub fn apply(bound: Bound, arguments: Vec<Typed>) -> Typed {
    let exprs = arguments
        .into_iter()
        .zip(&bound.arguments)
        .map(|(argument, to)| coerce(argument, to))
        .collect();
    let result = bound.result.clone();
    let call = Call::new(bound.function, bound.arguments, bound.result, Vec::new());
    Typed::new(call.into_expr(exprs), result)
}
