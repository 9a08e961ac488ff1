//! JSONata 2: the query and transformation language of `{% … %}` in state machines.
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use asl::jsonata::Expression;
//! let expression = Expression::parse("$sum(orders.(price * quantity))")?;
//! let input = serde_json::json!({"orders": [{"price": 2, "quantity": 3}, {"price": 1, "quantity": 4}]});
//! let result = expression.evaluate(Some(&input), &BTreeMap::new())?;
//! assert_eq!(result, Some(serde_json::json!(10)));
//! # Ok::<(), asl::jsonata::Error>(())
//! ```
//!
//! Follows jsonata-js, from which the codes and the words of errors, too, are taken. What an
//! expression costs is bounded, in time, memory and stack; it cannot panic.
//!
//! Source: <https://docs.jsonata.org> and <https://github.com/jsonata-js/jsonata> (MIT).

mod apply;
mod ast;
mod budget;
mod error;
mod evaluate;
mod frame;
mod functions;
mod host;
mod json;
mod lexer;
mod number;
mod operators;
mod parser;
mod path;
mod picture;
mod references;
mod regex;
mod resolve;
mod signature;
mod syntax;
mod transform;
mod value;

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, Utc};

pub(crate) use budget::{Dialect, NO_JSON, memory_exceeded};
pub use error::Error;
pub use host::{Functions, Implementation};
pub(crate) use references::Reference;

use self::ast::Node;
use self::budget::Budget;
use self::evaluate::Evaluator;
use self::frame::Frame;
use self::value::{Array, Value};
use crate::stack::with_stack;

/// An expression without syntax errors.
#[derive(Clone, Debug)]
pub struct Expression {
    root: std::sync::Arc<Node>,
}

impl Expression {
    /// Parses an expression; fails with an error whose code begins with `S`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let root = parse(text).map_err(Error::finish)?;
        Ok(Self {
            root: std::sync::Arc::new(root),
        })
    }

    /// Evaluates the expression over an input (`None` is undefined), with variables by their names
    /// without `$`. Gives the result, `None` for undefined.
    pub fn evaluate(
        &self,
        input: Option<&serde_json::Value>,
        bindings: &BTreeMap<String, serde_json::Value>,
    ) -> Result<Option<serde_json::Value>, Error> {
        self.evaluate_with(input, bindings, &Functions::new())
    }

    /// Evaluates the expression with the functions of a host in front of JSONata's own.
    pub fn evaluate_with(
        &self,
        input: Option<&serde_json::Value>,
        bindings: &BTreeMap<String, serde_json::Value>,
        functions: &Functions,
    ) -> Result<Option<serde_json::Value>, Error> {
        self.run(input, bindings, functions, Budget::default())
    }

    /// Evaluates the expression without an input, over what is bound, at the moment `now`.
    pub(crate) fn evaluate_bound(
        &self,
        bindings: &Bindings,
        functions: &Functions,
        dialect: Dialect,
        now: DateTime<Utc>,
    ) -> Result<Option<serde_json::Value>, Error> {
        self.run_bound(None, bindings, functions, Budget::new(dialect), now)
    }

    /// Evaluates the expression, and fails with `U1001` where expressions are evaluated inside one
    /// another deeper than `depth`.
    pub fn evaluate_within(
        &self,
        input: Option<&serde_json::Value>,
        bindings: &BTreeMap<String, serde_json::Value>,
        depth: usize,
    ) -> Result<Option<serde_json::Value>, Error> {
        self.run(
            input,
            bindings,
            &Functions::new(),
            Budget::with_depth(depth),
        )
    }

    fn run(
        &self,
        input: Option<&serde_json::Value>,
        bindings: &BTreeMap<String, serde_json::Value>,
        functions: &Functions,
        budget: Budget,
    ) -> Result<Option<serde_json::Value>, Error> {
        let mut bound = Bindings::default();
        for (name, value) in bindings {
            bound.value(name, value);
        }
        self.run_bound(input, &bound, functions, budget, Utc::now())
    }

    fn run_bound(
        &self,
        input: Option<&serde_json::Value>,
        bindings: &Bindings,
        functions: &Functions,
        budget: Budget,
        now: DateTime<Utc>,
    ) -> Result<Option<serde_json::Value>, Error> {
        let evaluator = Evaluator::new(functions, budget, now);
        let result = with_stack(|| run(&evaluator, &self.root, input, bindings));
        evaluator.release();
        result.map_err(Error::finish)
    }
}

/// Values under names, without a copy of them.
#[derive(Default)]
pub(crate) struct Bindings<'v>(Vec<(&'v str, Bound<'v>)>);

enum Bound<'v> {
    Value(&'v serde_json::Value),
    /// An object of these members.
    Object(Vec<(&'v str, &'v serde_json::Value)>),
}

impl<'v> Bindings<'v> {
    pub fn value(&mut self, name: &'v str, value: &'v serde_json::Value) {
        self.0.push((name, Bound::Value(value)));
    }

    pub fn object(&mut self, name: &'v str, members: Vec<(&'v str, &'v serde_json::Value)>) {
        self.0.push((name, Bound::Object(members)));
    }
}

impl Bound<'_> {
    fn value(&self) -> Result<Value, Error> {
        match self {
            Self::Value(value) => json::to_value(value, 0),
            Self::Object(members) => Ok(Value::object(
                members
                    .iter()
                    .map(|(name, member)| {
                        Ok((std::sync::Arc::from(*name), json::to_value(member, 1)?))
                    })
                    .collect::<Result<_, Error>>()?,
            )),
        }
    }
}

fn parse(text: &str) -> Result<Node, Error> {
    resolve::resolve(parser::parse(text)?)
}

fn run(
    evaluator: &Evaluator<'_>,
    root: &Node,
    input: Option<&serde_json::Value>,
    bindings: &Bindings,
) -> Result<Option<serde_json::Value>, Error> {
    let scope = Rc::new(Frame::default());
    for (name, bound) in &bindings.0 {
        scope.bind((*name).into(), bound.value()?);
    }
    let input = input.map_or(Ok(Value::Undefined), |input| json::to_value(input, 0))?;
    scope.bind("$".into(), input.clone());
    let result = evaluator.evaluate(root, &wrapped(input), &scope)?;
    match result {
        Value::Function(_) if evaluator.budget.dialect.refuses_functions => {
            Err(Error::new(NO_JSON, "The result is a function"))
        }
        Value::Undefined | Value::Function(_) => Ok(None),
        other => json::from_value(&other, &evaluator.budget).map(Some),
    }
}

/// An input that is an array stands for itself, not for its items: it is wrapped.
fn wrapped(input: Value) -> Value {
    match input {
        Value::Array(array) if !array.sequence => {
            Value::Array(Rc::new(Array::wrapping(Value::Array(array))))
        }
        other => other,
    }
}
