//! Fields of JSONPath states that hold a path, or a call of an intrinsic function.

use serde_json::Value;

use super::{Environment, Fault};
use crate::{
    intrinsic::{self, Call},
    jsonpath::JsonPath,
};

#[derive(Clone, Debug)]
pub(crate) enum PathExpression {
    Path(JsonPath),
    Call(Call),
}

impl PathExpression {
    /// Reads a path (`$…`) or a call (`States.…`); says what is wrong with any other text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("States.") {
            Call::parse(text).map(Self::Call).map_err(|error| error.0)
        } else {
            JsonPath::parse(text)
                .map(Self::Path)
                .map_err(|error| error.0)
        }
    }

    /// The value, where the field `field` (`value.$`) holds this expression.
    pub fn evaluate(&self, field: &str, environment: &Environment) -> Result<Value, Fault> {
        let scope = environment.scope();
        match self {
            Self::Path(path) => path.read(scope).map_err(|_| {
                Fault::Runtime(format!(
                    "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{}'",
                    path.text, scope.input
                ))
            }),
            Self::Call(call) => call.evaluate(scope).map_err(|failure| match failure {
                intrinsic::Failure::PathNotFound { .. } => Fault::Runtime(failure.to_string()),
                intrinsic::Failure::Refused { .. } => Fault::Intrinsic(failure.to_string()),
            }),
        }
    }
}

/// A field of a state whose whole value is a path: `SecondsPath`, `ItemsPath`, …
#[derive(Clone, Debug)]
pub(crate) struct PathField {
    pub field: &'static str,
    pub text: String,
    pub expression: PathExpression,
}

impl PathField {
    pub fn evaluate(&self, environment: &Environment) -> Result<Value, Fault> {
        self.expression.evaluate(self.field, environment)
    }

    /// The value, told as `InputPath`, `OutputPath` and the timeouts of a task tell that there is none.
    pub fn select(&self, environment: &Environment) -> Result<Value, Fault> {
        match &self.expression {
            PathExpression::Path(path) => path
                .read(environment.scope())
                .map_err(|error| Fault::Runtime(format!("Invalid path '{}' : {error}", self.text))),
            PathExpression::Call(_) => self.evaluate(environment),
        }
    }
}
