//! What each kind of expression gives.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::apply::{Function, Lambda};
use super::ast::{Group, Kind, Node, Presence, Stage};
use super::budget::Budget;
use super::error::Error;
use super::frame::Frame;
use super::functions;
use super::host::{Functions, HostEntry};
use super::json;
use super::value::{Array, Entries, Value, append};
use crate::stack::with_stack;

pub(super) struct Evaluator<'h> {
    pub budget: Budget,
    pub host: &'h Functions,
    /// What `$now()` and `$millis()` say during the whole evaluation.
    pub timestamp: DateTime<Utc>,
    captured: RefCell<Vec<Weak<Frame>>>,
}

pub(super) type Scope = Rc<Frame>;

impl<'h> Evaluator<'h> {
    pub fn new(host: &'h Functions, budget: Budget, timestamp: DateTime<Utc>) -> Self {
        Self {
            budget,
            host,
            timestamp,
            captured: RefCell::default(),
        }
    }

    pub fn evaluate(&self, node: &Node, input: &Value, scope: &Scope) -> Result<Value, Error> {
        self.budget.enter()?;
        let result = with_stack(|| self.evaluate_with_postfix(node, input, scope));
        self.budget.leave();
        let result = result?;
        self.budget.hold(&result)?;
        Ok(result)
    }

    fn evaluate_with_postfix(
        &self,
        node: &Node,
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let mut result = self.evaluate_kind(node, input, scope)?;
        for stage in &node.predicates {
            if let Stage::Filter(predicate) = stage {
                result = self.filter(predicate, result, scope)?;
            }
        }
        if let Some(group) = &node.group
            && !matches!(node.kind, Kind::Path(_))
        {
            result = self.group(group, result, scope)?;
        }
        if node.keep_array {
            self.budget.allocate(24 * result.items().len())?;
        }
        Ok(settle(result, node.keep_array))
    }

    fn evaluate_kind(&self, node: &Node, input: &Value, scope: &Scope) -> Result<Value, Error> {
        match &node.kind {
            Kind::Path(steps) => self.path(node, steps, input, scope),
            Kind::Name(name) => lookup(input, name, &self.budget),
            Kind::String(text) => Ok(Value::String(Arc::clone(text))),
            Kind::Number(number) => Ok(Value::Number(*number)),
            Kind::Bool(value) => Ok(Value::Bool(*value)),
            Kind::Null => Ok(Value::Null),
            Kind::Variable(name) if name.is_empty() => Ok(unwrap_input(input).clone()),
            Kind::Variable(name) => Ok(self.variable(name, scope)),
            Kind::Wildcard => self.wildcard(input),
            Kind::Descendant => self.descendants(input),
            Kind::Parent(_, label) => Ok(scope.lookup(label).unwrap_or(Value::Undefined)),
            Kind::Regex(pattern) => Ok(function(Function::Regex(Arc::clone(pattern)))),
            Kind::Binary(operator, left, right) => {
                self.binary(operator, left, right, node.position, input, scope)
            }
            Kind::Negate(operand) => match self.evaluate(operand, input, scope)? {
                Value::Undefined => Ok(Value::Undefined),
                Value::Number(number) => Ok(Value::Number(-finite(number)?)),
                other => Err(Error::of("D1002")
                    .with("value", &self.shown(&other))
                    .with_token("-")
                    .at(node.position)),
            },
            Kind::Array(items) => self.array(node, items, input, scope),
            Kind::Object(group) => self.group(group, input.clone(), scope),
            // Sorting is done by the path that it is a step of.
            Kind::Sort(_) | Kind::Placeholder => Ok(Value::Undefined),
            Kind::Bind(name, right) => {
                let value = self.evaluate(right, input, scope)?;
                scope.bind(Arc::clone(name), value.clone());
                Ok(value)
            }
            Kind::Apply(left, right) => self.chain(left, right, node.position, input, scope),
            Kind::Call(callee, arguments) => {
                self.call(callee, arguments, node.position, None, input, scope)
            }
            Kind::Partial(callee, arguments) => {
                self.partial(callee, arguments, node.position, input, scope)
            }
            Kind::Lambda(lambda) => {
                self.capture(scope);
                Ok(function(Function::Lambda(Lambda {
                    node: Arc::clone(lambda),
                    input: input.clone(),
                    scope: Rc::clone(scope),
                })))
            }
            Kind::Condition(condition, then, otherwise) => {
                let condition = self.evaluate(condition, input, scope)?;
                if functions::boolean::is_true(&condition, &self.budget)? {
                    self.evaluate(then, input, scope)
                } else if let Some(otherwise) = otherwise {
                    self.evaluate(otherwise, input, scope)
                } else {
                    Ok(Value::Undefined)
                }
            }
            Kind::Default(presence, left, right) => {
                let value = self.evaluate(left, input, scope)?;
                let present = match presence {
                    Presence::Truthy => functions::boolean::is_true(&value, &self.budget)?,
                    Presence::Exists => !value.is_undefined(),
                };
                if present {
                    Ok(value)
                } else {
                    self.evaluate(right, input, scope)
                }
            }
            Kind::Block(expressions) => {
                let scope = Frame::child(scope);
                let mut result = Value::Undefined;
                for expression in expressions {
                    result = self.evaluate(expression, input, &scope)?;
                }
                Ok(result)
            }
            Kind::Transform(transform) => {
                self.capture(scope);
                Ok(function(Function::Transform(
                    Arc::clone(transform),
                    Rc::clone(scope),
                )))
            }
        }
    }

    /// Remembers a scope that a function holds, to take it apart when the evaluation ends.
    fn capture(&self, scope: &Scope) {
        if !scope.capture() {
            return;
        }
        let mut captured = self.captured.borrow_mut();
        if captured.len() == captured.capacity() && captured.len() >= 64 {
            captured.retain(|frame| frame.strong_count() > 0);
        }
        captured.push(Rc::downgrade(scope));
    }

    /// Frees the scopes that functions in them keep alive.
    pub fn release(&self) {
        for frame in self.captured.take() {
            if let Some(frame) = frame.upgrade() {
                frame.clear();
            }
        }
    }

    /// A variable, a function of the host, or a built-in function.
    pub fn variable(&self, name: &str, scope: &Scope) -> Value {
        if let Some(value) = scope.lookup(name) {
            return value;
        }
        match self.host.find(name) {
            Some(HostEntry::Function(own)) => {
                return function(Function::Host(Arc::clone(own)));
            }
            Some(HostEntry::Forbidden) => return Value::Undefined,
            None => {}
        }
        functions::find(name).map_or(Value::Undefined, |builtin| {
            function(Function::Native(builtin))
        })
    }

    /// The value as JSON for an error message.
    pub fn shown(&self, value: &Value) -> String {
        match value {
            Value::Undefined | Value::Function(_) => "undefined".to_owned(),
            other => json::from_value(other, &self.budget)
                .map_or_else(|_| "…".to_owned(), |value| value.to_string()),
        }
    }

    fn array(
        &self,
        node: &Node,
        items: &[Node],
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let mut result = Vec::new();
        for item in items {
            let value = self.evaluate(item, input, scope)?;
            self.budget.allocate(24 * value.items().len())?;
            match value {
                Value::Undefined => {}
                Value::Array(array) if !matches!(item.kind, Kind::Array(_)) => {
                    if result.is_empty() {
                        match Rc::try_unwrap(array) {
                            Ok(mut array) => result = std::mem::take(&mut array.items),
                            Err(array) => result.clone_from(&array.items),
                        }
                    } else {
                        result.extend(array.items.iter().cloned());
                    }
                }
                other => result.push(other),
            }
        }
        let mut array = Array::of(result);
        array.constructed = node.keeps_constructed;
        Ok(Value::Array(Rc::new(array)))
    }

    fn wildcard(&self, input: &Value) -> Result<Value, Error> {
        let members: Vec<Value> = match unwrap_input(input) {
            Value::Array(array) => array.items.clone(),
            Value::Object(object) => object.entries.borrow().values().cloned().collect(),
            _ => Vec::new(),
        };
        let mut results = Array::sequence();
        for member in members {
            if matches!(member, Value::Array(_)) {
                self.flatten(&member, &mut results.items, 0)?;
                // As jsonata-js concatenates here, the result is a plain array from now on.
                results.sequence = false;
            } else {
                self.budget.step(1)?;
                results.push(member);
            }
        }
        Ok(Value::Array(Rc::new(results)))
    }

    fn flatten(&self, value: &Value, results: &mut Vec<Value>, depth: usize) -> Result<(), Error> {
        self.budget.step(1)?;
        json::check_nesting(depth)?;
        match value {
            Value::Array(array) => array
                .items
                .iter()
                .try_for_each(|item| self.flatten(item, results, depth + 1)),
            other => {
                results.push(other.clone());
                Ok(())
            }
        }
    }

    fn descendants(&self, input: &Value) -> Result<Value, Error> {
        if input.is_undefined() {
            return Ok(Value::Undefined);
        }
        let mut results = Array::sequence();
        self.descend(input, &mut results.items, 0)?;
        if results.items.len() == 1 {
            return Ok(results.items.pop().unwrap_or(Value::Undefined));
        }
        Ok(Value::Array(Rc::new(results)))
    }

    fn descend(&self, value: &Value, results: &mut Vec<Value>, depth: usize) -> Result<(), Error> {
        self.budget.step(1)?;
        json::check_nesting(depth)?;
        match value {
            Value::Array(array) => array
                .items
                .iter()
                .try_for_each(|item| self.descend(item, results, depth + 1)),
            Value::Object(object) => {
                results.push(value.clone());
                object
                    .entries
                    .borrow()
                    .values()
                    .try_for_each(|member| self.descend(member, results, depth + 1))
            }
            other => {
                results.push(other.clone());
                Ok(())
            }
        }
    }

    /// An object, of the input's items grouped by the keys that they give.
    pub fn group(&self, group: &Group, input: Value, scope: &Scope) -> Result<Value, Error> {
        let reduce = matches!(&input, Value::Array(array) if array.tuples);
        let items = match &input {
            Value::Array(array) if array.items.is_empty() && !reduce => vec![Value::Undefined],
            Value::Array(array) => array.items.clone(),
            other => vec![other.clone()],
        };
        self.budget.step(items.len())?;
        let mut groups: indexmap::IndexMap<Arc<str>, (Value, usize)> = indexmap::IndexMap::new();
        for item in &items {
            let (context, scope) = if reduce {
                tuple_scope(item, scope)
            } else {
                (item.clone(), Rc::clone(scope))
            };
            for (index, (key, _)) in group.pairs.iter().enumerate() {
                let key = match self.evaluate(key, &context, &scope)? {
                    Value::String(key) => key,
                    Value::Undefined => continue,
                    other => {
                        return Err(Error::of("T1003")
                            .with("value", &self.shown(&other))
                            .at(group.position));
                    }
                };
                match groups.get_mut(&key) {
                    Some((_, owner)) if *owner != index => {
                        return Err(Error::of("D1009")
                            .with_text("value", &key)
                            .at(group.position));
                    }
                    Some((data, _)) => {
                        *data = append(std::mem::replace(data, Value::Undefined), item.clone());
                    }
                    None => {
                        groups.insert(key, (item.clone(), index));
                    }
                }
            }
        }
        let mut result = Entries::with_capacity(groups.len());
        for (key, (data, index)) in groups {
            let (context, scope) = if reduce {
                tuple_scope(&merge_tuples(data), scope)
            } else {
                (data, Rc::clone(scope))
            };
            let Some((_, value)) = group.pairs.get(index) else {
                continue;
            };
            let value = self.evaluate(value, &context, &scope)?;
            if !value.is_undefined() {
                self.budget.allocate(key.len() + 64)?;
                result.insert(key, value);
            }
        }
        Ok(Value::object(result))
    }
}

pub(super) fn function(function: Function) -> Value {
    Value::Function(Rc::new(function))
}

/// The input as `$` shows it: an input that is an array is wrapped into one of its own.
fn unwrap_input(input: &Value) -> &Value {
    match input {
        Value::Array(array) if array.outer_wrapper => array.items.first().unwrap_or(input),
        other => other,
    }
}

/// A number that JSON can hold.
pub(super) fn finite(number: f64) -> Result<f64, Error> {
    if number.is_infinite() {
        return Err(Error::of("D1001").with("value", "null"));
    }
    Ok(number)
}

/// An empty sequence is nothing, and one of a single item is that item, unless it is to stay.
pub(super) fn settle(value: Value, keep_array: bool) -> Value {
    let Value::Array(mut array) = value else {
        return value;
    };
    if !array.sequence || array.tuples {
        return Value::Array(array);
    }
    if keep_array && !array.keep_singleton {
        Rc::make_mut(&mut array).keep_singleton = true;
    }
    match array.items.as_slice() {
        [] => Value::Undefined,
        [single] if !array.keep_singleton => single.clone(),
        _ => Value::Array(array),
    }
}

/// A member of an object, or of all objects in an array.
pub(super) fn lookup(input: &Value, name: &str, budget: &Budget) -> Result<Value, Error> {
    match input {
        Value::Object(object) => {
            let entries = object.entries.borrow();
            Ok(entries.get(name).cloned().unwrap_or_default())
        }
        Value::Array(array) => {
            let mut results = Array::sequence();
            lookup_all(array, name, budget, 0, &mut results.items)?;
            Ok(Value::Array(Rc::new(results)))
        }
        _ => Ok(Value::Undefined),
    }
}

fn lookup_all(
    array: &Array,
    name: &str,
    budget: &Budget,
    depth: usize,
    results: &mut Vec<Value>,
) -> Result<(), Error> {
    json::check_nesting(depth)?;
    for item in &array.items {
        budget.step(1)?;
        match item {
            Value::Object(object) => match object.entries.borrow().get(name) {
                None | Some(Value::Undefined) => {}
                Some(Value::Array(found)) => {
                    budget.allocate(24 * found.items.len())?;
                    results.extend(found.items.iter().cloned());
                }
                Some(found) => results.push(found.clone()),
            },
            Value::Array(inner) => lookup_all(inner, name, budget, depth + 1, results)?,
            _ => {}
        }
    }
    Ok(())
}

/// The context of a tuple, and a scope with its variables.
pub(super) fn tuple_scope(tuple: &Value, scope: &Scope) -> (Value, Scope) {
    let inner = Frame::child(scope);
    let mut context = Value::Undefined;
    if let Value::Object(object) = tuple {
        for (name, value) in object.entries.borrow().iter() {
            if &**name == "@" {
                context = value.clone();
            } else {
                inner.bind(Arc::clone(name), value.clone());
            }
        }
    }
    (context, inner)
}

/// The tuples of a group as one, whose members hold what each of them held.
fn merge_tuples(tuples: Value) -> Value {
    let Value::Array(array) = &tuples else {
        return tuples;
    };
    let mut merged = Entries::new();
    for tuple in &array.items {
        if let Value::Object(object) = tuple {
            for (name, value) in object.entries.borrow().iter() {
                let own = merged.entry(Arc::clone(name)).or_insert(Value::Undefined);
                *own = append(std::mem::replace(own, Value::Undefined), value.clone());
            }
        }
    }
    Value::object(merged)
}
