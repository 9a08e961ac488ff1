//! What the two query languages of Step Functions have in common: templates with queries in them,
//! and how a query fails.

mod functions;
pub(crate) mod java;
mod jsonata;
mod path;
mod template;

use std::cell::OnceCell;

use serde_json::Value;

use crate::{
    context::Context,
    jsonpath::{Scope, Variables},
};

pub(crate) use jsonata::JsonataExpression;
pub(crate) use path::{PathExpression, PathField};
pub(crate) use template::Template;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryLanguage {
    JsonPath,
    Jsonata,
}

impl QueryLanguage {
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonPath => "JSONPath",
            Self::Jsonata => "JSONata",
        }
    }
}

/// What `$states` has for an expression beside `input` and `context`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sees {
    pub result: bool,
    pub error_output: bool,
}

impl Sees {
    /// What the task, branches or iterations of the state gave.
    pub const RESULT: Self = Self {
        result: true,
        error_output: false,
    };
    /// What a catcher sees. That it cannot read a result is not said anywhere.
    pub const ERROR: Self = Self {
        result: true,
        error_output: true,
    };
}

/// A mistake in a query that shows before anything runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mistake {
    pub code: &'static str,
    pub message: String,
    /// Where below the field it is (`/v`), or empty.
    pub below: String,
}

/// Why a query gave no usable value; the state that asked gets the failure's name and place.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Fault {
    /// `States.Runtime`, which nothing catches.
    #[error("{0}")]
    Runtime(String),
    /// `States.Runtime` as well, told without the state that it was in.
    #[error("{0}")]
    Bare(String),
    /// `States.IntrinsicFailure`.
    #[error("{0}")]
    Intrinsic(String),
    /// `States.ResultPathMatchFailure`.
    #[error("{0}")]
    ResultPath(String),
    /// `States.QueryEvaluationError`; where it was (`Output/v`), if in one field.
    #[error("{message}")]
    Query {
        location: Option<String>,
        message: String,
    },
    /// As [`Self::Query`], of what the expression in `Timestamp` gave, which is no moment to wait
    /// for.
    #[error("{0}")]
    Timestamp(String),
}

/// What the queries of a state see.
pub(crate) struct Environment<'a> {
    /// The state's input; to a JSONPath query what `$` stands for.
    pub input: &'a Value,
    pub context: &'a Context,
    pub variables: &'a Variables,
    /// `$states.result`.
    pub result: Option<&'a Value>,
    /// `$states.errorOutput`.
    pub error_output: Option<&'a Value>,
    whole_context: OnceCell<Value>,
}

impl<'a> Environment<'a> {
    pub fn new(input: &'a Value, context: &'a Context, variables: &'a Variables) -> Self {
        Self {
            input,
            context,
            variables,
            result: None,
            error_output: None,
            whole_context: OnceCell::new(),
        }
    }

    pub fn with_result(self, result: &'a Value) -> Self {
        Self {
            result: Some(result),
            whole_context: OnceCell::new(),
            ..self
        }
    }

    pub fn with_error_output(self, error_output: &'a Value) -> Self {
        Self {
            error_output: Some(error_output),
            whole_context: OnceCell::new(),
            ..self
        }
    }

    pub fn scope(&self) -> Scope<'a> {
        Scope {
            input: self.input,
            context: self.context,
            variables: self.variables,
        }
    }

    /// The context object as a whole, made when it is first asked for.
    fn whole_context(&self) -> &Value {
        self.whole_context.get_or_init(|| self.context.whole())
    }
}
