//! JSON_EXISTS, JSON_VALUE and JSON_QUERY
//! (<https://trino.io/docs/current/functions/json.html>).

use super::expression::{Context, coerce};
use super::{Analyzer, Typed, at, case, data_type, error_at, literal};
use crate::ast::{
    self, Expression, ExpressionKind, FormattedExpression, JsonExistsBehavior, JsonFormat,
    JsonQueryBehavior, JsonQuotes, JsonValueBehavior, JsonWrapper, Position,
};
use crate::error::Error;
use crate::functions::{SqlPath, cast};
use crate::types::{RowField, Type, Value, can_coerce};

impl Analyzer<'_> {
    pub(super) fn json_exists(
        &mut self,
        written: &ast::JsonExists,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let mut arguments = self.json_path(&written.path, position, cx)?;
        arguments.push(literal::string(match written.on_error {
            JsonExistsBehavior::True => "true",
            JsonExistsBehavior::False => "false",
            JsonExistsBehavior::Unknown => "unknown",
            JsonExistsBehavior::Error => "error",
        })?);
        self.call("$json_exists", arguments, position)
    }

    pub(super) fn json_value(
        &mut self,
        written: &ast::JsonValue,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let to = match &written.returning {
            Some(returning) => data_type::resolve(returning)?,
            None => Type::VARCHAR,
        };
        if !is_scalar(&to) {
            return Err(error_at(
                position,
                "TYPE_MISMATCH",
                format!("Invalid return type of function JSON_VALUE: {to}"),
            ));
        }
        let null = JsonValueBehavior::Null;
        let mut arguments = self.json_path(&written.path, position, cx)?;
        for (behavior, event) in [
            (&written.on_empty, "EMPTY"),
            (written.on_error.as_ref().unwrap_or(&null), "ERROR"),
        ] {
            let (name, default) = match behavior {
                JsonValueBehavior::Error => ("error", literal::typed(Value::Null, to.clone())?),
                JsonValueBehavior::Null => ("null", literal::typed(Value::Null, to.clone())?),
                JsonValueBehavior::Default(default) => {
                    ("default", self.json_default(default, &to, event, cx)?)
                }
            };
            arguments.push(literal::string(name)?);
            arguments.push(default);
        }
        self.call("$json_value", arguments, position)
    }

    fn json_default(
        &mut self,
        written: &Expression,
        to: &Type,
        event: &str,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let default = self.expression(written, cx)?;
        if !can_coerce(&default.data_type, to) {
            let actual = default.data_type;
            return Err(error_at(
                written.position,
                "TYPE_MISMATCH",
                format!(
                    "Function JSON_VALUE default ON {event} result must evaluate to a {to} \
                     (actual: {actual})"
                ),
            ));
        }
        Ok(Typed::new(coerce(default, to), to.clone()))
    }

    pub(super) fn json_query(
        &mut self,
        written: &ast::JsonQuery,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let omit = written.quotes == Some(JsonQuotes::Omit);
        if omit && written.wrapper != JsonWrapper::Without {
            return Err(error_at(
                position,
                "INVALID_FUNCTION_ARGUMENT",
                "OMIT QUOTES behavior cannot be specified with an array wrapper",
            ));
        }
        let mut arguments = self.json_path(&written.path, position, cx)?;
        arguments.push(literal::string(match written.wrapper {
            JsonWrapper::Without => "without",
            JsonWrapper::Conditional => "conditional",
            JsonWrapper::Unconditional => "unconditional",
        })?);
        arguments.push(literal::string(if omit { "omit" } else { "keep" })?);
        for behavior in [written.on_empty, written.on_error] {
            arguments.push(literal::string(match behavior {
                JsonQueryBehavior::Error => "error",
                JsonQueryBehavior::Null => "null",
                JsonQueryBehavior::EmptyArray => "empty array",
                JsonQueryBehavior::EmptyObject => "empty object",
            })?);
        }
        self.json_result(
            "$json_query",
            arguments,
            written.returning.as_ref(),
            position,
        )
    }

    /// The input, the path, and the rows of values and of JSON that its variables stand for.
    fn json_path(
        &mut self,
        written: &ast::JsonPathInvocation,
        position: Position,
        cx: &mut Context,
    ) -> Result<Vec<Typed>, Error> {
        let input = self.json_input(&written.input, cx)?;
        let mut names: Vec<String> = Vec::new();
        let (mut values, mut texts) = (Vec::new(), Vec::new());
        for argument in &written.arguments {
            let name = if argument.name.quoted {
                argument.name.value.clone()
            } else {
                argument.name.value.to_uppercase()
            };
            if names.contains(&name) {
                return Err(error_at(
                    argument.name.position,
                    "DUPLICATE_PARAMETER_NAME",
                    format!("{name} JSON path parameter is specified more than once"),
                ));
            }
            names.push(name.clone());
            if argument.value.format.is_some() || gives_json(&argument.value.expression) {
                texts.push((name, self.json_input(&argument.value, cx)?));
            } else {
                values.push((name, self.json_parameter(&argument.value.expression, cx)?));
            }
        }
        let path = SqlPath::parse(&written.path).map_err(at(position))?;
        if let Some(name) = path.variables.iter().find(|name| !names.contains(name)) {
            return Err(error_at(
                position,
                "INVALID_PATH",
                format!(
                    "no value passed for parameter {name}. Try quoting \"{name}\" in the PASSING \
                     clause to match case"
                ),
            ));
        }
        Ok(vec![
            input,
            literal::string(&written.path)?,
            row_named(values)?,
            row_named(texts)?,
        ])
    }

    /// JSON text, or the bytes of it in UTF-8.
    fn json_input(
        &mut self,
        written: &FormattedExpression,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let position = written.expression.position;
        let format = written.format.unwrap_or(JsonFormat::Json);
        if matches!(format, JsonFormat::Utf16 | JsonFormat::Utf32) {
            let refused = Error::not_supported("FORMAT JSON ENCODING UTF16 and UTF32");
            return Err(refused).map_err(at(position));
        }
        let typed = self.expression(&written.expression, cx)?;
        match (&typed.data_type, format) {
            (Type::Varbinary, _) => Ok(typed),
            (Type::Varchar(_) | Type::Char(_) | Type::Unknown, JsonFormat::Json) => {
                Ok(Typed::new(coerce(typed, &Type::VARCHAR), Type::VARCHAR))
            }
            (other, _) => Err(error_at(
                position,
                "TYPE_MISMATCH",
                format!("Cannot read input of type {other} as JSON"),
            )),
        }
    }

    /// A value that a path's variable stands for: as it is, or as text.
    fn json_parameter(&mut self, written: &Expression, cx: &mut Context) -> Result<Typed, Error> {
        let typed = self.expression(written, cx)?;
        if typed.data_type == Type::Unknown || is_scalar(&typed.data_type) {
            return Ok(typed);
        }
        if !cast::can_cast(&typed.data_type, &Type::VARCHAR) {
            return Err(error_at(
                written.position,
                "NOT_SUPPORTED",
                format!(
                    "Unsupported type of JSON path parameter: {}",
                    typed.data_type
                ),
            ));
        }
        Ok(Typed::new(coerce(typed, &Type::VARCHAR), Type::VARCHAR))
    }
}

/// Whether an expression's text is JSON without being said so.
pub(super) fn gives_json(expression: &Expression) -> bool {
    matches!(
        expression.kind,
        ExpressionKind::JsonObject(_) | ExpressionKind::JsonArray(_) | ExpressionKind::JsonQuery(_)
    )
}

/// The types that paths know values of.
fn is_scalar(data_type: &Type) -> bool {
    data_type.is_number()
        || matches!(
            data_type,
            Type::Boolean
                | Type::Varchar(_)
                | Type::Char(_)
                | Type::Date
                | Type::Time(_)
                | Type::TimeTz(_)
                | Type::Timestamp(_)
                | Type::TimestampTz(_)
        )
}

/// A row whose fields have these names; something else where there are none.
fn row_named(items: Vec<(String, Typed)>) -> Result<Typed, Error> {
    if items.is_empty() {
        return literal::boolean(false);
    }
    let fields = items
        .iter()
        .map(|(name, typed)| RowField {
            name: Some(name.clone()),
            data_type: typed.data_type.clone(),
        })
        .collect();
    let exprs = items.into_iter().map(|(_, typed)| typed.expr).collect();
    Ok(case::row_of(exprs, Type::Row(fields)))
}
