//! Paths: steps over sequences, predicates, order, and the tuples that variables bound on the way
//! (`@`, `#`) and parents (`%`) need.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Kind, Node, SortTerm, Stage};
use super::error::Error;
use super::evaluate::{Evaluator, Scope, finite, tuple_scope};
use super::functions::{array::merge_sort, boolean};
use super::operators::compare_text;
use super::value::{Array, Entries, Value};

impl Evaluator<'_> {
    pub(super) fn path(
        &self,
        node: &Node,
        steps: &[Node],
        input: &Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let starts_at_variable = steps
            .first()
            .is_some_and(|step| matches!(step.kind, Kind::Variable(_)));
        let mut current = match input {
            Value::Array(array) if !starts_at_variable => Rc::clone(array),
            other => other.clone().into_sequence(),
        };
        let mut tuples: Option<Rc<Array>> = None;
        let mut in_tuples = false;
        for (index, step) in steps.iter().enumerate() {
            in_tuples |= step.tuple;
            let next = if index == 0 && step.keeps_constructed {
                let input = Value::Array(Rc::clone(&current));
                match self.evaluate(step, &input, scope)? {
                    Value::Array(array) => array,
                    Value::Undefined => Rc::new(Array::sequence()),
                    other => other.into_sequence(),
                }
            } else if in_tuples {
                tuples = Some(self.tuple_step(step, &current, tuples, scope)?);
                continue;
            } else {
                self.step(step, &current, scope, index + 1 == steps.len())?
            };
            current = next;
            if current.items.is_empty() {
                break;
            }
        }
        let mut result = current;
        if in_tuples {
            let tuples = tuples.unwrap_or_else(|| Rc::new(Array::tuples()));
            if node.tuple {
                result = tuples;
            } else if let Some(group) = &node.group {
                return self.group(group, Value::Array(tuples), scope);
            } else {
                let mut contexts = Array::sequence();
                contexts.items = tuples.items.iter().map(context_of).collect();
                result = Rc::new(contexts);
            }
        }
        if node.keep_singleton {
            if result.constructed && !result.sequence {
                result = Value::Array(result).into_sequence();
            }
            self.budget.allocate(24 * result.items.len())?;
            Rc::make_mut(&mut result).keep_singleton = true;
        }
        match &node.group {
            Some(group) => self.group(group, Value::Array(result), scope),
            None => Ok(Value::Array(result)),
        }
    }

    fn step(
        &self,
        step: &Node,
        input: &Rc<Array>,
        scope: &Scope,
        is_last: bool,
    ) -> Result<Rc<Array>, Error> {
        if let Kind::Sort(terms) = &step.kind {
            let sorted = self.sort(terms, step.position, input, scope)?;
            return self.stages(&step.stages, sorted, scope);
        }
        let mut results = Vec::with_capacity(input.items.len());
        for item in &input.items {
            let mut result = self.evaluate(step, item, scope)?;
            for stage in &step.stages {
                if let Stage::Filter(predicate) = stage {
                    result = self.filter(predicate, result, scope)?;
                }
            }
            if !result.is_undefined() {
                results.push(result);
            }
        }
        if is_last
            && let [Value::Array(only)] = results.as_slice()
            && !only.sequence
        {
            return Ok(Rc::clone(only));
        }
        let mut sequence = Array::sequence();
        for result in results {
            match result {
                Value::Array(array) if !array.constructed => {
                    self.budget.allocate(24 * array.items.len())?;
                    sequence.items.extend(array.items.iter().cloned());
                }
                other => sequence.push(other),
            }
        }
        Ok(Rc::new(sequence))
    }

    fn stages(
        &self,
        stages: &[Stage],
        mut input: Rc<Array>,
        scope: &Scope,
    ) -> Result<Rc<Array>, Error> {
        for stage in stages {
            match stage {
                Stage::Filter(predicate) => {
                    input = match self.filter(predicate, Value::Array(input), scope)? {
                        Value::Array(array) => array,
                        other => other.into_sequence(),
                    };
                }
                Stage::Index(name) => {
                    for (index, tuple) in input.items.iter().enumerate() {
                        if let Value::Object(tuple) = tuple {
                            tuple
                                .entries
                                .borrow_mut()
                                .insert(Arc::clone(name), Value::Number(index as f64));
                        }
                    }
                }
            }
        }
        Ok(input)
    }

    fn tuple_step(
        &self,
        step: &Node,
        input: &Rc<Array>,
        tuples: Option<Rc<Array>>,
        scope: &Scope,
    ) -> Result<Rc<Array>, Error> {
        if let Kind::Sort(terms) = &step.kind {
            let sorted = match tuples {
                Some(tuples) => self.sort(terms, step.position, &tuples, scope)?,
                None => {
                    let sorted = self.sort(terms, step.position, input, scope)?;
                    let mut tuples = Array::tuples();
                    for (index, item) in sorted.items.iter().enumerate() {
                        let mut tuple = new_tuple(item.clone());
                        if let Some(name) = &step.index {
                            tuple.insert(Arc::clone(name), Value::Number(index as f64));
                        }
                        tuples.push(Value::object(tuple));
                    }
                    Rc::new(tuples)
                }
            };
            return self.stages(&step.stages, sorted, scope);
        }
        let tuples = match tuples {
            Some(tuples) => tuples.items.clone(),
            None => input
                .items
                .iter()
                .map(|item| Value::object(new_tuple(item.clone())))
                .collect(),
        };
        let mut results = Array::tuples();
        for tuple in &tuples {
            let (context, inner) = tuple_scope(tuple, scope);
            let result = self.evaluate(step, &context, &inner)?;
            let stream = matches!(&result, Value::Array(array) if array.tuples);
            for (index, item) in result.items().iter().enumerate() {
                self.budget.step(1)?;
                let mut next = match tuple {
                    Value::Object(tuple) => tuple.entries.borrow().clone(),
                    _ => Entries::new(),
                };
                self.budget.allocate(64 * (next.len() + 1))?;
                if stream {
                    if let Value::Object(own) = item {
                        let own = own.entries.borrow();
                        next.extend(own.iter().map(|(k, v)| (Arc::clone(k), v.clone())));
                    }
                } else {
                    let name = step.focus.clone().unwrap_or_else(|| "@".into());
                    next.insert(name, item.clone());
                    if let Some(name) = &step.index {
                        next.insert(Arc::clone(name), Value::Number(index as f64));
                    }
                    for label in &step.ancestors {
                        next.insert(Arc::clone(label), context.clone());
                    }
                }
                results.push(Value::object(next));
            }
        }
        self.stages(&step.stages, Rc::new(results), scope)
    }

    /// The items of `input` that a predicate picks, by position or because it is true for them.
    pub(super) fn filter(
        &self,
        predicate: &Node,
        input: Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let input = match input {
            Value::Array(array) => array,
            other => other.into_sequence(),
        };
        let mut results = Array::sequence();
        results.tuples = input.tuples;
        let length = input.items.len();
        if let Kind::Number(number) = predicate.kind {
            match position(number, length).map(|index| &input.items[index]) {
                None | Some(Value::Undefined) => {}
                Some(array @ Value::Array(_)) => return Ok(array.clone()),
                Some(item) => results.push(item.clone()),
            }
            return Ok(Value::Array(Rc::new(results)));
        }
        for (index, item) in input.items.iter().enumerate() {
            let result = if input.tuples {
                let (context, scope) = tuple_scope(item, scope);
                self.evaluate(predicate, &context, &scope)?
            } else {
                self.evaluate(predicate, item, scope)?
            };
            match positions(&result)? {
                Some(numbers) => {
                    for number in numbers {
                        self.budget.step(1)?;
                        if position(number, length) == Some(index) {
                            results.push(item.clone());
                        }
                    }
                }
                None => {
                    if boolean::is_true(&result, &self.budget)? {
                        results.push(item.clone());
                    }
                }
            }
        }
        Ok(Value::Array(Rc::new(results)))
    }

    fn sort(
        &self,
        terms: &[SortTerm],
        position: usize,
        input: &Rc<Array>,
        scope: &Scope,
    ) -> Result<Rc<Array>, Error> {
        if input.items.len() <= 1 {
            return Ok(Rc::clone(input));
        }
        let evaluate = |term: &SortTerm, item: &Value| {
            if input.tuples {
                let (context, scope) = tuple_scope(item, scope);
                self.evaluate(&term.expression, &context, &scope)
            } else {
                self.evaluate(&term.expression, item, scope)
            }
        };
        let sorted = merge_sort(input.items.clone(), &mut |left, right| {
            for term in terms {
                let left = evaluate(term, left)?;
                let right = evaluate(term, right)?;
                let ordering = self.order(&left, &right, position)?;
                // What has no key comes last, whichever the direction.
                let keyless = left.is_undefined() || right.is_undefined();
                let ordering = if term.descending && !keyless {
                    ordering.reverse()
                } else {
                    ordering
                };
                if ordering != Ordering::Equal {
                    return Ok(ordering == Ordering::Greater);
                }
            }
            Ok(false)
        })?;
        let mut sorted = Array::of(sorted);
        sorted.tuples = input.tuples;
        sorted.sequence = input.tuples;
        Ok(Rc::new(sorted))
    }

    fn order(&self, left: &Value, right: &Value, position: usize) -> Result<Ordering, Error> {
        match (left, right) {
            (Value::Undefined, Value::Undefined) => Ok(Ordering::Equal),
            (Value::Undefined, _) => Ok(Ordering::Greater),
            (_, Value::Undefined) => Ok(Ordering::Less),
            (Value::Number(left), Value::Number(right)) => {
                Ok(left.partial_cmp(right).unwrap_or(Ordering::Greater))
            }
            (Value::String(left), Value::String(right)) => Ok(compare_text(left, right)),
            (Value::Number(_) | Value::String(_), Value::Number(_) | Value::String(_)) => {
                Err(Error::of("T2007")
                    .with("value", &self.shown(left))
                    .with("value2", &self.shown(right))
                    .at(position))
            }
            _ => Err(Error::of("T2008").at(position)),
        }
    }
}

fn new_tuple(context: Value) -> Entries {
    let mut tuple = Entries::new();
    tuple.insert("@".into(), context);
    tuple
}

fn context_of(tuple: &Value) -> Value {
    match tuple {
        Value::Object(object) => object
            .entries
            .borrow()
            .get("@")
            .cloned()
            .unwrap_or(Value::Undefined),
        _ => Value::Undefined,
    }
}

/// The index that a number means in an array; negative ones count from its end.
fn position(number: f64, length: usize) -> Option<usize> {
    let index = number.floor();
    let index = if index < 0.0 {
        index + length as f64
    } else {
        index
    };
    (index >= 0.0 && index < length as f64).then_some(index as usize)
}

/// The numbers of a predicate's result, if it has only such.
fn positions(result: &Value) -> Result<Option<Vec<f64>>, Error> {
    let items = match result {
        Value::Number(_) | Value::Array(_) => result.items(),
        _ => return Ok(None),
    };
    let mut numbers = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::Number(number) if !number.is_nan() => numbers.push(finite(*number)?),
            _ => return Ok(None),
        }
    }
    Ok(Some(numbers))
}
