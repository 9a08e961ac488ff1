//! Functions, and what it is to call them.

use std::sync::Arc;

use super::ast::{Kind, LambdaNode, Node, TransformNode};
use super::error::Error;
use super::evaluate::{Evaluator, Scope, function};
use super::frame::Frame;
use super::functions::{Builtin, Call, matching};
use super::host::HostFunction;
use super::regex::Pattern;
use super::value::{Value, release};
use crate::stack::with_stack;

pub(super) struct Lambda {
    pub node: Arc<LambdaNode>,
    pub input: Value,
    pub scope: Scope,
}

pub(super) enum Function {
    Lambda(Lambda),
    Native(&'static Builtin),
    Host(Arc<HostFunction>),
    /// A regular expression: called with a text, it gives the first match.
    Regex(Arc<Pattern>),
    /// The `next` of a match: called with nothing, it gives the match from this byte on.
    NextMatch(Arc<Pattern>, Arc<str>, usize),
    /// A function some of whose arguments are given; `None` is `?`.
    Partial(Value, Vec<Option<Value>>),
    Transform(Arc<TransformNode>, Scope),
    /// The second function after the first.
    Chain(Value, Value),
}

impl Drop for Function {
    fn drop(&mut self) {
        match self {
            Self::Lambda(lambda) => {
                release::release(std::iter::once(std::mem::take(&mut lambda.input)));
            }
            Self::Partial(target, slots) => {
                let slots = std::mem::take(slots);
                let target = std::mem::take(target);
                release::release(slots.into_iter().flatten().chain([target]));
            }
            Self::Chain(first, second) => {
                release::release([std::mem::take(first), std::mem::take(second)].into_iter());
            }
            _ => {}
        }
    }
}

impl Function {
    /// How many arguments a function like `$map` is to give it.
    pub fn arity(&self) -> usize {
        match self {
            Self::Lambda(lambda) => lambda.node.parameters.len(),
            Self::Native(builtin) => builtin.arity,
            Self::Host(host) => host.arity,
            Self::Regex(_) => 2,
            Self::NextMatch(..) => 0,
            Self::Partial(_, slots) => slots.iter().filter(|slot| slot.is_none()).count(),
            Self::Transform(..) | Self::Chain(..) => 1,
        }
    }
}

/// What a call came to: a value, or the call that is the last thing its body does.
enum Outcome {
    Value(Value),
    TailCall(TailCall),
}

struct TailCall {
    callee: Value,
    arguments: Vec<Value>,
    token: Option<Arc<str>>,
    position: usize,
}

impl Evaluator<'_> {
    /// `callee(arguments)`; `first` is what `~>` puts before the arguments.
    pub(super) fn call(
        &self,
        callee: &Node,
        arguments: &[Node],
        position: usize,
        first: Option<Value>,
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let function = self.callee(callee, "T1005", position, input, scope)?;
        let mut values: Vec<Value> = first.into_iter().collect();
        for argument in arguments {
            values.push(self.evaluate(argument, input, scope)?);
        }
        self.apply(&function, values, input, scope)
            .map_err(|error| error.or_in_call(callee.callee().map(|name| &**name), position))
    }

    /// The function to call. Where a name gives nothing but a variable of that name would give a
    /// function, that is what was meant.
    fn callee(
        &self,
        callee: &Node,
        code: &str,
        position: usize,
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let function = self.evaluate(callee, input, scope)?;
        if function.is_undefined()
            && matches!(callee.kind, Kind::Path(_))
            && let Some(name) = callee.callee()
            && self.variable(name, scope).is_truthy()
        {
            return Err(Error::of(code)
                .with("name", name)
                .with_token(name)
                .at(position));
        }
        Ok(function)
    }

    /// Calls a function with the context `input`, for parameters that take it.
    pub(super) fn apply(
        &self,
        callee: &Value,
        arguments: Vec<Value>,
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        self.budget.enter_call()?;
        let result = with_stack(|| {
            let mut outcome = self.apply_once(callee, arguments, input, scope)?;
            loop {
                match outcome {
                    Outcome::Value(value) => return Ok(value),
                    Outcome::TailCall(call) => {
                        outcome = self
                            .apply_once(&call.callee, call.arguments, input, scope)
                            .map_err(|error| {
                                error.or_in_call(call.token.as_deref(), call.position)
                            })?;
                    }
                }
            }
        });
        self.budget.leave_call();
        result
    }

    fn apply_once(
        &self,
        callee: &Value,
        arguments: Vec<Value>,
        input: &Value,
        scope: &Scope,
    ) -> Result<Outcome, Error> {
        self.budget.step(1)?;
        for argument in &arguments {
            self.budget.weigh(argument)?;
        }
        let Value::Function(function) = callee else {
            return Err(Error::of("T1006"));
        };
        let value = match &**function {
            Function::Lambda(lambda) => {
                let arguments = match &lambda.node.signature {
                    Some(signature) => signature.validate(arguments, input)?,
                    None => arguments,
                };
                return self.enter_lambda(lambda, arguments);
            }
            Function::Native(builtin) => {
                let signature = builtin.signature.as_ref().map_err(Clone::clone)?;
                (builtin.call)(&Call {
                    evaluator: self,
                    arguments: signature.validate(arguments, input)?,
                    input,
                    scope,
                })?
            }
            Function::Host(host) => host.call(arguments, input, &self.budget)?,
            Function::Regex(pattern) => {
                let from = arguments.get(1).and_then(Value::as_number).unwrap_or(0.0);
                match arguments.first() {
                    Some(Value::String(text)) => {
                        let from = matching::byte_offset(text, from);
                        matching::match_object(pattern, text, from)
                    }
                    _ => return Err(Error::of("T0410").with("index", "1")),
                }
            }
            Function::NextMatch(pattern, text, from) => {
                self.budget.step(text.len() / 512)?;
                matching::next_match_object(pattern, text, *from)?
            }
            Function::Partial(target, slots) => {
                let mut given = arguments.into_iter();
                let filled = slots
                    .iter()
                    .map(|slot| match slot {
                        Some(value) => value.clone(),
                        None => given.next().unwrap_or_default(),
                    })
                    .collect();
                match target {
                    // The signature speaks of the whole list, which was given in parts.
                    Value::Function(target) if matches!(**target, Function::Lambda(_)) => {
                        if let Function::Lambda(lambda) = &**target {
                            return self.enter_lambda(lambda, filled);
                        }
                        Value::Undefined
                    }
                    other => self.apply(other, filled, input, scope)?,
                }
            }
            Function::Transform(transform, scope) => {
                let argument = arguments.into_iter().next().unwrap_or_default();
                self.transform(transform, argument, scope)?
            }
            Function::Chain(first, second) => {
                let between = self.apply(first, arguments, input, scope)?;
                self.apply(second, vec![between], input, scope)?
            }
        };
        Ok(Outcome::Value(value))
    }

    fn enter_lambda(&self, lambda: &Lambda, arguments: Vec<Value>) -> Result<Outcome, Error> {
        let scope = Frame::child(&lambda.scope);
        let mut arguments = arguments.into_iter();
        for parameter in &lambda.node.parameters {
            scope.bind(Arc::clone(parameter), arguments.next().unwrap_or_default());
        }
        self.body(&lambda.node.body, &lambda.input, &scope)
    }

    /// Evaluates the body of a function, up to the call that is the last thing it does.
    fn body(&self, node: &Node, input: &Value, scope: &Scope) -> Result<Outcome, Error> {
        let plain = node.predicates.is_empty() && node.group.is_none() && !node.keep_array;
        if !plain
            || !matches!(
                node.kind,
                Kind::Call(..) | Kind::Condition(..) | Kind::Block(_)
            )
        {
            return self.evaluate(node, input, scope).map(Outcome::Value);
        }
        self.budget.enter()?;
        let outcome = with_stack(|| self.tail(node, input, scope));
        self.budget.leave();
        outcome
    }

    fn tail(&self, node: &Node, input: &Value, scope: &Scope) -> Result<Outcome, Error> {
        match &node.kind {
            Kind::Call(callee, arguments) => {
                let function = self.callee(callee, "T1005", node.position, input, scope)?;
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.evaluate(argument, input, scope)?);
                }
                Ok(Outcome::TailCall(TailCall {
                    callee: function,
                    arguments: values,
                    token: callee.callee().cloned(),
                    position: node.position,
                }))
            }
            Kind::Condition(condition, then, otherwise) => {
                let condition = self.evaluate(condition, input, scope)?;
                if super::functions::boolean::is_true(&condition, &self.budget)? {
                    self.body(then, input, scope)
                } else if let Some(otherwise) = otherwise {
                    self.body(otherwise, input, scope)
                } else {
                    Ok(Outcome::Value(Value::Undefined))
                }
            }
            Kind::Block(expressions) => {
                let Some((last, before)) = expressions.split_last() else {
                    return Ok(Outcome::Value(Value::Undefined));
                };
                let scope = Frame::child(scope);
                for expression in before {
                    self.evaluate(expression, input, &scope)?;
                }
                self.body(last, input, &scope)
            }
            _ => self.evaluate(node, input, scope).map(Outcome::Value),
        }
    }

    /// `left ~> right`
    pub(super) fn chain(
        &self,
        left: &Node,
        right: &Node,
        position: usize,
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let left = self.evaluate(left, input, scope)?;
        if let Kind::Call(callee, arguments) = &right.kind {
            return self.call(callee, arguments, right.position, Some(left), input, scope);
        }
        let second = self.evaluate(right, input, scope)?;
        if !second.is_function() {
            return Err(Error::of("T2006").at(position));
        }
        if left.is_function() {
            return Ok(function(Function::Chain(left, second)));
        }
        self.apply(&second, vec![left], &Value::Null, scope)
            .map_err(|error| error.or_in_call(right.callee().map(|name| &**name), position))
    }

    /// `callee(argument, ?)`
    pub(super) fn partial(
        &self,
        callee: &Node,
        arguments: &[Node],
        position: usize,
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let mut slots = Vec::with_capacity(arguments.len());
        for argument in arguments {
            slots.push(match argument.kind {
                Kind::Placeholder => None,
                _ => Some(self.evaluate(argument, input, scope)?),
            });
        }
        let target = self.callee(callee, "T1007", position, input, scope)?;
        let Value::Function(own) = &target else {
            let error = Error::of("T1008").at(position);
            return Err(match callee.callee() {
                Some(name) => error.with_token(name),
                None => error,
            });
        };
        slots.truncate(own.arity());
        Ok(function(Function::Partial(target, slots)))
    }
}
