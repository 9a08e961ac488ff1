//! The operators between two operands.

use std::rc::Rc;

use super::ast::Node;
use super::budget::Budget;
use super::error::Error;
use super::evaluate::{Evaluator, Scope, finite};
use super::functions::{boolean, string};
use super::json;
use super::value::{Array, Value};

/// The most items that a range may have.
const RANGE: f64 = 1e7;

impl Evaluator<'_> {
    pub(super) fn binary(
        &self,
        operator: &'static str,
        left: &Node,
        right: &Node,
        position: usize,
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let left = self.evaluate(left, input, scope)?;
        let located = |error: Error| error.with_token(operator).at(position);
        if let "and" | "or" = operator {
            let left = boolean::is_true(&left, &self.budget).map_err(located)?;
            if left == (operator == "or") {
                return Ok(Value::Bool(left));
            }
            let right = self
                .evaluate(right, input, scope)
                .and_then(|right| boolean::is_true(&right, &self.budget))
                .map_err(|error| Error {
                    position: Some(position),
                    ..error
                })?;
            return Ok(Value::Bool(right));
        }
        let right = self.evaluate(right, input, scope)?;
        self.operate(operator, &left, &right).map_err(located)
    }

    fn operate(&self, operator: &str, left: &Value, right: &Value) -> Result<Value, Error> {
        self.budget.weigh(left)?;
        self.budget.weigh(right)?;
        match operator {
            "+" | "-" | "*" | "/" | "%" => arithmetic(operator, left, right),
            "=" | "!=" => {
                if left.is_undefined() || right.is_undefined() {
                    return Ok(Value::Bool(false));
                }
                let equal = is_equal(left, right, &self.budget)?;
                Ok(Value::Bool(equal == (operator == "=")))
            }
            "<" | "<=" | ">" | ">=" => self.compare(operator, left, right),
            "&" => {
                let mut text = string::concatenated(left, &self.budget)?;
                let right = string::concatenated(right, &self.budget)?;
                self.budget.allocate(text.len() + right.len())?;
                text.push_str(&right);
                Ok(Value::String(text.into()))
            }
            ".." => self.range(left, right),
            "in" => {
                if left.is_undefined() {
                    return Ok(Value::Bool(false));
                }
                Ok(Value::Bool(
                    right.items().iter().any(|item| is_identical(item, left)),
                ))
            }
            other => Err(Error::of("S0204").with_token(other)),
        }
    }

    fn compare(&self, operator: &str, left: &Value, right: &Value) -> Result<Value, Error> {
        let comparable = |value: &Value| {
            matches!(
                value,
                Value::Undefined | Value::String(_) | Value::Number(_)
            )
        };
        if !comparable(left) || !comparable(right) {
            return Err(Error::of("T2010"));
        }
        let ordering = match (left, right) {
            (Value::Undefined, _) | (_, Value::Undefined) => return Ok(Value::Undefined),
            (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
            (Value::String(left), Value::String(right)) => Some(compare_text(left, right)),
            _ => {
                return Err(Error::of("T2009")
                    .with("value", &self.shown(left))
                    .with("value2", &self.shown(right)));
            }
        };
        Ok(Value::Bool(ordering.is_some_and(
            |ordering| match operator {
                "<" => ordering.is_lt(),
                "<=" => ordering.is_le(),
                ">" => ordering.is_gt(),
                _ => ordering.is_ge(),
            },
        )))
    }

    fn range(&self, left: &Value, right: &Value) -> Result<Value, Error> {
        let whole = |value: &Value| match value {
            Value::Undefined => Some(None),
            Value::Number(number) if number.is_finite() && number.fract() == 0.0 => {
                Some(Some(*number))
            }
            _ => None,
        };
        let first = whole(left).ok_or_else(|| Error::of("T2003"))?;
        let last = whole(right).ok_or_else(|| Error::of("T2004"))?;
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(Value::Undefined);
        };
        if first > last {
            return Ok(Value::Undefined);
        }
        let size = last - first + 1.0;
        if size > RANGE {
            return Err(Error::of("D2014").with("value", &super::number::to_text(size)));
        }
        self.budget.hold_items(size as usize)?;
        self.budget.allocate(24 * size as usize)?;
        let mut sequence = Array::sequence();
        sequence.items = (0..size as u64)
            .map(|offset| Value::Number(first + offset as f64))
            .collect();
        Ok(Value::Array(Rc::new(sequence)))
    }
}

fn arithmetic(operator: &str, left: &Value, right: &Value) -> Result<Value, Error> {
    let operand = |value: &Value, code: &str| match value {
        Value::Undefined => Ok(None),
        // NaN is no number to JSONata.
        Value::Number(number) if !number.is_nan() => finite(*number).map(Some),
        _ => Err(Error::of(code)),
    };
    let left = operand(left, "T2001")?;
    let right = operand(right, "T2002")?;
    let (Some(left), Some(right)) = (left, right) else {
        return Ok(Value::Undefined);
    };
    Ok(Value::Number(match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        _ => left % right,
    }))
}

/// Strings are ordered by their UTF-16 units, as in JavaScript.
pub(super) fn compare_text(left: &str, right: &str) -> std::cmp::Ordering {
    left.encode_utf16().cmp(right.encode_utf16())
}

/// `===` of JavaScript: containers are the same only if they are one.
fn is_identical(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => Rc::ptr_eq(left, right),
        (Value::Object(left), Value::Object(right)) => Rc::ptr_eq(left, right),
        (Value::Function(left), Value::Function(right)) => Rc::ptr_eq(left, right),
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Null, Value::Null) | (Value::Undefined, Value::Undefined) => true,
        _ => false,
    }
}

/// Whether two values have the same content.
pub(super) fn is_equal(left: &Value, right: &Value, budget: &Budget) -> Result<bool, Error> {
    equal_at(left, right, budget, 0)
}

fn equal_at(left: &Value, right: &Value, budget: &Budget, depth: usize) -> Result<bool, Error> {
    budget.step(1)?;
    json::check_nesting(depth)?;
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            if left.items.len() != right.items.len() {
                return Ok(false);
            }
            for (left, right) in left.items.iter().zip(&right.items) {
                if !equal_at(left, right, budget, depth + 1)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Object(left), Value::Object(right)) => {
            let (left, right) = (left.entries.borrow(), right.entries.borrow());
            if left.len() != right.len() {
                return Ok(false);
            }
            for (name, own) in left.iter() {
                let Some(other) = right.get(name) else {
                    return Ok(false);
                };
                if !equal_at(own, other, budget, depth + 1)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => Ok(is_identical(left, right)),
    }
}
