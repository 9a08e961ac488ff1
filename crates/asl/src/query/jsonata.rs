//! `{% … %}`: one JSONata expression.

use serde_json::Value;

use super::{Environment, Fault, Mistake, functions};
use crate::jsonata::Expression;

#[derive(Clone)]
pub(crate) struct JsonataExpression {
    /// What stands between the delimiters, without the space around it.
    pub text: String,
    expression: Expression,
}

impl std::fmt::Debug for JsonataExpression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl JsonataExpression {
    /// Nothing for a text that is no expression but stands for itself.
    pub fn parse(text: &str) -> Option<Result<Self, Mistake>> {
        let inner = text.strip_prefix("{%")?.strip_suffix("%}")?.trim();
        Some(match Expression::parse(inner) {
            Ok(expression) => Ok(Self {
                text: inner.to_owned(),
                expression,
            }),
            Err(error) => Err(Mistake {
                code: "INVALID_JSONATA_EXPRESSION",
                message: error.message,
                below: String::new(),
            }),
        })
    }

    /// The value, where the field `at` (`Output/v`) holds this expression.
    pub fn evaluate(&self, at: &str, environment: &Environment) -> Result<Value, Fault> {
        let problem = match functions::evaluate(&self.expression, environment.bindings()) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => "returned nothing (undefined).".to_owned(),
            Err(error) => format!(
                "threw an error during evaluation. {}: {}",
                error.code, error.message
            ),
        };
        Err(Fault::Query {
            location: Some(at.to_owned()),
            message: format!(
                "The JSONata expression '{}' specified for the field '{at}' {problem}",
                self.text
            ),
        })
    }
}
